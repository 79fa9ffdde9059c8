/* What a run reports while it goes: the caller decides what to show. */
#ifndef GW_MIGRATE_PROGRESS_H
#define GW_MIGRATE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gw_progress_kind {
    GW_PROGRESS_WAITING,    /* for another run, or another tool's: text says what for */
    GW_PROGRESS_PLAN,       /* total = number of migrations that will run */
    GW_PROGRESS_START,      /* a migration begins; revert says which way. text: it is none, and this
                               is what begins ("backing up") */
    GW_PROGRESS_STATEMENT,  /* outside a transaction: done of total are done, the next begins;
                               text = its start */
    GW_PROGRESS_COPY,       /* done = bytes of the file fed, total = its size */
    GW_PROGRESS_BATCH,      /* done, total = rows (total -1: not known), eta_ms */
    GW_PROGRESS_LOCK_RETRY, /* text = who blocks; done = the attempt that was given up, total =
                               how many there may be */
    GW_PROGRESS_DONE,       /* a migration is committed; duration_ms */
    GW_PROGRESS_FAILED,     /* a migration failed; the error follows by the usual way */
    GW_PROGRESS_WARNING,    /* text; file and line where known */
    GW_PROGRESS_SQL, /* dry run: text = one statement exactly as it would be sent, or a comment */
    GW_PROGRESS_NOTICE, /* the server says something while a file runs: text */
} gw_progress_kind;

typedef struct gw_progress {
    gw_progress_kind kind;
    const char *tenant;                          /* "" where there are none */
    const char *service, *version, *name, *file; /* NULL where it is about no migration */
    bool revert;
    int64_t done, total, duration_ms, eta_ms;
    int64_t done_before; /* BATCH: of done, by runs before this one */
    const char *text;
    unsigned line;
} gw_progress;

/* Called from worker threads where tenants run side by side, one call at a time. */
typedef struct gw_observer {
    void (*see)(void *self, const gw_progress *progress);
    void *self;
} gw_observer;

#endif
