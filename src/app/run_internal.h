/* A run of up, down or redo, shared by the file for one target and the one for all tenants; private to this folder. */
#ifndef GW_APP_RUN_INTERNAL_H
#define GW_APP_RUN_INTERNAL_H

#include "app/internal.h"
#include "pg/pool.h"

/* What is asked for. */
typedef struct gw_run_way {
    const gw_run_options *options;
    bool revert;
    bool then_up;               /* redo: what is rolled back is applied again */
    const gw_run_result *again; /* redo: these and no others */
} gw_run_way;

/* The files of a selection, checked to their ends. */
typedef struct gw_run_checked {
    gw_checked *items;
    size_t len;
    gw_checked *verify; /* .script NULL: none */
    const char *given;  /* to new sessions, by role and database, as far as this run knows; NULL: not asked */
} gw_run_checked;

/* One target's run. */
typedef struct gw_run_job {
    gw_app *app;
    gw_arena *arena;
    const gw_target *target;
    const gw_migration_list *files;
    const gw_run_way *way;
    gw_held held;               /* control session; the lock, where this job took it */
    gw_run_lock *lock;          /* the lock to use: its own or one shared by all tenants */
    gw_pool *controls, *works;  /* where tenants of one database share sessions; else NULL */
    bool beside;                /* another job of the same database makes Godwit's tables */
    gw_run_checked *first;      /* checked before Godwit's tables were made; NULL: not so */
    gw_run_result result;
    gw_plan plan;
    gw_selection selection;
} gw_run_job;

/* One target's run; its sessions come from the pools where there are any. */
bool gw_run_target(gw_run_job *j, gw_err *err);

/* Would it be refused, on a database where Godwit has no tables? With a control session, no lock; nothing is made. */
bool gw_run_first_look(gw_run_job *j, gw_err *err);

/* run_check.c. Of a redo the up as well (`again`): behind the down it would be too late. */
bool gw_run_check(gw_run_job *j, const gw_runner *runner, gw_run_checked *out, gw_run_checked *again,
                  gw_err *err);
bool gw_run_find_losses(gw_run_job *j, const gw_runner *runner, const gw_run_checked *list,
                        const gw_run_checked *again, gw_losses *out, gw_err *err);
/* Before anything runs. The up of a redo was judged together with its down. `record`: there is an audit. */
bool gw_run_refuse_losses(gw_run_job *j, const gw_runner *runner, const gw_run_checked *list,
                          const gw_run_checked *again, bool record, gw_err *err);

/* A run for each tenant, several at once (run_tenants.c). One that fails does not stop the others: err says how many,
 * out->failures which. */
bool gw_run_tenants(gw_app *app, gw_arena *arena, const gw_target_list *targets,
                    const gw_migration_list *files, const gw_run_way *asked, gw_run_result *out,
                    gw_err *err);

#endif
