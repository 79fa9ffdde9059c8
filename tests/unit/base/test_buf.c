#include "unit.h"

#include "base/buf.h"

static void starts_empty(void **state)
{
    gw_buf buf = GW_BUF(*state);
    assert_string_equal(gw_buf_str(&buf), "");
    gw_buf_add(&buf, "");
    assert_string_equal(buf.data, "");
}

static void appends(void **state)
{
    gw_buf buf = GW_BUF(*state);
    gw_buf_add(&buf, "a");
    gw_buf_addc(&buf, 'b');
    gw_buf_addn(&buf, "cd", 2);
    gw_buf_addf(&buf, "%s-%03d", "e", 7);
    gw_buf_addf(&buf, "%s", "");
    assert_string_equal(gw_buf_str(&buf), "abcde-007");
    assert_int_equal(buf.len, 9);
}

static void keeps_nul_bytes(void **state)
{
    gw_buf buf = GW_BUF(*state);
    gw_buf_addn(&buf, "a\0b", 3);
    gw_buf_addn(&buf, NULL, 0);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b\0", 4);
}

static void grows_with_another_between(void **state)
{
    gw_buf a = GW_BUF(*state), b = GW_BUF(*state);
    for (int i = 0; i < 20000; i++) {
        gw_buf_addf(&a, "%d,", i);
        gw_buf_addc(&b, 'x');
    }
    char *at = a.data;
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(strtol(at, &at, 10), i);
        assert_int_equal(*at++, ',');
    }
    assert_int_equal(b.len, 20000);
    assert_int_equal(strspn(b.data, "x"), 20000);
}

static void clearing_keeps_the_memory(void **state)
{
    gw_buf buf = GW_BUF(*state);
    gw_buf_clear(&buf);
    gw_buf_reserve(&buf, 500);
    char *data = buf.data;
    gw_buf_addf(&buf, "%0500d", 1);
    assert_ptr_equal(buf.data, data);
    gw_buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_string_equal(gw_buf_str(&buf), "");
    gw_buf_add(&buf, "again");
    assert_ptr_equal(buf.data, data);
    assert_string_equal(gw_buf_str(&buf), "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(starts_empty),
        with_arena(appends),
        with_arena(keeps_nul_bytes),
        with_arena(grows_with_another_between),
        with_arena(clearing_keeps_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
