#include "arena_test.h"

#include <stdlib.h>

#include "base/cancel.h"
#include "pg/copy.h"
#include "pg/copy_rows.h"

static int set_up(void **state)
{
    gw_err err = {0};
    server_fixture_setup(state);
    gw_arena *own = gw_arena_new();
    assert_ok(
        gw_exec(open_plain(own),
                "CREATE TABLE t (a bigint, b text);"
                "INSERT INTO t VALUES (9223372036854775807, ''), (-9223372036854775808, NULL),"
                " (-1, 'ä\t\\N')",
                &err));
    gw_arena_free(own);
    return 0;
}

static void lines_come_one_by_one(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    gw_copy_out copy;
    const char *line;
    size_t len;
    assert_ok(
        gw_copy_out_start(session, "COPY (SELECT a, b FROM t ORDER BY a) TO STDOUT", &copy, &err));
    const char *expected[] = {"-9223372036854775808\t\\N\n", "-1\tä\\t\\\\N\n",
                              "9223372036854775807\t\n"};
    for (int i = 0; i < 3; i++) {
        assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
        assert_int_equal(len, strlen(expected[i]));
        assert_memory_equal(line, expected[i], len);
    }
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    assert_null(line);
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    assert_null(line);
    gw_copy_out_leave(&copy);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

/* Out in binary format, through the reader and the writer, in again: the same rows. */
static void rows_survive_reader_and_writer(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena), *other = open_plain(arena);
    assert_ok(gw_exec(other, "CREATE TEMP TABLE u (a bigint, b text, n bigint)", &err));
    assert_ok(gw_copy_in_start(other, "COPY u FROM STDIN (FORMAT binary)", &err));
    gw_copy_out copy;
    gw_copy_reader reader = {0};
    gw_buf buf = GW_BUF(arena);
    assert_ok(gw_copy_out_start(
        session, "COPY (SELECT ctid, a, b FROM t) TO STDOUT (FORMAT binary)", &copy, &err));
    gw_copy_add_header(&buf);
    int64_t rows = 0;
    for (;;) {
        const char *piece;
        size_t len;
        gw_copy_field fields[3];
        bool is_row;
        assert_ok(gw_copy_out_next(&copy, &piece, &len, &err));
        if (!piece)
            break;
        assert_ok(gw_copy_read_row(&reader, piece, len, fields, 3, &is_row, &err));
        if (!is_row)
            continue;
        assert_int_equal(gw_copy_field_block(fields[0]), 0);
        if (rows == 0)
            assert_true(gw_copy_field_int64(fields[1]) == INT64_MAX);
        gw_copy_add_count(&buf, 3);
        gw_copy_add_field(&buf, fields[1]);
        gw_copy_add_field(&buf, fields[2]);
        gw_copy_add_int64(&buf, -rows);
        rows++;
    }
    gw_copy_add_trailer(&buf);
    assert_ok(gw_copy_in_data(other, buf.data, buf.len, &err));
    assert_ok(gw_copy_in_end(other, NULL, &rows, &err));
    assert_int_equal(rows, 3);
    assert_string_equal(
        ask(other, arena, "SELECT string_agg(a || coalesce(b, '?') || n, '|' ORDER BY n) FROM u"),
        "-1ä\t\\N-2|-9223372036854775808?-1|92233720368547758070");
    assert_true(reader.ended);
}

static void no_rows_are_a_header_and_a_trailer(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_copy_out copy;
    gw_copy_reader reader = {0};
    assert_ok(gw_copy_out_start(open_plain(arena),
                                "COPY (SELECT a FROM t WHERE false) TO STDOUT (FORMAT binary)",
                                &copy, &err));
    for (;;) {
        const char *piece;
        size_t len;
        gw_copy_field field;
        bool is_row;
        assert_ok(gw_copy_out_next(&copy, &piece, &len, &err));
        if (!piece)
            break;
        assert_ok(gw_copy_read_row(&reader, piece, len, &field, 1, &is_row, &err));
        assert_false(is_row);
    }
    assert_true(reader.begun && reader.ended);
}

static void what_fails_half_way_is_told(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    gw_copy_out copy;
    const char *line;
    size_t len;
    assert_ok(gw_copy_out_start(
        session, "COPY (SELECT 1 / (3 - g) FROM generate_series(1, 5) g) TO STDOUT", &copy, &err));
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    assert_false(gw_copy_out_next(&copy, &line, &len, &err));
    assert_string_equal(err.sqlstate, "22012");
    assert_kind(GW_ERR_SQL);
    gw_copy_out_leave(&copy);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
    assert_false(gw_copy_out_start(session, "COPY t FROM STDIN", &copy, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_out_start(session, "SELECT 1", &copy, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_string_equal(ask(session, arena, "SELECT 2"), "2");
}

static void one_can_leave_before_the_end(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    gw_copy_out copy;
    const char *line;
    size_t len;
    assert_ok(gw_copy_out_start(
        session, "COPY (SELECT generate_series(1, 100000000)) TO STDOUT", &copy, &err));
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    gw_copy_out_leave(&copy);
    gw_copy_out_leave(&copy);
    assert_string_equal(ask(session, arena, "SELECT 3"), "3");
}

static void a_stop_ends_the_reading(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_session *session =
        open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .cancel = &cancel});
    gw_copy_out copy;
    const char *line;
    size_t len;
    assert_ok(gw_copy_out_start(
        session, "COPY (SELECT generate_series(1, 100000000)) TO STDOUT", &copy, &err));
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    gw_cancel_request(&cancel);
    assert_ok(gw_copy_out_next(&copy, &line, &len, &err));
    gw_cancel_request(&cancel);
    assert_false(gw_copy_out_next(&copy, &line, &len, &err));
    assert_kind(GW_ERR_INTERRUPTED);
    gw_cancel_close(&cancel);
}

static void a_server_that_goes_is_a_lost_connection(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena), *other = open_plain(arena);
    gw_copy_out copy;
    assert_ok(gw_copy_out_start(
        session, "COPY (SELECT generate_series(1, 100000000)) TO STDOUT", &copy, &err));
    assert_string_equal(
        ask(other, arena,
            gw_printf(arena, "SELECT pg_terminate_backend(%d)", gw_session_backend_pid(session))),
        "t");
    const char *line = "";
    size_t len;
    bool ok = true;
    while (ok && line)
        ok = gw_copy_out_next(&copy, &line, &len, &err);
    assert_false(ok);
    assert_kind(GW_ERR_LOST);
    gw_copy_out_leave(&copy);
}

/* Each cut of a good file is refused, or is simply not at its end; nothing is read past it. */
static void damaged_data_are_refused(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_buf buf = GW_BUF(arena);
    gw_copy_add_header(&buf);
    gw_copy_add_count(&buf, 2);
    gw_copy_add_int64(&buf, 7);
    gw_copy_add_field(&buf, (gw_copy_field){.len = -1});
    gw_copy_field fields[2];
    bool is_row;
    for (size_t cut = 0; cut < buf.len; cut++) {
        char *part = malloc(cut + 1); /* its own, so that ASan sees where it ends */
        memcpy(part, buf.data, cut);
        gw_copy_reader reader = {0};
        bool ok = gw_copy_read_row(&reader, part, cut, fields, 2, &is_row, &err);
        free(part);
        if (ok)
            assert_int_equal(cut, 19); /* the header alone */
        else
            assert_kind(GW_ERR_INTERNAL);
    }
    gw_copy_reader reader = {0};
    assert_ok(gw_copy_read_row(&reader, buf.data, buf.len, fields, 2, &is_row, &err));
    assert_true(is_row && gw_copy_field_int64(fields[0]) == 7 && !fields[1].data);
    assert_false(gw_copy_read_row(&reader, buf.data + 19, buf.len - 19, fields, 1, &is_row, &err));
    assert_kind(GW_ERR_INTERNAL);
    gw_buf_addc(&buf, 0);
    assert_false(gw_copy_read_row(&reader, buf.data + 19, buf.len - 19, fields, 2, &is_row, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_read_row(&reader, "\0\2\177\377\377\377xx", 8, fields, 2, &is_row, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_read_row(&reader, "\0\2\377\377\377\376", 6, fields, 2, &is_row, &err));
    assert_kind(GW_ERR_INTERNAL);
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(lines_come_one_by_one),
        with_arena(rows_survive_reader_and_writer),
        with_arena(no_rows_are_a_header_and_a_trailer),
        with_arena(what_fails_half_way_is_told),
        with_arena(one_can_leave_before_the_end),
        with_arena(a_stop_ends_the_reading),
        with_arena(a_server_that_goes_is_a_lost_connection),
        with_arena(damaged_data_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, server_fixture_teardown);
}
