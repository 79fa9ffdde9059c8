#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (c->column.type.serial)
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_serial_type = {
    {"serial_type", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is serial: a sequence with rights, an owner and a default of its own",
     "serial is a shorthand that leaves a sequence beside the table: rights on it have to be "
     "given apart, an INSERT can write any number past it, CREATE TABLE … LIKE shares it.",
     "bigint GENERATED ALWAYS AS IDENTITY (PostgreSQL 10 and later); BY DEFAULT where programs "
     "bring their own numbers."},
    .column = run,
};
