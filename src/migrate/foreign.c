#include "migrate/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "migrate/convention/convention.h"

enum { CHUNK = 64 * 1024 };

typedef void take_fn(void *self, const char *data, size_t len);

/* Hand a chunk on; with `lf`, CRLF as LF, also where the two stand in different chunks. */
static void hand_on(const char *data, size_t len, bool lf, bool *cr, take_fn *take, void *self)
{
    if (!lf) {
        take(self, data, len);
        return;
    }
    if (*cr && data[0] != '\n')
        take(self, "\r", 1);
    *cr = false;
    while (len) {
        const char *at = memchr(data, '\r', len);
        size_t plain = at ? (size_t)(at - data) : len;
        if (plain)
            take(self, data, plain);
        data += plain;
        len -= plain;
        if (len == 1)
            *cr = true;
        else if (len && data[1] != '\n')
            take(self, "\r", 1);
        if (len) {
            data++;
            len--;
        }
    }
}

static bool walk(gw_arena *arena, const char *path, uint64_t offset, bool lf, take_fn *take,
                 void *self, gw_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char *buf = gw_alloc(arena, CHUNK);
    bool cr = false, ok = fd >= 0;
    for (;;) {
        ssize_t n = ok ? pread(fd, buf, CHUNK, (off_t)offset) : -1;
        if (ok && n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            gw_err_errno(err, errno, "cannot read %s", path);
            gw_err_at(err, path, 0, 0);
            ok = false;
        }
        if (n <= 0)
            break;
        hand_on(buf, (size_t)n, lf, &cr, take, self);
        offset += (uint64_t)n;
    }
    if (ok && cr)
        take(self, "\r", 1);
    if (fd >= 0)
        close(fd);
    return ok;
}

static void to_digest(void *self, const char *data, size_t len)
{
    gw_digest_add(self, data, len);
}

bool gw_foreign_feed(gw_arena *arena, const char *path, bool lf, gw_digest *digest, gw_err *err)
{
    return walk(arena, path, 0, lf, to_digest, digest, err);
}

static const char *finish(gw_arena *arena, gw_digest *digest)
{
    unsigned char sum[GW_DIGEST_MAX];
    size_t len = gw_digest_finish(digest, sum);
    return gw_hex(arena, sum, len);
}

static bool whole(gw_arena *arena, const gw_migration *m, gw_digest_kind kind, bool lf,
                  const char **out, gw_err *err)
{
    gw_digest *digest = gw_digest_start(arena, kind);
    if (!gw_foreign_feed(arena, m->up.path, lf, digest, err))
        return false;
    *out = finish(arena, digest);
    return true;
}

/* Flyway reads lines and forgets what ended them, and a BOM before the first. */
typedef struct crc {
    uint32_t value;
    uint64_t seen;
} crc;

static void to_crc(void *self, const char *data, size_t len)
{
    crc *c = self;
    if (c->seen == 0 && len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        c->seen = 3;
        data += 3;
        len -= 3;
    }
    c->seen += len;
    while (len) {
        size_t line = 0;
        while (line < len && data[line] != '\n' && data[line] != '\r')
            line++;
        c->value = gw_crc32(c->value, data, line);
        line += line < len;
        data += line;
        len -= line;
    }
}

static const char *signed_text(gw_arena *arena, const crc *c)
{
    return gw_printf(arena, "%ld", (long)(int32_t)c->value);
}

static bool flyway(gw_arena *arena, const gw_migration *m, const char **out, gw_err *err)
{
    crc c = {0};
    if (!walk(arena, m->up.path, 0, false, to_crc, &c, err))
        return false;
    *out = signed_text(arena, &c);
    return true;
}

bool gw_foreign_checksum_filled(gw_arena *arena, const gw_migration *migration,
                                const gw_script_context *context, const char **out, gw_err *err)
{
    gw_sql_input input;
    crc c = {0};
    char *buf = gw_alloc(arena, CHUNK);
    if (!gw_section_open(arena, &migration->up, 0, context, &input, err))
        return false;
    for (long n; (n = input.read(input.self, buf, CHUNK, err)) != 0;) {
        if (n < 0)
            return false;
        to_crc(&c, buf, (size_t)n);
    }
    *out = signed_text(arena, &c);
    return true;
}

/* graphile-migrate trims what it hashes: white space is held back until more text follows. */
typedef struct trimmed {
    gw_digest *digest;
    gw_buf held; /* to go before the next text */
    bool begun;
} trimmed;

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void to_trimmed(void *self, const char *data, size_t len)
{
    trimmed *t = self;
    size_t end = len, start = 0;
    while (end && blank(data[end - 1]))
        end--;
    while (!t->begun && start < end && blank(data[start]))
        start++;
    if (end > start) {
        gw_digest_add(t->digest, t->held.data, t->held.len);
        gw_buf_clear(&t->held);
        gw_digest_add(t->digest, data + start, end - start);
        t->begun = true;
    }
    if (t->begun)
        gw_buf_addn(&t->held, data + end, len - end);
}

/* The value of a `--! Previous:` line in the header, "" where it is "-". */
static bool previous_of(gw_arena *arena, const char *path, const char **out, gw_err *err)
{
    static const char key[] = "--! Previous:";
    char head[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head - 1, 0);
    int code = errno;
    if (fd >= 0)
        close(fd);
    if (n < 0) {
        gw_err_errno(err, code, "cannot read %s", path);
        return gw_err_at(err, path, 0, 0);
    }
    head[n] = '\0';
    *out = "";
    const char *at = strncmp(head, "\xEF\xBB\xBF", 3) == 0 ? head + 3 : head;
    for (; strncmp(at, "--! ", 4) == 0; at += strcspn(at, "\n"), at += *at == '\n') {
        if (strncmp(at, key, sizeof key - 1) != 0)
            continue;
        at += sizeof key - 1;
        at += strspn(at, " \t");
        *out = gw_strndup(arena, at, strcspn(at, " \t\r\n"));
        if (strcmp(*out, "-") == 0)
            *out = "";
    }
    return true;
}

static bool graphile(gw_arena *arena, const gw_migration *m, bool lf, const char **out, gw_err *err)
{
    const char *previous;
    if (!previous_of(arena, m->up.path, &previous, err))
        return false;
    gw_digest *digest = gw_digest_start(arena, GW_SHA1);
    trimmed body = {.digest = digest, .held = GW_BUF(arena)};
    if (*previous) {
        gw_digest_add(digest, previous, strlen(previous));
        gw_buf_addc(&body.held, '\n');
    }
    if (!walk(arena, m->up.path, m->up.sections[0].offset, lf, to_trimmed, &body, err))
        return false;
    gw_digest_add(digest, "\n", 1);
    *out = gw_printf(arena, "sha1:%s", finish(arena, digest));
    return true;
}

bool gw_foreign_checksum(gw_arena *arena, const gw_migration *migration, bool lf, const char **out,
                         gw_err *err)
{
    *out = NULL;
    switch (migration->format) {
    case GW_FORMAT_SQLX:
        return whole(arena, migration, GW_SHA384, lf, out, err);
    case GW_FORMAT_DRIZZLE:
        return whole(arena, migration, GW_SHA256, lf, out, err);
    case GW_FORMAT_SQITCH:
        return whole(arena, migration, GW_SHA1, lf, out, err);
    case GW_FORMAT_FLYWAY:
        return flyway(arena, migration, out, err);
    case GW_FORMAT_GRAPHILE_MIGRATE:
        return graphile(arena, migration, lf, out, err);
    case GW_FORMAT_ATLAS:
        *out = migration->foreign_id;
        return true;
    default:
        return true;
    }
}
