#include "vault/key.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"

/* The sealed half: head, then the private half, then its tag. */
enum {
    AT_VERSION = 0,
    AT_CIPHER = 1,
    AT_FROM = 2,
    AT_SCRYPT = 3,
    AT_SALT = 6,
    SALT = 16,
    AT_NONCE = AT_SALT + SALT,
    HEAD = AT_NONCE + GW_NONCE_BYTES,
    VERSION = 1,
    FROM_MASTER = 1,
    FROM_PASSPHRASE = 2,
    LOG2_N = 15,
    R = 8,
    P = 3,
    ID_BYTES = 16,
};

static const char *const states[GW_KEY_STATES] = {"active", "inactive", "retired"};

const char *gw_key_state_name(gw_key_state state)
{
    return states[state];
}

bool gw_key_state_named(const char *name, gw_key_state *out)
{
    for (size_t i = 0; i < GW_KEY_STATES; i++)
        if (strcmp(states[i], name) == 0) {
            *out = (gw_key_state)i;
            return true;
        }
    return false;
}

const char *gw_key_id(gw_arena *arena, const unsigned char *public, size_t len)
{
    unsigned char digest[GW_DIGEST_MAX];
    gw_digest_of(GW_SHA256, public, len, digest);
    return gw_hex(arena, digest, ID_BYTES);
}

bool gw_key_usable(const gw_key *key, int64_t now)
{
    return key->state == GW_KEY_ACTIVE && key->type <= GW_PAIR_HYBRID &&
           (key->expires_at == GW_NULL_INT || key->expires_at > now);
}

gw_recipient gw_key_recipient(const gw_key *key)
{
    return gw_recipient_of_keys(key->public.data, key->type == GW_PAIR_HYBRID
                                                      ? key->public.data + GW_KEY_BYTES
                                                      : NULL);
}

bool gw_key_by_passphrase(const gw_key *key)
{
    return key->sealed.len > AT_FROM && key->sealed.data[AT_FROM] == FROM_PASSPHRASE;
}

gw_cipher gw_key_cipher(const gw_key *key)
{
    return key->sealed.len > AT_CIPHER ? (gw_cipher)key->sealed.data[AT_CIPHER] : GW_AES_256_GCM;
}

/* ---- sealing ---------------------------------------------------------------------------------- */

static bool derive(const unsigned char *head, const gw_master *master,
                   unsigned char out[GW_KEY_BYTES])
{
    if (head[AT_FROM] == FROM_PASSPHRASE)
        return gw_scrypt(master->secret.data, master->secret.len, head + AT_SALT, SALT,
                         head[AT_SCRYPT], head[AT_SCRYPT + 1], head[AT_SCRYPT + 2], out);
    gw_hkdf(master->secret.data, master->secret.len, head + AT_SALT, SALT, "godwit key 1", out,
            GW_KEY_BYTES);
    return true;
}

/* What a private half is bound to: its own head, and whose half it is. */
static gw_buf bound_to(gw_arena *arena, const gw_key *key, const unsigned char *head)
{
    gw_buf out = GW_BUF(arena);
    gw_buf_addn(&out, head, HEAD);
    gw_buf_add(&out, gw_pair_kind_of(key->type)->name);
    gw_buf_addc(&out, '\0');
    gw_buf_addn(&out, key->public.data, key->public.len);
    return out;
}

static bool no_master(gw_err *err)
{
    gw_err_set(err, GW_ERR_CONFIG, "there is nothing to encrypt private keys with");
    return gw_err_hint(err, "set GODWIT_MASTER_KEY_FILE (openssl rand -hex 32), or a passphrase "
                            "(GODWIT_PASSPHRASE, --passphrase-file)");
}

bool gw_key_seal(gw_arena *arena, gw_key *key, const gw_secret *private, const gw_master *master,
                 gw_cipher cipher, gw_err *err)
{
    unsigned char wrapping[GW_KEY_BYTES];
    size_t len = HEAD + private->len + GW_TAG_BYTES;
    if (!master->secret.data)
        return no_master(err);
    unsigned char *out = gw_alloc(arena, len);
    out[AT_VERSION] = VERSION;
    out[AT_CIPHER] = (unsigned char)cipher;
    out[AT_FROM] = master->is_passphrase ? FROM_PASSPHRASE : FROM_MASTER;
    if (master->is_passphrase) {
        out[AT_SCRYPT] = LOG2_N;
        out[AT_SCRYPT + 1] = R;
        out[AT_SCRYPT + 2] = P;
    }
    gw_random_bytes(out + AT_SALT, SALT + GW_NONCE_BYTES);
    if (!derive(out, master, wrapping))
        return gw_err_set(err, GW_ERR_INTERNAL, "scrypt refuses its parameters");
    gw_arena *scratch = gw_arena_new();
    gw_buf aad = bound_to(scratch, key, out);
    gw_gcm *sealer = gw_aead_new(scratch, cipher, wrapping);
    gw_gcm_seal(sealer, out + AT_NONCE, aad.data, aad.len, private->data, private->len, out + HEAD);
    gw_secret_wipe(wrapping, sizeof wrapping);
    gw_arena_free(scratch);
    key->sealed = (gw_bytes){out, len};
    return true;
}

static bool wrong_secret(const gw_key *key, const gw_master *master, gw_err *err)
{
    bool wanted = key->sealed.data[AT_FROM] == FROM_PASSPHRASE;
    gw_err_set(err, GW_ERR_CONFIG, "the private half of key %.16s is encrypted with a %s", key->id,
               wanted ? "passphrase" : "master key");
    gw_err_detail(err, master->secret.data ? "what is at hand is a %s" : "no %s is at hand",
                  master->secret.data ? (master->is_passphrase ? "passphrase" : "master key")
                                      : (wanted ? "passphrase" : "master key"));
    return gw_err_hint(err, wanted ? "set GODWIT_PASSPHRASE, or use --passphrase-file"
                                   : "set GODWIT_MASTER_KEY_FILE");
}

static bool damaged(const gw_key *key, gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "key %.16s cannot be opened with this master key or passphrase",
               key->id);
    return gw_err_detail(err, "it is the wrong one, or the key was changed where it is kept");
}

bool gw_key_open(gw_arena *arena, const gw_key *key, const gw_master *master, gw_secret *out,
                 gw_err *err)
{
    const gw_pair_kind *kind = gw_pair_kind_of(key->type);
    const unsigned char *sealed = key->sealed.data;
    unsigned char wrapping[GW_KEY_BYTES];
    if (!sealed)
        return gw_err_set(err, GW_ERR_CONFIG, "the private half of key %.16s is not here%s", key->id,
                          key->state == GW_KEY_RETIRED ? ": it is retired" : "");
    if (key->sealed.len != HEAD + kind->private_len + GW_TAG_BYTES ||
        sealed[AT_VERSION] != VERSION || sealed[AT_CIPHER] < GW_AES_256_GCM ||
        sealed[AT_CIPHER] > GW_CHACHA20_POLY1305)
        return damaged(key, err);
    if (!master->secret.data || master->is_passphrase != (sealed[AT_FROM] == FROM_PASSPHRASE))
        return wrong_secret(key, master, err);
    if (!gw_pair_here(key->type, err))
        return false;
    if (!derive(sealed, master, wrapping))
        return damaged(key, err);
    *out = gw_secret_new(arena, kind->private_len);
    gw_arena *scratch = gw_arena_new();
    gw_buf aad = bound_to(scratch, key, sealed);
    gw_gcm *opener = gw_aead_new(scratch, (gw_cipher)sealed[AT_CIPHER], wrapping);
    bool ok = gw_gcm_open(opener, sealed + AT_NONCE, aad.data, aad.len, sealed + HEAD,
                          kind->private_len, out->data);
    gw_secret_wipe(wrapping, sizeof wrapping);
    gw_arena_free(scratch);
    return (ok && gw_pair_agrees(key->type, key->public.data, out->data)) || damaged(key, err);
}

bool gw_key_make(gw_arena *arena, gw_pair_type type, int64_t expires_at, const gw_master *master,
                 gw_cipher cipher, gw_key *out, gw_err *err)
{
    gw_secret private;
    size_t len = gw_pair_kind_of(type)->public_len;
    unsigned char *public;
    if (!master->secret.data)
        return no_master(err);
    if (!gw_pair_make(arena, type, &public, &private, err))
        return false;
    *out = (gw_key){.id = gw_key_id(arena, public, len),
                    .type = type,
                    .created_at = gw_now_us(),
                    .expires_at = expires_at,
                    .public = {public, len}};
    return gw_key_seal(arena, out, &private, master, cipher, err);
}

bool gw_key_check(gw_arena *arena, const gw_key *key, gw_err *err)
{
    const gw_pair_kind *kind = gw_pair_kind_of(key->type);
    if (key->public.len != kind->public_len) {
        gw_err_set(err, GW_ERR_INPUT, "the public half of a key is %zu bytes long", key->public.len);
        return gw_err_detail(err, "one of %s has %zu", kind->name, kind->public_len);
    }
    if (strcmp(key->id, gw_key_id(arena, key->public.data, key->public.len)) == 0)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "key %.40s is not what it is called", key->id);
    return gw_err_detail(err, "an id is made of the public half, and this one belongs to another");
}
