/* One page over HTTP, with libcurl: loaded when it is first asked for. */
#ifndef GW_APP_HTTP_GET_H
#define GW_APP_HTTP_GET_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"

typedef struct gw_http gw_http;

/* Kind UNSUPPORTED where libcurl is not there. Closed with the arena. */
bool gw_http_open(gw_arena *arena, const gw_cancel *cancel, gw_http **out, gw_err *err);

/* *status is what was answered; the body goes into `body`, at most `most` bytes of it (more is an
 * error). Kind CONNECT where nobody answers, INTERRUPTED where it is stopped. Redirects are not
 * followed. */
bool gw_http_get(gw_http *http, const char *url, size_t most, long *status, gw_buf *body,
                 gw_err *err);

#endif
