/* What Sqitch, graphile-migrate and node-pg-migrate are told in files of their own. How each value of
 * sqitch.conf reads is what Sqitch 1.3.1 said of it. */
#include "fixture.h"

#include <unistd.h>

static void remove_file(fixture *f, const char *name)
{
    assert_int_equal(unlink(gw_path_join(f->arena, f->path, name)), 0);
}

static void put_plan(fixture *f, const char *folder)
{
    put(f, gw_path_join(f->arena, folder, "sqitch.plan"), "%project=p\n\na 2024-01-01T00:00:00Z M <m@e> # n\n");
    put(f, gw_path_join(f->arena, folder, "deploy/a.sql"), ":v|:'w'|:x\n");
    put(f, gw_path_join(f->arena, folder, "revert/a.sql"), ":v|:'w'|:x\n");
    put(f, gw_path_join(f->arena, folder, "verify/a.sql"), ":v|:'w'|:x\n");
}

static void test_sqitch_engines(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text;
        unsigned line, col; /* 0: it is read */
    } cases[] = {
        {"[core]\nengine = pg  # our server\n", 0, 0},
        {"[core]\nengine = \"pg\" ; ours\n", 0, 0},
        {"[core]\nengine = p\\\ng\n", 0, 0},
        {"[Core]\r\n\tEngine=PostgreSQL\r\n", 0, 0},
        {"[core] engine = pg\n[engine \"pg\"] target = t\n[target \"t\"] uri = db:postgres://h/d\n", 0, 0},
        {"[core]\nengine = mysql\ntarget = db:pg:d\n", 0, 0},
        {"[engine \"mysql\"]\nclient = mysql\n", 0, 0},
        {"[core]\n\tengine = mysql # ours\n", 2, 2},
        {"[core]\nengine = sqlite\n", 2, 1},
        {"[core]\nengine = pg\ntarget = db:mysql://h/d\n", 3, 1},
        {"[core]\ntarget = t\n[target \"t\"]\n  uri = db:oracle:d\n", 4, 3},
        {"[core]\nengine = pg\n[engine \"pg\"]\ntarget = db:cockroach:\n", 4, 1},
    };
    put_plan(f, ".");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "sqitch.conf", cases[i].text);
        if (!cases[i].line) {
            read_ok(f);
            continue;
        }
        fails_at(f, "not for PostgreSQL", "sqitch.conf", cases[i].line);
        assert_int_equal(f->err.col, cases[i].col);
        assert_non_null(f->err.hint);
    }
}

static void test_sqitch_values(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *written, *read;
    } cases[] = {
        {"it's   fine", "it's fine"}, {"\"two  blanks\"\\ttab", "two  blanks\ttab"}, {"a;b", "a;b"},
        {"a ;b", "a"}, {"\"a\"b\"c\" # d", "abc"}, {"\"x#y\" z", "x#y z"}, {"a\\\nb", "ab"},
        {"\"a\\\nb\"", "ab"}, {"\"a;b\\\\c\\td\"", "a;b\\c\td"}, {"\\\"q\\'", "\"q'"}, {"x # y = z", "x"}};
    put_plan(f, ".");
    put(f, "deploy/a.sql", ":v");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "sqitch.conf", gw_printf(f->arena, "[core]\n\tplain\n[deploy \"variables\"]\n# v = no\nv = %s\n",
                                        cases[i].written));
        assert_string_equal(script_text(f, &read_ok(f)->migrations.items[0].up, NULL), cases[i].read);
    }
    static const char *const broken[] = {"v = \"open", "v = a\\q", "= v", "[deploy", "[deploy \"x]", "v = \"a\\qb\""};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        put(f, "sqitch.conf", gw_printf(f->arena, "[core]\n%s\n", broken[i]));
        fails_at(f, "Sqitch does not read the file either", "sqitch.conf", 2);
    }
}

static const char sqitch_variables[] = "[core]\n\tengine = pg\n"
                                       "[core \"variables\"]\nv = core\nw = core\nx = core\n"
                                       "[deploy \"variables\"]\nw = it's\nx = deploy\n"
                                       "[revert \"variables\"]\nx = revert\n"
                                       "[verify \"variables\"]\nw = verify\n"
                                       "[engine \"pg\"]\ntarget = t\n[engine \"pg.variables\"]\nv = engine\n"
                                       "[target \"t\"]\nuri = db:pg:d\n[target \"t.variables\"]\nv = target\n";

static void test_sqitch_variables(void **state)
{
    fixture *f = *state;
    put_plan(f, ".");
    put(f, "sqitch.conf", sqitch_variables);
    const gw_migration *m = read_ok(f)->migrations.items;
    assert_string_equal(script_text(f, &m->up, NULL), "target|'it''s'|deploy\n");
    assert_string_equal(script_text(f, &m->down, NULL), "target|'it''s'|revert\n");
    assert_string_equal(script_text(f, &m->verify, NULL), "target|'verify'|deploy\n");
    static const char *const placeholders[] = {"x", "set", "V", "other", NULL};
    const gw_script_context context = {.placeholders = placeholders};
    assert_string_equal(script_text(f, &m->up, &context), "target|'it''s'|set\n");
    put(f, "sqitch.conf", "[core]\n\tengine = pg\n");
    assert_int_equal(read_ok(f)->migrations.items[0].up.sections[0].substitution, GW_SUBST_NONE);
    f->options.placeholders = placeholders;
    m = read_ok(f)->migrations.items;
    assert_string_equal(script_text(f, &m->up, &context), ":v|:'w'|set\n");
    put(f, "deploy/a.sql", "-- godwit: env\n:x ${A:-b}\n");
    m = read_ok(f)->migrations.items;
    assert_int_equal(m->up.sections[0].substitution, GW_SUBST_ENV);
}

static void test_sqitch_variables_that_nobody_can_tell(void **state)
{
    fixture *f = *state;
    put_plan(f, ".");
    put(f, "sqitch.conf", "[core]\nengine=pg\n[deploy \"variables\"]\nv = 1\n v = 2\n");
    fails_at(f, "variable v is said twice", "sqitch.conf", 5);
    assert_int_equal(f->err.col, 2);
    put(f, "sqitch.conf", "[core]\nengine=pg\n[target \"prod\"]\nuri=db:pg:d\n[target \"prod.variables\"]\nv = 2\n");
    fails_at(f, "variable v has a value for one target only", "sqitch.conf", 6);
    assert_non_null(strstr(f->err.hint, "{ v: … }"));
    static const char *const placeholders[] = {"v", "1", NULL};
    f->options.placeholders = placeholders;
    read_ok(f);
}

/* The folder is the project's top_dir, and sqitch.conf stands above it. */
static void test_sqitch_conf_above(void **state)
{
    fixture *f = *state;
    put_plan(f, "db/sq");
    f->options.path = gw_path_join(f->arena, f->path, "db/sq");
    f->options.shown = "db/sq";
    put(f, "sqitch.conf", "[core]\nengine = pg\ntop_dir = db/sq\nrevert_dir = back\n[deploy \"variables\"]\nv = 1\n");
    put(f, "back/a.sql", "back");
    const gw_migration *m = read_ok(f)->migrations.items;
    assert_string_equal(script_text(f, &m->up, NULL), "1|:'w'|:x\n");
    assert_string_equal(script_text(f, &m->down, NULL), "back");
    put(f, "sqitch.conf", "[core]\nengine = mysql\ntop_dir = db/sq\n");
    fails_at(f, "for mysql, not for PostgreSQL", "sqitch.conf", 2);
    assert_string_equal(f->err.file, "sqitch.conf");
    put(f, "sqitch.conf", "[core]\nengine = mysql\n"); /* another project's */
    read_ok(f);
    remove_file(f, "sqitch.conf");
    put(f, "db/sq/sqitch.conf", "[core]\nengine = pg\n");
    put(f, "sqitch.conf", "[core]\nengine = mysql\ntop_dir = db/sq\n"); /* the nearest counts */
    read_ok(f);
}

static void put_graphile(fixture *f)
{
    put(f, "migrations/committed/000001.sql", "--! Previous: -\n--! Hash: x\n--! AllowInvalidHash\n\n:ROLE|:OWNER_X|:DATABASE_OWNER|:NO");
    f->options.path = gw_path_join(f->arena, f->path, "migrations");
    f->options.shown = "migrations";
}

static const char *variable(void *self, const char *name)
{
    (void)self;
    return strcmp(name, "OWNER_X") == 0 ? "from the environment" : NULL;
}

static void test_graphile_settings_that_are_followed(void **state)
{
    fixture *f = *state;
    gw_script_context context = {.user = "me", .database = "db", .variable = variable};
    put_graphile(f);
    assert_string_equal(script_text(f, &read_ok(f)->migrations.items[0].up, &context), "\n:ROLE|:OWNER_X|me|:NO");
    put(f, ".gmrc",
        "/* as init\n writes it */ {\n  // connectionString: \"postgres://x\",\n  \"connectionString\": \"y\", pgSettings: {},\n"
        "  placeholders: { \":ROLE\": 'app\\'s', \":OWNER_X\": \"!ENV\", },\n  \"//placeholders\": 3,\n"
        "  afterReset: [\"x.sql\"], beforeCurrent: ['!y.sql'], beforeAllMigrations: [], afterAllMigrations: [\n"
        "  {_: \"command\", command: \"pg_dump\", shadow: true}],\n  databaseOwner: \"boss\"\n}\n");
    const gw_migration *m = read_ok(f)->migrations.items;
    assert_string_equal(script_text(f, &m->up, &context), "\napp's|from the environment|boss|:NO");
    static const char *const own[] = {":ROLE", "mine", "DATABASE_OWNER", "chief", NULL};
    context.placeholders = own;
    assert_string_equal(script_text(f, &m->up, &context), "\nmine|from the environment|chief|:NO");
}

static void test_graphile_settings_that_are_refused(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *file, *text, *part;
        unsigned line, col;
    } cases[] = {
        {".gmrc", "{\n  beforeAllMigrations: [ \"x.sql\" ]\n}", "`beforeAllMigrations`", 2, 24},
        {".gmrc", "{ afterAllMigrations: 'x.sql' }", "-- godwit: repeatable", 1, 23},
        {".gmrc", "{\"afterAllMigrations\": [{\"_\":\"sql\",\"file\":\"a\"},{\"_\":\"sql\",\"shadow\":true}]}", "after", 1, 24},
        {".gmrc", "{\"pgSettings\": {\n\"search_path\":\"app\"}}", "ALTER ROLE", 1, 16},
        {".gmrc", "{ placeholders: { \":A\": \"b\" }", "a comma is missing", 1, 30},
        {".gmrc", "{ a: \"b }", "a text has no end", 1, 10},
        {".gmrc", "[1,\n2] x", "behind its end", 2, 4},
        {".gmrc.js", "// pgSettings\nmodule.exports = {\n  pgSettings: {} };", "`pgSettings`", 3, 3},
        {".gmrc.cjs", "/* placeholders\n*/ x({ placeholders })", "`placeholders`", 2, 8},
        {".gmrc.js", "databaseOwner: env.X", ":DATABASE_OWNER", 1, 1},
    };
    put_graphile(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, cases[i].file, cases[i].text);
        fails_at(f, cases[i].part, cases[i].file, cases[i].line);
        assert_int_equal(f->err.col, cases[i].col);
        remove_file(f, cases[i].file);
    }
    static const char *const own[] = {":ROLE", "mine", NULL};
    put(f, ".gmrc.js", "module.exports = { placeholders: { ':ROLE': process.env.R }, myPgSettings: 1 };");
    read_fails(f, "`placeholders:` in godwit.yaml");
    f->options.placeholders = own;
    read_ok(f);
    f->options.placeholders = NULL;
    put(f, ".gmrc", "{}"); /* the tool reads this one then */
    read_ok(f);
}

static void test_node_pg_migrate_settings(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text, *part; /* NULL: read */
        unsigned line;
    } cases[] = {
        {"{ \"db\": { \"url\": \"x\", \"schema\": \"public\", \"check-order\": false, \"ignore-pattern\": \"\\\\..*\" } }", NULL, 0},
        {"{ \"db\": {\n \"schema\": [\"public\"], \"use-glob\": false }, \"schema\": \"app\" }", NULL, 0},
        {"{ \"db\": \"postgres://x\" }", NULL, 0},
        {"{ \"db\": {\n \"schema\": \"app\" } }", "SET search_path", 2},
        {"{ \"db\": { \"schema\": [\n\"app\", \"public\"] } }", "`db.schema`", 1},
        {"{ \"db\": {\n\n \"use-glob\": true } }", "{service, path}", 3},
        {"{ \"db\": { \"ignore-pattern\": \".*draft.*\" } }", "`db.ignore-pattern`", 1},
    };
    put(f, "migrations/1700000000000_a.sql", "-- Up Migration\nSELECT 1;\n-- Down Migration\n");
    f->options.path = gw_path_join(f->arena, f->path, "migrations");
    f->options.shown = "migrations";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "config/production.json", cases[i].text);
        if (cases[i].part)
            fails_at(f, cases[i].part, "production.json", cases[i].line);
        else
            read_ok(f);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_sqitch_engines),
        T(test_sqitch_values),
        T(test_sqitch_variables),
        T(test_sqitch_variables_that_nobody_can_tell),
        T(test_sqitch_conf_above),
        T(test_graphile_settings_that_are_followed),
        T(test_graphile_settings_that_are_refused),
        T(test_node_pg_migrate_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
