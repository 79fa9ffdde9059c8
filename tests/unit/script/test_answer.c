/* The reader of what a worker answers: it believes nothing. */
#include "unit.h"

#include "script/internal.h"

static const uint16_t units[] = {'a', 'b', 0xd83d, 0xde00, 'c'};

static bool read_answer(void **state, const int32_t *lens, const int32_t *cells, size_t rows,
                        size_t outputs, size_t unit_count, gw_script_field *fields,
                        gw_answer_rejects *rejects)
{
    gw_answer answer = {.rows = rows, .outputs = outputs, .lens = lens, .cells = cells,
                        .units = units, .unit_count = unit_count};
    *rejects = (gw_answer_rejects){0};
    return gw_answer_read(*state, &answer, fields, rejects);
}

static void test_honest(void **state)
{
    gw_script_field fields[6];
    gw_answer_rejects rejects;
    const int32_t lens[] = {1, -1, -1, -1, 3, 0}, cells[] = {0, 0, 0, 0, 2, 1, 7, 9, 0, 0, 0, 0};
    assert_true(read_answer(state, lens, cells, 3, 2, 5, fields, &rejects));
    assert_int_equal(rejects.len, 1);
    assert_int_equal(rejects.items[0].row, 1);
    assert_int_equal(rejects.items[0].function, 1);
    assert_int_equal(rejects.items[0].line, 7);
    assert_string_equal(rejects.items[0].message, "b");
    assert_string_equal(fields[0].data, "a");
    assert_int_equal(fields[1].len, -1);
    assert_string_equal(fields[4].data, "😀c");
    assert_int_equal(fields[5].len, 0);
    assert_string_equal(fields[5].data, "");
}

static void test_dishonest(void **state)
{
    gw_script_field fields[4];
    gw_answer_rejects rejects;
    const int32_t fine[] = {0, 0, 0, 0};
    const int32_t lengths[][1] = {{6}, {-2}, {INT32_MIN}, {INT32_MAX}, {4}};
    for (size_t i = 0; i < 5; i++)
        assert_false(read_answer(state, lengths[i], fine, 1, 1, 5, fields, &rejects));
    const int32_t none[] = {-1}, some[] = {1};
    const int32_t cells[][4] = {{2, 5, 0, 0}, {-2, 5, 0, 0}, {1, 6, 0, 0}, {1, -1, 0, 0},
                                {INT32_MIN, 5, 0, 0}, {1, INT32_MAX, 0, 0}, {1, 4, 0, 0}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_false(read_answer(state, none, cells[i], 1, 1, 5, fields, &rejects));
    const int32_t right[] = {1, 5, INT32_MAX, INT32_MIN};
    assert_false(read_answer(state, some, right, 1, 1, 5, fields, &rejects));
    assert_true(read_answer(state, none, right, 1, 1, 5, fields, &rejects));
    assert_int_equal(rejects.items[0].line, 0);
    /* A third of the text more than there is. */
    const int32_t three[] = {2, 2, 2};
    const int32_t zeros[12] = {0};
    assert_false(read_answer(state, three, zeros, 3, 1, 5, fields, &rejects));
}

static void test_text(void **state)
{
    gw_script_field fields[2];
    gw_answer_rejects rejects;
    const int32_t lens[] = {3, 2}, cells[8] = {0};
    assert_true(read_answer(state, lens, cells, 1, 2, 5, fields, &rejects));
    assert_int_equal(rejects.len, 1);
    assert_int_equal(rejects.items[0].function, 0);
    assert_holds(rejects.items[0].message, "half a surrogate pair");
    assert_int_equal(fields[1].len, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_honest),
        with_arena(test_dishonest),
        with_arena(test_text),
    };
    return cmocka_run_group_tests_name("script/answer", tests, NULL, NULL);
}
