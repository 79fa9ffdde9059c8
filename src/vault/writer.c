#include "vault/writer.h"

#include <string.h>
#include <zstd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "vault/part.h"

enum { LEVEL = 3, WORKERS = 2, JOB_BYTES = 1 << 20 };

struct gw_backup_writer {
    gw_arena *arena;
    gw_manifest *manifest;
    const char *directory;
    gw_part *part;
    bool failed;
    gw_head head;
    gw_secret file_key;
    gw_gcm *gcm;
    gw_digest *plain, *stored;
    ZSTD_CCtx *zstd;
    unsigned char *chunk, *sealed; /* GW_CHUNK_BYTES; that and a tag */
    size_t filled;
    uint64_t number;
    int64_t started_us;
};

static bool write_all(gw_backup_writer *w, const void *data, size_t len, gw_err *err)
{
    w->failed = !gw_part_write(w->part, data, len, err) || w->failed;
    return !w->failed;
}

void gw_backup_abandon(gw_backup_writer *w)
{
    if (w->part)
        gw_part_abandon(w->part);
}

static void release(void *arg)
{
    gw_backup_writer *w = arg;
    gw_backup_abandon(w);
    ZSTD_freeCCtx(w->zstd);
}

/* ---- the head ------------------------------------------------------------------------------------- */

static bool make_slots(gw_backup_writer *w, const gw_recipient *recipients, size_t count,
                       gw_err *err)
{
    static const gw_recipient nobody = {.kind = GW_SLOT_OPEN};
    if (!count)
        recipients = &nobody;
    w->head.slot_count = count ? count : 1;
    w->head.slots = gw_alloc_array(w->arena, w->head.slot_count, sizeof(gw_slot));
    for (size_t i = 0; i < w->head.slot_count; i++) {
        const gw_recipient *to = &recipients[i];
        if (!gw_slot_wrap(w->arena, to, w->file_key.data, &w->head.slots[i], err))
            return false;
        if (to->kind >= GW_SLOT_X25519)
            *gw_vec_push(w->arena, &w->manifest->keys) =
                gw_hex(w->arena, to->key_id, GW_KEY_ID_BYTES);
    }
    w->manifest->encryption = gw_slot_kinds(w->arena, &w->head);
    return true;
}

static void set_manifest(gw_backup_writer *w)
{
    w->head.manifest = gw_manifest_write(w->arena, w->manifest);
}

/* Room for it: every number at its longest, every digest there. */
static bool keep_room(gw_backup_writer *w, gw_err *err)
{
    static const char digest[] = "0000000000000000000000000000000000000000000000000000000000000000";
    gw_manifest *m = w->manifest;
    m->duration_ms = m->plain_bytes = m->stored_bytes = GW_MANIFEST_UNKNOWN;
    m->plain_sha256 = m->stored_sha256 = digest;
    set_manifest(w);
    w->head.manifest_len = strlen(w->head.manifest);
    if (w->head.manifest_len > GW_HEAD_MANIFEST_MAX)
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "there are too many tables for one backup");
    gw_buf zeros = GW_BUF(w->arena);
    gw_head_write(&zeros, &w->head, w->file_key.data);
    memset(zeros.data, 0, zeros.len);
    return write_all(w, zeros.data, zeros.len, err);
}

static void start_stream(gw_backup_writer *w)
{
    gw_secret key = gw_secret_new(w->arena, GW_KEY_BYTES);
    gw_head_stream_key(&w->head, w->file_key.data, key.data);
    w->gcm = gw_gcm_new(w->arena, key.data);
    w->plain = gw_digest_start(w->arena, GW_SHA256);
    w->stored = gw_digest_start(w->arena, GW_SHA256);
    w->chunk = gw_alloc(w->arena, GW_CHUNK_BYTES);
    w->sealed = gw_alloc(w->arena, GW_CHUNK_BYTES + GW_TAG_BYTES);
    w->zstd = ZSTD_createCCtx();
    if (!w->zstd)
        gw_out_of_memory(0);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
    /* Where the library was built without threads this is refused, and it goes on with one. */
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_nbWorkers, WORKERS);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_jobSize, JOB_BYTES);
}

bool gw_backup_begin(gw_arena *arena, const char *directory, gw_manifest *manifest,
                     const gw_recipient *recipients, size_t count, gw_backup_writer **out,
                     gw_err *err)
{
    gw_backup_writer *w = gw_alloc(arena, sizeof *w);
    *w = (gw_backup_writer){.arena = arena,
                            .manifest = manifest,
                            .directory = directory,
                            .head = {.chunk = GW_CHUNK_BYTES},
                            .started_us = gw_monotonic_us()};
    gw_arena_defer(arena, release, w);
    if (count > GW_HEAD_SLOTS_MAX)
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "a backup can be for at most %d keys",
                          GW_HEAD_SLOTS_MAX);
    w->file_key = gw_secret_new(arena, GW_KEY_BYTES);
    gw_random_bytes(w->file_key.data, GW_KEY_BYTES);
    gw_random_bytes(w->head.salt, GW_HEAD_SALT);
    if (!make_slots(w, recipients, count, err) || !gw_part_open(arena, directory, manifest->id, &w->part, err) || !keep_room(w, err)) {
        gw_backup_abandon(w);
        return false;
    }
    start_stream(w);
    *out = w;
    return true;
}

/* ---- the stream ----------------------------------------------------------------------------------- */

static bool put_chunk(gw_backup_writer *w, bool last, gw_err *err)
{
    unsigned char nonce[GW_NONCE_BYTES];
    size_t len = w->filled + GW_TAG_BYTES;
    gw_chunk_nonce(w->number++, last, nonce);
    gw_gcm_seal(w->gcm, nonce, NULL, 0, w->chunk, w->filled, w->sealed);
    gw_digest_add(w->stored, w->sealed, len);
    w->manifest->stored_bytes += (int64_t)len;
    w->filled = 0;
    return write_all(w, w->sealed, len, err);
}

/* A full chunk is put only when more comes: the last one is known by being the last. */
static bool compress(gw_backup_writer *w, const void *data, size_t len, bool end, gw_err *err)
{
    ZSTD_inBuffer in = {data, len, 0};
    for (;;) {
        if (w->filled == GW_CHUNK_BYTES && !put_chunk(w, false, err))
            return false;
        ZSTD_outBuffer out = {w->chunk, GW_CHUNK_BYTES, w->filled};
        size_t left =
            ZSTD_compressStream2(w->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            w->failed = true;
            return gw_err_set(err, GW_ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(left));
        }
        w->filled = out.pos;
        if (end ? left == 0 : in.pos == in.size && w->filled < GW_CHUNK_BYTES)
            return true;
    }
}

bool gw_backup_write(gw_backup_writer *w, const void *data, size_t len, gw_err *err)
{
    if (w->manifest->plain_bytes == GW_MANIFEST_UNKNOWN)
        w->manifest->plain_bytes = w->manifest->stored_bytes = 0;
    gw_digest_add(w->plain, data, len);
    w->manifest->plain_bytes += (int64_t)len;
    return compress(w, data, len, false, err);
}

static const char *hex_of(gw_backup_writer *w, gw_digest *digest)
{
    unsigned char bytes[GW_DIGEST_MAX];
    size_t len = gw_digest_finish(digest, bytes);
    return gw_hex(w->arena, bytes, len);
}

static bool put_head(gw_backup_writer *w, gw_err *err)
{
    gw_manifest *m = w->manifest;
    gw_buf head = GW_BUF(w->arena);
    m->plain_sha256 = hex_of(w, w->plain);
    m->stored_sha256 = hex_of(w, w->stored);
    m->duration_ms = (gw_monotonic_us() - w->started_us) / 1000;
    set_manifest(w);
    gw_head_write(&head, &w->head, w->file_key.data);
    return gw_part_rewind(w->part, err) && write_all(w, head.data, head.len, err);
}

bool gw_backup_finish(gw_backup_writer *w, const char **path, gw_err *err)
{
    bool ok = !w->failed && gw_backup_write(w, "", 0, err) && compress(w, NULL, 0, true, err) &&
              put_chunk(w, true, err) && put_head(w, err);
    if (ok && gw_part_publish(w->part, path, err))
        return true;
    gw_backup_abandon(w);
    return false;
}

int64_t gw_backup_stored(const gw_backup_writer *w)
{
    return w->manifest->stored_bytes == GW_MANIFEST_UNKNOWN ? 0 : w->manifest->stored_bytes;
}
