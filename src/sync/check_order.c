/* Which entity needs which: references, foreign keys, depends_on; the order, and what breaks a cycle. */
#include <string.h>

#include "sync/checker.h"

enum { NOBODY = -1 };

/* `from` has to wait for `to`, and why. */
typedef struct edge {
    size_t from, to;
    gw_field_plan *field; /* that may stay NULL until a second pass; NULL: nothing may */
    bool deletes;         /* of deletes alone: no field fills it, and no cycle is broken for it */
    unsigned line, col;
    bool removed;
} edge;

typedef struct order {
    gw_checker *c;
    GW_VEC(edge) edges;
    bool *done;
} order;

/* ---- finding entities ---------------------------------------------------------------------------- */

static const gw_mapping *mapping_named(gw_checker *c, const char *entity, long *index)
{
    *index = NOBODY;
    for (size_t i = 0; i < c->mappings->len; i++)
        if (strcmp(c->mappings->items[i].entity.text, entity) == 0) {
            *index = (long)i;
            return &c->mappings->items[i];
        }
    for (size_t i = 0; c->others && i < c->others->len; i++)
        if (strcmp(c->others->items[i].entity.text, entity) == 0)
            return &c->others->items[i];
    return NULL;
}

static bool same_table(const gw_mapping *mapping, const char *schema, const char *name)
{
    return strcmp(mapping->destination.table.schema, schema) == 0 &&
           strcmp(mapping->destination.table.name, name) == 0;
}

static const gw_mapping *mapping_into(gw_checker *c, const char *schema, const char *name,
                                      long *index)
{
    *index = NOBODY;
    for (size_t i = 0; i < c->mappings->len; i++)
        if (same_table(&c->mappings->items[i], schema, name)) {
            *index = (long)i;
            return &c->mappings->items[i];
        }
    for (size_t i = 0; c->others && i < c->others->len; i++)
        if (same_table(&c->others->items[i], schema, name))
            return &c->others->items[i];
    return NULL;
}

static void unknown_entity(gw_checker *c, const gw_said *said)
{
    size_t others = c->others ? c->others->len : 0;
    const char **names = gw_alloc_array(c->arena, c->mappings->len + others + 1, sizeof *names);
    for (size_t i = 0; i < c->mappings->len; i++)
        names[i] = c->mappings->items[i].entity.text;
    for (size_t i = 0; i < others; i++)
        names[c->mappings->len + i] = c->others->items[i].entity.text;
    gw_find(c, true, said->line, said->col, "there is no entity \"%s\"", said->text);
    const char *meant = gw_did_you_mean(said->text, names);
    if (meant)
        gw_finding_hint(c, "did you mean \"%s\"?", meant);
    else
        gw_finding_hint(c, "it has to be among the mappings that are checked, or registered");
}

/* ---- edges ------------------------------------------------------------------------------------------ */

static gw_field_plan *plan_of(gw_entity_plan *entity, const char *to)
{
    for (size_t i = 0; i < entity->mapping->fields.len; i++)
        if (strcmp(entity->fields[i].field->to.text, to) == 0)
            return &entity->fields[i];
    return NULL;
}

/* May the field's column be NULL for a while? */
static bool may_wait(const gw_entity_plan *entity, const gw_field_plan *plan)
{
    const gw_source_column *column =
        gw_source_column_of(&entity->destination, plan->field->to.text);
    return column && !column->not_null && !plan->field->required &&
           !plan->field->default_value.text && plan->field->kind != GW_FIELD_VALUE;
}

static void add_edge(order *o, size_t from, long to, gw_field_plan *field, unsigned line,
                     unsigned col)
{
    if (to != NOBODY)
        *gw_vec_push(o->c->arena, &o->edges) =
            (edge){.from = from, .to = (size_t)to, .field = field, .line = line, .col = col};
}

static void edges_of_depends(order *o, size_t from)
{
    gw_checker *c = o->c;
    for (size_t i = 0; i < c->mapping->depends_on.len; i++) {
        const gw_said *said = &c->mapping->depends_on.items[i];
        long to;
        if (!mapping_named(c, said->text, &to))
            unknown_entity(c, said);
        add_edge(o, from, to, NULL, said->line, said->col);
    }
}

/* New ids that are UUIDs go into a column that takes them. */
static void check_reference_type(gw_checker *c, const gw_map_field *field, const gw_mapping *target)
{
    const gw_source_column *to = gw_source_column_of(&c->entity->destination, field->to.text);
    bool uuids = target->identity == GW_IDENTITY_UUID_V5 || target->identity == GW_IDENTITY_UUID_V7;
    if (!uuids || !to || *to->type.category == 'S' || strcmp(to->type.base_type, "uuid") == 0)
        return;
    gw_find(c, true, field->to.line, field->to.col, "\"%s\" is %s, and the ids of %s are UUIDs",
            to->name, to->type.type, target->entity.text);
}

static void edges_of_references(order *o, size_t from)
{
    gw_checker *c = o->c;
    for (size_t i = 0; i < c->mapping->fields.len; i++) {
        const gw_map_field *field = &c->mapping->fields.items[i];
        gw_field_plan *plan = &c->entity->fields[i];
        long to;
        if (field->kind != GW_FIELD_REFERENCE)
            continue;
        const gw_mapping *target = mapping_named(c, field->reference.text, &to);
        if (target)
            plan->target = target;
        if (!target)
            unknown_entity(c, &field->reference);
        else if (target->source.key.len != field->from.len)
            gw_find(c, true, field->reference.line, field->reference.col,
                    "the key of %s has %zu columns, and \"from\" names %zu", target->entity.text,
                    target->source.key.len, field->from.len);
        else
            check_reference_type(c, field, target);
        if (to != NOBODY && target->source.key.len == field->from.len)
            plan->reference_key =
                gw_reference_key_sql(c->arena, c->entity, &c->out->entities[to], field);
        add_edge(o, from, to, may_wait(c->entity, plan) ? plan : NULL, field->reference.line,
                 field->reference.col);
    }
}

/* Nothing brings the rows that this key points to: are there any? */
static bool unmapped_target(gw_checker *c, const gw_source_foreign_key *key, const gw_said *place,
                            gw_err *err)
{
    gw_mapping_table table = {.schema = key->target_schema, .name = key->target_name};
    gw_result result;
    gw_err problem = {0};
    const char *shown = gw_mapping_table_shown(c->arena, &table);
    const char *text = gw_printf(c->arena, "SELECT 1 FROM %s LIMIT 1",
                                 gw_mapping_table_sql(c->arena, &table));
    gw_tried how = gw_try_query(c, c->destination, text, &result, &problem, err);
    gw_err_clear(&problem);
    if (how == GW_TRIED_FAILED)
        return false;
    bool empty = how == GW_TRIED_OK && !result.rows;
    gw_find(c, empty, place->line, place->col,
            empty ? "\"%s\" points to %s (foreign key %s), which is empty, and no entity goes into it"
                  : "\"%s\" points to %s (foreign key %s), into which no entity goes: its rows "
                    "have to be there already", place->text, shown, key->name);
    if (empty)
        gw_finding_hint(c, "map that table too, or fill it before");
    return true;
}

static bool edge_of_key(order *o, size_t from, const gw_source_foreign_key *key, gw_err *err)
{
    gw_checker *c = o->c;
    gw_field_plan *waits = NULL, *first = NULL;
    for (size_t i = 0; i < key->columns.len; i++) {
        gw_field_plan *plan = plan_of(c->entity, key->columns.items[i]);
        if (!plan)
            continue;
        if (!first)
            first = plan;
        if (!waits && may_wait(c->entity, plan))
            waits = plan;
    }
    if (!first || (first->field->kind == GW_FIELD_VALUE && !first->field->value.text))
        return true;
    const gw_said *place = &first->field->to;
    long to;
    const gw_mapping *target = mapping_into(c, key->target_schema, key->target_name, &to);
    if (!target)
        return unmapped_target(c, key, place, err);
    if (first->field->kind == GW_FIELD_COPY && gw_mapping_has_id_map(target)) {
        gw_find(c, true, place->line, place->col,
                "\"%s\" points to %s (foreign key %s), whose ids change: the old ones would be copied",
                place->text, target->entity.text, key->name);
        gw_finding_hint(c, "add reference: %s", target->entity.text);
    }
    if (to == (long)from && !waits && key->deferrable)
        return true;
    add_edge(o, from, to, waits, place->line, place->col);
    return true;
}

/* Whoever fills it: rows that refer have to go before those that they refer to. */
static void edge_of_deletes(order *o, size_t from, const gw_source_foreign_key *key)
{
    const gw_said *place = &o->c->mapping->entity;
    long to;
    for (size_t i = 0; i < key->columns.len; i++) {
        const gw_field_plan *plan = plan_of(o->c->entity, key->columns.items[i]);
        if (plan && (plan->field->kind != GW_FIELD_VALUE || plan->field->value.text))
            return;
    }
    mapping_into(o->c, key->target_schema, key->target_name, &to);
    if (to == NOBODY || to == (long)from)
        return;
    add_edge(o, from, to, NULL, place->line, place->col);
    o->edges.items[o->edges.len - 1].deletes = true;
}

/* ---- cycles -------------------------------------------------------------------------------------------- */

static edge *waiting_edge(order *o, size_t from)
{
    for (size_t i = 0; i < o->edges.len; i++) {
        edge *e = &o->edges.items[i];
        if (e->from == from && !e->removed && !o->done[e->to])
            return e;
    }
    return NULL;
}

/* Every edge of a pair goes, and its fields wait (none does where `waits` is false); false where one of
 * them cannot. */
static bool break_pair(order *o, size_t from, size_t to, bool waits)
{
    for (size_t i = 0; i < o->edges.len; i++) {
        const edge *e = &o->edges.items[i];
        if (e->from == from && e->to == to && !e->removed && !e->deletes && !(waits && e->field))
            return false;
    }
    for (size_t i = 0; i < o->edges.len; i++) {
        edge *e = &o->edges.items[i];
        if (e->from == from && e->to == to && !e->removed) {
            e->removed = true;
            if (e->field)
                e->field->second_pass = true;
        }
    }
    return true;
}

/* Nobody can go next: follow who waits for whom until one comes twice; break it, or say so. */
static void break_cycle(order *o)
{
    gw_checker *c = o->c;
    size_t count = c->out->entity_count, start = 0, len = 0;
    edge **path = gw_alloc_array(c->arena, count + 1, sizeof(edge *));
    bool *seen = gw_alloc_array(c->arena, count, sizeof *seen);
    while (o->done[start])
        start++;
    for (size_t at = start; !seen[at]; at = path[len - 1]->to) {
        seen[at] = true;
        path[len++] = waiting_edge(o, at);
    }
    size_t first = 0, again = path[len - 1]->to;
    while (path[first]->from != again)
        first++;
    for (int waits = 0; waits < 2; waits++)
        for (size_t i = first; i < len; i++)
            if (break_pair(o, path[i]->from, path[i]->to, waits))
                return;
    gw_buf text = GW_BUF(c->arena);
    for (size_t i = first; i < len; i++)
        gw_buf_addf(&text, "%s → ", c->out->entities[path[i]->from].mapping->entity.text);
    gw_buf_add(&text, c->out->entities[again].mapping->entity.text);
    c->entity = &c->out->entities[path[first]->from];
    c->mapping = c->entity->mapping;
    gw_find(c, true, path[first]->line, path[first]->col, "these entities need each other: %s",
            gw_buf_str(&text));
    gw_finding_hint(c, "let one of the columns be NULL for a while (in the destination, and no "
                       "\"required\"), or make its foreign key deferrable");
    for (size_t i = 0; i < o->edges.len; i++)
        if (o->edges.items[i].from == path[first]->from && o->edges.items[i].to == path[first]->to)
            o->edges.items[i].removed = true;
}

/* The order of the files, as far as needs allow it. */
static void put_in_order(order *o)
{
    gw_check *out = o->c->out;
    size_t count = out->entity_count, ordered = 0;
    gw_entity_plan *entities = gw_alloc_array(o->c->arena, count, sizeof *entities);
    size_t *places = gw_alloc_array(o->c->arena, count, sizeof *places);
    while (ordered < count) {
        size_t next = 0;
        while (next < count && (o->done[next] || waiting_edge(o, next)))
            next++;
        if (next == count) {
            break_cycle(o);
            continue;
        }
        o->done[next] = true;
        places[ordered++] = next;
    }
    for (size_t i = 0; i < count; i++)
        entities[i] = out->entities[places[i]];
    out->entities = entities;
}

static bool is_among(const gw_source_names *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

static void note_needs(order *o)
{
    gw_check *out = o->c->out;
    for (size_t i = 0; i < o->edges.len; i++) {
        const edge *e = &o->edges.items[i];
        gw_entity_plan *entity = &out->entities[e->from];
        gw_source_names *names = e->deletes ? &entity->refers : &entity->needs;
        const char *name = out->entities[e->to].mapping->entity.text;
        if (!e->removed && e->from != e->to && !is_among(names, name))
            *gw_vec_push(o->c->arena, names) = name;
    }
}

bool gw_check_order(gw_checker *c, gw_err *err)
{
    order o = {.c = c,
               .done = gw_alloc_array(c->arena, c->mappings->len, sizeof(bool))};
    for (size_t i = 0; i < c->mappings->len; i++) {
        c->entity = &c->out->entities[i];
        c->mapping = c->entity->mapping;
        for (size_t k = 0; k < i; k++)
            if (same_table(&c->mappings->items[k], c->mapping->destination.table.schema,
                           c->mapping->destination.table.name))
                gw_find(c, false, c->mapping->destination.table.line,
                        c->mapping->destination.table.col, "%s goes into the same table",
                        c->mappings->items[k].entity.text);
        edges_of_depends(&o, i);
        edges_of_references(&o, i);
        for (size_t k = 0; k < c->entity->destination.foreign_key_count; k++)
            if (!edge_of_key(&o, i, &c->entity->destination.foreign_keys[k], err))
                return false;
        for (size_t k = 0; k < c->entity->destination.foreign_key_count; k++)
            edge_of_deletes(&o, i, &c->entity->destination.foreign_keys[k]);
    }
    /* Needs are noted by place in the files, before the entities are put in order. */
    gw_entity_plan *unordered = c->out->entities;
    put_in_order(&o);
    gw_entity_plan *ordered = c->out->entities;
    c->out->entities = unordered;
    note_needs(&o);
    for (size_t i = 0; i < c->out->entity_count; i++)
        for (size_t k = 0; k < c->out->entity_count; k++)
            if (ordered[i].mapping == unordered[k].mapping)
                ordered[i] = unordered[k];
    c->out->entities = ordered;
    return true;
}
