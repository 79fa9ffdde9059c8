/* sync analyze: how many rows there are on both sides. */
#include <stdio.h>

#include "app/sync_detect.h"
#include "cmd/grid.h"
#include "cmd/sync.h"

static void show_json(gw_json *json, const gw_analyze_result *result)
{
    gw_json_string(json, "analysis", result->analysis);
    gw_json_open(json, "entities", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_entity_counted *item = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "entity", item->entity);
        gw_json_string(json, "status", item->status);
        if (item->stopped) {
            gw_json_open(json, "differences", '[');
            for (size_t k = 0; k < item->stopped->differences.len; k++)
                gw_json_string(json, NULL, item->stopped->differences.items[k]);
            gw_json_close(json, ']');
            gw_json_close(json, '}');
            continue;
        }
        gw_json_int(json, "source_count", item->source);
        gw_json_int(json, "destination_count", item->destination);
        gw_json_int_or_null(json, "id_map_count", item->id_map);
        gw_json_int(json, "applied_count", item->applied);
        gw_json_int(json, "rejected_count", item->rejected);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void show_table(gw_invocation *invocation, const gw_analyze_result *result)
{
    static const char *const titles[] = {"ENTITY", "STATUS",  "SOURCE",     "DESTINATION",
                                         "ID MAP", "APPLIED", "QUARANTINE", NULL};
    static const bool right[] = {false, false, true, true, true, true, true};
    gw_grid grid = gw_grid_start(invocation->arena, titles, right);
    for (size_t i = 0; i < result->len; i++) {
        const gw_entity_counted *item = &result->items[i];
        const int64_t numbers[] = {item->source, item->destination, item->id_map, item->applied,
                                   item->rejected};
        gw_grid_add(&grid, item->entity);
        gw_grid_add(&grid, item->status);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            gw_grid_add(&grid, item->stopped || numbers[k] == GW_NULL_INT
                                   ? NULL
                                   : gw_printf(invocation->arena, "%lld", (long long)numbers[k]));
    }
    gw_grid_print(&grid, stdout, invocation->color);
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_analyze_result result;
    if (!gw_app_sync_analyze(invocation->app, invocation->arena, invocation->words.arguments,
                             invocation->words.argument_count, &result, err))
        return false;
    if (invocation->json)
        show_json(invocation->out, &result);
    else
        show_table(invocation, &result);
    for (size_t i = 0; i < result.len; i++)
        if (result.items[i].stopped)
            return gw_sync_entity_fits(result.items[i].stopped, err);
    return true;
}

static const gw_argument arguments[] = {
    {.name = "ENTITY", .help = "which entities (all that are active)", .many = true},
    {.name = NULL},
};

const gw_command gw_command_sync_analyze = {
    .name = "analyze",
    .summary = "count the rows of both sides: the baseline",
    .text = "Says of each entity how many rows the source has, the destination (without those "
            "marked as deleted), the id map; how many were applied by Godwit and how many are in "
            "the quarantine. The status compares the first two: synced, behind (the destination "
            "has fewer), ahead (more), missing (none). Equal counts are no proof of equal rows: "
            "that is what verify is for. The counts are stored as an analysis.",
    .examples = "godwit sync analyze",
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
