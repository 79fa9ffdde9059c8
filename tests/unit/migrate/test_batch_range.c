/* Which statements keep to the range of a batch, and what is said of those that do not. */
#include "fixture.h"

#include "migrate/batch_range.h"

static bool keeps_of(const char *schema, const char *text, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_batch_directive batch = {.schema = schema, .table = "t", .key = "k", .size = 10};
    bool ok = gw_batch_keeps_range(arena, &batch, text, strlen(text), err);
    gw_arena_free(arena);
    return ok;
}

static bool keeps(const char *text, gw_err *err)
{
    return keeps_of(NULL, text, err);
}

static void test_what_keeps_to_its_range(void **state)
{
    static const char *const texts[] = {
        "UPDATE t SET n = 1 WHERE k BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE (k BETWEEN SYMMETRIC $1 AND $2) AND (n = 1 OR true)",
        "UPDATE ONLY s.t AS q SET n = 1 WHERE q.k BETWEEN $1::bigint AND $2::int AND n IS NULL",
        "UPDATE s.t SET n = 1 WHERE s.t.k BETWEEN $1::numeric AND $2::uuid",
        "DELETE FROM t WHERE n = 1 AND (k >= $1 AND (k <= $2 AND n = 2))",
        "DELETE FROM t WHERE $1 <= k AND $2 >= k",
        "DELETE FROM t WHERE k OPERATOR(pg_catalog.>=) $1 AND k <= $2",
        "UPDATE o SET n = t.n FROM t WHERE t.id = o.id AND t.k BETWEEN $1 AND $2",
        "UPDATE o SET n = t.n FROM t WHERE id = o.id AND k BETWEEN $1 AND $2",
        "UPDATE o SET n = 1 FROM p, t x WHERE o.p = p.id + 1 AND p.t = x.id AND x.k BETWEEN $1 AND $2",
        "UPDATE o SET n = 1 FROM t JOIN p ON p.t = t.id AND t.k BETWEEN $1 AND $2 WHERE o.p = p.id",
        "UPDATE o SET n = 1 FROM t LEFT JOIN p ON p.t = t.id WHERE o.p = p.id AND t.k BETWEEN $1 AND $2",
        "DELETE FROM o USING t WHERE o.id = t.id AND t.k BETWEEN $1 AND $2",
        "DELETE FROM o WHERE t_id IN (SELECT id FROM t WHERE k BETWEEN $1 AND $2)",
        "DELETE FROM t WHERE ctid = ANY (ARRAY(SELECT ctid FROM t WHERE k BETWEEN $1 AND $2))",
        "INSERT INTO o SELECT * FROM t WHERE k BETWEEN $1 AND $2 ON CONFLICT DO NOTHING",
        "INSERT INTO o SELECT * FROM (SELECT * FROM t WHERE k BETWEEN $1 AND $2) x, p",
        "INSERT INTO o SELECT 1 FROM p LEFT JOIN t ON t.id = p.id WHERE t.k BETWEEN $1 AND $2",
        "INSERT INTO o SELECT 1 FROM t WHERE k BETWEEN $1 AND $2 UNION ALL SELECT 2 FROM t WHERE k BETWEEN $1 AND $2",
        "INSERT INTO o SELECT k FROM t WHERE k BETWEEN $1 AND $2 EXCEPT SELECT k FROM o",
        "WITH x AS (SELECT id FROM t WHERE k BETWEEN $1 AND $2) UPDATE t SET n = 1 FROM x WHERE t.id = x.id",
        "WITH gone AS (DELETE FROM t WHERE k BETWEEN $1 AND $2 RETURNING *) INSERT INTO o SELECT * FROM gone",
        "INSERT INTO o WITH x AS (SELECT * FROM t WHERE k BETWEEN $1 AND $2) SELECT * FROM x",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE o.t = t.id AND t.k BETWEEN $1 AND $2)",
        "DELETE FROM t q WHERE n = 1 AND EXISTS (SELECT 1 FROM o WHERE o.id = q.id AND q.k >= $1 AND q.k <= $2)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT * FROM t WHERE t.id = o.t_id AND t.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM t x WHERE t.id = x.id AND x.k BETWEEN $1 AND $2)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT p.id FROM p JOIN t ON t.id = p.t WHERE o.p = p.id AND k BETWEEN $1 AND $2)",
        "INSERT INTO o SELECT * FROM t WHERE EXISTS (SELECT FROM p WHERE p.id = t.id AND t.k BETWEEN $1 AND $2 LIMIT 1)",
        /* What the grammar here does not know: its last words. */
        "UPDATE t SET n = JSON_SERIALIZE(j FORMAT JSON (a b c)) WHERE k BETWEEN $1 AND $2",
        "UPDATE t SET n = x y z (SELECT 1 WHERE true) WHERE t.k BETWEEN $1 AND $2;",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_err err = {0};
        if (!keeps(texts[i], &err))
            fail_msg("%s: %s", texts[i], err.message);
    }
}

static void test_what_does_not(void **state)
{
    static const char *const texts[] = {
        "UPDATE t SET n = 1 WHERE k BETWEEN $1 AND $2 OR true",
        "UPDATE t SET n = 1 WHERE NOT (k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE k NOT BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE k BETWEEN $2 AND $1",
        "UPDATE t SET n = 1 WHERE k <= $1 AND k >= $2",
        "UPDATE t SET n = 1 WHERE k >= $1 AND n <= $2",
        "UPDATE t SET n = $1 + $2",
        "UPDATE t SET n = $2 WHERE k = $1",
        "UPDATE t SET n = 1 WHERE n BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE k + 0 BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE k::text BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE k OPERATOR(mine.>=) $1 AND k <= $2",
        "UPDATE t SET n = 1 WHERE (k BETWEEN $1 AND $2) IS NOT NULL",
        "UPDATE s.t AS q SET n = 1 FROM o t WHERE t.k BETWEEN $1 AND $2",
        "DELETE FROM o WHERE k BETWEEN $1 AND $2",
        "UPDATE o SET n = 1 FROM t WHERE t.k BETWEEN $1 AND $2",
        "UPDATE o SET n = 1 FROM t WHERE o.id = 5 AND t.k BETWEEN $1 AND $2",
        "UPDATE o SET n = 1 FROM t WHERE o.id > t.id AND t.k BETWEEN $1 AND $2",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM t x WHERE x.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE NOT EXISTS (SELECT FROM o WHERE o.t = t.id AND t.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT count(*) FROM o WHERE o.t = t.id AND t.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE t.k BETWEEN $1 AND $2 GROUP BY ())",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE t.k BETWEEN $1 AND $2 HAVING true)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE o.t = t.id AND t.k BETWEEN $1 AND $2 UNION SELECT FROM p)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE o.t = t.id AND (t.k BETWEEN $1 AND $2 OR true))",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o LEFT JOIN p ON t.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM t WHERE t.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE o.id = t.id AND o.k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE EXISTS (SELECT FROM o WHERE o.id = t.id AND t.k >= $1)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT FROM t, o WHERE o.t = t.id AND t.k BETWEEN $1 AND $2)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT FROM t WHERE t.id > o.t AND t.k BETWEEN $1 AND $2)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT FROM t, p WHERE p.id = o.p AND t.k BETWEEN $1 AND $2)",
        "UPDATE o SET n = 1 WHERE EXISTS (SELECT FROM t WHERE t.id = o.t AND t.k BETWEEN $1 AND $2) OR n = 2",
        "UPDATE t SET n = 1 WHERE k IN (SELECT id FROM o WHERE k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE k NOT IN (SELECT k FROM t WHERE k BETWEEN $1 AND $2)",
        "UPDATE t SET n = 1 WHERE 1 IN (SELECT 1 FROM t WHERE k BETWEEN $1 AND $2)",
        "UPDATE t SET n = (SELECT max(n) FROM t WHERE k BETWEEN $1 AND $2)",
        "INSERT INTO o VALUES ($1, $2)",
        "INSERT INTO o SELECT * FROM t CROSS JOIN generate_series($1, $2)",
        "INSERT INTO o SELECT 1 FROM p LEFT JOIN t ON t.k BETWEEN $1 AND $2",
        "INSERT INTO o SELECT 1 FROM p LEFT JOIN (SELECT * FROM t WHERE k BETWEEN $1 AND $2) x ON true",
        "INSERT INTO o SELECT 1 FROM t WHERE k BETWEEN $1 AND $2 UNION ALL SELECT 2 FROM t",
        "WITH x AS (SELECT id FROM t WHERE k BETWEEN $1 AND $2) UPDATE t SET n = n + 1",
        "WITH x AS (SELECT id FROM t WHERE k BETWEEN $1 AND $2) UPDATE t SET n = n + 1 FROM x",
        "WITH x AS (UPDATE o SET n = 1) DELETE FROM t WHERE k BETWEEN $1 AND $2",
        "WITH t AS (SELECT 1 AS k) INSERT INTO o SELECT * FROM t WHERE k BETWEEN $1 AND $2",
        "UPDATE t SET n = x y z WHERE k BETWEEN $1 AND $2 OR true",
        "UPDATE t SET n = x y z WHERE true OR k BETWEEN $1 AND $2",
        "UPDATE t SET n = x y z WHERE n BETWEEN $1 AND $2",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_err err = {0};
        if (keeps(texts[i], &err))
            fail_msg("%s", texts[i]);
        assert_int_equal(err.kind, GW_ERR_INPUT);
        assert_non_null(strstr(err.message, "does not keep to its range"));
        assert_non_null(strstr(err.hint, "k BETWEEN $1 AND $2"));
        gw_err_clear(&err);
    }
}

static void test_the_ends_belong_to_the_range(void **state)
{
    static const struct {
        const char *text, *message, *at;
    } cases[] = {
        {"UPDATE t SET n = 'ä' WHERE k >= $1 AND k < $2", "first or the last row", "< $2"},
        {"UPDATE t SET n = 'ä' WHERE k > $1 AND k <= $2", "first or the last row", "> $1"},
        {"DELETE FROM t WHERE $2 > k AND k >= $1", "first or the last row", "> k"},
        {"DELETE FROM t WHERE k BETWEEN $1 AND $2 AND k < $2", "first or the last row", "< $2"},
        {"DELETE FROM t WHERE k BETWEEN $1::date AND $2", "a cast", "BETWEEN"},
        {"DELETE FROM t WHERE k >= $1 AND k <= $2::numeric(9, 2)", "a cast", "<= $2"},
        {"DELETE FROM t WHERE k >= $1 AND k <= $2::text", "a cast", "<= $2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gw_err err = {0};
        assert_false(keeps(cases[i].text, &err));
        assert_non_null(strstr(err.message, cases[i].message));
        size_t at = 1;
        for (const char *p = cases[i].text; p < strstr(cases[i].text, cases[i].at); p++)
            at += ((unsigned char)*p & 0xC0) != 0x80;
        assert_int_equal(err.position, at);
        gw_err_clear(&err);
    }
}

static void test_which_table_it_is(void **state)
{
    gw_err err = {0};
    (void)state;
    assert_true(keeps_of("s", "DELETE FROM s.t WHERE k BETWEEN $1 AND $2", &err));
    assert_true(keeps_of("s", "DELETE FROM t WHERE k BETWEEN $1 AND $2", &err));
    assert_true(keeps_of(NULL, "DELETE FROM other.t WHERE k BETWEEN $1 AND $2", &err));
    assert_false(keeps_of("s", "DELETE FROM other.t WHERE k BETWEEN $1 AND $2", &err));
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_keeps_to_its_range),
        cmocka_unit_test(test_what_does_not),
        cmocka_unit_test(test_the_ends_belong_to_the_range),
        cmocka_unit_test(test_which_table_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
