/*
 * A growing text: append many times, read .data (always NUL-terminated once something was
 * appended; gw_buf_str() gives "" before that). Memory belongs to the arena it was started with.
 */
#ifndef GW_BASE_BUF_H
#define GW_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct gw_buf {
    gw_arena *arena;
    char *data;
    size_t len, cap;
} gw_buf;

#define GW_BUF(a) ((gw_buf){.arena = (a)})

void gw_buf_add(gw_buf *buf, const char *text);
void gw_buf_addn(gw_buf *buf, const void *data, size_t len);
void gw_buf_addc(gw_buf *buf, char c);
void gw_buf_addf(gw_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gw_buf_vaddf(gw_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* A word as a shell takes it: in quotes where it has to be. */
void gw_buf_add_word(gw_buf *buf, const char *word);

/* Forget the content, keep the memory. */
void gw_buf_clear(gw_buf *buf);

/* Make room for `more` bytes beyond len. */
void gw_buf_reserve(gw_buf *buf, size_t more);

const char *gw_buf_str(const gw_buf *buf);

#endif
