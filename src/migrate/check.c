#include "migrate/check.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/vec.h"
#include "migrate/check_batch.h"
#include "migrate/check_enum.h"
#include "migrate/object_there.h"
#include "migrate/own_schema.h"
#include "migrate/read_only.h"
#include "pg/query.h"
#include "sql/calls.h"
#include "sql/lex.h"
#include "sql/parse.h"

/* What one reading of a script gathers. */
typedef struct reading {
    gw_arena *arena;
    const gw_check_options *options;
    const gw_migration *migration;
    const gw_script *script;
    bool no_transaction; /* asked for */
    bool keep;
    GW_VEC(gw_statement) kept;
    gw_statement first, last; /* first and last of all, transaction control included */
    unsigned count;           /* all statements */
    unsigned control_line,
        control_col;    /* transaction control before the last, but a first BEGIN; 0 = none */
    gw_statement open;  /* BEGIN that is not ended; line 0: none */
    unsigned open_number; /* of that BEGIN */
    GW_VEC(gw_lasting_block) lasting;
    gw_statement *lasts; /* the first whose effect outlasts its transaction */
    unsigned idle_end;  /* line of a COMMIT or ROLLBACK that nothing is begun for; 0: none */
    gw_statement never; /* first that cannot run in a transaction */
    unsigned nevers;
    gw_statement strong;          /* first strong lock on what was there before */
    unsigned long_after;          /* line of the first long statement behind it */
    GW_VEC(const char *) created; /* tables that this script makes */
    gw_enum_watch enums;
    bool has_copy, passes_over;
    unsigned unended_copy; /* line of a COPY … FROM stdin whose data end with the text; 0 = none */
    bool lively;           /* something may change the session: not plain DDL */
    bool may_lose, may_fire, arms, commands;
    bool backslash_quotes; /* standard_conforming_strings is off here */
    const char *needs_session;
    unsigned needs_session_line;
} reading;

static bool is_control(gw_stmt_kind kind)
{
    return kind == GW_STMT_BEGIN || kind == GW_STMT_COMMIT || kind == GW_STMT_ROLLBACK ||
           kind == GW_STMT_PREPARED_XACT;
}

static bool refuse(const reading *r, const gw_statement *at, gw_err *err)
{
    gw_err_at(err, r->script->path, at->line, at->col);
    return gw_err_statement(err, at->text, at->len);
}

static bool has_name(reading *r, const char *table)
{
    for (size_t i = 0; i < r->created.len; i++)
        if (table && strcmp(r->created.items[i], table) == 0)
            return true;
    return false;
}

static bool is_long(gw_stmt_kind kind)
{
    return kind == GW_STMT_UPDATE || kind == GW_STMT_DELETE || kind == GW_STMT_INSERT ||
           kind == GW_STMT_MERGE || kind == GW_STMT_COPY_IN || kind == GW_STMT_CREATE_INDEX ||
           kind == GW_STMT_DO;
}

/* A strong lock is held until the transaction ends: everything behind it makes others wait. */
static void note_locks(reading *r, const gw_statement *s)
{
    const gw_stmt_class *c = &s->kind;
    if (c->kind == GW_STMT_CREATE_TABLE && c->name)
        *gw_vec_push(r->arena, &r->created) = gw_strdup(r->arena, c->name);
    const char *table = c->table ? c->table : c->name;
    if (r->strong.line && !r->long_after && is_long(c->kind) && !has_name(r, c->table))
        r->long_after = s->line;
    if (c->strong_lock && !r->strong.line && !has_name(r, table)) {
        r->strong = *s;
        r->strong.text = NULL;
        r->strong.kind = gw_sql_classify(r->arena, s->text, s->len);
    }
}

/* Is it a statement, as far as anybody can say? `server`: its word is asked for. */
static bool parses(const reading *r, const gw_statement *read, gw_arena *scratch, bool *server,
                   gw_err *err)
{
    /* The tree takes many times the text: of a long one the server says it. */
    *server = read->len > GW_SQL_PARSE_LONGEST;
    if (!*server) {
        if (gw_sql_parse_check(scratch, read->text, read->len, err))
            return true;
        /* A newer server may know what this grammar does not: then its word counts. */
        *server = r->options->server_version / 10000 > gw_sql_grammar_version();
        if (!*server)
            return false;
        gw_err_clear(err);
    }
    return !r->options->server || gw_query_parses(r->options->server, read->text, err);
}

/* :name, :'name', :"name", :{?name} at a place (from 1, in characters) that is no SQL: its bytes. 0: it is none. */
static size_t psql_variable(const gw_statement *s, size_t position, const char **out)
{
    const char *at = s->text, *end = s->text + s->len;
    for (size_t n = 0; at < end; at++) {
        n += (*at & 0xc0) != 0x80;
        if (n == position)
            break;
    }
    *out = at;
    if (!position || end - at < 2 || *at++ != ':')
        return 0;
    char close = *at == '{' ? '}' : *at == '\'' || *at == '"' ? *at : '\0';
    if (close) {
        const char *last = memchr(at + 1, close, (size_t)(end - at) - 1);
        return last ? (size_t)(last + 1 - *out) : 0;
    }
    while (at < end && (*at == '_' || (*at >= '0' && *at <= '9') || ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z')))
        at++;
    return at - *out > 1 ? (size_t)(at - *out) : 0;
}

/* `read`: the statement with its strings as the grammar reads them. */
static bool check_grammar(reading *r, const gw_statement *s, const gw_statement *read,
                          gw_arena *scratch, gw_err *err)
{
    gw_err problem = {0};
    bool server;
    if (parses(r, read, scratch, &server, &problem))
        return true;
    if (server && problem.kind != GW_ERR_INPUT) {
        gw_err_move(err, &problem);
        return gw_err_context(err, "while the server was asked whether line %u of %s parses",
                              s->line, r->script->path);
    }
    problem.position = gw_lexer_standard_position(s->text, s->len, read->text, problem.position);
    size_t position = problem.position;
    gw_statement_place(s, r->script->path, &problem);
    gw_err_move(err, &problem);
    const char *variable;
    size_t len = psql_variable(s, position, &variable);
    if (len) {
        unsigned line = err->line, col = err->col;
        gw_err_set(err, GW_ERR_INPUT, "%.*s is a variable of psql, not SQL", (int)len, variable);
        gw_err_detail(err, "the file is sent to the server without psql");
        gw_err_at(err, r->script->path, line, col);
        if (r->migration->format == GW_FORMAT_SQITCH)
            return gw_err_hint(err, "give it a value: NAME = VALUE under [deploy \"variables\"] in sqitch.conf, or "
                                    "`placeholders: { NAME: VALUE }` in godwit.yaml (as --set does)");
        return gw_err_hint(err, "write its value here, or ask for it from the environment: `-- godwit: env` "
                                "at the top, and ${NAME}");
    }
    return gw_err_hint(err, "nothing was run: all pending files are checked first");
}

/* As old dumps do it: what follows reads backslashes in quotes another way. */
static void note_setting(reading *r, const gw_statement *s)
{
    const gw_stmt_class *c = &s->kind;
    static const char *const offs[] = {"off", "false", "no", "0",   "of",
                                       "f",   "n",     "fa", "fal", "fals"};
    bool sets = c->kind == GW_STMT_SET || c->kind == GW_STMT_SET_LOCAL;
    if (!sets || !c->name)
        return;
    bool all = !c->value && strcmp(c->name, "all") == 0;
    if (!all && strcasecmp(c->name, "standard_conforming_strings") != 0)
        return;
    if (!c->value || strcasecmp(c->value, "default") == 0) { /* RESET */
        r->backslash_quotes = r->options->escape_strings;
        return;
    }
    r->backslash_quotes = false;
    for (size_t i = 0; i < sizeof offs / sizeof *offs; i++)
        r->backslash_quotes |= strcasecmp(c->value, offs[i]) == 0;
}

/* DDL that runs nobody's code: the session is afterwards what it was. In doubt it is not. */
static bool is_plain(const gw_statement *s)
{
    static const char *const verbs[] = {"create", "alter", "drop", "comment", NULL};
    static const char *const runs_code[] = {"select",    "execute",   "default", "using",  "check",
                                            "generated", "extension", "view",    "values", NULL};
    static const char *const defines[] = {"table", "index", "type", "domain", "sequence", NULL};
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    gw_token first = gw_lexer_next(&lexer);
    bool known = false;
    if (s->kind.needs_session || !gw_token_is_any(&first, verbs))
        return false;
    bool creates = gw_token_is(&first, "create"), drops = gw_token_is(&first, "drop");
    if (drops || gw_token_is(&first, "comment"))
        return true;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        known |= gw_token_is_any(&t, defines);
        bool code = gw_token_is_any(&t, runs_code);
        /* A new, empty table computes nothing yet. */
        bool computes = !creates || gw_token_is(&t, "select") || gw_token_is(&t, "execute") ||
                        gw_token_is(&t, "values") || gw_token_is(&t, "extension") ||
                        gw_token_is(&t, "view");
        if (code && computes)
            return false;
    }
    return known;
}

/* *read: the same with its strings as they read while standard_conforming_strings is on. */
static gw_statement keep_statement(reading *r, const gw_piece *piece, gw_arena *scratch,
                                   gw_statement *read)
{
    gw_arena *home = r->keep ? r->arena : scratch;
    const char *text = r->keep ? gw_strndup(home, piece->text, piece->len) : piece->text;
    gw_statement s = {.text = text,
                      .len = piece->len,
                      .line = piece->line,
                      .col = piece->col,
                      .transaction_mode = gw_is_transaction_mode(piece->text, piece->len)};
    *read = s;
    if (r->backslash_quotes)
        read->text = gw_lexer_standard(home, text, s.len, &read->len);
    s.kind = read->kind = gw_sql_classify(home, read->text, read->len);
    return s;
}

/* Nobody reads its rows, and in a pipeline libpq never gets past it. */
static bool check_copy_out(const reading *r, const gw_statement *s, gw_err *err)
{
    if (s->kind.kind != GW_STMT_COPY_OUT)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "COPY … TO STDOUT has nowhere to go here");
    gw_err_hint(err, "write to a table, or run this statement with psql");
    return refuse(r, s, err);
}

/* It has the run lock's row until somebody resolves it, and progress could not be written with it.
 */
static bool check_prepare(const reading *r, const gw_statement *s, gw_err *err)
{
    if (s->kind.kind != GW_STMT_PREPARED_XACT || s->kind.never_in_transaction ||
        !r->options->pending)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "a migration may not leave a prepared transaction behind");
    gw_err_detail(err,
                  "it would keep every other run out until it is resolved, and nobody could know "
                  "how far this file came");
    gw_err_hint(err,
                "write COMMIT; or prepare it with psql (COMMIT PREPARED and ROLLBACK PREPARED may "
                "stand in a file outside a transaction)");
    return refuse(r, s, err);
}

/* The server begins the next transaction itself, without what has to stand in each of ours. */
static bool check_chain(const reading *r, const gw_statement *s, gw_err *err)
{
    if (!s->kind.chains || !r->no_transaction || !r->options->pending)
        return true;
    bool commits = s->kind.kind == GW_STMT_COMMIT;
    gw_err_set(err, GW_ERR_INPUT, "a migration may not chain its transactions");
    gw_err_detail(err,
                  "what runs behind %s would be in a transaction that has no row in the history",
                  gw_stmt_kind_name(&s->kind));
    gw_err_hint(err, "write %s; BEGIN; in its place", commits ? "COMMIT" : "ROLLBACK");
    return refuse(r, s, err);
}

/* Its row in the history is written in the same transaction. Outside of one a block may only read. */
static bool check_read_only(const reading *r, const gw_statement *s, gw_err *err)
{
    if (r->no_transaction || !r->options->pending || r->script == &r->migration->verify ||
        !gw_begins_read_only(s))
        return true;
    gw_err_set(err, GW_ERR_INPUT, "the transaction of a migration cannot be READ ONLY");
    gw_err_detail(err, "its row in the history is written in it");
    gw_err_hint(err, "take READ ONLY out; or, where only a part of the file reads, say at the "
                     "top: -- godwit: no-transaction");
    return refuse(r, s, err);
}

static bool check_own_schema(const reading *r, const gw_statement *s, gw_err *err)
{
    if (!gw_changes_own_schema(s->text, s->len))
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "a migration may not change schema godwit");
    gw_err_detail(err, "the history of this database is kept there, this run's own rows included");
    gw_err_hint(err,
                "take the statement out; who wants to give Godwit up drops the schema by hand, "
                "with psql");
    return refuse(r, s, err);
}

/* Where a BEGIN of the file stands that nothing has ended yet. */
static void note_block(reading *r, const gw_statement *s)
{
    const gw_lasting_block *last = r->lasting.len ? &r->lasting.items[r->lasting.len - 1] : NULL;
    if (s->kind.kind == GW_STMT_BEGIN && !r->open.line) {
        r->open = (gw_statement){.text = "BEGIN", .len = 5, .line = s->line, .col = s->col};
        r->open_number = r->count + 1;
    } else if (s->kind.outlasts && r->open.line && !(last && last->begin == r->open_number))
        *gw_vec_push(r->arena, &r->lasting) =
            (gw_lasting_block){r->open_number, s->line, gw_strdup(r->arena, s->kind.outlasts)};
    else if (s->kind.kind == GW_STMT_COMMIT || s->kind.kind == GW_STMT_ROLLBACK) {
        if (!r->open.line && !r->idle_end)
            r->idle_end = s->line;
        r->open.line = 0;
    }
}

/* Its text may be long: the beginning is enough. */
static gw_statement beginning_of(reading *r, const gw_statement *s, const gw_statement *read)
{
    gw_statement out = *s;
    out.text = gw_strndup(r->arena, s->text, s->len < 200 ? s->len : 200);
    out.len = strlen(out.text);
    out.kind = gw_sql_classify(r->arena, read->text, read->len);
    return out;
}

static void note_lasting(reading *r, const gw_statement *s, const gw_statement *read)
{
    if (!s->kind.outlasts || r->lasts)
        return;
    r->lasts = gw_alloc(r->arena, sizeof *r->lasts);
    *r->lasts = beginning_of(r, s, read);
    r->lasts->number = r->count;
}

static void note_never(reading *r, const gw_statement *s, const gw_statement *read)
{
    if (!s->kind.never_in_transaction || r->nevers++)
        return;
    r->never = beginning_of(r, s, read);
}

static void note_session(reading *r, const gw_statement *s)
{
    const char *why = s->kind.needs_session;
    if (!why && s->kind.never_in_transaction && s->kind.strong_lock)
        why = "how long it waits for its lock, with all readers behind it, is a setting of the "
              "session";
    if (why && !r->needs_session) {
        r->needs_session = gw_strdup(r->arena, why);
        r->needs_session_line = s->line;
    }
}

static bool see_statement(reading *r, const gw_piece *piece, gw_arena *scratch, gw_err *err)
{
    gw_statement read, s = keep_statement(r, piece, scratch, &read);
    if (s.kind.kind == GW_STMT_EMPTY)
        return true;
    if (!check_grammar(r, &s, &read, scratch, err) || !check_copy_out(r, &read, err) ||
        !check_prepare(r, &read, err) || !check_chain(r, &read, err) ||
        !check_read_only(r, &read, err) || !check_own_schema(r, &read, err))
        return false;
    note_block(r, &s);
    r->count++;
    if (r->count == 1) {
        r->first = s;
        r->first.text = gw_strndup(r->arena, s.text, s.len < 200 ? s.len : 200);
        if (is_control(s.kind.kind) && s.kind.kind != GW_STMT_BEGIN) { /* of what is around it */
            r->control_line = s.line;
            r->control_col = s.col;
        }
    } else if (r->count > 2 && is_control(r->last.kind.kind) && !r->control_line) {
        r->control_line = r->last.line;
        r->control_col = r->last.col;
    }
    r->last = s;
    r->last.text = NULL;
    note_never(r, &s, &read);
    note_lasting(r, &s, &read);
    note_session(r, &s);
    r->has_copy |= piece->copy_in;
    r->passes_over |= gw_passes_over(&s);
    r->lively = r->lively || !is_plain(&read);
    r->may_lose =
        r->may_lose || gw_sql_may_lose(read.text, read.len) || gw_sql_may_call(read.text, read.len);
    r->may_fire = r->may_fire || gw_sql_may_fire(read.text, read.len);
    r->arms = r->arms || gw_sql_may_arm(read.text, read.len);
    r->commands = r->commands || gw_sql_may_command(read.text, read.len);
    note_setting(r, &s);
    note_locks(r, &read);
    gw_enum_see(r->arena, &r->enums, r->options, &read, r->keep ? r->kept.items : NULL, r->keep ? r->kept.len : 0);
    if (!gw_check_batch_statement(scratch, r->options, r->script, &read, err))
        return false;
    if (r->keep && !is_control(s.kind.kind)) {
        s.number = (unsigned)r->kept.len + 1;
        *gw_vec_push(r->arena, &r->kept) = s;
    }
    return true;
}

static bool read_section(reading *r, size_t index, gw_err *err)
{
    gw_arena *scratch = gw_arena_new(), *piece_arena = gw_arena_new();
    gw_sql_input input;
    bool ok = gw_section_open(scratch, r->script, index, r->options->context, &input, err);
    gw_splitter *splitter = ok ? gw_splitter_new(scratch, &input) : NULL;
    while (ok) {
        gw_piece piece;
        gw_splitter_standard_strings(splitter, !r->backslash_quotes);
        ok = gw_splitter_next(splitter, &piece, err);
        if (!ok || piece.kind == GW_PIECE_END)
            break;
        if (piece.kind == GW_PIECE_COPY_END && !piece.terminated)
            r->unended_copy = r->last.line;
        if (piece.kind != GW_PIECE_STATEMENT)
            continue;
        gw_arena_reset(piece_arena);
        ok = see_statement(r, &piece, piece_arena, err);
    }
    gw_arena_free(piece_arena);
    gw_arena_free(scratch);
    return ok;
}

/* One BEGIN … COMMIT around everything is a habit of some tools: the transaction is ours anyway. */
static bool absorb(reading *r, gw_checked *out, gw_err *err)
{
    if (r->no_transaction)
        return true;
    bool opens = r->count && r->first.kind.kind == GW_STMT_BEGIN;
    bool closes = r->count > 1 &&
                  (r->last.kind.kind == GW_STMT_COMMIT ||
                   (r->last.kind.kind == GW_STMT_ROLLBACK && r->script == &r->migration->verify));
    gw_statement at = r->first;
    if (opens && closes && !r->control_line) {
        out->absorbed = true;
        out->begin = r->first.text;
        out->commit_line = r->last.line;
        out->commit_col = r->last.col;
        return true;
    }
    if (!r->control_line && !opens && !(r->count && is_control(r->last.kind.kind)))
        return true;
    if (!opens || closes) {
        at = (gw_statement){.text = "", .line = r->control_line, .col = r->control_col};
        if (!r->control_line) {
            at.line = r->last.line;
            at.col = r->last.col;
        }
    }
    gw_err_set(err, GW_ERR_INPUT, "transaction control inside a migration");
    gw_err_detail(err, "each file runs in one transaction of its own, with its row in the history; "
                       "only one BEGIN … COMMIT around the whole file is understood");
    gw_err_at(err, r->script->path, at.line, at.col);
    return gw_err_hint(err, "take it out, or let the file run statement by statement: "
                            "-- godwit: no-transaction");
}

const char *gw_no_transaction_words(gw_format format)
{
    switch (format) {
    case GW_FORMAT_DBMATE:
        return "-- migrate:up transaction:false";
    case GW_FORMAT_GOOSE:
        return "-- +goose NO TRANSACTION";
    case GW_FORMAT_ATLAS:
        return "-- atlas:txmode none (with an empty line below it)";
    case GW_FORMAT_GRAPHILE_MIGRATE:
        return "--! no-transaction";
    case GW_FORMAT_FLYWAY:
        return "executeInTransaction=false in its .conf file";
    default:
        return "-- godwit: no-transaction";
    }
}

static bool check_transaction(reading *r, gw_checked *out, gw_err *err)
{
    out->transactional = !r->no_transaction;
    if (r->no_transaction && r->open.line && r->options->pending) {
        gw_err_set(err, GW_ERR_INPUT, "BEGIN without COMMIT in this file");
        gw_err_hint(err, "end the block with COMMIT; or take BEGIN out");
        return refuse(r, &r->open, err);
    }
    if (r->no_transaction)
        return true;
    unsigned real = r->count - (out->absorbed ? 2 : 0);
    if (r->nevers && real == 1 && !out->absorbed) {
        out->transactional = false; /* one such statement by itself runs as such */
        return true;
    }
    if (r->nevers) {
        gw_err_set(err, GW_ERR_INPUT, "%s cannot run inside a transaction",
                   gw_stmt_kind_name(&r->never.kind));
        gw_err_detail(
            err, "this file holds %u statements and does not say that it runs without one", real);
        gw_err_hint(err, "put the statement into a file of its own, or say at the top: %s",
                    gw_no_transaction_words(r->migration->format));
        return refuse(r, &r->never, err);
    }
    if (r->enums.use.line) {
        gw_err_set(err, GW_ERR_INPUT, "enum value '%s' is used in the transaction that adds it",
                   r->enums.value);
        gw_err_detail(err,
                      "PostgreSQL refuses that (55P04): the new value has to be committed first");
        gw_err_hint(err, "move what uses it to the next migration, or say at the top: %s",
                    gw_no_transaction_words(r->migration->format));
        return refuse(r, &r->enums.use, err);
    }
    return true;
}

/* Other tools run such files, and their folders have to run. graphile-migrate makes none; a squash
 * of what cancels out is meant. */
static bool may_be_empty(const gw_migration *m)
{
    return (m->format != GW_FORMAT_GODWIT && m->format != GW_FORMAT_GRAPHILE_MIGRATE) ||
           m->up.directives.replaces_count;
}

/* Once it is applied, what is written into it later would never run. */
static bool check_empty(const reading *r, const gw_checked *out, gw_err *err)
{
    const gw_script *script = r->script;
    bool refused = r->options->pending && script == &r->migration->up;
    if (!refused || out->statements || may_be_empty(r->migration))
        return true;
    gw_err_set(err, GW_ERR_INPUT, "this file holds no statement");
    gw_err_detail(err, "it would be applied with nothing done, and what is written into it later "
                       "would never run");
    gw_err_at(err, script->path, script->section_count ? script->sections[0].line : 1, 1);
    return gw_err_hint(err, "fill it, or remove it; one that is to do nothing says so: SELECT;");
}

static bool check_pooler(const reading *r, const gw_checked *out, gw_err *err)
{
    const char *why = out->needs_session;
    unsigned line = out->needs_session_line;
    if (!why && r->options->search_path && !out->transactional && !r->script->directives.batch.table) {
        why = "it runs outside a transaction for a tenant that is a schema: the search_path would be gone at "
              "its next statement, which would run in another schema";
        line = 1;
    }
    if (!r->options->pooled || !why)
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED,
               "this file needs a session of its own, and a transaction pooler "
               "stands between");
    gw_err_detail(err, "%s", why);
    gw_err_at(err, r->script->path, line, 1);
    return gw_err_hint(err, "set direct_url in the environment to an address past the pooler");
}

static void warn(reading *r, gw_checked *out, unsigned line, const char *text)
{
    *gw_vec_push(r->arena, &out->warnings) = (gw_check_warning){text, line};
}

static void note_warnings(reading *r, gw_checked *out)
{
    /* A down that does nothing, or a file of another tool's: see may_be_empty. */
    if (!r->count)
        warn(r, out, 1, "this file holds no statement: it is only written down in the history");
    if (r->unended_copy)
        warn(r, out, r->unended_copy,
             "there is no line \"\\.\" behind the data of this COPY: all that follows, to the "
             "end, was taken as its data");
    if (r->no_transaction && r->idle_end)
        warn(r, out, r->idle_end,
             "there is no BEGIN that this statement ends: it is passed over");
    if (out->transactional && r->strong.line && r->long_after)
        warn(r, out, r->strong.line,
             gw_printf(r->arena,
                       "%s takes a strong lock that is kept while line %u runs: whoever needs "
                       "that table meanwhile waits until the file is done",
                       gw_stmt_kind_name(&r->strong.kind), r->long_after));
}

bool gw_check_script(gw_arena *arena, const gw_migration *migration, const gw_script *script,
                     bool revert, const gw_check_options *options, gw_checked *out, gw_err *err)
{
    reading r = {.arena = arena,
                 .options = options,
                 .migration = migration,
                 .script = script,
                 .no_transaction = script->directives.no_transaction,
                 .backslash_quotes = options->escape_strings,
                 .keep = script->size <= options->keep_bytes};
    *out = (gw_checked){.migration = migration, .script = script, .revert = revert};
    for (size_t i = 0; i < script->section_count; i++)
        if (!read_section(&r, i, err))
            return false;
    if (!absorb(&r, out, err) || !check_transaction(&r, out, err) || !gw_check_batch_alone(script, r.count, err))
        return false;
    out->has_copy = r.has_copy;
    out->passes_over = r.passes_over;
    out->lasting = r.lasting.items;
    out->lasting_count = r.lasting.len;
    out->plain = !r.lively && !out->absorbed;
    out->may_lose = r.may_lose;
    out->may_fire = r.may_fire;
    out->arms = r.arms;
    out->commands = r.commands;
    out->needs_session = r.needs_session;
    out->needs_session_line = r.needs_session_line;
    if (script->directives.batch.table)
        out->transactional = false;
    out->statements = r.count - (out->absorbed ? 2 : 0);
    if (r.lasts && (out->transactional || script->directives.batch.table)) {
        r.lasts->number -= out->absorbed;
        out->lasts = r.lasts;
    }
    /* Control statements that are not absorbed have their place among the others: read again. */
    if (r.keep && !r.has_copy && r.kept.len == out->statements)
        out->kept = r.kept.items ? r.kept.items : gw_alloc(arena, 1);
    if (!check_empty(&r, out, err))
        return false;
    note_warnings(&r, out);
    return check_pooler(&r, out, err);
}
