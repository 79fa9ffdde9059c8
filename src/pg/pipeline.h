/*
 * Several statements in one round trip (libpq's pipeline mode). Between start and end only these
 * calls may touch the session. Sending never deadlocks with a server that is answering: the
 * socket is non-blocking and both directions are served.
 *
 *     gw_pipeline_start → gw_pipeline_add… → gw_pipeline_sync → gw_pipeline_next per add → end
 */
#ifndef GW_PG_PIPELINE_H
#define GW_PG_PIPELINE_H

#include "pg/query.h"

bool gw_pipeline_start(gw_session *session, gw_err *err);

/* Queue one statement (extended protocol: exactly one). params may be NULL with count 0. */
bool gw_pipeline_add(gw_session *session, const char *text, const gw_param *params, size_t count,
                     gw_err *err);

/* Queue the preparing of a statement, or one that was prepared under this name in this session.
 * Not behind a transaction pooler. */
bool gw_pipeline_prepare(gw_session *session, const char *name, const char *text, gw_err *err);
bool gw_pipeline_add_prepared(gw_session *session, const char *name, const gw_param *params,
                              size_t count, gw_err *err);

/* End of a group: what fails skips the rest up to here. */
bool gw_pipeline_sync(gw_session *session, gw_err *err);

/*
 * A COPY from or to the client cannot be served in a pipeline: where one comes, the call that meets
 * it fails (kind INPUT) and the session is lost.
 */

/*
 * Result of the next statement, in order. false: that one failed (err is set, kind by SQLSTATE);
 * those after it up to the sync are reported with *skipped = true and return true. Rows that are
 * not wanted (out NULL) are thrown away as they arrive.
 */
bool gw_pipeline_next(gw_session *session, gw_arena *arena, const char *name, gw_result *out,
                      bool *skipped, gw_err *err);

/* Reads up to the sync point and leaves pipeline mode when all are consumed; safe after an error.
 */
bool gw_pipeline_end(gw_session *session, gw_err *err);

/* Behind a pooler a pinned session's settings hold for a transaction only: outside one this goes
 * before a statement of Godwit's own (up to the sync it is one transaction). It has a result. */
bool gw_session_needs_local_pin(const gw_session *session);
bool gw_pipeline_add_pin(gw_session *session, gw_err *err);

#endif
