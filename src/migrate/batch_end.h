/* Does a batch come to its end? A statement that puts keys behind the place reached never does. */
#ifndef GW_MIGRATE_BATCH_END_H
#define GW_MIGRATE_BATCH_END_H

#include "base/arena.h"
#include "base/err.h"
#include "migrate/migration.h"
#include "pg/session.h"

/*
 * False, kind INPUT, without a place: it sets the batch's key, or inserts into the batch's table.
 * `session` is asked whether two names, one of them without a schema, mean one table; where it
 * cannot say (one is not there yet), and where it is NULL, they are two.
 */
bool gw_batch_ends(gw_arena *arena, const gw_batch_directive *batch, const char *text, size_t len,
                   gw_session *session, gw_err *err);

#endif
