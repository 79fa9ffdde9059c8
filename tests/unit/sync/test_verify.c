/* Two sides compared: every row of either is counted once, under what it is. */
#include "arena_test.h"

#include <stdlib.h>

#include "base/vec.h"
#include "control/control.h"
#include "sync/apply.h"
#include "sync/segments.h"
#include "sync/verify.h"

static gw_session *session, *second, *holder, *old;
static gw_source *source;
static gw_projection projection;
static gw_apply *applier;
static gw_buf told;

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
    session = open_pinned(arena);
    second = open_pinned(arena);
    holder = open_pinned(arena);
    run(session, "DROP SCHEMA IF EXISTS godwit CASCADE; DROP SCHEMA IF EXISTS public CASCADE; "
                 "CREATE SCHEMA public");
    run(session, "DROP DATABASE IF EXISTS verified");
    run(session, "CREATE DATABASE verified");
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(
        gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "verified", &conninfo, &err));
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    assert_ok(gw_session_open(arena, &connect, &old, &err));
    assert_ok(gw_source_open(arena, &connect, &source, &err));
    return 0;
}

static void map(const char *rest)
{
    static const gw_apply_to to;
    gw_err err = {0};
    gw_problems problems = {.arena = arena};
    gw_mapping *mapping = gw_alloc(arena, sizeof *mapping);
    gw_mapping_list list = {.items = mapping, .len = 1, .cap = 1};
    gw_check *check = gw_alloc(arena, sizeof *check);
    const char *body =
        gw_printf(arena,
                  "entity: a\nversion: 1.0.0\nsource: { table: s, key: id }\n"
                  "destination: { table: d, key: id }\n%s",
                  rest);
    assert_true(
        gw_mapping_read(arena, "a.yaml", NULL, body, strlen(body), NULL, &problems, mapping));
    assert_ok(gw_mappings_check(source, session, arena, &list, NULL, check, &err));
    assert_int_equal(check->entity_count, 1);
    assert_ok(gw_project(source->session, arena, &check->entities[0], &projection, &err));
    assert_ok(gw_apply_open(session, arena, &projection, &to, NULL, &applier, &err));
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

/* All of the source into the destination. */
static void apply(void)
{
    gw_err err = {0};
    kept list = {0};
    gw_leaf_kept_list leaves;
    gw_applied done;
    assert_ok(gw_segments_leaves(session, arena, "a", &leaves, &err));
    for (size_t i = 0; i < leaves.len; i++) {
        list.leaf = (uint32_t)leaves.items[i].leaf;
        assert_ok(gw_segments_load(session, arena, "a", leaves.items[i].leaf,
                                   (gw_blocks){0, GW_BLOCKS_END}, keep, &list, &err));
    }
    gw_apply_batch batch = {
        .query = gw_project_blocks(arena, &projection, NULL, (gw_blocks){0, GW_BLOCKS_END}),
        .kept = list.all.items,
        .kept_count = list.all.len,
        .missing_is_gone = true};
    assert_ok(gw_session_begin(source->session, "repeatable read read only", &err));
    assert_ok(gw_apply_run(applier, source->session, &batch, &done, &err));
    gw_session_rollback(source->session);
}

static bool tell(void *self, const gw_verify_row *row, gw_err *err)
{
    (void)self;
    (void)err;
    gw_buf_addf(&told, "%s%s %s", told.len ? "; " : "", gw_verify_kind_name(row->kind), row->key);
    for (size_t i = 0; i < row->value_count; i++) {
        const gw_verify_value *value = &row->values[i];
        gw_buf_addf(&told, " %s=%s>%s", value->column, value->source ? value->source : "NULL",
                    value->destination ? value->destination : "NULL");
    }
    return true;
}

/* "equal 3/3 missing 1/0": rows of the source, rows of the destination. */
static const char *verify_as(bool whole)
{
    gw_err err = {0};
    gw_snapshot snapshot;
    gw_verified seen;
    int64_t oid = projection.entity->source.oid;
    gw_snapshot_want want = {.relations = &oid, .count = 1};
    gw_verify verify = {.projection = &projection,
                        .source = source->session,
                        .snapshot = &snapshot,
                        .destination = holder,
                        .stage = second,
                        .whole = whole,
                        .fn = tell};
    told = GW_BUF(arena);
    assert_ok(gw_verify_begin(holder, arena, &verify.exported, &err));
    assert_ok(gw_snapshot_open(source->session, arena, &want, &snapshot, &err));
    assert_ok(gw_verify_entity(&verify, arena, &seen, &err));
    gw_session_rollback(source->session);
    gw_session_rollback(holder);
    gw_buf text = GW_BUF(arena);
    for (int i = 0; i < GW_VERIFY_KINDS; i++)
        if (seen.of[i].source || seen.of[i].destination)
            gw_buf_addf(&text, "%s%s %d/%d", text.len ? " " : "", gw_verify_kind_name(i),
                        (int)seen.of[i].source, (int)seen.of[i].destination);
    if (seen.map_lost)
        gw_buf_addf(&text, " lost %d", (int)seen.map_lost);
    for (size_t i = 0; i < seen.reference_count; i++)
        gw_buf_addf(&text, " nowhere %s %d %s", seen.references[i].column,
                    (int)seen.references[i].rows, seen.references[i].example);
    for (size_t i = 0; i < seen.unique_count; i++)
        gw_buf_addf(&text, " twice %s %d", seen.uniques[i].columns, (int)seen.uniques[i].rows);
    return gw_buf_str(&text);
}

static void sees(const char *counts, const char *rows)
{
    assert_string_equal(verify_as(false), counts);
    assert_string_equal(gw_buf_str(&told), rows);
    assert_string_equal(verify_as(true), counts); /* in the order of other batches */
    assert_int_equal(told.len, strlen(rows));
}

/* ---- */

static void what_is_equal(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text, n numeric, f float8, t timestamptz, "
             "j jsonb, e text);"
             "INSERT INTO public.s SELECT i, nullif('t' || i, 't3'), i / 4.0, i, now(), "
             "'{\"b\": 1, \"a\": 2}', '' FROM generate_series(1, 1000) i;"
             "UPDATE public.s SET n = 'NaN', f = '-0' WHERE id = 7");
    run(session, "CREATE TABLE public.d (id bigint PRIMARY KEY, x varchar(10), n numeric, f float8, "
                 "t timestamptz, j jsonb, e text)");
    map("identity: keep\ndeletes: delete\nfields: [{ from: x, to: x }, { from: n, to: n }, "
        "{ from: f, to: f }, { from: t, to: t }, { from: j, to: j }, { from: e, to: e }]\n");
    assert_string_equal(verify_as(false), "new 1000/0");
    assert_string_equal(verify_as(true), "new 1000/0");
    apply();
    sees("equal 1000/1000", "");
    run(session, "SET TimeZone = 'Asia/Kolkata'");
    run(session, "UPDATE public.d SET j = '{\"a\": 2, \"b\": 1}', t = t::text::timestamptz; RESET TimeZone");
    sees("equal 1000/1000", "");
    run(session, "UPDATE public.d SET x = 'other' WHERE id = 2;"
                 "UPDATE public.d SET x = '' WHERE id = 3;"
                 "UPDATE public.d SET e = NULL WHERE id = 4;"
                 "UPDATE public.d SET n = n::numeric(10,5) WHERE id = 6;"
                 "UPDATE public.d SET f = '0' WHERE id = 7;"
                 "DELETE FROM public.d WHERE id = 8;"
                 "INSERT INTO public.d (id) VALUES (2000)");
    sees("equal 994/994 different 5/5 missing 1/0 extra 0/1",
         "different 2 x=t2>other; extra 2000; different 3 x=NULL>; different 4 e=>NULL; "
         "different 6 n=1.5000000000000000>1.50000; different 7 f=-0>0; missing 8");
}

static void what_is_not_there_yet(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id text PRIMARY KEY, x int);"
             "INSERT INTO public.s SELECT 'k' || i, i FROM generate_series(1, 5) i");
    run(session, "CREATE TABLE public.d (id text PRIMARY KEY, x int)");
    map("identity: keep\ndeletes: delete\nfields: [{ from: x, to: x }]\n");
    apply();
    run(old, "INSERT INTO public.s VALUES ('k6', 6); UPDATE public.s SET x = 0 WHERE id = 'k2';"
             "DELETE FROM public.s WHERE id = 'k3'; UPDATE public.s SET id = 'K4' WHERE id = 'k4'");
    run(session, "UPDATE public.d SET x = 9 WHERE id = 'k5'");
    sees("equal 1/1 new 2/0 changed 1/1 deleted 0/2 different 1/1",
         "new K4; changed k2; deleted k3; deleted k4; different k5 x=5>9; new k6");
}

/* A reference to itself is filled when all rows are there. */
#define SECOND_PASS                                                                                \
    "UPDATE public.d SET p = m.modern_id::uuid FROM godwit.migration_mappings m "                  \
    "WHERE m.legacy_id = (legacy - 1)::text AND gone IS NULL; DELETE FROM godwit.sync_later"

static void ids_that_change(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text, p int);"
             "INSERT INTO public.s SELECT i, 'a' || i, nullif(i - 1, 0) FROM generate_series(1, 9) i");
    run(session, "CREATE TABLE public.d (id uuid PRIMARY KEY, legacy int, x text, p uuid, gone "
                 "timestamptz)");
    map("identity: uuid-v7\ndeletes: { soft: gone }\nsensitive: [x]\n"
        "fields: [{ from: id, to: legacy }, { from: x, to: x }, "
        "{ from: p, to: p, reference: a }]\n"
        "rules: [{ rule: unique, field: legacy }]\n");
    apply();
    run(session, SECOND_PASS);
    sees("equal 9/9", "");
    run(old, "DELETE FROM public.s WHERE id = 9");
    apply();
    run(session, SECOND_PASS);
    sees("equal 8/8 marked 0/1", "");
    run(old, "INSERT INTO public.s VALUES (9, 'back', 8)");
    sees("equal 8/8 new 1/1", "new 9");
    run(session, "UPDATE public.d SET x = 'secret' WHERE legacy = 1;"
                 "UPDATE public.d SET gone = '2020-01-01' WHERE legacy = 2;"
                 "INSERT INTO public.d (id, legacy) VALUES "
                 "('00000000-0000-0000-0000-000000000001', 3), "
                 "('00000000-0000-0000-0000-000000000002', NULL);"
                 "UPDATE public.d SET p = '00000000-0000-0000-0000-000000000005' WHERE legacy = 4 "
                 "AND p IS NOT NULL;"
                 "DELETE FROM public.d WHERE legacy = 8");
    const char *counts = verify_as(false);
    assert_string_equal(counts, "equal 4/4 new 1/1 different 3/3 missing 1/0 extra 0/1 duplicate 0/1 "
                                "lost 1 nowhere p 2 00000000-0000-0000-0000-000000000005 twice "
                                "legacy 2");
    assert_non_null(strstr(gw_buf_str(&told), "different 1 x=***>***"));
    assert_non_null(strstr(gw_buf_str(&told), "different 2 gone=NULL>2020-01-01"));
    assert_non_null(strstr(gw_buf_str(&told),
                           "duplicate 00000000-0000-0000-0000-000000000001; extra "
                           "00000000-0000-0000-0000-000000000002"));
    assert_string_equal(verify_as(true), counts);
}

static void what_was_rejected(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text);"
             "INSERT INTO public.s VALUES (1, '1'), (2, 'two'), (3, '3')");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x int)");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    apply();
    sees("equal 2/2 quarantined 1/0", "quarantined 2");
    run(old, "UPDATE public.s SET x = 'three' WHERE id = 3; UPDATE public.s SET x = '2' WHERE id = 2");
    apply();
    sees("equal 2/2 quarantined 1/1", "quarantined 3");
    run(old, "DELETE FROM public.s WHERE id = 1");
    apply();
    /* deletes: ignore is what is not said. */
    assert_string_equal(verify_as(false), "equal 1/1 quarantined 1/1 extra 0/1");
    assert_string_equal(gw_buf_str(&told), "extra 1; quarantined 3");
}

static void a_trigger_of_the_destination(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x text);"
             "INSERT INTO public.s VALUES (1, 'One'), (2, 'two')");
    run(session, "CREATE TABLE public.d (id int PRIMARY KEY, x text);"
                 "CREATE FUNCTION public.low() RETURNS trigger LANGUAGE plpgsql AS "
                 "'BEGIN NEW.x := lower(NEW.x); RETURN NEW; END';"
                 "CREATE TRIGGER low BEFORE INSERT OR UPDATE ON public.d FOR EACH ROW EXECUTE "
                 "FUNCTION public.low()");
    map("identity: keep\nfields: [{ from: x, to: x }]\n");
    apply();
    assert_string_equal(verify_as(false), "equal 2/2");
    assert_string_equal(verify_as(true), "equal 1/1 altered 1/1");
}

static void keys_made_by_an_expression(void **state)
{
    (void)state;
    run(old, "CREATE TABLE public.s (id text PRIMARY KEY, x int);"
             "INSERT INTO public.s VALUES ('A', 1), ('b', 2), ('\"c\" d', 3)");
    run(session, "CREATE TABLE public.d (id text PRIMARY KEY, x int)");
    map("identity: keep\nfields: [{ to: id, sql: lower(id) }, { from: x, to: x }]\n");
    apply();
    sees("equal 3/3", "");
    run(session, "UPDATE public.d SET x = 5 WHERE id = 'a'; INSERT INTO public.d VALUES ('z', 1)");
    assert_string_equal(verify_as(false), "equal 2/2 different 1/1 extra 0/1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_equal, set_up, free_arena),
        cmocka_unit_test_setup_teardown(what_is_not_there_yet, set_up, free_arena),
        cmocka_unit_test_setup_teardown(ids_that_change, set_up, free_arena),
        cmocka_unit_test_setup_teardown(what_was_rejected, set_up, free_arena),
        cmocka_unit_test_setup_teardown(a_trigger_of_the_destination, set_up, free_arena),
        cmocka_unit_test_setup_teardown(keys_made_by_an_expression, set_up, free_arena),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
