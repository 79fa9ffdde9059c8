#include <string.h>

#include "lint/ignore.h"
#include "lint/rule.h"

static bool may_run(const gw_lint *l, const char *rule)
{
    for (size_t i = 0; i < l->options->ignored_count; i++)
        if (strcmp(l->options->ignored[i], rule) == 0)
            return false;
    const gw_rule_text *text = gw_rule_find(rule);
    if (text && text->group == GW_RULES_SEEN && !l->options->observed)
        return false;
    gw_severity severity = text ? text->severity : GW_SEVERITY_OFF;
    for (size_t i = 0; i < l->options->level_count; i++)
        if (strcmp(l->options->levels[i].rule, rule) == 0)
            severity = l->options->levels[i].severity;
    return severity != GW_SEVERITY_OFF;
}

static void run(gw_lint *l, const gw_ignore_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_ignore *ignore = &list->items[i];
        if (ignore->known && !ignore->used && may_run(l, ignore->rule))
            gw_found_in(l, ignore->script, ignore->offset, ignore->rule, NULL);
    }
}

const gw_rule gw_rule_ignore_unused = {
    {"ignore_unused", GW_SEVERITY_NOTE, GW_RULES_FILES,
     "{} is ignored here and finds nothing",
     "What it silenced is gone; left in place it would silence the next one.",
     "Take the directive out."},
    .ignores = run,
};
