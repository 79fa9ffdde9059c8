/* Files of another commit, read through the program git. */
#ifndef GW_APP_GIT_H
#define GW_APP_GIT_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"

typedef struct gw_git {
    const char *dir;    /* a folder of the work tree */
    const char *top;    /* its root */
    const char *commit; /* the full hash */
    const gw_cancel *cancel;
} gw_git;

/* Kind USAGE where there is no such commit; UNSUPPORTED without git or outside of a repository. */
bool gw_git_open(gw_arena *arena, const char *dir, const char *ref, const gw_cancel *cancel,
                 gw_git *out, gw_err *err);

/* Write the files that the commit has below `folder` (absolute) to `to`; none is no error, and
 * `*count` says so. */
bool gw_git_copy(gw_arena *arena, const gw_git *git, const char *folder, const char *to,
                 size_t *count, gw_err *err);

#endif
