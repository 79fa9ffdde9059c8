/* What is read of alembic's Python files: the variables, wherever Python lets them stand. */
#include "fixture.h"
#include "migrate/adopt/internal.h"

static gw_alembic_revision parse(fixture *f, const char *text)
{
    gw_alembic_revision revision = {0};
    assert_true(gw_alembic_parse(f->arena, text, &revision));
    return revision;
}

static void assert_list(const char **list, const char *a, const char *b)
{
    const char *expected[] = {a, b};
    size_t i = 0;
    for (; i < 2 && expected[i]; i++) {
        assert_non_null(list[i]);
        assert_string_equal(list[i], expected[i]);
    }
    assert_null(list[i]);
}

static void test_plain(void **state)
{
    gw_alembic_revision r = parse(*state, "\"\"\"add a column\n\nRevision ID: x\n\"\"\"\n"
                                          "revision = 'ae10'\ndown_revision = '1975'\n"
                                          "branch_labels = None\ndepends_on = None\n");
    assert_string_equal(r.title, "add a column");
    assert_string_equal(r.id, "ae10");
    assert_list(r.down, "1975", NULL);
    assert_list(r.labels, NULL, NULL);
    assert_list(r.depends, NULL, NULL);
}

static void test_typed_and_prefixed(void **state)
{
    gw_alembic_revision r =
        parse(*state, "# -*- coding: utf-8 -*-\r\nr'''titled'''\r\nrevision: str = u\"a\"\r\n"
                      "down_revision: Union[str, None] = None  # 'not this'\r\n"
                      "depends_on : Sequence[str] = [\"x\",\r\n 'y']\r\n");
    assert_string_equal(r.title, "titled");
    assert_string_equal(r.id, "a");
    assert_list(r.down, NULL, NULL);
    assert_list(r.depends, "x", "y");
}

static void test_tuples_over_lines(void **state)
{
    gw_alembic_revision r = parse(*state, "down_revision = (\n    'a',  # one\n    'b',\n)\n"
                                          "branch_labels = ('left',)\nrevision='c'");
    assert_string_equal(r.id, "c");
    assert_string_equal(r.title, "");
    assert_list(r.down, "a", "b");
    assert_list(r.labels, "left", NULL);
}

static void test_what_is_not_at_the_top(void **state)
{
    gw_alembic_revision r = parse(*state, "SQL = '''\nrevision = 'no'\n'''\n"
                                          "f(\nrevision = 'no'\n)\n"
                                          "revisions = 'no'\nrevision == 'no'\n"
                                          "text = 'it\\'s' \\\n'''revision = 'no' '''\n"
                                          "revision = 'yes'\n"
                                          "def upgrade():\n    revision = 'no'\n");
    assert_string_equal(r.id, "yes");
    gw_alembic_revision none = {0};
    assert_false(gw_alembic_parse(((fixture *)*state)->arena, "import os\n", &none));
    assert_false(gw_alembic_parse(((fixture *)*state)->arena, "revision = None\n", &none));
    assert_false(gw_alembic_parse(((fixture *)*state)->arena, "", &none));
    assert_false(gw_alembic_parse(((fixture *)*state)->arena, "x = '''never ends", &none));
}

static void assert_found(fixture *f, size_t count)
{
    gw_alembic_list list;
    assert_true(gw_alembic_read(f->arena, f->path, &list, &f->err));
    assert_int_equal(list.len, count);
}

static void test_where_the_files_are(void **state)
{
    fixture *f = *state;
    gw_alembic_list list;
    assert_false(gw_alembic_read(f->arena, f->path, &list, &f->err));
    assert_int_equal(f->err.kind, GW_ERR_CONFIG);
    gw_err_clear(&f->err);
    put(f, "migrations/versions/a.py", "revision = 'a'\n");
    put(f, "migrations/versions/README.md", "revision = 'no'\n");
    put(f, "migrations/versions/__init__.py", "");
    assert_found(f, 1);
    put(f, "src/app/db/versions/b.py", "revision = 'b'\n");
    put(f, "src/app/db/versions/c.py", "revision = 'c'\n");
    put(f, "pyproject.toml", "[tool.other]\nscript_location = \"no\"\n"
                             "[tool.alembic]\nscript_location = \"%(here)s/src/app/db\"\n");
    assert_found(f, 2);
    put(f, "alembic.ini", "[alembic]\n# script_location = no\nscript_location = src.app:db\n");
    assert_found(f, 2);
    put(f, "more/d.py", "revision = 'd'\n");
    put(f, "alembic.ini", "[other]\nversion_locations = no\n[alembic]\nscript_location = no\n"
                          "version_locations = %(here)s/more migrations/versions\n");
    assert_found(f, 2);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(test_plain),
        with_fixture(test_typed_and_prefixed),
        with_fixture(test_tuples_over_lines),
        with_fixture(test_what_is_not_at_the_top),
        with_fixture(test_where_the_files_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
