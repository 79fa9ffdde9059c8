/*
 * Rows on a shadow database: how many there are and a digest of each column, before and after;
 * and rows made up for tables that have none. Private to the app layer.
 */
#ifndef GW_APP_ROWS_H
#define GW_APP_ROWS_H

#include "base/vec.h"
#include "pg/query.h"

typedef struct gw_row_column {
    int64_t oid;             /* of its table */
    const char *schema, *table;
    int64_t attnum;
    const char *name, *type;
    const char *base;        /* name of the type under domains and arrays: "int4" */
    const char *category;    /* pg_type.typcategory under domains: "A" an array */
    const char *sort;        /* pg_type.typtype of base: "e" an enum */
    int64_t typmod, fields;  /* fields: of a composite type */
    bool not_null, has_default;
    bool calls;              /* its default calls something */
    bool identity, generated;
    const char *fingerprint; /* of the table's definition */
    const char *digest;      /* of its values, in any order */
    const char *cast;        /* digested as this type; NULL: as it is */
} gw_row_column;

typedef struct gw_row_table {
    const char *schema, *name;
    const char *shown;       /* public.t, quoted where needed */
    const char *ref;         /* "public"."t" */
    gw_row_column *columns;  /* in their order */
    size_t column_count;
    int64_t rows;
} gw_row_table;

typedef struct gw_rows_seen {
    gw_row_table *items;     /* by schema, then name */
    size_t len, cap;
} gw_rows_seen;

/* `session` is pinned. */
bool gw_rows_look(gw_session *session, gw_arena *arena, gw_rows_seen *out, gw_err *err);
/* Rows and digests of the tables and columns that are in it: ref, name and cast are all it asks. */
bool gw_rows_digest(gw_session *session, gw_arena *arena, gw_rows_seen *seen, gw_err *err);

const gw_row_table *gw_rows_find(const gw_rows_seen *seen, const char *schema, const char *name);
const gw_row_column *gw_row_column_find(const gw_row_table *table, const char *name);

/* A table that no row could be made for. */
typedef struct gw_unseeded {
    const char *table, *fingerprint, *reason;
} gw_unseeded;

typedef struct gw_row_maker {
    gw_arena *arena;           /* for the two lists */
    GW_VEC(gw_unseeded) left;
    GW_VEC(const char *) made; /* "schema.table" */
} gw_row_maker;

/*
 * A few rows for each table that has none and can have some: values by type, checks, keys of the
 * rows that are referred to. `work`: plain, may do anything; `look`: pinned. A table whose
 * definition failed before is not tried again.
 */
bool gw_rows_make(gw_row_maker *maker, gw_session *work, gw_session *look, gw_err *err);

/* ---- row_values.c ------------------------------------------------------------------------ */

typedef struct gw_row_value {
    int64_t oid, attnum;
    const char *sort, *value; /* label, text, number */
} gw_row_value;

typedef GW_VEC(const char *) gw_candidates;

/* SQL for values of a column, the likeliest first, for the k-th row (from 1). */
void gw_candidates_of(gw_arena *arena, const gw_row_column *column, const gw_row_value *values,
                      size_t count, unsigned k, gw_candidates *out);

#endif
