/*
 * A folder of migrations, in whichever convention it is written, → a sorted list.
 *
 * Every file is read once: name, checksum, sections, directives. Nothing is parsed as SQL here and
 * memory does not grow with the size of a file. Errors are of kind INPUT with file:line:col: names that
 * do not fit, two files of one version, a version over 2^63-1, a mix of conventions (the files
 * are named), a directive that is unknown or malformed, a missing variable.
 */
#ifndef GW_MIGRATE_FOLDER_H
#define GW_MIGRATE_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "migrate/migration.h"
#include "sql/split.h"

/* A variable's value, or NULL: the environment with .env under it. */
typedef const char *gw_variable_fn(void *self, const char *name);

typedef struct gw_folder_options {
    const char *path;
    const char *shown;           /* path as the user wrote it, for messages; NULL = path */
    const char *service;         /* "" or NULL: none */
    gw_format format;            /* AUTO: found out from the files */
    const char *const *placeholders; /* name, value, name, value, …, NULL */
} gw_folder_options;

typedef struct gw_migration_list {
    gw_migration *items;
    size_t len, cap;
    const struct gw_folder *folders; /* where they were looked for; none where it was not said */
    size_t folder_count;
} gw_migration_list;

typedef struct gw_folder {
    const char *path, *service;
    gw_format format;
    gw_migration_list migrations; /* sorted by gw_migration_compare */
} gw_folder;

/* A folder that does not exist is kind CONFIG; an empty one is GODWIT with no migrations. Of two
 * files with one version the error's place is the second, its object the first. */
bool gw_folder_read(gw_arena *arena, const gw_folder_options *options, gw_folder *out,
                    gw_err *err);

/*
 * Several folders in one order. A version that stands twice inside one service is an error that
 * names both files; so is a format without comparable versions among several services.
 * `folders` live as long as *out.
 */
bool gw_folders_merge(gw_arena *arena, const gw_folder *folders, size_t count,
                      gw_migration_list *out, gw_err *err);

/* The schema where names without one are made, for who runs the files; *out NULL: there is none.
 * May ask a server: called only where a file uses it. */
typedef bool gw_default_schema_fn(void *self, const char **out, gw_err *err);

/* What substitution needs while a script is read. */
typedef struct gw_script_context {
    gw_variable_fn *variable;        /* may be NULL */
    void *variable_self;
    const char *const *placeholders; /* as in gw_folder_options */
    const char *const *variables;    /* those of the script, which counts them under placeholders */
    const char *database, *user;     /* for Flyway's and graphile-migrate's own placeholders */
    const char *environment;         /* flyway:environment; NULL: not known */
    const char *schema;              /* flyway:defaultSchema; NULL: the function says it */
    gw_default_schema_fn *default_schema; /* may be NULL */
    void *default_schema_self;
} gw_script_context;

/*
 * Section `index` of a script as input for the splitter. Sections without substitution are read
 * in chunks from the file; the others are substituted on the way. Memory stays flat either way.
 * A file that was changed since it was read is an error. Closed at its end, or with the arena.
 */
bool gw_section_open(gw_arena *arena, const gw_script *script, size_t index,
                    const gw_script_context *context, gw_sql_input *out, gw_err *err);

/* While `squash` moves files there is this one, which says what goes where: the folder is not read
 * then. */
#define GW_SQUASH_JOURNAL ".godwit-squash"

/* Any file of SQL as the up script of a migration that is called after it; without directives. */
bool gw_script_of_file(gw_arena *arena, const char *path, gw_migration *out, gw_err *err);

/* New files for `godwit new NAME`, in the folder's convention. *paths is NULL-terminated. */
bool gw_folder_new(gw_arena *arena, const gw_folder_options *options, const char *name,
                   int64_t now_us, const char ***paths, gw_err *err);

#endif
