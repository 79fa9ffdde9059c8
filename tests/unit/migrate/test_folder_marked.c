/* Conventions that divide a file by comment lines: dbmate, goose, node-pg-migrate. */
#include "fixture.h"

#include <unistd.h>

static void test_dbmate(void **state)
{
    fixture *f = *state;
    put(f, "001_a.sql",
        "-- about\n--migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;\n");
    put(f, "002_b.sql",
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n-- migrate:up\nSELECT 3;\n"
        "-- migrate:down transaction:false\n-- godwit: lock_timeout=3s\nSELECT 4;\n");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_DBMATE);
    assert_string_equal(versions(f), "001:a 002:b");
    gw_migration *m = folder->migrations.items;
    assert_true(m[0].up.directives.no_transaction);
    assert_false(m[0].down.directives.no_transaction);
    assert_string_equal(script_text(f, &m[0].up, NULL), "SELECT 1;\n");
    assert_int_equal(m[0].up.sections[0].line, 3);
    assert_string_equal(script_text(f, &m[1].up, NULL), "SELECT 1;\nSELECT 3;\n");
    assert_int_equal(m[1].up.section_count, 2);
    assert_true(m[1].down.directives.no_transaction);
    assert_int_equal(m[1].down.directives.lock_timeout_ms, 3000);
    assert_int_equal(m[1].up.directives.lock_timeout_ms, -1);
    assert_string_equal(script_text(f, &m[1].down, NULL),
                        "SELECT 2;\n-- godwit: lock_timeout=3s\nSELECT 4;\n");
}

static void test_dbmate_order_is_by_name(void **state)
{
    fixture *f = *state;
    const char *text = "-- migrate:up\n-- migrate:down\n";
    put(f, "1_a.sql", text);
    put(f, "10_b.sql", text);
    put(f, "2_c.sql", text);
    read_ok(f);
    assert_string_equal(versions(f), "10:b 1:a 2:c");
}

static void test_dbmate_errors(void **state)
{
    fixture *f = *state;
    put(f, "1_a.sql", "-- migrate:up\nSELECT 1;\n");
    fails_at(f, "migrate:down", "1_a.sql", 1);
    put(f, "1_a.sql", "SELECT 1;\n-- migrate:up\n-- migrate:down\n");
    fails_at(f, "before `-- migrate:up`", "1_a.sql", 1);
    put(f, "1_a.sql", "-- migrate:down\n-- migrate:up\n");
    fails_at(f, "migrate:down", "1_a.sql", 1);
    put(f, "1_a.sql", "-- migrate:up\n-- migrate:down\n");
    put(f, "2_b.sql", "SELECT 1;");
    read_fails(f, "2_b.sql has no mark");
    f->options.format = GW_FORMAT_DBMATE;
    fails_at(f, "no `-- migrate:up`", "2_b.sql", 1);
}

static void test_goose(void **state)
{
    fixture *f = *state;
    put(f, "00001_a.sql",
        "-- +goose NO TRANSACTION\n-- +GOOSE up\n-- +goose StatementBegin\nSELECT 1;\n"
        "-- +goose StatementEnd\n-- +goose Down\nSELECT 2;\n");
    put(f, "00002_b.sql", "--+goose Up\r\nSELECT 1;\r\n");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_GOOSE);
    assert_string_equal(versions(f), "1:a 2:b");
    gw_migration *m = folder->migrations.items;
    assert_true(m[0].up.directives.no_transaction && m[0].down.directives.no_transaction);
    assert_string_equal(script_text(f, &m[0].down, NULL), "SELECT 2;\n");
    assert_false(m[1].down.present);
    assert_string_equal(script_text(f, &m[1].up, NULL), "SELECT 1;\r\n");
}

static void test_goose_errors(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text, *part;
        unsigned line;
    } cases[] = {
        {"-- +goose Upp\n", "no annotation", 1},
        {"-- +goose Up\n-- +goose Up\n", "second time", 2},
        {"-- +goose Down\n", "before Up", 1},
        {"-- +goose Up\n-- +goose StatementBegin\n", "no StatementEnd", 2},
        {"-- +goose Up\n-- +goose StatementEnd\n", "without a StatementBegin", 2},
        {"-- +goose Up\n-- +goose StatementBegin\n-- +goose Down\n", "between", 3},
        {"-- +goose Up\n  -- +goose Down\n", "start of its line", 2},
        {"SELECT 1;\n-- +goose Up\n", "before `-- +goose Up`", 1},
        {"-- +goose NO TRANSACTION\n", "has no `-- +goose Up`", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "1_a.sql", cases[i].text);
        fails_at(f, cases[i].part, "1_a.sql", cases[i].line);
    }
    put(f, "1_a.sql", "-- +goose Up\n");
    put(f, "0_b.sql", "-- +goose Up\n");
    fails_at(f, "version 0", "0_b.sql", 0);
    put(f, "2_c.go", "package main\n");
    read_fails(f, "version 0");
    put(f, "0_b.sql", "-- +goose Up\n");
    assert_int_equal(unlink(gw_path_join(f->arena, f->path, "0_b.sql")), 0);
    fails_at(f, "written in Go", "2_c.go", 0);
}

static const char *variables(void *self, const char *name)
{
    (void)self;
    if (strcmp(name, "WHO") == 0)
        return "bob";
    return strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static void test_goose_envsub(void **state)
{
    fixture *f = *state;
    gw_script_context context = {.variable = variables};
    put(f, "1_a.sql",
        "-- +goose ENVSUB ON\n-- +goose Up\nDO $$ BEGIN\n'${WHO}' '$WHO' $1 ${NO-x} ${EMPTY:-y}\n"
        "-- +goose ENVSUB OFF\n${WHO}\nEND $$;\n-- +goose Down\n${WHO}\n");
    gw_folder *folder = read_ok(f);
    gw_migration *m = folder->migrations.items;
    assert_string_equal(script_text(f, &m->up, &context),
                        "DO $$ BEGIN\n'bob' 'bob' $1 x y\n-- +goose ENVSUB OFF\n${WHO}\nEND $$;\n");
    assert_string_equal(script_text(f, &m->down, &context), "${WHO}\n");
    put(f, "1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT 1;\nSELECT '$NOBODY';\n");
    read_ok(f);
    assert_null(script_text(f, &f->folder.migrations.items[0].up, &context));
    assert_string_equal(f->err.message, "variable NOBODY is not set");
    assert_int_equal(f->err.line, 4);
    assert_int_equal(f->err.col, 9);
}

static void test_node(void **state)
{
    fixture *f = *state;
    put(f, "1700000000000_a.sql",
        "-- Up Migration\nSELECT 1;\n\n--- down   migration\nSELECT 2;\n");
    put(f, "20240101000000000_b.sql", "SELECT 1;\n");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_NODE_PG_MIGRATE);
    assert_string_equal(versions(f), "1700000000000:a 20240101000000000:b");
    gw_migration *m = folder->migrations.items;
    assert_string_equal(m[0].foreign_id, "1700000000000_a");
    assert_string_equal(m[1].order, "1704067200000");
    assert_string_equal(script_text(f, &m[0].up, NULL), "SELECT 1;\n\n");
    assert_string_equal(script_text(f, &m[0].down, NULL), "SELECT 2;\n");
    assert_false(m[1].down.present);
    put(f, "1700000000001_c.js", "exports.up = 1");
    fails_at(f, "JavaScript", "1700000000001_c.js", 0);
}

static void test_node_down_first(void **state)
{
    fixture *f = *state;
    put(f, "1700000000000_a.sql", "-- Down Migration\nSELECT 2;\n-- Up Migration\nSELECT 1;\n");
    const gw_migration *m = read_ok(f)->migrations.items;
    assert_string_equal(script_text(f, &m->up, NULL), "SELECT 1;\n");
    assert_string_equal(script_text(f, &m->down, NULL), "SELECT 2;\n");
}

static void test_names_of_marked_files(void **state)
{
    fixture *f = *state;
    static const gw_format formats[] = {GW_FORMAT_DBMATE, GW_FORMAT_GOOSE,
                                        GW_FORMAT_NODE_PG_MIGRATE};
    put(f, "seed.sql", "");
    for (size_t i = 0; i < 3; i++) {
        f->options.format = formats[i];
        fails_at(f, "is not named as a migration", "seed.sql", 0);
    }
}

static void test_node_by_digits_and_errors(void **state)
{
    fixture *f = *state;
    put(f, "1700000000000_a.sql", "SELECT 1;\n");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_NODE_PG_MIGRATE);
    put(f, "1700000000000_a.sql", "SELECT 1;\n-- Down Migration\nSELECT 2;\n");
    fails_at(f, "no up mark", "1700000000000_a.sql", 2);
    put(f, "1700000000000_a.sql", "SELECT 1;\n-- Up Migration\nSELECT 2;\n");
    fails_at(f, "before `-- Up Migration`", "1700000000000_a.sql", 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_dbmate),
        T(test_dbmate_order_is_by_name),
        T(test_dbmate_errors),
        T(test_goose),
        T(test_goose_errors),
        T(test_goose_envsub),
        T(test_node),
        T(test_node_by_digits_and_errors),
        T(test_node_down_first),
        T(test_names_of_marked_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
