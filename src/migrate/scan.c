#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "migrate/convention/convention.h"

enum { CHUNK = 1 << 20 };

struct gw_scanner {
    gw_digest *digest;
    char *buf;
};

/* One file on its way through the scanner. */
typedef struct scan {
    gw_dir *dir;
    gw_source *source;
    gw_digest *digest;
    uint64_t offset;  /* of the first byte in the buffer */
    unsigned line;    /* number of the next line */
    unsigned comment; /* depth of block comments at the start of the next line */
    bool cut;         /* the rest of an over-long line is passed over */
    bool cr;          /* the last chunk ended with CR */
    bool dollar;      /* the last chunk ended with $ */
} scan;

gw_scanner *gw_scanner_new(gw_arena *arena)
{
    gw_scanner *scanner = gw_alloc(arena, sizeof *scanner);
    scanner->digest = gw_digest_start(arena, GW_SHA256);
    scanner->buf = gw_alloc(arena, CHUNK);
    return scanner;
}

/* CRLF counts as LF, also where the two stand in different chunks. */
static void add_lf(scan *s, const char *data, size_t len)
{
    if (s->cr && len && data[0] != '\n')
        gw_digest_add(s->digest, "\r", 1);
    if (len)
        s->cr = false;
    while (len > 0) {
        const char *cr = memchr(data, '\r', len);
        size_t plain = cr ? (size_t)(cr - data) : len;
        gw_digest_add(s->digest, data, plain);
        data += plain;
        len -= plain;
        if (!len)
            break;
        if (len == 1) {
            s->cr = true;
            break;
        }
        if (data[1] != '\n')
            gw_digest_add(s->digest, "\r", 1);
        data++;
        len--;
    }
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool starts(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && memcmp(text, word, n) == 0;
}

static bool starts_any_case(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && strncasecmp(text, word, n) == 0;
}

/* "up" + white space + "migration", after dashes and blanks (node-pg-migrate's own rule). */
static bool node_mark(const char *text, size_t len, const char *word)
{
    while (len && (is_space(*text) || *text == '-'))
        text++, len--;
    if (!starts_any_case(text, len, word))
        return false;
    text += strlen(word);
    len -= strlen(word);
    if (!len || !is_space(*text))
        return false;
    while (len && is_space(*text))
        text++, len--;
    return starts_any_case(text, len, "migration");
}

static bool dbmate_mark(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return starts(text, len, word) && (len == n || is_space(text[n]));
}

/* What a comment line is to some tool; -1: nothing. `text` is what follows the dashes. */
static int mark_kind(const char *text, size_t len, bool indented, uint64_t offset,
                     uint64_t file_start)
{
    if (!indented && len && *text == '!')
        return GW_MARK_GRAPHILE;
    if (offset == file_start && !indented && starts(text, len, " no-transaction"))
        return GW_MARK_SQLX;
    if (node_mark(text, len, "up"))
        return GW_MARK_NODE_UP;
    if (node_mark(text, len, "down"))
        return GW_MARK_NODE_DOWN;
    while (len && is_space(*text))
        text++, len--;
    if (starts(text, len, "godwit:") || gw_directive_meant(text, len))
        return GW_MARK_DIRECTIVE;
    if (!indented && dbmate_mark(text, len, "migrate:up"))
        return GW_MARK_DBMATE_UP;
    if (!indented && dbmate_mark(text, len, "migrate:down"))
        return GW_MARK_DBMATE_DOWN;
    if (starts_any_case(text, len, "+goose"))
        return GW_MARK_GOOSE;
    if (!indented && starts(text, len, "atlas:"))
        return GW_MARK_ATLAS;
    return -1;
}

static void add_mark(scan *s, gw_mark mark, const char *line, const char *text, const char *end)
{
    while (end > text && is_space(end[-1]))
        end--;
    while (text < end && is_space(*text))
        text++;
    size_t len = (size_t)(end - text);
    mark.col = (unsigned)(text - line) + 1;
    mark.code = s->source->code;
    mark.text = gw_strndup(s->dir->arena, text, len < GW_MARK_TEXT ? len : GW_MARK_TEXT);
    *gw_vec_push(s->dir->arena, &s->source->marks) = mark;
}

/* Past block comments; the depth at the end stays in s->comment. */
static void skip_comments(scan *s, const char **text, const char *end)
{
    const char *p = *text;
    while (p < end) {
        if (end - p > 1 && p[0] == '/' && p[1] == '*') {
            s->comment++;
            p += 2;
        } else if (s->comment && end - p > 1 && p[0] == '*' && p[1] == '/') {
            s->comment--;
            p += 2;
        } else if (s->comment || is_space(*p)) {
            p++;
        } else {
            break;
        }
    }
    *text = p;
}

static void note_block_comment(scan *s, const char *line, const char *text, const char *end,
                               unsigned number, uint64_t offset, uint64_t next)
{
    while (text < end && is_space(*text))
        text++;
    gw_mark mark = {
        .kind = GW_MARK_DIRECTIVE, .line = number, .offset = offset, .next = next, .block = true};
    if (gw_directive_meant(text, (size_t)(end - text)))
        add_mark(s, mark, line, text, end);
}

/* The lines before it are all of them comments that begin with their line. */
static void note_head(scan *s, const char *text, size_t len)
{
    if (len > 1 && text[0] == '-' && text[1] == '-')
        s->source->head = s->line;
    else
        s->source->head_apart = !len || (len == 1 && *text == '\r');
}

/* One line without its LF; `next` is the offset of what follows. */
static void scan_line(scan *s, const char *text, size_t len, uint64_t offset, uint64_t next)
{
    const char *end = text + len, *at = text;
    if (s->line == s->source->head + 1)
        note_head(s, text, len);
    unsigned line = s->line++;
    bool in_comment = s->comment > 0;
    while (at < end && is_space(*at))
        at++;
    if (at == end)
        return;
    if (end - at > 1 && at[0] == '-' && at[1] == '-') {
        bool indented = at > text;
        int kind = mark_kind(at + 2, (size_t)(end - at - 2), indented, offset, s->source->start);
        if (kind == GW_MARK_DIRECTIVE && in_comment)
            kind = -1;
        if (kind >= 0)
            add_mark(s,
                     (gw_mark){.kind = (gw_mark_kind)kind,
                               .indented = indented,
                               .line = line,
                               .offset = offset,
                               .next = next},
                     text, at + 2, end);
        if (!in_comment)
            return;
    }
    /* No directive stands in such a comment, but somebody may think so. */
    if (!in_comment && end - at > 2 && at[0] == '/' && at[1] == '*')
        note_block_comment(s, text, at + 2, end, line, offset, next);
    /* A block comment is followed only from the start of a line: a line of statement text may
     * hold its signs inside a string. */
    skip_comments(s, &at, end);
    if (at == end || (end - at > 1 && at[0] == '-' && at[1] == '-'))
        return;
    if (!s->source->code++)
        s->source->code_line = line;
}

/* All lines that are complete in the buffer. Returns how many bytes were used. */
static size_t scan_lines(scan *s, const char *data, size_t len, bool last)
{
    const char *at = data, *end = data + len;
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        uint64_t offset = s->offset + (uint64_t)(at - data);
        if (!lf && !last && (at > data || len < CHUNK))
            break;
        const char *stop = lf ? lf : end;
        uint64_t next = s->offset + (uint64_t)((lf ? lf + 1 : end) - data);
        if (!s->cut)
            scan_line(s, at, (size_t)(stop - at), offset, next);
        s->cut = !lf && !last;
        at = lf ? lf + 1 : end;
    }
    return (size_t)(at - data);
}

static void look_for_braces(scan *s, const char *data, size_t len)
{
    if (s->source->dollar_brace || !len)
        return;
    s->source->dollar_brace = (s->dollar && data[0] == '{') || memmem(data, len, "${", 2);
    s->dollar = data[len - 1] == '$';
}

/* `expected` saves the read that would find the end; a file that grows meanwhile is as it was. */
static bool scan_open(scan *s, int fd, uint64_t expected, char *buf, gw_err *err)
{
    size_t kept = 0;
    bool first = true;
    for (;;) {
        ssize_t n = read(fd, buf + kept, CHUNK - kept);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            gw_err_errno(err, errno, "cannot read %s", s->source->shown);
            return gw_err_at(err, s->source->shown, 0, 0);
        }
        size_t got = (size_t)n, skip = 0;
        if (first && got >= 3 && memcmp(buf, "\xEF\xBB\xBF", 3) == 0)
            skip = 3;
        first = false;
        add_lf(s, buf + kept + skip, got - skip);
        look_for_braces(s, buf + kept, got);
        s->source->size += got;
        s->source->start += skip;
        s->offset += skip;
        size_t have = kept + got;
        bool last = n == 0 || s->source->size == expected;
        size_t used = skip + scan_lines(s, buf + skip, have - skip, last);
        if (last)
            break;
        s->offset += used - skip;
        kept = have - used;
        memmove(buf, buf + used, kept);
    }
    if (s->cr)
        gw_digest_add(s->digest, "\r", 1);
    return true;
}

static bool open_error(gw_err *err, const gw_source *source, int code)
{
    gw_err_errno(err, code, "cannot read %s", source->shown);
    if (code == EACCES)
        gw_err_hint(err, "give user id %ld permission to read it", (long)geteuid());
    return gw_err_at(err, source->shown, 0, 0);
}

bool gw_source_scan(gw_dir *dir, gw_source *source, gw_err *err)
{
    if (source->scanned)
        return true;
    int fd = openat(dir->fd, source->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return open_error(err, source, errno);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        gw_err_set(err, GW_ERR_IO, "cannot read %s", source->shown);
        gw_err_detail(err, "it is not a regular file");
        gw_err_hint(err,
                    "a migration is a plain file: replace this one, or move it out of the folder "
                    "of migrations");
        return gw_err_at(err, source->shown, 0, 0);
    }
    source->changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    scan s = {.dir = dir, .source = source, .digest = dir->scanner->digest, .line = 1};
    gw_digest_restart(s.digest);
    bool ok = scan_open(&s, fd, (uint64_t)st.st_size, dir->scanner->buf, err);
    close(fd);
    if (!ok)
        return false;
    unsigned char sum[GW_DIGEST_MAX];
    size_t len = gw_digest_take(s.digest, sum);
    source->checksum = gw_hex(dir->arena, sum, len);
    source->scanned = true;
    return true;
}
