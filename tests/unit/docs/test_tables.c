/* What pages and pictures ask of a schema: files' names, keys, references. */
#include "../schema/made.h"
#include "docs/tables.h"

static gw_docs_tables tables_of(gw_schema *schema)
{
    gw_docs_tables tables = {0};
    gw_docs_tables_of(schema->arena, schema, &tables);
    return tables;
}

static void files_differ_in_more_than_case(void **state)
{
    gw_schema *schema = *state;
    const gw_object *a = made_table(schema, "public", "Users"),
                    *b = made_table(schema, "public", "users"),
                    *c = made_table(schema, "public", "USERS");
    gw_docs_tables tables = tables_of(schema);
    assert_string_equal(gw_docs_slug(&tables, a), "public.Users");
    assert_string_equal(gw_docs_slug(&tables, b), "public.users~2");
    assert_string_equal(gw_docs_slug(&tables, c), "public.USERS~3");
}

static void files_have_no_signs_that_a_path_or_an_address_reads(void **state)
{
    gw_schema *schema = *state;
    gw_object *odd = made_table(schema, "a/b", "..\\c d?#%&é");
    gw_docs_tables tables = tables_of(schema);
    assert_string_equal(gw_docs_slug(&tables, odd), "a~2fb...~5cc~20d~3f~23~25~26~c3~a9");
    char *name = gw_alloc(schema->arena, 400);
    memset(name, 'x', 399);
    const gw_object *lengthy = made_table(schema, "s", name);
    tables = tables_of(schema);
    assert_true(strlen(gw_docs_slug(&tables, lengthy)) < 130);
    /* what is no page has no file */
    const gw_object *column = made_column(schema, odd, "c", "integer", false);
    tables = tables_of(schema);
    assert_null(gw_docs_slug(&tables, column));
}

static void the_names_of_a_key(void **state)
{
    gw_schema *schema = *state;
    gw_object *t = made_table(schema, "public", "t");
    gw_object *key = made_constraint(schema, t, "k", "p",
                                     "PRIMARY KEY (a, \"b, \"\"c\"\" (d)\", \"E\") INCLUDE (f)");
    gw_docs_names names = gw_docs_key_columns(schema->arena, key);
    assert_int_equal(names.len, 3);
    assert_string_equal(names.items[0], "a");
    assert_string_equal(names.items[1], "b, \"c\" (d)");
    assert_string_equal(names.items[2], "E");
    gw_object *other = made_column(schema, t, "f", "text", false);
    gw_object *a = made_column(schema, t, "a", "text", true);
    assert_true(gw_docs_in_key(schema->arena, a, 'p'));
    assert_false(gw_docs_in_key(schema->arena, a, 'f'));
    assert_false(gw_docs_in_key(schema->arena, other, 'p'));
    gw_object *none = made_constraint(schema, t, "n", "c", "CHECK");
    assert_int_equal(gw_docs_key_columns(schema->arena, none).len, 0);
}

static void references(void **state)
{
    gw_schema *schema = *state;
    gw_object *users = made_table(schema, "public", "users");
    gw_object *orders = made_table(schema, "shop", "orders");
    made_column(schema, users, "id", "bigint", true);
    made_column(schema, users, "above", "bigint", false);
    made_column(schema, orders, "user_id", "bigint", true);
    made_column(schema, orders, "n", "integer", true);
    gw_object *key = made_constraint(schema, users, "users_pkey", "p", "PRIMARY KEY (id)");
    made_constraint(schema, orders, "one", "u", "UNIQUE (user_id)");
    gw_object *self = made_constraint(schema, users, "self", "f",
                                      "FOREIGN KEY (above) REFERENCES public.users(id)");
    made_need(schema, self, key);
    gw_object *to = made_constraint(schema, orders, "to_users", "f",
                                    "FOREIGN KEY (user_id) REFERENCES public.users(id)");
    made_need(schema, to, key);
    gw_object *both = made_constraint(schema, orders, "both", "f",
                                      "FOREIGN KEY (user_id, n) REFERENCES public.users(id, n)");
    made_need(schema, both, users);
    gw_docs_tables tables = tables_of(schema);
    assert_int_equal(tables.references.len, 3);
    const gw_docs_reference *r = tables.references.items;
    assert_ptr_equal(r[0].from, users);
    assert_ptr_equal(r[0].to, users);
    assert_true(r[0].optional && !r[0].unique);
    assert_ptr_equal(r[1].from, orders);
    assert_ptr_equal(r[1].to, users);
    assert_true(!r[1].optional && r[1].unique);
    assert_true(!r[2].unique);
    assert_int_equal(tables.schemas.len, 2);
    assert_string_equal(tables.schemas.items[1], "shop");
}

static void partitions_are_part_of_their_table(void **state)
{
    gw_schema *schema = *state;
    gw_object *whole = made_table(schema, "public", "whole");
    gw_object *part = made_table(schema, "public", "part");
    made(schema, "partition", part, NULL, "part", "of_table", "public.whole", NULL);
    gw_object *f = made_constraint(schema, part, "f", "f", "FOREIGN KEY (a) REFERENCES whole(a)");
    made_need(schema, f, whole);
    gw_docs_tables tables = tables_of(schema);
    assert_int_equal(tables.items.len, 1);
    assert_int_equal(tables.references.len, 0);
    assert_null(gw_docs_slug(&tables, part));
}

static void texts_and_sizes(void **state)
{
    gw_schema *schema = *state;
    gw_buf buf = GW_BUF(schema->arena);
    gw_html(&buf, "<a href=\"x\">&amp;</a> 'é'");
    assert_string_equal(gw_buf_str(&buf), "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt; 'é'");
    gw_html(&buf, NULL);
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},         {1023, "1023 bytes"},      {1024, "1.0 kB"},
                 {10240, "10 kB"},       {1572864, "1.5 MB"},       {INT64_C(1) << 40, "1.0 TB"},
                 {INT64_C(1) << 52, "4096 TB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(gw_docs_bytes(schema->arena, cases[i].bytes), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(files_differ_in_more_than_case),
        with_schema(files_have_no_signs_that_a_path_or_an_address_reads),
        with_schema(the_names_of_a_key),
        with_schema(references),
        with_schema(partitions_are_part_of_their_table),
        with_schema(texts_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
