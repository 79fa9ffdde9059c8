#include "control/upkeep.h"

#include "base/clock.h"
#include "control/lock.h"
#include "sql_control.h"

/* Beside the run lock's key. */
static int64_t lock_key(void)
{
    return gw_run_lock_key() ^ 0x75706b656570; /* "upkeep" */
}

bool gw_upkeep_lock(gw_session *session, gw_arena *arena, gw_err *err)
{
    static const gw_col cols[] = {{"locked", GW_COL_BOOL, true, 0}};
    gw_param key = gw_p_int(lock_key());
    gw_result result;
    bool locked = false;
    if (!gw_query(session, arena, &gw_sql_lock_try_key, &key, 1, &result, err) ||
        !gw_row(arena, &result, cols, 1, &locked, err))
        return false;
    if (locked)
        return true;
    const char *who = gw_key_holder_text(session, arena, lock_key());
    gw_err_set(err, GW_ERR_BUSY, "upkeep is under way in this database already");
    return who ? gw_err_detail(err, "it is at work as %s", who) : false;
}

bool gw_upkeep_last(gw_session *session, gw_arena *arena, const char *name, int64_t since,
                    int64_t *at, gw_err *err)
{
    static const gw_col cols[] = {{"at", GW_COL_TIME, false, 0}};
    gw_param params[] = {gw_p_text(name), gw_p_text(gw_time_rfc3339(arena, since))};
    gw_result result;
    return gw_query(session, arena, &gw_sql_upkeep_last, params, 2, &result, err) &&
           gw_row(arena, &result, cols, 1, at, err);
}

enum { PAGE = 2000 };

typedef struct entry {
    const char *line;
    int64_t id;
} entry;

static bool read_page(gw_session *session, gw_arena *arena, const char *cutoff, int64_t after,
                      const entry **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"line", GW_COL_TEXT, true, offsetof(entry, line)},
        {"id", GW_COL_INT, true, offsetof(entry, id)},
    };
    const gw_param params[] = {gw_p_text(cutoff), gw_p_int(after), gw_p_int(PAGE)};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_old_upkeep, params, 3, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(entry), &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}

bool gw_upkeep_old_events(gw_session *session, gw_arena *arena, int64_t before, int64_t *count,
                          gw_err *err)
{
    const entry *rows;
    size_t found = 0;
    bool ok = read_page(session, arena, gw_time_rfc3339(arena, before), 0, &rows, &found, err);
    *count = (int64_t)found;
    return ok;
}

bool gw_upkeep_move_events(gw_session *session, int64_t before,
                           bool (*take)(void *self, const char *line, gw_err *err),
                           bool (*kept)(void *self, gw_err *err), void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new(), *page = gw_arena_new();
    const char *cutoff = gw_time_rfc3339(arena, before);
    const entry *rows;
    int64_t after = 0;
    size_t count = PAGE;
    bool ok = true;
    while (ok && count == PAGE) {
        gw_arena_reset(page);
        ok = read_page(session, page, cutoff, after, &rows, &count, err);
        for (size_t i = 0; ok && i < count; i++) {
            ok = take(self, rows[i].line, err);
            after = rows[i].id;
        }
    }
    gw_param param = gw_p_text(cutoff);
    ok = ok && kept(self, err) && gw_exec(session, "SET LOCAL godwit.retention = 'on'", err) &&
         gw_exec_sql(session, &gw_sql_forget_upkeep, &param, 1, err);
    gw_arena_free(page);
    gw_arena_free(arena);
    return ok;
}

static bool one_path(gw_session *session, gw_arena *arena, const gw_sql *sql, const gw_param *params,
                     size_t count, const char **out, gw_err *err)
{
    static const gw_col cols[] = {{"path", GW_COL_TEXT, true, 0}};
    gw_result result;
    *out = NULL;
    return gw_query(session, arena, sql, params, count, &result, err) &&
           (!result.rows || gw_row(arena, &result, cols, 1, (void *)out, err));
}

bool gw_upkeep_file_begin(gw_session *session, gw_arena *arena, const char *name, const char *path,
                          const char **left, gw_err *err)
{
    const gw_param params[] = {gw_p_text(name), gw_p_text(path)};
    return one_path(session, arena, &gw_sql_upkeep_file_left, params, 1, left, err) &&
           gw_exec_sql(session, &gw_sql_upkeep_file_begin, params, 2, err);
}

bool gw_upkeep_file_end(gw_session *session, gw_arena *arena, const char *name, const char *path,
                        gw_err *err)
{
    const gw_param params[] = {gw_p_text(name), gw_p_text(path)};
    const char *ended;
    return one_path(session, arena, &gw_sql_upkeep_file_end, params, 2, &ended, err) &&
           (ended || gw_err_set(err, GW_ERR_STATE, "another run has begun to archive the same entries"));
}
