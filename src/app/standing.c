/* Where the tenants stand: is a step back the same step in each of them? Is a schema still the one
 * that its history is about? */
#include <string.h>

#include "app/internal.h"
#include "base/buf.h"
#include "sql/quote.h"

enum { NAMED = 8 };

/* What would be rolled back in one tenant; NULL: nothing, or it cannot be read (its own run says so). */
static const char *step_of(gw_app *app, gw_arena *arena, const gw_target *target,
                           const gw_migration_list *files, const gw_selection_options *options)
{
    gw_session *session;
    gw_connect connect = target->connect;
    gw_applied_list rows;
    gw_event_list none = {0};
    gw_plan plan;
    gw_selection chosen = {0};
    gw_err ignored = {0};
    gw_buf text = GW_BUF(arena);
    int version = 0;
    connect.pinned = true;
    if (gw_session_open(arena, &connect, &session, &ignored)) {
        if (gw_history_read(session, arena, target->row_tenant, &rows, &version, &ignored)) {
            gw_plan_make(arena, files, &rows, &none, app->environment.name,
                         gw_app_services(app, arena), NULL, &plan);
            /* without a down file it fails, and has still chosen */
            (void)gw_plan_select_down(arena, &plan, options, &chosen, &ignored);
        }
        gw_session_close(session);
    }
    gw_err_clear(&ignored);
    for (size_t i = 0; i < chosen.len; i++) {
        const gw_applied *row = chosen.items[i]->row;
        gw_buf_addf(&text, "%s%s%s%s", i ? ", " : "", row->service, *row->service ? "/" : "",
                    row->version);
    }
    return chosen.len ? gw_buf_str(&text) : NULL;
}

/* "tenant_x: 1", a line for each of those that differ, with those that are like it. */
static const char *who_stands_where(gw_arena *arena, const gw_target_list *targets,
                                    const char **steps)
{
    gw_buf text = GW_BUF(arena);
    size_t lines = 0;
    for (size_t i = 0; i < targets->len; i++) {
        size_t named = 0, like = 0;
        bool seen = !steps[i];
        for (size_t k = 0; k < i && !seen; k++)
            seen = steps[k] && strcmp(steps[k], steps[i]) == 0;
        if (seen || lines++ >= NAMED)
            continue;
        gw_buf_addf(&text, "%s%s in ", text.len ? "\n" : "", steps[i]);
        for (size_t k = i; k < targets->len; k++) {
            if (!steps[k] || strcmp(steps[k], steps[i]) != 0)
                continue;
            if (like++ < NAMED)
                gw_buf_addf(&text, "%s%s", named++ ? ", " : "", targets->items[k].tenant);
        }
        if (like > named)
            gw_buf_addf(&text, " and %zu more", like - named);
    }
    if (lines > NAMED)
        gw_buf_addf(&text, "\nand %zu more", lines - NAMED);
    return gw_buf_str(&text);
}

bool gw_app_same_step(gw_app *app, gw_arena *arena, const gw_target_list *targets,
                      const gw_migration_list *files, const gw_selection_options *options,
                      bool redo, gw_err *err)
{
    const char **steps = gw_alloc_array(arena, targets->len + 1, sizeof *steps);
    const char *first = NULL;
    bool same = true;
    for (size_t i = 0; i < targets->len; i++) {
        steps[i] = step_of(app, arena, &targets->items[i], files, options);
        first = first ? first : steps[i];
        same = same && (!steps[i] || strcmp(steps[i], first) == 0);
    }
    if (same)
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "the tenants do not stand at the same version, and this would "
                                    "roll back another migration in each");
    gw_err_detail(err, "it would roll back %s", who_stands_where(arena, targets, steps));
    return gw_err_hint(err, redo ? "say which: --tenant NAME; or godwit up first"
                                 : "say how far: --to V; or which: --tenant NAME");
}

/* Its events stay: they did happen. */
static bool forget_gone(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *control,
                        int64_t *rows, gw_err *err)
{
    if (!gw_history_forget_gone(control, arena, target->row_tenant, rows, err))
        return false;
    if (!*rows)
        return true;
    gw_event event = {.action = "forget",
                      .outcome = "ok",
                      .tenant = target->row_tenant,
                      .duration_ms = GW_NULL_INT,
                      .detail = "the schema of this tenant was dropped and made anew"};
    return gw_event_write(control, &event, &app->actor, err);
}

bool gw_app_forget_gone(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *control,
                        gw_run_lock *lock, gw_err *err)
{
    gw_param token = gw_p_text(gw_run_lock_token(lock));
    int64_t rows = 0;
    if (!*target->row_tenant)
        return true;
    bool ok = gw_session_begin(control, NULL, err) &&
              gw_exec_sql(control, gw_run_lock_fence_sql(), &token, 1, err) &&
              forget_gone(app, arena, target, control, &rows, err) && gw_session_commit(control, err);
    if (!ok)
        gw_session_rollback(control);
    if (ok && rows) {
        gw_observer observer = gw_app_observer(app);
        observer.see(observer.self,
                     &(gw_progress){.kind = GW_PROGRESS_WARNING,
                                    .tenant = target->tenant,
                                    .text = gw_printf(arena,
                                                      "the schema was dropped and made anew: %lld "
                                                      "rows of its history are forgotten, it is a "
                                                      "new tenant",
                                                      (long long)rows)});
    }
    return ok;
}

bool gw_app_refuse_stranger(gw_arena *arena, const gw_target *target, gw_session *session,
                            int control_version, gw_err *err)
{
    gw_stranger stranger;
    if (!*target->row_tenant || !control_version)
        return true;
    if (!gw_history_stranger(session, arena, target->row_tenant, &stranger, err))
        return false;
    if (!stranger.version)
        return true;
    const char *schema = gw_quote_ident(arena, target->row_tenant);
    gw_err_set(err, GW_ERR_STATE, "schema %s is not the one that its history is about",
               target->row_tenant);
    gw_err_detail(err, "it was dropped and made anew, and holds other things: what was there behind "
                       "migration %s is not (%s)", stranger.version, stranger.missing);
    return gw_err_hint(err,
                       "where nobody needs what is in it: DROP SCHEMA %s CASCADE; CREATE SCHEMA %s, "
                       "and up runs everything; where it is right as it is: godwit repair --tenant %s",
                       schema, schema, target->row_tenant);
}
