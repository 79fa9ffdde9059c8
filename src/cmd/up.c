#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "to",
     .type = GW_OPTION_TEXT,
     .value = "V",
     .help = "stop after this version (inclusive)"},
    {.name = "steps", .type = GW_OPTION_COUNT, .value = "N", .help = "apply at most N migrations"},
    GW_OPTION_SERVICE,
    {.name = "out-of-order",
     .type = GW_OPTION_FLAG,
     .help = "also run pending migrations that are older than the newest applied one; without "
             "it they are an error"},
    GW_OPTION_DRY_RUN,
    {.name = "atomic",
     .type = GW_OPTION_FLAG,
     .help = "all of them in one transaction: if one fails, none is applied"},
    GW_OPTION_BACKUP,
    GW_OPTION_WAIT,
    GW_OPTION_ALLOW_DATA_LOSS,
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_run_options wanted = gw_run_wanted(invocation);
    if (!gw_run_and_show(invocation, gw_app_up, &wanted,
                         (gw_run_words){"applied", "applied", "nothing to apply", false, false},
                         err))
        return false;
    if (wanted.dry_run)
        gw_say(invocation, "-- what it locks and rewrites, and the schema afterwards: godwit plan");
    return true;
}

const gw_command gw_command_up = {
    .name = "up",
    .summary = "apply pending migrations, in order",
    .text =
        "Each file runs in a transaction of its own, together with its row of the history: when "
        "one fails, everything of that file is gone, those before it stay, and the next up "
        "starts with it. Before the first one runs, every pending file is read and checked.\n"
        "\n"
        "A file that cannot run in a transaction (CREATE INDEX CONCURRENTLY, VACUUM …) says "
        "\"-- godwit: no-transaction\" at its top. It runs statement by statement, remembers how "
        "far it came, and goes on from there.\n"
        "\n"
        "Where rows or values would be lost (a table that is dropped, values that do not fit a new "
        "type …) they are counted in the database, and nothing is run (exit 5) without "
        "--allow-data-loss, or -- godwit: allow-data-loss at the top of the file.\n"
        "\n"
        "Only one run works on a database at a time; the others wait and then find nothing to "
        "do. A statement that cannot get its lock within lock_timeout (2 s) is tried again, so "
        "that no other session is held up behind it.\n"
        "\n"
        "Ctrl-C stops after the current migration; a second one cancels it and rolls it back. "
        "Either way the same command goes on later.",
    .examples = "# what would run?\n"
                "godwit up --dry-run\n"
                "godwit up\n"
                "# two steps, on the protected environment prod\n"
                "godwit up --env prod --protected prod --steps 2",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
