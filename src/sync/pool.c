#include "sync/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sync/keyed.h"
#include "sync/mapping.h"

/* Of the key's hash: so many files a side, and so much of the whole in memory at a time. A part that
 * is too large for that is parted again, by the next bits of the hash. */
enum { PART_BITS = 5, PARTS = 1 << PART_BITS, CHUNK = 1 << 20, SMALL = 16 << 10 };

typedef enum pool_side { SEEN, KEPT, SIDES } pool_side;

typedef struct pool_part {
    char *data; /* malloc */
    size_t len, cap;
    int fd; /* -1: nothing was written */
    size_t written;
} pool_part;

struct gw_pool {
    pool_part parts[SIDES][PARTS];
    size_t held, limit;
    unsigned shift; /* where in the hash the bits of the part are */
};

/* One record; its key follows. */
typedef struct record {
    uint64_t source, destination;
    uint32_t block, key_len;
    uint32_t own_destination, leaf;
} record;

static void release(void *arg)
{
    gw_pool *pool = arg;
    for (int s = 0; s < SIDES; s++) {
        for (int p = 0; p < PARTS; p++) {
            free(pool->parts[s][p].data);
            if (pool->parts[s][p].fd >= 0)
                close(pool->parts[s][p].fd);
        }
    }
}

gw_pool *gw_pool_new(gw_arena *arena, size_t limit)
{
    gw_pool *pool = gw_alloc(arena, sizeof *pool);
    pool->limit = limit;
    pool->shift = 64 - PART_BITS;
    for (int s = 0; s < SIDES; s++)
        for (int p = 0; p < PARTS; p++)
            pool->parts[s][p].fd = -1;
    gw_arena_defer(arena, release, pool);
    return pool;
}

/* It has no name from the start where the file system can, and from then on elsewhere. */
static int nameless_file(void)
{
    const char *dir = getenv("TMPDIR");
    if (!dir || !*dir)
        dir = "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/godwit-XXXXXX", dir);
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static bool write_out(pool_part *part, gw_err *err)
{
    if (part->len == 0)
        return true;
    if (part->fd < 0 && (part->fd = nameless_file()) < 0) {
        gw_err_errno(err, errno, "cannot make a file for what does not fit into memory");
        return gw_err_hint(err, "Name a folder that can be written to in TMPDIR.");
    }
    for (size_t done = 0; done < part->len;) {
        ssize_t n =
            pwrite(part->fd, part->data + done, part->len - done, (off_t)(part->written + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            gw_err_errno(err, errno, "cannot write what does not fit into memory");
            return gw_err_hint(err, "Name a folder with room in TMPDIR.");
        }
        done += (size_t)n;
    }
    part->written += part->len;
    part->len = 0;
    if (part->cap > SMALL) {
        free(part->data); /* rows that come in the order of their hashes fill one part after the other */
        part->data = NULL;
        part->cap = 0;
    }
    return true;
}

static void *room(pool_part *part, size_t more)
{
    if (part->len + more > part->cap) {
        part->cap = part->cap ? part->cap : 4096;
        while (part->len + more > part->cap)
            part->cap *= 2;
        part->data = realloc(part->data, part->cap);
        if (!part->data)
            gw_out_of_memory(part->cap);
    }
    return part->data + part->len;
}

static bool add(gw_pool *pool, pool_side side, const gw_fingerprint *row, gw_err *err)
{
    uint64_t hash = gw_key_hash(row->key, row->key_len);
    pool_part *part = &pool->parts[side][hash >> pool->shift & (PARTS - 1)];
    record head = {.source = row->source,
                   .destination = row->destination,
                   .block = row->block,
                   .key_len = (uint32_t)row->key_len,
                   .own_destination = row->own_destination,
                   .leaf = row->leaf};
    size_t size = sizeof head + row->key_len;
    char *at = room(part, size);
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, row->key, row->key_len);
    part->len += size;
    pool->held += size;
    if (pool->held <= pool->limit)
        return true;
    pool->held = 0;
    for (int s = 0; s < SIDES; s++)
        for (int p = 0; p < PARTS; p++)
            if (!write_out(&pool->parts[s][p], err))
                return false;
    return true;
}

bool gw_pool_seen(gw_pool *pool, const gw_fingerprint *row, gw_err *err)
{
    return add(pool, SEEN, row, err);
}

bool gw_pool_kept(gw_pool *pool, const gw_fingerprint *row, gw_err *err)
{
    return add(pool, KEPT, row, err);
}

/* All of a part in memory, what was written first. */
static bool read_back(pool_part *part, gw_err *err)
{
    if (part->written == 0)
        return true;
    size_t held = part->len;
    room(part, part->written);
    memmove(part->data + part->written, part->data, held);
    for (size_t done = 0; done < part->written;) {
        ssize_t n = pread(part->fd, part->data + done, part->written - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return gw_err_errno(err, n < 0 ? errno : EIO,
                                "cannot read back what was written for want of memory");
        done += (size_t)n;
    }
    part->len = held + part->written;
    return true;
}

static void empty(pool_part *part)
{
    free(part->data);
    if (part->fd >= 0)
        close(part->fd);
    *part = (pool_part){.fd = -1};
}

static bool next_record(const pool_part *part, size_t *at, gw_fingerprint *out)
{
    if (*at == part->len)
        return false;
    record head;
    memcpy(&head, part->data + *at, sizeof head);
    *out = (gw_fingerprint){.key = part->data + *at + sizeof head,
                            .key_len = head.key_len,
                            .leaf = head.leaf,
                            .block = head.block,
                            .own_destination = head.own_destination,
                            .source = head.source,
                            .destination = head.destination};
    *at += sizeof head + head.key_len;
    return true;
}

bool gw_not_a_key(const gw_fingerprint *row, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "a key stands for more than one row of the source");
    gw_key_said(err, row->key, row->key_len);
    return gw_err_hint(err,
                       "A mapping's key has to name one row: add the columns that make it unique.");
}

/* The kept ones are a table; the seen ones are looked up in it, and then go into one of their own.
 */
static bool join_part(pool_part *seen, pool_part *kept, gw_keyed *keyed, gw_keyed *only,
                      gw_row_change_fn *fn, void *self, gw_err *err)
{
    gw_fingerprint row;
    for (size_t at = 0; next_record(kept, &at, &row);)
        gw_keyed_put(keyed, &row, gw_key_hash(row.key, row.key_len));
    for (size_t at = 0; next_record(seen, &at, &row);) {
        uint64_t hash = gw_key_hash(row.key, row.key_len);
        gw_keyed_item *item = gw_keyed_find(keyed, row.key, row.key_len, hash);
        if ((item && item->seen) || (!item && gw_keyed_find(only, row.key, row.key_len, hash)))
            return gw_not_a_key(&row, err);
        if (!item) {
            gw_keyed_put(only, &row, hash);
            if (!fn(self, GW_ROW_NEW, &row, NULL, err))
                return false;
            continue;
        }
        item->seen = true;
        if (!fn(self, item->print.source == row.source ? GW_ROW_MOVED : GW_ROW_MODIFIED, &row,
                &item->print, err))
            return false;
    }
    for (size_t i = 0; i < keyed->len; i++)
        if (!keyed->items[i].seen && !fn(self, GW_ROW_DELETED, NULL, &keyed->items[i].print, err))
            return false;
    return true;
}

/* ---- parts that are too large ---------------------------------------------------------------- */

/* The whole records at the beginning of data; *used: their bytes. */
static bool pour_records(gw_pool *into, pool_side side, char *data, size_t len, size_t *used,
                         gw_err *err)
{
    record head;
    gw_fingerprint row;
    pool_part whole = {.data = data};
    *used = 0;
    while (*used + sizeof head <= len) {
        memcpy(&head, data + *used, sizeof head);
        if (*used + sizeof head + head.key_len > len)
            break;
        whole.len = *used + sizeof head + head.key_len;
        next_record(&whole, used, &row);
        if (!add(into, side, &row, err))
            return false;
    }
    return true;
}

/* What was written first, a piece at a time. */
static bool pour(pool_part *part, gw_pool *into, pool_side side, gw_err *err)
{
    pool_part window = {.fd = -1};
    size_t used, at = 0;
    bool ok = true;
    while (ok && at < part->written) {
        size_t want = part->written - at < CHUNK ? part->written - at : CHUNK;
        ssize_t n = pread(part->fd, room(&window, want), want, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            ok = gw_err_errno(err, n < 0 ? errno : EIO,
                              "cannot read back what was written for want of memory");
            break;
        }
        at += (size_t)n;
        window.len += (size_t)n;
        ok = pour_records(into, side, window.data, window.len, &used, err);
        window.len -= used;
        memmove(window.data, window.data + used, window.len);
    }
    free(window.data);
    return ok && pour_records(into, side, part->data, part->len, &used, err);
}

static bool join_apart(gw_pool *pool, int part, gw_row_change_fn *fn, void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_pool *finer = gw_pool_new(arena, pool->limit);
    bool ok = true;
    finer->shift = pool->shift - PART_BITS;
    for (int s = 0; s < SIDES && ok; s++) {
        ok = pour(&pool->parts[s][part], finer, (pool_side)s, err);
        empty(&pool->parts[s][part]);
    }
    ok = ok && gw_pool_join(finer, fn, self, err);
    gw_arena_free(arena);
    return ok;
}

/* With what is built on top of it a part takes about three times its bytes. */
static bool too_large(const gw_pool *pool, const pool_part *seen, const pool_part *kept)
{
    size_t most = pool->limit / 2 > SMALL ? pool->limit / 2 : SMALL;
    return pool->shift >= PART_BITS &&
           seen->written + seen->len + kept->written + kept->len > most;
}

bool gw_pool_join(gw_pool *pool, gw_row_change_fn *fn, void *self, gw_err *err)
{
    gw_keyed keyed = {0}, only = {0};
    bool ok = true;
    for (int p = 0; p < PARTS && ok; p++) {
        pool_part *seen = &pool->parts[SEEN][p], *kept = &pool->parts[KEPT][p];
        if (too_large(pool, seen, kept)) {
            ok = join_apart(pool, p, fn, self, err);
            continue;
        }
        gw_keyed_clear(&keyed);
        gw_keyed_clear(&only);
        ok = read_back(seen, err) && read_back(kept, err) &&
             join_part(seen, kept, &keyed, &only, fn, self, err);
        empty(seen);
        empty(kept);
    }
    pool->held = 0;
    gw_keyed_free(&keyed);
    gw_keyed_free(&only);
    return ok;
}

struct gw_matcher {
    gw_pool *pool;
    gw_row_change_fn *fn;
    void *self;
    gw_keyed kept;
};

static void matcher_release(void *arg)
{
    gw_matcher *matcher = arg;
    gw_keyed_free(&matcher->kept);
}

gw_matcher *gw_matcher_new(gw_arena *arena, gw_pool *pool, gw_row_change_fn *fn, void *self)
{
    gw_matcher *matcher = gw_alloc(arena, sizeof *matcher);
    *matcher = (gw_matcher){.pool = pool, .fn = fn, .self = self};
    gw_arena_defer(arena, matcher_release, matcher);
    return matcher;
}

void gw_matcher_kept(gw_matcher *matcher, const gw_fingerprint *row)
{
    gw_keyed_put(&matcher->kept, row, gw_key_hash(row->key, row->key_len));
}

bool gw_matcher_seen(gw_matcher *matcher, const gw_fingerprint *row, gw_err *err)
{
    gw_keyed_item *item =
        gw_keyed_find(&matcher->kept, row->key, row->key_len, gw_key_hash(row->key, row->key_len));
    if (!item)
        return gw_pool_seen(matcher->pool, row, err);
    if (item->seen)
        return gw_not_a_key(row, err);
    item->seen = true;
    if (item->print.source != row->source)
        return matcher->fn(matcher->self, GW_ROW_MODIFIED, row, &item->print, err);
    return (item->print.block == row->block && item->print.leaf == row->leaf) ||
           matcher->fn(matcher->self, GW_ROW_MOVED, row, &item->print, err);
}

bool gw_matcher_end(gw_matcher *matcher, gw_err *err)
{
    bool ok = true;
    for (size_t i = 0; i < matcher->kept.len && ok; i++)
        if (!matcher->kept.items[i].seen)
            ok = gw_pool_kept(matcher->pool, &matcher->kept.items[i].print, err);
    gw_keyed_clear(&matcher->kept);
    return ok;
}
