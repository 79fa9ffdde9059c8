/*
 * Advisory locks that other tools take while they run. While a database is shared with one of
 * them, a run takes that lock too. Sources: docs/formats.md.
 */
#ifndef GW_MIGRATE_FOREIGN_LOCK_H
#define GW_MIGRATE_FOREIGN_LOCK_H

#include "control/lock.h"
#include "migrate/migration.h"
#include "pg/query.h"

enum { GW_FOREIGN_KEYS_MAX = 2 };

typedef struct gw_foreign_keys {
    int64_t keys[GW_FOREIGN_KEYS_MAX]; /* in the order in which they are to be taken */
    size_t count;                      /* 0: the tool takes no lock (dbmate, drizzle, alembic) */
} gw_foreign_keys;

/* schema and table: of the tool's history (golang-migrate and Flyway lock by its name). */
gw_foreign_keys gw_foreign_lock_keys(gw_format tool, const char *database, const char *schema,
                                     const char *table);

/* Take them for the rest of a run. Errors as gw_run_lock_take_key. */
bool gw_foreign_locks_take(gw_run_lock *lock, gw_format tool, const char *database,
                           const char *schema, const char *table, int64_t wait_ms, gw_err *err);

typedef struct gw_adopted_tool {
    gw_format tool;
    const char *schema, *table; /* of its history, as adopted; NULL where the row does not say */
} gw_adopted_tool;
typedef struct gw_adopted_tools {
    gw_adopted_tool *items;
    size_t len, cap;
} gw_adopted_tools;

/* The tools that Godwit's history in this database was taken over from. Its tables are there. */
bool gw_adopted_tools_read(gw_session *session, gw_arena *arena, gw_adopted_tools *out,
                           gw_err *err);

#endif
