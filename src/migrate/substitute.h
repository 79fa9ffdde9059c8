/*
 * Text with variables → text with their values, as a stream: memory does not grow with the file.
 * A variable without a value is an error of kind INPUT with its place.
 */
#ifndef GW_MIGRATE_SUBSTITUTE_H
#define GW_MIGRATE_SUBSTITUTE_H

#include "base/arena.h"
#include "migrate/folder.h"
#include "migrate/migration.h"
#include "sql/split.h"

/* `input` is copied; what it points to and `context` have to outlive the arena's use of it. */
gw_sql_input gw_substitute(gw_arena *arena, const gw_sql_input *input, gw_substitution how,
                           const gw_script_context *context);

#endif
