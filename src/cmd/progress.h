/*
 * What a run reports, shown: on a terminal a live line (bar, rate, time left) with a line for each
 * finished migration above it; elsewhere those lines, and one every few seconds while something
 * takes long; with --log-format json, log records. A dry run's SQL is a result: it goes to stdout.
 */
#ifndef GW_CMD_PROGRESS_H
#define GW_CMD_PROGRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"
#include "cmd/jsonout.h"
#include "cmd/term.h"
#include "migrate/progress.h"

typedef struct gw_progress_view gw_progress_view;

typedef struct gw_progress_options {
    gw_term *term;
    gw_log *log; /* every step is a record here; NULL: none */
    const gw_span *span;
    bool quiet;
    bool as_log;   /* records only, nothing for people */
    gw_json *json; /* a dry run's SQL becomes the array "sql" of this object; NULL: text */
} gw_progress_options;

gw_progress_view *gw_progress_view_new(gw_arena *arena, const gw_progress_options *options);
gw_observer gw_progress_view_observer(gw_progress_view *view);

/* Once godwit.yaml has said how logs are written: records only, to this log. */
void gw_progress_view_as_log(gw_progress_view *view, gw_log *log);

/* The run is over: the live line goes, an open "sql" array is closed. Safe twice. */
void gw_progress_view_stop(gw_progress_view *view);

/* "45 % (1.1 GB of 2.4 GB), 34 MB/s, 38 s left": what is known of a step after elapsed_ms. */
void gw_progress_describe(gw_buf *buf, const gw_progress *step, int64_t elapsed_ms);
void gw_progress_bytes(gw_buf *buf, double bytes); /* "1.2 GB" */
/* A bar of `cells` cells. total <= 0: empty. */
void gw_progress_bar(gw_buf *buf, int64_t done, int64_t total, unsigned cells, bool utf8);

#endif
