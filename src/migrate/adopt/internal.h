/* What a tool's reader is given and what it supplies. Private to this folder and its neighbours. */
#ifndef GW_MIGRATE_ADOPT_INTERNAL_H
#define GW_MIGRATE_ADOPT_INTERNAL_H

#include "base/buf.h"
#include "base/vec.h"
#include "migrate/adopt.h"

/* One migration that the tool counts as applied. */
typedef struct gw_foreign_row {
    const char *key;           /* what its file is found by: see gw_adopter.key */
    const char *version;       /* as the tool shows it */
    const char *name;          /* NULL: the file's */
    const char *kind;          /* of the history row: NULL = the file's kind */
    const char *sort_key;      /* of a row without a file */
    const char *checksum;      /* as the tool stored it; NULL: none */
    int64_t applied_at;        /* GW_NULL_INT: not known */
    int64_t duration_ms;
    const char *note;          /* added to its line where it has no file */
    bool needs_no_file;
    bool replaced;             /* a squash stands for it, and is among the rows */
    const gw_migration *file;  /* found by the driver, where the reader did not */
    const char *verdict;       /* as in gw_adopt_item.checksum */
} gw_foreign_row;

typedef struct gw_foreign_column {
    const char *name, *type;
} gw_foreign_column;

typedef struct gw_adopter gw_adopter;

typedef struct gw_adoption {
    gw_arena *arena;
    gw_session *session;
    const gw_adopter *adopter;
    const gw_adopt_options *options;
    const gw_migration_list *files;
    const char *schema, *table; /* found */
    const char *sql_name;       /* the two, quoted */
    const char *shown;          /* the two, for people */
    const char *time_zone;      /* that the database gives its sessions */
    gw_foreign_column *columns;
    size_t column_count;
    GW_VEC(gw_foreign_row) rows;
} gw_adoption;

struct gw_adopter {
    gw_format format;
    const char *table;          /* its usual name */
    const char *schema;         /* its usual schema; NULL: search_path alone */
    const char *const *columns; /* it has to have, NULL-terminated */
    const char *absent;         /* a column that another tool's table of that name has; NULL */
    const char *counts;         /* WHERE …, for any types: rows that are migrations; NULL: all */
    bool shared;                /* one table serves several projects */
    bool keeps_checksums;
    bool looks_away;            /* the tool never compares what it keeps */
    /* What a row finds this file by. NULL: the version. */
    const char *(*key)(gw_arena *arena, const gw_migration *file);
    /* Fill rows, in the order in which they were applied. */
    bool (*read)(gw_adoption *a, gw_err *err);
    /* Does the stored checksum fit the file? NULL: gw_adopt_checksum. */
    bool (*check)(gw_adoption *a, const gw_foreign_row *row, const char **verdict, gw_err *err);
};

extern const gw_adopter gw_adopter_sqlx, gw_adopter_dbmate, gw_adopter_golang_migrate,
    gw_adopter_goose, gw_adopter_flyway, gw_adopter_drizzle, gw_adopter_sqitch,
    gw_adopter_node_pg_migrate, gw_adopter_graphile_migrate, gw_adopter_alembic,
    gw_adopter_atlas;

/* All of them, in the order of the list above. */
enum { GW_ADOPTERS = 11 };
extern const gw_adopter *const gw_adopters[GW_ADOPTERS];
/* NULL: not one of them. */
const gw_adopter *gw_adopter_of(gw_format format);

/* Are the files in the tool's own convention? The first that is not: *odd (may be NULL). */
bool gw_adopt_fits(const gw_adoption *a, const gw_migration **odd);
/* Give each row its file, where there is one. */
bool gw_adopt_match(gw_adoption *a, gw_err *err);

/* ---- table.c: the tool's table ---- */
typedef struct gw_foreign_place {
    const char *schema_name;
    int64_t rank; /* in the search_path; GW_NULL_INT: not in it */
} gw_foreign_place;
typedef struct gw_foreign_defaults {
    const char *schemas, *time_zone;
} gw_foreign_defaults;

bool gw_adopt_find_table(gw_adoption *a, gw_err *err);
/* What the database gives to the tool's own sessions: this one is pinned to something else. */
bool gw_adopt_defaults(gw_adoption *a, gw_foreign_defaults *out, gw_err *err);
/* The places of a->table; only those in schema `only` where that is given. */
bool gw_adopt_places(gw_adoption *a, const gw_foreign_defaults *defaults, const char *only,
                     gw_foreign_place **out, size_t *count, gw_err *err);
/* Take the table of that schema: names and columns. */
bool gw_adopt_choose(gw_adoption *a, const gw_foreign_defaults *defaults, const char *schema,
                     gw_err *err);
/* Has it the columns of this tool? *column: which it lacks, or (there) has and should not. */
bool gw_adopt_columns_fit(const gw_adoption *a, const char **column, bool *there);
bool gw_adopt_has_column(const gw_adoption *a, const char *name);
/* SQL for a time column as timestamptz: one without a zone is read in the database's own. */
const char *gw_adopt_time(const gw_adoption *a, const char *column);
/* SELECT `what` FROM the table `rest`; rows into an array of structs. */
bool gw_adopt_select(gw_adoption *a, const char *what, const char *rest, const gw_col *cols,
                     size_t col_count, size_t row_size, void **rows, size_t *count, gw_err *err);

gw_foreign_row *gw_adopt_row(gw_adoption *a, const char *key);

/* The tool's table says that something is half-done: kind STATE. */
bool gw_adopt_dirty(const gw_adoption *a, gw_err *err, const char *version, const char *why,
                    const char *what_to_do);

/* A row for every file up to and with the one of `version`; one without a file where none has it. */
void gw_adopt_all_up_to(gw_adoption *a, const char *version);

/* ---- checksum.c ---- */
/* By gw_foreign_checksum, with either form of line ends. */
bool gw_adopt_checksum(gw_adoption *a, const gw_foreign_row *row, const char **verdict,
                       gw_err *err);
/* By what the folder reader found out (foreign_id), with or without `prefix`. */
bool gw_adopt_checksum_known(const gw_foreign_row *row, const char *known, const char *prefix,
                             const char **verdict);

/* ---- alembic_files.c ---- */
typedef struct gw_alembic_revision {
    const char *id, *title, *file;
    const char **down, **labels, **depends; /* NULL-terminated */
    bool done;
} gw_alembic_revision;
typedef struct gw_alembic_list {
    gw_alembic_revision *items;
    size_t len, cap;
} gw_alembic_list;
/* The module variables of a revision file, from its text. false: it is none (no revision). */
bool gw_alembic_parse(gw_arena *arena, const char *text, gw_alembic_revision *out);
/* All revisions of the project. kind CONFIG where its folder of versions is not found. */
bool gw_alembic_read(gw_arena *arena, const char *project_dir, gw_alembic_list *out, gw_err *err);

#endif
