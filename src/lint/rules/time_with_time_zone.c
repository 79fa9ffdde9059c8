#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "timetz"))
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_time_with_time_zone = {
    {"time_with_time_zone", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is time with time zone: an offset without a date means nothing where summer time exists",
     "timetz is in PostgreSQL because the standard asks for it. It keeps a fixed offset, which is "
     "wrong half the year.",
     "timestamptz for a moment; time and the zone's name in a text column for an opening hour."},
    .column = run,
};
