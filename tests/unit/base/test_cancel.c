#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/cancel.h"

static bool is_awake(const gw_cancel *cancel)
{
    struct pollfd fd = {.fd = cancel->wake_fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void each_request_is_a_level_up_to_two(void **state)
{
    (void)state;
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    assert_int_equal(gw_cancel_level(&cancel), 0);
    assert_false(is_awake(&cancel));
    for (int i = 1; i <= 5; i++) {
        gw_cancel_request(&cancel);
        assert_int_equal(gw_cancel_level(&cancel), i < 2 ? i : 2);
        assert_true(is_awake(&cancel));
    }
    gw_cancel_close(&cancel);
    assert_int_equal(cancel.wake_fd, -1);
    gw_cancel_close(&cancel);
}

static void nobody_comes_to_level_three_by_asking(void **state)
{
    (void)state;
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_cancel_cut(&cancel);
    assert_int_equal(gw_cancel_level(&cancel), 3);
    assert_true(is_awake(&cancel));
    gw_cancel_request(&cancel);
    assert_int_equal(gw_cancel_level(&cancel), 3);
    gw_cancel_close(&cancel);
    gw_cancel_cut(&cancel); /* without a descriptor */
}

static void nothing_is_never_asked_to_stop(void **state)
{
    (void)state;
    assert_int_equal(gw_cancel_level(NULL), 0);
}

static gw_cancel from_signal;

static void on_signal(int sig)
{
    (void)sig;
    gw_cancel_request(&from_signal);
}

static void a_signal_handler_may_request(void **state)
{
    (void)state;
    gw_cancel_init(&from_signal);
    signal(SIGUSR1, on_signal);
    errno = 4711;
    raise(SIGUSR1);
    assert_int_equal(errno, 4711);
    assert_int_equal(gw_cancel_level(&from_signal), 1);
    signal(SIGUSR1, SIG_DFL);
    gw_cancel_close(&from_signal);
}

static void errno_survives_where_there_is_no_descriptor(void **state)
{
    (void)state;
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_cancel_close(&cancel);
    cancel.wake_fd = 1 << 20; /* write fails with EBADF */
    errno = 0;
    gw_cancel_request(&cancel);
    assert_int_equal(errno, 0);
    assert_int_equal(gw_cancel_level(&cancel), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_a_level_up_to_two),
        cmocka_unit_test(nobody_comes_to_level_three_by_asking),
        cmocka_unit_test(nothing_is_never_asked_to_stop),
        cmocka_unit_test(a_signal_handler_may_request),
        cmocka_unit_test(errno_survives_where_there_is_no_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
