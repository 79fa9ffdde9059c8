/* Which blocks the source's log names since a mark. Of this folder only. */
#ifndef GW_SYNC_CHANGED_H
#define GW_SYNC_CHANGED_H

#include "sync/detect_blocks.h"

typedef struct gw_runs {
    gw_blocks *items; /* in order, apart from each other */
    size_t len, cap;
} gw_runs;

/* One entry a leaf of detect->leaves. out->unsound names what stands against it. */
bool gw_changed_runs(const gw_blocks_detect *detect, gw_arena *arena, gw_runs *runs,
                     gw_blocks_detected *out, gw_err *err);

#endif
