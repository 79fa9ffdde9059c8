/*
 * Do the two sides agree? An entity's rows of the source, through its mapping, against those of the
 * destination, under one snapshot of each; every row of either side is counted once, under what was
 * found of it.
 *
 * What was applied is told from what was not by the fingerprints that are kept: the source against
 * them (sums of runs of blocks first), and the destination against them (one sum first). Only rows
 * of which one side no longer is what was applied go through the mapping again, row by row: the
 * same projection, functions and conversions that apply uses. `whole` puts every row through it and
 * believes no fingerprint.
 *
 * Where other active entities have the same table, their rows (by their id maps and by what is kept
 * of them) are left out of the destination's; what nobody accounts for is each one's to tell.
 *
 * The destination's snapshot is older than the source's: beside a run, a row that was not applied
 * yet is "not there yet", by name. Nothing is written but temporary tables of the destination.
 * Memory is bounded: what does not fit goes to files without names.
 */
#ifndef GW_SYNC_VERIFY_H
#define GW_SYNC_VERIFY_H

#include "source/snapshot.h"
#include "sync/project.h"

/* What was found of a row. */
typedef enum gw_verify_kind {
    GW_VERIFY_EQUAL,
    GW_VERIFY_ALTERED,     /* as it was written: a trigger of the destination made it something else */
    GW_VERIFY_LEFT,        /* changed in the destination, which keeps it: on_destination_change: keep */
    GW_VERIFY_MARKED,      /* gone in the source, marked in the destination: deletes: { soft: … } */
    GW_VERIFY_IGNORED,     /* gone in the source, still in the destination: deletes: ignore */
    GW_VERIFY_SKIPPED,     /* rejected: on_reject: skip */
    GW_VERIFY_QUARANTINED, /* rejected */
    GW_VERIFY_NEW,         /* not there yet … */
    GW_VERIFY_CHANGED,     /* … changed in the source since it was applied … */
    GW_VERIFY_DELETED,     /* … gone in the source since it was applied */
    GW_VERIFY_DIFFERENT,
    GW_VERIFY_MISSING, /* it was applied, or cannot be, and is not in the destination */
    GW_VERIFY_GONE,    /* gone in the source, and it should not be in the destination */
    GW_VERIFY_EXTRA,   /* in the destination alone: it did not come from here */
    GW_VERIFY_DOUBLE,  /* in the destination a second time, under another id */
    GW_VERIFY_KINDS
} gw_verify_kind;

/* "not-there-yet" and the like: for JSON. */
const char *gw_verify_kind_name(gw_verify_kind kind);
/* For people, without a full stop. */
const char *gw_verify_kind_text(gw_verify_kind kind);
/* Two sides that do not agree, and nothing that explains it. */
bool gw_verify_kind_wrong(gw_verify_kind kind);
/* Only a matter of time. */
bool gw_verify_kind_waits(gw_verify_kind kind);

typedef struct gw_verify_value {
    const char *column;
    const char *source, *destination;      /* NULL: NULL. Their beginnings, where they are long */
    int64_t source_len, destination_len;   /* characters of the whole; GW_NULL_INT: not said */
    bool masked;
} gw_verify_value;

typedef struct gw_verify_row {
    gw_verify_kind kind;
    const char *key;        /* its text form; masked where a column of it is sensitive */
    bool destination_key;   /* it is the destination's: the source's is not known */
    const char *message;    /* NULL */
    const char *reason;     /* of a row in quarantine: of many rows, without their values */
    const gw_verify_value *values; /* that are not equal */
    size_t value_count;
} gw_verify_row;

/* Told of each row that is wrong or waits. What it points to lives during the call. */
typedef bool gw_verify_fn(void *self, const gw_verify_row *row, gw_err *err);

typedef struct gw_verify_count {
    int64_t source, destination; /* rows of each side */
} gw_verify_count;

/* A field that refers to another entity (or column), and values of it that lead nowhere. */
typedef struct gw_verify_reference {
    const char *column, *entity, *table;
    int64_t rows;
    const char *example; /* such a value; masked where it is sensitive */
} gw_verify_reference;

/* Rows that have the values of another one, against a rule `unique`. */
typedef struct gw_verify_unique {
    const char *columns; /* "a, b" */
    int64_t values, rows;
} gw_verify_unique;

typedef struct gw_verified {
    int64_t source_rows, destination_rows; /* counted by the servers, without other entities' rows */
    gw_verify_count of[GW_VERIFY_KINDS];   /* they add up to the two above, or it is an error */
    int64_t compared;                      /* rows that went through the mapping again */
    int64_t rejects;                       /* in the quarantine, and skipped, all in all … */
    int64_t rejects_settled;               /* … of these: the two sides agree by now */
    int64_t map_rows, map_lost;            /* of the id map; those without a row; 0 without a map */
    int64_t ignored;                       /* deletions that runs have left undone */
    gw_verify_reference *references;       /* those that lead nowhere */
    size_t reference_count;
    gw_verify_unique *uniques;             /* rules that are broken */
    size_t unique_count;
    bool going_on;                         /* a run of the entity is under way */
} gw_verified;

/* Is anything wrong, whatever runs? */
bool gw_verified_wrong(const gw_verified *verified);
/* Rows that wait, of either side. */
int64_t gw_verified_waits(const gw_verified *verified);

/* Another entity: where its rows are, for references to it, and which are its own where several
 * entities have one table. */
typedef struct gw_verify_target {
    const char *entity;
    const gw_entity_plan *plan;
} gw_verify_target;

typedef struct gw_verify {
    const gw_projection *projection;
    gw_session *source;             /* in a transaction, with the snapshot */
    const gw_snapshot *snapshot;
    gw_session *destination;        /* in a transaction, with a snapshot older than the source's … */
    const char *exported;           /* … which has this name */
    gw_session *stage;              /* a second one; outside a transaction */
    const gw_verify_target *others; /* active mappings, this entity's own perhaps among them */
    size_t other_count;
    bool whole;
    gw_log *log;
    gw_verify_fn *fn;
    void *self;
} gw_verify;

bool gw_verify_entity(const gw_verify *verify, gw_arena *arena, gw_verified *out, gw_err *err);

/* A snapshot of the destination, kept by this session's transaction; *exported is its name. */
bool gw_verify_begin(gw_session *destination, gw_arena *arena, const char **exported, gw_err *err);

#endif
