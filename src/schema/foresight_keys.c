/* Foreign keys that the run makes and drops: by them a later DELETE or TRUNCATE … CASCADE reaches further,
 * or not that far. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "schema/foresight_impl.h"
#include "sql/quote.h"

/* The child's columns as the database has them, where it has all of them. */
static void find_columns(gw_foresight *f, const gw_effect *effect, gw_thing *child, gw_fire *fire)
{
    gw_buf names = GW_BUF(f->arena), set = GW_BUF(f->arena);
    bool known = true;
    for (const char **name = effect->sets; name && *name; name++) {
        const gw_thing_column *column = gw_names_column(child, *name);
        bool there = column && column->number;
        known = known && there;
        fire->fresh = fire->fresh || (column && !there && !column->has_default);
        const char *was = gw_quote_ident(f->arena, there ? column->was : *name);
        gw_buf_addf(&names, "%s%s", names.len ? ", " : "", was);
        gw_buf_addf(&set, "%s%s IS NOT NULL", set.len ? " AND " : "", was);
    }
    fire->columns = gw_buf_str(&names);
    fire->columns_set = known && set.len ? gw_buf_str(&set) : NULL;
    fire->column = effect->sets ? effect->sets[0] : NULL;
}

/* Exactly which rows refer is known where the key says which columns it refers to, and all are as they were. */
static void find_referred(gw_foresight *f, const gw_effect *effect, gw_thing *parent, gw_fire *fire)
{
    gw_buf names = GW_BUF(f->arena);
    for (const char **name = effect->refers; name && *name; name++) {
        const gw_thing_column *column = gw_names_column(parent, *name);
        if (!column || !column->number)
            return;
        gw_buf_addf(&names, "%s%s", names.len ? ", " : "", gw_quote_ident(f->arena, column->was));
    }
    if (!names.len || !fire->columns_set)
        return;
    fire->referenced = gw_quote_name(f->arena, parent->was_schema, parent->was_name);
    fire->referenced_columns = gw_buf_str(&names);
}

static void arm(gw_foresight *f, const gw_effect *effect, gw_thing *child, gw_thing *parent)
{
    gw_fire fire = {.thing = parent,
                    .what = "cascade",
                    .name = effect->column ? effect->column : effect->sets ? effect->sets[0] : "",
                    .shown = gw_display_name(f->arena, parent->schema, parent->name),
                    .child = child,
                    .last = SIZE_MAX};
    fire.by = effect->column ? gw_fire_shown(f->arena, &fire)
                             : gw_printf(f->arena, "the foreign key of %s to %s",
                                         gw_display_name(f->arena, child->schema, child->name),
                                         fire.shown);
    find_columns(f, effect, child, &fire);
    find_referred(f, effect, parent, &fire);
    *gw_vec_push(f->arena, &f->keys) = (gw_key){child, parent, effect->column, fire.by, false};
    fire.events = GW_ON_DELETE;
    if (effect->cascade)
        *gw_vec_push(f->arena, &f->fires) = fire;
    fire.what = "reset";
    fire.events = effect->resets;
    if (!fire.referenced_columns) /* which UPDATE it is about is not known */
        fire.events &= GW_ON_DELETE;
    if (fire.events && fire.columns_set)
        *gw_vec_push(f->arena, &f->fires) = fire;
}

static void stop(gw_foresight *f, const gw_effect *effect, const gw_thing *child)
{
    for (size_t i = 0; i < f->fires.len; i++) {
        gw_fire *fire = &f->fires.items[i];
        bool key = *fire->what == 'c' || strcmp(fire->what, "reset") == 0;
        if (key && (fire->child ? fire->child == child : child->oid && fire->other == child->oid) &&
            strcmp(fire->name, effect->column) == 0)
            fire->off = true;
    }
    for (size_t i = 0; i < f->keys.len; i++) {
        gw_key *key = &f->keys.items[i];
        if (key->child == child && key->name && strcmp(key->name, effect->column) == 0)
            key->off = true;
    }
    json_t *one = json_object();
    json_object_set_new(one, "table", json_integer(child->oid));
    json_object_set_new(one, "name", gw_json_text(effect->column));
    json_array_append_new(f->stopped, one);
}

void gw_keys_follow(gw_foresight *f, const gw_effect *effect)
{
    gw_thing *child = gw_names_find(f, "r", effect->schema, effect->name);
    if (effect->kind == GW_EFFECT_STOPS_CONSTRAINT) {
        if (child && effect->column)
            stop(f, effect, child);
        return;
    }
    gw_thing *parent = gw_names_find(f, "r", effect->to_schema, effect->to);
    if (child && parent)
        arm(f, effect, child, parent);
}
