/*
 * Many migrations → one that is proven equal. Results live on the arena that is passed in.
 */
#ifndef GW_APP_SQUASH_H
#define GW_APP_SQUASH_H

#include "app/schema.h"

typedef struct gw_squash_options {
    const char *to;      /* NULL: only bring an interrupted one to its end */
    const char *service; /* NULL: the only one */
    bool dry_run;
    bool delete;         /* the old files are deleted, not moved */
} gw_squash_options;

typedef struct gw_squash {
    bool finished;         /* an interrupted one was brought to its end, nothing else was done */
    const char *path;      /* of the new file */
    const char *text;
    gw_texts replaced;     /* versions */
    gw_texts moved;        /* files that were moved, or deleted */
    const char *moved_to;  /* the folder; NULL: they were deleted */
    int64_t rows;          /* that the old ones brought, and the new one brings */
    const char *proven_on; /* "15.4" */
    gw_texts warnings;
} gw_squash;

bool gw_app_squash(gw_app *app, gw_arena *arena, const gw_squash_options *options, gw_squash *out,
                   gw_err *err);

#endif
