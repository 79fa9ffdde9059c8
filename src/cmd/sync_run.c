/* sync run, and resume: rows on their way. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/sync_run.h"
#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"

static int64_t processed(const gw_sync_counts *counts)
{
    return counts->added + counts->modified + counts->deleted;
}

static void show_json(gw_json *json, const gw_sync_done *done)
{
    gw_json_string(json, "session", done->session);
    gw_json_string(json, "status", done->status);
    gw_json_open(json, "entities", '[');
    for (size_t i = 0; i < done->entity_count; i++) {
        const gw_sync_counts *one = &done->entities[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "entity", one->entity);
        gw_json_string(json, "status", one->status);
        gw_json_int(json, "processed", processed(one));
        gw_json_int(json, "rejected", one->rejected);
        gw_json_int(json, "remaining", one->remaining);
        gw_json_int(json, "new", one->added);
        gw_json_int(json, "modified", one->modified);
        gw_json_int(json, "deleted", one->deleted);
        gw_json_string(json, "error", one->error);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void show(gw_invocation *invocation, const gw_sync_done *done)
{
    static const char *const titles[] = {"ENTITY",  "STATUS",   "NEW",       "MODIFIED",
                                         "DELETED", "REJECTED", "REMAINING", NULL};
    static const bool right[] = {false, false, true, true, true, true, true};
    if (!done->entity_count)
        return;
    gw_grid grid = gw_grid_start(invocation->arena, titles, right);
    for (size_t i = 0; i < done->entity_count; i++) {
        const gw_sync_counts *one = &done->entities[i];
        const int64_t numbers[] = {one->added, one->modified, one->deleted, one->rejected,
                                   one->remaining};
        gw_grid_add(&grid, one->entity);
        gw_grid_add(&grid, one->status);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            gw_grid_add(&grid, gw_printf(invocation->arena, "%" PRId64, numbers[k]));
    }
    gw_grid_print(&grid, stdout, invocation->color);
    gw_say(invocation, "session %s is %s", done->session, done->status ? done->status : "unknown");
}

/* The number of percent; what is none is kind USAGE. */
static void tell(gw_invocation *invocation, const gw_sync_done *done, bool follow)
{
    gw_progress_view_stop(invocation->progress);
    if (!invocation->json) {
        show(invocation, done);
        return;
    }
    if (!follow) {
        show_json(invocation->out, done);
        return;
    }
    gw_json line = gw_json_start(invocation->arena, stdout);
    gw_json_open(&line, NULL, '{');
    show_json(&line, done);
    gw_json_close(&line, '}');
    gw_json_line(&line);
}

static bool take_words(const gw_invocation *invocation, gw_sync_wanted *wanted, gw_err *err)
{
    wanted->batch_rows = gw_option_number(invocation, "batch-size", 0);
    wanted->jobs = (unsigned)gw_option_number(invocation, "jobs", 0);
    wanted->replica = gw_flag(invocation, "replica");
    if (wanted->analysis && gw_flag(invocation, "follow"))
        return gw_err_set(err, GW_ERR_USAGE, "an analysis is applied once: --follow goes without it");
    return gw_max_deletes_option(invocation, &wanted->max_deletes, err);
}

/* Once. */
static bool go(gw_invocation *invocation, const gw_sync_wanted *wanted, bool follow, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_sync_done done;
    bool ok = gw_app_sync_run(invocation->app, arena, wanted, &done, err);
    tell(invocation, &done, follow);
    if (ok)
        invocation->exit_code = GW_EXIT_OK;
    for (size_t i = 0; ok && i < done.entity_count; i++)
        if (done.entities[i].rejected)
            invocation->exit_code = GW_EXIT_CHECK;
    gw_arena_free(arena);
    return ok;
}

/* Again and again until somebody stops it. */
static bool go_on(gw_invocation *invocation, const gw_sync_wanted *wanted, gw_err *err)
{
    gw_sync_settings settings;
    if (!gw_app_sync_settings(invocation->app, invocation->arena, &settings, err))
        return false;
    int64_t interval = gw_option_number(invocation, "interval", settings.interval_ms);
    do {
        if (!go(invocation, wanted, true, err))
            return false;
        fflush(stdout);
    } while (gw_sleep_ms(interval, invocation->cancel));
    invocation->exit_code = GW_EXIT_INTERRUPTED;
    return true;
}

static bool preview(gw_invocation *invocation, const gw_sync_wanted *wanted, gw_err *err)
{
    gw_sync_done done;
    if (!gw_app_sync_preview(invocation->app, invocation->arena, wanted, &done, err))
        return false;
    tell(invocation, &done, false);
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_sync_wanted wanted = {.entities = invocation->words.arguments,
                             .count = invocation->words.argument_count,
                             .analysis = gw_option_text(invocation, "analysis")};
    if (!take_words(invocation, &wanted, err))
        return false;
    if (gw_flag(invocation, "dry-run"))
        return preview(invocation, &wanted, err);
    return gw_flag(invocation, "follow") ? go_on(invocation, &wanted, err)
                                         : go(invocation, &wanted, false, err);
}

static bool resume(gw_invocation *invocation, gw_err *err)
{
    gw_sync_wanted wanted = {.session = gw_option_text(invocation, "session"), .resume = true};
    return take_words(invocation, &wanted, err) && go(invocation, &wanted, false, err);
}

static bool help(gw_invocation *invocation, gw_err *err)
{
    gw_sync_wanted wanted = {.session = gw_option_text(invocation, "session")};
    const char *id = NULL;
    int64_t rows;
    if (!take_words(invocation, &wanted, err))
        return false;
    if (!wanted.jobs)
        wanted.jobs = 1;
    bool ok = gw_app_sync_help(invocation->app, invocation->arena, &wanted, &id, &rows, err);
    gw_progress_view_stop(invocation->progress);
    if (!id)
        return ok;
    if (invocation->json) {
        gw_json_string(invocation->out, "session", id);
        gw_json_int(invocation->out, "processed", rows);
    } else {
        gw_say(invocation, "%" PRId64 " rows of session %s", rows, id);
    }
    return ok;
}

#define OPTION_BATCH_SIZE                                                                          \
    {.name = "batch-size",                                                                         \
     .type = GW_OPTION_COUNT,                                                                      \
     .value = "N",                                                                                 \
     .help = "rows of a batch at most; without it, what half a second allows"}
#define OPTION_JOBS                                                                                \
    {.name = "jobs",                                                                               \
     .type = GW_OPTION_COUNT,                                                                      \
     .value = "N",                                                                                 \
     .help = "workers side by side (the environment's connections)"}
#define OPTION_REPLICA                                                                             \
    {.name = "replica",                                                                            \
     .type = GW_OPTION_FLAG,                                                                       \
     .help = "without the destination's triggers and foreign keys, for a role that may"}

static const gw_option run_options[] = {
    {.name = "analysis",
     .type = GW_OPTION_TEXT,
     .value = "ID",
     .help = "apply what sync detect has stored, and nothing else"},
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "say what would be moved, and write nothing"},
    {.name = "follow",
     .type = GW_OPTION_FLAG,
     .help = "again and again, until it is stopped"},
    {.name = "interval",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "between two runs of --follow (1min)"},
    OPTION_BATCH_SIZE,
    OPTION_JOBS,
    GW_OPTION_MAX_DELETES,
    OPTION_REPLICA,
    {.name = NULL},
};

static const gw_option resume_options[] = {
    GW_OPTION_SESSION,
    OPTION_BATCH_SIZE,
    OPTION_JOBS,
    GW_OPTION_MAX_DELETES,
    OPTION_REPLICA,
    {.name = NULL},
};

static const gw_option worker_options[] = {
    GW_OPTION_SESSION,
    OPTION_JOBS,
    OPTION_BATCH_SIZE,
    OPTION_REPLICA,
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "ENTITY", .help = "only these; all without", .many = true},
    {.name = NULL},
};

const gw_command gw_command_sync_run = {
    .name = "run",
    .summary = "move what is new, changed or gone since the last run",
    .text = "Looks at every entity under one snapshot of the source, then applies what it found, in "
            "the order of their dependencies. Rows, ids, quarantine and checkpoint of a batch "
            "commit together in the destination: killed at any moment, nothing is there half, and "
            "the same command goes on where it was.\n"
            "\n"
            "A session that was interrupted or paused goes on, with the entities that it had. A "
            "row that is refused goes into the quarantine, and the run ends with exit 3. Where "
            "more rows are gone than --max-deletes allows nothing is applied (exit 5).\n"
            "\n"
            "With --analysis the keys of a stored analysis are read again, and each takes the state "
            "that is found there now; what else has changed is left for the next run. One that was "
            "made under another version of the mapping, or is applied already, is refused.\n"
            "\n"
            "Ctrl-C pauses at the end of the current batch (exit 6); a second one ends the batch "
            "at once, and it is as if it had never begun.",
    .examples = "godwit sync run\n"
                "godwit sync run doctors patients\n"
                "# what godwit sync detect has found and shown\n"
                "godwit sync run --analysis 0193a5b2-7c1e-7f00-8000-3b1f0c9d2e44\n"
                "# all the time, every ten seconds\n"
                "godwit sync run --follow --interval 10s\n"
                "# most of the rows are really gone\n"
                "godwit sync run --max-deletes 100",
    .options = run_options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};

const gw_command gw_command_sync_resume = {
    .name = "resume",
    .summary = "go on with a session that was paused or interrupted",
    .text = "Works on in this terminal, with a new snapshot of the source: every entity is looked "
            "at again, so that what changed in between comes along.",
    .examples = "godwit sync resume",
    .options = resume_options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = resume,
};

const gw_command gw_command_sync_worker = {
    .name = "worker",
    .summary = "help the session that runs, from this process or host",
    .text = "Reads the source under the session's own snapshot, and ends when the session does. What a "
            "worker that dies has begun is taken over by another when its lease ends.",
    .examples = "godwit sync worker --jobs 2",
    .options = worker_options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = help,
};
