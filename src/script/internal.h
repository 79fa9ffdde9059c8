/* What the files of this folder share. */
#ifndef GW_SCRIPT_INTERNAL_H
#define GW_SCRIPT_INTERNAL_H

#include <jansson.h>
#include <sys/types.h>

#include "script/script.h"
#include "script/wire.h"

/* ---- find.c ---- */

/* Path of godwit-script; the folder of tsc.js and lib.*.d.ts. NULL with an error (UNSUPPORTED). */
const char *gw_script_find_worker(gw_arena *arena, gw_err *err);
const char *gw_script_find_compiler(gw_arena *arena, gw_err *err);

/* ---- types.c ---- */

/* A type in TypeScript: as it comes in a row, or as a function may return it. */
char *gw_script_type_in(gw_arena *arena, const gw_script_type *type);
char *gw_script_type_out(gw_arena *arena, const gw_script_type *type);
/* {"kind","array","nullable"[,"labels"]}: what runtime.js reads. A new reference. */
json_t *gw_script_type_json(const gw_script_type *type);

/* ---- compiled.c ---- */

typedef struct gw_script_unit {
    const char *name;
    bool inlined;
    gw_script_place named, text_at;
} gw_script_unit;

typedef struct gw_script_plan {
    size_t columns, functions;
    gw_script_unit *units; /* a function each */
} gw_script_plan;

/* Put together what the compiler answered (`made`: typescript, modules, module). */
void gw_script_compiled_write(gw_arena *arena, const gw_script_source *source, const json_t *made,
                              gw_script_compiled *out);
bool gw_script_compiled_read(gw_arena *arena, const char *text, size_t len, gw_script_plan *out,
                             gw_err *err);

/* A line and column within a function's text (or file) as the user's file has them. */
void gw_script_translate(const gw_script_unit *unit, unsigned line, unsigned col,
                         const char **file, unsigned *out_line, unsigned *out_col);

/* ---- utf16.c ---- */

/* Units written (at most len), or -1 where it is not UTF-8. */
ptrdiff_t gw_utf16_of(const char *data, size_t len, uint16_t *out);

typedef enum { GW_UTF16_FINE, GW_UTF16_HALF, GW_UTF16_NUL } gw_utf16_fault;
/* Bytes that `count` units may need. */
size_t gw_utf8_room(const uint16_t *units, size_t count);
/* Bytes written. Half a pair is U+FFFD and reported, as is U+0000. */
size_t gw_utf8_of(const uint16_t *units, size_t count, char *out, gw_utf16_fault *fault);

/* ---- answer.c ---- */

/* What a worker answered to a batch, in memory that it can no longer reach. */
typedef struct gw_answer {
    size_t rows, outputs;
    const int32_t *lens;  /* rows x outputs */
    const int32_t *cells; /* rows x GW_ROW_CELLS */
    const uint16_t *units;
    size_t unit_count;
} gw_answer;

typedef struct gw_answer_reject {
    size_t row;
    size_t function; /* SIZE_MAX: none */
    gw_script_reason reason;
    const char *message;
    unsigned line, col; /* within the function's text; 0 = not known */
} gw_answer_reject;

typedef struct gw_answer_rejects {
    gw_answer_reject *items;
    size_t len, cap;
} gw_answer_rejects;

/* Fields are the arena's. false where no honest worker answers so. */
bool gw_answer_read(gw_arena *arena, const gw_answer *answer, gw_script_field *fields,
                    gw_answer_rejects *rejects);

/* ---- worker.c ---- */

typedef struct gw_worker gw_worker;

typedef struct gw_worker_plan {
    const char *program;
    const char *compiler; /* a folder: the worker checks; NULL: it runs */
    size_t in_cap, out_cap, in_lens_cap, out_lens_cap, cells_cap;
    size_t columns, outputs;
    uint32_t row_ms, wall_ms;
    size_t memory;
    gw_log *log; /* what a worker says on stderr */
} gw_worker_plan;

typedef enum gw_worker_outcome {
    GW_WORKER_ANSWERED,
    GW_WORKER_DIED,
    GW_WORKER_SLOW, /* killed: no progress for wall_ms */
    GW_WORKER_FAT,  /* killed: more memory than it may have */
} gw_worker_outcome;

typedef struct gw_worker_answer {
    gw_worker_outcome outcome;
    gw_wire_status status;
    uint32_t out_units; /* at most out_cap */
    int32_t progress;
} gw_worker_answer;

/* Owned by the arena, which ends the process. Nothing is started yet. */
bool gw_worker_new(gw_arena *arena, const gw_worker_plan *plan, gw_worker **out, gw_err *err);
/* Start the process where none is alive, and see that it answers. */
bool gw_worker_start(gw_worker *worker, gw_err *err);
bool gw_worker_alive(const gw_worker *worker);
void gw_worker_kill(gw_worker *worker);
gw_worker_answer gw_worker_ask(gw_worker *worker, gw_wire_op op, size_t rows, size_t in_units);
/* How it ended and what it said last, for an error's detail. */
const char *gw_worker_last_words(const gw_worker *worker);
pid_t gw_worker_pid(const gw_worker *worker);

uint16_t *gw_worker_in(gw_worker *worker);
int32_t *gw_worker_in_lens(gw_worker *worker);
/* Copies out of what the worker can still write to. */
void gw_worker_copy_out(const gw_worker *worker, uint16_t *to, size_t units);
void gw_worker_copy_lens(const gw_worker *worker, int32_t *to, size_t count);
void gw_worker_copy_cells(const gw_worker *worker, int32_t *to, size_t count);
/* Give the pages of large batches back. */
void gw_worker_trim(gw_worker *worker);
/* Text as the input; false where it is too long or no UTF-8. */
bool gw_worker_put_text(gw_worker *worker, const char *text, size_t len, size_t *units);
/* The output as text. */
char *gw_worker_get_text(gw_arena *arena, const gw_worker *worker, size_t units, size_t *len);

/* ---- run.c ---- */

gw_script_limits gw_script_limits_of(const gw_script_limits *given);

/* ---- batch.c ---- */

struct gw_script {
    gw_arena *arena;
    gw_script_plan plan;
    gw_script_limits limits;
    gw_log *log;
    gw_worker *worker;
    const char *compiled;
    size_t compiled_len;
    size_t lost; /* rows in a row that were lost to time or memory */
};

typedef struct gw_script_batch {
    gw_script *script;
    gw_arena *arena;
    const gw_script_field *in;
    gw_script_field *fields;
    gw_answer_rejects rejects; /* rows are those of gw_script_run */
} gw_script_batch;

#define GW_SCRIPT_CHANGED "changed RegExp.prototype, which all functions share"

/* What became of the rows `rows[0..count)`, which crossed together. */
typedef enum gw_batch_fate {
    GW_BATCH_DONE,
    GW_BATCH_BAD_INPUT, /* *at: the row that is no UTF-8 */
    GW_BATCH_TIME,      /* *at: the row that was at work, or `count` */
    GW_BATCH_MEMORY,
    GW_BATCH_LARGE,
    GW_BATCH_CHANGED, /* one of them changed what all functions share; that worker is gone */
} gw_batch_fate;

/* false: no worker can be had. */
bool gw_batch_attempt(gw_script_batch *batch, const size_t *rows, size_t count,
                      gw_batch_fate *fate, size_t *at, gw_err *err);
bool gw_script_ensure_worker(gw_script *script, gw_err *err);

#endif
