#include "project.h"

static const char two[] = "default: dev\n"
                          "environments:\n"
                          "  dev: {url: postgres://dev/d, direct_url: postgres://direct/d}\n"
                          "  prod: {url: \"${PROD_URL}\", protected: true, lock_timeout: 5s}\n";

/* What wins: each row sets some of the places and says which one is taken. */
static void test_url_precedence(void **state)
{
    static const struct {
        const char *flag_url, *flag_env, *variables[3], *dotenv, *url, *source, *name;
    } rows[] = {
        {.url = "postgres://dev/d", .source = "godwit.yaml", .name = "dev"},
        {.variables = {"DATABASE_URL=postgres://db/d"}, .url = "postgres://db/d",
         .source = "DATABASE_URL", .name = "dev"},
        {.dotenv = "DATABASE_URL=postgres://db/d\n", .url = "postgres://db/d",
         .source = "DATABASE_URL in .env", .name = "dev"},
        {.variables = {"DATABASE_URL=postgres://db/d"}, .dotenv = "DATABASE_URL=postgres://e/d\n",
         .url = "postgres://db/d", .source = "DATABASE_URL", .name = "dev"},
        {.variables = {"GODWIT_URL=postgres://gw/d", "DATABASE_URL=postgres://db/d"},
         .url = "postgres://gw/d", .source = "GODWIT_URL", .name = "dev"},
        {.variables = {"DATABASE_URL=postgres://db/d"}, .dotenv = "GODWIT_URL=postgres://gw/d\n",
         .url = "postgres://gw/d", .source = "GODWIT_URL in .env", .name = "dev"},
        {.flag_url = "postgres://flag/d", .variables = {"GODWIT_URL=postgres://gw/d"},
         .url = "postgres://flag/d", .source = "--url", .name = "dev"},
        /* an environment that was chosen is not redirected by the application's variable */
        {.flag_env = "prod", .variables = {"DATABASE_URL=postgres://db/d", "PROD_URL=postgres://p/d"},
         .url = "postgres://p/d", .source = "godwit.yaml", .name = "prod"},
        {.flag_env = "dev", .variables = {"DATABASE_URL=postgres://db/d"},
         .url = "postgres://dev/d", .source = "godwit.yaml", .name = "dev"},
        {.variables = {"GODWIT_ENV=prod", "DATABASE_URL=postgres://db/d", "PROD_URL=postgres://p/d"},
         .url = "postgres://p/d", .source = "godwit.yaml", .name = "prod"},
        {.flag_env = "prod", .variables = {"GODWIT_ENV=dev", "GODWIT_URL=postgres://gw/d"},
         .url = "postgres://gw/d", .source = "GODWIT_URL", .name = "prod"},
        {.dotenv = "GODWIT_ENV=prod\nPROD_URL=postgres://e/d\n", .url = "postgres://e/d",
         .source = "godwit.yaml", .name = "prod"},
        {.variables = {"GODWIT_URL=", "DATABASE_URL="}, .url = "postgres://dev/d",
         .source = "godwit.yaml", .name = "dev"},
    };
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(p->variables, rows[i].variables, sizeof rows[i].variables);
        project_write(p, ".env", rows[i].dotenv ? rows[i].dotenv : "");
        p->options.url = rows[i].flag_url;
        p->options.env = rows[i].flag_env;
        assert_ok(p, project_environment(p, NULL));
        assert_string_equal(p->env.url, rows[i].url);
        assert_string_equal(p->env.url_source, rows[i].source);
        assert_string_equal(p->env.name, rows[i].name);
        /* Whoever brings another url leaves the file's direct_url behind. */
        bool own = strcmp(p->env.url, "postgres://dev/d") == 0;
        assert_int_equal(p->env.direct_url != NULL, own);
    }
}

/* It is about the database that the variables name, and --url is another one. */
static void test_the_variable_of_the_direct_url(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    project_variable(p, "GODWIT_DIRECT_URL=postgres://past/d");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.direct_url, "postgres://past/d");
    p->options.url = "postgres://other/d";
    assert_ok(p, project_environment(p, NULL));
    assert_null(p->env.direct_url);
    p->options.url = NULL;
    project_variable(p, "GODWIT_URL=postgres://other/d");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.direct_url, "postgres://past/d");
}

static void test_missing_variable_hurts_only_its_user(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.url, "postgres://dev/d");
    assert_fails(p, project_environment(p, "prod"), "the variable PROD_URL is not set", 4, 15);
    assert_ok(p, project_load(p)); /* what needs no environment works on */
}

static void test_protection_follows_the_database(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    project_variable(p, "PROD_URL=postgres://p/d");
    project_variable(p, "DATABASE_URL=postgres://p/d");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.name, "dev");
    assert_true(p->env.is_protected);
    assert_string_equal(p->env.protected_name, "prod");

    p->options.url = "postgres://p/other";
    assert_ok(p, project_environment(p, NULL));
    assert_false(p->env.is_protected);
    assert_null(p->env.protected_name);
}

static void test_another_environment_keeps_its_url(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    project_variable(p, "PROD_URL=postgres://p/d");
    project_variable(p, "GODWIT_URL=postgres://gw/d");
    p->options.url = "postgres://flag/d";
    assert_ok(p, project_environment(p, "prod"));
    assert_string_equal(p->env.url, "postgres://p/d");
    assert_true(p->env.chosen);
    assert_ok(p, project_environment(p, "dev"));
    assert_string_equal(p->env.url, "postgres://flag/d");
}

static void test_settings_precedence(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", two);
    project_variable(p, "PROD_URL=postgres://p/d");
    assert_ok(p, project_environment(p, "dev"));
    assert_int_equal(p->env.lock_timeout_ms, 2000);
    assert_int_equal(p->env.statement_timeout_ms, 0);
    assert_int_equal(p->env.lock_retries, 10);
    assert_int_equal(p->env.connect_timeout_ms, 10000);
    assert_int_equal(p->env.max_replica_lag_ms, 10000);
    assert_int_equal(p->env.wait_ms, 30000);
    assert_int_equal(p->env.connections, 4);
    assert_int_equal(p->env.pool.max, 4);
    assert_int_equal(p->env.pooler, GW_CONFIG_POOLER_AUTO);

    assert_ok(p, project_environment(p, "prod"));
    assert_int_equal(p->env.lock_timeout_ms, 5000);
    project_write(p, ".env", "GODWIT_LOCK_TIMEOUT=6s\nGODWIT_WAIT=7s\nGODWIT_CONNECTIONS=8\n"
                             "GODWIT_POOLER=no\nGODWIT_STATEMENT_TIMEOUT=1h\n"
                             "GODWIT_CONNECT_TIMEOUT=9s\nGODWIT_LOCK_RETRIES=3\nGODWIT_MAX_REPLICA_LAG=0\n");
    assert_ok(p, project_environment(p, "prod"));
    assert_int_equal(p->env.lock_timeout_ms, 6000);
    assert_int_equal(p->env.wait_ms, 7000);
    assert_int_equal(p->env.connections, 8);
    assert_int_equal(p->env.pooler, GW_CONFIG_POOLER_NO);
    assert_int_equal(p->env.statement_timeout_ms, 3600000);
    assert_int_equal(p->env.connect_timeout_ms, 9000);
    assert_int_equal(p->env.lock_retries, 3);
    assert_int_equal(p->env.max_replica_lag_ms, 0);
    project_variable(p, "GODWIT_LOCK_TIMEOUT=10s");
    assert_ok(p, project_environment(p, "prod"));
    assert_int_equal(p->env.lock_timeout_ms, 10000);

    project_variable(p, "GODWIT_WAIT=soon");
    assert_fails(p, project_environment(p, "prod"), "\"GODWIT_WAIT\" takes a duration", 0, 0);
    assert_null(p->err.file);
}

static void test_without_a_file(void **state)
{
    project *p = *state;
    assert_fails(p, project_environment(p, NULL), "no godwit.yaml and no DATABASE_URL", 0, 0);
    assert_non_null(strstr(p->err.hint, "godwit init"));

    project_variable(p, "PGHOST=/tmp");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.url, "");
    assert_string_equal(p->env.url_source, "PG* variables");

    project_variable(p, "DATABASE_URL=postgres://db/d");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.url, "postgres://db/d");
    assert_string_equal(p->env.name, "default");
    p->options.env = "ci"; /* a name that somebody else's variable says nothing of */
    assert_fails(p, project_environment(p, NULL), "there is no environment \"ci\"", 0, 0);
    p->options.url = "postgres://said/d"; /* then it is a name for only=…, nothing more */
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.name, "ci");
    assert_string_equal(p->env.url, "postgres://said/d");
}

static void test_choosing(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments: {staging: {url: a}, prod: {url: b}}\n");
    assert_fails(p, project_environment(p, NULL), "no environment was chosen", 0, 0);
    assert_non_null(strstr(p->err.detail, "staging or prod"));
    assert_fails(p, project_environment(p, "prd"), "did you mean \"prod\"?", 0, 0);
    p->options.env = "stagin";
    assert_fails(p, project_environment(p, NULL), "there is no environment \"stagin\"", 0, 0);
    p->options.env = NULL;
    project_write(p, "godwit.yaml", "environments: {live: {url: a}}\n");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.name, "live");
    assert_false(p->env.chosen);
    project_write(p, "godwit.yaml", "environments: {prod: {url: a}, dev: {url: b}}\n");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.name, "dev");
    project_write(p, "godwit.yaml", "environments:\n  dev:\n");
    assert_fails(p, project_environment(p, NULL), "does not say where its database is", 2, 3);
}

static void test_url_from_file(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments:\n  dev: {url_file: \"${WHERE:-secret}/url\"}\n");
    assert_fails(p, project_environment(p, NULL), "cannot", 2, 19);
    project_write(p, "secret/url", "  postgres://file/d \n\n");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->env.url, "postgres://file/d");
    assert_string_equal(p->env.url_source, "url_file");
    project_write(p, "secret/url", "\n");
    assert_fails(p, project_environment(p, NULL), "is empty", 2, 19);
}

static void test_url_from_command(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments:\n"
                                    "  dev: {url_command: [printf, '%s', \"postgres://${H:-c}/d\"]}\n"
                                    "  line: {url_command: \"echo postgres://$(echo sh)/d\"}\n"
                                    "  bad: {url_command: \"echo no entry >&2; exit 3\"}\n"
                                    "  mute: {url_command: [/bin/true]}\n"
                                    "  none: {url_command: [/nonexistent/program]}\n");
    assert_ok(p, project_environment(p, "dev"));
    assert_string_equal(p->env.url, "postgres://c/d");
    assert_string_equal(p->env.url_source, "url_command");
    assert_ok(p, project_environment(p, "line"));
    assert_string_equal(p->env.url, "postgres://sh/d");
    assert_fails(p, project_environment(p, "bad"), "ended with exit code 3", 4, 22);
    assert_string_equal(p->err.hint, "it said: no entry");
    assert_fails(p, project_environment(p, "mute"), "printed nothing", 5, 10);
    assert_false(project_environment(p, "none"));
    assert_int_equal(p->err.line, 6);
}

static void test_other_databases(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments: {dev: {url: mysql://h/d}}\n");
    assert_fails(p, project_environment(p, NULL), "\"mysql://\" (from godwit.yaml)", 1, 27);
    project_variable(p, "DATABASE_URL=sqlite://x.db");
    assert_fails(p, project_environment(p, NULL), "\"sqlite://\" (from DATABASE_URL)", 0, 0);
    p->options.url = "host=h options='-c x=a://b'";
    assert_ok(p, project_environment(p, NULL));
    p->options.url = "embedded";
    assert_ok(p, project_environment(p, NULL));
    assert_true(p->env.embedded);
    assert_null(p->env.url);
}

static void test_pool_bounds(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments: {dev: {url: a, pool: {min: 6}}}\n");
    assert_ok(p, project_environment(p, NULL));
    assert_int_equal(p->env.pool.max, 6);
    project_write(p, "godwit.yaml", "environments: {dev: {url: a, pool: {min: 6, max: 5}}}\n");
    assert_fails(p, project_environment(p, NULL), "min 6 is more than max 5", 1, 42);
}

static void test_values_behind_variables(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml",
                  "environments: {dev: {url: a, lock_timeout: \"${T:-never}\"}}\n");
    assert_fails(p, project_environment(p, NULL), "takes a duration, not \"never\"", 1, 44);
    project_variable(p, "T=4s");
    assert_ok(p, project_environment(p, NULL));
    assert_int_equal(p->env.lock_timeout_ms, 4000);
    project_write(p, "godwit.yaml", "environments: {dev: {url: a, for_each: [x, \"${T}\", 4s]}}\n");
    assert_fails(p, project_environment(p, NULL), "\"4s\" is given twice", 1, 52);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, project_open, project_close)
    const struct CMUnitTest tests[] = {
        T(test_url_precedence),
        T(test_the_variable_of_the_direct_url),
        T(test_missing_variable_hurts_only_its_user),
        T(test_protection_follows_the_database),
        T(test_another_environment_keeps_its_url),
        T(test_settings_precedence),
        T(test_without_a_file),
        T(test_choosing),
        T(test_url_from_file),
        T(test_url_from_command),
        T(test_other_databases),
        T(test_pool_bounds),
        T(test_values_behind_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
