#include "sync/worker.h"

#include <string.h>

#include "base/clock.h"
#include "sync/analysis.h"
#include "sync/load.h"

enum {
    FIRST_KEYS = 500,
    FIRST_BLOCKS = 32,
    MOST_KEYS = 100000,
    MOST_BLOCKS = 1 << 16,
    RETRIES = 8,
};

/* How much a batch is of, and what the last one took. */
typedef struct amount {
    double next, count, ms;
} amount;

struct gw_mover {
    gw_sync_work *work;
    gw_mover_id id;
    gw_session *source, *destination;
    const gw_work_entity *entity; /* that is open; NULL */
    const char *run;              /* and its run */
    gw_arena *open;
    gw_apply *apply;              /* of changes, or … */
    gw_load *load;                /* … of a first load */
    amount keys, blocks;
    gw_task task;
    gw_task_batch batch;
    bool taken;
    bool told; /* the piece's row says what the batch has done */
};

static void release(void *arg)
{
    gw_arena_free(((gw_mover *)arg)->open);
}

gw_mover *gw_mover_new(gw_arena *arena, gw_sync_work *work, gw_session *source,
                         gw_session *destination, const gw_mover_id *id)
{
    gw_mover *worker = gw_alloc(arena, sizeof *worker);
    *worker = (gw_mover){.work = work,
                          .id = *id,
                          .source = source,
                          .destination = destination,
                          .open = gw_arena_new()};
    gw_arena_defer(arena, release, worker);
    return worker;
}

static int64_t rows_of(const gw_applied *applied)
{
    return applied->inserted + applied->updated + applied->deleted + applied->rejected +
           applied->left;
}

/* ---- an entity at hand --------------------------------------------------------------------- */

static bool before_commit(void *self, const gw_applied *applied, gw_err *err)
{
    gw_mover *worker = self;
    gw_task_batch batch = worker->batch;
    if (worker->task.is_blocks)
        batch.rows = rows_of(applied);
    if (applied->more) {
        batch.done = false;
        batch.next = worker->task.at;
    }
    worker->told = !applied->more;
    return gw_task_applied(worker->destination, &batch, applied, &worker->taken, err);
}

static bool open_entity(gw_mover *worker, gw_err *err)
{
    const gw_sync_work *work = worker->work;
    const gw_work_entity *entity = NULL;
    if ((worker->task.is_blocks ? worker->load != NULL : worker->apply != NULL) &&
        strcmp(worker->run, worker->task.run) == 0)
        return true;
    worker->apply = NULL;
    worker->load = NULL;
    gw_arena_reset(worker->open);
    for (size_t i = 0; i < work->entity_count; i++)
        if (strcmp(work->entities[i].plan->mapping->entity.text, worker->task.entity) == 0)
            entity = &work->entities[i];
    if (!entity)
        return gw_err_set(err, GW_ERR_STATE, "there is no mapping of %s here", worker->task.entity);
    if (strcmp(entity->mapping, worker->task.mapping) != 0) {
        gw_err_set(err, GW_ERR_STATE, "the run goes by another version of the mapping of %s",
                   worker->task.entity);
        return gw_err_hint(err, "it was registered after the run began: the next run goes by it");
    }
    worker->entity = entity;
    worker->run = gw_strdup(worker->open, worker->task.run);
    int64_t most = work->pace.batch_rows;
    worker->keys = (amount){.next = most > 0 && most < FIRST_KEYS ? (double)most : FIRST_KEYS};
    worker->blocks = (amount){.next = FIRST_BLOCKS};
    gw_apply_to to = {.run = worker->run,
                      .checkpoint = gw_strdup(worker->open, worker->task.checkpoint),
                      .before_commit = before_commit,
                      .self = worker};
    return worker->task.is_blocks
               ? gw_load_open(worker->destination, worker->open, &entity->projection, &to, 0,
                              work->log, &worker->load, err)
               : gw_apply_open(worker->destination, worker->open, &entity->projection, &to,
                               work->log, &worker->apply, err);
}

int64_t gw_mover_rows(const gw_sync_work *work, const char *entity)
{
    for (size_t i = 0; work->rows_of && i < work->entity_count; i++)
        if (strcmp(work->entities[i].plan->mapping->entity.text, entity) == 0)
            return atomic_load(&work->rows_of[i]);
    return 0;
}

void gw_mover_forget(gw_mover *worker)
{
    worker->apply = NULL;
    worker->load = NULL;
}

/* What was opened half is opened anew. */
static bool open_whole(gw_mover *worker, gw_err *err)
{
    if (open_entity(worker, err))
        return true;
    gw_mover_forget(worker);
    return false;
}

/* ---- how much at once ---------------------------------------------------------------------- */

static double between(double low, double value, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* What the next batch should be of, after one of `count` that took so long. One that was smaller
 * than the one before and took as long anyway shows what no size helps against (a lock, the commit,
 * a trigger of the statement): then larger ones do more in that time. */
static void resize(amount *size, const gw_sync_pace *pace, double count, double most, double ms,
                   const gw_applied *applied, int64_t rows)
{
    double factor = between(0.25, (double)pace->batch_time_ms / (ms + 1), 4);
    if (factor < 1 && count < size->count && ms > size->ms * (1 + count / size->count) / 2)
        factor = size->count / count;
    double next = count * factor;
    if (applied->bytes > 0)
        next = between(0, next, count * (double)pace->batch_bytes / (double)applied->bytes);
    if (pace->batch_rows > 0 && rows > 0)
        next = between(0, next, count * (double)pace->batch_rows / (double)rows);
    *size = (amount){between(1, next, most), count, ms};
}

/* Waits so that no more than the rate goes through. */
static void keep_rate(gw_mover *worker, int64_t began_us, int64_t rows)
{
    int64_t rate = worker->work->pace.max_rate;
    if (rate <= 0)
        return;
    int64_t due = began_us + rows * 1000000 / rate, now = gw_monotonic_us();
    while (now < due && !atomic_load(&worker->work->stop) &&
           gw_sleep_ms((due - now) / 1000 < 200 ? (due - now) / 1000 + 1 : 200,
                       worker->work->cancel))
        now = gw_monotonic_us();
}

static bool may_go_on(gw_mover *worker)
{
    const gw_sync_work *work = worker->work;
    while (atomic_load(&work->hold) && !atomic_load(&work->stop))
        if (!gw_sleep_ms(100, work->cancel))
            return false;
    return !atomic_load(&work->stop) && !gw_cancel_level(work->cancel);
}

/* ---- a batch ------------------------------------------------------------------------------- */

/* One way or the other; of a first load `leaf` and `run`. */
typedef struct bit {
    const gw_apply_batch *changes; /* NULL: a first load */
    const gw_source_leaf *leaf;
    gw_blocks run;
} bit;

/* The source's transaction outlives what goes wrong in it: others read under its snapshot. */
static bool attempt(gw_mover *worker, const bit *what, gw_applied *out, gw_err *err)
{
    gw_err ignored = {0};
    if (!gw_exec(worker->source, "SAVEPOINT gw_batch", err))
        return false;
    bool ok = what->changes
                  ? gw_apply_run(worker->apply, worker->source, what->changes, out, err)
                  : gw_load_run(worker->load, worker->source, what->leaf, what->run, out, err);
    if (ok)
        return gw_exec(worker->source, "RELEASE SAVEPOINT gw_batch", err);
    if (!gw_session_lost(worker->source))
        gw_exec(worker->source, "ROLLBACK TO SAVEPOINT gw_batch; RELEASE SAVEPOINT gw_batch",
                &ignored);
    gw_err_clear(&ignored);
    return false;
}

/* Nothing of it was left to load: only the piece has to be told. */
static bool tell(gw_mover *worker, gw_err *err)
{
    if (worker->told)
        return true;
    if (!gw_session_begin(worker->destination, NULL, err))
        return false;
    if (gw_task_applied(worker->destination, &worker->batch, &(gw_applied){0}, &worker->taken, err))
        return gw_session_commit(worker->destination, err);
    gw_session_rollback(worker->destination);
    return false;
}

static bool run_batch(gw_mover *worker, const bit *what, gw_applied *out, gw_err *err)
{
    for (unsigned i = 0;; i++) {
        worker->batch.began_us = gw_monotonic_us();
        worker->told = false;
        if (attempt(worker, what, out, err))
            break;
        if ((err->kind != GW_ERR_RETRYABLE && err->kind != GW_ERR_LOCK) || i == RETRIES ||
            !gw_sleep_ms(gw_backoff_ms(20, i, 2000), worker->work->cancel))
            return false;
        gw_err_clear(err);
    }
    int64_t rows = rows_of(out);
    atomic_fetch_add(&worker->work->rows, rows);
    if (worker->work->rows_of)
        atomic_fetch_add(&worker->work->rows_of[worker->entity - worker->work->entities], rows);
    atomic_fetch_add(&worker->work->bytes, out->bytes);
    atomic_fetch_add(&worker->work->batches, 1);
    keep_rate(worker, worker->batch.began_us, rows);
    return tell(worker, err);
}

static void plan_batch(gw_mover *worker, int64_t next, bool done, int64_t rows)
{
    worker->batch = (gw_task_batch){.task = &worker->task,
                                    .worker = &worker->id,
                                    .session_id = worker->work->session_id,
                                    .next = next,
                                    .done = done,
                                    .rows = rows};
}

static double elapsed_ms(const gw_mover *worker)
{
    return (double)(gw_monotonic_us() - worker->batch.began_us) / 1000;
}

/* ---- pieces -------------------------------------------------------------------------------- */

static bool run_changes(gw_mover *worker, gw_arena *arena, gw_err *err)
{
    gw_task *task = &worker->task;
    gw_changes piece;
    bool found;
    if (!gw_changes_read(worker->destination, arena, task->analysis, task->change, &piece, &found,
                         err))
        return false;
    if (!found)
        return gw_err_set(err, GW_ERR_STATE, "an analysis of %s is gone", task->entity);
    while ((size_t)task->at < piece.count && may_go_on(worker)) {
        size_t at = (size_t)task->at, count = piece.count - at;
        gw_applied applied;
        if ((double)count > worker->keys.next)
            count = (size_t)worker->keys.next;
        gw_arena *scratch = gw_arena_new();
        gw_apply_batch batch = {.kept = piece.kept ? piece.kept + at : NULL,
                                .kept_count = piece.kept ? count : 0,
                                .missing_is_gone = true,
                                .waits = true};
        plan_batch(worker, (int64_t)(at + count), at + count == piece.count, (int64_t)count);
        bool ok = gw_project_keys(scratch, &worker->entity->projection, piece.keys + at, count,
                                  &batch.query, err) &&
                  run_batch(worker, &(bit){.changes = &batch}, &applied, err);
        gw_arena_free(scratch);
        if (!ok)
            return false;
        resize(&worker->keys, &worker->work->pace, (double)count, MOST_KEYS, elapsed_ms(worker),
               &applied, (int64_t)count);
        task->at = (int64_t)(at + count);
    }
    return true;
}

static const gw_stored_leaf *leaf_of(const gw_snapshot *snapshot, int64_t oid)
{
    for (size_t i = 0; i < snapshot->leaf_count; i++)
        if (snapshot->leaves[i].oid == oid)
            return &snapshot->leaves[i];
    return NULL;
}

/* A load that copies cuts its transactions itself. Where functions make values a row is refused sooner, and what it came
 * with is then judged at once. */
static double blocks_now(const gw_mover *worker)
{
    const char *why;
    double left = (double)(worker->task.end - worker->task.at);
    bool copies = gw_load_goes(worker->load, &why) == GW_LOAD_COPIED &&
                  !worker->entity->plan->compiled;
    return copies || worker->blocks.next > left ? left : worker->blocks.next;
}

static bool run_blocks(gw_mover *worker, gw_err *err)
{
    gw_task *task = &worker->task;
    const gw_stored_leaf *stored = leaf_of(worker->work->snapshot, task->leaf);
    gw_source_leaf leaf = {.oid = task->leaf};
    if (task->leaf && !stored)
        return gw_err_set(err, GW_ERR_STATE, "a table of the source of %s is gone", task->entity);
    if (stored)
        leaf = (gw_source_leaf){.oid = stored->oid, .schema = stored->schema, .name = stored->name};
    while (task->at < task->end && may_go_on(worker)) {
        double count = blocks_now(worker);
        int64_t next = task->at + (int64_t)count;
        gw_applied applied;
        /* Behind what the table has there is nothing; and what has no blocks is read whole. */
        if (!stored || (task->end == GW_BLOCKS_END && next >= stored->blocks))
            next = task->end;
        plan_batch(worker, next, next == task->end, 0);
        bit what = {.leaf = stored ? &leaf : NULL,
                    .run = {(uint32_t)task->at, (uint32_t)next}};
        if (!run_batch(worker, &what, &applied, err))
            return false;
        resize(&worker->blocks, &worker->work->pace, count, MOST_BLOCKS, elapsed_ms(worker),
               &applied, rows_of(&applied));
        task->at = next;
    }
    return true;
}

static bool run_piece(gw_mover *worker, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    bool ok = open_whole(worker, err) &&
              (worker->task.is_blocks ? run_blocks(worker, err) : run_changes(worker, arena, err));
    gw_arena_free(arena);
    return ok;
}

bool gw_mover_step(gw_mover *worker, bool *did, const char **entity, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    *entity = NULL;
    worker->taken = false;
    bool ok = gw_task_claim(worker->destination, arena, worker->work->session_id, &worker->id,
                            worker->entity ? worker->entity->plan->mapping->entity.text : NULL,
                            worker->work->snapshot->name,
                            &worker->task, did, err);
    if (ok && *did) {
        ok = run_piece(worker, err);
        if (!ok && worker->taken) { /* a lease that ended: the piece goes on elsewhere */
            gw_log_write(worker->work->log, GW_LOG_WARNING, NULL,
                         "a lease ended: another worker has taken the piece over, and nothing of "
                         "this batch was written here",
                         GW_FIELDS(GW_TEXT("entity", worker->task.entity),
                                   GW_INT("piece", worker->task.number)));
            gw_err_clear(err);
            ok = true;
        }
        for (size_t i = 0; !ok && i < worker->work->entity_count; i++) {
            const char *name = worker->work->entities[i].plan->mapping->entity.text;
            if (strcmp(name, worker->task.entity) == 0)
                *entity = name;
        }
        gw_err ignored = {0};
        gw_err *problem = ok ? err : &ignored;
        /* What was not done of it, and not for a lost connection, may be claimed by others. */
        if (!gw_session_lost(worker->destination))
            ok = gw_task_release(worker->destination, &worker->id, problem) && ok;
        gw_err_clear(&ignored);
    }
    gw_arena_free(arena);
    return ok;
}
