/* What the server says, as a gw_err. */
#include <stdlib.h>
#include <string.h>

#include "pg/internal.h"

static const char *field(const PGresult *result, int code)
{
    const char *text = result ? PQresultErrorField(result, code) : NULL;
    return text && *text ? text : NULL;
}

/* libpq ends its messages with a newline. Length without it, bounded. */
static int trimmed(const char *text)
{
    enum { LONGEST = 8000 };
    static const char noise[] = "\ninvalid socket"; /* libpq's, once the connection is closed */
    const size_t n = sizeof noise - 1;
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        len--;
    if (len > n && memcmp(text + len - n, noise, n) == 0)
        len -= n;
    return len < LONGEST ? (int)len : LONGEST;
}

/* What was given up because nothing came. */
static bool silent(gw_err *err, const gw_session *session)
{
    gw_err_set(err, GW_ERR_LOST, "the server has not answered for %lld ms", (long long)session->answer_ms);
    return gw_err_hint(err, "it stands still, or cannot be reached any more: the connection was let go");
}

bool gw_err_lost(gw_err *err, gw_session *session, const char *statement)
{
    if (session && session->silent) {
        silent(err, session);
        return !statement ? false : gw_err_statement(err, statement, strlen(statement));
    }
    gw_err_set(err, GW_ERR_LOST, "the connection to the server was lost");
    const char *said = session && session->pg ? PQerrorMessage(session->pg) : NULL;
    if (said && *said)
        gw_err_detail(err, "%.*s", trimmed(said), said);
    if (statement)
        gw_err_statement(err, statement, strlen(statement));
    return false;
}

bool gw_err_copy(gw_err *err, ExecStatusType status, const char *statement)
{
    bool out = status == PGRES_COPY_OUT;
    gw_err_set(err, GW_ERR_INPUT,
               out ? "COPY … TO STDOUT has nowhere to go here"
                   : "COPY … FROM STDIN came without its data");
    gw_err_hint(err, out ? "write to a table, or run this statement with psql"
                         : "put the data after the statement, ended by a line \"\\.\"");
    return !statement ? false : gw_err_statement(err, statement, strlen(statement));
}

/* The server says what a function raises, of any length: in a log or a table a beginning has to do. */
static const char *cut_at(gw_arena *arena, const char *text, size_t longest)
{
    enum { CHARACTER = 4 };
    size_t at = longest;
    if (strnlen(text, longest + 1) <= longest)
        return text;
    while (at > longest - CHARACTER && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--; /* not inside a character */
    return gw_printf(arena, "%.*s… (cut: %zu bytes in all)", (int)at, text, strlen(text));
}

static const char *cut(gw_arena *arena, const char *text)
{
    enum { LONGEST = 6000 };
    return cut_at(arena, text, LONGEST);
}

static void add_object(gw_err *err, const PGresult *result)
{
    const char *schema = field(result, PG_DIAG_SCHEMA_NAME);
    const char *table = field(result, PG_DIAG_TABLE_NAME);
    const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    const char *column = field(result, PG_DIAG_COLUMN_NAME);
    const char *type = field(result, PG_DIAG_DATATYPE_NAME);
    const char *name = table ? table : type;
    if (!name && !constraint)
        return;
    const char *last = constraint ? constraint : column;
    gw_err_object(err, "%s%s%s%s%s", schema ? schema : "", schema && name ? "." : "",
                  name ? name : "", last && name ? "." : "", last ? last : "");
}

static void add_contexts(gw_err *err, gw_arena *scratch, const PGresult *result)
{
    enum { LINES = 40, QUERY = 400 };
    const char *internal = field(result, PG_DIAG_INTERNAL_QUERY);
    if (internal)
        gw_err_context(err, "query: %s", cut_at(scratch, internal, QUERY));
    const char *context = field(result, PG_DIAG_CONTEXT);
    for (size_t lines = 0; context && *context; lines++) {
        const char *end = strchrnul(context, '\n');
        if (lines == LINES) {
            gw_err_context(err, "… (cut: the server says where in more lines than these)");
            return;
        }
        if (end > context)
            gw_err_context(err, "%s", cut(scratch, gw_strndup(scratch, context, (size_t)(end - context))));
        context = *end ? end + 1 : end;
    }
}

bool gw_err_of_result(gw_err *err, gw_session *session, const PGresult *result,
                      const char *statement)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (session && severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
        session->ended = true;
    bool bad = session && gw_session_lost(session);
    if (bad && !(sqlstate && message))
        return gw_err_lost(err, session, statement);
    gw_err_kind kind = sqlstate ? gw_err_kind_of_sqlstate(sqlstate) : GW_ERR_INTERNAL;
    if (bad)
        kind = GW_ERR_LOST;
    if (!message)
        message = result ? PQresultErrorMessage(result) : "";
    if (!*message && session && session->pg)
        message = PQerrorMessage(session->pg);
    if (!*message)
        message = "the statement failed, and nothing was said why";
    gw_arena *scratch = gw_arena_new();
    message = cut(scratch, message);
    gw_err_set(err, kind, "%.*s", trimmed(message), message);
    if (sqlstate)
        memcpy(err->sqlstate, sqlstate, strnlen(sqlstate, 5));
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = field(result, PG_DIAG_MESSAGE_HINT);
    if (detail)
        gw_err_detail(err, "%s", cut(scratch, detail));
    if (hint)
        gw_err_hint(err, "%s", cut(scratch, hint));
    if (field(result, PG_DIAG_STATEMENT_POSITION))
        err->position = strtoul(field(result, PG_DIAG_STATEMENT_POSITION), NULL, 10);
    if (statement)
        gw_err_statement(err, statement, strlen(statement));
    add_object(err, result);
    add_contexts(err, scratch, result);
    gw_arena_free(scratch);
    return false;
}

bool gw_exchange_error(gw_exchange *watch, const PGresult *result, const char *statement,
                       gw_err *err)
{
    gw_err_of_result(err, watch->session, result, statement);
    if (watch->session->silent && err->kind == GW_ERR_CANCELED)
        gw_err_hint(err, "it had not answered for %lld ms, which is all that it was given",
                    (long long)watch->session->answer_ms);
    /* In a pipeline the request may have been passed on while an earlier result was awaited. */
    if ((watch->canceled || watch->deaf) && err->kind == GW_ERR_CANCELED) {
        err->kind = GW_ERR_INTERRUPTED;
        gw_err_hint(err, "it was ended on request and has changed nothing");
    }
    return false;
}

void gw_session_notice_receiver(void *arg, const PGresult *result)
{
    gw_session *session = arg;
    const char *severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    severity = severity ? severity : "NOTICE";
    sqlstate = sqlstate ? sqlstate : "00000";
    gw_arena *scratch = gw_arena_new();
    message = cut(scratch, message ? message : PQresultErrorMessage(result));
    /* That the server ends every session is said once, by the one that is at work. */
    bool warning = strcmp(severity, "WARNING") == 0 && strncmp(sqlstate, "57P", 3) != 0;
    if (session->notice)
        session->notice(session->notice_self, severity, sqlstate, message);
    else
        gw_log_write(session->log, warning ? GW_LOG_WARNING : GW_LOG_DEBUG, NULL, message,
                     GW_FIELDS(GW_TEXT("severity", severity), GW_TEXT("sqlstate", sqlstate)));
    gw_arena_free(scratch);
}
