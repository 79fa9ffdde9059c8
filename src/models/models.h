/*
 * Types for a service's code, from a schema value: for each table what is read and what is
 * inserted (what a default fills is optional there), each enum, and a check of values before they
 * are sent. The text is the same for the same schema, so that it can be checked in.
 *
 * Knows languages; must not know where a schema comes from or where the text goes.
 */
#ifndef GW_MODELS_MODELS_H
#define GW_MODELS_MODELS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "schema/value.h"

typedef struct gw_models_options {
    const char *language; /* "ts", "rust", "c", "json-schema" */
    const char *const *schemas; /* only these, NULL-terminated; NULL = all */
} gw_models_options;

/* The languages there are, NULL-terminated. */
extern const char *const gw_models_languages[];

/* The whole text. Kind USAGE for a language that is not there, naming those that are. */
bool gw_models_render(gw_arena *arena, const gw_schema *schema, const gw_models_options *options,
                      char **text, gw_err *err);

#endif
