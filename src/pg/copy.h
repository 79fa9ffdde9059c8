/* COPY on a session. FROM STDIN: start, feed chunks, end. TO STDOUT: start, take rows, until there
 * is none. */
#ifndef GW_PG_COPY_H
#define GW_PG_COPY_H

#include "pg/session.h"

bool gw_copy_in_start(gw_session *session, const char *text, gw_err *err);
/* Blocks (watching for cancel) while the server is slower than the source. */
bool gw_copy_in_data(gw_session *session, const char *data, size_t len, gw_err *err);
/* abort_message NULL ends the data well (what the server refused of them is told here);
 * otherwise the COPY fails with that message, and so does this call. rows may be NULL. */
bool gw_copy_in_end(gw_session *session, const char *abort_message, int64_t *rows, gw_err *err);

/*
 * COPY … TO STDOUT. A piece is what the server sent as one: a line in text format; in binary a row,
 * the first with the file's header in front of it, and the trailer as a piece of its own (see
 * copy_rows.h). It is valid until the next call on this copy. A copy that is not read to its end
 * must be left with gw_copy_out_leave.
 */
typedef struct gw_copy_out {
    gw_session *session;
    char *piece; /* libpq's */
} gw_copy_out;

bool gw_copy_out_start(gw_session *session, const char *text, gw_copy_out *out, gw_err *err);
/* *data NULL: that was all, and the statement succeeded. */
bool gw_copy_out_next(gw_copy_out *copy, const char **data, size_t *len, gw_err *err);
/* Asks the server to stop and reads what is left. Safe after the end and after a failure. */
void gw_copy_out_leave(gw_copy_out *copy);

#endif
