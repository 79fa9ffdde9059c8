/*
 * Statements of a plan, run on a session. Knows nothing of locks, history or people: `opened` and
 * `before` let the caller say what belongs to its own transactions.
 */
#ifndef GW_SCHEMA_APPLY_H
#define GW_SCHEMA_APPLY_H

#include "schema/plan.h"

typedef struct gw_apply {
    gw_session *session;
    /* Committed every few dozen statements: for shadows, which may be thrown away half-made. */
    bool small_steps;
    bool (*opened)(void *self, gw_err *err); /* right after each BEGIN; NULL */
    /* Before each statement; *done: it was run in another way. NULL: many go at once. */
    bool (*before)(void *self, const gw_ddl_statement *statement, bool *done, gw_err *err);
    /* A transaction failed and nothing of it is left: is it worth another try? NULL: never. */
    bool (*mended)(void *self, const gw_err *problem);
    void *self;
} gw_apply;

/* One block: in a transaction nothing of it stays where a statement fails (but for small_steps).
 * The error carries the statement and *failed (may be NULL) its place in the list. */
bool gw_apply_block(const gw_apply *apply, const gw_ddl_statement *statements,
                    const gw_plan_block *block, size_t *failed, gw_err *err);
/* All of them, block after block. */
bool gw_apply_all(const gw_apply *apply, const gw_ddl_statement *statements, size_t count,
                  size_t *failed, gw_err *err);

#endif
