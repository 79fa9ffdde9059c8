#include "unit.h"

#include <string.h>

#include "cmd/progress.h"

static gw_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

static const char *described(gw_progress step, int64_t elapsed_ms)
{
    gw_buf buf = GW_BUF(arena);
    gw_progress_describe(&buf, &step, elapsed_ms);
    return gw_buf_str(&buf);
}

static void test_copy_has_rate_and_time_left(void **state)
{
    (void)state;
    gw_progress step = {.kind = GW_PROGRESS_COPY, .done = 250000000, .total = 1000000000};
    assert_string_equal(described(step, 5000), "25 % (250 MB of 1.0 GB), 50 MB/s, 15 s left");
    assert_string_equal(described(step, 100), "25 % (250 MB of 1.0 GB)"); /* too early to say */
}

static void test_batches(void **state)
{
    (void)state;
    gw_progress known = {.kind = GW_PROGRESS_BATCH, .done = 50, .total = 200, .eta_ms = 9000};
    assert_string_equal(described(known, 1000), "25 % (50 of 200 rows), 50 rows/s, 9 s left");
    gw_progress unknown = {.kind = GW_PROGRESS_BATCH, .done = 5000, .total = -1};
    assert_string_equal(described(unknown, 1000), "5000 rows, 5000 rows/s");
    gw_progress resumed = {.kind = GW_PROGRESS_BATCH, .done = 5000, .done_before = 4900, .total = -1};
    assert_string_equal(described(resumed, 1000), "5000 rows, 100 rows/s");
    gw_progress none = {.kind = GW_PROGRESS_BATCH, .done = 0, .total = 10};
    assert_string_equal(described(none, 1000), "0 % (0 of 10 rows)");
}

static void test_statements(void **state)
{
    (void)state;
    gw_progress step = {.kind = GW_PROGRESS_STATEMENT, .done = 2, .total = 7};
    assert_string_equal(described(step, 0), "statement 3 of 7");
    step.done = 7; /* only the row is missing */
    assert_string_equal(described(step, 0), "");
    assert_string_equal(described((gw_progress){.kind = GW_PROGRESS_START}, 0), "");
}

static const char *bar(int64_t done, int64_t total, bool utf8)
{
    gw_buf buf = GW_BUF(arena);
    gw_progress_bar(&buf, done, total, 4, utf8);
    return gw_buf_str(&buf);
}

static void test_bar(void **state)
{
    (void)state;
    assert_string_equal(bar(0, 0, false), "----");
    assert_string_equal(bar(1, 2, false), "##--");
    assert_string_equal(bar(9, 2, false), "####");
    assert_string_equal(bar(3, 4, true), "███░");
}

/* A run that reports more migrations at once than are kept, steps of ones that were never begun. */
static void test_odd_reports_are_survived(void **state)
{
    (void)state;
    gw_term *term = gw_term_new(arena, true);
    gw_progress_options options = {.term = term, .quiet = true};
    gw_progress_view *view = gw_progress_view_new(arena, &options);
    gw_observer observer = gw_progress_view_observer(view);
    for (int i = 0; i < 100; i++) {
        gw_progress p = {.kind = GW_PROGRESS_START,
                         .tenant = "t",
                         .version = gw_printf(arena, "%d", i),
                         .name = "n"};
        observer.see(observer.self, &p);
    }
    for (int i = 99; i >= 0; i--) {
        gw_progress p = {.kind = i % 2 ? GW_PROGRESS_DONE : GW_PROGRESS_FAILED,
                         .tenant = "t",
                         .version = gw_printf(arena, "%d", i),
                         .name = "n"};
        observer.see(observer.self, &p);
    }
    for (int kind = GW_PROGRESS_WAITING; kind < GW_PROGRESS_SQL; kind++) {
        gw_progress p = {.kind = (gw_progress_kind)kind};
        observer.see(observer.self, &p);
    }
    gw_progress_view_stop(view);
    gw_progress_view_stop(view);
}

static void test_the_sql_of_a_dry_run_is_an_array(void **state)
{
    (void)state;
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_progress_options options = {.term = gw_term_new(arena, true), .json = &json};
    gw_progress_view *view = gw_progress_view_new(arena, &options);
    gw_observer observer = gw_progress_view_observer(view);
    observer.see(observer.self, &(gw_progress){.kind = GW_PROGRESS_SQL, .text = "SELECT 1"});
    observer.see(observer.self, &(gw_progress){.kind = GW_PROGRESS_SQL, .text = "SELECT 2"});
    gw_progress_view_stop(view);
    gw_json_int(&json, "pending", 0);
    gw_json_close(&json, '}');
    assert_string_equal(json.buf.data, "{\"sql\":[\"SELECT 1\",\"SELECT 2\"],\"pending\":0}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copy_has_rate_and_time_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_batches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bar, setup, teardown),
        cmocka_unit_test_setup_teardown(test_odd_reports_are_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_sql_of_a_dry_run_is_an_array, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
