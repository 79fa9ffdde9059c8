#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    static const char *const words[] = {"now", "today", "tomorrow", "yesterday", NULL};
    const gw_node *value = c->column.fallback;
    bool cast = gw_node_is(value, "TypeCast");
    while (gw_node_is(value, "TypeCast"))
        value = gw_node_get(value, "arg");
    bool time = strncmp(c->column.type.name, "timestamp", 9) == 0 ||
                strncmp(c->column.type.name, "time", 4) == 0 ||
                strcmp(c->column.type.name, "date") == 0;
    if (gw_one_of(gw_node_string(value), words) && (time || cast))
        gw_found(l, l->statement, value, c->column.name, NULL);
}

const gw_rule gw_rule_default_now_literal = {
    {"default_now_literal", GW_SEVERITY_ERROR, GW_RULES_TYPES,
     "the default of {} is the moment at which this migration ran, for ever",
     "'now', 'today' and their kin are read once, when the default is made, and become a "
     "constant. now() is read at each INSERT.",
     "DEFAULT now()."},
    .column = run,
};
