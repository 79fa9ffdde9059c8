/*
 * ALTER TYPE … ADD VALUE 'x' and a use of 'x' in one transaction: PostgreSQL refuses that (55P04). Said before
 * anything runs where it is certain from the parse tree and the columns that the value meets; what only looks
 * like it (a text column, a comment) runs, and where it was a use after all the server says so.
 */
#ifndef GW_MIGRATE_CHECK_ENUM_H
#define GW_MIGRATE_CHECK_ENUM_H

#include "migrate/check.h"

typedef struct gw_enum_value {
    const char *type, *value;
} gw_enum_value;

typedef struct gw_enum_watch {
    GW_VEC(const char *) types; /* that the script makes, where the server lets their values be used */
    GW_VEC(gw_enum_value) added;
    gw_statement use; /* the first that uses one of them; line 0: none */
    const char *value;
} gw_enum_watch;

/* The next statement of a script; `made`: those before it, where they are kept, else NULL. */
void gw_enum_see(gw_arena *arena, gw_enum_watch *watch, const gw_check_options *options,
                 const gw_statement *statement, const gw_statement *made, size_t made_count);

#endif
