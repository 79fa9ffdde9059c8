/*
 * Running migrations, one at a time, in sessions that the caller opened and under the run lock
 * that the caller holds. A migration in a transaction commits together with its history row and
 * its event; one outside a transaction commits its progress statement by statement (steps.c) or
 * range by range (batch.c).
 *
 * Killed here, what does the next run find? In a transaction: nothing of it, or all of it.
 * Outside: the row says how many statements are done, and the intent which one was begun.
 */
#ifndef GW_MIGRATE_RUNNER_H
#define GW_MIGRATE_RUNNER_H

#include "base/cancel.h"
#include "base/log.h"
#include "control/event.h"
#include "control/history.h"
#include "control/lock.h"
#include "migrate/check.h"
#include "migrate/progress.h"

/* More statements for the transaction of a migration (another tool's history kept in step). */
typedef struct gw_companion {
    bool (*add)(void *self, gw_session *work, const gw_migration *migration, bool revert,
                gw_err *err);
    void *self;
} gw_companion;

typedef struct gw_runner {
    gw_session *control;     /* pinned; holds the run lock; idle while a statement runs */
    gw_session *work;        /* with the user's settings */
    gw_connect work_connect; /* how `work` was opened, to find out what became of it */
    gw_run_lock *lock;
    gw_actor actor;
    const char *tenant;           /* the history's column; "" */
    const char *label;            /* the tenant as people call it, in all that is said; NULL: tenant */
    const char *search_path;      /* SQL value for SET search_path (tenant schemas), or NULL */
    int64_t schema_oid;           /* of the tenant's schema, where there is a search_path */
    int64_t lock_timeout_ms;      /* 0 = wait for ever */
    int64_t statement_timeout_ms; /* 0 = none */
    int64_t session_lock_timeout_ms; /* of the try that failed, where its file set it; 0: as above */
    struct {
        const char *why, *file; /* of a statement whose effect stays though all is rolled back; NULL: none */
        unsigned line;
    } lasted;                   /* in the try under way (lasting.h) */
    unsigned lock_retries;
    int64_t max_replica_lag_ms; /* a batch waits for replicas further behind; 0 = they are not asked */
    int64_t wait_ms; /* for a statement of an earlier run that the server still works on */
    gw_script_context script;
    gw_observer observer;
    gw_companion companion; /* add NULL: none */
    const gw_cancel *cancel;
    gw_log *log;
    const gw_span *span;         /* the run's */
    const char *backup_id;       /* of the backup made before it; NULL: none */
    bool durable;                /* this commit has to be on disk before it is reported; the caller
                                    sets it for the last migration of a run (see apply.c) */
    bool passed_over;            /* the server has said so of a relation (42P07); who hears its notices sets it */
    bool prepared;               /* the session has our prepared statements (piped.c) */
    struct gw_lock_watch *watch; /* says who blocks the work session; NULL = nobody looks */
} gw_runner;

/*
 * Apply or revert one checked migration; `row` is its row in the history where it stopped half-way,
 * else NULL. *duration_ms is set on success. A failure has left an event and, in a transaction,
 * nothing else. kind INTERRUPTED at a safe point when asked to stop.
 */
bool gw_run_migration(gw_runner *runner, gw_arena *arena, const gw_checked *checked,
                      const gw_checked *verify, const gw_applied *row, int64_t *duration_ms,
                      gw_err *err);

/*
 * May this script be run, seeing the row that an earlier run left? kind STATE where that one
 * stopped half-way in the other direction, or with statements done that this one would do again.
 */
bool gw_run_may_resume(const gw_checked *checked, const gw_applied *row, gw_err *err);

/* The statement outside a transaction that was under way when a run ended, from its row. */
typedef struct gw_left {
    int64_t number;        /* in its file; 0: there is none */
    const char *what, *sql; /* its kind and its beginning */
    bool asks;             /* nobody can know what became of it: up stops until repair is told */
    unsigned line;         /* it was in the transaction of its file, which is rolled back; 0: it was not */
    int64_t pid;           /* a backend still works on it; GW_NULL_INT: none */
    int64_t running_ms;    /* GW_NULL_INT where it is not known */
} gw_left;
/* Only reads, on any pinned session of the database. */
bool gw_row_left(gw_session *session, gw_arena *arena, const gw_applied *row, gw_left *out,
                 gw_err *err);
/* Where statements stand behind the one in doubt: that they never ran, and what to do before
 * repair --done, which leaves them out. "" where there are none. */
const char *gw_unrun_advice(gw_arena *arena, int64_t number, int64_t total);
/* "statement 3 of 3", "statements 2 to 3 of 3": those behind `done`. */
const char *gw_statements_behind(gw_arena *arena, int64_t done, int64_t total);

/* All of them in one transaction (--atomic). Every one has to be transactional. verify: as many;
 * .script NULL where there is none. rows: those that the history has of them, or NULL. */
bool gw_run_atomic(gw_runner *runner, gw_arena *arena, const gw_checked *checked,
                   const gw_checked *verify, const gw_applied *const *rows, size_t count,
                   int64_t *durations_ms, gw_err *err);

/* A repeatable or versioned migration as a history row with nothing run. */
gw_applied gw_row_of_migration(const gw_migration *migration, const char *tenant);

/*
 * What would be sent, to the observer (GW_PROGRESS_SQL); nothing is. `checked`, `verify` and `rows` as
 * above; `atomic`: as gw_run_atomic runs them, which may be refused. The work session may be NULL. What
 * only looks, locks or fences is left out.
 */
typedef struct gw_dry_run {
    const gw_checked *checked, *verify;
    const gw_applied *const *rows;
    size_t count;
    bool atomic;
    int tables;                 /* version of Godwit's own that would be brought up to date; -1: not by this run */
    const struct gw_plan *plan; /* whose rows sqlx's table is made with; NULL: it is not made by these */
} gw_dry_run;
bool gw_run_dry(gw_runner *runner, gw_arena *arena, const gw_dry_run *what, gw_err *err);

#endif
