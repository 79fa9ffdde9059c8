/*
 * One side of a comparison: where a schema comes from, and how it is read. `migrations`,
 * `database`, a URL, a .sql file or a folder of them. Private to the app layer.
 */
#ifndef GW_APP_SIDE_H
#define GW_APP_SIDE_H

#include "app/trial.h"

typedef enum gw_side_sort {
    GW_SIDE_MIGRATIONS, /* the project's files, replayed on a shadow */
    GW_SIDE_DATABASE,   /* the environment's */
    GW_SIDE_URL,
    GW_SIDE_FILES,      /* a file, or all below a folder, in any order */
} gw_side_sort;

/* A tenant that is a schema of the environment's database (scope.c). */
typedef struct gw_scope {
    const char *schema, *search_path;
    const char **others; /* schemas of the other tenants: left out */
    size_t count;
} gw_scope;

/* Of the environment's target; NULL where its tenants are no schemas. */
bool gw_app_scope(gw_app *app, gw_arena *arena, const gw_target *target, const gw_scope **out,
                  gw_err *err);
bool gw_scope_leaves_out(const gw_scope *scope, const gw_object *object);
/* What has no DDL counts where it is the tenant's own. */
bool gw_scope_leaves_out_unrendered(const gw_scope *scope, const char *schema);
/* What is in the tenant's schema, and nothing else: not even what an empty database has (*nothing). */
bool gw_scope_read(const gw_scope *scope, gw_session *session, gw_arena *arena, gw_schema **nothing,
                   gw_schema **out, gw_err *err);
/* Files are loaded as they run for the tenant: beside what is shared in the session's database. */
bool gw_trial_stand_on_shared(gw_trial *trial, const gw_scope *scope, gw_session *session,
                              gw_err *err);

typedef struct gw_side {
    gw_side_sort sort;
    const char *shown; /* for people: never a password */
    const char *path;  /* FILES */
    gw_connect connect;/* DATABASE, URL */
    gw_session *session; /* the same: pinned, once gw_side_connect was called */
    const gw_scope *scope; /* of the tenant that is compared; NULL: all of the database */
    bool applied_only; /* MIGRATIONS: those that the history has as applied */
    gw_schema *schema; /* once it was read */
    gw_left_extensions left; /* extensions that its files create and shadows cannot have */
    gw_shadow_db *db;  /* the shadow that holds it, where it was made for reading; else NULL */
} gw_side;

bool gw_side_parse(gw_app *app, gw_arena *arena, const char *text, gw_side *out, gw_err *err);

static inline bool gw_side_is_live(const gw_side *side)
{
    return side->sort == GW_SIDE_DATABASE || side->sort == GW_SIDE_URL;
}

/* Open the session of a live side. */
bool gw_side_connect(gw_app *app, gw_arena *arena, gw_side *side, gw_err *err);
void gw_side_close(gw_side *side);

/* Read it. `other` has been read already where this one is live and that one is not: then what
 * other migration tools keep in the database, and the files do not make, is left out. */
bool gw_side_read(gw_trial *trial, gw_side *side, const gw_side *other, gw_err *err);

/* One more shadow that holds what was read, without what was done to side->db since. */
bool gw_side_copy(gw_trial *trial, const gw_side *side, gw_shadow_db **out, gw_err *err);

/* ---- what gw_side_read is made of -------------------------------------------------------- */

typedef GW_VEC(const char *) gw_paths;
/* The .sql files of a path: itself, or all below a folder. */
bool gw_files_list(gw_arena *arena, const char *path, gw_paths *out, gw_err *err);
/* shadow_load.c: the statements of files, each tried again until nothing more succeeds. */
bool gw_files_load(gw_trial *trial, const char *path, gw_shadow_db **out, gw_err *err);
/* shadow_replay.c: the project's migrations, in their order. */
bool gw_migrations_replay(gw_trial *trial, bool applied_only, gw_shadow_db **out, gw_err *err);

/* One statement of a user's file before it is loaded: false (and said) where it is left out. */
bool gw_trial_takes(gw_trial *trial, const char *file, unsigned line, unsigned col,
                    const char *text, size_t len);

#endif
