#include <string.h>

#include "schema/kinds/kinds.h"

enum { LABELS };
static const gw_attr attrs[] = {{"labels", 0}, {NULL, 0}};

typedef GW_VEC(const char *) labels;

/* 'a', 'b' → each literal. */
static labels read_labels(gw_arena *arena, const char *text)
{
    labels list = {0};
    for (const char *p = text ? text : ""; *p;) {
        const char *end = p + (*p == ' ' ? 1 : 0) + (*p == 'E' || (*p == ' ' && p[1] == 'E'));
        for (end++; *end; end++) {
            if (*end != '\'')
                continue;
            if (end[1] != '\'')
                break;
            end++;
        }
        if (*end)
            end++;
        *gw_vec_push(arena, &list) = gw_strndup(arena, p, (size_t)(end - p));
        p = strncmp(end, ", ", 2) == 0 ? end + 2 : end + strlen(end);
    }
    return list;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TYPE %s AS ENUM (%s)", o->ref,
               o->values[LABELS] ? o->values[LABELS] : "");
}

/* Labels can be added anywhere; none can be taken away or moved. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    gw_arena *scratch = gw_arena_new();
    labels old = read_labels(scratch, x->values[LABELS]);
    labels new = read_labels(scratch, y->values[LABELS]);
    size_t found = 0;
    for (size_t i = 0; i < new.len && found < old.len; i++)
        found += strcmp(new.items[i], old.items[found]) == 0;
    bool all = found == old.len;
    gw_arena_free(scratch);
    return all;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    labels old = read_labels(ddl->arena, x->values[LABELS]);
    labels new = read_labels(ddl->arena, y->values[LABELS]);
    size_t at = 0;
    for (size_t i = 0; i < new.len; i++) {
        if (at < old.len && strcmp(new.items[i], old.items[at]) == 0) {
            at++;
            continue;
        }
        if (at == old.len)
            gw_ddl_add(ddl, GW_DDL_OWN_TX, "ALTER TYPE %s ADD VALUE %s", y->ref, new.items[i]);
        else
            gw_ddl_add(ddl, GW_DDL_OWN_TX, "ALTER TYPE %s ADD VALUE %s BEFORE %s", y->ref,
                       new.items[i], old.items[at]);
    }
}

const gw_kind gw_kind_enum = {
    .name = "enum",
    .keyword = "TYPE",
    .grant_word = "TYPE",
    .sql = &gw_sql_enums,
    .classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
    .set_aside = gw_set_aside,
    .drop_aside = gw_drop_aside,
};
