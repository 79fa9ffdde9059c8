#include "pg/server.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "pg/server_internal.h"

enum {
    START_MS = 5 * 60 * 1000, /* crash recovery of a big cluster takes its time */
    FAST_STOP_MS = 60 * 1000,
    LAST_STOP_MS = 10 * 1000,
    ORPHANS_MS = 5 * 1000,
    BLINK_MS = 1000,
    LOG_LIMIT = 8 * 1024 * 1024,
};

typedef struct control {
    gw_arena *arena;
    const gw_server_options *options;
    gw_server_place place;
    int lock;
} control;

static const char *database_of(const gw_server_options *options)
{
    return options->database && *options->database ? options->database : "godwit";
}

static bool interrupted(const gw_server_options *options, const char *doing, gw_err *err)
{
    if (gw_cancel_level(options->cancel) == 0)
        return false;
    gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while %s", doing);
    return true;
}

/* ---- one at a time ---- */

static bool take_lock(control *c, gw_err *err)
{
    const char *path = c->place.lock;
    c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->lock < 0) {
        int code = errno;
        gw_err_errno(err, code, "cannot open %s", path);
        if (code == EACCES)
            gw_err_hint(err, "%s belongs to another user: run godwit as that user or as root",
                        c->place.home);
        return false;
    }
    while (flock(c->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return gw_err_errno(err, errno, "cannot lock %s", path);
        if (!gw_sleep_ms(20, c->options->cancel) &&
            interrupted(c->options, "waiting for another godwit that starts the server", err))
            return false;
    }
    return true;
}

static void drop_lock(control *c)
{
    if (c->lock >= 0)
        close(c->lock);
    c->lock = -1;
}

/* ---- what there is ---- */

static int major_of(gw_arena *arena, const char *data)
{
    enum { LIMIT = 64 };
    gw_file_text text;
    gw_err ignored = {0};
    bool ok = gw_file_read(arena, gw_path_join(arena, data, "PG_VERSION"), LIMIT, &text, &ignored);
    gw_err_clear(&ignored);
    return ok ? atoi(text.data) : 0;
}

static void add_escaped(gw_buf *url, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("/-._~", c);
        if (plain)
            gw_buf_addc(url, (char)c);
        else
            gw_buf_addf(url, "%%%02X", c);
    }
}

char *gw_server_url(gw_arena *arena, const char *database, const char *socket_dir,
                    const char *role)
{
    gw_buf url = GW_BUF(arena);
    /* The user stands behind: "user@/" without a host is no URL to Rust and to browsers. */
    gw_buf_add(&url, "postgresql:///");
    /* A slash in a database's name would end it. */
    for (const char *part = database; *part; part++) {
        char one[2] = {*part, '\0'};
        if (*part == '/')
            gw_buf_add(&url, "%2F");
        else
            add_escaped(&url, one);
    }
    gw_buf_add(&url, "?host=");
    add_escaped(&url, socket_dir);
    gw_buf_add(&url, "&port=" GW_SERVER_PORT "&user=");
    add_escaped(&url, role);
    return gw_strdup(arena, gw_buf_str(&url));
}

char *gw_server_last_bindir(gw_arena *arena, const char *data)
{
    enum { LIMIT = 65536 };
    gw_file_text text;
    gw_err ignored = {0};
    if (!gw_file_read(arena, gw_path_join(arena, data, "postmaster.opts"), LIMIT, &text,
                      &ignored)) {
        gw_err_clear(&ignored);
        return NULL;
    }
    char *end = strstr(text.data, "/postgres ");
    return end ? gw_strndup(arena, text.data, (size_t)(end - text.data)) : NULL;
}

static void describe(control *c, gw_postmaster *postmaster, gw_server *out)
{
    gw_arena *arena = c->arena;
    *out = (gw_server){.exists = c->place.exists};
    *postmaster = (gw_postmaster){0};
    out->data_directory = gw_strdup(arena, c->place.data);
    if (c->place.exists) {
        *postmaster = gw_postmaster_read(arena, c->place.data);
        out->major = major_of(arena, c->place.data);
        out->version = gw_printf(arena, "%d", out->major);
    }
    out->running = postmaster->alive;
    out->pid = postmaster->alive ? (int)postmaster->pid : 0;
    bool known = postmaster->alive && postmaster->socket_dir && *postmaster->socket_dir;
    out->socket_directory = known ? postmaster->socket_dir
                                  : gw_server_socket_expected(arena, &c->place);
    if (postmaster->alive)
        out->bindir = gw_server_last_bindir(arena, c->place.data);
    out->url = gw_server_url(arena, database_of(c->options), out->socket_directory,
                             GW_SERVER_ROLE);
}

static bool locate(control *c, gw_arena *arena, const gw_server_options *options, gw_err *err)
{
    *c = (control){.arena = arena, .options = options, .lock = -1};
    return gw_server_locate(arena, options, &c->place, err);
}

/* ---- talking to it ---- */

static PGconn *knock_as(const char *role, const char *socket_dir, const char *database)
{
    /* PGOPTIONS, PGSSLMODE and the like are meant for other servers. */
    const char *const names[] = {"host", "port", "user", "dbname", "options", "sslmode",
                                 "connect_timeout", "application_name", "client_encoding", NULL};
    const char *const values[] = {socket_dir, GW_SERVER_PORT, role, database, " ",
                                  "disable", "10", "godwit", "UTF8", NULL};
    return PQconnectdbParams(names, values, 0);
}

/* A disposable server's own role may have been locked out by a file; its admin comes later. */
static PGconn *knock(const control *c, const char *socket_dir, const char *database)
{
    if (c->options->disposable) {
        PGconn *conn = knock_as(GW_SERVER_ADMIN, socket_dir, database);
        if (PQstatus(conn) == CONNECTION_OK)
            return conn;
        PQfinish(conn);
    }
    return knock_as(GW_SERVER_ROLE, socket_dir, database);
}

/* Its socket may be gone although it runs: /tmp gets swept, a session's folder ends with it. */
static bool is_reachable(const gw_server *server)
{
    const char *const names[] = {"host", "port", "user", "dbname", "connect_timeout", NULL};
    const char *const values[] = {server->socket_directory, GW_SERVER_PORT, GW_SERVER_ROLE,
                                  "postgres", "10", NULL};
    PGPing said = PQpingParams(names, values, 0);
    return said == PQPING_OK || said == PQPING_REJECT;
}

static void note_version(gw_arena *arena, PGconn *conn, gw_server *out)
{
    const char *text = PQparameterStatus(conn, "server_version");
    if (text)
        out->version = gw_strndup(arena, text, strcspn(text, " "));
}

/* It is up, and the database is there. */
static bool answers(control *c, gw_server *server)
{
    PGconn *conn = knock(c, server->socket_directory, database_of(c->options));
    bool ok = PQstatus(conn) == CONNECTION_OK;
    if (ok)
        note_version(c->arena, conn, server);
    PQfinish(conn);
    return ok;
}

static bool create_database(PGconn *conn, const char *database, gw_err *err)
{
    char *name = PQescapeIdentifier(conn, database, strlen(database));
    if (!name)
        return gw_err_set(err, GW_ERR_CONFIG, "\"%s\" cannot be the name of a database", database);
    size_t room = strlen(name) + sizeof "CREATE DATABASE ";
    char *statement = malloc(room);
    if (!statement)
        gw_out_of_memory(room);
    strcpy(stpcpy(statement, "CREATE DATABASE "), name);
    PGresult *result = PQexec(conn, statement);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK || (state && strcmp(state, "42P04") == 0);
    if (!ok) {
        gw_err_set(err, GW_ERR_SQL, "cannot make the database \"%s\" on the private server",
                   database);
        gw_err_detail(err, "%s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                     ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                     : PQerrorMessage(conn));
    }
    PQclear(result);
    PQfreemem(name);
    free(statement);
    return ok;
}

static bool ensure_database(control *c, gw_server *server, gw_err *err)
{
    if (answers(c, server))
        return true;
    PGconn *conn = knock(c, server->socket_directory, "postgres");
    bool ok = PQstatus(conn) == CONNECTION_OK;
    if (ok) {
        note_version(c->arena, conn, server);
        ok = create_database(conn, database_of(c->options), err);
    } else {
        gw_err_set(err, GW_ERR_CONNECT, "the private server in %s does not let us in",
                   c->place.data);
        gw_err_detail(err, "%s", gw_last_lines(c->arena, PQerrorMessage(conn), 3));
    }
    PQfinish(conn);
    return ok;
}

/* ---- stopping ---- */

static bool wait_gone(pid_t pid, int64_t budget_ms, const gw_cancel *cancel)
{
    int64_t end = gw_monotonic_us() + budget_ms * 1000;
    while (!gw_process_gone(pid)) {
        if (gw_monotonic_us() > end || gw_cancel_level(cancel) > 1)
            return false;
        gw_sleep_ms(3, gw_cancel_level(cancel) ? NULL : cancel);
    }
    return true;
}

/* Fast (SIGINT), and where that takes too long, at once (SIGQUIT: it recovers at the next start). */
static bool stop_process(control *c, pid_t pid, gw_err *err)
{
    static const struct {
        int signal;
        int64_t budget_ms;
    } steps[] = {{SIGINT, FAST_STOP_MS}, {SIGQUIT, LAST_STOP_MS}, {SIGKILL, LAST_STOP_MS}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (kill(pid, steps[i].signal) != 0 && errno != ESRCH)
            return gw_err_errno(err, errno, "cannot stop the server (process %ld)", (long)pid);
        if (wait_gone(pid, steps[i].budget_ms, c->options->cancel))
            return true;
        if (gw_cancel_level(c->options->cancel) > 1)
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while the server shuts down");
    }
    return gw_err_set(err, GW_ERR_STATE, "the server (process %ld) does not end", (long)pid);
}

/* What a killed postmaster left: its children still hold the shared memory. They notice by
 * themselves; one in the middle of a long statement is told. */
static bool end_orphans(control *c, gw_err *err)
{
    static const int signals[] = {0, SIGTERM, SIGQUIT, SIGKILL};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int64_t end = gw_monotonic_us() + ORPHANS_MS * 1000 / (i == 0 ? 5 : 1);
        for (;;) {
            gw_pids pids = {0};
            gw_server_processes(c->arena, c->place.data, &pids);
            if (pids.len == 0)
                return true;
            for (size_t p = 0; signals[i] && p < pids.len; p++)
                kill(pids.items[p], signals[i]);
            if (gw_monotonic_us() > end)
                break;
            gw_sleep_ms(20, NULL);
            if (interrupted(c->options, "waiting for processes of a server that was killed", err))
                return false;
        }
    }
    return gw_err_set(err, GW_ERR_STATE, "processes of a killed server still use %s",
                      c->place.data);
}

/* ---- starting ---- */

/* stdout and stderr of the server; what was there is kept until it gets long. */
static int open_log(control *c, off_t *start, gw_err *err)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(c->place.log, flags, 0600);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        gw_err_errno(err, errno, "cannot open %s", c->place.log);
        return -1;
    }
    if (st.st_size > LOG_LIMIT && ftruncate(fd, 0) == 0)
        st.st_size = 0;
    *start = st.st_size;
    return fd;
}

static bool start_failed(control *c, off_t log_start, const char *what, gw_err *err)
{
    gw_file_text text = {0};
    gw_err ignored = {0};
    bool read = gw_file_read(c->arena, c->place.log, 0, &text, &ignored);
    gw_err_clear(&ignored);
    const char *said = read && text.len >= (size_t)log_start ? text.data + log_start : "";
    gw_err_set(err, GW_ERR_STATE, "the private PostgreSQL server %s", what);
    gw_err_detail(err, "the end of %s:\n%s", c->place.log, gw_last_lines(c->arena, said, 10));
    if (strstr(said, "No space left on device") || strstr(said, strerror(ENOSPC)))
        gw_err_hint(err, "make room on that disk, then run the same command again");
    else if (strstr(said, "incompatible with server"))
        gw_err_hint(err, "set GODWIT_PG_BINDIR to the PostgreSQL that made it");
    else
        gw_err_hint(err, "the reason is in that log; only where its data can go: \"godwit db destroy\" "
                         "makes room for a new one");
    return false;
}

/* Of a disposable server. Slots and subscriptions can do nothing there. */
static const struct {
    int major;
    const char *setting;
} fast[] = {
    {0, "fsync=off"},
    {0, "synchronous_commit=off"},
    {0, "full_page_writes=off"},
    {0, "wal_level=minimal"},
    {0, "max_wal_senders=0"},
    {0, "max_logical_replication_workers=0"},
    {0, "max_wal_size=4GB"},
    {0, "checkpoint_timeout=1h"},
    {12, "wal_init_zero=off"},
    {0, "autovacuum=off"},
    {0, "shared_buffers=64MB"},
    {0, "huge_pages=off"},
    {0, "dynamic_shared_memory_type=mmap"}, /* in its own folder, as the fence wants it */
    {0, "max_connections=60"},
    {0, "max_locks_per_transaction=1024"}, /* a whole schema in one transaction */
    {0, "jit=off"},
    {0, "archive_mode=off"},
    {0, "shared_preload_libraries="},
    {0, "log_min_error_statement=panic"}, /* statements may hold passwords */
    {14, "client_connection_check_interval=1s"}, /* a killed run's statement ends */
};

static bool spawn(control *c, const gw_server_binaries *binaries, const char *socket_dir,
                  int log_fd, pid_t *pid, gw_err *err)
{
    gw_arena *arena = c->arena;
    gw_fence *fence = c->options->disposable
                          ? gw_fence_new(arena, c->place.data, socket_dir, binaries->bindir)
                          : NULL;
    const char *always[] = {
        gw_path_join(arena, binaries->bindir, "postgres"),
        "-D", c->place.data,
        "-k", socket_dir,
        "-p", GW_SERVER_PORT,
        "-c", "listen_addresses=",
        "-c", "unix_socket_permissions=0700",
        "-c", "logging_collector=off",
        "-c", "log_destination=stderr",
        "-c", gw_printf(arena, "cluster_name=%s", gw_server_title(arena, c->place.data)),
    };
    GW_VEC(const char *) argv = {0};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        *gw_vec_push(arena, &argv) = always[i];
    for (size_t i = 0; c->options->disposable && i < sizeof fast / sizeof *fast; i++)
        if (binaries->major >= fast[i].major) {
            *gw_vec_push(arena, &argv) = "-c";
            *gw_vec_push(arena, &argv) = fast[i].setting;
        }
    *gw_vec_push(arena, &argv) = NULL;
    gw_spawn what = {.argv = argv.items,
                     .fence = fence,
                     .env = gw_server_env(arena, &c->place.user),
                     .user = &c->place.user,
                     .output = log_fd};
    return gw_server_spawn(&what, pid, err);
}

/* Until it takes connections; a server that recovers is alive and gets the time it needs. */
static bool wait_ready(control *c, pid_t pid, off_t log_start, gw_err *err)
{
    int64_t end = gw_monotonic_us() + (int64_t)START_MS * 1000;
    for (int64_t pause = 2;; pause = pause < 50 ? pause + 1 + pause / 4 : 50) {
        gw_postmaster seen = gw_postmaster_read(c->arena, c->place.data);
        if (seen.ready && seen.pid == pid)
            return true;
        if (gw_process_gone(pid))
            return start_failed(c, log_start, "ended while it started", err);
        if (gw_monotonic_us() > end)
            return start_failed(c, log_start, "is not ready after 5 minutes", err);
        if (!gw_sleep_ms(pause, c->options->cancel) &&
            interrupted(c->options, "starting the private server", err))
            return false;
    }
}

/* postmaster.pid of a pid that is now another program's, or of none, would stop PostgreSQL for ever. Only
 * once no process of the cluster is left: the file guards the shared memory, too. */
static bool clear_traces(control *c, const gw_postmaster *last, gw_err *err)
{
    if (!end_orphans(c, err))
        return false;
    const char *path = gw_path_join(c->arena, c->place.data, "postmaster.pid");
    if ((last->foreign || last->broken) && unlink(path) != 0 && errno != ENOENT)
        return gw_err_errno(err, errno, "cannot remove %s", path);
    gw_server_socket_clean(c->arena, &c->place, last->socket_dir);
    gw_server_socket_clean(c->arena, &c->place,
                           gw_server_socket_expected(c->arena, &c->place));
    return true;
}

static bool launch(control *c, const gw_server_binaries *binaries, gw_err *err)
{
    char *socket_dir;
    off_t log_start = 0;
    pid_t pid = 0;
    if (!gw_server_socket_make(c->arena, &c->place, &socket_dir, err))
        return false;
    int log_fd = open_log(c, &log_start, err);
    if (log_fd < 0)
        return false;
    bool ok = spawn(c, binaries, socket_dir, log_fd, &pid, err);
    close(log_fd);
    if (!ok)
        return false;
    if (wait_ready(c, pid, log_start, err))
        return true;
    gw_err ignored = {0};
    if (!gw_process_gone(pid) && !stop_process(c, pid, &ignored))
        gw_err_clear(&ignored);
    return false;
}

static void note(control *c, const char *what, const gw_server_binaries *binaries)
{
    gw_log_write(c->options->log, GW_LOG_INFO, NULL, what,
                 GW_FIELDS(GW_TEXT("version", binaries->version),
                           GW_TEXT("directory", c->place.data)));
}

/* A server that somebody else has just started, or that shuts down, needs a moment; one whose file
 * does not say so has written it within a blink, or never will. */
static void wait_settled(control *c)
{
    int64_t began = gw_monotonic_us();
    gw_postmaster seen = gw_postmaster_read(c->arena, c->place.data);
    while (seen.alive && !seen.ready &&
           gw_monotonic_us() - began < (seen.broken ? BLINK_MS : START_MS) * INT64_C(1000) &&
           gw_sleep_ms(20, c->options->cancel))
        seen = gw_postmaster_read(c->arena, c->place.data);
}

/* Searching for programs starts a dozen of them. A disposable cluster takes those of its last start;
 * where they are not what they were it is made anew. */
static bool known_binaries(control *c, int major, gw_server_binaries *out)
{
    const char *named = c->options->bindir ? c->options->bindir : getenv("GODWIT_PG_BINDIR");
    if (!c->options->disposable || !c->place.exists || (named && *named))
        return false;
    *out = (gw_server_binaries){.bindir = gw_server_last_bindir(c->arena, c->place.data),
                                .version = gw_printf(c->arena, "%d", major),
                                .major = major};
    return out->bindir && gw_server_can(&c->place.user,
                                        gw_path_join(c->arena, out->bindir, "postgres"), X_OK);
}

/*
 * An empty postmaster.pid, or one with something else in it, is what a crash of the machine or a full
 * disk leaves; PostgreSQL will not start beside it. It goes once no server of this folder is left: one
 * that runs would end itself within a minute, for PostgreSQL looks after its file.
 */
static bool see_through_broken(control *c, const gw_postmaster *last, const gw_server *seen,
                               gw_err *err)
{
    const char *path = gw_path_join(c->arena, c->place.data, "postmaster.pid");
    if (!last->alive && is_reachable(seen)) {
        gw_err_set(err, GW_ERR_STATE, "a server that is not ours to stop works in %s",
                   c->place.data);
        gw_err_detail(err, "it answers in %s, and %s does not name its process",
                      seen->socket_directory, path);
        return gw_err_hint(err, "stop it where it was started (another container?), then run this again");
    }
    gw_log_write(c->options->log, GW_LOG_WARNING, NULL,
                 last->alive ? "postmaster.pid does not name the server that runs: stopping it, and "
                               "removing the file"
                             : "postmaster.pid names no process, and no server works in this folder: "
                               "removing the file",
                 GW_FIELDS(GW_TEXT("file", path)));
    return true;
}

/* Holding the lock: from whatever there is to a server that runs. */
static bool bring_up(control *c, gw_server *out, gw_err *err)
{
    gw_postmaster last;
    gw_server_binaries binaries = {0};
    /* Another godwit may have been here while we waited. */
    if (!gw_server_locate(c->arena, c->options, &c->place, err))
        return false;
    wait_settled(c);
    describe(c, &last, out);
    if (last.ready && is_reachable(out))
        return true;
    int major = c->place.exists ? out->major : 0;
    if (c->place.exists && major == 0) {
        gw_err_set(err, GW_ERR_STATE, "%s is not a PostgreSQL cluster", c->place.data);
        gw_err_detail(err, "it has no PG_VERSION");
        return gw_err_hint(err, "move it away; only where its data can go: \"godwit db destroy\"");
    }
    if (!known_binaries(c, major, &binaries) &&
        !gw_server_find(c->arena, c->options, &c->place.user, major, &binaries, err))
        return false;
    gw_server_sweep(c->arena, &c->place);
    if (!c->place.exists) {
        note(c, "making a private PostgreSQL server", &binaries);
        if (!gw_server_make(c->arena, c->options, &c->place, &binaries, err))
            return false;
        c->place.exists = true;
    }
    if (last.broken && !see_through_broken(c, &last, out, err))
        return false;
    if (last.alive && !stop_process(c, last.pid, err))
        return false;
    if (!clear_traces(c, &last, err))
        return false;
    if (c->options->disposable &&
        truncate(gw_path_join(c->arena, c->place.data, "postgresql.auto.conf"), 0) != 0 &&
        errno != ENOENT)
        return gw_err_errno(err, errno, "cannot empty postgresql.auto.conf in %s", c->place.data);
    note(c, "starting the private PostgreSQL server", &binaries);
    if (!launch(c, &binaries, err))
        return false;
    describe(c, &last, out);
    out->bindir = gw_strdup(c->arena, binaries.bindir);
    return true;
}

bool gw_server_start(gw_arena *arena, const gw_server_options *options, gw_server *out,
                     gw_err *err)
{
    control c;
    gw_postmaster postmaster;
    if (!locate(&c, arena, options, err))
        return false;
    describe(&c, &postmaster, out);
    if (postmaster.alive && !postmaster.broken && answers(&c, out))
        return true;
    if (!gw_server_make_home(arena, &c.place, err))
        return false;
    bool ok = take_lock(&c, err) && bring_up(&c, out, err) &&
              (options->disposable || ensure_database(&c, out, err));
    drop_lock(&c);
    return ok;
}

bool gw_server_inspect(gw_arena *arena, const gw_server_options *options, gw_server *out,
                       gw_err *err)
{
    control c;
    gw_postmaster postmaster;
    gw_server_binaries binaries;
    gw_err ignored = {0};
    if (!locate(&c, arena, options, err))
        return false;
    describe(&c, &postmaster, out);
    if (out->running && answers(&c, out))
        return true;
    if (gw_server_find(arena, options, &c.place.user, out->major, &binaries, &ignored)) {
        out->bindir = out->bindir ? out->bindir : gw_strdup(arena, binaries.bindir);
        out->version = gw_strdup(arena, binaries.version);
        out->major = binaries.major;
    }
    gw_err_clear(&ignored);
    return true;
}

static bool stop_locked(control *c, gw_err *err)
{
    gw_postmaster postmaster = gw_postmaster_read(c->arena, c->place.data);
    if (postmaster.alive && !stop_process(c, postmaster.pid, err))
        return false;
    /* where nothing was stopped here, whoever starts the next one looks more closely */
    postmaster.broken = postmaster.broken && postmaster.alive;
    return clear_traces(c, &postmaster, err);
}

bool gw_server_stop(gw_arena *arena, const gw_server_options *options, gw_err *err)
{
    control c;
    if (!locate(&c, arena, options, err))
        return false;
    if (!c.place.exists)
        return true;
    bool ok = take_lock(&c, err) && stop_locked(&c, err);
    drop_lock(&c);
    return ok;
}

/* The lock stays: somebody may be waiting for it, and would hold one that nobody sees. */
bool gw_server_destroy(gw_arena *arena, const gw_server_options *options, gw_err *err)
{
    control c;
    if (!locate(&c, arena, options, err))
        return false;
    if (!gw_file_is_dir(c.place.home))
        return true;
    bool ok = take_lock(&c, err) && (!c.place.exists || stop_locked(&c, err));
    if (ok) {
        gw_server_sweep(arena, &c.place);
        unlink(c.place.log);
        ok = gw_file_remove_tree(c.place.data, err);
    }
    drop_lock(&c);
    return ok;
}
