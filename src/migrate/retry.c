/* Whether what failed is tried again: where a lock was not to be had, or others were in the way. */
#include "base/clock.h"
#include "migrate/internal.h"

enum { PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000 };

/* Who blocked, and how to go on. */
static void explain_lock(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                         unsigned attempts, gw_err *err)
{
    char *blockers = gw_lock_watch_blockers(r->watch, arena);
    int64_t timeout = r->session_lock_timeout_ms > 0 ? r->session_lock_timeout_ms
                                                     : gw_effective_lock_timeout(r, checked);
    gw_err_detail(err, "lock_timeout is %s; tried %u time%s%s%s", gw_duration_human(arena, timeout),
                  attempts, attempts == 1 ? "" : "s", blockers ? "; held by " : "",
                  blockers ? blockers : "");
    gw_err_hint(err,
                "end what blocks it, or run when it is quieter; or wait longer: lock_timeout and "
                "lock_retries in the environment, or -- godwit: lock_timeout=10s in the file");
}

bool gw_try_again(gw_runner *r, gw_arena *arena, const gw_checked *checked, unsigned attempt,
                  bool repeatable, gw_err *problem, gw_err *err)
{
    bool lock = problem->kind == GW_ERR_LOCK;
    if (!(lock || problem->kind == GW_ERR_RETRYABLE) || !repeatable || attempt >= r->lock_retries) {
        if (lock && checked)
            explain_lock(r, arena, checked, attempt + 1, problem);
        gw_err_move(err, problem);
        return false;
    }
    char *blockers = lock ? gw_lock_watch_blockers(r->watch, arena) : NULL;
    gw_see(r, GW_PROGRESS_LOCK_RETRY, checked, attempt + 1, (int64_t)r->lock_retries + 1,
           blockers ? blockers : problem->message);
    gw_err_clear(problem);
    return gw_sleep_ms(gw_backoff_ms(PAUSE_MS, attempt, LONGEST_PAUSE_MS), r->cancel) ||
           gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for a lock");
}
