/* First loads: whatever way rows take, destination, id map, quarantine and fingerprints say the
 * same, indexes are there at the end, and what is killed goes on. */
#include "arena_test.h"

#include <stdlib.h>

#include "base/vec.h"
#include "control/control.h"
#include "sync/load.h"
#include "sync/segments.h"

static gw_session *session, *old;
static gw_source *source;
static gw_projection projection;
static gw_apply_to to;
static gw_load *load;

static void run(gw_session *where, const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(where, text, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    char *conninfo;
    new_arena(state);
    to = (gw_apply_to){0};
    session = open_pinned(arena);
    run(session, "DROP SCHEMA IF EXISTS godwit CASCADE; DROP SCHEMA IF EXISTS public CASCADE; "
                 "CREATE SCHEMA public");
    run(session, "DROP DATABASE IF EXISTS loaded");
    run(session, "CREATE DATABASE loaded");
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "loaded", &conninfo, &err));
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    assert_ok(gw_session_open(arena, &connect, &old, &err));
    assert_ok(gw_source_open(arena, &connect, &source, &err));
    return 0;
}

static void project(const char *entity, const char *tables, const char *rest)
{
    gw_err err = {0};
    gw_problems problems = {.arena = arena};
    gw_mapping *mapping = gw_alloc(arena, sizeof *mapping);
    gw_mapping_list list = {.items = mapping, .len = 1, .cap = 1};
    gw_check *check = gw_alloc(arena, sizeof *check);
    const char *body = gw_printf(arena, "entity: %s\nversion: 1.0.0\n%s%s", entity, tables, rest);
    assert_true(
        gw_mapping_read(arena, "a.yaml", NULL, body, strlen(body), NULL, &problems, mapping));
    assert_ok(gw_mappings_check(source, session, arena, &list, NULL, check, &err));
    assert_int_equal(check->entity_count, 1);
    assert_ok(gw_project(source->session, arena, &check->entities[0], &projection, &err));
}

static void open_load(void)
{
    gw_err err = {0};
    assert_ok(gw_load_open(session, arena, &projection, &to, 1, NULL, &load, &err));
}

static void map(const char *rest)
{
    run(old, "ANALYZE");
    project("a", "source: { table: s, key: id }\ndestination: { table: d, key: id }\n", rest);
    open_load();
}

static void goes(gw_load_way way, const char *why)
{
    const char *said;
    assert_int_equal(gw_load_goes(load, &said), way);
    if (why)
        assert_string_equal(said, why);
    else
        assert_null(said);
}

/* Every leaf in runs of so many blocks. */
static bool try_load(uint32_t step, gw_applied *sum, gw_err *err)
{
    const gw_source_relation *relation = &projection.entity->source;
    bool ok = gw_session_begin(source->session, "repeatable read read only", err);
    *sum = (gw_applied){0};
    for (size_t i = 0; ok && i < relation->leaf_count; i++)
        for (uint32_t at = 0; ok && at < GW_BLOCKS_END;) {
            gw_blocks blocks = {at, at < 10 * step ? at + step : GW_BLOCKS_END};
            gw_applied part;
            ok = gw_load_run(load, source->session, &relation->leaves[i], blocks, &part, err);
            sum->inserted += part.inserted;
            sum->rejected += part.rejected;
            at = blocks.end;
        }
    gw_session_rollback(source->session);
    return ok;
}

static void loads(int inserted, int rejected)
{
    gw_err err = {0};
    gw_applied seen;
    assert_ok(try_load(3, &seen, &err));
    assert_int_equal(seen.inserted, inserted);
    assert_int_equal(seen.rejected, rejected);
}

static void finish(void)
{
    gw_err err = {0};
    assert_ok(gw_load_finish(session, arena, projection.entity->mapping->entity.text, NULL, &err));
}

static void says(const char *query, const char *expected)
{
    assert_string_equal(ask(session, arena, query), expected);
}

typedef struct kept {
    GW_VEC(gw_fingerprint) all;
    uint32_t leaf;
} kept;

static bool keep(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    kept *list = self;
    gw_fingerprint *copy = gw_vec_push(arena, &list->all);
    *copy = *one;
    copy->leaf = list->leaf;
    return true;
}

/* What was kept is what an ordinary batch finds on both sides: nobody seems to have changed
 * anything, and no row is new. */
static void agrees(int rows)
{
    gw_err err = {0};
    kept list = {0};
    gw_leaf_kept_list leaves;
    gw_apply *apply;
    gw_applied seen;
    const char *entity = projection.entity->mapping->entity.text;
    assert_ok(gw_segments_leaves(session, arena, entity, &leaves, &err));
    for (size_t i = 0; i < leaves.len; i++) {
        list.leaf = (uint32_t)leaves.items[i].leaf;
        assert_ok(gw_segments_load(session, arena, entity, leaves.items[i].leaf,
                                   (gw_blocks){0, GW_BLOCKS_END}, keep, &list, &err));
    }
    assert_int_equal(list.all.len, rows);
    gw_apply_batch batch = {
        .query = gw_project_blocks(arena, &projection, NULL, (gw_blocks){0, GW_BLOCKS_END}),
        .kept = list.all.items,
        .kept_count = list.all.len,
        .missing_is_gone = true};
    assert_ok(gw_apply_open(session, arena, &projection, &to, NULL, &apply, &err));
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_apply_run(apply, source->session, &batch, &seen, &err));
    gw_session_rollback(source->session);
    assert_int_equal(seen.updated, rows);
    assert_int_equal(seen.inserted + seen.deleted + seen.left, 0);
}

#define INDEXES                                                                                    \
    "SELECT coalesce(pg_catalog.string_agg(indexname, ' ' ORDER BY indexname), '') FROM "          \
    "pg_catalog.pg_indexes WHERE tablename = 'd'"
#define LOADS "SELECT count(*) FROM godwit.sync_loads"

/* ---- copied -------------------------------------------------------------------------------- */

static void straight_in(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text, n numeric(8,2), m numeric, f "
             "float8, t timestamptz, j jsonb, a int[], b bytea, c char(5), r int4range);"
             "INSERT INTO public.s SELECT i, nullif('t' || i, 't3'), i / 3.0, i / 7.0, i / 9.0, "
             "now(), jsonb_build_object('k', i), ARRAY[i, NULL], int4send(i), 'c', "
             "int4range(i, i + 1) FROM generate_series(1, 5000) i");
    run(session, "CREATE TABLE public.d (id int CONSTRAINT \"Key of d\" PRIMARY KEY, x text, n "
                 "numeric(8,2), m numeric, f float8, t timestamptz, j jsonb, a int[], b bytea, c "
                 "char(5), r int4range, more int DEFAULT 7);"
                 "CREATE INDEX \"x \"\"of\"\" d\" ON public.d (lower(x)) WHERE x IS NOT NULL;"
                 "CREATE UNIQUE INDEX no_promise ON public.d (n, id, m);"
                 "CREATE UNIQUE INDEX stays ON public.d ((m + 1));"
                 "COMMENT ON INDEX public.\"x \"\"of\"\" d\" IS 'it''s mine'");
    const char *were = ask(session, arena,
                           "SELECT pg_catalog.string_agg(indexdef, ';' ORDER BY indexname) FROM "
                           "pg_catalog.pg_indexes WHERE tablename = 'd'");
    map("identity: keep\nfields: [{ from: x, to: x }, { from: n, to: n }, { from: m, to: m }, "
        "{ from: f, to: f }, { from: t, to: t }, { from: j, to: j }, { from: a, to: a }, "
        "{ from: b, to: b }, { from: c, to: c }, { from: r, to: r }]\n");
    goes(GW_LOAD_COPIED, NULL);
    says(INDEXES, "stays");
    loads(5000, 0);
    says(INDEXES, "stays");
    loads(0, 0); /* what is there is not read again */
    finish();
    finish();
    says("SELECT pg_catalog.string_agg(indexdef, ';' ORDER BY indexname) FROM "
         "pg_catalog.pg_indexes WHERE tablename = 'd'",
         were);
    says("SELECT contype::text || conname || obj_description('public.\"x \"\"of\"\" "
         "d\"'::regclass) FROM "
         "pg_catalog.pg_constraint WHERE conrelid = 'public.d'::regclass AND contype = 'p'",
         "pKey of dit's mine");
    says("SELECT count(*) || ' ' || sum(id) || ' ' || sum(more) FROM public.d",
         "5000 12502500 35000");
    says(LOADS, "0");
    says("SELECT sum(row_count) || ' ' || max(end_block) || ' ' || min(first_block) FROM "
         "godwit.sync_segments",
         "5000 4294967295 0");
    agrees(5000);
    open_load();
    goes(GW_LOAD_JUDGED, "the destination was not empty");
    finish();
}

/* Types that mean something on one server only, and text that COPY would read otherwise. */
static void straight_in_as_text(void **state)
{
    (void)state;
    const char *type = "CREATE TYPE public.mood AS ENUM ('sad', 'very\\ok', 'a\tb');"
                       "CREATE DOMAIN public.few AS int CHECK (VALUE < 100000);";
    run(session, type);
    run(old, type);
    run(old, "CREATE TABLE public.s (\"k\\.\" text PRIMARY KEY, \"x y\" text, m public.mood, d "
             "public.few);"
             "INSERT INTO public.s VALUES ('', '\\.', 'sad', 1), ('\\N', NULL, 'very\\ok', NULL), "
             "(E'\\t\\n\\r\\\\', E'a\\\\tb', E'a\\tb', 3), ('ü\"''', '', NULL, 4);"
             "INSERT INTO public.s SELECT 'k' || i, repeat('x', 50), 'sad', i FROM "
             "generate_series(1, 3000) i");
    run(session, "CREATE TABLE public.d (\"the key\" text PRIMARY KEY, \"x y\" text, m "
                 "public.mood, d public.few, was text)");
    run(old, "ANALYZE");
    project("a\"b'",
            "source: { table: s, key: 'k\\.' }\ndestination: { table: d, key: the key, "
            "metadata: { legacy_id: was } }\n",
            "identity: keep\nfields: [{ from: x y, to: x y }, { from: m, to: m }, { from: d, to: "
            "d }]\n");
    open_load();
    goes(GW_LOAD_COPIED, NULL);
    loads(3004, 0);
    finish();
    says("SELECT count(*) FROM public.d WHERE \"the key\" = was", "3004");
    says("SELECT pg_catalog.string_agg(pg_catalog.quote_literal(\"the key\") || ' ' || "
         "pg_catalog.quote_nullable(\"x y\") || ' ' || coalesce(m::text, '-') || ' ' || "
         "coalesce(d::text, '-'), ', ' ORDER BY \"the key\" COLLATE \"C\") FROM public.d WHERE "
         "\"the key\" !~ '^k'",
         "'' E'\\\\.' sad 1, E'\t\n\r\\\\' E'a\\\\tb' a\tb 3, E'\\\\N' NULL very\\ok -, 'ü\"''' '' "
         "- 4");
    agrees(3004);
}

/* Every name that is hard to write and every value that is hard to carry, there and back. */
static void values_and_names(void **state)
{
    (void)state;
#define N63 "ein name von dreiundsechzig bytes, der gerade noch so hineinpas"
    static const char types[] =
        "(\"select\" text, \"a \"\"b\" numeric, \"" N63 "\" float8, \"größe\" text, "
        "\"%s $1\" bytea, \"new\nline\" timestamptz, \"User\" text[], \"back\\slash\" jsonb, "
        "\"d\" interval, \"t\" json, r tstzrange, b bit varying, m money, x xml, i inet, "
        "PRIMARY KEY (\"select\", \"größe\"))";
    run(old, gw_printf(arena,
                       "CREATE SCHEMA \"Old \"\"one\"; CREATE TABLE \"Old \"\"one\".\"ta.ble\" "
                       "%s",
                       types));
    run(session, gw_printf(arena,
                           "DROP SCHEMA IF EXISTS \"new 'one\" CASCADE; CREATE SCHEMA \"new "
                           "'one\"; CREATE TABLE \"new 'one\".\"order\" %s",
                           types));
    run(old,
        "INSERT INTO \"Old \"\"one\".\"ta.ble\" VALUES "
        "('', 'NaN', 'NaN', '', '', '-infinity', '{}', 'null', '0', 'null', 'empty', '', 0, NULL, "
        "NULL),"
        "(E'\\\\N', 1.000, '-0', E'\\t\\n\\r', '\\x00ff5c', 'infinity', "
        "'{NULL,\"NULL\",\"a,b\",\"\\\\\\\"\"}', "
        "'{\"a\": 1.10, \"b\": \"\\\\u00fc\"}', '1 mon -1 day 24:00', '{\"b\":1, \"b\":2}', "
        "'[2020-01-01,)', "
        "B'0101', '-1.05', '<a>&amp;</a>', '::ffff:1.2.3.4/100'),"
        "('a''b\"c', 1e-100, 'Infinity', 'ü𝄞', repeat('z', 3000)::bytea, '4713-01-01 BC', "
        "'[0:1]={a,b}', "
        "'[]', '-178000000 years', ' 1 ', '(,)', B'', '92233720368547758.07', NULL, 'fe80::1'),"
        "('{a,b}', NULL, NULL, '(a,b)', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
        "NULL, NULL)");
    run(old, "ANALYZE");
    project("'Ü \"x\" select'",
            "source: { table: '\"Old \"\"one\".\"ta.ble\"', key: [select, größe] }\n"
            "destination: { table: '\"new ''one\".order', key: [select, größe] }\n",
            "identity: keep\ndeletes: delete\nfields:\n"
            "  - { from: 'a \"b', to: 'a \"b' }\n  - { from: '" N63 "', to: '" N63 "' }\n"
            "  - { from: '%s $1', to: '%s $1' }\n  - { from: \"new\\nline\", to: \"new\\nline\" }\n"
            "  - { from: User, to: User }\n  - { from: 'back\\slash', to: 'back\\slash' }\n"
            "  - { from: d, to: d }\n  - { from: t, to: t }\n  - { from: r, to: r }\n"
            "  - { from: b, to: b }\n  - { from: m, to: m }\n  - { from: x, to: x }\n"
            "  - { from: i, to: i }\n");
    open_load();
    goes(GW_LOAD_COPIED, NULL);
    loads(4, 0);
    finish();
#define ALL_OF "SELECT md5(string_agg(d::text, '/' ORDER BY \"select\" COLLATE \"C\")) FROM "
    const char *there = ask(session, arena, ALL_OF "\"new 'one\".\"order\" d");
    assert_string_equal(there, ask(old, arena, ALL_OF "\"Old \"\"one\".\"ta.ble\" d"));
    agrees(4);
    assert_string_equal(ask(session, arena, ALL_OF "\"new 'one\".\"order\" d"), there);
    run(session, "DROP SCHEMA \"new 'one\" CASCADE");
}

/* Functions make texts on the way, and the destination's fingerprints are closed here. */
static void through_functions(void **state)
{
    (void)state;
    gw_err err = {0};
    if (!gw_script_available(&err)) {
        gw_err_clear(&err);
        skip();
    }
    static const char *const types[] = {"int", "public.few"}; /* in binary, as text */
    run(session, "CREATE DOMAIN public.few AS int");
    run(old, "CREATE DOMAIN public.few AS int");
    for (size_t i = 0; i < 2; i++) {
        run(old, gw_printf(arena,
                           "DROP TABLE IF EXISTS public.s; CREATE TABLE public.s (id int PRIMARY KEY, n %s, x text);"
                           "INSERT INTO public.s SELECT i, i, nullif('Ä' || repeat(E'b\\\\\\t' || i, i %% 9), 'Ä') "
                           "FROM generate_series(1, 3000) i",
                           types[i]));
        run(session,
            gw_printf(arena,
                      "DROP TABLE IF EXISTS public.d; TRUNCATE godwit.sync_loads, godwit.sync_segments;"
                      "CREATE TABLE public.d (id int PRIMARY KEY, low text, n %s, up varchar(40))",
                      types[i]));
        map("identity: keep\nfields:\n- { to: low, transform: low }\n- { from: n, to: n }\n"
            "- { to: up, transform: up }\nfunctions:\n"
            "  low: |\n    (row) => row.x === null ? null : row.x.toLowerCase()\n"
            "  up: |\n    (row) => { if (row.id === 99) throw new Error('no');\n"
            "    return row.id === 2000 ? 'ü'.repeat(41) : 'é€'.repeat(row.id % 21); }\n");
        if (gw_session_version(session) < 140000) {
            goes(GW_LOAD_CONVERTED, "a server is older than 14, and functions make values");
            return;
        }
        goes(GW_LOAD_COPIED, NULL);
        loads(2998, 2);
        goes(GW_LOAD_COPIED, NULL);
        finish();
        run(old, "DELETE FROM public.s WHERE id IN (99, 2000)");
        agrees(2998);
        says("SELECT count(DISTINCT low) || ' ' || sum(length(up)) FROM public.d",
             ask(old, arena,
                 "SELECT count(DISTINCT lower(x)) || ' ' || sum(2 * (id % 21)) FROM public.s"));
    }
}

static void a_bad_row_costs_its_batch(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 8000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x <> 4000));"
                 "CREATE INDEX of_x ON public.d (x)");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    says(INDEXES, "");
    loads(7999, 1);
    goes(GW_LOAD_COPIED, NULL);
    says(INDEXES, "d_pkey of_x"); /* judging needs them */
    says("SELECT key || sqlstate FROM godwit.sync_rejects", "400023514");
    finish();
    says("SELECT count(*) FROM public.d", "7999");
    agrees(7999);
}

static void all_batches_are_bad(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 8000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x % 100 <> 0))");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    loads(7920, 80);
    goes(GW_LOAD_JUDGED, "batches were refused one after the other");
    finish();
    agrees(7920);
}

static void what_stands_in_the_way(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 10) i");
    static const struct {
        const char *table, *mapping, *why;
    } cases[] = {
        {"x bigint", "fields: [{ from: x, to: x }]", "a column has another type"},
        {"x int", "fields: [{ to: x, sql: x + 1 }]", "values change"},
        {"x int", "fields: [{ to: x, from: x, default: 1 }]", "a column may be NULL that must not"},
        {"x int",
         "fields: [{ to: x, from: x }]\nrules: [{ rule: range, field: x, parameters: { "
         "min: 0 } }]",
         "there are rules"},
        {"x int, h bigint", "fields: [{ to: x, from: x }]\ndeletes: { soft: gone }",
         "columns of Godwit's own are filled"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(session,
            gw_printf(arena,
                      "DROP TABLE IF EXISTS public.d; TRUNCATE godwit.sync_loads, "
                      "godwit.sync_segments; CREATE TABLE public.d (id int PRIMARY KEY, %s, gone "
                      "boolean)",
                      cases[i].table));
        map(gw_printf(arena, "identity: keep\n%s\n", cases[i].mapping));
        goes(GW_LOAD_CONVERTED, cases[i].why);
        loads(10, 0);
        finish();
        agrees(10);
    }
    run(session, "DROP TABLE public.d; TRUNCATE godwit.sync_loads, godwit.sync_segments;"
                 "CREATE TABLE public.d (id int PRIMARY KEY, x int);"
                 "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "IF NEW.x = 7 THEN RETURN NULL; END IF; NEW.x := NEW.x + 1; RETURN NEW; END $$;"
                 "CREATE TRIGGER no BEFORE INSERT ON public.d FOR EACH ROW EXECUTE FUNCTION "
                 "public.no()");
    map("identity: keep\nfields: [{ to: x, from: x }]\n");
    goes(GW_LOAD_CONVERTED, "the destination has triggers");
    loads(9, 1);
    finish();
}

/* ---- what hangs on an index stays ----------------------------------------------------------- */

static void indexes_that_stay(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 100) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int, y int, EXCLUDE (y WITH =));"
                 "CREATE TABLE public.child (d int REFERENCES public.d);"
                 "CREATE UNIQUE INDEX one ON public.d (x); CREATE INDEX two ON public.d (x);"
                 "CREATE INDEX three ON public.d (y); ALTER TABLE public.d CLUSTER ON three;"
                 "CREATE UNIQUE INDEX four ON public.d (id) ;"
                 "ALTER TABLE public.d REPLICA IDENTITY USING INDEX four");
    map("identity: keep\nfields: [{ to: x, from: x }]\n");
    says(INDEXES, "d_pkey d_y_excl four one three");
    loads(100, 0);
    finish();
    says(INDEXES, "d_pkey d_y_excl four one three two");
}

/* Somebody writes a row of the same key meanwhile: the index says so, and nothing is lost. */
static void an_index_cannot_be_built(void **state)
{
    (void)state;
    gw_err err = {0};
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 100) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int); CREATE INDEX x ON public.d "
                 "(x)");
    map("identity: keep\nfields: [{ to: x, from: x }]\n");
    loads(100, 0);
    run(session, "INSERT INTO public.d VALUES (5, 5)");
    assert_false(gw_load_finish(session, arena, "a", NULL, &err));
    assert_string_equal(err.sqlstate, "23505");
    gw_err_clear(&err);
    says(LOADS, "1");
    run(session, "DELETE FROM public.d WHERE id = 5 AND ctid <> (SELECT min(ctid) FROM public.d "
                 "WHERE id = 5)");
    finish();
    says(INDEXES, "d_pkey x");
    agrees(100);
}

/* ---- killed -------------------------------------------------------------------------------- */

static int left;

static bool stop(void *self, const gw_applied *applied, gw_err *err)
{
    (void)self, (void)applied;
    return left-- > 0 || gw_err_set(err, GW_ERR_INTERRUPTED, "killed");
}

static void killed_and_on(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    to = (gw_apply_to){.before_commit = stop};
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 8000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int); CREATE INDEX x ON public.d "
                 "(x)");
    left = 2;
    map("identity: keep\nfields: [{ to: x, from: x }]\n");
    assert_false(try_load(5, &seen, &err));
    assert_kind(GW_ERR_INTERRUPTED);
    gw_err_clear(&err);
    says("SELECT (SELECT count(*) FROM public.d) - (SELECT sum(row_count) FROM "
         "godwit.sync_segments)",
         "0");
    gw_session_close(session); /* and nobody has put the indexes back */
    session = open_pinned(arena);
    left = 1000;
    says(INDEXES, "");
    open_load();
    goes(GW_LOAD_COPIED, NULL);
    loads(8000 - (int)seen.inserted, 0);
    finish();
    says(INDEXES, "d_pkey x");
    says("SELECT count(*) || ' ' || count(DISTINCT id) FROM public.d", "8000 8000");
    agrees(8000);
}

/* Given up in the middle: the indexes are there, and what was not loaded is found as new. */
static void given_up(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    to = (gw_apply_to){.before_commit = stop};
    left = 1;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 8000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int); CREATE INDEX x ON public.d "
                 "(x)");
    map("identity: keep\nfields: [{ to: x, from: x }]\n");
    assert_false(try_load(5, &seen, &err));
    gw_err_clear(&err);
    finish();
    says(INDEXES, "d_pkey x");
    says("SELECT max(end_block) FROM godwit.sync_segments", "4294967295");
    gw_apply *apply;
    gw_apply_batch batch = {.query = gw_project_blocks(arena, &projection,
                                                       &projection.entity->source.leaves[0],
                                                       (gw_blocks){5, GW_BLOCKS_END})};
    left = 1;
    assert_ok(gw_apply_open(session, arena, &projection, &to, NULL, &apply, &err));
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_apply_run(apply, source->session, &batch, &seen, &err));
    gw_session_rollback(source->session);
    says("SELECT count(*) FROM public.d", "8000");
    left = 1;
    agrees(8000);
}

/* ---- ids that change ------------------------------------------------------------------------ */

static void ids_and_references(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.p (id int PRIMARY KEY);"
             "INSERT INTO public.p SELECT generate_series(1, 3000);"
             "CREATE TABLE public.s (id int PRIMARY KEY, p int, x int);"
             "INSERT INTO public.s SELECT i, 1 + i % 3000, i FROM generate_series(1, 9000) i");
    run(session, "CREATE TABLE public.q (id uuid PRIMARY KEY, v int);"
                 "CREATE TABLE public.d (id uuid PRIMARY KEY, p uuid, x int, was text)");
    run(old, "ANALYZE");
    project("p", "source: { table: p, key: id }\ndestination: { table: q, key: id }\n",
            "identity: { uuid-v5: 6ba7b810-9dad-11d1-80b4-00c04fd430c8 }\nfields: [{ to: v, value: "
            "1 }]\n");
    open_load();
    goes(GW_LOAD_CONVERTED, "ids change");
    loads(3000, 0);
    says("SELECT count(*) FROM pg_catalog.pg_inherits WHERE inhparent = "
         "'godwit.migration_mappings'::regclass",
         "0");
    finish();
    says("SELECT count(*) FROM godwit.migration_mappings WHERE entity_type = 'p'", "3000");
    agrees(3000);
    project("a",
            "source: { table: s, key: id }\ndestination: { table: d, key: id, metadata: { "
            "legacy_id: was } }\n",
            "identity: uuid-v7\nfields: [{ to: p, from: p, reference: p }, { from: x, to: x }]\n");
    open_load();
    loads(9000, 0);
    finish();
    says(
        "SELECT count(*) FROM public.d JOIN godwit.migration_mappings m ON m.entity_type = 'p' AND "
        "m.modern_id = d.p::text AND m.legacy_id = (1 + x % 3000)::text JOIN "
        "godwit.migration_mappings n ON n.entity_type = 'a' AND n.modern_id = d.id::text AND "
        "n.legacy_id = d.was",
        "9000");
    agrees(9000);
}

static void references_that_lead_nowhere(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.p (id int PRIMARY KEY); INSERT INTO public.p VALUES (1);"
             "CREATE TABLE public.s (id int PRIMARY KEY, p int);"
             "INSERT INTO public.s SELECT i, CASE i WHEN 3000 THEN 2 ELSE 1 END FROM "
             "generate_series(1, 5000) i");
    run(session, "CREATE TABLE public.q (id uuid PRIMARY KEY, v int);"
                 "CREATE TABLE public.d (id uuid PRIMARY KEY, p uuid)");
    run(old, "ANALYZE");
    project("p", "source: { table: p, key: id }\ndestination: { table: q, key: id }\n",
            "identity: uuid-v7\nfields: [{ to: v, value: 1 }]\n");
    open_load();
    loads(1, 0);
    finish();
    map("identity: uuid-v7\nfields: [{ to: p, from: p, reference: p }]\n");
    loads(4999, 1);
    finish();
    says("SELECT key || kind FROM godwit.sync_rejects", "3000reference");
    says("SELECT count(*) FROM godwit.migration_mappings WHERE entity_type = 'a'", "4999");
    agrees(4999);
}

static void ids_of_the_destination(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id uuid PRIMARY KEY, x varchar(20));"
             "INSERT INTO public.s SELECT md5(i::text)::uuid, i FROM generate_series(1, 3000) i");
    run(session, "CREATE TABLE public.d (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x "
                 "varchar(4))");
    map("identity: generated\nfields: [{ from: x, to: x }]\n");
    loads(3000, 0);
    finish();
    says("SELECT count(*) FROM godwit.migration_mappings m JOIN public.d ON d.id::text = "
         "m.modern_id AND md5(d.x)::uuid::text = m.legacy_id",
         "3000");
    agrees(3000);
}

/* Ids that an older system gave stay. */
static void ids_that_are_known(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 1000) i");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, x int);"
                 "SELECT godwit.id_map_ensure('a'); INSERT INTO godwit.migration_mappings "
                 "(entity_type, legacy_id, modern_id) VALUES ('a', '7', "
                 "'6ba7b810-9dad-11d1-80b4-00c04fd430c8')");
    map("identity: uuid-v7\nfields: [{ from: x, to: x }]\n");
    goes(GW_LOAD_CONVERTED, "ids change");
    loads(1000, 0);
    finish();
    says("SELECT id FROM public.d WHERE x = 7", "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    says("SELECT count(*) FROM godwit.migration_mappings", "1000");
    agrees(1000);
}

/* ---- sequences ------------------------------------------------------------------------------ */

static void sequences_go_past(void **state)
{
    (void)state;
    gw_err err = {0};
    run(old, "CREATE TABLE public.s (id bigint PRIMARY KEY, x int, y int, z int);"
             "INSERT INTO public.s VALUES (41, 7, -3, 1), (12, NULL, 5, 2)");
    run(session, "CREATE SEQUENCE public.\"other's\"; "
                 "CREATE TABLE public.d (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x "
                 "serial, y int DEFAULT nextval('public.\"other''s\"'), z int GENERATED BY DEFAULT "
                 "AS IDENTITY (INCREMENT -1), w serial); ALTER TABLE public.d ALTER x DROP NOT "
                 "NULL; SELECT setval('public.\"other''s\"', 900)");
    map("identity: keep\nfields: [{ from: x, to: x }, { from: y, to: y }, { from: z, to: z }]\n");
    loads(2, 0);
    finish();
    for (int i = 0; i < 2; i++)
        assert_ok(gw_sequences_past(session, arena, projection.entity, &err));
    run(session, "INSERT INTO public.d DEFAULT VALUES");
    says("SELECT d::text FROM public.d WHERE id > 41", "(42,8,901,-1,3)");
}

#define each_with(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_with(straight_in),
        each_with(straight_in_as_text),
        each_with(values_and_names),
        each_with(through_functions),
        each_with(a_bad_row_costs_its_batch),
        each_with(all_batches_are_bad),
        each_with(what_stands_in_the_way),
        each_with(indexes_that_stay),
        each_with(an_index_cannot_be_built),
        each_with(killed_and_on),
        each_with(given_up),
        each_with(ids_and_references),
        each_with(references_that_lead_nowhere),
        each_with(ids_of_the_destination),
        each_with(ids_that_are_known),
        each_with(sequences_go_past),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
