/* A plain table becomes a partitioned one: prepared, copied, swapped, each a step that can be taken up again. */
#include "app/maintain_internal.h"
#include "care/convert.h"
#include "care/locks.h"
#include "sql/quote.h"

typedef struct converting {
    gw_convert convert;
} converting;

static bool end_vacuum(gw_upkeep *u, const converting *x, gw_err *err)
{
    return gw_locks_end_vacuum(u->session, u->arena, x->convert.old.schema, x->convert.old.name, err);
}

static bool prepare(gw_upkeep *u, void *arg, gw_err *err)
{
    return end_vacuum(u, arg, err) &&
           gw_convert_prepare(&((converting *)arg)->convert, u->session, u->arena, err);
}

static bool run_prepare(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    return gw_upkeep_in_transaction(u, prepare, step->arg, err);
}

typedef struct batch {
    const gw_copying *copying;
    const char *next; /* place, once it is committed */
    int64_t rows;
} batch;

static bool copy_batch(gw_upkeep *u, void *arg, gw_err *err)
{
    batch *b = arg;
    gw_copying next = *b->copying;
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_copy_batch(&next, u->session, scratch, &b->rows, err);
    if (ok) /* outlives the scratch; a retry begins where this batch began */
        b->next = gw_strdup(u->arena, next.place);
    gw_arena_free(scratch);
    return ok;
}

/* Whoever commits one batch has copied it: what is left the next run does. */
bool gw_upkeep_copy(gw_upkeep *u, gw_upkeep_step *step, gw_copying *copying, gw_err *err)
{
    int64_t rows = 0;
    while (!copying->place || *copying->place) {
        batch b = {.copying = copying};
        if (!gw_upkeep_time_left(u))
            return gw_err_set(err, GW_ERR_CANCELED, "no time is left");
        if (gw_cancel_level(u->app->options.cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped; the next run goes on");
        if (!gw_upkeep_in_transaction(u, copy_batch, &b, err))
            return false;
        copying->place = b.next;
        rows += b.rows;
    }
    step->detail = gw_printf(u->arena, "%lld rows copied", (long long)rows);
    return true;
}

static bool run_copy(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    return gw_upkeep_copy(u, step, &((converting *)step->arg)->convert.copying, err);
}

static bool swap(gw_upkeep *u, void *arg, gw_err *err)
{
    return end_vacuum(u, arg, err) &&
           gw_convert_swap(&((converting *)arg)->convert, u->session, u->arena, err);
}

static bool run_swap(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    converting *x = step->arg;
    if (!gw_upkeep_in_transaction(u, swap, x, err))
        return false;
    step->detail = gw_printf(u->arena, "the plain table is called %s now: drop it when you are content",
                             gw_display_name(u->arena, x->convert.old.schema, x->convert.aside));
    return true;
}

static bool is_done(const gw_upkeep *u, size_t before)
{
    return u->out->done == before + 1;
}

bool gw_upkeep_convert(gw_upkeep *u, const gw_config_partition *rule, const gw_partitioned *table,
                       bool *done, gw_err *err)
{
    converting x = {0};
    gw_err problem = {0};
    const char *name = gw_display_name(u->arena, table->schema, table->name);
    gw_upkeep_step steps[] = {
        {.name = name, .run = run_prepare, .arg = &x,
         .what = gw_printf(u->arena, "make %s beside it, partitioned by %s, and capture changes",
                           gw_printf(u->arena, "%s_godwit_new", table->name), rule->convert_by)},
        {.name = name, .run = run_copy, .arg = &x, .what = "copy its rows in batches"},
        {.name = name, .run = run_swap, .arg = &x, .what = "put the partitioned table in its place"},
    };
    *done = false;
    if (!gw_convert_look(u->session, u->arena, rule, table, &x.convert, &problem)) {
        gw_err_at(&problem, u->app->config.file, rule->line, rule->col);
        return gw_upkeep_failed(u, name, "turn it into a partitioned table", &problem, err);
    }
    for (size_t i = x.convert.prepared ? 1 : 0; i < 3; i++) {
        size_t before = u->out->done;
        if (!gw_upkeep_do(u, &steps[i], err))
            return false;
        if (!u->wanted->dry_run && !is_done(u, before))
            return true;
    }
    *done = !u->wanted->dry_run;
    return true;
}

static bool validate(gw_upkeep *u, void *arg, gw_err *err)
{
    return gw_exec(u->session, ((const gw_convert_key *)arg)->sql, err);
}

static bool run_validate(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    return gw_upkeep_in_transaction(u, validate, step->arg, err);
}

bool gw_upkeep_convert_keys(gw_upkeep *u, const gw_partitioned *table, const char *name, gw_err *err)
{
    gw_convert_key_list keys;
    gw_err problem = {0};
    if (!gw_convert_keys(u->session, u->arena, table->oid, &keys, &problem))
        return gw_upkeep_failed(u, name, "look at the foreign keys that refer to it", &problem, err);
    for (size_t i = 0; i < keys.len; i++) {
        gw_upkeep_step step = {.name = name, .run = run_validate, .arg = &keys.items[i],
                               .what = gw_printf(u->arena, "validate the foreign key %s", keys.items[i].name)};
        if (!gw_upkeep_do(u, &step, err))
            return false;
    }
    return true;
}
