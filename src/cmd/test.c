#include <stdio.h>
#include <string.h>

#include "app/test.h"
#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/report.h"

static const gw_option options[] = {
    {.name = "seed",
     .type = GW_OPTION_TEXT,
     .value = "FILE",
     .help = "SQL with the rows to test with, loaded after the first migration that makes it "
             "possible; without it rows are made up",
     .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "VERSION", .help = "only these; all are tested without", .many = true},
    {.name = NULL},
};

static void finding_json(gw_json *json, const gw_test_finding *f)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "kind", f->kind);
    gw_json_string(json, "message", f->message);
    gw_json_string(json, "detail", f->detail);
    gw_json_string(json, "file", f->file);
    gw_json_int_or_null(json, "line", f->line ? (int64_t)f->line : GW_NULL_INT);
    gw_json_open(json, "sql", '[');
    for (size_t i = 0; i < f->sql.len; i++)
        gw_json_string(json, NULL, f->sql.items[i]);
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

static void findings_json(gw_json *json, const gw_test_migration *m, const char *key, bool notes)
{
    gw_json_open(json, key, '[');
    for (size_t i = 0; i < m->findings.len; i++)
        if (m->findings.items[i].note == notes)
            finding_json(json, &m->findings.items[i]);
    gw_json_close(json, ']');
}

static int64_t milliseconds(int64_t us)
{
    return us < 0 ? GW_NULL_INT : us / 1000;
}

static void as_json(gw_invocation *invocation, const gw_test_result *result)
{
    gw_json *json = invocation->out;
    gw_json_open(json, "migrations", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_test_migration *m = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "version", m->version);
        gw_json_string(json, "name", m->name);
        gw_json_string(json, "service", m->service);
        gw_json_int_or_null(json, "up_ms", milliseconds(m->up_us));
        gw_json_int_or_null(json, "down_ms", milliseconds(m->down_us));
        findings_json(json, m, "findings", false);
        findings_json(json, m, "notes", true);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_int(json, "failed", (int64_t)result->failed);
    gw_json_int(json, "untested", (int64_t)result->untested);
}

static void finding_text(gw_invocation *invocation, const gw_test_finding *f)
{
    enum { STATEMENTS = 12 };
    gw_arena *arena = invocation->arena;
    gw_buf line = GW_BUF(arena);
    gw_buf_add(&line, "  ");
    gw_style_add(&line, invocation->color, f->note ? GW_STYLE_DIM : GW_STYLE_RED, f->kind);
    gw_buf_addf(&line, ": %s\n", gw_text_safe(arena, f->message));
    if (f->file)
        gw_buf_addf(&line, "    at %s:%u\n", gw_path_from_here(f->file), f->line);
    if (f->detail)
        gw_buf_addf(&line, "    %s\n", gw_text_safe(arena, f->detail));
    for (size_t i = 0; i < f->sql.len && i < STATEMENTS; i++)
        gw_buf_addf(&line, "    lacks: %s;\n", gw_text_safe(arena, f->sql.items[i]));
    if (f->sql.len > STATEMENTS)
        gw_buf_addf(&line, "    … and %zu more\n", f->sql.len - STATEMENTS);
    fputs(gw_buf_str(&line), stdout);
}

/* A line as soon as a migration is done: 200 of them take a while. */
static void show(void *self, const gw_test_migration *m, size_t number, size_t total)
{
    gw_invocation *invocation = self;
    gw_buf line = GW_BUF(invocation->arena);
    if (invocation->json)
        return;
    gw_style_add(&line, invocation->color, m->passed ? GW_STYLE_GREEN : GW_STYLE_RED,
                 m->passed ? "ok    " : "FAILED");
    gw_buf_addf(&line, " %s%s%s %s", m->service, *m->service ? "/" : "", m->version, m->name);
    if (m->up_us >= 0)
        gw_buf_addf(&line, "  up %.1f ms", (double)m->up_us / 1000);
    if (m->down_us >= 0)
        gw_buf_addf(&line, ", down %.1f ms", (double)m->down_us / 1000);
    gw_say(invocation, "%s", gw_buf_str(&line));
    for (size_t i = 0; i < m->findings.len; i++)
        if (!m->findings.items[i].note || !invocation->quiet)
            finding_text(invocation, &m->findings.items[i]);
    fflush(stdout);
    (void)number;
    (void)total;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_test_result result = {0};
    gw_test_options wanted = {.versions = (const char *const *)invocation->words.arguments,
                              .version_count = invocation->words.argument_count,
                              .seed = gw_option_text(invocation, "seed"),
                              .done = show,
                              .self = invocation};
    if (!gw_app_test(invocation->app, invocation->arena, &wanted, &result, err))
        return false;
    if (invocation->json)
        as_json(invocation, &result);
    else
        gw_say(invocation, "%s tested, %s", gw_plural(invocation->arena, result.len, "migration"),
               result.failed ? gw_printf(invocation->arena, "%zu with findings", result.failed)
                             : "none with findings");
    if (result.stopped_at && !invocation->json)
        gw_say(invocation, "%zu behind %s could not be tested", result.untested, result.stopped_at);
    gw_warnings_show(invocation, &result.warnings);
    if (result.failed)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

const gw_command gw_command_test = {
    .name = "test",
    .summary = "each migration up, down and up again on a shadow, with rows",
    .text =
        "Each migration in its order, on a shadow database that is like the environment's: up, "
        "down, up again. Down has to give back the schema and the rows that were there before, up "
        "again has to give what the first up gave. A repeatable file runs twice and has to give "
        "the same. Nothing in your databases is changed. Exits 3 where it finds something.\n"
        "\n"
        "Rows: --seed FILE, loaded as soon as its tables are there. Without one, two or three rows "
        "are made up for each table, so that a migration that only runs on empty tables is found. "
        "A table that no row could be made for is named.\n"
        "\n"
        "Findings: missing-down, wrong-down (with the DDL that it lacks), lossy-down (rows or "
        "values that it cannot give back), rows-left, up-failed, down-failed, fails-with-rows, "
        "up-again-failed, up-again-differs, rows-differ, not-idempotent, verify-failed (of Sqitch). One that is meant is "
        "accepted in the file, with the reason: -- godwit: ignore lossy-down the column was empty.",
    .examples = "godwit test\n"
                "# before a commit: the new one, with rows like production's\n"
                "godwit test 20260301120000 --seed tests/rows.sql\n"
                "godwit test --json",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
