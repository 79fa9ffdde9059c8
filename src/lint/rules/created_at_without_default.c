#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    static const char *const names[] = {"created_at", "inserted_at", "created_on", "createdat",
                                        "created",    "createdAt",   NULL};
    const char *type = c->column.type.name;
    bool time = strncmp(type, "timestamp", 9) == 0 || strcmp(type, "date") == 0;
    if (c->new_table && time && gw_one_of(c->column.name, names) && !c->column.fallback &&
        !c->column.generated)
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_created_at_without_default = {
    {"created_at_without_default", GW_SEVERITY_NOTE, GW_RULES_TYPES,
     "{} has no default: whoever forgets it writes NULL, or fails",
     "The moment at which a row was made is known to the server; a program's clock is another "
     "one.",
     "NOT NULL DEFAULT now()."},
    .column = run,
};
