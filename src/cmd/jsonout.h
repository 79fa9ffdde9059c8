/*
 * JSON as a stream: the status of 10,000 migrations is written without first being a tree.
 * The caller keeps the nesting right; commas, quoting and bytes that are not UTF-8 (U+FFFD) are
 * seen to here.
 */
#ifndef GW_CMD_JSONOUT_H
#define GW_CMD_JSONOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct gw_json {
    gw_buf buf;
    FILE *file; /* written to when the buffer is full; NULL: stays in buf */
    bool comma; /* the next value needs one before it */
    unsigned depth;
} gw_json;

gw_json gw_json_start(gw_arena *arena, FILE *file);

/* `key` is NULL inside an array and at the top. */
void gw_json_open(gw_json *json, const char *key, char bracket);       /* '{' or '[' */
void gw_json_close(gw_json *json, char bracket);                       /* '}' or ']' */
void gw_json_string(gw_json *json, const char *key, const char *text); /* NULL: null */
void gw_json_int(gw_json *json, const char *key, int64_t number);
void gw_json_bool(gw_json *json, const char *key, bool value);
void gw_json_null(gw_json *json, const char *key);
/* GW_NULL_INT is null; microseconds become RFC 3339. */
void gw_json_int_or_null(gw_json *json, const char *key, int64_t number);
void gw_json_time(gw_json *json, const char *key, int64_t us);
/* A value that is JSON already. NULL: null. */
void gw_json_raw(gw_json *json, const char *key, const char *value);

/* NDJSON: a document is complete, and is seen at once by whoever reads. The next one may begin. */
void gw_json_line(gw_json *json);

/* What is in the buffer goes to the file. */
void gw_json_flush(gw_json *json);

#endif
