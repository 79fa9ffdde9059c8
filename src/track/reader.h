/*
 * A stream of JSON documents, one a line or all in one array, read with flat memory: where each stands,
 * and the digest of what has been read up to there.
 */
#ifndef GW_TRACK_READER_H
#define GW_TRACK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/digest.h"
#include "base/err.h"

typedef struct gw_track_reader {
    int fds[2];          /* read one after the other; -1: none */
    const char *name;    /* for errors */
    const gw_cancel *cancel;
    bool arrays;         /* a document may go over lines, or stand in an array (Sidecar's) */
    /* of the document that was read last */
    char *text;
    size_t len;
    int64_t line;
    bool cut;            /* the stream ends in its middle, or it was longer than the limit */
    bool whole;          /* a line that ended with a newline */
    /* private */
    char *buf;
    size_t cap, start, end, digested;
    size_t seen;         /* of the buffer: what was looked at for the end of a document */
    unsigned depth;
    bool in_string, escaped, inside, values, decided, at_end;
    int64_t base, lines;
    gw_digest *digest;
} gw_track_reader;

enum { GW_TRACK_LONGEST = 16 << 20 };

typedef enum {
    GW_READ_DOCUMENT,
    GW_READ_TOO_LONG, /* skipped; text holds its beginning */
    GW_READ_IDLE,     /* nothing came for wait_ms */
    GW_READ_END,
    GW_READ_STOPPED,  /* asked to */
    GW_READ_FAILED,
} gw_read_outcome;

/* The fields above must be set. position, lines: where the stream begins, in bytes and lines; digest: of
 * what stands before. */
void gw_track_reader_start(gw_arena *arena, gw_track_reader *reader, int64_t position, int64_t lines,
                           gw_digest *digest);
void gw_track_reader_free(gw_track_reader *reader);
/* Empty lines are passed over. The text is the reader's until the next call. */
gw_read_outcome gw_track_read(gw_track_reader *reader, int64_t wait_ms, gw_err *err);

/* How far everything is taken, the last document with it (`before`: without it). */
int64_t gw_track_reader_position(const gw_track_reader *reader, bool before);
int64_t gw_track_reader_lines(const gw_track_reader *reader, bool before);
/* Of all up to that position, in hexadecimal. */
char *gw_track_reader_digest(gw_track_reader *reader, gw_arena *arena, bool before);

#endif
