#include "project.h"

static gw_sync_settings settings;

static bool sync_of(project *p, const char *name)
{
    return project_environment(p, name) &&
           gw_config_sync(p->arena, &p->config, &p->env, &settings, &p->err);
}

static void test_defaults(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments: {dev: {url: a, connections: 3}}\n");
    assert_ok(p, sync_of(p, NULL));
    assert_null(settings.source);
    assert_string_equal(settings.mappings, gw_path_join(p->arena, p->dir, "sync"));
    assert_int_equal(settings.jobs, 3);
    assert_true(settings.max_deletes == 10);
    assert_int_equal(settings.interval_ms, 60000);
    assert_int_equal(settings.batch_time_ms, 500);
    assert_int_equal(settings.batch_bytes, 16 * 1024 * 1024);
    assert_int_equal(settings.batch_rows, 0);
    assert_int_equal(settings.max_rate, 0);
    assert_int_equal(settings.window_count, 0);
}

static void test_everything_and_an_environment_of_its_own(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml",
                  "environments:\n"
                  "  dev: {url: a}\n"
                  "  prod:\n"
                  "    url: b\n"
                  "    sync: {source_command: [\"echo\", \"postgres://cmd/d\"], jobs: 8,\n"
                  "           throttle: {pause: \"22:00-06:00\", max_load: 2.5}}\n"
                  "sync:\n"
                  "  source: \"${OLD}\"\n"
                  "  mappings: /srv/maps\n"
                  "  max_deletes: 2.5%\n"
                  "  interval: 5s\n"
                  "  batch: {time: 1s, bytes: 4MB, rows: 100000}\n"
                  "  throttle: {max_rate: 5000, max_replica_lag: 10s, pause: [\"08:00-12:00\", "
                  "\"13:00-24:00\"]}\n");
    project_variable(p, "OLD=postgres://old/d");
    assert_ok(p, sync_of(p, "dev"));
    assert_string_equal(settings.source, "postgres://old/d");
    assert_string_equal(settings.source_from, "godwit.yaml");
    assert_int_equal(settings.source_line, 8);
    assert_string_equal(settings.mappings, "/srv/maps");
    assert_true(settings.max_deletes == 2.5);
    assert_int_equal(settings.interval_ms, 5000);
    assert_int_equal(settings.batch_time_ms, 1000);
    assert_int_equal(settings.batch_bytes, 4 * 1024 * 1024);
    assert_int_equal(settings.batch_rows, 100000);
    assert_int_equal(settings.max_rate, 5000);
    assert_int_equal(settings.max_replica_lag_ms, 10000);
    assert_true(settings.max_load == 0);
    assert_int_equal(settings.window_count, 2);
    assert_int_equal(settings.windows[0].from, 480);
    assert_int_equal(settings.windows[1].to, 1440);

    assert_ok(p, sync_of(p, "prod"));
    assert_string_equal(settings.source, "postgres://cmd/d");
    assert_string_equal(settings.source_from, "source_command");
    assert_int_equal(settings.jobs, 8);
    assert_int_equal(settings.max_rate, 5000); /* what it does not say is the project's */
    assert_true(settings.max_load == 2.5);
    assert_int_equal(settings.window_count, 1);
    assert_int_equal(settings.windows[0].from, 22 * 60);

    project_variable(p, "GODWIT_SOURCE_URL=postgres://var/d");
    assert_ok(p, sync_of(p, "prod"));
    assert_string_equal(settings.source, "postgres://var/d");
    assert_string_equal(settings.source_from, "GODWIT_SOURCE_URL");
}

static void test_a_secret_in_a_file(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "environments: {dev: {url: a}}\nsync: {source_file: s/old}\n");
    assert_fails(p, sync_of(p, NULL), "s/old", 2, 21);
    project_write(p, "s/old", "\n");
    assert_fails(p, sync_of(p, NULL), "the file s/old is empty", 2, 21);
    project_write(p, "s/old", "  postgres://file/d  \nrest\n");
    assert_ok(p, sync_of(p, NULL));
    assert_string_equal(settings.source, "postgres://file/d");
    project_write(p, "godwit.yaml",
                  "environments: {dev: {url: a}}\nsync: {source_command: \"exit 3\"}\n");
    assert_fails(p, sync_of(p, NULL), "source_command of sync ended with exit code 3", 2, 24);
}

static void test_one_mistake_each(void **state)
{
    static const struct {
        const char *yaml, *says;
        unsigned line, col;
    } cases[] = {
        {"sync: {sorce: a}\n", "did you mean \"source\"?", 1, 8},
        {"sync: [a]\n", "\"sync\" takes a mapping, not a list", 1, 1},
        {"sync: {source: a, source_file: b}\n", "more than once where rows come from", 1, 1},
        {"sync: {max_deletes: 10}\n", "takes a share from 0% to 100%, not \"10\"", 1, 21},
        {"sync: {max_deletes: 101%}\n", "a share from 0%", 1, 21},
        {"sync: {batch: {bytes: 4TB}}\n", "takes a size", 1, 23},
        {"sync: {batch: {bytes: 9999999999GB}}\n", "takes a size", 1, 23},
        {"sync: {batch: {rows: 0}}\n", "whole number from 1", 1, 22},
        {"sync: {batch: {row: 1}}\n", "did you mean \"rows\"?", 1, 16},
        {"sync: {throttle: {max_load: 0}}\n", "a number over 0", 1, 29},
        {"sync: {throttle: {pause: night}}\n", "a time of the day", 1, 26},
        {"sync: {throttle: {pause: [\"25:00-26:00\"]}}\n", "a time of the day", 1, 27},
        {"sync: {throttle: {pause: [\"08:00-08:00\"]}}\n", "a time of the day", 1, 27},
        {"sync: {throttle: {pause: {a: b}}}\n", "a list of them", 1, 19},
        {"sync: {interval: soon}\n", "a duration", 1, 18},
        {"environments: {dev: {url: a, sync: {jobs: 0}}}\n", "whole number from 1", 1, 43},
    };
    project *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        project_write(p, "godwit.yaml", cases[i].yaml);
        assert_fails(p, project_load(p), cases[i].says, cases[i].line, cases[i].col);
    }
    project_write(p, "godwit.yaml", "sync: {source: \"${NONE}\", max_deletes: \"${SHARE}\"}\n");
    project_variable(p, "SHARE=some");
    assert_fails(p, sync_of(p, NULL), "the variable NONE is not set", 1, 16);
    assert_non_null(strstr(p->err.detail, "a share from 0%"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, project_open, project_close),
        cmocka_unit_test_setup_teardown(test_everything_and_an_environment_of_its_own, project_open,
                                        project_close),
        cmocka_unit_test_setup_teardown(test_a_secret_in_a_file, project_open, project_close),
        cmocka_unit_test_setup_teardown(test_one_mistake_each, project_open, project_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
