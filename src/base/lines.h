/*
 * What a multitude of lines is, whatever order they come in: how many, and the sum of their digests. Rows that a
 * file says a table has and those that it has are the same where these are.
 */
#ifndef GW_BASE_LINES_H
#define GW_BASE_LINES_H

#include "base/digest.h"

typedef struct gw_lines_sum {
    int64_t count;
    uint64_t lanes[4]; /* of SHA-256, each added up modulo 2^64 */
} gw_lines_sum;
bool gw_lines_same(const gw_lines_sum *a, const gw_lines_sum *b);

typedef struct gw_lines {
    gw_lines_sum sum;
    gw_digest *digest;
} gw_lines;
void gw_lines_start(gw_lines *lines, gw_arena *arena);
void gw_lines_add(gw_lines *lines, const void *part, size_t len); /* of one line, without its end */
void gw_lines_end(gw_lines *lines);
void gw_lines_forget(gw_lines *lines); /* the line so far was none */

#endif
