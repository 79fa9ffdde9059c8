#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "sync/check.h"

static gw_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

/* Both sides of an entity: {source, destination}, each with these columns. */
static json_t *sides(const char *source, const char *destination)
{
    gw_err err = {0};
    const char *text = gw_printf(
        arena,
        "{\"source\": {\"kind\": \"r\", \"keys\": [[\"id\"]], \"foreign_keys\": [], \"columns\": %s},"
        " \"destination\": {\"kind\": \"r\", \"keys\": [[\"id\"]], \"foreign_keys\": [], \"columns\": %s}}",
        source, destination);
    json_t *value = gw_json_parse(arena, "sides", text, strlen(text), &err);
    assert_non_null(value);
    return value;
}

static const char *differences(json_t *was, json_t *is)
{
    gw_source_names found;
    char *all = gw_strdup(arena, "");
    gw_described_differences(arena, was, is, &found);
    for (size_t i = 0; i < found.len; i++)
        all = gw_printf(arena, "%s%s%s", all, i ? "\n" : "", found.items[i]);
    return all;
}

#define ID "\"id\": {\"type\": \"integer\", \"not_null\": true}"

static void the_same_has_no_differences(void **state)
{
    (void)state;
    json_t *one = sides("{" ID "}", "{" ID ", \"x\": {\"type\": \"m\", \"labels\": [\"a\"]}}");
    assert_string_equal(differences(one, one), "");
    /* Order of columns is none of a mapping's business. */
    assert_string_equal(
        differences(one, sides("{" ID "}", "{\"x\": {\"labels\": [\"a\"], \"type\": \"m\"}, " ID "}")),
        "");
}

static void every_kind_of_difference(void **state)
{
    (void)state;
    json_t *was = sides("{" ID ", \"x\": {\"type\": \"text\"}, \"gone\": {\"type\": \"date\"}}",
                        "{" ID ", \"x\": {\"type\": \"m\", \"labels\": [\"a\", \"b\"]}}");
    json_t *is = sides("{" ID ", \"x\": {\"type\": \"varchar(20)\", \"not_null\": true},"
                       " \"late\": {\"type\": \"date\"}}",
                       "{" ID ", \"x\": {\"type\": \"m\", \"labels\": [\"a\"], \"default\": \"'a'\"}}");
    assert_string_equal(differences(was, is),
                        "source: column x: is varchar(20) now, was text\n"
                        "source: column x: NOT NULL is so now, was not\n"
                        "source: column gone is gone\n"
                        "source: column late is new, date\n"
                        "destination: column x: its labels is [\"a\"] now, was [\"a\",\"b\"]\n"
                        "destination: column x: its default is 'a' now, was not");
}

static void a_table_that_is_gone_and_other_keys(void **state)
{
    (void)state;
    json_t *was = sides("{" ID "}", "{" ID "}"), *is = sides("{" ID "}", "{}");
    assert_string_equal(differences(was, is), "destination: the table is not there");
    json_t *other = sides("{" ID "}", "{" ID "}");
    json_object_set_new(json_object_get(other, "source"), "keys", json_array());
    assert_string_equal(differences(was, other), "source: keys: [] now, was [[\"id\"]]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_has_no_differences, setup, teardown),
        cmocka_unit_test_setup_teardown(every_kind_of_difference, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_that_is_gone_and_other_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
