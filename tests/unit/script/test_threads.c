/* A script each for several threads: they share nothing. */
#include <pthread.h>

#include "unit.h"

enum { THREADS = 4, ROWS = 3000 };

typedef struct job {
    const gw_script_compiled *compiled;
    int number;
    size_t wrong, rejected;
    bool opened;
} job;

static void *work(void *arg)
{
    job *own = arg;
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_script *script;
    gw_script_limits limits = {.row_ms = 2000, .wall_ms = 60 * 1000, .batch_rows = 100};
    own->opened = gw_script_open(own->compiled->text, own->compiled->len, &limits, NULL, &script, &err);
    if (!own->opened) {
        gw_err_clear(&err);
        gw_arena_free(arena);
        return NULL;
    }
    gw_script_field *in = gw_alloc_array(arena, ROWS, sizeof *in);
    for (int i = 0; i < ROWS; i++)
        in[i] = field(i == 1500 ? "x" : gw_printf(arena, "%d/%d", own->number, i));
    gw_script_result r;
    if (!gw_script_run(script, arena, in, ROWS, &r, &err))
        own->wrong = SIZE_MAX;
    for (int i = 0; i < ROWS && own->wrong != SIZE_MAX; i++)
        own->wrong += i != 1500 && (!r.fields[i].data || strcmp(r.fields[i].data, in[i].data) != 0);
    own->rejected = r.rejection_count;
    gw_script_close(script);
    gw_err_clear(&err);
    gw_arena_free(arena);
    return NULL;
}

static void test_four(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT),
                 "row => { if (row.v === 'x') throw new Error('x'); return row.v; }");
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    if (!compile(&m, &compiled, &problems, &err))
        fail_with(&err, "compile");
    pthread_t threads[THREADS];
    job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){.compiled = &compiled, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_true(jobs[i].opened);
        assert_int_equal(jobs[i].wrong, 0);
        assert_int_equal(jobs[i].rejected, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_four),
    };
    return cmocka_run_group_tests_name("script/threads", tests, NULL, NULL);
}
