/* `godwit new`: what it makes is what the folder's reader takes. */
#include "fixture.h"

enum { SECOND = 1000000 };
static const int64_t now = 1767323045LL * SECOND; /* 2026-01-02 03:04:05 UTC */

static const char *const *make(fixture *f, const char *name)
{
    const char **paths = NULL;
    gw_err_clear(&f->err);
    return gw_folder_new(f->arena, &f->options, name, now, &paths, &f->err) ? paths : NULL;
}

static void made(fixture *f, const char *name, const char *first, const char *second)
{
    const char *const *paths = make(f, name);
    if (!paths)
        print_error("%s\n", f->err.message);
    assert_non_null(paths);
    assert_string_equal(gw_path_base(paths[0]), first);
    if (second)
        assert_string_equal(gw_path_base(paths[1]), second);
    assert_null(paths[second ? 2 : 1]);
    assert_true(gw_file_exists(paths[0]));
    read_ok(f);
}

static void test_godwit(void **state)
{
    fixture *f = *state;
    made(f, "Add users' table", "20260102030405_add_users_table.up.sql",
         "20260102030405_add_users_table.down.sql");
    made(f, "addUserID -- 2", "20260102030406_add_user_id_2.up.sql",
         "20260102030406_add_user_id_2.down.sql");
    assert_int_equal(f->folder.migrations.len, 2);
    assert_null(make(f, "\xC3\xA4 -- !"));
    assert_int_equal(f->err.kind, GW_ERR_USAGE);
    f->options.path = gw_path_join(f->arena, f->path, "a/b");
    made(f, "x", "20260102030405_x.up.sql", "20260102030405_x.down.sql");
}

static void test_in_the_folders_convention(void **state)
{
    fixture *f = *state;
    static const struct {
        gw_format format;
        const char *made;
    } cases[] = {
        {GW_FORMAT_SQLX, "20260102030405_x.sql"},
        {GW_FORMAT_DBMATE, "20260102030405_x.sql"},
        {GW_FORMAT_GOOSE, "20260102030405_x.sql"},
        {GW_FORMAT_NODE_PG_MIGRATE, "1767323045000_x.sql"},
        {GW_FORMAT_FLYWAY, "V20260102030405__x.sql"},
        {GW_FORMAT_DRIZZLE, "migration.sql"},
    };
    const char *root = f->options.path;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f->options.path = gw_path_join(f->arena, root, gw_format_name(cases[i].format));
        f->options.format = cases[i].format;
        made(f, "x", cases[i].made, NULL);
        /* What was made says what it is, and the next one follows it. */
        f->options.format = GW_FORMAT_AUTO;
        assert_int_equal(read_ok(f)->format, cases[i].format);
        assert_non_null(make(f, "y"));
        assert_int_equal(read_ok(f)->migrations.len, 2);
    }
}

static void test_sqlx_pairs_stay_pairs(void **state)
{
    fixture *f = *state;
    f->options.format = GW_FORMAT_SQLX;
    put(f, "1_a.up.sql", "");
    put(f, "1_a.down.sql", "");
    made(f, "x", "20260102030405_x.up.sql", "20260102030405_x.down.sql");
    f->options.format = GW_FORMAT_GOLANG_MIGRATE;
    made(f, "y", "20260102030406_y.up.sql", "20260102030406_y.down.sql");
}

static void test_sqitch(void **state)
{
    fixture *f = *state;
    put(f, "sqitch.plan", "%syntax-version=1.0.0\n%project=p\n");
    setenv("SQITCH_FULLNAME", "A B", 1);
    setenv("SQITCH_EMAIL", "a@b", 1);
    const char *const *paths = make(f, "first");
    if (!paths) {
        fail_msg("%s", f->err.message);
        return;
    }
    assert_non_null(strstr(paths[0], "/deploy/first.sql"));
    assert_non_null(strstr(paths[1], "/revert/first.sql"));
    assert_non_null(strstr(paths[2], "/verify/first.sql"));
    assert_non_null(strstr(paths[3], "/sqitch.plan"));
    gw_file_text text;
    assert_true(gw_file_read(f->arena, paths[3], 0, &text, &f->err));
    assert_string_equal(text.data, "%syntax-version=1.0.0\n%project=p\n\n"
                                   "first 2026-01-02T03:04:05Z A B <a@b> # \n");
    assert_non_null(make(f, "second"));
    read_ok(f);
    assert_string_equal(versions(f), "first: second:");
    assert_null(make(f, "first"));
    assert_non_null(strstr(f->err.message, "in the plan already"));
}

static void test_refused_by_name(void **state)
{
    fixture *f = *state;
    put(f, "committed/.gitkeep", "");
    assert_null(make(f, "x"));
    assert_int_equal(f->err.kind, GW_ERR_UNSUPPORTED);
    assert_non_null(strstr(f->err.hint, "current.sql"));
    f->options.format = GW_FORMAT_ATLAS;
    assert_null(make(f, "x"));
    assert_non_null(strstr(f->err.hint, "atlas migrate new"));
    f->options.format = GW_FORMAT_ALEMBIC;
    assert_null(make(f, "x"));
    put(f, "meta/_journal.json", "{\"entries\":[]}");
    f->options.format = GW_FORMAT_DRIZZLE;
    assert_null(make(f, "x"));
    assert_non_null(strstr(f->err.hint, "drizzle-kit generate"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_godwit), T(test_in_the_folders_convention), T(test_sqlx_pairs_stay_pairs),
        T(test_sqitch), T(test_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
