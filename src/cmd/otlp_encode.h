/* Spans and log records as OTLP/JSON. */
#ifndef GW_CMD_OTLP_ENCODE_H
#define GW_CMD_OTLP_ENCODE_H

#include "base/log.h"
#include "cmd/jsonout.h"

/* What every request says about this process. attributes: "key=value,key=value" or NULL. */
typedef struct gw_otlp_resource {
    const char *service;
    const char *attributes;
} gw_otlp_resource;

void gw_otlp_span(gw_json *json, const gw_span *span, const gw_field *fields);
void gw_otlp_record(gw_json *json, const gw_log_record *record);

/* The request around `items`, which are objects separated by commas. */
void gw_otlp_request(gw_json *json, bool traces, const gw_otlp_resource *resource,
                     const char *items);

#endif
