#include "vault/head.h"

#include <string.h>

#include "vault/secret.h"

static const unsigned char magic[8] = {0x89, 'G', 'W', 'B', '\r', '\n', 0x1a, '\n'};

enum {
    AT_VERSION = 8,
    AT_CIPHER = 10,
    AT_COMPRESSION = 11,
    AT_CHUNK = 12,
    AT_SALT = 16,
    AT_SLOT_COUNT = 32,
    AT_SLOTS = 36,
    AT_MANIFEST = 40,
    AT_ZERO = 44,
    VERSION = 1,
    AES_256_GCM = 1,
    ZSTD = 1,
    SLOT_FIXED = 4 + GW_KEY_ID_BYTES,
};

static uint32_t get(const unsigned char *at, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static void put(gw_buf *out, uint32_t value, unsigned bytes)
{
    while (bytes--)
        gw_buf_addc(out, (char)(value >> 8 * bytes & 0xff));
}

static bool damaged(gw_err *err, const char *what)
{
    gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
    return gw_err_detail(err, "%s", what);
}

bool gw_head_length(const unsigned char *bytes, size_t *len, gw_err *err)
{
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return gw_err_set(err, GW_ERR_INPUT, "this is no backup of Godwit's");
    if (get(bytes + AT_VERSION, 2) != VERSION) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "the backup's format is version %u, and this Godwit "
                   "reads version 1", (unsigned)get(bytes + AT_VERSION, 2));
        return gw_err_hint(err, "use a newer Godwit, if it is not damaged");
    }
    if (bytes[AT_CIPHER] != AES_256_GCM || bytes[AT_COMPRESSION] != ZSTD ||
        get(bytes + AT_SLOT_COUNT + 2, 2) || get(bytes + AT_ZERO, 4))
        return damaged(err, "its head names a cipher or a compression that do not exist");
    uint32_t chunk = get(bytes + AT_CHUNK, 4), slots = get(bytes + AT_SLOTS, 4);
    uint32_t manifest = get(bytes + AT_MANIFEST, 4);
    if (chunk < GW_CHUNK_MIN || chunk > GW_CHUNK_MAX ||
        slots > GW_HEAD_SLOTS_MAX * (SLOT_FIXED + GW_HEAD_SLOT_BYTES) ||
        manifest > GW_HEAD_MANIFEST_MAX)
        return damaged(err, "its head has impossible lengths");
    *len = (size_t)GW_HEAD_FIXED + slots + manifest + GW_MAC_BYTES;
    return true;
}

static bool read_slots(const unsigned char *at, size_t len, gw_head *out, gw_err *err)
{
    for (size_t i = 0; i < out->slot_count; i++) {
        gw_slot *slot = &out->slots[i];
        if (len < SLOT_FIXED || get(at + 2, 2) > len - SLOT_FIXED || at[1])
            return damaged(err, "a key slot does not fit in");
        slot->kind = (gw_slot_kind)at[0];
        slot->len = get(at + 2, 2);
        memcpy(slot->key_id, at + 4, GW_KEY_ID_BYTES);
        slot->body = at + SLOT_FIXED;
        at += SLOT_FIXED + slot->len;
        len -= SLOT_FIXED + slot->len;
        if (slot->kind > GW_SLOT_HYBRID || slot->len > GW_HEAD_SLOT_BYTES)
            return damaged(err, "a key slot is of no known kind");
    }
    return !len || damaged(err, "there is something behind the last key slot");
}

bool gw_head_read(gw_arena *arena, const unsigned char *bytes, size_t len, gw_head *out,
                  gw_err *err)
{
    size_t expected = 0;
    if (len < GW_HEAD_FIXED)
        return damaged(err, "it ends within its head");
    if (!gw_head_length(bytes, &expected, err))
        return false;
    if (len < expected)
        return damaged(err, "it ends within its head");
    size_t slots = get(bytes + AT_SLOTS, 4), count = get(bytes + AT_SLOT_COUNT, 2);
    if (!count || count > GW_HEAD_SLOTS_MAX)
        return damaged(err, "its head has no key slots, or too many");
    *out = (gw_head){.version = VERSION,
                     .chunk = get(bytes + AT_CHUNK, 4),
                     .slots = gw_alloc_array(arena, count, sizeof(gw_slot)),
                     .slot_count = count,
                     .manifest = (const char *)bytes + GW_HEAD_FIXED + slots,
                     .manifest_len = get(bytes + AT_MANIFEST, 4),
                     .bytes = bytes,
                     .len = expected};
    memcpy(out->salt, bytes + AT_SALT, GW_HEAD_SALT);
    return read_slots(bytes + GW_HEAD_FIXED, slots, out, err);
}

static void mac_of(const unsigned char *salt, const unsigned char *file_key, const void *bytes,
                   size_t len, unsigned char out[GW_MAC_BYTES])
{
    unsigned char key[GW_KEY_BYTES];
    gw_hkdf(file_key, GW_KEY_BYTES, salt, GW_HEAD_SALT, "godwit backup 1 head", key, sizeof key);
    gw_hmac_sha256(key, sizeof key, bytes, len, out);
    gw_secret_wipe(key, sizeof key);
}

bool gw_head_authentic(const gw_head *head, const unsigned char file_key[GW_KEY_BYTES])
{
    unsigned char mac[GW_MAC_BYTES];
    size_t before = head->len - GW_MAC_BYTES;
    mac_of(head->salt, file_key, head->bytes, before, mac);
    return gw_secret_same(mac, head->bytes + before, sizeof mac);
}

void gw_head_write(gw_buf *out, const gw_head *head, const unsigned char file_key[GW_KEY_BYTES])
{
    size_t start = out->len, slots = 0;
    unsigned char mac[GW_MAC_BYTES];
    for (size_t i = 0; i < head->slot_count; i++)
        slots += SLOT_FIXED + head->slots[i].len;
    gw_buf_addn(out, magic, sizeof magic);
    put(out, VERSION, 2);
    put(out, AES_256_GCM, 1);
    put(out, ZSTD, 1);
    put(out, head->chunk, 4);
    gw_buf_addn(out, head->salt, GW_HEAD_SALT);
    put(out, (uint32_t)head->slot_count, 2);
    put(out, 0, 2);
    put(out, (uint32_t)slots, 4);
    put(out, (uint32_t)head->manifest_len, 4);
    put(out, 0, 4);
    for (size_t i = 0; i < head->slot_count; i++) {
        const gw_slot *slot = &head->slots[i];
        put(out, (uint32_t)slot->kind, 1);
        put(out, 0, 1);
        put(out, (uint32_t)slot->len, 2);
        gw_buf_addn(out, slot->key_id, GW_KEY_ID_BYTES);
        gw_buf_addn(out, slot->body, slot->len);
    }
    size_t text = strnlen(head->manifest, head->manifest_len);
    gw_buf_addn(out, head->manifest, text);
    for (size_t i = text; i < head->manifest_len; i++)
        gw_buf_addc(out, ' ');
    mac_of(head->salt, file_key, out->data + start, out->len - start, mac);
    gw_buf_addn(out, mac, sizeof mac);
}

void gw_head_stream_key(const gw_head *head, const unsigned char file_key[GW_KEY_BYTES],
                        unsigned char out[GW_KEY_BYTES])
{
    gw_hkdf(file_key, GW_KEY_BYTES, head->salt, GW_HEAD_SALT, "godwit backup 1 stream", out,
            GW_KEY_BYTES);
}

void gw_chunk_nonce(uint64_t number, bool last, unsigned char out[GW_NONCE_BYTES])
{
    memset(out, 0, GW_NONCE_BYTES);
    for (int i = 0; i < 8; i++)
        out[10 - i] = (unsigned char)(number >> 8 * i);
    out[11] = last;
}

const char *gw_slot_kind_name(gw_slot_kind kind)
{
    static const char *const names[] = {"open", "passphrase", "x25519", "x25519+ml-kem-1024"};
    return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}
