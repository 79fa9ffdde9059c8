#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "pg/query.h"

static const char *const tools[] = {
    "sqlx",   "dbmate",          "golang-migrate",   "goose",   "flyway", "drizzle",
    "sqitch", "node-pg-migrate", "graphile-migrate", "alembic", "atlas",  NULL,
};

static const gw_option options[] = {
    {.name = "from",
     .type = GW_OPTION_CHOICE,
     .value = "TOOL",
     .help = "the tool whose history this is: sqlx, dbmate, golang-migrate, goose, flyway, "
             "drizzle, sqitch, node-pg-migrate, graphile-migrate, alembic or atlas",
     .choices = tools},
    {.name = "table",
     .type = GW_OPTION_TEXT,
     .value = "[SCHEMA.]NAME",
     .help =
         "the tool's table, where it was told to keep it under another name or in another schema"},
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "show what would be taken over, and change nothing"},
    {.name = NULL},
};

static void as_json(gw_json *json, const gw_adopt_result *result, bool dry_run)
{
    gw_json_string(json, "tool", result->tool);
    gw_json_string(json, "table", result->table);
    gw_json_open(json, "adopted", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_adopt_item *it = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "version", it->version);
        gw_json_string(json, "name", it->name);
        gw_json_string(json, "service", it->service);
        gw_json_time(json, "applied_at", it->applied_at);
        gw_json_string(json, "checksum", it->checksum);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_int(json, "already", (int64_t)result->already);
    gw_json_bool(json, "dry_run", dry_run);
}

static void as_text(gw_invocation *invocation, const gw_adopt_result *result, bool dry_run)
{
    static const char *const titles[] = {"VERSION", "NAME", "APPLIED", "CHECKSUM", NULL};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, NULL);
    for (size_t i = 0; i < result->len; i++) {
        const gw_adopt_item *it = &result->items[i];
        gw_grid_add(&grid, it->version);
        gw_grid_add(&grid, it->name);
        gw_grid_add(&grid, it->applied_at == GW_NULL_INT
                               ? NULL
                               : gw_time_rfc3339(arena, it->applied_at / 1000000 * 1000000));
        if (it->checksum && strcmp(it->checksum, "mismatch") == 0)
            gw_grid_add_styled(&grid, GW_STYLE_RED, it->checksum);
        else
            gw_grid_add(&grid, it->checksum);
    }
    if (result->len > 0)
        gw_grid_print(&grid, stdout, invocation->color);
    gw_say(invocation, "%s%s %s from %s's table %s%s", result->len > 0 ? "\n" : "",
           gw_plural(arena, result->len, "migration"), dry_run ? "would be adopted" : "adopted",
           result->tool, result->table,
           result->already > 0
               ? gw_printf(arena, "; %zu were in Godwit's history already", result->already)
               : "");
}

/* The hint is what was found in the database, where it can be asked. */
static bool ask_for_tool(gw_invocation *invocation, gw_err *err)
{
    gw_foreign_histories found;
    gw_err ignored = {0};
    gw_buf hint = GW_BUF(invocation->arena);
    gw_err_set(err, GW_ERR_USAGE, "adopt needs --from TOOL");
    bool asked = gw_app_adoptable(invocation->app, invocation->arena, &found, &ignored);
    gw_err_clear(&ignored);
    if (!asked || !found.len)
        return gw_err_hint(err, "%s", options[0].help);
    gw_err_detail(err, "this database was migrated by %s",
                  gw_foreign_found(invocation->arena, &found));
    for (size_t i = 0; i < found.len; i++)
        gw_buf_addf(&hint, "%sgodwit adopt --from %s", i ? " or " : "", found.items[i].tool);
    return gw_err_hint(err, "%s", gw_buf_str(&hint));
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *tool = gw_option_text(invocation, "from");
    bool dry_run = gw_flag(invocation, "dry-run");
    if (!tool)
        return ask_for_tool(invocation, err);
    gw_adopt_result result = {0};
    if (!gw_app_adopt(invocation->app, invocation->arena, tool, gw_option_text(invocation, "table"),
                      dry_run, &result, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &result, dry_run);
    else
        as_text(invocation, &result, dry_run);
    return true;
}

const gw_command gw_command_adopt = {
    .name = "adopt",
    .summary = "take over another tool's history, in place",
    .text = "Reads the table of the other tool, checks its checksums by that tool's own rule and "
            "writes Godwit's history. Nothing else is changed: no migration runs, the tool's table "
            "stays as it is, and the files stay where they are.\n"
            "\n"
            "  match         the file is the one that the tool applied\n"
            "  line-endings  the same but for CRLF\n"
            "  mismatch      the file has changed since; nothing is adopted, but from\n"
            "                drizzle, which never looks\n"
            "  none          the tool keeps no checksums",
    .examples = "godwit adopt --from dbmate --dry-run\ngodwit adopt --from dbmate\ngodwit status",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
