/*
 * Fingerprints of applied rows, packed: many in one bytea. A row of godwit.sync_segments holds
 * those of a run of neighbouring blocks of the source (or, of a source without blocks, of rows read
 * one after another): some hundred rows, so that it stays small enough to lie in the table itself
 * and to be rewritten when one of its rows changes.
 *
 * Layout, version 1 (docs: file formats): byte 1, then a fingerprint after the other:
 *     flags      1 byte: 1 = a destination fingerprint follows the source's
 *     block      varint, minus that of the one before (zigzag: rows may come in any order)
 *     key        varint length, bytes
 *     source     8 bytes, little endian
 *     destination 8 bytes where flagged; otherwise it is the source's
 * varint: 7 bits a byte, the lowest first, the top bit says that more follows.
 */
#ifndef GW_SYNC_PACKED_H
#define GW_SYNC_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Exact for more rows than there can be; an extension of the compilers that we build with. */
__extension__ typedef __int128 gw_int128;
__extension__ typedef unsigned __int128 gw_uint128;

typedef struct gw_fingerprint {
    const char *key; /* its text form; not NUL-terminated */
    size_t key_len;
    uint32_t leaf;  /* OID of the source's table; not packed: its segment knows */
    uint32_t block;
    bool own_destination; /* else destination is source */
    uint64_t source, destination;
} gw_fingerprint;

/* Appends to buf; start from a buf that is empty. count and sum are those of all that was added. */
typedef struct gw_packer {
    gw_buf buf;
    uint32_t block;
    size_t count;
    gw_int128 sum; /* of the source's, as signed numbers: what sum(bigint) says */
} gw_packer;

void gw_pack_begin(gw_packer *packer, gw_arena *arena);
void gw_pack_add(gw_packer *packer, const gw_fingerprint *one);
/* Forget what was added; the memory is kept. */
void gw_pack_clear(gw_packer *packer);

/* Reads; the bytes must outlive it. What does not follow the layout is kind STATE. */
typedef struct gw_unpacker {
    const unsigned char *at, *end;
    uint32_t block;
} gw_unpacker;

bool gw_unpack_begin(gw_unpacker *unpacker, const void *data, size_t len, gw_err *err);
/* *more false: that was all. The key points into the bytes. */
bool gw_unpack_next(gw_unpacker *unpacker, gw_fingerprint *out, bool *more, gw_err *err);

/* A number of 128 bits as SQL reads it; into `room`, or on an arena. */
enum { GW_INT128_TEXT = 48 };
const char *gw_int128_digits(gw_int128 number, char room[GW_INT128_TEXT]);
const char *gw_int128_text(gw_arena *arena, gw_int128 number);
/* Of digits with or without a minus; what is more than 38 of them, or none, is false. */
bool gw_int128_read(const char *text, gw_int128 *out);

#endif
