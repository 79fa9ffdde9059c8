/* Reading only: status, waiting for a version, verify. */
#include <string.h>

#include "app/internal.h"
#include "app/place.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"
#include "control/control.h"

enum { POLL_LEAST_MS = 50, POLL_MOST_MS = 1000, NAMED = 8, LOOKS = 5 };

/* Who is at work just now: for people, so that a role which may not read that goes without it. */
static bool read_run(gw_session *session, gw_arena *arena, gw_status *status, gw_err *err)
{
    gw_run_holder *holder = gw_alloc(arena, sizeof *holder);
    gw_err problem = {0};
    if (gw_run_lock_holder(session, arena, holder, &problem)) {
        if (gw_run_holder_busy(holder))
            status->run = holder;
        else if (gw_run_holder_cut_off(holder))
            status->cut_off = holder;
        return true;
    }
    if (problem.kind != GW_ERR_PRIVILEGE) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    return true;
}

/* What those that stopped half-way were at: the server may still be. */
static bool read_left(gw_session *session, gw_arena *arena, const gw_plan *plan,
                      const gw_left ***out, gw_err *err)
{
    const gw_left **list = gw_alloc_array(arena, plan->len, sizeof *list);
    *out = list;
    for (size_t i = 0; i < plan->len; i++) {
        const gw_applied *row = plan->items[i].row;
        if (!row || strcmp(row->state, "applied") == 0)
            continue;
        gw_left *left = gw_alloc(arena, sizeof *left);
        if (!gw_row_left(session, arena, row, left, err))
            return false;
        list[i] = left->number ? left : NULL;
    }
    return true;
}

/* One look, in several statements. `status` NULL: the plan is enough. */
static bool look(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *session,
                 const gw_migration_list *files, int *version, gw_plan *plan, gw_status *status,
                 const gw_left ***left, gw_err *err)
{
    gw_applied_list rows;
    gw_event_list failures = {0};
    if (!gw_history_read(session, arena, target->row_tenant, &rows, version, err) ||
        !gw_app_refuse_stranger(arena, target, session, *version, err) ||
        (*version && !gw_events_last_failures(session, arena, target->row_tenant, &failures, err)))
        return false;
    gw_plan_make(arena, files, &rows, &failures, app->environment.name, gw_app_services(app, arena), NULL, plan);
    if (!status)
        return true;
    status->run = status->cut_off = NULL;
    status->database = gw_strdup(arena, gw_session_database(session));
    return gw_app_foreign_histories(app, arena, target, session, files, plan, *version, &status->foreign, err) &&
           (!*version || read_run(session, arena, status, err)) && read_left(session, arena, plan, left, err);
}

/*
 * A file outside a transaction has its row from its first statement on. The run that holds the lock
 * has touched it since, and has not said that it failed: then it is at it.
 */
static bool is_running(const gw_plan_item *item, const gw_run_holder *run)
{
    const gw_applied *row = item->row;
    return run && !run->gone && item->file && row && strcmp(row->state, "applied") != 0 &&
           row->applied_at >= run->acquired_at &&
           !(item->failure && item->failure->at >= row->applied_at);
}

static bool stands(const gw_applied_list *rows, const gw_applied *was)
{
    for (size_t i = 0; i < rows->len; i++) {
        const gw_applied *now = &rows->items[i];
        if (strcmp(now->service, was->service) == 0 && strcmp(now->version, was->version) == 0)
            return strcmp(now->state, was->state) == 0 && now->applied_at == was->applied_at;
    }
    return false;
}

/* Who is at work was asked behind the rows: one that is half-way with nobody at it may be through by now, and
 * would be told as failed. */
static bool moved_on(gw_arena *arena, const gw_target *target, gw_session *session, const gw_plan *plan,
                     const gw_status *status, bool *has, gw_err *err)
{
    gw_applied_list rows = {0};
    bool asked = false;
    int version = 0;
    *has = false;
    for (size_t i = 0; status && i < plan->len && !*has; i++) {
        const gw_plan_item *item = &plan->items[i];
        if (!item->row || strcmp(item->row->state, "applied") == 0 || is_running(item, status->run))
            continue;
        if (!asked && !gw_history_read(session, arena, target->row_tenant, &rows, &version, err))
            return false;
        asked = true;
        *has = !stands(&rows, item->row);
    }
    return true;
}

/* `status` NULL: the plan and sqlx's table are enough. */
static bool read_target(gw_app *app, gw_arena *arena, const gw_target *target,
                        const gw_migration_list *files, gw_plan *plan, gw_status *status,
                        const gw_left ***left, gw_compat_differences *sqlx, gw_err *err)
{
    gw_session *session;
    gw_connect connect = target->connect;
    int version = 0;
    bool ok = true, again = true;
    connect.pinned = true;
    if (!gw_session_open(arena, &connect, &session, err))
        return false;
    for (unsigned looks = 0; ok && again && looks < LOOKS; looks++)
        ok = look(app, arena, target, session, files, &version, plan, status, left, err) &&
             moved_on(arena, target, session, plan, status, &again, err);
    ok = ok && gw_app_companion_compare(app, arena, target, session, plan, version, sqlx, err);
    gw_session_close(session);
    return ok;
}

int64_t gw_app_rows_done(gw_arena *arena, const gw_applied *row)
{
    gw_err ignored = {0};
    json_t *intent = row->intent ? gw_json_parse(arena, "intent", row->intent, strlen(row->intent),
                                                 &ignored)
                                 : NULL;
    const json_t *rows = json_object_get(intent, "rows");
    gw_err_clear(&ignored);
    return json_is_integer(rows) ? json_integer_value(rows) : -1;
}

/* Stopped by Ctrl-C or SIGTERM, and the next up goes on by itself. */
static bool is_interrupted(const gw_plan_item *item, const gw_left *left)
{
    const gw_event *last = item->failure;
    const gw_applied *row = item->row;
    bool half = row && strcmp(row->state, "applied") != 0;
    return item->runs && last && last->outcome && strcmp(last->outcome, "interrupted") == 0 &&
           !(half && last->at < row->applied_at) && !(left && left->asks);
}

static void fill_item(gw_arena *arena, const gw_plan_item *from, const gw_run_holder *run,
                      const gw_left *left, const char *folder, gw_status_item *to)
{
    const gw_migration *file = from->file;
    const gw_applied *row = from->row;
    bool half = row && strcmp(row->state, "applied") != 0, running = is_running(from, run);
    bool interrupted = !running && is_interrupted(from, left);
    *to = (gw_status_item){
        .version = file ? file->version : row->version,
        .name = file ? file->name : row->name,
        .service = file ? file->service : row->service,
        .file = file ? file->up.path : NULL,
        .baseline = from->baseline ? from->baseline->version : NULL,
        .folder = file ? NULL : folder,
        .checksum = file ? file->checksum : row->checksum,
        .state = running || (interrupted && from->state == GW_STATE_FAILED) ? GW_STATE_PENDING
                                                                            : from->state,
        .running = running,
        .repeatable = file ? file->kind == GW_REPEATABLE : strcmp(row->kind, "repeatable") == 0,
        .transactional = row ? row->transactional : !file->up.directives.no_transaction,
        .has_down = file && file->down.present,
        .applied_at = row && !half ? row->applied_at : GW_NULL_INT,
        .duration_ms = row ? row->duration_ms : 0,
        .applied_by = row ? row->applied_by : NULL,
        .statements_done = half ? row->statements_done : 0,
        .statements_total = half ? row->statements_total : 0,
        .rows_done = half ? gw_app_rows_done(arena, row) : -1,
        .reverting = half && strcmp(row->state, "reverting") == 0,
        .left = running ? NULL : left,
        .failure = interrupted || (from->state == GW_STATE_FAILED && !running) ? from->failure : NULL,
    };
}

static void say_renumbered(gw_arena *arena, const gw_plan *plan, const gw_plan_item *from,
                           gw_status_item *to)
{
    if (from->moved_from && gw_plan_is_renumbered(from->moved_from))
        to->applied_as = from->moved_from->row->version;
    if (!gw_plan_is_renumbered(from))
        return;
    to->renumbered_to = from->moved_to->file->version;
    to->renumbered = gw_plan_renumbered_text(arena, plan, from);
    to->advice = gw_plan_renumbered_advice(arena, plan, from);
}

static void fill_status(gw_arena *arena, const gw_plan *plan, const gw_left *const *left,
                        gw_status *out)
{
    out->current = plan->current;
    out->items = gw_alloc_array(arena, plan->len, sizeof *out->items);
    out->len = plan->len;
    for (size_t i = 0; i < plan->len; i++) {
        const gw_applied *row = plan->items[i].row;
        const char *folder =
            plan->items[i].file ? NULL : gw_plan_folder(arena, plan, row->service);
        fill_item(arena, &plan->items[i], out->run, left[i], folder, &out->items[i]);
        say_renumbered(arena, plan, &plan->items[i], &out->items[i]);
        out->pending += plan->items[i].runs;
        out->failed += out->items[i].state == GW_STATE_FAILED;
        out->modified += plan->items[i].state == GW_STATE_MODIFIED;
        out->missing += plan->items[i].state == GW_STATE_MISSING;
        out->out_of_order += plan->items[i].late && plan->items[i].runs;
    }
}

static bool is_ours(const char *const *services, const char *service)
{
    for (; *services; services++)
        if (strcmp(*services, service) == 0)
            return true;
    return false;
}

/* Rows that stand for something that no file of this project says. */
static void count_without_file(const gw_plan *plan, const char *const *services, gw_status *out)
{
    for (size_t i = 0; i < plan->row_count; i++) {
        const gw_applied *row = &plan->rows[i];
        bool found = strcmp(row->kind, "baseline") != 0;
        for (size_t k = 0; k < plan->len && !found; k++)
            found = plan->items[k].row == row && (plan->items[k].file || plan->items[k].moved_to);
        if (!is_ours(services, row->service))
            out->others++;
        else if (!found)
            out->without_file++;
    }
}

static void clear_error(void *error)
{
    gw_err_clear(error);
}

static bool read_status(gw_app *app, gw_arena *arena, const gw_target *target,
                        const gw_migration_list *files, gw_status *status, gw_err *err)
{
    gw_plan plan;
    const gw_left **left = NULL;
    if (!read_target(app, arena, target, files, &plan, status, &left, &status->sqlx, err))
        return false;
    fill_status(arena, &plan, left, status);
    if (!status->pending && !status->failed)
        status->cut_off = NULL; /* it came to its end, all but the last word */
    count_without_file(&plan, gw_app_services(app, arena), status);
    return true;
}

const char *gw_status_reason(const gw_err *error)
{
    static const char fatal[] = "FATAL:  ";
    const char *said = error->kind == GW_ERR_CONNECT && error->detail ? strstr(error->detail, fatal) : NULL;
    return said ? said + sizeof fatal - 1 : error->message;
}

/* One that cannot be read hides nothing of the others. */
static bool say_unread(gw_arena *arena, const gw_status_list *list, gw_err *err)
{
    gw_buf names = GW_BUF(arena);
    const gw_err *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *status = &list->items[i];
        if (!status->error)
            continue;
        first = first ? first : status->error;
        if (count++ < NAMED)
            gw_buf_addf(&names, "%s%s: %s", count > 1 ? "\n" : "", status->tenant,
                        gw_status_reason(status->error));
    }
    if (!count)
        return true;
    if (count > NAMED)
        gw_buf_addf(&names, "\nand %zu more", count - NAMED);
    gw_err_set(err, first->kind, "%zu of %zu tenants could not be read", count, list->len);
    gw_err_detail(err, "%s", gw_buf_str(&names));
    return first->hint ? gw_err_hint(err, "%s", first->hint) : false;
}

bool gw_app_status(gw_app *app, gw_arena *arena, gw_status_list *out, gw_err *err)
{
    const gw_environment *env;
    gw_migration_list files;
    gw_target_list targets;
    const char *format;
    *out = (gw_status_list){0};
    if (!gw_app_environment(app, &env, err) ||
        !gw_app_migrations(app, arena, &files, &format, err) ||
        !gw_app_targets(app, arena, false, &targets, err))
        return false;
    out->environment = env->name;
    out->unmatched = targets.unmatched;
    out->items = gw_alloc_array(arena, targets.len, sizeof *out->items);
    for (size_t i = 0; i < targets.len; i++) {
        gw_status *status = &out->items[i];
        gw_err problem = {0};
        *status = (gw_status){.environment = env->name,
                              .tenant = targets.items[i].tenant,
                              .format = format,
                              .url_source = env->url_source};
        if (!read_status(app, arena, &targets.items[i], &files, status, &problem)) {
            if (!targets.tenants || problem.kind == GW_ERR_INTERRUPTED) {
                gw_err_move(err, &problem);
                return false;
            }
            gw_err *kept = gw_alloc(arena, sizeof *kept);
            gw_app_place_database(app, &problem);
            gw_err_move(kept, &problem);
            gw_arena_defer(arena, clear_error, kept);
            status->error = kept;
        }
        out->len = i + 1;
    }
    return say_unread(arena, out, err);
}

/* Is the version there, in every tenant, of every service that has it, and nothing failed? */
static bool has_reached(const gw_status_list *list, const char *version, bool *known)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *status = &list->items[i];
        bool reached = false, waited_for = false;
        for (size_t k = 0; k < status->len; k++) {
            const gw_status_item *item = &status->items[k];
            bool same = gw_version_is(item->version, version);
            *known |= same;
            reached |= same && (item->state == GW_STATE_APPLIED || item->state == GW_STATE_MODIFIED ||
                                (item->state == GW_STATE_MISSING &&
                                 item->applied_at != GW_NULL_INT));
            waited_for |=
                same && (item->state == GW_STATE_PENDING || item->state == GW_STATE_OUT_OF_ORDER);
        }
        if (!reached || waited_for || status->failed)
            return false;
    }
    return list->len > 0;
}

bool gw_app_wait_for(gw_app *app, const char *version, int64_t timeout_ms, gw_err *err)
{
    int64_t began = gw_monotonic_us();
    for (unsigned attempt = 0;; attempt++) {
        gw_arena *scratch = gw_arena_new();
        gw_status_list list;
        gw_err problem = {0};
        bool known = false;
        bool asked = gw_app_status(app, scratch, &list, &problem);
        bool reached = asked && has_reached(&list, version, &known);
        gw_arena_free(scratch);
        int64_t left = timeout_ms - (gw_monotonic_us() - began) / 1000;
        bool can_wait = asked || problem.kind == GW_ERR_CONNECT || problem.kind == GW_ERR_LOST;
        if (!reached && (!can_wait || (left <= 0 && !asked))) {
            gw_err_move(err, &problem);
            return false;
        }
        gw_err_clear(&problem);
        if (reached)
            return true;
        if (left <= 0) {
            gw_err_set(err, GW_ERR_CHECK, "version %s was not reached", version);
            return gw_err_hint(err, known ? "godwit status says what is pending or failed"
                                          : "neither a file nor the history knows that version");
        }
        int64_t pause = gw_backoff_ms(POLL_LEAST_MS, attempt < 6 ? attempt : 6, POLL_MOST_MS);
        if (!gw_sleep_ms(pause < left ? pause : left, app->options.cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for %s", version);
    }
}

static void add_finding(gw_arena *arena, gw_verify_result *out, const gw_target *target,
                        const gw_plan_item *item, const char *kind)
{
    const gw_migration *file = item->file;
    const gw_applied *row = item->row;
    *gw_vec_push(arena, out) =
        (gw_verify_finding){.kind = kind,
                            .tenant = target->tenant,
                            .service = file ? file->service : row->service,
                            .version = file ? file->version : row->version,
                            .name = file ? file->name : row->name,
                            .file = file ? file->up.path : NULL,
                            .expected = row ? row->checksum : NULL,
                            .found = file ? file->checksum : NULL};
}

/* There is no file to name: the folder is. */
static void say_missing(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item,
                        gw_verify_finding *out)
{
    const gw_applied *row = item->row;
    bool half = strcmp(row->state, "applied") != 0, reverting = strcmp(row->state, "reverting") == 0;
    out->text = gw_plan_missing(arena, plan, item);
    out->advice = gw_plan_is_renumbered(item) ? gw_plan_renumbered_advice(arena, plan, item)
                  : half                      ? gw_half_gone_advice(arena, row->version, reverting)
                                              : "bring it back; where it was deleted on purpose, "
                                                "godwit repair forgets that it was there";
}

static void add_sqlx(gw_arena *arena, gw_verify_result *out, const gw_target *target,
                     const gw_compat_difference *difference)
{
    static const gw_migration nobodys = {.service = ""};
    const gw_plan_item of_sqlx = {.file = &nobodys};
    const char *kind = gw_compat_problem_name(difference->problem);
    add_finding(arena, out, target, difference->item ? difference->item : &of_sqlx, kind);
    gw_verify_finding *added = &out->items[out->len - 1];
    added->version = difference->version;
    added->expected = difference->found; /* what is recorded there */
    added->found = difference->expected;
    added->text = gw_compat_text(arena, difference);
    added->advice = gw_compat_advice(arena, difference);
}

bool gw_app_verify(gw_app *app, gw_arena *arena, gw_verify_result *out, gw_err *err)
{
    const gw_environment *env;
    gw_migration_list files;
    gw_target_list targets;
    size_t said = 0;
    *out = (gw_verify_result){0};
    if (!gw_app_environment(app, &env, err) || !gw_app_migrations(app, arena, &files, NULL, err) ||
        !gw_app_targets(app, arena, false, &targets, err))
        return false;
    for (size_t i = 0; i < targets.len; i++) {
        gw_plan plan;
        gw_compat_differences sqlx;
        if (!read_target(app, arena, &targets.items[i], &files, &plan, NULL, NULL, &sqlx, err))
            return false;
        for (size_t k = 0; k < plan.len; k++) {
            const gw_plan_item *item = &plan.items[k];
            out->checked += item->row != NULL;
            if (item->state == GW_STATE_MODIFIED || item->state == GW_STATE_MISSING ||
                item->state == GW_STATE_FAILED)
                add_finding(arena, out, &targets.items[i], item, gw_state_name(item->state));
            if (item->state == GW_STATE_MISSING || gw_plan_is_renumbered(item))
                say_missing(arena, &plan, item, &out->items[out->len - 1]);
            if (item->late && item->runs && !item->moved_from)
                add_finding(arena, out, &targets.items[i], item,
                            gw_state_name(GW_STATE_OUT_OF_ORDER));
        }
        for (size_t k = 0; k < sqlx.len; k++)
            add_sqlx(arena, out, &targets.items[i], &sqlx.items[k]);
        for (; said < out->len; said++)
            out->items[said].advice =
                gw_app_repair_of_tenant(arena, targets.items[i].tenant, out->items[said].advice);
    }
    return true;
}
