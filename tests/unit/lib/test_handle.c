/* A handle and its errors, and structs of programs that are older or newer than the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <godwit.h>

static char dir[64], folder[96], file[96];

/* A project whose server is nowhere. */
static int make_project(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/godwit-handle-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(folder, sizeof folder, "%s/migrations", dir);
    snprintf(file, sizeof file, "%s/godwit.yaml", dir);
    FILE *out = fopen(file, "w");
    if (!out || mkdir(folder, 0755) != 0)
        return -1;
    fprintf(out, "project: t\nmigrations: migrations\nenvironments:\n"
                 "  dev: { url: 'host=%s/nowhere user=u dbname=d', connect_timeout: 10ms }\n", dir);
    return fclose(out);
}

static int remove_project(void **state)
{
    (void)state;
    return unlink(file) + rmdir(folder) + rmdir(dir);
}

static godwit_project *opened(const godwit_options *options)
{
    godwit_project *project;
    assert_int_equal(godwit_open(options, &project), GODWIT_OK);
    assert_int_equal(godwit_error(project)->code, GODWIT_OK);
    return project;
}

static void each_call_leaves_its_own_error(void **state)
{
    (void)state;
    godwit_options options = GODWIT_OPTIONS_INIT;
    options.directory = dir;
    godwit_project *project = opened(&options), *other = opened(&options);
    const godwit_state *status;
    const godwit_result *result;
    assert_int_equal(godwit_status(project, &status), GODWIT_CONNECT);
    assert_null(status);
    const godwit_failure *why = godwit_error(project);
    assert_string_equal(why->kind, "connect");
    assert_non_null(why->message);
    assert_non_null(why->hint);
    assert_null(why->sqlstate);
    assert_int_equal(godwit_error(other)->code, GODWIT_OK);
    assert_int_equal(godwit_wait_for(project, NULL, 0), GODWIT_USAGE);
    assert_int_equal(godwit_error(project)->code, GODWIT_USAGE);
    assert_int_equal(godwit_up(other, NULL, &result), GODWIT_CONNECT);
    assert_int_equal(godwit_error(project)->code, GODWIT_USAGE);
    godwit_close(project);
    godwit_close(other);
    godwit_close(NULL);
}

static void what_could_not_be_opened_can_be_asked_and_closed(void **state)
{
    (void)state;
    godwit_options options = GODWIT_OPTIONS_INIT;
    options.directory = dir;
    options.config_file = "nowhere.yaml";
    godwit_project *project;
    const godwit_state *status;
    assert_int_equal(godwit_open(&options, &project), GODWIT_CONFIG);
    assert_non_null(strstr(godwit_error(project)->message, "nowhere.yaml"));
    assert_int_equal(godwit_status(project, &status), GODWIT_USAGE);
    assert_int_equal(godwit_up(project, NULL, NULL), GODWIT_USAGE);
    assert_int_equal(godwit_wait_for(project, "1", 0), GODWIT_USAGE);
    godwit_cancel(project);
    godwit_close(project);
}

/* What is behind the size that a program says is not the library's to read. */
static void structs_of_another_size(void **state)
{
    (void)state;
    godwit_options older = {.size = offsetof(godwit_options, environment), .directory = dir};
    older.environment = older.url = (const char *)1;
    older.progress = (void (*)(void *, const godwit_progress *))1;
    godwit_project *project = opened(&older);
    godwit_run run = {.size = offsetof(godwit_run, service), .steps = 1};
    run.service = (const char *)1;
    assert_int_equal(godwit_up(project, &run, NULL), GODWIT_CONNECT);
    assert_int_equal(godwit_down(project, &run, NULL), GODWIT_CONNECT);
    godwit_close(project);
    struct {
        godwit_options known;
        const char *to_come;
    } newer = {GODWIT_OPTIONS_INIT, (const char *)1};
    newer.known.size = sizeof newer;
    newer.known.directory = dir;
    project = opened(&newer.known);
    assert_int_equal(godwit_up(project, NULL, NULL), GODWIT_CONNECT);
    godwit_close(project);
}

static void what_was_cancelled_stays_so(void **state)
{
    (void)state;
    godwit_options options = GODWIT_OPTIONS_INIT;
    options.directory = dir;
    godwit_project *project = opened(&options);
    godwit_cancel(project);
    const godwit_state *status;
    assert_int_equal(godwit_up(project, NULL, NULL), GODWIT_INTERRUPTED);
    assert_int_equal(godwit_status(project, &status), GODWIT_INTERRUPTED);
    assert_int_equal(godwit_wait_for(project, "1", 60000), GODWIT_INTERRUPTED);
    godwit_close(project);
    project = opened(&options);
    assert_int_equal(godwit_up(project, NULL, NULL), GODWIT_CONNECT);
    godwit_close(project);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_call_leaves_its_own_error, make_project, remove_project),
        cmocka_unit_test_setup_teardown(what_could_not_be_opened_can_be_asked_and_closed, make_project, remove_project),
        cmocka_unit_test_setup_teardown(structs_of_another_size, make_project, remove_project),
        cmocka_unit_test_setup_teardown(what_was_cancelled_stays_so, make_project, remove_project),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
