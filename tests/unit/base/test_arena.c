#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static void memory_is_zeroed_and_aligned(void **state)
{
    const size_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 16 * 1024, 100 * 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = gw_alloc(*state, sizes[i]);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(p[k], 0);
        memset(p, 0xff, sizes[i]);
    }
}

static void memory_used_again_is_zeroed(void **state)
{
    for (int round = 0; round < 3; round++) {
        unsigned char *p = gw_alloc(*state, 1000);
        for (size_t k = 0; k < 1000; k++)
            assert_int_equal(p[k], 0);
        memset(p, 0xff, 1000);
        gw_arena_reset(*state);
    }
}

static void allocations_do_not_overlap(void **state)
{
    enum { COUNT = 3000 };
    unsigned char **all = gw_alloc_array(*state, COUNT, sizeof *all);
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = gw_alloc(*state, i % 61 + 1);
        memset(all[i], (int)(i % 251), i % 61 + 1);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i % 61 + 1; k++)
            assert_int_equal(all[i][k], i % 251);
}

static void growing_keeps_the_content(void **state)
{
    /* Two at a time, so that one is never the last of its block. */
    size_t size = 1;
    unsigned char *a = gw_alloc(*state, size), *b = gw_alloc(*state, size);
    a[0] = b[0] = 0;
    while (size < 200 * 1000) {
        size_t more = size * 3 / 2 + 1;
        a = gw_realloc(*state, a, size, more);
        b = gw_realloc(*state, b, size, more);
        for (size_t i = size; i < more; i++)
            a[i] = b[i] = (unsigned char)(i % 253);
        size = more;
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(a[i], i % 253);
            assert_int_equal(b[i], i % 253);
        }
    }
    assert_ptr_equal(gw_realloc(*state, a, size, 10), a);
    unsigned char *fresh = gw_realloc(*state, NULL, 0, 8);
    assert_int_equal(fresh[7], 0);
}

static void large_ones_leave_the_list_whole(void **state)
{
    /* Grows the first, the middle and the last of several that stand alone. */
    enum { BIG = 10 * 1000 };
    char *p[5];
    for (int i = 0; i < 5; i++) {
        p[i] = gw_alloc(*state, BIG);
        memset(p[i], 'a' + i, BIG);
    }
    const int order[] = {2, 0, 4, 1, 3};
    for (int i = 0; i < 5; i++)
        p[order[i]] = gw_realloc(*state, p[order[i]], BIG, (size_t)BIG * 20);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < BIG; k++)
            assert_int_equal(p[i][k], 'a' + i);
}

static void used_counts_and_reset_forgets(void **state)
{
    assert_int_equal(gw_arena_used(*state), 0);
    void *p = gw_alloc(*state, 100);
    size_t used = gw_arena_used(*state);
    assert_in_range(used, 100, 128);
    gw_realloc(*state, p, 100, 20000);
    /* The small one stays behind, or is the same memory: both are honest. */
    assert_in_range(gw_arena_used(*state), 20000, 20000 + 128 + 16);
    gw_arena_reset(*state);
    assert_int_equal(gw_arena_used(*state), 0);
}

static char order_of_calls[8];

static void note(void *arg)
{
    strncat(order_of_calls, arg, 1);
}

static void *arena_of_adder;

static void add_another(void *arg)
{
    note(arg);
    gw_arena_defer(arena_of_adder, note, arg);
}

static void clean_ups_run_newest_first(void **state)
{
    static char a[] = "a", b[] = "b", c[] = "c";
    order_of_calls[0] = '\0';
    gw_arena_defer(*state, note, a);
    gw_arena_defer(*state, note, b);
    gw_arena_defer(*state, note, c);
    gw_arena_reset(*state);
    assert_string_equal(order_of_calls, "cba");
    gw_arena_reset(*state);
    assert_string_equal(order_of_calls, "cba");
}

static char adder_name[] = "x";

static void a_clean_up_may_add_another(void **state)
{
    order_of_calls[0] = '\0';
    arena_of_adder = *state;
    gw_arena_defer(*state, note, adder_name);
    gw_arena_defer(*state, add_another, adder_name);
    gw_arena_reset(*state);
    assert_int_equal(strlen(order_of_calls), 3);
}

static void copies(void **state)
{
    assert_null(gw_strdup(*state, NULL));
    assert_null(gw_strndup(*state, NULL, 3));
    assert_null(gw_memdup(*state, NULL, 3));
    assert_string_equal(gw_strdup(*state, "Grüße"), "Grüße");
    assert_string_equal(gw_strndup(*state, "abcdef", 3), "abc");
    assert_string_equal(gw_strndup(*state, "abc", 0), "");
    assert_memory_equal(gw_memdup(*state, "a\0b", 3), "a\0b", 3);
}

/* A length past the end of the text used to be read past the end of the text. */
static void a_text_shorter_than_its_length_ends_the_copy(void **state)
{
    char *text = malloc(4);
    memcpy(text, "abc", 4);
    char *copy = gw_strndup(*state, text, 4000);
    free(text);
    assert_string_equal(copy, "abc");
}

static void formatted(void **state)
{
    assert_string_equal(gw_printf(*state, "%s=%d", "x", 7), "x=7");
    assert_string_equal(gw_printf(*state, "%s", ""), "");
    char *wide = gw_printf(*state, "%9000d", 1);
    assert_int_equal(strlen(wide), 9000);
}

static void freeing_nothing(void **state)
{
    (void)state;
    gw_arena_free(NULL);
}

/* Runs fn in a child and gives the signal that ended it. */
static int signal_of(void (*fn)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        signal(SIGABRT, SIG_DFL);
        fn();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void ask_for_too_much(void)
{
    gw_alloc(gw_arena_new(), SIZE_MAX - 8);
}

static void ask_for_too_many(void)
{
    gw_alloc_array(gw_arena_new(), SIZE_MAX / 2, 3);
}

static void grow_too_far(void)
{
    gw_arena *arena = gw_arena_new();
    gw_realloc(arena, gw_alloc(arena, 8), 8, SIZE_MAX - 8);
}

static void sizes_that_overflow_end_the_process(void **state)
{
    (void)state;
    assert_int_equal(signal_of(ask_for_too_much), SIGABRT);
    assert_int_equal(signal_of(ask_for_too_many), SIGABRT);
    assert_int_equal(signal_of(grow_too_far), SIGABRT);
}

#ifdef __SANITIZE_ADDRESS__
static void asan_sees_each_bound(void **state)
{
    const size_t sizes[] = {1, 13, 100, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *p = gw_alloc(*state, sizes[i]);
        assert_false(__asan_address_is_poisoned(p + sizes[i] - 1));
        assert_true(__asan_address_is_poisoned(p + sizes[i]));
        p = gw_realloc(*state, p, sizes[i], sizes[i] + 7);
        assert_false(__asan_address_is_poisoned(p + sizes[i] + 6));
        assert_true(__asan_address_is_poisoned(p + sizes[i] + 7));
    }
}

static void asan_sees_use_after_reset(void **state)
{
    char *p = gw_alloc(*state, 24);
    gw_arena_reset(*state);
    assert_true(__asan_address_is_poisoned(p));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(memory_is_zeroed_and_aligned),
        with_arena(memory_used_again_is_zeroed),
        with_arena(allocations_do_not_overlap),
        with_arena(growing_keeps_the_content),
        with_arena(large_ones_leave_the_list_whole),
        with_arena(used_counts_and_reset_forgets),
        with_arena(clean_ups_run_newest_first),
        with_arena(a_clean_up_may_add_another),
        with_arena(copies),
        with_arena(a_text_shorter_than_its_length_ends_the_copy),
        with_arena(formatted),
        with_arena(freeing_nothing),
        with_arena(sizes_that_overflow_end_the_process),
#ifdef __SANITIZE_ADDRESS__
        with_arena(asan_sees_each_bound),
        with_arena(asan_sees_use_after_reset),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
