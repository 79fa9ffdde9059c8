/*
 * The first load of an entity: nothing of its rows was applied before. Runs of blocks come in, each
 * in one transaction of the destination with its fingerprints, id map, quarantine and checkpoint:
 * killed at any moment, a run is there or not.
 *
 * Three ways, from the fastest. What a batch refuses goes the last one, with that batch:
 *   copied     straight into the destination, where neither ids nor values change: in COPY's binary
 *              format where every column has the same built-in type on both sides, else as text;
 *              texts that functions make are put in on the way
 *   converted  staged, and from there by one statement; whatever is wrong with a row stops it
 *   judged     as any other batch (apply.h)
 * The first two only where the destination was empty when the load began.
 *
 * Indexes that can be made anew and on which nothing hangs, and those of the id map, are built
 * after the rows. What was dropped for that is in godwit.sync_loads from the same transaction on:
 * gw_load_finish builds it, whoever dropped it, and a batch that has to be judged builds it before.
 */
#ifndef GW_SYNC_LOAD_H
#define GW_SYNC_LOAD_H

#include "sync/apply.h"

typedef enum gw_load_way { GW_LOAD_COPIED, GW_LOAD_CONVERTED, GW_LOAD_JUDGED } gw_load_way;

typedef struct gw_load gw_load;

/*
 * Begins the load, or joins one that goes on (other workers, a resumed session). Outside a
 * transaction. Entities that this one refers to have been loaded and finished.
 *
 * few: a source that the server takes to have fewer rows than this leaves indexes where they are;
 * 0: 20,000; -1: so does any.
 */
bool gw_load_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                  const gw_apply_to *to, int64_t few, gw_log *log, gw_load **out, gw_err *err);

/* The way that batches go now, and why not a faster one (NULL: there is none). */
gw_load_way gw_load_goes(const gw_load *load, const char **why);

/*
 * The rows of a run of blocks of a leaf that nothing was loaded of, or only its beginning (a load
 * that was killed): then what is behind it. The whole where leaf is NULL (a source without blocks).
 * A long run takes several transactions, and before_commit is told of each (`more`: not the last).
 * source: in a transaction, with the snapshot; it is still in it when a row was refused. Errors as
 * of gw_apply_run.
 */
bool gw_load_run(gw_load *load, gw_session *source, const gw_source_leaf *leaf, gw_blocks run,
                 gw_applied *out, gw_err *err);

/*
 * After the last batch, and when a load is given up: builds what was postponed, makes the id map
 * whole, and lets what was never loaded count as empty, so that a detection finds it. Any number of
 * times; not while batches run. Kind STATE where an index cannot be built: it says which, and the
 * load goes on to be unfinished.
 */
bool gw_load_finish(gw_session *destination, gw_arena *arena, const char *entity, gw_log *log,
                    gw_err *err);

/* Sequences (identity columns, too) of the destination's columns that the mapping fills are moved
 * past what stands in them. Never backwards. */
bool gw_sequences_past(gw_session *destination, gw_arena *arena, const gw_entity_plan *entity,
                       gw_err *err);

/* How many indexes of the destination a first load of the entity has put off, and not built by now. */
bool gw_load_postponed(gw_session *destination, gw_arena *arena, const char *entity, int64_t *count,
                       gw_err *err);

#endif
