#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "the newest migration of this service"},
    GW_OPTION_DRY_RUN,
    GW_OPTION_BACKUP,
    GW_OPTION_WAIT,
    GW_OPTION_ALLOW_DATA_LOSS,
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_run_options wanted = gw_run_wanted(invocation);
    wanted.steps = 1;
    return gw_run_and_show(invocation, gw_app_redo, &wanted,
                           (gw_run_words){"applied", "redone", "nothing to redo", false, false},
                           err);
}

const gw_command gw_command_redo = {
    .name = "redo",
    .summary = "roll the newest migration back and apply it again",
    .text = "For while a migration is being written: edit the file, redo, look. The data that the "
            "migration made is made anew, so this is for a database of your own. Where rows would be "
            "lost on the way, down or up, nothing is run (exit 5) without --allow-data-loss.",
    .examples = "godwit redo",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
