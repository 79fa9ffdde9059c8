/*
 * A table partitioned by ranges of one column, in one database: which partitions it has and which it should
 * have, made and attached so that nobody waits long, rows of the DEFAULT partition moved into theirs, what is
 * over detached and dropped. Bounds are microseconds UTC where the column is a time, else its numbers.
 *
 * What changes runs in the transaction of the caller but for what PostgreSQL runs in none (said there), with
 * the session's lock timeout. Knows nothing of when it runs, nor of what becomes of rows before they go.
 */
#ifndef GW_CARE_PARTITION_H
#define GW_CARE_PARTITION_H

#include "base/lines.h"
#include "config/maintain.h"
#include "pg/query.h"

typedef struct gw_range {
    int64_t from, to; /* to is not with it */
} gw_range;

typedef struct gw_partition {
    int64_t oid;
    const char *schema, *name;
    gw_range range;   /* GW_RANGE_FIRST, GW_RANGE_LAST: without a bound */
    bool pending;     /* a DETACH … CONCURRENTLY of it was not finished */
} gw_partition;
#define GW_RANGE_FIRST (-INT64_MAX)
#define GW_RANGE_LAST INT64_MAX

typedef struct gw_partitioned {
    int64_t oid;
    const char *schema, *name, *key, *type, *owner;
    const char *columns; /* those that are not generated, as SQL lists them */
    bool is_partitioned, is_time;
    int64_t default_oid; /* GW_NULL_INT: there is no DEFAULT partition */
    const char *default_schema, *default_name;
    int64_t now;         /* the server's time, or the greatest value of the column */
    struct {
        gw_partition *items; /* by their ranges, without the DEFAULT one */
        size_t len, cap;
    } list;
} gw_partitioned;

/* A table that is not there, or partitioned otherwise than by ranges of one column that suits `every`, is
 * kind STATE. A plain table: is_partitioned is false, and nothing behind `owner` is known. */
bool gw_partitioned_read(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                         gw_partitioned *out, gw_err *err);

/* What upkeep has made by that rule and no migration knows of: its partitions by their names, the DEFAULT one of a
 * table that it has converted, those that are detached and still there. A name that SQL does not read: none. */
typedef struct gw_made {
    int64_t *oids;
    size_t len;
} gw_made;
bool gw_partitions_made(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                        gw_made *out, gw_err *err);

typedef struct gw_ranges {
    gw_range *items;
    size_t len, cap;
} gw_ranges;

/* Ranges from now to `ahead` that no partition holds. */
void gw_partitioned_missing(const gw_partitioned *table, gw_arena *arena,
                            const gw_config_partition *rule, gw_ranges *out);

/* Does no partition hold any of it? */
bool gw_partitioned_lacks(const gw_partitioned *table, gw_arena *arena, gw_range range);

/* What the lowest row of the DEFAULT partition needs; false in *found: there is none that could move. */
bool gw_partitioned_stray(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                          const gw_config_partition *rule, gw_range *out, bool *found, gw_err *err);

/* The ranges that hold all values of the column in another table, and up to `ahead`. */
bool gw_partitioned_span(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         const gw_config_partition *rule, const char *schema, const char *name,
                         gw_ranges *out, gw_err *err);

/* Partitions whose range ended more than `keep` ago. */
bool gw_partition_is_over(const gw_partitioned *table, const gw_partition *partition,
                          const gw_config_partition *rule);

/* The beginning of a name that has no more bytes than that, whole characters. */
char *gw_partition_cut(gw_arena *arena, const char *name, size_t most);
enum { GW_NAME_MOST = 63 };

/* A name for a new partition that nothing has: "orders_y2026m01", "orders_n1000000". */
bool gw_partition_name(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       const gw_config_partition *rule, gw_range range, const char **out,
                       gw_err *err);

/* How many rows the DEFAULT partition has of that range; no more than `most` are counted. */
bool gw_partition_strays(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         gw_range range, int64_t most, int64_t *rows, gw_err *err);

/* A bound as text. */
const char *gw_partition_bound_text(const gw_partitioned *table, gw_arena *arena, int64_t at);

/* In a transaction: all locks that it takes to attach a partition, or to detach that one (GW_NULL_INT: to attach),
 * also what it takes to put foreign keys off where rows leave the DEFAULT partition. Kind LOCK as below. */
bool gw_partition_locks(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                        int64_t detach, bool rows_leave, gw_err *err);

/* May rows leave the DEFAULT partition for another? Kind STATE: a foreign key that refers to the table would not have it. */
bool gw_partition_may_leave(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_err *err);

/* Under those: the rows of that range, all of which `part` has (quoted), leave the DEFAULT partition, and it is attached.
 * Kind STATE where it were others than `rows`, or a foreign key would not have it. Keys that refer to the table are to be validated then (gw_convert_keys). */
bool gw_partition_attach(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         gw_range range, const char *part, int64_t rows, gw_err *err);

/* In a transaction: made apart and attached; rows of the DEFAULT partition that belong into it are moved
 * first, and whoever reads or writes that one waits as long. *moved: how many. Kind LOCK where somebody is in the
 * way, within half a second. */
bool gw_partition_make(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       gw_range range, const char *name, int64_t *moved, gw_err *err);

/* What detaches it: a statement that runs outside a transaction where `concurrently`. */
const char *gw_partition_detach_sql(const gw_partitioned *table, gw_arena *arena,
                                    const gw_partition *partition, bool concurrently);

/* In a transaction: marked and detached, under all locks that this takes. Kind LOCK as above. */
bool gw_partition_detach(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                         const gw_partition *partition, gw_err *err);

/* ---- what is detached, until it is dropped: a mark in its comment ---- */

typedef struct gw_detached {
    int64_t oid;
    const char *schema, *name, *comment;
    const char *archive;  /* the file that it is in, NULL: in none yet */
    const char *intended; /* the file that it was going to be in, NULL: nobody began one */
} gw_detached;
typedef struct gw_detached_list {
    gw_detached *items;
    size_t len;
} gw_detached_list;

/* Marks it as one that upkeep detaches (path NULL), that is going to be in that file, or that is in it. */
typedef enum gw_mark { GW_MARK_DETACHED, GW_MARK_ARCHIVING, GW_MARK_ARCHIVED } gw_mark;
bool gw_partition_mark(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                       int64_t oid, const char *schema, const char *name, gw_mark state,
                       const char *path, gw_err *err);
bool gw_partition_detached(const gw_partitioned *table, gw_session *session, gw_arena *arena,
                           gw_detached_list *out, gw_err *err);

/* In a transaction: locked, its rows read as pg_dump writes them, dropped. Kind STATE where they are others than
 * `archived` (NULL: any). */
bool gw_partition_drop(gw_session *session, gw_arena *arena, const gw_detached *what,
                       const gw_lines_sum *archived, gw_err *err);

#endif
