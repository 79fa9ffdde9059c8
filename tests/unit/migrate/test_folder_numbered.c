/* Godwit's own, golang-migrate's and sqlx's names; what every folder has in common. */
#include "fixture.h"

#include <unistd.h>

static void test_pairs(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "SELECT 1;");
    put(f, "1_a.down.sql", "SELECT -1;");
    put(f, "10_c.up.sql", "SELECT 10;");
    put(f, "2_b.up.sql", "SELECT 2;");
    put(f, "README.md", "about");
    put(f, ".gitkeep", "");
    put(f, "2_b.up.sql~", "old");
    put(f, ".2_b.up.sql.swp", "old");
    put(f, "2_b.up.sql.orig", "old");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_GODWIT);
    assert_string_equal(versions(f), "1:a 2:b 10:c");
    gw_migration *m = folder->migrations.items;
    assert_true(m[0].up.present && m[0].down.present);
    assert_false(m[1].down.present);
    assert_string_equal(script_text(f, &m[0].down, NULL), "SELECT -1;");
    assert_string_equal(m[0].checksum,
                        "17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a");
}

static void test_empty_and_missing(void **state)
{
    fixture *f = *state;
    assert_int_equal(read_ok(f)->format, GW_FORMAT_GODWIT);
    assert_int_equal(f->folder.migrations.len, 0);
    f->options.path = "/nowhere/at/all";
    read_fails(f, "does not exist");
    assert_int_equal(f->err.kind, GW_ERR_CONFIG);
}

static void test_leading_zeros_are_one_version(void **state)
{
    fixture *f = *state;
    put(f, "0001_a.up.sql", "");
    read_ok(f);
    assert_string_equal(versions(f), "1:a");
    put(f, "1_b.up.sql", "");
    read_fails(f, "two migrations have the version 1");
    assert_non_null(strstr(f->err.detail, "0001_a.up.sql"));
    assert_non_null(strstr(f->err.detail, "1_b.up.sql"));
}

static void test_requires_is_a_number_too(void **state)
{
    fixture *f = *state;
    put(f, "0001_a.up.sql", "");
    put(f, "0002_b.up.sql", "-- godwit: requires=0001,00,b01\n");
    read_ok(f);
    const gw_directives *d = &f->folder.migrations.items[1].up.directives;
    assert_string_equal(d->requires[0], "1");
    assert_string_equal(d->requires[1], "0");
    assert_string_equal(d->requires[2], "b01");
}

static void test_version_limits(void **state)
{
    fixture *f = *state;
    put(f, "9223372036854775807_last.up.sql", "");
    read_ok(f);
    put(f, "9223372036854775808_over.up.sql", "");
    fails_at(f, "2^63-1", "9223372036854775808_over.up.sql", 0);
    assert_int_equal(f->err.kind, GW_ERR_INPUT);
}

static void test_down_alone(void **state)
{
    fixture *f = *state;
    put(f, "1_a.down.sql", "");
    read_fails(f, "no up file");
    put(f, "1_a.up.sql", "");
    read_ok(f);
    put(f, "1_b.down.sql", "");
    read_fails(f, "two migrations have the version 1");
}

static void test_sqlx_simple(void **state)
{
    fixture *f = *state;
    put(f, "20240101000000_a.sql", "-- no-transaction\nSELECT 1;");
    put(f, "20240102000000_b.sql", " -- no-transaction\nSELECT 1;");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_SQLX);
    assert_true(folder->migrations.items[0].up.directives.no_transaction);
    assert_true(folder->migrations.items[0].up.directives.transaction_said);
    assert_false(folder->migrations.items[1].up.directives.no_transaction);
    put(f, "seed.sql", "");
    fails_at(f, "VERSION_NAME", "seed.sql", 0);
}

static void test_a_comment_is_no_mark(void **state)
{
    fixture *f = *state;
    put(f, "20240101000000_a.sql", "-- Up migration\nSELECT 1;");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_SQLX);
}

static void test_directive_makes_it_godwit(void **state)
{
    fixture *f = *state;
    put(f, "1_a.sql", "SELECT 1;");
    put(f, "2_b.sql", "-- godwit: repeatable\nSELECT 1;");
    put(f, "3_c.sql", "SELECT 1;");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_GODWIT);
    assert_string_equal(versions(f), "1:a 3:c 2:b");
    assert_int_equal(f->folder.migrations.items[2].kind, GW_REPEATABLE);
}

static void test_mixture(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "");
    put(f, "2_b.sql", "");
    read_fails(f, "mixes conventions");
    assert_non_null(strstr(f->err.detail, "1_a.up.sql"));
    assert_non_null(strstr(f->err.detail, "2_b.sql"));
    assert_non_null(strstr(f->err.hint, "format:"));
    f->options.format = GW_FORMAT_SQLX;
    read_ok(f);
    f->options.format = GW_FORMAT_GOLANG_MIGRATE;
    fails_at(f, "not named as a migration", "2_b.sql", 0);
    f->options.format = GW_FORMAT_AUTO;
    put(f, "V3__c.sql", "");
    put(f, "4_d.sql", "-- +goose Up\n");
    read_fails(f, "V3__c.sql is a file of flyway");
    assert_non_null(strstr(f->err.detail, "4_d.sql is a file of goose"));
}

static void test_fits_nothing(void **state)
{
    fixture *f = *state;
    put(f, "schema.sql", "");
    fails_at(f, "fits no convention", "schema.sql", 0);
}

static void test_shown_path(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.sql", "-- godwit: nonsense\n");
    f->options.shown = "migrations";
    read_fails(f, "nonsense");
    assert_string_equal(f->err.file, "migrations/1_a.up.sql");
}

static void test_merge(void **state)
{
    fixture *f = *state;
    gw_folder folders[2];
    gw_folder_options options[2] = {{.path = gw_path_join(f->arena, f->path, "a"), .service = "a"},
                                    {.path = gw_path_join(f->arena, f->path, "b"), .service = "b"}};
    put(f, "a/1_x.up.sql", "");
    put(f, "a/3_x.up.sql", "");
    put(f, "b/1_y.up.sql", "");
    put(f, "b/2_y.up.sql", "");
    for (int i = 0; i < 2; i++)
        assert_true(gw_folder_read(f->arena, &options[i], &folders[i], &f->err));
    assert_true(gw_folders_merge(f->arena, folders, 2, &f->folder.migrations, &f->err));
    assert_string_equal(versions(f), "1:x 1:y 2:y 3:x");
    folders[1].migrations.items[0].service = "a";
    assert_false(gw_folders_merge(f->arena, folders, 2, &f->folder.migrations, &f->err));
    assert_non_null(strstr(f->err.detail, "1_x.up.sql"));
    assert_non_null(strstr(f->err.detail, "1_y.up.sql"));
}

static void test_merge_of_two_clocks(void **state)
{
    fixture *f = *state;
    gw_folder folders[2];
    gw_folder_options options[2] = {{.path = gw_path_join(f->arena, f->path, "a"), .service = "a"},
                                    {.path = gw_path_join(f->arena, f->path, "b"), .service = "b"}};
    put(f, "a/1_x.up.sql", "");
    put(f, "b/1700000000000_x.sql", "");
    for (int i = 0; i < 2; i++)
        assert_true(gw_folder_read(f->arena, &options[i], &folders[i], &f->err));
    assert_false(gw_folders_merge(f->arena, folders, 2, &f->folder.migrations, &f->err));
    assert_non_null(strstr(f->err.detail, "node-pg-migrate are milliseconds"));
}

/* golang-migrate's pattern ends in any ending. */
static void test_other_endings_of_pairs(void **state)
{
    fixture *f = *state;
    put(f, "1_a.up.psql", "SELECT 1;");
    put(f, "1_a.down.pgsql", "SELECT -1;");
    put(f, "2_b.c.up.sql", "SELECT 2;");
    put(f, "2_b.c.up.sql.bak", "");
    put(f, "2_b.c.up.sql~", "");
    put(f, "README.up.md", "");
    read_ok(f);
    assert_string_equal(versions(f), "1:a 2:b.c");
    assert_true(f->folder.migrations.items[0].down.present);
    put(f, "3_c.up.cql", "SELECT 3;");
    fails_at(f, "ends in neither .sql nor .psql nor .pgsql", "3_c.up.cql", 0);
    assert_int_equal(unlink(gw_path_join(f->arena, f->path, "3_c.up.cql")), 0);
    f->options.format = GW_FORMAT_GOLANG_MIGRATE;
    fails_at(f, "golang-migrate would run it", "2_b.c.up.sql.bak", 0);
    f->options.format = GW_FORMAT_SQLX;
    read_ok(f);
    assert_string_equal(versions(f), "2:b.c"); /* as sqlx does */
    f->options.format = GW_FORMAT_GODWIT;
    put(f, "1_x.up.sql", "");
    read_fails(f, "two migrations have the version 1");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_pairs),
        T(test_empty_and_missing),
        T(test_leading_zeros_are_one_version),
        T(test_requires_is_a_number_too),
        T(test_version_limits),
        T(test_down_alone),
        T(test_other_endings_of_pairs),
        T(test_sqlx_simple),
        T(test_a_comment_is_no_mark),
        T(test_directive_makes_it_godwit),
        T(test_mixture),
        T(test_fits_nothing),
        T(test_shown_path),
        T(test_merge),
        T(test_merge_of_two_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
