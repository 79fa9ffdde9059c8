/*
 * What a migration's statements do, seen on a shadow: each is run there, and the locks that it
 * takes, the tables that it writes anew and those that it reads from end to end are read from the
 * server. Only relations that were there before count: nobody else can want a new one.
 *
 * A shadow has no rows. A statement about rows that fails there for want of them says nothing
 * about the target: it is noted and passed over.
 */
#ifndef GW_MIGRATE_TRACE_H
#define GW_MIGRATE_TRACE_H

#include "control/gate.h"
#include "migrate/check.h"

typedef struct gw_traced_lock {
    const char *relation; /* "public.orders" */
    const char *mode;     /* "ACCESS EXCLUSIVE" */
    int strength;         /* 1 ACCESS SHARE … 8 ACCESS EXCLUSIVE */
    bool index;
} gw_traced_lock;

typedef struct gw_traced {
    const char *sql;
    unsigned line, col;
    bool outside_transaction;
    int64_t duration_us;
    gw_traced_lock *locks;  /* taken by this statement, or made stronger by it */
    size_t lock_count;
    const char **rewrites;  /* tables whose file it writes anew */
    size_t rewrite_count;
    const char **scans;     /* tables that it reads from end to end */
    size_t scan_count;
    const char *not_tried;  /* NULL, or why it was not run, or what it failed for want of */
    bool needs_rows;        /* the latter */
} gw_traced;

typedef struct gw_traced_list {
    gw_traced *items;
    size_t len, cap;
} gw_traced_list;

/* What is in the database before the first migration of a plan. */
typedef struct gw_trace gw_trace;

/* `session`: on a database of the shadow, with the user's settings; `target` (may be NULL) is asked
 * which roles there are. Lives on the arena. */
bool gw_trace_start(gw_arena *arena, gw_shadow *shadow, gw_session *session, gw_session *target,
                    gw_trace **out, gw_err *err);

/* Run a checked migration, committed: the next one finds what it did. What `up` would fail at is
 * an error with file:line:col. */
bool gw_trace_migration(gw_trace *trace, gw_arena *arena, const gw_checked *checked,
                        const gw_script_context *context, gw_traced_list *out, gw_err *err);

#endif
