/* Reading what is kept of some blocks, or of leaves that are gone; not locked. Of this folder only.
 */
#ifndef GW_SYNC_KEPT_H
#define GW_SYNC_KEPT_H

#include "sync/detect.h"

/* Of the blocks in these runs (in order, apart from each other) alone, although the segments may
 * hold more. Keys live as long as the arena. */
bool gw_kept_load(gw_session *session, gw_arena *arena, const char *entity, uint32_t leaf,
                  const gw_blocks *runs, size_t count, gw_fingerprint_fn *fn, void *self,
                  gw_err *err);

/* All of a leaf; keys live during the call. */
bool gw_kept_leaf(gw_session *session, const char *entity, uint32_t leaf, gw_fingerprint_fn *fn,
                  void *self, gw_err *err);

/* Of every leaf that is not among these; with count 0: all there is. */
bool gw_kept_others(gw_session *session, const char *entity, const gw_leaf *leaves, size_t count,
                    gw_fingerprint_fn *fn, void *self, gw_err *err);

#endif
