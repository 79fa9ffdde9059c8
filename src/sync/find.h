/*
 * What has changed of one entity, by the method that is wanted or by the cheapest that is sound:
 * blocks, else time where somebody has said that it tells, else checksums. A method that was asked
 * for and is not sound is kind REFUSED, by the reason's name, and nothing is told.
 *
 * Keys of the quarantine are candidates each time, whatever the method.
 */
#ifndef GW_SYNC_FIND_H
#define GW_SYNC_FIND_H

#include "sync/view.h"

typedef enum gw_method {
    GW_METHOD_AUTO,
    GW_METHOD_TIMESTAMP,
    GW_METHOD_CHECKSUM,
    GW_METHOD_BLOCKS,
} gw_method;

const char *gw_method_word(gw_method method);
/* "replication" is kind REFUSED (there is no such thing yet), any other word USAGE. NULL: auto. */
bool gw_method_of(const char *word, gw_method *out, gw_err *err);

/* Where nothing is kept every row is new. */
typedef enum gw_find_first {
    GW_FIRST_COUNTED, /* the rows of each leaf */
    GW_FIRST_TOLD,    /* each of them, as in any other detection */
    GW_FIRST_LEFT,    /* nothing: whoever asks reads them all anyway */
} gw_find_first;

typedef bool gw_key_fn(void *self, const char *key, size_t len, gw_err *err);

typedef struct gw_find {
    gw_viewed *viewed;
    gw_session *source;     /* the view's */
    gw_session *beside;     /* of the source too, outside a transaction; NULL: nothing by blocks */
    gw_session *kept;       /* of the destination, outside a transaction */
    gw_method method;
    gw_find_first first;
    int64_t since;          /* by time: from here on alone, in microseconds; GW_NULL_INT */
    size_t pool_limit;      /* bytes; 0 = 16 MB */
    gw_row_change_fn *fn;   /* MOVED too: where a row lies has to be kept as well */
    gw_key_fn *passed;      /* keys of the quarantine that neither side has; may be NULL */
    void *self;
} gw_find;

typedef struct gw_find_result {
    gw_method method;
    const char *why;        /* for people, one line */
    bool first;             /* nothing is kept: every row is new */
    int64_t *leaf_rows;     /* of FIRST_COUNTED */
    int64_t source_rows;    /* counted, or reckoned from what is kept */
    int64_t kept_rows;
    int64_t counts[GW_ROW_MOVED + 1];
    int64_t retried;        /* of those: keys of the quarantine that no method would have found */
    int64_t waiting;        /* of those: rows of the quarantine */
    int64_t rows_read, blocks_read, blocks;
    bool partial;           /* `since` is later than what was applied: the mark must not move */
    gw_mark mark;           /* see gw_mark_put */
} gw_find_result;

bool gw_find_changes(const gw_find *find, gw_arena *arena, gw_find_result *out, gw_err *err);

/* More deletions than `percent` of the rows known: kind REFUSED, naming the flag. */
bool gw_deletes_allowed(const char *entity, int64_t deleted, int64_t known, double percent,
                        gw_err *err);

#endif
