#include "pg/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/internal.h"
#include "pg/pipeline.h"
#include "sql_pg.h"

gw_param gw_p_text(const char *text)
{
    return (gw_param){.text = text};
}

gw_param gw_p_int(int64_t number)
{
    gw_param param = {0};
    snprintf(param.number, sizeof param.number, "%lld", (long long)number);
    return param;
}

gw_param gw_p_bool(bool value)
{
    return (gw_param){.text = value ? "true" : "false"};
}

int64_t gw_affected(PGresult *result)
{
    static const char *const tags[] = {"INSERT ", "UPDATE ", "DELETE ", "MERGE ", "COPY "};
    const char *tag = PQcmdStatus(result);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (strncmp(tag, tags[i], strlen(tags[i])) == 0)
            return strtoll(PQcmdTuples(result), NULL, 10);
    return -1;
}

static bool send(gw_session *session, const char *text, const char *prepared,
                 const gw_param *params, size_t count)
{
    enum { FEW = 32 };
    const char *few[FEW] = {0};
    const char **values = count > FEW ? calloc(count, sizeof *values) : few;
    if (!values)
        gw_out_of_memory(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = params[i].text ? params[i].text : *params[i].number ? params[i].number : NULL;
    int sent = prepared ? PQsendQueryPrepared(session->pg, prepared, (int)count, values, NULL, NULL, 0)
                        : PQsendQueryParams(session->pg, text, (int)count, NULL, values, NULL, NULL, 0);
    if (values != few)
        free(values);
    return sent == 1;
}

bool gw_send_params(gw_session *session, const char *text, const gw_param *params, size_t count)
{
    return send(session, text, NULL, params, count);
}

bool gw_send_prepared(gw_session *session, const char *name, const gw_param *params, size_t count)
{
    return send(session, NULL, name, params, count);
}

/* Sending failed: the connection is gone, or it is a bug (the session was busy). */
static bool not_sent(gw_session *session, const char *statement, gw_err *err)
{
    if (gw_session_lost(session))
        return gw_err_lost(err, session, statement);
    gw_err_set(err, GW_ERR_INTERNAL, "the statement could not be sent: %s",
               PQerrorMessage(session->pg));
    return gw_err_statement(err, statement, strlen(statement));
}

/* What a run wants of its results. */
typedef struct wanted {
    const char *statement; /* for errors */
    gw_arena *arena;       /* with keep: who owns the last result */
    gw_result *keep;       /* NULL: rows are thrown away */
    int64_t affected;
} wanted;

static void clear_result(void *result)
{
    PQclear(result);
}

static void keep_result(wanted *want, PGresult *result)
{
    want->affected = gw_affected(result);
    if (!want->keep) {
        PQclear(result);
        return;
    }
    gw_arena_defer(want->arena, clear_result, result);
    *want->keep = (gw_result){.pg = result,
                              .statement = want->statement,
                              .rows = (size_t)PQntuples(result),
                              .affected = want->affected};
}

/* Read every result; the first error counts, the session is ready again whatever happened. */
static bool collect(gw_exchange *watch, wanted *want, gw_err *err)
{
    bool ok = true;
    for (;;) {
        bool lost;
        PGresult *result = gw_exchange_result(watch, &lost);
        if (!result) {
            if (lost && ok)
                return gw_err_lost(err, watch->session, want->statement);
            return ok;
        }
        ExecStatusType status = PQresultStatus(result);
        if (gw_is_copy(status)) {
            PQclear(result);
            gw_exchange_refuse_copy(watch, status, want->statement, ok ? err : NULL);
            ok = false;
        } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            keep_result(want, result);
        } else if (status == PGRES_SINGLE_TUPLE || status == PGRES_EMPTY_QUERY) {
            PQclear(result);
        } else {
            if (ok)
                gw_exchange_error(watch, result, want->statement, err);
            ok = false;
            PQclear(result);
        }
    }
}

static bool finish(gw_exchange *watch, wanted *want, bool sent, gw_err *err)
{
    if (!sent)
        return not_sent(watch->session, want->statement, err);
    return gw_exchange_flush(watch, err) && collect(watch, want, err);
}

bool gw_query_text(gw_session *session, gw_arena *arena, const char *name, const char *text,
                   const gw_param *params, size_t count, gw_result *out, gw_err *err)
{
    wanted want = {.statement = name, .arena = arena, .keep = out};
    *out = (gw_result){.statement = name, .affected = -1};
    gw_exchange watch = gw_exchange_begin(session);
    return finish(&watch, &want, gw_send_params(session, text, params, count), err);
}

bool gw_query_describe(gw_session *session, gw_arena *arena, const char *name, const char *text,
                       gw_result *out, gw_err *err)
{
    wanted prepared = {.statement = name}, want = {.statement = name, .arena = arena, .keep = out};
    *out = (gw_result){.statement = name, .affected = -1};
    gw_exchange watch = gw_exchange_begin(session);
    if (!finish(&watch, &prepared, PQsendPrepare(session->pg, "", text, 0, NULL) == 1, err))
        return false;
    watch = gw_exchange_begin(session);
    return finish(&watch, &want, PQsendDescribePrepared(session->pg, "") == 1, err);
}

static bool check_version(gw_session *session, const gw_sql *sql, gw_err *err)
{
    int version = gw_session_version(session);
    if (sql->min_version <= version || version == 0)
        return true;
    return gw_err_set(err, GW_ERR_UNSUPPORTED, "%s needs PostgreSQL %d; this server is %d",
                      sql->name, sql->min_version / 10000, version / 10000);
}

/*
 * A fixed statement outside a transaction, behind a pooler: what a pipeline holds up to its sync is
 * one transaction, so the settings before it are those that it runs with, and nobody else does.
 */
static bool query_pinned(gw_session *session, gw_arena *arena, const gw_sql *sql,
                         const gw_param *params, size_t count, gw_result *out, gw_err *err)
{
    if (!gw_pipeline_start(session, err))
        return false;
    bool skipped;
    bool ok = gw_pipeline_add_pin(session, err) &&
              gw_pipeline_add(session, sql->text, params, count, err) &&
              gw_pipeline_sync(session, err) &&
              gw_pipeline_next(session, NULL, gw_sql_session_settings.name, NULL, &skipped, err) &&
              gw_pipeline_next(session, arena, sql->name, out, &skipped, err);
    gw_err ignored = {0};
    if (!gw_pipeline_end(session, ok ? err : &ignored))
        ok = false;
    gw_err_clear(&ignored);
    return ok;
}

static bool pin_first(gw_session *session)
{
    return gw_session_needs_local_pin(session) && !gw_session_in_transaction(session);
}

bool gw_query(gw_session *session, gw_arena *arena, const gw_sql *sql, const gw_param *params,
              size_t count, gw_result *out, gw_err *err)
{
    if (!check_version(session, sql, err))
        return false;
    if (pin_first(session))
        return query_pinned(session, arena, sql, params, count, out, err);
    return gw_query_text(session, arena, sql->name, sql->text, params, count, out, err);
}

bool gw_exec_sql(gw_session *session, const gw_sql *sql, const gw_param *params, size_t count,
                 gw_err *err)
{
    if (!check_version(session, sql, err))
        return false;
    if (pin_first(session))
        return query_pinned(session, NULL, sql, params, count, NULL, err);
    wanted want = {.statement = sql->name};
    gw_exchange watch = gw_exchange_begin(session);
    return finish(&watch, &want, gw_send_params(session, sql->text, params, count), err);
}

bool gw_exec(gw_session *session, const char *text, gw_err *err)
{
    wanted want = {.statement = text};
    gw_exchange watch = gw_exchange_begin(session);
    return finish(&watch, &want, PQsendQuery(session->pg, text) == 1, err);
}

bool gw_exec_user(gw_session *session, const char *text, int64_t *affected, gw_err *err)
{
    wanted want = {.statement = text, .affected = -1};
    gw_exchange watch = gw_exchange_begin(session);
    if (watch.deaf)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before the statement was run");
    bool sent = PQsendQuery(session->pg, text) == 1;
    if (sent)
        PQsetSingleRowMode(session->pg);
    bool ok = finish(&watch, &want, sent, err);
    if (ok && affected)
        *affected = want.affected;
    return ok;
}

/* The parser's verdict in a transaction that has failed: it reads a statement, then refuses to go
 * on because of the transaction, or because of what it has read. */
static bool parse_in_failed(gw_session *session, const char *text, gw_err *err)
{
    gw_err expected = {0};
    bool skipped;
    gw_pipeline_next(session, NULL, "begin", NULL, &skipped, &expected);
    gw_pipeline_next(session, NULL, "fail", NULL, &skipped, &expected);
    bool lost = gw_session_lost(session);
    bool failed = strcmp(expected.sqlstate, "22012") == 0;
    if (lost || !failed)
        gw_err_move(err, &expected);
    gw_err_clear(&expected);
    if (lost)
        return false;
    if (!failed)
        return err->kind != GW_OK ? false
                                  : gw_err_set(err, GW_ERR_INTERNAL, "a transaction did not fail");
    if (gw_pipeline_next(session, NULL, text, NULL, &skipped, err))
        return true;
    if (strcmp(err->sqlstate, "25P02") == 0) {
        gw_err_clear(err);
        return true;
    }
    if (err->kind == GW_ERR_SQL)
        err->kind = GW_ERR_INPUT;
    return false;
}

bool gw_query_parses(gw_session *session, const char *text, gw_err *err)
{
    gw_err ignored = {0};
    if (!gw_pipeline_start(session, err))
        return false;
    bool ok = gw_pipeline_add(session, "BEGIN", NULL, 0, err) &&
              gw_pipeline_add(session, "SELECT 1 OPERATOR(pg_catalog./) 0", NULL, 0, err) &&
              gw_pipeline_sync(session, err) && gw_pipeline_prepare(session, "", text, err) &&
              gw_pipeline_sync(session, err) &&
              gw_pipeline_add(session, "ROLLBACK", NULL, 0, err) &&
              gw_pipeline_sync(session, err) && parse_in_failed(session, text, err);
    if (!gw_pipeline_end(session, ok ? err : &ignored))
        ok = false;
    gw_err_clear(&ignored);
    if (gw_session_in_transaction(session))
        gw_session_rollback(session);
    return ok;
}
