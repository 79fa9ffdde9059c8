#include "unit.h"

#include <errno.h>

#include "base/file.h"

/* The table is private: the source itself, so that a row without a test is seen. */
#include "../../../src/base/err.c"

static const struct {
    const char *sqlstate, *prefix;
    gw_err_kind kind;
} rows[] = {
    {"08000", "08", GW_ERR_LOST},         {"08001", "08001", GW_ERR_CONNECT},
    {"08003", "08", GW_ERR_LOST},         {"08004", "08004", GW_ERR_CONNECT},
    {"08006", "08", GW_ERR_LOST},         {"08P01", "08", GW_ERR_LOST},
    {"25006", "25006", GW_ERR_PRIVILEGE}, {"25P03", "25P03", GW_ERR_LOST},
    {"25P04", "25P04", GW_ERR_LOST},      {"28000", "28000", GW_ERR_CONNECT},
    {"28P01", "28P01", GW_ERR_CONNECT},   {"40001", "40001", GW_ERR_RETRYABLE},
    {"40P01", "40P01", GW_ERR_RETRYABLE}, {"42501", "42501", GW_ERR_PRIVILEGE},
    {"53300", "53300", GW_ERR_CONNECT},   {"55P03", "55P03", GW_ERR_LOCK},
    {"57014", "57014", GW_ERR_CANCELED},  {"57P01", "57P01", GW_ERR_LOST},
    {"57P02", "57P02", GW_ERR_LOST},      {"57P03", "57P03", GW_ERR_CONNECT},
    {"57P04", "57P04", GW_ERR_LOST},      {"57P05", "57P05", GW_ERR_LOST},
};

static void each_sqlstate_has_its_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (gw_err_kind_of_sqlstate(rows[i].sqlstate) != rows[i].kind)
            fail_msg("%s is %s", rows[i].sqlstate,
                     gw_err_kind_name(gw_err_kind_of_sqlstate(rows[i].sqlstate)));
}

static void each_line_of_the_table_is_tested(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sqlstates / sizeof *sqlstates; i++) {
        bool tested = false;
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            tested = tested || strcmp(rows[k].prefix, sqlstates[i].prefix) == 0;
        if (!tested)
            fail_msg("no test for %s", sqlstates[i].prefix);
    }
}

static void any_other_sqlstate_is_sql(void **state)
{
    (void)state;
    /* 3D000 comes from ALTER DATABASE in a file too: the connection is fine. */
    const char *const others[] = {"42P01", "23505", "25P02", "40003", "3D000", "53100",
                                  "57000", "XX000", "",      "5",     "zzzzz"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(gw_err_kind_of_sqlstate(others[i]), GW_ERR_SQL);
    assert_int_equal(gw_err_kind_of_sqlstate(NULL), GW_ERR_SQL);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(gw_err_kind_name(GW_OK), "ok");
    for (int a = GW_ERR_INTERNAL; a <= GW_ERR_BUSY; a++)
        for (int b = GW_ERR_INTERNAL; b < a; b++)
            assert_string_not_equal(gw_err_kind_name((gw_err_kind)a),
                                    gw_err_kind_name((gw_err_kind)b));
    assert_string_equal(gw_err_kind_name((gw_err_kind)999), "internal");
}

static void every_part_is_kept(void **state)
{
    (void)state;
    gw_err err = {0};
    assert_false(gw_err_set(&err, GW_ERR_INPUT, "bad %s", "thing"));
    assert_false(gw_err_detail(&err, "because %d", 1));
    assert_false(gw_err_hint(&err, "do %s", "that"));
    assert_false(gw_err_object(&err, "%s.%s", "app", "t"));
    assert_false(gw_err_at(&err, "a.sql", 3, 7));
    assert_false(gw_err_statement(&err, "SELECT 1; SELECT 2", 8));
    assert_false(gw_err_context(&err, "in %d", 1));
    assert_false(gw_err_context(&err, "in %d", 2));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_string_equal(err.message, "bad thing");
    assert_string_equal(err.detail, "because 1");
    assert_string_equal(err.hint, "do that");
    assert_string_equal(err.object, "app.t");
    assert_string_equal(err.file, "a.sql");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.col, 7);
    assert_string_equal(err.statement, "SELECT 1");
    assert_int_equal(err.context_count, 2);
    assert_string_equal(err.contexts[0], "in 1");
    assert_string_equal(err.contexts[1], "in 2");
    gw_err_clear(&err);
    assert_memory_equal(&err, &(gw_err){0}, sizeof err);
    gw_err_clear(&err);
}

static void setting_again_replaces_all(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_err_set(&err, GW_ERR_SQL, "first");
    strcpy(err.sqlstate, "42P01");
    gw_err_detail(&err, "old");
    gw_err_context(&err, "old");
    /* Its own text may be an argument. */
    gw_err_set(&err, GW_ERR_IO, "second after %s", err.message);
    assert_string_equal(err.message, "second after first");
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_string_equal(err.sqlstate, "");
    assert_null(err.detail);
    assert_int_equal(err.context_count, 0);
    gw_err_detail(&err, "one");
    gw_err_detail(&err, "%s and two", err.detail);
    assert_string_equal(err.detail, "one and two");
    gw_err_at(&err, NULL, 0, 0);
    assert_null(err.file);
    gw_err_clear(&err);
}

static void moving_empties_the_source(void **state)
{
    (void)state;
    gw_err to = {0}, from = {0};
    gw_err_set(&to, GW_ERR_SQL, "old");
    gw_err_set(&from, GW_ERR_IO, "new");
    gw_err_context(&from, "line");
    gw_err_move(&to, &from);
    assert_string_equal(to.message, "new");
    assert_string_equal(to.contexts[0], "line");
    assert_memory_equal(&from, &(gw_err){0}, sizeof from);
    gw_err_move(&to, &to);
    assert_string_equal(to.message, "new");
    gw_err_clear(&to);
}

static void errno_becomes_an_io_error(void **state)
{
    (void)state;
    gw_err err = {0};
    assert_false(gw_err_errno(&err, ENOENT, "cannot read %s", "x"));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_string_equal(err.message, "cannot read x");
    assert_string_equal(err.detail, strerror(ENOENT));
    assert_holds(err.hint, "link");
    gw_err_errno(&err, EACCES, "cannot read %s", "x");
    assert_holds(err.hint, "let this user");
    gw_err_errno(&err, EIO, "cannot read %s", "x");
    assert_null(err.hint);
    gw_err_errno(&err, ENOSPC, "cannot write %s", "x");
    assert_string_equal(err.detail, strerror(ENOSPC));
    assert_holds(err.hint, "make room");
    gw_err_errno(&err, EDQUOT, "cannot write %s", "x");
    assert_holds(err.hint, "make room");
    gw_err_clear(&err);
}

/* A statement used to be cut in the middle of a character. */
static void a_long_statement_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[2000] = "SEL";
        for (size_t at = shift; at + 4 < sizeof text; at += 4)
            memcpy(text + at, "\xf0\x9f\x90\xa6", 4);
        gw_err err = {0};
        gw_err_set(&err, GW_ERR_SQL, "x");
        gw_err_statement(&err, text, strlen(text));
        assert_in_range(strlen(err.statement), 390, 410);
        assert_int_equal(gw_utf8_check(err.statement, strlen(err.statement)), 0);
        gw_err_clear(&err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sqlstate_has_its_kind),
        cmocka_unit_test(each_line_of_the_table_is_tested),
        cmocka_unit_test(any_other_sqlstate_is_sql),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(every_part_is_kept),
        cmocka_unit_test(setting_again_replaces_all),
        cmocka_unit_test(moving_empties_the_source),
        cmocka_unit_test(errno_becomes_an_io_error),
        cmocka_unit_test(a_long_statement_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
