/* Conventions with a file that says what there is: Sqitch, drizzle, Atlas, graphile-migrate; and
 * Flyway. The plan's ids and the sums were computed by the tools themselves. */
#include "fixture.h"

#include <unistd.h>

static void remove_file(fixture *f, const char *name)
{
    assert_int_equal(unlink(gw_path_join(f->arena, f->path, name)), 0);
}

static void test_flyway(void **state)
{
    fixture *f = *state;
    put(f, "V1__Create_users.sql", "SELECT '${schema}', '${flyway:defaultSchema}';");
    put(f, "V1_1__Add.sql", "SELECT 1;");
    put(f, "sub/deeper/V2.0.10__More.sql", "CREATE INDEX CONCURRENTLY i ON t (a); -- ${x}");
    put(f, "sub/deeper/V2.0.10__More.sql.conf",
        "# comment\nexecuteInTransaction=false\nplaceholderReplacement=false\n");
    put(f, "U1.1__Add.sql", "SELECT -1;");
    put(f, "B2__Base.sql", "SELECT 2;");
    put(f, "R__View_b.sql", "SELECT 'b';");
    put(f, "R__View_a.sql", "SELECT 'a';");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_FLYWAY);
    assert_string_equal(versions(f), "1:Create users 1.1:Add 2:Base 2.0.10:More "
                                     "R__View_a:View a R__View_b:View b");
    gw_migration *m = folder->migrations.items;
    assert_true(m[1].down.present);
    assert_int_equal(m[2].kind, GW_BASELINE);
    assert_true(m[3].up.directives.no_transaction);
    assert_int_equal(m[3].up.sections[0].substitution, GW_SUBST_NONE);
    assert_string_equal(m[3].foreign_id, "sub/deeper/V2.0.10__More.sql");
    assert_int_equal(m[4].kind, GW_REPEATABLE);
    const char *const placeholders[] = {"Schema", "app", NULL};
    gw_script_context context = {.placeholders = placeholders, .schema = "public"};
    assert_string_equal(script_text(f, &m[0].up, &context), "SELECT 'app', 'public';");
    context.placeholders = NULL;
    assert_null(script_text(f, &m[0].up, &context));
    assert_string_equal(f->err.message, "placeholder ${schema} has no value");
    assert_int_equal(f->err.col, 9);
}

static const char *checksum_of(fixture *f, const char *value, const char *text, bool *filled)
{
    const char *const placeholders[] = {"n", value, NULL};
    f->options.placeholders = placeholders;
    put(f, "R__v.sql", text);
    gw_migration *m = read_ok(f)->migrations.items;
    *filled = m->text_checksum != NULL;
    f->options.placeholders = NULL;
    return m->checksum;
}

/* Flyway sums up what a repeatable file runs, not what it says. */
static void test_flyway_repeatable_checksum(void **state)
{
    fixture *f = *state;
    bool filled;
    const char *one = checksum_of(f, "1", "SELECT ${n};\n", &filled);
    const char *text = f->folder.migrations.items[0].text_checksum;
    assert_true(filled);
    assert_string_equal(checksum_of(f, "1", "SELECT ${n};\n", &filled), one);
    assert_string_equal(checksum_of(f, "1", "SELECT ${n};\r\n", &filled), one);
    assert_string_not_equal(checksum_of(f, "2", "SELECT ${n};\n", &filled), one);
    assert_string_equal(f->folder.migrations.items[0].text_checksum, text);
    /* Who runs it, and where, is no change; when is. */
    one = checksum_of(f, "1", "-- ${flyway:user} ${flyway:workingDirectory} ${n}\n", &filled);
    assert_true(filled);
    assert_string_equal(
        checksum_of(f, "1", "-- ${flyway:user} ${flyway:workingDirectory} ${n}\n", &filled), one);
    /* Nothing to fill in, or nothing to fill it in with: the file as it is. */
    checksum_of(f, "1", "SELECT 1;\n", &filled);
    assert_false(filled);
    checksum_of(f, "1", "SELECT ${m};\n", &filled);
    assert_false(filled);
    put(f, "V1__a.sql", "SELECT ${n};\n");
    assert_null(read_ok(f)->migrations.items[0].text_checksum);
}

static void test_flyway_only_below(void **state)
{
    fixture *f = *state;
    put(f, "v1/V1__a.sql", "");
    put(f, "v2/V2__b.sql", "");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_FLYWAY);
    assert_string_equal(versions(f), "1:a 2:b");
}

static void test_flyway_errors(void **state)
{
    fixture *f = *state;
    put(f, "V1__a.sql", "");
    put(f, "V1.0__b.sql", "");
    read_fails(f, "two migrations have the version");
    remove_file(f, "V1.0__b.sql");
    put(f, "beforeMigrate.sql", "");
    f->options.format = GW_FORMAT_FLYWAY;
    fails_at(f, "callback", "beforeMigrate.sql", 0);
    remove_file(f, "beforeMigrate.sql");
    put(f, "V2_a.sql", "");
    fails_at(f, "V1.2__NAME.sql", "V2_a.sql", 0);
    remove_file(f, "V2_a.sql");
    put(f, "U3__c.sql", "");
    fails_at(f, "no file", "U3__c.sql", 0);
    remove_file(f, "U3__c.sql");
    put(f, "V1__a.sql.conf", "executeInTransaction=maybe\n");
    fails_at(f, "true or false", "V1__a.sql.conf", 1);
    put(f, "V1__a.sql.conf", "\nshouldExecute=false\n");
    fails_at(f, "not followed", "V1__a.sql.conf", 2);
    put(f, "V1__a.sql.conf", "executeInTransaction\n");
    fails_at(f, "expected KEY=VALUE", "V1__a.sql.conf", 1);
    put(f, "V1__a.sql.conf", "");
    put(f, "U1__a.sql", "");
    put(f, "U1.0__a.sql", "");
    read_fails(f, "version 1 has two undo files");
    remove_file(f, "U1.0__a.sql");
    put(f, "sub/R__v.sql", "");
    put(f, "R__v.sql", "");
    read_fails(f, "two migrations have the version R__v");
    remove_file(f, "R__v.sql");
    put(f, "V9223372036854775808__x.sql", "");
    fails_at(f, "2^63-1", "V9223372036854775808__x.sql", 0);
    remove_file(f, "V9223372036854775808__x.sql");
    put(f, "pom.java", "");
    put(f, "sub/V2_1__b.java", "");
    fails_at(f, "is a program", "V2_1__b.java", 0);
    f->options.format = GW_FORMAT_AUTO;
    remove_file(f, "sub/V2_1__b.java");
    put(f, "R__b.kt", "");
    fails_at(f, "is a program", "R__b.kt", 0);
}

static void test_drizzle_journal(void **state)
{
    fixture *f = *state;
    put(f, "meta/_journal.json",
        "{\"version\":\"7\",\"dialect\":\"postgresql\",\"entries\":["
        "{\"idx\":0,\"version\":\"7\",\"when\":1700000000000,\"tag\":\"0000_b\","
        "\"breakpoints\":true},"
        "{\"idx\":1,\"version\":\"7\",\"when\":1700000001000,\"tag\":\"0001_a\","
        "\"breakpoints\":true}]}");
    put(f, "meta/0000_snapshot.json", "{}");
    put(f, "0000_b.sql", "SELECT 1;\n--> statement-breakpoint\nSELECT 2;");
    put(f, "0001_a.sql", "SELECT 3;");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_DRIZZLE);
    assert_string_equal(versions(f), "0000:b 0001:a");
    assert_string_equal(folder->migrations.items[1].foreign_id, "1700000001000");
    put(f, "0002_c.sql", "");
    fails_at(f, "is not in meta/_journal.json", "0002_c.sql", 0);
    remove_file(f, "0002_c.sql");
    remove_file(f, "0001_a.sql");
    fails_at(f, "0001_a.sql is in", "_journal.json", 0);
    put(f, "meta/_journal.json", "{\"entries\":[{\"tag\":\"0000_b\"}]}");
    fails_at(f, "has no `when`", "_journal.json", 0);
    put(f, "meta/_journal.json", "{\"entries\":[{\"tag\":\"../x\"}]}");
    fails_at(f, "has no `tag`", "_journal.json", 0);
    put(f, "meta/_journal.json", "{}");
    fails_at(f, "no list `entries`", "_journal.json", 1);
    put(f, "meta/_journal.json", "{\"dialect\":\"sqlite\",\"entries\":[]}");
    fails_at(f, "is for sqlite", "_journal.json", 0);
    put(f, "meta/_journal.json", "{\"entries\":");
    read_fails(f, "_journal.json");
}

static void test_drizzle_journal_order_wins(void **state)
{
    fixture *f = *state;
    put(f, "meta/_journal.json",
        "{\"entries\":[{\"when\":20,\"tag\":\"0000_b\"},"
        "{\"when\":10,\"tag\":\"0001_a\"}]}");
    put(f, "0000_b.sql", "");
    put(f, "0001_a.sql", "");
    gw_folder *folder = read_ok(f);
    assert_string_equal(versions(f), "0000:b 0001:a");
    assert_true(folder->migrations.items[0].by_place);
    put(f, "meta/_journal.json",
        "{\"entries\":[{\"when\":20,\"tag\":\"0000_b\"},"
        "{\"when\":30,\"tag\":\"0001_a\"}]}");
    folder = read_ok(f);
    assert_string_equal(folder->migrations.items[1].order, "30");
    assert_false(folder->migrations.items[1].by_place);
}

static void test_drizzle_folders(void **state)
{
    fixture *f = *state;
    put(f, "20240102000000_b/migration.sql", "SELECT 2;");
    put(f, "20240102000000_b/snapshot.json", "{}");
    put(f, "20240101000000_a/migration.sql", "SELECT 1;");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_DRIZZLE);
    assert_string_equal(versions(f), "20240101000000:a 20240102000000:b");
    assert_string_equal(f->folder.migrations.items[0].foreign_id, "20240101000000_a");
    assert_string_equal(script_text(f, &f->folder.migrations.items[1].up, NULL), "SELECT 2;");
}

static const char first_graphile[] = "--! Previous: -\n"
                                     "--! Hash: sha1:dabe98fdd7dbbceb8c61e160cddbeb20abcf0178\n"
                                     "--! Message: make a\n\ncreate table a(id int);\n";
static const char second_graphile[] =
    "--! Previous: sha1:dabe98fdd7dbbceb8c61e160cddbeb20abcf0178\n"
    "--! Hash: sha1:e854df299161f1835584955cc7bb6ef84bd117b1\n\n"
    "--! no-transaction\nselect 1;\n\n\n";

static void test_graphile(void **state)
{
    fixture *f = *state;
    put(f, "committed/000001-make-a.sql", first_graphile);
    put(f, "committed/000002.sql", second_graphile);
    put(f, "current.sql", "not run");
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_GRAPHILE_MIGRATE);
    assert_string_equal(versions(f), "000001:make a 000002:");
    gw_migration *m = folder->migrations.items;
    assert_false(m[0].up.directives.no_transaction);
    assert_true(m[1].up.directives.no_transaction);
    assert_string_equal(m[1].foreign_id, "sha1:e854df299161f1835584955cc7bb6ef84bd117b1");
    f->options.path = gw_path_join(f->arena, f->path, "committed");
    assert_int_equal(read_ok(f)->format, GW_FORMAT_GRAPHILE_MIGRATE);
    assert_string_equal(versions(f), "000001:make a 000002:");
}

static void test_graphile_crlf(void **state)
{
    fixture *f = *state;
    gw_buf text = GW_BUF(f->arena);
    for (const char *at = first_graphile; *at; at++) {
        if (*at == '\n')
            gw_buf_addc(&text, '\r');
        gw_buf_addc(&text, *at);
    }
    put(f, "committed/000001.sql", gw_buf_str(&text));
    read_ok(f);
    assert_string_equal(versions(f), "000001:make a");
}

static void test_graphile_errors(void **state)
{
    fixture *f = *state;
    put(f, "committed/000001.sql", second_graphile);
    fails_at(f, "does not follow", "000001.sql", 1);
    put(f, "committed/000001.sql", gw_printf(f->arena, "%s-- more\n", first_graphile));
    fails_at(f, "not what was committed", "000001.sql", 2);
    put(f, "committed/000001.sql", "--! Previous: -\n--! Hash: sha1:x\n--! AllowInvalidHash\n\n;");
    read_ok(f);
    put(f, "committed/000001.sql", "--! Previous: -\n\nselect 1;");
    fails_at(f, "no `--! Hash:`", "000001.sql", 1);
    put(f, "committed/x.sql", "");
    read_fails(f, "no `--! Hash:`");
    put(f, "committed/000001.sql", first_graphile);
    fails_at(f, "NNNNNN", "x.sql", 0);
}

static void test_graphile_placeholders(void **state)
{
    fixture *f = *state;
    put(f, "committed/000001.sql",
        "--! Previous: -\n--! Hash: x\n--! AllowInvalidHash\n\n"
        "grant :ROLE to :DATABASE_OWNER; select a::text, b[1:n] from :DATABASE_NAMES;");
    read_ok(f);
    const char *const placeholders[] = {":ROLE", "app", NULL};
    gw_script_context context = {.placeholders = placeholders, .database = "db", .user = "me"};
    assert_string_equal(script_text(f, &f->folder.migrations.items[0].up, &context),
                        "\ngrant app to me; select a::text, b[1:n] from :DATABASE_NAMES;");
}

/* Beside the folder, above it or in it; each with the line that is named, and its column. */
static void test_flyway_settings_that_are_refused(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *file, *text, *part;
        unsigned line, col;
    } cases[] = {
        {"../flyway.conf", "flyway.url=x\n  flyway.sqlMigrationPrefix = M\n", "sqlMigrationPrefix=M", 2, 3},
        {"../flyway.conf", "# x\nflyway.sqlMigrationSuffixes=.sql,.pks\n", "sqlMigrationSuffixes", 2, 1},
        {"flyway.conf", "flyway.placeholderPrefix=#[\n", "placeholderPrefix=#[", 1, 1},
        {"../../conf/flyway.conf", "flyway.initSql : SET ROLE app\n", "initSql=SET ROLE app", 1, 1},
        {"flyway.conf", "flyway.encoding=ISO-8859-1", "encoding", 1, 1},
        {"flyway.conf", "flyway.target=2", "up --to", 1, 1},
        {"flyway.conf", "flyway.group=true", "transaction of its own", 1, 1},
        {"flyway.conf", "flyway.defaultSchema=app", "SET search_path = app", 1, 1},
        {"flyway.conf", "flyway.schemas=app,other", "flyway:defaultSchema\": app", 1, 1},
        {"flyway.conf", "flyway.locations=filesystem:a,filesystem:b", "{service, path}", 1, 1},
        {"flyway.conf", "flyway.executeInTransaction=no", "true or false", 1, 1},
        {"flyway.toml", "[flyway]\nlocations = [\n  \"filesystem:a\", # one\n  \"filesystem:b\",\n]\n",
         "filesystem:a,filesystem:b", 2, 1},
        {"flyway.toml", "[environments.prod]\nurl = \"x\"\nschemas = [ \"app\" ]\n", "schemas=app", 3, 1},
        {"../flyway.user.toml", "flyway.cherryPick = \"2\"\n", "cherryPick=2", 1, 1},
    };
    const char *path = gw_path_join(f->arena, f->path, "db/sql");
    put(f, "db/sql/V1__a.sql", "SELECT 1;");
    f->options.path = path;
    f->options.shown = "db/sql";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *file = gw_path_join(f->arena, "db/sql", cases[i].file);
        put(f, file, cases[i].text);
        fails_at(f, cases[i].part, gw_path_base(file), cases[i].line);
        assert_int_equal(f->err.col, cases[i].col);
        assert_non_null(f->err.hint);
        remove_file(f, file);
    }
    put(f, "flyway.conf", "flyway.target=2\n");
    fails_at(f, "target=2", "flyway.conf", 1);
    assert_string_equal(f->err.file, "flyway.conf"); /* as seen from where it is run */
}

static void test_flyway_settings_that_are_followed(void **state)
{
    fixture *f = *state;
    static const char *const placeholders[] = {"flyway:defaultschema", "app", NULL};
    f->options.placeholders = placeholders;
    put(f, "flyway.conf",
        "flyway.url=jdbc:x\nflyway.sqlMigrationPrefix=V\nflyway.encoding=utf-8\nflyway.initSql=\n"
        "flyway.defaultSchema=app\nflyway.mixed=true\nflyway.outOfOrder=true\nflyway.target=latest\n"
        "flyway.placeholders.target=5\nflyway.locations=filesystem:sql\n"
        "flyway.executeInTransaction=false\n");
    put(f, "flyway.toml", "[flyway]\nplaceholderReplacement = false # no\nlocations = [\"filesystem:sql\"]\n"
                          "[flyway.placeholders]\ntarget = \"5\"\n[redgate]\ntarget = \"5\"\n");
    put(f, "V1__a.sql", "SELECT '${x}';");
    put(f, "V2__b.sql", "SELECT '${x}';");
    put(f, "V2__b.sql.conf", "executeInTransaction=true\nplaceholderReplacement=true\nshouldExecute=true\n");
    const gw_migration *m = read_ok(f)->migrations.items;
    assert_true(m[0].up.directives.no_transaction);
    assert_int_equal(m[0].up.sections[0].substitution, GW_SUBST_NONE);
    assert_false(m[1].up.directives.no_transaction);
    assert_int_equal(m[1].up.sections[0].substitution, GW_SUBST_PLACEHOLDERS);
}

/* Flyway runs them; passed over, they would be missing without a word. */
static void test_flyway_programs_and_callbacks(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *name, *part;
    } cases[] = {
        {"V2__b.sh", "is a program"},
        {"V2__b.class", "is a program"},
        {"R__b.ps1", "is a program"},
        {"sub/V2__b.py", "is a program"},
        {"afterEachMigrate__x.sql", "callback"},
        {"afterMigrate.sh", "callback"},
        {"createSchema.sql", "callback"},
    };
    put(f, "V1__a.sql", "SELECT 1;");
    put(f, "after.sh", "");
    put(f, "beforehand.sh", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, cases[i].name, "SELECT 1;");
        fails_at(f, cases[i].part, gw_path_base(cases[i].name), 0);
        remove_file(f, cases[i].name);
    }
    read_ok(f);
}

static void put_atlas(fixture *f)
{
    put(f, "20240101000000_a.sql", "SELECT 1;\n");
    put(f, "20240102000000_b.sql", "SELECT 2;\n");
    put(f, "20240103000000.sql", "SELECT 3;\r\n");
    put(f, "atlas.sum",
        "h1:ay8p7Qiho2UdGeIJ1xMQt88OEQSBMzs2TLpmlXOlQ48=\n"
        "20240101000000_a.sql h1:sApOk6xSoLPKP6mRRfE1uqS4yu6RIHxKNgKPi3S42zY=\n"
        "20240102000000_b.sql h1:uG4qTIYZaorstvN2Ip0KS3PKI+lQraSEVhAtA/Cr2M4=\n"
        "20240103000000.sql h1:PvRlgt8QXFljLAhJCN9Rmj3qhTPWbX+2lPESt1+BB+s=\n");
}

static void test_atlas(void **state)
{
    fixture *f = *state;
    put_atlas(f);
    assert_int_equal(read_ok(f)->format, GW_FORMAT_ATLAS);
    assert_string_equal(versions(f), "20240101000000:a 20240102000000:b 20240103000000:");
    assert_string_equal(f->folder.migrations.items[1].foreign_id,
                        "h1:uG4qTIYZaorstvN2Ip0KS3PKI+lQraSEVhAtA/Cr2M4=");
    put(f, "20240103000000.sql", "SELECT 3;\n");
    read_fails(f, "20240103000000.sql does not agree"); /* the sums are of the file with CR */
    put_atlas(f);
    put(f, "20240101000000_a.sql", "SELECT 1;\r\n");
    remove_file(f, "20240103000000.sql");
    fails_at(f, "the file is missing", "atlas.sum", 4); /* those before it are as they were */
    put_atlas(f);
    put(f, "20240102000000_b.sql", "SELECT 22;\n");
    fails_at(f, "20240102000000_b.sql does not agree", "atlas.sum", 3);
    put_atlas(f);
    put(f, "20240104000000_d.sql", "");
    read_fails(f, "20240104000000_d.sql does not agree");
    remove_file(f, "20240104000000_d.sql");
    remove_file(f, "20240103000000.sql");
    fails_at(f, "the file is missing", "atlas.sum", 4);
    put_atlas(f);
    put(f, "atlas.sum", "nonsense\n");
    fails_at(f, "not written as Atlas writes it", "atlas.sum", 1);
    remove_file(f, "atlas.sum");
    f->options.format = GW_FORMAT_ATLAS;
    read_fails(f, "has no atlas.sum");
}

static void test_atlas_directives(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"-- atlas:delimiter \\n\\n\n\nSELECT 1;", "atlas:delimiter"},
        {"-- atlas:checkpoint\n\nSELECT 1;", "atlas:checkpoint"},
        {"-- atlas:import x.sql\n\nSELECT 1;", "atlas:import"},
        {"-- atlas:txmode sometimes\n\nSELECT 1;", "names no mode"},
        {"-- atlas:txtar\n\n-- checks.sql --\nSELECT true;\n-- migration.sql --\nSELECT 1;\n"
         "-- down.sql --\nSELECT 2;",
         "atlas:txtar"},
        {"-- atlas:assert oneof\n\nSELECT 1;", "atlas:assert"},
        {"-- atlas:newer thing\nSELECT 1;", "`-- atlas:newer thing` is not followed"},
    };
    put(f, "atlas.sum", "h1:x\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "1_a.sql", cases[i].text);
        fails_at(f, cases[i].part, "1_a.sql", 1);
    }
    put(f, "1_a.sql", "SELECT 1;\n-- atlas:delimiter x\n-- atlas:newer\nSELECT 1;");
    read_fails(f, "1_a.sql does not agree with atlas.sum"); /* nothing else to say */
}

/* As Atlas has it: among the comments at the very top, and an empty line below them. */
static void test_atlas_transaction(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text;
        bool none, said;
    } cases[] = {
        {"-- atlas:txmode none\n\nSELECT 1;", true, true},
        {"-- atlas:txmode none\r\n\r\nSELECT 1;", true, true},
        {"-- a file\n--atlas:txmode none\n-- atlas:nolint\n\nSELECT 1;", true, true},
        {"-- atlas:txmode file\n\nSELECT 1;", false, true},
        {"-- atlas:txmode none\nSELECT 1;", false, false},
        {"-- a file\n\n-- atlas:txmode none\n\nSELECT 1;", false, false},
        {"\n-- atlas:txmode none\n\nSELECT 1;", false, false},
        {"-- atlas:txmode file\nSELECT 1;", false, false},
    };
    put(f, "atlas.sum", "h1:x\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "1_a.sql", cases[i].text);
        read_fails(f, "1_a.sql does not agree with atlas.sum");
        const gw_directives *d = &f->folder.migrations.items[0].up.directives;
        assert_int_equal(d->no_transaction, cases[i].none);
        assert_int_equal(d->transaction_said, cases[i].said);
    }
}

/* The sum leaves a file out only where its first line says so. */
static void test_atlas_sum_ignore(void **state)
{
    fixture *f = *state;
    put(f, "atlas.sum", "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    put(f, "1_a.sql", "-- atlas:sum ignore\n\nSELECT 1;");
    read_ok(f);
    put(f, "1_a.sql", "-- a file\n-- atlas:sum ignore\n\nSELECT 1;");
    read_fails(f, "1_a.sql does not agree with atlas.sum");
}

static void test_atlas_beside_another(void **state)
{
    fixture *f = *state;
    put(f, "atlas.sum", "h1:x\n");
    put(f, "1_a.sql", "-- +goose Up\n-- +goose Down\n");
    read_fails(f, "1_a.sql is a file of goose");
}

static const char plan[] =
    "%syntax-version=1.0.0\n%project=flipr\n%uri=https://github.com/x/flipr/\n\n"
    "appschema 2024-01-01T00:00:00Z Marge N'B\xC3\xA4r <m@example.org> "
    "# Add schema # with \\\\ hash\n"
    "users [appschema] 2024-01-02T00:00:00Z Marge <m@example.org> # Multi\\nline\\n note\n"
    "@v1.0 2024-01-02T00:00:01Z Marge <m@example.org> # Tag v1\n\n# a comment\n"
    "users [users@v1.0 flipr:appschema !old_stuff other:thing @v1.0] 2024-01-01T12:00:00Z "
    "Marge <m@example.org> # Rework\n"
    " +nested/change [users !appschema !users@v1.0] 2024-01-04T00:00:00Z Marge <m@example.org>\n"
    "@v2.0 2024-01-05T00:00:00Z Marge <m@example.org> # Tag\n"
    "users [users@v2.0] 2024-01-06T00:00:00Z Marge <m@example.org> # \n";

static void put_sqitch(fixture *f)
{
    put(f, "sqitch.plan", plan);
    put(f, "deploy/appschema.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n");
    put(f, "revert/appschema.sql", "SELECT -1;\n");
    put(f, "verify/appschema.sql", "SELECT 0;\n");
    put(f, "deploy/users@v1.0.sql", "SELECT 2;\n");
    put(f, "deploy/users@v2.0.sql", "SELECT 3;\n");
    put(f, "deploy/nested/change.sql", "SELECT 4;\n");
    put(f, "deploy/users.sql", "-- godwit: requires=appschema\nSELECT 5;\n");
}

static void test_sqitch(void **state)
{
    fixture *f = *state;
    static const char *const ids[] = {
        "51fa7fc7e473e6ef8dc20571a4abf8ff238c2e43", "5efb9f5d80e5c003f1b815b502d6ee2988284df4",
        "f5757cddcc5fcf6b385c633cb063804a71a56605", "02c95a21f85a639b48af4f095a13bace3e67309c",
        "cea2df140d41eba204fbea239aae9a6c2254054b"};
    put_sqitch(f);
    gw_folder *folder = read_ok(f);
    assert_int_equal(folder->format, GW_FORMAT_SQITCH);
    assert_string_equal(versions(f), "appschema:Add schema # with \\ hash users:Multi "
                                     "users#2:Rework nested/change: users#3:");
    gw_migration *m = folder->migrations.items;
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(m[i].foreign_id, ids[i]);
    assert_true(m[0].down.present && m[0].verify.present);
    assert_false(m[1].down.present);
    assert_string_equal(script_text(f, &m[1].up, NULL), "SELECT 2;\n");
    assert_string_equal(script_text(f, &m[2].up, NULL), "SELECT 3;\n");
    assert_int_equal(m[2].up.directives.requires_count, 4);
    assert_string_equal(m[2].up.directives.requires[0], "users");
    assert_string_equal(m[2].up.directives.requires[2], "other:thing");
    assert_string_equal(m[2].up.directives.requires[3], "users");
    assert_string_equal(m[2].up.directives.conflicts[0], "old_stuff");
    assert_string_equal(m[3].up.directives.requires[0], "users#2");
    assert_string_equal(m[4].up.directives.requires[0], "appschema");
    assert_string_equal(m[4].up.directives.requires[1], "users#2");
    assert_string_equal(m[2].order, "20240102000000.3");
}

static void test_sqitch_settings(void **state)
{
    fixture *f = *state;
    put(f, "sqitch.conf",
        "[core]\n\tengine = pg\n\ttop_dir = db\n\textension = ddl\n"
        "# [engine \"pg\"]\n[engine \"pg\"]\n\tdeploy_dir = \"up\"\n");
    put(f, "db/sqitch.plan", "%project=p\n\na 2024-01-01T00:00:00Z M <m@e> # n\n");
    put(f, "up/a.ddl", "SELECT 1;\n");
    put(f, "db/revert/a.ddl", "SELECT 2;\n");
    read_ok(f);
    assert_string_equal(versions(f), "a:n");
    assert_true(f->folder.migrations.items[0].down.present);
}

static void test_sqitch_errors(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text, *part;
        unsigned line;
    } cases[] = {
        {"a 2024-01-01T00:00:00Z M <m@e>\n", "%project", 1},
        {"%project=p\n\na 2024-01-01 M <m@e>\n", "has no date", 3},
        {"%project=p\n\na 2024-01-01T00:00:00Z M\n", "no planner", 3},
        {"%project=p\n\na [b] 2024-01-01T00:00:00Z M <m@e>\n", "require \"b\"", 3},
        {"%project=p\n\na [b 2024-01-01T00:00:00Z M <m@e>\n", "without a ]", 3},
        {"%project=p\n\n@t 2024-01-01T00:00:00Z M <m@e>\n", "without a change", 3},
        {"%project=p\n\n/a 2024-01-01T00:00:00Z M <m@e>\n", "invalid name", 3},
        {"%project=p\n\na/../../b 2024-01-01T00:00:00Z M <m@e>\n", "invalid name", 3},
        {"%project=p\n\na 2024-01-01T00:00:00Z M <m@e>\na 2024-01-01T00:00:00Z M <m@e>\n", "again",
         4},
        {"%project=p\n\na 2024-01-01T00:00:00Z M <m@e>\n", "has no file deploy/a.sql", 3},
        {"%syntax-version=2.0.0\n", "syntax version", 1},
        {"%project=p\n\n-a 2024-01-01T00:00:00Z M <m@e>\n", "takes a change back", 3},
        {"%project=p\n\na [!] 2024-01-01T00:00:00Z M <m@e>\n", "without a name", 3},
        {"%project=p\n\na  2024-01-01T00:00:00Z M <m@e>\n@t [a] 2024-01-01T00:00:00Z M <m@e>\n",
         "tag with dependencies", 4},
        {"%project=p\n\na 2024-01-01T00:00:00Z M <m@e>\n@t 2024-01-01T00:00:00Z M <m@e>\n"
         "@t 2024-01-01T00:00:00Z M <m@e>\n",
         "second time", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(f, "sqitch.plan", cases[i].text);
        fails_at(f, cases[i].part, "sqitch.plan", cases[i].line);
    }
}

/* By id, and in a file that an editor on Windows saved. */
static void test_sqitch_other_forms(void **state)
{
    fixture *f = *state;
    put(f, "sqitch.plan",
        "\xEF\xBB\xBF%project=flipr\r\n%uri=https://github.com/x/flipr/\r\n\r\n"
        "appschema 2024-01-01T00:00:00Z Marge N'B\xC3\xA4r <m@example.org> "
        "# Add schema # with \\\\ hash\r\n"
        "b [  51fa7fc7e473e6ef8dc20571a4abf8ff238c2e43 ] 2024-01-01T00:00:00Z M <m@e>\r\n");
    put(f, "deploy/appschema.sql", "");
    put(f, "deploy/b.sql", "");
    read_ok(f);
    assert_string_equal(f->folder.migrations.items[0].foreign_id,
                        "51fa7fc7e473e6ef8dc20571a4abf8ff238c2e43");
    assert_int_equal(f->folder.migrations.items[1].up.directives.requires_count, 1);
    assert_string_equal(f->folder.migrations.items[1].up.directives.requires[0], "appschema");
    remove_file(f, "sqitch.plan");
    put(f, "sqitch.conf", "[core]\nplan_file=other.plan\n");
    fails_at(f, "plan other.plan does not exist", "other.plan", 0);
}

static void test_alembic(void **state)
{
    fixture *f = *state;
    put(f, "env.py", "");
    put(f, "versions/a.py", "");
    read_fails(f, "adopt --from alembic");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        T(test_flyway),
        T(test_flyway_repeatable_checksum),
        T(test_flyway_only_below),
        T(test_flyway_errors),
        T(test_flyway_settings_that_are_refused),
        T(test_flyway_settings_that_are_followed),
        T(test_flyway_programs_and_callbacks),
        T(test_drizzle_journal),
        T(test_drizzle_journal_order_wins),
        T(test_drizzle_folders),
        T(test_graphile),
        T(test_graphile_crlf),
        T(test_graphile_errors),
        T(test_graphile_placeholders),
        T(test_atlas),
        T(test_atlas_directives),
        T(test_atlas_transaction),
        T(test_atlas_sum_ignore),
        T(test_atlas_beside_another),
        T(test_sqitch),
        T(test_sqitch_settings),
        T(test_sqitch_errors),
        T(test_sqitch_other_forms),
        T(test_alembic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
