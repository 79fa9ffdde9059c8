/* What there is to do of each entity, cut into pieces. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "sync/load.h"
#include "sync/run_impl.h"

enum {
    PIECE_BLOCKS = 8192,  /* 64 MB of a table at most … */
    PIECES_A_WORKER = 4,  /* … and about so many pieces a worker */
    LEAST_BLOCKS = 256,
};

/* ---- looking ------------------------------------------------------------------------------- */

static bool ignore(void *self, gw_row_change change, const gw_fingerprint *seen,
                   const gw_fingerprint *kept, gw_err *err)
{
    (void)self, (void)change, (void)seen, (void)kept, (void)err;
    return true;
}

/* One statement that reads runs of blocks costs no more than those blocks. */
static bool can_load(const gw_coordinator *c, const gw_going *going)
{
    return going->view->projection.has_blocks && gw_session_version(c->x->from) >= 140000;
}

/* writer NULL: changes are counted, and nothing is written. */
static bool find(gw_coordinator *c, gw_going *going, gw_analysis_writer *writer, gw_err *err)
{
    gw_find find = {.viewed = going->view,
                    .source = c->x->from,
                    .beside = c->beside,
                    .kept = c->x->to,
                    .since = GW_NULL_INT,
                    .first = !writer              ? GW_FIRST_COUNTED
                             : can_load(c, going) ? GW_FIRST_LEFT
                                                  : GW_FIRST_TOLD,
                    .fn = writer ? gw_analysis_add : ignore,
                    .self = writer};
    /* One that was made first names no keys: everything, or what is left of it. */
    const gw_analysis *stored = going->item->stored;
    return stored && !gw_analysis_is_first(stored)
               ? gw_analysis_again(&find, c->arena, stored, &going->found, err)
               : gw_find_changes(&find, c->arena, &going->found, err);
}

/* What is there, as an analysis of the run's own. */
static bool store(gw_coordinator *c, gw_going *going, gw_err *err)
{
    const gw_find_result *found = &going->found;
    gw_arena *scratch = gw_arena_new();
    gw_analysis_of of = {.group = c->group,
                         .entity = going->name,
                         .mapping_id = going->item->entity.mapping,
                         .moves = true};
    gw_analysis_writer *writer = NULL;
    gw_analysis stored;
    bool ok = gw_analysis_begin(c->store, scratch, &of, &writer, err) &&
              find(c, going, writer, err);
    if (ok) {
        going->loads = found->first && can_load(c, going);
        int64_t rows = going->item->entity.plan->source.rows;
        going->ahead = !going->loads ? found->counts[GW_ROW_NEW] + found->counts[GW_ROW_MODIFIED] +
                                           found->counts[GW_ROW_DELETED]
                       : rows > 0    ? rows
                                     : 0;
        going->analysis = gw_strdup(c->arena, gw_analysis_id(writer));
        json_t *metadata = gw_analysis_metadata(c->arena, found);
        if (going->item->stored)
            json_object_set_new(metadata, "applies", gw_json_text(going->item->stored->id));
        gw_analysis_counts counts = {.source = found->source_rows,
                                     .destination = found->kept_rows,
                                     .method = found->method,
                                     .why = found->why,
                                     .mark = &found->mark,
                                     .metadata = metadata,
                                     .ahead = going->ahead};
        ok = gw_analysis_end(writer, &counts, scratch, &stored, err);
    } else {
        gw_analysis_abandon(writer);
    }
    gw_arena_free(scratch);
    return ok;
}

static bool look_at(gw_coordinator *c, gw_going *going, gw_err *err)
{
    const int64_t *counts = going->found.counts;
    if (!c->session)
        return find(c, going, NULL, err);
    gw_going_see(c, GW_SYNC_LOOKS, going, 0, NULL);
    /* A load that was left half counts as what it has done: the rest is found as new. */
    if (!gw_load_finish(c->x->to, c->arena, going->name, c->x->log, err) ||
        !store(c, going, err))
        return false;
    if (going->loads)
        return true;
    gw_sync_log line = {.session = c->session,
                        .entity = going->name,
                        .operation = "differential_detection",
                        .level = "info",
                        .message = gw_printf(c->arena,
                                             "%" PRId64 " new, %" PRId64 " modified, %" PRId64
                                             " deleted of %" PRId64 " rows; %" PRId64
                                             " moved; by %s: %s",
                                             counts[GW_ROW_NEW], counts[GW_ROW_MODIFIED],
                                             counts[GW_ROW_DELETED], going->found.source_rows,
                                             counts[GW_ROW_MOVED],
                                             gw_method_word(going->found.method),
                                             going->found.why)};
    return gw_sync_log_put(c->x->to, &line, err);
}

static bool few_deletes(const gw_coordinator *c, const gw_going *going, gw_err *err)
{
    return going->item->entity.plan->mapping->deletes == GW_DELETES_IGNORE ||
           gw_deletes_allowed(going->name, going->found.counts[GW_ROW_DELETED],
                              going->found.kept_rows, c->x->max_deletes, err) ||
           gw_err_detail(err, "nothing was applied");
}

/* What is wrong with one entity, where the source's transaction goes on. */
static bool of_an_entity(const gw_coordinator *c, const gw_err *problem)
{
    return problem->kind != GW_ERR_INTERRUPTED && problem->kind != GW_ERR_LOST &&
           problem->kind != GW_ERR_REFUSED && !gw_session_lost(c->x->from) &&
           !gw_session_lost(c->x->to);
}

static bool look_or_fail(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_err problem = {0}, ignored = {0};
    if (!gw_exec(c->x->from, "SAVEPOINT gw_look", err))
        return false;
    bool ok = look_at(c, going, &problem);
    if (!ok && c->session && of_an_entity(c, &problem))
        ok = gw_exec(c->x->from, "ROLLBACK TO SAVEPOINT gw_look", err) &&
             gw_run_fail(c, going, &problem, err);
    else if (!ok)
        gw_err_move(err, &problem);
    if (ok)
        gw_exec(c->x->from, "RELEASE SAVEPOINT gw_look", &ignored);
    gw_err_clear(&ignored);
    gw_err_clear(&problem);
    return ok;
}

bool gw_run_look(gw_coordinator *c, gw_err *err)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->going[i].state != GW_GOING_WAITS)
            continue;
        if (gw_cancel_level(c->x->cancel) || atomic_load(&c->work.stop))
            return true; /* said by whoever asked for it */
        if (!look_or_fail(c, &c->going[i], err))
            return false;
    }
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state == GW_GOING_WAITS && !few_deletes(c, &c->going[i], err))
            return false;
    return true;
}

/* ---- pieces -------------------------------------------------------------------------------- */

typedef struct pieces {
    gw_task_blocks *items;
    size_t len, cap;
} pieces;

static void cut_leaf(gw_coordinator *c, const gw_leaf *leaf, pieces *out)
{
    uint32_t most = leaf->blocks / (PIECES_A_WORKER * (c->x->jobs ? c->x->jobs : 1));
    most = most < LEAST_BLOCKS ? LEAST_BLOCKS : most > PIECE_BLOCKS ? PIECE_BLOCKS : most;
    for (uint32_t at = 0;;) {
        bool last = leaf->blocks - at <= most;
        gw_task_blocks *piece = gw_vec_push(c->arena, out);
        piece->leaf = leaf->oid;
        piece->blocks = (gw_blocks){at, last ? GW_BLOCKS_END : at + most};
        if (last)
            return;
        at += most;
    }
}

static bool begin(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_sync_run_want want = {.session = c->session,
                             .entity = going->name,
                             .mapping = going->item->entity.mapping,
                             .analysis = going->analysis,
                             .attempt = c->attempt,
                             .remaining = going->ahead,
                             .mark = gw_json_dump(c->arena, gw_mark_json(c->arena, &going->found.mark))};
    pieces all = {0};
    if (!gw_sync_session_owned(c->x->to, c->session, &c->owner, err) ||
        !gw_sync_run_begin(c->x->to, c->arena, &want, &going->run, err))
        return false;
    for (size_t i = 0; going->loads && i < going->view->leaf_count; i++)
        cut_leaf(c, &going->view->leaves[i], &all);
    return (going->loads
                ? gw_tasks_put_blocks(c->x->to, going->run.id, all.items, all.len, err)
                : gw_tasks_put_changes(c->x->to, going->run.id, going->analysis, false,
                                       err)) &&
           gw_sync_session_entity(c->x->to, c->session, going->name, "running", err);
}

bool gw_run_begin(gw_coordinator *c, gw_going *going, gw_err *err)
{
    if (!gw_session_begin(c->x->to, "read committed", err))
        return false;
    if (!begin(c, going, err)) {
        gw_session_rollback(c->x->to);
        return false;
    }
    if (!gw_session_commit(c->x->to, err))
        return false;
    going->state = GW_GOING_RUNS;
    going->began_us = gw_monotonic_us();
    gw_going_see(c, GW_SYNC_BEGINS, going, 0, NULL);
    return true;
}
