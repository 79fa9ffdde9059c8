/* Projections and staging: rows of one database in a temporary table of another, as they were. */
#include "arena_test.h"

#include <stdlib.h>

#include "sync/stage.h"

static gw_session *session, *old;
static gw_source *source;
static const char *body;

static void run(gw_session *where, const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(where, text, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    char *conninfo;
    new_arena(state);
    session = open_pinned(arena);
    run(session, "DROP TABLE IF EXISTS public.d");
    run(session, "DROP DATABASE IF EXISTS staged");
    run(session, "CREATE DATABASE staged");
    assert_ok(gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "staged", &conninfo, &err));
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    assert_ok(gw_session_open(arena, &connect, &old, &err));
    assert_ok(gw_source_open(arena, &connect, &source, &err));
    return 0;
}

static gw_projection projected(void)
{
    gw_err err = {0};
    gw_problems problems = {.arena = arena};
    gw_mapping *mapping = gw_alloc(arena, sizeof *mapping);
    gw_mapping_list list = {.items = mapping, .len = 1, .cap = 1};
    gw_check check;
    gw_projection out;
    assert_true(
        gw_mapping_read(arena, "a.yaml", NULL, body, strlen(body), NULL, &problems, mapping));
    assert_ok(gw_mappings_check(source, session, arena, &list, NULL, &check, &err));
    for (size_t i = 0; i < check.findings.len; i++)
        if (check.findings.items[i].error)
            print_error("%s\n", check.findings.items[i].message);
    assert_int_equal(check.errors, 0);
    assert_ok(gw_project(source->session, arena, &check.entities[0], &out, &err));
    return out;
}

static void fill(gw_stage *stage, const char *query)
{
    gw_err err = {0};
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_stage_fill(stage, source->session, query, &err));
    assert_ok(gw_session_commit(source->session, &err));
}

static const char *mixed = "entity: a\nversion: 1.0.0\n"
                           "source: { table: public.s, key: [id, \"k \\\"2\"] }\n"
                           "destination: { table: public.d, key: [id, k2] }\n"
                           "identity: keep\n"
                           "fields:\n"
                           "  - { from: id, to: id }\n"
                           "  - { from: \"k \\\"2\", to: k2 }\n"
                           "  - { from: mood, to: mood }\n"
                           "  - { from: n, to: n }\n"
                           "  - { from: a, to: a }\n"
                           "  - { to: up, sql: \"upper(s.t) || twice('x')\" }\n";

static void mixed_tables(void)
{
    body = mixed;
    run(old, "CREATE TYPE public.mood AS ENUM ('sad', 'ok');"
             "CREATE DOMAIN public.few AS int CHECK (VALUE < 100);"
             "CREATE FUNCTION public.twice(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT "
             "$1 || $1';"
             "CREATE TABLE public.s (id public.few, \"k \"\"2\" text, mood public.mood, n "
             "numeric(8,2), a int[], t text, PRIMARY KEY (id, \"k \"\"2\"));"
             "INSERT INTO public.s SELECT i, 'a''\\\"' || i, 'ok', i / 3.0, ARRAY[i, NULL], 'té' "
             "FROM generate_series(1, 50) i;"
             "INSERT INTO public.s (id, \"k \"\"2\") VALUES (99, '')");
    run(session, "CREATE TABLE public.d (id int, k2 text, mood text, n numeric, a int[], up text, "
                 "PRIMARY KEY (id, k2))");
}

static const char *digest(gw_session *where, const char *rows)
{
    return ask(where, arena,
               gw_printf(arena,
                         "SELECT pg_catalog.md5(pg_catalog.string_agg(x::text, '|' ORDER BY "
                         "x::text COLLATE \"C\")) FROM %s x",
                         rows));
}

static void rows_arrive_as_they_were(void **state)
{
    (void)state;
    gw_err err = {0};
    mixed_tables();
    gw_projection p = projected();
    gw_stage *stage;
    assert_int_equal(p.count, 6);
    assert_string_equal(p.columns[0].type, "integer"); /* of a domain */
    assert_true(p.columns[2].as_text);                 /* an enum */
    assert_false(p.columns[0].as_text || p.columns[3].as_text || p.columns[4].as_text);
    assert_ok(gw_stage_open(session, arena, &p, NULL, &stage, &err));
    fill(stage,
         gw_project_blocks(arena, &p, &p.entity->source.leaves[0], (gw_blocks){0, GW_BLOCKS_END}));
    assert_int_equal(stage->rows.len, 51);
    assert_int_equal(stage->rows.items[0].leaf, p.entity->source.leaves[0].oid);
    assert_string_equal(stage->rows.items[1].key, "[\"2\", \"a'\\\\\\\"2\"]");
    assert_string_equal(
        digest(old, "(SELECT pg_catalog.jsonb_build_array(id::text, \"k \"\"2\")::text, id::text, "
                    "\"k \"\"2\", mood::text, n, a, upper(t) || 'xx' FROM public.s)"),
        digest(session, "(SELECT gw_key, gw_1, gw_2, gw_3, gw_4, gw_5, gw_6 FROM "
                        "pg_temp.gw_stage)"));
    assert_ok(gw_session_commit(session, &err));
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM pg_temp.gw_stage"), "0");
}

static void keys_are_looked_up(void **state)
{
    (void)state;
    gw_err err = {0};
    mixed_tables();
    gw_projection p = projected();
    gw_stage *stage;
    const char *query;
    const char *keys[] = {"[\"2\", \"a'\\\\\\\"2\"]", "[\"99\", \"\"]", "[\"3\", \"nobody\"]"};
    assert_ok(gw_stage_open(session, arena, &p, NULL, &stage, &err));
    assert_ok(gw_project_keys(arena, &p, keys, 3, &query, &err));
    fill(stage, query);
    assert_int_equal(stage->rows.len, 2);
    gw_session_rollback(session);
    assert_ok(gw_project_keys(arena, &p, keys, 0, &query, &err));
    fill(stage, query);
    assert_int_equal(stage->rows.len, 0);
    gw_session_rollback(session);
    const char *wrong[] = {"7", "[\"7\"]", "[7, \"x\"]", "[\"7\", \"x\""};
    for (size_t i = 0; i < 4; i++) {
        assert_false(gw_project_keys(arena, &p, wrong + i, 1, &query, &err));
        assert_kind(GW_ERR_STATE);
    }
}

/* Blocks side by side are the whole, each row once; a query is read whole. */
static void runs_of_blocks_and_queries(void **state)
{
    (void)state;
    gw_err err = {0};
    run(old, "CREATE TABLE public.s (id uuid PRIMARY KEY, x text);"
             "INSERT INTO public.s SELECT md5(i::text)::uuid, repeat('x', 500) FROM "
             "generate_series(1, 100) i");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, x text)");
    body = "entity: a\nversion: 1.0.0\nsource: { table: s, key: id }\n"
           "destination: { table: d, key: id }\nidentity: keep\n"
           "fields: [{ from: x, to: x }]\n";
    gw_projection p = projected();
    gw_stage *stage;
    size_t seen = 0;
    assert_ok(gw_stage_open(session, arena, &p, NULL, &stage, &err));
    gw_blocks runs[] = {{0, 2}, {2, 3}, {3, GW_BLOCKS_END}};
    for (int i = 0; i < 3; i++) {
        fill(stage, gw_project_blocks(arena, &p, &p.entity->source.leaves[0], runs[i]));
        assert_true(stage->rows.len > 0);
        for (size_t k = 0; k < stage->rows.len; k++)
            assert_in_range(stage->rows.items[k].block, runs[i].first, runs[i].end - 1);
        seen += stage->rows.len;
        gw_session_rollback(session);
    }
    assert_int_equal(seen, 100);
    body = "entity: a\nversion: 1.0.0\n"
           "source: { query: \"SELECT id, x FROM s WHERE x <> ''\", key: id }\n"
           "destination: { table: d, key: id }\nidentity: keep\n"
           "fields: [{ from: x, to: x }]\n";
    p = projected();
    assert_ok(gw_stage_open(session, arena, &p, NULL, &stage, &err));
    fill(stage, gw_project_blocks(arena, &p, NULL, (gw_blocks){0, GW_BLOCKS_END}));
    assert_int_equal(stage->rows.len, 100);
    assert_int_equal(stage->rows.items[0].leaf, 0);
    gw_session_rollback(session);
}

/* What a source's expression refuses ends the filling; the session can be used again. */
static void a_source_that_fails(void **state)
{
    (void)state;
    gw_err err = {0};
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, 1000 - i FROM generate_series(1, 1000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int)");
    body = "entity: a\nversion: 1.0.0\nsource: { table: s, key: id }\n"
           "destination: { table: d, key: id }\nidentity: keep\n"
           "fields: [{ to: x, sql: \"1 / s.x\" }]\n";
    gw_projection p = projected();
    gw_stage *stage;
    assert_ok(gw_stage_open(session, arena, &p, NULL, &stage, &err));
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_false(gw_stage_fill(stage, source->session,
                               gw_project_blocks(arena, &p, NULL, (gw_blocks){0, GW_BLOCKS_END}),
                               &err));
    assert_string_equal(err.sqlstate, "22012");
    gw_err_clear(&err);
    gw_session_rollback(source->session);
    gw_session_rollback(session);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void uuids_of_names(void **state)
{
    (void)state;
    char out[37];
    /* RFC 9562, appendix A.4 */
    assert_int_equal(gw_uuid_v5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com", out), 0);
    assert_string_equal(out, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    assert_int_equal(gw_uuid_v5("6ba7b810-9dad-11d1-80b4-00c04fd430", "x", out), GW_ERR_INPUT);
    assert_int_equal(gw_uuid_v5("zba7b810-9dad-11d1-80b4-00c04fd430c8", "x", out), GW_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_arrive_as_they_were, set_up, free_arena),
        cmocka_unit_test_setup_teardown(keys_are_looked_up, set_up, free_arena),
        cmocka_unit_test_setup_teardown(runs_of_blocks_and_queries, set_up, free_arena),
        cmocka_unit_test_setup_teardown(a_source_that_fails, set_up, free_arena),
        cmocka_unit_test(uuids_of_names),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
