/* sync pause and cancel: what another terminal wants of a session. */
#include "app/sync_run.h"
#include "cmd/report.h"
#include "cmd/sync.h"

static bool step(gw_invocation *invocation, gw_sync_step what, const char *done, const char *asked,
                 gw_err *err)
{
    const char *id;
    bool now;
    if (!gw_app_sync_step(invocation->app, invocation->arena, what,
                          gw_option_text(invocation, "session"), &id, &now, err))
        return false;
    if (invocation->json) {
        gw_json_string(invocation->out, "session", id);
        gw_json_string(invocation->out, "wanted", what == GW_SYNC_PAUSE ? "pause" : "cancel");
        gw_json_bool(invocation->out, "done", now);
        return true;
    }
    gw_say(invocation, now ? "session %s is %s" : "session %s will be %s at the next batch", id,
           now ? done : asked);
    return true;
}

static bool run_pause(gw_invocation *invocation, gw_err *err)
{
    return step(invocation, GW_SYNC_PAUSE, "paused", "paused", err);
}

static bool run_cancel(gw_invocation *invocation, gw_err *err)
{
    return step(invocation, GW_SYNC_CANCEL, "cancelled", "cancelled", err);
}

static const gw_option options[] = {
    GW_OPTION_SESSION,
    {.name = NULL},
};

const gw_command gw_command_sync_pause = {
    .name = "pause",
    .summary = "let a session stop at its next batch",
    .text = "From any terminal or host: whoever runs the session reads it between two batches, "
            "ends with exit 6, and nothing of what was done is lost. godwit sync resume goes on.",
    .examples = "godwit sync pause",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run_pause,
};

const gw_command gw_command_sync_cancel = {
    .name = "cancel",
    .summary = "end a session at its next batch",
    .text = "The session has failed then, with that reason. Rows that were applied stay, and their "
            "fingerprints with them: the next godwit sync run finds the rest.",
    .examples = "godwit sync cancel",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run_cancel,
};
