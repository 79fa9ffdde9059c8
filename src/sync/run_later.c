/* What is done when every entity's rows are there: references that had to wait because entities
 * need each other, and rejects of rows that the source no longer has. */
#include "sql_sync.h"
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

/* Each batch says in its own transaction what of it is behind, so there is nothing to resume but
 * what is left. */
static bool later(gw_coordinator *c, gw_apply *apply, const left_over *left, gw_err *err)
{
    bool more = left->later;
    int64_t cleared;
    while (more && !stopped(c)) {
        gw_applied applied;
        if (!gw_apply_later(apply, c->x->from, KEYS, &more, &applied, err))
            return false;
    }
    return !left->rejects || stopped(c) || gw_apply_tidy(apply, c->x->from, &cleared, err);
}

/* What was read under this attempt's snapshot must not go over what the next one has written. */
static bool before_commit(void *self, const gw_applied *applied, gw_err *err)
{
    gw_coordinator *c = self;
    (void)applied;
    return gw_sync_session_owned(c->x->to, c->session, &c->owner, err);
}

bool gw_run_fill(gw_coordinator *c, gw_going *going, gw_err *err)
{
    left_over left;
    gw_apply *apply;
    gw_apply_to to = {.run = going->run.id, .before_commit = before_commit, .self = c};
    if (!look(c, going, &left, err))
        return false;
    if (left.later || left.rejects) {
        gw_arena *arena = gw_arena_new();
        bool ok =
            gw_apply_open(c->x->to, arena, &going->view->projection, &to, c->x->log, &apply, err) &&
            later(c, apply, &left, err);
        gw_arena_free(arena);
        gw_mover_forget(c->worker);
        if (!ok)
            return false;
    }
    going->filled = !stopped(c);
    return true;
}
