#include "pg/blockers.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sql_pg.h"

bool gw_session_blockers(gw_session *observer, gw_arena *arena, int pid, gw_blocker_list *out,
                         gw_err *err)
{
    static const gw_col cols[] = {
        {"pid", GW_COL_INT, true, offsetof(gw_blocker, pid)},
        {"username", GW_COL_TEXT, false, offsetof(gw_blocker, username)},
        {"application_name", GW_COL_TEXT, false, offsetof(gw_blocker, application)},
        {"client", GW_COL_TEXT, false, offsetof(gw_blocker, client)},
        {"state", GW_COL_TEXT, false, offsetof(gw_blocker, state)},
        {"query", GW_COL_TEXT, false, offsetof(gw_blocker, query)},
        {"query_ms", GW_COL_INT, false, offsetof(gw_blocker, query_ms)},
        {"transaction_ms", GW_COL_INT, false, offsetof(gw_blocker, transaction_ms)},
        {"is_prepared", GW_COL_BOOL, true, offsetof(gw_blocker, is_prepared)},
    };
    gw_param params[] = {gw_p_int(pid)};
    gw_result result;
    if (!gw_query(observer, arena, &gw_sql_blockers, params, 1, &result, err))
        return false;
    void *rows;
    if (!gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_blocker), &rows, err))
        return false;
    *out = (gw_blocker_list){.items = rows, .len = result.rows};
    return true;
}

const char *gw_query_start(gw_arena *arena, const char *query)
{
    enum { SHOWN = 120 };
    gw_buf buf = GW_BUF(arena);
    bool space = false;
    for (const char *p = query; *p; p++) {
        if (strchr(" \t\r\n\f\v", *p)) {
            space = true;
            continue;
        }
        /* Cut before a character, never inside one. */
        if (buf.len >= SHOWN && ((unsigned char)*p & 0xC0) != 0x80) {
            gw_buf_add(&buf, " …");
            break;
        }
        if (space && buf.len)
            gw_buf_addc(&buf, ' ');
        space = false;
        gw_buf_addc(&buf, *p);
    }
    return gw_buf_str(&buf);
}

char *gw_blocker_text(gw_arena *arena, const gw_blocker *blocker)
{
    gw_buf buf = GW_BUF(arena);
    if (blocker->is_prepared) {
        gw_buf_add(&buf, "a prepared transaction (see pg_prepared_xacts)");
        return buf.data;
    }
    gw_buf_addf(&buf, "pid %lld", (long long)blocker->pid);
    if (blocker->username && blocker->application)
        gw_buf_addf(&buf, " (app \"%s\", user \"%s\")", blocker->application, blocker->username);
    else if (blocker->username)
        gw_buf_addf(&buf, " (user \"%s\")", blocker->username);
    if (blocker->state)
        gw_buf_addf(&buf, ", %s", blocker->state);
    if (blocker->transaction_ms != GW_NULL_INT)
        gw_buf_addf(&buf, ", in a transaction for %s",
                    gw_duration_human(arena, blocker->transaction_ms));
    if (blocker->query && *blocker->query)
        gw_buf_addf(&buf, ": %s", gw_query_start(arena, blocker->query));
    return buf.data;
}
