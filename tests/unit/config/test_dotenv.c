#include "project.h"

static void assert_variable(project *p, const char *name, const char *value)
{
    const char *got = gw_config_variable(&p->config, name);
    if (!value)
        assert_null(got);
    else if (!got)
        fail_msg("%s is not set", name);
    else
        assert_string_equal(got, value);
}

static void test_forms(void **state)
{
    project *p = *state;
    project_write(p, ".env",
                  "\xEF\xBB\xBF# a comment\n"
                  "PLAIN=one two  \n"
                  "  export EXPORTED = yes # not part of it\r\n"
                  "HASH=a#b\n"
                  "EMPTY=\n"
                  "ONLY_COMMENT= # nothing\n"
                  "SINGLE='a ${PLAIN} \"b\" \\n'\n"
                  "DOUBLE=\"a\\tb \\\"q\\\" \\${PLAIN} ${PLAIN} $PLAIN\"   # said\n"
                  "LINES=\"first\n"
                  "second\"\n"
                  "URL=postgres://u:p$ss$$w@h/d?x=${PLAIN}\n"
                  "DEFAULTED=${NOPE:-there}${NOPE}\n"
                  "REAL=${FROM_OUTSIDE}\n"
                  "TWICE=1\n"
                  "TWICE=2\n"
                  "LAST=end");
    project_variable(p, "FROM_OUTSIDE=outside");
    project_variable(p, "HASH=stronger");
    assert_ok(p, project_load(p));
    assert_variable(p, "PLAIN", "one two");
    assert_variable(p, "EXPORTED", "yes");
    assert_variable(p, "HASH", "stronger");
    assert_variable(p, "EMPTY", NULL);
    assert_variable(p, "ONLY_COMMENT", NULL);
    assert_variable(p, "SINGLE", "a ${PLAIN} \"b\" \\n");
    assert_variable(p, "DOUBLE", "a\tb \"q\" ${PLAIN} one two $PLAIN");
    assert_variable(p, "LINES", "first\nsecond");
    assert_variable(p, "URL", "postgres://u:p$ss$$w@h/d?x=one two");
    assert_variable(p, "DEFAULTED", "there");
    assert_variable(p, "REAL", "outside");
    assert_variable(p, "TWICE", "2");
    assert_variable(p, "LAST", "end");
    assert_variable(p, "NOT_THERE", NULL);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *text, *says;
        unsigned line;
    } cases[] = {
        {"A=1\nnonsense\n", "not KEY=value", 2},
        {"A=1\nexport B\n", "not KEY=value", 2},
        {"1A=1\n", "not KEY=value", 1},
        {"A=\"x\nB=2\n\n", "the quote of A is never closed", 1},
        {"L=\"a\nb\"\nA='x'y\n", "text after the quoted value of A", 3},
    };
    project *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        project_write(p, ".env", cases[i].text);
        assert_fails(p, project_load(p), cases[i].says, cases[i].line, 1);
        assert_string_equal(gw_path_base(p->err.file), ".env");
    }
    project_write(p, ".env", "a\nb\nC=1\n");
    assert_fails(p, project_load(p), "has 2 problems", 1, 1);
}

static void test_beside_the_file(void **state)
{
    project *p = *state;
    project_write(p, "godwit.yaml", "project: ${NAME}\n");
    project_write(p, ".env", "NAME=found\n");
    project_write(p, "sub/.env", "NAME=wrong\n");
    p->options.dir = gw_path_join(p->arena, p->dir, "sub");
    assert_ok(p, project_load(p));
    assert_string_equal(p->config.project, "found");
}

static void test_folder_of_that_name(void **state)
{
    project *p = *state;
    project_write(p, ".env/dev", "A=1\n");
    assert_ok(p, project_load(p));
    assert_variable(p, "A", NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, project_open, project_close)
    const struct CMUnitTest tests[] = {
        T(test_forms), T(test_mistakes), T(test_beside_the_file), T(test_folder_of_that_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
