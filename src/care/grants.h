/*
 * The roles of a database as they are declared, beside what they are: the statements that turn one
 * into the other, and running them. A role is never dropped, and a password is neither set nor read.
 *
 * `declared` is JSON: {"closed": ["database", "schemas", "tables", "functions"], "roles": [{"name",
 * "is": "owner" | "migrator" | "application" | "read-only", "login", "limit" (or null), "settings":
 * [{"name", "value"}], "schemas": [NAME], "tables": [{"table": "schema.name", "rights":
 * [{"privilege", "columns": [NAME]}]}]}]}. What is not said of a role is left as it is.
 */
#ifndef GW_CARE_GRANTS_H
#define GW_CARE_GRANTS_H

#include "base/vec.h"
#include "pg/query.h"

typedef struct gw_grant_statement {
    int64_t step;      /* in which order they run */
    const char *sql;
    const char *refused; /* it is not run: why; NULL */
} gw_grant_statement;

typedef struct gw_grants_diff {
    gw_grant_statement *items;
    size_t len, cap;
    GW_VEC(const char *) notes; /* what of it has no effect yet, for people */
} gw_grants_diff;

/* Reads only. */
bool gw_grants_compare(gw_session *session, gw_arena *arena, const char *declared,
                       gw_grants_diff *out, gw_err *err);

/* Called in the transaction, before the first statement: later the role may have no rights any more. */
typedef struct gw_grants_begun {
    bool (*call)(void *self, gw_session *session, gw_err *err); /* NULL: nothing is */
    void *self;
} gw_grants_begun;

/*
 * All of it in one transaction, looked at again before it is committed; *out has what ran. Before
 * anything is changed: kind PRIVILEGE where roles have to change and this one may not change them,
 * REFUSED where one of them administers the server. Kind PRIVILEGE, and nothing has changed, where
 * the server took a statement and did nothing.
 */
bool gw_grants_apply(gw_session *session, gw_arena *arena, const char *declared,
                     gw_grants_begun begun, gw_grants_diff *out, gw_err *err);

#endif
