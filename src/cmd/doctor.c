/* doctor: what an expert would look at, what was found, and what to do about it. */
#include "app/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"

enum { LONG_MS = 60 * 1000, TIMEOUT_MS = 10 * 1000 };

/* ---- the checks themselves ------------------------------------------------------------------------- */

static void list_checks(gw_invocation *invocation)
{
    static const char *const titles[] = {"ID", "SEVERITY", "--fix", "FINDS", NULL};
    if (invocation->json)
        gw_json_open(invocation->out, "checks", '[');
    gw_grid grid = gw_grid_start(invocation->arena, titles, NULL);
    for (size_t i = 0; i < gw_care_check_count; i++) {
        const gw_care_check *check = &gw_care_checks[i];
        if (invocation->json) {
            gw_json_open(invocation->out, NULL, '{');
            gw_json_string(invocation->out, "id", check->id);
            gw_json_string(invocation->out, "severity", check->severity);
            gw_json_string(invocation->out, "title", check->title);
            gw_json_string(invocation->out, "advice", check->advice);
            gw_json_bool(invocation->out, "safe", check->safe);
            gw_json_close(invocation->out, '}');
        }
        gw_grid_add(&grid, check->id);
        gw_grid_add(&grid, check->severity);
        gw_grid_add(&grid, check->safe ? "yes" : NULL);
        gw_grid_add(&grid, check->title);
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
    else
        gw_grid_print(&grid, stdout, invocation->color);
}

/* docs/reference/doctor-checks.md */
static void explain_checks(gw_invocation *invocation)
{
    gw_say(invocation,
           "# Checks of the doctor\n\n"
           "What `godwit doctor` looks at; the statement of each is `sql/care/ID.sql`. The severity "
           "may differ by finding. **fix**: `--fix ID` runs the statements of the findings. This page "
           "is made by `godwit doctor --markdown`.\n");
    gw_say(invocation, "| check | severity | finds | what to do |\n|---|---|---|---|");
    for (size_t i = 0; i < gw_care_check_count; i++) {
        const gw_care_check *check = &gw_care_checks[i];
        gw_say(invocation, "| `%s` | %s%s | %s | %s |", check->id, check->severity,
               check->safe ? ", **fix**" : "", check->title, check->advice);
    }
}

/* ---- what was found ---------------------------------------------------------------------------------- */

static void show_json(gw_json *json, const gw_doctor_result *result)
{
    const gw_doctor_report *report = &result->report;
    gw_json_time(json, "at", gw_now_us());
    gw_json_open(json, "findings", '[');
    for (size_t i = 0; i < report->len; i++) {
        const gw_finding *f = &report->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "id", f->check->id);
        gw_json_string(json, "severity", f->severity);
        gw_json_string(json, "title", f->check->title);
        gw_json_string(json, "object", f->object);
        gw_json_string(json, "evidence", f->evidence);
        gw_json_string(json, "advice", f->check->advice);
        gw_json_string(json, "sql", f->sql);
        gw_json_bool(json, "safe", f->check->safe && f->sql);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "unseen", '[');
    for (size_t i = 0; i < report->unseen.len; i++) {
        const gw_unseen *u = &report->unseen.items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "id", u->check->id);
        gw_json_bool(json, "partly", u->partly);
        gw_json_string(json, "why", u->why);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "fixed", '[');
    for (size_t i = 0; i < result->len; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "id", result->items[i].id);
        gw_json_string(json, "object", result->items[i].object);
        gw_json_string(json, "sql", result->items[i].sql);
        gw_json_int(json, "duration_ms", result->items[i].duration_ms);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_int(json, "checks", (int64_t)report->checks);
}

static gw_style style_of(const char *severity)
{
    return strcmp(severity, "error") == 0     ? GW_STYLE_RED
           : strcmp(severity, "warning") == 0 ? GW_STYLE_YELLOW
                                              : GW_STYLE_DIM;
}

/* The findings of one check stand together, its advice below them. */
static void show_findings(gw_invocation *invocation, const gw_doctor_report *report)
{
    gw_arena *arena = invocation->arena;
    for (size_t i = 0; i < report->len; i++) {
        const gw_finding *f = &report->items[i];
        bool first = !i || f[-1].check != f->check || strcmp(f[-1].severity, f->severity) != 0;
        bool last = i + 1 == report->len || f[1].check != f->check ||
                    strcmp(f[1].severity, f->severity) != 0;
        if (first) {
            gw_buf line = GW_BUF(arena);
            gw_style_add(&line, invocation->color, style_of(f->severity), f->severity);
            gw_buf_addf(&line, ": %s (%s)", f->check->title, f->check->id);
            gw_say(invocation, "%s", gw_buf_str(&line));
        }
        gw_say(invocation, "  %s: %s", gw_text_safe(arena, f->object),
               gw_text_safe(arena, f->evidence));
        if (f->sql)
            gw_say(invocation, "    %s;", gw_text_safe(arena, f->sql));
        if (last)
            gw_say(invocation, "  %s\n", f->check->advice);
    }
}

static void show(gw_invocation *invocation, const gw_doctor_result *result)
{
    const gw_doctor_report *report = &result->report;
    gw_arena *arena = invocation->arena;
    for (size_t i = 0; i < result->len; i++)
        gw_say(invocation, "fixed %s: %s; (%s)", result->items[i].id,
               gw_text_safe(arena, result->items[i].sql),
               gw_duration_human(arena, result->items[i].duration_ms));
    show_findings(invocation, report);
    for (size_t i = 0; i < report->unseen.len; i++) {
        const gw_unseen *u = &report->unseen.items[i];
        gw_say(invocation, "%s %s: %s", u->partly ? "not all seen by" : "not looked at by",
               u->check->id, gw_text_safe(arena, u->why));
    }
    gw_say(invocation, "%s: %s, %s, %s", gw_plural(arena, report->checks, "check"),
           gw_plural(arena, report->errors, "error"), gw_plural(arena, report->warnings, "warning"),
           gw_plural(arena, report->notes, "note"));
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_doctor_result result;
    gw_doctor_wanted wanted = {
        .long_ms = gw_option_number(invocation, "longer-than", LONG_MS),
        .timeout_ms = gw_option_number(invocation, "timeout", TIMEOUT_MS)};
    if (gw_flag(invocation, "markdown")) {
        explain_checks(invocation);
        return true;
    }
    if (gw_flag(invocation, "list")) {
        list_checks(invocation);
        return true;
    }
    if (wanted.timeout_ms < 1)
        return gw_err_set(err, GW_ERR_USAGE, "--timeout has to be more than nothing");
    wanted.checks = gw_option_texts(invocation, "check", &wanted.check_count);
    wanted.fixes = gw_option_texts(invocation, "fix", &wanted.fix_count);
    bool ok = gw_app_doctor(invocation->app, invocation->arena, &wanted, &result, err);
    if (ok && result.report.errors)
        invocation->exit_code = GW_EXIT_CHECK;
    if (invocation->json)
        show_json(invocation->out, &result);
    else if (ok || result.len)
        show(invocation, &result);
    return ok;
}

static const gw_option options[] = {
    {.name = "check",
     .type = GW_OPTION_TEXT,
     .value = "ID",
     .help = "make this check only; may be given again"},
    {.name = "fix",
     .type = GW_OPTION_TEXT,
     .value = "ID",
     .help = "first run the statements that this check gives, where they are safe; may be given again"},
    {.name = "longer-than",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "sessions, statements and replicas are late from then on (1min)"},
    {.name = "timeout",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "of each check; one that takes longer is said and left (10s)"},
    {.name = "list", .type = GW_OPTION_FLAG, .help = "the checks, and which of them --fix takes"},
    {.name = "markdown", .type = GW_OPTION_FLAG, .help = "all checks explained, as Markdown"},
    {.name = NULL},
};

const gw_command gw_command_doctor = {
    .name = "doctor",
    .summary = "look at database and server as an expert would; say what to do",
    .text = "Indexes, dead rows, ids and keys near their end, sessions in each other's way, "
            "replication, settings, rights. Each finding has a severity, what was seen, what to do "
            "about it and, where there is one, the statement. Exit 3 where one is an error.\n"
            "\n"
            "Nothing is changed without --fix. What --fix takes is safe: it rebuilds, vacuums or "
            "analyzes, blocks neither readers nor writers, and makes nothing that a migration would "
            "have to know of. It runs under the run lock, and each statement is an event in the "
            "history.\n"
            "\n"
            "A member of pg_monitor sees nearly everything; what a role cannot see is said by check.",
    .examples = "godwit doctor\n"
                "# what is wrong with indexes, for a program\n"
                "godwit doctor --check invalid_index --check bloated_index --json\n"
                "godwit doctor --fix invalid_index --fix dead_rows\n"
                "# who has waited for five seconds, and for whom\n"
                "godwit doctor --check blocked_sessions --longer-than 5s",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
