#include "base/lines.h"

#include <string.h>

bool gw_lines_same(const gw_lines_sum *a, const gw_lines_sum *b)
{
    return a->count == b->count && memcmp(a->lanes, b->lanes, sizeof a->lanes) == 0;
}

void gw_lines_start(gw_lines *lines, gw_arena *arena)
{
    *lines = (gw_lines){.digest = gw_digest_start(arena, GW_SHA256)};
}

void gw_lines_add(gw_lines *lines, const void *part, size_t len)
{
    gw_digest_add(lines->digest, part, len);
}

void gw_lines_end(gw_lines *lines)
{
    unsigned char digest[GW_DIGEST_MAX];
    gw_digest_take(lines->digest, digest);
    gw_digest_restart(lines->digest);
    for (size_t i = 0; i < 4; i++) {
        uint64_t lane;
        memcpy(&lane, digest + i * sizeof lane, sizeof lane);
        lines->sum.lanes[i] += lane;
    }
    lines->sum.count++;
}

void gw_lines_forget(gw_lines *lines)
{
    gw_digest_restart(lines->digest);
}
