/* Changing the history without running anything: repair, baseline. */
#include <string.h>

#include "app/internal.h"
#include "base/json.h"
#include "base/vec.h"
#include "control/control.h"
#include "migrate/check.h"

/* What repair and baseline share: the lock, the plan, a transaction around the changes. */
typedef struct mending {
    gw_app *app;
    gw_arena *arena;
    const gw_target *target;
    bool dry_run;    /* looks without the lock and writes nothing, not even Godwit's tables */
    bool look_first; /* where Godwit's tables are not there, it is a dry run */
    bool fills;      /* sqlx's table where it is made here, with what is applied */
    bool then_write; /* and what was looked at is written, if it goes well */
    gw_held held;
    gw_plan plan;
    int version;       /* of Godwit's tables */
    gw_compat *compat; /* `compat:`: another history to keep in step; NULL: none */
    gw_compat_differences sqlx; /* repair: where it is not, before anything was mended */
} mending;

/* What was done about one: for people, and for programs (in the event's data). */
typedef struct mended {
    const char *what; /* NULL: nothing */
    const char *kind;
    const char *before; /* renumbered: the version that it had; else NULL */
} mended;

static bool open_target(mending *m, gw_err *err)
{
    gw_connect connect = m->target->connect;
    connect.pinned = true;
    if (!gw_session_open(m->arena, &connect, &m->held.control, err) ||
        !gw_control_version(m->held.control, &m->version, err))
        return false;
    m->dry_run = m->dry_run || (m->look_first && !m->version);
    return m->dry_run ||
           (gw_app_hold(m->app, m->arena, m->target, -1, &m->held, err) &&
            gw_app_forget_gone(m->app, m->arena, m->target, m->held.control, m->held.lock, err));
}

static bool begin(mending *m, const gw_migration_list *files, gw_err *err)
{
    gw_applied_list rows;
    gw_event_list failures = {0};
    if (!open_target(m, err) ||
        !gw_history_read(m->held.control, m->arena, m->target->row_tenant, &rows, &m->version, err) ||
        (m->version && !gw_events_last_failures(m->held.control, m->arena, m->target->row_tenant,
                                             &failures, err)))
        return false;
    gw_plan_make(m->arena, files, &rows, &failures, m->app->environment.name,
                 gw_app_services(m->app, m->arena), NULL, &m->plan);
    if (m->dry_run && m->then_write &&
        !gw_app_companion_tried(m->app, m->arena, m->target, m->held.control, err))
        return false;
    if (m->dry_run)
        return gw_app_companion_compare(m->app, m->arena, m->target, m->held.control, &m->plan,
                                        m->version, &m->sqlx, err);
    gw_param token = gw_p_text(gw_run_lock_token(m->held.lock));
    /* repair fills the table itself, and says so. */
    if (!gw_app_companion(m->app, m->arena, m->target, m->held.control,
                          m->fills ? &m->plan : NULL, &m->compat, err) ||
        !gw_app_companion_compare(m->app, m->arena, m->target, m->held.control, &m->plan,
                                  m->version, &m->sqlx, err))
        return false;
    return gw_session_begin(m->held.control, NULL, err) &&
           gw_exec_sql(m->held.control, gw_run_lock_fence_sql(), &token, 1, err);
}

static bool end(mending *m, bool ok, gw_err *err)
{
    if (ok && !m->dry_run)
        ok = gw_session_commit(m->held.control, err);
    else
        gw_session_rollback(m->held.control);
    gw_run_lock_release(m->held.lock);
    gw_session_close(m->held.control);
    if (!ok && *m->target->tenant) {
        gw_app_hint_of_tenant(m->arena, m->target, err);
        gw_err_context(err, "tenant %s", m->target->tenant);
    }
    return ok;
}

static bool put_row(mending *m, const gw_applied *row, gw_err *err)
{
    return m->dry_run || gw_history_put(m->held.control, row, &m->app->actor, err);
}

static bool delete_row(mending *m, const gw_applied *row, gw_err *err)
{
    return m->dry_run ||
           gw_history_delete(m->held.control, row->tenant, row->service, row->version, err);
}

/* item NULL: it is about the service (may be NULL) as a whole. */
static bool write_event(mending *m, const char *action, const gw_plan_item *item,
                        const char *service, const char *detail, gw_err *err)
{
    gw_event event = {.action = action,
                      .outcome = "ok",
                      .tenant = m->target->row_tenant,
                      .service = service,
                      .duration_ms = GW_NULL_INT,
                      .detail = detail};
    if (item) {
        event.service = item->file ? item->file->service : item->row->service;
        event.version = item->file ? item->file->version : item->row->version;
        event.name = item->file ? item->file->name : item->row->name;
    }
    return m->dry_run || gw_event_write(m->held.control, &event, &m->app->actor, err);
}

static const char *data_of(gw_arena *arena, const mended *done)
{
    json_t *data = gw_json_own(arena, json_object());
    json_object_set_new(data, "repair", gw_json_text(done->kind));
    if (done->before)
        json_object_set_new(data, "before", gw_json_text(done->before));
    return gw_json_dump(arena, data);
}

/* The audit says which repair it was. item NULL: sqlx's table alone knows that version. */
static bool write_repair(mending *m, const gw_plan_item *item, const char *version,
                         const mended *done, gw_repair_result *out, gw_err *err)
{
    gw_event event = {.action = "repair",
                      .outcome = "ok",
                      .tenant = m->target->row_tenant,
                      .version = version,
                      .duration_ms = GW_NULL_INT,
                      .detail = done->what,
                      .data = data_of(m->arena, done)};
    if (item) {
        event.service = item->file ? item->file->service : item->row->service;
        event.name = item->file ? item->file->name : item->row->name;
    }
    *gw_vec_push(m->arena, out) = (gw_repair_action){.tenant = m->target->tenant,
                                                     .service = event.service,
                                                     .version = version,
                                                     .what = done->what,
                                                     .repair = done->kind};
    return m->dry_run || gw_event_write(m->held.control, &event, &m->app->actor, err);
}

static bool wanted(const gw_repair_options *options, const gw_plan_item *item)
{
    const char *version = item->file ? item->file->version : item->row->version;
    const char *service = item->file ? item->file->service : item->row->service;
    return (!options->version || strcmp(options->version, version) == 0) &&
           (!options->service || strcmp(options->service, service) == 0);
}

/* sqlx knows no services: its row may stand for another one's migration as well. */
static bool others_have(const mending *m, const gw_applied *row)
{
    for (size_t i = 0; i < m->plan.row_count; i++) {
        const gw_applied *other = &m->plan.rows[i];
        if (strcmp(other->service, row->service) != 0 && strcmp(other->state, "running") != 0 &&
            gw_version_compare(other->version, row->version) == 0)
            return true;
    }
    return false;
}

/* What became of a row becomes of sqlx's, in the same transaction. */
static bool put_both(mending *m, const gw_plan_item *item, const gw_applied *row, gw_err *err)
{
    return put_row(m, row, err) &&
           (m->dry_run || !m->compat || !item->file ||
            gw_compat_mend(m->compat, m->held.control, item->file, row, err));
}

static bool delete_both(mending *m, const gw_applied *row, gw_err *err)
{
    return delete_row(m, row, err) &&
           (m->dry_run || !m->compat || others_have(m, row) ||
            gw_compat_forget(m->compat, m->held.control, row->version, err));
}

static bool mend_checksum(mending *m, const gw_plan_item *item, gw_err *err)
{
    gw_applied row = *item->row;
    row.checksum = item->file->checksum;
    row.name = item->file->name;
    return put_both(m, item, &row, err);
}

/* Its row gets the version that the file has now, with all that it says of how it ran. */
static bool put_renumbered(mending *m, const gw_applied *before, const gw_plan_item *file,
                           gw_repair_result *out, gw_err *err)
{
    gw_applied row = *before;
    row.version = file->file->version;
    row.sort_key = file->file->order;
    row.name = file->file->name;
    const mended done = {.what = gw_printf(m->arena, "is what was applied as %s: the history has its new version",
                                           before->version),
                         .kind = "renumbered",
                         .before = before->version};
    return put_both(m, file, &row, err) && write_repair(m, file, row.version, &done, out, err);
}

/* All of them at once: what was 2 is 3, and what was 3 is 4. */
static bool mend_renumbered(mending *m, const gw_repair_options *options, gw_repair_result *out, gw_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < m->plan.len; i++) {
        const gw_plan_item *item = &m->plan.items[i];
        if (!gw_plan_is_renumbered(item) || !wanted(options, item))
            continue;
        if (item->unsure) {
            gw_err_set(err, GW_ERR_STATE, "several files have the text of what was applied as %s",
                       item->row->version);
            gw_err_detail(err, "%s", gw_plan_renumbered_text(m->arena, &m->plan, item));
            return gw_err_hint(err, "%s", gw_plan_renumbered_advice(m->arena, &m->plan, item));
        }
        ok = delete_both(m, item->row, err);
    }
    for (size_t i = 0; ok && i < m->plan.len; i++) {
        const gw_plan_item *item = &m->plan.items[i];
        if (gw_plan_is_renumbered(item) && wanted(options, item))
            ok = put_renumbered(m, item->row, item->moved_to, out, err);
    }
    return ok;
}

/* One that the user names, by the version that it had or by the one that it has. */
static bool mend_one_renumbered(mending *m, const gw_plan_item *item, const gw_repair_options *options,
                                gw_repair_result *out, gw_err *err)
{
    const gw_plan_item *before = gw_plan_is_renumbered(item) ? item : item->moved_from;
    const gw_plan_item *file = before == item ? item->moved_to : item;
    if (options->forget && !item->file) {
        const mended done = {.what = gw_printf(m->arena, "forgotten: its text will run as that of %s",
                                               file->file->version),
                             .kind = "forgotten"};
        return delete_both(m, item->row, err) && write_repair(m, item, item->row->version, &done, out, err);
    }
    if (options->forget)
        return true;
    if (file->row || (before == item && item->unsure)) {
        gw_err_set(err, GW_ERR_STATE, "%s is not the only one that has another version now",
                   before->row->version);
        gw_err_detail(err, "%s", gw_plan_renumbered_text(m->arena, &m->plan, before));
        return gw_err_hint(err, "%s", before->unsure
                                          ? gw_plan_renumbered_advice(m->arena, &m->plan, before)
                                          : "godwit repair, without a version, takes all of them");
    }
    return delete_both(m, before->row, err) && put_renumbered(m, before->row, file, out, err);
}

/* How many statements its file has as it is written now; where that cannot be told, as it ran. */
static int64_t statements_now(mending *m, const gw_plan_item *item, bool reverting)
{
    gw_session *session = m->held.control;
    const gw_script_context context =
        gw_app_script_values(m->app, m->arena, session, m->target->search_path);
    const gw_check_options options = {.context = &context,
                                      .server_version = gw_session_version(session),
                                      .pooled = gw_session_pooled(session),
                                      .escape_strings = !gw_session_standard_strings(session)};
    const gw_script *script = !item->file ? NULL : reverting ? &item->file->down : &item->file->up;
    gw_checked checked;
    gw_err ignored = {0};
    bool ok = script && script->present &&
              gw_check_script(m->arena, item->file, script, reverting, &options, &checked, &ignored);
    gw_err_clear(&ignored);
    return ok ? (int64_t)checked.statements : item->row->statements_total;
}

/* Where it stopped, and what of it never ran. */
typedef struct stop {
    const char *place;
    const char *rest; /* "statement 3 of 3 never ran"; NULL: nothing is behind */
    int64_t number, total;
    bool batch;
    unsigned line; /* of what outlasts its transaction, where it stopped inside that; else 0 */
} stop;

static bool find_stop(mending *m, const gw_plan_item *item, stop *out, gw_err *err)
{
    gw_arena *arena = m->arena;
    const gw_applied *row = item->row;
    int64_t rows = gw_app_rows_done(arena, row), total = row->statements_total;
    gw_left left;
    *out = (stop){.batch = rows >= 0, .total = total};
    if (!gw_row_left(m->held.control, arena, row, &left, err))
        return false;
    if (left.line) {
        out->line = left.line;
        out->place = "inside its transaction";
        out->rest = gw_printf(arena, "its transaction was rolled back (only what line %u does "
                                     "elsewhere may be there)", left.line);
        return true;
    }
    out->number = left.number > row->statements_done ? left.number : row->statements_done;
    if (out->batch) {
        out->place = gw_printf(arena, "after %lld rows", (long long)rows);
        out->rest = "its batch did not come to its end";
        return true;
    }
    out->place = gw_printf(arena, left.number ? "inside statement %lld of %lld"
                                              : "after %lld of %lld statements",
                           (long long)out->number, (long long)total);
    out->total = statements_now(m, item, strcmp(row->state, "reverting") == 0);
    if (out->number < out->total)
        out->rest = gw_printf(arena, "%s %s", gw_statements_behind(arena, out->number, out->total),
                              left.number ? "never ran" : "did not run to the end");
    return true;
}

/* Nobody has said what is true. */
static bool ask_what_is_true(mending *m, const gw_applied *row, const stop *at, gw_err *err)
{
    bool reverting = strcmp(row->state, "reverting") == 0;
    gw_err_set(err, GW_ERR_STATE, "%s %s stopped %s: what is true now?",
               reverting ? "the down file of migration" : "migration", row->version, at->place);
    return gw_err_hint(
        err, "godwit repair %s --done: what it should do is done; --forget: nothing of it is %s%s",
        row->version,
        reverting ? "done, and the migration is applied as before"
                  : "left, it shall run again from its start",
        at->batch || at->line ? "" : gw_unrun_advice(m->arena, at->number, at->total));
}

/* --done says that all of it is there: what never ran would never run. */
static bool refuse_rest(const gw_applied *row, const stop *at, gw_err *err)
{
    gw_err_set(err, GW_ERR_REFUSED, "migration %s is not all there: %s", row->version, at->rest);
    gw_err_detail(err, "--done marks the whole file as done: what is left of it would never run");
    if (at->line)
        return gw_err_hint(err,
                           "look at what line %u did, and undo it or take it out of the file; then: "
                           "godwit repair %s --forget; where all of the file was done by hand: godwit "
                           "repair %s --done --yes",
                           at->line, row->version, row->version);
    if (at->batch || !at->number)
        return gw_err_hint(err,
                           "godwit up goes on from there; where what is left was done by hand: "
                           "godwit repair %s --done --yes",
                           row->version);
    return gw_err_hint(err,
                       "cut the file off behind statement %lld (the rest becomes a migration of its "
                       "own) and say it again; where what is left was done by hand: godwit repair "
                       "%s --done --yes",
                       (long long)at->number, row->version);
}

/* Nobody can go on with it: what it has done stands, the rest is in no file. */
static bool mend_half_gone(mending *m, const gw_plan_item *item, const gw_repair_options *options,
                           const stop *at, mended *done, gw_err *err)
{
    const gw_applied *row = item->row;
    bool reverting = strcmp(row->state, "reverting") == 0;
    if (options->forget || (options->done && reverting)) {
        *done = (mended){.what = item->moved_to
                                     ? gw_printf(m->arena, "forgotten: its text will run, from its start, as "
                                                           "that of %s", item->moved_to->file->version)
                                     : "forgotten: it has no file; what it has done stays in the database",
                         .kind = "forgotten"};
        return delete_both(m, row, err);
    }
    gw_err_set(err, GW_ERR_STATE, "%s %s stopped %s, and its file is gone",
               reverting ? "the down file of migration" : "migration", row->version, at->place);
    gw_err_detail(err, "%s", gw_plan_missing(m->arena, &m->plan, item));
    return gw_err_hint(err, "%s", gw_half_gone_advice(m->arena, row->version, reverting));
}

static bool mend_half_done(mending *m, const gw_plan_item *item, const gw_repair_options *options,
                           mended *done, gw_err *err)
{
    const gw_applied *row = item->row;
    bool reverting = strcmp(row->state, "reverting") == 0;
    stop at;
    if (!find_stop(m, item, &at, err))
        return false;
    if (!item->file)
        return mend_half_gone(m, item, options, &at, done, err);
    if (!options->forget && !options->done)
        return ask_what_is_true(m, row, &at, err);
    if (options->done && at.rest && !options->yes)
        return refuse_rest(row, &at, err);
    done->kind = options->forget ? "forgotten" : "done";
    done->what = options->forget ? "forgotten"
                 : at.rest       ? gw_printf(m->arena, "marked as done, although %s: Godwit will not run it", at.rest)
                                 : "marked as done";
    bool remove = reverting ? options->done : options->forget;
    if (remove)
        return delete_both(m, row, err);
    gw_applied now = *row;
    now.state = "applied";
    now.intent = NULL;
    gw_history_before_down(m->arena, &now);
    if (!reverting)
        now.statements_total = at.total;
    now.statements_done = now.statements_total;
    now.checksum = item->file->checksum;
    return put_both(m, item, &now, err);
}

/* Only sqlx's table is wrong about it, or alone knows it. */
static bool mend_sqlx(mending *m, const gw_compat_difference *it, const gw_repair_options *options,
                      gw_repair_result *out, gw_err *err)
{
    const gw_migration *file = it->item ? it->item->file : NULL;
    bool said = options->done || options->forget, extra = it->problem == GW_COMPAT_EXTRA;
    mended done = {.what = extra && options->done ? "recorded as applied: sqlx has run it"
                           : extra                ? "taken out of sqlx's table"
                                                  : "sqlx's table says it as the file does",
                   .kind = extra && options->done ? "done" : "sqlx"};
    if (!extra && options->version && said)
        return true; /* it is about the history, which is right */
    if (it->problem == GW_COMPAT_UNFINISHED ||
        (extra && (!said || (options->done && (!file || it->item->row))))) {
        gw_err_set(err, GW_ERR_STATE, "%s", gw_compat_text(m->arena, it));
        return gw_err_hint(err, "%s", gw_compat_advice(m->arena, it));
    }
    if (!m->dry_run && extra && options->forget &&
        !gw_compat_forget(m->compat, m->held.control, it->version, err))
        return false;
    if (extra && options->done) {
        gw_applied row = gw_row_of_migration(file, m->target->row_tenant);
        row.transactional = true;
        row.duration_ms = 0;
        if (!put_both(m, it->item, &row, err))
            return false;
    } else if (!extra && !m->dry_run &&
               !gw_compat_mend(m->compat, m->held.control, file, it->item->row, err)) {
        return false;
    }
    return write_repair(m, it->item, it->version, &done, out, err);
}

/* --done and --forget are about one that stopped half-way (--forget about one without a file, too). What else
 * is wrong with the one that is named they do not put right. */
static bool is_not_meant(const gw_plan_item *item, const gw_repair_options *options)
{
    bool said = options->version && (options->done || options->forget);
    bool changed = item->takes_over || item->state == GW_STATE_MODIFIED;
    bool applied = item->row && strcmp(item->row->state, "applied") == 0;
    return said && applied && (changed || (options->done && item->state == GW_STATE_MISSING));
}

static bool mend(mending *m, const gw_plan_item *item, const gw_repair_options *options,
                 gw_repair_result *out, gw_err *err)
{
    const char *version = gw_item_version(item);
    mended done = {0};
    bool ok = true, moved = gw_plan_is_renumbered(item);
    if (options->version && (moved || (item->moved_from && gw_plan_is_renumbered(item->moved_from))))
        return mend_one_renumbered(m, item, options, out, err);
    if (moved)
        return true; /* with all of its kind: mend_renumbered */
    if (is_not_meant(item, options))
        return true; /* not_half_way says so */
    if (item->takes_over) {
        done = (mended){.what = "recorded in place of those that it replaces", .kind = "replaced"};
        ok = mend_checksum(m, item, err);
    } else if (item->row && strcmp(item->row->state, "applied") != 0) {
        ok = mend_half_done(m, item, options, &done, err);
    } else if (item->state == GW_STATE_MODIFIED) {
        done = (mended){.what = "checksum taken from the file", .kind = "checksum"};
        ok = mend_checksum(m, item, err);
    } else if (item->state == GW_STATE_MISSING) {
        done = (mended){.what = "forgotten: it has no file", .kind = "forgotten"};
        ok = delete_both(m, item->row, err);
    }
    if (!ok)
        return false;
    for (size_t i = 0; !done.what && ok && i < m->sqlx.len; i++)
        if (m->sqlx.items[i].item == item)
            ok = mend_sqlx(m, &m->sqlx.items[i], options, out, err);
    return ok && (!done.what || write_repair(m, item, version, &done, out, err));
}

/* What sqlx's table alone knows. */
static bool mend_strange_rows(mending *m, const gw_repair_options *options, bool *found,
                              gw_repair_result *out, gw_err *err)
{
    for (size_t i = 0; i < m->sqlx.len; i++) {
        const gw_compat_difference *it = &m->sqlx.items[i];
        if (it->item || options->service ||
            (options->version && strcmp(options->version, it->version) != 0))
            continue;
        *found = true;
        if (!mend_sqlx(m, it, options, out, err))
            return false;
    }
    return true;
}

/* The schema is right as it is: from now on its history is about this one. */
static bool mend_stranger(mending *m, gw_repair_result *out, gw_err *err)
{
    static const mended done = {.what = "its schema, made anew, is taken for the one of its history",
                                .kind = "schema"};
    gw_stranger stranger = {0};
    const gw_plan_item *item = NULL;
    if (!*m->target->row_tenant || !m->version ||
        !gw_history_stranger(m->held.control, m->arena, m->target->row_tenant, &stranger, err))
        return !*m->target->row_tenant || !m->version;
    for (size_t i = 0; stranger.version && i < m->plan.len && !item; i++) {
        const gw_applied *row = m->plan.items[i].row;
        if (row && strcmp(row->service, stranger.service) == 0 &&
            strcmp(row->version, stranger.version) == 0)
            item = &m->plan.items[i];
    }
    if (!item)
        return true;
    return put_row(m, item->row, err) &&
           write_repair(m, item, item->row->version, &done, out, err);
}

/* Where no file of this folder is in the history, its rows look like another project's. */
static bool may_forget_all(const mending *m, gw_err *err)
{
    size_t missing = 0;
    for (size_t i = 0; i < m->plan.len; i++)
        missing += m->plan.items[i].state == GW_STATE_MISSING && !gw_plan_is_renumbered(&m->plan.items[i]);
    if (!missing || gw_plan_knows_any(&m->plan))
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "no applied migration has a file here (%zu in the history)",
               missing);
    gw_err_detail(err, "repair would forget the whole history: is it another project's?");
    return gw_err_hint(err, "if it is, name this project's service in its godwit.yaml (migrations: "
                            "[{ service: NAME, path: DIR }]); if it is this one's: godwit repair "
                            "--forget");
}

/* Everything that both need before the first target. */
static bool prepare(gw_app *app, gw_arena *arena, gw_migration_list *files, gw_target_list *targets,
                    gw_err *err)
{
    const gw_environment *env;
    return gw_app_environment(app, &env, err) && gw_app_may_write(app, err) &&
           gw_app_migrations(app, arena, files, NULL, err) &&
           gw_app_targets(app, arena, true, targets, err);
}

/* --done or --forget about one that did not stop half-way: nothing was changed, and why. `item` NULL: it is
 * not in the history. */
static bool not_half_way(const gw_repair_options *options, const gw_plan_item *item, gw_err *err)
{
    const char *option = options->done ? "--done" : "--forget", *version = options->version;
    gw_err_set(err, GW_ERR_STATE, "migration %s did not stop half-way: %s has nothing to say about it",
               version, option);
    if (!item) {
        gw_err_detail(err, "it is not applied, and nothing of it is in the history");
        return gw_err_hint(err,
                           options->done
                               ? "godwit up runs it; where the database has it already, godwit baseline %s "
                                 "marks it, and all before it, as applied"
                               : "nothing has to be forgotten: godwit up runs it from its start",
                           version);
    }
    if (item->state == GW_STATE_MODIFIED) {
        gw_err_detail(err, "it is applied, and its file has changed since");
        return gw_err_hint(err, "put the file back as it was; or, where the change is meant: godwit repair %s takes "
                                "the file's checksum as it is now", version);
    }
    if (item->state == GW_STATE_MISSING) {
        gw_err_detail(err, "it is applied, and its file is gone");
        return gw_err_hint(err, "put the file back; or, where it is gone for good: godwit repair %s forgets it", version);
    }
    gw_err_detail(err, "it is applied");
    return gw_err_hint(err, options->done ? "nothing is left to do; godwit status shows it"
                                          : "godwit down takes it back, where it has a down file");
}

bool gw_app_repair(gw_app *app, gw_arena *arena, const gw_repair_options *options,
                   gw_repair_result *out, gw_err *err)
{
    gw_migration_list files;
    gw_target_list targets;
    bool found = false;
    const gw_plan_item *applied = NULL;
    *out = (gw_repair_result){0};
    if (!prepare(app, arena, &files, &targets, err))
        return false;
    for (size_t i = 0; i < targets.len; i++) {
        mending m = {.app = app,
                     .arena = arena,
                     .target = &targets.items[i],
                     .dry_run = options->dry_run,
                     .look_first = true}; /* without a history nothing is to be mended */
        bool ok = begin(&m, &files, err) &&
                  gw_plan_refuse_partial(arena, &m.plan, options->service, err) &&
                  (options->version || options->forget || may_forget_all(&m, err)) &&
                  (options->version ||
                   (mend_stranger(&m, out, err) && mend_renumbered(&m, options, out, err)));
        for (size_t k = 0; ok && k < m.plan.len; k++) {
            if (!wanted(options, &m.plan.items[k]))
                continue;
            found = true;
            if (m.plan.items[k].row)
                applied = &m.plan.items[k];
            ok = mend(&m, &m.plan.items[k], options, out, err);
        }
        ok = ok && mend_strange_rows(&m, options, &found, out, err);
        if (!end(&m, ok, err))
            return false;
    }
    if (found && options->version && !out->len && (options->done || options->forget))
        return not_half_way(options, applied, err);
    if (found || !options->version)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "there is no migration %s", options->version);
    return gw_err_hint(err, "godwit status lists them");
}

static bool is_known(const char *const *services, const char *service)
{
    while (*services && strcmp(*services, service) != 0)
        services++;
    return *services != NULL;
}

/* Of one service, or of every one that this project knows. */
static bool begin_histories(mending *m, const char *service, gw_err *err)
{
    const char *const one[] = {service, NULL};
    const char *const *services = gw_app_services(m->app, m->arena);
    if (service && !is_known(services, service)) {
        gw_err_set(err, GW_ERR_USAGE, "there is no service %s in this project", service);
        return gw_err_hint(err, "services are named under `migrations:` in godwit.yaml");
    }
    for (services = service ? one : services; *services; services++)
        if (!write_event(m, "baseline", NULL, *services, "none: Godwit's history begins here", err))
            return false;
    return true;
}

static const char *newest_version(const gw_migration_list *files)
{
    const gw_migration *newest = NULL;
    for (size_t i = 0; i < files->len; i++) {
        const gw_migration *file = &files->items[i];
        if (file->kind == GW_VERSIONED &&
            (!newest || gw_version_compare(file->order, newest->order) > 0))
            newest = file;
    }
    return newest ? newest->version : NULL;
}

/* A baseline knows nothing of what it has left to do. */
static bool refuse_half_done(mending *m, const gw_plan_item *item, gw_err *err)
{
    stop at;
    if (!find_stop(m, item, &at, err))
        return false;
    ask_what_is_true(m, item->row, &at, err);
    return gw_err_detail(err, "a baseline leaves what has begun alone: nothing was marked");
}

/* Up to where; *limit NULL: none of them. Asked before a database is touched. */
static bool find_limit(const gw_migration_list *files, const char *version, const char **limit, gw_err *err)
{
    *limit = NULL;
    for (size_t i = 0; i < files->len && !*limit; i++)
        if (gw_version_is(files->items[i].version, version))
            *limit = files->items[i].order;
    if (*limit || strcmp(version, "none") == 0)
        return true;
    const char *newest = newest_version(files);
    gw_err_set(err, GW_ERR_USAGE, "there is no migration %s to take as the baseline", version);
    return gw_err_hint(err,
                       "the files up to and with that version are marked as applied: it has to "
                       "be one of them%s%s; godwit baseline none marks none of them",
                       newest ? ", and the newest is " : "", newest ? newest : "");
}

static bool baseline_target(mending *m, const char *limit, const char *service, gw_run_result *out,
                            gw_err *err)
{
    if (!limit)
        return begin_histories(m, service, err);
    for (size_t i = 0; i < m->plan.len; i++) {
        const gw_plan_item *item = &m->plan.items[i];
        const gw_migration *file = item->file;
        if (!file || file->kind == GW_REPEATABLE ||
            (service && strcmp(file->service, service) != 0) ||
            gw_version_compare(file->order, limit) > 0)
            continue;
        if (item->row && strcmp(item->row->state, "applied") != 0)
            return refuse_half_done(m, item, err);
        if (item->row)
            continue;
        gw_applied row = gw_row_of_migration(file, m->target->row_tenant);
        row.kind = "baseline";
        row.transactional = true;
        row.duration_ms = 0;
        if (!put_row(m, &row, err) ||
            (m->compat && !gw_compat_add(m->compat, m->held.control, file, false, err)) ||
            !write_event(m, "baseline", item, NULL, NULL, err))
            return false;
        *gw_vec_push(m->arena, out) = (gw_run_item){.tenant = m->target->tenant,
                                                    .version = file->version,
                                                    .name = file->name,
                                                    .service = file->service};
    }
    return true;
}

static bool baseline_one(mending *m, const gw_migration_list *files, const char *limit,
                         const char *service, gw_run_result *out, gw_err *err)
{
    bool ok = begin(m, files, err) &&
              gw_app_refuse_stranger(m->arena, m->target, m->held.control, m->version, err) &&
              baseline_target(m, limit, service, out, err);
    out->pending += m->plan.pending - out->len;
    return end(m, ok, err);
}

/* A database without Godwit's tables is looked at first: what fails then leaves it as it was. */
bool gw_app_baseline(gw_app *app, gw_arena *arena, const char *version, const char *service,
                     bool dry_run, gw_run_result *out, gw_err *err)
{
    gw_migration_list files;
    gw_target_list targets;
    *out = (gw_run_result){0};
    const char *limit;
    if (!prepare(app, arena, &files, &targets, err) || !find_limit(&files, version, &limit, err))
        return false;
    out->tenants = targets.tenants ? targets.len : 0;
    for (size_t i = 0; i < targets.len; i++) {
        mending look = {.app = app,
                        .arena = arena,
                        .target = &targets.items[i],
                        .dry_run = dry_run,
                        .look_first = true,
                        .fills = true,
                        .then_write = !dry_run};
        mending write = {.app = app, .arena = arena, .target = &targets.items[i], .fills = true};
        gw_run_result seen = {0};
        if (!baseline_one(&look, &files, limit, service, &seen, err))
            return false;
        bool again = look.dry_run && !dry_run && (seen.len || strcmp(version, "none") == 0);
        if (again && !baseline_one(&write, &files, limit, service, &(gw_run_result){0}, err))
            return false;
        for (size_t k = 0; k < seen.len; k++)
            *gw_vec_push(arena, out) = seen.items[k];
        out->pending += seen.pending;
    }
    return true;
}
