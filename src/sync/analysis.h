/*
 * What a detection found of one entity: a row of godwit.differential_analysis_results, and its
 * changes in godwit.differential_changes, some thousand keys a row, however many there are.
 *
 * Written while it is found, in one transaction of a session of its own: an analysis is there with
 * all its changes, or not at all. What is held in memory is a row of changes of each kind.
 */
#ifndef GW_SYNC_ANALYSIS_H
#define GW_SYNC_ANALYSIS_H

#include "sync/find.h"

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct gw_analysis_of {
    const char *id;      /* NULL: a new one */
    const char *group;   /* what one call of detect shares: the id that it prints; NULL: id */
    const char *entity, *mapping_id;
    bool baseline;       /* counts alone: `sync analyze` */
    bool moves;          /* of a run: where rows lie is put right, in the same transaction */
} gw_analysis_of;

typedef struct gw_analysis_writer gw_analysis_writer;

/* Begins the transaction. The writer lives as long as the arena. */
bool gw_analysis_begin(gw_session *store, gw_arena *arena, const gw_analysis_of *of,
                       gw_analysis_writer **out, gw_err *err);
const char *gw_analysis_id(const gw_analysis_writer *writer);

/* A gw_row_change_fn whose self is the writer. Without `moves` what has only moved is passed over:
 * the run that applies a stored analysis leaves marks alone, so that it is found again. */
bool gw_analysis_add(void *writer, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err);
/* All rows of these blocks are new. */
bool gw_analysis_add_blocks(gw_analysis_writer *writer, uint32_t leaf, gw_blocks blocks,
                            int64_t rows, gw_err *err);

typedef struct gw_analysis_counts {
    int64_t source, destination;
    gw_method method;       /* of a baseline: nothing */
    const char *why;
    const gw_mark *mark;    /* NULL */
    json_t *metadata;       /* an object; NULL */
    int64_t ahead;          /* of a first load: the rows that there are about */
} gw_analysis_counts;

/* What a method has read. On the arena. */
json_t *gw_analysis_metadata(gw_arena *arena, const gw_find_result *found);

typedef struct gw_analysis {
    const char *id, *group, *entity, *kind, *mapping_id;
    const char *method, *why;              /* NULL of a baseline */
    const char *metadata, *mark;           /* JSON; mark may be NULL */
    int64_t made_at, last_run_at;          /* last_run_at: GW_NULL_INT where there was none */
    int64_t source_rows, destination_rows;
    int64_t added, modified, deleted, changes;
    const char *percentage;                /* digits */
    int64_t estimated_ms;                  /* by the rates of past runs; GW_NULL_INT: none yet */
} gw_analysis;

/* Writes what is left and the figures; commits. *out is the row as it stands there. */
bool gw_analysis_end(gw_analysis_writer *writer, const gw_analysis_counts *counts,
                     gw_arena *arena, gw_analysis *out, gw_err *err);
/* Nothing of it is kept; safe after anything. */
void gw_analysis_abandon(gw_analysis_writer *writer);

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct gw_analysis_list {
    gw_analysis *items;
    size_t len;
} gw_analysis_list;

/* By its id, or by that of a call of detect: then of each of its entities. Kind STATE where there is
 * none of it; USAGE where it is no id. */
bool gw_analyses_read(gw_session *session, gw_arena *arena, const char *id, gw_analysis_list *out,
                      gw_err *err);

/* Did a first detection make it? It says that everything is new, and names no keys. */
bool gw_analysis_is_first(const gw_analysis *analysis);

/* Kind STATE where it can not be applied (any more) by this session (NULL: a new one): it only
 * counted, was made under another version of the mapping, or is applied already. */
bool gw_analysis_applies(gw_session *session, const gw_analysis *analysis, const char *mapping_id,
                         const char *session_id, gw_err *err);

/*
 * What has become of its keys: each as it is in the source now, under the view's snapshot, against
 * what is kept of it now; so nothing that came later is lost or done twice. Told as by
 * gw_find_changes; what is as it was applied is not told. Not for a first one.
 */
bool gw_analysis_again(const gw_find *find, gw_arena *arena, const gw_analysis *stored,
                       gw_find_result *out, gw_err *err);

/* A row of changes: keys, or a run of blocks of which all rows are new. */
typedef struct gw_changes {
    int64_t number;
    char kind;                     /* n, m, d */
    const char **keys;             /* NUL-terminated; NULL: blocks */
    size_t count;
    gw_fingerprint *kept;          /* of m and d: one a key, in their order */
    uint32_t leaf;
    gw_blocks blocks;
    int64_t rows;
} gw_changes;

/* The numbers are 1, 2, … : *found is false behind the last. */
bool gw_changes_read(gw_session *session, gw_arena *arena, const char *analysis, int64_t number,
                     gw_changes *out, bool *found, gw_err *err);

#endif
