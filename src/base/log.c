#include "base/log.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"

struct gw_log {
    gw_arena *arena;
    pthread_mutex_t lock; /* over the list and over every call of a sink */
    GW_VEC(gw_log_sink) sinks;
};

static void destroy(void *arg)
{
    gw_log *log = arg;
    pthread_mutex_destroy(&log->lock);
}

gw_log *gw_log_new(gw_arena *arena)
{
    gw_log *log = gw_alloc(arena, sizeof *log);
    log->arena = arena;
    pthread_mutex_init(&log->lock, NULL);
    gw_arena_defer(arena, destroy, log);
    return log;
}

void gw_log_add_sink(gw_log *log, gw_log_sink sink)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    *gw_vec_push(log->arena, &log->sinks) = sink;
    pthread_mutex_unlock(&log->lock);
}

bool gw_log_wants(gw_log *log, gw_log_level level)
{
    bool wanted = false;
    if (!log)
        return false;
    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < log->sinks.len; i++)
        wanted |= log->sinks.items[i].record && level >= log->sinks.items[i].least;
    pthread_mutex_unlock(&log->lock);
    return wanted;
}

void gw_log_write(gw_log *log, gw_log_level level, const gw_span *span, const char *message,
                  const gw_field *fields)
{
    if (!log)
        return;
    gw_log_record record = {.time_us = gw_now_us(),
                            .level = level,
                            .message = message,
                            .fields = fields ? fields : GW_NO_FIELDS,
                            .span = span};
    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < log->sinks.len; i++) {
        const gw_log_sink *sink = &log->sinks.items[i];
        if (sink->record && level >= sink->least)
            sink->record(sink->self, &record);
    }
    pthread_mutex_unlock(&log->lock);
}

/* An id of zeros means "none" in OpenTelemetry. */
static void random_id(char *text, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char id[16];
    gw_random_bytes(id, bytes);
    id[0] |= 1;
    for (size_t i = 0; i < bytes; i++) {
        text[i * 2] = digits[id[i] >> 4];
        text[i * 2 + 1] = digits[id[i] & 15];
    }
    text[bytes * 2] = '\0';
}

gw_span gw_span_start(const gw_span *parent, const char *name)
{
    gw_span span = {.name = name, .start_us = gw_now_us()};
    random_id(span.span_id, 8);
    if (parent) {
        memcpy(span.trace_id, parent->trace_id, sizeof span.trace_id);
        memcpy(span.parent_id, parent->span_id, sizeof span.parent_id);
    } else {
        random_id(span.trace_id, 16);
    }
    return span;
}

void gw_span_end(gw_log *log, gw_span *span, bool failed, const gw_field *fields)
{
    int64_t now = gw_now_us();
    /* The clock may have been set back meanwhile. */
    span->end_us = now > span->start_us ? now : span->start_us;
    span->failed = failed;
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < log->sinks.len; i++) {
        const gw_log_sink *sink = &log->sinks.items[i];
        if (sink->span_end)
            sink->span_end(sink->self, span, fields ? fields : GW_NO_FIELDS);
    }
    pthread_mutex_unlock(&log->lock);
}
