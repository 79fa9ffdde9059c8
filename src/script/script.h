/*
 * TypeScript functions over rows: checked by the real compiler against the columns' types, compiled
 * once, run in a worker of their own under limits. Knows no database: a value is PostgreSQL's text
 * of it, before and after.
 *
 * The worker (the program godwit-script) is the only thing that links JavaScriptCore. It is started
 * with posix_spawn, talks through shared memory, and has neither files, network, clock nor
 * randomness. Nothing that it answers is trusted. docs/reference/typescript-functions.md says what a function sees.
 *
 * A script and its worker belong to one thread: the kernel ends the worker when the thread that
 * started it ends. Several threads have a script each.
 */
#ifndef GW_SCRIPT_SCRIPT_H
#define GW_SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

/* What a column's values are to a function. */
typedef enum gw_script_kind {
    GW_SCRIPT_TEXT,    /* string: text, dates and times, intervals, uuid, ranges, all else */
    GW_SCRIPT_BOOL,    /* boolean */
    GW_SCRIPT_INT2,    /* number */
    GW_SCRIPT_INT4,    /* number */
    GW_SCRIPT_OID,     /* number: 0 to 2^32 - 1 */
    GW_SCRIPT_INT8,    /* bigint */
    GW_SCRIPT_FLOAT4,  /* number */
    GW_SCRIPT_FLOAT8,  /* number */
    GW_SCRIPT_NUMERIC, /* string; a bigint may be returned */
    GW_SCRIPT_JSON,    /* a value; numbers that a number cannot hold are kept */
    GW_SCRIPT_BYTES,   /* Uint8Array */
    GW_SCRIPT_ENUM,    /* one of the labels */
} gw_script_kind;

typedef struct gw_script_type {
    gw_script_kind kind;
    bool array; /* of elements of this kind, each of which may be null; one dimension */
    bool nullable;
    const char *name;          /* as PostgreSQL writes it, for people; may be NULL */
    const char *const *labels; /* of an enum */
    size_t label_count;
} gw_script_type;

/* The kind of a type by its name in pg_catalog ("int8", "timestamptz"); TEXT where it has none of
 * its own. The caller unfolds domains, enums (ENUM with labels) and arrays. */
gw_script_kind gw_script_kind_of(const char *typname);

typedef struct gw_script_column {
    const char *name;
    gw_script_type type;
} gw_script_column;

/* Where a text stands in a user's file. Lines and columns from 1, columns in characters. */
typedef struct gw_script_place {
    const char *file;
    unsigned line, col; /* of its first character */
    unsigned indent;    /* characters taken off in front of each further line (a YAML block) */
} gw_script_place;

/* One field's function. The same name may come twice, for two fields. */
typedef struct gw_script_function {
    const char *name;
    gw_script_type returns;
    const char *text;        /* an expression that is a function; NULL: the file exports it */
    gw_script_place named;   /* where the mapping names it */
    gw_script_place text_at; /* where the text begins */
} gw_script_function;

typedef struct gw_script_source {
    const gw_script_column *columns;
    size_t column_count;
    const gw_script_function *functions;
    size_t function_count;
    const char *file, *file_text; /* a .ts file that exports functions, or NULL */
} gw_script_source;

typedef struct gw_script_problem {
    const char *function; /* NULL where it is the file's */
    const char *file;
    unsigned line, col;
    unsigned code; /* of the compiler (2322 for TS2322); 0 where Godwit refuses */
    const char *message;
} gw_script_problem;

typedef struct gw_script_problems {
    gw_script_problem *items;
    size_t len, cap;
} gw_script_problems;

typedef struct gw_script_compiled {
    char *text; /* JSON: to be kept with the mapping, and given to gw_script_open */
    size_t len;
    char hash[65]; /* SHA-256 of the text: the same source, columns and compiler give the same */
} gw_script_compiled;

/* A zero stands for what is said beside it. */
typedef struct gw_script_limits {
    uint32_t row_ms;        /* processor time of a row: 1,000 */
    uint32_t wall_ms;       /* time without progress until the worker is killed: 60 x row_ms. Four
                             times row_ms of the processor end it as well */
    uint32_t check_ms;      /* wall time of a check: 60,000 */
    size_t memory;          /* of a worker, in bytes: 512 MiB */
    size_t row_bytes;       /* of one row, in and out each: 32 MiB */
    uint32_t batch_rows;    /* rows that cross at once: 500 */
    uint32_t deaths;        /* rows in a row lost to time or memory until it is an error: 16 */
} gw_script_limits;

/* The declarations that functions are checked against: `interface Row { … }` and what it needs. */
char *gw_script_types(gw_arena *arena, const gw_script_column *columns, size_t count);

/*
 * The compiler's process, for as many checks as there are: to start it takes longer than most of
 * them. The first check starts it; it ends with its arena, or before (another check starts it
 * again). `limits` and `log` may be NULL and outlive it.
 */
typedef struct gw_script_compiler gw_script_compiler;
gw_script_compiler *gw_script_compiler_new(gw_arena *arena, const gw_script_limits *limits,
                                           gw_log *log);
void gw_script_compiler_end(gw_script_compiler *compiler);

/*
 * Check and compile. false with problems: the source is wrong, `err` (kind INPUT) has the first of
 * them and all are in `problems`. false without: it could not be checked (kind UNSUPPORTED where the
 * worker or the compiler is not there). Everything is the arena's.
 */
bool gw_script_compile(gw_arena *arena, gw_script_compiler *compiler,
                       const gw_script_source *source, gw_script_compiled *out,
                       gw_script_problems *problems, gw_err *err);

/* Is what compiling needs here? false with the reason and what to install (kind UNSUPPORTED). */
bool gw_script_available(gw_err *err);

typedef struct gw_script gw_script;

/* Start a worker for a compiled script. `limits` and `log` may be NULL. */
bool gw_script_open(const char *compiled, size_t len, const gw_script_limits *limits, gw_log *log,
                    gw_script **out, gw_err *err);
void gw_script_close(gw_script *script);

size_t gw_script_columns(const gw_script *script);
size_t gw_script_functions(const gw_script *script);
const char *gw_script_function_name(const gw_script *script, size_t function);

typedef struct gw_script_field {
    const char *data; /* UTF-8; NUL-terminated where it came from gw_script_run */
    int32_t len;      /* -1 = NULL */
} gw_script_field;

typedef enum gw_script_reason {
    GW_SCRIPT_THREW,  /* an exception; or it changed what all functions share */
    GW_SCRIPT_VALUE,  /* not a value of the field's type */
    GW_SCRIPT_TIME,   /* longer than row_ms */
    GW_SCRIPT_MEMORY, /* more than the worker may have; or it crashed */
    GW_SCRIPT_SIZE,   /* the row, or what was made of it, is larger than row_bytes */
    GW_SCRIPT_INPUT,  /* the row is no UTF-8 */
} gw_script_reason;

typedef struct gw_script_rejection {
    size_t row;
    gw_script_reason reason;
    const char *function; /* NULL where it is not known */
    const char *message;
    const char *file; /* where it was thrown, else where the function stands; NULL = not known */
    unsigned line, col;
} gw_script_rejection;

typedef struct gw_script_result {
    gw_script_field *fields; /* rows x functions; all of a rejected row are NULL */
    gw_script_rejection *rejections; /* by row */
    size_t rejection_count;
} gw_script_result;

/*
 * Run every function over each of `rows` rows; `in` has rows x columns fields. A row whose function
 * fails is a rejection and the others go on. false: nothing can be run (the worker dies again and
 * again, or cannot be started); rows are then without result. The result is the arena's.
 */
bool gw_script_run(gw_script *script, gw_arena *arena, const gw_script_field *in, size_t rows,
                   gw_script_result *out, gw_err *err);

/* "threw", "value", … : the name used in JSON. */
const char *gw_script_reason_name(gw_script_reason reason);

#endif
