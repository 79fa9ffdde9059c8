/*
 * One batch of an entity, applied: rows, id map, quarantine, fingerprints and checkpoint in ONE
 * transaction of the destination. Killed at any moment, all of it is there or none.
 *
 * What happens to a row, in order: functions (in the stage), its id, references through the id map,
 * conversion to the destination's types, defaults, rules, two rows of one key, what somebody
 * changed in the destination since, and the write. What stops one row is that row's rejection: the
 * server is asked about ever smaller halves until the row that it refuses stands alone. Constraints
 * are checked at once, deferred ones too.
 *
 * References that lead nowhere are found before the write: by the id map, by a foreign key, else by
 * asking the destination. Fields of a plan's second pass stay as they are, and the row's key is kept
 * in godwit.sync_later where there is something to fill: gw_apply_later does. Rejected rows keep the
 * fingerprints that they had, so that the next detection finds them again.
 */
#ifndef GW_SYNC_APPLY_H
#define GW_SYNC_APPLY_H

#include "sync/packed.h"
#include "sync/stage.h"

typedef struct gw_apply_batch {
    const char *query;          /* of the rows to apply; NULL: none */
    const gw_fingerprint *kept; /* as they were applied before, those of them that were */
    size_t kept_count;
    const gw_fingerprint *gone; /* rows that the source no longer has */
    size_t gone_count;
    bool missing_is_gone; /* what is kept and did not come is gone too */
    bool waits; /* another attempt follows: what another row still has is no reason to fail by then */
    bool last;  /* the other attempt: rows that hold each other's unique values take them together */
    /* A first load: the query's rows lie in this run of blocks of this leaf, of which nothing is
     * kept yet; NULL: they are changes. */
    const gw_blocks *fresh;
    uint32_t leaf;
} gw_apply_batch;

typedef struct gw_applied {
    int64_t inserted, updated, deleted, rejected;
    int64_t left;  /* rows that were changed in the destination and left as they are */
    int64_t bytes; /* that came from the source */
    bool more;     /* before a commit of load.c: another transaction follows for the same blocks */
} gw_applied;

typedef struct gw_apply_to {
    const char *run;        /* migration_control.run_id; NULL: of none */
    const char *checkpoint; /* migration_checkpoints.id; NULL: of none */
    /* Asked before the commit, in its transaction; false rolls back. A worker whose lease has ended
     * must not go on. */
    bool (*before_commit)(void *self, const gw_applied *applied, gw_err *err);
    void *self;
    bool loads; /* of load.c: the entity's id map may still be without its indexes */
    bool waits; /* the second pass comes once more: what may lead somewhere by then fails nothing */
} gw_apply_to;

typedef struct gw_apply gw_apply;

/*
 * Makes the temporary tables, and the entity's part of the id map where ids change; outside a
 * transaction. Other entities' id maps have to be there by now: a reference to one that has none is
 * taken as a key that stays. Lives as long as the arena, which also holds a batch's values.
 */
bool gw_apply_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                   const gw_apply_to *to, gw_log *log, gw_apply **out, gw_err *err);

/*
 * source: in a transaction, with the snapshot. With `on_reject: fail` the first rejection is an
 * error of kind CHECK, and nothing of the batch is kept. After any error nothing of it is.
 */
bool gw_apply_run(gw_apply *apply, gw_session *source, const gw_apply_batch *batch, gw_applied *out,
                  gw_err *err);

/*
 * The second pass, when every entity's rows are there: references that close a cycle are filled, of
 * at most so many rows, in one transaction with their checkpoint. *more: there may be others; call
 * it again. A reference that leads nowhere is that row's rejection, and waits for the next run.
 */
bool gw_apply_later(gw_apply *apply, gw_session *source, size_t most, bool *more, gw_applied *out,
                    gw_err *err);

/*
 * Deletes that were refused because rows that go as well refer to theirs, in a cycle: of at most so
 * many, what the second pass has filled in them is emptied. *more as above; *rows: how many there were.
 */
bool gw_apply_let_go(gw_apply *apply, size_t most, bool *more, int64_t *rows, gw_err *err);

/* Rejected rows that the source no longer has leave the quarantine. */
bool gw_apply_tidy(gw_apply *apply, gw_session *source, int64_t *cleared, gw_err *err);

#endif
