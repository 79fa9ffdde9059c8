#include "source/snapshot.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"
#include "sql_source.h"

enum {
    ATTEMPTS = 5,
    LOCK_TIMEOUT = 10000,
};
/* Taken off the low-water mark, in microseconds: a session has read its clock a little before
 * others can see that it has, and clocks are put back by a little. */
#define MARGIN (60 * INT64_C(1000000))

const char *gw_lsn_text(gw_arena *arena, int64_t position)
{
    return gw_printf(arena, "%" PRIX64 "/%" PRIX64, (uint64_t)position >> 32,
                     (uint64_t)position & 0xffffffffu);
}

/* ---- the low-water mark ------------------------------------------------------------------- */

static bool no_low_water(gw_err *err, const char *reason, const char *hint)
{
    gw_err_set(err, GW_ERR_REFUSED, "change cannot be found by time: %s", reason);
    return gw_err_hint(err, "%s", hint);
}

bool gw_snapshot_low_water(gw_session *session, int64_t *out, gw_err *err)
{
    typedef struct running {
        int64_t at, oldest, hidden, prepared;
        bool may_see, standby;
    } running;
    static const gw_col cols[] = {
        {"at", GW_COL_TIME, true, offsetof(running, at)},
        {"oldest", GW_COL_TIME, false, offsetof(running, oldest)},
        {"may_see", GW_COL_BOOL, true, offsetof(running, may_see)},
        {"hidden", GW_COL_INT, true, offsetof(running, hidden)},
        {"prepared", GW_COL_INT, true, offsetof(running, prepared)},
        {"standby", GW_COL_BOOL, true, offsetof(running, standby)},
    };
    gw_arena *arena = gw_arena_new();
    gw_result result;
    running row;
    bool ok = gw_query(session, arena, &gw_sql_source_running, NULL, 0, &result, err) &&
              gw_row(arena, &result, cols, sizeof cols / sizeof *cols, &row, err);
    gw_arena_free(arena);
    if (!ok)
        return false;
    if (row.standby)
        return no_low_water(err, "the source is a standby",
                            "What runs on its primary cannot be seen here: name the primary.");
    if (!row.may_see)
        return no_low_water(err, "the role may not see when the transactions of others began",
                            "GRANT pg_read_all_stats to it, or find change by checksum.");
    if (row.prepared > 0)
        return no_low_water(err, "there are prepared transactions",
                            "COMMIT or ROLLBACK PREPARED them, or find change by checksum.");
    if (row.hidden > 0)
        return no_low_water(err, "a session runs with track_activities = off",
                            "Its transactions cannot be seen: end it, or find change by checksum.");
    *out = (row.oldest != GW_NULL_INT && row.oldest < row.at ? row.oldest : row.at) - MARGIN;
    return true;
}

/* ---- what there is ------------------------------------------------------------------------ */

typedef struct stored {
    gw_stored_leaf leaf;
    int64_t file_node_seen;
} stored;

typedef struct stored_list {
    stored *items;
    size_t len;
} stored_list;

static bool read_stored(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                        stored_list *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"relation", GW_COL_INT, true, offsetof(stored, leaf.relation)},
        {"oid", GW_COL_INT, true, offsetof(stored, leaf.oid)},
        {"schema", GW_COL_TEXT, true, offsetof(stored, leaf.schema)},
        {"name", GW_COL_TEXT, true, offsetof(stored, leaf.name)},
        {"kind", GW_COL_TEXT, true, offsetof(stored, leaf.kind)},
        {"file_node", GW_COL_INT, false, offsetof(stored, leaf.file_node)},
        {"file_node_seen", GW_COL_INT, false, offsetof(stored, file_node_seen)},
        {"tablespace", GW_COL_INT, true, offsetof(stored, leaf.tablespace)},
        {"unlogged", GW_COL_BOOL, true, offsetof(stored, leaf.unlogged)},
        {"row_security", GW_COL_BOOL, true, offsetof(stored, leaf.row_security)},
        {"blocks", GW_COL_INT, true, offsetof(stored, leaf.blocks)},
        {"shape", GW_COL_TEXT, true, offsetof(stored, leaf.shape)},
    };
    gw_buf oids = GW_BUF(arena);
    for (size_t i = 0; i < want->count; i++)
        gw_buf_addf(&oids, "%s%" PRId64, i ? "," : "{", want->relations[i]);
    gw_buf_add(&oids, want->count ? "}" : "{}");
    gw_param param = gw_p_text(gw_buf_str(&oids));
    gw_result result;
    void *rows = NULL;
    if (!gw_query(session, arena, &gw_sql_source_storage, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(stored), &rows, err))
        return false;
    *out = (stored_list){.items = rows, .len = result.rows};
    for (size_t i = 0; i < want->count; i++) {
        bool found = false;
        for (size_t at = 0; at < out->len; at++)
            found = found || out->items[at].leaf.relation == want->relations[i];
        if (!found)
            return gw_err_set(err, GW_ERR_STATE,
                              "a table of the source is gone, or has no partition (oid %" PRId64
                              ")",
                              want->relations[i]);
    }
    return true;
}

/* Nothing was attached, detached or put into another file. */
static bool keeps_still(const stored_list *before, const stored_list *now)
{
    if (before->len != now->len)
        return false;
    for (size_t i = 0; i < now->len; i++) {
        const stored *one = &before->items[i], *other = &now->items[i];
        if (one->leaf.relation != other->leaf.relation || one->leaf.oid != other->leaf.oid ||
            one->leaf.file_node != other->leaf.file_node ||
            other->leaf.file_node != other->file_node_seen ||
            strcmp(one->leaf.name, other->leaf.name) != 0 ||
            strcmp(one->leaf.schema, other->leaf.schema) != 0 ||
            strcmp(one->leaf.shape, other->leaf.shape) != 0)
            return false;
    }
    return true;
}

/* ---- locks and the snapshot --------------------------------------------------------------- */

static bool is_lockable(const gw_stored_leaf *leaf)
{
    return strcmp(leaf->kind, "r") == 0 || strcmp(leaf->kind, "v") == 0;
}

/*
 * BEGIN, settings and locks: nothing in it takes a snapshot. The settings are those of a pinned
 * session, for behind a pooler they hold for a transaction only, and gw_session_begin would ask for
 * them with a query, which takes the snapshot.
 */
static const char *begin_text(gw_arena *arena, const stored_list *leaves, int64_t lock_timeout_ms)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addf(
        &text,
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
        "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL TimeZone = 'UTC';"
        "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';"
        "SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex';"
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
        "SET LOCAL lock_timeout = %" PRId64,
        lock_timeout_ms ? lock_timeout_ms : LOCK_TIMEOUT);
    const char *sep = "; LOCK TABLE ";
    for (size_t i = 0; i < leaves->len; i++) {
        const gw_stored_leaf *leaf = &leaves->items[i].leaf;
        if (!is_lockable(leaf))
            continue;
        gw_buf_addf(&text, "%s%s%s", sep, strcmp(leaf->kind, "r") == 0 ? "ONLY " : "",
                    gw_quote_name(arena, leaf->schema, leaf->name));
        sep = ", ";
    }
    if (*sep == ',')
        gw_buf_add(&text, " IN ACCESS SHARE MODE");
    return gw_buf_str(&text);
}

/* LOCK TABLE does not know materialized views: reading locks them. */
static bool lock_others(gw_session *session, gw_arena *arena, const stored_list *leaves,
                        gw_err *err)
{
    for (size_t i = 0; i < leaves->len; i++) {
        const gw_stored_leaf *leaf = &leaves->items[i].leaf;
        if (strcmp(leaf->kind, "m") == 0 &&
            !gw_exec(session,
                     gw_printf(arena, "SELECT 1 FROM %s LIMIT 0",
                               gw_quote_name(arena, leaf->schema, leaf->name)),
                     err))
            return false;
    }
    return true;
}

static bool read_seen(gw_session *session, gw_arena *arena, gw_snapshot *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"xmin", GW_COL_INT, true, offsetof(gw_snapshot, xmin)},
        {"position", GW_COL_INT, false, offsetof(gw_snapshot, position_after)},
    };
    gw_result result;
    return gw_query(session, arena, &gw_sql_source_seen, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 2, out, err);
}

static bool export_it(gw_session *session, gw_arena *arena, gw_snapshot *out, gw_err *err)
{
    gw_result result;
    if (!gw_query_text(session, arena, "export a snapshot",
                       "SELECT pg_catalog.pg_export_snapshot()", NULL, 0, &result, err))
        return false;
    out->name = gw_strdup(arena, PQgetvalue(result.pg, 0, 0));
    return true;
}

/* Under the locks. *still false: all over again. */
static bool look(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                 const stored_list *before, stored_list *now, gw_snapshot *out, bool *still,
                 gw_err *err)
{
    if (!lock_others(session, arena, before, err) ||
        (gw_session_version(session) >= 130000 && !read_seen(session, arena, out, err)) ||
        !read_stored(session, arena, want, now, err))
        return false;
    *still = keeps_still(before, now);
    return !*still || !want->share || export_it(session, arena, out, err);
}

/* A table that was dropped or renamed between two looks is seen by the next one. */
static bool is_gone(const gw_err *err)
{
    return strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0;
}

static bool attempt(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                    gw_snapshot *out, bool *still, gw_err *err)
{
    stored_list before, now;
    *still = false;
    if (!read_stored(session, arena, want, &before, err))
        return false;
    bool ok = gw_exec(session, begin_text(arena, &before, want->lock_timeout_ms), err);
    if (!ok && is_gone(err)) {
        gw_err_clear(err);
        gw_session_rollback(session);
        return true;
    }
    ok = ok && look(session, arena, want, &before, &now, out, still, err);
    if (!ok || !*still) {
        gw_session_rollback(session);
        return ok;
    }
    out->leaf_count = now.len;
    out->leaves = gw_alloc_array(arena, now.len, sizeof *out->leaves);
    for (size_t i = 0; i < now.len; i++)
        out->leaves[i] = now.items[i].leaf;
    return true;
}

/* The position first, then the id: see gw_snapshot. */
static bool take_mark(gw_session *session, gw_arena *arena, gw_snapshot *out, gw_err *err)
{
    static const gw_col cols[] = {{"xid", GW_COL_INT, true, offsetof(gw_snapshot, xid)}};
    gw_result result;
    if (out->identity.standby)
        return gw_err_set(err, GW_ERR_REFUSED,
                          "change cannot be found by blocks: the source is a standby");
    bool ok = gw_session_begin(session, "READ COMMITTED READ WRITE", err) &&
              gw_query(session, arena, &gw_sql_source_take_xid, NULL, 0, &result, err) &&
              gw_row(arena, &result, cols, 1, out, err) && gw_session_commit(session, err);
    if (!ok)
        gw_session_rollback(session);
    return ok;
}

static bool read_position(gw_session *session, gw_arena *arena, gw_snapshot *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"position", GW_COL_INT, false, offsetof(gw_snapshot, position)},
        {"timeline", GW_COL_INT, true, offsetof(gw_snapshot, timeline)},
        {"at", GW_COL_TIME, true, offsetof(gw_snapshot, taken_at)},
    };
    gw_result result;
    return gw_query(session, arena, &gw_sql_source_position, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 3, out, err);
}

static bool take_low_water(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                           gw_snapshot *out, gw_err *err)
{
    gw_err failed = {0};
    if (!want->low_water || gw_snapshot_low_water(session, &out->low_water, &failed))
        return true;
    if (!want->if_it_can || failed.kind != GW_ERR_REFUSED) {
        gw_err_move(err, &failed);
        return false;
    }
    out->no_low_water = gw_strdup(arena, failed.message);
    gw_err_clear(&failed);
    return true;
}

bool gw_snapshot_open(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                      gw_snapshot *out, gw_err *err)
{
    gw_source_identity identity;
    *out = (gw_snapshot){.low_water = GW_NULL_INT,
                         .position = GW_NULL_INT,
                         .position_after = GW_NULL_INT,
                         .xid = GW_NULL_INT,
                         .xmin = GW_NULL_INT};
    if (gw_session_in_transaction(session))
        return gw_err_set(err, GW_ERR_INTERNAL, "a snapshot was wanted within a transaction");
    if (!gw_pg_identify(session, arena, &identity, err))
        return false;
    out->identity = identity;
    if (!read_position(session, arena, out, err) ||
        (want->mark && !take_mark(session, arena, out, err)) ||
        !take_low_water(session, arena, want, out, err))
        return false;
    bool still = false;
    for (int i = 0; i < ATTEMPTS && !still; i++)
        if (!attempt(session, arena, want, out, &still, err))
            return false;
    if (still)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the tables of the source do not keep still");
    return gw_err_hint(err, "Something truncates, rewrites or attaches them all the time.");
}

/* ---- other sessions ----------------------------------------------------------------------- */

static bool same_files(const gw_snapshot *snapshot, const stored_list *now)
{
    if (now->len != snapshot->leaf_count)
        return false;
    for (size_t i = 0; i < now->len; i++)
        if (now->items[i].leaf.oid != snapshot->leaves[i].oid ||
            now->items[i].leaf.file_node != snapshot->leaves[i].file_node)
            return false;
    return true;
}

bool gw_snapshot_join(gw_session *session, gw_arena *arena, const gw_snapshot *snapshot,
                      int64_t lock_timeout_ms, gw_err *err)
{
    stored_list leaves = {.items = gw_alloc_array(arena, snapshot->leaf_count, sizeof(stored)),
                          .len = snapshot->leaf_count};
    int64_t *oids = gw_alloc_array(arena, snapshot->leaf_count, sizeof *oids);
    for (size_t i = 0; i < leaves.len; i++) {
        leaves.items[i].leaf = snapshot->leaves[i];
        oids[i] = snapshot->leaves[i].oid;
    }
    gw_snapshot_want want = {.relations = oids, .count = leaves.len};
    stored_list now = {0};
    const char *text = gw_printf(arena, "%s; SET TRANSACTION SNAPSHOT %s",
                                 begin_text(arena, &leaves, lock_timeout_ms),
                                 gw_quote_literal(arena, snapshot->name));
    bool ok = gw_exec(session, text, err) && lock_others(session, arena, &leaves, err) &&
              read_stored(session, arena, &want, &now, err);
    if (ok && !same_files(snapshot, &now))
        ok = gw_err_set(err, GW_ERR_STATE,
                        "tables of the source were rewritten after the snapshot was taken");
    if (!ok)
        gw_session_rollback(session);
    return ok;
}

static bool flushed(gw_session *session, int64_t *out, gw_err *err)
{
    static const gw_col cols[] = {{"position", GW_COL_INT, true, 0}};
    gw_arena *arena = gw_arena_new();
    gw_result result;
    bool ok = gw_query(session, arena, &gw_sql_source_flushed, NULL, 0, &result, err) &&
              gw_row(arena, &result, cols, 1, out, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_snapshot_settle(gw_session *other, const gw_snapshot *snapshot, gw_err *err)
{
    int64_t position;
    if (snapshot->identity.standby || snapshot->position_after == GW_NULL_INT)
        return true;
    if (!flushed(other, &position, err))
        return false;
    if (position >= snapshot->position_after)
        return true;
    bool ok = gw_session_begin(other, "READ COMMITTED READ WRITE", err) &&
              gw_exec(other,
                      "SET LOCAL synchronous_commit = on;"
                      "SELECT pg_catalog.pg_logical_emit_message(true, 'godwit', '')",
                      err) &&
              gw_session_commit(other, err);
    if (!ok) {
        gw_session_rollback(other);
        return false;
    }
    if (!flushed(other, &position, err))
        return false;
    return position >= snapshot->position_after ||
           gw_err_set(err, GW_ERR_STATE, "the source does not write its log to disk");
}
