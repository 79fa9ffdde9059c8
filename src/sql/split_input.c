/* The splitter's buffer: reading, the check that the text is UTF-8 without NUL, places. */
#include <stdlib.h>
#include <string.h>

#include "sql/split_impl.h"

/* Length of the run of bytes 0x01 to 0x7f. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        uint64_t a, b;
        memcpy(&a, p + i, 8);
        memcpy(&b, p + i + 8, 8);
        /* The high bit comes up for a byte above 0x7f and, by the borrow, for a zero. */
        if ((a | (a - ones) | b | (b - ones)) & high)
            break;
    }
    while (i < n && p[i] > 0 && p[i] < 0x80)
        i++;
    return i;
}

/* Length of the character at p (not ASCII); 0 = not UTF-8, -1 = more bytes are needed. */
static int character_length(const unsigned char *p, size_t n)
{
    unsigned char low = 0x80, top = 0xbf;
    int len;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    if (p[0] < 0xe0) {
        len = 2;
    } else if (p[0] < 0xf0) {
        len = 3;
        if (p[0] == 0xe0)
            low = 0xa0; /* overlong */
        else if (p[0] == 0xed)
            top = 0x9f; /* surrogates */
    } else {
        len = 4;
        if (p[0] == 0xf0)
            low = 0x90;
        else if (p[0] == 0xf4)
            top = 0x8f; /* past U+10FFFF */
    }
    for (int i = 1; i < len; i++) {
        if ((size_t)i >= n)
            return -1;
        if (p[i] < low || p[i] > top)
            return 0;
        low = 0x80;
        top = 0xbf;
    }
    return len;
}

static void validate(gw_splitter *s)
{
    const unsigned char *p = (const unsigned char *)s->buf;
    while (s->valid < s->len) {
        s->valid += ascii_run(p + s->valid, s->len - s->valid);
        if (s->valid == s->len)
            return;
        if (p[s->valid] == 0) {
            s->end = GW_SPLIT_NUL;
            return;
        }
        int len = character_length(p + s->valid, s->len - s->valid);
        if (len < 0)
            return;
        if (len == 0) {
            s->end = GW_SPLIT_ENCODING;
            return;
        }
        s->valid += (size_t)len;
    }
}

static void compact(gw_splitter *s)
{
    size_t gone = s->start;
    gw_split_move_mark(s, gone);
    memmove(s->buf, s->buf + gone, s->len - gone);
    s->base += gone;
    s->start = s->mark = 0;
    s->at -= gone;
    s->valid -= gone;
    s->len -= gone;
    s->token_end = s->token_end > gone ? s->token_end - gone : 0;
}

static void make_room(gw_splitter *s)
{
    bool oversized = s->cap > GW_SPLIT_KEEP && s->len - s->start < GW_SPLIT_READ;
    if (s->cap > s->len + GW_SPLIT_READ && !oversized)
        return;
    if (s->start > 0)
        compact(s);
    size_t cap = s->cap;
    if (oversized)
        cap = 2 * GW_SPLIT_READ + 1;
    else if (cap <= s->len + GW_SPLIT_READ)
        cap = cap ? cap * 2 : 2 * GW_SPLIT_READ + 1;
    if (cap == s->cap)
        return;
    char *buf = realloc(s->buf, cap);
    if (!buf)
        gw_out_of_memory(cap);
    s->buf = buf;
    s->cap = cap;
}

bool gw_split_fill(gw_splitter *s)
{
    uint64_t had = s->base + s->valid;
    while (s->end == GW_SPLIT_MORE) {
        if (s->in_statement && s->at - s->start > s->limit) {
            s->end = GW_SPLIT_TOO_LONG;
            break;
        }
        make_room(s);
        long n = s->input.read(s->input.self, s->buf + s->len, GW_SPLIT_READ, &s->read_err);
        if (n < 0) {
            s->end = GW_SPLIT_READ_FAILED;
        } else if (n == 0) {
            s->end = s->valid < s->len ? GW_SPLIT_ENCODING : GW_SPLIT_EOF;
        } else {
            s->len += (size_t)n;
            validate(s);
            if (s->base + s->valid > had)
                return true;
        }
    }
    return false;
}

void gw_split_place(const gw_splitter *s, size_t index, unsigned *line, unsigned *col)
{
    const char *p = s->buf + s->mark, *end = s->buf + index;
    unsigned l = s->mark_line, c = s->mark_col;
    const char *newline;
    while (p < end && (newline = memchr(p, '\n', (size_t)(end - p)))) {
        l++;
        c = 1;
        p = newline + 1;
    }
    for (; p < end; p++)
        c += ((unsigned char)*p & 0xc0) != 0x80;
    *line = l;
    *col = c;
}

void gw_split_move_mark(gw_splitter *s, size_t index)
{
    if (index <= s->mark)
        return;
    unsigned line, col;
    gw_split_place(s, index, &line, &col);
    s->mark = index;
    s->mark_line = line;
    s->mark_col = col;
}

bool gw_split_fail_at(gw_splitter *s, gw_err *err, unsigned line, unsigned col)
{
    s->failed = true;
    return gw_err_at(err, s->input.file, line, col);
}

/* Its byte order mark, in either order. */
static bool starts_as_utf16(const gw_splitter *s)
{
    return s->base == 0 && s->valid == 0 && s->len >= 2 &&
           (memcmp(s->buf, "\xFF\xFE", 2) == 0 || memcmp(s->buf, "\xFE\xFF", 2) == 0);
}

bool gw_split_plain_end(gw_splitter *s, gw_err *err)
{
    unsigned line, col;
    switch (s->end) {
    case GW_SPLIT_NUL:
        gw_err_set(err, GW_ERR_INPUT, "the text has a NUL byte");
        gw_err_detail(err, "PostgreSQL's text cannot hold the byte 0 (at byte %llu of the file)",
                      (unsigned long long)(s->base + s->valid + 1));
        gw_err_hint(err, "save the file as UTF-8; UTF-16 files look like this");
        break;
    case GW_SPLIT_ENCODING:
        gw_err_set(err, GW_ERR_INPUT, "the text is not UTF-8");
        gw_err_detail(err, "byte 0x%02x (at byte %llu of the file) does not belong there",
                      (unsigned)(unsigned char)s->buf[s->valid],
                      (unsigned long long)(s->base + s->valid + 1));
        gw_err_hint(err, "convert the file, for example: iconv -f %s -t UTF-8",
                    starts_as_utf16(s) ? "UTF-16" : "LATIN1");
        break;
    case GW_SPLIT_TOO_LONG:
        gw_err_set(err, GW_ERR_INPUT, "a statement is longer than %zu bytes", s->limit);
        gw_err_detail(err, "PostgreSQL takes no statement over 1 GB");
        gw_err_hint(err, "cut the statement into several, or load the rows with COPY");
        return gw_split_fail_at(s, err, s->line, s->col);
    case GW_SPLIT_READ_FAILED:
        s->failed = true;
        gw_err_move(err, &s->read_err);
        return false;
    default:
        return true;
    }
    gw_split_place(s, s->valid, &line, &col);
    return gw_split_fail_at(s, err, line, col);
}

void gw_split_hide(gw_splitter *s, size_t index)
{
    s->hidden = true;
    s->hidden_at = index;
    s->hidden_byte = s->buf[index];
    s->buf[index] = '\0';
}
