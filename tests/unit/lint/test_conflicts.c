/* Two parties' files in one database: each kind of clash, and its near misses. */
#include "lint/conflicts.h"
#include "lint_test.h"

typedef struct said {
    const char *party, *text;
} said;

/* A party's name in front of each text, in order of running. */
static gw_conflict_list conflicts_of(gw_arena *arena, const said *texts)
{
    gw_party_script scripts[16] = {0};
    gw_conflict_list found = {0};
    size_t count = 0;
    for (; texts[count].text; count++) {
        const char *file = gw_printf(arena, "%zu.sql", count + 1);
        scripts[count] = (gw_party_script){texts[count].party, script_of(file, texts[count].text)};
        scripts[count].script.migration = count + 1;
    }
    gw_conflicts_find(arena, scripts, count, &found);
    return found;
}

#define FOUND(...) conflicts_of(arena, (const said[]){__VA_ARGS__, {NULL, NULL}})

static const gw_conflict *only(const gw_conflict_list *list, const char *kind, const char *object)
{
    if (list->len != 1)
        fail_msg("%zu conflicts, the first: %s %s", list->len, list->len ? list->items[0].kind : "",
                 list->len ? list->items[0].object : "");
    assert_string_equal(list->items[0].kind, kind);
    assert_string_equal(list->items[0].object, object);
    return &list->items[0];
}

static void a_definition_that_is_ignored(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list =
        FOUND({"a", "CREATE TABLE users (id bigint PRIMARY KEY, mail text NOT NULL);"},
              {"b", "-- ours\n\n  CREATE TABLE IF NOT EXISTS users\n"
                    "    (id bigint PRIMARY KEY, mail varchar(50), n int);"});
    const gw_conflict *c = only(&list, "definition_ignored", "table public.users");
    assert_int_equal(c->column_count, 2);
    assert_string_equal(c->columns[0].name, "mail");
    assert_string_equal(c->columns[0].first, "mail text NOT NULL");
    assert_string_equal(c->columns[0].second, "mail varchar(50)");
    assert_string_equal(c->columns[1].name, "n");
    assert_string_equal(c->columns[1].first, "");
    assert_string_equal(c->first.party, "a");
    assert_string_equal(c->second.file, "2.sql");
    assert_int_equal(c->second.line, 3);
    assert_int_equal(c->second.col, 3);
    assert_non_null(strstr(c->message, "b's definition"));
    gw_arena_free(arena);
}

static void the_same_said_twice_is_none(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list =
        FOUND({"a", "CREATE TABLE t (id bigint, n int, PRIMARY KEY (id));"},
              {"b", "CREATE TABLE IF NOT EXISTS T (n integer, id int8 NOT NULL PRIMARY KEY);"});
    assert_int_equal(list.len, 0);
    list = FOUND({"a", "CREATE SCHEMA IF NOT EXISTS s; CREATE TABLE s.t (id int);"},
                 {"b", "CREATE SCHEMA IF NOT EXISTS s; CREATE TABLE t (id int);"});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void keys_count_too(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({"a", "CREATE TABLE t (id bigint PRIMARY KEY, n int CHECK (n > 0));"},
                                  {"b", "CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, n int);"});
    const gw_conflict *c = only(&list, "definition_ignored", "table public.t");
    assert_int_equal(c->column_count, 1);
    assert_non_null(strstr(c->columns[0].first, "CHECK (n > 0)"));
    gw_arena_free(arena);
}

static void created_twice(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({"a", "CREATE TYPE mood AS ENUM ('a');"},
                                  {"b", "CREATE TYPE mood AS ENUM ('a');"});
    only(&list, "created_twice", "type public.mood");
    list = FOUND({"a", "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"},
                 {"b", "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';"});
    assert_int_equal(list.len, 0);
    list = FOUND({"a", "CREATE TEMP TABLE t (id int);"}, {"b", "CREATE TABLE t (id int);"});
    assert_int_equal(list.len, 0);
    /* gone before the other comes */
    list = FOUND({"a", "CREATE TABLE t (id int);"}, {"a", "DROP TABLE t;"},
                 {"b", "CREATE TABLE t (id int);"});
    for (size_t i = 0; i < list.len; i++)
        assert_string_not_equal(list.items[i].kind, "created_twice");
    gw_arena_free(arena);
}

static void a_column_that_both_add(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({"a", "ALTER TABLE t ADD COLUMN n int;"},
                                  {"b", "ALTER TABLE t ADD COLUMN n int;"});
    only(&list, "created_twice", "column public.t.n");
    list = FOUND({"a", "ALTER TABLE t ADD COLUMN n int;"},
                 {"b", "ALTER TABLE t ADD COLUMN IF NOT EXISTS n text;"});
    const gw_conflict *c = only(&list, "definition_ignored", "column public.t.n");
    assert_int_equal(c->column_count, 1);
    list = FOUND({"a", "ALTER TABLE t ADD COLUMN n int;"},
                 {"b", "ALTER TABLE t ADD COLUMN IF NOT EXISTS n integer;"});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void replaced(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({"a", "CREATE VIEW v AS SELECT 1 AS n;"},
                                  {"b", "CREATE OR REPLACE VIEW v AS SELECT 2 AS n;"});
    only(&list, "replaced", "view public.v");
    list = FOUND({"a", "CREATE VIEW v AS SELECT 1 AS n;"},
                 {"b", "CREATE OR REPLACE VIEW v AS SELECT 1  AS  n;"});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void changed_under_the_other(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({NULL, "CREATE TABLE t (id int, n int);"},
                                  {"a", "CREATE VIEW v AS SELECT n FROM t;"},
                                  {"b", "ALTER TABLE t DROP COLUMN n;"});
    const gw_conflict *c = only(&list, "changed_under_the_other", "column public.t.n");
    assert_true(!strcmp(c->first.party, "a") || !strcmp(c->second.party, "a"));
    /* another column, and one's own */
    list = FOUND({NULL, "CREATE TABLE t (id int, n int);"}, {"a", "CREATE VIEW v AS SELECT id FROM t;"},
                 {"b", "ALTER TABLE t DROP COLUMN n;"});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void changed_twice(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({NULL, "CREATE TABLE t (id int, n int);"},
                                  {"a", "ALTER TABLE t RENAME n TO l;"},
                                  {"b", "ALTER TABLE t RENAME n TO m;"});
    bool found = false;
    for (size_t i = 0; i < list.len; i++)
        found |= strcmp(list.items[i].kind, "changed_twice") == 0 &&
                 strcmp(list.items[i].object, "public.t.n") == 0;
    assert_true(found);
    /* who asks first whether it is there fails at nothing */
    list = FOUND({NULL, "CREATE TABLE t (id int, n int);"}, {"a", "DROP TABLE t;"},
                 {"b", "DROP TABLE IF EXISTS t;"});
    for (size_t i = 0; i < list.len; i++)
        assert_string_not_equal(list.items[i].kind, "changed_twice");
    gw_arena_free(arena);
}

static void an_enum_against_a_text(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list =
        FOUND({"a", "CREATE TYPE chain AS ENUM ('eth', 'dot');"
                    "CREATE TABLE x (id bigint PRIMARY KEY, chain chain NOT NULL);"},
              {"b", "CREATE TABLE y (id bigint PRIMARY KEY, chain varchar(20) NOT NULL);"});
    assert_true(list.len >= 1);
    assert_string_equal(list.items[0].kind, "enum_against_text");
    /* a word that means something else in each table */
    list = FOUND({"a", "CREATE TYPE lamp AS ENUM ('on', 'off');"
                       "CREATE TABLE x (id bigint PRIMARY KEY, state lamp NOT NULL);"},
                 {"b", "CREATE TABLE y (id bigint PRIMARY KEY, state varchar(20) NOT NULL);"});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void what_cannot_be_read_ends_nothing(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_conflict_list list = FOUND({"a", "CREAT TABLE; CREATE TABLE t (id int);"},
                                  {"b", "SELECT 'open; CREATE TABLE t (id int);"}, {"b", ""});
    assert_int_equal(list.len, 0);
    list = FOUND({"a", ""});
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_definition_that_is_ignored),
        cmocka_unit_test(the_same_said_twice_is_none),
        cmocka_unit_test(keys_count_too),
        cmocka_unit_test(created_twice),
        cmocka_unit_test(a_column_that_both_add),
        cmocka_unit_test(replaced),
        cmocka_unit_test(changed_under_the_other),
        cmocka_unit_test(changed_twice),
        cmocka_unit_test(an_enum_against_a_text),
        cmocka_unit_test(what_cannot_be_read_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
