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
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "only the migrations of this service"},
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
        .to = gw_option_text(invocation, "to"),
        .steps = gw_option_number(invocation, "steps", 0),
        .service = gw_option_text(invocation, "service"),
        .dry_run = gw_flag(invocation, "dry-run"),
        .allow_data_loss = gw_flag(invocation, "allow-data-loss"),
        .wait_ms = gw_option_number(invocation, "wait", -1),
    };
    if (wanted.to && wanted.steps > 0)
        return gw_err_set(err, GW_ERR_USAGE, "--to and --steps say two different things");
    if (!wanted.to && wanted.steps == 0)
        wanted.steps = 1;
    gw_run_result result = {0};
    bool ok = gw_app_down(invocation->app, invocation->arena, &wanted, &result, err);
    if (ok || result.len + result.pending + result.failure_count > 0)
        gw_run_show(invocation, &result,
                    &(gw_run_words){"reverted", "rolled back", "nothing to roll back",
                                    wanted.dry_run, !ok});
    return ok;
}

const gw_command gw_command_down = {
    .name = "down",
    .summary = "roll back migrations, newest first",
    .text =
        "Runs the down file of the newest applied migration, each in its own transaction "
        "together with its row of the history. What is rolled back leaves its record: see godwit "
        "history.\n"
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
