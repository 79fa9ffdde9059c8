#include "vault/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/digest.h"
#include "base/file.h"

enum { WINDOW_LOG = 23 }; /* 8 MB: more than any level up to 19 takes below --long */

struct gw_backup_reader {
    gw_arena *arena;
    const char *path;
    int fd;
    gw_head head;
    gw_manifest manifest;
    gw_secret file_key;
    gw_gcm *gcm; /* NULL: locked */
    /* The stream. One byte more than a chunk is read, so that the last one is known. */
    unsigned char *sealed, *chunk, *plain;
    size_t have;
    uint64_t number;
    bool last;
    gw_digest *stored_digest, *plain_digest;
    int64_t stored_bytes, plain_bytes;
    ZSTD_DCtx *zstd;
    ZSTD_inBuffer in;
    size_t zstd_left; /* 0: its frame is complete */
    bool zstd_full;   /* it may hold more output than there was room for */
    bool finished;
};

static void release(void *arg)
{
    gw_backup_reader *r = arg;
    ZSTD_freeDCtx(r->zstd);
    close(r->fd);
}

static bool damaged(gw_backup_reader *r, gw_err *err, const char *what)
{
    gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
    gw_err_detail(err, "%s", what);
    return gw_err_at(err, r->path, 0, 0);
}

static bool read_some(gw_backup_reader *r, void *into, size_t want, size_t *got, gw_err *err)
{
    *got = 0;
    while (*got < want) {
        ssize_t n = read(r->fd, (char *)into + *got, want - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gw_err_errno(err, errno, "cannot read %s", r->path);
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

static bool read_head(gw_backup_reader *r, gw_err *err)
{
    unsigned char fixed[GW_HEAD_FIXED];
    size_t got = 0, len = 0;
    if (!read_some(r, fixed, sizeof fixed, &got, err))
        return false;
    if (got < sizeof fixed)
        return damaged(r, err, "it ends within its head");
    if (!gw_head_length(fixed, &len, err))
        return false;
    struct stat info;
    if (fstat(r->fd, &info) != 0 || (S_ISREG(info.st_mode) && (size_t)info.st_size < len))
        return damaged(r, err, "it ends within its head");
    unsigned char *bytes = gw_alloc(r->arena, len);
    memcpy(bytes, fixed, sizeof fixed);
    if (!read_some(r, bytes + sizeof fixed, len - sizeof fixed, &got, err))
        return false;
    return gw_head_read(r->arena, bytes, got + sizeof fixed, &r->head, err) &&
           gw_manifest_read(r->arena, r->head.manifest, r->head.manifest_len, &r->manifest, err);
}

bool gw_backup_open(gw_arena *arena, const char *path, gw_backup_reader **out, gw_err *err)
{
    gw_backup_reader *r = gw_alloc(arena, sizeof *r);
    *r = (gw_backup_reader){.arena = arena, .path = gw_strdup(arena, path)};
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return gw_err_errno(err, errno, "cannot open %s", path);
    gw_arena_defer(arena, release, r);
    if (!read_head(r, err))
        return err->file ? false : gw_err_at(err, r->path, 0, 0);
    *out = r;
    return true;
}

const gw_manifest *gw_backup_manifest(const gw_backup_reader *r)
{
    return &r->manifest;
}

const gw_head *gw_backup_head(const gw_backup_reader *r)
{
    return &r->head;
}

bool gw_backup_is_open(const gw_backup_reader *r)
{
    for (size_t i = 0; i < r->head.slot_count; i++)
        if (r->head.slots[i].kind == GW_SLOT_OPEN)
            return true;
    return false;
}

static bool rewind_stream(gw_backup_reader *r, gw_err *err)
{
    if (lseek(r->fd, (off_t)r->head.len, SEEK_SET) < 0)
        return gw_err_errno(err, errno, "cannot read %s", r->path);
    r->have = 0;
    r->number = 0;
    r->last = r->finished = false;
    r->stored_bytes = r->plain_bytes = 0;
    r->in = (ZSTD_inBuffer){r->chunk, 0, 0};
    r->zstd_left = 1;
    r->zstd_full = false;
    gw_digest_restart(r->stored_digest);
    gw_digest_restart(r->plain_digest);
    ZSTD_DCtx_reset(r->zstd, ZSTD_reset_session_only);
    return true;
}

bool gw_backup_unlock(gw_backup_reader *r, const gw_unlock *unlock, gw_err *err)
{
    if (!r->file_key.data)
        r->file_key = gw_secret_new(r->arena, GW_KEY_BYTES);
    if (!gw_head_unlock(r->arena, &r->head, unlock, r->file_key.data, err))
        return gw_err_at(err, r->path, 0, 0);
    gw_secret key = gw_secret_new(r->arena, GW_KEY_BYTES);
    gw_head_stream_key(&r->head, r->file_key.data, key.data);
    r->gcm = gw_gcm_new(r->arena, key.data);
    r->sealed = gw_alloc(r->arena, r->head.chunk + GW_TAG_BYTES + 1);
    r->chunk = gw_alloc(r->arena, r->head.chunk);
    r->plain = gw_alloc(r->arena, ZSTD_DStreamOutSize());
    r->stored_digest = gw_digest_start(r->arena, GW_SHA256);
    r->plain_digest = gw_digest_start(r->arena, GW_SHA256);
    r->zstd = ZSTD_createDCtx();
    if (!r->zstd)
        gw_out_of_memory(0);
    ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    return rewind_stream(r, err);
}

static bool same_hex(gw_arena *arena, gw_digest *digest, const char *expected)
{
    unsigned char bytes[GW_DIGEST_MAX];
    size_t len = gw_digest_take(digest, bytes);
    return strcmp(gw_hex(arena, bytes, len), expected) == 0;
}

/* What a chunk that does not open has against it. */
static bool refuse_chunk(gw_backup_reader *r, size_t len, gw_err *err)
{
    unsigned char nonce[GW_NONCE_BYTES];
    gw_chunk_nonce(r->number, !r->last, nonce);
    if (gw_gcm_open(r->gcm, nonce, NULL, 0, r->sealed, len, r->chunk))
        return damaged(r, err, r->last ? "it is cut off: its end is missing"
                                       : "there is something behind its end");
    return damaged(r, err, gw_printf(r->arena, "chunk %llu is not what was written there",
                                     (unsigned long long)r->number));
}

/* The next chunk, opened. *len is 0 where there is none. */
static bool next_chunk(gw_backup_reader *r, size_t *len, gw_err *err)
{
    unsigned char nonce[GW_NONCE_BYTES];
    size_t whole = r->head.chunk + GW_TAG_BYTES, got = 0;
    *len = 0;
    if (r->last)
        return true;
    if (!read_some(r, r->sealed + r->have, whole + 1 - r->have, &got, err))
        return false;
    got += r->have;
    r->last = got <= whole;
    size_t sealed = r->last ? got : whole;
    if (sealed < GW_TAG_BYTES)
        return damaged(r, err, "it is cut off: its end is missing");
    *len = sealed - GW_TAG_BYTES;
    gw_digest_add(r->stored_digest, r->sealed, sealed);
    gw_chunk_nonce(r->number, r->last, nonce);
    if (!gw_gcm_open(r->gcm, nonce, NULL, 0, r->sealed, *len, r->chunk))
        return refuse_chunk(r, *len, err);
    if (!*len && r->number)
        return damaged(r, err, "its last chunk is empty");
    r->number++;
    r->stored_bytes += (int64_t)sealed;
    r->have = got - sealed;
    if (r->have)
        r->sealed[0] = r->sealed[sealed];
    return true;
}

static bool stored_agrees(gw_backup_reader *r, gw_err *err)
{
    return (r->stored_bytes == r->manifest.stored_bytes &&
            same_hex(r->arena, r->stored_digest, r->manifest.stored_sha256)) ||
           damaged(r, err, "its chunks are not those that its manifest names");
}

bool gw_backup_check(gw_backup_reader *r, bool (*see)(void *self, int64_t done), void *self,
                     gw_err *err)
{
    size_t len;
    if (!rewind_stream(r, err))
        return false;
    while (!r->last) {
        if (!next_chunk(r, &len, err))
            return false;
        if (see && !see(self, r->stored_bytes))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while %s was read", r->path);
    }
    return stored_agrees(r, err) && rewind_stream(r, err);
}

static bool end_of_stream(gw_backup_reader *r, gw_err *err)
{
    r->finished = true;
    if (r->zstd_left)
        return damaged(r, err, "its compressed stream is cut off");
    return stored_agrees(r, err) &&
           ((r->plain_bytes == r->manifest.plain_bytes &&
             same_hex(r->arena, r->plain_digest, r->manifest.plain_sha256)) ||
            damaged(r, err, "what comes out of it is not what was put in"));
}

/* Some more output into r->plain; *made may be 0. */
static bool inflate_some(gw_backup_reader *r, size_t *made, gw_err *err)
{
    ZSTD_outBuffer plain = {r->plain, ZSTD_DStreamOutSize(), 0};
    if (!r->zstd_left)
        return damaged(r, err, "there is something behind its compressed stream");
    r->zstd_left = ZSTD_decompressStream(r->zstd, &plain, &r->in);
    if (ZSTD_isError(r->zstd_left))
        return damaged(r, err, "its compressed stream cannot be read");
    r->zstd_full = r->zstd_left && plain.pos == plain.size;
    gw_digest_add(r->plain_digest, r->plain, plain.pos);
    r->plain_bytes += (int64_t)plain.pos;
    *made = plain.pos;
    return true;
}

bool gw_backup_read(gw_backup_reader *r, const unsigned char **out, size_t *len, gw_err *err)
{
    *out = r->plain;
    *len = 0;
    while (!r->finished && !*len) {
        bool drained = r->in.pos == r->in.size && !r->zstd_full;
        if (drained && r->last)
            return end_of_stream(r, err);
        size_t chunk = 0;
        if (drained && !next_chunk(r, &chunk, err))
            return false;
        if (drained)
            r->in = (ZSTD_inBuffer){r->chunk, chunk, 0};
        else if (!inflate_some(r, len, err))
            return false;
    }
    return true;
}
