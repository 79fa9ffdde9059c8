/* `-- godwit:` comments: what they say, where they may stand, what is wrong with them. */
#include "fixture.h"

static const gw_directives *directives_of(fixture *f, const char *text)
{
    put(f, "1_a.up.sql", text);
    read_ok(f);
    return &f->folder.migrations.items[0].up.directives;
}

static void test_none(void **state)
{
    const gw_directives *d = directives_of(*state, "SELECT 1;");
    assert_false(d->no_transaction || d->transaction_said || d->repeatable || d->env);
    assert_int_equal(d->lock_timeout_ms, -1);
    assert_int_equal(d->statement_timeout_ms, -1);
    assert_null(d->batch.table);
}

static void test_all(void **state)
{
    const gw_directives *d = directives_of(
        *state, "/* a licence\n-- godwit: nonsense\n /* nested */ */\n\n"
                "  --godwit:no-transaction, env lock_timeout = 500ms\r\n"
                "-- godwit: statement_timeout=15min, requires=1,2, 3, only=dev , staging\n"
                "-- godwit: requires=4\n"
                "-- godwit: batch public.\"Or ders\".id 10000, repeatable\n"
                "-- godwit: ignore drop-column it is gone anyway, lock_timeout=9s\n"
                "SELECT 1;\n-- godwit: ignore rule reason\n");
    assert_true(d->no_transaction && d->transaction_said && d->env && d->repeatable);
    assert_int_equal(d->lock_timeout_ms, 500);
    assert_int_equal(d->statement_timeout_ms, 15 * 60 * 1000);
    assert_int_equal(d->requires_count, 4);
    assert_string_equal(d->requires[0], "1");
    assert_string_equal(d->requires[2], "3");
    assert_string_equal(d->requires[3], "4");
    assert_int_equal(d->only_count, 2);
    assert_string_equal(d->only[1], "staging");
    assert_string_equal(d->batch.schema, "public");
    assert_string_equal(d->batch.table, "Or ders");
    assert_string_equal(d->batch.key, "id");
    assert_int_equal(d->batch.size, 10000);
    assert_int_equal(d->batch.line, 8);
}

static void test_batch_folds_names(void **state)
{
    const gw_directives *d = directives_of(*state, "-- godwit: batch Orders.ID 5\nUPDATE x;");
    assert_null(d->batch.schema);
    assert_string_equal(d->batch.table, "orders");
    assert_string_equal(d->batch.key, "id");
}

static void test_comma_without_blank_goes_on(void **state)
{
    const gw_directives *d =
        directives_of(*state, "-- godwit: only=dev,env,lock_timeout=1s,no-transaction,\n");
    assert_int_equal(d->only_count, 2);
    assert_string_equal(d->only[1], "env");
    assert_int_equal(d->lock_timeout_ms, 1000);
    assert_true(d->no_transaction);
}

static void test_down_has_its_own(void **state)
{
    fixture *f = *state;
    put(f, "1_a.down.sql", "-- godwit: no-transaction\nSELECT 1;");
    const gw_directives *d = directives_of(f, "SELECT 1;");
    assert_false(d->no_transaction);
    assert_true(f->folder.migrations.items[0].down.directives.no_transaction);
}

static void test_errors(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text, *part;
        unsigned line;
    } cases[] = {
        {"-- godwit: no-transactions\n", "did you mean `no-transaction`?", 1},
        {"\n-- godwit: lock-timeout=2s\n", "did you mean `lock_timeout`?", 2},
        {"-- godwit: xyzzy\n", "known are", 1},
        {"-- godwit:\n", "is not known", 1},
        {"-- godwit: lock_timeout\n", "needs a value", 1},
        {"-- godwit: lock_timeout=\n", "needs a value", 1},
        {"-- godwit: lock_timeout=soon\n", "needs a duration", 1},
        {"-- godwit: lock_timeout=1s lock_timeout=2s\n", "said twice", 1},
        {"-- godwit: env=yes\n", "takes no value", 1},
        {"-- godwit: requires=,1\n", "empty item", 1},
        {"-- godwit: batch orders 100\n", "batch TABLE.KEY SIZE", 1},
        {"-- godwit: batch a.b.c.d 100\n", "batch TABLE.KEY SIZE", 1},
        {"-- godwit: batch a.b 0\n", "batch TABLE.KEY SIZE", 1},
        {"-- godwit: batch a.b 1e3\n", "batch TABLE.KEY SIZE", 1},
        {"-- godwit: batch a.b\n", "batch TABLE.KEY SIZE", 1},
        {"-- godwit: ignore\n", "needs the rule", 1},
        {"SELECT 1;\n\n-- godwit: env\n", "after the first statement", 3},
        {"/* x */ SELECT 1;\n-- godwit: env\n", "after the first statement", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "1_a.up.sql", cases[i].text);
        fails_at(f, cases[i].part, "1_a.up.sql", cases[i].line);
        assert_int_equal(f->err.kind, GW_ERR_INPUT);
    }
}

static void test_place(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "-- godwit: env nonsense\n");
    fails_at(f, "`nonsense`", "1_a.up.sql", 1);
    assert_int_equal(f->err.col, 16);
    put(f, "1_a.up.sql", "\t --godwit:env, nonsense\n");
    fails_at(f, "`nonsense`", "1_a.up.sql", 1);
    assert_int_equal(f->err.col, 17);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_none),
        T(test_all),
        T(test_batch_folds_names),
        T(test_comma_without_blank_goes_on),
        T(test_down_has_its_own),
        T(test_errors),
        T(test_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
