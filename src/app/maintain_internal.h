/* Shared by the files of upkeep; private to this folder. */
#ifndef GW_APP_MAINTAIN_INTERNAL_H
#define GW_APP_MAINTAIN_INTERNAL_H

#include "app/internal.h"
#include "app/maintain.h"

typedef struct gw_upkeep {
    gw_app *app;
    gw_arena *arena;
    const gw_maintain_wanted *wanted;
    const gw_config_maintain *settings;
    gw_target target;
    gw_held held;          /* control: a session for locks and events; lock: while a step holds it */
    bool has_tables;       /* Godwit's own are there; a dry run makes none */
    gw_session *session;   /* pinned, with the lock timeout: what steps run on */
    const char *action;
    int64_t lock_ms;
    int64_t deadline_us;   /* of the action, monotonic */
    gw_maintain_result *out;
    gw_err *first;         /* what went wrong first */
} gw_upkeep;

typedef struct gw_upkeep_step {
    const char *name;      /* of its event behind the action: a table, a statement's name */
    const char *what;      /* for people */
    const char *sql;       /* NULL */
    bool beside;           /* changes no schema: it holds no run lock, and only begins while nobody does */
    bool (*run)(gw_upkeep *u, struct gw_upkeep_step *step, gw_err *err);
    void *arg;
    const char *detail;    /* set by run: what came of it */
} gw_upkeep_step;

/* false only where the others cannot go on either (interrupted, connection lost). */
bool gw_upkeep_do(gw_upkeep *u, gw_upkeep_step *step, gw_err *err);

/* What a check could not find out is a step that failed; false as above. */
bool gw_upkeep_failed(gw_upkeep *u, const char *name, const char *what, gw_err *problem, gw_err *err);

/* Is something that is done every so often due? number 0: each time. */
bool gw_upkeep_due(gw_upkeep *u, const char *name, gw_period every, bool *due, gw_err *err);

/* Is there time left for another step of this action? */
bool gw_upkeep_time_left(const gw_upkeep *u);

/* step.sql, outside a transaction, tried again where a lock was not to be had in time. */
bool gw_upkeep_run_sql(gw_upkeep *u, gw_upkeep_step *step, gw_err *err);

/* fn in a transaction, tried again where a lock was not to be had in time. */
bool gw_upkeep_in_transaction(gw_upkeep *u, bool (*fn)(gw_upkeep *u, void *arg, gw_err *err),
                              void *arg, gw_err *err);

/* What a step copies, batch by batch; its detail says how many rows. (maintain_convert.c) */
struct gw_copying;
bool gw_upkeep_copy(gw_upkeep *u, gw_upkeep_step *step, struct gw_copying *copying, gw_err *err);

/* A plain table that is to be partitioned, step by step; *done: it is now. (maintain_convert.c) */
struct gw_partitioned;
bool gw_upkeep_convert(gw_upkeep *u, const gw_config_partition *rule, const struct gw_partitioned *table,
                       bool *done, gw_err *err);
/* The foreign keys that such a conversion has moved to the table. (maintain_convert.c) */
bool gw_upkeep_convert_keys(gw_upkeep *u, const struct gw_partitioned *table, const char *name,
                            gw_err *err);

/* The actions, one file or half of one each. */
bool gw_upkeep_statements(gw_upkeep *u, gw_err *err);
bool gw_upkeep_partitions(gw_upkeep *u, gw_err *err);
bool gw_upkeep_retention(gw_upkeep *u, gw_err *err);
bool gw_upkeep_vacuum(gw_upkeep *u, gw_err *err);
bool gw_upkeep_reindex(gw_upkeep *u, gw_err *err);
bool gw_upkeep_backup(gw_upkeep *u, gw_err *err);
bool gw_upkeep_verify(gw_upkeep *u, gw_err *err);
bool gw_upkeep_prune(gw_upkeep *u, gw_err *err);

#endif
