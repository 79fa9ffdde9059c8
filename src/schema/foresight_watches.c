/* Event triggers: what DDL sets off. */
#include <string.h>

#include "base/json.h"
#include "pg/query.h"
#include "schema/foresight_impl.h"
#include "sql/quote.h"
#include "sql_schema.h"

static const char *shown(gw_arena *arena, const char *name)
{
    return gw_printf(arena, "event trigger %s", gw_display_name(arena, NULL, name));
}

bool gw_watches_read(gw_foresight *f, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_watch, name)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_watch, schema)},
        {"function", GW_COL_TEXT, true, offsetof(gw_watch, function)},
        {"tags", GW_COL_TEXT, false, offsetof(gw_watch, tags_json)},
        {"events", GW_COL_INT, true, offsetof(gw_watch, events)},
        {"off", GW_COL_BOOL, true, offsetof(gw_watch, off)},
    };
    gw_result result;
    gw_watch *rows;
    if (!gw_query(f->session, f->arena, &gw_sql_loss_watches, NULL, 0, &result, err) ||
        !gw_rows(f->arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        json_t *tags = rows[i].tags_json ? json_loads(rows[i].tags_json, 0, NULL) : NULL;
        rows[i].tags = tags ? gw_json_own(f->arena, tags) : NULL;
        rows[i].by = shown(f->arena, rows[i].name);
        rows[i].last = SIZE_MAX;
        *gw_vec_push(f->arena, &f->watches) = rows[i];
    }
    return true;
}

static void make(gw_foresight *f, const gw_effect *effect)
{
    gw_watch *watch = gw_vec_push(f->arena, &f->watches);
    *watch = (gw_watch){.name = effect->column,
                        .by = shown(f->arena, effect->column),
                        .schema = effect->to_schema,
                        .function = effect->to,
                        .events = effect->events,
                        .last = SIZE_MAX};
    if (effect->sets)
        watch->tags = gw_json_own(f->arena, json_array());
    for (const char **tag = effect->sets; tag && *tag; tag++)
        json_array_append_new(watch->tags, gw_json_text(*tag));
}

void gw_watches_follow(gw_foresight *f, const gw_effect *effect)
{
    if (!effect->column)
        return;
    for (size_t i = 0; i < f->watches.len; i++)
        if (strcmp(f->watches.items[i].name, effect->column) == 0)
            f->watches.items[i].off = effect->kind != GW_EFFECT_STARTS_WATCH;
    if (effect->kind == GW_EFFECT_MAKES_WATCH)
        make(f, effect);
}

static bool concerns(const gw_watch *watch, const gw_effect *cause)
{
    bool named = !watch->tags;
    size_t i;
    json_t *tag;
    json_array_foreach(watch->tags, i, tag)
        named |= json_is_string(tag) && strcmp(json_string_value(tag), cause->to) == 0;
    return named && !watch->off && (watch->events & cause->events);
}

/* Whether a table is written anew no text says for certain: nor what goes because of it. */
static void only_may(gw_foresight *f, size_t from)
{
    for (size_t i = from; i < f->effects->len; i++)
        if (f->effects->items[i].kind == GW_EFFECT_DELETES)
            f->effects->items[i].kind = GW_EFFECT_DELETES_SOME;
}

bool gw_watches_go_off(gw_foresight *f, size_t at, size_t top, gw_err *err)
{
    const gw_effect cause = f->effects->items[at];
    for (size_t i = 0; i < f->watches.len; i++) {
        gw_watch *watch = &f->watches.items[i];
        size_t from = f->effects->len;
        if (watch->last == top || !concerns(watch, &cause))
            continue;
        watch->last = top; /* once for each statement, also where they set off each other */
        if (!gw_fires_run(f, watch->schema, watch->function, NULL, watch->by, top, err))
            return false;
        if (watch->events == GW_ON_REWRITE)
            only_may(f, from);
    }
    return true;
}
