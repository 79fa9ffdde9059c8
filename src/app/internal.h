/* Shared by the files of the app layer; private to this folder. */
#ifndef GW_APP_INTERNAL_H
#define GW_APP_INTERNAL_H

#include <pthread.h>

#include "app/app.h"
#include "base/buf.h"
#include "migrate/compat.h"
#include "migrate/runner.h"
#include "pg/shadow.h"

/* A backup that this run has made already. */
typedef struct gw_taken {
    const char *conninfo, *id;
    int64_t duration_ms;
    bool recorded; /* the audit has it: there are tables of Godwit's */
    bool locked;   /* made under the run lock, or looked at again there */
} gw_taken;

struct gw_app {
    gw_arena *arena;
    gw_app_options options;
    gw_config config;
    gw_environment environment;
    bool environment_known;
    gw_actor actor;
    gw_span span;
    pthread_mutex_t mutex;    /* the observer is called by one thread at a time */
    bool warned_of_no_tenants;
    const char *embedded_url; /* of the private server, once it was started */
    struct {
        pthread_mutex_t mutex;
        gw_arena *arena;
        gw_taken *items;
        size_t len, cap;
    } before; /* backup_before.c */
};

/* The chosen environment; its errors come where it is first needed. */
bool gw_app_environment(gw_app *app, const gw_environment **out, gw_err *err);

/* Where to connect. A run prefers the address past a pooler. The private server is started. */
bool gw_app_url(gw_app *app, bool for_run, const char **out, gw_err *err);
bool gw_app_connect_options(gw_app *app, bool for_run, gw_connect *out, gw_err *err);

/* For gw_shadow_open: where the project's shadow databases are made. `target`: a session on the
 * database that they have to be like, or NULL. */
bool gw_app_shadow_options(gw_app *app, gw_arena *arena, gw_session *target,
                           gw_shadow_options *out, gw_err *err);

/* All folders in one order; *format is for people ("dbmate", or "godwit, flyway"). */
bool gw_app_migrations(gw_app *app, gw_arena *arena, gw_migration_list *out, const char **format,
                       gw_err *err);

/* A section's text as it would run; a variable that is not set stands for itself. */
bool gw_app_script_text(gw_app *app, const gw_script *script, size_t section, gw_buf *text,
                        gw_err *err);

/* How many rows a batch that stopped half-way has changed; -1 where it is none. */
int64_t gw_app_rows_done(gw_arena *arena, const gw_applied *row);

/* The services that the configuration names ("" for a project without), NULL at the end. */
const char *const *gw_app_services(const gw_app *app, gw_arena *arena);

/* One database and, inside it, one tenant. */
typedef struct gw_target {
    const char *tenant;       /* label for people; "" where there are none */
    const char *row_tenant;   /* the tenant column: the schema, or "" */
    const char *search_path;  /* NULL */
    int64_t schema_oid;       /* of the tenant's schema; 0: it is none */
    gw_connect connect;
} gw_target;

typedef struct gw_target_list {
    gw_target *items;
    size_t len, cap;
    bool tenants;             /* false: exactly one, without a label */
    const char *unmatched;    /* says that no schema matches the pattern; NULL */
} gw_target_list;

bool gw_app_targets(gw_app *app, gw_arena *arena, bool for_run, gw_target_list *out, gw_err *err);
/* A hint to repair says of which tenant. */
void gw_app_hint_of_tenant(gw_arena *arena, const gw_target *target, gw_err *err);
/* All of them, also where --tenant says which. */
bool gw_app_all_targets(gw_app *app, gw_arena *arena, gw_target_list *out, gw_err *err);

/* Exactly one of them, for what is about one database. Kind USAGE where --tenant has to say which. */
bool gw_app_one_target(gw_app *app, gw_arena *arena, bool for_run, gw_target *out, gw_err *err);
/* The database, where it matters little which of its tenants: those that are schemas share one; of
 * databases one has to be named. */
bool gw_app_whole_database(gw_app *app, gw_arena *arena, bool for_run, gw_target *out, gw_err *err);

/* A step back that is another migration in each tenant is kind REFUSED. */
bool gw_app_same_step(gw_app *app, gw_arena *arena, const gw_target_list *targets,
                      const gw_migration_list *files, const gw_selection_options *options,
                      bool redo, gw_err *err);

/* A session with the settings of role and database, where a file of the run asks what a name without
 * a schema means before it runs (a batch); else *out stays NULL. */
bool gw_app_names_session(gw_arena *arena, const gw_target *target, const gw_selection *chosen,
                          bool revert, gw_session **out, gw_err *err);

/* Variables for ${…} in migrations: gw_variable_fn on a gw_app. */
const char *gw_app_variable(void *self, const char *name);
/* `placeholders:` of the environment: name, value, …, NULL. */
const char *const *gw_app_placeholders(gw_app *app, gw_arena *arena);
/*
 * What scripts read beside their text, on the database of `session` and as its role. It is asked for
 * the default schema, by this search_path (a tenant's; NULL: the role's own), when a file first needs
 * that: then it is idle.
 */
gw_script_context gw_app_script_values(gw_app *app, gw_arena *arena, gw_session *session,
                                       const char *search_path);
/* The same on a shadow: what it would be on the database that the shadow is like. */
gw_script_context gw_app_script_values_like(gw_app *app, gw_arena *arena,
                                            const gw_shadow_target *target);
gw_observer gw_app_observer(gw_app *app);

/* The run lock as this project's runs take it; wait_ms below 0: as the environment says. */
gw_run_lock_options gw_app_lock_options(gw_app *app, const gw_connect *connect, int64_t wait_ms);

/* Open the control session of a target, make the tables, take the lock. */
typedef struct gw_held {
    gw_session *control;
    gw_run_lock *lock;
} gw_held;
bool gw_app_hold(gw_app *app, gw_arena *arena, const gw_target *target, int64_t wait_ms,
                 gw_held *out, gw_err *err);
/* The history of a tenant's schema that was dropped and made anew is taken away, with an event and a
 * warning; under the lock, before the history is read. In a transaction of its own. */
bool gw_app_forget_gone(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *control,
                        gw_run_lock *lock, gw_err *err);

/* Kind STATE: the schema of this tenant was made anew and holds other things than its history says. */
bool gw_app_refuse_stranger(gw_arena *arena, const gw_target *target, gw_session *session,
                            int control_version, gw_err *err);

/*
 * Tools that have migrated a database (of for_each: a tenant) which Godwit has never done anything
 * in: its files may all have run already. Where there is a history the same is asked of services
 * that are new to it, and only a table with rows of their files counts.
 */
bool gw_app_foreign_histories(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_migration_list *files,
                              const gw_plan *plan, int control_version, gw_foreign_histories *out,
                              gw_err *err);
/* The same as an error of kind REFUSED, where there is no history at all; true where there are none. */
bool gw_app_refuse_foreign(gw_app *app, gw_arena *arena, const gw_target *target,
                           gw_session *session, const gw_migration_list *files,
                           const gw_plan *plan, int control_version, gw_err *err);

/* Where there is a history: for the services among the chosen that are new to it. */
bool gw_app_refuse_new_services(gw_app *app, gw_arena *arena, const gw_target *target,
                                gw_session *session, const gw_plan *plan,
                                const gw_selection *chosen, gw_err *err);

/* Kind REFUSED: a tool whose history was taken over has run one of the chosen files since. control_version
 * 0: there is no history. */
bool gw_app_refuse_gone_on(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *session,
                           const gw_migration_list *files, const gw_plan *plan,
                           const gw_selection *chosen, int control_version, gw_err *err);

/* A service whose history stands under another name is kind REFUSED: all would run again. */
bool gw_app_refuse_renamed(gw_arena *arena, const gw_target *target, gw_session *session,
                           const gw_plan *plan, const gw_selection *chosen, gw_err *err);

/* The locks of tools that share the database (adopted ones, `compat: sqlx`). gw_app_hold does it. */
bool gw_app_take_foreign_locks(gw_app *app, gw_arena *arena, const gw_held *held,
                               int64_t wait_ms, gw_err *err);
/* `compat: sqlx`: *compat for gw_companion with gw_compat_add; NULL where the project wants none. A table that is made
 * gets the rows of what the plan (NULL: nothing) has as applied. */
bool gw_app_companion(gw_app *app, gw_arena *arena, const gw_target *target, gw_session *control,
                      const gw_plan *plan, gw_compat **compat, gw_err *err);
/* Is it wanted and not there, with something applied? sqlx would run that again. */
bool gw_app_companion_lacking(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_plan *plan, bool *lacking, gw_err *err);
/* Would that go well? Nothing is left behind. */
bool gw_app_companion_tried(gw_app *app, gw_arena *arena, const gw_target *target,
                            gw_session *session, gw_err *err);
/* The same to look only: nothing is made. */
bool gw_app_companion_found(gw_app *app, gw_arena *arena, const gw_target *target,
                            gw_session *session, gw_compat **compat, gw_err *err);
/* Where it is not what files and history say; empty where the project wants none, or Godwit has not
 * done anything here (`adopt` is for that). */
bool gw_app_companion_compare(gw_app *app, gw_arena *arena, const gw_target *target,
                              gw_session *session, const gw_plan *plan, int control_version,
                              gw_compat_differences *out, gw_err *err);

/*
 * Before anything is changed: the backup that was asked for (--backup, or the environment's rule), once a
 * run and database. *id NULL: none was. A failure stops what would follow. `locked`: under the run
 * lock; one that was made without it, where Godwit had no tables, is looked at again then, and goes into the audit.
 */
bool gw_app_backup_before(gw_app *app, gw_arena *arena, const gw_connect *connect, bool asked,
                          gw_session *control, bool locked, const char **id, gw_err *err);
/* A new run begins. */
void gw_app_backup_again(gw_app *app);

/* init --from: copy an installed example. */
bool gw_app_init_from(gw_arena *arena, const char *dir, const char *name, const char ***paths,
                      gw_err *err);

#endif
