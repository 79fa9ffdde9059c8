/* What stands in the files of one migration, applied or not. */
#ifndef GW_APP_MIGRATION_FILE_H
#define GW_APP_MIGRATION_FILE_H

#include "app/app.h"
#include "base/vec.h"

enum { GW_MIGRATION_FILE_MOST = 256 * 1024 }; /* bytes of each that are read */

typedef struct gw_migration_text {
    const char *way; /* "up", "down", "both": of a file that has the two */
    const char *path;
    const char *sql; /* as it is on the disk: variables are not filled in */
    int64_t bytes;   /* of the whole file */
    bool cut;        /* there is more of it */
} gw_migration_text;

typedef struct gw_migration_file {
    const char *version, *name, *service;
    GW_VEC(gw_migration_text) texts; /* none: it is in the history, and its file is gone */
} gw_migration_file;

/* Kind STATE where neither the folders nor the history have it. service: "" outside a project of several. */
bool gw_app_migration_file(gw_app *app, gw_arena *arena, const char *service, const char *version,
                           gw_migration_file *out, gw_err *err);

#endif
