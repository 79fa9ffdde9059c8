#include <string.h>

#include "sql/lex.h"
#include "lint/rule.h"

static const char *body_of(const gw_statement_seen *s)
{
    const gw_node *as = gw_function_option(s->tree, "as");
    if (as)
        return gw_node_string(gw_node_at(gw_node_get(as, "items"), 0));
    const gw_node *arg = gw_node_at(gw_node_get(s->tree, "args"), 0);
    for (; arg; arg = arg->next)
        if (gw_node_says(arg, "defname", "as"))
            return gw_node_string(gw_node_get(arg, "arg"));
    return NULL;
}

/* From EXECUTE to its semicolon or USING, outside of quotes. */
static bool joins_text(gw_arena *arena, const char *at)
{
    gw_lexer lexer = gw_lexer_start(at, strlen(at));
    bool joined = false, safe = false;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        bool end = (t.kind == GW_TOKEN_SYMBOL && *t.text == ';') || gw_token_is(&t, "using") ||
                   gw_token_is(&t, "into") || gw_token_is(&t, "loop");
        if (end)
            break;
        if (t.kind == GW_TOKEN_WORD)
            safe |= gw_one_of(gw_token_name(arena, &t),
                              GW_ON("quote_ident", "quote_literal", "quote_nullable", "format",
                                    "function", "procedure", "regclass", "oid"));
        joined |= t.kind == GW_TOKEN_SYMBOL && t.len == 2 && memcmp(t.text, "||", 2) == 0;
    }
    return joined && !safe;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *body = body_of(s);
    for (const char *at = body; at && (at = gw_text_has_word(at, "execute")); at++)
        if (joins_text(l->arena, at)) {
            const char *in_file = memmem(s->text, s->len, at, strlen("execute"));
            gw_found_at(l, s, in_file ? (size_t)(in_file - s->text) : 0, NULL);
            return;
        }
}

const gw_rule gw_rule_dynamic_sql_unquoted = {
    {"dynamic_sql_unquoted", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "EXECUTE of a text that is put together with ||: a name or value in it can be code",
     "What is joined to the text of a dynamic statement is parsed with it. A table called \"x; "
     "DROP …\", or a value with a quote, does something else than was meant.",
     "EXECUTE format('… %I … %L', name, value), or EXECUTE '… $1' USING value."},
    .on = GW_ON("CreateFunctionStmt", "DoStmt"),
    .statement = run,
    .in_downs = true,
};
