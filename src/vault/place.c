#include "vault/place.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "sql/quote.h"
#include "sql_vault.h"

enum { SWAP_TRIES = 20, SWAP_PAUSE_MS = 100 };

typedef struct like_row {
    const char *options;
    int64_t oid;
} like_row;

static bool look_at_own(gw_session *session, gw_arena *arena, like_row *out, gw_err *err)
{
    static const gw_col cols[] = {{"options", GW_COL_TEXT, true, offsetof(like_row, options)},
                                  {"oid", GW_COL_INT, true, offsetof(like_row, oid)}};
    gw_result result;
    return gw_query(session, arena, &gw_sql_database_like, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 2, out, err);
}

bool gw_place_drop(gw_session *session, const char *name, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const char *quoted = gw_quote_ident(scratch, name);
    gw_result result;
    gw_param param = gw_p_text(name);
    /* WITH (FORCE) came with 13. */
    bool ok = gw_session_version(session) >= 130000 ||
              gw_query(session, scratch, &gw_sql_end_sessions, &param, 1, &result, err);
    ok = ok && gw_exec(session, gw_printf(scratch, "DROP DATABASE IF EXISTS %s%s", quoted,
                                          gw_session_version(session) >= 130000 ? " WITH (FORCE)"
                                                                                : ""),
                       err);
    gw_arena_free(scratch);
    return ok;
}

static bool names_of(gw_session *session, gw_arena *arena, const gw_sql *sql, const char *prefix, const char ***out,
                     size_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_result result;
    gw_param param = gw_p_text(prefix);
    *count = 0;
    if (!gw_query(session, arena, sql, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof **out, (void **)out, err))
        return false;
    *count = result.rows;
    return true;
}

static void drop_left(gw_session *session, gw_arena *arena, const char *prefix)
{
    const char **names = NULL;
    size_t count;
    gw_err ignored = {0};
    names_of(session, arena, &gw_sql_verify_leftovers, prefix, &names, &count, &ignored);
    gw_err_clear(&ignored);
    for (size_t i = 0; i < count; i++) {
        gw_place_drop(session, names[i], &ignored);
        gw_err_clear(&ignored);
    }
}

const char *gw_place_kept_prefix(gw_arena *arena, const char *name)
{
    return gw_printf(arena, "%.*s_before_", (int)gw_utf8_clip(name, 40), name);
}

bool gw_place_kept(gw_session *session, gw_arena *arena, const char *name, const char ***out, size_t *count, gw_err *err)
{
    return names_of(session, arena, &gw_sql_places_kept, gw_place_kept_prefix(arena, name), out, count, err);
}

bool gw_place_make(gw_session *session, gw_arena *arena, const char **name, gw_err *err)
{
    like_row like;
    gw_result result;
    uint64_t random;
    if (!look_at_own(session, arena, &like, err))
        return false;
    const char *prefix = gw_printf(arena, "godwit_restore_%lld_", (long long)like.oid);
    drop_left(session, arena, prefix);
    gw_random_bytes(&random, sizeof random);
    *name = gw_printf(arena, "%s%016llx", prefix, (unsigned long long)random);
    gw_param param = gw_p_text(*name);
    if (!gw_query(session, arena, &gw_sql_verify_lock, &param, 1, &result, err))
        return false;
    if (gw_exec(session, gw_printf(arena, "CREATE DATABASE %s %s", gw_quote_ident(arena, *name),
                                   like.options), err))
        return true;
    gw_err_context(err, "while a database was made to restore into");
    if (err->kind == GW_ERR_PRIVILEGE)
        gw_err_hint(err, "the role needs CREATEDB, and to be a member of the database's owner");
    return false;
}

bool gw_place_settle(gw_session *session, gw_arena *arena, const char *name, gw_err *err)
{
    struct {
        const char *statement;
    } *rows = NULL;
    static const gw_col cols[] = {{"statement", GW_COL_TEXT, true, 0}};
    gw_result result;
    gw_param param = gw_p_text(name);
    if (!gw_query(session, arena, &gw_sql_database_settings, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        if (!gw_exec(session, rows[i].statement, err))
            return gw_err_context(err, "while the settings of the database were copied");
    return true;
}

static bool end_sessions(gw_session *session, gw_arena *arena, const char *name, gw_err *err)
{
    gw_result result;
    gw_param param = gw_p_text(name);
    return gw_query(session, arena, &gw_sql_end_sessions, &param, 1, &result, err);
}

bool gw_place_swap(gw_session *session, gw_arena *arena, const char *name, const char *fresh,
                   const char *old, gw_err *err)
{
    const char *first = gw_printf(arena, "ALTER DATABASE %s RENAME TO %s",
                                  gw_quote_ident(arena, name), gw_quote_ident(arena, old));
    const char *second = gw_printf(arena, "ALTER DATABASE %s RENAME TO %s",
                                   gw_quote_ident(arena, fresh), gw_quote_ident(arena, name));
    for (int attempt = 1;; attempt++) {
        gw_err_clear(err);
        bool ok = end_sessions(session, arena, name, err) &&
                  end_sessions(session, arena, fresh, err) && gw_session_begin(session, NULL, err) &&
                  gw_exec(session, first, err) && gw_exec(session, second, err) &&
                  gw_session_commit(session, err);
        if (ok)
            return true;
        gw_session_rollback(session);
        /* object_in_use: somebody came back in between */
        if (strcmp(err->sqlstate, "55006") != 0 || attempt == SWAP_TRIES)
            break;
        gw_sleep_ms(SWAP_PAUSE_MS, NULL);
    }
    if (strcmp(err->sqlstate, "55006") == 0)
        err->kind = GW_ERR_BUSY;
    return gw_err_context(err, "while the databases changed their names");
}
