/* COPY … FROM stdin on a session: start, feed chunks, end. */
#ifndef GW_PG_COPY_H
#define GW_PG_COPY_H

#include "pg/session.h"

bool gw_copy_in_start(gw_session *session, const char *text, gw_err *err);
/* Blocks (watching for cancel) while the server is slower than the source. */
bool gw_copy_in_data(gw_session *session, const char *data, size_t len, gw_err *err);
/* abort_message NULL ends the data well (what the server refused of them is told here);
 * otherwise the COPY fails with that message, and so does this call. rows may be NULL. */
bool gw_copy_in_end(gw_session *session, const char *abort_message, int64_t *rows, gw_err *err);

#endif
