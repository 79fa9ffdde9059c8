#include "project.h"

#include <unistd.h>

static project *with(void **state, const char *yaml)
{
    project *p = *state;
    project_write(p, "godwit.yaml", yaml);
    return p;
}

static void test_example(void **state)
{
    project *p = with(state, "project: ledgerflow\n"
                             "migrations: migrations            # a comment\n"
                             "default: dev\n"
                             "environments:\n"
                             "  dev:  { url: embedded }\n"
                             "  prod: { url: \"${DATABASE_URL}\", protected: true, lock_timeout: 2s,"
                             " statement_timeout: 15min, connections: 4 }\n"
                             "backup: { directory: backups, keep: 30d, before: up }\n");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.project, "ledgerflow");
    assert_string_equal(p->config.project_dir, p->dir);
    assert_int_equal(p->config.folder_count, 1);
    assert_string_equal(p->config.folders[0].service, "");
    assert_string_equal(p->config.folders[0].path, gw_path_join(p->arena, p->dir, "migrations"));
    assert_string_equal(p->config.folders[0].shown, "migrations");
    assert_null(p->config.folders[0].format);
    assert_false(p->config.folders_found);
    assert_int_equal(p->config.environment_count, 2);
    assert_string_equal(p->config.environment_names[1], "prod");
    assert_string_equal(p->config.default_environment, "dev");
    assert_string_equal(p->config.backup.keep, "30d");
    assert_true(p->config.backup.before_up);
    assert_string_equal(p->config.backup.directory, gw_path_join(p->arena, p->dir, "backups"));
}

static void test_everything_accepted(void **state)
{
    project *p = with(state,
                      "x-common: &common {lock_timeout: 3s, protected: yes}\n"
                      "project: 2024\n" /* a number is its text */
                      "format: golang-migrate\n"
                      "compat: sqlx\n"
                      "migrations:\n"
                      "  - {service: indexer, path: services/indexer}\n"
                      "  - {service: 007, path: /srv/bot, format: dbmate}\n"
                      "placeholders: {schema: app, on: \"${PART:-x}$$1\"}\n"
                      "environments:\n"
                      "  no:\n" /* a name, not false */
                      "    <<: *common\n"
                      "    url: postgres://u@h/d\n"
                      "    direct_url: postgres://u@direct/d\n"
                      "    lock_retries: 0\n"
                      "    pool: {min: 1, max: 9, acquire_timeout: 3s, idle_timeout: 1min}\n"
                      "    pooler: true\n"
                      "    wait: 5s\n"
                      "    for_each: {schemas: \"tenant_%\", jobs: 3}\n"
                      "    backup: {before: up}\n"
                      "  other:\n"
                      "    url: host=h dbname=d\n"
                      "    for_each: {databases: [a, 2]}\n"
                      "sync: {source: \"${SOURCE}\", mappings: maps}\n"
                      "lint: {ignore: [a, 2], severity: {b: error, c: off}, target_version: 14}\n"
                      "log: {format: json}\n");
    assert_ok(p, project_environment(p, "no"));
    assert_int_equal(p->config.lint.ignore_count, 2);
    assert_string_equal(p->config.lint.ignore[1].rule, "2");
    assert_int_equal(p->config.lint.severity_count, 2);
    assert_string_equal(p->config.lint.severity[0].rule, "b");
    assert_string_equal(p->config.lint.severity[0].severity, "error");
    assert_string_equal(p->config.lint.severity[1].severity, "off");
    assert_int_equal(p->config.lint.target_version, 14);
    assert_string_equal(p->config.project, "2024");
    assert_true(p->config.compat_sqlx);
    assert_true(p->config.log_json);
    assert_int_equal(p->config.folder_count, 2);
    assert_string_equal(p->config.folders[0].format, "golang-migrate");
    assert_string_equal(p->config.folders[1].service, "007");
    assert_string_equal(p->config.folders[1].path, "/srv/bot");
    assert_string_equal(p->config.folders[1].format, "dbmate");
    assert_int_equal(p->config.folders[1].line, 7);
    assert_int_equal(p->env.lock_timeout_ms, 3000);
    assert_true(p->env.has_lock_timeout);
    assert_true(p->env.is_protected);
    assert_string_equal(p->env.protected_name, "no");
    assert_string_equal(p->env.direct_url, "postgres://u@direct/d");
    assert_int_equal(p->env.lock_retries, 0);
    assert_int_equal(p->env.pool.min, 1);
    assert_int_equal(p->env.pool.max, 9);
    assert_int_equal(p->env.pool.acquire_timeout_ms, 3000);
    assert_int_equal(p->env.pool.idle_timeout_ms, 60000);
    assert_int_equal(p->env.pooler, GW_CONFIG_POOLER_YES);
    assert_int_equal(p->env.wait_ms, 5000);
    assert_string_equal(p->env.for_each.schemas, "tenant_%");
    assert_int_equal(p->env.for_each.jobs, 3);
    assert_true(p->env.backup_before_up);
    assert_int_equal(p->env.placeholder_count, 2);
    assert_string_equal(p->env.placeholders[1].key, "on");
    assert_string_equal(p->env.placeholders[1].value, "x$1");

    assert_ok(p, project_environment(p, "other"));
    assert_int_equal(p->env.for_each.database_count, 2);
    assert_string_equal(p->env.for_each.databases[1], "2");
    assert_false(p->env.is_protected);
    assert_int_equal(p->env.lock_timeout_ms, 2000);
    assert_false(p->env.has_lock_timeout);
}

static void test_one_mistake_each(void **state)
{
    static const struct {
        const char *yaml, *says;
        unsigned line, col;
    } cases[] = {
        {"projekt: a\n", "did you mean \"project\"?", 1, 1},
        {"project: a\n\nenviroments: {}\n", "unknown key \"enviroments\"", 3, 1},
        {"environments:\n  dev:\n    ulr: x\n", "did you mean \"url\"?", 3, 5},
        {"environments: {dev: {zzzzzzz: 1}}\n", "known here: url,", 1, 22},
        {"project: [a]\n", "\"project\" takes a single value, not a list", 1, 1},
        {"project:\n", "\"project\" has no value", 1, 1},
        {"project: ''\n", "\"project\" is empty", 1, 10},
        {"project: a\nproject: b\n", "the key \"project\" is given twice", 2, 1},
        {"environments: {dev: {url: a}, dev: {url: b}}\n", "\"dev\" is given twice", 1, 31},
        {"environments: [dev]\n", "\"environments\" takes a mapping, not a list", 1, 1},
        {"environments: {dev: embedded}\n", "\"dev\" takes a mapping, not a single value", 1, 21},
        {"environments: {dev: {lock_timeout: soon}}\n", "takes a duration, not \"soon\"", 1, 36},
        {"environments: {dev: {lock_retries: -1}}\n", "whole number from 0", 1, 36},
        {"environments: {dev: {lock_retries: 3x}}\n", "whole number from 0", 1, 36},
        {"environments: {dev: {connections: 0}}\n", "whole number from 1", 1, 35},
        {"environments: {dev: {protected: maybe}}\n", "true or false", 1, 33},
        {"environments: {dev: {pooler: pgbouncer}}\n", "auto, true or false", 1, 30},
        {"environments: {dev: {pool: {size: 1}}}\n", "unknown key \"size\"", 1, 29},
        {"environments: {dev: {for_each: {schemas: a, databases: [b]}}}\n", "not both", 1, 22},
        {"environments: {dev: {for_each: {databases: a}}}\n", "a list of names", 1, 44},
        {"environments: {dev: {for_each: {databases: 'a, b'}}}\n", "write databases: [a, b]", 1, 44},
        {"environments: {dev: {for_each: {databases: 'crm_%'}}}\n", "for_each: { schemas: \"crm_%\" }", 1, 44},
        {"environments: {dev: {url: a, url_file: b}}\n", "more than once", 1, 16},
        {"environments: {dev: {url_command: {a: b}}}\n", "a command line", 1, 22},
        {"environments: {dev: {backup: {before: always}}}\n", "takes up or never", 1, 39},
        {"default: prdo\nenvironments: {prod: {url: a}}\n", "did you mean \"prod\"?", 1, 10},
        {"format: dbmat\n", "did you mean \"dbmate\"?", 1, 9},
        {"format: liquibase\n", "known: godwit, sqlx,", 1, 9},
        {"compat: goose\n", "\"compat\" takes sqlx", 1, 9},
        {"migrations: []\n", "a list of {service, path}", 1, 1},
        {"migrations: [a]\n", "takes {service: NAME, path: FOLDER}", 1, 14},
        {"migrations: [{path: a}]\n", "has no \"service\"", 1, 15},
        {"migrations: [{service: a, path: b}, {service: a, path: c}]\n", "given twice", 1, 47},
        {"migrations: [{service: a, path: b}, {service: c, path: b}]\n", "same folder", 1, 56},
        {"migrations: ${NOPE}/x\n", "the variable NOPE is not set", 1, 13},
        {"migrations: ${NO PE}\n", "\"${NO PE}\" is not a variable", 1, 13},
        {"migrations: \"${NOPE\"\n", "does not close it", 1, 13},
        {"backup: {keep: forever}\n", "an age or a number of backups", 1, 16},
        {"shadow: on\n", "\"shadow\" takes a mapping", 1, 9},
        {"shadow: {dir: x}\n", "unknown key \"dir\"", 1, 10},
        {"shadow: {bindir: ''}\n", "bindir", 1, 18},
        {"backup: {keep: 0}\n", "an age or a number of backups", 1, 16},
        {"log: {format: xml}\n", "json or text", 1, 15},
        {"lint: {ignore: a}\n", "a list of names", 1, 16},
        {"lint: {ignored: [a]}\n", "did you mean \"ignore\"?", 1, 8},
        {"lint: {severity: {a: bad}}\n", "\"a\" takes error, warning, note or off", 1, 22},
        {"lint: {severity: [a]}\n", "takes a mapping", 1, 8},
        {"lint: {target_version: 11}\n", "a major version of PostgreSQL", 1, 24},
        {"lint: {target_version: 15.1}\n", "a major version of PostgreSQL", 1, 24},
        {"placeholders: {a: [b]}\n", "\"a\" takes a single value", 1, 16},
        {"just words\n", "has to be a mapping", 1, 1},
        {"[a, b]\n", "has to be a mapping", 1, 1},
        {"project: *nope\n", "no anchor \"&nope\"", 1, 1},
        {"project: a\n---\nproject: b\n", "more than one YAML document", 1, 1},
        {"project: \"a\\0b\"\n", "NUL character", 1, 10},
        {"project: \xff\n", "not UTF-8", 1, 10},
        {"? [a]\n: b\n", "a key has to be a plain word", 1, 1},
    };
    project *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        project_write(p, "godwit.yaml", cases[i].yaml);
        assert_fails(p, project_load(p), cases[i].says, cases[i].line, cases[i].col);
        assert_string_equal(gw_path_base(p->err.file), "godwit.yaml");
    }
}

static void test_not_yaml(void **state)
{
    project *p = with(state, "project: a\nmigrations: [b\n");
    assert_false(project_load(p));
    assert_int_equal(p->err.kind, GW_ERR_CONFIG);
    assert_non_null(strstr(p->err.message, "this is not YAML"));
    assert_true(p->err.line >= 2);
}

/* Where the bracket stands, not where the text ends; what only looks like one is passed over. */
static void test_a_bracket_that_is_never_closed(void **state)
{
    static const struct {
        const char *yaml;
        unsigned line, col;
    } cases[] = {
        {"environments: [a", 1, 15},
        {"environments: [a\n", 1, 15},
        {"project: \"a[b\" # it's [\nenvironments:\n  dev: { url: 'x[', for_each: { schemas: [ \"a]\" }\n", 3, 42},
        {"project: it's[\nmigrations: |\n  [ {\n\n  '\ndefault: {\nenvironments: {}\n", 6, 10},
        {"migrations: [ { service: a, path: b }\ndefault: dev\nenvironments: { dev: { url: x } }\n", 1, 13},
        {"- - [a]\n- {b: [c, d], e\n", 2, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        project *p = i ? *state : with(state, cases[i].yaml);
        project_write(p, "godwit.yaml", cases[i].yaml);
        assert_fails(p, project_load(p), "is opened and never closed", cases[i].line, cases[i].col);
        assert_non_null(strstr(p->err.hint, "close it with"));
    }
}

static void test_all_at_once(void **state)
{
    project *p = with(state, "environments:\n"
                             "  dev: {protected: 7, url: a}\n"
                             "  dev: {url: b}\n"
                             "projct: a\n"
                             "log: yes\n");
    assert_fails(p, project_load(p), "has 4 problems", 2, 20);
    const char *lines[] = {"godwit.yaml:2:20: \"protected\" takes true or false, not \"7\"\n",
                           "godwit.yaml:3:3: the key \"dev\" is given twice",
                           "godwit.yaml:4:1: unknown key \"projct\" (did you mean \"project\"?)\n",
                           "godwit.yaml:5:6: \"log\" takes a mapping"};
    const char *at = p->err.detail;
    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, lines[i]);
        assert_non_null(at);
    }
}

static void test_aliases_that_explode(void **state)
{
    project *p = with(state, "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                             "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                             "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                             "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                             "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n");
    assert_false(project_load(p));
    assert_non_null(strstr(p->err.message, "too big"));
    project_write(p, "godwit.yaml", "a: &a [*a]\n");
    assert_false(project_load(p));
    assert_non_null(strstr(p->err.message, "too deeply"));
}

static void test_empty_file(void **state)
{
    project *p = with(state, "# nothing yet\n");
    assert_ok(p, project_environment(p, NULL));
    assert_string_equal(p->config.project, gw_path_base(p->dir));
    assert_string_equal(p->config.folders[0].shown, "migrations");
    assert_true(p->config.folders_found);
    assert_string_equal(p->env.name, "dev");
    assert_true(p->env.embedded);
}

static void test_usual_folders(void **state)
{
    project *p = *state;
    project_write(p, "db/migrations/1_a.sql", "-- migrate:up\n");
    assert_ok(p, project_load(p));
    assert_null(p->config.file);
    assert_string_equal(p->config.folders[0].shown, "db/migrations");
    project_write(p, "migrations/1_a.sql", "");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.folders[0].shown, "migrations");
    project_variable(p, "GODWIT_MIGRATIONS=elsewhere");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.folders[0].shown, "elsewhere");
    assert_false(p->config.folders_found);
}

static void test_found_above(void **state)
{
    project *p = with(state, "project: above\n");
    project_write(p, "a/b/c.txt", "");
    p->options.dir = gw_path_join(p->arena, p->dir, "a/b");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.project, "above");
    assert_string_equal(p->config.project_dir, p->dir);

    /* A repository of its own is not part of the one around it. */
    project_write(p, "a/.git/HEAD", "");
    assert_ok(p, project_load(p));
    assert_null(p->config.file);
}

static void test_named_file(void **state)
{
    project *p = *state;
    project_write(p, "conf/other.yaml", "project: other\nmigrations: m\n");
    p->options.file = "conf/other.yaml";
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.project, "other");
    assert_string_equal(p->config.folders[0].path, gw_path_join(p->arena, p->dir, "conf/m"));

    p->options.file = NULL;
    project_variable(p, "GODWIT_CONFIG=conf/other.yaml");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.project, "other");

    p->options.file = "nowhere.yaml";
    assert_fails(p, project_load(p), "there is no file", 0, 0);
    p->options.file = NULL;
    p->options.dir = "/nonexistent-folder";
    assert_fails(p, project_load(p), "is not a folder", 0, 0);
}

static void test_expand(void **state)
{
    project *p = with(state, "shadow: {url: \"a${ONE}b$$c$d${TWO:-x${ONE}y}${THREE:-}\"}\n");
    const char *out;
    project_variable(p, "ONE=1");
    project_variable(p, "TWO=");
    assert_ok(p, project_load(p));
    assert_ok(p, gw_config_expand(p->arena, &p->config, p->config.shadow.url, &out, &p->err));
    assert_string_equal(out, "a1b$c$dx1y");

    /* What no one asked for may be missing. */
    project_write(p, "godwit.yaml", "project: a\nshadow: {url: \"${MISSING}\"}\n");
    assert_ok(p, project_load(p));
    bool ok = gw_config_expand(p->arena, &p->config, p->config.shadow.url, &out, &p->err);
    assert_fails(p, ok, "the variable MISSING is not set", 2, 15);
}

static void test_shadow(void **state)
{
    project *p = with(state, "shadow: { url: \"${SHADOW_URL}\", directory: tmp/shadow, "
                             "bindir: /opt/pg/bin }\n");
    const char *url = NULL;
    gw_err err = {0};
    assert_ok(p, project_load(p)); /* the variable is asked for by who uses it */
    assert_string_equal(p->config.shadow.directory, gw_path_join(p->arena, p->dir, "tmp/shadow"));
    assert_string_equal(p->config.shadow.bindir, "/opt/pg/bin");
    assert_false(gw_config_expand(p->arena, &p->config, p->config.shadow.url, &url, &err));
    assert_non_null(strstr(err.message, "SHADOW_URL"));
    gw_err_clear(&err);
    with(state, "project: x\n");
    assert_ok(p, project_load(p));
    assert_null(p->config.shadow.directory);
    assert_null(p->config.shadow.bindir);
    assert_null(p->config.shadow.url.text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, project_open, project_close)
    const struct CMUnitTest tests[] = {
        T(test_example),       T(test_everything_accepted), T(test_one_mistake_each),
        T(test_not_yaml),      T(test_a_bracket_that_is_never_closed), T(test_all_at_once),         T(test_aliases_that_explode),
        T(test_empty_file),    T(test_usual_folders),       T(test_found_above),
        T(test_named_file),    T(test_expand),            T(test_shadow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
