#include <string.h>

#include "lint/rule.h"

static void say(gw_lint *l, const gw_column *c, const char *table, const gw_node *at)
{
    bool small = gw_data_type_is(&c->type, "int2");
    gw_found(l, l->statement, at, c->name, table, gw_data_type_text(l->arena, &c->type),
             small ? "32,767" : "2,147,483,647", NULL);
}

static bool short_number(const gw_column *c)
{
    return gw_data_type_is(&c->type, "int4") || gw_data_type_is(&c->type, "int2");
}

static void run(gw_lint *l, const gw_column_made *c)
{
    if (short_number(&c->column) && (c->column.type.serial || c->column.identity))
        say(l, &c->column, gw_shown(l, c->schema, c->table), c->column.node);
}

/* One column, not a number that comes from elsewhere (a foreign key, a list of codes). */
static void key(gw_lint *l, const gw_key *k)
{
    if (k->kind != GW_KEY_PRIMARY || k->column_count != 1)
        return;
    for (size_t i = 0; i < l->statement->keys.len; i++) {
        const gw_key *other = &l->statement->keys.items[i];
        if (other->kind == GW_KEY_FOREIGN && other->column_count == 1 &&
            strcmp(other->columns[0], k->columns[0]) == 0)
            return;
    }
    for (size_t i = 0; i < l->statement->columns.len; i++) {
        const gw_column *c = &l->statement->columns.items[i].column;
        if (strcmp(c->name, k->columns[0]) == 0 && gw_data_type_is(&c->type, "int4") &&
            !c->type.serial && !c->identity)
            say(l, c, gw_shown(l, k->schema, k->table), c->node);
    }
}

const gw_rule gw_rule_integer_primary_key = {
    {"integer_primary_key", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "the key {} of {} is {}: it runs out at {}",
     "A 32-bit number ends at 2,147,483,647, and rows that were rolled back or deleted count too. "
     "The day it ends every INSERT fails, and the way to bigint rewrites the table and all that "
     "refers to it.",
     "bigint (or uuid). The four bytes are mostly lost to alignment anyway."},
    .column = run,
    .key = key,
};
