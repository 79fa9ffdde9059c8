#include "sql/parse.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "sql/lex.h"

int gw_sql_grammar_version(void)
{
    return atoi(PG_MAJORVERSION);
}

static bool parse(const char *text, gw_err *err)
{
    PgQueryProtobufParseResult result = pg_query_parse_protobuf(text);
    bool ok = !result.error;
    if (!ok) {
        gw_err_set(err, GW_ERR_INPUT, "%s", result.error->message);
        memcpy(err->sqlstate, "42601", sizeof "42601"); /* syntax_error, as the server would say */
        err->position = result.error->cursorpos > 0 ? (size_t)result.error->cursorpos : 0;
    }
    pg_query_free_protobuf_parse_result(result);
    return ok;
}

bool gw_sql_parse_check(gw_arena *arena, const char *text, size_t len, gw_err *err)
{
    if (len > GW_SQL_PARSE_LONGEST)
        return true;
    gw_err first = {0};
    if (parse(gw_strndup(arena, text, len), &first))
        return true;
    /* The library's scanner ends a string at a comment behind which PostgreSQL's goes on. */
    gw_err second = {0};
    bool ok = parse(gw_lexer_without_comments(arena, text, len), &second);
    gw_err_clear(&second);
    if (ok)
        gw_err_clear(&first);
    else
        gw_err_move(err, &first);
    return ok;
}
