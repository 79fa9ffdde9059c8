#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "pg/query.h"

enum { DEFAULT_LIMIT = 50 };

static const gw_option options[] = {
    {.name = "limit",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "at most the newest N events (50)"},
    {.name = "action",
     .type = GW_OPTION_TEXT,
     .value = "ACTION",
     .help = "only events of this action, as the column names it (apply, maintain)"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "VERSION", .help = "only the events of this migration"},
    {.name = NULL},
};

static void as_json(gw_json *json, const gw_event_list *list)
{
    gw_json_open(json, "events", '[');
    for (size_t i = 0; i < list->len; i++) {
        const gw_event *e = &list->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_int(json, "id", e->id);
        gw_json_time(json, "at", e->at);
        gw_json_string(json, "run", e->run_id);
        gw_json_string(json, "action", e->action);
        gw_json_string(json, "outcome", e->outcome);
        gw_json_string(json, "tenant", e->tenant);
        gw_json_string(json, "service", e->service);
        gw_json_string(json, "version", e->version);
        gw_json_string(json, "name", e->name);
        gw_json_int_or_null(json, "duration_ms", e->duration_ms);
        gw_json_string(json, "actor", e->actor);
        gw_json_string(json, "host", e->host);
        gw_json_string(json, "database_user", e->db_user);
        gw_json_string(json, "sqlstate", e->sqlstate);
        gw_json_string(json, "message", e->message);
        gw_json_string(json, "detail", e->detail);
        gw_json_string(json, "where", e->place);
        gw_json_raw(json, "data", e->data);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void as_text(gw_invocation *invocation, const gw_event_list *list)
{
    static const char *const titles[] = {"AT",      "ACTION",  "OUTCOME", "TENANT",
                                         "SERVICE", "VERSION", "NAME",    "TOOK",
                                         "BY",      "FROM",    "MESSAGE", NULL};
    static const bool right[] = {false, false, false, false, false, false,
                                 false, true,  false, false, false};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < list->len; i++) {
        const gw_event *e = &list->items[i];
        bool good = e->outcome && e->outcome[0] == 'o';
        gw_grid_add(&grid, gw_time_rfc3339(arena, e->at / 1000000 * 1000000));
        gw_grid_add(&grid, e->action);
        gw_grid_add_styled(&grid, good ? GW_STYLE_GREEN : GW_STYLE_RED, e->outcome);
        gw_grid_add(&grid, e->tenant);
        gw_grid_add(&grid, e->service);
        gw_grid_add(&grid, e->version);
        gw_grid_add(&grid, e->name);
        gw_grid_add(
            &grid, e->duration_ms == GW_NULL_INT ? NULL : gw_duration_human(arena, e->duration_ms));
        gw_grid_add(&grid, e->actor);
        gw_grid_add(&grid, e->host);
        /* What went wrong; else which repair it was, and the like. */
        const char *said = e->message ? e->message : e->detail;
        gw_grid_add(&grid, said && e->place ? gw_printf(arena, "%s (%s)", said, e->place)
                           : said           ? said
                                            : e->place);
    }
    if (list->len > 0)
        gw_grid_print(&grid, stdout, invocation->color);
    else
        gw_say(invocation, "nothing has happened yet");
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_event_list list = {0};
    if (!gw_app_history(invocation->app, invocation->arena, gw_argument_text(invocation, 0),
                        gw_option_text(invocation, "action"),
                        gw_option_number(invocation, "limit", DEFAULT_LIMIT), &list, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &list);
    else
        as_text(invocation, &list);
    return true;
}

const gw_command gw_command_history = {
    .name = "history",
    .summary = "show who did what, from where, when, and how it ended",
    .text = "The audit, newest first: every attempt to apply or roll back a migration, and every "
            "repair, baseline and adoption, with its outcome. What was rolled back or failed stays "
            "in it.\n\n"
            "Of tenants all, or with --tenant NAME one: also where each is a database of its own.",
    .examples = "godwit history\ngodwit history 20250901120000\ngodwit history --limit 500 --json\n"
                "godwit history --action maintain",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
