/* How does a batch statement keep to its range? $1 and $2 are the first and the last key of it. */
#ifndef GW_MIGRATE_BATCH_RANGE_H
#define GW_MIGRATE_BATCH_RANGE_H

#include "base/arena.h"
#include "base/err.h"
#include "migrate/migration.h"

/*
 * False, kind INPUT, with the position in the statement: what the statement writes is not bounded
 * by `key BETWEEN $1 AND $2` (or >= $1 and <= $2), where key is the batch's column of the batch's
 * table, so that it would do rows twice or leave some out. A condition counts where it has to hold:
 * joined with AND, in the statement itself, a WITH, a subquery or a join that what is written hangs
 * on. Of a statement that the grammar does not know, its last words count.
 */
bool gw_batch_keeps_range(gw_arena *arena, const gw_batch_directive *batch, const char *text,
                          size_t len, gw_err *err);

#endif
