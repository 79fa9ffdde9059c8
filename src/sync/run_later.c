/* What is done when every entity's rows are there: references that had to wait because entities
 * need each other, and rejects of rows that the source no longer has. */
#include <string.h>

#include "sql_sync.h"
#include "sync/retry.h"
#include "sync/run_impl.h"

enum { KEYS = 20000 };

typedef struct left_over {
    bool later, rejects;
} left_over;

static bool look(gw_coordinator *c, const gw_going *going, left_over *out, gw_err *err)
{
    static const gw_col cols[] = {{"later", GW_COL_BOOL, true, offsetof(left_over, later)},
                                  {"rejects", GW_COL_BOOL, true, offsetof(left_over, rejects)}};
    gw_arena *scratch = gw_arena_new();
    gw_param param = gw_p_text(going->name);
    gw_result result;
    bool ok = gw_query(c->x->to, scratch, &gw_sql_later_any, &param, 1, &result, err) &&
              gw_row(scratch, &result, cols, 2, out, err);
    gw_arena_free(scratch);
    return ok;
}

static bool stopped(const gw_coordinator *c)
{
    return gw_cancel_level(c->x->cancel) > 0 || atomic_load(&c->work.stop);
}

/* What was read under this attempt's snapshot must not go over what the next one has written. */
static bool before_commit(void *self, const gw_applied *applied, gw_err *err)
{
    gw_coordinator *c = self;
    (void)applied;
    return gw_sync_session_owned(c->x->to, c->session, &c->owner, err);
}

/* How far it is. */
typedef struct filling {
    gw_coordinator *c;
    gw_going *going;
    int64_t done;
} filling;

static bool ahead(const filling *f, int64_t rows, gw_err *err)
{
    gw_param params[] = {gw_p_text(f->going->run.id), gw_p_int(rows)};
    return gw_exec_sql(f->c->x->to, &gw_sql_run_ahead, params, 2, err);
}

/* Rows that were refused before are tried as well, and were not counted. */
static bool count_filled(void *self, const gw_applied *applied, gw_err *err)
{
    filling *f = self;
    int64_t left = f->going->ahead - f->done,
            rows = applied->updated + applied->left + applied->rejected;
    rows = rows < left ? rows : left;
    f->done += rows;
    atomic_fetch_add(&f->c->work.filled, rows);
    return before_commit(f->c, applied, err) && ahead(f, -rows, err);
}

/* What is ahead of it now is its second pass. */
static bool begin_filling(filling *f, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_arena *scratch = gw_arena_new();
    gw_param param = gw_p_text(f->going->name);
    gw_result result;
    bool ok = gw_query(f->c->x->to, scratch, &gw_sql_later_count, &param, 1, &result, err) &&
              gw_row(scratch, &result, cols, 1, &f->going->ahead, err) &&
              ahead(f, f->going->ahead, err);
    gw_arena_free(scratch);
    if (ok)
        gw_going_see(f->c, GW_SYNC_MOVES, f->going, 0, NULL);
    return ok;
}

/* Each batch says in its own transaction what of it is behind, so there is nothing to resume but
 * what is left. */
static bool later(filling *filled, gw_apply *apply, const left_over *left, gw_err *err)
{
    gw_coordinator *c = filled->c;
    gw_going *going = filled->going;
    bool fails = going->item->entity.plan->mapping->on_reject == GW_REJECT_FAIL;
    bool more = left->later;
    int64_t cleared;
    while (more && !stopped(c)) {
        gw_applied applied;
        if (!gw_apply_later(apply, c->x->from, KEYS, &more, &applied, err))
            return false;
        gw_going_see(c, GW_SYNC_MOVES, going, filled->done, NULL);
        going->held = going->held || (fails && applied.rejected > 0);
    }
    return !left->rejects || stopped(c) || gw_apply_tidy(apply, c->x->from, &cleared, err);
}

/* An entity that has failed and whose rows this one's second pass may lead to; NULL: none. */
static const gw_going *failed_target(const gw_coordinator *c, const gw_going *going)
{
    const gw_entity_plan *plan = going->item->entity.plan;
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; c->going[i].state == GW_GOING_FAILED && k < plan->mapping->fields.len; k++)
            if (plan->fields[k].second_pass &&
                (!plan->fields[k].target ||
                 strcmp(plan->fields[k].target->entity.text, c->going[i].name) == 0))
                return &c->going[i];
    return NULL;
}

/* Rows that were not brought for want of a failed entity are no reason to refuse those that refer to them. */
static bool say_waits(gw_coordinator *c, const gw_going *going, const gw_going *failed, gw_err *err)
{
    return gw_sync_log_put(
        c->x->to,
        &(gw_sync_log){.session = c->session,
                       .entity = going->name,
                       .operation = "record_migration",
                       .level = "warn",
                       .message = gw_printf(c->arena,
                                            "references that close a cycle wait for the next run: "
                                            "%s failed",
                                            failed->name)},
        err);
}

bool gw_run_fill(gw_coordinator *c, gw_going *going, gw_err *err)
{
    left_over left;
    gw_apply *apply;
    filling filled = {.c = c, .going = going};
    int64_t had = going->ahead;
    gw_apply_to to = {.run = going->run.id,
                      .before_commit = count_filled,
                      .self = &filled,
                      .waits = !going->filled};
    const gw_going *failed = failed_target(c, going);
    if (!look(c, going, &left, err) ||
        (failed && left.later && !say_waits(c, going, failed, err)))
        return false;
    left.later = left.later && !failed;
    if (left.later || left.rejects) {
        gw_arena *arena = gw_arena_new();
        bool ok =
            gw_apply_open(c->x->to, arena, &going->view->projection, &to, c->x->log, &apply, err) &&
            (!left.later || begin_filling(&filled, err)) && later(&filled, apply, &left, err);
        gw_arena_free(arena);
        gw_mover_forget(c->worker);
        going->ahead = had;
        if (!ok)
            return false;
    }
    going->filled = !stopped(c);
    return true;
}

/* ---- once more ----------------------------------------------------------------------------- */

bool gw_run_may_again(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_param params[] = {gw_p_text(going->name), gw_p_text(NULL), gw_p_int(1),
                         gw_p_text(going->run.id)};
    gw_result result;
    going->again = false;
    bool ok = going->loads ||
              gw_query(c->x->to, scratch, &gw_sql_again_keys, params, 4, &result, err);
    if (ok && !going->loads)
        going->again = result.rows > 0;
    gw_arena_free(scratch);
    return ok;
}

typedef struct once_more {
    gw_coordinator *c;
    const char *run;
} once_more;

static bool count_again(void *self, const gw_applied *applied, gw_err *err)
{
    once_more *m = self;
    int64_t passed = applied->inserted + applied->updated + applied->deleted;
    gw_param params[] = {gw_p_text(m->run), gw_p_int(applied->inserted), gw_p_int(applied->updated),
                         gw_p_int(applied->deleted), gw_p_int(passed)};
    return before_commit(m->c, applied, err) &&
           (!passed || gw_exec_sql(m->c->x->to, &gw_sql_run_again, params, 5, err));
}

bool gw_run_again(gw_coordinator *c, gw_going *going, gw_err *err)
{
    once_more self = {c, going->run.id};
    gw_apply_to to = {
        .run = going->run.id, .before_commit = count_again, .self = &self, .waits = going->let_go};
    gw_arena *arena = gw_arena_new();
    gw_retried done;
    bool ok = gw_retry_again(c->x->from, c->x->to, arena, &going->view->projection, &to, c->x->log,
                             &done, err);
    gw_arena_free(arena);
    gw_mover_forget(c->worker);
    going->again = false;
    c->freed = c->freed || done.passed + done.gone > 0;
    return ok;
}

bool gw_run_let_go(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_apply_to to = {.run = going->run.id, .before_commit = before_commit, .self = c};
    gw_arena *arena = gw_arena_new();
    gw_apply *apply;
    int64_t rows = 0;
    bool more = true, ok = gw_apply_open(c->x->to, arena, &going->view->projection, &to, c->x->log,
                                         &apply, err);
    while (ok && more && !stopped(c))
        ok = gw_apply_let_go(apply, KEYS, &more, &rows, err);
    gw_arena_free(arena);
    gw_mover_forget(c->worker);
    for (size_t i = 0; rows && i < c->count; i++)
        c->going[i].let_go = c->going[i].let_go || c->going[i].again;
    return ok;
}
