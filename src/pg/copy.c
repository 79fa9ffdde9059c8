#include "pg/copy.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg/internal.h"

bool gw_copy_in_start(gw_session *session, const char *text, gw_err *err)
{
    gw_exchange watch = gw_exchange_begin(session);
    if (watch.deaf)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before the statement was run");
    session->copy_unflushed = 0;
    if (PQsendQuery(session->pg, text) != 1)
        return gw_err_lost(err, session, text);
    if (!gw_exchange_flush(&watch, err))
        return false;
    bool lost;
    PGresult *result = gw_exchange_result(&watch, &lost);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) {
        PQclear(result);
        return true;
    }
    if (!result) {
        gw_err_lost(err, session, text);
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        gw_exchange_error(&watch, result, text, err);
    } else {
        gw_err_set(err, GW_ERR_INTERNAL, "the statement is not a COPY … FROM STDIN");
        gw_err_statement(err, text, strlen(text));
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            gw_exchange_refuse_copy(&watch, status, NULL, NULL);
    }
    PQclear(result);
    gw_exchange_drain(&watch);
    return false;
}

static bool interrupted(gw_err *err)
{
    return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while copying data to the server");
}

bool gw_copy_in_data(gw_session *session, const char *data, size_t len, gw_err *err)
{
    /* libpq would buffer all that the server is too slow for: what waits is bounded here. */
    enum { PIECE = 64 * 1024 };
    gw_exchange watch = gw_exchange_begin(session);
    if (watch.deaf)
        return interrupted(err);
    while (len > 0) {
        size_t piece = len < PIECE ? len : PIECE;
        int put = PQputCopyData(session->pg, data, (int)piece);
        if (put < 0)
            return gw_session_lost(session)
                       ? gw_err_lost(err, session, NULL)
                       : gw_err_set(err, GW_ERR_INTERNAL, "no COPY is going on");
        if (put > 0) {
            data += piece;
            len -= piece;
            session->copy_unflushed += piece;
        }
        if (put > 0 && session->copy_unflushed < PIECE)
            continue;
        if (!gw_exchange_flush(&watch, err))
            return false;
        session->copy_unflushed = 0;
        if (watch.canceled)
            return interrupted(err);
    }
    return true;
}

bool gw_copy_in_end(gw_session *session, const char *abort_message, int64_t *rows, gw_err *err)
{
    gw_exchange watch = gw_exchange_begin(session);
    int done;
    while ((done = PQputCopyEnd(session->pg, abort_message)) == 0)
        if (!gw_exchange_wait(&watch, POLLIN | POLLOUT) || !PQconsumeInput(session->pg))
            break;
    if (done <= 0)
        return gw_session_lost(session) ? gw_err_lost(err, session, NULL)
                                        : gw_err_set(err, GW_ERR_INTERNAL, "no COPY is going on");
    if (!gw_exchange_flush(&watch, err))
        return false;
    bool ok = true, answered = false;
    for (;;) {
        bool lost;
        PGresult *result = gw_exchange_result(&watch, &lost);
        if (!result)
            return ok && !answered ? gw_err_lost(err, session, NULL) : ok;
        answered = true;
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            if (rows)
                *rows = gw_affected(result);
        } else if (ok) {
            ok = gw_exchange_error(&watch, result, NULL, err);
        }
        PQclear(result);
    }
}
