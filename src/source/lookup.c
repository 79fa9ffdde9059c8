#include "source/lookup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/pipeline.h"
#include "sql/quote.h"
#include "sql_source.h"

enum {
    KEYS = 2000, /* a statement */
    GROUP = 64,  /* statements under way at a time */
};

bool gw_lookup_prepare(gw_session *session, gw_arena *arena, gw_key_part *parts, size_t count,
                       gw_err *err)
{
    typedef struct operator_row {
        const char *schema, *name;
    } operator_row;
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(operator_row, schema)},
        {"name", GW_COL_TEXT, true, offsetof(operator_row, name)},
    };
    gw_buf types = GW_BUF(arena);
    for (size_t i = 0; i < count; i++)
        gw_buf_addf(&types, "%s%" PRId64, i ? "," : "{", parts[i].type_oid);
    gw_buf_add(&types, count ? "}" : "{}");
    gw_param param = gw_p_text(gw_buf_str(&types));
    gw_result result;
    void *rows = NULL;
    if (!gw_query(session, arena, &gw_sql_source_equality, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(operator_row), &rows, err))
        return false;
    for (size_t i = 0; i < count && i < result.rows; i++) {
        const operator_row *row = (operator_row *)rows + i;
        parts[i].equals =
            gw_printf(arena, "OPERATOR(%s.%s)", gw_quote_ident(arena, row->schema), row->name);
    }
    return true;
}

/* The key's text form and back: one part as it is, several as a JSON array of texts. */
static const char *keys_text(gw_arena *arena, const gw_lookup *lookup)
{
    const gw_reader *reader = lookup->reader;
    gw_buf text = GW_BUF(arena);
    gw_buf_addf(&text,
                "SELECT k.n AS number, t.found, t.leaf, t.block, t.key, t.fingerprint"
                " FROM unnest($1::pg_catalog.text[]) WITH ORDINALITY k (key, n) LEFT JOIN LATERAL ("
                "SELECT true AS found, %s AS leaf, %s AS block, %s AS key, %s AS fingerprint"
                " FROM %s WHERE ",
                reader->has_blocks ? "tableoid::pg_catalog.int8" : "0::pg_catalog.int8",
                reader->has_blocks ? "ctid::pg_catalog.text" : "'(0,0)'::pg_catalog.text",
                reader->key, reader->fingerprint, reader->from);
    for (size_t i = 0; i < lookup->part_count; i++) {
        const gw_key_part *part = &lookup->parts[i];
        const char *value = lookup->part_count == 1
                                ? "k.key"
                                : gw_printf(arena, "(k.key::pg_catalog.jsonb ->> %zu)", i);
        gw_buf_addf(&text, "%s%s %s %s::%s", i ? " AND " : "", part->sql,
                    part->equals ? part->equals : "OPERATOR(pg_catalog.=)", value, part->type);
    }
    gw_buf_add(&text, ") t ON true ORDER BY k.n");
    return gw_buf_str(&text);
}

/* '{"a","b\"c"}' */
static const char *keys_array(gw_arena *arena, const gw_key_text *keys, size_t count)
{
    gw_buf text = GW_BUF(arena);
    gw_buf_addc(&text, '{');
    for (size_t i = 0; i < count; i++) {
        gw_buf_add(&text, i ? ",\"" : "\"");
        for (size_t at = 0; at < keys[i].len; at++) {
            if (keys[i].key[at] == '"' || keys[i].key[at] == '\\')
                gw_buf_addc(&text, '\\');
            gw_buf_addc(&text, keys[i].key[at]);
        }
        gw_buf_addc(&text, '"');
    }
    gw_buf_addc(&text, '}');
    return gw_buf_str(&text);
}

typedef struct looked_up {
    int64_t number, leaf, fingerprint;
    bool found;
    const char *block, *key;
} looked_up;

static uint32_t block_of(const char *tid)
{
    return (uint32_t)strtoul(tid + 1, NULL, 10); /* "(12,3)" */
}

static bool some_keys(const gw_lookup *lookup, const char *text, const gw_key_text *keys,
                      size_t from, size_t count, gw_lookup_fn *fn, void *self, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(looked_up, number)},
        {"found", GW_COL_BOOL, false, offsetof(looked_up, found)},
        {"leaf", GW_COL_INT, false, offsetof(looked_up, leaf)},
        {"block", GW_COL_TEXT, false, offsetof(looked_up, block)},
        {"key", GW_COL_TEXT, false, offsetof(looked_up, key)},
        {"fingerprint", GW_COL_INT, false, offsetof(looked_up, fingerprint)},
    };
    gw_arena *arena = gw_arena_new();
    gw_param param = gw_p_text(keys_array(arena, keys + from, count));
    gw_result result;
    void *rows = NULL;
    bool ok =
        gw_query_text(lookup->reader->session, arena, "source/lookup", text, &param, 1, &result,
                      err) &&
        gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(looked_up), &rows, err);
    for (size_t i = 0; ok && i < result.rows; i++) {
        const looked_up *one = (looked_up *)rows + i;
        size_t index = from + (size_t)one->number - 1;
        if (!one->found) {
            ok = fn(self, index, NULL, 0, err);
            continue;
        }
        gw_row_seen row = {.key = one->key,
                           .key_len = strlen(one->key),
                           .block = block_of(one->block),
                           .fingerprint = (uint64_t)one->fingerprint};
        ok = fn(self, index, &row, (uint32_t)one->leaf, err);
    }
    gw_arena_free(arena);
    return ok;
}

bool gw_lookup_keys(const gw_lookup *lookup, const gw_key_text *keys, size_t count,
                    gw_lookup_fn *fn, void *self, gw_err *err)
{
    /* Others have told the planner how to read runs of blocks. */
    if (count > 0 && !gw_exec(lookup->reader->session,
                              "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on;"
                              " SET LOCAL enable_bitmapscan = on; SET LOCAL plan_cache_mode = "
                              "force_custom_plan; SET LOCAL jit = off",
                              err))
        return false;
    gw_arena *arena = gw_arena_new();
    const char *text = keys_text(arena, lookup);
    bool ok = true;
    for (size_t at = 0; ok && at < count; at += KEYS)
        ok =
            some_keys(lookup, text, keys, at, count - at < KEYS ? count - at : KEYS, fn, self, err);
    gw_arena_free(arena);
    return ok;
}

/* ---- many runs ---------------------------------------------------------------------------- */

static bool take_range(const gw_reader *reader, gw_row_seen_fn *fn, void *self, gw_err *err)
{
    typedef struct ranged {
        const char *block, *key;
        int64_t fingerprint;
    } ranged;
    static const gw_col cols[] = {
        {"block", GW_COL_TEXT, true, offsetof(ranged, block)},
        {"key", GW_COL_TEXT, false, offsetof(ranged, key)},
        {"fingerprint", GW_COL_INT, true, offsetof(ranged, fingerprint)},
    };
    gw_arena *arena = gw_arena_new();
    gw_result result;
    bool skipped;
    void *rows = NULL;
    bool ok = gw_pipeline_next(reader->session, arena, "source/range_of_blocks", &result, &skipped,
                               err) &&
              gw_rows(arena, &result, cols, 3, sizeof(ranged), &rows, err);
    for (size_t i = 0; ok && i < result.rows; i++) {
        const ranged *one = (ranged *)rows + i;
        if (!one->key) {
            gw_err_set(err, GW_ERR_STATE, "a key of the source is NULL");
            ok = gw_err_hint(
                err, "A mapping's key has to name every row: choose columns that are NOT NULL.");
            break;
        }
        gw_row_seen row = {.key = one->key,
                           .key_len = strlen(one->key),
                           .block = block_of(one->block),
                           .fingerprint = (uint64_t)one->fingerprint};
        ok = fn(self, &row, err);
    }
    gw_arena_free(arena);
    return ok;
}

static bool group_of_ranges(const gw_reader *reader, const char *text, const gw_blocks *runs,
                            size_t count, gw_row_seen_fn *fn, void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        gw_param params[2] = {gw_p_text(gw_printf(arena, "(%" PRIu32 ",0)", runs[i].first)),
                              gw_p_text(gw_printf(arena, "(%" PRIu32 ",0)", runs[i].end))};
        ok = gw_pipeline_add(reader->session, text, params, 2, err);
    }
    ok = ok && gw_pipeline_sync(reader->session, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = take_range(reader, fn, self, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_reader_ranges(const gw_reader *reader, const gw_blocks *runs, size_t count,
                      gw_row_seen_fn *fn, void *self, gw_err *err)
{
    if (count == 0)
        return true;
    if (!gw_exec(reader->session,
                 "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"
                 " SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;"
                 " SET LOCAL jit = off",
                 err))
        return false;
    gw_arena *arena = gw_arena_new();
    const char *text =
        gw_printf(arena,
                  "SELECT ctid AS block, %s AS key, %s AS fingerprint FROM %s"
                  " WHERE ctid >= $1::pg_catalog.tid AND ctid < $2::pg_catalog.tid",
                  reader->key, reader->fingerprint, reader->from);
    gw_err ignored = {0};
    bool ok = gw_pipeline_start(reader->session, err);
    for (size_t i = 0; ok && i < count; i += GROUP)
        ok = group_of_ranges(reader, text, runs + i, count - i < GROUP ? count - i : GROUP, fn,
                             self, err);
    if (!gw_pipeline_end(reader->session, ok ? err : &ignored))
        ok = false;
    gw_err_clear(&ignored);
    gw_arena_free(arena);
    return ok;
}
