#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_function *f = gw_function_of(l->arena, s->tree);
    if (!f->body || !f->language || strcmp(f->language, "plpgsql") != 0 ||
        strcmp(f->returns, "trigger") != 0)
        return;
    if (!gw_text_has_word(f->body, "return") && !gw_text_has_word(f->body, "raise"))
        gw_found(l, s, NULL, gw_shown(l, f->object.schema, f->object.name), NULL);
}

const gw_rule gw_rule_trigger_without_return = {
    {"trigger_without_return", GW_SEVERITY_ERROR, GW_RULES_CODE,
     "trigger function {} never says RETURN: every statement that fires it fails",
     "A PL/pgSQL trigger function has to end with RETURN NEW, OLD or NULL (\"control reached end "
     "of trigger procedure without RETURN\"). CREATE FUNCTION does not notice.",
     "RETURN NEW in a BEFORE trigger; RETURN NULL in an AFTER trigger."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
