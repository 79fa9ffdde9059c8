/* What a run is held against before the first of its files runs: the texts, what they would lose. */
#include <string.h>

#include "app/losses.h"
#include "app/run_internal.h"
#include "base/vec.h"
#include "migrate/atomic.h"
#include "sql_app.h"

enum { KEEP_BYTES = 64 * 1024, KEEP_ALL_BYTES = 2 * 1024 * 1024 };

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return !*text;
}

/* Its row could not be written behind all that the file did. */
static bool check_storable(gw_run_job *j, gw_session *session, const gw_migration *m, const char *path,
                           gw_err *err)
{
    gw_err problem = {0};
    gw_result result;
    const char *text = gw_printf(j->arena, "%s %s %s %s", m->version, m->name, m->service, path);
    gw_param param = gw_p_text(text);
    if (is_ascii(text) || gw_query(session, j->arena, &gw_sql_storable, &param, 1, &result, &problem))
        return true;
    if (strcmp(problem.sqlstate, "22P05") != 0 && strcmp(problem.sqlstate, "22021") != 0) {
        gw_err_move(err, &problem);
        return gw_err_context(err, "while asking whether the name of %s can be stored", path);
    }
    gw_err_set(err, GW_ERR_INPUT, "the name of %s cannot be stored in this database", path);
    gw_err_detail(err, "%s", problem.message);
    gw_err_hint(err, "rename the file (letters of ASCII do everywhere), or keep this schema in a database "
                     "whose encoding is UTF8; nothing was run");
    gw_err_clear(&problem);
    return gw_err_at(err, path, 0, 0);
}

/* Every file of a selection, before the first of them runs. */
static bool check_selection(gw_run_job *j, const gw_runner *runner, const gw_selection *selection,
                            bool revert, size_t kept_before, gw_run_checked *out, gw_err *err)
{
    size_t count = selection->len, kept = kept_before;
    gw_session *session = runner->work ? runner->work : runner->control;
    gw_check_options options = {.context = &runner->script,
                                .server_version = gw_session_version(session),
                                .server = session,
                                .search_path = j->target->search_path,
                                .pooled = gw_session_pooled(session),
                                .escape_strings = !gw_session_standard_strings(session),
                                .pending = true};
    out->len = count;
    out->items = gw_alloc_array(j->arena, count, sizeof *out->items);
    out->verify = gw_alloc_array(j->arena, count, sizeof *out->verify);
    for (size_t i = 0; i < count; i++) {
        const gw_migration *m = selection->items[i]->file;
        const gw_script *script = revert ? &m->down : &m->up;
        options.keep_bytes = kept < KEEP_ALL_BYTES ? KEEP_BYTES : 0;
        if (!check_storable(j, session, m, script->path, err))
            return false;
        if (!gw_check_script(j->arena, m, script, revert, &options, &out->items[i], err))
            return false;
        if (!gw_run_may_resume(&out->items[i], selection->items[i]->row, err))
            return false;
        kept += out->items[i].kept ? script->size : 0;
        if (!revert && m->verify.present &&
            !gw_check_script(j->arena, m, &m->verify, false, &options, &out->verify[i], err))
            return false;
    }
    return true;
}

/* Is it one of those that the redo rolls back? */
static bool goes(const gw_selection *selection, const gw_applied *row)
{
    for (size_t i = 0; i < selection->len; i++)
        if (strcmp(gw_item_service(selection->items[i]), row->service) == 0 &&
            strcmp(gw_item_version(selection->items[i]), row->version) == 0)
            return true;
    return false;
}

/* What `up` would select once these are rolled back: what refuses it then refuses the redo now. */
static bool select_again(gw_run_job *j, gw_selection *out, gw_err *err)
{
    const gw_selection *down = &j->selection;
    GW_VEC(gw_applied) rows = {0};
    gw_event_list none = {0};
    const char **only = gw_alloc_array(j->arena, 2 * down->len + 1, sizeof *only);
    gw_plan *plan = gw_alloc(j->arena, sizeof *plan);
    for (size_t i = 0; i < j->plan.row_count; i++)
        if (!goes(down, &j->plan.rows[i]))
            *gw_vec_push(j->arena, &rows) = j->plan.rows[i];
    for (size_t i = 0; i < down->len; i++) {
        only[2 * i] = gw_item_service(down->items[i]);
        only[2 * i + 1] = gw_item_version(down->items[i]);
    }
    gw_plan_make(j->arena, j->files, &(gw_applied_list){rows.items, rows.len}, &none,
                 j->app->environment.name, gw_app_services(j->app, j->arena), NULL, plan);
    gw_selection_options options = {
        .service = j->way->options->service, .out_of_order = j->way->options->out_of_order, .only = only};
    if (!gw_plan_select_up(j->arena, plan, &options, out, err))
        return false;
    for (size_t i = 0; i < down->len; i++) {
        bool found = false;
        for (size_t k = 0; k < out->len && !found; k++)
            found = out->items[k]->file == down->items[i]->file;
        if (found)
            continue;
        gw_err_set(err, GW_ERR_STATE, "migration %s could be rolled back, but up would not run it again",
                   gw_item_version(down->items[i]));
        gw_err_at(err, down->items[i]->file->up.path, 1, 1);
        return gw_err_hint(err, "is it meant for another environment (-- godwit: only=…)? godwit down "
                                "rolls it back alone");
    }
    return true;
}

/* Are these the files that were checked before Godwit's tables were made? */
static bool was_checked(const gw_run_job *j)
{
    bool same = j->first && j->first->len == j->selection.len;
    for (size_t i = 0; same && i < j->selection.len; i++)
        same = j->first->items[i].migration == j->selection.items[i]->file && !j->selection.items[i]->row;
    return same;
}

bool gw_run_check(gw_run_job *j, const gw_runner *runner, gw_run_checked *out, gw_run_checked *again,
                  gw_err *err)
{
    gw_selection ups;
    *again = (gw_run_checked){0};
    if (was_checked(j)) {
        *out = *j->first;
        return true;
    }
    if (!check_selection(j, runner, &j->selection, j->way->revert, 0, out, err) ||
        (j->way->options->atomic && !gw_atomic_check(out->items, out->len, err)))
        return false;
    if (!j->way->then_up)
        return true;
    if (select_again(j, &ups, err) &&
        check_selection(j, runner, &ups, false, KEEP_ALL_BYTES, again, err))
        return true;
    return gw_err_context(err, "redo would stop behind its down, so nothing was rolled back");
}

/* ---- what it would lose --------------------------------------------------------------------- */

/* The scripts in the order in which they run; of a redo both ways: its up is judged by what is
 * there before its down. */
static gw_scripts_to_run scripts_of(gw_run_job *j, const gw_run_checked *list, const gw_run_checked *again)
{
    size_t count = j->selection.len, all = again->items ? 2 * count : count;
    const gw_applied **rows = gw_alloc_array(j->arena, all + 1, sizeof *rows);
    gw_checked *items = list->items;
    for (size_t i = 0; i < count; i++)
        rows[i] = j->selection.items[i]->row;
    if (again->items) {
        items = gw_alloc_array(j->arena, all + 1, sizeof *items);
        memcpy(items, list->items, count * sizeof *items);
        memcpy(items + count, again->items, count * sizeof *items);
    }
    return (gw_scripts_to_run){items, rows, all};
}

bool gw_run_find_losses(gw_run_job *j, const gw_runner *runner, const gw_run_checked *list,
                        const gw_run_checked *again, gw_losses *out, gw_err *err)
{
    gw_scripts_to_run scripts = scripts_of(j, list, again);
    gw_session *session = runner->work;
    if (!gw_scripts_may_lose(&scripts))
        return true;
    gw_connect connect = j->target->connect;
    connect.pinned = false;
    if (!session && !gw_session_open(j->arena, &connect, &session, err))
        return false;
    bool ok = gw_scripts_losses(j->app, j->arena, session, j->target->search_path, &scripts,
                                &runner->script, out, err);
    if (session != runner->work)
        gw_session_close(session);
    for (size_t i = 0; i < out->len; i++)
        out->items[i].tenant = j->target->tenant;
    return ok;
}

/* In the audit it is no attempt of any migration: none was begun. */
static void record_refusal(gw_run_job *j, const gw_losses *losses, const gw_err *err)
{
    gw_event event = {.action = j->way->revert ? "down" : "up",
                      .tenant = j->target->row_tenant,
                      .duration_ms = GW_NULL_INT};
    gw_err problem = {0};
    gw_event_of_err(j->arena, &event, err);
    event.outcome = "refused";
    event.data = gw_losses_json(j->arena, losses);
    if (!gw_event_write(j->held.control, &event, &j->app->actor, &problem))
        gw_log_write(j->app->options.log, GW_LOG_WARNING, NULL, "the refusal could not be recorded",
                     GW_FIELDS(GW_TEXT("why", problem.message)));
    gw_err_clear(&problem);
}

bool gw_run_refuse_losses(gw_run_job *j, const gw_runner *runner, const gw_run_checked *list,
                          const gw_run_checked *again, bool record, gw_err *err)
{
    gw_losses losses = {0};
    if (j->way->options->allow_data_loss || j->way->again)
        return true;
    if (!gw_run_find_losses(j, runner, list, again, &losses, err))
        return false;
    if (gw_losses_allowed(j->arena, &losses, err))
        return true;
    if (record)
        record_refusal(j, &losses, err);
    return false;
}
