/* What a file has changed in its session, and whether two such are alike. */
#include "fixture.h"

#include "migrate/session_state.h"

static const gw_session_state BASE = {"me", "none", "{\"a\": \"1\", \"b\": \"2\"}"};

static void changes(const gw_session_state *now, const char *wanted)
{
    gw_arena *arena = gw_arena_new();
    assert_string_equal(gw_session_state_changes(arena, &BASE, now), wanted);
    gw_arena_free(arena);
}

static void test_what_has_changed(void **state)
{
    (void)state;
    changes(&BASE, "{}");
    changes(&(gw_session_state){"me", "none", "{\"b\": \"2\", \"a\": \"1\"}"}, "{}");
    changes(&(gw_session_state){"me", "none", "{\"a\": \"3\", \"b\": \"2\"}"}, "{\"a\":\"3\"}");
    changes(&(gw_session_state){"me", "none", "{\"a\": \"1\", \"b\": \"2\", \"x.y\": \"\"}"},
            "{\"x.y\":\"\"}");
    changes(&(gw_session_state){"me", "none", "{\"b\": \"2\"}"}, "{\"a\":null}");
    changes(&(gw_session_state){"you", "it's \"me\"", "{\"a\": \"1\", \"b\": \"2\"}"},
            "{\"role\":\"it's \\\"me\\\"\",\"session_authorization\":\"you\"}");
}

static void differ(const char *one, const char *other, const char *wanted)
{
    gw_arena *arena = gw_arena_new();
    const char *names = gw_session_changes_differ(arena, one, other);
    if (wanted)
        assert_string_equal(names, wanted);
    else
        assert_null(names);
    gw_arena_free(arena);
}

static void test_what_differs(void **state)
{
    (void)state;
    differ("{}", "{}", NULL);
    differ("{\"a\":\"1\",\"b\":null}", "{\"b\":null,\"a\":\"1\"}", NULL);
    differ("{\"a\":\"1\"}", "{}", "a");
    differ("{}", "{\"a\":\"1\"}", "a");
    differ("{\"a\":\"1\"}", "{\"a\":null}", "a");
    differ("{\"a\":\"1\",\"c\":\"1\"}", "{\"a\":\"2\",\"b\":\"1\",\"c\":\"1\"}", "a, b");
    differ("no JSON", "[]", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_has_changed),
        cmocka_unit_test(test_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
