/* Foreign keys that a statement makes: by them a later DELETE or TRUNCATE reaches further. */
#include <string.h>

#include "sql/effects_impl.h"

/* Of a list of String nodes; NULL where it is empty. */
static const char **strings_of(gw_arena *arena, const gw_node *list)
{
    size_t count = gw_node_count(list);
    if (!count)
        return NULL;
    const char **strings = gw_alloc_array(arena, count + 1, sizeof *strings);
    for (size_t i = 0; i < count; i++)
        strings[i] = gw_node_string(gw_node_at(list, i));
    strings[count] = NULL;
    return strings;
}

static bool resets(const gw_node *key, const char *action)
{
    return gw_node_says(key, action, "n") || gw_node_says(key, action, "d");
}

/* column: NULL, the constraint stands beside its columns. */
static void see_key(gw_reading_effects *r, const gw_node *range, const char *column,
                    const gw_node *key)
{
    const gw_node *to = gw_node_get(key, "pktable");
    if (!gw_node_says(key, "contype", "CONSTR_FOREIGN") || !to)
        return;
    gw_effect *effect = gw_effect_of_range(r, GW_EFFECT_MAKES_KEY, range);
    effect->column = gw_node_text(key, "conname");
    effect->to_schema = gw_node_text(to, "schemaname");
    effect->to = gw_node_text(to, "relname");
    effect->sets = strings_of(r->arena, gw_node_get(key, "fk_attrs"));
    if (!effect->sets && column) {
        effect->sets = gw_alloc_array(r->arena, 2, sizeof *effect->sets);
        effect->sets[0] = column;
    }
    effect->refers = strings_of(r->arena, gw_node_get(key, "pk_attrs"));
    effect->cascade = gw_node_says(key, "fk_del_action", "c");
    effect->resets = (resets(key, "fk_del_action") ? (unsigned)GW_ON_DELETE : 0u) |
                     (resets(key, "fk_upd_action") ? (unsigned)GW_ON_UPDATE : 0u);
}

static void see_element(gw_reading_effects *r, const gw_node *range, const gw_node *element)
{
    const gw_node *constraints = gw_node_get(element, "constraints");
    if (gw_node_is(element, "Constraint"))
        see_key(r, range, NULL, element);
    else if (gw_node_is(element, "ColumnDef"))
        for (const gw_node *c = constraints ? constraints->child : NULL; c; c = c->next)
            see_key(r, range, gw_node_text(element, "colname"), c);
}

static void see_command(gw_reading_effects *r, const gw_node *range, const gw_node *command)
{
    if (gw_node_says(command, "subtype", "AT_DropConstraint"))
        gw_effect_of_range(r, GW_EFFECT_STOPS_CONSTRAINT, range)->column =
            gw_node_text(command, "name");
    else
        see_element(r, range, gw_node_get(command, "def"));
}

void gw_effects_of_keys(gw_reading_effects *r, const gw_node *node)
{
    const gw_node *range = gw_node_get(node, "relation");
    bool create = gw_node_is(node, "CreateStmt");
    if (!create && !gw_node_is(node, "AlterTableStmt"))
        return;
    const gw_node *list = gw_node_get(node, create ? "tableElts" : "cmds");
    for (const gw_node *e = list ? list->child : NULL; e; e = e->next)
        if (create)
            see_element(r, range, e);
        else
            see_command(r, range, e);
}
