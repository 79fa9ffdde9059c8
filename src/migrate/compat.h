/*
 * `compat: sqlx`: sqlx's own history, _sqlx_migrations, kept in step with Godwit's, so that a
 * service which embeds sqlx and the same files finds what it expects and starts.
 *
 * Its row is written in the transaction of the migration. Migrations that sqlx cannot know (no
 * version that is a number up to 2^63-1) have none.
 */
#ifndef GW_MIGRATE_COMPAT_H
#define GW_MIGRATE_COMPAT_H

#include "migrate/migration.h"
#include "pg/query.h"

typedef struct gw_compat gw_compat;

/*
 * Find the table in `schema` (a tenant's), or, where that is NULL, as sqlx would: by the search_path
 * that role and database have. Make it there where there is none. A row with success false is kind STATE: sqlx would not start, and neither
 * does the run. The session may be pinned; it is not in a transaction.
 */
bool gw_compat_open(gw_arena *arena, gw_session *session, const char *schema, gw_compat **out,
                    gw_err *err);

/*
 * One statement for the transaction of `migration`; no setting of the session matters to it. *text
 * NULL: there is nothing to do. Texts live on the arena.
 */
enum { GW_COMPAT_PARAMS = 3 };
bool gw_compat_statement(const gw_compat *compat, gw_arena *arena, const gw_migration *migration,
                         bool revert, const char **text, gw_param params[GW_COMPAT_PARAMS],
                         size_t *count, gw_err *err);

/* Builds and runs it: fits gw_companion.add, with a gw_compat as self. */
bool gw_compat_add(void *self, gw_session *session, const gw_migration *migration, bool revert,
                   gw_err *err);

#endif
