/* sync import: what an older system has left. */
#include <stdio.h>

#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"

static void show_json(gw_json *json, const gw_imported *items, size_t count)
{
    gw_json_open(json, "imported", '[');
    for (size_t i = 0; i < count; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "table", items[i].what);
        gw_json_string(json, "entity", items[i].entity);
        gw_json_int(json, "rows", items[i].total);
        gw_json_int(json, "imported", items[i].imported);
        gw_json_int(json, "present", items[i].present);
        gw_json_int(json, "conflicts", items[i].conflicts);
        gw_json_string(json, "detail", items[i].detail);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void show(gw_invocation *invocation, const gw_imported *items, size_t count)
{
    static const char *const titles[] = {"TABLE",   "ENTITY",    "ROWS", "IMPORTED",
                                         "PRESENT", "CONFLICTS", "",     NULL};
    static const bool right[] = {false, false, true, true, true, true, false};
    gw_grid grid = gw_grid_start(invocation->arena, titles, right);
    for (size_t i = 0; i < count; i++) {
        const int64_t numbers[] = {items[i].total, items[i].imported, items[i].present,
                                   items[i].conflicts};
        gw_grid_add(&grid, items[i].what);
        gw_grid_add(&grid, items[i].entity);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            gw_grid_add(&grid, gw_printf(invocation->arena, "%lld", (long long)numbers[k]));
        gw_grid_add(&grid, items[i].detail);
    }
    gw_grid_print(&grid, stdout, invocation->color);
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *schema = gw_option_text(invocation, "schema");
    gw_imported *items;
    size_t count;
    if (!gw_app_sync_import(invocation->app, invocation->arena, schema ? schema : "public", &items,
                            &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (items[i].conflicts)
            invocation->exit_code = GW_EXIT_CHECK;
    if (invocation->json)
        show_json(invocation->out, items, count);
    else if (count)
        show(invocation, items, count);
    else
        gw_say(invocation, "no migration_control and no migration_mappings in schema %s",
               schema ? schema : "public");
    return true;
}

static const gw_option options[] = {
    {.name = "schema",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "where the old tables are, in the destination (public)"},
    {.name = NULL},
};

const gw_command gw_command_sync_import = {
    .name = "import",
    .summary = "take over the id map and the runs of an older system",
    .text = "Reads migration_mappings (entity_type, legacy_id, modern_id) and migration_control "
            "(run_id) of a schema of the destination. The old tables stay as they are; what is "
            "here already is not taken twice. Those of public are taken over by themselves when "
            "a sync command first makes Godwit's tables. A row that contradicts another one is "
            "a conflict: it is left out, and the exit code is 3.",
    .examples = "godwit sync import --schema legacy",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
