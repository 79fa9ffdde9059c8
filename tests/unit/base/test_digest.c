#include "unit.h"

#include "base/digest.h"

/* FIPS 180-4 examples and the empty message. */
static const struct {
    gw_digest_kind kind;
    const char *text, *hex;
} known[] = {
    {GW_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {GW_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {GW_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {GW_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {GW_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {GW_SHA384, "",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
     "274edebfe76f65fbd51ad2f14898b95b"},
    {GW_SHA384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
};
enum { KNOWN = sizeof known / sizeof *known };

static void known_answers_in_one_call(void **state)
{
    for (size_t i = 0; i < KNOWN; i++)
        assert_string_equal(
            gw_digest_hex(*state, known[i].kind, known[i].text, strlen(known[i].text)),
            known[i].hex);
    assert_string_equal(gw_digest_hex(*state, GW_SHA1, NULL, 0), known[0].hex);
}

static void known_answers_piece_by_piece(void **state)
{
    for (size_t i = 0; i < KNOWN; i++) {
        unsigned char out[GW_DIGEST_MAX];
        gw_digest *digest = gw_digest_start(*state, known[i].kind);
        for (const char *c = known[i].text; *c; c++)
            gw_digest_add(digest, c, 1);
        gw_digest_add(digest, NULL, 0);
        size_t len = gw_digest_finish(digest, out);
        assert_string_equal(gw_hex(*state, out, len), known[i].hex);
    }
}

static void peeking_changes_nothing(void **state)
{
    unsigned char out[GW_DIGEST_MAX];
    gw_digest *digest = gw_digest_start(*state, GW_SHA256);
    for (int i = 0; i < 3; i++)
        assert_string_equal(gw_hex(*state, out, gw_digest_peek(digest, out)), known[2].hex);
    gw_digest_add(digest, "ab", 2);
    gw_digest_peek(digest, out);
    gw_digest_add(digest, "c", 1);
    assert_string_equal(gw_hex(*state, out, gw_digest_peek(digest, out)), known[3].hex);
    assert_string_equal(gw_hex(*state, out, gw_digest_finish(digest, out)), known[3].hex);
}

static void restarting_forgets(void **state)
{
    unsigned char out[GW_DIGEST_MAX];
    gw_digest *digest = gw_digest_start(*state, GW_SHA384);
    gw_digest_add(digest, "left over", 9);
    gw_digest_restart(digest);
    gw_digest_add(digest, "abc", 3);
    assert_string_equal(gw_hex(*state, out, gw_digest_finish(digest, out)), known[6].hex);
    gw_digest_restart(digest);
    assert_string_equal(gw_hex(*state, out, gw_digest_peek(digest, out)), known[5].hex);
}

static void crc32_is_iso_hdlc(void **state)
{
    (void)state;
    assert_int_equal(gw_crc32(0, "", 0), 0);
    assert_int_equal(gw_crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(gw_crc32(gw_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
    assert_int_equal(gw_crc32(0xcbf43926, NULL, 0), 0xcbf43926);
}

static void fnv1_is_not_fnv1a(void **state)
{
    (void)state;
    assert_int_equal(gw_fnv1_32("", 0), 0x811c9dc5);
    assert_int_equal(gw_fnv1_32("a", 1), 0x050c5d7e);
    assert_int_equal(gw_fnv1_32("foobar", 6), 0x31f0b262);
}

static void hex_and_base64(void **state)
{
    assert_string_equal(gw_hex(*state, "\x00\x0f\xf0\xff", 4), "000ff0ff");
    assert_string_equal(gw_hex(*state, NULL, 0), "");
    /* RFC 4648, section 10. */
    const char *const pairs[][2] = {{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(gw_base64(*state, pairs[i][0], strlen(pairs[i][0])), pairs[i][1]);
}

static void base64_of_more_than_one_piece(void **state)
{
    size_t len = ((size_t)3 << 20) + 1;
    char *text = gw_base64(*state, gw_alloc(*state, len), len);
    assert_int_equal(strlen(text), ((size_t)4 << 20) + 4);
    assert_int_equal(strspn(text, "A"), ((size_t)4 << 20) + 2);
    assert_string_equal(text + ((size_t)4 << 20), "AA==");
}

static void hexadecimal_goes_both_ways(void **state)
{
    unsigned char *out;
    size_t len;
    assert_true(gw_unhex(*state, "00fFaA10", &out, &len));
    assert_int_equal(len, 4);
    assert_memory_equal(out, "\x00\xff\xaa\x10", 4);
    assert_true(gw_unhex(*state, "", &out, &len));
    assert_int_equal(len, 0);
    static const char *const wrong[] = {"0", "0g", " 00", "0x00", "00 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(gw_unhex(*state, wrong[i], &out, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(known_answers_in_one_call),
        with_arena(known_answers_piece_by_piece),
        with_arena(peeking_changes_nothing),
        with_arena(restarting_forgets),
        with_arena(crc32_is_iso_hdlc),
        with_arena(fnv1_is_not_fnv1a),
        with_arena(hex_and_base64),
        with_arena(hexadecimal_goes_both_ways),
        with_arena(base64_of_more_than_one_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
