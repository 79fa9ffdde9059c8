#include "sync/segments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "pg/copy.h"
#include "pg/copy_rows.h"
#include "sql_sync.h"
#include "sync/keyed.h"

/* Bytes at which a segment is full at the end of a block: with those of one more block it still
 * lies in the table itself, not beside it. */
enum { FULL = 1000, AT_ONCE = 256 };

bool gw_segments_leaves(gw_session *session, gw_arena *arena, const char *entity,
                        gw_leaf_kept_list *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"leaf", GW_COL_INT, true, offsetof(gw_leaf_kept, leaf)},
        {"rows", GW_COL_INT, true, offsetof(gw_leaf_kept, rows)},
    };
    gw_result result;
    gw_param param = gw_p_text(entity);
    void *rows = NULL;
    *out = (gw_leaf_kept_list){0};
    if (!gw_query(session, arena, &gw_sql_segments_leaves, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof *out->items, &rows, err))
        return false;
    *out = (gw_leaf_kept_list){.items = rows, .len = result.rows};
    return true;
}

typedef struct listed {
    int64_t first, end, count;
    const char *sum;
} listed;

bool gw_segments_list(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                      gw_segment_list *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"first_block", GW_COL_INT, true, offsetof(listed, first)},
        {"end_block", GW_COL_INT, true, offsetof(listed, end)},
        {"row_count", GW_COL_INT, true, offsetof(listed, count)},
        {"hash_sum", GW_COL_TEXT, true, offsetof(listed, sum)},
    };
    gw_arena *scratch = gw_arena_new();
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf)};
    gw_result result;
    void *rows = NULL;
    bool ok = gw_query(session, scratch, &gw_sql_segments_list, params, 2, &result, err) &&
              gw_rows(scratch, &result, cols, 4, sizeof(listed), &rows, err);
    *out = (gw_segment_list){0};
    for (size_t i = 0; ok && i < result.rows; i++) {
        const listed *row = (listed *)rows + i;
        gw_segment *segment = gw_vec_push(arena, out);
        segment->blocks = (gw_blocks){(uint32_t)row->first, (uint32_t)row->end};
        segment->count = row->count;
        if (!gw_int128_read(row->sum, &segment->sum))
            ok = gw_err_set(err, GW_ERR_STATE,
                            "godwit.sync_segments holds a sum that is no sum of fingerprints");
    }
    gw_arena_free(scratch);
    return ok;
}

typedef struct loaded {
    int64_t first, end;
    gw_bytes packed;
} loaded;

static const gw_col loaded_cols[] = {
    {"first_block", GW_COL_INT, true, offsetof(loaded, first)},
    {"end_block", GW_COL_INT, true, offsetof(loaded, end)},
    {"packed", GW_COL_BYTES, true, offsetof(loaded, packed)},
};

bool gw_segments_load(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                      gw_blocks blocks, gw_fingerprint_fn *fn, void *self, gw_err *err)
{
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf), gw_p_int(blocks.first),
                         gw_p_int(blocks.end)};
    gw_result result;
    void *rows = NULL;
    if (!gw_query(session, arena, &gw_sql_segments_load, params, 4, &result, err) ||
        !gw_rows(arena, &result, loaded_cols, 3, sizeof(loaded), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const loaded *row = (loaded *)rows + i;
        gw_unpacker reader;
        gw_fingerprint one;
        bool more = true;
        if (!gw_unpack_begin(&reader, row->packed.data, row->packed.len, err))
            return false;
        for (;;) {
            if (!gw_unpack_next(&reader, &one, &more, err))
                return false;
            if (!more)
                break;
            if (!fn(self, &one, err))
                return false;
        }
    }
    return true;
}

bool gw_segments_forget(gw_session *session, const char *entity, int64_t leaf, gw_err *err)
{
    gw_param params[] = {gw_p_text(entity), leaf < 0 ? gw_p_text(NULL) : gw_p_int(leaf)};
    return gw_exec_sql(session, &gw_sql_segments_forget, params, 2, err);
}

/* Segments on their way to the server: the arrays of segments_put. */
typedef struct outgoing {
    gw_buf first, end, count, sum, packed;
    size_t len;
} outgoing;

static outgoing outgoing_new(gw_arena *arena)
{
    return (outgoing){GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), 0};
}

static void add_hex(gw_buf *buf, const char *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    gw_buf_reserve(buf, 2 * len);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)data[i];
        gw_buf_addc(buf, digits[byte >> 4]);
        gw_buf_addc(buf, digits[byte & 15]);
    }
}

static void outgoing_add(outgoing *out, gw_blocks blocks, const gw_packer *packer)
{
    const char *sep = out->len++ ? "," : "{";
    gw_buf_addf(&out->first, "%s%" PRIu32, sep, blocks.first);
    gw_buf_addf(&out->end, "%s%" PRIu32, sep, blocks.end);
    gw_buf_addf(&out->count, "%s%zu", sep, packer->count);
    gw_buf_addf(&out->sum, "%s%s", sep, gw_int128_text(out->sum.arena, packer->sum));
    gw_buf_addf(&out->packed, "%s\"\\\\x", sep);
    add_hex(&out->packed, packer->buf.data, packer->buf.len);
    gw_buf_addc(&out->packed, '"');
}

static bool outgoing_send(outgoing *out, gw_session *session, const char *entity, int64_t leaf,
                          gw_err *err)
{
    if (out->len == 0)
        return true;
    gw_buf *arrays[] = {&out->first, &out->end, &out->count, &out->sum, &out->packed};
    gw_param params[7] = {gw_p_text(entity), gw_p_int(leaf)};
    for (size_t i = 0; i < 5; i++) {
        gw_buf_addc(arrays[i], '}');
        params[2 + i] = gw_p_text(gw_buf_str(arrays[i]));
    }
    return gw_exec_sql(session, &gw_sql_segments_put, params, 7, err);
}

static int by_block(const void *a, const void *b)
{
    const gw_keyed_item *one = a, *other = b;
    if (one->print.block != other->print.block)
        return one->print.block < other->print.block ? -1 : 1;
    size_t len =
        one->print.key_len < other->print.key_len ? one->print.key_len : other->print.key_len;
    int order = memcmp(one->print.key, other->print.key, len);
    return order ? order
                 : (one->print.key_len > other->print.key_len) -
                       (one->print.key_len < other->print.key_len);
}

/* What is left of a segment after its edits, as one segment or, where it has grown, as several. */
static void write_segment(outgoing *out, gw_arena *arena, gw_blocks blocks, gw_keyed_item *items,
                          size_t count)
{
    gw_packer packer;
    gw_pack_begin(&packer, arena);
    uint32_t first = blocks.first;
    if (count) /* another worker may have emptied it since */
        qsort(items, count, sizeof *items, by_block);
    for (size_t i = 0; i < count; i++) {
        uint32_t block = items[i].print.block;
        if (packer.buf.len >= FULL && block > packer.block && packer.count > 0) {
            outgoing_add(out, (gw_blocks){first, block}, &packer);
            gw_pack_clear(&packer);
            first = block;
        }
        gw_pack_add(&packer, &items[i].print);
    }
    outgoing_add(out, (gw_blocks){first, blocks.end}, &packer);
}

static int edit_order(const void *a, const void *b)
{
    uint32_t one = ((const gw_segment_edit *)a)->print.block,
             other = ((const gw_segment_edit *)b)->print.block;
    return (one > other) - (one < other);
}

/* keyed: what the segment holds. Removals first: a row that is removed and put is put. */
static void apply_edits(gw_keyed *keyed, const gw_segment_edit *edits, size_t count)
{
    for (int put = 0; put < 2; put++) {
        for (size_t i = 0; i < count; i++) {
            const gw_fingerprint *print = &edits[i].print;
            if (edits[i].remove == put)
                continue;
            uint64_t hash = gw_key_hash(print->key, print->key_len);
            gw_keyed_item *item = gw_keyed_find(keyed, print->key, print->key_len, hash);
            if (put)
                gw_keyed_put(keyed, print, hash);
            if (item)
                item->seen = edits[i].remove;
        }
    }
    size_t left = 0;
    for (size_t i = 0; i < keyed->len; i++)
        if (!keyed->items[i].seen)
            keyed->items[left++] = keyed->items[i];
    keyed->len = left;
}

static bool edit_segment(const loaded *row, const gw_segment_edit *edits, size_t count,
                         gw_keyed *keyed, outgoing *out, gw_arena *arena, gw_err *err)
{
    gw_unpacker reader;
    gw_fingerprint one;
    bool more = true;
    gw_keyed_clear(keyed);
    if (row->packed.data && !gw_unpack_begin(&reader, row->packed.data, row->packed.len, err))
        return false;
    while (row->packed.data) {
        if (!gw_unpack_next(&reader, &one, &more, err))
            return false;
        if (!more)
            break;
        gw_keyed_put(keyed, &one, gw_key_hash(one.key, one.key_len));
    }
    apply_edits(keyed, edits, count);
    write_segment(out, arena, (gw_blocks){(uint32_t)row->first, (uint32_t)row->end}, keyed->items,
                  keyed->len);
    return true;
}

static bool touch_once(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                       const gw_segment_edit *edits, size_t count, loaded **rows, size_t *len,
                       gw_err *err)
{
    gw_buf blocks = GW_BUF(arena);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || edits[i].print.block != edits[i - 1].print.block)
            gw_buf_addf(&blocks, "%s%" PRIu32, i ? "," : "{", edits[i].print.block);
    gw_buf_addc(&blocks, '}');
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf), gw_p_text(gw_buf_str(&blocks))};
    gw_result result;
    void *found = NULL;
    if (!gw_query(session, arena, &gw_sql_segments_touch, params, 3, &result, err) ||
        !gw_rows(arena, &result, loaded_cols, 3, sizeof(loaded), &found, err))
        return false;
    *rows = found;
    *len = result.rows;
    return true;
}

/* Is there a segment for every edit? Both are in order. */
static bool covered(const gw_segment_edit *edits, size_t count, const loaded *rows, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < len && at < count; i++) {
        if (edits[at].print.block < rows[i].first)
            return false;
        while (at < count && edits[at].print.block < rows[i].end)
            at++;
    }
    return at == count;
}

/* Who waited for another worker's segment may find it cut in two: then the rest is looked for
 * again, behind what is locked by now. */
static bool touch(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                  const gw_segment_edit *edits, size_t count, loaded **rows, size_t *len,
                  gw_err *err)
{
    enum { LOOKS = 20 };
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf)};
    for (int i = 0; i < LOOKS; i++) {
        if (!touch_once(session, arena, entity, leaf, edits, count, rows, len, err))
            return false;
        if (covered(edits, count, *rows, *len))
            return true;
        if (*len == 0 && !gw_exec_sql(session, &gw_sql_segments_first, params, 2, err))
            return false;
    }
    return true; /* who edits says what is missing */
}

static bool not_covered(gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "godwit.sync_segments has a gap");
    return gw_err_hint(
        err, "Something other than Godwit has written to it. Remove the entity's rows there: "
             "the next detection reads the source anew.");
}

/* Edits of so many blocks, and of what else lies in the last one's segment. *used: how many. */
static bool edit_some(gw_session *session, const char *entity, int64_t leaf,
                      const gw_segment_edit *edits, size_t count, size_t *used, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_keyed keyed = {0};
    loaded *rows = NULL;
    size_t len = 0, at = 0, some = 0;
    for (size_t blocks = 0; some < count; some++)
        if ((some == 0 || edits[some].print.block != edits[some - 1].print.block) &&
            ++blocks > AT_ONCE)
            break;
    outgoing out = outgoing_new(arena);
    bool ok = touch(session, arena, entity, leaf, edits, some, &rows, &len, err);
    for (size_t i = 0; ok && i < len; i++) {
        size_t from = at;
        while (at < count && edits[at].print.block < rows[i].end)
            at++;
        ok = (from == at || edits[from].print.block >= rows[i].first)
                 ? edit_segment(&rows[i], edits + from, at - from, &keyed, &out, arena, err)
                 : not_covered(err);
    }
    if (ok && at < some)
        ok = not_covered(err);
    *used = at;
    ok = ok && outgoing_send(&out, session, entity, leaf, err);
    gw_keyed_free(&keyed);
    gw_arena_free(arena);
    return ok;
}

bool gw_segments_edit(gw_session *session, const char *entity, int64_t leaf, gw_segment_edit *edits,
                      size_t count, gw_err *err)
{
    if (count)
        qsort(edits, count, sizeof *edits, edit_order);
    for (size_t at = 0, used; at < count; at += used)
        if (!edit_some(session, entity, leaf, edits + at, count - at, &used, err))
            return false;
    return true;
}

struct gw_segment_writer {
    const char *entity;
    int64_t leaf;
    uint32_t first, end, block;
    gw_packer packer;
    gw_buf out; /* rows of COPY, as text: there is nothing yet that they could replace */
};

gw_segment_writer *gw_segment_writer_new(gw_arena *arena, const char *entity, int64_t leaf,
                                         gw_blocks run)
{
    gw_segment_writer *writer = gw_alloc(arena, sizeof *writer);
    gw_buf name = GW_BUF(arena);
    gw_copy_add_text(&name, (gw_copy_field){entity, (int32_t)strlen(entity)});
    *writer = (gw_segment_writer){.entity = gw_buf_str(&name),
                                  .leaf = leaf,
                                  .first = run.first,
                                  .end = run.end,
                                  .block = run.first,
                                  .out = GW_BUF(arena)};
    gw_pack_begin(&writer->packer, arena);
    return writer;
}

static void write_row(gw_segment_writer *writer, uint32_t end)
{
    const gw_packer *packer = &writer->packer;
    char sum[GW_INT128_TEXT];
    gw_buf_addf(&writer->out, "%s\t%" PRId64 "\t%" PRIu32 "\t%" PRIu32 "\t%zu\t%s\t\\\\x",
                writer->entity, writer->leaf, writer->first, end, packer->count,
                gw_int128_digits(packer->sum, sum));
    add_hex(&writer->out, packer->buf.data, packer->buf.len);
    gw_buf_addc(&writer->out, '\n');
}

void gw_segment_writer_add(gw_segment_writer *writer, const gw_fingerprint *one)
{
    if (one->block > writer->block && writer->packer.buf.len >= FULL) {
        write_row(writer, one->block);
        gw_pack_clear(&writer->packer);
        writer->first = one->block;
    }
    gw_pack_add(&writer->packer, one);
    writer->block = one->block;
}

bool gw_segment_writer_flush(gw_segment_writer *writer, gw_session *session, bool last, gw_err *err)
{
    if (last)
        write_row(writer, writer->end);
    if (!writer->out.len)
        return true;
    if (!gw_copy_in_start(session,
                          "COPY godwit.sync_segments (entity_type, leaf, first_block, end_block, "
                          "row_count, hash_sum, packed) FROM STDIN",
                          err))
        return false;
    gw_err ignored = {0};
    bool ok = gw_copy_in_data(session, writer->out.data, writer->out.len, err);
    bool ended = gw_copy_in_end(session, ok ? NULL : "stopped", NULL, ok ? err : &ignored);
    gw_err_clear(&ignored);
    gw_buf_clear(&writer->out);
    return ok && ended;
}

bool gw_segment_writer_end(gw_segment_writer *writer, gw_session *session, uint32_t end,
                           gw_err *err)
{
    writer->end = end;
    return gw_segment_writer_flush(writer, session, true, err);
}

bool gw_segments_reach(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                       gw_blocks run, uint32_t *out, gw_err *err)
{
    static const gw_col cols[] = {{"reach", GW_COL_INT, true, 0}};
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf), gw_p_int(run.first), gw_p_int(run.end)};
    gw_result result;
    int64_t reach;
    if (!gw_query(session, arena, &gw_sql_segments_reach, params, 4, &result, err) ||
        !gw_row(arena, &result, cols, 1, &reach, err))
        return false;
    *out = (uint32_t)reach;
    return true;
}

bool gw_segments_close(gw_session *session, const char *entity, gw_err *err)
{
    gw_param param = gw_p_text(entity);
    return gw_exec_sql(session, &gw_sql_segments_close, &param, 1, err);
}
