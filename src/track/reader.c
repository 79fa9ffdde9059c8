#include "track/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAP = 256 << 10, KEPT_OF_LONG = 4096 };

void gw_track_reader_start(gw_arena *arena, gw_track_reader *reader, int64_t position, int64_t lines,
                           gw_digest *digest)
{
    reader->cap = FIRST_CAP;
    reader->buf = malloc(reader->cap);
    if (!reader->buf)
        gw_out_of_memory(reader->cap);
    reader->base = position;
    reader->lines = lines;
    reader->digest = digest ? digest : gw_digest_start(arena, GW_SHA256);
}

void gw_track_reader_free(gw_track_reader *reader)
{
    free(reader->buf);
    reader->buf = NULL;
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

static void digest_to(gw_track_reader *r, size_t offset)
{
    if (offset > r->digested)
        gw_digest_add(r->digest, r->buf + r->digested, offset - r->digested);
    r->digested = offset > r->digested ? offset : r->digested;
}

/* What is taken goes; room for more. */
static void make_room(gw_track_reader *r)
{
    if (r->start > 0) {
        digest_to(r, r->start);
        memmove(r->buf, r->buf + r->start, r->end - r->start);
        r->base += (int64_t)r->start;
        r->end -= r->start;
        r->seen -= r->start;
        r->digested = r->digested > r->start ? r->digested - r->start : 0;
        r->start = 0;
    }
    if (r->end < r->cap)
        return;
    r->cap *= 2;
    char *bigger = realloc(r->buf, r->cap);
    if (!bigger)
        gw_out_of_memory(r->cap);
    r->buf = bigger;
}

static gw_read_outcome wait_for(gw_track_reader *r, int64_t wait_ms, gw_err *err)
{
    int wake = r->cancel ? r->cancel->wake_fd : -1;
    struct pollfd fds[] = {{.fd = r->fds[0], .events = POLLIN}, {.fd = wake, .events = POLLIN}};
    int ready = poll(fds, wake >= 0 ? 2 : 1, (int)wait_ms);
    if (gw_cancel_level(r->cancel))
        return GW_READ_STOPPED;
    if (ready < 0 && errno != EINTR) {
        gw_err_errno(err, errno, "cannot read %s", r->name);
        return GW_READ_FAILED;
    }
    return ready > 0 && fds[0].revents ? GW_READ_DOCUMENT : GW_READ_IDLE;
}

/* DOCUMENT: there is more; END: nothing will come. */
static gw_read_outcome fill(gw_track_reader *r, int64_t wait_ms, gw_err *err)
{
    if (r->at_end)
        return GW_READ_END;
    make_room(r);
    gw_read_outcome ready = wait_for(r, wait_ms, err);
    if (ready != GW_READ_DOCUMENT)
        return ready;
    ssize_t got = read(r->fds[0], r->buf + r->end, r->cap - r->end);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return GW_READ_IDLE;
    if (got < 0) {
        gw_err_errno(err, errno, "cannot read %s", r->name);
        return GW_READ_FAILED;
    }
    if (got == 0 && r->fds[1] >= 0) {
        r->fds[0] = r->fds[1];
        r->fds[1] = -1;
        return fill(r, wait_ms, err);
    }
    r->at_end = got == 0;
    r->end += (size_t)got;
    return got ? GW_READ_DOCUMENT : GW_READ_END;
}

/* ---- documents ----------------------------------------------------------------------------------------- */

/* The end of the document in the buffer, one past it; 0: it is not there yet. */
static size_t line_end(gw_track_reader *r)
{
    const char *newline = memchr(r->buf + r->seen, '\n', r->end - r->seen);
    r->seen = r->end;
    return newline ? (size_t)(newline - r->buf) + 1 : 0;
}

static size_t value_end(gw_track_reader *r)
{
    for (; r->seen < r->end; r->seen++) {
        char c = r->buf[r->seen];
        if (r->escaped)
            r->escaped = false;
        else if (r->in_string && c == '\\')
            r->escaped = true;
        else if (c == '"')
            r->in_string = !r->in_string;
        else if (!r->in_string && (c == '{' || c == '['))
            r->depth++;
        else if (!r->in_string && (c == '}' || c == ']') && --r->depth == 0)
            return ++r->seen;
    }
    return 0;
}

static bool between(const gw_track_reader *r, char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
           (r->values && (c == ',' || c == '[' || c == ']'));
}

/* Over what stands between documents; false: the buffer ends there. */
static bool skip_between(gw_track_reader *r)
{
    while (r->start < r->end && between(r, r->buf[r->start])) {
        r->lines += r->buf[r->start] == '\n';
        r->start++;
    }
    r->seen = r->seen > r->start ? r->seen : r->start;
    return r->start < r->end;
}

static int64_t newlines(const char *text, size_t len)
{
    int64_t count = 0;
    for (const char *end = text + len; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        count++;
    return count;
}

/* The document ends at `to`; it is taken with the next call. */
static void give(gw_track_reader *r, size_t to)
{
    r->text = r->buf + r->start;
    r->len = to - r->start;
    r->whole = r->len > 0 && r->text[r->len - 1] == '\n';
    r->line = r->lines + 1;
    r->inside = true;
}

static void take(gw_track_reader *r)
{
    if (!r->inside)
        return;
    r->lines += r->whole && !r->values ? 1 : newlines(r->text, r->len);
    r->start += r->len;
    r->seen = r->start;
    r->depth = 0;
    r->in_string = r->escaped = false;
    r->inside = r->cut = false;
}

/* Bytes that no document begins with: the rest of the line is one, so that it is refused. */
static size_t document_end(gw_track_reader *r)
{
    if (!r->values || r->buf[r->start] != '{')
        return line_end(r);
    return value_end(r);
}

/* Longer than the limit: what is left of it is read over. */
static gw_read_outcome too_long(gw_track_reader *r, gw_err *err)
{
    char *kept = strndup(r->buf + r->start, KEPT_OF_LONG);
    if (!kept)
        gw_out_of_memory(KEPT_OF_LONG);
    int64_t line = r->lines + 1;
    gw_read_outcome outcome = GW_READ_DOCUMENT;
    size_t to = 0;
    while (!to) {
        r->start = r->seen = r->end;
        outcome = fill(r, -1, err);
        if (outcome == GW_READ_END)
            to = r->end;
        else if (outcome != GW_READ_DOCUMENT && outcome != GW_READ_IDLE)
            break;
        else
            to = r->values ? value_end(r) : line_end(r);
    }
    if (to) {
        r->lines += !r->values;
        r->start = r->seen = to;
        digest_to(r, to); /* before its beginning is written over its end */
        size_t len = strlen(kept);
        size_t room = r->start < len ? r->start : len;
        memcpy(r->buf + r->start - room, kept, room);
        r->text = r->buf + r->start - room;
        r->len = room;
        r->line = line;
        r->depth = 0;
        outcome = GW_READ_TOO_LONG;
    }
    free(kept);
    return outcome;
}

/* An array, or a document over several lines: known by the first line. */
static void decide(gw_track_reader *r)
{
    const char *newline = memchr(r->buf + r->start, '\n', r->end - r->start);
    size_t end = newline ? (size_t)(newline - r->buf) : r->end;
    while (end > r->start && strchr(" \t\r", r->buf[end - 1]))
        end--;
    r->values = r->buf[r->start] == '[' || (newline && r->buf[r->start] == '{' && r->buf[end - 1] != '}');
    r->decided = true;
}

gw_read_outcome gw_track_read(gw_track_reader *r, int64_t wait_ms, gw_err *err)
{
    take(r);
    for (;;) {
        bool any = skip_between(r);
        if (any && r->arrays && !r->decided &&
            (r->buf[r->start] == '[' || r->at_end || memchr(r->buf + r->start, '\n', r->end - r->start))) {
            decide(r);
            continue;
        }
        size_t to = any && (!r->arrays || r->decided) ? document_end(r) : 0;
        if (to) {
            give(r, to);
            return r->len > GW_TRACK_LONGEST ? GW_READ_TOO_LONG : GW_READ_DOCUMENT;
        }
        if (r->end - r->start > GW_TRACK_LONGEST)
            return too_long(r, err);
        gw_read_outcome outcome = fill(r, wait_ms, err);
        if (outcome == GW_READ_END && r->arrays && !r->decided && skip_between(r))
            continue;
        if (outcome == GW_READ_END && skip_between(r)) {
            give(r, r->end);
            r->cut = true;
            return GW_READ_DOCUMENT;
        }
        if (outcome != GW_READ_DOCUMENT)
            return outcome;
    }
}

int64_t gw_track_reader_position(const gw_track_reader *r, bool before)
{
    return r->base + (int64_t)(r->start + (r->inside && !before ? r->len : 0));
}

int64_t gw_track_reader_lines(const gw_track_reader *r, bool before)
{
    if (before || !r->inside)
        return r->lines;
    return r->lines + (r->whole && !r->values ? 1 : newlines(r->text, r->len));
}

char *gw_track_reader_digest(gw_track_reader *r, gw_arena *arena, bool before)
{
    unsigned char out[GW_DIGEST_MAX];
    digest_to(r, r->start + (r->inside && !before ? r->len : 0));
    return gw_hex(arena, out, gw_digest_peek(r->digest, out));
}
