/*
 * An HTTP(S) server for handlers in a table: requests read within limits, Host held against what this server
 * is called, the path found in the table, somebody asked who may, a handler run on a worker's thread, its answer
 * sent at the pace of its reader. Streams of events besides. Knows nothing of what the handlers are for.
 *
 * It stands on libmicrohttpd, which is loaded when a server is started: kind UNSUPPORTED where it is not there,
 * or was not when this program was built.
 */
#ifndef GW_HTTP_SERVER_H
#define GW_HTTP_SERVER_H

#include "base/vec.h"
#include "http/feed.h"
#include "http/text.h"

typedef enum { GW_ROLE_NOBODY, GW_ROLE_VIEWER, GW_ROLE_OPERATOR } gw_role;

typedef struct gw_pair {
    const char *name, *value; /* value "" where a query has none */
} gw_pair;
typedef struct gw_pairs {
    gw_pair *items;
    size_t len, cap;
} gw_pairs;

typedef struct gw_request gw_request;
typedef struct gw_reply gw_reply;

/* Where a handler runs. */
typedef enum {
    GW_LANE_AT_ONCE, /* between the connections: it waits for nothing */
    GW_LANE_USUAL,
    GW_LANE_LONG,    /* seconds: a few at a time */
} gw_lane;

typedef struct gw_route {
    const char *method, *path; /* "/api/v1/sync/sessions/{id}" */
    gw_role role;              /* who may at least; NOBODY: everybody, unasked */
    gw_lane lane;
    void (*handle)(void *self, gw_request *request, gw_reply *reply);
    const void *data;          /* the handler's own */
} gw_route;

struct gw_request {
    gw_arena *arena; /* of this request */
    const gw_route *route;
    const char *method, *path, *peer; /* peer: its address */
    const char *parts[GW_PATH_PARTS]; /* of {…} in the route's path */
    gw_pairs query, headers, cookies;
    const char *body;
    size_t body_len;
    bool tls;
    gw_role role;    /* the guard says */
    const char *who; /* NULL: nobody */
};

struct gw_reply {
    gw_arena *arena;
    unsigned status;
    const char *type; /* of the body */
    const char *body; /* on the arena */
    size_t len;
    gw_pairs headers;
    gw_feed *feed;    /* the answer is this stream, from after `last_id` */
    const char *last_id;
};

/* NULL: there is none. Names of headers in any case. */
const char *gw_pair_find(const gw_pairs *pairs, const char *name);
const char *gw_request_header(const gw_request *request, const char *name);

void gw_reply_header(gw_reply *reply, const char *name, const char *value);
void gw_reply_text(gw_reply *reply, unsigned status, const char *type, const char *body);
/* {"error":{"kind","message","detail","hint","sqlstate","where"}} as everywhere; hint may be NULL. */
void gw_reply_error(gw_reply *reply, unsigned status, const char *kind, const char *message,
                    const char *hint);

typedef struct gw_httpd_options {
    int socket;                /* listening; it is closed with the server */
    const char *cert, *key;    /* PEM; NULL: without TLS */
    const gw_route *routes;
    size_t route_count;
    const char *const *names;  /* what Host may say besides addresses and localhost */
    unsigned threads, workers, long_workers; /* 0: 2, 8, 2 */
    unsigned connections;      /* 0: 1200 */
    size_t body_most;          /* 0: 64 KiB */
    int64_t head_ms, body_ms;  /* until a request's head, its body, has to be there: 0: 10 s, 30 s */
    int64_t idle_ms;           /* a connection that is kept without a request: 0: 30 s */
    int64_t gone_ms;           /* what was sent is not taken for so long: whoever it was for is gone; 0: 30 s */
    /* Who is it? Sets role and who, and false with an answer where it is nobody who may. */
    bool (*guard)(void *self, gw_request *request, gw_reply *reply);
    /* Refused before anybody was asked: a Host of somebody else. */
    void (*refused)(void *self, const gw_request *request, unsigned status, const char *why);
    /* route NULL: none. */
    void (*answered)(void *self, const gw_route *route, unsigned status, int64_t us);
    void *self;
} gw_httpd_options;

typedef struct gw_httpd gw_httpd;

/* A listening socket; kind REFUSED, IO. port 0: *port says which. */
bool gw_httpd_listen(const gw_address *address, int *fd, unsigned *port, gw_err *err);

/* Can other machines reach this listening socket? */
bool gw_socket_reaches_out(int fd);
/* "https://[::1]:7583"; "unix:/run/godwit.sock" where the socket is a file. */
const char *gw_socket_place(gw_arena *arena, int fd, const char *scheme);

bool gw_httpd_start(const gw_httpd_options *options, gw_httpd **out, gw_err *err);
unsigned gw_httpd_connections(gw_httpd *httpd);

/* Nothing new is taken; what is under way has grace_ms. Feeds have to be closed before. */
void gw_httpd_stop(gw_httpd *httpd, int64_t grace_ms);

#endif
