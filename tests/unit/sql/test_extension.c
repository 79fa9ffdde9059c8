#include "../base/unit.h"

#include "sql/extension.h"

static bool reads(gw_arena *arena, const char *text, gw_sql_extension *out)
{
    size_t len = strlen(text);
    return gw_sql_extension_read(arena, gw_memdup(arena, text, len), len, out);
}

static void names_the_extension(void **state)
{
    gw_sql_extension e;
    assert_true(reads(*state, "create Extension IF NOT EXISTS PostGIS WITH schema \"S p\" CASCADE", &e));
    assert_string_equal(e.name, "postgis");
    assert_string_equal(e.schema, "S p");
    assert_true(e.creates && !e.drops);
    assert_true(reads(*state, "/* a */ DROP EXTENSION IF EXISTS \"uuid-ossp\" -- b\n CASCADE", &e));
    assert_string_equal(e.name, "uuid-ossp");
    assert_true(e.drops && !e.schema);
    assert_true(reads(*state, "ALTER EXTENSION x UPDATE TO '2'", &e));
    assert_string_equal(e.statement, "ALTER EXTENSION");
    assert_true(reads(*state, "COMMENT ON EXTENSION x IS 'CREATE EXTENSION y'", &e));
    assert_string_equal(e.name, "x");
}

static void leaves_others_alone(void **state)
{
    static const char *const others[] = {
        "",          "CREATE",           "CREATE EXTENSION",        "CREATE TABLE extension (id int)",
        "COMMENT",   "COMMENT ON TABLE extension IS 'x'",           "DROP EXTENSION a, b",
        "SELECT 1",  "'CREATE EXTENSION x'",                        "DROP EXTENSION IF EXISTS"};
    gw_sql_extension e;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(reads(*state, others[i], &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(names_the_extension),
        with_arena(leaves_others_alone),
    };
    return cmocka_run_group_tests_name("extension", tests, NULL, NULL);
}
