/*
 * JSON on Jansson. A json_t belongs to who made it; gw_json_own hands it to an arena.
 */
#ifndef GW_BASE_JSON_H
#define GW_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* Decref'ed with the arena. Returns its argument. */
json_t *gw_json_own(gw_arena *arena, json_t *value);

/* Bytes that are not UTF-8 are replaced (U+FFFD): output must never fail. NULL → null. */
json_t *gw_json_text(const char *text);

/* Parse; the error names `what`, line and column. Owned by the arena. */
json_t *gw_json_parse(gw_arena *arena, const char *what, const char *text, size_t len,
                      gw_err *err);

/* Compact, keys in order of insertion. */
char *gw_json_dump(gw_arena *arena, const json_t *value);

#endif
