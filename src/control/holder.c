/* Who holds the run lock, as people want to know it. */
#include "base/buf.h"
#include "base/clock.h"
#include "control/lock.h"
#include "pg/blockers.h"
#include "sql_control.h"

bool gw_run_lock_holder(gw_session *session, gw_arena *arena, gw_run_holder *out, gw_err *err)
{
#define AT(field) offsetof(gw_run_holder, field)
    static const gw_col cols[] = {
        {"actor", GW_COL_TEXT, false, AT(actor)},
        {"host", GW_COL_TEXT, false, AT(host)},
        {"command", GW_COL_TEXT, false, AT(command)},
        {"backend_pid", GW_COL_INT, false, AT(backend_pid)},
        {"mode", GW_COL_TEXT, false, AT(mode)},
        {"acquired_at", GW_COL_TIME, false, AT(acquired_at)},
        {"held_ms", GW_COL_INT, false, AT(held_ms)},
        {"is_gone", GW_COL_BOOL, true, AT(gone)},
        {"left_pid", GW_COL_INT, false, AT(left_pid)},
        {"left_query", GW_COL_TEXT, false, AT(left_query)},
        {"left_ms", GW_COL_INT, false, AT(left_ms)},
        {"lease_left_ms", GW_COL_INT, false, AT(lease_left_ms)},
    };
#undef AT
    gw_result result;
    gw_param key = gw_p_int(gw_run_lock_key());
    *out = (gw_run_holder){.left_pid = GW_NULL_INT, .lease_left_ms = GW_NULL_INT};
    return gw_query(session, arena, &gw_sql_lock_holder, &key, 1, &result, err) &&
           (!result.rows ||
            gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err));
}

bool gw_run_holder_left(const gw_run_holder *holder)
{
    return holder->actor && holder->gone && holder->left_pid != GW_NULL_INT;
}

char *gw_run_holder_text(gw_arena *arena, const gw_run_holder *holder)
{
    if (!holder->actor)
        return gw_strdup(arena, "another run");
    const char *held = gw_duration_human(arena, holder->held_ms), *lock;
    if (holder->lease_left_ms == GW_NULL_INT)
        lock = gw_printf(arena, "backend pid %lld", (long long)holder->backend_pid);
    else if (holder->lease_left_ms <= 0)
        lock = "its lease has run out";
    else
        lock = gw_printf(arena, "its lease runs out in %s, unless it is alive and extends it",
                         gw_duration_human(arena, holder->lease_left_ms));
    return gw_printf(arena, "godwit %s by %s on %s, for %s (%s)", holder->command, holder->actor,
                     holder->host, held, lock);
}

const char *gw_run_holder_left_text(gw_arena *arena, const gw_run_holder *holder)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addf(&text, "pid %lld", (long long)holder->left_pid);
    if (holder->left_ms != GW_NULL_INT)
        gw_buf_addf(&text, ", for %s", gw_duration_human(arena, holder->left_ms));
    if (holder->left_query)
        gw_buf_addf(&text, ": %s", gw_query_start(arena, holder->left_query));
    return gw_buf_str(&text);
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
