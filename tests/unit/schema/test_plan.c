#include "build.h"

static void orders_by_need(void **state)
{
    gw_schema *x = gw_schema_new(*state, 150000), *y = gw_schema_new(*state, 150000);
    /* names and places that would give the other order */
    gw_object *v = view(y, "a", "SELECT a FROM s.b"), *w = view(y, "b", "SELECT a FROM s.z");
    gw_object *z = table(y, "z"), *type = add(y, &gw_kind_enum, NULL, "zz");
    gw_object *a = column(y, z, "a", "s.zz");
    set(type, "labels", "'a'");
    need(y, a, type, 'n');
    need(y, v, w, 'n');
    need(y, w, a, 'n');
    gw_schema_plan *plan = plan_of(*state, x, y);
    assert_int_equal(plan->statements.len, 4);
    assert_order(plan, "CREATE TYPE s.zz", "CREATE TABLE s.z");
    assert_order(plan, "CREATE TABLE s.z", "CREATE OR REPLACE VIEW s.b");
    assert_order(plan, "CREATE OR REPLACE VIEW s.b", "CREATE OR REPLACE VIEW s.a");
    plan = plan_of(*state, y, x);
    assert_int_equal(plan->statements.len, 4);
    assert_order(plan, "DROP VIEW s.a", "DROP VIEW s.b");
    assert_order(plan, "DROP VIEW s.b", "DROP TABLE s.z");
    assert_order(plan, "DROP TABLE s.z", "DROP TYPE s.zz");
    plan = plan_of(*state, y, y);
    assert_int_equal(plan->statements.len, 0);
    assert_true(plan->equal);
}

static void breaks_a_ring_of_foreign_keys(void **state)
{
    gw_schema *x = gw_schema_new(*state, 150000), *y = gw_schema_new(*state, 150000);
    gw_object *one = table(y, "one"), *two = table(y, "two");
    column(y, one, "a", "integer");
    column(y, two, "a", "integer");
    foreign_key(y, one, two);
    foreign_key(y, two, one);
    gw_schema_plan *plan = plan_of(*state, x, y);
    assert_int_equal(plan->notes.len, 0);
    assert_order(plan, "CREATE TABLE s.one", "ALTER TABLE s.one ADD CONSTRAINT fk");
    assert_order(plan, "CREATE TABLE s.two", "ALTER TABLE s.one ADD CONSTRAINT fk");
    assert_order(plan, "CREATE TABLE s.one", "ALTER TABLE s.two ADD CONSTRAINT fk");
    plan = plan_of(*state, y, x);
    assert_int_equal(plan->notes.len, 0);
    assert_order(plan, "ALTER TABLE s.one DROP CONSTRAINT fk", "DROP TABLE s.one");
    assert_order(plan, "ALTER TABLE s.one DROP CONSTRAINT fk", "DROP TABLE s.two");
}

static void breaks_a_ring_of_views(void **state)
{
    gw_schema *x = gw_schema_new(*state, 150000), *y = gw_schema_new(*state, 150000);
    gw_object *one = view(y, "one", "SELECT a FROM s.two");
    gw_object *two = view(y, "two", "SELECT a FROM s.one");
    column(y, one, "a", "integer");
    column(y, two, "a", "integer");
    need(y, one, two, 'n');
    need(y, two, one, 'n');
    gw_schema_plan *plan = plan_of(*state, x, y);
    assert_int_equal(plan->notes.len, 0);
    /* One of them first as its columns, the other whole, the first once more. */
    assert_order(plan, "CREATE OR REPLACE VIEW s.one AS SELECT NULL::integer AS a",
                 "CREATE OR REPLACE VIEW s.two AS\nSELECT a FROM s.one");
    assert_order(plan, "CREATE OR REPLACE VIEW s.two AS\nSELECT a FROM s.one",
                 "CREATE OR REPLACE VIEW s.one AS\nSELECT a FROM s.two");
    assert_int_equal(plan->statements.len, 3);
}

/* Nothing breaks this one; it is said, and every object is still there. */
static void names_a_ring_that_stays(void **state)
{
    gw_schema *x = gw_schema_new(*state, 150000), *y = gw_schema_new(*state, 150000);
    gw_object *one = add(y, &gw_kind_enum, NULL, "one"), *two = add(y, &gw_kind_enum, NULL, "two");
    need(y, one, two, 'n');
    need(y, two, one, 'n');
    gw_schema_plan *plan = plan_of(*state, x, y);
    assert_int_equal(plan->notes.len, 1);
    assert_non_null(strstr(plan->notes.items[0], "enum s.one"));
    assert_int_equal(plan->statements.len, 2);
}

/* The type of a typed table is another one: its rows are held while both are made anew. */
static void holds_the_rows_of_what_is_made_anew(void **state)
{
    gw_schema *schemas[2];
    for (int i = 0; i < 2; i++) {
        gw_schema *s = schemas[i] = gw_schema_new(*state, 150000);
        gw_object *t = table(s, "t");
        column(s, t, "a", i ? "bigint" : "integer");
        if (i)
            column(s, t, "b", "text");
        else
            column(s, t, "gone", "text");
        gw_object *part_of_key = column(s, t, "k", "integer");
        set(part_of_key, "not_null", "t");
        view(s, "v", "SELECT k FROM s.t");
        need(s, s->objects.items[s->objects.len - 1], part_of_key, 'n');
        if (i) { /* it becomes partitioned: nothing alters that */
            set(t, "sort", "p");
            set(t, "partition_key", "LIST (k)");
        }
    }
    gw_schema_plan *plan = plan_of(*state, schemas[0], schemas[1]);
    assert_order(plan, "DROP VIEW s.v", "DROP TABLE s.t");
    assert_order(plan, "CREATE TABLE s.t__rows AS SELECT a::text COLLATE pg_catalog.\"C\" AS a, k "
                       "FROM ONLY s.t",
                 "DROP TABLE s.t");
    assert_order(plan, "CREATE TABLE s.t (", "INSERT INTO s.t (a, k) OVERRIDING SYSTEM VALUE "
                                             "SELECT a::bigint, k FROM s.t__rows");
    assert_order(plan, "INSERT INTO s.t", "DROP TABLE s.t__rows");
    assert_order(plan, "INSERT INTO s.t", "CREATE OR REPLACE VIEW s.v");
    for (size_t i = 0; i < plan->changes.len; i++) {
        const gw_change *change = &plan->changes.items[i];
        assert_int_equal(change->loses, change->x && strcmp(change->x->name, "gone") == 0);
    }
}

static void keeps_transactions_together(void **state)
{
    static const gw_ddl_statement list[] = {
        {.sql = "a"}, {.sql = "b", .flags = GW_DDL_OWN_TX}, {.sql = "c", .flags = GW_DDL_OWN_TX},
        {.sql = "d"}, {.sql = "e", .flags = GW_DDL_NO_TX},  {.sql = "f"}, {.sql = "g"},
    };
    gw_plan_blocks blocks;
    gw_plan_blocks_of(*state, list, 7, &blocks);
    static const gw_plan_block expected[] = {
        {0, 3, true}, {3, 1, true}, {4, 1, false}, {5, 2, true}};
    assert_int_equal(blocks.len, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(blocks.items[i].first, expected[i].first);
        assert_int_equal(blocks.items[i].count, expected[i].count);
        assert_int_equal(blocks.items[i].transaction, expected[i].transaction);
    }
    assert_string_equal(gw_ddl_text(*state, list, 7),
                        "BEGIN;\na;\nb;\nc;\nCOMMIT;\nd;\n-- outside a transaction\ne;\n"
                        "BEGIN;\nf;\ng;\nCOMMIT;\n");
    assert_string_equal(gw_ddl_text(*state, list, 1), "a;\n");
    assert_string_equal(gw_ddl_text(*state, list, 0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(orders_by_need),
        with_arena(breaks_a_ring_of_foreign_keys),
        with_arena(breaks_a_ring_of_views),
        with_arena(names_a_ring_that_stays),
        with_arena(holds_the_rows_of_what_is_made_anew),
        with_arena(keeps_transactions_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
