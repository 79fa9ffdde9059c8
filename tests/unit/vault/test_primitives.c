/* Known answers: of the RFCs and of NIST, named at each. */
#include "vault_test.h"

#include <stdio.h>

#include "base/clock.h"
#include "ml_kem_1024.h"
#include "vault/key.h"

static unsigned char *bytes(const char *hex)
{
    size_t len = strlen(hex) / 2;
    unsigned char *out = gw_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (unsigned char)byte;
    }
    return out;
}

static void expect(const void *data, const char *hex)
{
    assert_string_equal(gw_hex(arena, data, strlen(hex) / 2), hex);
}

static void hkdf_of_rfc_5869(void **state)
{
    (void)state;
    unsigned char out[42];
    gw_hkdf(bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), 22,
            bytes("000102030405060708090a0b0c"), 13, (const char *)bytes("f0f1f2f3f4f5f6f7f8f9"),
            out, sizeof out);
    expect(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

static void hmac_of_rfc_4231(void **state)
{
    (void)state;
    unsigned char out[GW_MAC_BYTES];
    gw_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
    expect(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void scrypt_of_rfc_7914(void **state)
{
    (void)state;
    unsigned char out[GW_KEY_BYTES];
    assert_true(gw_scrypt("pleaseletmein", 13, "SodiumChloride", 14, 14, 8, 1, out));
    expect(out, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
    assert_true(gw_scrypt("password", 8, "NaCl", 4, 10, 8, 16, out));
    expect(out, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
}

/* A file names these numbers: it must not be able to ask for all of the memory, or for ever. */
static void scrypt_has_limits(void **state)
{
    (void)state;
    unsigned char out[GW_KEY_BYTES];
    assert_false(gw_scrypt("p", 1, "s", 1, 0, 8, 1, out));
    assert_false(gw_scrypt("p", 1, "s", 1, 22, 8, 1, out));
    assert_false(gw_scrypt("p", 1, "s", 1, 255, 255, 255, out));
    assert_false(gw_scrypt("p", 1, "s", 1, 14, 8, 0, out));
    assert_false(gw_scrypt("p", 1, "s", 1, 14, 8, 17, out));
}

static void gcm_of_nist(void **state)
{
    (void)state;
    unsigned char key[GW_KEY_BYTES] = {0}, nonce[GW_NONCE_BYTES] = {0}, text[16] = {0}, out[32];
    gw_gcm_seal(gw_gcm_new(arena, key), nonce, NULL, 0, text, sizeof text, out);
    expect(out, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    /* Test case 16: with data that is authenticated alone. */
    gw_gcm *gcm = gw_gcm_new(
        arena, bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    unsigned char *aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    unsigned char *plain =
        bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532f"
              "cf0e2449a6b525b16aedf5aa0de657ba637b39");
    unsigned char sealed[60 + GW_TAG_BYTES], back[60];
    const unsigned char *iv = bytes("cafebabefacedbaddecaf888");
    gw_gcm_seal(gcm, iv, aad, 20, plain, 60, sealed);
    expect(sealed + 60, "76fc6ece0f4e1768cddf8853bb2d551b");
    assert_true(gw_gcm_open(gcm, iv, aad, 20, sealed, 60, back));
    assert_memory_equal(back, plain, 60);
    aad[3] ^= 1;
    assert_false(gw_gcm_open(gcm, iv, aad, 20, sealed, 60, back));
    static const unsigned char zeros[60];
    assert_memory_equal(back, zeros, 60); /* nothing that was not authenticated is left */
}

static void x25519_of_rfc_7748(void **state)
{
    (void)state;
    /* Section 6.1: Bob's private key, Alice's public one. */
    const unsigned char *one =
        bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const unsigned char *other =
        bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    unsigned char public[GW_KEY_BYTES], shared[GW_KEY_BYTES];
    gw_x25519_public(one, public);
    expect(public, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_true(gw_x25519_shared(one, other, shared));
    expect(shared, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    static const unsigned char small_order[GW_KEY_BYTES];
    assert_false(gw_x25519_shared(one, small_order, shared));
}

static void mlkem_of_wycheproof(void **state)
{
    (void)state;
    static unsigned char public[GW_MLKEM_PUBLIC];
    unsigned char shared[GW_KEY_BYTES], digest[GW_DIGEST_MAX];
    const unsigned char *seed = bytes(ML_KEM_SEED), *cipher = bytes(ML_KEM_CIPHER);
    if (!gw_mlkem_here())
        skip();
    assert_int_equal(strlen(ML_KEM_CIPHER), 2 * GW_MLKEM_CIPHER);
    assert_true(gw_mlkem_public(seed, public));
    gw_digest_of(GW_SHA256, public, sizeof public, digest);
    expect(digest, ML_KEM_PUBLIC_SHA256);
    assert_true(gw_mlkem_decapsulate(seed, cipher, shared));
    expect(shared, ML_KEM_SHARED);
}

static void mlkem_is_there_or_says_so(void **state)
{
    (void)state;
    static unsigned char seed[GW_MLKEM_SEED], public[GW_MLKEM_PUBLIC], cipher[GW_MLKEM_CIPHER];
    unsigned char one[GW_KEY_BYTES], other[GW_KEY_BYTES];
    gw_random_bytes(seed, sizeof seed);
    assert_int_equal(gw_mlkem_public(seed, public), gw_mlkem_here());
    if (gw_mlkem_here()) {
        assert_true(gw_mlkem_encapsulate(public, cipher, one));
        assert_true(gw_mlkem_decapsulate(seed, cipher, other));
        assert_memory_equal(one, other, sizeof one);
        cipher[700] ^= 1; /* implicit rejection: another secret, no error */
        assert_true(gw_mlkem_decapsulate(seed, cipher, other));
        assert_memory_not_equal(one, other, sizeof one);
        return;
    }
    gw_err err = {0};
    gw_slot slot;
    gw_recipient to = gw_recipient_of_keys(one, public);
    assert_false(gw_slot_wrap(arena, &to, seed, &slot, &err));
    assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "OpenSSL 3.5"));
    assert_non_null(strstr(err.detail, gw_openssl_version()));
    gw_err_clear(&err);
}

/* RFC 8439, 2.8.2. */
static void chacha_of_rfc_8439(void **state)
{
    (void)state;
    static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one "
                               "tip for the future, sunscreen would be it.";
    const unsigned char *key =
        bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const unsigned char *nonce = bytes("070000004041424344454647");
    unsigned char out[sizeof text - 1 + GW_TAG_BYTES];
    gw_gcm *cipher = gw_aead_new(arena, GW_CHACHA20_POLY1305, key);
    gw_gcm_seal(cipher, nonce, bytes("50515253c0c1c2c3c4c5c6c7"), 12, text, sizeof text - 1, out);
    expect(out, "d31a8d34648e60db7b86afbc53ef7ec2");
    expect(out + sizeof text - 1, "1ae10b594f09e26a7e902ecbd0600691");
}

/* Each type that this OpenSSL has: made, proven, and not proven with another's half. */
static void pairs_belong_together(void **state)
{
    (void)state;
    for (gw_pair_type type = GW_PAIR_X25519; type < GW_PAIR_TYPES; type++) {
        unsigned char *public, *other;
        gw_secret private, unused;
        gw_err err = {0};
        if (!gw_pair_here(type, &err)) {
            assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
            assert_false(gw_mlkem_here());
            gw_err_clear(&err);
            continue;
        }
        assert_true(gw_pair_make(arena, type, &public, &private, &err));
        assert_true(gw_pair_make(arena, type, &other, &unused, &err));
        assert_int_equal(private.len, gw_pair_kind_of(type)->private_len);
        assert_false(gw_pair_agrees(type, other, private.data));
        public[gw_pair_kind_of(type)->public_len - 1] ^= 1;
        assert_false(gw_pair_agrees(type, public, private.data));
    }
}

static void a_sealed_half_is_bound(void **state)
{
    (void)state;
    gw_key key;
    gw_err err = {0};
    gw_secret out;
    gw_master master = {.secret = gw_secret_copy(arena, "0123456789abcdef0123456789abcdef", 32)};
    assert_true(gw_key_make(arena, GW_PAIR_X25519, GW_NULL_INT, &master, GW_AES_256_GCM, &key, &err));
    assert_true(gw_key_open(arena, &key, &master, &out, &err));
    for (size_t i = 0; i < key.sealed.len; i++) {
        key.sealed.data[i] ^= 0x10;
        assert_false(gw_key_open(arena, &key, &master, &out, &err));
        gw_err_clear(&err);
        key.sealed.data[i] ^= 0x10;
    }
    gw_key_list list = {0}, back;
    *gw_vec_push(arena, &list) = key;
    const char *text = gw_keys_write(arena, &list);
    assert_true(gw_keys_parse(arena, "it", text, strlen(text), &back, &err));
    assert_int_equal(back.len, 1);
    assert_true(gw_key_open(arena, &back.items[0], &master, &out, &err));
    master.secret.data[0] ^= 1;
    assert_false(gw_key_open(arena, &key, &master, &out, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    gw_err_clear(&err);
    master.is_passphrase = true;
    assert_false(gw_key_open(arena, &key, &master, &out, &err));
    assert_int_equal(err.kind, GW_ERR_CONFIG);
    gw_err_clear(&err);
}

static void secrets_are_wiped(void **state)
{
    (void)state;
    gw_arena *own = gw_arena_new();
    gw_secret secret = gw_secret_copy(own, "correct horse", 13);
    assert_string_equal((const char *)secret.data, "correct horse");
    gw_secret_wipe(secret.data, secret.len);
    for (size_t i = 0; i < secret.len; i++)
        assert_int_equal(secret.data[i], 0);
    gw_arena_free(own);
    assert_true(gw_secret_same("abc", "abc", 3));
    assert_false(gw_secret_same("abc", "abd", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hkdf_of_rfc_5869, start, stop),
        cmocka_unit_test_setup_teardown(hmac_of_rfc_4231, start, stop),
        cmocka_unit_test_setup_teardown(scrypt_of_rfc_7914, start, stop),
        cmocka_unit_test_setup_teardown(scrypt_has_limits, start, stop),
        cmocka_unit_test_setup_teardown(gcm_of_nist, start, stop),
        cmocka_unit_test_setup_teardown(x25519_of_rfc_7748, start, stop),
        cmocka_unit_test_setup_teardown(mlkem_is_there_or_says_so, start, stop),
        cmocka_unit_test_setup_teardown(mlkem_of_wycheproof, start, stop),
        cmocka_unit_test_setup_teardown(chacha_of_rfc_8439, start, stop),
        cmocka_unit_test_setup_teardown(pairs_belong_together, start, stop),
        cmocka_unit_test_setup_teardown(a_sealed_half_is_bound, start, stop),
        cmocka_unit_test_setup_teardown(secrets_are_wiped, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
