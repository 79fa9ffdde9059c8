/*
 * Statements and their rows. A fixed statement (sql/…/NAME.sql) is a gw_sql with a name, which
 * errors carry. Values travel as parameters; rows are decoded by declared columns.
 *
 * While a statement runs the session is watched: cancel level 2 cancels it on the server (kind
 * INTERRUPTED). A connection that dies while a statement is running is kind LOST: the caller has
 * to find out what became of it.
 */
#ifndef GW_PG_QUERY_H
#define GW_PG_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "pg/session.h"

/* A fixed statement, embedded from a file under sql/ at build time. */
typedef struct gw_sql {
    const char *name;    /* "control/history_read" */
    const char *text;
    const char *params;  /* "text,bigint": declared in the file's head */
    const char *columns; /* "version text!,applied_at timestamptz": '!' = never NULL */
    int min_version;     /* 0, or the oldest server it works on: 130000 */
} gw_sql;

/* A step of Godwit's own schema, from sql/LAYER/upgrades/NNNN_NAME.sql; several statements. */
typedef struct gw_sql_upgrade {
    int version; /* from 1, without gaps */
    const char *name;
    const char *text;
} gw_sql_upgrade;

/* A parameter, in text form; NULL is NULL. Types are those of the statement's casts. */
typedef struct gw_param {
    const char *text;
    char number[24]; /* room for GW_P_INT */
} gw_param;
gw_param gw_p_text(const char *text);
gw_param gw_p_int(int64_t number);
gw_param gw_p_bool(bool value);

/* Rows of one statement; released with the arena. */
typedef struct gw_result {
    PGresult *pg;
    const char *statement; /* its name, for errors */
    size_t rows;
    int64_t affected;      /* of INSERT, UPDATE, DELETE, MERGE, COPY; -1 otherwise */
} gw_result;

bool gw_query(gw_session *session, gw_arena *arena, const gw_sql *sql, const gw_param *params,
              size_t count, gw_result *out, gw_err *err);

/* A statement built at run time, with a name for errors. */
bool gw_query_text(gw_session *session, gw_arena *arena, const char *name, const char *text,
                   const gw_param *params, size_t count, gw_result *out, gw_err *err);

/* The columns of a statement, without running it: prepared and described. out->pg has fields (names,
 * type oids, typmods) and no rows. */
bool gw_query_describe(gw_session *session, gw_arena *arena, const char *name, const char *text,
                       gw_result *out, gw_err *err);

/* A statement (or several, simple protocol) whose rows nobody wants. */
bool gw_exec(gw_session *session, const char *text, gw_err *err);
bool gw_exec_sql(gw_session *session, const gw_sql *sql, const gw_param *params, size_t count,
                 gw_err *err);

/*
 * One of the user's statements, simple protocol, one statement: rows are thrown away as they
 * arrive (single-row mode: memory stays flat). *affected may be NULL. On failure err has the
 * server's fields, position in characters.
 */
bool gw_exec_user(gw_session *session, const char *text, int64_t *affected, gw_err *err);

typedef enum gw_col_type {
    GW_COL_TEXT,  /* const char *; NULL where NULL. Any type whose text form is wanted. */
    GW_COL_INT,   /* int64_t: smallint, integer, bigint, oid; NULL = GW_NULL_INT */
    GW_COL_BOOL,  /* bool; NULL only with not_null = false, and then false */
    GW_COL_TIME,  /* int64_t microseconds UTC: the statement selects timestamptz; NULL = GW_NULL_INT */
    GW_COL_BYTES, /* gw_bytes */
} gw_col_type;
#define GW_NULL_INT INT64_MIN

typedef struct gw_bytes {
    unsigned char *data; /* NULL where NULL */
    size_t len;
} gw_bytes;

typedef struct gw_col {
    const char *name;
    gw_col_type type;
    bool not_null;
    size_t offset; /* into the caller's row struct */
} gw_col;

/*
 * All rows into an array of structs of row_size bytes on the arena. Columns are bound by name
 * once a result; a missing column, another type or a NULL against not_null is kind INTERNAL and
 * names the statement.
 */
bool gw_rows(gw_arena *arena, const gw_result *result, const gw_col *cols, size_t col_count,
             size_t row_size, void **rows, gw_err *err);

/* Exactly one row into *row; none is kind STATE. */
bool gw_row(gw_arena *arena, const gw_result *result, const gw_col *cols, size_t col_count,
            void *row, gw_err *err);

/* Turn a failed PGresult into err (kind by SQLSTATE, message, detail, hint, position, object,
 * CONTEXT as a context line). `statement` may be NULL. Returns false. */
bool gw_err_of_result(gw_err *err, gw_session *session, const PGresult *result,
                      const char *statement);

/*
 * Does the server's own parser read this, as one statement? It is neither run nor looked up, only
 * parsed: in a transaction that has failed before and is rolled back. One round trip, outside a
 * transaction. What the parser has against it is of kind INPUT, with its position.
 */
bool gw_query_parses(gw_session *session, const char *text, gw_err *err);

#endif
