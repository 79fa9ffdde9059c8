#include <string.h>

#include "lint/rule.h"

static bool is_text(const gw_data_type *t)
{
    return gw_data_type_is(t, "text") || (gw_data_type_is(t, "varchar") && !t->mod_count);
}

static bool is_time(const gw_data_type *t)
{
    return gw_data_type_is(t, "timestamp") || gw_data_type_is(t, "timestamptz") ||
           gw_data_type_is(t, "time") || gw_data_type_is(t, "timetz");
}

/* Can the values stay as they are? */
static bool stays(const gw_data_type *from, const gw_data_type *to)
{
    bool same = strcmp(from->name, to->name) == 0 && from->array == to->array;
    if (gw_data_type_same(from, to))
        return true;
    if ((gw_data_type_is(from, "varchar") || is_text(from)) && is_text(to))
        return true;
    if (gw_data_type_is(from, "cidr") && gw_data_type_is(to, "inet"))
        return true;
    if (!same)
        return false;
    if (!to->mod_count)
        return !gw_data_type_is(to, "bpchar") && !gw_data_type_is(to, "bit");
    if (gw_data_type_is(to, "numeric"))
        return from->mod_count && from->mods[0] <= to->mods[0] && from->mods[1] == to->mods[1];
    bool widens = gw_data_type_is(to, "varchar") || gw_data_type_is(to, "varbit") || is_time(to);
    return widens && from->mod_count && from->mods[0] <= to->mods[0];
}

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_column *column = gw_relation_column(c->relation, c->name);
    const gw_node *using = gw_node_get(c->def, "raw_default");
    const char *plain = gw_expression_column(using);
    gw_data_type to = gw_data_type_of(l->arena, gw_node_get(c->def, "typeName"));
    if (c->fresh || (!column && is_text(&to) && !using))
        return;
    bool computed = using && (!plain || strcmp(plain, c->name) != 0) &&
                    !gw_node_is(using, "TypeCast");
    if (column && !computed && stays(&column->type, &to))
        return;
    gw_found(l, l->statement, gw_node_get(c->def, "typeName"), c->name,
             column ? gw_data_type_text(l->arena, &column->type) : "its type",
             gw_data_type_text(l->arena, &to), gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_change_column_type = {
    {"change_column_type", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "changing {} from {} to {} rewrites {} while nobody can read it",
     "Unless the old values can stay as they are on disk, ALTER COLUMN … TYPE writes the whole "
     "table and its indexes anew under ACCESS EXCLUSIVE, and running code reads values of another "
     "type. They can stay where a varchar or numeric(p,s) gets wider, varchar becomes text, a "
     "timestamp gets more digits, cidr becomes inet.",
     "Add a column of the new type, fill it with a trigger and in batches, then let the two "
     "change names; drop the old one in a later release."},
    .on = GW_ON("AT_AlterColumnType"),
    .command = run,
};
