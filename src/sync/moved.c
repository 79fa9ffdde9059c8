#include "sync/moved.h"

#include <string.h>

#include "base/vec.h"

enum { MOVES = 4000 }; /* at once */

typedef struct move {
    gw_fingerprint from, to;
} move;

struct gw_moves {
    gw_arena *own;
    gw_session *session;
    const char *entity;
    GW_VEC(move) all;
};

static void release(void *arg)
{
    gw_arena_free(((gw_moves *)arg)->own);
}

gw_moves *gw_moves_new(gw_arena *arena, gw_session *session, const char *entity)
{
    gw_moves *moves = gw_alloc(arena, sizeof *moves);
    *moves = (gw_moves){.own = gw_arena_new(), .session = session, .entity = entity};
    gw_arena_defer(arena, release, moves);
    return moves;
}

static bool edit_leaf(gw_moves *moves, uint32_t leaf, gw_err *err)
{
    gw_segment_edit *edits = gw_alloc_array(moves->own, 2 * moves->all.len, sizeof *edits);
    size_t count = 0;
    for (size_t i = 0; i < moves->all.len; i++) {
        const move *one = &moves->all.items[i];
        if (one->from.leaf == leaf)
            edits[count++] = (gw_segment_edit){.remove = true, .print = one->from};
        if (one->to.leaf == leaf)
            edits[count++] = (gw_segment_edit){.print = one->to};
    }
    return gw_segments_edit(moves->session, moves->entity, leaf, edits, count, err);
}

static bool next_leaf(const gw_moves *moves, int64_t after, uint32_t *out)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < moves->all.len; i++) {
        const uint32_t leaves[] = {moves->all.items[i].from.leaf, moves->all.items[i].to.leaf};
        for (size_t k = 0; k < 2; k++)
            if (leaves[k] > after && leaves[k] < least)
                least = leaves[k];
    }
    *out = (uint32_t)least;
    return least != INT64_MAX;
}

bool gw_moves_flush(gw_moves *moves, gw_err *err)
{
    uint32_t leaf;
    bool ok = true;
    for (int64_t after = -1; ok && next_leaf(moves, after, &leaf); after = leaf)
        ok = edit_leaf(moves, leaf, err);
    gw_arena_reset(moves->own);
    memset(&moves->all, 0, sizeof moves->all);
    return ok;
}

static gw_fingerprint copy_of(gw_arena *arena, const gw_fingerprint *one)
{
    gw_fingerprint copy = *one;
    copy.key = gw_memdup(arena, one->key, one->key_len);
    return copy;
}

bool gw_moves_add(gw_moves *moves, const gw_fingerprint *seen, const gw_fingerprint *kept,
                  gw_err *err)
{
    move *one = gw_vec_push(moves->own, &moves->all);
    one->from = copy_of(moves->own, kept);
    one->to = copy_of(moves->own, seen);
    one->to.own_destination = kept->own_destination;
    one->to.destination = kept->own_destination ? kept->destination : seen->source;
    return moves->all.len < MOVES || gw_moves_flush(moves, err);
}
