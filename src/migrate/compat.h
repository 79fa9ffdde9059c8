/*
 * `compat: sqlx`: sqlx's own history, _sqlx_migrations, kept in step with Godwit's, so that a
 * service which embeds sqlx and the same files finds what it expects and starts.
 *
 * Its row is written in the transaction of the migration. Migrations that sqlx cannot know (no
 * version that is a number up to 2^63-1) have none.
 */
#ifndef GW_MIGRATE_COMPAT_H
#define GW_MIGRATE_COMPAT_H

#include "migrate/migration.h"
#include "migrate/plan.h"
#include "pg/query.h"

typedef struct gw_compat gw_compat;

/*
 * Find the table in `schema` (a tenant's), or, where that is NULL, as sqlx would: by the search_path
 * that role and database have. Make it there where there is none, in one transaction with the rows of what `plan` (NULL: nothing) has as
 * applied: sqlx would run it again. A row with success false is kind STATE: sqlx would not start, and neither does the run. The session
 * may be pinned; it is not in a transaction.
 */
bool gw_compat_open(gw_arena *arena, gw_session *session, const char *schema, const gw_plan *plan,
                    gw_compat **out, gw_err *err);

/* Is there a table? One made by gw_compat_open: how many rows it was made with; else 0. */
bool gw_compat_is_there(const gw_compat *compat);
size_t gw_compat_filled(const gw_compat *compat);

/* Would that go well? The table is made and taken back; true leaves nothing behind, as false does. */
bool gw_compat_try(gw_arena *arena, gw_session *session, const char *schema, gw_err *err);

/* The same to look only: nothing is made, and what sqlx left half-done is for gw_compat_compare to say. */
bool gw_compat_find(gw_arena *arena, gw_session *session, const char *schema, gw_compat **out,
                    gw_err *err);

/*
 * One statement for the transaction of `migration`; no setting of the session matters to it. *text
 * NULL: there is nothing to do. Texts live on the arena.
 */
enum { GW_COMPAT_PARAMS = 3 };
bool gw_compat_statement(const gw_compat *compat, gw_arena *arena, const gw_migration *migration,
                         bool revert, const char **text, gw_param params[GW_COMPAT_PARAMS],
                         size_t *count, gw_err *err);

/* Applied, and the file is what ran: its bytes are to be compared. */
bool gw_compat_settled(const gw_plan_item *item);

/* Its row for a migration that is applied since long ago: what sqlx compares is taken from the file, when
 * it ran from the history. No row where sqlx cannot know the version. */
bool gw_compat_mend(const gw_compat *compat, gw_session *session, const gw_migration *file,
                    const gw_applied *row, gw_err *err);
/* No row of that version any more. */
bool gw_compat_forget(const gw_compat *compat, gw_session *session, const char *version, gw_err *err);

/* Builds and runs it: fits gw_companion.add, with a gw_compat as self. */
bool gw_compat_add(void *self, gw_session *session, const gw_migration *migration, bool revert,
                   gw_err *err);

/* Where the table says something else than files and history. */
typedef enum gw_compat_problem {
    GW_COMPAT_ABSENT,     /* applied, and no row: sqlx would run it again */
    GW_COMPAT_CHECKSUM,   /* another checksum than the bytes of the file: sqlx refuses to start */
    GW_COMPAT_EXTRA,      /* a row of what the history does not know as applied */
    GW_COMPAT_UNFINISHED, /* success is false: sqlx refuses to start */
} gw_compat_problem;
const char *gw_compat_problem_name(gw_compat_problem problem); /* "sqlx_checksum" */

typedef struct gw_compat_difference {
    gw_compat_problem problem;
    const char *version;         /* as its file has it, else as sqlx's table does */
    const gw_plan_item *item;    /* NULL: neither a file nor the history knows it */
    const char *expected, *found; /* checksums, hex; NULL: none */
} gw_compat_difference;

typedef struct gw_compat_differences {
    gw_compat_difference *items;
    size_t len, cap;
} gw_compat_differences;

/* What is edited, missing or half-way in the history is no difference of its own: the plan says it. In the
 * order of the plan where sqlx has no row, then by version. */
bool gw_compat_compare(const gw_compat *compat, gw_arena *arena, gw_session *session,
                       const gw_plan *plan, gw_compat_differences *out, gw_err *err);

/* A row of sqlx's: the version as text, without leading zeros; the checksum in hex. */
typedef struct gw_compat_row {
    const char *version, *checksum;
    bool success;
} gw_compat_row;

/* The same on rows that were read. `rows` are sorted by it. */
bool gw_compat_compare_rows(gw_arena *arena, gw_compat_row *rows, size_t count,
                            const gw_plan *plan, gw_compat_differences *out, gw_err *err);

/* For people: "2 orders has another checksum in _sqlx_migrations than its file …", and what to run. */
const char *gw_compat_text(gw_arena *arena, const gw_compat_difference *difference);
const char *gw_compat_advice(gw_arena *arena, const gw_compat_difference *difference);

#endif
