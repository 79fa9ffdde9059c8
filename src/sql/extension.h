/* Statements about an extension, read by their tokens. */
#ifndef GW_SQL_EXTENSION_H
#define GW_SQL_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct gw_sql_extension {
    const char *statement; /* "CREATE EXTENSION", "COMMENT ON EXTENSION" */
    const char *name;      /* as the catalog has it */
    const char *schema;    /* of CREATE EXTENSION … SCHEMA; NULL: not said */
    bool creates, drops;
} gw_sql_extension;

/* CREATE, ALTER, DROP or COMMENT ON EXTENSION of one; false: another statement, or a list of them.
 * Strings belong to the arena. */
bool gw_sql_extension_read(gw_arena *arena, const char *text, size_t len, gw_sql_extension *out);

#endif
