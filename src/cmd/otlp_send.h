/* One HTTP POST through libcurl, which is loaded at first use: its twenty libraries would double
 * the time that the program takes to start. */
#ifndef GW_CMD_OTLP_SEND_H
#define GW_CMD_OTLP_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct gw_otlp_post {
    const char *url;
    const char *const *headers; /* lines, NULL-terminated; may hold secrets */
    const char *body;
    size_t len;
    int64_t timeout_ms; /* for all of it */
} gw_otlp_post;

/* Load the library. NULL, or why it cannot be used. Paired with end. */
const char *gw_otlp_send_begin(void);
void gw_otlp_send_end(void);

/* NULL where it was accepted (2xx), else what went wrong. */
char *gw_otlp_send(gw_arena *arena, const gw_otlp_post *post);

/* The URL without user and password. */
char *gw_otlp_shown_url(gw_arena *arena, const char *url);

#endif
