/* Waiting for the server without being deaf to a request to stop. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "pg/internal.h"

int gw_poll_socket(int fd, short events, const gw_cancel *cancel, int seen, int timeout_ms)
{
    enum { SLICE = 100 };
    int64_t end = timeout_ms < 0 ? INT64_MAX : gw_monotonic_us() + (int64_t)timeout_ms * 1000;
    for (;;) {
        int level = gw_cancel_level(cancel);
        if (level > seen)
            return -1;
        /* The wake fd stays readable after the first request: only its level says more then. */
        bool wake = cancel && cancel->wake_fd >= 0 && level == 0;
        bool slices = cancel && !wake && level < 3;
        struct pollfd fds[2] = {{.fd = fd, .events = events},
                                {.fd = wake ? cancel->wake_fd : -1, .events = POLLIN}};
        int wait = -1;
        if (timeout_ms >= 0) {
            int64_t left = (end - gw_monotonic_us() + 999) / 1000;
            wait = left > 0 ? (int)left : 0;
        }
        if (slices && (wait < 0 || wait > SLICE))
            wait = SLICE;
        int ready = poll(fds, 2, wait);
        if (ready < 0 && errno != EINTR)
            return 1; /* libpq will find out what is wrong with the socket */
        if (ready > 0 && fds[0].revents)
            return 1;
        if (timeout_ms >= 0 && gw_monotonic_us() >= end)
            return gw_cancel_level(cancel) > seen ? -1 : 0;
    }
}

void gw_session_cut(gw_session *session)
{
    session->ended = true;
    shutdown(PQsocket(session->pg), SHUT_RDWR);
}

gw_exchange gw_exchange_begin(gw_session *session)
{
    /* It has answered after all: the request to cancel must not meet what comes now. */
    if (session->silent && !session->ended) {
        (void)gw_canceller_wait(session->canceller, session->cancel);
        session->silent = false;
    }
    return (gw_exchange){.session = session, .deaf = gw_cancel_level(session->cancel) >= 2};
}

/* How long nothing may come before something is done about it; -1: for ever. A server that was asked to cancel
 * has a moment more. */
static int patience_ms(const gw_session *session)
{
    enum { HEARD_MS = 1000 };
    int64_t most = session->silent ? HEARD_MS : session->answer_ms > 0 ? session->answer_ms : -1;
    return most < INT_MAX ? (int)most : INT_MAX;
}

/* Nothing has come in time: first it is to stop, then there is nothing more to wait for. true: the latter. */
static bool give_up(gw_session *session)
{
    bool asked = session->silent;
    session->silent = true;
    if (asked)
        gw_session_cut(session);
    else
        gw_canceller_begin(session->canceller);
    return asked;
}

bool gw_exchange_wait(gw_exchange *watch, short events)
{
    gw_session *session = watch->session;
    for (;;) {
        int fd = session->pg ? PQsocket(session->pg) : -1;
        if (fd < 0)
            return false;
        bool listen = !watch->deaf && !watch->canceled;
        /* Level 1 asks to stop at the next safe point: a running statement goes on. */
        int ready = gw_poll_socket(fd, events, session->cancel, listen ? 1 : 2, patience_ms(session));
        if (ready > 0 || (ready == 0 && give_up(session)))
            return true; /* libpq reads the end of what was cut */
        if (ready < 0) {
            bool given_up = gw_cancel_level(session->cancel) > 2;
            watch->canceled = true;
            /* Nothing will come on this connection either, and to stop was asked for twice. */
            if (given_up || !gw_session_cancel(session))
                gw_session_cut(session);
            if (given_up)
                return true; /* libpq reads the end of it */
        }
    }
}

bool gw_exchange_flush(gw_exchange *watch, gw_err *err)
{
    PGconn *pg = watch->session->pg;
    for (;;) {
        int more = PQflush(pg);
        if (more == 0)
            return true;
        /* A server that has ended the session may have said why: that is still to be read. */
        if (more < 0 || !gw_exchange_wait(watch, POLLIN | POLLOUT) || !PQconsumeInput(pg)) {
            if (PQstatus(pg) != CONNECTION_BAD)
                return true;
            return gw_err_lost(err, watch->session, NULL);
        }
    }
}

PGresult *gw_exchange_result(gw_exchange *watch, bool *lost)
{
    PGconn *pg = watch->session->pg;
    *lost = false;
    if (!pg) {
        *lost = true;
        return NULL;
    }
    while (PQisBusy(pg)) {
        /* Even a lost connection has a last result: libpq makes one of what it knows. */
        if (!gw_exchange_wait(watch, POLLIN) || !PQconsumeInput(pg))
            break;
    }
    PGresult *result = PQgetResult(pg);
    *lost = PQstatus(pg) == CONNECTION_BAD;
    return result;
}

void gw_exchange_drain(gw_exchange *watch)
{
    for (;;) {
        bool lost;
        PGresult *result = gw_exchange_result(watch, &lost);
        if (!result)
            return;
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (gw_is_copy(status))
            gw_exchange_refuse_copy(watch, status, NULL, NULL);
        if (lost)
            return;
    }
}

bool gw_is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

void gw_exchange_refuse_copy(gw_exchange *watch, ExecStatusType status, const char *statement,
                             gw_err *err)
{
    PGconn *pg = watch->session->pg;
    gw_err ignored = {0};
    if (err)
        gw_err_copy(err, status, statement);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
        int done;
        while ((done = PQputCopyEnd(pg, "no data were given")) == 0)
            if (!gw_exchange_wait(watch, POLLIN | POLLOUT) || !PQconsumeInput(pg))
                break;
        gw_exchange_flush(watch, &ignored);
        gw_err_clear(&ignored);
    }
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
        gw_session_cancel(watch->session);
        for (;;) {
            char *row = NULL;
            int len = PQgetCopyData(pg, &row, 1);
            PQfreemem(row);
            if (len < 0)
                break;
            if (len == 0 && (!gw_exchange_wait(watch, POLLIN) || !PQconsumeInput(pg)))
                break;
        }
    }
}
