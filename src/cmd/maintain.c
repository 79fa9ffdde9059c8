/* maintain: upkeep, once or again and again. */
#include "app/maintain.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"

static void list_actions(gw_invocation *invocation)
{
    static const char *const titles[] = {"ACTION", "DOES", NULL};
    gw_grid grid = gw_grid_start(invocation->arena, titles, NULL);
    if (invocation->json)
        gw_json_open(invocation->out, "actions", '[');
    for (size_t i = 0; i < gw_maintain_action_count(); i++) {
        gw_maintain_action action = gw_maintain_action_at(i);
        gw_grid_add(&grid, action.name);
        gw_grid_add(&grid, action.summary);
        if (!invocation->json)
            continue;
        gw_json_open(invocation->out, NULL, '{');
        gw_json_string(invocation->out, "name", action.name);
        gw_json_string(invocation->out, "summary", action.summary);
        gw_json_close(invocation->out, '}');
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
    else
        gw_grid_print(&grid, stdout, invocation->color);
}

static void show_json(gw_json *json, const gw_maintain_result *result)
{
    gw_json_open(json, "steps", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_maintained *item = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "action", item->action);
        gw_json_string(json, "object", item->object);
        gw_json_string(json, "what", item->what);
        gw_json_string(json, "outcome", item->outcome);
        gw_json_string(json, "detail", item->detail);
        gw_json_string(json, "sql", item->sql);
        gw_json_int_or_null(json, "duration_ms", item->duration_ms);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_int(json, "done", (int64_t)result->done);
    gw_json_int(json, "skipped", (int64_t)result->skipped);
    gw_json_int(json, "left", (int64_t)result->left);
    gw_json_int(json, "failed", (int64_t)result->failed);
}

static gw_style style_of(const char *outcome)
{
    return strcmp(outcome, "failed") == 0 ? GW_STYLE_RED
           : strcmp(outcome, "done") == 0 ? GW_STYLE_GREEN
                                          : GW_STYLE_YELLOW;
}

static void show(gw_invocation *invocation, gw_arena *arena, const gw_maintain_result *result)
{
    for (size_t i = 0; i < result->len; i++) {
        const gw_maintained *item = &result->items[i];
        gw_buf line = GW_BUF(arena);
        gw_style_add(&line, invocation->color, style_of(item->outcome), item->outcome);
        gw_buf_addf(&line, " %s %s: %s", item->action, gw_text_safe(arena, item->object),
                    gw_text_safe(arena, item->what));
        if (item->duration_ms != GW_NULL_INT)
            gw_buf_addf(&line, " (%s)", gw_duration_human(arena, item->duration_ms));
        gw_say(invocation, "%s", gw_buf_str(&line));
        if (item->detail)
            gw_say(invocation, "  %s", gw_text_safe(arena, item->detail));
        if (item->sql && strcmp(item->outcome, "done") != 0)
            gw_say(invocation, "  %s;", gw_text_safe(arena, item->sql));
    }
    if (!result->len)
        gw_say(invocation, "nothing to do");
}

static void tell(gw_invocation *invocation, gw_arena *arena, const gw_maintain_result *result,
                 const gw_err *problem, bool again)
{
    gw_progress_view_stop(invocation->progress);
    if (!invocation->json) {
        show(invocation, arena, result);
        return;
    }
    if (!again) {
        show_json(invocation->out, result);
        return;
    }
    gw_json line = gw_json_start(arena, stdout);
    gw_json_open(&line, NULL, '{');
    show_json(&line, result);
    if (problem->kind != GW_OK)
        gw_report_json(&line, "error", problem);
    gw_json_close(&line, '}');
    gw_json_line(&line);
}

static bool go(gw_invocation *invocation, const gw_maintain_wanted *wanted, gw_err *err)
{
    gw_maintain_result result;
    bool ok = gw_app_maintain(invocation->app, invocation->arena, wanted, &result, err);
    if (ok || result.len)
        tell(invocation, invocation->arena, &result, err, false);
    if (ok && result.skipped)
        invocation->exit_code = GW_EXIT_BUSY;
    return ok;
}

/* What no later time would do better. */
static bool is_hopeless(const gw_err *err)
{
    return err->kind == GW_ERR_USAGE || err->kind == GW_ERR_CONFIG || err->kind == GW_ERR_REFUSED ||
           err->kind == GW_ERR_INTERRUPTED;
}

/* Until somebody stops it; what fails is told, and tried again the next time. */
static bool go_on(gw_invocation *invocation, const gw_maintain_wanted *wanted, int64_t every,
                  gw_err *err)
{
    do {
        gw_arena *arena = gw_arena_new();
        gw_err problem = {0};
        gw_maintain_result result;
        gw_app_maintain(invocation->app, arena, wanted, &result, &problem);
        tell(invocation, arena, &result, &problem, true);
        fflush(stdout);
        bool hopeless = is_hopeless(&problem);
        if (hopeless)
            gw_err_move(err, &problem);
        else if (problem.kind != GW_OK)
            gw_log_write(invocation->log, GW_LOG_ERROR, invocation->span, "upkeep did not reach its end",
                         GW_FIELDS(GW_TEXT("why", problem.message)));
        gw_err_clear(&problem);
        gw_arena_free(arena);
        if (hopeless)
            return false;
    } while (gw_sleep_ms(every, invocation->cancel));
    invocation->exit_code = GW_EXIT_INTERRUPTED;
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_maintain_wanted wanted = {
        .dry_run = gw_flag(invocation, "dry-run"),
        .wait_ms = gw_option_number(invocation, "wait", 0),
        .budget_ms = gw_option_number(invocation, "budget", GW_CONFIG_UNSAID),
        .lock_timeout_ms = gw_option_number(invocation, "lock-timeout", GW_CONFIG_UNSAID),
        .passphrase_file = gw_option_text(invocation, "passphrase-file")};
    int64_t every = gw_option_number(invocation, "every", 0);
    if (gw_flag(invocation, "list")) {
        list_actions(invocation);
        return true;
    }
    wanted.only = gw_option_texts(invocation, "only", &wanted.only_count);
    if (every && wanted.dry_run)
        return gw_err_set(err, GW_ERR_USAGE, "--every and --dry-run exclude each other");
    if (gw_option_text(invocation, "every") && every < 1)
        return gw_err_set(err, GW_ERR_USAGE, "--every has to be more than nothing");
    return every ? go_on(invocation, &wanted, every, err) : go(invocation, &wanted, err);
}

static const gw_option options[] = {
    {.name = "every",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "again and again, so long after the last time, until it is stopped"},
    {.name = "only",
     .type = GW_OPTION_TEXT,
     .value = "ACTION",
     .help = "this action only; may be given again (--list names them)"},
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "say what would be done, and change nothing"},
    {.name = "budget",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "of each action; what is left the next run does (10min)"},
    {.name = "lock-timeout",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "how long a statement waits for a lock before it gives way and tries again"},
    {.name = "wait",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "for a migration that runs; else its steps are skipped (0s)"},
    GW_OPTION_PASSPHRASE_FILE,
    {.name = "list", .type = GW_OPTION_FLAG, .help = "the actions, in their order"},
    {.name = NULL},
};

const gw_command gw_command_maintain = {
    .name = "maintain",
    .summary = "upkeep: partitions, retention, vacuum, backups, on a schedule",
    .text =
        "Does what maintain: of godwit.yaml declares, and what doctor finds that is safe to put "
        "right, in small steps: partitions made ahead and archived when they are over, declared "
        "statements, old entries of Godwit's own tables, vacuum, indexes built anew, backups made, "
        "proven and pruned. Each step is an event in the history.\n"
        "\n"
        "A step begins only while no migration runs; else it is skipped (exit 7), or waits with "
        "--wait. Two upkeeps of one database are never at work at once. An action that has used up "
        "its time leaves the rest to the next run, and so does one that is killed. A step that "
        "fails does not keep the others from theirs; exit 1 then.",
    .examples = "godwit maintain --dry-run\n"
                "godwit maintain\n"
                "godwit maintain --only partitions --only retention\n"
                "# as a service; a systemd timer is shipped, too\n"
                "godwit maintain --every 1h --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
