/*
 * What a person or a program can ask of Godwit, as calls: this is what the commands, the HTTP
 * side and libgodwit stand on. It composes the subjects; it knows no words, no pages, no exit codes.
 *
 * A gw_app is one opened project and environment. It belongs to one thread at a time; several may
 * be open at once. Results live on the arena that is passed in.
 */
#ifndef GW_APP_APP_H
#define GW_APP_APP_H

#include "base/cancel.h"
#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "control/event.h"
#include "control/lock.h"
#include "migrate/adopt.h"
#include "migrate/compat.h"
#include "migrate/folder.h"
#include "migrate/plan.h"
#include "migrate/progress.h"
#include "migrate/runner.h"
#include "pg/server.h"
#include "pg/shadow.h"
#include "schema/losses.h"

typedef struct gw_app_options {
    gw_config_options config;      /* where godwit.yaml is, environment, overrides */
    const char *command;           /* goes into the audit */
    const char *tenant;            /* of for_each: this one only; NULL: all */
    const char *protected_name;    /* --protected NAME: must be the environment's name to act on it */
    const gw_cancel *cancel;
    gw_log *log;
    gw_observer observer;
    const gw_span *span;           /* the run's span; NULL makes one */
    /* of a program that opens many, one a request; each may be NULL */
    const char *actor;             /* who acts, in place of the operating system's user */
    struct gw_pool *pool;          /* for what is only read: gw_app_pool has made it */
    int64_t answer_ms;             /* as gw_connect says, of the environment's database; 0: however long it takes */
    const char *embedded_url;      /* of the private server, which runs */
    const char *environment;       /* another one than config says, as the file has it: no override of
                                      a URL reaches it */
} gw_app_options;

typedef struct gw_app gw_app;

/* Reads the configuration; connects to nothing yet. */
bool gw_app_open(gw_arena *arena, const gw_app_options *options, gw_app **out, gw_err *err);
const gw_config *gw_app_config(const gw_app *app);

/* Sessions to read the environment's database with, at most `most` of them, for gw_app_options.pool. */
bool gw_app_pool(gw_app *app, gw_arena *arena, unsigned most, struct gw_pool **out, gw_err *err);
/* Does its server answer a new connection within that time, be it with a refusal? True where nobody can tell. */
bool gw_app_answers(gw_app *app, int64_t within_ms);
/* The URL of the private server, started; NULL where the environment has a server of its own. */
bool gw_app_embedded_url(gw_app *app, const char **out, gw_err *err);

/* Acting on a protected environment needs its name said: kind REFUSED. Every call that writes asks
 * by itself; this is for asking before a person is. */
bool gw_app_may_write(gw_app *app, gw_err *err);

/* ---- status ---------------------------------------------------------------------------- */

typedef struct gw_status_item {
    const char *version, *name, *service;
    const char *file;          /* NULL where missing */
    const char *baseline;      /* skipped: version of the B file (Flyway) that runs in its place; NULL */
    const char *folder;        /* where missing: in which it was looked for, or NULL */
    const char *checksum;      /* of the file; of the history where missing */
    /* Applied, and its text has another version now: that (of several files the first), all of it for people, the
     * ways on; of such a file: the version that its text was applied as. NULL: none of this. */
    const char *renumbered_to, *renumbered, *advice, *applied_as;
    gw_state state;
    bool repeatable;
    bool transactional;
    bool has_down;
    int64_t applied_at;        /* GW_NULL_INT where it is not applied */
    int64_t duration_ms;
    const char *applied_by;    /* NULL */
    int64_t statements_done, statements_total; /* of one that stopped half-way, else 0 0 */
    int64_t rows_done;         /* of a batch that stopped half-way, else -1 */
    const gw_left *left; /* the statement that one which stopped half-way was at, or NULL */
    bool reverting; /* what stopped half-way was its way back: its down file */
    bool running; /* a run is at it, outside a transaction; what is done is told above */
    /* last failure, where state is FAILED; or what interrupted it, where it is not; else NULL */
    const gw_event *failure;
} gw_status_item;

typedef struct gw_status {
    const char *environment, *database;
    const char *tenant;        /* "" */
    const char *format;        /* convention(s) of the folders: "dbmate" */
    const char *current;       /* newest applied version, or NULL */
    const char *url_source;    /* where the URL came from */
    size_t pending, failed, modified, missing, out_of_order;
    size_t without_file;       /* taken over from another tool, which has no SQL for them here */
    size_t others;             /* rows of services that the configuration does not name */
    gw_foreign_histories foreign; /* other tools migrated it, and Godwit never did anything here */
    gw_compat_differences sqlx;   /* `compat: sqlx`: where its table says something else */
    const gw_run_holder *run;     /* a run is under way (or a statement of a killed one); NULL */
    const gw_run_holder *cut_off; /* the last run never ended, and something is left to do; NULL */
    const gw_err *error;       /* this tenant could not be read, and nothing above is known; NULL */
    gw_status_item *items;
    size_t len;
} gw_status;

typedef struct gw_status_list {
    gw_status *items;          /* one; or one a tenant */
    size_t len;
    const char *environment;
    const char *unmatched;     /* says that no schema matches the pattern of tenants; NULL */
} gw_status_list;

/* Why one of them could not be read, in a line: the server's own word where it refused the connection. */
const char *gw_status_reason(const gw_err *error);

/* Where some of the tenants cannot be read it fails, and *out has all of them: error says which. */
bool gw_app_status(gw_app *app, gw_arena *arena, gw_status_list *out, gw_err *err);

/* Polls until `version` is applied with nothing failed; kind CHECK when the time runs out. */
bool gw_app_wait_for(gw_app *app, const char *version, int64_t timeout_ms, gw_err *err);

/* ---- up, down, redo -------------------------------------------------------------------- */

typedef struct gw_run_options {
    const char *to;            /* NULL */
    int64_t steps;             /* 0 = all (up), 1 (down) */
    const char *service;       /* NULL = all */
    bool out_of_order;
    bool dry_run;
    bool atomic;               /* all of them in one transaction */
    bool allow_data_loss;
    bool backup;               /* before the first one runs; else as the environment says */
    int64_t wait_ms;           /* -1 = the environment's */
} gw_run_options;

typedef struct gw_run_item {
    const char *tenant, *version, *name, *service;
    int64_t duration_ms;
} gw_run_item;

typedef struct gw_tenant_failure {
    const char *tenant;
    gw_err error;              /* cleared with the arena */
} gw_tenant_failure;

typedef struct gw_run_result {
    gw_run_item *items;        /* what was applied or reverted, in order */
    size_t len, cap;
    size_t pending;            /* what is left */
    bool others;               /* another run did what was to be done, while this one waited */
    size_t tenants;            /* 0 where there are none */
    const char *unmatched;     /* says that no schema matches the pattern of tenants; NULL */
    gw_tenant_failure *failures;
    size_t failure_count;
    gw_losses losses;          /* of a dry run: what it would cost in the database */
} gw_run_result;

/* On failure *out still says what was done before it. */
bool gw_app_up(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
               gw_err *err);
bool gw_app_down(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
                 gw_err *err);
bool gw_app_redo(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
                 gw_err *err);

/* ---- the rest of its life -------------------------------------------------------------- */

typedef struct gw_verify_finding {
    const char *kind;          /* modified, missing, out_of_order, failed; sqlx_absent, sqlx_checksum … */
    const char *tenant, *service, *version, *name, *file;
    const char *expected, *found; /* checksums where kind is modified or sqlx_… */
    const char *text, *advice;    /* missing, sqlx_…: what it means, and what to run; else NULL */
} gw_verify_finding;
typedef struct gw_verify_result {
    gw_verify_finding *items;
    size_t len, cap;
    size_t checked;
} gw_verify_result;
bool gw_app_verify(gw_app *app, gw_arena *arena, gw_verify_result *out, gw_err *err);

typedef struct gw_repair_options {
    const char *version;       /* NULL: all that need it */
    const char *service;
    bool forget;               /* a half-done one: remove its row */
    bool done;                 /* a half-done one: mark as applied */
    bool yes;                  /* also where statements of it never ran */
    bool dry_run;
} gw_repair_options;
typedef struct gw_repair_action {
    const char *tenant, *service, *version, *what; /* for people */
    /* checksum, done, forgotten, undone, replaced, renumbered, schema, sqlx: history keeps it */
    const char *repair;
} gw_repair_action;
typedef struct gw_repair_result {
    gw_repair_action *items;
    size_t len, cap;
} gw_repair_result;
bool gw_app_repair(gw_app *app, gw_arena *arena, const gw_repair_options *options,
                   gw_repair_result *out, gw_err *err);

/* Mark every file up to and with `version` as applied without running it; "none" (where no file is
 * called that): mark nothing, begin a history beside another tool's. */
bool gw_app_baseline(gw_app *app, gw_arena *arena, const char *version, const char *service,
                     bool dry_run, gw_run_result *out, gw_err *err);

/* Results: migrate/adopt.h. */
/* table: "name" or "schema.name" where the tool was told to keep it elsewhere; else NULL. */
bool gw_app_adopt(gw_app *app, gw_arena *arena, const char *tool, const char *table, bool dry_run,
                  gw_adopt_result *out, gw_err *err);
/* Tools whose histories are in the database and could be adopted. */
bool gw_app_adoptable(gw_app *app, gw_arena *arena, gw_foreign_histories *out, gw_err *err);
/* What there is, and the ways on from there, for people. */
/* Advice with "godwit repair" in it, for one tenant: with --tenant. The text itself where there is none. */
const char *gw_app_repair_of_tenant(gw_arena *arena, const char *tenant, const char *text);

const char *gw_foreign_found(gw_arena *arena, const gw_foreign_histories *found);
const char *gw_foreign_advice(gw_arena *arena, const gw_foreign_histories *found);

bool gw_app_new(gw_app *app, gw_arena *arena, const char *name, const char *service,
                const char ***paths, gw_err *err);

/* The audit, newest first. version, action NULL = all. Of tenants all, or the one that was chosen; one that is a
 * database and cannot be read is passed over with a warning, while others can. */
bool gw_app_history(gw_app *app, gw_arena *arena, const char *version, const char *action,
                    int64_t limit, gw_event_list *out, gw_err *err);

/* ---- the embedded server --------------------------------------------------------------- */

/* kind CONFIG where the environment's url is not `embedded`. Stop and destroy are for the private
 * servers of shadow databases as well: where there are such, they are no error either way. */
bool gw_app_db_status(gw_app *app, gw_arena *arena, gw_server *out, gw_err *err);
bool gw_app_db_start(gw_app *app, gw_arena *arena, gw_server *out, gw_err *err);
bool gw_app_db_stop(gw_app *app, gw_err *err);
bool gw_app_db_destroy(gw_app *app, gw_err *err);
/* The private servers of shadow databases, whatever the environment. */
bool gw_app_shadow_servers(gw_app *app, gw_arena *arena, gw_shadow_servers *out, gw_err *err);
/* Conninfo of the environment (embedded: started first): for `db psql`. */
bool gw_app_conninfo(gw_app *app, gw_arena *arena, const char **out, gw_err *err);

/* ---- a new project --------------------------------------------------------------------- */

/* godwit.yaml and migrations/ in dir; template NULL, or "ledgerflow" … from the templates folder. */
bool gw_app_init(gw_arena *arena, const char *dir, const char *template, const char ***paths,
                 gw_err *err);

#endif
