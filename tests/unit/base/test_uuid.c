#include "unit.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/uuid.h"

static void check_shape(const char *text, char version)
{
    assert_int_equal(strlen(text), 36);
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(text[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", text[i]));
    }
    assert_int_equal(text[14], version);
    assert_non_null(strchr("89ab", text[19]));
}

static void version_4(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++)
        check_shape(gw_uuid_v4().text, '4');
    assert_string_not_equal(gw_uuid_v4().text, gw_uuid_v4().text);
}

static int64_t milliseconds(const char *text)
{
    char digits[13];
    memcpy(digits, text, 8);
    memcpy(digits + 8, text + 9, 4);
    digits[12] = '\0';
    return strtoll(digits, NULL, 16);
}

static void version_7_holds_its_time(void **state)
{
    (void)state;
    int64_t before = gw_now_us() / 1000;
    gw_uuid uuid = gw_uuid_v7();
    int64_t after = gw_now_us() / 1000;
    check_shape(uuid.text, '7');
    assert_in_range(milliseconds(uuid.text), before, after);
}

static void version_7_sorts_by_creation(void **state)
{
    (void)state;
    gw_uuid last = gw_uuid_v7();
    for (int i = 0; i < 20000; i++) {
        gw_uuid next = gw_uuid_v7();
        assert_true(strcmp(last.text, next.text) < 0);
        last = next;
    }
}

enum { THREADS = 4, EACH = 5000 };

static void *make_many(void *arg)
{
    gw_uuid *uuids = arg;
    for (int i = 0; i < EACH; i++)
        uuids[i] = gw_uuid_v7();
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    /* Without the random part: the ticks alone must differ. */
    return memcmp(((const gw_uuid *)a)->text, ((const gw_uuid *)b)->text, 18);
}

static void threads_never_get_the_same_tick(void **state)
{
    gw_uuid *uuids = gw_alloc_array(*state, (size_t)THREADS * EACH, sizeof *uuids);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, uuids + i * EACH), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(uuids, (size_t)THREADS * EACH, sizeof *uuids, by_text);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_int_not_equal(by_text(&uuids[i - 1], &uuids[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(version_4),
        with_arena(version_7_holds_its_time),
        with_arena(version_7_sorts_by_creation),
        with_arena(threads_never_get_the_same_tick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
