#include "sync/analysis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/moved.h"

enum {
    FEW = 2000,      /* keys of a row of changes, where a quarter of what waits is fewer, … */
    MANY = 16000,    /* … or more: it is what one worker takes, and no batch is larger */
    BYTES = 1 << 20, /* of keys in it */
    HELD = 8 << 20,  /* of changes that wait to be put in order */
};

/* A row that changed: where it is kept (a new one: where it lies), and its key now. */
typedef struct place {
    gw_fingerprint print;
    const char *key;
    uint32_t key_len;
    bool known;
} place;

/* Changes of one kind. */
typedef struct filling {
    const char *kind;
    gw_arena *own;
    GW_VEC(place) rows;
    size_t bytes;
} filling;

enum { NEW, MODIFIED, DELETED, KINDS };

struct gw_analysis_writer {
    gw_session *store;
    gw_analysis_of of;
    int64_t number;
    filling kinds[KINDS];
    gw_moves *moves; /* NULL: passed over */
    int64_t counts[KINDS];
    bool open;
};

static void clear(filling *f)
{
    gw_arena_reset(f->own);
    memset(&f->rows, 0, sizeof f->rows);
    f->bytes = 0;
}

static void release(void *arg)
{
    gw_analysis_writer *writer = arg;
    for (int i = 0; i < KINDS; i++)
        gw_arena_free(writer->kinds[i].own);
}

bool gw_analysis_begin(gw_session *store, gw_arena *arena, const gw_analysis_of *of,
                       gw_analysis_writer **out, gw_err *err)
{
    static const char *const kinds[] = {"n", "m", "d"};
    gw_analysis_writer *writer = gw_alloc(arena, sizeof *writer);
    *writer = (gw_analysis_writer){.store = store, .of = *of};
    if (!of->id)
        writer->of.id = gw_strdup(arena, gw_uuid_v7().text);
    if (!of->group)
        writer->of.group = writer->of.id;
    for (int i = 0; i < KINDS; i++) {
        writer->kinds[i] = (filling){.kind = kinds[i], .own = gw_arena_new()};
        clear(&writer->kinds[i]);
    }
    gw_arena_defer(arena, release, writer);
    if (of->moves)
        writer->moves = gw_moves_new(arena, store, of->entity);
    gw_param params[] = {gw_p_text(writer->of.id), gw_p_text(writer->of.group),
                         gw_p_text(of->entity), gw_p_text(of->baseline ? "baseline" : "detection"),
                         gw_p_text(of->mapping_id)};
    *out = writer;
    writer->open = gw_session_begin(store, NULL, err);
    if (writer->open && gw_exec_sql(store, &gw_sql_analysis_put, params, 5, err))
        return true;
    gw_analysis_abandon(writer);
    return false;
}

const char *gw_analysis_id(const gw_analysis_writer *writer)
{
    return writer->of.id;
}

void gw_analysis_abandon(gw_analysis_writer *writer)
{
    if (writer && writer->open)
        gw_session_rollback(writer->store);
    if (writer)
        writer->open = false;
}

/* '\x…' */
static const char *bytea(gw_arena *arena, const gw_buf *buf)
{
    static const char digits[] = "0123456789abcdef";
    char *text = gw_alloc(arena, 2 * buf->len + 3), *at = text;
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < buf->len; i++) {
        unsigned char byte = (unsigned char)buf->data[i];
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return text;
}

static void add_key(gw_buf *buf, const char *key, size_t len)
{
    gw_buf_add(buf, buf->len ? ",\"" : "{\"");
    for (size_t i = 0; i < len; i++) {
        if (key[i] == '"' || key[i] == '\\')
            gw_buf_addc(buf, '\\');
        gw_buf_addc(buf, key[i]);
    }
    gw_buf_addc(buf, '"');
}

/* As many of them as belong together: kept in one leaf, or not kept. */
static size_t together(const place *rows, size_t count, size_t most)
{
    size_t len = 0, bytes = 0;
    while (len < count && len < most && bytes < BYTES && rows[len].known == rows[0].known &&
           (!rows[0].known || rows[len].print.leaf == rows[0].print.leaf))
        bytes += rows[len++].key_len;
    return len;
}

static bool write_rows(gw_analysis_writer *writer, const char *kind, const place *rows,
                       size_t count, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_buf keys = GW_BUF(arena);
    gw_packer kept;
    bool known = rows[0].known;
    gw_pack_begin(&kept, arena);
    for (size_t i = 0; i < count; i++) {
        add_key(&keys, rows[i].key, rows[i].key_len);
        if (known)
            gw_pack_add(&kept, &rows[i].print);
    }
    gw_buf_addc(&keys, '}');
    gw_param params[] = {gw_p_text(writer->of.id),
                         gw_p_int(++writer->number),
                         gw_p_text(kind),
                         gw_p_text(gw_buf_str(&keys)),
                         gw_p_text(known ? bytea(arena, &kept.buf) : NULL),
                         known ? gw_p_int(rows[0].print.leaf) : gw_p_text(NULL),
                         gw_p_text(NULL),
                         gw_p_text(NULL),
                         gw_p_int((int64_t)count)};
    bool ok = gw_exec_sql(writer->store, &gw_sql_changes_put, params, 9, err);
    gw_arena_free(arena);
    return ok;
}

static int by_place(const void *a, const void *b)
{
    const place *one = a, *other = b;
    if (one->known != other->known)
        return one->known - other->known;
    if (one->print.leaf != other->print.leaf)
        return one->print.leaf < other->print.leaf ? -1 : 1;
    if (one->print.block != other->print.block)
        return one->print.block < other->print.block ? -1 : 1;
    size_t len = one->key_len < other->key_len ? one->key_len : other->key_len;
    int order = memcmp(one->key, other->key, len);
    return order ? order : (one->key_len > other->key_len) - (one->key_len < other->key_len);
}

/* In the order in which they lie: a batch is then a stretch of the table, whose rows and segments
 * are side by side. As they are told they come in the order of a hash. */
static bool flush(gw_analysis_writer *writer, filling *f, gw_err *err)
{
    bool ok = true;
    size_t most = f->rows.len / 4 < FEW ? FEW : f->rows.len / 4 < MANY ? f->rows.len / 4 : MANY;
    if (f->rows.len)
        qsort(f->rows.items, f->rows.len, sizeof *f->rows.items, by_place);
    for (size_t at = 0, count; ok && at < f->rows.len; at += count) {
        count = together(f->rows.items + at, f->rows.len - at, most);
        ok = write_rows(writer, f->kind, f->rows.items + at, count, err);
    }
    clear(f);
    return ok;
}

/* The largest heap goes when they are too much together. */
static bool make_room(gw_analysis_writer *writer, gw_err *err)
{
    filling *largest = &writer->kinds[NEW];
    size_t held = 0;
    for (int i = 0; i < KINDS; i++) {
        held += writer->kinds[i].bytes;
        if (writer->kinds[i].bytes > largest->bytes)
            largest = &writer->kinds[i];
    }
    return held < HELD || flush(writer, largest, err);
}

bool gw_analysis_add(void *self, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err)
{
    gw_analysis_writer *writer = self;
    if (change == GW_ROW_MOVED)
        return !writer->moves || gw_moves_add(writer->moves, seen, kept, err);
    int kind = change == GW_ROW_NEW ? NEW : change == GW_ROW_MODIFIED ? MODIFIED : DELETED;
    filling *f = &writer->kinds[kind];
    const gw_fingerprint *one = seen ? seen : kept;
    writer->counts[kind]++;
    place *row = gw_vec_push(f->own, &f->rows);
    *row = (place){.print = kept ? *kept : *one,
                   .key = gw_memdup(f->own, one->key, one->key_len),
                   .key_len = (uint32_t)one->key_len,
                   .known = kept != NULL};
    row->print.key = kept ? gw_memdup(f->own, kept->key, kept->key_len) : row->key;
    f->bytes += 3 * sizeof *row + one->key_len + (kept ? kept->key_len : 0);
    return make_room(writer, err);
}

bool gw_analysis_add_blocks(gw_analysis_writer *writer, uint32_t leaf, gw_blocks blocks,
                            int64_t rows, gw_err *err)
{
    gw_param params[] = {gw_p_text(writer->of.id), gw_p_int(++writer->number), gw_p_text("n"),
                         gw_p_text(NULL),          gw_p_text(NULL),            gw_p_int(leaf),
                         gw_p_int(blocks.first),   gw_p_int(blocks.end),       gw_p_int(rows)};
    writer->counts[NEW] += rows;
    return gw_exec_sql(writer->store, &gw_sql_changes_put, params, 9, err);
}

json_t *gw_analysis_metadata(gw_arena *arena, const gw_find_result *found)
{
    json_t *json = gw_json_own(arena, json_object());
    json_object_set_new(json, "first", json_boolean(found->first));
    json_object_set_new(json, "known_rows", json_integer(found->kept_rows));
    json_object_set_new(json, "rows_read", json_integer(found->rows_read));
    json_object_set_new(json, "moved", json_integer(found->counts[GW_ROW_MOVED]));
    json_object_set_new(json, "retried", json_integer(found->retried));
    if (found->method == GW_METHOD_BLOCKS) {
        json_object_set_new(json, "blocks", json_integer(found->blocks));
        json_object_set_new(json, "blocks_read", json_integer(found->blocks_read));
    }
    return json;
}

bool gw_analysis_end(gw_analysis_writer *writer, const gw_analysis_counts *counts,
                     gw_arena *arena, gw_analysis *out, gw_err *err)
{
    bool ok = true;
    gw_analysis_list list;
    for (int i = 0; ok && i < KINDS; i++)
        ok = flush(writer, &writer->kinds[i], err);
    ok = ok && (!writer->moves || gw_moves_flush(writer->moves, err));
    bool baseline = writer->of.baseline;
    gw_param params[] = {
        gw_p_text(writer->of.id),
        gw_p_int(counts->source),
        gw_p_int(counts->destination),
        gw_p_int(writer->counts[NEW]),
        gw_p_int(writer->counts[MODIFIED]),
        gw_p_int(writer->counts[DELETED]),
        gw_p_text(baseline ? NULL : gw_method_word(counts->method)),
        gw_p_text(counts->why),
        gw_p_text(counts->mark ? gw_json_dump(arena, gw_mark_json(arena, counts->mark)) : NULL),
        gw_p_text(counts->metadata ? gw_json_dump(arena, counts->metadata) : NULL),
        gw_p_int(counts->ahead)};
    ok = ok && gw_exec_sql(writer->store, &gw_sql_analysis_end, params, 11, err) &&
         gw_analyses_read(writer->store, arena, writer->of.id, &list, err) &&
         gw_session_commit(writer->store, err);
    if (!ok) {
        gw_analysis_abandon(writer);
        return gw_err_context(err, "while writing what was found of %s", writer->of.entity);
    }
    writer->open = false;
    for (size_t i = 0; i < list.len; i++) /* the first of a call shares the call's id */
        if (strcmp(list.items[i].id, writer->of.id) == 0)
            *out = list.items[i];
    return true;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool is_id(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    }
    return len == 36;
}

bool gw_analyses_read(gw_session *session, gw_arena *arena, const char *id, gw_analysis_list *out,
                      gw_err *err)
{
    static const gw_col cols[] = {
        {"id", GW_COL_TEXT, true, offsetof(gw_analysis, id)},
        {"analysis_group", GW_COL_TEXT, true, offsetof(gw_analysis, group)},
        {"entity", GW_COL_TEXT, true, offsetof(gw_analysis, entity)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_analysis, kind)},
        {"mapping_id", GW_COL_TEXT, true, offsetof(gw_analysis, mapping_id)},
        {"method", GW_COL_TEXT, false, offsetof(gw_analysis, method)},
        {"why", GW_COL_TEXT, false, offsetof(gw_analysis, why)},
        {"metadata", GW_COL_TEXT, true, offsetof(gw_analysis, metadata)},
        {"mark", GW_COL_TEXT, false, offsetof(gw_analysis, mark)},
        {"made_at", GW_COL_TIME, true, offsetof(gw_analysis, made_at)},
        {"last_run_at", GW_COL_TIME, false, offsetof(gw_analysis, last_run_at)},
        {"source_rows", GW_COL_INT, true, offsetof(gw_analysis, source_rows)},
        {"destination_rows", GW_COL_INT, true, offsetof(gw_analysis, destination_rows)},
        {"added", GW_COL_INT, true, offsetof(gw_analysis, added)},
        {"modified", GW_COL_INT, true, offsetof(gw_analysis, modified)},
        {"deleted", GW_COL_INT, true, offsetof(gw_analysis, deleted)},
        {"changes", GW_COL_INT, true, offsetof(gw_analysis, changes)},
        {"percentage", GW_COL_TEXT, true, offsetof(gw_analysis, percentage)},
        {"estimated_ms", GW_COL_INT, false, offsetof(gw_analysis, estimated_ms)},
    };
    gw_param param = gw_p_text(id);
    gw_result result;
    void *rows;
    *out = (gw_analysis_list){0};
    if (!is_id(id)) {
        gw_err_set(err, GW_ERR_USAGE, "\"%s\" is no id of an analysis", id);
        return gw_err_hint(err, "godwit sync detect prints the id of what it stored");
    }
    if (!gw_query(session, arena, &gw_sql_analysis_read, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_analysis), &rows, err))
        return false;
    *out = (gw_analysis_list){.items = rows, .len = result.rows};
    if (out->len)
        return true;
    gw_err_set(err, GW_ERR_STATE, "there is no analysis %s", id);
    return gw_err_hint(err, "godwit sync detect prints the id of what it stored");
}

bool gw_analysis_is_first(const gw_analysis *analysis)
{
    gw_arena *arena = gw_arena_new();
    gw_err ignored = {0};
    json_t *json = gw_json_parse(arena, "metadata", analysis->metadata,
                                 strlen(analysis->metadata), &ignored);
    bool first = json && json_is_true(json_object_get(json, "first"));
    gw_err_clear(&ignored);
    gw_arena_free(arena);
    return first;
}

bool gw_analysis_applies(gw_session *session, const gw_analysis *analysis, const char *mapping_id,
                         const char *session_id, gw_err *err)
{
    static const gw_col cols[] = {{"session", GW_COL_TEXT, true, 0}};
    static const char again[] = "godwit sync detect makes one of how things are now";
    gw_param params[] = {gw_p_text(analysis->id), gw_p_text(session_id)};
    gw_result result;
    const char *by;
    if (strcmp(analysis->kind, "detection") != 0) {
        gw_err_set(err, GW_ERR_STATE, "analysis %s only counts the rows of %s", analysis->id,
                   analysis->entity);
        return gw_err_hint(err, "%s", again);
    }
    if (strcmp(analysis->mapping_id, mapping_id) != 0) {
        gw_err_set(err, GW_ERR_STATE,
                   "analysis %s was made under another version of the mapping of %s than the one "
                   "that is active",
                   analysis->id, analysis->entity);
        return gw_err_hint(err, "%s", again);
    }
    gw_arena *arena = gw_arena_new();
    bool ok = gw_query(session, arena, &gw_sql_analysis_applied, params, 2, &result, err);
    if (ok && result.rows > 0 && (ok = gw_row(arena, &result, cols, 1, &by, err))) {
        gw_err_set(err, GW_ERR_STATE, "analysis %s of %s is applied already", analysis->id,
                   analysis->entity);
        gw_err_detail(err, "by session %s", by);
        ok = gw_err_hint(err, "%s", again);
    }
    gw_arena_free(arena);
    return ok;
}

typedef struct changes_row {
    const char *kind, *keys;
    gw_bytes kept;
    int64_t leaf, first, end, rows;
} changes_row;

/* What was kept, a fingerprint a key. */
static bool unpack(gw_arena *arena, const changes_row *row, gw_changes *out, gw_err *err)
{
    gw_unpacker unpacker;
    bool more = true;
    if (!row->kept.data)
        return true;
    out->kept = gw_alloc_array(arena, out->count + 1, sizeof *out->kept);
    if (!gw_unpack_begin(&unpacker, row->kept.data, row->kept.len, err))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (!gw_unpack_next(&unpacker, &out->kept[i], &more, err))
            return false;
        if (!more)
            return gw_err_set(err, GW_ERR_STATE, "an analysis holds more keys than fingerprints");
        out->kept[i].leaf = out->leaf;
        /* The key seen may be spelled otherwise than the one kept: 'A' for 'a' where they are equal. */
    }
    return true;
}

bool gw_changes_read(gw_session *session, gw_arena *arena, const char *analysis, int64_t number,
                     gw_changes *out, bool *found, gw_err *err)
{
    static const gw_col cols[] = {
        {"kind", GW_COL_TEXT, true, offsetof(changes_row, kind)},
        {"keys", GW_COL_TEXT, false, offsetof(changes_row, keys)},
        {"kept", GW_COL_BYTES, false, offsetof(changes_row, kept)},
        {"leaf", GW_COL_INT, false, offsetof(changes_row, leaf)},
        {"first_block", GW_COL_INT, false, offsetof(changes_row, first)},
        {"end_block", GW_COL_INT, false, offsetof(changes_row, end)},
        {"key_count", GW_COL_INT, true, offsetof(changes_row, rows)},
    };
    gw_param params[] = {gw_p_text(analysis), gw_p_int(number)};
    gw_result result;
    changes_row row;
    *out = (gw_changes){.number = number};
    if (!gw_query(session, arena, &gw_sql_changes_read, params, 2, &result, err))
        return false;
    *found = result.rows > 0;
    if (!*found)
        return true;
    if (!gw_row(arena, &result, cols, 7, &row, err))
        return false;
    out->kind = *row.kind;
    out->rows = row.rows;
    out->leaf = row.leaf == GW_NULL_INT ? 0 : (uint32_t)row.leaf;
    if (!row.keys) {
        out->blocks = (gw_blocks){(uint32_t)row.first, (uint32_t)row.end};
        return true;
    }
    json_t *keys = gw_json_parse(arena, "keys", row.keys, strlen(row.keys), err);
    if (!keys)
        return false;
    out->count = json_array_size(keys);
    out->keys = gw_alloc_array(arena, out->count + 1, sizeof *out->keys);
    for (size_t i = 0; i < out->count; i++)
        out->keys[i] = json_string_value(json_array_get(keys, i));
    return unpack(arena, &row, out, err);
}
