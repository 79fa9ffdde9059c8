/* Batches from one database into another: whatever happens to a row, the destination, the id map,
 * the quarantine and the fingerprints say the same. */
#include "arena_test.h"

#include <stdlib.h>

#include "base/vec.h"
#include "control/control.h"
#include "sync/apply.h"
#include "sync/segments.h"

static gw_session *session, *old;
static gw_source *source;
static gw_projection projection;
static gw_apply *applier;
static gw_apply_to to;

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
    run(session, "DROP DATABASE IF EXISTS applied");
    run(session, "CREATE DATABASE applied");
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(
        gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "applied", &conninfo, &err));
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    assert_ok(gw_session_open(arena, &connect, &old, &err));
    assert_ok(gw_source_open(arena, &connect, &source, &err));
    return 0;
}

/* The mapping of entity a, from s into d: what follows its head. */
static void map_as(const char *entity, const char *tables, const char *rest)
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
    /* Entities that other tests leave out are no matter here. */
    assert_int_equal(check->entity_count, 1);
    assert_ok(gw_project(source->session, arena, &check->entities[0], &projection, &err));
    assert_ok(gw_apply_open(session, arena, &projection, &to, NULL, &applier, &err));
}

static void map(const char *rest)
{
    map_as("a", "source: { table: s, key: id }\ndestination: { table: d, key: id }\n", rest);
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

/* The whole source against all that is kept: rows that are not there any more are gone. */
static bool try_all(gw_applied *out, gw_err *err)
{
    kept list = {0};
    gw_leaf_kept_list leaves;
    const char *entity = projection.entity->mapping->entity.text;
    bool ok = gw_segments_leaves(session, arena, entity, &leaves, err);
    for (size_t i = 0; ok && i < leaves.len; i++) {
        list.leaf = (uint32_t)leaves.items[i].leaf;
        ok = gw_segments_load(session, arena, entity, leaves.items[i].leaf,
                              (gw_blocks){0, GW_BLOCKS_END}, keep, &list, err);
    }
    gw_apply_batch batch = {
        .query = gw_project_blocks(arena, &projection, NULL, (gw_blocks){0, GW_BLOCKS_END}),
        .kept = list.all.items,
        .kept_count = list.all.len,
        .missing_is_gone = true};
    ok = ok && gw_session_begin(source->session, "repeatable read read only", err) &&
         gw_apply_run(applier, source->session, &batch, out, err);
    gw_session_rollback(source->session);
    return ok;
}

static void all(int inserted, int updated, int deleted, int rejected, int left)
{
    gw_err err = {0};
    gw_applied seen;
    assert_ok(try_all(&seen, &err));
    int want[] = {inserted, updated, deleted, rejected, left};
    int64_t have[] = {seen.inserted, seen.updated, seen.deleted, seen.rejected, seen.left};
    for (int i = 0; i < 5; i++)
        if (want[i] != have[i])
            print_error("number %d: %d wanted, %d seen\n%s\n", i, want[i], (int)have[i],
                        ask(session, arena,
                            "SELECT coalesce(pg_catalog.string_agg(q::text, E'\\n'), '') FROM "
                            "godwit.sync_rejects q"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(want[i], have[i]);
}

static void says(const char *query, const char *expected)
{
    assert_string_equal(ask(session, arena, query), expected);
}

#define REJECTS                                                                                    \
    "SELECT coalesce(pg_catalog.string_agg(key || ' ' || kind || coalesce(' ' || rule, '') || "    \
    "coalesce(' ' || field, '') || coalesce(' ' || sqlstate, ''), ', ' ORDER BY key), '') FROM "   \
    "godwit.sync_rejects"
#define ROWS "SELECT coalesce(pg_catalog.string_agg(d::text, ' ' ORDER BY d.id), '') FROM public.d"
#define KEPT "SELECT coalesce(sum(row_count), 0) FROM godwit.sync_segments"

/* ---- ids ------------------------------------------------------------------------------------ */

static void ids_that_stay(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text, n numeric(8,2));"
             "INSERT INTO public.s SELECT i, nullif('t' || i, 't3'), i / 3.0 FROM "
             "generate_series(1, 1000) i");
    run(session, "CREATE TABLE public.d (id bigint PRIMARY KEY, x varchar(10), n text, c int "
                 "GENERATED ALWAYS AS (1 + 1) STORED)");
    map("identity: keep\ndeletes: delete\nfields: [{ from: x, to: x }, { from: n, to: n }]\n");
    all(1000, 0, 0, 0, 0);
    all(0, 1000, 0, 0, 0);
    run(old, "DELETE FROM public.s WHERE id > 3; UPDATE public.s SET x = '' WHERE id = 1;"
             "INSERT INTO public.s VALUES (2000, 'new', NULL)");
    all(1, 3, 997, 0, 0);
    says(ROWS, "(1,\"\",0.33,2) (2,t2,0.67,2) (3,,1.00,2) (2000,new,,2)");
    says(KEPT, "4");
}

static void ids_of_names(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id text PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES ('www.example.com', 1), ('b', 2)");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, x int, was text, h bigint, at "
                 "timestamptz)");
    map_as("a",
           "source: { table: s, key: id }\n"
           "destination: { table: d, key: id, metadata: { legacy_id: was, source_hash: h, "
           "migrated_at: at } }\n",
           "identity: { uuid-v5: 6ba7b810-9dad-11d1-80b4-00c04fd430c8 }\ndeletes: delete\n"
           "fields: [{ from: x, to: x }]\n");
    all(2, 0, 0, 0, 0);
    says("SELECT id FROM public.d WHERE was = 'www.example.com' AND h IS NOT NULL AND at IS NOT "
         "NULL",
         "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    says("SELECT modern_id FROM godwit.migration_mappings WHERE legacy_id = 'www.example.com'",
         "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    all(0, 2, 0, 0, 0);
    run(old, "DELETE FROM public.s WHERE id = 'b'");
    all(0, 1, 1, 0, 0);
    says("SELECT count(*) || ' ' || (SELECT count(*) FROM public.d) FROM godwit.migration_mappings",
         "1 1");
}

static void ids_made_here_stay(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 20) i");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, x int)");
    map("identity: uuid-v7\ndeletes: delete\nfields: [{ from: x, to: x }]\n");
    all(20, 0, 0, 0, 0);
    const char *were = ask(session, arena, ROWS);
    all(0, 20, 0, 0, 0);
    says(ROWS, were);
    says("SELECT count(*) FROM godwit.migration_mappings m JOIN public.d ON d.id::text = "
         "m.modern_id AND d.x::text = m.legacy_id WHERE substr(m.modern_id, 15, 1) = '7'",
         "20");
}

static void ids_of_the_destination(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id uuid PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT md5(i::text)::uuid, i FROM generate_series(1, 50) i");
    run(session, "CREATE TABLE public.d (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x int, "
                 "was text)");
    map_as("a",
           "source: { table: s, key: id }\n"
           "destination: { table: d, key: id, metadata: { legacy_id: was } }\n",
           "identity: generated\ndeletes: delete\nfields: [{ from: x, to: x }]\n");
    all(50, 0, 0, 0, 0);
    says("SELECT count(*) FROM godwit.migration_mappings m JOIN public.d ON d.id::text = "
         "m.modern_id AND d.was = m.legacy_id AND pg_catalog.md5(d.x::text)::uuid::text = d.was",
         "50");
    run(old, "UPDATE public.s SET x = x + 0 WHERE x < 10; INSERT INTO public.s VALUES "
             "(md5('51')::uuid, 51); DELETE FROM public.s WHERE x = 50");
    all(1, 49, 1, 0, 0);
    says("SELECT count(*) FROM godwit.migration_mappings m JOIN public.d ON d.id::text = "
         "m.modern_id AND d.was = m.legacy_id AND pg_catalog.md5(d.x::text)::uuid::text = d.was",
         "50");
}

static void keys_of_two_columns(void **state)
{
    (void)state;
    run(old,
        "CREATE TYPE public.mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE public.s (m public.mood, t text, x int, PRIMARY KEY (m, t));"
        "INSERT INTO public.s VALUES ('ok', '', 1), ('ok', 'a\"b,''c\\', 2), ('sad', '', NULL)");
    run(session, "CREATE TYPE public.mood AS ENUM ('ok', 'sad');"
                 "CREATE TABLE public.d (id text, m public.mood, x int, PRIMARY KEY (m, id))");
    map_as("a", "source: { table: s, key: [m, t] }\ndestination: { table: d, key: [m, id] }\n",
           "identity: keep\ndeletes: delete\n"
           "fields: [{ from: m, to: m }, { from: t, to: id }, { from: x, to: x }]\n");
    all(3, 0, 0, 0, 0);
    run(old, "DELETE FROM public.s WHERE x = 2; UPDATE public.s SET x = 7 WHERE m = 'sad'");
    all(0, 2, 1, 0, 0);
    says("SELECT pg_catalog.string_agg(d::text, ' ' ORDER BY m) FROM public.d",
         "(\"\",ok,1) (\"\",sad,7)");
}

/* ---- rejections ----------------------------------------------------------------------------- */

static void each_rule(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, a int, b text, c numeric, e text);"
             "INSERT INTO public.s VALUES (1, 1, 'x1', 5, 'u1'), (2, NULL, 'x2', 5, 'u2'),"
             "(3, 3, 'y', 5, 'u3'), (4, 4, 'x4', 11, 'u4'), (5, 13, 'x5', 5, 'u5'),"
             "(6, 6, 'x6', 5, 'u1'), (7, 7, NULL, NULL, NULL), (8, 8, 'x8', 5, 'there'),"
             "(9, 9, 'x9', 5, NULL)");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, a int, b text, c numeric, e text);"
                 "INSERT INTO public.d VALUES (100, 1, 'x', 1, 'there')");
    map("identity: keep\n"
        "fields: [{ from: a, to: a, required: true }, { from: b, to: b }, { from: c, to: c }, "
        "{ from: e, to: e }]\n"
        "rules:\n"
        "  - { rule: format, field: b, parameters: { pattern: '^x' } }\n"
        "  - { rule: range, field: c, parameters: { min: 0, max: 10 } }\n"
        "  - { rule: sql, sql: \"a <> 13\", message: unlucky }\n"
        "  - { rule: unique, field: e }\n");
    all(3, 0, 0, 6, 0);
    says(REJECTS,
         "2 rule required a, 3 rule format b, 4 rule range c, 5 rule sql, 6 rule unique e, "
         "8 rule unique e");
    says("SELECT message FROM godwit.sync_rejects WHERE key = '5'", "unlucky");
    all(0, 3, 0, 6, 0); /* a row is no double of itself */
}

static void the_server_judges(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 1000) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x <> 500))");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    all(999, 0, 0, 1, 0);
    says(REJECTS, "500 server 23514");
    says("SELECT count(*) FROM public.d", "999");
    run(session, "TRUNCATE public.d, godwit.sync_segments, godwit.sync_rejects;"
                 "ALTER TABLE public.d ADD CHECK (x <> 1);"
                 "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "IF NEW.x = 1000 THEN RAISE 'never' USING ERRCODE = 'U0001'; END IF; RETURN NULL; "
                 "END $$;"
                 "CREATE CONSTRAINT TRIGGER no AFTER INSERT ON public.d DEFERRABLE INITIALLY "
                 "DEFERRED FOR EACH ROW EXECUTE FUNCTION public.no()");
    all(997, 0, 0, 3, 0);
    says(REJECTS, "1 server 23514, 1000 server U0001, 500 server 23514");
    says("SELECT count(*) FROM public.d", "997");
    says(KEPT, "997");
}

static void values_that_do_not_convert(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, m text, day text, n int, v text);"
             "INSERT INTO public.s VALUES (1, 'ok', '2020-02-29', 5, 'abc'),"
             "(2, 'bad', '2020-02-29', 5, 'abc'), (3, 'ok', '2021-02-29', 5, 'abc'),"
             "(4, 'ok', '2020-02-29', -5, 'abc'), (5, 'ok', '2020-02-29', 5, 'abcd'),"
             "(6, NULL, NULL, NULL, NULL)");
    run(session, "CREATE TYPE public.mood AS ENUM ('sad', 'ok');"
                 "CREATE DOMAIN public.more AS bigint CHECK (VALUE > 0);"
                 "CREATE TABLE public.d (id int PRIMARY KEY, m public.mood, day date, n "
                 "public.more, v varchar(3))");
    map("identity: keep\nfields: [{ from: m, to: m, default: sad }, { from: day, to: day }, "
        "{ from: n, to: n }, { from: v, to: v }]\n");
    all(2, 0, 0, 4, 0);
    says(ROWS, "(1,ok,2020-02-29,5,abc) (6,sad,,,)");
    says(REJECTS, "2 server 22P02, 3 server 22008, 4 server 23514, 5 server 22001");
}

/* `type:` between the two: a length refuses, as it does in an assignment. */
static void a_type_between(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, v text, n text);"
             "INSERT INTO public.s VALUES (1, 'abc', '1.5'), (2, 'abcd', '2'), (3, 'ab   ', '3'),"
             "(4, NULL, 'x')");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, v text, n int)");
    map("identity: keep\nfields: [{ from: v, to: v, type: varchar(3) }, "
        "{ from: n, to: n, type: numeric }]\n");
    all(2, 0, 0, 2, 0);
    says(REJECTS, "2 server v 22001, 4 server 22P02");
    says("SELECT pg_catalog.string_agg(v || ':' || n, ' ' ORDER BY id) FROM public.d",
         "abc:2 ab :3");
}

static void quarantined_fixed_gone(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int, secret text);"
             "INSERT INTO public.s VALUES (1, 1, 's1'), (2, -2, 's2')");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x > 0), secret text)");
    map("identity: keep\nsensitive: secret\n"
        "fields: [{ from: x, to: x }, { from: secret, to: secret }]\n");
    all(1, 0, 0, 1, 0);
    all(0, 1, 0, 1, 0);
    says("SELECT attempts || ' ' || action || ' ' || (source_row ->> 'x') || ' ' || (source_row "
         "->> 'secret') || (source_row::text || message ~ 's2')::text FROM godwit.sync_rejects",
         "2 quarantine -2 ***false");
    run(old, "UPDATE public.s SET x = 2 WHERE id = 2");
    all(1, 1, 0, 0, 0);
    says("SELECT count(*) FROM godwit.sync_rejects", "0");
    says(ROWS, "(1,1,s1) (2,2,s2)");
}

static void skipped_and_failed(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (1, 1), (2, -2)");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x > 0))");
    map("identity: keep\non_reject: fail\nfields: [{ from: x, to: x }]\n");
    assert_false(try_all(&seen, &err));
    assert_string_equal(err.detail, "its key is 2");
    assert_kind(GW_ERR_CHECK);
    says(ROWS, "");
    says(KEPT, "0");
    map("identity: keep\non_reject: skip\nfields: [{ from: x, to: x }]\n");
    all(1, 0, 0, 1, 0);
    says("SELECT action FROM godwit.sync_rejects", "skip");
}

static void a_trigger_leaves_a_row_out(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 100) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int);"
                 "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "IF NEW.x = 77 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
                 "CREATE TRIGGER no BEFORE INSERT ON public.d FOR EACH ROW EXECUTE FUNCTION "
                 "public.no()");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    all(99, 0, 0, 1, 0);
    says(REJECTS, "77 server");
}

static void functions_of_typescript(void **state)
{
    (void)state;
    gw_err err = {0};
    if (!gw_script_available(&err)) {
        gw_err_clear(&err);
        skip();
    }
    run(old, "CREATE TABLE public.s (id bigint PRIMARY KEY, name text, age int);"
             "INSERT INTO public.s SELECT i, 'N' || i, i FROM generate_series(1, 1200) i;"
             "INSERT INTO public.s VALUES (9007199254740993, NULL, 1)");
    run(session, "CREATE TABLE public.d (id bigint PRIMARY KEY, name text, double int)");
    map("identity: keep\n"
        "fields:\n"
        "  - { to: name, transform: low }\n"
        "  - { to: double, transform: twice }\n"
        "functions:\n"
        "  low: |\n"
        "    (row) => row.name === null ? null : row.name.toLowerCase()\n"
        "  twice: |\n"
        "    (row) => {\n"
        "      if (row.id === 700n) throw new Error('no ' + row.id);\n"
        "      return row.age === null ? null : row.age * 2;\n"
        "    }\n");
    all(1200, 0, 0, 1, 0);
    says(REJECTS, "700 function");
    says("SELECT message || ' ' || place FROM godwit.sync_rejects",
         "twice: Error: no 700 a.yaml:14:43");
    says("SELECT count(*) FROM public.d WHERE name = 'n' || id AND double = 2 * id", "1199");
    says("SELECT double FROM public.d WHERE id = 9007199254740993 AND name IS NULL", "2");
}

/* ---- references ----------------------------------------------------------------------------- */

static void references_are_rewritten(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.p (id int PRIMARY KEY);"
             "INSERT INTO public.p VALUES (1), (2);"
             "CREATE TABLE public.s (id int PRIMARY KEY, p int);"
             "INSERT INTO public.s VALUES (1, 1), (2, 2), (3, NULL), (4, 99)");
    run(session, "CREATE TABLE public.q (id uuid PRIMARY KEY, v int);"
                 "CREATE TABLE public.d (id uuid PRIMARY KEY, p uuid REFERENCES public.q)");
    map_as("p", "source: { table: p, key: id }\ndestination: { table: q, key: id }\n",
           "identity: uuid-v7\nfields: [{ to: v, value: 1 }]\n");
    all(2, 0, 0, 0, 0);
    map("identity: uuid-v7\nfields: [{ to: p, from: p, reference: p }]\n");
    all(3, 0, 0, 1, 0);
    says(REJECTS, "4 reference p");
    says(
        "SELECT count(*) FROM public.d JOIN godwit.migration_mappings m ON m.entity_type = 'p' AND "
        "m.modern_id = d.p::text JOIN godwit.migration_mappings a ON a.entity_type = 'a' AND "
        "a.modern_id = d.id::text AND a.legacy_id = m.legacy_id",
        "2");
    run(old, "INSERT INTO public.p VALUES (99)");
    map_as("p", "source: { table: p, key: id }\ndestination: { table: q, key: id }\n",
           "identity: uuid-v7\nfields: [{ to: v, value: 1 }]\n");
    all(1, 2, 0, 0, 0);
    map("identity: uuid-v7\nfields: [{ to: p, from: p, reference: p }]\n");
    all(1, 3, 0, 0, 0);
    says(REJECTS, "");
}

/* A boss may come behind; what stands in the way of one stands in the way of those below. */
static void references_to_itself(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, boss int NOT NULL, x int);"
             "INSERT INTO public.s VALUES (1, 5, 0), (2, 1, 0), (3, 3, 0), (4, 6, 0), (5, 3, 0),"
             "(6, 3, -1), (7, 4, 0), (8, 77, 0)");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, boss uuid NOT NULL REFERENCES "
                 "public.d, x int)");
    map("identity: uuid-v7\nfields: [{ to: boss, from: boss, reference: a }, { from: x, to: x }]\n"
        "rules: [{ rule: range, field: x, parameters: { min: 0 } }]\n");
    all(4, 0, 0, 4, 0);
    says(REJECTS, "4 reference boss, 6 rule range x, 7 reference boss, 8 reference boss");
    run(session, "TRUNCATE public.d, godwit.sync_segments, godwit.sync_rejects;"
                 "DELETE FROM godwit.migration_mappings;"
                 "ALTER TABLE public.d ADD CHECK (x <> -1)");
    map("identity: uuid-v7\nfields: [{ to: boss, from: boss, reference: a }, { from: x, to: x "
        "}]\n");
    all(4, 0, 0, 4, 0); /* now by the server: 4 and 7 point to what it refused */
    says(REJECTS, "4 server 23503, 6 server 23514, 7 server 23503, 8 reference boss");
    says("SELECT count(*) FROM godwit.migration_mappings", "4");
}

/* ---- changes in the destination ------------------------------------------------------------- */

static void changed_there(const char *policy)
{
    run(old, "DROP TABLE IF EXISTS public.s; CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 6) i");
    run(session, "DROP TABLE IF EXISTS public.d; TRUNCATE godwit.sync_segments, "
                 "godwit.sync_rejects; CREATE TABLE public.d (id int PRIMARY KEY, x int, o text);"
                 "INSERT INTO public.d VALUES (6, 60), (5, 5)");
    map(gw_printf(arena,
                  "identity: keep\ndeletes: delete\non_destination_change: %s\n"
                  "fields: [{ from: x, to: x }]\n",
                  policy));
}

static void somebody_changes(void)
{
    run(session,
        "UPDATE public.d SET x = 100 WHERE id = 1; UPDATE public.d SET x = 40 WHERE id = 4;"
        "DELETE FROM public.d WHERE id = 2; UPDATE public.d SET o = 'other' WHERE id = 3");
    run(old, "UPDATE public.s SET x = x + 10; DELETE FROM public.s WHERE id = 4");
}

static void changed_and_quarantined(void **state)
{
    (void)state;
    changed_there("quarantine");
    all(4, 1, 0, 1, 0); /* 5 is as it should be */
    says(REJECTS, "6 conflict");
    somebody_changes();
    all(0, 2, 0, 4, 0);
    says(REJECTS, "1 changed, 2 changed, 4 changed, 6 conflict");
    says(ROWS, "(1,100,) (3,13,other) (4,40,) (5,15,) (6,60,)");
    says(KEPT, "5");
}

static void changed_and_overwritten(void **state)
{
    (void)state;
    changed_there("overwrite");
    all(4, 2, 0, 0, 0);
    somebody_changes();
    all(1, 4, 1, 0, 0);
    says(ROWS, "(1,11,) (2,12,) (3,13,other) (5,15,) (6,16,)");
}

static void changed_and_kept(void **state)
{
    (void)state;
    changed_there("keep");
    all(4, 1, 0, 0, 1);
    somebody_changes();
    for (int i = 0; i < 2; i++) { /* again: it is not forgotten whose it is */
        all(0, 2, 0, 0, i ? 3 : 4);
        says(ROWS, "(1,100,) (3,13,other) (4,40,) (5,15,) (6,60,)");
    }
    says(REJECTS, "");
}

/* ---- deletes -------------------------------------------------------------------------------- */

static void deleted_softly_and_back(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (1, 1), (2, 2)");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, x int, dead timestamptz)");
    map("identity: uuid-v7\ndeletes: { soft: dead }\nfields: [{ from: x, to: x }]\n");
    all(2, 0, 0, 0, 0);
    const char *id = ask(session, arena, "SELECT id FROM public.d WHERE x = 2");
    run(old, "DELETE FROM public.s WHERE id = 2");
    all(0, 1, 1, 0, 0);
    says("SELECT count(*) || ' ' || count(dead) FROM public.d", "2 1");
    run(old, "INSERT INTO public.s VALUES (2, 22)");
    all(0, 2, 0, 0, 0);
    says("SELECT id FROM public.d WHERE x = 22 AND dead IS NULL", id);
}

static void deletes_ignored_and_refused(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (1, 1), (2, 2), (3, 3)");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int)");
    map("identity: keep\ndeletes: ignore\nfields: [{ from: x, to: x }]\n");
    all(3, 0, 0, 0, 0);
    run(old, "DELETE FROM public.s WHERE id = 3");
    all(0, 2, 1, 0, 0);
    says("SELECT count(*) FROM public.d", "3");
    says(KEPT, "2");
    map("identity: keep\ndeletes: delete\nfields: [{ from: x, to: x }]\n");
    run(session, "CREATE TABLE public.other (d int REFERENCES public.d); INSERT INTO public.other "
                 "VALUES (2)");
    run(old, "DELETE FROM public.s");
    all(0, 0, 1, 1, 0);
    says(REJECTS, "2 server 23503");
    run(session, "DROP TABLE public.other");
    all(0, 0, 1, 0, 0);
    says(REJECTS, "");
    says(ROWS, "(3,3)"); /* nobody keeps it any more */
}

/* ---- one transaction ------------------------------------------------------------------------ */

static bool stop(void *self, const gw_applied *applied, gw_err *err)
{
    (void)applied;
    return !*(bool *)self || gw_err_set(err, GW_ERR_INTERRUPTED, "killed");
}

static void nothing_twice(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    bool killed = true;
    to = (gw_apply_to){.before_commit = stop, .self = &killed};
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i - 1 FROM generate_series(1, 300) i");
    run(session,
        "CREATE TABLE public.d (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, x int "
        "CHECK (x > 0))");
    map("identity: generated\nfields: [{ from: x, to: x }]\n");
    for (int i = 0; i < 3; i++) {
        assert_false(try_all(&seen, &err));
        assert_kind(GW_ERR_INTERRUPTED);
        says("SELECT (SELECT count(*) FROM public.d) + (SELECT count(*) FROM godwit.sync_segments) "
             "+ (SELECT count(*) FROM godwit.migration_mappings) + (SELECT count(*) FROM "
             "godwit.sync_rejects)",
             "0");
    }
    killed = false;
    all(299, 0, 0, 1, 0);
    says("SELECT count(*) || ' ' || count(DISTINCT x) FROM public.d", "299 299");
    /* The connection dies within the transaction. */
    gw_session *other = open_pinned(arena);
    run(session, "CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                 "CREATE TRIGGER die AFTER UPDATE ON public.d EXECUTE FUNCTION public.die()");
    run(old, "UPDATE public.s SET x = x + 1");
    assert_false(try_all(&seen, &err));
    gw_err_clear(&err);
    assert_string_equal(ask(other, arena, "SELECT sum(x) || ' ' || count(*) FROM public.d"),
                        "44850 299");
    session = other;
    run(session, "DROP TRIGGER die ON public.d");
    map("identity: generated\nfields: [{ from: x, to: x }]\n");
    all(1, 299, 0, 0, 0);
    says("SELECT sum(x) || ' ' || count(*) FROM public.d", "45150 300");
}

/* A checkpoint says what is there; one that is completed stops who still writes. */
static void checkpoints_move(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    static const char id[] = "11111111-1111-1111-1111-111111111111";
    to = (gw_apply_to){.run = id, .checkpoint = id};
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 10) i");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x <> 4))");
    run(session,
        gw_printf(arena,
                  "INSERT INTO godwit.schema_mapping_definitions (id, entity_type, source_table, "
                  "destination_table, field_mappings, validation_rules, transformation_functions, "
                  "version, body, body_hash, described) VALUES ('%s', 'a', 's', 'd', '[]', '[]', "
                  "'[]', '1.0.0', '', repeat('0', 64), '{}');"
                  "INSERT INTO godwit.migration_status_tracking (id, migration_session_id) VALUES "
                  "('%s', '%s');"
                  "INSERT INTO godwit.differential_analysis_results (id, analysis_group, "
                  "entity_type, mapping_id, analysis_timestamp, source_record_count, "
                  "destination_record_count, method) VALUES ('%s', '%s', 'a', '%s', now(), 10, 0, "
                  "'checksum');"
                  "INSERT INTO godwit.migration_control (run_id, migration_session_id, "
                  "entity_type, mapping_id, analysis_id) VALUES ('%s', '%s', 'a', '%s', '%s');"
                  "INSERT INTO godwit.migration_checkpoints (id, entity_type, migration_run_id, "
                  "migration_session_id, analysis_id, mapping_id, records_remaining) VALUES "
                  "('%s', 'a', '%s', '%s', '%s', '%s', 15)",
                  id, id, id, id, id, id, id, id, id, id, id, id, id, id, id));
    map("identity: keep\ndeletes: delete\nfields: [{ from: x, to: x }]\n");
    all(9, 0, 0, 1, 0);
    says("SELECT run_id FROM godwit.sync_rejects", id);
    run(old, "DELETE FROM public.s WHERE id = 7");
    all(0, 8, 1, 1, 0);
    says("SELECT state || ' ' || last_processed_id || ' ' || batch_position || ' ' || "
         "records_processed || ' ' || records_remaining FROM godwit.migration_checkpoints",
         "active 10 2 20 0");
    run(session, "UPDATE godwit.migration_checkpoints SET state = 'completed'");
    run(old, "UPDATE public.s SET x = 100");
    assert_false(try_all(&seen, &err));
    assert_kind(GW_ERR_STATE);
    says("SELECT count(*) FROM public.d WHERE x = 100", "0");
}

/* Triggers find what they call by the role's own names. */
static void names_of_triggers(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (1, 1)");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int);"
                 "CREATE TABLE public.log (x int);"
                 "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "INSERT INTO log VALUES (NEW.x); RETURN NEW; END $$;"
                 "CREATE TRIGGER note BEFORE INSERT ON public.d FOR EACH ROW EXECUTE FUNCTION "
                 "public.note()");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    all(1, 0, 0, 0, 0);
    says("SELECT x FROM public.log", "1");
}

/* ---- the second pass ------------------------------------------------------------------------ */

static int64_t pass(int most, int64_t *rejected)
{
    gw_err err = {0};
    gw_applied part;
    int64_t filled = 0;
    bool more = true;
    *rejected = 0;
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    while (more) {
        assert_ok(gw_apply_later(applier, source->session, (size_t)most, &more, &part, &err));
        filled += part.updated;
        *rejected += part.rejected;
    }
    gw_session_rollback(source->session);
    return filled;
}

static void a_cycle_is_closed(void **state)
{
    (void)state;
    static const char rest[] =
        "identity: uuid-v7\nfields: [{ to: boss, from: boss, reference: a }, { from: x, to: x }]\n";
    gw_err err = {0};
    gw_applied part;
    int64_t rejected;
    bool more;
    run(old,
        "CREATE TABLE public.s (id int PRIMARY KEY, boss int, x int);"
        "INSERT INTO public.s SELECT i, nullif(i % 10 + 1, 7), i FROM generate_series(1, 50) i;"
        "INSERT INTO public.s VALUES (51, 99, 51), (52, NULL, 52)");
    run(session,
        "CREATE TABLE public.d (id uuid PRIMARY KEY, boss uuid REFERENCES public.d, x int)");
    map(rest);
    all(52, 0, 0, 0, 0);
    says("SELECT count(boss) FROM public.d", "0");
    assert_int_equal(pass(7, &rejected), 45);
    assert_int_equal(rejected, 1);
    says(REJECTS, "51 reference second pass boss");
    says(
        "SELECT count(*) FROM public.d e JOIN public.d b ON b.id = e.boss WHERE b.x = e.x % 10 + 1",
        "45");
    says("SELECT string_agg(key, ' ') FROM godwit.sync_later", "51");
    all(0, 52, 0, 0, 0); /* nobody has changed anything there */
    run(old, "INSERT INTO public.s VALUES (99, 98, 99), (98, 99, 98); UPDATE public.s SET boss = "
             "NULL WHERE id = 1; UPDATE public.s SET boss = 52 WHERE id = 2");
    map(rest); /* another session */
    all(2, 52, 0, 0, 0);
    pass(1000, &rejected);
    assert_int_equal(rejected, 0);
    says(REJECTS, "");
    says("SELECT count(*) FROM godwit.sync_later", "0");
    says("SELECT string_agg(e.x || '-' || coalesce(b.x::text, ''), ' ' ORDER BY e.x) FROM public.d "
         "e "
         "LEFT JOIN public.d b ON b.id = e.boss WHERE e.x IN (1, 2, 3, 51, 98, 99)",
         "1- 2-52 3-4 51-99 98-99 99-98");
    map(rest);
    run(session, "INSERT INTO godwit.sync_later VALUES ('a', '1');"
                 "ALTER TABLE public.d RENAME boss TO chief");
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_false(gw_apply_later(applier, source->session, 9, &more, &part, &err));
    assert_non_null(strstr(err.message, "was altered after this was planned"));
    gw_err_clear(&err);
    gw_session_rollback(source->session);
}

/* ---- what else goes wrong ------------------------------------------------------------------- */

static void rejects_of_what_is_gone(void **state)
{
    (void)state;
    gw_err err = {0};
    int64_t cleared;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (1, 1), (2, -2), (3, -3)");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int CHECK (x > 0))");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    all(1, 0, 0, 2, 0);
    run(old, "DELETE FROM public.s WHERE id = 3");
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_apply_tidy(applier, source->session, &cleared, &err));
    gw_session_rollback(source->session);
    assert_int_equal(cleared, 1);
    says(REJECTS, "2 server 23514");
}

/* What is no row's fault stops the entity, at once, with the server's own words (NULL: with ours). */
static void not_a_rows_fault(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    static const struct {
        const char *trouble, *sqlstate;
    } cases[] = {
        {"REVOKE INSERT ON public.d FROM loader", "42501"},
        {"ALTER TABLE public.d ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON public.d USING (true) "
         "WITH CHECK (x <> 3)",
         "42501"},
        {"ALTER TABLE public.d RENAME x TO y", NULL},
        {"DROP TABLE public.d", NULL},
    };
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT i, i FROM generate_series(1, 100) i");
    run(session, "DROP ROLE IF EXISTS loader; CREATE ROLE loader; GRANT USAGE ON SCHEMA godwit, "
                 "public TO loader; GRANT ALL ON ALL TABLES IN SCHEMA godwit TO loader");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(session, "DROP TABLE IF EXISTS public.d; CREATE TABLE public.d (id int PRIMARY KEY, x "
                     "int); GRANT ALL ON public.d TO loader; SET ROLE loader");
        map("identity: keep\nfields: [{ from: x, to: x }]\n");
        run(session, "RESET ROLE");
        run(session, cases[i].trouble);
        run(session, "SET ROLE loader");
        assert_false(try_all(&seen, &err));
        if (cases[i].sqlstate)
            assert_string_equal(err.sqlstate, cases[i].sqlstate);
        else
            assert_non_null(strstr(err.message, "was altered after this was planned"));
        gw_err_clear(&err);
        run(session, "RESET ROLE");
        says(REJECTS, "");
        says(KEPT, "0");
    }
    run(session, "DROP TABLE IF EXISTS public.d; DROP OWNED BY loader; DROP ROLE loader");
}

static void deletes_by_other_columns(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied seen;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text);"
             "INSERT INTO public.s VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    run(session, "CREATE TABLE public.d (code text PRIMARY KEY, id bigint, was text)");
    static const char *const ways[] = {"", ", metadata: { legacy_id: was }", ""};
    static const char *const fields[] = {", { from: id, to: id }", "", ""};
    for (int i = 0; i < 3; i++) {
        run(session, "TRUNCATE public.d, godwit.sync_segments");
        map_as("a",
               gw_printf(arena,
                         "source: { table: s, key: id }\ndestination: { table: d, key: code%s }\n",
                         ways[i]),
               gw_printf(arena,
                         "identity: keep\ndeletes: delete\nfields: [{ to: code, from: x }%s]\n",
                         fields[i]));
        all(3, 0, 0, 0, 0);
        run(old, "DELETE FROM public.s WHERE id = 2");
        if (i < 2) {
            all(0, 2, 1, 0, 0);
            says("SELECT string_agg(code, ' ' ORDER BY code) FROM public.d", "a c");
        } else {
            assert_false(try_all(&seen, &err));
            assert_non_null(strstr(err.message, "legacy_id"));
            assert_kind(GW_ERR_UNSUPPORTED);
        }
        run(old, "INSERT INTO public.s VALUES (2, 'b')");
    }
}

static void identity_always_is_written_once(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES (7, 1), (9, 2)");
    static const char *const tables[] = {
        "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x int",
        "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "id int GENERATED ALWAYS AS IDENTITY, x int PRIMARY KEY",
    };
    static const char *const maps[] = {"id }\nidentity: keep\nfields: [{ from: x, to: x }]\n",
                                       "id }\nidentity: keep\nfields: [{ from: id, to: id }]\n",
                                       "x }\nidentity: keep\nfields: [{ from: x, to: x }, { from: "
                                       "id, to: id }]\n"};
    for (int i = 0; i < 3; i++) {
        run(session,
            gw_printf(arena,
                      "DROP TABLE IF EXISTS public.d; TRUNCATE godwit.sync_segments; CREATE "
                      "TABLE public.d (%s)",
                      tables[i]));
        map_as("a",
               gw_printf(arena, "source: { table: s, key: id }\ndestination: { table: d, key: %s",
                         maps[i]),
               "");
        all(2, 0, 0, 0, 0);
        all(0, 2, 0, 0, 0);
        says("SELECT string_agg(id::text, ' ' ORDER BY id) FROM public.d", "7 9");
    }
}

#define each_with(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_with(ids_that_stay),
        each_with(ids_of_names),
        each_with(ids_made_here_stay),
        each_with(ids_of_the_destination),
        each_with(keys_of_two_columns),
        each_with(each_rule),
        each_with(the_server_judges),
        each_with(values_that_do_not_convert),
        each_with(a_type_between),
        each_with(quarantined_fixed_gone),
        each_with(functions_of_typescript),
        each_with(checkpoints_move),
        each_with(skipped_and_failed),
        each_with(a_trigger_leaves_a_row_out),
        each_with(references_are_rewritten),
        each_with(references_to_itself),
        each_with(changed_and_quarantined),
        each_with(changed_and_overwritten),
        each_with(changed_and_kept),
        each_with(deleted_softly_and_back),
        each_with(deletes_ignored_and_refused),
        each_with(nothing_twice),
        each_with(names_of_triggers),
        each_with(a_cycle_is_closed),
        each_with(rejects_of_what_is_gone),
        each_with(not_a_rows_fault),
        each_with(deletes_by_other_columns),
        each_with(identity_always_is_written_once),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
