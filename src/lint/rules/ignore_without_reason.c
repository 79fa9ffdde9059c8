#include "lint/ignore.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_ignore_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        if (!list->items[i].reason && list->items[i].known)
            gw_found_in(l, list->items[i].script, list->items[i].offset, list->items[i].rule, NULL);
}

const gw_rule gw_rule_ignore_without_reason = {
    {"ignore_without_reason", GW_SEVERITY_WARNING, GW_RULES_FILES,
     "{} is ignored without a reason",
     "Whoever reads the file next cannot tell a decision from a shortcut.",
     "-- godwit: ignore RULE and why it does not matter here."},
    .ignores = run,
};
