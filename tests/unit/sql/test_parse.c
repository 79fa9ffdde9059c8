#include "../base/unit.h"

#include "sql/parse.h"

static bool parses(gw_arena *arena, const char *text, gw_err *err)
{
    size_t len = strlen(text);
    return gw_sql_parse_check(arena, gw_memdup(arena, text, len), len, err);
}

static void takes_what_the_grammar_knows(void **state)
{
    gw_err err = {0};
    assert_true(gw_sql_grammar_version() >= 13);
    assert_true(parses(*state, "SELECT 1", &err));
    assert_true(parses(*state, "", &err));
    assert_true(parses(*state, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END", &err));
    assert_true(parses(*state, "SELECT E'a' -- é; 'b'\n --\n '\\';c' /* d */ AS e", &err));
    assert_int_equal(err.kind, GW_OK);
}

static void says_where_it_stopped(void **state)
{
    gw_err err = {0};
    assert_false(parses(*state, "SELECT 'é', 1 FORM t", &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_holds(err.message, "syntax error");
    /* In characters, as the server counts: "é" is one. */
    assert_int_equal(err.position, 20);
    assert_false(parses(*state, "SELECT (1", &err));
    assert_holds(err.message, "end of input");
    assert_false(parses(*state, "SELECT 'a' /* \n é */ 'b' -- c", &err));
    assert_int_equal(err.position, 22);
    gw_err_clear(&err);
}

static void leaves_long_texts_to_the_server(void **state)
{
    enum { LEN = 1024 * 1024 + 1 };
    char *text = gw_alloc(*state, LEN);
    memset(text, '?', LEN);
    gw_err err = {0};
    assert_true(gw_sql_parse_check(*state, text, LEN, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(takes_what_the_grammar_knows),
        with_arena(says_where_it_stopped),
        with_arena(leaves_long_texts_to_the_server),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
