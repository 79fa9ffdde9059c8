/* What the files of the server share; private to this folder. */
#ifndef GW_HTTP_INTERNAL_H
#define GW_HTTP_INTERNAL_H

#if __has_include(<microhttpd.h>) /* else the server is left out of the build */

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "http/hands.h"
#include "http/mhd.h"
#include "http/server.h"

/* A connection, from accept to close. Its deadline is looked at by one thread for all. */
typedef struct gw_link {
    struct gw_link *next, **back;
    int fd;
    _Atomic int64_t deadline; /* of the monotonic clock; INT64_MAX: none */
    atomic_bool reads;        /* it waits for what the client sends */
    int64_t eof_since, eof_deadline; /* the watcher's own: since when nothing more can come */
} gw_link;

struct gw_httpd {
    gw_httpd_options options;
    gw_mhd mhd;
    struct MHD_Daemon *daemon;
    gw_hands usual, slow;
    pthread_mutex_t mutex; /* of the links, and of what follows */
    pthread_cond_t change;
    gw_link *links;
    unsigned link_count, busy; /* busy: requests that were read and are not answered */
    bool stopping, watching;
    pthread_t watcher;
};

typedef enum { GW_READING, GW_WORKING, GW_READY } gw_exchange_state;

/* A request on its way to an answer. */
typedef struct gw_http_exchange {
    gw_hands_job job; /* first: a job is its exchange */
    gw_httpd *httpd;
    struct MHD_Connection *connection;
    gw_link *link;
    gw_arena *arena;
    gw_request request;
    gw_reply reply;
    gw_buf body;
    int64_t began;
    _Atomic gw_exchange_state state;
    bool refused; /* the answer is known before a handler was asked */
    bool counted;
} gw_http_exchange;

/* exchange.c: the head was read; the body too; a worker's part; the answer goes out. */
gw_http_exchange *gw_exchange_new(gw_httpd *httpd, struct MHD_Connection *connection, const char *path,
                             const char *method);
void gw_exchange_body(gw_http_exchange *x, const char *data, size_t len);
enum MHD_Result gw_exchange_go(gw_http_exchange *x);
enum MHD_Result gw_exchange_answer(gw_http_exchange *x);
void gw_exchange_free(gw_http_exchange *x);

/* links.c */
void gw_links_watch(gw_httpd *httpd);
void gw_links_stop(gw_httpd *httpd);
void gw_link_notify(void *self, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode code);
void gw_link_until(gw_link *link, int64_t ms); /* below 0: for ever */
void gw_link_reads(gw_link *link, bool reads); /* is the next thing theirs to send? */

#endif
#endif
