#include "../base/unit.h"

#include "sql/quote.h"

static void quotes_names(void **state)
{
    assert_string_equal(gw_quote_ident(*state, "a"), "\"a\"");
    assert_string_equal(gw_quote_ident(*state, "A \"b\""), "\"A \"\"b\"\"\"");
    assert_string_equal(gw_quote_ident(*state, ""), "\"\"");
    assert_string_equal(gw_quote_name(*state, "s", "t.u"), "\"s\".\"t.u\"");
    assert_string_equal(gw_quote_name(*state, NULL, "t"), "\"t\"");
    gw_buf buf = GW_BUF(*state);
    gw_buf_add_ident(&buf, "x\"");
    gw_buf_add_literal(&buf, "'");
    assert_string_equal(buf.data, "\"x\"\"\"''''");
}

static void quotes_literals(void **state)
{
    assert_string_equal(gw_quote_literal(*state, "a"), "'a'");
    assert_string_equal(gw_quote_literal(*state, "it's"), "'it''s'");
    assert_string_equal(gw_quote_literal(*state, "a\\'b"), "E'a\\\\''b'");
    assert_string_equal(gw_quote_literal(*state, ""), "''");
    assert_string_equal(gw_quote_literal(*state, NULL), "NULL");
}

static void shows_names_as_people_write_them(void **state)
{
    static const struct {
        const char *name, *shown;
    } list[] = {{"users", "users"},
                {"_a1", "_a1"},
                {"Users", "\"Users\""},
                {"1a", "\"1a\""},
                {"a b", "\"a b\""},
                {"a$", "\"a$\""},
                {"é", "\"é\""},
                {"", "\"\""},
                {"select", "\"select\""},
                {"user", "\"user\""},
                {"all", "\"all\""},
                {"xmltable", "\"xmltable\""},
                {"varchar", "\"varchar\""},
                {"json_table", "\"json_table\""},
                {"name", "name"},
                {"begin", "begin"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_string_equal(gw_display_name(*state, NULL, list[i].name), list[i].shown);
    assert_string_equal(gw_display_name(*state, "public", "Order"), "public.\"Order\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(quotes_names),
        with_arena(quotes_literals),
        with_arena(shows_names_as_people_write_them),
    };
    return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
