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
        if (f->text) {
            gw_json_string(json, "message", f->text);
            gw_json_string(json, "hint", f->advice);
        }
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *shortened(gw_arena *arena, const char *checksum)
{
    return checksum ? gw_strndup(arena, checksum, 12) : NULL;
}

/* Is any? *tenant: the one whose they all are, else "". */
static bool changed(const gw_verify_result *result, const char **tenant)
{
    *tenant = NULL;
    for (size_t i = 0; i < result->len; i++) {
        const gw_verify_finding *f = &result->items[i];
        if (strcmp(f->kind, "modified") == 0 && !f->text)
            *tenant = !*tenant || strcmp(*tenant, f->tenant) == 0 ? f->tenant : "";
    }
    return *tenant != NULL;
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
        if (result->items[i].text)
            gw_say(invocation, "%s; %s", result->items[i].text, result->items[i].advice);
    const char *tenant = NULL;
    if (changed(result, &tenant))
        gw_say(invocation,
               "put a changed file back as it was (in git: git log -p -- FILE) and write a new "
               "migration, or, where the change does the same, accept it: %s",
               gw_app_repair_of_tenant(arena, tenant, "godwit repair"));
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

typedef struct drifting {
    gw_invocation *invocation;
    const char *tenant; /* NULL: not said */
    bool begun, compared, equal;
    gw_texts warnings;
} drifting;

static void begin_json(drifting *d, bool several)
{
    if (d->begun)
        return;
    gw_json_open(d->invocation->out, "drift", '{');
    if (several)
        gw_json_open(d->invocation->out, "tenants", '[');
    d->begun = true;
}

static void drift_json(gw_json *json, const gw_drift *drift)
{
    gw_json_bool(json, "compared", !drift->not_compared);
    if (drift->not_compared) {
        gw_json_string(json, "reason", drift->not_compared);
        return;
    }
    gw_json_bool(json, "equal", drift->equal);
    gw_changes_json(json, &drift->to_files);
    sql_json(json, "database_to_migrations", &drift->to_files);
    sql_json(json, "migrations_to_database", &drift->to_database);
}

static void drift_text(const drifting *d, const gw_drift *drift)
{
    gw_invocation *invocation = d->invocation;
    gw_arena *arena = invocation->arena;
    const char *of = d->tenant ? gw_printf(arena, "%s: ", gw_text_safe(arena, d->tenant)) : "";
    if (drift->not_compared) {
        if (!invocation->quiet)
            gw_term_write(invocation->term,
                          gw_printf(arena, "warning: %sdrift was not looked for: %s%s%s\n", of,
                                    gw_text_safe(arena, drift->not_compared),
                                    drift->hint ? "; " : "",
                                    drift->hint ? gw_text_safe(arena, drift->hint) : ""));
        return;
    }
    if (drift->equal) {
        gw_say(invocation, "%sthe schema is what the applied migrations make", of);
        return;
    }
    gw_say(invocation, "%sthe schema is not what the applied migrations make: %s", of,
           gw_plural(arena, drift->to_files.plan->changes.len, "difference"));
    printf("\n-- %sWhat would make the database equal to its migrations:\n", of);
    fputs(gw_diff_text(arena, &drift->to_files), stdout);
    printf("\n-- %sWhat a migration would have to do to say what the database is:\n", of);
    fputs(gw_diff_text(arena, &drift->to_database), stdout);
}

static void add_warning(drifting *d, const char *text)
{
    gw_arena *arena = d->invocation->arena;
    for (size_t i = 0; i < d->warnings.len; i++)
        if (strcmp(d->warnings.items[i], text) == 0)
            return;
    *gw_vec_push(arena, &d->warnings) = gw_strdup(arena, text);
}

static void saw_drift(void *self, const char *tenant, const gw_drift *drift)
{
    drifting *d = self;
    gw_json *json = d->invocation->json ? d->invocation->out : NULL;
    d->tenant = *tenant ? tenant : NULL;
    d->compared &= !drift->not_compared;
    d->equal &= drift->not_compared || drift->equal;
    if (json)
        begin_json(d, d->tenant != NULL);
    if (json && d->tenant) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tenant", tenant);
    }
    if (json)
        drift_json(json, drift);
    else
        drift_text(d, drift);
    if (json && d->tenant)
        gw_json_close(json, '}');
    for (size_t i = 0; i < drift->to_files.warnings.len; i++)
        add_warning(d, drift->to_files.warnings.items[i]);
}

static bool drift(gw_invocation *invocation, gw_err *err)
{
    drifting d = {.invocation = invocation, .compared = true, .equal = true};
    gw_json *json = invocation->json ? invocation->out : NULL;
    bool several = false;
    if (!gw_app_drift_each(invocation->app, invocation->arena, saw_drift, &d, &several, err))
        return false;
    if (json && several) {
        begin_json(&d, several);
        gw_json_close(json, ']');
        gw_json_bool(json, "compared", d.compared);
        gw_json_bool(json, "equal", d.equal);
    }
    if (json)
        gw_json_close(json, '}');
    gw_warnings_show(invocation, &d.warnings);
    if (!d.equal)
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
            "CRLF is the same file. With compat: sqlx the table of sqlx is compared as well, "
            "where they do. Then the applied files are replayed on a shadow database, and "
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
