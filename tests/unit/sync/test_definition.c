/* Definitions on two databases: found changed before a run. */
#include "arena_test.h"

#include "control/control.h"
#include "sync/definition.h"

static const char table[] =
    "entity: a\nversion: 1.0.0\nsource: {table: s, key: id}\n"
    "destination: {table: d, key: id}\nfields:\n- {from: x, to: x}\n";

static const char *body;
static gw_session *session, *old;
static gw_source *source;

static int set_up(void **state)
{
    gw_err err = {0};
    char *conninfo;
    new_arena(state);
    body = table;
    session = open_pinned(arena);
    assert_ok(gw_exec(session, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_exec(session, "DROP TABLE IF EXISTS public.d", &err));
    assert_ok(gw_exec(session, "CREATE TABLE public.d (id integer PRIMARY KEY, x text)", &err));
    assert_ok(gw_exec(session, "DROP DATABASE IF EXISTS old", &err));
    assert_ok(gw_exec(session, "CREATE DATABASE old", &err));
    assert_ok(gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "old", &conninfo, &err));
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    assert_ok(gw_session_open(arena, &connect, &old, &err));
    assert_ok(gw_exec(old, "CREATE TABLE public.s (id integer PRIMARY KEY, x text)", &err));
    assert_ok(gw_source_open(arena, &connect, &source, &err));
    return 0;
}

/* Checked and registered; the active definition. */
static gw_definition registered(void)
{
    gw_err err = {0};
    gw_problems problems = {.arena = arena};
    gw_mapping mapping;
    gw_mapping_list list = {.items = &mapping, .len = 1, .cap = 1};
    gw_check check;
    gw_registered what;
    gw_definition definition;
    bool found;
    assert_true(gw_mapping_read(arena, "a.yaml", NULL, body, strlen(body), NULL, &problems,
                                &mapping));
    assert_ok(gw_mappings_check(source, session, arena, &list, NULL, &check, &err));
    assert_int_equal(check.errors, 0);
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_definition_register(session, arena, &check.entities[0], true, &what, &err));
    assert_ok(gw_session_commit(session, &err));
    assert_ok(gw_definition_active(session, arena, "a", &definition, &found, &err));
    assert_true(found);
    return definition;
}

static const char *drift(const gw_definition *definition)
{
    gw_err err = {0};
    gw_source_names lines;
    assert_ok(gw_mapping_drifted(source, session, arena, definition, &lines, &err));
    return lines.len ? lines.items[0] : NULL;
}

static void a_changed_side_is_found(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_definition definition = registered();
    assert_null(drift(&definition));
    assert_ok(gw_exec(old, "ALTER TABLE public.s ALTER x TYPE varchar(7)", &err));
    assert_string_equal(drift(&definition),
                        "source: column x: is character varying(7) now, was text");
    assert_ok(gw_exec(old, "ALTER TABLE public.s ALTER x TYPE text", &err));
    assert_null(drift(&definition));
    assert_ok(gw_exec(session, "ALTER TABLE public.d DROP x", &err));
    assert_string_equal(drift(&definition), "destination: column x is gone");
    assert_ok(gw_exec(session, "DROP TABLE public.d", &err));
    assert_string_equal(drift(&definition), "destination: the table is not there");
    assert_ok(gw_exec(old, "DROP TABLE public.s", &err));
    assert_string_equal(drift(&definition), "source: the table is not there");
}

static void a_query_that_fails_now_is_a_difference(void **state)
{
    (void)state;
    gw_err err = {0};
    static const char query[] =
        "entity: a\nversion: 1.0.0\nsource: {query: SELECT id FROM s WHERE x <> '', key: id}\n"
        "destination: {table: d, key: id}\nfields: []\n";
    body = query;
    gw_definition definition = registered();
    assert_null(drift(&definition));
    assert_ok(gw_exec(old, "ALTER TABLE public.s DROP x", &err));
    assert_string_equal(drift(&definition),
                        "source: the query fails: column \"x\" does not exist");
}

static void nothing_is_registered_without_tables(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_definition_list list;
    gw_definition definition;
    bool found = true;
    assert_ok(gw_definitions_read(session, arena, NULL, &list, &err));
    assert_int_equal(list.len, 0);
    assert_ok(gw_definition_active(session, arena, "a", &definition, &found, &err));
    assert_false(found);
}

static void the_source_is_read_only(void **state)
{
    (void)state;
    gw_err err = {0};
    assert_false(gw_exec(source->session, "CREATE TABLE public.t (a int)", &err));
    assert_string_equal(err.sqlstate, "25006");
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_side_is_found, set_up, free_arena),
        cmocka_unit_test_setup_teardown(a_query_that_fails_now_is_a_difference, set_up,
                                        free_arena),
        cmocka_unit_test_setup_teardown(nothing_is_registered_without_tables, set_up, free_arena),
        cmocka_unit_test_setup_teardown(the_source_is_read_only, set_up, free_arena),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
