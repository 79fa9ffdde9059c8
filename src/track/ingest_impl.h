/* A batch while it is gathered; private to this folder. */
#ifndef GW_TRACK_INGEST_IMPL_H
#define GW_TRACK_INGEST_IMPL_H

#include "base/vec.h"
#include "track/block.h"
#include "track/ingest.h"

typedef GW_VEC(gw_track_block) gw_track_blocks;

/* Where a chain is, as this process has read. */
typedef struct gw_chain_stage {
    const char *chain, *stage;
    /* own events: its block that was closed last */
    int64_t number, line;
    char hash[GW_LONGEST_NAME + 1]; /* "": none */
} gw_chain_stage;

struct gw_ingest {
    gw_session *session;
    gw_ingest_options options;
    gw_arena *arena;         /* as long as this lives */
    gw_track_reader *reader; /* NULL: documents are handed over */
    int64_t source_id;       /* 0: positions are blocks alone */
    int64_t position;        /* that the database has */
    gw_ingest_counts counts;
    GW_VEC(gw_chain_stage) stages;
    const char *chain;       /* the only one so far; "" : there are several; NULL: none */
    gw_arena *links;         /* of `linked` */
    gw_sums linked;          /* hashes of blocks and of their parents: n[0] - 1 is the place in `stages` */

    /* the batch: all on its arena, which a flush resets */
    gw_arena *batch;
    gw_track_block outside;  /* events in no block; where it has steps there are no blocks */
    gw_track_blocks blocks;  /* in the order in which they came */
    gw_track_blocks waiting; /* blocks whose chain is not known yet */
    gw_track_block open;     /* own events: the block that is being read */
    bool is_open;
    json_t *rejects;
    int64_t began_us, target_us, documents;
};

/* Writes the batch and what the stream has reached; `before`: not yet the document that was read last.
 * Nothing may be open or waiting. */
bool gw_ingest_flush(gw_ingest *in, bool before, gw_err *err);
/* The end of a stream: what is open is closed and written. */
bool gw_ingest_finish(gw_ingest *in, bool before, gw_err *err);
void gw_ingest_begin_batch(gw_ingest *in);
/* A line that cannot be read; false where that is an error. */
bool gw_ingest_reject(gw_ingest *in, int64_t line, const char *reason, const char *text, size_t len,
                      gw_err *err);

extern const char *const gw_ingest_strict_hint;
/* The same for one that is no document at all, while a stream is read. */
bool gw_ingest_bad_line(gw_ingest *in, int64_t line, const char *reason, const char *text, size_t len,
                        gw_err *err);
/* Rejects alone, where the rest of the batch has to wait: read again they are not kept twice. */
bool gw_ingest_keep_rejects(gw_ingest *in, gw_err *err);

/* Where a stream goes on: finds what was counted of it before. fds and digest of the reader are set. */
bool gw_ingest_resume(gw_ingest *in, int fd, bool seekable, gw_track_reader *reader, gw_err *err);

#endif
