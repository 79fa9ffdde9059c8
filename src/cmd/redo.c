#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "the newest migration of this service"},
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "print exactly the SQL that would run, and change nothing"},
    {.name = "wait",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "how long to wait while another run works (30s); then exit 7"},
    {.name = "allow-data-loss",
     .type = GW_OPTION_FLAG,
     .help = "go on where data would be lost and Godwit asks for this flag"},
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_run_options wanted = {
        .steps = 1,
        .service = gw_option_text(invocation, "service"),
        .dry_run = gw_flag(invocation, "dry-run"),
        .allow_data_loss = gw_flag(invocation, "allow-data-loss"),
        .wait_ms = gw_option_number(invocation, "wait", -1),
    };
    gw_run_result result = {0};
    bool ok = gw_app_redo(invocation->app, invocation->arena, &wanted, &result, err);
    if (ok || result.len + result.pending + result.failure_count > 0)
        gw_run_show(invocation, &result,
                    &(gw_run_words){"applied", "redone", "nothing to redo", wanted.dry_run, !ok});
    return ok;
}

const gw_command gw_command_redo = {
    .name = "redo",
    .summary = "roll the newest migration back and apply it again",
    .text = "For while a migration is being written: edit the file, redo, look. The data that the "
            "migration made is made anew, so this is for a database of your own.",
    .examples = "godwit redo",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
