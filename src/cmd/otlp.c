#include "cmd/otlp.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/otlp_encode.h"
#include "cmd/otlp_send.h"

enum {
    PERIOD_S = 5,
    TIMEOUT_MS = 2000,
    FULL = 4 * 1024 * 1024, /* a collector that is down must not fill the memory */
};

/* Objects separated by commas. */
typedef struct batch {
    gw_arena *arena;
    gw_json json;
} batch;

struct gw_otlp {
    char *traces, *logs; /* URLs; NULL: not wanted */
    const char *const *headers;
    gw_otlp_resource resource;
    int64_t timeout_ms;
    void (*warn)(void *self, const char *text);
    void *warn_self;
    pthread_mutex_t lock; /* over the batches and the flags */
    pthread_cond_t wake;
    pthread_t sender;
    bool sending, stopping, finished, warned;
    batch spans, records;
};

/* ---- variables ------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static char *endpoint(gw_arena *arena, const char *own, const char *path)
{
    const char *whole = variable(own);
    if (whole)
        return gw_strdup(arena, whole);
    const char *base = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
    if (!base)
        return NULL;
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    return gw_printf(arena, "%.*s%s", (int)len, base, path);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %2C in a value is a comma; a line end would be another header. */
static void decode(char *text)
{
    char *out = text;
    for (; *text; text++) {
        int high = text[0] == '%' ? hex(text[1]) : -1;
        int low = high >= 0 ? hex(text[2]) : -1;
        char c = *text;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            text += 2;
        }
        if (c != '\r' && c != '\n' && c != '\0')
            *out++ = c;
    }
    *out = '\0';
}

/* "a=b,c=d" as header lines, NULL-terminated. */
static const char *const *header_lines(gw_arena *arena, const char *list)
{
    enum { MOST = 32 };
    const char **lines = gw_alloc_array(arena, MOST + 1, sizeof *lines);
    size_t count = 0;
    for (const char *at = list; at && *at && count < MOST;) {
        size_t len = strcspn(at, ",");
        char *pair = gw_strndup(arena, at, len);
        char *equals = strchr(pair, '=');
        if (equals) {
            *equals = '\0';
            decode(equals + 1);
            lines[count++] = gw_printf(arena, "%s: %s", pair + strspn(pair, " "), equals + 1);
        }
        at += len + (at[len] == ',');
    }
    return lines;
}

/* ---- sending --------------------------------------------------------------------------- */

static batch batch_new(void)
{
    batch b = {.arena = gw_arena_new()};
    b.json = gw_json_start(b.arena, NULL);
    return b;
}

static void complain(gw_otlp *otlp, const char *text)
{
    pthread_mutex_lock(&otlp->lock);
    bool first = !otlp->warned;
    otlp->warned = true;
    pthread_mutex_unlock(&otlp->lock);
    if (first)
        otlp->warn(otlp->warn_self, text);
}

static void post(gw_otlp *otlp, bool traces, const batch *items, int64_t timeout_ms)
{
    const char *url = traces ? otlp->traces : otlp->logs;
    if (!url || items->json.buf.len == 0)
        return;
    gw_arena *scratch = gw_arena_new();
    gw_json body = gw_json_start(scratch, NULL);
    gw_otlp_request(&body, traces, &otlp->resource, gw_buf_str(&items->json.buf));
    gw_otlp_post request = {.url = url,
                            .headers = otlp->headers,
                            .body = body.buf.data,
                            .len = body.buf.len,
                            .timeout_ms = timeout_ms};
    char *problem = gw_otlp_send(scratch, &request);
    if (problem)
        complain(otlp, gw_printf(scratch, "telemetry was not delivered to %s: %s",
                                 gw_otlp_shown_url(scratch, url), problem));
    gw_arena_free(scratch);
}

/* Both batches are taken over and sent; new ones fill meanwhile. */
static void flush(gw_otlp *otlp)
{
    pthread_mutex_lock(&otlp->lock);
    batch spans = otlp->spans, records = otlp->records;
    otlp->spans = batch_new();
    otlp->records = batch_new();
    pthread_mutex_unlock(&otlp->lock);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    post(otlp, true, &spans, otlp->timeout_ms);
    clock_gettime(CLOCK_MONOTONIC, &after);
    /* one budget for both */
    int64_t spent =
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    int64_t left = otlp->timeout_ms - spent;
    if (left > 0)
        post(otlp, false, &records, left);
    gw_arena_free(spans.arena);
    gw_arena_free(records.arena);
}

static void *send_loop(void *arg)
{
    gw_otlp *otlp = arg;
    pthread_mutex_lock(&otlp->lock);
    while (!otlp->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += PERIOD_S;
        pthread_cond_timedwait(&otlp->wake, &otlp->lock, &until);
        if (otlp->stopping)
            break;
        pthread_mutex_unlock(&otlp->lock);
        flush(otlp);
        pthread_mutex_lock(&otlp->lock);
    }
    pthread_mutex_unlock(&otlp->lock);
    return NULL;
}

/* ---- the sink -------------------------------------------------------------------------- */

static void on_span(void *self, const gw_span *span, const gw_field *fields)
{
    gw_otlp *otlp = self;
    pthread_mutex_lock(&otlp->lock);
    if (otlp->traces && otlp->spans.json.buf.len < FULL)
        gw_otlp_span(&otlp->spans.json, span, fields);
    pthread_mutex_unlock(&otlp->lock);
}

static void on_record(void *self, const gw_log_record *record)
{
    gw_otlp *otlp = self;
    pthread_mutex_lock(&otlp->lock);
    if (otlp->logs && otlp->records.json.buf.len < FULL)
        gw_otlp_record(&otlp->records.json, record);
    pthread_mutex_unlock(&otlp->lock);
}

gw_log_sink gw_otlp_sink(gw_otlp *otlp, gw_log_level least)
{
    return (gw_log_sink){.record = on_record, .span_end = on_span, .self = otlp, .least = least};
}

void gw_otlp_finish(gw_otlp *otlp)
{
    if (!otlp || otlp->finished)
        return;
    otlp->finished = true;
    pthread_mutex_lock(&otlp->lock);
    otlp->stopping = true;
    pthread_cond_broadcast(&otlp->wake);
    pthread_mutex_unlock(&otlp->lock);
    if (otlp->sending)
        pthread_join(otlp->sender, NULL);
    flush(otlp);
    gw_otlp_send_end();
}

static void destroy(void *arg)
{
    gw_otlp *otlp = arg;
    gw_otlp_finish(otlp);
    gw_arena_free(otlp->spans.arena);
    gw_arena_free(otlp->records.arena);
    pthread_cond_destroy(&otlp->wake);
    pthread_mutex_destroy(&otlp->lock);
}

gw_otlp *gw_otlp_new(gw_arena *arena, void (*warn)(void *self, const char *text), void *self)
{
    const char *disabled = variable("OTEL_SDK_DISABLED");
    char *traces = endpoint(arena, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces");
    char *logs = endpoint(arena, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "/v1/logs");
    if ((!traces && !logs) || (disabled && strcmp(disabled, "true") == 0))
        return NULL;
    const char *problem = gw_otlp_send_begin();
    if (problem) {
        warn(self, problem);
        return NULL;
    }
    gw_otlp *otlp = gw_alloc(arena, sizeof *otlp);
    const char *service = variable("OTEL_SERVICE_NAME");
    const char *timeout = variable("OTEL_EXPORTER_OTLP_TIMEOUT");
    long limit = timeout ? strtol(timeout, NULL, 10) : 0;
    otlp->traces = traces;
    otlp->logs = logs;
    otlp->headers = header_lines(arena, variable("OTEL_EXPORTER_OTLP_HEADERS"));
    otlp->resource.service = service ? service : "godwit";
    otlp->resource.attributes = variable("OTEL_RESOURCE_ATTRIBUTES");
    otlp->timeout_ms = limit > 0 && limit < TIMEOUT_MS ? limit : TIMEOUT_MS;
    otlp->warn = warn;
    otlp->warn_self = self;
    otlp->spans = batch_new();
    otlp->records = batch_new();
    pthread_mutex_init(&otlp->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&otlp->wake, &attr);
    pthread_condattr_destroy(&attr);
    otlp->sending = pthread_create(&otlp->sender, NULL, send_loop, otlp) == 0;
    gw_arena_defer(arena, destroy, otlp);
    return otlp;
}
