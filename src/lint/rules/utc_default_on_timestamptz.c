#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_node *value = c->column.fallback;
    const char *schema, *name = NULL;
    while (gw_node_is(value, "TypeCast"))
        value = gw_node_get(value, "arg");
    if (gw_node_is(value, "FuncCall"))
        gw_call_name(value, &schema, &name);
    if (name && strcmp(name, "timezone") == 0 && gw_data_type_is(&c->column.type, "timestamptz"))
        gw_found(l, l->statement, value, c->column.name, NULL);
}

const gw_rule gw_rule_utc_default_on_timestamptz = {
    {"utc_default_on_timestamptz", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "the default of {} is off by the session's distance from UTC",
     "now() AT TIME ZONE 'utc' is a timestamp without a zone; put into a timestamptz it is read "
     "as local time of the session. Right only where TimeZone is UTC, and then needless.",
     "DEFAULT now(): a timestamptz is kept in UTC as it is."},
    .column = run,
};
