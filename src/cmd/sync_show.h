/* A session as the commands about sessions show it (sync_status.c). */
#ifndef GW_CMD_SYNC_SHOW_H
#define GW_CMD_SYNC_SHOW_H

#include "base/json.h"
#include "cmd/jsonout.h"
#include "cmd/term.h"
#include "sync/overview.h"

/* Its state in one word: "pausing" and "abandoned" are states, too. */
const char *gw_session_state(const gw_session_view *view);
gw_style gw_session_style(const char *state);

/* Its members, without its entities. */
void gw_session_json(gw_json *json, const gw_session_view *view);

/* The message of an error that is kept as JSON; what there is where it has none. */
const char *gw_error_message(gw_arena *arena, const char *json);

#endif
