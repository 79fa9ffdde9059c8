#include <string.h>

#include "cmd/commands.h"

static const gw_option options[] = {
    GW_OPTION_SERVICE,
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "say which migrations would be marked, and change nothing"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "VERSION",
     .help = "the newest version whose effect is in the database already; none: that of no file",
     .required = true},
    {.name = NULL},
};

static const char *nothing_marked(const gw_invocation *invocation)
{
    return strcmp(gw_argument_text(invocation, 0), "none") == 0
               ? "nothing is marked: Godwit's history begins here"
               : "nothing to mark";
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    bool dry_run = gw_flag(invocation, "dry-run");
    gw_run_result result = {0};
    if (!gw_app_baseline(invocation->app, invocation->arena, gw_argument_text(invocation, 0),
                         gw_option_text(invocation, "service"), dry_run, &result, err))
        return false;
    gw_run_show(invocation, &result,
                &(gw_run_words){"marked", "marked as applied", nothing_marked(invocation),
                                dry_run && invocation->json, false});
    for (size_t i = 0; i < result.len; i++)
        gw_say(invocation, "  %s%s%s %s%s", result.items[i].tenant, *result.items[i].tenant ? ": " : "",
               result.items[i].version, result.items[i].name,
               dry_run ? " (dry run: not marked)" : "");
    return true;
}

const gw_command gw_command_baseline = {
    .name = "baseline",
    .summary = "mark migrations as applied without running them",
    .text = "For a database that has the schema already and no history: every migration up to and "
            "with VERSION is written into the history, and none is run. To take over the history "
            "of another migration tool, use godwit adopt.\n"
            "\n"
            "`godwit baseline none` marks nothing: it says that no file of this folder has run "
            "yet in a database that another tool has migrated, and that Godwit is to keep a "
            "history beside it. Without that, up refuses such a database.",
    .examples = "godwit baseline 20250901120000 --dry-run\ngodwit baseline 20250901120000",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
