#include <string.h>

#include "script/internal.h"

/* Bytes of the character at `p` (of `left`), or 0 where there is none; its code point in *code. */
static size_t decode(const unsigned char *p, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (len == 1) {
        *code = p[0];
        return 1;
    }
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < len)
        return 0;
    uint32_t c = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return len;
}

ptrdiff_t gw_utf16_of(const char *data, size_t len, uint16_t *out)
{
    const unsigned char *p = (const unsigned char *)data, *end = p + len;
    uint16_t *at = out;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), (eight & 0x8080808080808080u) == 0)) {
            for (int i = 0; i < 8; i++)
                at[i] = p[i];
            at += 8;
            p += 8;
            continue;
        }
        uint32_t code = 0;
        size_t used = decode(p, (size_t)(end - p), &code);
        if (used == 0)
            return -1;
        p += used;
        if (code < 0x10000) {
            *at++ = (uint16_t)code;
        } else {
            *at++ = (uint16_t)(0xd7c0 + (code >> 10));
            *at++ = (uint16_t)(0xdc00 | (code & 0x3ff));
        }
    }
    return at - out;
}

size_t gw_utf8_room(const uint16_t *units, size_t count)
{
    size_t more = 0;
    for (size_t i = 0; i < count; i++)
        more += (size_t)(units[i] >= 0x80) + (size_t)(units[i] >= 0x800);
    return count + more;
}

size_t gw_utf8_of(const uint16_t *units, size_t count, char *out, gw_utf16_fault *fault)
{
    char *at = out;
    *fault = GW_UTF16_FINE;
    for (size_t i = 0; i < count; i++) {
        uint32_t code = units[i];
        if (code < 0x80) {
            if (code == 0)
                *fault = GW_UTF16_NUL;
            *at++ = (char)code;
            continue;
        }
        if (code >= 0xd800 && code <= 0xdfff) {
            if (code < 0xdc00 && i + 1 < count && (units[i + 1] & 0xfc00) == 0xdc00) {
                code = 0x10000 + ((code & 0x3ff) << 10) + (units[++i] & 0x3ffu);
            } else {
                *fault = GW_UTF16_HALF;
                code = 0xfffd;
            }
        }
        if (code < 0x800) {
            *at++ = (char)(0xc0 | code >> 6);
        } else if (code < 0x10000) {
            *at++ = (char)(0xe0 | code >> 12);
            *at++ = (char)(0x80 | (code >> 6 & 0x3f));
        } else {
            *at++ = (char)(0xf0 | code >> 18);
            *at++ = (char)(0x80 | (code >> 12 & 0x3f));
            *at++ = (char)(0x80 | (code >> 6 & 0x3f));
        }
        *at++ = (char)(0x80 | (code & 0x3f));
    }
    return (size_t)(at - out);
}
