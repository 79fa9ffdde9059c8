#include "sync/changed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "sql/quote.h"
#include "sql_source.h"

/* Ends a chain of checks: the function succeeds, the reason stands in out. */
static bool unsound(gw_blocks_detected *out, gw_arena *arena, gw_unsound reason,
                    const gw_stored_leaf *leaf)
{
    out->unsound = reason;
    out->why = leaf ? gw_printf(arena, "unsound: %s: %s", gw_unsound_text(reason),
                                gw_quote_name(arena, leaf->schema, leaf->name))
                    : gw_printf(arena, "unsound: %s", gw_unsound_text(reason));
    return false;
}

static const gw_mark_leaf *leaf_of(const gw_mark *mark, int64_t oid)
{
    for (size_t i = 0; i < mark->leaf_count; i++)
        if (mark->leaves[i].oid == oid)
            return &mark->leaves[i];
    return NULL;
}

static bool leaf_is_sound(const gw_stored_leaf *leaf, const gw_mark *last, gw_arena *arena,
                          gw_blocks_detected *out)
{
    if (strcmp(leaf->kind, "r") != 0)
        return unsound(out, arena, GW_UNSOUND_NO_TABLE, leaf);
    if (leaf->unlogged)
        return unsound(out, arena, GW_UNSOUND_UNLOGGED, leaf);
    if (leaf->row_security)
        return unsound(out, arena, GW_UNSOUND_ROW_SECURITY, leaf);
    const gw_mark_leaf *before = leaf_of(last, leaf->oid);
    if (before && before->file_node != leaf->file_node)
        return unsound(out, arena, GW_UNSOUND_FILE_NODE, leaf);
    if (before && strcmp(before->shape, leaf->shape) != 0)
        return unsound(out, arena, GW_UNSOUND_SHAPE, leaf);
    return true;
}

static bool is_sound(const gw_blocks_detect *detect, gw_arena *arena, gw_blocks_detected *out)
{
    const gw_snapshot *snapshot = detect->snapshot;
    if (snapshot->identity.version < 170000)
        return unsound(out, arena, GW_UNSOUND_VERSION, NULL);
    if (snapshot->identity.standby)
        return unsound(out, arena, GW_UNSOUND_STANDBY, NULL);
    if (!detect->stable)
        return unsound(out, arena, GW_UNSOUND_EXPRESSIONS, NULL);
    for (size_t i = 0; i < detect->leaf_count; i++)
        if (!detect->leaves[i].reader.has_blocks)
            return unsound(out, arena, GW_UNSOUND_NO_TABLE, NULL);
    if (detect->leaf_count == 0 || snapshot->leaf_count == 0)
        return unsound(out, arena, GW_UNSOUND_NO_TABLE, NULL);
    if (detect->mark_count == 0 || detect->marks[0].complete == GW_NULL_INT)
        return unsound(out, arena, GW_UNSOUND_NO_MARK, NULL);
    gw_unsound fits = gw_mark_fits(&detect->marks[0], snapshot, detect->projection);
    if (fits != GW_SOUND && fits != GW_UNSOUND_SHAPE)
        return unsound(out, arena, fits, NULL);
    if (detect->marks[0].timeline != snapshot->timeline)
        return unsound(out, arena, GW_UNSOUND_TIMELINE, NULL);
    for (size_t i = 0; i < snapshot->leaf_count; i++)
        if (!leaf_is_sound(&snapshot->leaves[i], &detect->marks[0], arena, out))
            return false;
    return true;
}

/*
 * What was invisible to the last run's snapshot has an id of at least its xmin. Of a mark whose own
 * id is not above that, all of this is logged behind the mark's position. The newest such mark; and
 * never past what the last run was complete up to.
 */
static bool find_start(const gw_blocks_detect *detect, gw_arena *arena, gw_blocks_detected *out)
{
    const gw_mark *last = &detect->marks[0];
    for (size_t i = 0; i < detect->mark_count; i++) {
        const gw_mark *mark = &detect->marks[i];
        if (mark->xid == GW_NULL_INT || mark->position == GW_NULL_INT || mark->xid > last->xmin ||
            mark->timeline != last->timeline ||
            strcmp(mark->system_identifier, last->system_identifier) != 0)
            continue;
        out->start = mark->position < last->complete ? mark->position : last->complete;
        return true;
    }
    return unsound(out, arena, GW_UNSOUND_MARK_TOO_NEW, NULL);
}

typedef struct summary {
    int64_t start, end;
    bool summarizes;
    const char *inspect; /* the schema of pg_walinspect, quoted; NULL: not to be had */
} summary;

/* Are there summaries from the start on, side by side? complete: up to where. */
static bool find_summaries(const gw_blocks_detect *detect, gw_arena *arena, const char **inspect,
                           bool *covered, gw_blocks_detected *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"start_at", GW_COL_INT, false, offsetof(summary, start)},
        {"end_at", GW_COL_INT, false, offsetof(summary, end)},
        {"summarizes", GW_COL_BOOL, true, offsetof(summary, summarizes)},
        {"inspect", GW_COL_TEXT, false, offsetof(summary, inspect)},
    };
    gw_param params[] = {gw_p_int(detect->snapshot->timeline),
                         gw_p_text(gw_lsn_text(arena, out->start))};
    gw_result result;
    void *rows = NULL;
    *covered = false;
    if (!gw_query(detect->beside, arena, &gw_sql_source_summaries, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, 4, sizeof(summary), &rows, err))
        return false;
    const summary *list = rows;
    *inspect = list[0].inspect;
    out->complete = out->start;
    if (!list[0].summarizes) {
        unsound(out, arena, GW_UNSOUND_NOT_SUMMARIZED, NULL);
        return true;
    }
    for (size_t i = 0; i < result.rows && list[i].start != GW_NULL_INT; i++) {
        if (list[i].start > out->complete) {
            unsound(out, arena, GW_UNSOUND_GAP, NULL);
            return true;
        }
        if (list[i].end > out->complete)
            out->complete = list[i].end;
    }
    *covered = true;
    return true;
}

static void add_run(gw_arena *arena, gw_runs *runs, int64_t first, int64_t end)
{
    if (first < end)
        *gw_vec_push(arena, runs) = (gw_blocks){(uint32_t)first, (uint32_t)end};
}

typedef struct named {
    int64_t file_node, first, end, cut_from;
} named;

/* Cut off, or made: suspect from there on. Where that is from the first block on the file is still
 * the one of the mark, so the table was made before it in the same summary, or had become empty. */
static void take_named(const gw_blocks_detect *detect, gw_arena *arena, const named *one,
                       gw_runs *runs)
{
    for (size_t i = 0; i < detect->leaf_count; i++) {
        for (size_t at = 0; at < detect->snapshot->leaf_count; at++) {
            const gw_stored_leaf *leaf = &detect->snapshot->leaves[at];
            if (leaf->file_node != one->file_node || leaf->oid != detect->leaves[i].oid)
                continue;
            if (one->cut_from != GW_NULL_INT)
                add_run(arena, &runs[i], one->cut_from, GW_BLOCKS_END);
            else
                add_run(arena, &runs[i], one->first, one->end);
        }
    }
}

static bool take_all_named(const gw_blocks_detect *detect, gw_arena *arena, const gw_result *result,
                           gw_runs *runs, gw_err *err)
{
    static const gw_col cols[] = {
        {"file_node", GW_COL_INT, true, offsetof(named, file_node)},
        {"first_block", GW_COL_INT, false, offsetof(named, first)},
        {"end_block", GW_COL_INT, false, offsetof(named, end)},
        {"cut_from", GW_COL_INT, false, offsetof(named, cut_from)},
    };
    void *rows = NULL;
    if (!gw_rows(arena, result, cols, 4, sizeof(named), &rows, err))
        return false;
    for (size_t i = 0; i < result->rows; i++)
        take_named(detect, arena, (named *)rows + i, runs);
    return true;
}

/* '{1,2}' of the leaves' file nodes, or of their tablespaces. */
static const char *files_of(gw_arena *arena, const gw_snapshot *snapshot, bool tablespaces)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < snapshot->leaf_count; i++)
        gw_buf_addf(&text, "%s%" PRId64, i ? "," : "{",
                    tablespaces ? snapshot->leaves[i].tablespace : snapshot->leaves[i].file_node);
    gw_buf_addc(&text, '}');
    return gw_buf_str(&text);
}

static bool read_summaries(const gw_blocks_detect *detect, gw_arena *arena, gw_runs *runs,
                           gw_blocks_detected *out, gw_err *err)
{
    gw_param params[] = {gw_p_int(detect->snapshot->timeline),
                         gw_p_text(gw_lsn_text(arena, out->start)),
                         gw_p_text(gw_lsn_text(arena, out->complete)),
                         gw_p_text(files_of(arena, detect->snapshot, false)),
                         gw_p_text(files_of(arena, detect->snapshot, true))};
    gw_result result;
    return gw_query(detect->beside, arena, &gw_sql_source_changed_blocks, params, 5, &result,
                    err) &&
           take_all_named(detect, arena, &result, runs, err);
}

/*
 * The log behind the last summary, where the role may read it: up to what the snapshot has seen.
 * Whatever does not work about it (a right that is missing, nothing logged yet, files that are
 * gone) leaves detection complete up to the last summary's end.
 */
static bool read_tail(const gw_blocks_detect *detect, gw_arena *arena, const char *inspect,
                      gw_runs *runs, gw_blocks_detected *out, gw_err *err)
{
    const gw_snapshot *snapshot = detect->snapshot;
    if (out->complete >= snapshot->position_after) {
        out->tail = true;
        return true;
    }
    if (!inspect)
        return true;
    const char *text = gw_printf(
        arena,
        "SELECT DISTINCT b.relfilenode::pg_catalog.int8 AS file_node,"
        " b.relblocknumber::pg_catalog.int8 AS first_block,"
        " b.relblocknumber::pg_catalog.int8 + 1 AS end_block, NULL::pg_catalog.int8 AS cut_from"
        " FROM %s.pg_get_wal_block_info($1::pg_catalog.pg_lsn, $2::pg_catalog.pg_lsn, false) b"
        " WHERE b.reldatabase = $3::pg_catalog.int8::pg_catalog.oid AND b.relforknumber = 0"
        " AND b.relfilenode::pg_catalog.int8 = ANY ($4::pg_catalog.int8[]) ORDER BY 1, 2",
        inspect);
    gw_param params[] = {gw_p_text(gw_lsn_text(arena, out->complete)),
                         gw_p_text(gw_lsn_text(arena, snapshot->position_after)),
                         gw_p_int(snapshot->identity.database_oid),
                         gw_p_text(files_of(arena, snapshot, false))};
    gw_result result;
    gw_err failed = {0};
    bool ok =
        gw_snapshot_settle(detect->beside, snapshot, &failed) &&
        gw_query_text(detect->beside, arena, "source/tail", text, params, 4, &result, &failed);
    if (!ok && (failed.kind == GW_ERR_LOST || failed.kind == GW_ERR_INTERRUPTED)) {
        gw_err_move(err, &failed);
        return false;
    }
    gw_err_clear(&failed);
    if (!ok)
        return true;
    out->tail = true;
    out->complete = snapshot->position_after;
    return take_all_named(detect, arena, &result, runs, err);
}

static int by_first(const void *a, const void *b)
{
    uint32_t one = ((const gw_blocks *)a)->first, other = ((const gw_blocks *)b)->first;
    return (one > other) - (one < other);
}

static void join_runs(gw_runs *runs)
{
    size_t left = 0;
    if (runs->len > 1)
        qsort(runs->items, runs->len, sizeof *runs->items, by_first);
    for (size_t i = 0; i < runs->len; i++) {
        gw_blocks *last = left ? &runs->items[left - 1] : NULL;
        if (!last || runs->items[i].first > last->end)
            runs->items[left++] = runs->items[i];
        else if (runs->items[i].end > last->end)
            last->end = runs->items[i].end;
    }
    runs->len = left;
}

bool gw_changed_runs(const gw_blocks_detect *detect, gw_arena *arena, gw_runs *runs,
                     gw_blocks_detected *out, gw_err *err)
{
    const char *inspect = NULL;
    bool covered = false;
    memset(runs, 0, detect->leaf_count * sizeof *runs);
    if (!is_sound(detect, arena, out) || !find_start(detect, arena, out))
        return true;
    if (!find_summaries(detect, arena, &inspect, &covered, out, err))
        return false;
    if (!covered)
        return true;
    if (!read_tail(detect, arena, inspect, runs, out, err))
        return false;
    if (detect->whole && !out->tail) {
        unsound(out, arena, GW_UNSOUND_TAIL, NULL);
        return true;
    }
    if (!read_summaries(detect, arena, runs, out, err))
        return false;
    for (size_t i = 0; i < detect->leaf_count; i++) {
        if (!leaf_of(&detect->marks[0], detect->leaves[i].oid))
            add_run(arena, &runs[i], 0, GW_BLOCKS_END);
        join_runs(&runs[i]);
    }
    return true;
}
