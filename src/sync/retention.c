#include "sync/retention.h"

#include "base/clock.h"
#include "sql_sync.h"

enum { DEPARTED_HAVE_AGES = 6 }; /* the version from which on */

static bool count_departed(gw_session *session, gw_arena *arena, int64_t before, gw_sync_old *out,
                           gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, offsetof(gw_sync_old, departed)}};
    gw_param param = gw_p_text(gw_time_rfc3339(arena, before));
    gw_result result;
    return gw_query(session, arena, &gw_sql_departed_old, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, out, err);
}

bool gw_sync_count_old(gw_session *session, gw_arena *arena, int version,
                       const gw_sync_ages *before, gw_sync_old *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"logs", GW_COL_INT, true, offsetof(gw_sync_old, logs)},
        {"checkpoints", GW_COL_INT, true, offsetof(gw_sync_old, checkpoints)},
        {"analyses", GW_COL_INT, true, offsetof(gw_sync_old, analyses)},
    };
    gw_param params[] = {gw_p_text(gw_time_rfc3339(arena, before->logs)),
                         gw_p_text(gw_time_rfc3339(arena, before->checkpoints)),
                         gw_p_text(gw_time_rfc3339(arena, before->analyses))};
    gw_result result;
    out->departed = 0;
    return gw_query(session, arena, &gw_sql_old_counts, params, 3, &result, err) &&
           gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err) &&
           (version < DEPARTED_HAVE_AGES ||
            count_departed(session, arena, before->departed, out, err));
}

static bool forget(gw_session *session, gw_arena *arena, const gw_sql *sql, int64_t before,
                   int64_t *rows, gw_err *err)
{
    gw_param param = gw_p_text(gw_time_rfc3339(arena, before));
    gw_result result;
    if (!gw_query(session, arena, sql, &param, 1, &result, err))
        return false;
    *rows = result.affected;
    return true;
}

bool gw_sync_forget_checkpoints(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                                gw_err *err)
{
    return forget(session, arena, &gw_sql_forget_checkpoints, before, rows, err);
}

bool gw_sync_forget_analyses(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                             gw_err *err)
{
    return forget(session, arena, &gw_sql_forget_analyses, before, rows, err);
}

bool gw_sync_forget_departed(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                             gw_err *err)
{
    return forget(session, arena, &gw_sql_departed_forget, before, rows, err);
}

typedef struct entry {
    const char *line, *at, *id;
} entry;

static bool take_page(gw_session *session, gw_arena *arena, const gw_param params[4],
                      const gw_retention_sink *sink, entry *last, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"line", GW_COL_TEXT, true, offsetof(entry, line)},
        {"at", GW_COL_TEXT, true, offsetof(entry, at)},
        {"id", GW_COL_TEXT, true, offsetof(entry, id)},
    };
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_old_logs, params, 4, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(entry), &rows, err))
        return false;
    const entry *items = rows;
    for (size_t i = 0; i < result.rows; i++)
        if (!sink->take(sink->self, items[i].line, err))
            return false;
    *count = result.rows;
    if (result.rows)
        *last = items[result.rows - 1];
    return true;
}

bool gw_sync_move_logs(gw_session *session, int64_t before, const gw_retention_sink *sink,
                       gw_err *err)
{
    enum { PAGE = 2000 };
    gw_arena *arena = gw_arena_new(), *page = gw_arena_new(), *next = gw_arena_new();
    const char *cutoff = gw_time_rfc3339(arena, before);
    entry last = {0};
    size_t count = PAGE;
    bool ok = true;
    while (ok && count == PAGE) {
        const gw_param params[] = {gw_p_text(cutoff), gw_p_text(last.at), gw_p_text(last.id),
                                   gw_p_int(PAGE)};
        gw_arena_reset(next);
        ok = take_page(session, next, params, sink, &last, &count, err);
        gw_arena *other = page; /* `last` lives on until the next page is there */
        page = next;
        next = other;
    }
    gw_param param = gw_p_text(cutoff);
    ok = ok && sink->kept(sink->self, err) &&
         gw_exec_sql(session, &gw_sql_forget_logs, &param, 1, err);
    gw_arena_free(next);
    gw_arena_free(page);
    gw_arena_free(arena);
    return ok;
}
