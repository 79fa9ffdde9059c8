#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report.h"

static gw_arena *arena;
static char path[] = "/tmp/godwit-report-XXXXXX";

static int setup(void **state)
{
    (void)state;
    arena = gw_arena_new();
    memcpy(strrchr(path, '-') + 1, "XXXXXX", 6);
    close(mkstemp(path));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    gw_arena_free(arena);
    return 0;
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static const char *line(unsigned number, unsigned col)
{
    gw_buf buf = GW_BUF(arena);
    gw_report_line(&buf, path, number, col, false);
    return gw_buf_str(&buf);
}

static void test_exit_codes(void **state)
{
    (void)state;
    static const struct {
        gw_err_kind kind;
        int code;
    } rows[] = {
        {GW_OK, 0},
        {GW_ERR_INTERNAL, 1},
        {GW_ERR_USAGE, 2},
        {GW_ERR_CONFIG, 2},
        {GW_ERR_INPUT, 1},
        {GW_ERR_IO, 1},
        {GW_ERR_CONNECT, 4},
        {GW_ERR_LOST, 4},
        {GW_ERR_SQL, 1},
        {GW_ERR_RETRYABLE, 1},
        {GW_ERR_LOCK, 1},
        {GW_ERR_CANCELED, 1},
        {GW_ERR_PRIVILEGE, 1},
        {GW_ERR_STATE, 1},
        {GW_ERR_CHECK, 3},
        {GW_ERR_REFUSED, 5},
        {GW_ERR_UNSUPPORTED, 1},
        {GW_ERR_INTERRUPTED, 6},
        {GW_ERR_BUSY, 7},
    };
    assert_int_equal(sizeof rows / sizeof *rows, GW_ERR_BUSY + 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(gw_exit_code(rows[i].kind), rows[i].code);
}

static void test_the_caret_stands_under_its_character(void **state)
{
    (void)state;
    write_file("SELECT 1;\nSELECT föö, 表, bar\tFROM t;\r\nlast");
    assert_string_equal(line(1, 8), " 1 | SELECT 1;\n"
                                    "   |        ^\n");
    /* two columns for the wide one, one for é and the tab */
    assert_string_equal(line(2, 16), " 2 | SELECT föö, 表, bar FROM t;\n"
                                     "   |                 ^\n");
    assert_string_equal(line(3, 1), " 3 | last\n   | ^\n");
    assert_string_equal(line(3, 0), " 3 | last\n");
}

static void test_what_cannot_be_shown_is_left_out(void **state)
{
    (void)state;
    write_file("one\n\nthree \xff\n");
    assert_string_equal(line(0, 1), "");
    assert_string_equal(line(2, 1), ""); /* empty */
    assert_string_equal(line(3, 1), ""); /* not UTF-8 */
    assert_string_equal(line(99, 1), "");
    unlink(path);
    assert_string_equal(line(1, 1), "");
}

static void test_a_long_line_is_a_window(void **state)
{
    (void)state;
    gw_buf text = GW_BUF(arena);
    for (int i = 0; i < 500; i++)
        gw_buf_add(&text, "é");
    gw_buf_add(&text, "X");
    for (int i = 0; i < 500; i++)
        gw_buf_add(&text, "ü");
    write_file(gw_buf_str(&text));
    const char *shown = line(1, 501);
    const char *caret = strchr(shown, '\n') + 1;
    const char *mark = strchr(shown, 'X');
    assert_non_null(mark);
    assert_true(mark < caret);
    /* as many columns in front of the caret as in front of the X */
    size_t before = 0;
    for (const char *c = shown; c < mark; c++)
        before += ((unsigned char)*c & 0xc0) != 0x80;
    assert_int_equal(strchr(caret, '^') - caret, before);
    assert_true(strlen(shown) < 400);
}

static void test_escapes_do_not_reach_the_terminal(void **state)
{
    (void)state;
    write_file("SELECT '\033[2J';\n");
    assert_null(strchr(line(1, 1), '\033'));
    gw_err err = {0};
    gw_err_set(&err, GW_ERR_SQL, "no \033[2J here");
    gw_buf buf = GW_BUF(arena);
    gw_report_text(&buf, &err, NULL, false);
    assert_null(strchr(gw_buf_str(&buf), '\033'));
    gw_err_clear(&err);
}

static void test_the_whole_text(void **state)
{
    (void)state;
    write_file("SELECT 1;\nSELECT nope;\n");
    gw_err err = {0};
    gw_err_set(&err, GW_ERR_SQL, "column \"nope\" does not exist");
    memcpy(err.sqlstate, "42703", 6);
    gw_err_detail(&err, "first\nsecond");
    gw_err_hint(&err, "name another");
    gw_err_at(&err, path, 2, 8);
    gw_err_context(&err, "applying 1 first");
    gw_buf buf = GW_BUF(arena);
    gw_report_text(&buf, &err, NULL, false);
    assert_string_equal(gw_buf_str(&buf),
                        gw_printf(arena,
                                  "error: column \"nope\" does not exist (SQLSTATE 42703)\n"
                                  "detail: first\n"
                                  "        second\n"
                                  "hint: name another\n"
                                  "at: %s:2:8\n"
                                  " 2 | SELECT nope;\n"
                                  "   |        ^\n"
                                  "while: applying 1 first\n",
                                  path));
    gw_err_clear(&err);
}

static void test_json(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_err_set(&err, GW_ERR_LOCK, "a \"quoted\" name");
    memcpy(err.sqlstate, "55P03", 6);
    gw_err_at(&err, "a.sql", 3, 4);
    gw_err_context(&err, "in migration 1");
    gw_json json = gw_json_start(arena, NULL);
    gw_report_json(&json, NULL, &err);
    assert_string_equal(json.buf.data,
                        "{\"kind\":\"lock_timeout\",\"message\":\"a \\\"quoted\\\" name\","
                        "\"detail\":\"in migration 1\",\"hint\":null,\"sqlstate\":\"55P03\","
                        "\"where\":\"a.sql:3:4\"}");
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exit_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_caret_stands_under_its_character, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_shown_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_line_is_a_window, setup, teardown),
        cmocka_unit_test_setup_teardown(test_escapes_do_not_reach_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_whole_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
