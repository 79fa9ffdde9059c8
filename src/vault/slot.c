#include "vault/slot.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

/* 2^15 and p = 3: as strong as 2^17 with p = 1, in 32 MB of memory. */
enum {
    SCRYPT_SALT = 16,
    SCRYPT_LOG2_N = 15,
    SCRYPT_R = 8,
    SCRYPT_P = 3,
    WRAPPED = GW_KEY_BYTES + GW_TAG_BYTES,
    PASSPHRASE_BODY = SCRYPT_SALT + 3 + WRAPPED,
    X25519_BODY = GW_KEY_BYTES + WRAPPED,
    HYBRID_BODY = GW_KEY_BYTES + GW_MLKEM_CIPHER + WRAPPED,
};

/* A wrapping key wraps one file's key and nothing else: its nonce is zero. */
static const unsigned char zero_nonce[GW_NONCE_BYTES];

static void wrap(const unsigned char kek[GW_KEY_BYTES], const unsigned char file_key[GW_KEY_BYTES],
                 unsigned char *out)
{
    gw_arena *scratch = gw_arena_new();
    gw_gcm_seal(gw_gcm_new(scratch, kek), zero_nonce, NULL, 0, file_key, GW_KEY_BYTES, out);
    gw_arena_free(scratch);
}

static bool unwrap(const unsigned char kek[GW_KEY_BYTES], const unsigned char *wrapped,
                   unsigned char file_key[GW_KEY_BYTES])
{
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_gcm_open(gw_gcm_new(scratch, kek), zero_nonce, NULL, 0, wrapped, GW_KEY_BYTES,
                          file_key);
    gw_arena_free(scratch);
    return ok;
}

gw_recipient gw_recipient_of_keys(const unsigned char x25519[GW_KEY_BYTES],
                                  const unsigned char *mlkem)
{
    unsigned char both[GW_KEY_BYTES + GW_MLKEM_PUBLIC], digest[GW_DIGEST_MAX];
    gw_recipient out = {.kind = mlkem ? GW_SLOT_HYBRID : GW_SLOT_X25519, .mlkem = mlkem};
    memcpy(out.x25519, x25519, GW_KEY_BYTES);
    memcpy(both, x25519, GW_KEY_BYTES);
    if (mlkem)
        memcpy(both + GW_KEY_BYTES, mlkem, GW_MLKEM_PUBLIC);
    gw_digest_of(GW_SHA256, both, mlkem ? sizeof both : GW_KEY_BYTES, digest);
    memcpy(out.key_id, digest, GW_KEY_ID_BYTES);
    return out;
}

/*
 * What both ends know. `sent` is what travels in the slot before the wrapped key; it and the
 * recipient (by its id) are bound to the key by the salt.
 */
static void key_of_shared(gw_slot_kind kind, const unsigned char *shared, size_t shared_len,
                          const unsigned char *sent, size_t sent_len, const unsigned char *key_id,
                          unsigned char kek[GW_KEY_BYTES])
{
    unsigned char salt[GW_KEY_BYTES + GW_MLKEM_CIPHER + GW_KEY_ID_BYTES];
    memcpy(salt, sent, sent_len);
    memcpy(salt + sent_len, key_id, GW_KEY_ID_BYTES);
    gw_hkdf(shared, shared_len, salt, sent_len + GW_KEY_ID_BYTES,
            kind == GW_SLOT_HYBRID ? "godwit backup 1 x25519+ml-kem-1024"
                                   : "godwit backup 1 x25519",
            kek, GW_KEY_BYTES);
}

static bool wrap_passphrase(const gw_recipient *to, const unsigned char *file_key,
                            unsigned char *body, gw_err *err)
{
    unsigned char kek[GW_KEY_BYTES];
    unsigned log2_n = to->scrypt_log2_n ? to->scrypt_log2_n : SCRYPT_LOG2_N;
    gw_random_bytes(body, SCRYPT_SALT);
    body[SCRYPT_SALT] = (unsigned char)log2_n;
    body[SCRYPT_SALT + 1] = SCRYPT_R;
    body[SCRYPT_SALT + 2] = SCRYPT_P;
    if (!gw_scrypt(to->passphrase.data, to->passphrase.len, body, SCRYPT_SALT, log2_n, SCRYPT_R,
                   SCRYPT_P, kek))
        return gw_err_set(err, GW_ERR_INTERNAL, "scrypt refuses its parameters");
    wrap(kek, file_key, body + SCRYPT_SALT + 3);
    gw_secret_wipe(kek, sizeof kek);
    return true;
}

static bool wrap_for_keys(const gw_recipient *to, const unsigned char *file_key,
                          unsigned char *body, gw_err *err)
{
    unsigned char own[GW_KEY_BYTES], shared[2 * GW_KEY_BYTES], kek[GW_KEY_BYTES];
    bool hybrid = to->kind == GW_SLOT_HYBRID;
    size_t sent = hybrid ? GW_KEY_BYTES + GW_MLKEM_CIPHER : GW_KEY_BYTES;
    if (hybrid && !gw_mlkem_here()) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "ML-KEM-1024 needs OpenSSL 3.5 or newer");
        gw_err_detail(err, "this is OpenSSL %s", gw_openssl_version());
        return gw_err_hint(err, "use Debian 13 or newer, or an X25519 key");
    }
    gw_random_bytes(own, sizeof own);
    gw_x25519_public(own, body);
    bool ok = gw_x25519_shared(own, to->x25519, shared) &&
              (!hybrid ||
               gw_mlkem_encapsulate(to->mlkem, body + GW_KEY_BYTES, shared + GW_KEY_BYTES));
    if (ok) {
        key_of_shared(to->kind, shared, hybrid ? sizeof shared : GW_KEY_BYTES, body, sent,
                      to->key_id, kek);
        wrap(kek, file_key, body + sent);
    }
    gw_secret_wipe(own, sizeof own);
    gw_secret_wipe(shared, sizeof shared);
    gw_secret_wipe(kek, sizeof kek);
    return ok || gw_err_set(err, GW_ERR_INPUT, "the public key of a recipient is not usable");
}

bool gw_slot_wrap(gw_arena *arena, const gw_recipient *recipient,
                  const unsigned char file_key[GW_KEY_BYTES], gw_slot *out, gw_err *err)
{
    static const size_t lengths[] = {GW_KEY_BYTES, PASSPHRASE_BODY, X25519_BODY, HYBRID_BODY};
    *out = (gw_slot){.kind = recipient->kind, .len = lengths[recipient->kind]};
    unsigned char *body = gw_alloc(arena, out->len);
    out->body = body;
    memcpy(out->key_id, recipient->key_id, GW_KEY_ID_BYTES);
    switch (recipient->kind) {
    case GW_SLOT_OPEN:
        memcpy(body, file_key, GW_KEY_BYTES);
        return true;
    case GW_SLOT_PASSPHRASE:
        return wrap_passphrase(recipient, file_key, body, err);
    default:
        return wrap_for_keys(recipient, file_key, body, err);
    }
}

const char *gw_slot_kinds(gw_arena *arena, const gw_head *head)
{
    gw_buf out = GW_BUF(arena);
    bool seen[GW_SLOT_HYBRID + 1] = {false};
    for (size_t i = 0; i < head->slot_count; i++) {
        gw_slot_kind kind = head->slots[i].kind;
        if (kind == GW_SLOT_OPEN)
            return "none";
        if (!seen[kind])
            gw_buf_addf(&out, "%s%s", out.len ? ", " : "", gw_slot_kind_name(kind));
        seen[kind] = true;
    }
    return gw_buf_str(&out);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static const gw_private_key *key_for(const gw_slot *slot, const gw_unlock *unlock)
{
    for (size_t i = 0; i < unlock->keys.len; i++) {
        const gw_private_key *key = &unlock->keys.items[i];
        if (key->hybrid == (slot->kind == GW_SLOT_HYBRID) &&
            memcmp(key->key_id, slot->key_id, GW_KEY_ID_BYTES) == 0)
            return key;
    }
    return NULL;
}

bool gw_slot_is_for(const gw_slot *slot, const gw_unlock *unlock)
{
    return slot->kind == GW_SLOT_OPEN ||
           (slot->kind == GW_SLOT_PASSPHRASE ? unlock->passphrase.data != NULL
                                             : key_for(slot, unlock) != NULL);
}

static bool unwrap_passphrase(const gw_slot *slot, const gw_unlock *unlock,
                              unsigned char *file_key)
{
    const unsigned char *body = slot->body;
    unsigned char kek[GW_KEY_BYTES];
    bool ok = slot->len == PASSPHRASE_BODY &&
              gw_scrypt(unlock->passphrase.data, unlock->passphrase.len, body, SCRYPT_SALT,
                        body[SCRYPT_SALT], body[SCRYPT_SALT + 1], body[SCRYPT_SALT + 2], kek) &&
              unwrap(kek, body + SCRYPT_SALT + 3, file_key);
    gw_secret_wipe(kek, sizeof kek);
    return ok;
}

static bool unwrap_by_key(const gw_slot *slot, const gw_private_key *key, unsigned char *file_key,
                          const char **why)
{
    unsigned char shared[2 * GW_KEY_BYTES], kek[GW_KEY_BYTES];
    bool hybrid = slot->kind == GW_SLOT_HYBRID;
    size_t sent = hybrid ? GW_KEY_BYTES + GW_MLKEM_CIPHER : GW_KEY_BYTES;
    if (slot->len != sent + WRAPPED)
        return false;
    if (hybrid && !gw_mlkem_here()) {
        *why = "it is for an ML-KEM-1024 key, which needs OpenSSL 3.5 or newer";
        return false;
    }
    bool ok = gw_x25519_shared(key->x25519.data, slot->body, shared) &&
              (!hybrid || gw_mlkem_decapsulate(key->x25519.data + GW_KEY_BYTES,
                                               slot->body + GW_KEY_BYTES, shared + GW_KEY_BYTES));
    if (ok) {
        key_of_shared(slot->kind, shared, hybrid ? sizeof shared : GW_KEY_BYTES, slot->body, sent,
                      slot->key_id, kek);
        ok = unwrap(kek, slot->body + sent, file_key);
    }
    gw_secret_wipe(shared, sizeof shared);
    gw_secret_wipe(kek, sizeof kek);
    return ok;
}

bool gw_slot_unwrap(gw_arena *arena, const gw_slot *slot, const gw_unlock *unlock,
                    unsigned char file_key[GW_KEY_BYTES], const char **why)
{
    (void)arena;
    if (!gw_slot_is_for(slot, unlock))
        return false;
    switch (slot->kind) {
    case GW_SLOT_OPEN:
        if (slot->len != GW_KEY_BYTES)
            return false;
        memcpy(file_key, slot->body, GW_KEY_BYTES);
        return true;
    case GW_SLOT_PASSPHRASE:
        return unwrap_passphrase(slot, unlock, file_key);
    default:
        return unwrap_by_key(slot, key_for(slot, unlock), file_key, why);
    }
}

static bool no_key(gw_arena *arena, const gw_head *head, gw_err *err)
{
    gw_buf kinds = GW_BUF(arena);
    for (size_t i = 0; i < head->slot_count; i++) {
        const gw_slot *slot = &head->slots[i];
        gw_buf_addf(&kinds, "%s%s", i ? ", " : "",
                    slot->kind == GW_SLOT_PASSPHRASE
                        ? "a passphrase"
                        : gw_printf(arena, "key %s", gw_hex(arena, slot->key_id, 8)));
    }
    gw_err_set(err, GW_ERR_CONFIG, "the backup is encrypted, and no key for it is at hand");
    gw_err_detail(err, "it can be opened with: %s", gw_buf_str(&kinds));
    return gw_err_hint(err, "set GODWIT_PASSPHRASE, use --passphrase-file, or import the key: "
                            "godwit keys import");
}

bool gw_head_unlock(gw_arena *arena, const gw_head *head, const gw_unlock *unlock,
                    unsigned char file_key[GW_KEY_BYTES], gw_err *err)
{
    bool any = false, opened = false;
    const char *why = NULL;
    for (size_t i = 0; i < head->slot_count; i++) {
        if (!gw_slot_is_for(&head->slots[i], unlock))
            continue;
        any = true;
        if (!gw_slot_unwrap(arena, &head->slots[i], unlock, file_key, &why))
            continue;
        opened = true;
        if (gw_head_authentic(head, file_key))
            return true;
    }
    gw_secret_wipe(file_key, GW_KEY_BYTES);
    if (!any)
        return no_key(arena, head, err);
    if (opened) {
        gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
        return gw_err_detail(err, "its head or its manifest is not what was written");
    }
    if (why)
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "the backup cannot be opened: %s", why);
    gw_err_set(err, GW_ERR_INPUT, "the backup cannot be opened with this key or passphrase");
    return gw_err_detail(err, "it is the wrong one, or the backup's key slot is damaged");
}
