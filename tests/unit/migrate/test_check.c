/* What is found out about a script before anything runs. */
#include "fixture.h"
#include "migrate/check.h"

static const gw_script_context no_context;

static gw_check_options options_for(int version)
{
    return (gw_check_options){
        .context = &no_context, .server_version = version, .keep_bytes = 64 * 1024};
}

/* One file in Godwit's own convention, checked as `up` would. */
static bool check_as(fixture *f, const char *text, gw_check_options options, gw_checked *out)
{
    put(f, "1_a.up.sql", text);
    put(f, "1_a.down.sql", "SELECT 1;\n");
    gw_err_clear(&f->err);
    f->options.format = GW_FORMAT_GODWIT;
    assert_true(gw_folder_read(f->arena, &f->options, &f->folder, &f->err));
    const gw_migration *m = &f->folder.migrations.items[0];
    return gw_check_script(f->arena, m, &m->up, false, &options, out, &f->err);
}

static bool check(fixture *f, const char *text, gw_checked *out)
{
    return check_as(f, text, options_for(150000), out);
}

static void assert_refused(fixture *f, const char *text, const char *message, unsigned line)
{
    gw_checked c;
    assert_false(check(f, text, &c));
    assert_int_equal(f->err.kind, GW_ERR_INPUT);
    assert_non_null(strstr(f->err.message, message));
    assert_int_equal(f->err.line, line);
    assert_non_null(f->err.hint);
}

static void test_plain(void **state)
{
    gw_checked c;
    assert_true(check(*state, "-- a comment\nCREATE TABLE t (id int);\nINSERT INTO t VALUES (1)", &c));
    assert_int_equal(c.statements, 2);
    assert_true(c.transactional);
    assert_false(c.absorbed);
    assert_non_null(c.kept);
    assert_string_equal(c.kept[1].text, "INSERT INTO t VALUES (1)");
    assert_int_equal(c.kept[1].line, 3);
    assert_int_equal(c.warnings.len, 0);
}

static void test_empty(void **state)
{
    gw_checked c;
    assert_true(check(*state, "", &c));
    assert_int_equal(c.statements, 0);
    assert_true(check(*state, "-- nothing yet\n;;\n", &c));
    assert_int_equal(c.statements, 0);
}

static void test_outer_transaction_is_absorbed(void **state)
{
    gw_checked c;
    assert_true(check(*state, "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;\n", &c));
    assert_true(c.absorbed);
    assert_int_equal(c.statements, 1);
    assert_string_equal(c.begin, "BEGIN ISOLATION LEVEL SERIALIZABLE");
    assert_string_equal(c.kept[0].text, "SELECT 1");
}

static void test_transaction_control_is_refused(void **state)
{
    assert_refused(*state, "SELECT 1;\nCOMMIT;\nSELECT 2;", "transaction control", 2);
    assert_refused(*state, "BEGIN;\nSELECT 1;\n", "transaction control", 1);
    assert_refused(*state, "COMMIT;\nSELECT 1;", "transaction control", 1);
    assert_refused(*state, "ROLLBACK;\nSELECT 1;\nSELECT 2;", "transaction control", 1);
    assert_refused(*state, "END;\nSELECT 1;\nCOMMIT;", "transaction control", 1);
    assert_refused(*state, "ABORT AND CHAIN;\nSELECT 1;", "transaction control", 1);
    assert_refused(*state, "ROLLBACK PREPARED 'x';\nSELECT 1;", "transaction control", 1);
    assert_refused(*state, "SELECT 1;\nCOMMIT;\n", "transaction control", 2);
    assert_refused(*state, "BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;", "transaction control",
                   3);
    assert_refused(*state, "BEGIN;\nSELECT 1;\nROLLBACK;", "transaction control", 1);
    gw_checked c;
    assert_true(check(*state, "-- godwit: no-transaction\nBEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;", &c));
    assert_false(c.transactional);
    assert_int_equal(c.statements, 4);
    /* A savepoint is nobody's business. */
    assert_true(check(*state, "SAVEPOINT a;\nSELECT 1;\nROLLBACK TO a;", &c));
}

static void test_statements_outside_a_transaction(void **state)
{
    gw_checked c;
    assert_true(check(*state, "CREATE INDEX CONCURRENTLY i ON t (a);", &c));
    assert_false(c.transactional);
    assert_refused(*state, "SELECT 1;\nVACUUM t;", "VACUUM cannot run inside a transaction", 2);
    assert_true(check(*state, "-- godwit: no-transaction\nSELECT 1;\nVACUUM t;", &c));
    assert_int_equal(c.statements, 2);
}

static void test_enum_value_used_at_once(void **state)
{
    gw_checked c;
    assert_refused(*state, "ALTER TYPE s ADD VALUE 'x';\nUPDATE t SET a = 'x';", "enum value 'x'", 2);
    assert_true(check(*state, "ALTER TYPE s ADD VALUE 'x';\nUPDATE t SET a = 'y';", &c));
}

static void test_grammar(void **state)
{
    gw_checked c;
    fixture *f = *state;
    assert_refused(*state, "SELECT 1;\n  SELEKT 2;", "syntax error", 2);
    assert_int_equal(f->err.col, 3);
    /* A newer server may know it. */
    assert_true(check_as(*state, "SELEKT 2;", options_for(180000), &c));
}

static void test_copy_is_read_through(void **state)
{
    gw_checked c;
    assert_true(check(*state, "COPY t FROM stdin;\n1\tBEGIN;\n\\.\nSELECT 1;", &c));
    assert_true(c.has_copy);
    assert_null(c.kept);
    assert_int_equal(c.statements, 2);
}

static void test_large_scripts_are_not_kept(void **state)
{
    gw_checked c;
    gw_check_options options = options_for(150000);
    options.keep_bytes = 4;
    assert_true(check_as(*state, "SELECT 1;", options, &c));
    assert_null(c.kept);
    gw_statements *statements = gw_statements_open(((fixture *)*state)->arena, &c, &no_context);
    const gw_statement *s;
    gw_err err = {0};
    assert_true(gw_statements_next(statements, true, &s, &err));
    assert_string_equal(s->text, "SELECT 1");
    assert_int_equal(s->number, 1);
    assert_true(gw_statements_next(statements, true, &s, &err));
    assert_null(s);
}

static void test_a_strong_lock_kept_is_pointed_out(void **state)
{
    gw_checked c;
    assert_true(check(*state, "ALTER TABLE t ADD COLUMN a int;\nUPDATE t SET a = 1;", &c));
    assert_int_equal(c.warnings.len, 1);
    assert_int_equal(c.warnings.items[0].line, 1);
    /* Nobody waits for a table that nobody sees yet. */
    assert_true(check(*state, "CREATE TABLE n (a int);\nALTER TABLE n ADD b int;\nINSERT INTO n SELECT 1, 2;",
                      &c));
    assert_int_equal(c.warnings.len, 0);
}

static void test_a_pooler_has_no_session(void **state)
{
    gw_checked c;
    gw_check_options options = options_for(150000);
    options.pooled = true;
    assert_true(check_as(*state, "CREATE TABLE t (a int);", options, &c));
    assert_false(check_as(*state, "SELECT 1;\nCREATE TEMP TABLE t (a int);", options, &c));
    assert_int_equal(((fixture *)*state)->err.kind, GW_ERR_UNSUPPORTED);
    assert_int_equal(((fixture *)*state)->err.line, 2);
    assert_non_null(strstr(((fixture *)*state)->err.hint, "direct_url"));
    options.search_path = "tenant, public";
    assert_false(check_as(*state, "-- godwit: no-transaction\nSELECT 1;\nSELECT 2;", options, &c));
    assert_int_equal(((fixture *)*state)->err.kind, GW_ERR_UNSUPPORTED);
    assert_int_equal(((fixture *)*state)->err.line, 1);
    assert_true(check_as(*state, "SELECT 1;\nSELECT 2;", options, &c));
}

/* The first of them, by its line and its number among those that run. */
static void assert_lasts(fixture *f, const char *text, unsigned line, unsigned number)
{
    gw_checked c;
    assert_true(check(f, text, &c));
    assert_non_null(c.lasts);
    assert_int_equal(c.lasts->line, line);
    assert_int_equal(c.lasts->number, number);
    assert_non_null(c.lasts->kind.outlasts);
}

static void test_what_a_rollback_does_not_take_back(void **state)
{
    gw_checked c;
    assert_lasts(*state, "CREATE TABLE t (id int);\nSELECT dblink_exec('x', 'y');\nCOPY t TO PROGRAM 'cat';", 2, 2);
    assert_lasts(*state, "BEGIN;\nSELECT 1;\nSELECT lo_export(1, '/x');\nCOMMIT;", 3, 2);
    assert_lasts(*state, "-- godwit: batch t.id 10\nUPDATE t SET a = dblink_exec('x', 'y') WHERE id BETWEEN $1 AND $2;",
                 2, 1);
    assert_true(check(*state, "CREATE TABLE t (id int);\nSELECT 'dblink_exec(1)';", &c));
    assert_null(c.lasts);
}

static void test_blocks_that_a_rollback_does_not_take_back(void **state)
{
    gw_checked c;
    assert_true(check(*state,
                      "-- godwit: no-transaction\nSELECT 1;\nBEGIN;\nSELECT 2;\nSELECT dblink_exec('x', 'y');\n"
                      "SELECT lo_export(1, '/x');\nCOMMIT;\nBEGIN;\nSELECT 3;\nCOMMIT;\nSELECT lo_export(2, '/x');\n"
                      "BEGIN;\nSELECT lo_export(3, '/x');\nROLLBACK;", &c));
    assert_null(c.lasts);
    assert_int_equal(c.lasting_count, 2);
    assert_int_equal(c.lasting[0].begin, 2);
    assert_int_equal(c.lasting[0].line, 5);
    assert_non_null(strstr(c.lasting[0].why, "dblink"));
    assert_int_equal(c.lasting[1].begin, 11);
    assert_int_equal(c.lasting[1].line, 13);
}

static void test_a_batch_is_one_statement(void **state)
{
    gw_checked c;
    assert_true(check(*state, "-- godwit: batch t.id 100\nUPDATE t SET a = 1 WHERE id BETWEEN $1 AND $2;", &c));
    assert_false(c.transactional);
    assert_refused(*state,
                   "-- godwit: batch t.id 100\nUPDATE t SET a = $1 + $2;\nDELETE FROM t WHERE $1 = $2;",
                   "one statement", 1);
    assert_refused(*state, "-- godwit: batch t.id 100\nUPDATE t SET a = 1;", "$1 and $2", 2);
    assert_refused(*state, "-- godwit: batch t.id 100\nSELECT $1, $2;", "one UPDATE", 2);
}

static void test_backslashes_in_quotes(void **state)
{
    gw_checked c;
    assert_true(check(*state, "SET standard_conforming_strings = off;\nSELECT 'it\\'s; one';\nSELECT 2;", &c));
    assert_int_equal(c.statements, 3);
}

static void test_grammar_where_backslashes_escape(void **state)
{
    gw_checked c;
    gw_check_options options = options_for(150000);
    options.escape_strings = true;
    assert_true(check_as(*state, "SELECT 'it\\'s; one', N'a\\';b', e'\\'', 'x'\n'y\\'z';\nDO 'BEGIN PERFORM ''\\\\''; END';",
                         options, &c));
    assert_int_equal(c.statements, 2);
    assert_false(check_as(*state, "SELECT 'ä\\';';\nSELECT 'é\\'' , N'\\\\' x y;", options, &c));
    assert_int_equal(((fixture *)*state)->err.line, 2);
    assert_int_equal(((fixture *)*state)->err.col, 24);
    assert_false(check_as(*state, "DROP SCHEMA \"godwit\" /* \\' */;", options, &c));
    assert_int_equal(((fixture *)*state)->err.kind, GW_ERR_REFUSED);
    assert_true(check_as(*state, "SELECT '\\'';\nRESET standard_conforming_strings;\nSELECT '\\'';\n"
                                 "SET standard_conforming_strings = on;\nSELECT '\\';", options, &c));
    assert_int_equal(c.statements, 5);
    assert_true(check(*state, "SELECT set_config('standard_conforming_strings', 'off', false);\nSELECT '\\';';\n"
                              "RESET ALL;\nSELECT '\\';", &c));
    assert_int_equal(c.statements, 4);
}

/* As scripts for psql have them, Sqitch's above all: named, with their place. */
static void test_variables_of_psql(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *sql, *name;
        unsigned col;
    } cases[] = {
        {"SELECT 'é',\n  :'who';", ":'who'", 3},
        {"CREATE TABLE\n :\"a b\" (id int);", ":\"a b\"", 2},
        {"SELECT *\nFROM :schema.t;", ":schema", 6},
        {"SELECT\n:{?x};", ":{?x}", 1},
    };
    gw_checked c;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_refused(f, cases[i].sql, "is a variable of psql", 2);
        assert_int_equal(strncmp(f->err.message, cases[i].name, strlen(cases[i].name)), 0);
        assert_int_equal(f->err.col, cases[i].col);
        gw_err_clear(&f->err);
    }
    assert_true(check(f, "SELECT a[1:b], ':x', 1::int, $$ :'y' $$ FROM t;", &c));
    assert_refused(f, "SELECT 1 :;", "syntax error", 1);
}

static void test_all_that_is_to_be_said(void **state)
{
    gw_checked c;
    assert_true(check(*state, "ALTER TABLE t ADD a int;\nUPDATE u SET a = 1;\nCOPY v FROM stdin;\n1\n", &c));
    assert_int_equal(c.warnings.len, 2);
    assert_int_equal(c.warnings.items[0].line, 3);
    assert_int_equal(c.warnings.items[1].line, 1);
}

/* What changes schema godwit, and what only looks like it. */
static void test_the_history_is_fenced_off(void **state)
{
    static const struct {
        const char *sql;
        bool refused;
    } cases[] = {
        {"DROP SCHEMA godwit CASCADE;", true},
        {"DROP SCHEMA IF EXISTS a, \"godwit\";", true},
        {"TRUNCATE a, ONLY godwit.events;", true},
        {"ALTER TABLE IF EXISTS godwit.migrations ADD a int;", true},
        {"ALTER SCHEMA godwit RENAME TO x;", true},
        {"ALTER TABLE t ADD godwit int;", false},
        {"ALTER TABLE t ADD CONSTRAINT c CHECK (godwit.a > 1);", false},
        {"DROP TABLE godwit;", false},
        {"DROP TABLE x.godwit;", false},
        {"UPDATE godwit.migrations SET checksum = NULL;", true},
        {"UPDATE ONLY (\"godwit\".migrations) AS m SET name = 'x';", true},
        {"DELETE FROM ONLY godwit . migrations WHERE version = '1';", true},
        {"INSERT INTO godwit.events (run_id) VALUES ('x');", true},
        {"MERGE INTO godwit.migrations m USING t ON true WHEN MATCHED THEN DELETE;", true},
        {"COPY godwit.migrations (tenant, version) FROM stdin;\n\\.\n", true},
        {"WITH gone AS (DELETE FROM godwit.migrations RETURNING *) SELECT * FROM gone;", true},
        {"EXPLAIN (ANALYZE) UPDATE godwit.run_lock SET token = NULL;", true},
        {"PREPARE p AS DELETE FROM godwit.events;", true},
        {"INSERT INTO t SELECT version FROM godwit.migrations;", false},
        {"DELETE FROM t USING godwit.migrations m WHERE t.v = m.version;", false},
        {"UPDATE t SET a = 'UPDATE godwit.migrations' FROM godwit.events e;", false},
        {"WITH m AS (SELECT * FROM godwit.migrations FOR UPDATE) INSERT INTO t SELECT version FROM "
         "m;",
         false},
        {"DELETE FROM godwit WHERE godwit.a = 1;", false},
        {"UPDATE x.godwit SET a = 1;", false},
        {"COPY godwit.migrations TO '/tmp/x';", false},
        {"DO $$ BEGIN DROP SCHEMA godwit CASCADE; END $$;", true},
        {"DO $$ BEGIN IF true THEN TRUNCATE godwit.migrations; END IF; END $$ LANGUAGE plpgsql;",
         true},
        {"DO LANGUAGE 'plpgsql' $a$ BEGIN FOR i IN 1..2 LOOP ALTER TABLE godwit.events ADD a int; "
         "END LOOP; END $a$;",
         true},
        {"DO 'BEGIN EXECUTE ''DROP SCHEMA godwit''; END';", true},
        {"DO $$ BEGIN EXECUTE format('DROP TABLE %I.%I', 'godwit', 'migrations'); END $$;", true},
        {"DO $$ BEGIN EXECUTE 'DROP SCHEMA ' || quote_ident('godwit') || ' CASCADE'; END $$;",
         true},
        {"DO $$ BEGIN EXECUTE 'DO ''BEGIN DROP SCHEMA godwit; END'''; END $$;", true},
        {"DO $$ BEGIN EXECUTE $x$BEGIN; DROP SCHEMA godwit$x$; END $$;", true},
        {"DO $$ BEGIN UPDATE godwit.migrations SET state = 'applied'; END $$;", true},
        {"DO $$ DECLARE r record; BEGIN FOR r IN DELETE FROM godwit.events RETURNING * LOOP END "
         "LOOP; END $$;",
         true},
        {"DO $$ BEGIN EXECUTE 'DELETE FROM godwit.' || 'migrations'; END $$;", true},
        {"DO $$ BEGIN EXECUTE format('INSERT INTO %I.%I VALUES (1)', 'godwit', 'events'); END $$;",
         true},
        {"DO $$ BEGIN EXECUTE format('INSERT INTO t VALUES (%L)', 'godwit'); END $$;", false},
        {"DO $$ BEGIN INSERT INTO t SELECT count(*) FROM godwit.events; END $$;", false},
        {"DO $$ BEGIN RAISE NOTICE 'drop schema godwit'; END $$;", false},
        {"DO $$ BEGIN -- drop schema godwit;\n DROP TABLE IF EXISTS a; END $$;", false},
        {"DO $$ BEGIN PERFORM 1; DROP TABLE a; PERFORM godwit.x(); END $$;", false},
        {"DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD godwit int', 't'); END $$;", false},
        {"DO LANGUAGE plpython3u $$ drop = 'godwit.x'; $$;", false},
    };
    gw_check_options options = options_for(150000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gw_checked c;
        bool ok = check_as(*state, cases[i].sql, options, &c);
        if (ok == cases[i].refused)
            fail_msg("%s: %s", cases[i].sql, ok ? "went through" : "was refused");
        if (!ok)
            assert_int_equal(((fixture *)*state)->err.kind, GW_ERR_REFUSED);
    }
}

static void test_transaction_mode_comes_first(void **state)
{
    gw_checked c;
    assert_true(check(*state, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;", &c));
    assert_true(c.kept[0].transaction_mode);
    assert_false(c.kept[1].transaction_mode);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_plain),
        T(test_empty),
        T(test_outer_transaction_is_absorbed),
        T(test_transaction_control_is_refused),
        T(test_statements_outside_a_transaction),
        T(test_enum_value_used_at_once),
        T(test_grammar),
        T(test_copy_is_read_through),
        T(test_large_scripts_are_not_kept),
        T(test_a_strong_lock_kept_is_pointed_out),
        T(test_a_pooler_has_no_session),
        T(test_what_a_rollback_does_not_take_back),
        T(test_blocks_that_a_rollback_does_not_take_back),
        T(test_a_batch_is_one_statement),
        T(test_backslashes_in_quotes),
        T(test_grammar_where_backslashes_escape),
        T(test_all_that_is_to_be_said),
        T(test_variables_of_psql),
        T(test_the_history_is_fenced_off),
        T(test_transaction_mode_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
