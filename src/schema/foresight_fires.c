/* What is set off beside the table that a statement writes to: triggers, rules, foreign keys,
 * views. */
#include <string.h>

#include "base/json.h"
#include "pg/query.h"
#include "schema/foresight_impl.h"
#include "schema/internal.h"
#include "sql/quote.h"
#include "sql_schema.h"

bool gw_foresight_waits(gw_session *session, gw_arena *arena, gw_foresight_waiting *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"found", GW_COL_BOOL, true, offsetof(gw_foresight_waiting, rows)},
        {"commands", GW_COL_BOOL, true, offsetof(gw_foresight_waiting, commands)},
    };
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_loss_fires_any, NULL, 0, &result, err) ||
        !gw_row(arena, &result, cols, 2, out, err))
        return gw_err_context(err, "looking for triggers, rules and foreign keys");
    return true;
}

const char *gw_fire_shown(gw_arena *arena, const gw_fire *fire)
{
    bool key = *fire->what == 'c' || strcmp(fire->what, "reset") == 0;
    const char *name = gw_display_name(arena, NULL, fire->name);
    if (*fire->what == 'v')
        return gw_printf(arena, "view %s", fire->shown);
    return gw_printf(arena, "%s %s %s %s", key ? "foreign key" : fire->what, name,
                     key ? "to" : "on", fire->shown);
}

bool gw_fires_read(gw_foresight *f, const char *names, gw_err *err)
{
    static const gw_col cols[] = {
        {"relation", GW_COL_INT, true, offsetof(gw_fire, relation)},
        {"what", GW_COL_TEXT, true, offsetof(gw_fire, what)},
        {"name", GW_COL_TEXT, true, offsetof(gw_fire, name)},
        {"shown", GW_COL_TEXT, true, offsetof(gw_fire, shown)},
        {"events", GW_COL_INT, true, offsetof(gw_fire, events)},
        {"instead", GW_COL_BOOL, true, offsetof(gw_fire, instead)},
        {"off", GW_COL_BOOL, true, offsetof(gw_fire, off)},
        {"schema", GW_COL_TEXT, false, offsetof(gw_fire, schema)},
        {"function", GW_COL_TEXT, false, offsetof(gw_fire, function)},
        {"text", GW_COL_TEXT, false, offsetof(gw_fire, text)},
        {"other", GW_COL_INT, true, offsetof(gw_fire, other)},
        {"other_name", GW_COL_TEXT, false, offsetof(gw_fire, other_name)},
        {"columns", GW_COL_TEXT, false, offsetof(gw_fire, columns)},
        {"columns_set", GW_COL_TEXT, false, offsetof(gw_fire, columns_set)},
        {"column_name", GW_COL_TEXT, false, offsetof(gw_fire, column)},
        {"referenced", GW_COL_TEXT, false, offsetof(gw_fire, referenced)},
        {"referenced_columns", GW_COL_TEXT, false, offsetof(gw_fire, referenced_columns)},
    };
    gw_param param = gw_p_text(names);
    gw_result result;
    gw_fire *rows;
    if (!gw_query(f->session, f->arena, &gw_sql_loss_fires, &param, 1, &result, err) ||
        !gw_rows(f->arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        rows[i].thing = NULL;
        rows[i].child = NULL;
        rows[i].fresh = rows[i].silent = false;
        rows[i].by = gw_fire_shown(f->arena, &rows[i]);
        rows[i].last = SIZE_MAX;
        *gw_vec_push(f->arena, &f->fires) = rows[i];
    }
    return true;
}

/* ---- what the run makes of them -----------------------------------------------------------------
 */

static bool waits_on(const gw_fire *fire, const gw_thing *thing)
{
    return fire->thing ? fire->thing == thing : thing->oid && fire->relation == thing->oid;
}

static void arm(gw_foresight *f, const gw_effect *effect, const gw_thing *thing)
{
    bool rule = effect->kind == GW_EFFECT_MAKES_RULE;
    gw_fire *fire = gw_vec_push(f->arena, &f->fires);
    *fire = (gw_fire){.thing = thing,
                      .what = rule ? "rule" : "trigger",
                      .name = effect->column ? effect->column : "",
                      .shown = gw_display_name(f->arena, thing->schema, thing->name),
                      .events = effect->events,
                      .instead = rule && effect->expression,
                      .schema = effect->to_schema,
                      .function = rule ? NULL : effect->to,
                      .text = rule ? effect->to : NULL,
                      .last = SIZE_MAX};
    fire->by = gw_fire_shown(f->arena, fire);
}

/* DISABLE TRIGGER ALL of a table that is referred to: nothing is deleted or reset by the key. Of a partitioned
 * one, and of one that a parent stands for, versions differ: they are taken to go off. */
static void silence(gw_foresight *f, const gw_effect *effect, const gw_thing *thing)
{
    const char *was = gw_printf(f->arena, "%s.%s", thing->was_schema, thing->was_name);
    for (size_t i = 0; i < f->fires.len; i++) {
        gw_fire *fire = &f->fires.items[i];
        bool key = *fire->what == 'c' || strcmp(fire->what, "reset") == 0;
        if (key && *thing->kind != 'p' && waits_on(fire, thing) &&
            (fire->thing || strcmp(fire->shown, was) == 0))
            fire->silent = effect->kind == GW_EFFECT_STOPS_TRIGGER;
    }
}

void gw_fires_follow(gw_foresight *f, const gw_effect *effect)
{
    const gw_thing *thing = gw_names_find(f, "r", effect->schema, effect->name);
    bool made = effect->kind == GW_EFFECT_MAKES_TRIGGER || effect->kind == GW_EFFECT_MAKES_RULE;
    if (!thing)
        return;
    for (size_t i = 0; i < f->fires.len; i++) {
        gw_fire *fire = &f->fires.items[i];
        bool named = effect->column && strcmp(fire->name, effect->column) == 0;
        if (waits_on(fire, thing) && (*fire->what == 't' || (*fire->what == 'r' && fire->text)) &&
            (named || (!effect->column && *fire->what == 't')))
            fire->off = effect->kind != GW_EFFECT_STARTS_TRIGGER; /* OR REPLACE: the old one goes */
    }
    if (effect->cascade && !effect->by)
        silence(f, effect, thing);
    if (made)
        arm(f, effect, thing);
}

/* ---- what goes off
 * ---------------------------------------------------------------------------------- */

static gw_effect *set_off(gw_foresight *f, gw_effect_kind kind, const gw_thing *thing,
                          unsigned events, const char *by)
{
    gw_effect *effect = gw_vec_push(f->arena, f->effects);
    *effect = (gw_effect){
        .kind = kind, .schema = thing->schema, .name = thing->name, .events = events, .by = by};
    return effect;
}

/* The run has changed nothing that a condition on the table could ask of. */
static bool as_it_was(const gw_thing *thing)
{
    if (thing->written || thing->moved)
        return false;
    for (size_t i = 0; i < thing->columns.len; i++) {
        const gw_thing_column *c = &thing->columns.items[i];
        if (!c->number || c->changed || strcmp(c->name, c->was) != 0)
            return false;
    }
    return true;
}

/* The rows that refer to those that are deleted: exactly, or all that refer to anything. */
static void refer(gw_foresight *f, const gw_fire *fire, const gw_effect *cause,
                  const gw_thing *parent, const gw_thing *child)
{
    bool deletes = *fire->what == 'c';
    bool known = cause->to && !cause->expression && fire->referenced && as_it_was(parent) &&
                 !child->written;
    gw_effect *effect =
        set_off(f, deletes ? GW_EFFECT_DELETES_SOME : GW_EFFECT_OVERWRITES, child,
                deletes ? (unsigned)GW_ON_DELETE : (unsigned)GW_ON_UPDATE, fire->by);
    effect->column = deletes ? NULL : fire->column;
    if (!deletes) {
        effect->sets = gw_alloc_array(f->arena, 2, sizeof *effect->sets);
        effect->sets[0] = fire->column;
    }
    effect->to = known ? gw_printf(f->arena, "(%s) IN (SELECT %s FROM %s WHERE %s)", fire->columns,
                                   fire->referenced_columns, fire->referenced, cause->to)
                       : fire->columns_set;
    effect->expression = !known && cause->kind != GW_EFFECT_DELETES;
}

static void through_view(gw_foresight *f, const gw_fire *fire, const gw_effect *cause,
                         const gw_thing *table)
{
    bool all = cause->kind == GW_EFFECT_DELETES, writes = cause->kind == GW_EFFECT_WRITES;
    if (all || writes || cause->kind == GW_EFFECT_DELETES_SOME)
        set_off(f, writes ? GW_EFFECT_WRITES : GW_EFFECT_DELETES_SOME, table, cause->events,
                all ? fire->by : cause->by);
}

bool gw_fires_run(gw_foresight *f, const char *schema, const char *function, const char *text,
                  const char *by, size_t top, gw_err *err)
{
    size_t before = f->effects->len;
    if (!f->bodies->of(f->bodies->self, schema, function, text, top, f->effects, err))
        return false;
    for (size_t i = before; i < f->effects->len; i++) {
        gw_effect *effect = &f->effects->items[i];
        effect->by = by;
        if (effect->kind == GW_EFFECT_DELETES_SOME)
            effect->to = NULL; /* its names may be variables */
    }
    return true;
}

static bool go_off(gw_foresight *f, const gw_fire *fire, const gw_effect *cause,
                   const gw_thing *thing, size_t top, gw_err *err)
{
    if (!fire->other && !fire->child)
        return gw_fires_run(f, fire->schema, fire->function, fire->text, fire->by, top, err);
    if (!fire->child && !gw_names_more(f, fire->other_name, err))
        return false;
    const gw_thing *other = fire->child ? fire->child : gw_names_by_oid(f, fire->other);
    if (!other || other->gone || (fire->fresh && !other->written))
        return true;
    if (*fire->what == 'v')
        through_view(f, fire, cause, other);
    else
        refer(f, fire, cause, thing, other);
    return true;
}

/* An UPDATE of other columns than those referred to leaves the rows that refer alone. */
static bool concerns(gw_foresight *f, const gw_fire *fire, const gw_effect *cause)
{
    if (strcmp(fire->what, "reset") != 0 || !cause->sets || (cause->events & GW_ON_DELETE))
        return true;
    for (const char **set = cause->sets; *set; set++)
        if (gw_text_names(fire->referenced_columns, *set) || /* quoted by the server where need be */
            gw_text_names(fire->referenced_columns, gw_quote_ident(f->arena, *set)))
            return true;
    return false;
}

bool gw_fires_go_off(gw_foresight *f, size_t at, size_t top, gw_err *err)
{
    const gw_effect cause = f->effects->items[at];
    const gw_thing *thing = gw_names_find(f, "r", cause.schema, cause.name);
    for (size_t i = 0; thing && i < f->fires.len; i++) {
        gw_fire *fire = &f->fires.items[i];
        if (fire->off || fire->silent || fire->last == top || !(fire->events & cause.events) ||
            !waits_on(fire, thing) || !concerns(f, fire, &cause))
            continue;
        fire->last = top; /* once for each statement, also where they set off each other */
        if (!go_off(f, fire, &cause, thing, top, err))
            return false;
    }
    return true;
}

bool gw_fires_instead(gw_foresight *f, const gw_effect *effect)
{
    const gw_thing *thing = gw_names_find(f, "r", effect->schema, effect->name);
    for (size_t i = 0; thing && i < f->fires.len; i++)
        if (f->fires.items[i].instead && !f->fires.items[i].off &&
            (f->fires.items[i].events & effect->events) && waits_on(&f->fires.items[i], thing))
            return true;
    return false;
}
