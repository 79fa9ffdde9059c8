#include "sql/lex.h"
#include "lint/rule.h"

/* Without quotes, "" counted once. */
static size_t bytes_of(const gw_token *t)
{
    if (t->kind == GW_TOKEN_WORD)
        return t->len;
    size_t len = 0;
    for (size_t i = 1; i + 1 < t->len; i++, len++)
        i += t->text[i] == '"';
    return len;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    enum { LONGEST = 63 };
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    bool creates = false, first = true;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (first)
            creates = gw_token_is(&t, "create") || gw_token_is(&t, "alter");
        first = false;
        bool name = gw_token_is_name(&t);
        if (!creates || !name || t.len <= LONGEST)
            continue;
        size_t len = bytes_of(&t);
        bool quoted = t.kind == GW_TOKEN_QUOTED;
        if (len > LONGEST)
            gw_found_at(l, s, (size_t)(t.text - s->text),
                        gw_strndup(l->arena, t.text + quoted, t.len - (quoted ? 2 : 0)),
                        gw_printf(l->arena, "%zu", len), NULL);
    }
}

const gw_rule gw_rule_identifier_too_long = {
    {"identifier_too_long", GW_SEVERITY_ERROR, GW_RULES_NAMES,
     "\"{}\" has {} bytes: PostgreSQL cuts it after 63",
     "What is cut off is gone in silence (a NOTICE). Two long names that begin alike become one; "
     "a later statement that names it in full is cut the same way, a program that compares names "
     "is not.",
     "A shorter name."},
    .statement = run,
    .in_downs = true,
};
