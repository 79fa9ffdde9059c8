/* Other tools: their histories taken over, their locks taken too, sqlx's history kept in step. */
#include <string.h>

#include "app/internal.h"
#include "base/buf.h"
#include "base/vec.h"
#include "control/control.h"
#include "migrate/foreign_lock.h"

bool gw_app_take_foreign_locks(gw_app *app, gw_arena *arena, const gw_held *held,
                               int64_t wait_ms, gw_err *err)
{
    gw_adopted_tools tools;
    if (!gw_adopted_tools_read(held->control, arena, &tools, err))
        return false;
    const char *database = gw_session_database(held->control);
    bool sqlx = false;
    for (size_t i = 0; i < tools.len; i++) {
        const gw_adopted_tool *it = &tools.items[i];
        sqlx |= it->tool == GW_FORMAT_SQLX;
        if (!gw_foreign_locks_take(held->lock, it->tool, database, it->schema, it->table, wait_ms,
                                   err))
            return false;
    }
    return !app->config.compat_sqlx || sqlx ||
           gw_foreign_locks_take(held->lock, GW_FORMAT_SQLX, database, NULL, NULL, wait_ms, err);
}

/* A tenant in a schema has its table there. */
static const char *schema_of(const gw_target *target)
{
    return *target->row_tenant ? target->row_tenant : NULL;
}

bool gw_app_companion(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *control,
                      const gw_plan *plan, gw_compat **compat, gw_err *err)
{
    *compat = NULL;
    if (!app->config.compat_sqlx)
        return true;
    if (!gw_compat_open(arena, control, schema_of(target), plan, compat, err))
        return false;
    size_t filled = gw_compat_filled(*compat);
    if (filled) {
        const char *text = gw_printf(arena, "_sqlx_migrations was not there: it was made, with %zu row%s of what is applied",
                                     filled, filled == 1 ? "" : "s");
        gw_progress said = {.kind = GW_PROGRESS_NOTICE, .tenant = target->tenant, .text = text};
        gw_observer observer = gw_app_observer(app);
        observer.see(observer.self, &said);
    }
    return true;
}

bool gw_app_companion_lacking(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_plan *plan, bool *lacking, gw_err *err)
{
    gw_compat *compat;
    bool settled = false;
    *lacking = false;
    for (size_t i = 0; i < plan->len && !settled; i++)
        settled = gw_compat_settled(&plan->items[i]);
    if (!settled || !gw_app_companion_found(app, arena, target, session, &compat, err))
        return !settled;
    *lacking = compat && !gw_compat_is_there(compat);
    return true;
}

bool gw_app_companion_tried(gw_app *app, gw_arena *arena, const gw_target *target,
                            gw_session *session, gw_err *err)
{
    return !app->config.compat_sqlx || gw_compat_try(arena, session, schema_of(target), err);
}

bool gw_app_companion_found(gw_app *app, gw_arena *arena, const gw_target *target,
                            gw_session *session, gw_compat **compat, gw_err *err)
{
    *compat = NULL;
    return !app->config.compat_sqlx ||
           gw_compat_find(arena, session, schema_of(target), compat, err);
}

bool gw_app_companion_compare(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_plan *plan, int control_version,
                              gw_compat_differences *out, gw_err *err)
{
    gw_compat *compat = NULL;
    bool touched = plan->row_count > 0;
    *out = (gw_compat_differences){0};
    if (!app->config.compat_sqlx || !control_version)
        return true;
    if (!touched && !gw_events_any(session, target->row_tenant, NULL, NULL, &touched, err))
        return false;
    return !touched || (gw_app_companion_found(app, arena, target, session, &compat, err) &&
                        gw_compat_compare(compat, arena, session, plan, out, err));
}

/* ---- a database that another tool migrated, and Godwit never -------------------------------- */

static bool recognise(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *session,
                      const gw_migration_list *files, bool only_ours, gw_foreign_histories *out,
                      gw_err *err)
{
    gw_adopt_options options = {.schema = schema_of(target),
                                .project_dir = app->config.project_dir,
                                .only_ours = only_ours};
    return gw_adopt_recognise(arena, session, files, &options, out, err);
}

/* Is anything of this service applied? */
static bool has_row(const gw_plan *plan, const char *service)
{
    for (size_t i = 0; i < plan->len; i++)
        if (plan->items[i].row && strcmp(gw_item_service(&plan->items[i]), service) == 0)
            return true;
    return false;
}

/* Services that would run and of which nothing is applied, by name: the first behind `after`. */
static bool next_new_service(const gw_plan *plan, const gw_selection *chosen, const char *after,
                             const char **service)
{
    size_t count = chosen ? chosen->len : plan->len;
    *service = NULL;
    for (size_t i = 0; i < count; i++) {
        const gw_plan_item *item = chosen ? chosen->items[i] : &plan->items[i];
        const char *name = gw_item_service(item);
        if (!item->runs || (after && strcmp(name, after) <= 0) ||
            (*service && strcmp(name, *service) >= 0) || has_row(plan, name))
            continue;
        *service = name;
    }
    return *service != NULL;
}

/* A database may have a history of others, and this service still be new to it. Only a table with
 * rows of the service's own files counts then: any other may be a neighbour's. */
static bool new_services(gw_app *app, gw_arena *arena, const gw_target *target,
                         gw_session *session, const gw_plan *plan, const gw_selection *chosen,
                         gw_foreign_histories *out, gw_err *err)
{
    const char *service = NULL;
    while (!out->len && next_new_service(plan, chosen, service, &service)) {
        gw_migration_list files = {0};
        bool touched = false;
        for (size_t i = 0; i < plan->len; i++)
            if (plan->items[i].file && strcmp(gw_item_service(&plan->items[i]), service) == 0)
                *gw_vec_push(arena, &files) = *plan->items[i].file;
        if (!gw_events_any(session, target->row_tenant, service, NULL, &touched, err) ||
            (!touched && !recognise(app, arena, target, session, &files, true, out, err)))
            return false;
        out->service = out->len ? service : NULL;
    }
    return true;
}

bool gw_app_foreign_histories(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_migration_list *files,
                              const gw_plan *plan, int control_version, gw_foreign_histories *out,
                              gw_err *err)
{
    bool touched = false;
    *out = (gw_foreign_histories){0};
    if (!files->len)
        return true;
    if (plan->row_count)
        return new_services(app, arena, target, session, plan, NULL, out, err);
    if (control_version && !gw_events_any(session, target->row_tenant, NULL, NULL, &touched, err))
        return false;
    return touched || recognise(app, arena, target, session, files, false, out, err);
}

const char *gw_foreign_found(gw_arena *arena, const gw_foreign_histories *found)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < found->len; i++) {
        const gw_foreign_history *it = &found->items[i];
        gw_buf_addf(&text, "%s%s (its table %s has %lld %s)", i ? " and " : "", it->tool, it->table,
                    (long long)it->rows, it->rows == 1 ? "row" : "rows");
    }
    return gw_buf_str(&text);
}

const char *gw_foreign_advice(gw_arena *arena, const gw_foreign_histories *found)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < found->len; i++)
        gw_buf_addf(&text, "%sgodwit adopt --from %s", i ? " or " : "", found->items[i].tool);
    const char *which =
        found->service && *found->service ? gw_printf(arena, " --service %s", found->service) : "";
    gw_buf_addf(&text,
                " takes that history over; godwit baseline V%s marks the files up to version V "
                "as applied; godwit baseline none%s begins a history of Godwit's own beside it, "
                "and up then runs every file",
                which, which);
    return gw_buf_str(&text);
}

static bool refuse(gw_arena *arena, const gw_foreign_histories *found, gw_err *err)
{
    const char *service = found->service;
    if (!found->len)
        return true;
    if (service && *service)
        gw_err_set(err, GW_ERR_REFUSED, "files of service %s were run by %s", service,
                   gw_foreign_found(arena, found));
    else
        gw_err_set(err, GW_ERR_REFUSED, "this database was migrated by %s",
                   gw_foreign_found(arena, found));
    gw_err_detail(err, "Godwit has no history %s: up would run every file again from the first",
                  !service ? "here" : *service ? "of that service" : "of these files");
    return gw_err_hint(err, "%s", gw_foreign_advice(arena, found));
}

bool gw_app_refuse_new_services(gw_app *app, gw_arena *arena, const gw_target *target,
                                gw_session *session, const gw_plan *plan,
                                const gw_selection *chosen, gw_err *err)
{
    gw_foreign_histories found = {0};
    return !plan->row_count ||
           (new_services(app, arena, target, session, plan, chosen, &found, err) &&
            refuse(arena, &found, err));
}

bool gw_app_refuse_foreign(gw_app *app, gw_arena *arena, const gw_target *target,
                           gw_session *session, const gw_migration_list *files,
                           const gw_plan *plan, int control_version, gw_err *err)
{
    gw_foreign_histories found;
    return plan->row_count ||
           (gw_app_foreign_histories(app, arena, target, session, files, plan, control_version,
                                     &found, err) &&
            refuse(arena, &found, err));
}

/* The row was taken over as that of another service's file. */
static bool is_accounted_for(gw_arena *arena, const gw_plan *plan, const gw_gone_on_item *it)
{
    const char *by = gw_printf(arena, "adopt:%s", it->tool);
    for (size_t i = 0; i < plan->row_count; i++)
        if (strcmp(plan->rows[i].version, it->item->file->version) == 0 && plan->rows[i].applied_by &&
            strcmp(plan->rows[i].applied_by, by) == 0)
            return true;
    return false;
}

/* What Godwit itself has rolled back still stands in the tool's table: its own audit knows better. */
static bool leave_own_out(gw_arena *arena, const gw_target *target, gw_session *session,
                          const gw_plan *plan, gw_gone_on *found, gw_err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < found->len; i++) {
        const gw_migration *m = found->items[i].item->file;
        bool own = is_accounted_for(arena, plan, &found->items[i]);
        if (!own && !gw_events_any(session, target->row_tenant, m->service, m->version, &own, err))
            return false;
        if (!own)
            found->items[kept++] = found->items[i];
    }
    found->len = kept;
    return true;
}

bool gw_app_refuse_gone_on(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *session,
                           const gw_migration_list *files, const gw_plan *plan,
                           const gw_selection *chosen, int control_version, gw_err *err)
{
    enum { LISTED = 20 };
    gw_gone_on found;
    gw_adopt_options options = {.schema = schema_of(target), .project_dir = app->config.project_dir};
    if (!control_version || !chosen->len)
        return true;
    if (!gw_adopt_gone_on(arena, session, files, &options, chosen, &found, err) ||
        !leave_own_out(arena, target, session, plan, &found, err))
        return false;
    if (!found.len)
        return true;
    const gw_gone_on_item *first = &found.items[0];
    gw_buf list = GW_BUF(arena);
    for (size_t i = 0; i < found.len && i < LISTED; i++) {
        const gw_migration *m = found.items[i].item->file;
        gw_buf_addf(&list, "%s%s %s (%s) is in %s", i ? "\n" : "", m->version, m->name, m->up.path,
                    found.items[i].table);
    }
    gw_buf_add(&list, found.len > LISTED ? "\n…" : "");
    if (found.len == 1)
        gw_err_set(err, GW_ERR_REFUSED, "migration %s was run by %s since its history was taken over",
                   first->item->file->version, first->tool);
    else
        gw_err_set(err, GW_ERR_REFUSED, "%zu migrations were run by %s since its history was taken over",
                   found.len, first->tool);
    gw_err_detail(err, "%s", gw_buf_str(&list));
    gw_err_at(err, first->item->file->up.path, 0, 0);
    return gw_err_hint(err, "godwit adopt --from %s takes over what it has run since; what is to run "
                            "all the same: take its row out of %s first", first->tool, first->table);
}

bool gw_app_refuse_renamed(gw_arena *arena, const gw_target *target, gw_session *session,
                           const gw_plan *plan, const gw_selection *chosen, gw_err *err)
{
    gw_renamed found;
    bool begun = false;
    if (!gw_plan_renamed(arena, plan, chosen, &found))
        return true;
    if (!gw_events_any(session, target->row_tenant, found.now, NULL, &begun, err))
        return false;
    if (begun)
        return true; /* all of it was rolled back since */
    gw_err_set(err, GW_ERR_REFUSED, "%zu of these files ran already, under another service's name",
               found.count);
    if (*found.before)
        gw_err_detail(err, "the history has them as files of service %s", found.before);
    else
        gw_err_detail(err, "the history has them without a service's name");
    const char *service = *found.now ? gw_printf(arena, " --service %s", found.now) : "";
    return gw_err_hint(err, "was the service renamed? godwit baseline %s%s marks what has run",
                       found.version, service);
}

bool gw_app_adoptable(gw_app *app, gw_arena *arena, gw_foreign_histories *out, gw_err *err)
{
    gw_migration_list files;
    gw_target_list targets;
    *out = (gw_foreign_histories){0};
    if (!gw_app_migrations(app, arena, &files, NULL, err) ||
        !gw_app_targets(app, arena, false, &targets, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && !out->len && i < targets.len; i++) {
        gw_session *session = NULL;
        gw_connect connect = targets.items[i].connect;
        connect.pinned = true;
        ok = gw_session_open(arena, &connect, &session, err) &&
             recognise(app, arena, &targets.items[i], session, &files, false, out, err);
        gw_session_close(session);
    }
    return ok;
}

/* ---- taking it over ------------------------------------------------------------------------- */

/* A database without Godwit's tables is looked at first: what fails then leaves it as it was. */
static bool look_first(gw_arena *arena, gw_session *session, const gw_migration_list *files,
                       const gw_adopt_options *options, gw_err *err)
{
    gw_adopt_options look = *options;
    gw_adopt_result ignored;
    int version = 0;
    look.dry_run = true;
    return gw_control_version(session, &version, err) &&
           (version || gw_adopt(arena, session, files, &look, &ignored, err));
}

static bool adopt_target(gw_app *app, gw_arena *arena, const gw_target *target,
                         const gw_migration_list *files, gw_adopt_options *options,
                         gw_adopt_result *out, gw_err *err)
{
    gw_held held = {0};
    gw_connect connect = target->connect;
    connect.pinned = true;
    options->tenant = target->row_tenant;
    options->schema = schema_of(target);
    options->lock = NULL;
    bool ok = gw_session_open(arena, &connect, &held.control, err);
    if (ok && !options->dry_run)
        ok = look_first(arena, held.control, files, options, err) &&
             gw_app_hold(app, arena, target, -1, &held, err) &&
             gw_app_forget_gone(app, arena, target, held.control, held.lock, err);
    options->lock = held.lock;
    ok = ok && gw_adopt(arena, held.control, files, options, out, err);
    gw_run_lock_release(held.lock);
    gw_session_close(held.control);
    if (!ok && *target->tenant)
        gw_err_context(err, "tenant %s", target->tenant);
    return ok;
}

bool gw_app_adopt(gw_app *app, gw_arena *arena, const char *tool, const char *table, bool dry_run,
                  gw_adopt_result *out, gw_err *err)
{
    const gw_environment *env;
    gw_migration_list files;
    gw_target_list targets;
    *out = (gw_adopt_result){0};
    if (!gw_app_environment(app, &env, err) || (!dry_run && !gw_app_may_write(app, err)) ||
        !gw_app_migrations(app, arena, &files, NULL, err) ||
        !gw_app_targets(app, arena, true, &targets, err))
        return false;
    gw_adopt_options options = {.tool = gw_format_by_name(tool),
                                .table = table,
                                .project_dir = app->config.project_dir,
                                .placeholders = gw_app_placeholders(app, arena),
                                .dry_run = dry_run,
                                .actor = &app->actor,
                                .wait_ms = env->wait_ms};
    for (size_t i = 0; i < targets.len; i++) {
        gw_adopt_result one;
        if (!adopt_target(app, arena, &targets.items[i], &files, &options, &one, err))
            return false;
        out->tool = one.tool;
        out->table = one.table;
        out->already += one.already;
        for (size_t k = 0; k < one.len; k++) {
            one.items[k].tenant = targets.items[i].tenant;
            *gw_vec_push(arena, out) = one.items[k];
        }
    }
    return true;
}
