#include <stdio.h>
#include <string.h>

#include "app/lint.h"
#include "base/file.h"
#include "base/vec.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/lint_format.h"
#include "cmd/report.h"

static const char *const formats[] = {"text", "json", "sarif", "github", NULL};

static const gw_option options[] = {
    {.name = "pending",
     .type = GW_OPTION_FLAG,
     .help = "speak only of files that the database has not applied"},
    {.name = "observe",
     .type = GW_OPTION_FLAG,
     .help = "run them on a shadow as well: rewrites, scans and locks as plan sees"},
    {.name = "format",
     .type = GW_OPTION_CHOICE,
     .value = "FORMAT",
     .help = "how findings are printed: text, json, sarif (2.1.0), or github (annotations)",
     .choices = formats},
    {.name = "explain",
     .type = GW_OPTION_TEXT,
     .value = "RULE",
     .help = "say what goes wrong and how it is done safely"},
    {.name = "list", .type = GW_OPTION_FLAG, .help = "list all rules"},
    {.name = "markdown", .type = GW_OPTION_FLAG, .help = "all rules explained, as Markdown"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "FILE",
     .help = "a file or a folder; none: the project's migrations",
     .many = true,
     .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

/* ---- the rules themselves -------------------------------------------------------------- */

static bool explain(gw_invocation *invocation, const char *name, gw_err *err)
{
    const gw_rule_text *rule = gw_rule_find(name);
    if (!rule) {
        const char *near = gw_rule_nearest(name);
        gw_err_set(err, GW_ERR_USAGE, "there is no rule %s", name);
        return gw_err_hint(err, near ? "did you mean %s?" : "godwit lint --list names all rules",
                           near);
    }
    gw_buf text = GW_BUF(invocation->arena);
    if (invocation->json) {
        gw_lint_rule_json(invocation->out, rule);
        return true;
    }
    gw_lint_explain(&text, rule, invocation->color);
    fputs(gw_buf_str(&text), stdout);
    return true;
}

static void list_rules(gw_invocation *invocation)
{
    static const char *const titles[] = {"RULE", "SEVERITY", "ABOUT", NULL};
    if (invocation->json) {
        gw_json_open(invocation->out, "rules", '[');
        for (size_t i = 0; i < gw_rule_count(); i++) {
            gw_json_open(invocation->out, NULL, '{');
            gw_lint_rule_json(invocation->out, gw_rule_at(i));
            gw_json_close(invocation->out, '}');
        }
        gw_json_close(invocation->out, ']');
        return;
    }
    gw_grid grid = gw_grid_start(invocation->arena, titles, NULL);
    for (size_t i = 0; i < gw_rule_count(); i++) {
        gw_grid_add(&grid, gw_rule_at(i)->name);
        gw_grid_add(&grid, gw_severity_name(gw_rule_at(i)->severity));
        gw_grid_add(&grid, gw_rule_group_title(gw_rule_at(i)->group));
    }
    gw_grid_print(&grid, stdout, invocation->color);
    gw_say(invocation, "%zu rules; one of them: godwit lint --explain RULE", gw_rule_count());
}

/* ---- findings -------------------------------------------------------------------------- */

static const char *count(gw_invocation *invocation, size_t n, const char *one)
{
    return gw_plural(invocation->arena, n, one);
}

static void show_text(gw_invocation *invocation, const gw_finding_list *list)
{
    gw_buf text = GW_BUF(invocation->arena);
    gw_lint_as_text(&text, list, invocation->color);
    fputs(gw_buf_str(&text), stdout);
    char *ignored = list->ignored ? gw_printf(invocation->arena, ", %zu ignored", list->ignored)
                                  : gw_strdup(invocation->arena, "");
    gw_say(invocation, "%s, %s: %s, %s, %s%s", count(invocation, list->files, "file"),
           count(invocation, list->statements, "statement"),
           count(invocation, list->errors, "error"), count(invocation, list->warnings, "warning"),
           count(invocation, list->notes, "note"), ignored);
}

static void show(gw_invocation *invocation, const char *format, const gw_finding_list *list)
{
    gw_buf text = GW_BUF(invocation->arena);
    bool sarif = strcmp(format, "sarif") == 0;
    if (invocation->json) {
        gw_lint_as_json(invocation->out, list);
    } else if (sarif || strcmp(format, "json") == 0) {
        gw_json json = gw_json_start(invocation->arena, stdout);
        gw_json_open(&json, NULL, '{');
        if (sarif)
            gw_lint_as_sarif(&json, list);
        else
            gw_lint_as_json(&json, list);
        gw_json_close(&json, '}');
        gw_buf_addc(&json.buf, '\n');
        gw_json_flush(&json);
    } else if (strcmp(format, "github") == 0) {
        gw_lint_as_github(&text, list);
        fputs(gw_buf_str(&text), stdout);
    } else {
        show_text(invocation, list);
    }
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *format = gw_option_text(invocation, "format");
    const char *rule = gw_option_text(invocation, "explain");
    const char *dir = gw_option_text(invocation, "chdir");
    GW_VEC(const char *) files = {0};
    if (rule)
        return explain(invocation, rule, err);
    if (gw_flag(invocation, "list")) {
        list_rules(invocation);
        return true;
    }
    if (gw_flag(invocation, "markdown")) {
        gw_buf page = GW_BUF(invocation->arena);
        gw_lint_page(&page);
        fputs(gw_buf_str(&page), stdout);
        return true;
    }
    if (invocation->json && format && strcmp(format, "json") != 0)
        return gw_err_set(err, GW_ERR_USAGE, "--json and --format %s do not go together", format);
    for (size_t i = 0; gw_argument_text(invocation, i); i++) {
        const char *file = gw_argument_text(invocation, i);
        *gw_vec_push(invocation->arena, &files) =
            dir ? gw_path_join(invocation->arena, dir, file) : file;
    }
    gw_lint_request request = {.files = files.items,
                               .file_count = files.len,
                               .observe = gw_flag(invocation, "observe")};
    request.pending = request.observe || gw_flag(invocation, "pending");
    gw_finding_list list;
    gw_texts warnings = {0};
    if (!gw_app_lint(invocation->app, invocation->arena, &request, &list, &warnings, err))
        return false;
    show(invocation, format ? format : "text", &list);
    if (request.observe && !format)
        gw_warnings_show(invocation, &warnings);
    if (list.errors)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

const gw_command gw_command_lint = {
    .name = "lint",
    .summary = "look for what goes wrong, before it runs",
    .text = "Reads the migrations in order, follows what they make, and looks at each statement with "
            "more than a hundred rules: locks that stop everybody, rows that would be lost, things that "
            "are used before they are there, types and keys that one regrets, files that cannot run. "
            "Connects to no database, unless --pending asks it what is applied. Exits 3 where a finding "
            "is an error.\n"
            "\n"
            "--observe goes further: the pending files run on a shadow of the database, as in plan, and what "
            "the server does there (tables written anew, scans, locks that are kept) is found, "
            "shown and silenced as everything else.\n"
            "\n"
            "A file of a folder of migrations is read with the others around it; only it is spoken of.\n"
            "\n"
            "What is meant is silenced where it stands, with a reason: -- godwit: ignore RULE REASON on a "
            "statement, or above the first one for the whole file. lint: in godwit.yaml ignores "
            "rules everywhere, changes their severity, and names the oldest server.",
    .examples = "godwit lint\n"
                "godwit lint --pending\n"
                "godwit lint --observe --format github\n"
                "godwit lint migrations/20261101090000_accounts.up.sql\n"
                "godwit lint --explain add_foreign_key\n"
                "godwit lint --format sarif > lint.sarif\n"
                "# in a GitHub workflow\n"
                "godwit lint --format github",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
