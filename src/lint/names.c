#include "lint/names.h"

#include <string.h>

#include "base/buf.h"

typedef struct name_walk {
    gw_lint *l;
    const gw_statement_seen *s;
    const gw_node *made; /* the RangeVar of what the statement makes */
    GW_VEC(const char *) with; /* names of WITH queries */
    void (*relation)(gw_lint *l, const gw_statement_seen *s, const gw_node *range);
    void (*function)(gw_lint *l, const gw_statement_seen *s, const gw_node *node,
                     const char *schema, const char *name);
} name_walk;

static bool see_with(void *self, const gw_node *node)
{
    name_walk *w = self;
    if (gw_node_is(node, "CommonTableExpr") || gw_node_text(node, "ctename"))
        *gw_vec_push(w->l->arena, &w->with) = gw_node_text(node, "ctename");
    return true;
}

static bool is_with(const name_walk *w, const gw_node *range)
{
    for (size_t i = 0; !gw_node_text(range, "schemaname") && i < w->with.len; i++)
        if (w->with.items[i] && gw_node_says(range, "relname", w->with.items[i]))
            return true;
    return false;
}

/* A table may refer to itself. */
static bool is_itself(const name_walk *w, const gw_node *range)
{
    const char *name = gw_node_text(w->made, "relname");
    return name && gw_node_says(range, "relname", name) &&
           gw_same_tree(gw_node_get(range, "schemaname"), gw_node_get(w->made, "schemaname"));
}

static bool see_relation(void *self, const gw_node *node)
{
    name_walk *w = self;
    if (node == w->made)
        return false;
    if (gw_node_is(node, "RangeVar") && !is_with(w, node) && !is_itself(w, node))
        w->relation(w->l, w->s, node);
    return true;
}

/* The name that a statement gives. */
static const gw_node *made_by(const gw_node *t)
{
    if (gw_node_is(t, "CreateStmt"))
        return gw_node_get(t, "relation");
    if (gw_node_is(t, "ViewStmt"))
        return gw_node_get(t, "view");
    if (gw_node_is(t, "CreateSeqStmt"))
        return gw_node_get(t, "sequence");
    if (gw_node_is(t, "CreateTableAsStmt"))
        return gw_node_get(gw_node_get(t, "into"), "rel");
    if (gw_node_is(t, "CreateForeignTableStmt"))
        return gw_node_get(gw_node_get(t, "base"), "relation");
    if (gw_node_is(t, "CompositeTypeStmt"))
        return gw_node_get(t, "typevar");
    return gw_node_get(gw_node_get(t, "intoClause"), "rel");
}

void gw_relations_used(gw_lint *l, const gw_statement_seen *s,
                       void (*see)(gw_lint *l, const gw_statement_seen *s, const gw_node *range))
{
    name_walk w = {.l = l, .s = s, .made = made_by(s->tree), .relation = see};
    if (gw_node_true(s->tree, "missing_ok")) /* ALTER TABLE IF EXISTS */
        return;
    gw_node_walk(s->tree, see_with, &w);
    gw_node_walk(s->tree, see_relation, &w);
}

static bool see_function(void *self, const gw_node *node)
{
    name_walk *w = self;
    const char *schema, *name;
    if (gw_node_is(node, "FuncCall")) {
        gw_call_name(node, &schema, &name);
        if (name)
            w->function(w->l, w->s, node, schema, name);
    }
    return true;
}

void gw_functions_used(gw_lint *l, const gw_statement_seen *s,
                       void (*see)(gw_lint *l, const gw_statement_seen *s, const gw_node *node,
                                   const char *schema, const char *name))
{
    name_walk w = {.l = l, .s = s, .function = see};
    if (gw_node_is(s->tree, "CreateTrigStmt")) {
        const char *schema, *name;
        gw_node_names(gw_node_get(s->tree, "funcname"), &schema, &name);
        if (name)
            see(l, s, NULL, schema, name);
    }
    gw_node_walk(s->tree, see_function, &w);
}

bool gw_command_later(const gw_lint *l, const gw_statement_seen *s, const char *subtype,
                      const char *name)
{
    for (size_t i = s->number + 1; i < s->script->first + s->script->count; i++) {
        const gw_node *commands = gw_node_get(l->statements.items[i]->tree, "cmds");
        for (const gw_node *c = gw_node_at(commands, 0); c; c = c->next) {
            const char *type = gw_node_text(c, "subtype");
            bool same = type && strncmp(type, subtype, strlen(subtype)) == 0;
            if (same && (!gw_node_text(c, "name") || !name || gw_node_says(c, "name", name)))
                return true;
        }
    }
    return false;
}

/* ---- differences ----------------------------------------------------------------------- */

const char *gw_column_difference(gw_lint *l, const gw_column *old, const gw_column *now)
{
    if (!gw_data_type_same(&old->type, &now->type))
        return gw_printf(l->arena, "column %s is %s, not %s", old->name,
                         gw_data_type_text(l->arena, &old->type),
                         gw_data_type_text(l->arena, &now->type));
    if (old->not_null != now->not_null)
        return gw_printf(l->arena, "column %s %s NULL", old->name,
                         old->not_null ? "must not be" : "may be");
    if (!gw_same_tree(old->fallback, now->fallback))
        return gw_printf(l->arena, "column %s has another default", old->name);
    return NULL;
}

static const gw_column *made_column(const gw_statement_seen *s, const char *name)
{
    for (size_t i = 0; i < s->columns.len; i++)
        if (strcmp(s->columns.items[i].column.name, name) == 0)
            return &s->columns.items[i].column;
    return NULL;
}

static void add(gw_buf *text, const char *difference)
{
    if (difference)
        gw_buf_addf(text, "%s%s", text->len ? "; " : "", difference);
}

/* The primary key's columns are NOT NULL without being told. */
static bool in_primary_key(const gw_statement_seen *s, const char *column)
{
    for (size_t i = 0; i < s->keys.len; i++)
        for (size_t k = 0; s->keys.items[i].kind == GW_KEY_PRIMARY &&
                           k < s->keys.items[i].column_count;
             k++)
            if (strcmp(s->keys.items[i].columns[k], column) == 0)
                return true;
    return false;
}

const char *gw_table_difference(gw_lint *l, const gw_relation *old, const gw_statement_seen *now)
{
    gw_buf text = GW_BUF(l->arena);
    if (old->kind != GW_REL_TABLE)
        return "it is no table";
    for (size_t i = 0; i < now->columns.len; i++) {
        gw_column column = now->columns.items[i].column;
        const gw_column *was = gw_relation_column(old, column.name);
        column.not_null |= in_primary_key(now, column.name);
        if (was)
            add(&text, gw_column_difference(l, was, &column));
        else if (old->complete)
            add(&text, gw_printf(l->arena, "it has no column %s", column.name));
    }
    bool listed = now->columns.len && !gw_node_get(now->tree, "inhRelations");
    for (size_t i = 0; listed && i < old->columns.len; i++)
        if (!old->columns.items[i].gone && !made_column(now, old->columns.items[i].name))
            add(&text, gw_printf(l->arena, "it has column %s", old->columns.items[i].name));
    const gw_node *spec = gw_node_get(now->tree, "partspec");
    if (!spec != !old->strategy)
        add(&text, old->strategy ? "it is partitioned" : "it is not partitioned");
    return text.len ? gw_buf_str(&text) : NULL;
}
