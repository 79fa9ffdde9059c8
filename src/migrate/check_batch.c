#include "migrate/check_batch.h"

#include "migrate/batch_end.h"
#include "migrate/batch_range.h"
#include "pg/query.h"
#include "sql/lex.h"
#include "sql_migrate.h"

/* $1 and $2, and nothing else. */
static bool has_range(const gw_statement *statement)
{
    gw_lexer lexer = gw_lexer_start(statement->text, statement->len);
    unsigned seen = 0;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer))
        if (t.kind == GW_TOKEN_PARAM)
            seen |= t.len == 2 && t.text[1] == '1' ? 1u : t.len == 2 && t.text[1] == '2' ? 2u : 4u;
    return seen == 3;
}

/* Names are asked about as the run will find them. */
static bool comes_to_its_end(gw_arena *scratch, const gw_check_options *options,
                             const gw_batch_directive *batch, const gw_statement *s, gw_err *err)
{
    gw_session *server = options->server;
    gw_param path[] = {gw_p_text(options->search_path), gw_p_bool(true)};
    gw_err ignored = {0};
    bool set = server && options->search_path;
    if (set && (!gw_session_begin(server, NULL, &ignored) ||
                !gw_exec_sql(server, &gw_sql_search_path, path, 2, &ignored)))
        server = NULL;
    bool ok = gw_batch_ends(scratch, batch, s->text, s->len, server, err);
    if (set)
        gw_session_rollback(options->server);
    gw_err_clear(&ignored);
    return ok;
}

bool gw_check_batch_statement(gw_arena *scratch, const gw_check_options *options,
                              const gw_script *script, const gw_statement *s, gw_err *err)
{
    const gw_batch_directive *batch = &script->directives.batch;
    gw_stmt_kind kind = s->kind.kind;
    if (!batch->table)
        return true;
    bool right = kind == GW_STMT_UPDATE || kind == GW_STMT_DELETE || kind == GW_STMT_INSERT;
    if (!right || !has_range(s)) {
        gw_err_set(err, GW_ERR_INPUT,
                   right ? "a batch statement says where the range goes: $1 and $2"
                         : "a batch runs one UPDATE, DELETE or INSERT … SELECT");
        gw_err_hint(err, "for example: UPDATE %s SET … WHERE %s BETWEEN $1 AND $2", batch->table,
                    batch->key);
    } else if (!options->pending || (comes_to_its_end(scratch, options, batch, s, err) &&
                                     gw_batch_keeps_range(scratch, batch, s->text, s->len, err))) {
        return true;
    }
    gw_statement_place(s, script->path, err);
    return false;
}

bool gw_check_batch_alone(const gw_script *script, unsigned count, gw_err *err)
{
    const gw_batch_directive *batch = &script->directives.batch;
    if (!batch->table || count == 1)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "a batch file holds one statement; this one holds %u", count);
    gw_err_at(err, script->path, batch->line, 1);
    return gw_err_hint(err, "move the others to migrations of their own");
}
