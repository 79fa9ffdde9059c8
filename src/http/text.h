/* What the edge reads itself of a request: names, tokens, paths, ids. Whatever the bytes are, the answer is yes
 * or no; nothing here allocates but gw_address_read. */
#ifndef GW_HTTP_TEXT_H
#define GW_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

typedef struct gw_address {
    const char *host; /* without brackets */
    unsigned port;    /* 0: any that is free */
    bool ipv6, loopback;
} gw_address;

/* "127.0.0.1:7583", "[::1]:7583", "localhost:7583"; kind USAGE for anything else. */
bool gw_address_read(gw_arena *arena, const char *text, gw_address *out, gw_err *err);

/*
 * May a request name us so in Host? An address, localhost, or one of `names` (NULL-terminated, any case),
 * with or without a port. A name that somebody else has made point here is none of them.
 */
bool gw_host_known(const char *host, const char *const *names);

/* Does Origin say the page came from where the request went: scheme and Host, port and all? */
bool gw_origin_is(const char *origin, bool tls, const char *host);

/* The token of "Bearer TOKEN", or NULL: letters, digits, - _ . ~ + / =, at most 256 of them. */
const char *gw_bearer(const char *authorization);

enum { GW_PATH_PARTS = 4 };
typedef struct gw_path_part {
    const char *text; /* into the path; not ended */
    size_t len;
} gw_path_part;

/* "/sync/sessions/{id}" against a path: each {name} takes what stands between two slashes, one character at
 * least. The number of parts, or -1. */
int gw_path_match(const char *pattern, const char *path, gw_path_part parts[GW_PATH_PARTS]);

/* "EPOCH-SEQUENCE", as events are numbered. */
bool gw_event_id_read(const char *text, uint64_t *epoch, uint64_t *sequence);

/* Printable ASCII without spaces, 1 to `most` characters: what a name of a person in a header may be. */
bool gw_header_word(const char *text, size_t most);

/* %XX in place; what is none stays. A NUL becomes a byte that no UTF-8 has, so that it ends nothing. The length. */
size_t gw_unescape(char *text);

/* In the same time wherever the first difference is. */
bool gw_same_secret(const char *a, const char *b);

#endif
