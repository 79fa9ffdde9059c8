/* sync detect: what has changed in the source since its rows were applied. */
#include <stdio.h>
#include <stdlib.h>

#include "app/sync_detect.h"
#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"

static const char *number(gw_arena *arena, int64_t value)
{
    return value == GW_NULL_INT ? NULL : gw_printf(arena, "%lld", (long long)value);
}

static void show_stopped(gw_json *json, const gw_sync_entity *stopped)
{
    gw_json_open(json, "differences", '[');
    for (size_t i = 0; i < stopped->differences.len; i++)
        gw_json_string(json, NULL, stopped->differences.items[i]);
    gw_json_close(json, ']');
}

static void show_json(gw_json *json, const gw_detect_result *result)
{
    gw_json_string(json, "analysis", result->analysis);
    gw_json_open(json, "entities", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_entity_found *item = &result->items[i];
        const gw_analysis *a = &item->analysis;
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "entity", item->entity);
        if (item->stopped) {
            show_stopped(json, item->stopped);
            gw_json_close(json, '}');
            continue;
        }
        gw_json_string(json, "method", a->method);
        gw_json_string(json, "why", a->why);
        gw_json_bool(json, "first", item->first);
        gw_json_int(json, "new", a->added);
        gw_json_int(json, "modified", a->modified);
        gw_json_int(json, "deleted", a->deleted);
        gw_json_int(json, "total_changes", a->changes);
        gw_json_int(json, "in_quarantine", item->waiting);
        gw_json_int(json, "second_pass", item->later);
        gw_json_int(json, "source_count", a->source_rows);
        gw_json_int(json, "destination_count", a->destination_rows);
        gw_json_raw(json, "change_percentage", a->percentage);
        gw_json_int_or_null(json, "estimated_ms", a->estimated_ms);
        gw_json_bool(json, "too_many_deletes", item->too_many);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void show_notes(gw_invocation *invocation, const gw_detect_result *result)
{
    int64_t waiting = 0;
    for (size_t i = 0; i < result->len; i++)
        if (!result->items[i].stopped)
            gw_say(invocation, "%s: %s", result->items[i].entity, result->items[i].analysis.why);
    for (size_t i = 0; i < result->len; i++) {
        waiting += result->items[i].waiting;
        if (result->items[i].waiting)
            gw_say(invocation, "%s: %lld of what was found %s in the quarantine",
                   result->items[i].entity, (long long)result->items[i].waiting,
                   result->items[i].waiting == 1 ? "waits" : "wait");
    }
    for (size_t i = 0; i < result->len; i++)
        if (result->items[i].later)
            gw_say(invocation, "%s: references of %lld row%s that close a cycle are not there yet",
                   result->items[i].entity, (long long)result->items[i].later,
                   result->items[i].later == 1 ? "" : "s");
    if (waiting)
        gw_say(invocation, "the quarantine: godwit sync rejects");
}

static void show_table(gw_invocation *invocation, const gw_detect_result *result)
{
    static const char *const titles[] = {"ENTITY", "METHOD", "NEW",  "MODIFIED", "DELETED",
                                         "CHANGE", "SOURCE", "TIME", NULL};
    static const bool right[] = {false, false, true, true, true, true, true, true};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < result->len; i++) {
        const gw_entity_found *item = &result->items[i];
        const gw_analysis *a = &item->analysis;
        if (item->stopped)
            continue;
        gw_grid_add(&grid, item->entity);
        gw_grid_add(&grid, a->method);
        gw_grid_add(&grid, number(arena, a->added));
        gw_grid_add(&grid, number(arena, a->modified));
        gw_grid_add(&grid, number(arena, a->deleted));
        gw_grid_add(&grid, gw_printf(arena, "%.2f %%", strtod(a->percentage, NULL)));
        gw_grid_add(&grid, number(arena, a->source_rows));
        gw_grid_add(&grid,
                    a->estimated_ms == GW_NULL_INT
                        ? NULL
                        : gw_printf(arena, "about %s", gw_duration_human(arena, a->estimated_ms)));
    }
    gw_grid_print(&grid, stdout, invocation->color);
    show_notes(invocation, result);
    if (result->analysis)
        gw_say(invocation, "stored: godwit sync run --analysis %s applies it", result->analysis);
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_detect_result result;
    gw_detect_want want = {.names = invocation->words.arguments,
                           .count = invocation->words.argument_count,
                           .since = gw_option_text(invocation, "since")};
    if (!gw_method_of(gw_option_text(invocation, "method"), &want.method, err) ||
        !gw_max_deletes_option(invocation, &want.max_deletes, err) ||
        !gw_app_sync_detect(invocation->app, invocation->arena, &want, &result, err))
        return false;
    if (invocation->json)
        show_json(invocation->out, &result);
    else
        show_table(invocation, &result);
    return gw_detect_verdict(&result, err);
}

static const char *const methods[] = {"auto",   "timestamp",   "checksum",
                                      "blocks", "replication", NULL};

static const gw_option options[] = {
    {.name = "method",
     .type = GW_OPTION_CHOICE,
     .value = "METHOD",
     .help = "how: auto (the cheapest that is sound here), timestamp, checksum, blocks",
     .choices = methods},
    {.name = "since",
     .type = GW_OPTION_TEXT,
     .value = "TIME",
     .help = "by timestamp, only from here on: 2026-11-21T08:00:00Z, or 2h (ago)"},
    {.name = "max-deletes",
     .type = GW_OPTION_TEXT,
     .value = "PERCENT",
     .help = "how much of the rows applied may be gone (10); more is refused"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "ENTITY", .help = "which entities (all that are active)", .many = true},
    {.name = NULL},
};

const gw_command gw_command_sync_detect = {
    .name = "detect",
    .summary = "find what is new, modified or deleted since the last run",
    .text = "Nothing is applied, and nothing is written to the source. What is found is stored in "
            "the destination with an id, for `sync run --analysis`.\n\n"
            "checksum reads the source once and compares fingerprints: it is always sound. blocks "
            "reads what the source's log names (PostgreSQL 17, summarize_wal). timestamp reads "
            "what a column says that the server sets. auto takes the cheapest that is sound, and "
            "says which and why; one that is asked for and is not sound is refused (exit 5).\n\n"
            "Where more rows are gone than --max-deletes allows, the result is printed and stored, "
            "and the exit code is 5: nobody applies it unasked.",
    .examples = "godwit sync detect\ngodwit sync detect patients --method checksum",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
