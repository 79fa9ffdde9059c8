#include "pg_test.h"

static gw_arena *arena;
static gw_session *session;

static int set_up(void **state)
{
    arena = gw_arena_new();
    server_fixture_setup(state);
    session = open_pinned(arena);
    return 0;
}

static int tear_down(void **state)
{
    gw_arena_free(arena);
    return server_fixture_teardown(state);
}

static gw_result run(const char *text)
{
    gw_err err = {0};
    gw_result result;
    assert_ok(gw_query_text(session, arena, "test/rows", text, NULL, 0, &result, &err));
    return result;
}

typedef struct everything {
    const char *text;
    int64_t number, when;
    bool flag;
    gw_bytes bytes;
} everything;

static const gw_col cols[] = {
    {"t", GW_COL_TEXT, false, offsetof(everything, text)},
    {"n", GW_COL_INT, false, offsetof(everything, number)},
    {"w", GW_COL_TIME, false, offsetof(everything, when)},
    {"f", GW_COL_BOOL, false, offsetof(everything, flag)},
    {"b", GW_COL_BYTES, false, offsetof(everything, bytes)},
};

static void decodes_every_type_and_null(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_result result = run(
        "SELECT 'ä' AS t, 7::int2 AS n, '1970-01-01 00:00:01.5+00'::timestamptz AS w, true AS f,"
        " '\\x00ff5c'::bytea AS b"
        " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL"
        " UNION ALL SELECT '', 0, 'epoch', false, ''");
    void *rows;
    assert_ok(gw_rows(arena, &result, cols, 5, sizeof(everything), &rows, &err));
    assert_int_equal(result.rows, 3);
    everything *r = rows;
    assert_string_equal(r[0].text, "ä");
    assert_int_equal(r[0].number, 7);
    assert_int_equal(r[0].when, 1500000);
    assert_true(r[0].flag);
    assert_int_equal(r[0].bytes.len, 3);
    assert_memory_equal(r[0].bytes.data, "\x00\xff\x5c", 3);
    assert_null(r[1].text);
    assert_true(r[1].number == GW_NULL_INT);
    assert_true(r[1].when == GW_NULL_INT);
    assert_false(r[1].flag);
    assert_null(r[1].bytes.data);
    assert_string_equal(r[2].text, "");
    assert_int_equal(r[2].when, 0);
    assert_non_null(r[2].bytes.data);
    assert_int_equal(r[2].bytes.len, 0);
}

static int64_t number_of(const char *expression)
{
    gw_err err = {0};
    int64_t value = 0;
    gw_col col = {"v", GW_COL_INT, true, 0};
    gw_result result = run(gw_printf(arena, "SELECT %s AS v", expression));
    assert_ok(gw_row(arena, &result, &col, 1, &value, &err));
    return value;
}

static void decodes_the_ends_of_integers(void **state)
{
    (void)state;
    assert_true(number_of("9223372036854775807::int8") == INT64_MAX);
    assert_true(number_of("(-9223372036854775808)::int8") == INT64_MIN);
    assert_true(number_of("(-32768)::int2") == -32768);
    assert_true(number_of("(-2147483648)::int4") == INT32_MIN);
    assert_true(number_of("4294967295::oid") == UINT32_MAX);
}

static int64_t time_of(const char *literal)
{
    gw_err err = {0};
    int64_t value = 0;
    gw_col col = {"v", GW_COL_TIME, true, 0};
    gw_result result = run(gw_printf(arena, "SELECT '%s'::timestamptz AS v", literal));
    assert_ok(gw_row(arena, &result, &col, 1, &value, &err));
    return value;
}

/* What the server itself makes of it, in microseconds since 1970. */
static int64_t server_time_of(const char *literal)
{
    return number_of(gw_printf(
        arena, "(EXTRACT(epoch FROM '%s'::timestamptz)::numeric * 1000000)::int8", literal));
}

static void decodes_times_as_the_server_means_them(void **state)
{
    (void)state;
    static const char *const times[] = {
        "1970-01-01 00:00:00+00",      "2000-02-29 23:59:59+00",    "1999-12-31 23:59:60+00",
        "1900-03-01 00:00:00+00",      "0001-01-01 00:00:00+00",    "0044-03-15 12:00:00+00 BC",
        "4713-11-24 00:00:00+00 BC",   "9999-12-31 00:00:00+00",    "12345-06-07 08:09:10+00",
        "2026-11-21 01:43:28.5+05:30", "1969-12-31 23:59:59.75+00",
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_true(time_of(times[i]) == server_time_of(times[i]));
    assert_true(time_of("infinity") == INT64_MAX);
    assert_true(time_of("-infinity") == INT64_MIN + 1);
    assert_true(time_of("2026-11-21 01:43:28.000120+00") % 1000000 == 120);
    /* The last day that the server knows is past what microseconds since 1970 can hold. */
    assert_true(time_of("294276-12-31 23:59:59.999999+00") == INT64_MAX - 1);
}

static void decodes_times_of_any_zone(void **state)
{
    (void)state;
    gw_err err = {0};
    int64_t expected = time_of("1890-01-01 12:00:00+00");
    assert_ok(gw_exec(session, "SET TimeZone = 'Europe/Amsterdam'", &err)); /* +00:19:32 then */
    assert_true(time_of("1890-01-01 12:00:00+00") == expected);
    assert_ok(gw_exec(session, "SET TimeZone = 'America/St_Johns'", &err));
    assert_true(time_of("1890-01-01 12:00:00+00") == expected);
    assert_ok(gw_exec(session, "SET TimeZone = 'UTC'", &err));
}

static void refuses_times_that_are_not_iso(void **state)
{
    (void)state;
    gw_err err = {0};
    int64_t value;
    gw_col col = {"v", GW_COL_TIME, true, 0};
    assert_ok(gw_exec(session, "SET DateStyle = 'SQL'", &err));
    gw_result result = run("SELECT now() AS v");
    assert_false(gw_row(arena, &result, &col, 1, &value, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_ok(gw_exec(session, "SET DateStyle = 'ISO'", &err));
}

static void a_mismatch_names_statement_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gw_col col;
        const char *said;
    } cases[] = {
        {"SELECT 1 AS other", {"v", GW_COL_INT, true, 0}, "is missing"},
        {"SELECT 'x'::text AS v", {"v", GW_COL_INT, true, 0}, "another type"},
        {"SELECT 1.5::numeric AS v", {"v", GW_COL_INT, true, 0}, "another type"},
        {"SELECT now()::timestamp AS v", {"v", GW_COL_TIME, true, 0}, "another type"},
        {"SELECT 1 AS v", {"v", GW_COL_BOOL, true, 0}, "another type"},
        {"SELECT 'x'::text AS v", {"v", GW_COL_BYTES, true, 0}, "another type"},
        {"SELECT NULL::int AS v", {"v", GW_COL_INT, true, 0}, "is NULL"},
        {"SELECT NULL::text AS v", {"v", GW_COL_TEXT, true, 0}, "is NULL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gw_err err = {0};
        gw_bytes slot;
        gw_result result = run(cases[i].text);
        assert_false(gw_row(arena, &result, &cases[i].col, 1, &slot, &err));
        assert_non_null(strstr(err.message, cases[i].said));
        assert_non_null(strstr(err.message, "test/rows"));
        assert_non_null(strstr(err.message, "\"v\""));
        assert_string_equal(err.statement, "test/rows");
        assert_kind(GW_ERR_INTERNAL);
    }
}

static void one_row_means_one(void **state)
{
    (void)state;
    gw_err err = {0};
    int64_t value;
    gw_col col = {"v", GW_COL_INT, true, 0};
    gw_result none = run("SELECT 1 AS v WHERE false");
    assert_false(gw_row(arena, &none, &col, 1, &value, &err));
    assert_kind(GW_ERR_STATE);
    gw_result two = run("SELECT 1 AS v UNION ALL SELECT 2");
    assert_false(gw_row(arena, &two, &col, 1, &value, &err));
    assert_kind(GW_ERR_INTERNAL);
    void *rows;
    assert_ok(gw_rows(arena, &none, &col, 1, sizeof value, &rows, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_type_and_null),
        cmocka_unit_test(decodes_the_ends_of_integers),
        cmocka_unit_test(decodes_times_as_the_server_means_them),
        cmocka_unit_test(decodes_times_of_any_zone),
        cmocka_unit_test(refuses_times_that_are_not_iso),
        cmocka_unit_test(a_mismatch_names_statement_and_column),
        cmocka_unit_test(one_row_means_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
