/*
 * Logs and spans to an OpenTelemetry collector: OTLP over HTTP, JSON. Sent in batches, every few
 * seconds and at the end, within a time limit; a collector that does not answer is a warning and
 * never a failure. The usual variables say where: OTEL_EXPORTER_OTLP_ENDPOINT (or _TRACES_ENDPOINT,
 * _LOGS_ENDPOINT), _HEADERS, _TIMEOUT, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
 * OTEL_SDK_DISABLED. Without an endpoint nothing here costs anything: libcurl is loaded when it is
 * first needed, not with the program.
 */
#ifndef GW_CMD_OTLP_H
#define GW_CMD_OTLP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"

typedef struct gw_otlp gw_otlp;

/* NULL where no endpoint is set. The warning function is told once what went wrong. */
gw_otlp *gw_otlp_new(gw_arena *arena, void (*warn)(void *self, const char *text), void *self);

gw_log_sink gw_otlp_sink(gw_otlp *otlp, gw_log_level least);

/* Send what is left and stop. NULL is allowed; safe twice. */
void gw_otlp_finish(gw_otlp *otlp);

#endif
