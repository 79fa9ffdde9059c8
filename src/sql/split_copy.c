/* The data that follow a COPY … FROM stdin. */
#include <string.h>

#include "sql/chars.h"
#include "sql/split_impl.h"

/*
 * psql takes the data from the line below the statement's, and would run what stands behind the
 * semicolon after them. Nobody writes that on purpose: only comments may stand there.
 */
static bool skip_rest_of_line(gw_splitter *s, gw_err *err)
{
    for (;;) {
        s->start = s->at;
        int c = gw_split_peek(s, 0);
        if (c < 0)
            return gw_split_plain_end(s, err);
        unsigned line, after, col;
        gw_split_move_mark(s, s->at);
        line = after = s->mark_line;
        col = s->mark_col;
        if (c == '\n') {
            s->at++;
            return true;
        } else if (gw_ch_space(c) || c == ';') {
            s->at++;
        } else if (c == '-' && gw_split_peek(s, 1) == '-') {
            gw_split_skip_line_comment(s);
        } else if (c == '/' && gw_split_peek(s, 1) == '*') {
            if (!gw_split_skip_block_comment(s, err))
                return false;
            gw_split_move_mark(s, s->at);
            after = s->mark_line;
        } else {
            after = 0;
        }
        if (after == line)
            continue;
        gw_err_set(err, GW_ERR_INPUT, "there is text behind COPY … FROM stdin on its line");
        gw_err_detail(err, "the data begin on the line below the semicolon");
        gw_err_hint(err, "move it to a line of its own, below the data and their \\.");
        return gw_split_fail_at(s, err, line, col);
    }
}

/* Bytes of the line "\." at p, its line end included; 0 = another line, -1 = cannot be told yet. */
static int marker_length(const char *p, const char *end, bool over)
{
    static const char marker[] = "\\.\r\n";
    size_t n = (size_t)(end - p);
    if (n >= 3 && memcmp(p, "\\.\n", 3) == 0)
        return 3;
    if (n >= 4)
        return memcmp(p, marker, 4) == 0 ? 4 : 0;
    if (memcmp(p, marker, n) != 0)
        return 0;
    return !over ? -1 : n >= 2 ? (int)n : 0;
}

/* Find the end of the lines that can be handed out; *marker is the length of a "\." behind it. */
static size_t scan_lines(gw_splitter *s, unsigned *lines, int *marker)
{
    const char *p = s->buf + s->at, *end = s->buf + s->valid;
    bool over = s->end == GW_SPLIT_EOF;
    *lines = 0;
    *marker = 0;
    if (p == end)
        return s->at;
    if (!s->line_start) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline)
            return s->valid;
        p = newline + 1;
        *lines = 1;
    }
    while (p < end) {
        if (*p == '\\') {
            *marker = marker_length(p, end, over);
            if (*marker != 0)
                break;
        }
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline)
            break;
        (*lines)++;
        p = newline + 1;
    }
    return (size_t)(p - s->buf);
}

static void emit_data(gw_splitter *s, gw_piece *out, size_t end, unsigned lines)
{
    out->kind = GW_PIECE_COPY_DATA;
    out->text = s->buf + s->at;
    out->len = end - s->at;
    out->line = s->mark_line;
    out->col = s->mark_col;
    out->offset = s->base + s->at;
    out->number = s->number;
    if (lines > 0 && s->buf[end - 1] == '\n') {
        /* The lines were counted already. */
        s->mark = end;
        s->mark_line += lines;
        s->mark_col = 1;
        s->line_start = true;
    } else {
        gw_split_move_mark(s, end);
        s->line_start = false;
    }
    s->at = end;
    gw_split_hide(s, end);
}

static void emit_end(gw_splitter *s, gw_piece *out, bool marked)
{
    out->kind = GW_PIECE_COPY_END;
    out->terminated = marked;
    out->text = "";
    out->len = 0;
    out->line = s->mark_line;
    out->col = s->mark_col;
    out->offset = s->base + s->at;
    out->number = s->number;
    s->mode = GW_SPLIT_SQL;
}

static bool next_data(gw_splitter *s, gw_piece *out, gw_err *err)
{
    while (s->valid - s->at < GW_SPLIT_COPY_CHUNK && gw_split_fill(s))
        ;
    unsigned lines;
    int marker;
    size_t end = scan_lines(s, &lines, &marker);
    if (end > s->at) {
        emit_data(s, out, end, lines);
        return true;
    }
    if (marker > 0) {
        emit_end(s, out, true);
        s->at += (size_t)marker;
        return true;
    }
    if (s->valid - s->at >= GW_SPLIT_COPY_CHUNK) {
        emit_data(s, out, s->valid, 0);
        return true;
    }
    if (!gw_split_plain_end(s, err))
        return false;
    if (s->at < s->valid)
        emit_data(s, out, s->valid, 0);
    else
        emit_end(s, out, false);
    return true;
}

bool gw_split_copy_next(gw_splitter *s, gw_piece *out, gw_err *err)
{
    if (s->mode == GW_SPLIT_COPY_LINE) {
        if (!skip_rest_of_line(s, err))
            return false;
        s->start = s->at;
        gw_split_move_mark(s, s->at);
        s->mode = GW_SPLIT_COPY_DATA;
        s->line_start = true;
    }
    s->start = s->at;
    return next_data(s, out, err);
}
