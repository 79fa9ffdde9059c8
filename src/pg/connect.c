/* Getting a connection: one attempt, what its failure means, and when it is worth another. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "pg/internal.h"

typedef struct attempt {
    gw_arena *arena;
    const gw_connect *connect;
    int seen;         /* level of the stop requested before we began */
    int64_t deadline; /* monotonic, of the whole budget */
    PGconn *pg;
    bool timed_out;
    int64_t own_ms;                        /* the user's connect_timeout */
    const char *no_number;                 /* it, where it is none */
    int64_t host_ms;                       /* what one host may take */
    const char *hosts, *addresses, *ports; /* lists with commas, or NULL */
    size_t host_count, first_host;         /* how many, and where this attempt begins */
    gw_err why; /* of the last attempt whose failure says more than that time ran out */
} attempt;

/* From the n-th item of a list on; a list of one serves every host. */
static const char *from_item(const char *list, size_t n)
{
    const char *p = list;
    for (; p && n > 0 && (p = strchr(p, ',')); n--)
        p++;
    return p ? p : list;
}

static PGconn *start(attempt *a)
{
    enum { MOST = 6 + GW_KEEPALIVES };
    const gw_connect *connect = a->connect;
    const char *conninfo = connect->conninfo ? connect->conninfo : "";
    const char *keywords[MOST + 1] = {0}, *values[MOST + 1] = {0};
    size_t n = 0, own = gw_conninfo_has_service(conninfo) ? 0 : GW_KEEPALIVES;
    /* The last one given counts: these come before what the conninfo says. */
    for (size_t i = 0; i < own; i++) {
        keywords[n] = gw_keepalives[i][0];
        values[n++] = gw_keepalives[i][1];
    }
    keywords[n] = "fallback_application_name";
    values[n++] = connect->application_name ? connect->application_name : "godwit";
    keywords[n] = "dbname";
    values[n++] = conninfo;
    /* The files are UTF-8, whatever the database's encoding. */
    keywords[n] = "client_encoding";
    values[n++] = "UTF8";
    const char *lists[] = {a->hosts, a->addresses, a->ports};
    static const char *const names[] = {"host", "hostaddr", "port"};
    for (size_t i = 0; a->first_host > 0 && i < 3; i++)
        if (lists[i]) {
            keywords[n] = names[i];
            values[n++] = from_item(lists[i], a->first_host);
        }
    return PQconnectStartParams(keywords, values, 1);
}

/* libpq reads it in its blocking calls alone, which are not used: those refuse what is no number. */
static void read_timeout(attempt *a, const char *value)
{
    char *end;
    errno = 0;
    long seconds = strtol(value, &end, 10);
    if (end == value || end[strspn(end, " \t\r\n")] || errno == ERANGE || seconds > INT_MAX)
        a->no_number = gw_strdup(a->arena, value);
    a->own_ms = (int64_t)seconds * 1000;
}

/* How long one attempt may take: the user's own connect_timeout is for each host. libpq leaves
 * both the clock and the going on to the next host to its blocking calls, which are not used. */
static void read_options(attempt *a)
{
    PQconninfoOption *options = PQconninfo(a->pg);
    a->host_ms = 0;
    for (PQconninfoOption *o = options; o && o->keyword && a->first_host == 0; o++) {
        const char *value = o->val && *o->val ? o->val : NULL;
        if (strcmp(o->keyword, "connect_timeout") == 0 && value)
            read_timeout(a, value);
        else if (strcmp(o->keyword, "host") == 0)
            a->hosts = gw_strdup(a->arena, value);
        else if (strcmp(o->keyword, "hostaddr") == 0)
            a->addresses = gw_strdup(a->arena, value);
        else if (strcmp(o->keyword, "port") == 0)
            a->ports = gw_strdup(a->arena, value);
    }
    PQconninfoFree(options);
    const char *list = a->hosts ? a->hosts : a->addresses;
    a->host_count = 1;
    for (const char *p = list; p && (p = strchr(p, ',')); p++)
        a->host_count++;
    int64_t left = (a->deadline - gw_monotonic_us()) / 1000;
    a->host_ms = a->own_ms > 0 ? a->own_ms : left / (int64_t)(a->host_count - a->first_host);
}

/* Which of the hosts, counted over all of them, is being tried. */
static size_t current_host(const attempt *a)
{
    const char *host = PQhost(a->pg);
    const char *p = a->hosts ? a->hosts : a->addresses;
    size_t len = host ? strlen(host) : 0;
    for (size_t n = 0; p; n++) {
        size_t item = strcspn(p, ",");
        if (n >= a->first_host && item == len && strncmp(p, host, len) == 0)
            return n;
        p = p[item] ? p + item + 1 : NULL;
    }
    return a->first_host;
}

static int64_t host_deadline(const attempt *a)
{
    int64_t end = gw_monotonic_us() + a->host_ms * 1000;
    return end < a->deadline ? end : a->deadline;
}

/* 1: connected, 0: failed (or time ran out), -1: asked to stop. */
static int try_once(attempt *a)
{
    a->timed_out = false;
    a->pg = start(a);
    if (!a->pg)
        gw_out_of_memory(sizeof(void *));
    /* The only way to get a failed connection's SQLSTATE is to read it in the message. */
    PQsetErrorVerbosity(a->pg, PQERRORS_VERBOSE);
    read_options(a);
    if (a->no_number || PQstatus(a->pg) == CONNECTION_BAD)
        return 0;
    size_t host = current_host(a);
    int64_t end = host_deadline(a);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        short events = status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
        int64_t left = (end - gw_monotonic_us()) / 1000;
        int ready = gw_poll_socket(PQsocket(a->pg), events, a->connect->cancel, a->seen,
                                   left > 0 ? (int)left : 0);
        if (ready < 0)
            return -1;
        if (ready == 0) {
            a->timed_out = true;
            return 0;
        }
        status = PQconnectPoll(a->pg);
        if (current_host(a) != host) {
            host = current_host(a);
            end = host_deadline(a);
        }
    }
    return status == PGRES_POLLING_OK ? 1 : 0;
}

/* The last SQLSTATE in a verbose message: two spaces, five characters, a colon. */
static bool find_sqlstate(const char *message, char out[6])
{
    bool found = false;
    for (const char *p = strstr(message, ":  "); p; p = strstr(p + 1, ":  ")) {
        size_t len = strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (len == 5 && strncmp(p + 8, ": ", 2) == 0) {
            memcpy(out, p + 3, 5);
            out[5] = '\0';
            found = true;
        }
    }
    return found;
}

static bool contains_any(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strstr(text, *words))
            return true;
    return false;
}

/* libpq formats errno with strerror: so it is found in any language. */
static bool has_errno(const char *message, const int *codes)
{
    for (; *codes; codes++)
        if (strstr(message, strerror(*codes)))
            return true;
    return false;
}

static bool on_socket(PGconn *pg)
{
    const char *host = PQhost(pg);
    return host && (*host == '/' || *host == '@' || *host == '\0');
}

static bool no_server(PGconn *pg, const char *message)
{
    static const int refused[] = {ECONNREFUSED, ECONNRESET, EPIPE,        EHOSTUNREACH, ENETUNREACH,
                                  ETIMEDOUT,    EHOSTDOWN,  ECONNABORTED, EAGAIN,       0};
    static const int missing[] = {ENOENT, 0};
    static const char *const words[] = {"server closed the connection",
                                        "could not translate host name", NULL};
    return has_errno(message, refused) || contains_any(message, words) ||
           (on_socket(pg) && strstr(message, "socket") && has_errno(message, missing));
}

/* pgbouncer gives one SQLSTATE to all that it says itself: a wrong password and a server that is
 * starting behind it are told apart by their words, which are never translated. */
static bool pooler_may_recover(const char *message)
{
    static const char *const words[] = {"cannot connect to server",
                                        "server login has been failing",
                                        "the database system is",
                                        "no more connections",
                                        "too many",
                                        "shutting down",
                                        "server conn crashed",
                                        NULL};
    return contains_any(message, words);
}

/* Can waiting help? */
static bool worth_waiting(const attempt *a, const char *message)
{
    static const char *const states[] = {"57P03", "53300", "57P01", "57P02", "08006", "08001"};
    char sqlstate[6];
    if (a->timed_out)
        return true;
    if (a->no_number)
        return false;
    if (!find_sqlstate(message, sqlstate))
        return no_server(a->pg, message);
    if (strcmp(sqlstate, "08P01") == 0)
        return pooler_may_recover(message);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    return false;
}

/* libpq is never told of a locale here: its words are these. */
static bool names_unknown_parameter(const char *message)
{
    static const char *const words[] = {"invalid URI query parameter", "invalid connection option",
                                        NULL};
    return contains_any(message, words);
}

/* What libpq refuses before it asks any server: then nothing but the configuration can mend it. */
static bool is_misconfigured(const char *message)
{
    static const char *const words[] = {"invalid port number", "invalid integer value",
                                        "could not match ",    "is too long (maximum",
                                        "service file",        "definition of service",
                                        NULL};
    const char *value = strstr(message, " value: \"");
    return contains_any(message, words) || (value && strncmp(message, "invalid ", 8) == 0);
}

static const char *conninfo_of(const attempt *a)
{
    return a->connect->conninfo ? a->connect->conninfo : "";
}

static char *place(const attempt *a)
{
    gw_arena *arena = a->arena;
    PGconn *pg = a->pg;
    if (!gw_conninfo_reads_well(conninfo_of(a)))
        return gw_strdup(arena, "the server"); /* "host" and "port" may be pieces of a password */
    const char *host = PQhost(pg), *port = PQport(pg);
    if (!host || !*host)
        return gw_strdup(arena, "the server");
    if (*host == '/' || *host == '@')
        return gw_printf(arena, "the server on socket %s/.s.PGSQL.%s", host, port ? port : "");
    return gw_printf(arena, "the server at %s, port %s", host, port && *port ? port : "5432");
}

/* On the server, and as the role, that the database was looked for. */
static const char *createdb(const attempt *a)
{
    const struct {
        const char *option, *value;
    } where[] = {{"-h", PQhost(a->pg)}, {"-p", PQport(a->pg)}, {"-U", PQuser(a->pg)}};
    gw_buf line = GW_BUF(a->arena);
    gw_buf_add(&line, "createdb");
    for (size_t i = 0; i < sizeof where / sizeof *where; i++)
        if (where[i].value && *where[i].value) {
            gw_buf_addf(&line, " %s ", where[i].option);
            gw_buf_add_word(&line, where[i].value);
        }
    gw_buf_add(&line, " -- ");
    gw_buf_add_word(&line, PQdb(a->pg) ? PQdb(a->pg) : "");
    return gw_buf_str(&line);
}

static void hint(const attempt *a, gw_err *err, const char *message)
{
    PGconn *pg = a->pg;
    const char *user = PQuser(pg) ? PQuser(pg) : "", *database = PQdb(pg) ? PQdb(pg) : "";
    const char *state = err->sqlstate;
    if (strcmp(state, "3D000") == 0)
        gw_err_hint(err, "make it with: %s", createdb(a));
    else if (strcmp(state, "28P01") == 0 || PQconnectionNeedsPassword(pg))
        gw_err_hint(err, "check the password of \"%s\": in the URL, PGPASSWORD or ~/.pgpass", user);
    else if (strcmp(state, "28000") == 0)
        gw_err_hint(err,
                    "check the role \"%s\", and that the server's pg_hba.conf lets it in "
                    "from here",
                    user);
    else if (strcmp(state, "42501") == 0)
        gw_err_hint(err, "GRANT CONNECT ON DATABASE \"%s\" TO \"%s\"", database, user);
    else if (strcmp(state, "53300") == 0)
        gw_err_hint(err, "close other connections or raise max_connections (or the role's "
                         "CONNECTION LIMIT)");
    else if (strcmp(state, "08P01") == 0)
        gw_err_hint(err,
                    "a pooler said so: check that its configuration knows the database \"%s\" "
                    "and the user \"%s\"",
                    database, user);
    else if (strcmp(state, "57P03") == 0)
        gw_err_hint(err, "the server is starting or stopping: try again, or raise "
                         "connect_timeout");
    else if (!*state && strstr(message, "invalid port number"))
        gw_err_hint(err, "a port is a number from 1 to 65535: check the URL, or PGPORT");
    else if (!*state && is_misconfigured(message))
        gw_err_hint(err, "check the connection string, and the PG* variables");
    else if (strstr(message, "could not translate host name"))
        gw_err_hint(err, "check the host name in the URL, or PGHOST");
    else if (!*state && (strstr(message, "SSL") || strstr(message, "certificate")))
        gw_err_hint(err, "check sslmode and the certificates (sslrootcert, sslcert, sslkey)");
    else if (!*state && on_socket(pg) && strstr(message, strerror(EACCES)))
        gw_err_hint(err,
                    "user id %ld may not enter the folder of the socket or use the socket: give it "
                    "permission, be another user, or connect by host and port",
                    (long)geteuid());
    else if (!*state && no_server(pg, message))
        gw_err_hint(err, "is the server running, and are host and port right?");
    else
        gw_err_hint(err, "check the connection string, and the PG* variables");
}

/* "… failed: FATAL:  28P01: password …\nDETAIL:  …\nLOCATION: …": what a person wants of it. */
static char *readable(gw_arena *arena, const char *message)
{
    gw_buf buf = GW_BUF(arena);
    gw_buf_reserve(&buf, 0);
    for (const char *p = message; *p;) {
        size_t len = strcspn(p, "\n");
        const char *state = NULL;
        for (const char *q = p; q + 10 < p + len; q++)
            if (strncmp(q, ":  ", 3) == 0 && strncmp(q + 8, ": ", 2) == 0 &&
                strspn(q + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5)
                state = q;
        if (len > 0 && strncmp(p, "LOCATION:", 9) != 0) {
            if (buf.len)
                gw_buf_addc(&buf, '\n');
            if (state) {
                gw_buf_addn(&buf, p, (size_t)(state + 3 - p));
                gw_buf_addn(&buf, state + 10, len - (size_t)(state + 10 - p));
            } else {
                gw_buf_addn(&buf, p, len);
            }
        }
        p += len + (p[len] != '\0');
    }
    return buf.data;
}

static void explain(attempt *a, gw_err *err)
{
    if (a->no_number) {
        gw_err_set(err, GW_ERR_CONFIG, "cannot connect to %s", place(a));
        gw_err_detail(err, "connect_timeout is \"%s\"", a->no_number);
        gw_err_hint(err, "it is a number of seconds: check the connection string, and "
                         "PGCONNECT_TIMEOUT");
        return;
    }
    const char *conninfo = conninfo_of(a);
    const char *raw = PQerrorMessage(a->pg);
    char *message = gw_conninfo_mask(a->arena, conninfo, raw ? raw : "");
    int version;
    const char *newer = gw_conninfo_newer_parameter(message, &version);
    char said[6];
    bool config = !gw_conninfo_parses(conninfo) ||
                  (!a->timed_out && !find_sqlstate(message, said) && is_misconfigured(message));
    gw_err_set(err, config ? GW_ERR_CONFIG : GW_ERR_CONNECT, "cannot connect to %s", place(a));
    if (a->timed_out)
        gw_err_detail(err, "it did not answer in time");
    else
        gw_err_detail(err, "%s", readable(a->arena, message));
    if (!a->timed_out && find_sqlstate(message, err->sqlstate))
        hint(a, err, message);
    else if (a->timed_out)
        gw_err_hint(err, "is the server reachable from here? connect_timeout sets how long to "
                         "wait");
    else if (names_unknown_parameter(message) && newer)
        gw_err_hint(err,
                    "%s is a parameter of libpq %d and newer, and the libpq here is %d: install a "
                    "newer one (package libpq5), or leave it out",
                    newer, version, PQlibVersion() / 10000);
    else if (names_unknown_parameter(message))
        gw_err_hint(err, "libpq has no parameter of that name: check its spelling (sslmode, "
                         "connect_timeout, options …); a ? that is part of a password is written "
                         "%%3F");
    else if (!gw_conninfo_reads_well(conninfo))
        gw_err_hint(err, "check the connection string; in a URL, write / @ ? # and %% of a "
                         "password as %%2F %%40 %%3F %%23 %%25");
    else
        hint(a, err, message);
}

static void say_retry(attempt *a, int64_t wait_ms)
{
    gw_log_write(a->connect->log, GW_LOG_INFO, NULL, a->why.message,
                 GW_FIELDS(GW_TEXT("detail", a->why.detail), GW_TEXT("sqlstate", a->why.sqlstate),
                           GW_INT("retry_in_ms", wait_ms)));
}

static bool interrupted(attempt *a, gw_err *err)
{
    return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while connecting to %s", place(a));
}

static bool run_attempts(attempt *a, gw_err *err)
{
    enum { BASE_MS = 50, CAP_MS = 1000 };
    for (unsigned n = 0;; n++) {
        int done = try_once(a);
        if (done > 0)
            return true;
        if (done < 0)
            return interrupted(a, err);
        if (!a->timed_out || a->why.kind == GW_OK)
            explain(a, &a->why);
        /* A host that is silent does not keep us from those after it. */
        size_t silent = a->timed_out ? current_host(a) + 1 : 0;
        a->first_host = silent < a->host_count ? silent : 0;
        if (a->first_host > 0 && gw_monotonic_us() < a->deadline) {
            PQfinish(a->pg);
            continue;
        }
        int64_t left = (a->deadline - gw_monotonic_us()) / 1000;
        int64_t wait = gw_backoff_ms(BASE_MS, n < 16 ? n : 16, CAP_MS);
        if (!worth_waiting(a, PQerrorMessage(a->pg)) || left <= 0 || a->seen > 0) {
            gw_err_move(err, &a->why);
            if (n > 0)
                gw_err_context(err, "after %u attempts", n + 1);
            return false;
        }
        if (wait > left)
            wait = left;
        say_retry(a, wait);
        if (!gw_sleep_ms(wait, a->connect->cancel))
            return interrupted(a, err);
        PQfinish(a->pg);
        a->pg = NULL;
    }
}

bool gw_connect_with_retry(const gw_connect *connect, PGconn **out, gw_err *err)
{
    enum { DEFAULT_MS = 10 * 1000 };
    int64_t budget = connect->connect_timeout_ms > 0 ? connect->connect_timeout_ms : DEFAULT_MS;
    int seen = gw_cancel_level(connect->cancel);
    attempt a = {.arena = gw_arena_new(),
                 .connect = connect,
                 .seen = seen < 2 ? seen : 2,
                 .deadline = gw_monotonic_us() + budget * 1000};
    bool ok = run_attempts(&a, err);
    if (ok) {
        PQsetErrorVerbosity(a.pg, PQERRORS_DEFAULT);
        *out = a.pg;
    } else {
        PQfinish(a.pg);
    }
    gw_err_clear(&a.why);
    gw_arena_free(a.arena);
    return ok;
}

bool gw_connect_answers(const gw_connect *connect, int64_t within_ms)
{
    attempt a = {.arena = gw_arena_new(),
                 .connect = connect,
                 .seen = 2,
                 .deadline = gw_monotonic_us() + within_ms * 1000};
    bool silent = try_once(&a) <= 0 && a.timed_out;
    PQfinish(a.pg);
    gw_arena_free(a.arena);
    return !silent;
}
