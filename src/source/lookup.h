/*
 * Single rows of a PostgreSQL source: by key, as the source itself compares keys, and those of many
 * short runs of blocks. Both read under the transaction that the session is in.
 */
#ifndef GW_SOURCE_LOOKUP_H
#define GW_SOURCE_LOOKUP_H

#include "source/reader.h"

/* A part of the key. */
typedef struct gw_key_part {
    const char *sql;    /* t."id" */
    const char *type;   /* as SQL, qualified: what the text form is read back as */
    int64_t type_oid;   /* of a domain the one below it */
    const char *equals; /* filled by gw_lookup_prepare: OPERATOR("public".=) */
} gw_key_part;

typedef struct gw_lookup {
    const gw_reader *reader; /* from: the whole relation, not a leaf */
    gw_key_part *parts;
    size_t part_count;
    bool spelled_anew; /* a key may come back spelled otherwise: equal values are not always alike */
} gw_lookup;

typedef struct gw_key_text {
    const char *key; /* its text form; not NUL-terminated */
    size_t len;
} gw_key_text;

/* row: NULL where there is none (any more). leaf: the OID of the table that holds it. A key that is
 * none is told of once for each of its rows. */
typedef bool gw_lookup_fn(void *self, size_t index, const gw_row_seen *row, uint32_t leaf,
                          gw_err *err);

/* The operators by which the source compares these types; once. */
bool gw_lookup_prepare(gw_session *session, gw_arena *arena, gw_key_part *parts, size_t count,
                       gw_err *err);

/* In the order of the keys; some thousand at a time are one statement. */
bool gw_lookup_keys(const gw_lookup *lookup, const gw_key_text *keys, size_t count,
                    gw_lookup_fn *fn, void *self, gw_err *err);

/* The rows of each run, in order, pipelined: for many runs of few blocks. 14 and newer. Changes
 * plan settings until the transaction ends. */
bool gw_reader_ranges(const gw_reader *reader, const gw_blocks *runs, size_t count,
                      gw_row_seen_fn *fn, void *self, gw_err *err);

#endif
