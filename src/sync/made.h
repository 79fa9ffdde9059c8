/* Rows on their way through a mapping's functions: held until there are enough of them to cross at once. Of stage.c and
 * load_copy.c only. */
#ifndef GW_SYNC_MADE_H
#define GW_SYNC_MADE_H

#include "base/vec.h"
#include "pg/copy_rows.h"
#include "script/script.h"

typedef struct gw_made {
    gw_script *script;
    gw_arena *scratch;  /* of what is held */
    size_t first, seen; /* of a row's fields: those that the functions see */
    void *arg;
    /* What the functions refused of the rows that come next; row is from 0. Before the first of them. */
    bool (*refused)(void *arg, const gw_script_result *result, gw_err *err);
    /* A row, and what they made of it: a value a function, all NULL where it was refused. */
    bool (*emit)(void *arg, const gw_copy_field *fields, const gw_script_field *made, gw_err *err);
    GW_VEC(const gw_copy_field *) held;
} gw_made;

/* One row more, its fields copied; gw_made_rest: none come. */
bool gw_made_row(gw_made *made, const gw_copy_field *fields, gw_err *err);
bool gw_made_rest(gw_made *made, gw_err *err);

#endif
