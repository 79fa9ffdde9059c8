/*
 * Shadow databases: where files are run to see what they do, never on the user's data.
 *
 * A database is no fence (ALTER ROLE reaches every database of its server), so shadows live on a
 * private server of their own, of the target's major version where its programs are found: in
 * memory (/dev/shm) where there is plenty of it, else in PROJECT/.godwit/shadow/MAJOR (see
 * pg/server.h for the rules of such folders). It is never durable, and
 * where the kernel can do it, it is fenced: its processes can connect to nothing, run no program,
 * and write no file but their own. Several godwit processes may use it at once; the last one
 * out stops it. What a killed run left is removed by the next.
 *
 * Only where it is asked for (options.url) are shadows databases of a server that others use:
 * "godwit_shadow_…", dropped with the run. There no statement may reach outside its database:
 * sql/outside.h says which do, and the caller does not run them. Roles are not made there.
 *
 * A loaded database can be kept as a template under a fingerprint of what was loaded; later ones
 * with that fingerprint are copies (fast). Templates stay from run to run on the private server,
 * the least recently used go.
 *
 * ROLES are names to a schema and one set for all shadows of a server: CREATE ROLE of a role that
 * is there is satisfied (gw_shadow_exec_role). When nobody uses the server any more, every role
 * that no template needs is dropped and the others lose what a file gave them.
 *
 * A handle belongs to one thread at a time. Knows nothing of what the databases are for.
 */
#ifndef GW_PG_SHADOW_H
#define GW_PG_SHADOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/log.h"
#include "pg/session.h"

/* One setting that sessions begin with: of their role or database, or of the server's configuration
 * where it changes what a file means (TimeZone …). */
typedef struct gw_shadow_setting {
    const char *name, *value;
} gw_shadow_setting;

/* What a shadow copies of the target's database. A zeroed one is a database with defaults. */
typedef struct gw_shadow_target {
    int major;                  /* 0: the newest found here */
    const char *encoding;       /* "UTF8"; NULL = UTF8 */
    const char *collate, *ctype;/* of the database; NULL = the private server's (C.UTF-8) */
    const char *provider;       /* "libc", "icu", "builtin"; NULL = libc */
    const char *locale;         /* ICU's or the built-in one; else NULL */
    const char *icu_rules;      /* NULL */
    const char *user;           /* the role of the session that was asked */
    const char *database;
    const char *public_owner;   /* of schema public, where it is not the one that it was made with */
    const char *default_schema; /* where its search_path makes things; NULL: nowhere */
    const gw_shadow_setting *settings;
    size_t setting_count;
} gw_shadow_target;

/* Ask a session on the target's database. */
bool gw_shadow_target_read(gw_session *session, gw_arena *arena, gw_shadow_target *out,
                           gw_err *err);

/* Its settings alone: those that sessions of `login` begin with, NULL: of this one's. */
bool gw_shadow_settings_read(gw_session *session, gw_arena *arena, const char *login,
                             gw_shadow_target *out, gw_err *err);

typedef struct gw_shadow_options {
    const char *project_dir;
    const char *bindir;         /* PostgreSQL's programs: looked in first; NULL */
    const char *directory;      /* absolute: the private server goes into a folder of its own in
                                   here; NULL: memory, or .godwit */
    const char *url;            /* NULL: the private server. Else this server's databases */
    gw_shadow_target target;    /* its texts are copied */
    unsigned templates;         /* how many are kept on the private server; 0 = 8 */
    const gw_cancel *cancel;
    gw_log *log;
} gw_shadow_options;

/* A request to make shadows, with what it takes: the server runs, and an admin session is open. */
typedef struct gw_shadow gw_shadow;

/* Things that a caller says to people. Texts live as long as the handle is open. */
typedef struct gw_shadow_facts {
    bool is_private;
    int major;                  /* of the server */
    const char *version;        /* "15.18" */
    bool other_major;           /* not the target's: no such PostgreSQL was found */
    const char *directory;      /* its data; NULL on a server given by url */
    bool fenced_network;        /* its processes can connect to nothing and start no program */
    bool fenced_files;          /* its processes can touch no file but PostgreSQL's and their own */
    const char *note_locale;    /* NULL, or why the databases have not the target's locale */
    const char *const *settings_left; /* "NAME: why", NULL-terminated: could not be applied */
} gw_shadow_facts;

/*
 * Make or start the server, clear away what killed runs left. Kind UNSUPPORTED where there is no
 * PostgreSQL to make a private server from (the hint names `shadow: { url: … }`). Closed with the
 * arena, or by close: every database of the handle is dropped whatever happened, and the last
 * handle of all processes stops the private server.
 */
bool gw_shadow_open(gw_arena *arena, const gw_shadow_options *options, gw_shadow **out,
                    gw_err *err);
void gw_shadow_close(gw_shadow *shadow); /* early; safe twice, and on NULL */
const gw_shadow_facts *gw_shadow_facts_of(const gw_shadow *shadow);

/* One shadow database. Dropped with the arena it was made on, or with its handle. */
typedef struct gw_shadow_db gw_shadow_db;

/* Empty (template0), with the target's encoding, locale and settings. Where the server has not
 * that locale its own is taken, and the facts say so. */
bool gw_shadow_create(gw_shadow *shadow, gw_arena *arena, gw_shadow_db **out, gw_err *err);

/* A copy of the template with this fingerprint (any text); *out is NULL where there is none. */
bool gw_shadow_copy(gw_shadow *shadow, gw_arena *arena, const char *fingerprint,
                    gw_shadow_db **out, gw_err *err);

/*
 * Keep the database's content as the template with this fingerprint. Its sessions have to be
 * idle: they are ended, and the database can be used again afterwards. *kept (may be NULL) is
 * false where it cannot be kept (it holds subscriptions, which a copy would not have).
 */
bool gw_shadow_keep(gw_shadow_db *db, const char *fingerprint, bool *kept, gw_err *err);

/* A database with this content: a copy, or an empty one that `load` fills and that is then kept.
 * A load that fails leaves nothing. fingerprint NULL: load it and keep nothing. */
typedef bool gw_shadow_load_fn(void *self, gw_shadow_db *db, gw_err *err);
bool gw_shadow_make(gw_shadow *shadow, gw_arena *arena, const char *fingerprint,
                    gw_shadow_load_fn *load, void *self, gw_shadow_db **out, gw_err *err);

/* Forget a template; none there is no error. */
bool gw_shadow_forget(gw_shadow *shadow, const char *fingerprint, gw_err *err);

/* Drop it now: its sessions are ended. Safe twice. The arena would do it, too. */
void gw_shadow_drop(gw_shadow_db *db);

const char *gw_shadow_db_name(const gw_shadow_db *db);
const char *gw_shadow_db_url(const gw_shadow_db *db); /* conninfo; of the superuser */

/* Sessions on it begin with these settings from now on, and none of those before. */
bool gw_shadow_set(gw_shadow_db *db, const gw_shadow_setting *settings, size_t count, gw_err *err);

/* A session on it, as the superuser, or as another role (on the private server it is made where
 * it is missing). Close it before its database is kept or dropped; it is ended otherwise. */
typedef struct gw_shadow_session {
    const char *role;            /* NULL: the superuser of the private server, the url's user */
    bool superuser;              /* the role gets to be one: what the target's superuser ran */
    bool pinned;                 /* as gw_connect */
    const char *application_name;
} gw_shadow_session;
bool gw_shadow_connect(gw_shadow_db *db, gw_arena *arena, const gw_shadow_session *how,
                       gw_session **out, gw_err *err);

/* Make the roles that are missing (NOLOGIN). Names that PostgreSQL reserves ("pg_…") cannot be
 * made, on a server given by url none can: *lacking (may be NULL) lists them, NULL-terminated. */
bool gw_shadow_ensure_roles(gw_shadow *shadow, gw_arena *arena, const char *const *names,
                            size_t count, const char *const **lacking, gw_err *err);

/* Make the tablespaces that are missing, inside the private server's own folder. */
bool gw_shadow_ensure_tablespaces(gw_shadow *shadow, gw_arena *arena, const char *const *names,
                                  size_t count, const char *const **lacking, gw_err *err);

/*
 * Run one of the user's statements about roles (sql/outside.h: GW_REACH_ROLE) on a session of a
 * shadow. Roles are one set for all shadows: a role that is there already, or one that another
 * database still needs and so cannot go, counts as done; *satisfied (may be NULL) is true then.
 * In a transaction it takes a savepoint, so that the transaction goes on.
 */
bool gw_shadow_exec_role(gw_session *session, const char *text, bool *satisfied, gw_err *err);

/* Would another shadow or a template see it if this role were renamed? */
bool gw_shadow_role_needed(gw_session *session, const char *role, bool *needed, gw_err *err);

/* pg_available_extensions of the server, by name. */
typedef struct gw_shadow_extension {
    const char *name, *version; /* the default version */
} gw_shadow_extension;
typedef struct gw_shadow_extensions {
    gw_shadow_extension *items;
    size_t len;
} gw_shadow_extensions;
bool gw_shadow_available(gw_shadow *shadow, gw_arena *arena, gw_shadow_extensions *out,
                         gw_err *err);

/* Can it be created there? Asked once; those that it lacks are remembered. */
bool gw_shadow_has_extension(gw_shadow *shadow, const char *name, bool *has, gw_err *err);
/* Those that were asked for and are lacking: "postgis, pg_cron"; NULL: none. */
const char *gw_shadow_lacking(const gw_shadow *shadow, gw_arena *arena);

/* The private servers of a project, for `godwit db`: one a major version. Starts nothing. */
typedef struct gw_shadow_server {
    int major, pid;             /* pid 0: it does not run */
    const char *version, *data_directory;
} gw_shadow_server;
typedef struct gw_shadow_servers {
    gw_shadow_server *items;
    size_t len, cap;
} gw_shadow_servers;
/* Of the options only project_dir, bindir, directory and cancel count. */
bool gw_shadow_servers_list(gw_arena *arena, const gw_shadow_options *options,
                            gw_shadow_servers *out, gw_err *err);
/* Stop them, whoever uses them; destroy removes them too. */
bool gw_shadow_servers_stop(gw_arena *arena, const gw_shadow_options *options, gw_err *err);
bool gw_shadow_servers_destroy(gw_arena *arena, const gw_shadow_options *options, gw_err *err);

#endif
