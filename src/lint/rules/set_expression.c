#include "sql/lex.h"
#include "lint/rule.h"

/* The grammar does not know it: its words do. */
static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const words[] = {"set", "expression", "as"};
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    size_t seen = 0;
    if (s->tree || s->kind.kind != GW_STMT_ALTER_TABLE)
        return;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        seen = gw_token_is(&t, words[seen]) ? seen + 1 : gw_token_is(&t, words[0]) ? 1 : 0;
        if (seen == 3) {
            gw_found_at(l, s, (size_t)(t.text - s->text), NULL);
            return;
        }
    }
}

const gw_rule gw_rule_set_expression = {
    {"set_expression", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "another expression of a generated column rewrites the table while nobody can read it",
     "ALTER COLUMN … SET EXPRESSION (PostgreSQL 17 and later) computes a stored column anew for "
     "every row, under ACCESS EXCLUSIVE.",
     "Add a second column with the new expression's values kept by a trigger, fill it in batches, "
     "and let the two change names."},
    .statement = run,
};
