/* Hints in declared files: `-- godwit: renamed from OLD`. Private to the app layer. */
#ifndef GW_APP_RENAMES_H
#define GW_APP_RENAMES_H

#include "app/schema.h"

typedef struct gw_rename_hint {
    const char *old;            /* as it stands there, quotes and all */
    const char *schema, *name;  /* of the CREATE that it stands before or in; schema NULL */
    const char *child;          /* of the column or constraint in it; NULL: the object itself */
    const char *file;
    unsigned line;
} gw_rename_hint;

typedef struct gw_rename_hints {
    gw_rename_hint *items;
    size_t len, cap;
} gw_rename_hints;

/* All hints of one file, in order. Kind INPUT where one stands before nothing that has a name. */
bool gw_hints_read(gw_arena *arena, const char *path, gw_rename_hints *out, gw_err *err);

#endif
