/* Names and texts of the database as names and texts of a language. */
#include "../schema/made.h"
#include "models/model.h"

typedef struct spelt {
    const char *name, *pascal, *snake;
} spelt;

static void names_of_types(void **state)
{
    gw_arena *arena = ((gw_schema *)*state)->arena;
    static const spelt cases[] = {
        {"order_items", "OrderItems", "order_items"},
        {"OrderItems", "OrderItems", "order_items"},
        {"with space-and.dot", "WithSpaceAndDot", "with_space_and_dot"},
        {"1st", "T1st", "_1st"},
        {"é", "Tc3a9", "c3a9"},
        {"aB2C", "AB2C", "a_b2_c"},
        {"ABC", "ABC", "abc"},
        {"", "Unnamed", "unnamed"},
        {"---", "Unnamed", "_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(gw_pascal_case(arena, cases[i].name), cases[i].pascal);
        assert_string_equal(gw_snake_case(arena, cases[i].name), cases[i].snake);
    }
}

static void identifiers(void **state)
{
    (void)state;
    static const char *const reserved[] = {"class", "fn", NULL};
    assert_true(gw_plain_name("a_1", reserved));
    assert_true(gw_plain_name("Class", reserved));
    assert_true(gw_plain_name("class", NULL));
    static const char *const refused[] = {"", "1a", "a b", "a-b", "é", "class", "fn"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(gw_plain_name(refused[i], reserved));
}

static void fields_of_a_table_differ(void **state)
{
    gw_arena *arena = ((gw_schema *)*state)->arena;
    gw_model_column columns[] = {{.name = "a b"}, {.name = "a_b"}, {.name = "aB"}, {.name = "class"},
                                 {.name = "class_"}};
    gw_model_table table = {.columns = columns, .count = 5};
    const char **names = gw_field_names(arena, &table, (const char *const[]){"class", NULL});
    static const char *const expected[] = {"a_b", "a_b2", "a_b3", "class_", "class_2"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names[i], expected[i]);
}

static void texts(void **state)
{
    gw_arena *arena = ((gw_schema *)*state)->arena;
    gw_buf buf = GW_BUF(arena);
    gw_buf_add_quoted(&buf, "a \"b\" \\ \n\r\t\001\177 é");
    assert_string_equal(gw_buf_str(&buf), "\"a \\\"b\\\" \\\\ \\n\\r\\t?? é\"");
}

static const char *comment(gw_arena *arena, const char *text)
{
    gw_buf buf = GW_BUF(arena);
    gw_buf_add_comment(&buf, "// ", text);
    return gw_buf_str(&buf);
}

static void comments_end_nothing_and_join_nothing(void **state)
{
    gw_arena *arena = ((gw_schema *)*state)->arena;
    assert_string_equal(comment(arena, NULL), "");
    assert_string_equal(comment(arena, "one\ntwo"), "// one\n// two\n");
    assert_null(strstr(comment(arena, "ends */ here"), "*/"));
    /* a backslash before the end of a line makes the next one part of a // comment in C */
    assert_null(strstr(comment(arena, "a \\\nb"), "\\\n"));
    assert_null(strstr(comment(arena, "a \\ \t\nb"), "\\"));
    assert_null(strstr(comment(arena, "a \\\\"), "\\"));
    assert_holds(comment(arena, "C:\\dir is kept"), "C:\\dir");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_schema(names_of_types), with_schema(identifiers), with_schema(fields_of_a_table_differ),
        with_schema(texts),          with_schema(comments_end_nothing_and_join_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
