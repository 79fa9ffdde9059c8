#include "pg/session.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pg/internal.h"
#include "pg/pipeline.h"
#include "pg/pool.h"
#include "sql_pg.h"

enum { DEFAULT_LOCK_TIMEOUT_MS = 10 * 1000 };

typedef struct settings {
    int64_t pid;
    const char *role;
    bool read_only, pinned;
} settings;

static const gw_col settings_cols[] = {
    {"pid", GW_COL_INT, true, offsetof(settings, pid)},
    {"role", GW_COL_TEXT, true, offsetof(settings, role)},
    {"is_read_only", GW_COL_BOOL, true, offsetof(settings, read_only)},
    {"is_pinned", GW_COL_BOOL, true, offsetof(settings, pinned)},
};

static void settings_params(const gw_session *session, const char *mode, bool local,
                            char timeout[32], gw_param out[4])
{
    snprintf(timeout, 32, "%lldms", (long long)session->lock_timeout_ms);
    out[0] = gw_p_text(mode);
    out[1] = gw_p_int(PQbackendPID(session->pg));
    out[2] = gw_p_text(timeout);
    out[3] = gw_p_bool(local);
}

/* One round trip: where we are, is there a pooler, and the settings where there is none. */
static bool look_around(gw_session *session, gw_arena *keep, gw_pooler_mode pooler, gw_err *err)
{
    char timeout[32];
    gw_param params[4];
    const char *mode = !session->pinned || pooler == GW_POOLER_YES ? "never"
                       : pooler == GW_POOLER_NO                    ? "always"
                                                                   : "direct";
    settings_params(session, mode, false, timeout, params);
    gw_arena *arena = gw_arena_new();
    gw_result result;
    settings row = {0};
    bool ok = gw_query(session, arena, &gw_sql_session_settings, params, 4, &result, err) &&
              gw_row(arena, &result, settings_cols, sizeof settings_cols / sizeof *settings_cols,
                     &row, err);
    if (ok)
        session->role = gw_strdup(keep, row.role);
    gw_arena_free(arena);
    if (!ok)
        return false;
    session->read_only = row.read_only;
    session->pooled = pooler == GW_POOLER_YES ||
                      (pooler == GW_POOLER_AUTO && row.pid != PQbackendPID(session->pg));
    session->backend_pid = session->pooled ? 0 : (int)row.pid;
    return true;
}

static void close_deferred(void *arg)
{
    gw_session_close(arg);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static void say_connected(const gw_session *session, int64_t began)
{
    const char *host = text_or_empty(PQhost(session->pg)), *port = PQport(session->pg);
    const char *server = PQparameterStatus(session->pg, "server_version");
    gw_log_write(session->log, GW_LOG_DEBUG, NULL, "connected",
                 GW_FIELDS(GW_TEXT("host", host), GW_TEXT("port", port),
                           GW_TEXT("database", PQdb(session->pg)),
                           GW_TEXT("user", PQuser(session->pg)), GW_TEXT("server_version", server),
                           GW_INT("backend_pid", session->backend_pid),
                           GW_BOOL("tls", PQsslInUse(session->pg)),
                           GW_BOOL("pooled", session->pooled),
                           GW_BOOL("read_only", session->read_only),
                           GW_INT("duration_ms", (gw_monotonic_us() - began) / 1000)));
}

/* The loan has a life of its own: closed early it goes back, and closing it again does nothing. */
static bool borrow(gw_arena *arena, const gw_connect *connect, gw_session **out, gw_err *err)
{
    gw_pool *pool = connect->pool;
    gw_session *lender;
    if (!gw_pool_take_within(pool, connect->answer_ms, &lender, err))
        return false;
    gw_session *loan = gw_memdup(arena, lender, sizeof *lender);
    loan->pool = pool;
    loan->lender = lender;
    loan->answer_ms = connect->answer_ms;
    PQsetNoticeReceiver(loan->pg, gw_session_notice_receiver, loan);
    gw_arena_defer(arena, close_deferred, loan);
    *out = loan;
    return true;
}

static void give_back(gw_session *loan)
{
    gw_session *lender = loan->lender;
    bool idle = loan->queued == 0 && loan->syncs == loan->synced && !loan->silent;
    lender->ended = loan->ended;
    PQsetNoticeReceiver(lender->pg, gw_session_notice_receiver, lender);
    loan->canceller = NULL;
    loan->pg = NULL;
    gw_pool_give(loan->pool, lender, !idle);
}

bool gw_session_open(gw_arena *arena, const gw_connect *connect, gw_session **out, gw_err *err)
{
    PGconn *pg;
    int64_t began = gw_monotonic_us();
    if (gw_pool_serves(connect->pool, connect))
        return borrow(arena, connect, out, err);
    if (!gw_connect_with_retry(connect, &pg, err))
        return false;
    gw_session *session = gw_alloc(arena, sizeof *session);
    session->pg = pg;
    session->canceller = gw_canceller_new(pg);
    session->cancel = connect->cancel;
    session->log = connect->log;
    session->answer_ms = connect->answer_ms;
    session->pinned = connect->pinned;
    session->lock_timeout_ms =
        connect->lock_timeout_ms > 0 ? connect->lock_timeout_ms : DEFAULT_LOCK_TIMEOUT_MS;
    gw_arena_defer(arena, close_deferred, session);
    PQsetNoticeReceiver(pg, gw_session_notice_receiver, session);
    if (PQsetnonblocking(pg, 1) != 0 || !look_around(session, arena, connect->pooler, err)) {
        if (err->kind == GW_OK)
            gw_err_lost(err, session, NULL);
        if (err->kind == GW_ERR_LOST)
            err->kind = GW_ERR_CONNECT;
        gw_err_context(err, "while opening a session");
        gw_session_close(session);
        return false;
    }
    say_connected(session, began);
    *out = session;
    return true;
}

void gw_session_close(gw_session *session)
{
    if (!session || !session->pg)
        return;
    if (session->pool) {
        give_back(session);
        return;
    }
    gw_canceller_drop(session->canceller);
    PQfinish(session->pg);
    session->canceller = NULL;
    session->pg = NULL;
}

int gw_session_version(const gw_session *session)
{
    return session->pg ? PQserverVersion(session->pg) : 0;
}

bool gw_session_pooled(const gw_session *session)
{
    return session->pooled;
}

bool gw_session_read_only(const gw_session *session)
{
    return session->read_only;
}

int gw_session_backend_pid(const gw_session *session)
{
    return session->backend_pid;
}

const char *gw_session_database(const gw_session *session)
{
    return text_or_empty(PQdb(session->pg));
}

const char *gw_session_user(const gw_session *session)
{
    return text_or_empty(PQuser(session->pg));
}

const char *gw_session_role(const gw_session *session)
{
    return session->role;
}

const char *gw_session_host(const gw_session *session)
{
    return text_or_empty(PQhost(session->pg));
}

bool gw_session_lost(const gw_session *session)
{
    return session->ended || PQstatus(session->pg) == CONNECTION_BAD; /* so is NULL */
}

bool gw_session_in_transaction(const gw_session *session)
{
    PGTransactionStatusType status = PQtransactionStatus(session->pg);
    return status == PQTRANS_ACTIVE || status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool gw_session_standard_strings(const gw_session *session)
{
    const char *value = PQparameterStatus(session->pg, "standard_conforming_strings");
    return !value || strcmp(value, "on") == 0;
}

bool gw_session_superuser(const gw_session *session)
{
    const char *value = PQparameterStatus(session->pg, "is_superuser");
    return value && strcmp(value, "on") == 0;
}

PGconn *gw_session_raw(gw_session *session)
{
    return session->pg;
}

void gw_session_on_notice(gw_session *session, gw_notice_fn *fn, void *self)
{
    session->notice = fn;
    session->notice_self = self;
}

bool gw_pipeline_add_pin(gw_session *session, gw_err *err)
{
    char timeout[32];
    gw_param params[4];
    settings_params(session, "always", true, timeout, params);
    return gw_pipeline_add(session, gw_sql_session_settings.text, params, 4, err);
}

bool gw_session_needs_local_pin(const gw_session *session)
{
    return session->pinned && session->pooled;
}

/* Behind a pooler nothing that is set outlives its transaction: BEGIN and the settings together. */
static bool begin_pinned(gw_session *session, const char *begin, gw_err *err)
{
    bool skipped, ok = gw_pipeline_start(session, err);
    if (!ok)
        return false;
    ok = gw_pipeline_add(session, begin, NULL, 0, err) && gw_pipeline_add_pin(session, err) &&
         gw_pipeline_sync(session, err) &&
         gw_pipeline_next(session, NULL, "begin", NULL, &skipped, err) &&
         gw_pipeline_next(session, NULL, gw_sql_session_settings.name, NULL, &skipped, err);
    gw_err ignored = {0};
    if (!gw_pipeline_end(session, ok ? err : &ignored))
        ok = false;
    gw_err_clear(&ignored);
    if (!ok)
        gw_session_rollback(session);
    return ok;
}

bool gw_session_begin(gw_session *session, const char *isolation, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    /* Godwit's own statements mean to see what others have just committed. */
    if (!isolation && session->pinned)
        isolation = "READ COMMITTED";
    char *begin = isolation ? gw_printf(arena, "BEGIN ISOLATION LEVEL %s", isolation)
                            : gw_strdup(arena, "BEGIN");
    bool ok = gw_session_needs_local_pin(session) ? begin_pinned(session, begin, err)
                                                  : gw_exec(session, begin, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_session_commit(gw_session *session, gw_err *err)
{
    /* COMMIT of a transaction that has failed answers ROLLBACK and is no error to the server. */
    bool failed = PQtransactionStatus(session->pg) == PQTRANS_INERROR;
    if (!gw_exec(session, "COMMIT", err))
        return false;
    if (failed)
        return gw_err_set(err, GW_ERR_STATE,
                          "the transaction had failed before and was rolled back");
    return true;
}

void gw_session_rollback(gw_session *session)
{
    if (!session || !session->pg || gw_session_lost(session))
        return;
    gw_err ignored = {0};
    if (PQpipelineStatus(session->pg) != PQ_PIPELINE_OFF)
        gw_pipeline_end(session, &ignored);
    gw_exchange watch = gw_exchange_begin(session);
    watch.deaf = true;
    gw_exchange_drain(&watch);
    if (gw_session_in_transaction(session))
        gw_exec(session, "ROLLBACK", &ignored);
    gw_err_clear(&ignored);
}

bool gw_session_cancel(gw_session *session)
{
    /* Where it is refused, the statement ends by itself. */
    return !session->canceller || gw_canceller_send(session->canceller, session->cancel);
}
