/* A verification under way. Of verify*.c only. */
#ifndef GW_SYNC_VERIFY_IMPL_H
#define GW_SYNC_VERIFY_IMPL_H

#include "sync/apply_impl.h"
#include "sync/pool.h"
#include "sync/verify_sql.h"

/* What the source says against the fingerprints kept … */
typedef enum gw_seen_source {
    GW_SOURCE_AS_KEPT = 0,
    GW_SOURCE_NEW,      /* nothing is kept of it */
    GW_SOURCE_MODIFIED,
    GW_SOURCE_GONE,
    GW_SOURCE_NOT_ASKED, /* it has no row, and nothing is kept: only the destination knows the key */
} gw_seen_source;

/* … and what the destination says against them. */
typedef enum gw_seen_there {
    GW_THERE_AS_KEPT = 0, /* or, where nothing is kept, not known */
    GW_THERE_EXTRA,       /* nothing is kept of it */
    GW_THERE_CHANGED,
    GW_THERE_MISSING,
} gw_seen_there;

/* A key that one of the two does not say "as kept" of. */
typedef struct gw_case {
    const char *key;
    gw_seen_source source;
    gw_seen_there there;
    bool marked;
    /* once it went through the mapping */
    bool compared, present, equal;
    bool written;         /* as the mapping has it, references of the second pass aside … */
    bool filled;          /* … and those */
    bool later;           /* its second pass is still to come */
    const char *columns;  /* JSON: what differs */
    const char *message;  /* it cannot be written */
    const char *rejected; /* quarantine, skip; NULL */
    const char *why;      /* it was rejected */
    const char *reason;   /* the same, as it is said of many rows */
    bool others;          /* another entity's row */
} gw_case;

enum { GW_CASES = 500 }; /* at a time */

typedef struct gw_verifier {
    const gw_verify *verify;
    const gw_entity_plan *plan;
    const gw_mapping *mapping;
    gw_arena *arena; /* of all */
    gw_arena *batch;
    gw_apply *apply;
    gw_verify_sql sql;
    gw_verified *out;
    gw_pool *cases; /* seen: of the source; kept: of the destination */
    gw_case list[GW_CASES];
    size_t count;
    int64_t kept;       /* fingerprints kept … */
    int64_t kept_cases; /* … of them cases */
    int64_t marked_rows, marked_cases;
    bool marked_apart; /* marked rows that are no case are none that was applied */
    int64_t allowance; /* deletions that runs have left undone */
    bool mask_key;
    const char *own;     /* over t; NULL: see gw_verify_shared */
    bool shared;         /* other entities have rows in this table … */
    int64_t others_left; /* … so many of them cannot be told by their keys */
} gw_verifier;

/* The cases in list: through the mapping, and each counted under what it is. verify_rows.c */
bool gw_verify_cases(gw_verifier *verifier, gw_err *err);

/* NULL: not of this batch. */
gw_case *gw_verify_case_of(gw_verifier *verifier, const char *key);
/* The stage's transaction, under the destination's snapshot. */
bool gw_verify_stage_begin(gw_verifier *verifier, gw_err *err);

/* A condition over the destination's row t: no other entity's runs put it there; NULL: any may be
 * this one's. verify_shared.c */
bool gw_verify_shared(gw_verifier *verifier, const char **own, gw_err *err);
/* Which of the cases in list are other entities' rows. In the stage's transaction. */
bool gw_verify_shared_cases(gw_verifier *verifier, gw_err *err);
/* A row that nothing accounts for is taken for one of those that cannot be told; false: there are no more. */
bool gw_verify_theirs(gw_verifier *verifier);

void gw_verify_add(gw_verifier *verifier, gw_verify_kind kind, bool source, bool destination);

#endif
