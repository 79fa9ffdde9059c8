/*
 * Rows that a detection saw at another place, their values as they were: no change to be applied,
 * but where they are kept has to follow. Of this folder only.
 */
#ifndef GW_SYNC_MOVED_H
#define GW_SYNC_MOVED_H

#include "sync/segments.h"

typedef struct gw_moves gw_moves;

/* session: in the transaction that is to hold all of it, so that a row is kept once. */
gw_moves *gw_moves_new(gw_arena *arena, gw_session *session, const char *entity);

bool gw_moves_add(gw_moves *moves, const gw_fingerprint *seen, const gw_fingerprint *kept,
                  gw_err *err);
/* What still waits is written. */
bool gw_moves_flush(gw_moves *moves, gw_err *err);

#endif
