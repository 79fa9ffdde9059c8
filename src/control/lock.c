#include "control/lock.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "control/control.h"
#include "control/lease.h"
#include "sql_control.h"

/* "godwit" and a 2, in ASCII. */
static const int64_t RUN_LOCK_KEY = 0x676f6477697432;
enum { LEASE_MS = 30000, POLL_LEAST_MS = 20, POLL_MOST_MS = 500, LOOK_EVERY = 8 };

struct gw_run_lock {
    gw_session *session;
    gw_actor actor;
    gw_run_lock_options options;
    char token[37];
    bool held;
    bool advisory; /* the session lock is ours */
    gw_lease *lease;
    int64_t lease_ms;
    GW_VEC(int64_t) foreign;
    gw_arena *arena;
    pthread_mutex_t mutex; /* workers of one run may ask side by side */
};

int64_t gw_run_lock_key(void)
{
    return RUN_LOCK_KEY;
}

const gw_sql *gw_run_lock_fence_sql(void)
{
    return &gw_sql_lock_fence;
}

const char *gw_run_lock_token(const gw_run_lock *lock)
{
    return lock->token;
}

static bool ask_bool(gw_session *session, const gw_sql *sql, const char *column, int64_t key,
                     bool *answer, gw_err *err)
{
    struct {
        bool yes;
    } row = {false};
    const gw_col cols[] = {{column, GW_COL_BOOL, true, 0}};
    gw_param param = gw_p_int(key);
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(session, scratch, sql, &param, 1, &result, err) &&
              gw_row(scratch, &result, cols, 1, &row, err);
    *answer = row.yes;
    gw_arena_free(scratch);
    return ok;
}

static bool claim(gw_run_lock *lock, bool *got, gw_err *err)
{
    bool pooled = gw_session_pooled(lock->session);
    gw_param params[] = {gw_p_text(lock->token),         gw_p_text(pooled ? "lease" : "session"),
                         gw_p_text(lock->actor.user),    gw_p_text(lock->actor.host),
                         gw_p_text(lock->actor.command), gw_p_int(lock->lease_ms),
                         gw_p_int(RUN_LOCK_KEY)};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    *got = false;
    gw_err problem = {0};
    bool ok = gw_query(lock->session, scratch, &gw_sql_lock_claim, params, 7, &result, &problem);
    if (ok) {
        *got = result.rows == 1;
    } else if (problem.kind == GW_ERR_RETRYABLE) {
        ok = true; /* behind a pooler, where serializable is the default: another was quicker */
    } else {
        gw_err_move(err, &problem);
    }
    gw_err_clear(&problem);
    gw_arena_free(scratch);
    return ok;
}

/* Without its row nobody could ever take it. */
static bool put_row_back(gw_run_lock *lock, gw_err *err)
{
    struct {
        bool absent;
    } row = {false};
    static const gw_col cols[] = {{"is_absent", GW_COL_BOOL, true, 0}};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(lock->session, scratch, &gw_sql_lock_absent, NULL, 0, &result, err) &&
              gw_row(scratch, &result, cols, 1, &row, err) &&
              (!row.absent || gw_exec_sql(lock->session, &gw_sql_lock_row, NULL, 0, err));
    gw_arena_free(scratch);
    return ok;
}

/* One try: a session lock first where there can be one, then the row. */
static bool try_take(gw_run_lock *lock, bool *got, gw_err *err)
{
    *got = false;
    if (!gw_session_pooled(lock->session) && !lock->advisory) {
        if (!ask_bool(lock->session, &gw_sql_lock_try_key, "locked", RUN_LOCK_KEY, &lock->advisory,
                      err))
            return false;
        if (!lock->advisory)
            return true;
    }
    if (lock->options.key_alone)
        return *got = true;
    return claim(lock, got, err);
}

/* For messages: what cannot be found out is left out. */
static gw_run_holder holder_of(gw_run_lock *lock, gw_arena *arena)
{
    gw_run_holder holder;
    gw_err ignored = {0};
    (void)gw_run_lock_holder(lock->session, arena, &holder, &ignored); /* then it is nobody */
    gw_err_clear(&ignored);
    return holder;
}

static void unlock_key(gw_run_lock *lock, int64_t key)
{
    gw_err err = {0};
    bool unlocked = false;
    ask_bool(lock->session, &gw_sql_lock_unlock_key, "unlocked", key, &unlocked, &err);
    gw_err_clear(&err);
}

static bool busy(gw_run_lock *lock, int64_t waited_ms, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_run_holder holder = holder_of(lock, scratch);
    char *waited = gw_duration_human(scratch, waited_ms);
    long long pid = (long long)gw_run_holder_ends_with(&holder);
    if (gw_run_holder_left(&holder)) {
        gw_err_set(err, GW_ERR_BUSY, "%s", gw_run_holder_left_what(&holder));
        gw_err_detail(err, "%s\n%s; waited %s", gw_run_holder_left_text(scratch, &holder),
                      gw_run_holder_left_whose(scratch, &holder), waited);
        gw_err_hint(err, "wait for it (--wait 5min), or end it: SELECT pg_terminate_backend(%lld)", pid);
    } else {
        gw_err_set(err, GW_ERR_BUSY, "another run holds the lock of this database");
        gw_err_detail(err, "%s; waited %s", gw_run_holder_text(scratch, &holder), waited);
        if (pid)
            gw_err_hint(err,
                        "wait for it, or give this run more time: --wait 5min; where its process is "
                        "gone and the server has not noticed: SELECT pg_terminate_backend(%lld)", pid);
        else
            gw_err_hint(err, "wait for it, or give this run more time: --wait 5min");
    }
    gw_arena_free(scratch);
    return false;
}

/* Once at the beginning, and again where the runner died while this one was waiting. */
static void say_waiting(gw_run_lock *lock, bool first, bool *left)
{
    if (!lock->options.waiting)
        return;
    gw_arena *scratch = gw_arena_new();
    gw_run_holder holder = holder_of(lock, scratch);
    bool was_left = *left;
    long long pid = (long long)gw_run_holder_ends_with(&holder);
    const char *what = NULL;
    *left = gw_run_holder_left(&holder);
    if (*left && !was_left)
        what = gw_printf(scratch, "%s: %s (%s); to end it: SELECT pg_terminate_backend(%lld)",
                         gw_run_holder_left_what(&holder), gw_run_holder_left_text(scratch, &holder),
                         gw_run_holder_left_whose(scratch, &holder), pid);
    else if (first && pid)
        what = gw_printf(scratch,
                         "another run holds the lock: %s; where its process is gone and the server "
                         "has not noticed: SELECT pg_terminate_backend(%lld)",
                         gw_run_holder_text(scratch, &holder), pid);
    else if (first)
        what = gw_printf(scratch, "another run holds the lock: %s",
                         gw_run_holder_text(scratch, &holder));
    if (what)
        lock->options.waiting(lock->options.self, what);
    gw_arena_free(scratch);
}

static bool wait_and_take(gw_run_lock *lock, gw_err *err)
{
    int64_t began = gw_monotonic_us();
    bool left = false;
    for (unsigned attempt = 0;; attempt++) {
        bool got = false;
        if (!try_take(lock, &got, err) ||
            (!got && attempt == 0 && !lock->options.key_alone && (!put_row_back(lock, err) || !try_take(lock, &got, err)))) {
            gw_control_explain(lock->session, err);
            return gw_err_context(err, "while taking the run lock");
        }
        if (got)
            return true;
        int64_t waited = (gw_monotonic_us() - began) / 1000;
        if (waited >= lock->options.wait_ms)
            return busy(lock, waited, err);
        if (attempt % LOOK_EVERY == 0)
            say_waiting(lock, attempt == 0, &left);
        int64_t pause = gw_backoff_ms(POLL_LEAST_MS, attempt < 8 ? attempt : 8, POLL_MOST_MS);
        if (pause > lock->options.wait_ms - waited)
            pause = lock->options.wait_ms - waited;
        if (!gw_sleep_ms(pause > 0 ? pause : 1, lock->options.cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for another run");
    }
}

static void release_at_cleanup(void *arg)
{
    gw_run_lock_release(arg);
}

bool gw_run_lock_take(gw_arena *arena, gw_session *session, const gw_actor *actor,
                      const gw_run_lock_options *options, gw_run_lock **out, gw_err *err)
{
    gw_run_lock *lock = gw_alloc(arena, sizeof *lock);
    lock->arena = arena;
    pthread_mutex_init(&lock->mutex, NULL);
    lock->session = session;
    lock->actor = *actor;
    lock->options = *options;
    lock->lease_ms = options->lease_ms ? options->lease_ms : LEASE_MS;
    memcpy(lock->token, gw_uuid_v4().text, sizeof lock->token);
    if (!wait_and_take(lock, err)) {
        if (lock->advisory)
            unlock_key(lock, RUN_LOCK_KEY);
        return false;
    }
    lock->held = true;
    gw_arena_defer(arena, release_at_cleanup, lock);
    if (gw_session_pooled(session) &&
        !gw_lease_start(arena, options->connect, lock->token, lock->lease_ms, &lock->lease, err)) {
        gw_run_lock_release(lock);
        return false;
    }
    *out = lock;
    return true;
}

void gw_run_lock_release(gw_run_lock *lock)
{
    if (!lock || !lock->held)
        return;
    lock->held = false;
    gw_lease_stop(lock->lease);
    if (gw_session_lost(lock->session))
        return;
    gw_err err = {0};
    gw_param token = gw_p_text(lock->token);
    gw_exec_sql(lock->session, &gw_sql_lock_release, &token, 1, &err);
    gw_err_clear(&err);
    for (size_t i = lock->foreign.len; i-- > 0;)
        unlock_key(lock, lock->foreign.items[i]);
    if (lock->advisory)
        unlock_key(lock, RUN_LOCK_KEY);
}

/* For who reads it at night: what happened, what stands, who is at work now, what to do. */
static bool lost(gw_run_lock *lock, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_run_holder holder = holder_of(lock, scratch);
    bool ours = holder.token && strcmp(holder.token, lock->token) == 0;
    const char *since;
    if (gw_run_holder_busy(&holder) && !ours)
        since = gw_printf(scratch, "another run has taken over: %s",
                          gw_run_holder_left(&holder) ? gw_run_holder_left_whose(scratch, &holder)
                                                      : gw_run_holder_text(scratch, &holder));
    else if (!ours && holder.actor)
        since = gw_printf(scratch, "another run took over, and has ended: %s",
                          gw_run_holder_left_whose(scratch, &holder));
    else
        since = ours ? "nobody has taken over yet" : "who is at work now is not known";
    if (lock->lease)
        gw_err_set(err, GW_ERR_LOST,
                   "this run has lost the run lock: it stood still for longer than its lease of %s",
                   gw_duration_human(scratch, lock->lease_ms));
    else
        gw_err_set(err, GW_ERR_LOST,
                   "this run has lost the run lock: the session that held it is gone");
    gw_err_detail(err, "what it had committed stays; it was stopped before it could commit more\n%s",
                  since);
    gw_err_hint(err, "%s, then run the command again: it goes on with what is left; why it stood "
                     "still (a stopped process, a host asleep, a network that was gone) is worth "
                     "finding out",
                ours ? "look at godwit status" : "look at what the other run did (godwit history, "
                                                 "godwit status)");
    gw_arena_free(scratch);
    return false;
}

bool gw_run_lock_check(gw_run_lock *lock, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_param token = gw_p_text(lock->token);
    pthread_mutex_lock(&lock->mutex);
    bool ok = lock->lease && !gw_lease_held(lock->lease)
                  ? lost(lock, err)
                  : gw_query(lock->session, scratch, &gw_sql_lock_check, &token, 1, &result, err) &&
                        (result.rows || lost(lock, err));
    pthread_mutex_unlock(&lock->mutex);
    gw_arena_free(scratch);
    return ok;
}

bool gw_run_lock_explain(gw_run_lock *lock, gw_err *err)
{
    if (!lock || strcmp(err->sqlstate, "GW001") != 0)
        return false;
    gw_err_clear(err);
    pthread_mutex_lock(&lock->mutex);
    lost(lock, err);
    pthread_mutex_unlock(&lock->mutex);
    return false;
}

bool gw_run_lock_idle(gw_session *session, bool *idle, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(session, scratch, &gw_sql_lock_idle, NULL, 0, &result, err);
    *idle = ok && result.rows == 1;
    gw_arena_free(scratch);
    return ok;
}

static bool tool_is_running(gw_run_lock *lock, int64_t key, const char *tool, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const char *holder = gw_key_holder_text(lock->session, scratch, key);
    gw_err_set(err, GW_ERR_BUSY, "%s is running on this database: it holds its own lock", tool);
    if (holder)
        gw_err_detail(err, "%s", holder);
    gw_err_hint(err, "wait for it, or give this run more time: --wait 5min");
    gw_arena_free(scratch);
    return false;
}

static void say_waiting_for_tool(gw_run_lock *lock, int64_t key, const char *tool)
{
    if (!lock->options.waiting)
        return;
    gw_arena *scratch = gw_arena_new();
    const char *holder = gw_key_holder_text(lock->session, scratch, key);
    lock->options.waiting(lock->options.self,
                          gw_printf(scratch, "%s is running on this database: it holds its own "
                                             "lock%s%s%s", tool, holder ? " (" : "",
                                    holder ? holder : "", holder ? ")" : ""));
    gw_arena_free(scratch);
}

bool gw_run_lock_take_key(gw_run_lock *lock, int64_t key, const char *tool, int64_t wait_ms,
                          gw_err *err)
{
    if (gw_session_pooled(lock->session)) {
        gw_err_set(err, GW_ERR_UNSUPPORTED,
                   "%s's own lock cannot be taken behind a transaction pooler", tool);
        return gw_err_hint(err, "set direct_url in the environment to an address past the pooler");
    }
    int64_t began = gw_monotonic_us();
    for (unsigned attempt = 0;; attempt++) {
        bool got = false;
        if (!ask_bool(lock->session, &gw_sql_lock_try_key, "locked", key, &got, err))
            return gw_err_context(err, "while taking %s's lock", tool);
        if (got) {
            *gw_vec_push(lock->arena, &lock->foreign) = key;
            return true;
        }
        if ((gw_monotonic_us() - began) / 1000 >= wait_ms)
            return tool_is_running(lock, key, tool, err);
        if (attempt == 0)
            say_waiting_for_tool(lock, key, tool);
        if (!gw_sleep_ms(gw_backoff_ms(POLL_LEAST_MS, attempt < 8 ? attempt : 8, POLL_MOST_MS),
                         lock->options.cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for %s", tool);
    }
}
