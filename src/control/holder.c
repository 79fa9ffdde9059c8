/* Who holds the run lock, as people want to know it. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "control/lock.h"
#include "pg/blockers.h"
#include "sql_control.h"

static const gw_run_holder nobody = {.backend_pid = GW_NULL_INT,
                                     .acquired_at = GW_NULL_INT,
                                     .lease_left_ms = GW_NULL_INT,
                                     .left = {.pid = GW_NULL_INT, .ms = GW_NULL_INT},
                                     .key = {.pid = GW_NULL_INT, .ms = GW_NULL_INT}};

bool gw_run_lock_holder(gw_session *session, gw_arena *arena, gw_run_holder *out, gw_err *err)
{
#define AT(field) offsetof(gw_run_holder, field)
    static const gw_col cols[] = {
        {"token", GW_COL_TEXT, false, AT(token)},
        {"actor", GW_COL_TEXT, false, AT(actor)},
        {"host", GW_COL_TEXT, false, AT(host)},
        {"command", GW_COL_TEXT, false, AT(command)},
        {"backend_pid", GW_COL_INT, false, AT(backend_pid)},
        {"mode", GW_COL_TEXT, false, AT(mode)},
        {"acquired_at", GW_COL_TIME, false, AT(acquired_at)},
        {"held_ms", GW_COL_INT, false, AT(held_ms)},
        {"is_free", GW_COL_BOOL, true, AT(free)},
        {"is_gone", GW_COL_BOOL, true, AT(gone)},
        {"lease_left_ms", GW_COL_INT, false, AT(lease_left_ms)},
        {"left_pid", GW_COL_INT, false, AT(left.pid)},
        {"left_user", GW_COL_TEXT, false, AT(left.user)},
        {"left_application", GW_COL_TEXT, false, AT(left.application)},
        {"left_client", GW_COL_TEXT, false, AT(left.client)},
        {"left_state", GW_COL_TEXT, false, AT(left.state)},
        {"left_query", GW_COL_TEXT, false, AT(left.query)},
        {"left_ms", GW_COL_INT, false, AT(left.ms)},
        {"key_pid", GW_COL_INT, false, AT(key.pid)},
        {"key_user", GW_COL_TEXT, false, AT(key.user)},
        {"key_application", GW_COL_TEXT, false, AT(key.application)},
        {"key_client", GW_COL_TEXT, false, AT(key.client)},
        {"key_ms", GW_COL_INT, false, AT(key.ms)},
    };
#undef AT
    gw_result result;
    gw_param key = gw_p_int(gw_run_lock_key());
    *out = nobody;
    return gw_query(session, arena, &gw_sql_lock_holder, &key, 1, &result, err) &&
           (!result.rows ||
            gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err));
}

static bool is_alive(const gw_run_holder *holder)
{
    return holder->actor && !holder->gone;
}

bool gw_run_holder_left(const gw_run_holder *holder)
{
    return !is_alive(holder) && holder->left.pid != GW_NULL_INT;
}

bool gw_run_holder_unnamed(const gw_run_holder *holder)
{
    return !is_alive(holder) && holder->left.pid == GW_NULL_INT && holder->key.pid != GW_NULL_INT;
}

bool gw_run_holder_busy(const gw_run_holder *holder)
{
    return is_alive(holder) || gw_run_holder_left(holder) || gw_run_holder_unnamed(holder);
}

bool gw_run_holder_cut_off(const gw_run_holder *holder)
{
    return !holder->free && holder->actor && !gw_run_holder_busy(holder);
}

int64_t gw_run_holder_ends_with(const gw_run_holder *holder)
{
    if (gw_run_holder_left(holder))
        return holder->left.pid;
    bool session = gw_run_holder_unnamed(holder) || holder->lease_left_ms == GW_NULL_INT;
    return session && holder->key.pid != GW_NULL_INT ? holder->key.pid : 0;
}

/* ", app "godwit" of user "ann" from 10.0.0.5": what is known of it. */
static const char *whose(gw_arena *arena, const gw_run_session *session)
{
    gw_buf text = GW_BUF(arena);
    if (session->application)
        gw_buf_addf(&text, ", app \"%s\"", session->application);
    if (session->user)
        gw_buf_addf(&text, "%s user \"%s\"", session->application ? " of" : ",", session->user);
    if (session->client)
        gw_buf_addf(&text, " from %s", session->client);
    return gw_buf_str(&text);
}

static const char *unnamed_text(gw_arena *arena, const gw_run_session *key)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addf(&text, "a session that has not said what it is at, backend pid %lld",
                (long long)key->pid);
    if (key->ms != GW_NULL_INT)
        gw_buf_addf(&text, ", connected for %s", gw_duration_human(arena, key->ms));
    gw_buf_add(&text, whose(arena, key));
    return gw_buf_str(&text);
}

const char *gw_run_holder_run(gw_arena *arena, const gw_run_holder *holder)
{
    return gw_printf(arena, "godwit %s by %s on %s", holder->command, holder->actor, holder->host);
}

char *gw_run_holder_text(gw_arena *arena, const gw_run_holder *holder)
{
    if (gw_run_holder_unnamed(holder))
        return gw_strdup(arena, unnamed_text(arena, &holder->key));
    if (!holder->actor || holder->free)
        return gw_strdup(arena, "another run");
    const char *lock;
    if (holder->lease_left_ms == GW_NULL_INT)
        lock = gw_printf(arena, "backend pid %lld%s", (long long)holder->backend_pid,
                         holder->key.pid == holder->backend_pid ? whose(arena, &holder->key) : "");
    else if (holder->lease_left_ms <= 0)
        lock = "its lease has run out";
    else
        lock = gw_printf(arena, "its lease runs out in %s, unless it is alive and extends it",
                         gw_duration_human(arena, holder->lease_left_ms));
    return gw_printf(arena, "%s, for %s (%s)", gw_run_holder_run(arena, holder),
                     gw_duration_human(arena, holder->held_ms), lock);
}

static bool is_idle(const gw_run_session *left)
{
    return left->state && strncmp(left->state, "idle", strlen("idle")) == 0;
}

const char *gw_run_holder_left_what(const gw_run_holder *holder)
{
    return is_idle(&holder->left) ? "the runner is gone, its transaction is still open on the server"
                                  : "the runner is gone, its statement still runs on the server";
}

const char *gw_run_holder_left_text(gw_arena *arena, const gw_run_holder *holder)
{
    const gw_run_session *left = &holder->left;
    gw_buf text = GW_BUF(arena);
    gw_buf_addf(&text, "pid %lld", (long long)left->pid);
    if (is_idle(left))
        gw_buf_addf(&text, ", %s", left->state);
    if (left->ms != GW_NULL_INT)
        gw_buf_addf(&text, "%s for %s", is_idle(left) ? "" : ",", gw_duration_human(arena, left->ms));
    gw_buf_add(&text, whose(arena, left));
    if (left->query && *left->query)
        gw_buf_addf(&text, ": %s%s", is_idle(left) ? "last " : "",
                    gw_query_start(arena, left->query));
    return gw_buf_str(&text);
}

const char *gw_run_holder_left_whose(gw_arena *arena, const gw_run_holder *holder)
{
    if (holder->actor && holder->free)
        return gw_printf(arena, "the last run was %s", gw_run_holder_run(arena, holder));
    return gw_printf(arena, "it was %s", gw_run_holder_text(arena, holder));
}

const char *gw_key_holder_text(gw_session *session, gw_arena *arena, int64_t key)
{
    typedef struct found {
        int64_t pid;
        const char *application;
    } found;
    static const gw_col cols[] = {
        {"pid", GW_COL_INT, true, offsetof(found, pid)},
        {"application", GW_COL_TEXT, false, offsetof(found, application)},
    };
    gw_param param = gw_p_int(key);
    gw_result result;
    gw_err ignored = {0};
    found row = {0};
    bool known = gw_query(session, arena, &gw_sql_lock_key_holder, &param, 1, &result, &ignored) &&
                 result.rows && gw_row(arena, &result, cols, 2, &row, &ignored);
    gw_err_clear(&ignored);
    if (!known)
        return NULL;
    return row.application ? gw_printf(arena, "backend pid %lld, app \"%s\"", (long long)row.pid,
                                       row.application)
                           : gw_printf(arena, "backend pid %lld", (long long)row.pid);
}
