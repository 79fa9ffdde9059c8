#include "lint/conflicts.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "lint/conflict_parts.h"

typedef struct finding {
    gw_arena *arena;
    const gw_party *a, *b; /* `a` runs first, where that is of account */
    gw_conflict_list *out;
} finding;

static gw_conflict_place place(const gw_party *party, const gw_statement_seen *s,
                               const gw_node *node)
{
    const gw_lint_script *script = &s->script->script;
    gw_conflict_place p = {.party = party->name, .file = script->file};
    size_t at = s->offset + (node && node->location > 0 ? (size_t)node->location : 0);
    gw_text_place(script->text, at, &p.line, &p.col);
    p.line += script->first_line ? script->first_line - 1 : 0;
    return p;
}

static gw_conflict *report(finding *f, const char *kind, const char *object,
                           const gw_statement_seen *first, const gw_statement_seen *second)
{
    gw_conflict *c = gw_vec_push(f->arena, f->out);
    *c = (gw_conflict){.kind = kind,
                       .object = object,
                       .first = place(f->a, first, NULL),
                       .second = place(f->b, second, NULL),
                       .ignored = gw_party_ignores(f->a, first, kind) ||
                                  gw_party_ignores(f->b, second, kind)};
    return c;
}

static const char *object_name(gw_arena *arena, const gw_made_object *o)
{
    static const char *const relations[] = {"table", "view", "materialized view", "sequence",
                                            "index"};
    static const char *const kinds[] = {[GW_OBJECT_TYPE] = "type",
                                        [GW_OBJECT_FUNCTION] = "function",
                                        [GW_OBJECT_SCHEMA] = "schema",
                                        [GW_OBJECT_EXTENSION] = "extension"};
    const char *kind = o->kind == GW_OBJECT_RELATION ? relations[((const gw_relation *)o)->kind]
                                                     : kinds[o->kind];
    bool plain = o->kind == GW_OBJECT_SCHEMA || o->kind == GW_OBJECT_EXTENSION || !o->schema;
    return gw_printf(arena, "%s %s%s%s", kind, plain ? "" : o->schema, plain ? "" : ".", o->name);
}

static size_t order_of(const gw_statement_seen *s)
{
    return s->script->script.migration;
}

/* ---- definitions of one table ---------------------------------------------------------------- */

static const gw_column *column_of(const gw_statement_seen *s, const char *name)
{
    for (size_t i = 0; i < s->columns.len; i++)
        if (strcmp(s->columns.items[i].column.name, name) == 0)
            return &s->columns.items[i].column;
    return NULL;
}

static bool in_key(const gw_statement_seen *s, const char *column)
{
    for (size_t i = 0; i < s->keys.len; i++)
        for (size_t k = 0; k < s->keys.items[i].column_count; k++)
            if (s->keys.items[i].kind == GW_KEY_PRIMARY &&
                strcmp(s->keys.items[i].columns[k], column) == 0)
                return true;
    return false;
}

static bool same_column(finding *f, const gw_statement_seen *first, const gw_column *x,
                        const gw_statement_seen *second, const gw_column *y)
{
    gw_column a = *x, b = *y;
    a.not_null |= in_key(first, a.name);
    b.not_null |= in_key(second, b.name);
    return a.identity == b.identity && a.generated == b.generated &&
           !gw_column_difference(f->b->lint, &a, &b);
}

static bool same_key(const gw_key *x, const gw_key *y)
{
    if (x->kind != y->kind || x->column_count != y->column_count)
        return false;
    for (size_t i = 0; i < x->column_count; i++)
        if (strcmp(x->columns[i], y->columns[i]) != 0)
            return false;
    if (x->kind == GW_KEY_FOREIGN)
        return strcmp(x->ref_table, y->ref_table) == 0 && x->on_delete == y->on_delete;
    return x->kind != GW_KEY_CHECK ||
           gw_same_tree(gw_node_get(x->node, "raw_expr"), gw_node_get(y->node, "raw_expr"));
}

typedef struct differences {
    GW_VEC(gw_conflict_column) items;
} differences;

static void add_column(finding *f, differences *d, const gw_statement_seen *first,
                       const gw_column *x, const gw_statement_seen *second, const gw_column *y)
{
    *gw_vec_push(f->arena, &d->items) = (gw_conflict_column){
        x ? x->name : y->name, x ? gw_definition_text(f->arena, first, x->node) : "",
        y ? gw_definition_text(f->arena, second, y->node) : ""};
}

static void compare_keys(finding *f, differences *d, const gw_statement_seen *s,
                         const gw_statement_seen *other, bool is_first)
{
    for (size_t i = 0; i < s->keys.len; i++) {
        bool found = false;
        for (size_t k = 0; k < other->keys.len; k++)
            found |= same_key(&s->keys.items[i], &other->keys.items[k]);
        if (found)
            continue;
        const gw_key *key = &s->keys.items[i];
        const char *text = gw_definition_text(f->arena, s, key->node);
        gw_buf columns = GW_BUF(f->arena);
        for (size_t k = 0; k < key->column_count; k++)
            gw_buf_addf(&columns, "%s%s", k ? ", " : "", key->columns[k]);
        *gw_vec_push(f->arena, &d->items) = (gw_conflict_column){
            gw_buf_str(&columns), is_first ? text : "", is_first ? "" : text};
    }
}

static void compare_tables(finding *f, differences *d, const gw_statement_seen *first,
                           const gw_statement_seen *second)
{
    for (size_t i = 0; i < first->columns.len; i++) {
        const gw_column *x = &first->columns.items[i].column, *y = column_of(second, x->name);
        if (!y || !same_column(f, first, x, second, y))
            add_column(f, d, first, x, second, y);
    }
    for (size_t i = 0; i < second->columns.len; i++) {
        const gw_column *y = &second->columns.items[i].column;
        if (!column_of(first, y->name))
            add_column(f, d, first, NULL, second, y);
    }
    compare_keys(f, d, first, second, true);
    compare_keys(f, d, second, first, false);
}

/* ---- made twice ------------------------------------------------------------------------------- */

static bool is_made(const gw_made_object *o)
{
    if (!gw_party_own(o->made) || o->made->script->script.down)
        return false;
    const gw_relation *r = o->kind == GW_OBJECT_RELATION ? (const gw_relation *)o : NULL;
    if (!r)
        return true;
    /* What a table brings along clashes with its table. */
    bool along = (r->index && r->index->of_key) ||
                 (r->kind == GW_REL_SEQUENCE && !gw_node_is(o->made->tree, "CreateSeqStmt"));
    return !r->temporary && !along;
}

static bool same_object(const gw_made_object *x, const gw_made_object *y)
{
    if (x->kind != y->kind || strcmp(x->name, y->name) != 0)
        return false;
    if (x->kind != GW_OBJECT_SCHEMA && x->kind != GW_OBJECT_EXTENSION &&
        (!x->schema || !y->schema || strcmp(x->schema, y->schema) != 0))
        return false;
    return x->kind != GW_OBJECT_FUNCTION || strcmp(((const gw_function *)x)->arguments,
                                                   ((const gw_function *)y)->arguments) == 0;
}

static bool is_table(const gw_made_object *o)
{
    return o->kind == GW_OBJECT_RELATION && ((const gw_relation *)o)->kind == GW_REL_TABLE &&
           gw_node_is(o->made->tree, "CreateStmt");
}

/* CREATE … IF NOT EXISTS: whatever is there under the name is taken for it. */
static void ignored(finding *f, const gw_made_object *x, const gw_made_object *y,
                    const differences *d)
{
    gw_conflict *c = report(f, "definition_ignored", object_name(f->arena, x), x->made, y->made);
    c->message = gw_printf(f->arena,
                           "both create it, and not as the same; %s's definition is ignored in "
                           "silence, for IF NOT EXISTS finds the other's",
                           f->b->name);
    c->hint = "let one of them own it; the other alters it, and says requires=VERSION";
    c->columns = d->items.items;
    c->column_count = d->items.len;
}

static void twice(finding *f, const gw_made_object *x, const gw_made_object *y,
                  const differences *d)
{
    gw_conflict *c = report(f, "created_twice", object_name(f->arena, x), x->made, y->made);
    c->message = gw_printf(f->arena, "both create it; the second, %s's, fails", f->b->name);
    c->hint = "let one of them own it, or give one of them another name";
    c->columns = d->items.items;
    c->column_count = d->items.len;
}

static void replaced(finding *f, const gw_made_object *x, const gw_made_object *y)
{
    gw_conflict *c = report(f, "replaced", object_name(f->arena, x), x->made, y->made);
    c->message = gw_printf(f->arena, "both create it, and not as the same; %s's takes the place "
                                     "of the other's in silence",
                           f->b->name);
    c->hint = "let one of them own it, or give one of them another name";
}

/* x runs first. */
static void made_twice(finding *f, const gw_made_object *x, const gw_made_object *y)
{
    differences d = {0};
    const gw_node *first = x->made->tree, *second = y->made->tree;
    if (x->gone && order_of(x->gone) <= order_of(y->made))
        return;
    if (is_table(x) && is_table(y))
        compare_tables(f, &d, x->made, y->made);
    if (gw_node_true(second, "replace") && strcmp(x->made->type, y->made->type) == 0) {
        if (!gw_same_tree(gw_node_get(first, "options"), gw_node_get(second, "options")) ||
            !gw_same_tree(gw_node_get(first, "query"), gw_node_get(second, "query")))
            replaced(f, x, y);
        return;
    }
    if (!gw_node_true(second, "if_not_exists")) {
        twice(f, x, y, &d);
        return;
    }
    bool other = strcmp(x->made->type, y->made->type) != 0;
    if (gw_node_is(second, "IndexStmt"))
        other |= !gw_same_tree(gw_node_get(first, "indexParams"), gw_node_get(second, "indexParams")) ||
                 !gw_same_tree(gw_node_get(first, "relation"), gw_node_get(second, "relation")) ||
                 !gw_same_tree(gw_node_get(first, "whereClause"), gw_node_get(second, "whereClause")) ||
                 gw_node_true(first, "unique") != gw_node_true(second, "unique");
    if (d.items.len || other)
        ignored(f, x, y, &d);
}

static void swap(finding *f)
{
    const gw_party *party = f->a;
    f->a = f->b;
    f->b = party;
}

static void find_made(finding *f)
{
    const gw_made_object_list *x = gw_model_objects(f->a->lint->model);
    const gw_made_object_list *y = gw_model_objects(f->b->lint->model);
    for (size_t i = 0; i < x->len; i++)
        for (size_t k = 0; k < y->len && is_made(x->items[i]); k++) {
            const gw_made_object *one = x->items[i], *two = y->items[k];
            if (!same_object(one, two) || !is_made(two))
                continue;
            if (order_of(one->made) <= order_of(two->made)) {
                made_twice(f, one, two);
            } else {
                swap(f);
                made_twice(f, two, one);
                swap(f);
            }
        }
}

static void column_twice(finding *f, const gw_party_column *x, const gw_party_column *y)
{
    bool same = same_column(f, x->statement, x->column, y->statement, y->column);
    if (y->if_not_exists && same)
        return;
    const char *object =
        gw_printf(f->arena, "column %s.%s.%s", x->schema, x->table, x->column->name);
    gw_conflict *c = report(f, y->if_not_exists ? "definition_ignored" : "created_twice", object,
                            x->statement, y->statement);
    c->message = y->if_not_exists
                     ? gw_printf(f->arena, "both add it, and not as the same; %s's definition is "
                                           "ignored in silence, for IF NOT EXISTS finds the other's",
                                 f->b->name)
                     : gw_printf(f->arena, "both add it; the second, %s's, fails", f->b->name);
    c->hint = "let one of them own it, or give one of them another name";
    differences d = {0};
    if (!same)
        add_column(f, &d, x->statement, x->column, y->statement, y->column);
    c->columns = d.items.items;
    c->column_count = d.items.len;
}

static void find_columns(finding *f)
{
    for (size_t i = 0; i < f->a->columns.len; i++)
        for (size_t k = 0; k < f->b->columns.len; k++) {
            const gw_party_column *x = &f->a->columns.items[i], *y = &f->b->columns.items[k];
            if (strcmp(x->table, y->table) != 0 || strcmp(x->schema, y->schema) != 0 ||
                strcmp(x->column->name, y->column->name) != 0)
                continue;
            bool first = order_of(x->statement) <= order_of(y->statement);
            if (!first)
                swap(f);
            column_twice(f, first ? x : y, first ? y : x);
            if (!first)
                swap(f);
        }
}

/* x runs first. */
static void part_twice(finding *f, const gw_party_part *x, const gw_party_part *y)
{
    if (y->replace && gw_party_part_same(x, y))
        return;
    gw_conflict *c = report(f, y->replace ? "replaced" : "created_twice",
                            gw_printf(f->arena, "%s %s on %s.%s", x->what, x->name, x->schema, x->table),
                            x->statement, y->statement);
    c->message = y->replace ? gw_printf(f->arena, "both create it, and not as the same; %s's takes the "
                                                  "place of the other's in silence",
                                        f->b->name)
                            : gw_printf(f->arena, "both create it; the second, %s's, fails", f->b->name);
    c->hint = "let one of them own it, or give one of them another name";
}

/* Triggers, policies, rules, constraints: their names are their table's. */
static void find_parts(finding *f)
{
    gw_party_parts a = {0}, b = {0};
    gw_party_parts_of(f->arena, f->a, &a);
    gw_party_parts_of(f->arena, f->b, &b);
    for (size_t i = 0; i < a.len; i++)
        for (size_t k = 0; k < b.len; k++) {
            const gw_party_part *x = &a.items[i], *y = &b.items[k];
            if (!gw_party_part_named_alike(x, y))
                continue;
            bool first = order_of(x->statement) <= order_of(y->statement);
            if (!first)
                swap(f);
            part_twice(f, first ? x : y, first ? y : x);
            if (!first)
                swap(f);
        }
}

/* ---- changed by one, used by the other ---------------------------------------------------------- */

static const gw_statement_seen *maker(const gw_party *party, const gw_party_change *change)
{
    const gw_made_object_list *list = gw_model_objects(party->lint->model);
    for (size_t i = 0; i < list->len; i++) {
        const gw_made_object *o = list->items[i];
        if (o->kind != change->kind || strcmp(o->name, change->name) != 0 ||
            !gw_party_own(o->made) || (o->schema && strcmp(o->schema, change->schema) != 0))
            continue;
        if (!change->column || column_of(o->made, change->column))
            return o->made;
    }
    return NULL;
}

static void changed(finding *f, const gw_party_change *change)
{
    static const char *const kinds[] = {[GW_OBJECT_RELATION] = "relation",
                                        [GW_OBJECT_TYPE] = "type",
                                        [GW_OBJECT_FUNCTION] = "function",
                                        [GW_OBJECT_SCHEMA] = "schema",
                                        [GW_OBJECT_EXTENSION] = "extension"};
    const gw_statement_seen *makes = maker(f->b, change);
    const gw_statement_seen *uses = makes ? makes : gw_party_uses(f->b, change);
    if (!uses)
        return;
    const char *object =
        change->column
            ? gw_printf(f->arena, "column %s.%s.%s", change->schema, change->name, change->column)
            : gw_printf(f->arena, "%s %s.%s", kinds[change->kind], change->schema, change->name);
    gw_conflict *c = report(f, "changed_under_the_other", object, change->statement, uses);
    c->message = gw_printf(f->arena, "%s %s what %s %s", f->a->name, change->verb, f->b->name,
                           makes ? "makes" : "uses");
    c->hint = "change it only when nothing uses it any more: first the other's files and code";
}

static bool same_thing(const gw_party_change *x, const gw_party_change *y)
{
    return x->kind == y->kind && strcmp(x->name, y->name) == 0 &&
           strcmp(x->schema, y->schema) == 0 && !x->column == !y->column &&
           (!x->column || strcmp(x->column, y->column) == 0);
}

static void find_changes(finding *f, bool first)
{
    for (size_t i = 0; i < f->a->changes.len; i++) {
        const gw_party_change *x = &f->a->changes.items[i];
        size_t k = 0;
        /* One finding an object: a DROP after an ALTER says no more. */
        while (k < i && !same_thing(&f->a->changes.items[k], x))
            k++;
        if (k == i)
            changed(f, x);
        for (k = 0; k < f->b->changes.len && first; k++) {
            const gw_party_change *y = &f->b->changes.items[k];
            if (!same_thing(x, y) || strcmp(x->verb, y->verb) != 0 ||
                gw_node_true(y->statement->tree, "missing_ok"))
                continue;
            const char *object = gw_printf(f->arena, "%s.%s%s%s", x->schema, x->name,
                                           x->column ? "." : "", x->column ? x->column : "");
            gw_conflict *c = report(f, "changed_twice", object, x->statement, y->statement);
            c->message = gw_printf(f->arena, "%s %s it, and so does %s", f->a->name, x->verb,
                                   f->b->name);
            c->hint = "leave it to one of them";
        }
    }
}

/* ---- an enum here, a text there ------------------------------------------------------------------ */

/* Names that mean something else in each table. */
static const char *const general[] = {"status", "state",  "type",     "kind",   "role", "level",
                                      "mode",   "reason", "category", "action", NULL};

static bool is_text(const gw_data_type *type)
{
    return gw_data_type_is(type, "varchar") || gw_data_type_is(type, "text") ||
           gw_data_type_is(type, "bpchar");
}

static bool has_label(const gw_type_object *type, const char *text)
{
    for (size_t i = 0; text && i < type->labels.len; i++)
        if (strcmp(type->labels.items[i].text, text) == 0)
            return true;
    return false;
}

/* "orders" and "status" → "order_status" */
static const char *concept_of(gw_arena *arena, const char *table, const char *column)
{
    size_t len = strlen(table);
    bool plural = len > 3 && table[len - 1] == 's' && table[len - 2] != 's';
    return gw_printf(arena, "%.*s_%s", (int)(len - plural), table, column);
}

static const char *default_label(const gw_column *c)
{
    const gw_node *node = c->fallback;
    while (gw_node_is(node, "TypeCast"))
        node = gw_node_get(node, "arg");
    return gw_node_string(node);
}

static bool same_concept(finding *f, const gw_relation *t, const gw_column *c,
                         const gw_type_object *type, const gw_relation *other,
                         const gw_column *text)
{
    const char *concept = concept_of(f->arena, other->object.name, text->name);
    if (strcmp(text->name, type->object.name) == 0 || strcmp(concept, type->object.name) == 0)
        return true;
    if (strcmp(c->name, text->name) != 0)
        return strcmp(concept_of(f->arena, t->object.name, c->name), text->name) == 0;
    return !gw_one_of(c->name, general) || strcmp(t->object.name, other->object.name) == 0 ||
           has_label(type, default_label(text));
}

static void enum_against_text(finding *f, const gw_relation *t, const gw_column *c,
                              const gw_type_object *type)
{
    const gw_made_object_list *list = gw_model_objects(f->b->lint->model);
    for (size_t i = 0; i < list->len; i++) {
        const gw_relation *other = (const gw_relation *)list->items[i];
        if (list->items[i]->kind != GW_OBJECT_RELATION || other->kind != GW_REL_TABLE ||
            list->items[i]->gone)
            continue;
        for (size_t k = 0; k < other->columns.len; k++) {
            const gw_column *text = &other->columns.items[k];
            if (text->gone || !gw_party_own(text->made) || !is_text(&text->type) ||
                !same_concept(f, t, c, type, other, text))
                continue;
            gw_conflict *found = report(
                f, "enum_against_text",
                gw_printf(f->arena, "column %s.%s.%s", t->object.schema, t->object.name, c->name),
                c->made, text->made);
            found->first = place(f->a, c->made, c->node);
            found->second = place(f->b, text->made, text->node);
            found->message = gw_printf(f->arena, "%s has it as the enum %s, %s has %s.%s as %s",
                                       f->a->name, type->object.name, f->b->name,
                                       other->object.name, text->name,
                                       gw_data_type_text(f->arena, &text->type));
            found->hint = "use the enum in both, or text in both";
        }
    }
}

static void find_enums(finding *f)
{
    const gw_made_object_list *list = gw_model_objects(f->a->lint->model);
    for (size_t i = 0; i < list->len; i++) {
        const gw_relation *t = (const gw_relation *)list->items[i];
        if (list->items[i]->kind != GW_OBJECT_RELATION || t->kind != GW_REL_TABLE ||
            list->items[i]->gone)
            continue;
        for (size_t k = 0; k < t->columns.len; k++) {
            const gw_column *c = &t->columns.items[k];
            const gw_type_object *type =
                gw_model_type(f->a->lint->model, c->type.schema, c->type.name);
            if (!c->gone && gw_party_own(c->made) && type && type->is_enum)
                enum_against_text(f, t, c, type);
        }
    }
}

/* ---- all ------------------------------------------------------------------------------------------- */

static void compare(finding *f)
{
    find_made(f);
    find_columns(f);
    find_parts(f);
    for (int side = 0; side < 2; side++) {
        find_changes(f, side == 0);
        find_enums(f);
        swap(f);
    }
}

void gw_conflicts_find(gw_arena *arena, const gw_party_script *scripts, size_t count,
                       gw_conflict_list *out)
{
    GW_VEC(gw_party *) parties = {0};
    for (size_t i = 0; i < count; i++) {
        bool known = !scripts[i].party;
        for (size_t k = 0; k < parties.len && !known; k++)
            known = strcmp(parties.items[k]->name, scripts[i].party) == 0;
        if (!known)
            *gw_vec_push(arena, &parties) =
                gw_party_follow(arena, scripts[i].party, scripts, count);
    }
    for (size_t a = 0; a < parties.len; a++)
        for (size_t b = a + 1; b < parties.len; b++) {
            finding f = {arena, parties.items[a], parties.items[b], out};
            compare(&f);
        }
    size_t kept = 0;
    for (size_t i = 0; i < out->len; i++)
        if (!out->items[i].ignored)
            out->items[kept++] = out->items[i];
    out->len = kept;
}
