/* Checksums by the rules of other tools. The answers were computed by Python's hashlib and zlib,
 * and by graphile-migrate itself. */
#include "fixture.h"

#include "migrate/foreign.h"

static const char text[] = "\xEF\xBB\xBF-- a\r\nSELECT 1;\nSELECT '\xC3\xA4';\r\n";

static void check(fixture *f, gw_format format, bool lf, const char *expected)
{
    gw_migration m = f->folder.migrations.items[0];
    const char *sum = "";
    m.format = format;
    assert_true(gw_foreign_checksum(f->arena, &m, lf, &sum, &f->err));
    if (expected)
        assert_string_equal(sum, expected);
    else
        assert_null(sum);
}

static void test_whole_files(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", text);
    read_ok(f);
    check(f, GW_FORMAT_SQLX, false,
          "2769262e9cb43ac756b2ddb72a96a23da0067331b74cb3592cd69867eaeff7de7fa0c7e40ff058c98f674902"
          "52c46b6b");
    check(f, GW_FORMAT_SQLX, true,
          "8c0760e7567148d82d00db16814633f447a81ae2708fe9b07254b5ddf0665396ee4f05829f370db183a9df92"
          "c5a687a4");
    check(f, GW_FORMAT_DRIZZLE, false,
          "646c76d45b1d11c4e871c0c6d983bb80358d4addc8cb345f8bf622f7131f28e1");
    check(f, GW_FORMAT_DRIZZLE, true,
          "8b85a4c28bd2c2a20f82a1345ea4145612bf69df4b6578d8daa6b34c78fa6d54");
    check(f, GW_FORMAT_SQITCH, false, "afdc49466832a9d8301c3d5261dfa78f83ba2dfd");
    check(f, GW_FORMAT_SQITCH, true, "fc2305119ee86cc09127d41a5668053ff96bd16c");
    check(f, GW_FORMAT_FLYWAY, false, "-201042137");
    check(f, GW_FORMAT_FLYWAY, true, "-201042137");
    check(f, GW_FORMAT_DBMATE, false, NULL);
    check(f, GW_FORMAT_GOLANG_MIGRATE, false, NULL);
}

static void test_empty(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "");
    read_ok(f);
    check(f, GW_FORMAT_FLYWAY, false, "0");
    check(f, GW_FORMAT_SQITCH, false, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void test_graphile(void **state)
{
    fixture *f = *state;
    const char *head = "--! Previous: sha1:dabe98fdd7dbbceb8c61e160cddbeb20abcf0178\n"
                       "--! Hash: x\n--! AllowInvalidHash\n";
    put(f, "committed/000001.sql",
        "--! Previous: -\n--! Hash: sha1:dabe98fdd7dbbceb8c61e160cddbeb"
        "20abcf0178\n\ncreate table a(id int);\n");
    put(f, "committed/000002.sql",
        gw_printf(f->arena, "%s\r\n\r\nselect 1;\r\nselect 2;\r\n", head));
    read_ok(f);
    f->folder.migrations.items++;
    check(f, GW_FORMAT_GRAPHILE_MIGRATE, false, "sha1:c287a258d4ef724f94fbacb42c333da6df64bef2");
    check(f, GW_FORMAT_GRAPHILE_MIGRATE, true, "sha1:93d31deada5f3402bedb6c9a2a080f2b6d6398f1");
}

static void test_file_gone(void **state)
{
    fixture *f = *state;
    gw_migration m = {.format = GW_FORMAT_SQLX, .up = {.path = "/nowhere/1_a.sql"}};
    const char *sum;
    assert_false(gw_foreign_checksum(f->arena, &m, false, &sum, &f->err));
    assert_int_equal(f->err.kind, GW_ERR_IO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_whole_files),
        T(test_empty),
        T(test_graphile),
        T(test_file_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
