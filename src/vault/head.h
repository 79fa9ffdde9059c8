/*
 * The head of a .gwb file: what the file is, the slots that its key can be had from, the
 * manifest, and a MAC over all of it. Reading it is pure and takes bytes from anywhere
 * (tests/fuzz/fuzz_backup.c). docs/reference/backup-format.md says what each byte is.
 */
#ifndef GW_VAULT_HEAD_H
#define GW_VAULT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "vault/primitives.h"

enum {
    GW_HEAD_FIXED = 48,              /* bytes before the slots */
    GW_HEAD_SALT = 16,
    GW_HEAD_SLOTS_MAX = 64,
    GW_HEAD_SLOT_BYTES = 4096,       /* of one slot's body, at most */
    GW_HEAD_MANIFEST_MAX = 16 << 20,
    GW_CHUNK_BYTES = 64 * 1024,      /* what this version writes */
    GW_CHUNK_MIN = 4 * 1024,
    GW_CHUNK_MAX = 1 << 20,
    GW_KEY_ID_BYTES = 16,
};

typedef enum gw_slot_kind {
    GW_SLOT_OPEN = 0,       /* the file's key as it is: not encrypted, but every change is seen */
    GW_SLOT_PASSPHRASE = 1, /* scrypt */
    GW_SLOT_X25519 = 2,
    GW_SLOT_HYBRID = 3,     /* X25519 and ML-KEM-1024 */
} gw_slot_kind;

typedef struct gw_slot {
    gw_slot_kind kind;
    unsigned char key_id[GW_KEY_ID_BYTES]; /* of the recipient; zeros where there is none */
    const unsigned char *body;
    size_t len;
} gw_slot;

typedef struct gw_head {
    unsigned version, chunk;
    unsigned char salt[GW_HEAD_SALT];
    gw_slot *slots;
    size_t slot_count;
    const char *manifest; /* len bytes, padded with spaces */
    size_t manifest_len;
    const unsigned char *bytes; /* all of it, the MAC at its end */
    size_t len;
} gw_head;

/* How long the whole head is, from its first GW_HEAD_FIXED bytes. Kind INPUT, UNSUPPORTED. */
bool gw_head_length(const unsigned char *bytes, size_t *len, gw_err *err);

/* Points into bytes. The MAC is not looked at: that needs the file's key. */
bool gw_head_read(gw_arena *arena, const unsigned char *bytes, size_t len, gw_head *out,
                  gw_err *err);
bool gw_head_authentic(const gw_head *head, const unsigned char file_key[GW_KEY_BYTES]);

/* The other way: head->bytes and len are not read. manifest_len may be more than its text: spaces. */
void gw_head_write(gw_buf *out, const gw_head *head, const unsigned char file_key[GW_KEY_BYTES]);

/* The key of the stream of chunks. */
void gw_head_stream_key(const gw_head *head, const unsigned char file_key[GW_KEY_BYTES],
                        unsigned char out[GW_KEY_BYTES]);

/* The nonce of a chunk: its number from 0, big-endian, and whether it is the last. */
void gw_chunk_nonce(uint64_t number, bool last, unsigned char out[GW_NONCE_BYTES]);

const char *gw_slot_kind_name(gw_slot_kind kind); /* "passphrase" */

#endif
