#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (strcmp(c->column.type.name, "timestamp") == 0 && !c->column.type.schema)
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_timestamp_without_time_zone = {
    {"timestamp_without_time_zone", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is timestamp without time zone: what moment it means depends on who wrote it",
     "now() is put in as the local time of the session that inserts. Two services with different "
     "TimeZone settings write different values for the same moment, and an hour a year comes "
     "twice.",
     "timestamptz: eight bytes too, kept in UTC, shown in the session's zone."},
    .column = run,
};
