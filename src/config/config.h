/*
 * godwit.yaml as typed values: the project, its folders of migrations, its environments.
 *
 * Two steps, so that a command that needs no database (new, init, completion) never fails for a
 * variable that only `prod` uses:
 *
 *     gw_config_load         finds and checks the file and .env; nothing of an environment is expanded
 *     gw_config_environment  chooses one environment and gives its effective settings
 *
 * A setting is taken from the first of: flag, environment variable, `.env` beside godwit.yaml,
 * godwit.yaml, default. Variables: GODWIT_CONFIG, GODWIT_ENV, GODWIT_URL, GODWIT_DIRECT_URL,
 * GODWIT_MIGRATIONS, GODWIT_FORMAT, GODWIT_LOG_FORMAT, GODWIT_LOCK_TIMEOUT,
 * GODWIT_STATEMENT_TIMEOUT, GODWIT_LOCK_RETRIES, GODWIT_COUNT_TIMEOUT, GODWIT_CONNECT_TIMEOUT,
 * GODWIT_MAX_REPLICA_LAG, GODWIT_CONNECTIONS, GODWIT_POOLER, GODWIT_WAIT, GODWIT_SOURCE_URL; and DATABASE_URL. An empty
 * variable counts as not set.
 *
 * DATABASE_URL belongs to the application, not to Godwit, so it is weaker than GODWIT_URL: it
 * stands in for the url of the environment that is taken by default, and never for one that was
 * chosen by --env or GODWIT_ENV: a stray variable must not redirect `--env prod`. Whoever
 * overrides a url also leaves the file's direct_url behind, with --url GODWIT_DIRECT_URL too. And where the url that came out is
 * the one of another environment that is protected, that protection holds (protected_name).
 *
 * Without a godwit.yaml, a folder with migrations in one of the usual places and a DATABASE_URL
 * (or GODWIT_URL, --url, libpq's PGHOST, PGSERVICE…) is a project of its own.
 *
 * In the file, ${NAME} and ${NAME:-default} are replaced in values (never in keys), $$ is a
 * dollar sign. Every unknown key, wrong type, duplicate and bad value is reported at once, each
 * with its line and column: one gw_err of kind CONFIG, placed at the first; where there are
 * several, detail lists them all.
 *
 * Everything lives on the arena that was given to load. A config is not changed after load; it
 * may be read by several threads that bring their own arena. Knows nothing of commands.
 */
#ifndef GW_CONFIG_CONFIG_H
#define GW_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "config/grants.h"
#include "config/keys.h"
#include "config/maintain.h"

typedef struct gw_config_options {
    const char *dir;           /* -C; NULL = the current folder */
    const char *file;          /* --config; NULL = GODWIT_CONFIG, else godwit.yaml in dir or the
                                  nearest folder above it, up to the one that holds .git */
    const char *env;           /* --env; NULL = GODWIT_ENV, else `default:`, else see below */
    const char *url;           /* --url; NULL = none */
    const char *const *environ;/* NULL-terminated NAME=value list; NULL = the process's own */
    const gw_cancel *cancel;   /* for url_command; may be NULL */
} gw_config_options;

/* A value as it stands in the file, before ${…}: see gw_config_expand. */
typedef gw_yaml_value gw_config_value;

typedef struct gw_config_pair {
    const char *key, *value;
} gw_config_pair;

/* A lint rule by name: whether there is one of that name is not known here. */
typedef struct gw_config_rule {
    const char *rule;
    const char *severity;      /* error, warning, note or off; NULL: not said */
    unsigned line, col;
} gw_config_rule;

/* One folder of migrations. */
typedef struct gw_config_folder {
    const char *service;       /* "" where the project has one folder without a name */
    const char *path;          /* absolute */
    const char *shown;         /* as written, for messages */
    const char *format;        /* convention ("dbmate"), or NULL = to be detected */
    unsigned line, col;        /* in godwit.yaml; 0 where it comes from elsewhere */
} gw_config_folder;

typedef enum { GW_CONFIG_POOLER_AUTO, GW_CONFIG_POOLER_YES, GW_CONFIG_POOLER_NO } gw_config_pooler;

typedef struct gw_config_pool {
    unsigned min, max;                 /* 0 and 4 */
    int64_t acquire_timeout_ms;        /* 10 s */
    int64_t idle_timeout_ms;           /* 5 min */
} gw_config_pool;

/* Run a folder once for each tenant. Neither schemas nor databases: there are no tenants. */
typedef struct gw_config_for_each {
    const char *schemas;               /* a LIKE pattern over schema names, or NULL */
    const char *const *databases;      /* names; NULL or database_count of them */
    size_t database_count;
    unsigned jobs;                     /* how many at once; 4 */
} gw_config_for_each;

/* Effective settings of one environment: every default is filled in. */
typedef struct gw_environment {
    const char *name;                  /* "dev"; "default" where no file names one */
    bool chosen;                       /* by --env or GODWIT_ENV, not by default */

    bool embedded;                     /* `url: embedded`: the private server; url is NULL then */
    const char *url;                   /* libpq URL or keyword string; "" = PG* variables alone */
    const char *url_source;            /* for people: "--url", "GODWIT_URL", "DATABASE_URL",
                                          "DATABASE_URL in .env", "godwit.yaml", "url_file",
                                          "url_command", "PG* variables" */
    const char *direct_url;            /* past a pooler, for what needs a session; or NULL */

    bool is_protected;                 /* writing asks for --protected NAME */
    const char *protected_name;        /* that NAME: this environment's, or of the protected one
                                          whose url this is; NULL where it is not protected */
    bool has_lock_timeout;             /* lock_timeout_ms was set by someone, not by default */
    int64_t lock_timeout_ms;           /* 2 s; 0 = wait for ever */
    int64_t statement_timeout_ms;      /* 0 = none */
    unsigned lock_retries;             /* 10 */
    int64_t count_timeout_ms;          /* 10 s: counting what would be lost; then it is estimated */
    int64_t max_replica_lag_ms;        /* 10 s: further behind, batches wait; 0 = not asked */
    int64_t connect_timeout_ms;        /* 10 s, retries included */
    int64_t wait_ms;                   /* for another run's lock; 30 s */
    unsigned connections;              /* workers of a sync or of tenants; 4 */
    gw_config_pool pool;
    gw_config_pooler pooler;
    gw_config_for_each for_each;
    bool backup_before_up;             /* the environment's, else the project's; false */
    const gw_config_pair *placeholders;/* expanded, in order of the file */
    size_t placeholder_count;
} gw_environment;

/* A time of the day, in minutes UTC; it ends on the next day where to <= from. */
typedef struct gw_config_window {
    unsigned from, to;
} gw_config_window;

/* Moving rows into an environment's database: `sync:` of the environment, else of the project. */
typedef struct gw_sync_settings {
    const char *source;                /* libpq URL or keyword string, or mariadb:…; NULL: not said */
    const char *source_from;           /* for people: "godwit.yaml", "GODWIT_SOURCE_URL", … */
    unsigned source_line, source_col;  /* in godwit.yaml, else 0 */
    const char *mappings;              /* absolute; project_dir/sync */
    const char *mappings_shown;        /* as written */
    unsigned jobs;                     /* workers; the environment's connections */
    double max_deletes;                /* percent of the rows known; 10 */
    int64_t interval_ms;               /* of --follow; 1 min */
    int64_t batch_time_ms;             /* 500 */
    int64_t batch_bytes;               /* 16 MiB */
    int64_t batch_rows;                /* 0: as many as time and bytes allow */
    int64_t max_rate;                  /* rows a second; 0: no limit */
    int64_t max_replica_lag_ms;        /* 0: replicas are not asked */
    double max_load;                   /* active sessions of the destination; 0: not asked */
    const gw_config_window *windows;   /* nothing is done in them */
    size_t window_count;
} gw_sync_settings;

typedef struct gw_config {
    const char *file;                  /* path of godwit.yaml as people would write it; NULL = none */
    const char *project_dir;           /* absolute; every relative path in the file starts here */
    const char *project;               /* its name; the folder's name where none is given */
    const gw_config_folder *folders;   /* at least one */
    size_t folder_count;
    bool folders_found;                /* not written down: taken from the usual places */
    bool compat_sqlx;
    const char *default_environment;   /* NULL where none is said and there are several */
    const char *const *environment_names;
    size_t environment_count;
    struct {
        const char *directory;         /* absolute; project_dir/backups */
        const char *keep;              /* "30d" or a number of backups; NULL = all */
        bool before_up;
    } backup;
    struct {
        bool table;                    /* keys are in godwit.keys, not in a file */
        const char *file;              /* absolute; project_dir/keys.json */
    } keys;
    struct {                           /* see pg/shadow.h */
        gw_config_value url;           /* a server for shadow databases; expanded by who uses it */
        const char *directory;         /* absolute, where the private one goes; or NULL */
        const char *bindir;            /* absolute, PostgreSQL's programs; or NULL */
    } shadow;
    struct {
        const gw_config_rule *ignore;  /* rules that do not run; severity NULL */
        size_t ignore_count;
        const gw_config_rule *severity;/* other severities than the rules' own */
        size_t severity_count;
        unsigned target_version;       /* oldest major version that the files are for; 0 = any */
    } lint;
    gw_grants grants;                  /* `grants:` */
    gw_config_maintain maintain;
    bool log_json;
    struct gw_config_source *source;   /* the parsed file; private to this folder */
} gw_config;

/* Kind CONFIG; IO where a file cannot be read. A --config that does not exist is an error, no
 * godwit.yaml at all is not (file is NULL then). options->env and url are remembered. */
bool gw_config_load(gw_arena *arena, const gw_config_options *options, gw_config *out, gw_err *err);

/*
 * name NULL: by the precedence above; else `default:`, the only environment, or "dev". Missing
 * variables, an unreadable url_file, a failed url_command and a missing url are errors with their
 * place. A name given here counts as chosen. (`--url` and GODWIT_URL do not apply where name is
 * another environment than the one that the options choose.)
 */
bool gw_config_environment(gw_arena *arena, const gw_config *config, const char *name,
                           gw_environment *out, gw_err *err);

/* `sync:` as it holds in this environment. Missing variables, an unreadable source_file and a failed
 * source_command are errors with their place; a missing source is none here. */
bool gw_config_sync(gw_arena *arena, const gw_config *config, const gw_environment *environment,
                    gw_sync_settings *out, gw_err *err);

/* What backups are encrypted with: GODWIT_PASSPHRASE, else passphrase_file or passphrase_command of
 * `backup:`. *out is NULL where none is said; the caller wipes what it no longer needs. */
bool gw_config_passphrase(gw_arena *arena, const gw_config *config, const char **out, gw_err *err);

/* What private keys are encrypted with: *file (absolute; GODWIT_MASTER_KEY_FILE, else master_key_file
 * of `keys:`) or *text (what master_key_command said; the caller wipes it). Both NULL: none. */
bool gw_config_master_key(gw_arena *arena, const gw_config *config, const char **file,
                          const char **text, gw_err *err);

/* ${…} and $$ of a value, with the same variables and .env; errors name the value's place. */
bool gw_config_expand(gw_arena *arena, const gw_config *config, gw_config_value value,
                      const char **out, gw_err *err);

/* A variable as this configuration sees it: the environment's, else that of .env, else NULL. */
const char *gw_config_variable(const gw_config *config, const char *name);

/* The names that `format:` accepts, NULL-terminated. */
extern const char *const gw_config_formats[];

#endif
