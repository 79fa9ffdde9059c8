/* A reader of events that is gone without a word: nothing that is sent to it is taken any more. */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/server.h"

enum { GONE_MS = 600, MOST_MS = 20000, STEP_MS = 50 };

static gw_feed *feed;

static void events(void *self, gw_request *request, gw_reply *reply)
{
    (void)self, (void)request;
    gw_reply_text(reply, 200, "text/event-stream", "");
    reply->feed = feed;
}

static bool everybody(void *self, gw_request *request, gw_reply *reply)
{
    (void)self, (void)request, (void)reply;
    return true;
}

static void nothing(void *self, const gw_route *route, unsigned status, int64_t us)
{
    (void)self, (void)route, (void)status, (void)us;
}

static int reader(unsigned port)
{
    static const char ask[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char text[1024];
    size_t len = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, ask, sizeof ask - 1), (ssize_t)sizeof ask - 1);
    /* To the first beat: it has begun. */
    do {
        ssize_t got = read(fd, text + len, sizeof text - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
        text[len] = '\0';
    } while (!strstr(text, ": here"));
    return fd;
}

/* No packet arrives here any more, so none is acknowledged: as if the cable had been pulled. */
static void pull_the_cable(int fd)
{
    struct sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
    struct sock_fprog program = {1, &drop};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

static void is_let_go(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_arena *arena = gw_arena_new();
    gw_address address;
    unsigned port;
    gw_httpd *httpd;
    static const gw_route routes[] = {{"GET", "/events", GW_ROLE_NOBODY, GW_LANE_AT_ONCE, events, NULL}};
    static const char *const names[] = {NULL};
    gw_httpd_options options = {.routes = routes, .route_count = 1, .names = names, .gone_ms = GONE_MS,
                                .guard = everybody, .answered = nothing};
    assert_true(gw_address_read(arena, "127.0.0.1:0", &address, &err));
    assert_true(gw_httpd_listen(&address, &options.socket, &port, &err));
    feed = gw_feed_new(1, 16, 10000);
    if (!gw_httpd_start(&options, &httpd, &err)) {
        assert_int_equal(err.kind, GW_ERR_UNSUPPORTED); /* built without the library, or it is not installed */
        skip();
    }
    int gone = reader(port), there = reader(port);
    assert_int_equal(gw_feed_readers(feed), 2);
    pull_the_cable(gone);
    for (int64_t waited = 0; gw_feed_readers(feed) > 1 && waited < MOST_MS; waited += STEP_MS) {
        gw_feed_beat(feed);
        gw_sleep_ms(STEP_MS, NULL);
    }
    assert_int_equal(gw_feed_readers(feed), 1); /* the other one has taken every beat */
    gw_feed_close(feed);
    gw_httpd_stop(httpd, 1000);
    gw_feed_free(feed);
    close(gone);
    close(there);
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_let_go)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
