/* What the files have made: names, search_path, renames, drops; places of findings. */
#include "lint_test.h"

static gw_finding_list lint_files(gw_arena *arena, const char *const *texts)
{
    gw_lint_options options = {.whole = true};
    gw_linter *linter = gw_linter_new(arena, &options);
    gw_finding_list list;
    for (size_t i = 0; texts[i]; i++) {
        gw_lint_script script = script_of(gw_printf(arena, "%zu.sql", i + 1), texts[i]);
        script.migration = i + 1;
        gw_linter_add(linter, &script);
    }
    gw_linter_run(linter, &list);
    return list;
}

static void names_follow_the_search_path(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list = lint_files(
        arena, (const char *const[]){"CREATE SCHEMA app;\nSET search_path = app, public;\n"
                                     "CREATE TABLE t (a bigint PRIMARY KEY);\n"
                                     "INSERT INTO app.t (a) VALUES (1);\n",
                                     /* the path ends with the file */
                                     "INSERT INTO app.t (b) VALUES (1);\n"
                                     "INSERT INTO t (b) VALUES (1);\n",
                                     NULL});
    assert_int_equal(list.len, 1);
    assert_string_equal(list.items[0].rule, "unknown_column");
    assert_string_equal(list.items[0].file, "2.sql");
    assert_int_equal(list.items[0].line, 1);
    gw_arena_free(arena);
}

static void names_are_as_the_catalog_has_them(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list = lint_files(
        arena, (const char *const[]){"CREATE TABLE Users (\"Id\" bigint PRIMARY KEY);\n"
                                     "-- godwit: ignore name_needs_quotes as it came\n"
                                     "CREATE TABLE \"Users\" (id bigint PRIMARY KEY);\n"
                                     "CREATE TABLE \"a \"\"b\"\" \xd1\x84\" (id bigint PRIMARY KEY);\n",
                                     "INSERT INTO users (\"Id\") VALUES (1);\n"
                                     "INSERT INTO \"Users\" (ID) VALUES (1);\n"
                                     "INSERT INTO \"a \"\"b\"\" \xd1\x84\" (id) VALUES (1);\n",
                                     NULL});
    assert_false(has_finding(&list, "unknown_table", 0));
    assert_false(has_finding(&list, "unknown_column", 0));
    assert_false(has_finding(&list, "created_twice", 0));
    gw_arena_free(arena);
}

static void renames_and_drops_are_followed(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list = lint_files(
        arena, (const char *const[]){
                   "CREATE TABLE a (id bigint PRIMARY KEY, b_id bigint);\n"
                   "CREATE TABLE b (id bigint PRIMARY KEY);\n"
                   "CREATE INDEX a_b ON a (b_id);\n",
                   "-- godwit: ignore rename_table,rename_column together\n"
                   "ALTER TABLE a RENAME TO c;\n"
                   "ALTER TABLE c RENAME COLUMN b_id TO b_ref;\n"
                   "ALTER TABLE c ADD FOREIGN KEY (b_ref) REFERENCES b NOT VALID;\n"
                   "ALTER TABLE c RENAME CONSTRAINT c_b_ref_fkey TO c_b;\n",
                   "ALTER TABLE c VALIDATE CONSTRAINT c_b;\n", "SELECT b_id FROM a;\n", NULL});
    assert_false(has_finding(&list, "foreign_key_without_index", 0)); /* a_b went with the names */
    assert_false(has_finding(&list, "table_without_primary_key", 0));
    assert_true(has_finding(&list, "used_after_drop", 1));
    gw_arena_free(arena);
}

static void downs_run_backwards(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_lint_options options = {.whole = true};
    gw_linter *linter = gw_linter_new(arena, &options);
    static const char *const texts[][2] = {
        {"CREATE TABLE t (id bigint PRIMARY KEY);", "DROP TABLE t;"},
        {"ALTER TABLE t ADD COLUMN a int;", "ALTER TABLE t DROP COLUMN a;"},
        {"CREATE TABLE u (id bigint PRIMARY KEY);\nCREATE TABLE w (id bigint PRIMARY KEY);",
         "\n\nDROP TABLE u;"}};
    for (size_t i = 0; i < 3; i++)
        for (int down = 0; down < 2; down++) {
            gw_lint_script script =
                script_of(gw_printf(arena, "%zu.%s.sql", i, down ? "down" : "up"), texts[i][down]);
            script.migration = i + 1;
            script.down = down;
            script.wants_down = !down;
            gw_linter_add(linter, &script);
        }
    gw_finding_list list;
    gw_linter_run(linter, &list);
    assert_int_equal(list.len, 1);
    assert_string_equal(list.items[0].rule, "down_does_not_undo");
    assert_string_equal(list.items[0].file, "2.down.sql");
    assert_non_null(strstr(list.items[0].message, "table w"));
    gw_arena_free(arena);
}

static void places_count_characters(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_lint_options options = {0};
    gw_linter *linter = gw_linter_new(arena, &options);
    gw_lint_script script =
        script_of("a.sql", "\xef\xbb\xbfSELECT '\xc3\xa9\xc3\xa9'; DROP TABLE x;\r\n"
                           "/* \xf0\x9f\x90\xa6 */ TRUNCATE \xd1\x84, y;\r\n");
    script.first_line = 10; /* a section of a file */
    gw_finding_list list;
    gw_linter_add(linter, &script);
    gw_linter_run(linter, &list);
    assert_int_equal(list.len, 3);
    assert_int_equal(list.items[0].line, 10);
    assert_int_equal(list.items[0].col, 14);
    assert_int_equal(list.items[1].line, 11);
    assert_int_equal(list.items[1].col, 18);
    assert_int_equal(list.items[2].col, 21);
    gw_arena_free(arena);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, "INSERT INTO t (a) VALUES (0)");
    for (int i = 0; i < 40000; i++)
        gw_buf_addf(&text, ", (%d)", i);
    gw_buf_add(&text, ";\nSELECT 1; SELEC 2; SELECT $$ open\n");
    gw_finding_list list = lint_text(arena, gw_buf_str(&text));
    assert_int_equal(list.notes, 3);
    assert_true(has_finding(&list, "unread_statement", 1));
    assert_true(has_finding(&list, "unread_statement", 2));
    gw_arena_free(arena);
}

static void nothing_breaks_it(void **state)
{
    static const char *const texts[] = {
        "", ";", ";;;", "--", "/*", "'", "\"", "$$", "CREATE TABLE t ()", "DROP TABLE",
        "ALTER TABLE t ADD FOREIGN KEY () REFERENCES t", "CREATE TYPE e AS ENUM ()",
        "CREATE TYPE e; ALTER TYPE e ADD VALUE 'a'; DROP TYPE e, e, e;",
        "ALTER TABLE t RENAME TO t; ALTER TABLE t RENAME a TO a; DROP TABLE t; DROP TABLE t",
        "CREATE TABLE t (a int); ALTER TABLE t DROP COLUMN a, DROP COLUMN a, ADD COLUMN a int",
        "CREATE INDEX ON t ((a + 1)); CREATE INDEX ON t ((a + 1)); DROP INDEX t_expr_idx, t_expr_idx1",
        "CREATE TABLE t (a int PRIMARY KEY, PRIMARY KEY (a), UNIQUE (a), UNIQUE (a)); DROP INDEX t_pkey",
        "CREATE TABLE a PARTITION OF a DEFAULT; ALTER TABLE a ATTACH PARTITION a DEFAULT",
        "CREATE TABLE t (LIKE t, LIKE u); CREATE TABLE t2 () INHERITS (t2)",
        "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION x()",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'execute execute new. new. ||'; "
        "CREATE TABLE t (a int); CREATE TRIGGER x BEFORE UPDATE ON t EXECUTE FUNCTION f()",
        "SET search_path = ''; CREATE TABLE t (a int); SET search_path TO a,b,c,d,e,f,g,h,i,j,k; "
        "SET search_path TO DEFAULT; RESET search_path; CREATE TABLE t (a int)",
        "DO 'x'; DO LANGUAGE plpgsql $$ execute $$; GRANT ALL ON ALL TABLES IN SCHEMA s TO PUBLIC",
        "CREATE SCHEMA s CREATE TABLE t (a int); DROP SCHEMA s, s; CREATE TABLE s.t (a int)",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 1 INTO t2 FROM t",
        "ALTER DOMAIN d DROP CONSTRAINT c; ALTER DOMAIN d SET NOT NULL; COMMENT ON TABLE t IS NULL",
        "CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'x'); CREATE ROLE r PASSWORD NULL",
        "-- godwit:\n-- godwit: ignore\n-- godwit: ignore ,,,\n-- godwit: ignore a,b,c,d,e,f,g,h,i,j,k,l,"
        "m,n,o,p,q,r,s\nSELECT 1",
        "CREATE VIEW v AS SELECT 1 UNION SELECT 2; CREATE OR REPLACE VIEW v AS VALUES (1)",
        "CREATE TABLE t (a numeric(3,1)[], b \"char\", c interval day to second(3), d bit(3))",
    };
    (void)state;
    gw_arena *arena = gw_arena_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_finding_list list = lint_text(arena, texts[i]);
        for (size_t k = 0; k < list.len; k++)
            assert_true(list.items[k].line && list.items[k].col && *list.items[k].message);
    }
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_search_path),
        cmocka_unit_test(names_are_as_the_catalog_has_them),
        cmocka_unit_test(renames_and_drops_are_followed),
        cmocka_unit_test(downs_run_backwards),
        cmocka_unit_test(places_count_characters),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(nothing_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
