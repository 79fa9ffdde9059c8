/* What a person says by hand: a step of a stage, a count. */
#ifndef GW_TRACK_MANUAL_H
#define GW_TRACK_MANUAL_H

#include <jansson.h>

#include "pg/query.h"

/* One step: "start", "complete", "fail", "pause", "resume". One that is not legal is kind STATE, with the
 * legal ones. why: NULL. */
bool gw_track_step_stage(gw_session *session, const char *tracker, const char *stage,
                         const char *step, const char *why, gw_err *err);

/* An event of Godwit's own form, counted now and every time that it is said. Kind USAGE where it is
 * none. */
bool gw_track_count(gw_session *session, const char *tracker, const json_t *event, gw_err *err);

#endif
