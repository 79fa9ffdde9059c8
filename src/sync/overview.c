#include "sync/overview.h"

#include <string.h>

#include "base/clock.h"
#include "control/control.h"
#include "sql_sync.h"
#include "sync/definition.h"

/* ---- are there tables? --------------------------------------------------------------------- */

static bool tables_here(gw_session *session, bool *here, gw_err *err)
{
    int version;
    if (!gw_control_part_version(session, "differential", &version, err))
        return false;
    *here = version > 0;
    return true;
}

/* ---- sessions ------------------------------------------------------------------------------ */

#define AT(name, type, not_null, member)                                                           \
    {name, type, not_null, offsetof(gw_session_view, member)}

static const gw_col session_cols[] = {
    AT("id", GW_COL_TEXT, true, id),
    AT("status", GW_COL_TEXT, true, status),
    AT("wanted", GW_COL_TEXT, false, wanted),
    AT("reason", GW_COL_TEXT, false, reason),
    AT("attempt", GW_COL_INT, true, attempt),
    AT("host", GW_COL_TEXT, false, host),
    AT("pid", GW_COL_INT, false, pid),
    AT("lease_until", GW_COL_TIME, false, lease_until),
    AT("dead", GW_COL_BOOL, true, dead),
    AT("imported", GW_COL_BOOL, true, imported),
    AT("started_at", GW_COL_TIME, false, started_at),
    AT("completed_at", GW_COL_TIME, false, completed_at),
    AT("created_at", GW_COL_TIME, true, created_at),
    AT("updated_at", GW_COL_TIME, true, updated_at),
    AT("processed", GW_COL_INT, true, processed),
    AT("remaining", GW_COL_INT, true, remaining),
    AT("estimated_at", GW_COL_TIME, false, estimated_at),
    AT("error", GW_COL_TEXT, false, error),
    AT("metrics", GW_COL_TEXT, true, metrics),
    AT("options", GW_COL_TEXT, true, options),
    AT("pending", GW_COL_TEXT, true, pending),
    AT("running", GW_COL_TEXT, true, running),
    AT("completed", GW_COL_TEXT, true, completed),
    AT("failed", GW_COL_TEXT, true, failed),
    AT("now", GW_COL_TIME, true, now),
};
#undef AT

bool gw_sessions_read(gw_session *session, gw_arena *arena, const char *id, int64_t limit,
                      gw_session_views *out, gw_err *err)
{
    gw_param params[] = {gw_p_text(id), gw_p_int(limit)};
    gw_result result;
    void *rows;
    bool here;
    *out = (gw_session_views){0};
    if (!tables_here(session, &here, err))
        return false;
    if (!here)
        return true;
    if (!gw_query(session, arena, &gw_sql_session_list, params, 2, &result, err) ||
        !gw_rows(arena, &result, session_cols, sizeof session_cols / sizeof *session_cols,
                 sizeof(gw_session_view), &rows, err))
        return false;
    *out = (gw_session_views){rows, result.rows};
    return true;
}

#define AT(name, type, not_null, member)                                                           \
    {name, type, not_null, offsetof(gw_session_entity, member)}

static const gw_col entity_cols[] = {
    AT("entity", GW_COL_TEXT, true, entity),
    AT("status", GW_COL_TEXT, true, status),
    AT("attempt", GW_COL_INT, true, attempt),
    AT("run", GW_COL_TEXT, true, run),
    AT("new", GW_COL_INT, true, inserted),
    AT("modified", GW_COL_INT, true, modified),
    AT("deleted", GW_COL_INT, true, deleted),
    AT("rejected", GW_COL_INT, true, rejected),
    AT("remaining", GW_COL_INT, true, remaining),
    AT("now_done", GW_COL_INT, true, now_done),
    AT("started_at", GW_COL_TIME, false, started_at),
    AT("ended_at", GW_COL_TIME, false, ended_at),
    AT("elapsed_ms", GW_COL_INT, false, elapsed_ms),
    AT("error", GW_COL_TEXT, false, error),
    AT("version", GW_COL_TEXT, false, version),
    AT("method", GW_COL_TEXT, false, method),
    AT("checkpoint", GW_COL_TEXT, false, checkpoint),
    AT("last_key", GW_COL_TEXT, false, last_key),
    AT("batches", GW_COL_INT, false, batches),
    AT("pieces", GW_COL_INT, true, pieces),
    AT("pieces_done", GW_COL_INT, true, pieces_done),
    AT("workers", GW_COL_INT, true, workers),
    AT("quarantined", GW_COL_INT, true, quarantined),
    AT("postponed", GW_COL_INT, true, postponed),
};
#undef AT

bool gw_session_entities(gw_session *session, gw_arena *arena, gw_session_view *view, gw_err *err)
{
    gw_param id = gw_p_text(view->id);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_session_entities, &id, 1, &result, err) ||
        !gw_rows(arena, &result, entity_cols, sizeof entity_cols / sizeof *entity_cols,
                 sizeof(gw_session_entity), &rows, err))
        return false;
    view->entities = rows;
    view->entity_count = result.rows;
    return true;
}

bool gw_session_one(gw_session *session, gw_arena *arena, const char *id, gw_session_view *out,
                    gw_err *err)
{
    gw_session_views found;
    if (!gw_sessions_read(session, arena, id, id ? 2 : 1, &found, err))
        return false;
    if (!found.len && id) {
        gw_err_set(err, GW_ERR_STATE, "there is no session %s", id);
        return gw_err_hint(err, "godwit sync list shows them");
    }
    if (!found.len) {
        gw_err_set(err, GW_ERR_STATE, "no session has begun yet in this database");
        return gw_err_hint(err, "godwit sync run begins one");
    }
    if (found.len > 1 && strlen(id) < strlen(found.items[0].id))
        return gw_err_set(err, GW_ERR_STATE, "more than one session's id begins with %s", id);
    *out = found.items[0];
    return gw_session_entities(session, arena, out, err);
}

int64_t gw_entity_done(const gw_session_entity *entity)
{
    return entity->inserted + entity->modified + entity->deleted + entity->rejected;
}

int64_t gw_entity_rate(const gw_session_entity *entity)
{
    if (entity->elapsed_ms == GW_NULL_INT || entity->elapsed_ms <= 0 || entity->now_done <= 0)
        return GW_NULL_INT;
    return (int64_t)((double)entity->now_done * 1000.0 / (double)entity->elapsed_ms);
}

int64_t gw_entity_left_ms(const gw_session_entity *entity)
{
    int64_t rate = gw_entity_rate(entity);
    if (rate == GW_NULL_INT || rate <= 0 || entity->remaining <= 0 ||
        strcmp(entity->status, "running") != 0)
        return GW_NULL_INT;
    return (int64_t)((double)entity->remaining * 1000.0 / (double)rate);
}

/* ---- the log ------------------------------------------------------------------------------- */

/* This level and the graver ones. */
static const char *levels_from(const char *level)
{
    if (level && strcmp(level, "error") == 0)
        return "[\"error\"]";
    if (level && strcmp(level, "warn") == 0)
        return "[\"error\", \"warn\"]";
    if (level && strcmp(level, "debug") == 0)
        return "[\"error\", \"warn\", \"info\", \"debug\"]";
    return "[\"error\", \"warn\", \"info\"]";
}

bool gw_log_lines_read(gw_session *session, gw_arena *arena, const gw_log_wanted *wanted,
                       gw_log_lines *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"id", GW_COL_TEXT, true, offsetof(gw_log_line, id)},
        {"session", GW_COL_TEXT, false, offsetof(gw_log_line, session)},
        {"entity", GW_COL_TEXT, true, offsetof(gw_log_line, entity)},
        {"operation", GW_COL_TEXT, true, offsetof(gw_log_line, operation)},
        {"record", GW_COL_TEXT, false, offsetof(gw_log_line, record)},
        {"level", GW_COL_TEXT, true, offsetof(gw_log_line, level)},
        {"message", GW_COL_TEXT, true, offsetof(gw_log_line, message)},
        {"error", GW_COL_TEXT, false, offsetof(gw_log_line, error)},
        {"performance", GW_COL_TEXT, false, offsetof(gw_log_line, performance)},
        {"context", GW_COL_TEXT, true, offsetof(gw_log_line, context)},
        {"at", GW_COL_TIME, true, offsetof(gw_log_line, at)},
    };
    gw_param params[] = {
        gw_p_text(wanted->session), gw_p_text(wanted->entity), gw_p_text(levels_from(wanted->level)),
        gw_p_text(wanted->since == GW_NULL_INT ? NULL : gw_time_rfc3339(arena, wanted->since)),
        gw_p_int(wanted->limit)};
    gw_result result;
    void *rows;
    bool here;
    *out = (gw_log_lines){0};
    if (!tables_here(session, &here, err))
        return false;
    if (!here)
        return true;
    if (!gw_query(session, arena, &gw_sql_log_read, params, 5, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_log_line), &rows, err))
        return false;
    *out = (gw_log_lines){rows, result.rows};
    return true;
}

/* ---- the quarantine ------------------------------------------------------------------------ */

/* A key with a masked column is needed to find the row again, and not shown; nor is one of which no
 * active mapping says that it may be. */
static bool mask_keys(gw_session *session, gw_arena *arena, gw_reject *rows, size_t count,
                      gw_err *err)
{
    gw_definition_list list = {0};
    if (count && !gw_definitions_read(session, arena, NULL, &list, err))
        return false;
    bool *shown = gw_alloc_array(arena, count + 1, sizeof *shown);
    for (size_t i = 0; i < list.len; i++) {
        gw_mapping mapping;
        gw_err unreadable = {0};
        if (list.items[i].active &&
            gw_definition_mapping(arena, &list.items[i], &mapping, &unreadable) &&
            !gw_mapping_key_masked(&mapping))
            for (size_t k = 0; k < count; k++)
                shown[k] = shown[k] || strcmp(rows[k].entity, list.items[i].entity) == 0;
        gw_err_clear(&unreadable);
    }
    for (size_t k = 0; k < count; k++)
        if (!shown[k])
            rows[k].key = "***";
    return true;
}

bool gw_rejects_read(gw_session *session, gw_arena *arena, const char *entity, int64_t limit,
                     gw_rejects *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"entity", GW_COL_TEXT, true, offsetof(gw_reject, entity)},
        {"key", GW_COL_TEXT, true, offsetof(gw_reject, key)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_reject, kind)},
        {"action", GW_COL_TEXT, true, offsetof(gw_reject, action)},
        {"rule", GW_COL_TEXT, false, offsetof(gw_reject, rule)},
        {"field", GW_COL_TEXT, false, offsetof(gw_reject, field)},
        {"message", GW_COL_TEXT, true, offsetof(gw_reject, message)},
        {"sqlstate", GW_COL_TEXT, false, offsetof(gw_reject, sqlstate)},
        {"place", GW_COL_TEXT, false, offsetof(gw_reject, place)},
        {"source_row", GW_COL_TEXT, false, offsetof(gw_reject, source_row)},
        {"run", GW_COL_TEXT, false, offsetof(gw_reject, run)},
        {"attempts", GW_COL_INT, true, offsetof(gw_reject, attempts)},
        {"first_seen", GW_COL_TIME, true, offsetof(gw_reject, first_seen)},
        {"last_seen", GW_COL_TIME, true, offsetof(gw_reject, last_seen)},
        {"total", GW_COL_INT, true, offsetof(gw_reject, total)},
    };
    gw_param params[] = {gw_p_text(entity), gw_p_int(limit)};
    gw_result result;
    void *rows;
    bool here;
    *out = (gw_rejects){0};
    if (!tables_here(session, &here, err))
        return false;
    if (!here)
        return true;
    if (!gw_query(session, arena, &gw_sql_rejects_read, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_reject), &rows, err))
        return false;
    *out = (gw_rejects){rows, result.rows, result.rows ? ((gw_reject *)rows)->total : 0};
    return mask_keys(session, arena, rows, result.rows, err);
}
