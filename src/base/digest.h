/*
 * Checksums by name: OpenSSL's SHA family, zlib's CRC-32 (ISO-HDLC), FNV-1, hexadecimal, base64.
 */
#ifndef GW_BASE_DIGEST_H
#define GW_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum { GW_SHA1, GW_SHA256, GW_SHA384 } gw_digest_kind;
enum { GW_DIGEST_MAX = 48 };

/* A digest in progress, fed piece by piece. Released by finish, or by the arena. */
typedef struct gw_digest gw_digest;
gw_digest *gw_digest_start(gw_arena *arena, gw_digest_kind kind);
void gw_digest_add(gw_digest *digest, const void *data, size_t len);
/* The digest of what was added so far; more can be added afterwards. Returns its length. */
size_t gw_digest_peek(gw_digest *digest, unsigned char out[GW_DIGEST_MAX]);
size_t gw_digest_finish(gw_digest *digest, unsigned char out[GW_DIGEST_MAX]);
/* The same at the end of a message: restart comes next. No copy of the state is made. */
size_t gw_digest_take(gw_digest *digest, unsigned char out[GW_DIGEST_MAX]);
/* Ready for a new message; far cheaper than a new digest (many small files). */
void gw_digest_restart(gw_digest *digest);

/* One call. Returns the length written. */
size_t gw_digest_of(gw_digest_kind kind, const void *data, size_t len,
                    unsigned char out[GW_DIGEST_MAX]);
char *gw_digest_hex(gw_arena *arena, gw_digest_kind kind, const void *data, size_t len);

char *gw_hex(gw_arena *arena, const void *data, size_t len);
/* The way back, either case of letters; false where it is no hexadecimal text. */
bool gw_unhex(gw_arena *arena, const char *text, unsigned char **out, size_t *len);
char *gw_base64(gw_arena *arena, const void *data, size_t len);

uint32_t gw_crc32(uint32_t crc, const void *data, size_t len); /* start with 0 */
uint32_t gw_fnv1_32(const void *data, size_t len);

#endif
