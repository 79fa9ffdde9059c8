/*
 * A structured log: a level, a message, fields, and the span that it belongs to. Nobody below
 * `cmd` knows where it goes: the handle is passed down and the sinks are put in above.
 *
 * A span is one unit of work with a start, an end and an outcome (a run, one migration); ids are
 * those of OpenTelemetry (16 and 8 random bytes, in hexadecimal). A NULL log swallows everything.
 * A handle may be used by several threads: sinks are called one at a time. A sink must not write to
 * the log that calls it.
 */
#ifndef GW_BASE_LOG_H
#define GW_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum { GW_LOG_DEBUG, GW_LOG_INFO, GW_LOG_WARNING, GW_LOG_ERROR } gw_log_level;

typedef struct gw_field {
    const char *key;
    enum { GW_FIELD_END, GW_FIELD_TEXT, GW_FIELD_INT, GW_FIELD_BOOL } type;
    const char *text; /* NULL is written as null */
    int64_t number;
} gw_field;

#define GW_TEXT(k, v) ((gw_field){.key = (k), .type = GW_FIELD_TEXT, .text = (v)})
#define GW_INT(k, v) ((gw_field){.key = (k), .type = GW_FIELD_INT, .number = (int64_t)(v)})
#define GW_BOOL(k, v) ((gw_field){.key = (k), .type = GW_FIELD_BOOL, .number = (v) ? 1 : 0})
#define GW_FIELDS(...) ((const gw_field[]){__VA_ARGS__, {.type = GW_FIELD_END}})
#define GW_NO_FIELDS ((const gw_field[]){{.type = GW_FIELD_END}})

typedef struct gw_span {
    char trace_id[33]; /* the run id: the same for every span of one run */
    char span_id[17];
    char parent_id[17]; /* "" for the root */
    const char *name;
    int64_t start_us, end_us; /* end_us is 0 while it is open */
    bool failed;
} gw_span;

typedef struct gw_log_record {
    int64_t time_us;
    gw_log_level level;
    const char *message;
    const gw_field *fields;
    const gw_span *span; /* NULL outside any */
} gw_log_record;

/* Either may be NULL. span_end is called once a span has ended, with its attributes. */
typedef struct gw_log_sink {
    void (*record)(void *self, const gw_log_record *record);
    void (*span_end)(void *self, const gw_span *span, const gw_field *fields);
    void *self;
    gw_log_level least;
} gw_log_sink;

typedef struct gw_log gw_log;

gw_log *gw_log_new(gw_arena *arena);
void gw_log_add_sink(gw_log *log, gw_log_sink sink);

void gw_log_write(gw_log *log, gw_log_level level, const gw_span *span, const char *message,
                  const gw_field *fields);

/* Does anybody listen at this level? */
bool gw_log_wants(gw_log *log, gw_log_level level);

/* Start a span under `parent` (NULL starts a trace: a run). The name must outlive it. */
gw_span gw_span_start(const gw_span *parent, const char *name);
void gw_span_end(gw_log *log, gw_span *span, bool failed, const gw_field *fields);

#endif
