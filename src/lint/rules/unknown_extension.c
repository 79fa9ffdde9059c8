#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *name = gw_node_text(s->tree, "extname");
    if (!name || gw_one_of(name, gw_known_extensions))
        return;
    const char *near = gw_nearest_word(name, gw_known_extensions);
    const char *hint = near ? gw_printf(l->arena, "Did you mean \"%s\"?", near) : NULL;
    gw_found_hint(l, s, NULL, hint, name, NULL);
}

const gw_rule gw_rule_unknown_extension = {
    {"unknown_extension", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "extension \"{}\" is none that is known",
     "CREATE EXTENSION fails where the server has no such extension. The name is neither one of "
     "PostgreSQL's own (contrib) nor of those that are widely used.",
     "Correct the name. An extension of your own: ignore this rule and say where it comes from."},
    .on = GW_ON("CreateExtensionStmt"),
    .statement = run,
    .in_downs = true,
};
