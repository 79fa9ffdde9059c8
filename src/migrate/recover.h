/*
 * Statements outside a transaction: what was intended, and what became of it. Private to this
 * folder. An intent is written down before such a statement begins; when the run does not come
 * back, the next one asks the server with it.
 */
#ifndef GW_MIGRATE_RECOVER_H
#define GW_MIGRATE_RECOVER_H

#include "base/json.h"
#include "migrate/internal.h"

/* The part of an intent that nobody has to be asked for. */
json_t *gw_intent_of_text(gw_arena *arena, const gw_statement *statement);
/* Of the statement that is about to run: its text, the object, what was there before. An INVALID
 * index in its way is dealt with (gw_index_clear_way). */
bool gw_intent_make(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                    const gw_checked *checked, json_t **out, gw_err *err);

typedef enum gw_outcome {
    GW_OUTCOME_DONE,      /* it had its effect: go on behind it */
    GW_OUTCOME_RUN,       /* it had none, or may run again */
    GW_OUTCOME_FINALIZE,  /* DETACH PARTITION CONCURRENTLY: the second half is missing */
    GW_OUTCOME_UNKNOWN,   /* nobody can know: a person has to say */
} gw_outcome;

/* Nobody can know what became of it when it was cut off: a person has to say. */
bool gw_statement_asks(const gw_stmt_class *c);

/* Waits (as long as the run may wait, then kind BUSY) until no backend runs the statement any more,
 * then asks the catalog; what is left half-done is removed (an INVALID index). */
bool gw_intent_outcome(gw_runner *r, gw_arena *arena, const json_t *intent,
                       const gw_statement *statement, const gw_checked *checked, gw_outcome *out,
                       gw_err *err);

/* After the statement reported success: is a concurrent index really valid? */
bool gw_concurrent_check(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                         const json_t *intent, gw_err *err);

/* A lock kept it from its end, and it is tried again: what the try left half-done is removed first. The
 * outcome is never UNKNOWN. */
bool gw_concurrent_again(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                         const json_t *intent, gw_outcome *out, gw_err *err);

/* After it failed: remove what it left half-done. Best effort; says whether all is as before, and
 * in `why` what is not, and what has the name that it wanted. */
bool gw_concurrent_cleanup(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                           const json_t *intent, gw_err *why);

#endif
