#include "migrate/read_only.h"

#include <string.h>
#include <strings.h>

#include "sql/lex.h"
#include "sql/quote.h"

/* Of a Boolean setting, as the server reads it; DEFAULT is what the session has begun with. */
static bool is_off(gw_arena *scratch, const gw_token *value)
{
    const char *text = value->kind == GW_TOKEN_STRING ? gw_token_string(scratch, value)
                                                      : gw_strndup(scratch, value->text, value->len);
    size_t len = strlen(text);
    return strcmp(text, "0") == 0 || strcasecmp(text, "default") == 0 ||
           (len > 1 && strncasecmp(text, "off", len) == 0) ||
           (len && (strncasecmp(text, "false", len) == 0 || strncasecmp(text, "no", len) == 0));
}

static bool sets_it(const gw_statement *s)
{
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    gw_token t = gw_lexer_next(&lexer);
    if (!gw_token_is(&t, "set"))
        return false;
    t = gw_lexer_next(&lexer);
    if (gw_token_is(&t, "local") || gw_token_is(&t, "session"))
        t = gw_lexer_next(&lexer);
    if (!gw_token_is(&t, "transaction_read_only"))
        return false;
    gw_lexer_next(&lexer); /* TO or = */
    t = gw_lexer_next(&lexer);
    gw_arena *scratch = gw_arena_new();
    bool on = !is_off(scratch, &t);
    gw_arena_free(scratch);
    return on;
}

static bool says_read_only(const gw_statement *statement)
{
    gw_lexer lexer = gw_lexer_start(statement->text, statement->len);
    bool read = false;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (read && gw_token_is(&t, "only"))
            return true;
        read = gw_token_is(&t, "read");
    }
    return false;
}

bool gw_begins_read_only(const gw_statement *statement)
{
    bool modes = statement->kind.kind == GW_STMT_BEGIN || statement->transaction_mode;
    return modes ? says_read_only(statement) : sets_it(statement);
}

/* By set_config() in a call or a block as well: so the text is searched, not read. */
static bool may_set(const gw_statement *s)
{
    static const char name[] = "transaction_read_only"; /* and default_… */
    for (size_t i = 0; i + sizeof name - 1 <= s->len; i++)
        if (strncasecmp(s->text + i, name, sizeof name - 1) == 0)
            return true;
    return (s->kind.kind == GW_STMT_SET || s->kind.kind == GW_STMT_BEGIN || s->transaction_mode) &&
           says_read_only(s);
}

/* The last statement that may have, before the one that failed. */
static bool find(gw_runner *r, const gw_checked *checked, const gw_err *failed, unsigned *line,
                 unsigned *col)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, checked, &r->script);
    const gw_statement *s = NULL;
    gw_err ignored = {0};
    *line = 0;
    while (gw_statements_next(statements, true, &s, &ignored) && s) {
        if (failed->file && (s->line > failed->line || (s->line == failed->line && s->col >= failed->col)))
            break;
        if (may_set(s)) {
            *line = s->line;
            *col = s->col;
        }
    }
    gw_err_clear(&ignored);
    gw_arena_free(scratch);
    return *line > 0;
}

void gw_explain_read_only(gw_runner *r, const gw_checked *checked, gw_err *err)
{
    unsigned line, col;
    if (strcmp(err->sqlstate, "25006") != 0 || err->hint)
        return;
    if (err->file && strcmp(err->file, checked->script->path) != 0)
        return; /* its verify script */
    bool own = !err->file; /* Godwit's own statement */
    if (own)
        gw_err_detail(err, "what Godwit knows of this file is written in the same transaction");
    if (find(r, checked, err, &line, &col)) {
        if (own)
            gw_err_at(err, checked->script->path, line, col);
        gw_err_hint(err, "line %u has made it read-only: take that out, or set it back behind what only reads",
                    line);
        return;
    }
    if (gw_session_read_only(r->work))
        gw_err_hint(err, "sessions begin so: default_transaction_read_only is on for the role %s, for the "
                         "database %s or for the server; an earlier migration may have set it",
                    gw_session_role(r->work), gw_session_database(r->work));
    else
        gw_err_hint(err, "a function or a trigger has set transaction_read_only, or the server's "
                         "default_transaction_read_only has changed since this run began");
}
