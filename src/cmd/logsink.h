/* Log records on stderr, as text for people or as JSON, one object a line. */
#ifndef GW_CMD_LOGSINK_H
#define GW_CMD_LOGSINK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "cmd/jsonout.h"
#include "cmd/term.h"

typedef struct gw_stderr_log {
    gw_term *term;
    bool json;  /* may be changed until the first record */
    bool times; /* text with the time of day in front (-v) */
} gw_stderr_log;

/* `self` has to outlive the log. */
gw_log_sink gw_stderr_sink(gw_stderr_log *self, gw_log_level least);

const char *gw_log_level_name(gw_log_level level); /* "warning" */

/* Fields as members of an open object. */
void gw_log_fields_json(gw_json *json, const gw_field *fields);

#endif
