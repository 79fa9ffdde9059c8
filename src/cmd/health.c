/* health: is all as it should be? */
#include <stdio.h>

#include "app/health.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"

void gw_health_json(gw_json *json, const gw_health *health)
{
    gw_json_bool(json, "healthy", health->healthy);
    gw_json_open(json, "checks", '[');
    for (size_t i = 0; i < health->len; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "name", health->items[i].name);
        gw_json_bool(json, "ok", health->items[i].ok);
        gw_json_string(json, "reason", health->items[i].reason);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_health health;
    gw_health_options wanted = {.require = gw_option_text(invocation, "require"),
                                .max_replica_lag_ms =
                                    gw_option_number(invocation, "max-replica-lag", 0)};
    if (!gw_app_health(invocation->app, invocation->arena, &wanted, &health, err))
        return false;
    if (!gw_flag(invocation, "no-drift") && health.answers)
        gw_app_health_drift(invocation->app, invocation->arena, &health);
    if (!health.healthy)
        invocation->exit_code = GW_EXIT_CHECK;
    if (invocation->json) {
        gw_health_json(invocation->out, &health);
        return true;
    }
    for (size_t i = 0; i < health.len; i++) {
        gw_buf line = GW_BUF(invocation->arena);
        const gw_health_check *check = &health.items[i];
        gw_style_add(&line, invocation->color, check->ok ? GW_STYLE_GREEN : GW_STYLE_RED,
                     check->ok ? "ok  " : "bad ");
        gw_buf_addf(&line, " %s%s%s", check->name, check->ok ? "" : ": ",
                    check->ok ? "" : check->reason);
        gw_say(invocation, "%s", gw_buf_str(&line));
    }
    return true;
}

static const gw_option options[] = {
    GW_OPTION_REQUIRE,
    GW_OPTION_MAX_REPLICA_LAG,
    {.name = "no-drift",
     .type = GW_OPTION_FLAG,
     .help = "do not compare the schema with what the applied migrations make: that takes seconds"},
    {.name = NULL},
};

const gw_command gw_command_health = {
    .name = "health",
    .summary = "say whether database and schema are as they should be",
    .text = "Exit 0 where all is well, 3 where something is not: the database answers, no migration has "
            "failed or was changed, the database is at the version that is required or past it, replicas keep up "
            "(--max-replica-lag), and the schema is what its migrations make. godwit serve says the same "
            "at /health/ready.",
    .examples = "godwit health\n"
                "# in a probe: nothing that takes long\n"
                "godwit health --no-drift -q\n"
                "godwit health --require 20251013090000 --max-replica-lag 10s --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
