/*
 * A consistent view of tables of a PostgreSQL source, for one session or several.
 *
 * ACCESS SHARE on every table and leaf comes *before* the snapshot: to a snapshot that is older
 * than a TRUNCATE or a rewriting ALTER TABLE the table has no rows at all, which would look like as
 * many deletes. What lies in which file is compared under the lock, and all of it is begun anew
 * where something has changed meanwhile.
 *
 * The transaction is REPEATABLE READ READ ONLY and is the caller's to end. Nothing is written to
 * the source but, where a mark is wanted, a transaction id is used up.
 */
#ifndef GW_SOURCE_SNAPSHOT_H
#define GW_SOURCE_SNAPSHOT_H

#include "source/source.h"

typedef struct gw_stored_leaf {
    int64_t relation, oid; /* relation: the one that was asked for */
    const char *schema, *name, *kind;
    int64_t file_node;  /* GW_NULL_INT: none */
    int64_t tablespace; /* as the log says it: never 0 */
    bool unlogged;
    bool row_security; /* applies to this role */
    int64_t blocks;    /* about */
    const char *shape; /* another one: the same bytes may be other values */
} gw_stored_leaf;

typedef struct gw_snapshot_want {
    const int64_t *relations; /* oids: tables, partitioned or not, and materialized views */
    size_t count;
    bool share;              /* for gw_snapshot_join */
    bool mark;               /* for finding change by blocks; not on a standby */
    bool low_water;          /* for finding it by time */
    bool if_it_can;          /* a low-water mark that cannot be had is no error */
    int64_t lock_timeout_ms; /* 0 = 10 s */
} gw_snapshot_want;

/* Positions in the log as numbers; GW_NULL_INT: not there. */
typedef struct gw_snapshot {
    gw_source_identity identity;
    int64_t timeline;
    const char *name; /* exported; NULL without share */
    int64_t taken_at; /* a little before, by the server's clock, microseconds */
    gw_stored_leaf *leaves;
    size_t leaf_count;
    /* In this order: the position was read, the id taken, the tables locked, the snapshot taken
     * (xmin is its own), the position read again. */
    int64_t position, xid, xmin, position_after;
    int64_t low_water; /* nothing that was not visible yet has an older now() */
    const char *no_low_water; /* why there is none, where it was wanted; else NULL */
} gw_snapshot;

/*
 * The session is outside a transaction, and in one afterwards (where it fails: outside).
 * Kinds: LOCK where a table stays locked, STATE where one is gone or never keeps still. A
 * low-water mark that cannot be had is REFUSED by the reason's name, and so is a mark on a standby.
 */
bool gw_snapshot_open(gw_session *session, gw_arena *arena, const gw_snapshot_want *want,
                      gw_snapshot *out, gw_err *err);

/* The same view in another session, while the one that opened it is in its transaction. */
bool gw_snapshot_join(gw_session *session, gw_arena *arena, const gw_snapshot *snapshot,
                      int64_t lock_timeout_ms, gw_err *err);

/*
 * What the snapshot saw can no longer be taken back by a crash (synchronous_commit = off): to be
 * called before anything is applied. other: a session of the source outside a transaction; an
 * empty message is written into the log there where it is not on disk by itself. On a standby:
 * true.
 */
bool gw_snapshot_settle(gw_session *other, const gw_snapshot *snapshot, gw_err *err);

/*
 * A time before which nothing that is not committed yet can have begun; a minute is taken off for
 * clocks and for sessions that have just read theirs. REFUSED: a standby, prepared transactions,
 * sessions that cannot be looked at.
 */
bool gw_snapshot_low_water(gw_session *session, int64_t *out, gw_err *err);

/* "16/B374D848" */
const char *gw_lsn_text(gw_arena *arena, int64_t position);

#endif
