/* Versions and their order. */
#include "fixture.h"

static void test_versions(void **state)
{
    (void)state;
    static const char *const rising[] = {"",
                                         "1",
                                         "1.0.1",
                                         "1.1",
                                         "2",
                                         "10",
                                         "10.1",
                                         "10.10",
                                         "20240101000000",
                                         "20240101000000.2",
                                         "20240101000000.10",
                                         "9223372036854775807",
                                         "99999999999999999999999"};
    enum { COUNT = sizeof rising / sizeof *rising };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < COUNT; k++)
            assert_int_equal(gw_version_compare(rising[i], rising[k]), (i > k) - (i < k));
    assert_int_equal(gw_version_compare("0001", "1"), 0);
    assert_int_equal(gw_version_compare("1.0", "01.000"), 0);
    assert_int_equal(gw_version_compare("1.0.0", "1"), 0);
}

static void test_names_of_versions(void **state)
{
    (void)state;
    static const struct {
        const char *version, *wanted;
        bool is;
    } cases[] = {
        {"12", "12", true},     {"12", "0012", true},  {"0012", "12", true}, {"1.0", "1", true},
        {"12", "1.2", false},   {"users", "users", true}, {"users", "Users", false},
        {"f00", "0", false},    {"0", "f00", false},   {"", "0", false},     {"0", "", false},
        {"users#2", "2", false}, {"20240101000000", "20240101000000.1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(gw_version_is(cases[i].version, cases[i].wanted), cases[i].is);
}

static void test_same(void **state)
{
    (void)state;
    gw_migration m = {.checksum = "aa"};
    assert_true(gw_migration_is_same(&m, NULL));
    assert_true(gw_migration_is_same(&m, "aa"));
    assert_false(gw_migration_is_same(&m, "bb"));
    m.text_checksum = "bb";
    assert_true(gw_migration_is_same(&m, "aa"));
    assert_true(gw_migration_is_same(&m, "bb"));
    assert_false(gw_migration_is_same(&m, "cc"));
}

static void test_migrations(void **state)
{
    (void)state;
    gw_migration a = {.version = "2", .order = "2", .name = "a", .service = "x"};
    gw_migration b = {.version = "10", .order = "10", .name = "a", .service = "a"};
    gw_migration c = {.version = "2", .order = "2", .name = "a", .service = "y"};
    gw_migration r = {
        .version = "1", .order = "1", .name = "b", .service = "a", .kind = GW_REPEATABLE};
    gw_migration base = a;
    base.kind = GW_BASELINE;
    assert_true(gw_migration_compare(&a, &b) < 0);
    assert_true(gw_migration_compare(&a, &c) < 0);
    assert_true(gw_migration_compare(&r, &b) > 0);
    assert_true(gw_migration_compare(&base, &a) < 0);
    assert_int_equal(gw_migration_compare(&a, &a), 0);
}

static void test_formats(void **state)
{
    (void)state;
    for (int i = 0; i < GW_FORMAT_COUNT; i++)
        assert_int_equal(gw_format_by_name(gw_format_name((gw_format)i)), i);
    assert_int_equal(gw_format_by_name("liquibase"), GW_FORMAT_COUNT);
    assert_int_equal(gw_format_by_name(NULL), GW_FORMAT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_names_of_versions),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_migrations),
        cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
