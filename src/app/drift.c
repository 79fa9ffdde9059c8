/* Drift: what is in the database and in no migration, or the other way round. */
#include <string.h>

#include "app/comparison.h"
#include "base/file.h"

static bool cannot(gw_drift *out, const char *why, const char *hint)
{
    out->not_compared = why;
    out->hint = hint;
    return true;
}

/* Can the files say what should be there? Where not, out->not_compared. */
static bool look_at_history(gw_app *app, gw_arena *arena, gw_drift *out, bool *edited, gw_err *err)
{
    gw_status_list list;
    size_t applied = 0, missing = 0;
    const gw_status_item *renumbered = NULL;
    if (!gw_app_status(app, arena, &list, err))
        return false;
    if (list.len != 1)
        return cannot(out, "the environment has tenants", "one at a time: --tenant NAME");
    for (size_t i = 0; i < list.items[0].len; i++) {
        const gw_status_item *item = &list.items[0].items[i];
        applied += item->applied_at != GW_NULL_INT;
        missing += item->state == GW_STATE_MISSING;
        renumbered = item->renumbered ? item : renumbered;
    }
    *edited = list.items[0].modified > 0;
    if (list.items[0].others)
        return cannot(out, "another project's migrations are applied in this database, too",
                      "compare with its files in one godwit.yaml, each folder a service");
    if (list.items[0].without_file)
        return cannot(out,
                      gw_printf(arena, "%zu applied version%s of another tool, and no file here says "
                                       "what it did",
                                list.items[0].without_file,
                                list.items[0].without_file == 1 ? " is" : "s are"),
                      NULL);
    if (!applied)
        return cannot(out, "no migration is applied", NULL);
    if (renumbered)
        return cannot(out, renumbered->renumbered, renumbered->advice);
    if (missing)
        return cannot(out,
                      gw_printf(arena, "%zu applied migration%s no file", missing,
                                missing == 1 ? " has" : "s have"),
                      gw_app_repair_of_tenant(
                          arena, list.items[0].tenant,
                          "put the files back (in git: git log --diff-filter=D --name-only shows "
                          "what was deleted), or let godwit repair forget them"));
    return true;
}

static bool compare(gw_app *app, gw_arena *arena, gw_drift *out, gw_err *err)
{
    gw_diff_options options = {.from = "database", .to = "migrations"};
    gw_comparison c = {.applied_only = true}, back;
    bool ok = gw_comparison_read(app, arena, &options, &c, err) &&
              gw_comparison_plan(&c, &options, err);
    out->to_files = c.diff;
    if (ok && !c.diff.equal) {
        gw_comparison_turn(&c, &back);
        ok = gw_comparison_plan(&back, &options, err);
        out->to_database = back.diff;
    }
    out->equal = ok && c.diff.equal;
    gw_comparison_close(&c);
    return ok;
}

bool gw_app_drift(gw_app *app, gw_arena *arena, gw_drift *out, gw_err *err)
{
    gw_err problem = {0};
    bool edited = false;
    *out = (gw_drift){0};
    if (!look_at_history(app, arena, out, &edited, err))
        return false;
    if (out->not_compared || compare(app, arena, out, &problem))
        return true;
    /* A file that is not what was applied, and cannot even run: that it was edited is the finding. */
    bool of_file = problem.file && (problem.kind == GW_ERR_INPUT || problem.kind == GW_ERR_SQL);
    bool shared = of_file && app->environment.for_each.schemas;
    edited = edited && of_file;
    if (problem.kind != GW_ERR_UNSUPPORTED && !edited && !shared) {
        gw_err_move(err, &problem);
        return gw_err_context(err, "comparing the database with its migrations");
    }
    const char *why = problem.file ? gw_printf(arena, "%s:%u:%u: %s", gw_path_from_here(problem.file),
                                               problem.line, problem.col, problem.message)
                                   : gw_strdup(arena, problem.message);
    cannot(out, why,
           edited   ? "put the edited file back as it was"
           : shared ? "the files run beside what all tenants share: what makes that has to say IF NOT "
                      "EXISTS"
                    : gw_strdup(arena, problem.hint));
    gw_err_clear(&problem);
    return true;
}

bool gw_app_drift_each(gw_app *app, gw_arena *arena, gw_drift_seen see, void *self, bool *several,
                       gw_err *err)
{
    const char *named = app->options.tenant;
    gw_target_list all;
    bool ok = gw_app_targets(app, arena, false, &all, err);
    *several = ok && all.tenants && !named;
    for (size_t i = 0; ok && i < all.len; i++) {
        gw_arena *scratch = gw_arena_new();
        gw_drift drift;
        if (gw_cancel_level(app->options.cancel))
            ok = gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s", all.items[i].tenant);
        if (*several)
            app->options.tenant = all.items[i].tenant;
        ok = ok && gw_app_drift(app, scratch, &drift, err);
        if (ok)
            see(self, *several ? all.items[i].tenant : "", &drift);
        else if (*several)
            gw_err_context(err, "tenant %s", all.items[i].tenant);
        gw_arena_free(scratch);
    }
    app->options.tenant = named;
    return ok;
}
