/* Counting what moves: stages and counters, by hand. */
#include <string.h>

#include "base/json.h"
#include "cmd/track.h"

const char *gw_track_wanted(const gw_invocation *invocation)
{
    const char *name = gw_option_text(invocation, "tracker");
    return name ? name : GW_TRACKER_DEFAULT;
}

/* ---- stage ------------------------------------------------------------------------------------------- */

static bool run_stage(gw_invocation *invocation, gw_err *err)
{
    const char *name = gw_argument_text(invocation, 0), *step = gw_argument_text(invocation, 1);
    const char *tracker = gw_track_wanted(invocation);
    gw_session *session;
    if (!*name || !*tracker)
        return gw_err_set(err, GW_ERR_USAGE, "a stage and a tracker have a name");
    if (!gw_app_track_open(invocation->app, invocation->arena, true, &session, err) ||
        !gw_track_step_stage(session, tracker, name, step, gw_option_text(invocation, "why"), err))
        return false;
    if (invocation->json) {
        gw_json_string(invocation->out, "tracker", tracker);
        gw_json_string(invocation->out, "stage", name);
        gw_json_string(invocation->out, "step", step);
    }
    return true;
}

static const char *const steps[] = {"start", "complete", "fail", "pause", "resume", NULL};

static const gw_argument stage_arguments[] = {
    {.name = "NAME", .help = "the stage; it is made where there is none", .required = true},
    {.name = "STEP",
     .help = "start, complete, fail, pause or resume",
     .required = true,
     .choices = steps},
    {.name = NULL},
};

static const gw_option stage_options[] = {
    GW_OPTION_TRACKER,
    {.name = "why", .type = GW_OPTION_TEXT, .value = "TEXT", .help = "kept with a stage that failed"},
    {.name = NULL},
};

const gw_command gw_command_track_stage = {
    .name = "stage",
    .summary = "a step of a stage: start, complete, fail",
    .text = "A stage goes from pending to ongoing to completed or failed; only a failed one can be "
            "started again. The database keeps when it began and ended and how often it failed. A "
            "step that is not legal is an error that names the legal ones.",
    .examples = "godwit track stage Accounts start\n"
                "godwit track stage Accounts fail --why 'out of weight'",
    .options = stage_options,
    .arguments = stage_arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run_stage,
};

/* ---- count ------------------------------------------------------------------------------------------- */

static bool event_of_words(gw_invocation *invocation, json_t **out, gw_err *err)
{
    json_t *event = gw_json_own(invocation->arena, json_object());
    json_object_set_new(event, "kind", gw_json_text(gw_argument_text(invocation, 0)));
    for (size_t i = 1; i < invocation->words.argument_count; i++) {
        const char *word = gw_argument_text(invocation, i);
        const char *equals = strchr(word, '=');
        if (!equals || equals == word)
            return gw_err_set(err, GW_ERR_USAGE, "\"%s\" is not KEY=VALUE", word);
        const char *key = gw_strndup(invocation->arena, word, (size_t)(equals - word));
        if (json_object_get(event, key))
            return gw_err_set(err, GW_ERR_USAGE, "%s is given twice", key);
        json_object_set_new(event, key, gw_json_text(equals + 1));
    }
    *out = event;
    return true;
}

static bool run_count(gw_invocation *invocation, gw_err *err)
{
    const char *tracker = gw_track_wanted(invocation);
    json_t *event = NULL;
    gw_session *session;
    if (!event_of_words(invocation, &event, err))
        return false;
    if (!gw_app_track_open(invocation->app, invocation->arena, true, &session, err) ||
        !gw_track_count(session, tracker, event, err))
        return false;
    if (invocation->json) {
        gw_json_string(invocation->out, "tracker", tracker);
        gw_json_raw(invocation->out, "event", gw_json_dump(invocation->arena, event));
    }
    return true;
}

static const char *const kinds[] = {"pallet", "xcm", "balance", "teleport", NULL};

static const gw_argument count_arguments[] = {
    {.name = "KIND", .help = "pallet, xcm, balance or teleport", .required = true, .choices = kinds},
    {.name = "KEY=VALUE",
     .help = "what is counted: the members of an event of that kind",
     .required = true,
     .many = true},
    {.name = NULL},
};

static const gw_option count_options[] = {GW_OPTION_TRACKER, {.name = NULL}};

const gw_command gw_command_track_count = {
    .name = "count",
    .summary = "add to a counter, or say how many there will be",
    .text = "The database adds, in one statement: many may count at once and nothing is lost. "
            "Each call counts, also a second one with the same words; events that are to count "
            "once go through `godwit track ingest`.\n"
            "\n"
            "  pallet    pallet= stage= processed= received= failed= total=\n"
            "  xcm       source= destination= sent= processed= failed=\n"
            "  balance   accounts= migrated= kept= failed=\n"
            "  teleport  mints= mint_amount= burns= burn_amount= failed=\n"
            "\n"
            "total= declares how many there will be; else it is what has been received.",
    .examples = "godwit track count pallet pallet=Balances stage=Accounts total=1500000\n"
                "godwit track count pallet pallet=Balances stage=Accounts processed=9 failed=1",
    .options = count_options,
    .arguments = count_arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run_count,
};

/* ---- all of them --------------------------------------------------------------------------------------- */

static const gw_command *const subcommands[] = {&gw_command_track_show, &gw_command_track_ingest,
                                                &gw_command_track_stage, &gw_command_track_count,
                                                NULL};

const gw_command gw_command_track = {
    .name = "track",
    .summary = "count what any migration moves, exactly once, and watch it live",
    .text = "Stages and counters of a migration that runs anywhere: fed from a stream of events, "
            "from the blocks of a chain, or by hand. They stand in schema godwit of the "
            "environment's database; several trackers can stand side by side.",
    .examples = "godwit track ingest events.ndjson\n"
                "godwit track ingest --format sidecar blocks.ndjson\n"
                "godwit track show --watch",
    .flags = GW_COMMAND_PROJECT,
    .subcommands = subcommands,
};
