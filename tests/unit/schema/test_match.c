#include "build.h"

#include "schema/match.h"

static gw_match *match(gw_arena *arena, const gw_schema *x, const gw_schema *y)
{
    static const gw_ddl_options options = {.runner = "postgres"};
    return gw_match_make(arena, x, y, &options);
}

static void says_what_becomes_of_each(void **state)
{
    gw_schema *x = gw_schema_new(*state, 150000), *y = gw_schema_new(*state, 150000);
    gw_object *tx = table(x, "t"), *ty = table(y, "t"), *gone = table(x, "gone");
    gw_object *come = table(y, "come");
    column(x, tx, "a", "integer");
    column(y, ty, "a", "bigint");
    gw_object *stays = column(x, tx, "b", "text");
    column(y, ty, "b", "text");
    gw_match *m = match(*state, x, y);
    assert_int_equal(m->of_x[tx->index]->fate, GW_STAYS);
    assert_int_equal(m->of_x[tx->children.items[0].object->index]->fate, GW_ALTERED);
    assert_int_equal(m->of_x[stays->index]->fate, GW_STAYS);
    assert_int_equal(m->of_x[gone->index]->fate, GW_DROPPED);
    assert_int_equal(m->of_y[come->index]->fate, GW_CREATED);
}

static void rebuilds_what_looks_at_a_retyped_column(void **state)
{
    gw_schema *schemas[2];
    gw_object *views[2], *second[2];
    for (int i = 0; i < 2; i++) {
        gw_schema *s = schemas[i] = gw_schema_new(*state, 150000);
        gw_object *t = table(s, "t"), *a = column(s, t, "a", i ? "bigint" : "integer");
        views[i] = view(s, "v", "SELECT a FROM s.t");
        second[i] = view(s, "w", "SELECT 1");
        need(s, views[i], a, 'n');
    }
    gw_match *m = match(*state, schemas[0], schemas[1]);
    const gw_pair *pair = m->of_x[views[0]->index];
    assert_int_equal(pair->fate, GW_REBUILT);
    assert_true(pair->because);
    assert_int_equal(m->of_x[second[0]->index]->fate, GW_STAYS);
}

/* A label goes: with a column of the type the old one is set aside and the column moved over. */
static void sets_a_stored_type_aside(void **state)
{
    for (int stored = 0; stored < 2; stored++) {
        gw_schema *schemas[2];
        gw_object *types[2], *a = NULL;
        for (int i = 0; i < 2; i++) {
            gw_schema *s = schemas[i] = gw_schema_new(*state, 150000);
            types[i] = add(s, &gw_kind_enum, NULL, "e");
            set(types[i], "labels", i ? "'b'" : "'a', 'b'");
            gw_object *t = table(s, "t"), *c = column(s, t, "a", stored ? "s.e" : "text");
            if (stored)
                need(s, c, types[i], 'n');
            a = i ? a : c;
        }
        gw_match *m = match(*state, schemas[0], schemas[1]);
        assert_int_equal(m->of_x[types[0]->index]->fate, stored ? GW_ASIDE : GW_REBUILT);
        assert_int_equal(m->of_x[a->index]->fate, stored ? GW_ALTERED : GW_STAYS);
    }
}

/* A partitioned table cannot change its key's column; its partition is detached and stays. */
static void takes_the_table_of_a_key(void **state)
{
    gw_schema *schemas[2];
    gw_object *parents[2], *leaves[2], *parts[2], *below[2];
    for (int i = 0; i < 2; i++) {
        gw_schema *s = schemas[i] = gw_schema_new(*state, 150000);
        const char *type = i ? "bigint" : "integer";
        parents[i] = table(s, "p");
        set(parents[i], "sort", "p");
        set(parents[i], "partition_key", "LIST (a)");
        column(s, parents[i], "a", type);
        leaves[i] = table(s, "leaf");
        below[i] = column(s, leaves[i], "a", type);
        set(below[i], "inherited", "t");
        set(below[i], "local", "f");
        parts[i] = part(s, &gw_kind_partition, leaves[i], "partition");
        set(parts[i], "of_table", "s.p");
        set(parts[i], "bound", "DEFAULT");
        need(s, parts[i], parents[i], 'a');
    }
    gw_match *m = match(*state, schemas[0], schemas[1]);
    assert_int_equal(m->of_x[parents[0]->index]->fate, GW_REBUILT);
    assert_int_equal(m->of_x[parts[0]->index]->fate, GW_REBUILT);
    assert_int_equal(m->of_x[leaves[0]->index]->fate, GW_STAYS);
    assert_int_equal(m->of_x[below[0]->index]->fate, GW_ALTERED);
    gw_schema_plan *plan = plan_of(*state, schemas[0], schemas[1]);
    assert_order(plan, "ALTER TABLE s.p DETACH PARTITION s.leaf", "DROP TABLE s.p");
    assert_order(plan, "ALTER TABLE s.p DETACH", "ALTER TABLE s.leaf ALTER COLUMN a TYPE bigint");
    assert_order(plan, "ALTER TABLE s.leaf ALTER COLUMN a",
                 "ALTER TABLE s.p ATTACH PARTITION s.leaf");
    assert_order(plan, "CREATE TABLE s.p", "ALTER TABLE s.p ATTACH");
    assert_int_equal(place(plan, "CREATE TABLE s.p__rows"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(says_what_becomes_of_each),
        with_arena(rebuilds_what_looks_at_a_retyped_column),
        with_arena(sets_a_stored_type_aside),
        with_arena(takes_the_table_of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
