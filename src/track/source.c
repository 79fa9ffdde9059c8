/* Where a stream goes on: by what it holds, not by what it is called. A stream whose beginning has been
 * counted is the same one, under whatever name; one that the user has named has to be what it was. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/uuid.h"
#include "track/ingest_impl.h"
#include "sql_track.h"

enum { BEGINNING = 64 << 10 };

typedef struct candidate {
    int64_t id, position, lines;
    const char *name, *digest;
} candidate;

typedef struct candidates {
    const candidate *items;
    size_t len;
} candidates;

static bool read_candidates(gw_ingest *in, candidates *out, gw_err *err)
{
    static const gw_col cols[] = {{"id", GW_COL_INT, true, offsetof(candidate, id)},
                                  {"name", GW_COL_TEXT, true, offsetof(candidate, name)},
                                  {"position", GW_COL_INT, true, offsetof(candidate, position)},
                                  {"lines", GW_COL_INT, true, offsetof(candidate, lines)},
                                  {"digest", GW_COL_TEXT, true, offsetof(candidate, digest)}};
    gw_param params[] = {gw_p_text(in->options.tracker),
                         gw_p_text(in->options.named ? in->options.source : NULL)};
    gw_result result;
    void *rows;
    if (!gw_query(in->session, in->arena, &gw_sql_source_candidates, params, 2, &result, err) ||
        !gw_rows(in->arena, &result, cols, 5, sizeof(candidate), &rows, err))
        return false;
    *out = (candidates){.items = rows, .len = result.rows};
    return true;
}

/* Adds to the digest up to `to`; *whole false where the stream ends before. */
static bool digest_up_to(gw_ingest *in, int fd, gw_digest *digest, int64_t *at, int64_t to, bool *whole,
                         gw_err *err)
{
    enum { CHUNK = 256 << 10 };
    char *chunk = malloc(CHUNK);
    if (!chunk)
        gw_out_of_memory(CHUNK);
    bool ok = true;
    *whole = true;
    while (ok && *whole && *at < to) {
        size_t want = to - *at < CHUNK ? (size_t)(to - *at) : CHUNK;
        ssize_t got = pread(fd, chunk, want, *at);
        if (got < 0)
            ok = gw_err_errno(err, errno, "cannot read %s", in->options.source);
        *whole = got > 0;
        if (got > 0) {
            gw_digest_add(digest, chunk, (size_t)got);
            *at += got;
        }
        if (gw_cancel_level(in->options.cancel))
            ok = gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while looking for what was counted");
    }
    free(chunk);
    return ok;
}

/* The longest beginning of the file that was counted; NULL: none. */
static bool match(gw_ingest *in, int fd, const candidates *all, const candidate **out, gw_err *err)
{
    gw_digest *digest = gw_digest_start(in->arena, GW_SHA256);
    int64_t at = 0;
    bool whole = true;
    *out = NULL;
    for (size_t i = 0; i < all->len; i++) {
        unsigned char bytes[GW_DIGEST_MAX];
        if (!digest_up_to(in, fd, digest, &at, all->items[i].position, &whole, err))
            return false;
        if (!whole)
            break;
        const char *hex = gw_hex(in->arena, bytes, gw_digest_peek(digest, bytes));
        if (strcmp(hex, all->items[i].digest) == 0)
            *out = &all->items[i];
    }
    return true;
}

/* A pipe cannot be read twice: as much of it as may have been counted goes into a file that has no name. */
static bool spool(gw_ingest *in, int from, int64_t most, int *out, gw_err *err)
{
    char path[] = "/tmp/godwit-spool-XXXXXX";
    enum { CHUNK = 64 << 10 };
    char chunk[CHUNK];
    int64_t len = 0;
    *out = mkstemp(path);
    if (*out < 0)
        return gw_err_errno(err, errno, "cannot make a file in /tmp");
    unlink(path);
    while (len < most) {
        size_t want = most - len < CHUNK ? (size_t)(most - len) : CHUNK;
        ssize_t got = read(from, chunk, want);
        if (got < 0 && errno == EINTR && !gw_cancel_level(in->options.cancel))
            continue;
        if (got < 0)
            return gw_err_errno(err, errno, "cannot read %s", in->options.source);
        if (got == 0)
            break;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(*out, chunk + done, (size_t)(got - done));
            if (put < 0)
                return gw_err_errno(err, errno, "cannot write to /tmp");
            done += put;
        }
        len += got;
    }
    return true;
}

static void close_fd(void *fd)
{
    close((int)(intptr_t)fd);
}

/* ---- new ones ------------------------------------------------------------------------------------------ */

static bool put(gw_ingest *in, const char *name, gw_err *err)
{
    static const gw_col cols[] = {{"id", GW_COL_INT, true, 0}};
    gw_param params[] = {gw_p_text(in->options.tracker), gw_p_text(name), gw_p_bool(in->options.named),
                         gw_p_text("")};
    gw_result result;
    void *rows;
    if (!gw_query(in->session, in->arena, &gw_sql_source_put, params, 4, &result, err) ||
        !gw_rows(in->arena, &result, cols, 1, sizeof(int64_t), &rows, err))
        return false;
    in->source_id = result.rows ? *(int64_t *)rows : 0;
    return true;
}

static bool put_new(gw_ingest *in, bool pipe, gw_err *err)
{
    const char *name = in->options.source;
    if (pipe && !in->options.named) /* nothing tells two pipes apart while both run */
        name = gw_printf(in->arena, "%s %s", name, gw_uuid_v7().text);
    for (int number = 2; number < 10000; number++) {
        if (!put(in, name, err))
            return false;
        if (in->source_id)
            return true;
        if (in->options.named)
            return gw_err_set(err, GW_ERR_BUSY, "another run counts %s as well", name);
        name = gw_printf(in->arena, "%s %d", in->options.source, number); /* what lay there before is other */
    }
    return gw_err_set(err, GW_ERR_STATE, "%s has been too many different streams", in->options.source);
}

static bool claim_by(gw_ingest *in, const char *name, bool *claimed, gw_err *err)
{
    static const gw_col cols[] = {{"claimed", GW_COL_BOOL, true, 0}};
    gw_param params[] = {gw_p_text(in->options.tracker), gw_p_text(name)};
    gw_result result;
    return gw_query(in->session, in->arena, &gw_sql_source_claim, params, 2, &result, err) &&
           gw_row(in->arena, &result, cols, 1, claimed, err);
}

/* A copy under another name is the same stream. */
static bool claim_beginning(gw_ingest *in, int fd, gw_err *err)
{
    gw_digest *digest = gw_digest_start(in->arena, GW_SHA256);
    unsigned char bytes[GW_DIGEST_MAX];
    int64_t at = 0;
    bool whole, claimed = true;
    if (!digest_up_to(in, fd, digest, &at, BEGINNING, &whole, err))
        return false;
    const char *name = gw_printf(in->arena, "sha256 %s",
                                 gw_hex(in->arena, bytes, gw_digest_peek(digest, bytes)));
    if (!at || !claim_by(in, name, &claimed, err))
        return !at;
    if (claimed)
        return true;
    gw_err_set(err, GW_ERR_BUSY, "another run counts a stream that begins as %s does",
               in->options.source);
    return gw_err_hint(err, "wait for it: what both hold is counted once. Two streams that happen to "
                            "begin alike need names: --source");
}

/* One process a stream. Behind a transaction pooler no lock can be held: a batch that comes second fails. */
static bool claim(gw_ingest *in, int fd, gw_err *err)
{
    bool claimed = true;
    if (gw_session_pooled(in->session))
        return true;
    if (!claim_by(in, in->options.source, &claimed, err))
        return false;
    if (!claimed)
        return gw_err_set(err, GW_ERR_BUSY, "another run counts %s as well", in->options.source);
    return in->options.named || claim_beginning(in, fd, err);
}

/* ---- both ------------------------------------------------------------------------------------------------ */

static bool take_up(gw_ingest *in, int fd, const candidate *from, gw_track_reader *reader, gw_err *err)
{
    int64_t at = 0;
    bool whole;
    reader->digest = gw_digest_start(in->arena, GW_SHA256);
    if (!from)
        return true;
    in->source_id = from->id;
    in->position = from->position;
    in->counts.skipped = from->position;
    if (!digest_up_to(in, fd, reader->digest, &at, from->position, &whole, err))
        return false;
    if (lseek(fd, from->position, SEEK_SET) < 0)
        return gw_err_errno(err, errno, "cannot read %s", in->options.source);
    return true;
}

bool gw_ingest_resume(gw_ingest *in, int fd, bool seekable, gw_track_reader *reader, gw_err *err)
{
    candidates all;
    const candidate *from = NULL;
    int file = fd;
    reader->fds[0] = fd;
    reader->fds[1] = -1;
    if (in->options.sidecar) { /* blocks say by themselves which they are */
        gw_track_reader_start(in->arena, reader, 0, 0, NULL);
        return true;
    }
    if ((seekable || in->options.named) && !claim(in, fd, err))
        return false;
    if (!read_candidates(in, &all, err))
        return false;
    if (!seekable && all.len) {
        if (!spool(in, fd, all.items[all.len - 1].position, &file, err))
            return false;
        gw_arena_defer(in->arena, close_fd, (void *)(intptr_t)file);
        if (lseek(file, 0, SEEK_SET) < 0)
            return gw_err_errno(err, errno, "cannot read a file in /tmp");
        reader->fds[0] = file;
        reader->fds[1] = fd;
    }
    if (all.len && !match(in, file, &all, &from, err))
        return false;
    if (!from && all.len && in->options.named) {
        gw_err_set(err, GW_ERR_STATE, "source %s does not begin as what was counted of it",
                   in->options.source);
        gw_err_detail(err, "its first %" PRId64 " bytes were counted, and are others now or missing",
                      all.items[0].position);
        return gw_err_hint(err, "another stream needs another name: --source");
    }
    if (!take_up(in, file, from, reader, err))
        return false;
    gw_track_reader_start(in->arena, reader, from ? from->position : 0, from ? from->lines : 0,
                          reader->digest);
    return from ? true : put_new(in, !seekable, err);
}
