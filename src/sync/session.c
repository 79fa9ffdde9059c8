#include "sync/session.h"

#include <string.h>

#include "base/uuid.h"
#include "base/vec.h"
#include "control/lock.h"
#include "sql/quote.h"
#include "sql_sync.h"

/* Of godwit's sync in a database; an arbitrary number that is nobody else's. */
int64_t gw_sync_lock_key(void)
{
    return INT64_C(0x676f64775f737963);
}

bool gw_sync_lock(gw_session *session, bool *locked, gw_err *err)
{
    static const gw_col cols[] = {{"locked", GW_COL_BOOL, true, 0}};
    gw_arena *arena = gw_arena_new();
    gw_param key = gw_p_int(gw_sync_lock_key());
    gw_result result;
    bool ok = gw_query(session, arena, &gw_sql_session_lock, &key, 1, &result, err) &&
              gw_row(arena, &result, cols, 1, locked, err);
    gw_arena_free(arena);
    return ok;
}

void gw_sync_unlock(gw_session *session)
{
    gw_err ignored = {0};
    gw_arena *arena = gw_arena_new();
    gw_exec(session,
            gw_printf(arena, "SELECT pg_catalog.pg_advisory_unlock(%lld)",
                      (long long)gw_sync_lock_key()),
            &ignored);
    gw_err_clear(&ignored);
    gw_arena_free(arena);
}

/* ---- reading ------------------------------------------------------------------------------- */

bool gw_sync_session_find(gw_session *session, gw_arena *arena, const char *id,
                          gw_sync_session *out, bool *found, gw_err *err)
{
    static const gw_col cols[] = {
        {"id", GW_COL_TEXT, true, offsetof(gw_sync_session, id)},
        {"status", GW_COL_TEXT, true, offsetof(gw_sync_session, status)},
        {"attempt", GW_COL_INT, true, offsetof(gw_sync_session, attempt)},
        {"wanted", GW_COL_TEXT, false, offsetof(gw_sync_session, wanted)},
        {"snapshot", GW_COL_TEXT, false, offsetof(gw_sync_session, snapshot)},
        {"host", GW_COL_TEXT, false, offsetof(gw_sync_session, host)},
        {"pid", GW_COL_INT, false, offsetof(gw_sync_session, pid)},
        {"alive", GW_COL_BOOL, true, offsetof(gw_sync_session, alive)},
        {"pending", GW_COL_TEXT, true, offsetof(gw_sync_session, pending)},
        {"running", GW_COL_TEXT, true, offsetof(gw_sync_session, running)},
        {"completed", GW_COL_TEXT, true, offsetof(gw_sync_session, completed)},
        {"failed", GW_COL_TEXT, true, offsetof(gw_sync_session, failed)},
        {"reason", GW_COL_TEXT, false, offsetof(gw_sync_session, reason)},
        {"options", GW_COL_TEXT, true, offsetof(gw_sync_session, options)},
    };
    gw_param param = gw_p_text(id);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_session_read, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *out, &rows, err))
        return false;
    *found = result.rows > 0;
    if (*found)
        *out = *(gw_sync_session *)rows;
    return true;
}

void gw_sync_session_entities(gw_arena *arena, const char *json, gw_source_names *out)
{
    gw_err ignored = {0};
    json_t *list = gw_json_parse(arena, "entities", json, strlen(json), &ignored), *one;
    size_t i;
    gw_err_clear(&ignored);
    json_array_foreach(list, i, one)
        *gw_vec_push(arena, out) = gw_strdup(arena, json_string_value(one));
}

/* ---- attempts ------------------------------------------------------------------------------ */

bool gw_sync_session_new(gw_session *session, gw_arena *arena, const gw_source_names *entities,
                         const char *options, const char **id, gw_err *err)
{
    *id = gw_strdup(arena, gw_uuid_v7().text);
    gw_param params[] = {gw_p_text(*id),
                         gw_p_text(gw_quote_array(arena, entities->items, entities->len)),
                         gw_p_text(options ? options : "{}")};
    return gw_exec_sql(session, &gw_sql_session_put, params, 3, err);
}

/* In the order in which a batch takes them: checkpoint, piece, run. run NULL: all of them. */
static bool step_runs(gw_session *session, const char *id, const char *run, const char *status,
                      const char *error, gw_err *err)
{
    gw_param params[] = {gw_p_text(id), gw_p_text(run), gw_p_text(status), gw_p_text(error)};
    return gw_exec_sql(session, &gw_sql_checkpoints_suspend, params, 2, err) &&
           gw_exec_sql(session, &gw_sql_tasks_forget, params, 2, err) &&
           gw_exec_sql(session, &gw_sql_runs_step, params, 4, err) &&
           gw_exec_sql(session, &gw_sql_runs_rejected, params, 2, err);
}

static bool begin(gw_session *session, gw_arena *arena, const char *id, const gw_sync_owner *owner,
                  const gw_source_names *entities, int64_t *attempt, gw_err *err)
{
    static const gw_col cols[] = {{"attempt", GW_COL_INT, true, 0}};
    gw_param params[] = {gw_p_text(id),
                         gw_p_text(owner->id),
                         gw_p_text(owner->host),
                         gw_p_int(owner->pid),
                         gw_p_int(owner->lease_ms),
                         gw_p_text(gw_quote_array(arena, entities->items, entities->len))};
    gw_result result;
    if (!step_runs(session, id, NULL, "paused", NULL, err) ||
        !gw_query(session, arena, &gw_sql_session_begin, params, 6, &result, err))
        return false;
    if (!result.rows)
        return gw_err_set(err, GW_ERR_STATE, "session %s has ended", id);
    return gw_row(arena, &result, cols, 1, attempt, err);
}

bool gw_sync_session_begin(gw_session *session, gw_arena *arena, const char *id,
                           const gw_sync_owner *owner, const gw_source_names *entities,
                           int64_t *attempt, gw_err *err)
{
    if (!gw_session_begin(session, "read committed", err))
        return false;
    if (begin(session, arena, id, owner, entities, attempt, err))
        return gw_session_commit(session, err);
    gw_session_rollback(session);
    return false;
}

bool gw_sync_session_owned(gw_session *session, const char *id, const gw_sync_owner *owner,
                           gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_param params[] = {gw_p_text(id), gw_p_text(owner->id)};
    gw_result result;
    bool ok = gw_query(session, arena, &gw_sql_session_owned, params, 2, &result, err);
    bool owned = ok && result.rows > 0;
    gw_arena_free(arena);
    return owned ||
           (ok && gw_err_set(err, GW_ERR_LOST, "another one has taken over session %s", id));
}

bool gw_sync_session_share(gw_session *session, const char *id, const gw_sync_owner *owner,
                           const char *name, const char *json, gw_err *err)
{
    gw_param params[] = {gw_p_text(id), gw_p_text(owner->id), gw_p_text(name), gw_p_text(json)};
    return gw_exec_sql(session, &gw_sql_session_snapshot, params, 4, err);
}

bool gw_sync_session_beat(gw_session *session, gw_arena *arena, const char *id,
                          const gw_sync_owner *owner, const char *const *workers, size_t count,
                          double rate, gw_sync_beat *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"wanted", GW_COL_TEXT, false, offsetof(gw_sync_beat, wanted)},
        {"processed", GW_COL_INT, true, offsetof(gw_sync_beat, processed)},
        {"remaining", GW_COL_INT, true, offsetof(gw_sync_beat, remaining)},
    };
    gw_param params[] = {gw_p_text(id),
                         gw_p_text(owner->id),
                         gw_p_int(owner->lease_ms),
                         gw_p_text(gw_quote_array(arena, workers, count)),
                         gw_p_text(gw_printf(arena, "%.3f", rate)),
                         gw_p_int((int64_t)count)};
    gw_result result;
    *out = (gw_sync_beat){0};
    if (!gw_query(session, arena, &gw_sql_session_beat, params, 6, &result, err))
        return false;
    out->lost = result.rows == 0;
    return out->lost || gw_row(arena, &result, cols, 3, out, err);
}

bool gw_sync_session_entity(gw_session *session, const char *id, const char *entity,
                            const char *state, gw_err *err)
{
    gw_param params[] = {gw_p_text(id), gw_p_text(entity), gw_p_text(state)};
    return gw_exec_sql(session, &gw_sql_session_entity, params, 3, err);
}

static bool end(gw_session *session, const char *id, const gw_sync_owner *owner, const char *state,
                const char *reason, const char *summary, const char *metrics, gw_err *err)
{
    gw_param params[] = {gw_p_text(id),     gw_p_text(owner ? owner->id : NULL),
                         gw_p_text(state),  gw_p_text(reason),
                         gw_p_text(summary), gw_p_text(metrics)};
    if (owner && !gw_sync_session_owned(session, id, owner, err))
        return false;
    if (strcmp(state, "paused") == 0 && !step_runs(session, id, NULL, "paused", NULL, err))
        return false;
    if (strcmp(state, "failed") == 0 &&
        !step_runs(session, id, NULL, "failed", summary ? summary : "{}", err))
        return false;
    return gw_exec_sql(session, &gw_sql_session_end, params, 6, err);
}

bool gw_sync_session_end(gw_session *session, const char *id, const gw_sync_owner *owner,
                         const char *state, const char *reason, const char *summary,
                         const char *metrics, gw_err *err)
{
    if (!gw_session_begin(session, "read committed", err))
        return false;
    if (end(session, id, owner, state, reason, summary, metrics, err))
        return gw_session_commit(session, err);
    gw_session_rollback(session);
    return false;
}

/* ---- steps that a person wants ------------------------------------------------------------- */

static const char *const step_words[] = {"paused", "resumed", "cancelled"};

bool gw_sync_step_check(const gw_sync_session *session, gw_sync_step step, gw_err *err)
{
    static const struct {
        const char *status, *steps;
        bool may[3];
    } legal[] = {
        {"pending", "it can be resumed or cancelled", {false, true, true}},
        {"running", "it can be paused or cancelled", {true, false, true}},
        {"paused", "it can be resumed or cancelled", {false, true, true}},
        {"completed", "it has ended: godwit sync run begins another one", {false, false, false}},
        {"failed", "it has ended: godwit sync run begins another one", {false, false, false}},
    };
    for (size_t i = 0; i < sizeof legal / sizeof *legal; i++) {
        if (strcmp(legal[i].status, session->status) != 0)
            continue;
        /* Who was killed while it ran can be followed by another. */
        if (legal[i].may[step] || (step == GW_SYNC_RESUME && i == 1 && !session->alive))
            return true;
        gw_err_set(err, GW_ERR_STATE, "session %s is %s and cannot be %s", session->id,
                   session->status, step_words[step]);
        return gw_err_hint(err, "%s", legal[i].steps);
    }
    return gw_err_set(err, GW_ERR_INTERNAL, "session %s is %s", session->id, session->status);
}

static bool step_here(gw_session *session, gw_arena *arena, const gw_sync_session *which,
                      gw_sync_step step, const char *by, gw_err *err)
{
    if (step == GW_SYNC_PAUSE)
        return gw_sync_session_end(session, which->id, NULL, "paused",
                                   gw_printf(arena, "paused by %s", by), NULL, NULL, err);
    json_t *summary = gw_json_own(arena, json_object());
    json_object_set_new(summary, "reason", json_string("cancelled"));
    json_object_set_new(summary, "message", gw_json_text(gw_printf(arena, "cancelled by %s", by)));
    return gw_sync_session_end(session, which->id, NULL, "failed",
                               gw_printf(arena, "cancelled by %s", by),
                               gw_json_dump(arena, summary), NULL, err);
}

bool gw_sync_session_step(gw_session *session, gw_arena *arena, const gw_sync_session *which,
                          gw_sync_step step, const char *by, bool *now, gw_err *err)
{
    if (!gw_sync_step_check(which, step, err) || !gw_sync_lock(session, now, err))
        return false;
    if (*now) {
        bool ok = step_here(session, arena, which, step, by, err);
        gw_sync_unlock(session);
        return ok;
    }
    gw_param params[] = {gw_p_text(which->id),
                         gw_p_text(step == GW_SYNC_PAUSE ? "pause" : "cancel"),
                         gw_p_text(gw_printf(arena, "%s by %s", step_words[step], by))};
    return gw_exec_sql(session, &gw_sql_session_want, params, 3, err);
}

/* ---- runs ---------------------------------------------------------------------------------- */

typedef struct found_run {
    const char *run, *checkpoint, *state;
} found_run;

static bool find_run(gw_session *session, gw_arena *arena, const gw_sync_run_want *want,
                     found_run *out, bool *found, gw_err *err)
{
    static const gw_col cols[] = {
        {"run", GW_COL_TEXT, true, offsetof(found_run, run)},
        {"checkpoint", GW_COL_TEXT, false, offsetof(found_run, checkpoint)},
        {"state", GW_COL_TEXT, false, offsetof(found_run, state)},
    };
    gw_param params[] = {gw_p_text(want->session), gw_p_text(want->entity)};
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_run_find, params, 2, &result, err))
        return false;
    *found = result.rows > 0;
    return !*found || gw_row(arena, &result, cols, 3, out, err);
}

bool gw_sync_run_begin(gw_session *session, gw_arena *arena, const gw_sync_run_want *want,
                       gw_sync_run *out, gw_err *err)
{
    found_run was = {0};
    bool found;
    if (!find_run(session, arena, want, &was, &found, err))
        return false;
    *out = (gw_sync_run){.id = found ? was.run : gw_strdup(arena, gw_uuid_v7().text),
                         .entity = want->entity,
                         .mapping = want->mapping,
                         .analysis = want->analysis,
                         .checkpoint =
                             was.checkpoint ? was.checkpoint : gw_strdup(arena, gw_uuid_v7().text)};
    gw_param put[] = {gw_p_text(out->id),       gw_p_text(want->session),
                      gw_p_text(want->entity),  gw_p_text(want->mapping),
                      gw_p_text(want->analysis), gw_p_int(want->attempt)};
    gw_param begin_params[] = {gw_p_text(out->id),        gw_p_text(want->mapping),
                               gw_p_text(want->analysis), gw_p_int(want->attempt),
                               gw_p_int(want->remaining), gw_p_text(want->mark)};
    gw_param checkpoint[] = {gw_p_text(out->checkpoint), gw_p_text(want->entity),
                             gw_p_text(out->id),         gw_p_text(want->session),
                             gw_p_text(want->analysis),  gw_p_text(want->mapping),
                             gw_p_int(want->remaining)};
    gw_param settle[] = {gw_p_text(want->session), gw_p_text(want->entity)};
    gw_param goes[] = {gw_p_text(out->checkpoint), gw_p_text(want->analysis),
                       gw_p_text(want->mapping), gw_p_int(want->remaining)};
    return (found || gw_exec_sql(session, &gw_sql_run_put, put, 6, err)) &&
           gw_exec_sql(session, &gw_sql_run_settle, settle, 2, err) &&
           gw_exec_sql(session, &gw_sql_run_begin, begin_params, 6, err) &&
           (was.checkpoint || gw_exec_sql(session, &gw_sql_checkpoint_put, checkpoint, 7, err)) &&
           gw_exec_sql(session, &gw_sql_checkpoint_begin, goes, 4, err);
}

static const gw_col counts_cols[] = {
    {"entity", GW_COL_TEXT, true, offsetof(gw_sync_counts, entity)},
    {"status", GW_COL_TEXT, true, offsetof(gw_sync_counts, status)},
    {"new", GW_COL_INT, true, offsetof(gw_sync_counts, added)},
    {"modified", GW_COL_INT, true, offsetof(gw_sync_counts, modified)},
    {"deleted", GW_COL_INT, true, offsetof(gw_sync_counts, deleted)},
    {"rejected", GW_COL_INT, true, offsetof(gw_sync_counts, rejected)},
    {"remaining", GW_COL_INT, true, offsetof(gw_sync_counts, remaining)},
    {"error", GW_COL_TEXT, false, offsetof(gw_sync_counts, error)},
};

bool gw_sync_run_complete(gw_session *session, gw_arena *arena, const gw_sync_run *run,
                          const char *session_id, const gw_sync_owner *owner, gw_sync_counts *out,
                          gw_err *err)
{
    gw_param checkpoint = gw_p_text(run->checkpoint);
    gw_param forget[] = {gw_p_text(session_id), gw_p_text(run->id)};
    gw_param settle[] = {gw_p_text(session_id), gw_p_text(run->entity)};
    gw_param params[] = {gw_p_text(run->id), gw_p_text(owner->id)};
    gw_result result;
    *out = (gw_sync_counts){.entity = run->entity, .status = "completed"};
    if (!gw_exec_sql(session, &gw_sql_checkpoint_complete, &checkpoint, 1, err) ||
        !gw_exec_sql(session, &gw_sql_tasks_forget, forget, 2, err) ||
        !gw_exec_sql(session, &gw_sql_run_settle, settle, 2, err) ||
        !gw_exec_sql(session, &gw_sql_runs_rejected, forget, 2, err) ||
        !gw_query(session, arena, &gw_sql_run_complete, params, 2, &result, err))
        return false;
    if (!result.rows)
        return gw_err_set(err, GW_ERR_LOST, "another one has taken over session %s", session_id);
    return gw_row(arena, &result, counts_cols + 2, 4, out, err);
}

bool gw_sync_run_fail(gw_session *session, gw_arena *arena, const char *session_id,
                      const gw_sync_owner *owner, const char *entity, const char *run_id,
                      const gw_err *why, gw_err *err)
{
    if (!gw_session_begin(session, "read committed", err))
        return false;
    if (gw_sync_session_owned(session, session_id, owner, err) &&
        (!run_id || step_runs(session, session_id, run_id, "failed",
                              gw_sync_error_json(arena, why), err)) &&
        gw_sync_session_entity(session, session_id, entity, "failed", err))
        return gw_session_commit(session, err);
    gw_session_rollback(session);
    return false;
}

bool gw_sync_run_counts(gw_session *session, gw_arena *arena, const char *session_id,
                        gw_sync_counts **out, size_t *count, gw_err *err)
{
    gw_param param = gw_p_text(session_id);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_run_counts, &param, 1, &result, err) ||
        !gw_rows(arena, &result, counts_cols, sizeof counts_cols / sizeof *counts_cols,
                 sizeof **out, &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}

/* ---- the log ------------------------------------------------------------------------------- */

const char *gw_sync_error_json(gw_arena *arena, const gw_err *why)
{
    json_t *one = gw_json_own(arena, json_object());
    json_object_set_new(one, "kind", json_string(gw_err_kind_name(why->kind)));
    json_object_set_new(one, "message", gw_json_text(why->message));
    if (why->detail)
        json_object_set_new(one, "detail", gw_json_text(why->detail));
    if (why->hint)
        json_object_set_new(one, "hint", gw_json_text(why->hint));
    if (*why->sqlstate)
        json_object_set_new(one, "sqlstate", json_string(why->sqlstate));
    return gw_json_dump(arena, one);
}

bool gw_sync_log_put(gw_session *session, const gw_sync_log *line, gw_err *err)
{
    gw_uuid id = gw_uuid_v7();
    gw_param params[] = {gw_p_text(id.text),
                         gw_p_text(line->session),
                         gw_p_text(line->checkpoint),
                         gw_p_text(line->entity ? line->entity : ""),
                         gw_p_text(line->operation),
                         gw_p_text(line->level),
                         gw_p_text(line->message),
                         gw_p_text(line->error),
                         gw_p_text(line->performance),
                         gw_p_text(line->context)};
    return gw_exec_sql(session, &gw_sql_log_put, params, 10, err);
}
