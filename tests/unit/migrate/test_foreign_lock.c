/* The advisory locks of other tools: the numbers that those tools compute themselves. */
#include "fixture.h"
#include "migrate/foreign_lock.h"

static void assert_key(gw_format tool, const char *schema, const char *table, int64_t key)
{
    gw_foreign_keys keys = gw_foreign_lock_keys(tool, "app", schema, table);
    assert_true(keys.count >= 1);
    assert_int_equal(keys.keys[0], key);
}

static void test_fixed(void **state)
{
    (void)state;
    assert_key(GW_FORMAT_GOOSE, NULL, NULL, INT64_C(4097083626));
    assert_key(GW_FORMAT_SQITCH, NULL, NULL, INT64_C(75474063));
    assert_key(GW_FORMAT_NODE_PG_MIGRATE, NULL, NULL, INT64_C(7241865325823964));
    assert_key(GW_FORMAT_GRAPHILE_MIGRATE, NULL, NULL, INT64_C(4727445306447283));
    assert_key(GW_FORMAT_ATLAS, NULL, NULL, INT64_C(2686470616));
}

static void test_by_database(void **state)
{
    (void)state;
    assert_key(GW_FORMAT_SQLX, NULL, NULL, INT64_C(3469795979745788610));
    gw_foreign_keys keys = gw_foreign_lock_keys(GW_FORMAT_GOLANG_MIGRATE, "app", NULL, NULL);
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.keys[0], 1726534663); /* the program's: the path of its URL */
    assert_int_equal(keys.keys[1], 1787120056); /* the library's */
}

static void test_by_table(void **state)
{
    (void)state;
    assert_key(GW_FORMAT_FLYWAY, "public", "flyway_schema_history", INT64_C(77433833903597));
    assert_key(GW_FORMAT_FLYWAY, NULL, NULL, INT64_C(77433833903597));
    /* Java hashes UTF-16: a letter beyond its 16 bits is two of them. */
    assert_key(GW_FORMAT_FLYWAY, "Größe", "h𝄞", INT64_C(77433217245808));
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(gw_foreign_lock_keys(GW_FORMAT_DBMATE, "app", NULL, NULL).count, 0);
    assert_int_equal(gw_foreign_lock_keys(GW_FORMAT_DRIZZLE, "app", NULL, NULL).count, 0);
    assert_int_equal(gw_foreign_lock_keys(GW_FORMAT_ALEMBIC, "app", NULL, NULL).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_by_database),
        cmocka_unit_test(test_by_table),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
