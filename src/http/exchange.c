/* One request: its head taken in, its route found, a handler run, its answer sent. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "http/internal.h"

enum { SEND_MS = 60000, STREAM_BLOCK = 4096 };

/* ---- the head ------------------------------------------------------------------------------------------ */

typedef struct gw_taking {
    gw_arena *arena;
    gw_pairs *pairs;
    bool bad; /* a NUL, or bytes that are no UTF-8 */
} gw_taking;

static enum MHD_Result take_pair(void *self, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                 const char *value, size_t len)
{
    gw_taking *taking = self;
    (void)kind;
    if (gw_utf8_check(name, name_len) || (value && gw_utf8_check(value, len)))
        taking->bad = true;
    gw_pair *pair = gw_vec_push(taking->arena, taking->pairs);
    pair->name = gw_strndup(taking->arena, name, name_len);
    pair->value = value ? gw_strndup(taking->arena, value, len) : "";
    return MHD_YES;
}

/* false: it holds what no request of ours does. */
static bool take_pairs(gw_http_exchange *x, enum MHD_ValueKind kind, gw_pairs *out)
{
    gw_taking taking = {.arena = x->arena, .pairs = out};
    x->httpd->mhd.get_connection_values_n(x->connection, kind, take_pair, &taking);
    return !taking.bad;
}

static const char *peer_of(gw_http_exchange *x)
{
    char text[INET6_ADDRSTRLEN] = "?";
    const union MHD_ConnectionInfo *info =
        x->httpd->mhd.get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    return gw_strdup(x->arena, text);
}

static void refuse(gw_http_exchange *x, unsigned status, const char *kind, const char *message,
                   const char *hint)
{
    gw_reply_error(&x->reply, status, kind, message, hint);
    x->refused = true;
}

static size_t count_header(const gw_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->headers.len; i++)
        count += strcasecmp(request->headers.items[i].name, name) == 0;
    return count;
}

static void check_head(gw_http_exchange *x, bool clean)
{
    gw_request *request = &x->request;
    const gw_httpd_options *options = &x->httpd->options;
    const char *length = gw_request_header(request, "Content-Length");
    if (!clean || gw_utf8_check(request->path, strlen(request->path))) {
        refuse(x, 400, "usage", "the request holds bytes that are no text", NULL);
    } else if (count_header(request, "Host") != 1 ||
               !gw_host_known(gw_request_header(request, "Host"), options->names)) {
        refuse(x, 421, "refused", "this server is not called so",
               "ask it by its address, or start it with --host NAME");
        if (options->refused)
            options->refused(options->self, request, 421, "Host");
    } else if (count_header(request, "Authorization") > 1 || count_header(request, "Origin") > 1) {
        refuse(x, 400, "usage", "a header stands there twice", NULL);
    } else if (length && (strlen(length) > 9 || strtoul(length, NULL, 10) > options->body_most)) {
        refuse(x, 413, "usage", "the body is too long", NULL);
    }
}

gw_http_exchange *gw_exchange_new(gw_httpd *httpd, struct MHD_Connection *connection, const char *path,
                                  const char *method)
{
    gw_arena *arena = gw_arena_new();
    gw_http_exchange *x = gw_alloc(arena, sizeof *x);
    const union MHD_ConnectionInfo *info =
        httpd->mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    x->httpd = httpd;
    x->connection = connection;
    x->link = info ? info->socket_context : NULL;
    x->arena = arena;
    x->body = GW_BUF(arena);
    x->began = gw_monotonic_us();
    x->reply.arena = arena;
    x->request = (gw_request){.arena = arena,
                              .method = gw_strdup(arena, method),
                              .path = gw_strdup(arena, path),
                              .tls = httpd->options.cert != NULL};
    x->request.peer = peer_of(x);
    bool clean = take_pairs(x, MHD_HEADER_KIND, &x->request.headers);
    clean = take_pairs(x, MHD_COOKIE_KIND, &x->request.cookies) && clean;
    clean = take_pairs(x, MHD_GET_ARGUMENT_KIND, &x->request.query) && clean;
    gw_link_until(x->link, httpd->options.body_ms);
    check_head(x, clean);
    return x;
}

void gw_exchange_body(gw_http_exchange *x, const char *data, size_t len)
{
    if (x->refused)
        return;
    if (x->body.len + len > x->httpd->options.body_most)
        refuse(x, 413, "usage", "the body is too long", NULL);
    else
        gw_buf_addn(&x->body, data, len);
}

/* ---- the route ----------------------------------------------------------------------------------------- */

static const char *allowed(gw_http_exchange *x)
{
    gw_buf list = GW_BUF(x->arena);
    gw_path_part parts[GW_PATH_PARTS];
    for (size_t i = 0; i < x->httpd->options.route_count; i++) {
        const gw_route *route = &x->httpd->options.routes[i];
        if (gw_path_match(route->path, x->request.path, parts) >= 0)
            gw_buf_addf(&list, "%s%s", list.len ? ", " : "", route->method);
    }
    return list.len ? gw_buf_str(&list) : NULL;
}

/* HEAD is a GET whose body stays here. */
static bool same_method(const char *asked, const char *method)
{
    return strcmp(asked, method) == 0 || (strcmp(asked, "HEAD") == 0 && strcmp(method, "GET") == 0);
}

static void find_route(gw_http_exchange *x)
{
    gw_request *request = &x->request;
    gw_path_part parts[GW_PATH_PARTS];
    for (size_t i = 0; i < x->httpd->options.route_count && !request->route; i++) {
        const gw_route *route = &x->httpd->options.routes[i];
        int count = gw_path_match(route->path, request->path, parts);
        if (count < 0 || !same_method(request->method, route->method))
            continue;
        request->route = route;
        for (int k = 0; k < count; k++)
            request->parts[k] = gw_strndup(x->arena, parts[k].text, parts[k].len);
    }
    if (request->route)
        return;
    const char *methods = allowed(x);
    if (methods) {
        refuse(x, 405, "usage", "this path does not know the method", NULL);
        gw_reply_header(&x->reply, "Allow", methods);
    } else {
        refuse(x, 404, "usage", "there is no such path", "/api/v1/openapi.json lists them");
    }
}

/* ---- the work ------------------------------------------------------------------------------------------ */

static void handle(gw_http_exchange *x)
{
    const gw_httpd_options *options = &x->httpd->options;
    const gw_route *route = x->request.route;
    if (route->role != GW_ROLE_NOBODY && !options->guard(options->self, &x->request, &x->reply))
        return;
    route->handle(options->self, &x->request, &x->reply);
    if (!x->reply.status)
        gw_reply_error(&x->reply, 500, "internal", "nothing was answered", NULL);
}

static void run(gw_hands_job *job)
{
    gw_http_exchange *x = (gw_http_exchange *)job;
    handle(x);
    atomic_store(&x->state, GW_READY);
    x->httpd->mhd.resume_connection(x->connection);
}

static void count(gw_http_exchange *x, bool in)
{
    if (x->counted == in)
        return;
    x->counted = in;
    pthread_mutex_lock(&x->httpd->mutex);
    x->httpd->busy += in ? 1u : -1u;
    pthread_cond_broadcast(&x->httpd->change);
    pthread_mutex_unlock(&x->httpd->mutex);
}

enum MHD_Result gw_exchange_go(gw_http_exchange *x)
{
    gw_httpd *httpd = x->httpd;
    gw_link_until(x->link, -1);
    gw_link_reads(x->link, false);
    x->request.body = gw_buf_str(&x->body);
    x->request.body_len = x->body.len;
    count(x, true);
    if (!x->refused)
        find_route(x);
    if (x->refused)
        return gw_exchange_answer(x);
    if (x->request.route->lane == GW_LANE_AT_ONCE && x->request.route->role == GW_ROLE_NOBODY) {
        handle(x);
        return gw_exchange_answer(x);
    }
    gw_hands *hands = x->request.route->lane == GW_LANE_LONG ? &httpd->slow : &httpd->usual;
    atomic_store(&x->state, GW_WORKING);
    x->job.run = run;
    /* Before a worker has it: it may be done at once. */
    httpd->mhd.suspend_connection(x->connection);
    if (gw_hands_give(hands, &x->job))
        return MHD_YES;
    gw_reply_error(&x->reply, 503, "busy", "too many requests wait already", "try again in a moment");
    gw_reply_header(&x->reply, "Retry-After", "1");
    atomic_store(&x->state, GW_READY);
    httpd->mhd.resume_connection(x->connection);
    return MHD_YES;
}

/* ---- the answer ---------------------------------------------------------------------------------------- */

typedef struct gw_stream {
    gw_httpd *httpd;
    struct MHD_Connection *connection;
    gw_feed_reader *reader;
} gw_stream;

static void stream_sleep(void *self)
{
    gw_stream *stream = self;
    stream->httpd->mhd.suspend_connection(stream->connection);
}

static void stream_wake(void *self)
{
    gw_stream *stream = self;
    stream->httpd->mhd.resume_connection(stream->connection);
}

static ssize_t stream_read(void *self, uint64_t at, char *buf, size_t max)
{
    gw_stream *stream = self;
    (void)at;
    ssize_t len = gw_feed_read(stream->reader, buf, max);
    return len < 0 ? MHD_CONTENT_READER_END_OF_STREAM : len;
}

static void stream_free(void *self)
{
    gw_stream *stream = self;
    gw_feed_leave(stream->reader);
    free(stream);
}

static struct MHD_Response *stream_of(gw_http_exchange *x)
{
    gw_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        gw_out_of_memory(sizeof *stream);
    *stream = (gw_stream){.httpd = x->httpd, .connection = x->connection};
    stream->reader = gw_feed_open(x->reply.feed, x->reply.last_id, stream_sleep, stream_wake, stream);
    return x->httpd->mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read,
                                                       stream, stream_free);
}

/* What every answer says, whoever wrote it. */
static void add_headers(gw_http_exchange *x, struct MHD_Response *response)
{
    static const gw_pair always[] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
         "frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    const gw_mhd *mhd = &x->httpd->mhd;
    const gw_reply *reply = &x->reply;
    bool cached = false;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        mhd->add_response_header(response, always[i].name, always[i].value);
    for (size_t i = 0; i < reply->headers.len; i++) {
        cached = cached || strcasecmp(reply->headers.items[i].name, "Cache-Control") == 0;
        mhd->add_response_header(response, reply->headers.items[i].name, reply->headers.items[i].value);
    }
    if (!cached)
        mhd->add_response_header(response, "Cache-Control", "no-store");
    if (reply->type)
        mhd->add_response_header(response, "Content-Type", reply->type);
    if (x->httpd->options.cert)
        mhd->add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
}

enum MHD_Result gw_exchange_answer(gw_http_exchange *x)
{
    gw_httpd *httpd = x->httpd;
    const gw_httpd_options *options = &httpd->options;
    gw_reply *reply = &x->reply;
    if (options->answered)
        options->answered(options->self, x->request.route, reply->status, gw_monotonic_us() - x->began);
    bool stream = reply->feed && strcmp(x->request.method, "HEAD") != 0;
    struct MHD_Response *response =
        stream ? stream_of(x)
               : httpd->mhd.create_response_from_buffer(reply->len, (void *)(uintptr_t)reply->body,
                                                        MHD_RESPMEM_MUST_COPY);
    count(x, false);
    if (!response)
        return MHD_NO;
    add_headers(x, response);
    gw_link_until(x->link, stream ? -1 : SEND_MS);
    gw_link_reads(x->link, false);
    enum MHD_Result result = httpd->mhd.queue_response(x->connection, reply->status, response);
    httpd->mhd.destroy_response(response);
    return result;
}

void gw_exchange_free(gw_http_exchange *x)
{
    count(x, false);
    gw_link_until(x->link, x->httpd->options.idle_ms + x->httpd->options.head_ms);
    gw_link_reads(x->link, true);
    gw_arena_free(x->arena);
}
