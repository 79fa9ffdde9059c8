/*
 * Events into exact counters. What is read is added up in the process and written batch by batch: each
 * in one transaction with the place that it reaches (a stream's position and digest, a block's chain,
 * number and hash), so that whatever is read again adds nothing. A block that another one replaces is
 * taken back first. A line that cannot be read is kept with the reason, and the rest goes on.
 *
 * Does not know where documents come from: a stream has a descriptor, anything else hands them over one
 * by one. The part "tracker" (control/control.h) has to be made; the session is pinned.
 */
#ifndef GW_TRACK_INGEST_H
#define GW_TRACK_INGEST_H

#include "base/cancel.h"
#include "pg/query.h"
#include "track/reader.h"

typedef struct gw_ingest_counts {
    int64_t events;   /* that were counted */
    int64_t blocks;   /* new ones */
    int64_t seen;     /* blocks that had been counted before */
    int64_t forks;    /* times that a block replaced another one, or went on from one that had gone */
    int64_t rejected; /* lines */
    int64_t skipped;  /* bytes at the beginning that had been counted before */
    int64_t batches;
} gw_ingest_counts;

typedef struct gw_ingest_options {
    const char *tracker;
    const char *source; /* its name: a path, a URL, or what the user calls it */
    bool named;         /* by the user: the name alone says which stream it is */
    bool sidecar;       /* blocks of Sidecar; else Godwit's own events */
    const char *chain;  /* of Sidecar's blocks; NULL: they say it */
    bool strict;        /* the first bad line is an error (kind INPUT) */
    const gw_cancel *cancel;
    void (*progress)(void *self, const gw_ingest_counts *counts); /* after each batch; NULL */
    void *self;
} gw_ingest_options;

/* All of a stream. seekable: a file, whose beginning may be read twice. What is not written when it
 * fails or is stopped (kind INTERRUPTED) is counted by the next call. */
bool gw_ingest_stream(gw_session *session, gw_arena *arena, const gw_ingest_options *options, int fd,
                      bool seekable, gw_ingest_counts *out, gw_err *err);

typedef struct gw_ingest gw_ingest;
/* Documents that somebody else brings. */
gw_ingest *gw_ingest_new(gw_session *session, gw_arena *arena, const gw_ingest_options *options);
bool gw_ingest_document(gw_ingest *ingest, const char *text, size_t len, int64_t line, gw_err *err);
/* What was handed over is written; blocks that do not say their chain may still wait for their neighbours. */
bool gw_ingest_pause(gw_ingest *ingest, gw_err *err);
/* All that was handed over is written. */
bool gw_ingest_end(gw_ingest *ingest, gw_err *err);
const gw_ingest_counts *gw_ingest_counted(const gw_ingest *ingest);

/* The highest live block of a chain up to a number: *number -1 where there is none. */
bool gw_ingest_last_block(gw_session *session, gw_arena *arena, const char *tracker,
                          const char *chain, int64_t up_to, int64_t *number, const char **hash,
                          gw_err *err);

#endif
