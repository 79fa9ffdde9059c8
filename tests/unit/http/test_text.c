/* What is read of a request: near misses of names, tokens, paths, ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/limit.h"
#include "http/text.h"

static void test_addresses(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_address a;
    assert_true(gw_address_read(arena, "127.0.0.1:7583", &a, &err));
    assert_true(a.loopback && !a.ipv6 && a.port == 7583);
    assert_true(gw_address_read(arena, "[::1]:0", &a, &err));
    assert_true(a.loopback && a.ipv6 && a.port == 0);
    assert_string_equal(a.host, "::1");
    assert_true(gw_address_read(arena, "localhost:80", &a, &err) && a.loopback);
    assert_true(gw_address_read(arena, "0.0.0.0:80", &a, &err) && !a.loopback);
    assert_true(gw_address_read(arena, "[::]:80", &a, &err) && !a.loopback);
    static const char *const bad[] = {"", ":80", "127.0.0.1", "::1:80", "[127.0.0.1]:80", "host:80", "127.0.0.1:65536",
                                      "127.0.0.1:", "127.0.0.1:8 0", "[::1", "[::1]80", "127.1:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(gw_address_read(arena, bad[i], &a, &err));
        assert_int_equal(err.kind, GW_ERR_USAGE);
        gw_err_clear(&err);
    }
    gw_arena_free(arena);
}

static void test_hosts(void **state)
{
    (void)state;
    static const char *const names[] = {"db.example", NULL};
    static const char *const good[] = {"localhost", "LOCALHOST:1", "127.0.0.1", "10.1.2.3:80", "[::1]", "[::1]:80",
                                       "db.example", "DB.Example:443"};
    static const char *const bad[] = {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                                      "localhost:", "localhost:x", "[::1", "localhost ", "localhost:80:80", "adb.example"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(gw_host_known(good[i], names));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(gw_host_known(bad[i], names));
    assert_false(gw_host_known(NULL, NULL));
    assert_true(gw_origin_is("http://localhost:80", false, "localhost:80"));
    assert_false(gw_origin_is("https://localhost:80", false, "localhost:80"));
    assert_false(gw_origin_is("http://localhost:80", false, "localhost:8"));
    assert_false(gw_origin_is("null", false, "localhost"));
}

static void test_tokens_and_ids(void **state)
{
    (void)state;
    uint64_t epoch, sequence;
    assert_string_equal(gw_bearer("bearer abc-_."), "abc-_.");
    assert_null(gw_bearer("Bearer "));
    assert_null(gw_bearer("Bearer a b"));
    assert_null(gw_bearer("Basic abc"));
    assert_null(gw_bearer(NULL));
    assert_true(gw_event_id_read("12-34", &epoch, &sequence) && epoch == 12 && sequence == 34);
    assert_false(gw_event_id_read("12", &epoch, &sequence));
    assert_false(gw_event_id_read("12-", &epoch, &sequence));
    assert_false(gw_event_id_read("-1-2", &epoch, &sequence));
    assert_false(gw_event_id_read("1-2 ", &epoch, &sequence));
    assert_false(gw_event_id_read("9999999999999999999-1", &epoch, &sequence));
    assert_true(gw_same_secret("abc", "abc"));
    assert_false(gw_same_secret("abc", "abd") || gw_same_secret("abc", "ab"));
    assert_false(gw_header_word("a b", 9) || gw_header_word("", 9) || gw_header_word("abcd", 3) ||
                 gw_header_word("\xc3\xa4", 9) || gw_header_word(NULL, 9));
}

static void test_paths(void **state)
{
    (void)state;
    gw_path_part parts[GW_PATH_PARTS];
    assert_int_equal(gw_path_match("/a/{id}/stop", "/a/x1/stop", parts), 1);
    assert_int_equal(parts[0].len, 2);
    assert_int_equal(gw_path_match("/a/{id}", "/a/", parts), -1);
    assert_int_equal(gw_path_match("/a/{id}", "/a/b/c", parts), -1);
    assert_int_equal(gw_path_match("/a", "/a/", parts), -1);
    assert_int_equal(gw_path_match("/", "/", parts), 0);
    char text[] = "%2e%2E/%00%4z%";
    gw_unescape(text);
    assert_string_equal(text, "../\xff%4z%");
}

static void test_a_peer_that_fails_waits(void **state)
{
    (void)state;
    static gw_limit limit;
    gw_limit_init(&limit, 2, 1000);
    gw_limit_failed(&limit, "a", 0);
    assert_true(gw_limit_allows(&limit, "a", 0));
    gw_limit_failed(&limit, "a", 0);
    assert_false(gw_limit_allows(&limit, "a", 500));
    assert_true(gw_limit_allows(&limit, "b", 500));
    assert_true(gw_limit_allows(&limit, "a", 1500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_hosts), cmocka_unit_test(test_tokens_and_ids),
        cmocka_unit_test(test_paths),     cmocka_unit_test(test_a_peer_that_fails_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
