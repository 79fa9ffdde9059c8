/*
 * What became of tables and columns while something ran, whoever did it: by their numbers before and
 * after, so that what was renamed is not taken for gone. Private to the app layer.
 */
#ifndef GW_APP_OBSERVED_H
#define GW_APP_OBSERVED_H

#include "app/internal.h"
#include "schema/losses.h"

typedef struct gw_observed gw_observed;

bool gw_observe(gw_session *session, gw_arena *arena, gw_observed **out, gw_err *err);

/* What is gone by now and is not in *losses yet is added to it, not counted. */
bool gw_observe_losses(const gw_observed *before, gw_session *session, gw_arena *arena,
                       gw_losses *losses, gw_err *err);

#endif
