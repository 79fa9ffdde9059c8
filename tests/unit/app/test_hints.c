/* "-- godwit: renamed from OLD" in declared files: what each is about, and where it stands. */
#include "../base/unit.h"

#include "app/renames.h"
#include "base/buf.h"
#include "base/file.h"

static char folder[] = "/tmp/godwit-hints-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return remove(folder);
}

static bool read_text(gw_arena *arena, const char *text, gw_rename_hints *out, gw_err *err)
{
    const char *path = gw_path_join(arena, folder, "schema.sql");
    gw_err problem = {0};
    remove(path);
    assert_true(gw_file_create(path, text, strlen(text), 0600, &problem));
    bool ok = gw_hints_read(arena, path, out, err);
    remove(path);
    return ok;
}

/* "line old>schema.name/child; …" */
static const char *hints_of(gw_arena *arena, const char *text)
{
    gw_rename_hints hints = {0};
    gw_err err = {0};
    gw_buf buf = GW_BUF(arena);
    if (!read_text(arena, text, &hints, &err)) {
        gw_buf_addf(&buf, "%s (line %u)", err.message, err.line);
        assert_int_equal(err.kind, GW_ERR_INPUT);
        gw_err_clear(&err);
        return gw_buf_str(&buf);
    }
    for (size_t i = 0; i < hints.len; i++) {
        const gw_rename_hint *h = &hints.items[i];
        gw_buf_addf(&buf, "%s%u %s>%s%s%s%s%s", i ? "; " : "", h->line, h->old,
                    h->schema ? h->schema : "", h->schema ? "." : "", h->name, h->child ? "/" : "",
                    h->child ? h->child : "");
    }
    return gw_buf_str(&buf);
}

static void test_what_a_hint_is_about(void **state)
{
    static const struct {
        const char *text, *hints;
    } rows[] = {
        {"-- godwit: renamed from old\nCREATE TABLE new (a int);", "1 old>new"},
        {"-- godwit: renamed from s.\"O ld\"\nCREATE TABLE IF NOT EXISTS \"S s\".\"N ew\" ();",
         "1 s.\"O ld\">S s.N ew"},
        {"CREATE TABLE t (\n  a int,\n  b int, -- godwit: renamed from old_b\n  c int\n);",
         "3 old_b>t/b"},
        {"CREATE TABLE t (\n  a numeric(10, 2), -- godwit: renamed from x;\n"
         "  -- godwit: renamed from y\n  \"B b\" text\n);",
         "2 x>t/a; 3 y>t/B b"},
        {"-- godwit: renamed from one\n-- godwit: renamed from two\nCREATE TYPE m AS ENUM ('a');",
         "1 one>m; 2 two>m"},
        {"-- godwit: renamed from f\nCREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';",
         "1 f>g"},
        {"CREATE TABLE t (a text DEFAULT '-- godwit: renamed from x');", ""},
        {"/* godwit: renamed from x */ CREATE TABLE t ();", ""},
        {"-- godwit: ignore x y\nCREATE TABLE t ();", ""},
        {"", ""},
        {"CREATE TABLE t ();\n-- godwit: renamed from x\n",
         "nothing that has a name follows \"renamed from x\" (line 2)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(hints_of(*state, rows[i].text), rows[i].hints);
}

static void test_a_file_that_is_not_there(void **state)
{
    gw_rename_hints hints = {0};
    gw_err err = {0};
    assert_false(gw_hints_read(*state, gw_path_join(*state, folder, "none.sql"), &hints, &err));
    assert_holds(err.message, "none.sql");
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_what_a_hint_is_about),
        with_arena(test_a_file_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
