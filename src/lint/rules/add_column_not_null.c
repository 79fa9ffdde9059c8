#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_column *column = &c->column;
    bool valued = column->fallback || column->generated || column->identity || column->type.serial;
    if (!c->fresh && column->not_null && !valued)
        gw_found(l, l->statement, column->node, column->name, gw_shown(l, c->schema, c->table),
                 NULL);
}

const gw_rule gw_rule_add_column_not_null = {
    {"add_column_not_null", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "column {} is added to {} as NOT NULL without a default: it fails as soon as the table has a "
     "row",
     "The rows that are there have nothing to put into the column, so ALTER TABLE fails in every "
     "version; and the release that is still running inserts rows that do not name it.",
     "Add the column nullable, or with a constant DEFAULT, fill it, and demand NOT NULL in a "
     "later migration through a validated CHECK."},
    .column = run,
};
