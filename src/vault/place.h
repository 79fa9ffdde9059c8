/*
 * Databases that are made for a restore: one to verify in, which goes again, or one that takes
 * another's place. Each is locked by the session that made it, for as long as that lives; what a
 * killed process left is dropped by the next one from the same database.
 */
#ifndef GW_VAULT_PLACE_H
#define GW_VAULT_PLACE_H

#include "pg/query.h"

/* A new, empty database like the one of `session` (encoding, locale, owner). */
bool gw_place_make(gw_session *session, gw_arena *arena, const char **name, gw_err *err);
bool gw_place_drop(gw_session *session, const char *name, gw_err *err);

/* The settings and privileges of the session's database, for `name` too. */
bool gw_place_settle(gw_session *session, gw_arena *arena, const char *name, gw_err *err);

/*
 * In one transaction: `name` becomes `old`, and `fresh` becomes `name`. The session is on none of
 * them. The sessions of both are ended; where new ones keep coming it is kind BUSY, and nothing
 * has changed.
 */
bool gw_place_swap(gw_session *session, gw_arena *arena, const char *name, const char *fresh,
                   const char *old, gw_err *err);

/* What a database that gave its name away is called: in PREFIX the moment, as gw_place_kept looks for it. */
const char *gw_place_kept_prefix(gw_arena *arena, const char *name);
/* Those of them that are there. */
bool gw_place_kept(gw_session *session, gw_arena *arena, const char *name, const char ***out, size_t *count, gw_err *err);

#endif
