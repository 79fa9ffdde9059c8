/* sync list: the sessions there were. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/sync.h"
#include "cmd/sync_show.h"

enum { DEFAULT_LIMIT = 20 };

static void show(gw_invocation *invocation, const gw_session_views *found)
{
    static const char *const titles[] = {"SESSION", "STATE", "ATTEMPTS", "BEGUN", "ENDED",
                                         "ROWS",    "LEFT",  "REASON",   NULL};
    static const bool right[] = {false, false, true, false, false, true, true, false};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < found->len; i++) {
        const gw_session_view *v = &found->items[i];
        const char *state = gw_session_state(v), *reason = v->reason;
        int64_t begun = v->started_at == GW_NULL_INT ? v->created_at : v->started_at;
        if (!reason && v->error)
            reason = gw_error_message(arena, v->error);
        gw_grid_add(&grid, v->id);
        gw_grid_add_styled(&grid, gw_session_style(state), state);
        gw_grid_add(&grid, gw_printf(arena, "%" PRId64, v->attempt));
        gw_grid_add(&grid, gw_time_rfc3339(arena, begun / 1000000 * 1000000));
        gw_grid_add(&grid, v->completed_at == GW_NULL_INT
                               ? NULL
                               : gw_time_rfc3339(arena, v->completed_at / 1000000 * 1000000));
        gw_grid_add(&grid, gw_printf(arena, "%" PRId64, v->processed));
        gw_grid_add(&grid, gw_printf(arena, "%" PRId64, v->remaining));
        gw_grid_add(&grid, reason ? gw_text_safe(arena, reason) : NULL);
    }
    gw_grid_print(&grid, stdout, invocation->color);
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_session *session;
    gw_session_views found;
    if (!gw_app_sync_destination(invocation->app, invocation->arena, &session, err) ||
        !gw_sessions_read(session, invocation->arena, NULL,
                          gw_option_number(invocation, "limit", DEFAULT_LIMIT), &found, err))
        return false;
    if (!invocation->json) {
        if (found.len)
            show(invocation, &found);
        else
            gw_say(invocation, "no session has begun yet");
        return true;
    }
    gw_json_open(invocation->out, "sessions", '[');
    for (size_t i = 0; i < found.len; i++) {
        gw_json_open(invocation->out, NULL, '{');
        gw_session_json(invocation->out, &found.items[i]);
        gw_json_close(invocation->out, '}');
    }
    gw_json_close(invocation->out, ']');
    return true;
}

static const gw_option options[] = {
    {.name = "limit",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "at most the newest N sessions (20)"},
    {.name = NULL},
};

const gw_command gw_command_sync_list = {
    .name = "list",
    .summary = "list the sessions of migrations of rows",
    .text = "The newest first. A session keeps its id when it is paused, interrupted and resumed; "
            "each resumption is one more attempt. Sessions are kept for ever.",
    .examples = "godwit sync list\ngodwit sync list --limit 100 --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
