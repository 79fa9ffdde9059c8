#include "lint/conflict_parts.h"

#include <string.h>

typedef struct collecting {
    gw_arena *arena;
    const gw_party *party;
    gw_party_parts *out, dropped;
    const gw_statement_seen *s;
} collecting;

bool gw_party_part_named_alike(const gw_party_part *x, const gw_party_part *y)
{
    return strcmp(x->what, y->what) == 0 && strcmp(x->name, y->name) == 0 &&
           strcmp(x->table, y->table) == 0 && strcmp(x->schema, y->schema) == 0;
}

static void add(collecting *c, const char *what, const char *schema, const char *table,
                const char *name, bool replace)
{
    if (!table || !name)
        return;
    const gw_model *model = c->party->lint->model;
    const gw_relation *r = schema ? NULL : gw_model_relation(model, NULL, table);
    gw_party_part part = {what, schema ? schema : r ? r->object.schema : "public", table, name,
                          replace, c->s};
    for (size_t i = 0; i < c->dropped.len; i++)
        part.replace |= gw_party_part_named_alike(&c->dropped.items[i], &part);
    *gw_vec_push(c->arena, c->out) = part;
}

/* DROP TRIGGER name ON table: the name stands last in the list, behind the table's. */
static void see_drop(collecting *c, const char *what)
{
    const gw_model *model = c->party->lint->model;
    for (const gw_node *o = gw_node_at(gw_node_get(c->s->tree, "objects"), 0); o; o = o->next) {
        const gw_node *list = gw_node_is(o, "List") ? gw_node_get(o, "items") : o;
        size_t count = gw_node_count(list);
        if (count < 2)
            continue;
        const char *table = gw_node_string(gw_node_at(list, count - 2));
        const char *schema = count > 2 ? gw_node_string(gw_node_at(list, count - 3)) : NULL;
        const gw_relation *r = schema || !table ? NULL : gw_model_relation(model, NULL, table);
        gw_party_part part = {what, schema ? schema : r ? r->object.schema : "public", table,
                              gw_node_string(gw_node_at(list, count - 1)), true, c->s};
        if (part.table && part.name)
            *gw_vec_push(c->arena, &c->dropped) = part;
    }
}

static void see(collecting *c)
{
    static const struct {
        const char *type, *what, *name, *table, *drop;
    } kinds[] = {
        {"CreateTrigStmt", "trigger", "trigname", "relation", "OBJECT_TRIGGER"},
        {"CreatePolicyStmt", "policy", "policy_name", "table", "OBJECT_POLICY"},
        {"RuleStmt", "rule", "rulename", "relation", "OBJECT_RULE"},
    };
    const gw_node *t = c->s->tree;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const gw_node *table = gw_node_get(t, kinds[i].table);
        if (gw_node_is(t, kinds[i].type))
            add(c, kinds[i].what, gw_node_text(table, "schemaname"), gw_node_text(table, "relname"),
                gw_node_text(t, kinds[i].name), gw_node_true(t, "replace"));
        else if (gw_node_is(t, "DropStmt") && gw_node_says(t, "removeType", kinds[i].drop))
            see_drop(c, kinds[i].what);
    }
    for (size_t i = 0; i < c->s->commands.len; i++) {
        const gw_command_seen *command = &c->s->commands.items[i];
        if (command->subtype && strcmp(command->subtype, "AT_AddConstraint") == 0)
            add(c, "constraint", command->schema, command->table,
                gw_node_text(command->def, "conname"), false);
        else if (command->subtype && strcmp(command->subtype, "AT_DropConstraint") == 0 &&
                 command->table && command->name) {
            const gw_relation *r = gw_model_relation(c->party->lint->model, NULL, command->table);
            const char *schema = command->schema ? command->schema
                                 : r             ? r->object.schema
                                                 : "public";
            *gw_vec_push(c->arena, &c->dropped) =
                (gw_party_part){"constraint", schema, command->table, command->name, true, c->s};
        }
    }
}

void gw_party_parts_of(gw_arena *arena, const gw_party *party, gw_party_parts *out)
{
    collecting c = {.arena = arena, .party = party, .out = out};
    for (size_t i = 0; i < party->lint->statements.len; i++) {
        c.s = party->lint->statements.items[i];
        if (gw_party_own(c.s) && c.s->tree && !c.s->script->script.down)
            see(&c);
    }
}

bool gw_party_part_same(const gw_party_part *x, const gw_party_part *y)
{
    if (strcmp(x->what, "constraint") != 0)
        return gw_same_tree(x->statement->tree, y->statement->tree);
    const gw_node *defs[2] = {NULL, NULL};
    const gw_party_part *parts[] = {x, y};
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < parts[p]->statement->commands.len; i++) {
            const gw_node *def = parts[p]->statement->commands.items[i].def;
            if (gw_node_says(def, "conname", parts[p]->name))
                defs[p] = def;
        }
    return defs[0] && defs[1] && gw_same_tree(defs[0], defs[1]);
}
