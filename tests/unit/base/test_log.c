#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/log.h"

typedef struct kept {
    unsigned records, spans;
    gw_log_level level;
    char message[64], key[64], text[64], span_id[17];
    int64_t number;
    bool null_text, span_failed, had_span;
    int64_t start_us, end_us;
    atomic_flag inside;
    bool collided;
} kept;

static void keep_record(void *self, const gw_log_record *record)
{
    kept *to = self;
    if (atomic_flag_test_and_set(&to->inside))
        to->collided = true;
    to->records++;
    to->level = record->level;
    snprintf(to->message, sizeof to->message, "%s", record->message);
    for (const gw_field *f = record->fields; f->type != GW_FIELD_END; f++) {
        snprintf(to->key, sizeof to->key, "%s", f->key);
        to->null_text = f->type == GW_FIELD_TEXT && !f->text;
        if (f->type == GW_FIELD_TEXT && f->text)
            snprintf(to->text, sizeof to->text, "%s", f->text);
        if (f->type != GW_FIELD_TEXT)
            to->number = f->number;
    }
    to->had_span = record->span != NULL;
    sched_yield();
    atomic_flag_clear(&to->inside);
}

static void keep_span(void *self, const gw_span *span, const gw_field *fields)
{
    kept *to = self;
    if (atomic_flag_test_and_set(&to->inside))
        to->collided = true;
    to->spans++;
    to->span_failed = span->failed;
    to->start_us = span->start_us;
    to->end_us = span->end_us;
    memcpy(to->span_id, span->span_id, sizeof to->span_id);
    if (fields->type == GW_FIELD_INT)
        to->number = fields->number;
    atomic_flag_clear(&to->inside);
}

static gw_log_sink sink_of(kept *to, gw_log_level least)
{
    return (gw_log_sink){.record = keep_record, .span_end = keep_span, .self = to, .least = least};
}

static void a_null_log_swallows(void **state)
{
    (void)state;
    gw_log_write(NULL, GW_LOG_ERROR, NULL, "x", GW_NO_FIELDS);
    gw_log_add_sink(NULL, (gw_log_sink){0});
    gw_span span = gw_span_start(NULL, "run");
    gw_span_end(NULL, &span, true, GW_NO_FIELDS);
    assert_true(span.end_us >= span.start_us);
    assert_true(span.failed);
}

static void each_sink_gets_what_it_asked_for(void **state)
{
    kept all = {0}, loud = {0};
    gw_log *log = gw_log_new(*state);
    gw_log_add_sink(log, sink_of(&all, GW_LOG_DEBUG));
    gw_log_add_sink(log, sink_of(&loud, GW_LOG_WARNING));
    gw_log_add_sink(log, (gw_log_sink){.least = GW_LOG_DEBUG});
    for (int level = GW_LOG_DEBUG; level <= GW_LOG_ERROR; level++)
        gw_log_write(log, (gw_log_level)level, NULL, "x", NULL);
    assert_int_equal(all.records, 4);
    assert_int_equal(loud.records, 2);
    assert_int_equal(loud.level, GW_LOG_ERROR);
}

static void fields_arrive(void **state)
{
    kept to = {0};
    gw_log *log = gw_log_new(*state);
    gw_log_add_sink(log, sink_of(&to, GW_LOG_DEBUG));
    gw_log_write(log, GW_LOG_INFO, NULL, "one",
                 GW_FIELDS(GW_TEXT("file", "a.sql"), GW_INT("rows", INT64_MIN)));
    assert_string_equal(to.message, "one");
    assert_string_equal(to.text, "a.sql");
    assert_string_equal(to.key, "rows");
    assert_true(to.number == INT64_MIN);
    assert_false(to.had_span);
    gw_span span = gw_span_start(NULL, "run");
    gw_log_write(log, GW_LOG_INFO, &span, "two", GW_FIELDS(GW_BOOL("dry", 17)));
    assert_int_equal(to.number, 1);
    assert_true(to.had_span);
    gw_log_write(log, GW_LOG_INFO, NULL, "three", GW_FIELDS(GW_TEXT("none", NULL)));
    assert_true(to.null_text);
}

static bool is_id(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len &&
           strspn(text, "0") < len;
}

static void spans_form_a_tree(void **state)
{
    kept to = {0};
    gw_log *log = gw_log_new(*state);
    gw_log_add_sink(log, sink_of(&to, GW_LOG_ERROR));
    gw_span run = gw_span_start(NULL, "run"), other = gw_span_start(NULL, "run");
    gw_span child = gw_span_start(&run, "migration");
    assert_true(is_id(run.trace_id, 32));
    assert_true(is_id(run.span_id, 16));
    assert_string_equal(run.parent_id, "");
    assert_string_equal(child.trace_id, run.trace_id);
    assert_string_equal(child.parent_id, run.span_id);
    assert_true(is_id(child.span_id, 16));
    assert_string_not_equal(child.span_id, run.span_id);
    assert_string_not_equal(other.trace_id, run.trace_id);
    assert_int_equal(child.end_us, 0);
    gw_span_end(log, &child, true, GW_FIELDS(GW_INT("rows", 5)));
    assert_int_equal(to.spans, 1);
    assert_true(to.span_failed);
    assert_string_equal(to.span_id, child.span_id);
    assert_int_equal(to.number, 5);
    assert_true(to.end_us >= to.start_us);
    /* The clock was set back by an hour meanwhile. */
    run.start_us += (int64_t)3600 * 1000000;
    gw_span_end(log, &run, false, NULL);
    assert_true(to.end_us >= to.start_us);
    assert_false(to.span_failed);
}

enum { THREADS = 6, EACH = 1000 };

static void *write_many(void *arg)
{
    gw_span span = gw_span_start(NULL, "run");
    for (int i = 0; i < EACH; i++)
        gw_log_write(arg, GW_LOG_INFO, &span, "x", GW_FIELDS(GW_INT("i", i)));
    gw_span_end(arg, &span, false, GW_NO_FIELDS);
    return NULL;
}

static void threads_come_one_at_a_time(void **state)
{
    kept to[2] = {0};
    gw_log *log = gw_log_new(*state);
    gw_log_add_sink(log, sink_of(&to[0], GW_LOG_DEBUG));
    gw_log_add_sink(log, sink_of(&to[1], GW_LOG_INFO));
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, log), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(to[i].records, THREADS * EACH);
        assert_int_equal(to[i].spans, THREADS);
        assert_false(to[i].collided);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(a_null_log_swallows),
        with_arena(each_sink_gets_what_it_asked_for),
        with_arena(fields_arrive),
        with_arena(spans_form_a_tree),
        with_arena(threads_come_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
