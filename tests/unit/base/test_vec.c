#include "unit.h"

#include "base/vec.h"

static void pushes_are_zeroed_and_kept(void **state)
{
    typedef struct item {
        int number;
        const char *text;
    } item;
    GW_VEC(item) items = {0};
    for (int i = 0; i < 5000; i++) {
        item *it = gw_vec_push(*state, &items);
        assert_int_equal(it->number, 0);
        assert_null(it->text);
        it->number = i;
        it->text = "x";
        gw_alloc(*state, 3);
    }
    assert_int_equal(items.len, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(items.items[i].number, i);
}

static void a_place_used_again_is_zeroed(void **state)
{
    GW_VEC(char) bytes = {0};
    *gw_vec_push(*state, &bytes) = 'x';
    bytes.len = 0;
    assert_int_equal(*gw_vec_push(*state, &bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(pushes_are_zeroed_and_kept),
        with_arena(a_place_used_again_is_zeroed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
