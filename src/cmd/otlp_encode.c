#include "cmd/otlp_encode.h"

#include <inttypes.h>
#include <string.h>

#include "base/build.h"

static void nanoseconds(gw_json *json, const char *key, int64_t us)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64 "000", us);
    gw_json_string(json, key, digits); /* 64-bit numbers are strings in OTLP/JSON */
}

static void text_value(gw_json *json, const char *key, const char *text)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "key", key);
    gw_json_open(json, "value", '{');
    gw_json_string(json, "stringValue", text);
    gw_json_close(json, '}');
    gw_json_close(json, '}');
}

static void attributes(gw_json *json, const gw_field *fields)
{
    gw_json_open(json, "attributes", '[');
    for (; fields->type != GW_FIELD_END; fields++) {
        if (fields->type == GW_FIELD_TEXT) {
            if (fields->text)
                text_value(json, fields->key, fields->text);
            continue;
        }
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "key", fields->key);
        gw_json_open(json, "value", '{');
        if (fields->type == GW_FIELD_INT) {
            char digits[24];
            snprintf(digits, sizeof digits, "%" PRId64, fields->number);
            gw_json_string(json, "intValue", digits);
        } else {
            gw_json_bool(json, "boolValue", fields->number != 0);
        }
        gw_json_close(json, '}');
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

void gw_otlp_span(gw_json *json, const gw_span *span, const gw_field *fields)
{
    enum { INTERNAL = 1, OK = 1, ERROR = 2 };
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "traceId", span->trace_id);
    gw_json_string(json, "spanId", span->span_id);
    if (span->parent_id[0])
        gw_json_string(json, "parentSpanId", span->parent_id);
    gw_json_string(json, "name", span->name);
    gw_json_int(json, "kind", INTERNAL);
    nanoseconds(json, "startTimeUnixNano", span->start_us);
    nanoseconds(json, "endTimeUnixNano", span->end_us);
    attributes(json, fields);
    gw_json_open(json, "status", '{');
    gw_json_int(json, "code", span->failed ? ERROR : OK);
    gw_json_close(json, '}');
    gw_json_close(json, '}');
}

void gw_otlp_record(gw_json *json, const gw_log_record *record)
{
    static const int severities[] = {5, 9, 13, 17};
    static const char *const names[] = {"DEBUG", "INFO", "WARN", "ERROR"};
    gw_json_open(json, NULL, '{');
    nanoseconds(json, "timeUnixNano", record->time_us);
    gw_json_int(json, "severityNumber", severities[record->level]);
    gw_json_string(json, "severityText", names[record->level]);
    gw_json_open(json, "body", '{');
    gw_json_string(json, "stringValue", record->message);
    gw_json_close(json, '}');
    attributes(json, record->fields);
    if (record->span) {
        gw_json_string(json, "traceId", record->span->trace_id);
        gw_json_string(json, "spanId", record->span->span_id);
    }
    gw_json_close(json, '}');
}

static void resource_attributes(gw_json *json, const gw_otlp_resource *resource)
{
    gw_json_open(json, "attributes", '[');
    text_value(json, "service.name", resource->service);
    text_value(json, "service.version", GW_VERSION);
    for (const char *at = resource->attributes; at && *at;) {
        size_t len = strcspn(at, ",");
        const char *equals = memchr(at, '=', len);
        if (equals)
            text_value(json, gw_strndup(json->buf.arena, at, (size_t)(equals - at)),
                       gw_strndup(json->buf.arena, equals + 1, len - (size_t)(equals - at) - 1));
        at += len + (at[len] == ',');
    }
    gw_json_close(json, ']');
}

void gw_otlp_request(gw_json *json, bool traces, const gw_otlp_resource *resource,
                     const char *items)
{
    gw_json_open(json, NULL, '{');
    gw_json_open(json, traces ? "resourceSpans" : "resourceLogs", '[');
    gw_json_open(json, NULL, '{');
    gw_json_open(json, "resource", '{');
    resource_attributes(json, resource);
    gw_json_close(json, '}');
    gw_json_open(json, traces ? "scopeSpans" : "scopeLogs", '[');
    gw_json_open(json, NULL, '{');
    gw_json_open(json, "scope", '{');
    gw_json_string(json, "name", "godwit");
    gw_json_string(json, "version", GW_VERSION);
    gw_json_close(json, '}');
    gw_json_open(json, traces ? "spans" : "logRecords", '[');
    gw_buf_add(&json->buf, items);
    gw_json_close(json, ']');
    gw_json_close(json, '}');
    gw_json_close(json, ']');
    gw_json_close(json, '}');
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}
