#include "sync/task.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"
#include "sql/quote.h"
#include "sql_sync.h"

typedef struct claimed {
    const char *run, *kind, *entity, *mapping, *checkpoint, *analysis;
    int64_t number, leaf, first, end, change, attempts;
} claimed;

bool gw_task_claim(gw_session *session, gw_arena *arena, const char *session_id,
                   const gw_mover_id *worker, const char *entity, const char *snapshot,
                   gw_task *out, bool *found,
                   gw_err *err)
{
    static const gw_col cols[] = {
        {"run", GW_COL_TEXT, true, offsetof(claimed, run)},
        {"number", GW_COL_INT, true, offsetof(claimed, number)},
        {"kind", GW_COL_TEXT, true, offsetof(claimed, kind)},
        {"leaf", GW_COL_INT, false, offsetof(claimed, leaf)},
        {"first_block", GW_COL_INT, false, offsetof(claimed, first)},
        {"end_block", GW_COL_INT, false, offsetof(claimed, end)},
        {"change", GW_COL_INT, false, offsetof(claimed, change)},
        {"entity", GW_COL_TEXT, true, offsetof(claimed, entity)},
        {"mapping", GW_COL_TEXT, true, offsetof(claimed, mapping)},
        {"checkpoint", GW_COL_TEXT, true, offsetof(claimed, checkpoint)},
        {"analysis", GW_COL_TEXT, true, offsetof(claimed, analysis)},
        {"attempts", GW_COL_INT, true, offsetof(claimed, attempts)},
    };
    gw_param params[] = {gw_p_text(session_id), gw_p_text(worker->id), gw_p_text(worker->host),
                         gw_p_int(worker->lease_ms), gw_p_text(entity ? entity : ""),
                         gw_p_text(snapshot)};
    gw_result result;
    claimed row;
    if (!gw_query(session, arena, &gw_sql_task_claim, params, 6, &result, err))
        return false;
    *found = result.rows > 0;
    if (!*found)
        return true;
    if (!gw_row(arena, &result, cols, sizeof cols / sizeof *cols, &row, err))
        return false;
    *out = (gw_task){.run = row.run,
                     .entity = row.entity,
                     .mapping = row.mapping,
                     .checkpoint = row.checkpoint,
                     .analysis = row.analysis,
                     .number = row.number,
                     .attempts = row.attempts,
                     .is_blocks = strcmp(row.kind, "r") == 0,
                     .leaf = row.leaf,
                     .at = row.first == GW_NULL_INT ? 0 : row.first,
                     .end = row.end,
                     .change = row.change};
    return true;
}

bool gw_task_release(gw_session *session, const gw_mover_id *worker, gw_err *err)
{
    gw_param param = gw_p_text(worker->id);
    return gw_exec_sql(session, &gw_sql_task_release, &param, 1, err);
}

/* ---- a batch of it ------------------------------------------------------------------------- */

static const char *performance(gw_arena *arena, const gw_task_batch *batch,
                               const gw_applied *applied, int64_t elapsed_ms)
{
    json_t *one = gw_json_own(arena, json_object());
    int64_t done = applied->inserted + applied->updated + applied->deleted + applied->rejected +
                   applied->left;
    json_object_set_new(one, "rows", json_integer(done));
    json_object_set_new(one, "bytes", json_integer(applied->bytes));
    json_object_set_new(one, "duration_ms", json_integer(elapsed_ms));
    json_object_set_new(one, "rows_per_second",
                        json_real((double)done * 1000 / (double)(elapsed_ms ? elapsed_ms : 1)));
    json_object_set_new(one, "piece", json_integer(batch->task->number));
    return gw_json_dump(arena, one);
}

static const char *context(gw_arena *arena, const gw_task_batch *batch, const gw_applied *applied)
{
    json_t *one = gw_json_own(arena, json_object());
    json_object_set_new(one, "inserted", json_integer(applied->inserted));
    json_object_set_new(one, "updated", json_integer(applied->updated));
    json_object_set_new(one, "deleted", json_integer(applied->deleted));
    json_object_set_new(one, "rejected", json_integer(applied->rejected));
    json_object_set_new(one, "left", json_integer(applied->left));
    json_object_set_new(one, "worker", json_string(batch->worker->id));
    json_object_set_new(one, "host", gw_json_text(batch->worker->host));
    if (batch->task->is_blocks) {
        json_object_set_new(one, "leaf", json_integer(batch->task->leaf));
        json_object_set_new(one, "first_block", json_integer(batch->task->at));
        json_object_set_new(one, "end_block", json_integer(batch->next));
    }
    return gw_json_dump(arena, one);
}

static const char *message(gw_arena *arena, const gw_applied *applied)
{
    return gw_printf(arena,
                     "%" PRId64 " new, %" PRId64 " changed, %" PRId64 " deleted, %" PRId64
                     " rejected",
                     applied->inserted, applied->updated, applied->deleted, applied->rejected);
}

bool gw_task_applied(gw_session *session, const gw_task_batch *batch, const gw_applied *applied,
                     bool *taken, gw_err *err)
{
    const gw_task *task = batch->task;
    gw_arena *arena = gw_arena_new();
    int64_t ms = (gw_monotonic_us() - batch->began_us) / 1000;
    gw_uuid id = gw_uuid_v7();
    gw_result result;
    /* Rows that were left as they are count as modified: what there was to do with them is done. */
    gw_param params[] = {gw_p_text(task->run),
                         gw_p_int(task->number),
                         gw_p_text(batch->worker->id),
                         gw_p_int(batch->next),
                         gw_p_bool(batch->done),
                         gw_p_int(batch->worker->lease_ms),
                         gw_p_int(applied->inserted),
                         gw_p_int(applied->updated + applied->left),
                         gw_p_int(applied->deleted),
                         gw_p_int(applied->rejected),
                         gw_p_int(batch->rows),
                         gw_p_int(ms),
                         gw_p_text(id.text),
                         gw_p_text(batch->session_id),
                         gw_p_text(task->checkpoint),
                         gw_p_text(applied->rejected ? "warn" : "info"),
                         gw_p_text(message(arena, applied)),
                         gw_p_text(performance(arena, batch, applied, ms)),
                         gw_p_text(context(arena, batch, applied))};
    bool ok = gw_query(session, arena, &gw_sql_task_batch, params, sizeof params / sizeof *params,
                       &result, err);
    if (ok && !result.rows) {
        *taken = true;
        ok = gw_err_set(err, GW_ERR_STATE, "piece %" PRId64 " of %s is not this worker's any more",
                        task->number, task->entity);
    }
    gw_arena_free(arena);
    return ok;
}

/* ---- of a run ------------------------------------------------------------------------------ */

bool gw_tasks_beat(gw_session *session, const gw_mover_id *workers, size_t count, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    const char **ids = gw_alloc_array(arena, count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = workers[i].id;
    gw_param params[] = {gw_p_text(gw_quote_array(arena, ids, count)),
                         gw_p_int(count ? workers[0].lease_ms : 0)};
    bool ok = !count || gw_exec_sql(session, &gw_sql_tasks_beat, params, 2, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_tasks_left(gw_session *session, const char *run, int64_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"count", GW_COL_INT, true, 0}};
    gw_arena *arena = gw_arena_new();
    gw_param param = gw_p_text(run);
    gw_result result;
    bool ok = gw_query(session, arena, &gw_sql_tasks_left, &param, 1, &result, err) &&
              gw_row(arena, &result, cols, 1, count, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_tasks_put_changes(gw_session *session, const char *run, const char *analysis, bool deletes,
                          gw_err *err)
{
    gw_param params[] = {gw_p_text(run), gw_p_text(analysis), gw_p_bool(deletes)};
    return gw_exec_sql(session, &gw_sql_tasks_put_changes, params, 3, err);
}

bool gw_tasks_put_blocks(gw_session *session, const char *run, const gw_task_blocks *pieces,
                         size_t count, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_buf leaf = GW_BUF(arena), first = GW_BUF(arena), end = GW_BUF(arena);
    for (size_t i = 0; i < count; i++) {
        gw_buf_addf(&leaf, "%s%" PRId64, i ? "," : "{", pieces[i].leaf);
        gw_buf_addf(&first, "%s%" PRIu32, i ? "," : "{", pieces[i].blocks.first);
        gw_buf_addf(&end, "%s%" PRIu32, i ? "," : "{", pieces[i].blocks.end);
    }
    gw_buf *arrays[] = {&leaf, &first, &end};
    gw_param params[4] = {gw_p_text(run)};
    for (size_t i = 0; i < 3; i++) {
        gw_buf_add(arrays[i], count ? "}" : "{}");
        params[1 + i] = gw_p_text(gw_buf_str(arrays[i]));
    }
    bool ok = !count || gw_exec_sql(session, &gw_sql_tasks_put_blocks, params, 4, err);
    gw_arena_free(arena);
    return ok;
}
