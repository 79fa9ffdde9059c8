#include "pg/pipeline.h"

#include <poll.h>
#include <string.h>

#include "pg/internal.h"

/* Send what the socket takes now; where it takes none, read what the server answers meanwhile. */
static bool push(gw_session *session, gw_err *err)
{
    gw_exchange watch = gw_exchange_begin(session);
    return gw_exchange_flush(&watch, err);
}

static bool misuse(gw_err *err, const char *what)
{
    return gw_err_set(err, GW_ERR_INTERNAL, "pipeline: %s", what);
}

bool gw_pipeline_start(gw_session *session, gw_err *err)
{
    if (gw_session_lost(session))
        return gw_err_lost(err, session, NULL);
    if (!PQenterPipelineMode(session->pg))
        return misuse(err, "the session is busy");
    session->queued = session->synced = session->syncs = 0;
    return true;
}

static bool queued(gw_session *session, bool sent, gw_err *err)
{
    if (sent) {
        session->queued++;
        return true;
    }
    if (gw_session_lost(session))
        return gw_err_lost(err, session, NULL);
    return misuse(err, PQerrorMessage(session->pg));
}

bool gw_pipeline_add(gw_session *session, const char *text, const gw_param *params, size_t count,
                     gw_err *err)
{
    return queued(session, gw_send_params(session, text, params, count), err);
}

bool gw_pipeline_prepare(gw_session *session, const char *name, const char *text, gw_err *err)
{
    return queued(session, PQsendPrepare(session->pg, name, text, 0, NULL) == 1, err);
}

bool gw_pipeline_add_prepared(gw_session *session, const char *name, const gw_param *params,
                              size_t count, gw_err *err)
{
    return queued(session, gw_send_prepared(session, name, params, count), err);
}

bool gw_pipeline_sync(gw_session *session, gw_err *err)
{
    if (PQpipelineSync(session->pg) != 1) {
        if (gw_session_lost(session))
            return gw_err_lost(err, session, NULL);
        return misuse(err, PQerrorMessage(session->pg));
    }
    session->synced = session->queued;
    session->syncs++;
    return push(session, err);
}

static void clear_result(void *result)
{
    PQclear(result);
}

/* The first result of the next statement; the ends of groups before it are passed over. */
static PGresult *first_result(gw_exchange *watch, bool single_rows, bool *lost)
{
    gw_session *session = watch->session;
    for (;;) {
        if (single_rows)
            PQsetSingleRowMode(session->pg);
        PGresult *result = gw_exchange_result(watch, lost);
        if (!result || PQresultStatus(result) != PGRES_PIPELINE_SYNC)
            return result;
        PQclear(result);
        session->syncs--;
    }
}

static void keep(gw_arena *arena, const char *name, PGresult *result, gw_result *out)
{
    gw_arena_defer(arena, clear_result, result);
    *out = (gw_result){.pg = result,
                       .statement = name,
                       .rows = (size_t)PQntuples(result),
                       .affected = gw_affected(result)};
}

/*
 * libpq up to 16 answers with a COPY again and again once one has begun in a pipeline, and nothing
 * gets past it: the connection is all that can be ended. The server rolls back.
 */
static bool end_at_copy(gw_session *session, ExecStatusType status, const char *name, gw_err *err)
{
    gw_session_cut(session);
    gw_err_copy(err, status, name);
    return gw_err_detail(err, "it came inside a pipeline, which cannot go on after it: the "
                              "connection was closed and its transaction rolled back");
}

bool gw_pipeline_next(gw_session *session, gw_arena *arena, const char *name, gw_result *out,
                      bool *skipped, gw_err *err)
{
    *skipped = false;
    if (out)
        *out = (gw_result){.statement = name, .affected = -1};
    if (session->synced == 0)
        return misuse(err, session->queued ? "a result was asked for before the sync"
                                           : "every result has been read");
    session->queued--;
    session->synced--;
    gw_exchange watch = gw_exchange_begin(session);
    bool lost, ok = true;
    PGresult *result = first_result(&watch, !out, &lost);
    if (!result)
        return lost ? gw_err_lost(err, session, name) : misuse(err, "a result is missing");
    for (; result; result = gw_exchange_result(&watch, &lost)) {
        ExecStatusType status = PQresultStatus(result);
        if (gw_is_copy(status)) {
            PQclear(result);
            return end_at_copy(session, status, name, err);
        }
        if (status == PGRES_PIPELINE_ABORTED && !gw_session_lost(session)) {
            *skipped = true;
        } else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            if (out) {
                keep(arena, name, result, out);
                continue;
            }
        } else if (status != PGRES_SINGLE_TUPLE && status != PGRES_EMPTY_QUERY) {
            if (ok)
                gw_exchange_error(&watch, result, name, err);
            ok = false;
        }
        PQclear(result);
    }
    return ok;
}

bool gw_pipeline_end(gw_session *session, gw_err *err)
{
    if (!session->pg || PQpipelineStatus(session->pg) == PQ_PIPELINE_OFF)
        return !gw_session_lost(session) || gw_err_lost(err, session, NULL);
    if (session->queued > session->synced && !gw_session_lost(session) &&
        !gw_pipeline_sync(session, err))
        return false;
    gw_exchange watch = gw_exchange_begin(session);
    bool lost = gw_session_lost(session);
    /* A statement's results end with NULL, a sync is one result: read until all have come. */
    for (int nulls = 0; !lost && session->syncs > 0 && nulls < 2;) {
        PQsetSingleRowMode(session->pg); /* refused where no statement is next, which is fine */
        PGresult *result = gw_exchange_result(&watch, &lost);
        nulls = result ? 0 : nulls + 1;
        ExecStatusType status = PQresultStatus(result);
        if (result && status == PGRES_PIPELINE_SYNC)
            session->syncs--;
        PQclear(result);
        if (gw_is_copy(status)) {
            session->queued = session->synced = session->syncs = 0;
            return end_at_copy(session, status, NULL, err);
        }
    }
    session->queued = session->synced = session->syncs = 0;
    if (lost || gw_session_lost(session))
        return gw_err_lost(err, session, NULL);
    if (!PQexitPipelineMode(session->pg))
        return misuse(err, PQerrorMessage(session->pg));
    return true;
}
