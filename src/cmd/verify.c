#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"

static void as_json(gw_json *json, const gw_verify_result *result)
{
    gw_json_int(json, "checked", (int64_t)result->checked);
    gw_json_open(json, "findings", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_verify_finding *f = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "kind", f->kind);
        if (f->tenant && *f->tenant)
            gw_json_string(json, "tenant", f->tenant);
        gw_json_string(json, "version", f->version);
        gw_json_string(json, "name", f->name);
        gw_json_string(json, "service", f->service);
        gw_json_string(json, "file", f->file);
        gw_json_string(json, "expected", f->expected);
        gw_json_string(json, "found", f->found);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *shortened(gw_arena *arena, const char *checksum)
{
    return checksum ? gw_strndup(arena, checksum, 12) : NULL;
}

static void as_text(gw_invocation *invocation, const gw_verify_result *result)
{
    static const char *const titles[] = {"FOUND",    "VERSION",  "NAME", "SERVICE", "TENANT",
                                         "RECORDED", "FILE HAS", "FILE", NULL};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, NULL);
    for (size_t i = 0; i < result->len; i++) {
        const gw_verify_finding *f = &result->items[i];
        gw_grid_add_styled(&grid, GW_STYLE_RED, f->kind);
        gw_grid_add(&grid, f->version);
        gw_grid_add(&grid, f->name);
        gw_grid_add(&grid, f->service);
        gw_grid_add(&grid, f->tenant);
        gw_grid_add(&grid, shortened(arena, f->expected));
        gw_grid_add(&grid, f->expected ? shortened(arena, f->found) : NULL);
        gw_grid_add(&grid, gw_path_from_here(f->file));
    }
    if (result->len > 0)
        gw_grid_print(&grid, stdout, invocation->color);
    gw_say(invocation, "%s checked, %s", gw_plural(arena, result->checked, "migration"),
           result->len ? gw_plural(arena, result->len, "finding") : "all as recorded");
    for (size_t i = 0; i < result->len; i++)
        if (strcmp(result->items[i].kind, "modified") == 0) {
            gw_say(invocation,
                   "put a changed file back as it was (in git: git log -p -- FILE) and write a new "
                   "migration, or, where the change does the same, accept it: godwit repair");
            return;
        }
}

/* ---- drift ------------------------------------------------------------------------------------- */

static void sql_json(gw_json *json, const char *key, const gw_diff *diff)
{
    gw_json_open(json, key, '[');
    if (diff->statements.len && *gw_diff_settings(diff))
        gw_json_string(json, NULL, gw_diff_settings(diff));
    for (size_t i = 0; i < diff->statements.len; i++)
        gw_json_string(json, NULL, diff->statements.items[i].sql);
    gw_json_close(json, ']');
}

static void drift_json(gw_invocation *invocation, const gw_drift *drift)
{
    gw_json *json = invocation->out;
    gw_json_open(json, "drift", '{');
    gw_json_bool(json, "compared", !drift->not_compared);
    if (drift->not_compared) {
        gw_json_string(json, "reason", drift->not_compared);
    } else {
        gw_json_bool(json, "equal", drift->equal);
        gw_changes_json(json, &drift->to_files);
        sql_json(json, "database_to_migrations", &drift->to_files);
        sql_json(json, "migrations_to_database", &drift->to_database);
    }
    gw_json_close(json, '}');
}

static void drift_text(gw_invocation *invocation, const gw_drift *drift)
{
    gw_arena *arena = invocation->arena;
    if (drift->not_compared) {
        if (!invocation->quiet)
            gw_term_write(invocation->term,
                          gw_printf(arena, "warning: drift was not looked for: %s%s%s\n",
                                    gw_text_safe(arena, drift->not_compared),
                                    drift->hint ? "; " : "",
                                    drift->hint ? gw_text_safe(arena, drift->hint) : ""));
        return;
    }
    if (drift->equal) {
        gw_say(invocation, "the schema is what the applied migrations make");
        return;
    }
    gw_say(invocation, "the schema is not what the applied migrations make: %s",
           gw_plural(arena, drift->to_files.plan->changes.len, "difference"));
    fputs("\n-- What would make the database equal to its migrations:\n", stdout);
    fputs(gw_diff_text(arena, &drift->to_files), stdout);
    fputs("\n-- What a migration would have to do to say what the database is:\n", stdout);
    fputs(gw_diff_text(arena, &drift->to_database), stdout);
}

static bool drift(gw_invocation *invocation, gw_err *err)
{
    gw_drift found;
    if (!gw_app_drift(invocation->app, invocation->arena, &found, err))
        return false;
    if (invocation->json)
        drift_json(invocation, &found);
    else
        drift_text(invocation, &found);
    gw_warnings_show(invocation, &found.to_files.warnings);
    if (!found.not_compared && !found.equal)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_verify_result result = {0};
    if (!gw_app_verify(invocation->app, invocation->arena, &result, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &result);
    else
        as_text(invocation, &result);
    if (result.len > 0)
        invocation->exit_code = GW_EXIT_CHECK;
    fflush(stdout);
    return gw_flag(invocation, "no-drift") || drift(invocation, err);
}

static const gw_option options[] = {
    {.name = "no-drift",
     .type = GW_OPTION_FLAG,
     .help = "look at the files only, not at what is in the database"},
    {.name = NULL},
};

const gw_command gw_command_verify = {
    .name = "verify",
    .summary = "compare the files with the history, and with the database",
    .text = "Compares the checksum of each applied file with the one in the history, and looks for "
            "files that are gone, failed or out of order. Line ends do not count: a checkout with "
            "CRLF is the same file. Then the applied files are replayed on a shadow database, and "
            "what they make is compared with the schema of the database: where somebody changed it "
            "by hand, the DDL either way is printed. Exits 3 where it finds something; changes "
            "nothing.\n"
            "\n"
            "A shadow database needs PostgreSQL's programs here, or shadow: { url: … } in "
            "godwit.yaml. Without them the files are verified all the same, and a warning says "
            "that drift was not looked for.\n"
            "\n"
            "A file that was changed on purpose (a comment, say) is accepted with godwit repair. "
            "Otherwise take the file back to what it was, and write a new migration.",
    .examples = "godwit verify\ngodwit verify --json\n# checksums only\ngodwit verify --no-drift",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
