/* Reading what is kept of some blocks, or of leaves that are gone; not locked. Of this folder only.
 */
#ifndef GW_SYNC_KEPT_H
#define GW_SYNC_KEPT_H

#include "sync/detect.h"
#include "sync/keyed.h"

/* Of the blocks in these runs (in order, apart from each other) alone, although the segments may
 * hold more. Keys live as long as the arena. */
bool gw_kept_load(gw_session *session, gw_arena *arena, const char *entity, uint32_t leaf,
                  const gw_blocks *runs, size_t count, gw_fingerprint_fn *fn, void *self,
                  gw_err *err);

/* All of a leaf; keys live during the call. */
bool gw_kept_leaf(gw_session *session, const char *entity, uint32_t leaf, gw_fingerprint_fn *fn,
                  void *self, gw_err *err);

/*
 * What is kept of these keys, wherever it is: all segments are read in one go, and nothing but the
 * keys is held. Told in no order, a key once for each place that it is kept at. The key that fn
 * sees lives during the call.
 */
bool gw_kept_find(gw_session *session, const char *entity, const gw_keyed *keys,
                  gw_fingerprint_fn *fn, void *self, gw_err *err);

/* Of every leaf that is not among these; with count 0: all there is. */
bool gw_kept_others(gw_session *session, const char *entity, const gw_leaf *leaves, size_t count,
                    gw_fingerprint_fn *fn, void *self, gw_err *err);

#endif
