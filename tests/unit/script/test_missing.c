/* Without the worker or the compiler: errors that say what is missing and how it is had. */
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/file.h"

static void assert_missing(void **state, const char *worker, const char *compiler,
                           gw_err_kind kind, const char *detail, const char *hint)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), "row => row.v");
    setenv("GODWIT_SCRIPT_WORKER", worker, 1);
    setenv("GODWIT_TYPESCRIPT", compiler, 1);
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    assert_false(compile(&m, &compiled, &problems, &err));
    assert_int_equal(problems.len, 0);
    assert_int_equal(err.kind, kind);
    assert_holds(err.detail, detail);
    assert_holds(err.hint, hint);
    gw_err_clear(&err);
}

static char *program(gw_arena *arena, const char *text)
{
    char *folder = gw_strdup(arena, "/tmp/gw-script-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *path = gw_path_join(arena, folder, "godwit-script");
    gw_err err = {0};
    assert_true(gw_file_write(path, text, strlen(text), 0755, &err));
    return path;
}

static void drop(gw_arena *arena, const char *path)
{
    gw_err err = {0};
    assert_true(gw_file_remove_tree(gw_path_dir(arena, path), &err));
}

static void test_no_worker(void **state)
{
    assert_missing(state, "/nowhere/godwit-script", "", GW_ERR_UNSUPPORTED,
                   "GODWIT_SCRIPT_WORKER names /nowhere/godwit-script", "godwit-script");
    gw_err err = {0};
    assert_false(gw_script_available(&err));
    assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
    gw_err_clear(&err);
    gw_script *script;
    assert_false(gw_script_open("{}", 2, NULL, NULL, &script, &err));
    assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
    gw_err_clear(&err);
}

static void test_no_compiler(void **state)
{
    char *path = program(*state, "#!/bin/sh\nexit 0\n");
    assert_missing(state, path, "/nowhere", GW_ERR_UNSUPPORTED, "GODWIT_TYPESCRIPT names /nowhere",
                   "lib folder");
    drop(*state, path);
}

/* A folder that passes for a compiler's, so that the worker is started. */
static const char *compiler_folder(gw_arena *arena, const char *beside)
{
    gw_err err = {0};
    const char *folder = gw_path_dir(arena, beside);
    assert_true(gw_file_write(gw_path_join(arena, folder, "tsc.js"), "", 0, 0644, &err));
    assert_true(gw_file_write(gw_path_join(arena, folder, "lib.es2020.d.ts"), "", 0, 0644, &err));
    return folder;
}

/* What the loader says where JavaScriptCore is not installed. */
static void test_no_library(void **state)
{
    char *path = program(*state, "#!/bin/sh\necho 'godwit-script: error while loading shared libraries: "
                                 "libjavascriptcoregtk-4.1.so.0: cannot open shared object file' >&2\nexit 127\n");
    assert_missing(state, path, compiler_folder(*state, path), GW_ERR_UNSUPPORTED,
                   "libjavascriptcoregtk-4.1.so.0", "apt-get install libjavascriptcoregtk-4.1-0");
    drop(*state, path);
}

/* A program that is none of ours: that it ended is an error, not a wait without end. */
static void test_other_program(void **state)
{
    char *path = program(*state, "#!/bin/sh\nexit 3\n");
    mapping m = {.arena = *state};
    setenv("GODWIT_SCRIPT_WORKER", path, 1);
    gw_err err = {0};
    gw_script *script;
    const char *compiled = "{\"format\":1,\"columns\":[],\"functions\":[],\"modules\":[]}";
    assert_false(gw_script_open(compiled, strlen(compiled), &m.limits, NULL, &script, &err));
    assert_int_equal(err.kind, GW_ERR_STATE);
    assert_holds(err.detail, "exit code 3");
    gw_err_clear(&err);
    drop(*state, path);
}

static void test_damaged(void **state)
{
    char *path = program(*state, "#!/bin/sh\nexit 3\n");
    setenv("GODWIT_SCRIPT_WORKER", path, 1);
    static const char *const texts[] = {
        "", "{", "[]", "{}", "{\"format\":\"1\"}",
        "{\"format\":1,\"columns\":[],\"functions\":[{}],\"modules\":[]}",
        "{\"format\":1,\"columns\":[],\"functions\":[{\"name\":\"f\",\"module\":0}],\"modules\":[]}",
        "{\"format\":1,\"columns\":[],\"functions\":[{\"name\":\"f\",\"module\":-1}],\"modules\":[{}]}",
        "{\"format\":1,\"columns\":1,\"functions\":[],\"modules\":[]}",
    };
    gw_script *script;
    gw_err err = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(gw_script_open(texts[i], strlen(texts[i]), NULL, NULL, &script, &err));
        assert_int_equal(err.kind, GW_ERR_INPUT);
        assert_holds(err.hint, "register");
        gw_err_clear(&err);
    }
    const char *newer = "{\"format\":9}";
    assert_false(gw_script_open(newer, strlen(newer), NULL, NULL, &script, &err));
    assert_int_equal(err.kind, GW_ERR_UNSUPPORTED);
    gw_err_clear(&err);
    drop(*state, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_no_worker),     with_arena(test_no_compiler), with_arena(test_no_library),
        with_arena(test_other_program), with_arena(test_damaged),
    };
    return cmocka_run_group_tests_name("script/missing", tests, NULL, NULL);
}
