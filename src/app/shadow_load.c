/*
 * Files of SQL in any order → a shadow database. What fails for something that is not there yet is
 * tried again after the others, until nothing more succeeds; then every error is told.
 *
 * Each statement is a transaction of its own: one that fails leaves nothing behind, and a whole
 * schema needs no more locks than one statement. SET and the like hold for the rest of their file,
 * and are given again before a statement that is tried later.
 */
#include <stdlib.h>
#include <string.h>

#include "app/side.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "control/gate.h"
#include "migrate/replay.h"
#include "sql/classify.h"
#include "sql/lex.h"
#include "sql/split.h"

enum { ERRORS_TOLD = 20 };

typedef struct statement {
    const char *file, *text;
    size_t len, file_number;
    unsigned line, col;
    size_t settings; /* how many of the file's settings stand before it */
    bool done;
    gw_err problem; /* of the last try */
} statement;

typedef struct setting {
    size_t file_number;
    const char *text;
} setting;

typedef struct load {
    gw_trial *trial;
    gw_arena *arena;
    gw_paths paths;
    GW_VEC(statement) statements;
    GW_VEC(setting) settings;
    gw_digest *digest;
    gw_session *session;
    size_t in_file, in_settings; /* what holds in the session now */
} load;

/* ---- the files ------------------------------------------------------------------------------- */

bool gw_files_list(gw_arena *arena, const char *path, gw_paths *out, gw_err *err)
{
    gw_file_list list;
    if (!gw_file_is_dir(path)) {
        *gw_vec_push(arena, out) = path;
        return true;
    }
    if (!gw_file_list_dir(arena, path, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        const char *name = list.items[i].name;
        size_t len = strlen(name);
        char *below = gw_path_join(arena, path, name);
        if (*name == '.')
            continue;
        if (list.items[i].is_dir) {
            if (!gw_files_list(arena, below, out, err))
                return false;
        } else if (len > 4 && strcmp(name + len - 4, ".sql") == 0) {
            *gw_vec_push(arena, out) = below;
        }
    }
    return true;
}

/* SET LOCAL x … → SET x …: there is no transaction around it here. */
static const char *without_local(gw_arena *arena, const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_lexer_next(&lexer);
    gw_token local = gw_lexer_next(&lexer);
    if (!gw_token_is(&local, "local"))
        return gw_strndup(arena, text, len);
    const char *rest = local.text + local.len;
    return gw_printf(arena, "SET %.*s", (int)(len - (size_t)(rest - text)), rest);
}

static void add_statement(load *l, const gw_piece *piece, const char *file, size_t file_number,
                          size_t settings)
{
    gw_digest_add(l->digest, piece->text, piece->len);
    gw_digest_add(l->digest, ";", 2);
    if (!gw_trial_takes(l->trial, file, piece->line, piece->col, piece->text, piece->len))
        return;
    *gw_vec_push(l->arena, &l->statements) =
        (statement){.file = file,
                    .text = gw_strndup(l->arena, piece->text, piece->len),
                    .len = piece->len,
                    .file_number = file_number,
                    .line = piece->line,
                    .col = piece->col,
                    .settings = settings};
}

/* false: it is neither a setting nor anything that makes a schema. */
static bool makes_schema(load *l, const gw_piece *piece, const char *file,
                         const gw_stmt_class *class)
{
    switch (class->kind) {
    case GW_STMT_EMPTY:
    case GW_STMT_BEGIN:
    case GW_STMT_COMMIT:
    case GW_STMT_ROLLBACK:
    case GW_STMT_SAVEPOINT:
        return false;
    case GW_STMT_INSERT:
    case GW_STMT_UPDATE:
    case GW_STMT_DELETE:
    case GW_STMT_MERGE:
    case GW_STMT_COPY_IN:
    case GW_STMT_COPY_OUT:
    case GW_STMT_TRUNCATE:
        gw_trial_warn(l->trial, "%s:%u:%u: %s is left out: rows are no part of a schema", file,
                      piece->line, piece->col, gw_stmt_kind_name(class));
        return false;
    default:
        return true;
    }
}

static bool read_file(load *l, size_t file_number, gw_err *err)
{
    gw_file_text text;
    const char *path = l->paths.items[file_number];
    const char *shown = gw_path_from_here(path);
    gw_arena *scratch = gw_arena_new();
    gw_sql_memory memory;
    gw_piece piece = {0};
    size_t settings = 0;
    bool ok = gw_file_read(scratch, path, 0, &text, err);
    if (ok) {
        size_t bom = text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        gw_sql_input input =
            gw_sql_input_memory(&memory, text.data + bom, text.len - bom, shown, 1);
        gw_splitter *splitter = gw_splitter_new(scratch, &input);
        gw_digest_add(l->digest, "file", 5);
        while ((ok = gw_splitter_next(splitter, &piece, err)) && piece.kind != GW_PIECE_END) {
            if (piece.kind != GW_PIECE_STATEMENT)
                continue;
            gw_stmt_class class = gw_sql_classify(l->arena, piece.text, piece.len);
            if (class.kind == GW_STMT_SET || class.kind == GW_STMT_SET_LOCAL ||
                class.kind == GW_STMT_SET_ROLE) {
                gw_digest_add(l->digest, piece.text, piece.len);
                *gw_vec_push(l->arena, &l->settings) =
                    (setting){file_number, without_local(l->arena, piece.text, piece.len)};
                settings++;
            } else if (makes_schema(l, &piece, shown, &class)) {
                add_statement(l, &piece, shown, file_number, settings);
            }
        }
    }
    gw_arena_free(scratch);
    return ok;
}

/* ---- the session ------------------------------------------------------------------------------- */

static bool reset(load *l, gw_err *err)
{
    return gw_exec(l->session,
                   "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL;"
                   " SET check_function_bodies = off",
                   err) &&
           gw_replay_prepare(l->trial->shadow, l->session, err);
}

/* The settings that stand before a statement hold. */
static bool settle(load *l, const statement *s, gw_err *err)
{
    if (l->in_file == s->file_number && l->in_settings == s->settings)
        return true;
    if (l->in_file != s->file_number || l->in_settings > s->settings) {
        if (!reset(l, err))
            return false;
        l->in_file = s->file_number;
        l->in_settings = 0;
    }
    size_t seen = 0;
    for (size_t i = 0; i < l->settings.len && l->in_settings < s->settings; i++) {
        if (l->settings.items[i].file_number != s->file_number || seen++ < l->in_settings)
            continue;
        if (!gw_exec(l->session, l->settings.items[i].text, err)) {
            l->in_file = SIZE_MAX;
            return gw_err_context(err, "in %s", l->settings.items[i].text);
        }
        l->in_settings++;
    }
    return true;
}

static void place(const statement *s, gw_err *err)
{
    gw_piece piece = {.text = s->text, .len = s->len, .line = s->line, .col = s->col};
    unsigned line = s->line, col = s->col;
    if (err->file)
        return;
    if (err->position)
        gw_piece_place(&piece, err->position, &line, &col);
    gw_err_at(err, s->file, line, col);
    gw_err_statement(err, s->text, s->len);
}

static bool run_once(load *l, const statement *s, gw_err *err)
{
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    gw_arena *scratch = gw_arena_new();
    bool ok = settle(l, s, err) &&
              gw_gate_pass(l->trial->shadow, l->session, scratch, s->text, s->len, &outcome,
                           &verdict, err) &&
              (outcome != GW_GATE_RUN || gw_exec_user(l->session, s->text, NULL, err));
    gw_arena_free(scratch);
    return ok;
}

static bool try_statement(load *l, statement *s)
{
    gw_err_clear(&s->problem);
    bool ok = run_once(l, s, &s->problem);
    while (!ok && gw_replay_made_role(l->trial->shadow, l->arena, &s->problem)) {
        gw_err_clear(&s->problem);
        ok = run_once(l, s, &s->problem);
    }
    if (!ok)
        place(s, &s->problem);
    return ok;
}

/* What another try cannot mend. */
static bool is_final(const gw_err *problem)
{
    return problem->kind == GW_ERR_LOST || problem->kind == GW_ERR_INTERRUPTED ||
           problem->kind == GW_ERR_UNSUPPORTED || problem->kind == GW_ERR_CONNECT;
}

static bool tell(load *l, gw_err *err)
{
    gw_buf others = GW_BUF(l->arena);
    size_t count = 0;
    statement *first = NULL;
    for (size_t i = 0; i < l->statements.len; i++) {
        statement *s = &l->statements.items[i];
        if (s->done)
            continue;
        gw_gate_explain(l->trial->shadow, &s->problem);
        if (count++ == 0)
            first = s;
        else if (count <= ERRORS_TOLD)
            gw_buf_addf(&others, "%s%s:%u:%u: %s", others.len ? "\n" : "", s->problem.file,
                        s->problem.line, s->problem.col, s->problem.message);
    }
    if (!first)
        return true;
    const char *detail = gw_strdup(l->arena, first->problem.detail);
    gw_err_move(err, &first->problem);
    if (count > ERRORS_TOLD)
        gw_buf_addf(&others, "\nand %zu more", count - ERRORS_TOLD);
    if (others.len)
        gw_err_detail(err, "%s%s%zu statement%s cannot be run; the others:\n%s",
                      detail ? detail : "", detail ? "\n" : "", count, count == 1 ? "" : "s",
                      gw_buf_str(&others));
    return gw_err_context(err, "loading a schema into a shadow database");
}

static bool run_all(load *l, gw_err *err)
{
    for (;;) {
        bool progress = false, left = false;
        for (size_t i = 0; i < l->statements.len; i++) {
            statement *s = &l->statements.items[i];
            if (s->done)
                continue;
            if (gw_cancel_level(l->trial->app->options.cancel))
                return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while loading %s", s->file);
            s->done = try_statement(l, s);
            progress |= s->done;
            left |= !s->done;
            if (!s->done && is_final(&s->problem)) {
                gw_err_move(err, &s->problem);
                return false;
            }
        }
        if (!left)
            return true;
        if (!progress)
            return tell(l, err);
    }
}

static bool load_all(void *self, gw_shadow_db *db, gw_err *err)
{
    load *l = self;
    gw_shadow_session how = {0};
    bool ok = gw_trial_prepare(l->trial, db, err) &&
              gw_shadow_connect(db, l->arena, &how, &l->session, err);
    l->in_file = SIZE_MAX;
    ok = ok && run_all(l, err);
    gw_session_close(l->session);
    for (size_t i = 0; i < l->statements.len; i++)
        gw_err_clear(&l->statements.items[i].problem);
    return ok;
}

bool gw_files_load(gw_trial *trial, const char *path, gw_shadow_db **out, gw_err *err)
{
    load l = {.trial = trial, .arena = trial->arena};
    unsigned char bytes[GW_DIGEST_MAX];
    if (!gw_trial_shadow(trial, err) || !gw_files_list(l.arena, path, &l.paths, err))
        return false;
    l.digest = gw_digest_start(l.arena, GW_SHA256);
    for (size_t i = 0; i < l.paths.len; i++)
        if (!read_file(&l, i, err))
            return false;
    size_t len = gw_digest_finish(l.digest, bytes);
    char *name = gw_printf(l.arena, "files %s\n%s", gw_hex(l.arena, bytes, len),
                           gw_trial_like(trial, l.arena));
    return gw_shadow_make(trial->shadow, trial->arena, name, load_all, &l, out, err);
}
