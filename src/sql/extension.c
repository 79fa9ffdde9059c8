#include "sql/extension.h"

#include <string.h>

#include "sql/lex.h"

static const char *verb_of(gw_lexer *lexer)
{
    gw_token t = gw_lexer_next(lexer);
    if (gw_token_is(&t, "comment")) {
        t = gw_lexer_next(lexer);
        return gw_token_is(&t, "on") ? "COMMENT ON EXTENSION" : NULL;
    }
    return gw_token_is(&t, "create")  ? "CREATE EXTENSION"
           : gw_token_is(&t, "alter") ? "ALTER EXTENSION"
           : gw_token_is(&t, "drop")  ? "DROP EXTENSION"
                                      : NULL;
}

bool gw_sql_extension_read(gw_arena *arena, const char *text, size_t len, gw_sql_extension *out)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    *out = (gw_sql_extension){.statement = verb_of(&lexer)};
    gw_token t = gw_lexer_next(&lexer);
    if (!out->statement || !gw_token_is(&t, "extension"))
        return false;
    t = gw_lexer_next(&lexer);
    while (gw_token_is(&t, "if") || gw_token_is(&t, "not") || gw_token_is(&t, "exists"))
        t = gw_lexer_next(&lexer);
    if (t.kind != GW_TOKEN_WORD && t.kind != GW_TOKEN_QUOTED)
        return false;
    out->name = gw_token_name(arena, &t);
    out->creates = strcmp(out->statement, "CREATE EXTENSION") == 0;
    out->drops = strcmp(out->statement, "DROP EXTENSION") == 0;
    for (t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (out->drops && t.kind == GW_TOKEN_SYMBOL && *t.text == ',')
            return false;
        if (!out->creates || !gw_token_is(&t, "schema"))
            continue;
        t = gw_lexer_next(&lexer);
        out->schema = gw_token_name(arena, &t);
    }
    return true;
}
