/* The feed: order, what is kept, who goes on where; readers and a writer at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/feed.h"

static void nothing(void *self)
{
    (void)self;
}

/* All there is for a reader, in small pieces. */
static void drain(gw_feed_reader *reader, char *out, size_t most)
{
    size_t len = 0;
    ssize_t got;
    while (len + 7 < most && (got = gw_feed_read(reader, out + len, 7)) > 0)
        len += (size_t)got;
    out[len] = '\0';
}

static void test_order_and_resumption(void **state)
{
    (void)state;
    char text[4096];
    gw_feed *feed = gw_feed_new(9, 4, 10000);
    gw_feed_reader *a = gw_feed_open(feed, NULL, nothing, nothing, NULL);
    gw_feed_publish(feed, "x", "1");
    gw_feed_publish(feed, "y", "2");
    drain(a, text, sizeof text);
    assert_string_equal(text, "id: 9-1\nevent: x\ndata: 1\n\nid: 9-2\nevent: y\ndata: 2\n\n: here\n\n");
    gw_feed_reader *b = gw_feed_open(feed, "9-1", nothing, nothing, NULL);
    drain(b, text, sizeof text);
    assert_non_null(strstr(text, "id: 9-2"));
    assert_null(strstr(text, "id: 9-1"));
    gw_feed_reader *c = gw_feed_open(feed, "8-1", nothing, nothing, NULL);
    drain(c, text, sizeof text);
    assert_non_null(strstr(text, "id: 9-2\nevent: reset"));
    for (int i = 0; i < 6; i++)
        gw_feed_publish(feed, "z", "3");
    drain(a, text, sizeof text);
    assert_non_null(strstr(text, "id: 9-4\nevent: lost\ndata: {\"missed\":2}\n\nid: 9-5\n"));
    gw_feed_close(feed);
    assert_int_equal(gw_feed_read(a, text, sizeof text), -1);
    gw_feed_leave(a);
    gw_feed_leave(b);
    gw_feed_leave(c);
    assert_int_equal(gw_feed_readers(feed), 0);
    gw_feed_free(feed);
}

enum { MANY = 2000 };

static void *publish(void *self)
{
    for (int i = 0; i < MANY; i++)
        gw_feed_publish(self, "n", "{}");
    return NULL;
}

static void test_a_writer_and_readers_at_once(void **state)
{
    (void)state;
    char text[4096];
    pthread_t writer;
    gw_feed *feed = gw_feed_new(1, 2 * MANY, 1000000);
    gw_feed_reader *readers[20];
    for (size_t i = 0; i < 20; i++)
        readers[i] = gw_feed_open(feed, NULL, nothing, nothing, NULL);
    assert_int_equal(pthread_create(&writer, NULL, publish, feed), 0);
    size_t seen[20] = {0};
    for (size_t done = 0; done < 20;) {
        done = 0;
        for (size_t i = 0; i < 20; i++) {
            ssize_t len = gw_feed_read(readers[i], text, sizeof text);
            for (ssize_t k = 0; k < len; k++)
                seen[i] += text[k] == '{';
            done += seen[i] == MANY;
        }
    }
    pthread_join(writer, NULL);
    for (size_t i = 0; i < 20; i++)
        gw_feed_leave(readers[i]);
    gw_feed_free(feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_resumption),
        cmocka_unit_test(test_a_writer_and_readers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
