#include "../base/unit.h"

#include <string.h>

#include "base/buf.h"
#include "sql/calls.h"

typedef struct row {
    const char *text, *calls; /* "schema.name", blanks between */
} row;

static void test_calls(void **state)
{
    static const row rows[] = {
        {"SELECT f(1), s.\"G g\" (2) FROM h() AS x WHERE a IN (1) AND count(*) > 0", "f s.G g h"},
        {"select A.B.c(1), \"A\".c(1)", "b.c A.c"},
        {"CALL p()", "p"},
        {"EXPLAIN ANALYZE SELECT f()", "f"},
        {"INSERT INTO t (a) VALUES (f())", "t f"},
        {"DO $$ BEGIN PERFORM f('g()'); x := h(2); END $$", "f h"},
        {"DO 'BEGIN PERFORM f(''g()''); END'", "f"},
        {"SELECT pg_catalog.set_config('a', 'b', false), now(), \"now\"()", "now"},
        {"SELECT 'f()', \"g()\", $$h()$$ -- k()", ""},
        {"CREATE TABLE t (a int DEFAULT f())", ""},
        {"ALTER TABLE t ADD CHECK (f(a))", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_calls calls = {0};
        gw_buf found = GW_BUF(*state);
        size_t len = strlen(rows[i].text);
        gw_sql_calls(*state, rows[i].text, len, &calls);
        for (size_t c = 0; c < calls.len; c++)
            gw_buf_addf(&found, "%s%s%s%s", c ? " " : "",
                        calls.items[c].schema ? calls.items[c].schema : "",
                        calls.items[c].schema ? "." : "", calls.items[c].name);
        assert_string_equal(gw_buf_str(&found), rows[i].calls);
        if (calls.len) /* the quick look is sound */
            assert_true(gw_sql_may_call(rows[i].text, len));
    }
    assert_false(gw_sql_may_call("SELECT setval('s', 1)", 21));
}

static void test_bodies(void **state)
{
    static const struct {
        const char *text, *schema, *name, *language, *body;
    } rows[] = {
        {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT ''a'''", NULL, "f", "sql", "SELECT 'a'"},
        {"create or replace procedure S.\"P p\"(a s.t) as $x$ BEGIN NULL; END $x$ language PlPgSQL", "s",
         "P p", "plpgsql", " BEGIN NULL; END "},
        {"CREATE FUNCTION f(a text DEFAULT 'x') RETURNS s.t BEGIN ATOMIC DELETE FROM t; END", NULL, "f",
         "sql", " DELETE FROM t; END"},
    };
    gw_routine_body found;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(gw_sql_routine_body(*state, rows[i].text, strlen(rows[i].text), &found));
        assert_string_equal(found.name, rows[i].name);
        assert_true(!found.schema == !rows[i].schema);
        if (found.schema)
            assert_string_equal(found.schema, rows[i].schema);
        assert_string_equal(found.language, rows[i].language);
        assert_string_equal(found.body, rows[i].body);
    }
    assert_false(gw_sql_routine_body(*state, "CREATE TABLE f (a int)", 22, &found));
    assert_false(gw_sql_routine_body(*state, "CREATE FUNCTION", 15, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_calls),
        with_arena(test_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
