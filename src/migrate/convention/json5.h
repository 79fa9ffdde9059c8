/*
 * JSON as people write it into settings (JSON5: comments, names without quotes, 'text', a comma too many), as a flat
 * list with places: what stands at "a.b" and in "a[]".
 */
#ifndef GW_MIGRATE_CONVENTION_JSON5_H
#define GW_MIGRATE_CONVENTION_JSON5_H

#include "migrate/convention/convention.h"

typedef struct gw_json5_item {
    const char *path; /* keys with dots between them, "[]" behind that of a list's item */
    const char *text; /* of a string, a number, a word; "" of an object or a list */
    bool word;        /* true, null, 3: no string */
    size_t children;  /* how many items follow that are inside of it */
    unsigned line, col;
} gw_json5_item;

typedef struct gw_json5 {
    GW_VEC(gw_json5_item) items; /* in order of the file; the first is the whole */
} gw_json5;

bool gw_json5_read(gw_dir *dir, const gw_source *source, gw_json5 *out, gw_err *err);
/* NULL: it says nothing: not there, null, false, "", {} or []. */
const gw_json5_item *gw_json5_find(const gw_json5 *json, const char *path);

#endif
