#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sql/tree.h"

static const gw_node *parse(gw_arena *arena, const char *text)
{
    gw_err err = {0};
    const gw_node *tree = gw_tree_parse(arena, text, strlen(text), &err);
    assert_non_null(tree);
    return tree;
}

static void nodes_have_their_types(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    const gw_node *tree = parse(arena, "CREATE TABLE a.\"B c\" (id varchar(20) DEFAULT '', n int)");
    assert_true(gw_node_is(tree, "CreateStmt"));
    const gw_node *relation = gw_node_get(tree, "relation");
    assert_true(gw_node_is(relation, "RangeVar"));
    assert_string_equal(gw_node_text(relation, "schemaname"), "a");
    assert_string_equal(gw_node_text(relation, "relname"), "B c");
    assert_int_equal(relation->location, 13);
    const gw_node *columns = gw_node_get(tree, "tableElts");
    assert_int_equal(gw_node_count(columns), 2);
    const gw_node *id = gw_node_at(columns, 0);
    assert_true(gw_node_is(id, "ColumnDef"));
    assert_ptr_equal(id->parent, columns);
    assert_true(gw_node_is(gw_node_get(id, "typeName"), "TypeName"));
    const char *schema, *name;
    gw_node_names(gw_node_get(gw_node_get(id, "typeName"), "names"), &schema, &name);
    assert_string_equal(schema, "pg_catalog");
    assert_string_equal(name, "varchar");
    const gw_node *constraint = gw_node_at(gw_node_get(id, "constraints"), 0);
    assert_true(gw_node_says(constraint, "contype", "CONSTR_DEFAULT"));
    assert_string_equal(gw_node_string(gw_node_get(constraint, "raw_expr")), "");
    assert_null(gw_node_at(columns, 2));
    assert_null(gw_node_get(NULL, "x"));
    assert_int_equal(gw_node_number(id, "nothing", 7), 7);
    gw_arena_free(arena);
}

static void integers_below_one_are_there(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    const gw_node *tree =
        parse(arena, "CREATE TABLE a PARTITION OF é FOR VALUES IN (0, -1, - 20, 7, NULL, '0', 0.5)");
    const gw_node *values = gw_node_get(gw_node_get(tree, "partbound"), "listdatums");
    static const int64_t expected[] = {0, -1, -20, 7};
    for (size_t i = 0; i < 4; i++) {
        const gw_node *number = gw_node_get(gw_node_get(gw_node_at(values, i), "ival"), "ival");
        assert_non_null(number);
        assert_int_equal(number->number, expected[i]);
    }
    for (size_t i = 4; i < 7; i++)
        assert_null(gw_node_get(gw_node_at(values, i), "ival"));
    gw_arena_free(arena);
}

static void texts_come_as_they_are(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    const gw_node *tree =
        parse(arena, "COMMENT ON TABLE t IS E'a \"b\" \\\\ c\n\t \\u00e9 \\u20ac <>& \xf0\x9f\x90\xa6'");
    assert_string_equal(gw_node_text(tree, "comment"),
                        "a \"b\" \\ c\n\t \xc3\xa9 \xe2\x82\xac <>& \xf0\x9f\x90\xa6");
    gw_arena_free(arena);
}

static bool count_columns(void *self, const gw_node *node)
{
    *(int *)self += gw_node_is(node, "ColumnRef");
    return !gw_node_is(node, "SubLink");
}

static void a_walk_may_leave_out(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    int count = 0;
    gw_node_walk(parse(arena, "SELECT a, b + c FROM t WHERE d IN (SELECT e FROM u)"), count_columns,
                 &count);
    assert_int_equal(count, 3);
    gw_arena_free(arena);
}

static void what_does_not_parse_is_an_error(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    assert_null(gw_tree_parse(arena, "SELEC 1", 7, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    assert_int_equal(err.position, 1);
    gw_err_clear(&err);
    gw_buf longer = GW_BUF(arena);
    while (longer.len <= GW_TREE_LONGEST)
        gw_buf_add(&longer, "SELECT 1 + ");
    assert_null(gw_tree_parse(arena, longer.data, longer.len, &err));
    gw_err_clear(&err);
    assert_null(gw_tree_parse(arena, "", 0, &err));
    gw_err_clear(&err);
    /* PostgreSQL's scanner goes on behind the comment, libpg_query's does not. */
    assert_non_null(gw_tree_parse(arena, "SELECT 'a' -- b\n 'c'", 20, &err));
    gw_arena_free(arena);
}

static void deep_nesting_is_survived(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_buf text = GW_BUF(arena);
    gw_err err = {0};
    gw_buf_add(&text, "SELECT ");
    for (int i = 0; i < 1500; i++)
        gw_buf_add(&text, "1+(");
    gw_buf_add(&text, "1");
    for (int i = 0; i < 1500; i++)
        gw_buf_add(&text, ")");
    gw_tree_parse(arena, text.data, text.len, &err); /* read or refused */
    gw_err_clear(&err);
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_have_their_types),
        cmocka_unit_test(integers_below_one_are_there),
        cmocka_unit_test(texts_come_as_they_are),
        cmocka_unit_test(a_walk_may_leave_out),
        cmocka_unit_test(what_does_not_parse_is_an_error),
        cmocka_unit_test(deep_nesting_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
