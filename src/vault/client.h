/* PostgreSQL's own clients, pg_dump and pg_restore: which are here, and running them. */
#ifndef GW_VAULT_CLIENT_H
#define GW_VAULT_CLIENT_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/proc.h"

typedef struct gw_client {
    const char *path, *version; /* "15.20" */
    int major;
} gw_client;

/*
 * The program of that name for a server of this version (150020): of the server's own major where
 * there is one (its archives and its SQL suit that server without a rest), else the newest. Looked
 * for in GODWIT_PG_BINDIR, /usr/lib/postgresql, /usr/pgsql-*, pg_config's folder and PATH. Kind
 * UNSUPPORTED where all that are here are older than the server: the error names both versions.
 */
bool gw_client_find(gw_arena *arena, const char *program, int server_version, gw_client *out,
                    gw_err *err);

/* What PostgreSQL's clients need not know: for gw_proc.unset. */
extern const char *const gw_client_secrets[];

/* Connection words and the environment of a client: the password goes through PGPASSWORD. */
typedef struct gw_client_target {
    const char *dbname;     /* for --dbname */
    const char *env[3];     /* for gw_proc, NULL-terminated */
} gw_client_target;
bool gw_client_target_of(gw_arena *arena, const char *conninfo, gw_client_target *out, gw_err *err);

/* What a client that failed said, as an error: its first "error:" line, the rest as detail. */
bool gw_client_failed(gw_arena *arena, const char *program, const gw_proc_result *result,
                      gw_err *err);

#endif
