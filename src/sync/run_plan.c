/* What there is to do of each entity, cut into pieces. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "sql_sync.h"
#include "sync/confirm.h"
#include "sync/load.h"
#include "sync/run_impl.h"

enum {
    PIECE_BLOCKS = 8192,  /* 64 MB of a table at most … */
    PIECES_A_WORKER = 4,  /* … and about so many pieces a worker */
    LEAST_BLOCKS = 256,
};

/* ---- looking ------------------------------------------------------------------------------- */

static bool put_analysis(gw_coordinator *c, gw_going *going, const char *why, gw_err *err)
{
    gw_mark mark = gw_mark_of(c->arena, &going->view->snapshot, going->view->digest,
                              going->view->snapshot.position);
    going->analysis = gw_strdup(c->arena, gw_uuid_v7().text);
    gw_param params[] = {
        gw_p_text(going->analysis), gw_p_text(c->group), gw_p_text(going->name),
        gw_p_text(going->item->entity.mapping), gw_p_text("checksum"), gw_p_text(why),
        gw_p_text(gw_json_dump(c->arena, gw_mark_json(c->arena, &mark)))};
    return gw_exec_sql(c->x->to, &gw_sql_found_put, params, 7, err);
}

static bool put_counts(gw_coordinator *c, const gw_going *going, gw_err *err)
{
    int64_t changed = going->found.added + going->found.modified;
    int64_t source = going->source_rows > changed ? going->source_rows : changed;
    gw_param params[] = {gw_p_text(going->analysis),        gw_p_int(source),
                         gw_p_int(going->kept_rows),        gw_p_int(going->found.added),
                         gw_p_int(going->found.modified),   gw_p_int(going->found.deleted),
                         gw_p_text(NULL)};
    return gw_exec_sql(c->x->to, &gw_sql_found_counts, params, 7, err);
}

static bool detect(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_found *found = gw_found_new(scratch, c->x->to, going->name, going->analysis);
    gw_confirm *confirm =
        gw_confirm_new(scratch, &going->view->lookup, gw_found_tell, found);
    gw_detect with = {.entity = going->name,
                      .leaves = going->view->leaves,
                      .leaf_count = going->view->leaf_count,
                      .kept = c->x->to,
                      .fn = gw_confirm_deleted,
                      .self = confirm};
    gw_detected seen = {0};
    bool ok = gw_pg_user_names(c->x->from, true, err) && gw_detect_checksum(&with, &seen, err) &&
              gw_confirm_end(confirm, NULL, err) && gw_pg_user_names(c->x->from, false, err) &&
              gw_found_end(found, &going->found, err);
    going->source_rows = seen.source_rows;
    going->kept_rows = seen.kept_rows;
    gw_arena_free(scratch);
    return ok;
}

/* One statement that reads runs of blocks costs no more than those blocks. */
static bool can_load(const gw_coordinator *c, const gw_going *going)
{
    return going->view->projection.has_blocks && gw_session_version(c->x->from) >= 140000;
}

static bool look_at(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_leaf_kept_list kept;
    if (!c->session)
        return detect(c, going, err);
    gw_going_see(c, GW_SYNC_LOOKS, going, 0, NULL);
    /* A load that was left half counts as what it has done: the rest is found as new. */
    if (!gw_load_finish(c->x->to, c->arena, going->name, c->x->log, err) ||
        !gw_segments_leaves(c->x->to, c->arena, going->name, &kept, err))
        return false;
    going->loads = !kept.len && can_load(c, going);
    if (!put_analysis(c, going,
                      kept.len ? "fingerprints of the source against those that are kept"
                               : "nothing was applied before",
                      err))
        return false;
    if (going->loads) {
        going->ahead = going->item->entity.plan->source.rows;
        going->ahead = going->ahead > 0 ? going->ahead : 0;
        return true;
    }
    if (!detect(c, going, err) || !put_counts(c, going, err))
        return false;
    going->ahead = going->found.added + going->found.modified + going->found.deleted;
    gw_sync_log line = {.session = c->session,
                        .entity = going->name,
                        .operation = "differential_detection",
                        .level = "info",
                        .message = gw_printf(c->arena,
                                             "%" PRId64 " new, %" PRId64 " modified, %" PRId64
                                             " deleted of %" PRId64 " rows; %" PRId64 " moved",
                                             going->found.added, going->found.modified,
                                             going->found.deleted, going->source_rows,
                                             going->found.moved)};
    return gw_sync_log_put(c->x->to, &line, err);
}

static bool few_deletes(const gw_coordinator *c, const gw_going *going, gw_err *err)
{
    double percent = going->kept_rows ? 100.0 * (double)going->found.deleted /
                                            (double)going->kept_rows
                                      : 0;
    if (going->item->entity.plan->mapping->deletes == GW_DELETES_IGNORE ||
        percent <= c->x->max_deletes)
        return true;
    gw_err_set(err, GW_ERR_REFUSED,
               "%" PRId64 " of %" PRId64 " rows of %s are gone from the source: more than %g %%",
               going->found.deleted, going->kept_rows, going->name, c->x->max_deletes);
    gw_err_detail(err, "nothing was applied");
    return gw_err_hint(err, "if that is right: --max-deletes %g", percent < 99 ? percent + 1 : 100);
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
    gw_mark mark = gw_mark_of(c->arena, &going->view->snapshot, going->view->digest,
                              going->view->snapshot.position);
    gw_sync_run_want want = {.session = c->session,
                             .entity = going->name,
                             .mapping = going->item->entity.mapping,
                             .analysis = going->analysis,
                             .attempt = c->attempt,
                             .remaining = going->ahead,
                             .mark = gw_json_dump(c->arena, gw_mark_json(c->arena, &mark))};
    pieces all = {0};
    if (!gw_sync_run_begin(c->x->to, c->arena, &want, &going->run, err))
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
