#include "folder.h"

static void joining(void **state)
{
    folder *f = *state;
    const char *const rows[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"},    {"/", "b", "/b"}, {"", "b", "b"},
        {"a", "/b", "/b"}, {".", "b/c", "./b/c"}, {"a", "", "a/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(gw_path_join(f->arena, rows[i][0], rows[i][1]), rows[i][2]);
}

static void parts(void **state)
{
    folder *f = *state;
    const char *const rows[][3] = {
        {"a/b", "a", "b"},  {"b", ".", "b"},     {"/b", "/", "b"},  {"/", "/", ""},
        {"a//b", "a", "b"}, {"a/b/", "a/b", ""}, {"//b", "/", "b"}, {"/a/b.sql", "/a", "b.sql"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(gw_path_dir(f->arena, rows[i][0]), rows[i][1]);
        assert_string_equal(gw_path_base(rows[i][0]), rows[i][2]);
    }
}

static void absolute(void **state)
{
    folder *f = *state;
    char *real = realpath(f->path, NULL), *before = getcwd(NULL, 0);
    char *here = gw_strdup(f->arena, real);
    free(real);
    assert_int_equal(chdir(f->path), 0);
    assert_int_equal(mkdir("d", 0755), 0);
    assert_int_equal(symlink("d", "link"), 0);
    assert_string_equal(gw_path_absolute(f->arena, "link/../d/."),
                        gw_path_join(f->arena, here, "d"));
    assert_string_equal(gw_path_absolute(f->arena, "missing/x"),
                        gw_path_join(f->arena, here, "missing/x"));
    assert_string_equal(gw_path_absolute(f->arena, "/no/such/thing"), "/no/such/thing");
    assert_string_equal(gw_path_absolute(f->arena, "."), here);
    assert_int_equal(chdir(before), 0);
    free(before);
}

static void from_here(void **state)
{
    folder *f = *state;
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(f->path), 0);
    char *here = getcwd(NULL, 0);
    assert_string_equal(gw_path_from_here(gw_path_join(f->arena, here, "d/e.sql")), "d/e.sql");
    const char *const same[] = {here, gw_printf(f->arena, "%sx/e", here),
                                gw_printf(f->arena, "%s/", here), "/", "d/e", "../d", ""};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(gw_path_from_here(same[i]), same[i]);
    assert_null(gw_path_from_here(NULL));
    assert_int_equal(chdir("/"), 0);
    assert_string_equal(gw_path_from_here("/etc/passwd"), "/etc/passwd");
    assert_int_equal(chdir(before), 0);
    free(here);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(joining),
        with_folder(parts),
        with_folder(absolute),
        with_folder(from_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
