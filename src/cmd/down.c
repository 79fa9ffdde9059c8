#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "steps",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "roll back the newest N migrations (1)"},
    {.name = "to",
     .type = GW_OPTION_TEXT,
     .value = "V",
     .help = "roll back all that are newer than this version; 0 rolls back everything"},
    GW_OPTION_SERVICE,
    GW_OPTION_DRY_RUN,
    GW_OPTION_BACKUP,
    GW_OPTION_WAIT,
    GW_OPTION_ALLOW_DATA_LOSS,
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_run_options wanted = gw_run_wanted(invocation);
    if (wanted.to && wanted.steps > 0)
        return gw_err_set(err, GW_ERR_USAGE, "--to and --steps say two different things");
    if (!wanted.to && wanted.steps == 0)
        wanted.steps = 1;
    return gw_run_and_show(
        invocation, gw_app_down, &wanted,
        (gw_run_words){"reverted", "rolled back", "nothing to roll back", false, false}, err);
}

const gw_command gw_command_down = {
    .name = "down",
    .summary = "roll back migrations, newest first",
    .text =
        "Runs the down file of the newest applied migration, each in its own transaction "
        "together with its row of the history. What is rolled back leaves its record: see godwit "
        "history.\n"
        "\n"
        "Where that would lose rows or values, which a down of CREATE TABLE does as soon as there are "
        "some, they are counted and nothing is run (exit 5) without --allow-data-loss.\n"
        "\n"
        "A migration without a down file cannot be rolled back: Godwit does not guess one. Write "
        "a new migration that undoes it, or restore a backup.",
    .examples = "# what would run?\n"
                "godwit down --dry-run\n"
                "godwit down\n"
                "# back to the state right after this version\n"
                "godwit down --to 20250901120000",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
