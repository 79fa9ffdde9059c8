#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

void gw_buf_reserve(gw_buf *buf, size_t more)
{
    if (more > SIZE_MAX / 4 - buf->len)
        gw_out_of_memory(more);
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap += cap / 2 + 64;
    buf->data = gw_realloc(buf->arena, buf->data, buf->cap, cap);
    buf->cap = cap;
}

void gw_buf_addn(gw_buf *buf, const void *data, size_t len)
{
    gw_buf_reserve(buf, len);
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void gw_buf_add(gw_buf *buf, const char *text)
{
    gw_buf_addn(buf, text, strlen(text));
}

void gw_buf_addc(gw_buf *buf, char c)
{
    gw_buf_addn(buf, &c, 1);
}

void gw_buf_vaddf(gw_buf *buf, const char *format, va_list args)
{
    va_list copy;
    va_copy(copy, args);
    int len = vsnprintf(NULL, 0, format, copy);
    va_end(copy);
    if (len <= 0)
        return;
    gw_buf_reserve(buf, (size_t)len);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    buf->len += (size_t)len;
}

void gw_buf_addf(gw_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_buf_vaddf(buf, format, args);
    va_end(args);
}

void gw_buf_clear(gw_buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

const char *gw_buf_str(const gw_buf *buf)
{
    return buf->data ? buf->data : "";
}

void gw_buf_add_word(gw_buf *buf, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
    if (*word && strspn(word, plain) == strlen(word)) {
        gw_buf_add(buf, word);
        return;
    }
    gw_buf_addc(buf, '\'');
    for (; *word; word++)
        if (*word == '\'')
            gw_buf_add(buf, "'\\''");
        else
            gw_buf_addc(buf, *word);
    gw_buf_addc(buf, '\'');
}
