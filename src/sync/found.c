#include "sync/found.h"

#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"

enum {
    KEYS = 2000,        /* a piece */
    BYTES = 256 * 1024, /* of keys */
    MOVES = 4000,       /* at once */
};

/* What waits to become a piece: of a kind, and of the leaf under which it was kept. */
typedef struct heap {
    gw_row_change kind;
    uint32_t leaf;
    gw_arena *arena;
    GW_VEC(const char *) keys;
    gw_packer packer;
    size_t bytes;
} heap;

typedef struct move {
    gw_fingerprint from, to;
} move;

struct gw_found {
    gw_arena *arena, *moving;
    gw_session *session;
    const char *entity, *analysis;
    int64_t number;
    gw_found_counts counts;
    GW_VEC(heap) heaps;
    GW_VEC(move) moves;
};

static void release(void *arg)
{
    gw_found *found = arg;
    for (size_t i = 0; i < found->heaps.len; i++)
        gw_arena_free(found->heaps.items[i].arena);
    gw_arena_free(found->moving);
}

gw_found *gw_found_new(gw_arena *arena, gw_session *session, const char *entity,
                       const char *analysis)
{
    gw_found *found = gw_alloc(arena, sizeof *found);
    *found = (gw_found){.arena = arena,
                        .moving = gw_arena_new(),
                        .session = session,
                        .entity = entity,
                        .analysis = analysis};
    gw_arena_defer(arena, release, found);
    return found;
}

/* ---- pieces -------------------------------------------------------------------------------- */

static const char *bytea_text(gw_arena *arena, const gw_buf *data)
{
    static const char digits[] = "0123456789abcdef";
    gw_buf text = GW_BUF(arena);
    gw_buf_reserve(&text, 2 * data->len + 3);
    gw_buf_add(&text, "\\x");
    for (size_t i = 0; i < data->len; i++) {
        unsigned char byte = (unsigned char)data->data[i];
        gw_buf_addc(&text, digits[byte >> 4]);
        gw_buf_addc(&text, digits[byte & 15]);
    }
    return gw_buf_str(&text);
}

static bool write_piece(gw_found *found, heap *one, gw_err *err)
{
    static const char *const kinds[] = {
        [GW_ROW_NEW] = "n", [GW_ROW_MODIFIED] = "m", [GW_ROW_DELETED] = "d"};
    bool known = one->kind != GW_ROW_NEW;
    if (!one->keys.len)
        return true;
    gw_param params[] = {
        gw_p_text(found->analysis),
        gw_p_int(++found->number),
        gw_p_text(kinds[one->kind]),
        gw_p_text(gw_quote_array(one->arena, one->keys.items, one->keys.len)),
        gw_p_text(known ? bytea_text(one->arena, &one->packer.buf) : NULL),
        known ? gw_p_int(one->leaf) : gw_p_text(NULL),
        gw_p_int((int64_t)one->keys.len),
    };
    bool ok = gw_exec_sql(found->session, &gw_sql_found_changes_put, params, 7, err);
    gw_arena_reset(one->arena);
    memset(&one->keys, 0, sizeof one->keys);
    one->bytes = 0;
    gw_pack_begin(&one->packer, one->arena);
    return ok;
}

static heap *heap_of(gw_found *found, gw_row_change kind, uint32_t leaf)
{
    for (size_t i = 0; i < found->heaps.len; i++)
        if (found->heaps.items[i].kind == kind && found->heaps.items[i].leaf == leaf)
            return &found->heaps.items[i];
    heap *one = gw_vec_push(found->arena, &found->heaps);
    *one = (heap){.kind = kind, .leaf = leaf, .arena = gw_arena_new()};
    gw_pack_begin(&one->packer, one->arena);
    return one;
}

static bool add(gw_found *found, gw_row_change kind, const gw_fingerprint *named,
                const gw_fingerprint *kept, gw_err *err)
{
    if (!found->analysis)
        return true;
    heap *one = heap_of(found, kind, kept ? kept->leaf : 0);
    *gw_vec_push(one->arena, &one->keys) = gw_strndup(one->arena, named->key, named->key_len);
    one->bytes += named->key_len;
    if (kept)
        gw_pack_add(&one->packer, kept);
    return (one->keys.len < KEYS && one->bytes < BYTES) || write_piece(found, one, err);
}

/* ---- rows that moved ----------------------------------------------------------------------- */

static bool edit_leaf(gw_found *found, uint32_t leaf, gw_err *err)
{
    gw_segment_edit *edits = gw_alloc_array(found->moving, 2 * found->moves.len, sizeof *edits);
    size_t count = 0;
    for (size_t i = 0; i < found->moves.len; i++) {
        const move *one = &found->moves.items[i];
        if (one->from.leaf == leaf)
            edits[count++] = (gw_segment_edit){.remove = true, .print = one->from};
        if (one->to.leaf == leaf)
            edits[count++] = (gw_segment_edit){.print = one->to};
    }
    return gw_segments_edit(found->session, found->entity, leaf, edits, count, err);
}

static bool next_leaf(const gw_found *found, int64_t after, uint32_t *out)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < found->moves.len; i++) {
        const uint32_t leaves[] = {found->moves.items[i].from.leaf, found->moves.items[i].to.leaf};
        for (size_t k = 0; k < 2; k++)
            if (leaves[k] > after && leaves[k] < least)
                least = leaves[k];
    }
    *out = (uint32_t)least;
    return least != INT64_MAX;
}

/* All of them in one transaction: a row is kept once. */
static bool write_moves(gw_found *found, gw_err *err)
{
    uint32_t leaf;
    bool ok = true;
    if (!found->moves.len)
        return true;
    if (!gw_session_begin(found->session, "read committed", err))
        return false;
    for (int64_t after = -1; ok && next_leaf(found, after, &leaf); after = leaf)
        ok = edit_leaf(found, leaf, err);
    ok = ok && gw_session_commit(found->session, err);
    if (!ok)
        gw_session_rollback(found->session);
    gw_arena_reset(found->moving);
    memset(&found->moves, 0, sizeof found->moves);
    return ok;
}

static gw_fingerprint copy_of(gw_arena *arena, const gw_fingerprint *one)
{
    gw_fingerprint copy = *one;
    copy.key = gw_memdup(arena, one->key, one->key_len);
    return copy;
}

static bool moved(gw_found *found, const gw_fingerprint *seen, const gw_fingerprint *kept,
                  gw_err *err)
{
    if (!found->analysis)
        return true;
    move *one = gw_vec_push(found->moving, &found->moves);
    one->from = copy_of(found->moving, kept);
    one->to = copy_of(found->moving, seen);
    one->to.own_destination = kept->own_destination;
    one->to.destination = kept->own_destination ? kept->destination : seen->source;
    return found->moves.len < MOVES || write_moves(found, err);
}

/* ---- telling ------------------------------------------------------------------------------- */

bool gw_found_tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                   const gw_fingerprint *kept, gw_err *err)
{
    gw_found *found = self;
    switch (change) {
    case GW_ROW_NEW:
        found->counts.added++;
        return add(found, change, seen, NULL, err);
    case GW_ROW_MODIFIED:
        found->counts.modified++;
        return add(found, change, seen, kept, err);
    case GW_ROW_DELETED:
        found->counts.deleted++;
        return add(found, change, kept, kept, err);
    case GW_ROW_MOVED:
        break;
    }
    found->counts.moved++;
    return moved(found, seen, kept, err);
}

bool gw_found_end(gw_found *found, gw_found_counts *out, gw_err *err)
{
    for (size_t i = 0; i < found->heaps.len; i++)
        if (!write_piece(found, &found->heaps.items[i], err))
            return false;
    *out = found->counts;
    return write_moves(found, err);
}

/* ---- reading back -------------------------------------------------------------------------- */

typedef struct piece {
    const char *kind, *keys;
    gw_bytes kept;
    int64_t leaf;
} piece;

static bool unpack(gw_arena *arena, const piece *row, gw_found_piece *out, gw_err *err)
{
    gw_unpacker unpacker;
    bool more = true;
    out->kept = gw_alloc_array(arena, out->count, sizeof *out->kept);
    if (!gw_unpack_begin(&unpacker, row->kept.data, row->kept.len, err))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (!gw_unpack_next(&unpacker, &out->kept[i], &more, err))
            return false;
        if (!more)
            return gw_err_set(err, GW_ERR_STATE,
                              "godwit.differential_changes holds fewer fingerprints than keys");
        out->kept[i].leaf = (uint32_t)row->leaf;
    }
    return true;
}

bool gw_found_read(gw_session *session, gw_arena *arena, const char *analysis, int64_t number,
                   gw_found_piece *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"kind", GW_COL_TEXT, true, offsetof(piece, kind)},
        {"keys", GW_COL_TEXT, true, offsetof(piece, keys)},
        {"kept", GW_COL_BYTES, false, offsetof(piece, kept)},
        {"leaf", GW_COL_INT, false, offsetof(piece, leaf)},
    };
    gw_param params[] = {gw_p_text(analysis), gw_p_int(number)};
    gw_result result;
    piece row;
    if (!gw_query(session, arena, &gw_sql_found_changes_read, params, 2, &result, err) ||
        !gw_row(arena, &result, cols, 4, &row, err))
        return false;
    json_t *keys = gw_json_parse(arena, "keys", row.keys, strlen(row.keys), err);
    if (!keys)
        return false;
    *out = (gw_found_piece){.kind = *row.kind == 'n'   ? GW_ROW_NEW
                                    : *row.kind == 'm' ? GW_ROW_MODIFIED
                                                       : GW_ROW_DELETED,
                            .count = json_array_size(keys)};
    out->keys = gw_alloc_array(arena, out->count + 1, sizeof *out->keys);
    for (size_t i = 0; i < out->count; i++)
        out->keys[i] = json_string_value(json_array_get(keys, i));
    return !row.kept.data || unpack(arena, &row, out, err);
}
