#include <stdint.h>
#include <string.h>

#include "base/file.h"

/* Length of the character at p (RFC 3629), or 0 where it is none. */
static size_t character(const unsigned char *p, size_t left)
{
    unsigned char least = 0x80, most = 0xbf; /* what the second byte may be */
    size_t len;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        len = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        len = 3;
        if (p[0] == 0xe0)
            least = 0xa0; /* shorter forms exist */
        else if (p[0] == 0xed)
            most = 0x9f; /* surrogates */
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        len = 4;
        if (p[0] == 0xf0)
            least = 0x90;
        else if (p[0] == 0xf4)
            most = 0x8f; /* past U+10FFFF */
    } else {
        return p[0] > 0 && p[0] < 0x80 ? 1 : 0;
    }
    if (left < len || p[1] < least || p[1] > most)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return len;
}

/* Whether none of the eight bytes is NUL or over 127. */
static bool plain_word(const unsigned char *p)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return ((word | (word - ones)) & highs) == 0;
}

size_t gw_utf8_check(const char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    size_t i = 0;
    while (i < len) {
        if (len - i >= 8 && plain_word(p + i)) {
            i += 8;
            continue;
        }
        size_t n = character(p + i, len - i);
        if (n == 0)
            return i + 1;
        i += n;
    }
    return 0;
}

size_t gw_utf8_clip(const char *text, size_t most)
{
    size_t len = strnlen(text, most);
    while (len == most && len && ((unsigned char)text[len] & 0xc0) == 0x80)
        most = --len;
    return len;
}

void gw_text_place(const char *data, size_t offset, unsigned *line, unsigned *col)
{
    unsigned lines = 1;
    size_t start = 0;
    const char *newline;
    while (start < offset && (newline = memchr(data + start, '\n', offset - start))) {
        lines++;
        start = (size_t)(newline - data) + 1;
    }
    /* No editor counts a byte order mark as a column. */
    if (start == 0 && offset >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        start = 3;
    unsigned cols = 1;
    for (size_t i = start; i < offset; i++)
        if (((unsigned char)data[i] & 0xc0) != 0x80)
            cols++;
    *line = lines;
    *col = cols;
}

size_t gw_text_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    enum { LONGEST = 64 };
    size_t rows[3][LONGEST + 1] = {0};
    if (a_len > LONGEST || b_len > LONGEST)
        return SIZE_MAX;
    size_t *two = rows[0], *one = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        one[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = one[j - 1] + (a[i - 1] != b[j - 1]);
            if (one[j] + 1 < best)
                best = one[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && two[j - 2] + 1 < best)
                best = two[j - 2] + 1;
            now[j] = best;
        }
        size_t *spare = two;
        two = one;
        one = now;
        now = spare;
    }
    return one[b_len];
}
