/*
 * Rows in COPY's binary format, as bytes: taken apart and put together. What stands in a field is
 * its type's own binary form; nothing here looks into it, but for the few readers below.
 *
 * The format (PostgreSQL manual, COPY): an 11-byte signature, flags, the length of an extension;
 * then a row = int16 fields, each an int32 length (-1 = NULL) and so many bytes; int16 -1 ends it.
 * All numbers in network order.
 */
#ifndef GW_PG_COPY_ROWS_H
#define GW_PG_COPY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct gw_copy_field {
    const char *data; /* into the piece */
    int32_t len;      /* -1: NULL */
} gw_copy_field;

/* Takes the pieces of gw_copy_out_next, in order. Start from zero. */
typedef struct gw_copy_reader {
    bool begun, ended;
} gw_copy_reader;

/*
 * One piece: *is_row false where it holds none (the trailer, or the header alone). Otherwise all
 * `count` fields are there; another number, or lengths that do not fit, is kind INTERNAL.
 */
bool gw_copy_read_row(gw_copy_reader *reader, const char *piece, size_t len, gw_copy_field *fields,
                      size_t count, bool *is_row, gw_err *err);

/* The same, but only the first `lead` of the fields are taken apart; the others are *rest, as
 * bytes, for gw_copy_add_rest. */
bool gw_copy_read_lead(gw_copy_reader *reader, const char *piece, size_t len, gw_copy_field *fields,
                       size_t lead, size_t count, gw_copy_field *rest, bool *is_row, gw_err *err);

void gw_copy_add_header(gw_buf *buf);
void gw_copy_add_count(gw_buf *buf, size_t fields); /* begins a row */
void gw_copy_add_field(gw_buf *buf, gw_copy_field field);
void gw_copy_add_bytes(gw_buf *buf, const void *data, size_t len);
void gw_copy_add_rest(gw_buf *buf, gw_copy_field rest);
void gw_copy_add_int64(gw_buf *buf, int64_t number); /* a bigint */
void gw_copy_add_trailer(gw_buf *buf);

/* A field of a row in text format, escaped; NULL is \\N. */
void gw_copy_add_text(gw_buf *buf, gw_copy_field field);

/* Network order. */
int64_t
gw_copy_field_int64(gw_copy_field field); /* bigint, integer, smallint by its length; NULL = 0 */
uint32_t gw_copy_field_block(gw_copy_field field); /* of a tid */

#endif
