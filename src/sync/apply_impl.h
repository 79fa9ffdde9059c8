/* A batch being applied. Of apply*.c only. */
#ifndef GW_SYNC_APPLY_IMPL_H
#define GW_SYNC_APPLY_IMPL_H

#include "base/vec.h"
#include "sync/altered.h"
#include "sync/apply.h"
#include "sync/apply_sql.h"

typedef struct gw_row_state {
    const gw_fingerprint *kept; /* NULL: it was not applied before */
    bool present;               /* in the destination */
    bool bad, left;
    bool respelled; /* its key is kept in another spelling */
    uint64_t there, print; /* its fingerprint in the destination: found, written */
} gw_row_state;

typedef struct gw_bad_row {
    int64_t number;
    const char *kind, *message, *sqlstate, *place, *rule;
} gw_bad_row;

/* A unique index of the destination, as the server names it when it refuses. */
typedef struct gw_apply_unique {
    const char *place;
    const char *holds; /* why rows cannot let go of what it looks at; NULL: they can */
    bool referred;     /* by a foreign key, and so never DEFERRABLE */
} gw_apply_unique;

struct gw_apply {
    gw_session *session;
    gw_arena *arena; /* of the batch */
    const gw_projection *projection;
    const gw_mapping *mapping;
    gw_apply_sql sql;
    gw_apply_to to;
    gw_columns_seen seen;
    gw_stage *stage;
    gw_row_state *rows; /* stage->rows, one by one */
    struct {
        const gw_fingerprint **items;
        size_t len, cap;
    } gone; /* -1 is items[0] */
    gw_row_state *gone_rows;
    struct {
        const gw_fingerprint **items;
        size_t len, cap;
    } stale; /* kept, and the row is kept under its other spelling as well */
    gw_arena *own; /* of the whole */
    bool waits;
    bool triggers; /* the destination has some: what they do is seen only afterwards */
    const char *park; /* see apply_together.c; NULL: not asked for, "": nothing can be done */
    GW_VEC(gw_apply_unique) uniques;
    const char *refuses; /* why rows cannot let go of values that can be; NULL: they can */
    const char *later_after; /* the second pass has come to this key; NULL: it begins */
    const char *held_after;  /* the same of gw_apply_let_go */
};

/* As gw_apply_open, and nothing that stays is made. */
bool gw_apply_prepare(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                      const gw_apply_to *to, gw_log *log, gw_apply **out, gw_err *err);

/* The rows of a query as they would be written, in pg_temp.gw_row, in the caller's transaction of
 * the destination; those that cannot be are in pg_temp.gw_bad. Rules are not asked, and ids that
 * the destination makes are not made. */
bool gw_apply_convert(gw_apply *apply, gw_session *source, const char *query, gw_err *err);

/* A row goes no further; kind NULL: "keep". */
bool gw_apply_bad(gw_apply *apply, int64_t number, const char *kind, const char *message,
                  const char *sqlstate, const char *place, gw_err *err);

/* Does this say something of a row, or of the server and the whole? */
bool gw_apply_of_a_row(const gw_err *problem);

/* A first load's rows by one statement: apply_first.c. *refused: something is wrong with one of
 * them, nothing is there and err is empty. */
bool gw_apply_first(gw_apply *apply, gw_session *source, const gw_apply_batch *batch,
                    gw_applied *out, bool *refused, gw_err *err);

/* The rows of the stage, their fingerprints in the destination in rows[].print, as segments. */
bool gw_apply_fresh_segments(gw_apply *apply, const gw_apply_batch *batch, gw_err *err);

/* The checkpoint moves by so many rows, the last of which has this key (NULL: as it was). */
bool gw_checkpoint_move(gw_session *session, gw_arena *arena, const gw_apply_to *to,
                        const char *entity, const char *key, size_t count, gw_err *err);

/* Rows of the stage between low and high; what the server refuses is found by halves. counts: the
 * statement says how many rows it wrote, and how many it should have. */
bool gw_apply_halves(gw_apply *apply, const char *text, bool counts, int64_t low, int64_t high,
                     gw_err *err);
/* The same, in one piece: one row that is refused refuses all of them. */
bool gw_apply_part(gw_apply *apply, const char *text, bool counts, int64_t low, int64_t high,
                   gw_err *err);
/* Rows of one table that were refused for want of each other, once more and together: apply_ring.c. */
bool gw_apply_ring(gw_apply *apply, gw_err *err);
/* Rows that go no further, into the quarantine; with `on_reject: fail` an error. */
bool gw_apply_quarantine(gw_apply *apply, gw_err *err);

/* Behind a ROLLBACK TO: those of `now` that were not `before` are bad even so. */
bool gw_apply_bad_anew(gw_apply *apply, const gw_bad_row *before, size_t before_count,
                       const gw_bad_row *now, size_t count, gw_err *err);

/* What stands in pg_temp.gw_bad, in order; rows[].bad is made true to it. */
bool gw_apply_bad_rows(gw_apply *apply, gw_bad_row **out, size_t *count, gw_err *err);

/* Writes the rows, those of a group that hold each other's unique values too: apply_together.c. */
bool gw_apply_together(gw_apply *apply, gw_err *err);

/* The batch's rows by two statements, where nothing is wrong with any of them: apply_once.c. *done
 * false: something is, nothing is written, and they are to be judged apart. */
bool gw_apply_once(gw_apply *apply, bool *done, gw_err *err);

/* The last of a transaction that has written: the destination is as it was planned, and whoever
 * the batch is for says so. */
bool gw_before_commit(gw_apply *apply, const gw_applied *applied, gw_err *err);

/* Which rows were applied before, and which of those did not come: apply_match.c. In the source's
 * transaction that the stage was filled in. */
bool gw_apply_match(gw_apply *apply, gw_session *source, const gw_apply_batch *batch, gw_err *err);
/* Ids of rows whose keys are spelled anew, under the new spelling. */
bool gw_apply_respell(gw_apply *apply, gw_err *err);

/* Lock what is there of the batch's rows and judge what somebody changed: apply_changed.c. */
bool gw_apply_present(gw_apply *apply, gw_err *err);
bool gw_apply_gone_present(gw_apply *apply, gw_err *err);
/* Keys into pg_temp.gw_gone; numbers from -1 down. */
bool gw_apply_stage_gone(gw_apply *apply, json_t *keys, gw_err *err);
/* What is gone goes, but for rows whose deletion would delete or empty others: apply_held.c. */
bool gw_apply_gone_write(gw_apply *apply, gw_err *err);
/* Remember what the rows were that are gone and stay: one that comes back is no stranger. */
bool gw_apply_departed(gw_apply *apply, gw_err *err);

#endif
