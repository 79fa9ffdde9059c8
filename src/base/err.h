/*
 * An error is a value: the last argument, written only on failure.
 *
 *     gw_err err = {0};
 *     if (!gw_thing(…, &err)) { …; gw_err_clear(&err); }
 *
 * A function that fails calls gw_err_set (or one of its kin) once; each level above that knows
 * something new adds a line with gw_err_context. Only `cmd` and `http` turn an error into text,
 * an exit code or a status. Texts are malloc'ed and owned by the error; gw_err_clear frees them.
 * Setting an error that is already set replaces it.
 */
#ifndef GW_BASE_ERR_H
#define GW_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum gw_err_kind {
    GW_OK = 0,
    GW_ERR_INTERNAL,    /* a bug here */
    GW_ERR_USAGE,       /* wrong words on the command line */
    GW_ERR_CONFIG,      /* godwit.yaml, a variable */
    GW_ERR_INPUT,       /* a migration file or another file a user wrote */
    GW_ERR_IO,          /* a file cannot be read or written; disk full */
    GW_ERR_CONNECT,     /* no connection could be had */
    GW_ERR_LOST,        /* the connection went away */
    GW_ERR_SQL,         /* the server refused a statement */
    GW_ERR_RETRYABLE,   /* serialization failure, deadlock */
    GW_ERR_LOCK,        /* lock_timeout ran out (55P03) */
    GW_ERR_CANCELED,    /* the server ended a statement: statement_timeout, cancel (57014) */
    GW_ERR_PRIVILEGE,   /* 42501, read-only server (25006) */
    GW_ERR_STATE,       /* the database is not in the state that the operation needs */
    GW_ERR_CHECK,       /* a check found something */
    GW_ERR_REFUSED,     /* refused for safety; the error names what allows it */
    GW_ERR_UNSUPPORTED, /* needs a part or a server version that is not here */
    GW_ERR_INTERRUPTED, /* a person asked to stop */
    GW_ERR_BUSY,        /* another run holds the lock */
} gw_err_kind;

typedef struct gw_err {
    gw_err_kind kind;
    char sqlstate[6];   /* "" where the server did not speak */
    char *message;      /* what failed: one sentence, no final full stop */
    char *detail;       /* why */
    char *hint;         /* what to do */
    char *statement;    /* name of the fixed statement, or the start of the user's SQL */
    char *object;       /* "schema.table", constraint or the like, where known */
    char *file;         /* place: file, and line and column from 1; 0 = not known */
    unsigned line, col;
    size_t position;    /* 1-based character position in the statement; 0 = not known */
    char **contexts;    /* innermost first */
    size_t context_count;
} gw_err;

/* All return false, so that a caller can write: return gw_err_set(err, …). */
bool gw_err_set(gw_err *err, gw_err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool gw_err_detail(gw_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool gw_err_hint(gw_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool gw_err_context(gw_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool gw_err_at(gw_err *err, const char *file, unsigned line, unsigned col);
bool gw_err_object(gw_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool gw_err_statement(gw_err *err, const char *text, size_t len);

/* message + ": " + strerror(code); kind IO. Names a full disk as such. */
bool gw_err_errno(gw_err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void gw_err_clear(gw_err *err);

/* Hand the texts of `from` over to `to` (which is cleared first); `from` is empty afterwards. */
void gw_err_move(gw_err *to, gw_err *from);

/* "internal", "usage", … : the name used in JSON. */
const char *gw_err_kind_name(gw_err_kind kind);

/* SQLSTATE → kind. One table by class and by code; unknown is GW_ERR_SQL. */
gw_err_kind gw_err_kind_of_sqlstate(const char *sqlstate);

#endif
