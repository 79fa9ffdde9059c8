/* What has to differ differs, what has to be equal is: asked of the server, type by type. */
#include "arena_test.h"

#include <stdlib.h>

#include "source/fingerprint.h"

static gw_session *session;

static int open_session(void **state)
{
    gw_err err = {0};
    new_arena(state);
    session = open_pinned(arena);
    assert_ok(gw_exec(
        session,
        "DROP SCHEMA IF EXISTS f CASCADE; CREATE SCHEMA f;"
        "CREATE TYPE f.mood AS ENUM ('sad', 'ok'); CREATE TYPE f.pair AS (a numeric, b text);"
        "CREATE COLLATION f.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        &err));
    return 0;
}

/* The type that the server gives an expression. */
static gw_typed typed(void)
{
    const char *text = ask(
        session, arena,
        gw_printf(arena,
                  "SELECT concat_ws(' ', t.oid, coalesce(nullif(a.atttypmod, -1), -1), t.typtype,"
                  " coalesce((SELECT c.collisdeterministic FROM pg_collation c WHERE c.oid = "
                  "a.attcollation), true))"
                  " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
                  " WHERE a.attrelid = 'pg_temp.probe'::regclass AND a.attname = 'v'"));
    char typtype, deterministic;
    unsigned long type;
    long typmod;
    assert_int_equal(sscanf(text, "%lu %ld %c %c", &type, &typmod, &typtype, &deterministic), 4);
    return (gw_typed){.sql = "p.v",
                      .type = (uint32_t)type,
                      .typmod = (int32_t)typmod,
                      .typtype = typtype,
                      .deterministic = deterministic == 't'};
}

/* Fingerprints of two values of a type: are they equal? */
static bool equal(const char *type, const char *one, const char *other)
{
    gw_err err = {0};
    assert_ok(gw_exec(
        session,
        gw_printf(arena,
                  "DROP TABLE IF EXISTS pg_temp.probe; CREATE TEMP TABLE probe (n int, v %s);"
                  "INSERT INTO pg_temp.probe VALUES (1, %s), (2, %s)",
                  type, one, other),
        &err));
    gw_typed value = typed();
    const char *hash = gw_fingerprint_sql(arena, &value, 1, gw_session_version(session));
    return strcmp(ask(session, arena,
                      gw_printf(arena, "SELECT count(DISTINCT %s) FROM pg_temp.probe p", hash)),
                  "1") == 0;
}

static void what_is_spelled_differently_differs(void **state)
{
    (void)state;
    static const struct {
        const char *type, *one, *other;
    } pairs[] = {
        {"numeric", "1.0", "1.00"},
        {"numeric", "'NaN'", "NULL"},
        {"numeric", "'NaN'", "'Infinity'"},
        {"numeric", "'Infinity'", "'-Infinity'"},
        {"numeric", "0", "NULL"},
        {"numeric(10,2)", "1.01", "1.02"},
        {"numeric(10,2)", "'NaN'", "NULL"},
        {"bigint", "0", "NULL"},
        {"date", "'2000-01-01'", "NULL"},
        {"boolean", "false", "NULL"},
        {"uuid", "'00000000-0000-0000-0000-000000000000'", "NULL"},
        {"jsonb", "'{\"a\": 1.0}'", "'{\"a\": 1.00}'"},
        {"jsonb", "'null'", "NULL"},
        {"json", "'{\"a\":1}'", "'{\"a\": 1}'"},
        {"float8", "0", "'-0'"},
        {"float4", "0", "'-0'"},
        {"float8", "1", "1.0000000000000002"},
        {"interval", "'1 day'", "'24 hours'"},
        {"interval", "'1 mon'", "'30 days'"},
        {"timetz", "'12:00+00'", "'13:00+01'"},
        {"text", "''", "NULL"},
        {"text", "'a'", "'a '"},
        {"text COLLATE f.ci", "'a'", "'A'"},
        {"varchar(5) COLLATE f.ci", "'a'", "'A'"},
        {"bpchar", "'a'::bpchar", "'a '::bpchar"},
        {"bytea", "''", "NULL"},
        {"int[]", "'{1,2,3,4}'", "'{{1,2},{3,4}}'"},
        {"int[]", "'[0:1]={1,2}'", "'{1,2}'"},
        {"text[]", "'{NULL}'", "'{\"NULL\"}'"},
        {"numeric[]", "'{1.0}'", "'{1.00}'"},
        {"f.mood", "'sad'", "'ok'"},
        {"f.pair", "'(1.0,a)'", "'(1.00,a)'"},
        {"f.pair", "'(1,)'", "'(1,\"\")'"},
        {"int4range", "'[1,5)'", "'[1,6)'"},
        {"numrange", "'[1.0,2]'", "'[1.00,2]'"},
        {"timestamptz", "'infinity'", "'-infinity'"},
        {"timestamptz", "'2020-01-01 00:00:00.000001+00'", "'2020-01-01 00:00:00+00'"},
        {"point", "'(1,2)'", "'(1,3)'"},
        {"bit varying", "'101'", "'1010'"},
        {"regclass", "'pg_class'", "'pg_type'"},
        {"tsvector", "'a:1'", "'a:2'"},
        {"boolean", "true", "NULL"},
        {"money", "1", "1.01"},
        {"xml", "'<a/>'", "'<a></a>'"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        bool same = equal(pairs[i].type, pairs[i].one, pairs[i].other);
        if (same)
            print_error("%s: %s and %s look alike\n", pairs[i].type, pairs[i].one, pairs[i].other);
        assert_false(same);
        assert_true(equal(pairs[i].type, pairs[i].one, pairs[i].one));
    }
}

static const char *row_hash(const char *select)
{
    gw_typed values[8];
    size_t count = 0;
    gw_err err = {0};
    assert_ok(gw_exec(
        session,
        gw_printf(arena, "DROP TABLE IF EXISTS pg_temp.rows; CREATE TEMP TABLE rows AS %s", select),
        &err));
    const char *columns =
        ask(session, arena,
            "SELECT string_agg(attname || ' ' || atttypid, ',' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = 'pg_temp.rows'::regclass AND attnum > 0");
    char *copy = gw_strdup(arena, columns), *save;
    for (char *at = strtok_r(copy, ",", &save); at; at = strtok_r(NULL, ",", &save)) {
        char *space = strchr(at, ' ');
        *space = '\0';
        values[count++] = (gw_typed){.sql = gw_printf(arena, "r.%s", at),
                                     .type = (uint32_t)strtoul(space + 1, NULL, 10),
                                     .typmod = -1,
                                     .typtype = 'b',
                                     .deterministic = true};
    }
    return ask(session, arena,
               gw_printf(arena, "SELECT sum(%s) FROM pg_temp.rows r",
                         gw_fingerprint_sql(arena, values, count, gw_session_version(session))));
}

static void values_do_not_run_into_each_other(void **state)
{
    (void)state;
    assert_string_not_equal(row_hash("SELECT 'a'::text a, 'bc'::text b"),
                            row_hash("SELECT 'ab'::text a, 'c'::text b"));
    assert_string_not_equal(row_hash("SELECT NULL::text a, 'x'::text b"),
                            row_hash("SELECT 'x'::text a, NULL::text b"));
    assert_string_not_equal(row_hash("SELECT NULL::text a, 1 b"),
                            row_hash("SELECT ''::text a, 1 b"));
    assert_string_not_equal(row_hash("SELECT 1 a, 2 b"), row_hash("SELECT 2 a, 1 b"));
    assert_string_not_equal(row_hash("SELECT 'a,b'::text a, 'c'::text b"),
                            row_hash("SELECT 'a'::text a, 'b,c'::text b"));
    /* Two rows that are equal do not cancel, as they would by XOR. */
    assert_string_not_equal(row_hash("SELECT 1 a UNION ALL SELECT 1"),
                            row_hash("SELECT 2 a UNION ALL SELECT 2"));
    assert_string_equal(row_hash("SELECT 1 a UNION ALL SELECT 2"),
                        row_hash("SELECT 2 a UNION ALL SELECT 1"));
}

/* What one row has gained is not what the other has lost. */
static void rows_that_swap_values_do_not_keep_their_sum(void **state)
{
    (void)state;
    assert_string_not_equal(row_hash("SELECT 1 a, 'x'::text b UNION ALL SELECT 2, 'y'"),
                            row_hash("SELECT 1 a, 'y'::text b UNION ALL SELECT 2, 'x'"));
    assert_string_not_equal(row_hash("SELECT 1 a, NULL::text b UNION ALL SELECT 2, 'y'"),
                            row_hash("SELECT 1 a, 'y'::text b UNION ALL SELECT 2, NULL"));
    assert_string_not_equal(row_hash("SELECT i a, i b FROM generate_series(1, 1000) i"),
                            row_hash("SELECT i a, 1001 - i b FROM generate_series(1, 1000) i"));
    assert_string_not_equal(row_hash("SELECT i a, i b, i c FROM generate_series(1, 3) i"),
                            row_hash("SELECT i a, i % 3 + 1 b, (i + 1) % 3 + 1 c"
                                     " FROM generate_series(1, 3) i"));
    assert_string_equal(ask(session, arena,
                            gw_printf(arena,
                                      "SELECT count(DISTINCT %s) FROM generate_series(1, 300) a,"
                                      " generate_series(1, 300) b",
                                      gw_fingerprint_sql(arena,
                                                         (gw_typed[]){{.sql = "a",
                                                                       .type = 23,
                                                                       .typmod = -1,
                                                                       .typtype = 'b',
                                                                       .deterministic = true},
                                                                      {.sql = "b",
                                                                       .type = 23,
                                                                       .typmod = -1,
                                                                       .typtype = 'b',
                                                                       .deterministic = true}},
                                                         2, gw_session_version(session)))),
                        "90000");
}

static void below_14_the_text_of_the_row_is_hashed(void **state)
{
    (void)state;
    gw_typed values[] = {
        {.sql = "t.a", .type = 1700, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.b", .type = 25, .typmod = -1, .typtype = 'b', .deterministic = true}};
    const char *sql = gw_fingerprint_sql(arena, values, 2, 130000);
    assert_string_equal(
        sql,
        "pg_catalog.hashtextextended(ROW(t.a, t.b)::pg_catalog.text COLLATE pg_catalog.\"C\", 1)");
    assert_string_equal(
        ask(session, arena,
            gw_printf(arena,
                      "SELECT count(DISTINCT %s) FROM (VALUES (1.0, ''), (1.00, ''), (1.0, NULL),"
                      " (1.0, ','), (NULL, '1.0'), ('NaN', '')) t (a, b)",
                      sql)),
        "6");
    assert_true(gw_fingerprints_compare(150000, 180000));
    assert_true(gw_fingerprints_compare(120000, 130000));
    assert_false(gw_fingerprints_compare(130000, 150000));
}

/* Texts of every length up to three blocks of the hash, and NULL, at both ends of a row. */
static void texts_that_come_late(void **state)
{
    (void)state;
    if (gw_session_version(session) < 140000)
        skip();
    gw_typed row[] = {{NULL, 25, -1, 'b', true}, {"t.n", 23, -1, 'b', true}, {NULL, 1043, -1, 'b', true}};
    const char *open = gw_fingerprint_open_sql(arena, row, 3);
    row[0].sql = "t.a";
    row[2].sql = "t.b";
    const char *whole = gw_fingerprint_sql(arena, row, 3, gw_session_version(session));
    const char *pattern = "éx€yz0123456789", *text = gw_printf(arena, "%s%s%s", pattern, pattern, pattern);
    for (int len = -1; len < 38; len++) {
        const char *made = ask(session, arena,
                               gw_printf(arena,
                                         "SELECT (%s) || ' ' || (%s) || ' ' || coalesce(octet_length(a), -1) FROM "
                                         "(SELECT CASE WHEN %d >= 0 THEN left('%s', %d) END, 7 - %d, 'b'::varchar)"
                                         " t (a, n, b)",
                                         open, whole, len, text, len, len));
        long long begun, wanted;
        int bytes;
        assert_int_equal(sscanf(made, "%lld %lld %d", &begun, &wanted, &bytes), 3);
        gw_late_text late[] = {{text, bytes, 2}, {"b", 1, 0}};
        assert_true(gw_fingerprint_close((uint64_t)begun, late, 2) == (uint64_t)wanted);
    }
}

#define with_session(test) cmocka_unit_test_setup_teardown(test, open_session, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_session(what_is_spelled_differently_differs),
        with_session(values_do_not_run_into_each_other),
        with_session(rows_that_swap_values_do_not_keep_their_sum),
        with_session(below_14_the_text_of_the_row_is_hashed),
        with_session(texts_that_come_late),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
