#include "pg/copy.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg/internal.h"

static bool start(gw_session *session, const char *text, ExecStatusType wanted, gw_err *err)
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
    if (status == wanted) {
        PQclear(result);
        return true;
    }
    if (!result) {
        gw_err_lost(err, session, text);
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        gw_exchange_error(&watch, result, text, err);
    } else {
        gw_err_set(err, GW_ERR_INTERNAL, "the statement is not a COPY … %s",
                   wanted == PGRES_COPY_IN ? "FROM STDIN" : "TO STDOUT");
        gw_err_statement(err, text, strlen(text));
        if (gw_is_copy(status))
            gw_exchange_refuse_copy(&watch, status, NULL, NULL);
    }
    PQclear(result);
    gw_exchange_drain(&watch);
    return false;
}

bool gw_copy_in_start(gw_session *session, const char *text, gw_err *err)
{
    return start(session, text, PGRES_COPY_IN, err);
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

bool gw_copy_out_start(gw_session *session, const char *text, gw_copy_out *out, gw_err *err)
{
    *out = (gw_copy_out){0};
    if (!start(session, text, PGRES_COPY_OUT, err))
        return false;
    out->session = session;
    return true;
}

/* What follows the last row: the command's result, or what the server has against it. */
static bool out_end(gw_exchange *watch, gw_err *err)
{
    bool ok = true, answered = false;
    for (;;) {
        bool lost;
        PGresult *result = gw_exchange_result(watch, &lost);
        if (!result)
            return ok && !answered ? gw_err_lost(err, watch->session, NULL) : ok;
        answered = true;
        if (PQresultStatus(result) != PGRES_COMMAND_OK && ok)
            ok = gw_exchange_error(watch, result, NULL, err);
        PQclear(result);
    }
}

bool gw_copy_out_next(gw_copy_out *copy, const char **data, size_t *len, gw_err *err)
{
    gw_session *session = copy->session;
    PQfreemem(copy->piece);
    copy->piece = NULL;
    *data = NULL;
    *len = 0;
    if (!session)
        return true;
    gw_exchange watch = gw_exchange_begin(session);
    if (watch.deaf) {
        gw_copy_out_leave(copy);
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while copying data from the server");
    }
    int got;
    while ((got = PQgetCopyData(session->pg, &copy->piece, 1)) == 0) {
        if (gw_exchange_wait(&watch, POLLIN) && PQconsumeInput(session->pg))
            continue;
        copy->session = NULL;
        return gw_err_lost(err, session, NULL);
    }
    if (got > 0) {
        *data = copy->piece;
        *len = (size_t)got;
        return true;
    }
    copy->session = NULL;
    return out_end(&watch, err);
}

void gw_copy_out_leave(gw_copy_out *copy)
{
    gw_session *session = copy->session;
    PQfreemem(copy->piece);
    *copy = (gw_copy_out){0};
    if (!session || gw_session_lost(session))
        return;
    gw_exchange watch = gw_exchange_begin(session);
    gw_exchange_refuse_copy(&watch, PGRES_COPY_OUT, NULL, NULL);
    gw_exchange_drain(&watch);
}
