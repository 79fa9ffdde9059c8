#include "pieces.h"

typedef struct example {
    const char *text, *pieces;
} example;

static void check(gw_arena *arena, const char *text, const char *pieces, bool standard)
{
    static const size_t steps[] = {0, 1, 2, 7};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        assert_string_equal(written_out(arena, text, strlen(text), steps[i], standard), pieces);
}

static void check_all(void **state, const example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(*state, examples[i].text, examples[i].pieces, true);
}

#define CHECK_ALL(state, list) check_all(state, list, sizeof list / sizeof *list)

static void plain_statements(void **state)
{
    static const example list[] = {
        {"", ""},
        {" \n\t ", ""},
        {"SELECT 1", "1:1[SELECT 1]"},
        {"SELECT 1;", "1:1[SELECT 1];"},
        {"SELECT 1; SELECT 2;", "1:1[SELECT 1];1:11[SELECT 2];"},
        {"SELECT 1;\n\n  SELECT 2", "1:1[SELECT 1];3:3[SELECT 2]"},
        {";;SELECT 1;;;", "1:3[SELECT 1];"},
        {"SELECT\n1\n;\n", "1:1[SELECT\n1];"},
        {"\xef\xbb\xbfSELECT 1;", "1:1[SELECT 1];"},
        {"\xef\xbb\xbf", ""},
        {"SELECT 1\r\n;\r\nSELECT 2\r\n", "1:1[SELECT 1];3:1[SELECT 2]"},
        {"SELECT 'é'; SELECT 2", "1:1[SELECT 'é'];1:13[SELECT 2]"},
        {"SELECT 1 \v\f; SELECT 2", "1:1[SELECT 1];1:14[SELECT 2]"},
    };
    CHECK_ALL(state, list);
}

static void comments(void **state)
{
    static const example list[] = {
        {"-- a;b\nSELECT 1;", "2:1[SELECT 1];"},
        {"/* a; */ SELECT 1;", "1:10[SELECT 1];"},
        {"/* a /* b; */ c; */SELECT 1;", "1:20[SELECT 1];"},
        {"/**/SELECT/*;*/1--;\n;", "1:5[SELECT/*;*/1];"},
        {"SELECT 1 -- end", "1:1[SELECT 1]"},
        {"SELECT 1 /* end */ ; -- x", "1:1[SELECT 1];"},
        {"SELECT 5*/*c;*/3;", "1:1[SELECT 5*/*c;*/3];"},
        {"SELECT 5//*c;*/3;", "1:1[SELECT 5//*c;*/3];"},
        {"SELECT 1 +--;\n2;", "1:1[SELECT 1 +--;\n2];"},
        {"SELECT 1 - -2; SELECT 3 / 4", "1:1[SELECT 1 - -2];1:16[SELECT 3 / 4]"},
        {"-- a\rSELECT 1;", "1:6[SELECT 1];"},
        {"/*/ ; */ SELECT 1 /***/;", "1:10[SELECT 1];"},
        {"SELECT '/*'; SELECT '*/'", "1:1[SELECT '/*'];1:14[SELECT '*/']"},
        {"SELECT \"--\"; SELECT 2", "1:1[SELECT \"--\"];1:14[SELECT 2]"},
        {"-- only", ""},
        {"/* only */", ""},
    };
    CHECK_ALL(state, list);
}

static void strings(void **state)
{
    static const example list[] = {
        {"SELECT 'a;''b;'; X", "1:1[SELECT 'a;''b;'];1:18[X]"},
        {"SELECT 'a\\'; X", "1:1[SELECT 'a\\'];1:14[X]"},
        {"SELECT E'a\\';b'; X", "1:1[SELECT E'a\\';b'];1:18[X]"},
        {"SELECT e'a\\\\'; X", "1:1[SELECT e'a\\\\'];1:16[X]"},
        {"SELECT E'a'';\\''; X", "1:1[SELECT E'a'';\\''];1:19[X]"},
        {"SELECT namE'a\\'; X", "1:1[SELECT namE'a\\'];1:18[X]"},
        {"SELECT b'1;0', x'A;', n'\\'; X", "1:1[SELECT b'1;0', x'A;', n'\\'];1:29[X]"},
        {"SELECT U&'\\0061;' , U&\"d;\\0061\"; X",
         "1:1[SELECT U&'\\0061;' , U&\"d;\\0061\"];1:34[X]"},
        {"SELECT u&\"x\\\"; X", "1:1[SELECT u&\"x\\\"];1:16[X]"},
        {"SELECT \"a;\"\"b;\"; X", "1:1[SELECT \"a;\"\"b;\"];1:18[X]"},
        {"SELECT \"a'b\"; X", "1:1[SELECT \"a'b\"];1:15[X]"},
        {"SELECT U & 'x\\'; X", "1:1[SELECT U & 'x\\'];1:18[X]"},
        /* The second line of a string has the escapes of its first. */
        {"SELECT E'a'\n 'b\\';c'; X", "1:1[SELECT E'a'\n 'b\\';c'];2:11[X]"},
        {"SELECT E'a' -- c'\n--d\n'b\\';c'; X", "1:1[SELECT E'a' -- c'\n--d\n'b\\';c'];3:10[X]"},
        {"SELECT E'a' 'b\\'; X", "1:1[SELECT E'a' 'b\\'];1:19[X]"},
        {"SELECT E'a' /* */\n 'b\\'; X", "1:1[SELECT E'a' /* */\n 'b\\'];2:8[X]"},
        {"SELECT 'a'\n'b\\'; X", "1:1[SELECT 'a'\n'b\\'];2:7[X]"},
        {"SELECT E'a'\n; X", "1:1[SELECT E'a'];2:3[X]"},
        {"SELECT E'a'", "1:1[SELECT E'a']"},
        {"SELECT E'a' --", "1:1[SELECT E'a']"},
    };
    CHECK_ALL(state, list);
}

static void nonstandard_strings(void **state)
{
    check(*state, "SELECT 'a\\';b'; X", "1:1[SELECT 'a\\';b'];1:17[X]", false);
    check(*state, "SELECT n'a\\';b'; X", "1:1[SELECT n'a\\';b'];1:18[X]", false);
    check(*state, "SELECT 'a'\n'b\\';c'; X", "1:1[SELECT 'a'\n'b\\';c'];2:10[X]", false);
    check(*state, "SELECT \"a\\\"; X", "1:1[SELECT \"a\\\"];1:14[X]", false);
    check(*state, "SELECT b'a\\'; X", "1:1[SELECT b'a\\'];1:15[X]", false);
}

static void dollar_quotes(void **state)
{
    static const example list[] = {
        {"DO $$ BEGIN a; END $$; X", "1:1[DO $$ BEGIN a; END $$];1:24[X]"},
        {"SELECT $a$ ; $b$ ; $$ ; $a$; X", "1:1[SELECT $a$ ; $b$ ; $$ ; $a$];1:30[X]"},
        {"SELECT $a$$a$; X", "1:1[SELECT $a$$a$];1:16[X]"},
        {"SELECT $a$ ; $ ; $a $b$a$; X", "1:1[SELECT $a$ ; $ ; $a $b$a$];1:28[X]"},
        {"SELECT $a$ ; $A$ ; $a$; X", "1:1[SELECT $a$ ; $A$ ; $a$];1:25[X]"},
        {"SELECT $é1$ ; $é1$; X", "1:1[SELECT $é1$ ; $é1$];1:21[X]"},
        {"SELECT a$$; X", "1:1[SELECT a$$];1:13[X]"},
        {"SELECT $1; X", "1:1[SELECT $1];1:12[X]"},
        {"SELECT $1$$;$$; X", "1:1[SELECT $1$$;$$];1:17[X]"},
        {"SELECT 1$$;$$; X", "1:1[SELECT 1$$;$$];1:16[X]"},
        {"SELECT $1a$ ; X", "1:1[SELECT $1a$];1:15[X]"},
        {"SELECT $a ; X", "1:1[SELECT $a];1:13[X]"},
        {"SELECT $ ; X $", "1:1[SELECT $];1:12[X $]"},
        {"SELECT $$'$$; X", "1:1[SELECT $$'$$];1:15[X]"},
    };
    CHECK_ALL(state, list);
}

static void parentheses(void **state)
{
    static const example list[] = {
        {"CREATE RULE r AS ON INSERT TO t DO ALSO (a; b); X",
         "1:1[CREATE RULE r AS ON INSERT TO t DO ALSO (a; b)];1:49[X]"},
        {"SELECT ((1;);); X", "1:1[SELECT ((1;);)];1:17[X]"},
        {"SELECT 1); X", "1:1[SELECT 1)];1:12[X]"},
        {"SELECT (1; X", "1:1[SELECT (1; X]"},
        {"(SELECT 1); X", "1:1[(SELECT 1)];1:13[X]"},
        {"SELECT ')', (\")\"/*)*/; ); X", "1:1[SELECT ')', (\")\"/*)*/; )];1:27[X]"},
    };
    CHECK_ALL(state, list);
}

static void bodies_of_routines(void **state)
{
    static const example list[] = {
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; X",
         "1:1[CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END];1:71[X]"},
        {"create or replace procedure p() begin/**/atomic end; X",
         "1:1[create or replace procedure p() begin/**/atomic end];1:54[X]"},
        {"CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; "
         "END; X",
         "1:1[CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END "
         "END; END];1:93[X]"},
        {"CREATE FUNCTION f() BEGIN ATOMIC SELECT (CASE WHEN a THEN 1 END); END; X",
         "1:1[CREATE FUNCTION f() BEGIN ATOMIC SELECT (CASE WHEN a THEN 1 END); END];1:72[X]"},
        /* Columns may be called like the words that end the body. */
        {"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 AS end, t.case, begin; SELECT 2 end; END; X",
         "1:1[CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 AS end, t.case, begin; SELECT 2 end; "
         "END];1:85[X]"},
        {"CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'x'; X",
         "1:1[CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'x'];1:58[X]"},
        {"CREATE FUNCTION f(begin int) RETURN begin; X",
         "1:1[CREATE FUNCTION f(begin int) RETURN begin];1:44[X]"},
        {"CREATE FUNCTION atomic(a int) RETURN a; X",
         "1:1[CREATE FUNCTION atomic(a int) RETURN a];1:41[X]"},
        {"CREATE FUNCTION s.begin() AS $$BEGIN ATOMIC;$$; X",
         "1:1[CREATE FUNCTION s.begin() AS $$BEGIN ATOMIC;$$];1:49[X]"},
        {"BEGIN; SELECT 1; END; X", "1:1[BEGIN];1:8[SELECT 1];1:18[END];1:23[X]"},
        {"BEGIN ATOMIC; X", "1:1[BEGIN ATOMIC];1:15[X]"},
        {"CREATE TABLE function (a int); CREATE VIEW procedure AS SELECT begin atomic; X",
         "1:1[CREATE TABLE function (a int)];1:32[CREATE VIEW procedure AS SELECT begin "
         "atomic];1:78[X]"},
        {"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; X", "1:1[CREATE FUNCTION f() BEGIN ATOMIC "
                                                         "SELECT 1; X]"},
        {"CREATE FUNCTION f() BEGIN ATOMIC INSERT INTO t VALUES ('end;'); -- ; END;\n"
         "DELETE FROM t; END; X",
         "1:1[CREATE FUNCTION f() BEGIN ATOMIC INSERT INTO t VALUES ('end;'); -- ; END;\n"
         "DELETE FROM t; END];2:21[X]"},
    };
    CHECK_ALL(state, list);
}

static void copy_data(void **state)
{
    static const example list[] = {
        {"COPY t FROM stdin;\n1\ta\n2\t;\n\\.\nSELECT 1;",
         "1:1[COPY t FROM stdin];><1\ta\n2\t;\n>.5:1[SELECT 1];"},
        {"COPY t FROM stdin;\n\\.\nX", "1:1[COPY t FROM stdin];>.3:1[X]"},
        {"COPY t FROM stdin;\r\n1\r\n\\.\r\nX", "1:1[COPY t FROM stdin];><1\r\n>.4:1[X]"},
        {"copy\"t\"(a,\"stdin\")from STDIN with (format csv) where a>1;\n\"x\n\ny\"\n\\.\nX",
         "1:1[copy\"t\"(a,\"stdin\")from STDIN with (format csv) where "
         "a>1];><\"x\n\ny\"\n>.6:1[X]"},
        {"COPY s.from FROM stdin;\n1\n\\.\n", "1:1[COPY s.from FROM stdin];><1\n>."},
        {"COPY binary FROM stdout;\n1\n\\.\n", "1:1[COPY binary FROM stdout];><1\n>."},
        {"COPY t FROM stdin", "1:1[COPY t FROM stdin]>."},
        {"COPY t FROM stdin;", "1:1[COPY t FROM stdin];>."},
        {"COPY t FROM stdin;\n1\n2", "1:1[COPY t FROM stdin];><1\n2>."},
        {"COPY t FROM stdin;\n1\n\\.", "1:1[COPY t FROM stdin];><1\n>."},
        {"COPY t FROM stdin;\n1\n\\.\r", "1:1[COPY t FROM stdin];><1\n>."},
        {"COPY t FROM stdin;\n\\.x\n \\.\na\\.\n\\..\n\\\n\\N\n\\.\nX",
         "1:1[COPY t FROM stdin];><\\.x\n \\.\na\\.\n\\..\n\\\n\\N\n>.9:1[X]"},
        {"COPY t FROM stdin; -- comment\n1\n\\.\n", "1:1[COPY t FROM stdin];><1\n>."},
        {"COPY t FROM stdin;; /* x */ \n1\n\\.\n", "1:1[COPY t FROM stdin];><1\n>."},
        {"COPY t FROM stdin;\n'\"$$/*--\\\n\\.\nX",
         "1:1[COPY t FROM stdin];><'\"$$/*--\\\n>.4:1[X]"},
        {"COPY t FROM stdin;\n\n\n\\.\nX", "1:1[COPY t FROM stdin];><\n\n>.5:1[X]"},
        {"COPY a FROM stdin;\n1\n\\.\nCOPY b FROM stdin;\n2\n\\.\n",
         "1:1[COPY a FROM stdin];><1\n>.4:1[COPY b FROM stdin];><2\n>."},
    };
    CHECK_ALL(state, list);
}

static void copy_without_data(void **state)
{
    static const example list[] = {
        {"COPY t FROM 'stdin'; X", "1:1[COPY t FROM 'stdin'];1:22[X]"},
        {"COPY t FROM \"stdin\"; X", "1:1[COPY t FROM \"stdin\"];1:22[X]"},
        {"COPY t TO stdin; X", "1:1[COPY t TO stdin];1:18[X]"},
        {"COPY (SELECT 1 FROM stdin) TO stdout; X",
         "1:1[COPY (SELECT 1 FROM stdin) TO stdout];1:39[X]"},
        {"COPY t TO stdout WITH (DELIMITER from stdin); X",
         "1:1[COPY t TO stdout WITH (DELIMITER from stdin)];1:47[X]"},
        {"COPY t FROM PROGRAM 'stdin'; X", "1:1[COPY t FROM PROGRAM 'stdin'];1:30[X]"},
        {"SELECT copy FROM stdin; X", "1:1[SELECT copy FROM stdin];1:25[X]"},
        {"EXPLAIN COPY t FROM stdin; X", "1:1[EXPLAIN COPY t FROM stdin];1:28[X]"},
    };
    CHECK_ALL(state, list);
}

static void psql_commands(void **state)
{
    static const example list[] = {
        {"\\restrict aBc1\n\nSELECT 1;\n\\unrestrict aBc1\n", "3:1[SELECT 1];"},
        {"\\unrestrict", ""},
        {"\\restrict\r\nX", "2:1[X]"},
        {"\\restricted\nX", "!1:1 \\restricted is a command of psql, not SQL"},
        {"SELECT 1;\n \\connect db\n",
         "1:1[SELECT 1];!2:2 \\connect is a command of psql, not SQL"},
        {"SELECT 1 \\g\n", "!1:10 \\g is a command of psql, not SQL"},
        {"SELECT 1\n\\restrict x\n", "!2:1 \\restrict is a command of psql, not SQL"},
        {"SELECT 1;\n\\.\n", "1:1[SELECT 1];!2:1 \\. is a command of psql, not SQL"},
        {"SELECT '\\x', \"\\y\", $$\\z$$ /* \\a */ -- \\b\n;",
         "1:1[SELECT '\\x', \"\\y\", $$\\z$$];"},
    };
    CHECK_ALL(state, list);
}

static void unterminated(void **state)
{
    static const example list[] = {
        {"SELECT 1;\nSELECT 'a;\nb", "1:1[SELECT 1];!2:8 a string has no end"},
        {"SELECT E'a\\'", "!1:8 a string has no end"},
        {"SELECT E'a\\", "!1:8 a string has no end"},
        {"SELECT U&\"a", "!1:8 a quoted name has no end"},
        {"é \"a\"\"", "!1:3 a quoted name has no end"},
        {"SELECT $a$ ; $b$", "!1:8 the text quoted with $a$ has no end"},
        {"SELECT $$ $", "!1:8 the text quoted with $$ has no end"},
        {"SELECT 1;\n /* a /* */", "1:1[SELECT 1];!2:2 a comment that begins with /* has no end"},
        {"SELECT 1 /*", "!1:10 a comment that begins with /* has no end"},
        {"COPY t FROM stdin; SELECT 1;\n",
         "1:1[COPY t FROM stdin];>!1:20 there is text behind COPY … FROM stdin on its line"},
        {"COPY t FROM stdin; /*\n*/ \n",
         "1:1[COPY t FROM stdin];>!1:20 there is text behind COPY … FROM stdin on its line"},
    };
    CHECK_ALL(state, list);
}

static void places_count_characters(void **state)
{
    dripping d = {.breakpoints = false};
    const char *text = "SELECT 1; SELECT 'é',\n 'ü', x";
    gw_splitter *s = dripping_splitter(*state, &d, text, strlen(text), 0);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.number, 1);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.number, 2);
    assert_int_equal(p.offset, 10);
    static const struct {
        size_t position;
        unsigned line, col;
    } places[] = {{1, 1, 11}, {9, 1, 19}, {11, 1, 21}, {13, 2, 1},
                  {15, 2, 3}, {19, 2, 7}, {99, 2, 8}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        unsigned line, col;
        gw_piece_place(&p, places[i].position, &line, &col);
        assert_int_equal(line, places[i].line);
        assert_int_equal(col, places[i].col);
    }
}

static void begins_at_a_given_line(void **state)
{
    gw_sql_memory memory;
    gw_sql_input input = gw_sql_input_memory(&memory, "\nSELECT 1;", 10, "a.sql", 41);
    gw_splitter *s = gw_splitter_new(*state, &input);
    gw_piece p;
    gw_err err = {0};
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.line, 42);
    assert_int_equal(p.col, 1);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.kind, GW_PIECE_END);
    assert_true(gw_splitter_next(s, &p, &err));
    assert_int_equal(p.kind, GW_PIECE_END);
}

static void standard_strings_change_between_statements(void **state)
{
    dripping d = {.breakpoints = false};
    const char *text = "SET x; SELECT 'a\\'b;'; SET y; SELECT '\\'; X";
    gw_splitter *s = dripping_splitter(*state, &d, text, strlen(text), 0);
    static const char *const expected[] = {"SET x", "SELECT 'a\\'b;'", "SET y", "SELECT '\\'", "X"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        gw_piece p;
        gw_err err = {0};
        gw_splitter_standard_strings(s, i < 1 || i > 2);
        assert_true(gw_splitter_next(s, &p, &err));
        assert_string_equal(p.text, expected[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(plain_statements),
        with_arena(comments),
        with_arena(strings),
        with_arena(nonstandard_strings),
        with_arena(dollar_quotes),
        with_arena(parentheses),
        with_arena(bodies_of_routines),
        with_arena(copy_data),
        with_arena(copy_without_data),
        with_arena(psql_commands),
        with_arena(unterminated),
        with_arena(places_count_characters),
        with_arena(begins_at_a_given_line),
        with_arena(standard_strings_change_between_statements),
    };
    return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
