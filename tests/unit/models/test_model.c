/* A schema as the languages see it: types, what an insert may leave out, enums, names. */
#include "../schema/made.h"
#include "models/model.h"

static gw_model_column *only_column(gw_model *model)
{
    assert_int_equal(model->table_count, 1);
    assert_int_equal(model->tables[0].count, 1);
    return &model->tables[0].columns[0];
}

typedef struct typed {
    const char *sql;
    gw_type type;
    int dimensions;
    long length;
} typed;

static void types(void **state)
{
    gw_schema *schema = *state;
    static const typed cases[] = {
        {"boolean", GW_TYPE_BOOL, 0, 0},
        {"smallint", GW_TYPE_INT2, 0, 0},
        {"integer", GW_TYPE_INT4, 0, 0},
        {"bigint", GW_TYPE_INT8, 0, 0},
        {"numeric(10,2)", GW_TYPE_NUMERIC, 0, 0},
        {"numeric(10,2)[][]", GW_TYPE_NUMERIC, 2, 0},
        {"character varying(20)", GW_TYPE_TEXT, 0, 20},
        {"character(3)", GW_TYPE_TEXT, 0, 3},
        {"character varying", GW_TYPE_TEXT, 0, 0},
        {"text", GW_TYPE_TEXT, 0, 0},
        {"timestamp(3) with time zone", GW_TYPE_TIMESTAMPTZ, 0, 0},
        {"timestamp without time zone", GW_TYPE_TIMESTAMP, 0, 0},
        {"time(6) without time zone", GW_TYPE_TIME, 0, 0},
        {"jsonb", GW_TYPE_JSON, 0, 0},
        {"bytea", GW_TYPE_BYTES, 0, 0},
        {"uuid[]", GW_TYPE_UUID, 1, 0},
        {"inet", GW_TYPE_TEXT, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gw_schema *one = made_schema(schema->arena);
        made_column(one, made_table(one, "public", "t"), "c", cases[i].sql, true);
        const gw_model_column *c = only_column(gw_model_of(one->arena, one, NULL));
        assert_string_equal(c->sql_type, cases[i].sql);
        assert_int_equal(c->type, cases[i].type);
        assert_int_equal(c->dimensions, cases[i].dimensions);
        assert_int_equal(c->length, cases[i].length);
    }
}

static void what_an_insert_may_leave_out(void **state)
{
    gw_schema *schema = *state;
    gw_object *t = made_table(schema, "public", "t");
    made_column(schema, t, "must", "integer", true);
    made_column(schema, t, "may", "integer", false);
    made_column(schema, t, "filled", "integer", true);
    made(schema, "default", t, NULL, "filled", "expression", "1", NULL);
    made_value(made_column(schema, t, "always", "integer", true), "identity", "a");
    made_value(made_column(schema, t, "by_default", "integer", true), "identity", "d");
    made_value(made_column(schema, t, "computed", "integer", false), "generated", "s");
    gw_model *model = gw_model_of(schema->arena, schema, NULL);
    const gw_model_table *table = &model->tables[0];
    static const struct {
        const char *name;
        bool optional, generated;
    } expected[] = {{"must", false, false}, {"may", true, false},       {"filled", true, false},
                    {"always", true, true}, {"by_default", true, false}, {"computed", true, true}};
    assert_int_equal(table->count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(table->columns[i].name, expected[i].name);
        assert_int_equal(table->columns[i].optional, expected[i].optional);
        assert_int_equal(table->columns[i].generated, expected[i].generated);
    }
}

static void through_domains_to_what_is_behind(void **state)
{
    gw_schema *schema = *state;
    gw_object *inner = made(schema, "domain", NULL, "public", "inner", "type",
                            "character varying(9)", "not_null", "t", NULL);
    made(schema, "domain default", inner, NULL, "inner", "expression", "'x'", NULL);
    gw_object *outer = made(schema, "domain", NULL, "public", "outer", "type", "public.inner[]",
                            "not_null", "f", NULL);
    made_need(schema, outer, inner);
    gw_object *t = made_table(schema, "public", "t");
    gw_object *c = made_column(schema, t, "c", "public.\"outer\"", false);
    made_need(schema, c, outer);
    const gw_model_column *column = only_column(gw_model_of(schema->arena, schema, NULL));
    assert_int_equal(column->type, GW_TYPE_TEXT);
    assert_int_equal(column->length, 9);
    assert_int_equal(column->dimensions, 1);
    assert_false(column->nullable);
    assert_true(column->has_default && column->optional);
}

static void domains_without_an_end_are_given_up(void **state)
{
    gw_schema *schema = *state;
    gw_object *loop = made(schema, "domain", NULL, "public", "loop", "type", "public.loop", NULL);
    made_need(schema, loop, loop);
    gw_object *c = made_column(schema, made_table(schema, "public", "t"), "c", "public.loop", false);
    made_need(schema, c, loop);
    assert_int_equal(only_column(gw_model_of(schema->arena, schema, NULL))->type, GW_TYPE_TEXT);
}

static void enums(void **state)
{
    gw_schema *schema = *state;
    gw_object *mood = made(schema, "enum", NULL, "public", "mood", "labels",
                           "'a', 'it''s', 'x, y', E'back\\\\slash', ''", NULL);
    gw_object *c = made_column(schema, made_table(schema, "public", "t"), "c", "public.mood[]", true);
    made_need(schema, c, mood);
    gw_model *model = gw_model_of(schema->arena, schema, NULL);
    assert_int_equal(model->enum_count, 1);
    const gw_model_enum *e = &model->enums[0];
    static const char *const labels[] = {"a", "it's", "x, y", "back\\slash", ""};
    assert_int_equal(e->count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(e->labels[i], labels[i]);
    const gw_model_column *column = only_column(model);
    assert_int_equal(column->type, GW_TYPE_ENUM);
    assert_ptr_equal(column->labels, e);
    assert_int_equal(column->dimensions, 1);
}

static void names_are_unique_over_types_and_what_is_made_of_them(void **state)
{
    gw_schema *schema = *state;
    made_table(schema, "public", "user");
    made_table(schema, "public", "User");
    made_table(schema, "public", "user_insert");
    made_table(schema, "other", "user");
    made_table(schema, "public", "date");
    gw_model *model = gw_model_of(schema->arena, schema, NULL);
    assert_int_equal(model->table_count, 5);
    for (size_t i = 0; i < model->table_count; i++)
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(model->tables[i].type_name, model->tables[k].type_name);
            assert_string_not_equal(model->tables[i].c_name, model->tables[k].c_name);
        }
    assert_string_equal(model->tables[0].type_name, "User");
    assert_string_not_equal(model->tables[2].type_name, "UserInsert");
    assert_string_equal(model->tables[3].type_name, "OtherUser");
    assert_string_not_equal(model->tables[4].type_name, "Date"); /* the language's own */
}

static void what_is_left_out(void **state)
{
    gw_schema *schema = *state;
    made_table(schema, "public", "whole");
    gw_object *part = made_table(schema, "public", "part");
    made(schema, "partition", part, NULL, "part", "of_table", "public.whole", NULL);
    made_table(schema, "other", "t");
    gw_model *model = gw_model_of(schema->arena, schema, NULL);
    assert_int_equal(model->table_count, 2);
    model = gw_model_of(schema->arena, schema, (const char *const[]){"other", NULL});
    assert_int_equal(model->table_count, 1);
    assert_string_equal(model->tables[0].name, "t");
}

static void every_language_says_the_same_again(void **state)
{
    gw_schema *schema = *state;
    gw_object *t = made_table(schema, "public", "order items");
    t->comment = "*/ ends \\\nnothing";
    made_column(schema, t, "class", "character varying(5)", true);
    made(schema, "enum", NULL, "public", "mood", "labels", "'a'", NULL);
    for (size_t i = 0; gw_models_languages[i]; i++) {
        gw_models_options options = {.language = gw_models_languages[i]};
        char *once = NULL, *again = NULL;
        gw_err err = {0};
        assert_true(gw_models_render(schema->arena, schema, &options, &once, &err));
        assert_true(gw_models_render(schema->arena, schema, &options, &again, &err));
        assert_string_equal(once, again);
        assert_holds(once, i < 2 || i == 3 ? "OrderItems" : "order_items");
    }
}

static void an_unknown_language_is_told_those_that_are_known(void **state)
{
    gw_schema *schema = *state;
    gw_models_options options = {.language = "cobol"};
    char *text = NULL;
    gw_err err = {0};
    assert_false(gw_models_render(schema->arena, schema, &options, &text, &err));
    assert_int_equal(err.kind, GW_ERR_USAGE);
    assert_null(text);
    for (size_t i = 0; gw_models_languages[i]; i++)
        assert_holds(err.hint, gw_models_languages[i]);
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(types),
        with_schema(what_an_insert_may_leave_out),
        with_schema(through_domains_to_what_is_behind),
        with_schema(domains_without_an_end_are_given_up),
        with_schema(enums),
        with_schema(names_are_unique_over_types_and_what_is_made_of_them),
        with_schema(what_is_left_out),
        with_schema(every_language_says_the_same_again),
        with_schema(an_unknown_language_is_told_those_that_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
