/* What a statement makes, alters and locks, before the model has it. */
#include <string.h>

#include "lint/rule.h"

typedef struct maker {
    gw_lint *l;
    gw_statement_seen *s;
    const char *schema, *table;
    gw_relation *relation;
    bool new_table, fresh;
} maker;

/* ---- columns and constraints ----------------------------------------------------------- */

static bool key_kind(const gw_node *constraint, gw_key_kind *out)
{
    static const struct {
        const char *type;
        gw_key_kind kind;
    } kinds[] = {{"CONSTR_PRIMARY", GW_KEY_PRIMARY},
                 {"CONSTR_UNIQUE", GW_KEY_UNIQUE},
                 {"CONSTR_CHECK", GW_KEY_CHECK},
                 {"CONSTR_FOREIGN", GW_KEY_FOREIGN},
                 {"CONSTR_EXCLUSION", GW_KEY_EXCLUSION}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (gw_node_says(constraint, "contype", kinds[i].type)) {
            *out = kinds[i].kind;
            return true;
        }
    return false;
}

typedef struct column_walk {
    gw_arena *arena;
    GW_VEC(const char *) names;
} column_walk;

static bool see_column(void *self, const gw_node *node)
{
    column_walk *w = self;
    const char *name = gw_expression_column(node);
    for (size_t i = 0; name && i < w->names.len; i++)
        if (strcmp(w->names.items[i], name) == 0)
            name = NULL;
    if (name)
        *gw_vec_push(w->arena, &w->names) = name;
    return true;
}

static void take_columns(maker *m, gw_key *key)
{
    gw_arena *arena = m->l->arena;
    const gw_node *node = key->node;
    if (key->kind == GW_KEY_CHECK) {
        column_walk w = {.arena = arena};
        gw_node_walk(gw_node_get(node, "raw_expr"), see_column, &w);
        key->columns = w.names.items;
        key->column_count = w.names.len;
    } else if (key->column) {
        key->columns = gw_alloc_array(arena, 2, sizeof *key->columns);
        key->columns[0] = gw_node_text(key->column, "colname");
        key->column_count = 1;
    } else if (key->kind == GW_KEY_EXCLUSION) {
        const gw_node *list = gw_node_get(node, "exclusions");
        key->columns = gw_alloc_array(arena, gw_node_count(list) + 1, sizeof *key->columns);
        for (const gw_node *e = gw_node_at(list, 0); e; e = e->next) {
            const char *name = gw_node_text(gw_node_at(gw_node_get(e, "items"), 0), "name");
            key->columns[key->column_count++] = name ? name : "";
        }
    } else {
        bool foreign = key->kind == GW_KEY_FOREIGN;
        key->columns =
            gw_names_of(arena, gw_node_get(node, foreign ? "fk_attrs" : "keys"), &key->column_count);
    }
}

static void make_key(maker *m, const gw_node *node, const gw_node *column)
{
    gw_key key = {.node = node, .column = column, .made = m->s};
    if (!key_kind(node, &key.kind))
        return;
    const gw_node *target = gw_node_get(node, "pktable");
    const char *on_delete = gw_node_text(node, "fk_del_action");
    key.name = gw_node_text(node, "conname");
    key.ref_schema = gw_node_text(target, "schemaname");
    key.ref_table = gw_node_text(target, "relname");
    key.ref_columns = gw_names_of(m->l->arena, gw_node_get(node, "pk_attrs"), &key.ref_count);
    key.on_delete = on_delete && *on_delete ? *on_delete : 'a';
    key.not_valid = gw_node_true(node, "skip_validation") && !m->new_table;
    key.using_index = gw_node_text(node, "indexname");
    key.schema = m->schema;
    key.table = m->table;
    key.relation = m->relation;
    key.new_table = m->new_table;
    key.fresh = m->fresh;
    take_columns(m, &key);
    *gw_vec_push(m->l->arena, &m->s->keys) = key;
}

static void make_column(maker *m, const gw_node *def)
{
    gw_column_made made = {.schema = m->schema,
                           .table = m->table,
                           .relation = m->relation,
                           .new_table = m->new_table,
                           .fresh = m->fresh};
    gw_column *c = &made.column;
    c->name = gw_node_text(def, "colname");
    c->type = gw_data_type_of(m->l->arena, gw_node_get(def, "typeName"));
    c->node = def;
    c->made = m->s;
    c->not_null = c->type.serial;
    const gw_node *list = gw_node_get(def, "constraints");
    for (const gw_node *k = gw_node_at(list, 0); k; k = k->next) {
        c->not_null |= gw_node_says(k, "contype", "CONSTR_NOTNULL") ||
                       gw_node_says(k, "contype", "CONSTR_PRIMARY");
        c->generated |= gw_node_says(k, "contype", "CONSTR_GENERATED");
        if (gw_node_says(k, "contype", "CONSTR_IDENTITY"))
            c->identity = c->not_null = true;
        if (gw_node_says(k, "contype", "CONSTR_DEFAULT"))
            c->fallback = gw_node_get(k, "raw_expr");
    }
    if (c->fallback)
        made.default_kind = gw_expression_kind(c->fallback, m->l->model);
    *gw_vec_push(m->l->arena, &m->s->columns) = made;
    for (const gw_node *k = gw_node_at(list, 0); k; k = k->next)
        make_key(m, k, def);
}

static void see_create(gw_lint *l, gw_statement_seen *s, const gw_node *create)
{
    const gw_node *range = gw_node_get(create, "relation");
    maker m = {.l = l,
               .s = s,
               .schema = gw_node_text(range, "schemaname"),
               .table = gw_node_text(range, "relname"),
               .new_table = true,
               .fresh = true};
    for (const gw_node *e = gw_node_at(gw_node_get(create, "tableElts"), 0); e; e = e->next) {
        if (gw_node_is(e, "ColumnDef"))
            make_column(&m, e);
        else if (gw_node_is(e, "Constraint"))
            make_key(&m, e, NULL);
    }
}

/* ---- locks ----------------------------------------------------------------------------- */

static void lock_named(gw_lint *l, gw_statement_seen *s, const char *schema, const char *table,
                       gw_lock_strength strength)
{
    gw_relation *r = gw_model_relation(l->model, schema, table);
    if (r && r->index) { /* what locks an index keeps its table busy too */
        schema = r->index->schema;
        table = r->index->table;
        r = r->index->relation;
    }
    if (!table)
        return;
    for (size_t i = 0; i < s->locks.len; i++) {
        gw_lock_taken *taken = &s->locks.items[i];
        if (strcmp(taken->table, table) == 0) {
            if (strength > taken->strength)
                taken->strength = strength;
            return;
        }
    }
    *gw_vec_push(l->arena, &s->locks) =
        (gw_lock_taken){schema, table, strength, gw_fresh(l, r)};
}

static void lock_range(gw_lint *l, gw_statement_seen *s, const gw_node *range,
                       gw_lock_strength strength)
{
    lock_named(l, s, gw_node_text(range, "schemaname"), gw_node_text(range, "relname"), strength);
}

/* Actions of ALTER TABLE that let readers and writers go on. */
static const char *const weak_commands[] = {
    "AT_ValidateConstraint", "AT_SetStatistics",   "AT_SetOptions",   "AT_ResetOptions",
    "AT_SetRelOptions",      "AT_ResetRelOptions", "AT_ClusterOn",    "AT_DropCluster",
    "AT_AttachPartition",    NULL};
static const char *const trigger_commands[] = {
    "AT_EnableTrig",     "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig", "AT_DisableTrig",
    "AT_EnableTrigAll",  "AT_DisableTrigAll",   "AT_EnableTrigUser",    "AT_DisableTrigUser",
    NULL};

static void lock_command(gw_lint *l, gw_statement_seen *s, const gw_node *range,
                         const gw_command_seen *c)
{
    bool foreign = gw_node_says(c->def, "contype", "CONSTR_FOREIGN");
    bool detach = strcmp(c->subtype, "AT_DetachPartition") == 0;
    if (gw_one_of(c->subtype, weak_commands) || (detach && gw_node_true(c->def, "concurrent")))
        return;
    if (gw_one_of(c->subtype, trigger_commands))
        lock_range(l, s, range, GW_LOCK_SHARE_ROW_EXCLUSIVE);
    else
        lock_range(l, s, range, foreign ? GW_LOCK_SHARE_ROW_EXCLUSIVE : GW_LOCK_ACCESS_EXCLUSIVE);
}

static void see_alter(gw_lint *l, gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    gw_relation *r = gw_model_relation_of(l->model, range);
    bool table = gw_node_says(s->tree, "objtype", "OBJECT_TABLE") ||
                 gw_node_says(s->tree, "objtype", "OBJECT_FOREIGN_TABLE");
    maker m = {.l = l,
               .s = s,
               .schema = gw_node_text(range, "schemaname"),
               .table = gw_node_text(range, "relname"),
               .relation = r,
               .fresh = gw_fresh(l, r)};
    for (const gw_node *c = gw_node_at(gw_node_get(s->tree, "cmds"), 0); c; c = c->next) {
        gw_command_seen seen = {.subtype = gw_node_text(c, "subtype"),
                                .name = gw_node_text(c, "name"),
                                .node = c,
                                .def = gw_node_get(c, "def"),
                                .schema = m.schema,
                                .table = m.table,
                                .relation = r,
                                .fresh = m.fresh};
        if (!seen.subtype)
            continue;
        *gw_vec_push(l->arena, &s->commands) = seen;
        if (table && strcmp(seen.subtype, "AT_AddColumn") == 0)
            make_column(&m, seen.def);
        if (strcmp(seen.subtype, "AT_AddConstraint") == 0)
            make_key(&m, seen.def, NULL);
        if (table || gw_node_says(s->tree, "objtype", "OBJECT_MATVIEW"))
            lock_command(l, s, range, &seen);
    }
}

static void lock_references(gw_lint *l, gw_statement_seen *s)
{
    for (size_t i = 0; i < s->keys.len; i++)
        if (s->keys.items[i].kind == GW_KEY_FOREIGN)
            lock_named(l, s, s->keys.items[i].ref_schema, s->keys.items[i].ref_table,
                       GW_LOCK_SHARE_ROW_EXCLUSIVE);
}

static void lock_drop(gw_lint *l, gw_statement_seen *s)
{
    const char *what = gw_node_text(s->tree, "removeType");
    bool relation = gw_one_of(what, GW_ON("OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW",
                                          "OBJECT_MATVIEW"));
    if (gw_node_true(s->tree, "concurrent"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const gw_node *items = gw_node_get(o, "items");
        const char *schema, *name;
        gw_node_names(items, &schema, &name);
        if (relation)
            lock_named(l, s, schema, name, GW_LOCK_ACCESS_EXCLUSIVE);
        size_t count = gw_node_count(items);
        if (gw_node_says(s->tree, "removeType", "OBJECT_TRIGGER") && count > 1)
            lock_named(l, s, NULL, gw_node_string(gw_node_at(items, count - 2)),
                       GW_LOCK_ACCESS_EXCLUSIVE);
    }
}

static void lock_others(gw_lint *l, gw_statement_seen *s)
{
    const gw_node *t = s->tree, *range = gw_node_get(t, "relation");
    if (gw_node_is(t, "IndexStmt") && !gw_node_true(t, "concurrent"))
        lock_range(l, s, range, GW_LOCK_SHARE);
    else if (gw_node_is(t, "CreateTrigStmt"))
        lock_range(l, s, range, GW_LOCK_SHARE_ROW_EXCLUSIVE);
    else if (gw_node_is(t, "ClusterStmt") || gw_node_is(t, "RenameStmt") ||
             gw_node_is(t, "AlterObjectSchemaStmt") || gw_node_is(t, "RuleStmt"))
        lock_range(l, s, range, GW_LOCK_ACCESS_EXCLUSIVE);
    else if (gw_node_is(t, "RefreshMatViewStmt") && !gw_node_true(t, "concurrent"))
        lock_range(l, s, range, GW_LOCK_ACCESS_EXCLUSIVE);
    else if (gw_node_is(t, "DropStmt"))
        lock_drop(l, s);
    else if (gw_node_is(t, "TruncateStmt") || gw_node_is(t, "LockStmt")) {
        enum { SHARE_LOCK = 5, ACCESS_EXCLUSIVE_LOCK = 8 };
        int64_t mode = gw_node_number(t, "mode", ACCESS_EXCLUSIVE_LOCK);
        const gw_node *r = gw_node_at(gw_node_get(t, "relations"), 0);
        for (; r && mode >= SHARE_LOCK; r = r->next)
            lock_range(l, s, r,
                       mode == ACCESS_EXCLUSIVE_LOCK ? GW_LOCK_ACCESS_EXCLUSIVE
                                                     : GW_LOCK_SHARE_ROW_EXCLUSIVE);
    }
}

void gw_statement_facts(gw_lint *l, gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    if (gw_node_is(t, "CreateStmt"))
        see_create(l, s, t);
    else if (gw_node_is(t, "CreateForeignTableStmt"))
        see_create(l, s, gw_node_get(t, "base"));
    else if (gw_node_is(t, "AlterTableStmt"))
        see_alter(l, s);
    else
        lock_others(l, s);
    lock_references(l, s);
}
