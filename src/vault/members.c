#include "vault/members.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
    BLOCK = 512,
    PIECE = 64 * 1024,
    NAME = 100,
    SIZE_AT = 124,
    SIZE_LEN = 12,
    SUM_AT = 148,
    SUM_LEN = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    SUM_DIGITS = 6,
    OCTAL_DIGITS = 11, /* of a size; a larger one is binary */
};

static const char magic[] = "ustar\0"
                            "00";

static unsigned sum_of(const unsigned char *head)
{
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : head[i];
    return sum;
}

static void put_octal(unsigned char *at, int digits, uint64_t number)
{
    for (int i = digits - 1; i >= 0; i--, number >>= 3)
        at[i] = (unsigned char)('0' + (number & 7));
}

static void write_head(unsigned char head[BLOCK], const char *name, uint64_t size)
{
    memset(head, 0, BLOCK);
    memcpy(head, name, strlen(name));
    put_octal(head + 100, 7, 0600);
    put_octal(head + 108, 7, 0);
    put_octal(head + 116, 7, 0);
    if (size >> (3 * OCTAL_DIGITS)) {
        head[SIZE_AT] = 0x80;
        for (int i = 0; i < 8; i++)
            head[SIZE_AT + SIZE_LEN - 1 - i] = (unsigned char)(size >> (8 * i));
    } else {
        put_octal(head + SIZE_AT, OCTAL_DIGITS, size);
    }
    put_octal(head + 136, OCTAL_DIGITS, 0);
    head[TYPE_AT] = '0';
    memcpy(head + MAGIC_AT, magic, sizeof magic - 1);
    put_octal(head + SUM_AT, SUM_DIGITS, sum_of(head));
    head[SUM_AT + SUM_DIGITS + 1] = ' ';
}

/* What pg_dump calls its files; nothing that leads out of the folder. */
static bool is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t len = strlen(name);
    return len && len < NAME && name[0] != '.' && strspn(name, letters) == len;
}

/* ---- packed
 * -------------------------------------------------------------------------------------- */

static bool put_file(gw_arena *arena, int fd, const char *path, uint64_t size, gw_members_sink sink,
                     gw_err *err)
{
    static const unsigned char zeros[BLOCK];
    unsigned char *piece = gw_alloc(arena, PIECE);
    uint64_t left = size;
    while (left) {
        ssize_t n = read(fd, piece, left < PIECE ? (size_t)left : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return gw_err_errno(err, n ? errno : EIO, "cannot read %s", path);
        if (!sink.put(sink.self, piece, (size_t)n, err))
            return false;
        left -= (uint64_t)n;
    }
    return size % BLOCK == 0 || sink.put(sink.self, zeros, BLOCK - size % BLOCK, err);
}

static bool pack_one(gw_arena *arena, const char *folder, const gw_file_entry *entry,
                     gw_members_sink sink, gw_err *err)
{
    unsigned char head[BLOCK];
    struct stat info;
    const char *path = gw_path_join(arena, folder, entry->name);
    if (entry->is_dir || !is_name(entry->name))
        return gw_err_set(err, GW_ERR_UNSUPPORTED, "pg_dump wrote %s, which is no file of a dump",
                          path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &info) != 0) {
        gw_err_errno(err, errno, "cannot read %s", path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    write_head(head, entry->name, (uint64_t)info.st_size);
    bool ok = sink.put(sink.self, head, sizeof head, err) &&
              put_file(arena, fd, path, (uint64_t)info.st_size, sink, err);
    close(fd);
    return ok;
}

bool gw_members_pack(gw_arena *arena, const char *folder, gw_members_sink sink, gw_err *err)
{
    static const unsigned char end[2 * BLOCK];
    gw_file_list list = {0};
    if (!gw_file_list_dir(arena, folder, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        gw_arena *scratch = gw_arena_new();
        bool ok = pack_one(scratch, folder, &list.items[i], sink, err);
        gw_arena_free(scratch);
        if (!ok)
            return false;
    }
    return sink.put(sink.self, end, sizeof end, err);
}

/* ---- unpacked
 * ------------------------------------------------------------------------------------ */

struct gw_unpack {
    gw_arena *arena;
    const char *folder, *path; /* path: of the file that is open */
    int fd;                    /* -1: none */
    unsigned char head[BLOCK];
    size_t filled;          /* of the head */
    uint64_t left, padding; /* of the file's bytes; of zeros behind them */
    unsigned ends;          /* blocks of zeros seen */
};

static bool damaged(gw_err *err, const char *why)
{
    gw_err_set(err, GW_ERR_INPUT, "the backup is damaged");
    return gw_err_detail(err, "its stream of files is none: %s", why);
}

static void release(void *arg)
{
    gw_unpack *u = arg;
    if (u->fd >= 0)
        close(u->fd);
}

bool gw_unpack_open(gw_arena *arena, const char *folder, gw_unpack **out, gw_err *err)
{
    gw_unpack *u = gw_alloc(arena, sizeof *u);
    *u = (gw_unpack){.arena = arena, .folder = gw_strdup(arena, folder), .fd = -1};
    gw_arena_defer(arena, release, u);
    if (mkdir(folder, 0700) != 0) {
        bool exists = errno == EEXIST;
        gw_err_errno(err, errno, "cannot make %s", folder);
        if (exists)
            err->kind = GW_ERR_USAGE;
        return false;
    }
    *out = u;
    return true;
}

static bool read_octal(const unsigned char *at, int digits, uint64_t *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '7')
            return false;
        *out = *out << 3 | (uint64_t)(at[i] - '0');
    }
    return true;
}

static bool read_size(const unsigned char *at, uint64_t *out)
{
    if (at[0] != 0x80)
        return read_octal(at, OCTAL_DIGITS, out) && !at[OCTAL_DIGITS];
    *out = 0;
    for (int i = 4; i < SIZE_LEN; i++)
        *out = *out << 8 | at[i];
    return !at[1] && !at[2] && !at[3] && *out <= INT64_MAX;
}

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool close_file(gw_unpack *u, gw_err *err)
{
    bool ok = u->fd < 0 || fsync(u->fd) == 0;
    int why = errno;
    release(u);
    u->fd = -1;
    return ok || gw_err_errno(err, why, "cannot write %s", u->path);
}

/* The next file, or a block of the end. */
static bool take_head(gw_unpack *u, gw_err *err)
{
    uint64_t sum;
    char name[NAME + 1] = {0};
    u->filled = 0;
    if (is_zero(u->head, BLOCK))
        return ++u->ends <= 2 || damaged(err, "there is something behind its end");
    if (u->ends)
        return damaged(err, "a file comes behind its end");
    memcpy(name, u->head, NAME);
    if (!read_octal(u->head + SUM_AT, SUM_DIGITS, &sum) || sum != sum_of(u->head) ||
        memcmp(u->head + MAGIC_AT, magic, sizeof magic - 1) != 0 || u->head[TYPE_AT] != '0' ||
        !read_size(u->head + SIZE_AT, &u->left))
        return damaged(err, "a head of a file is not one");
    if (!is_name(name))
        return damaged(err, "a file has a name that is none");
    u->path = gw_path_join(u->arena, u->folder, name);
    u->padding = (BLOCK - u->left % BLOCK) % BLOCK;
    u->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (u->fd < 0)
        return errno == EEXIST ? damaged(err, "a file comes twice")
                               : gw_err_errno(err, errno, "cannot write %s", u->path);
    return u->left || u->padding || close_file(u, err);
}

static bool write_some(gw_unpack *u, const unsigned char *data, size_t len, gw_err *err)
{
    while (len) {
        ssize_t n = write(u->fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return gw_err_errno(err, n ? errno : ENOSPC, "cannot write %s", u->path);
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* As much of it as belongs together; *used says how much that was. */
static bool take_some(gw_unpack *u, const unsigned char *data, size_t len, size_t *used,
                      gw_err *err)
{
    if (u->left) {
        *used = u->left < len ? (size_t)u->left : len;
        u->left -= *used;
        return write_some(u, data, *used, err) && (u->left || u->padding || close_file(u, err));
    }
    if (u->padding) {
        *used = u->padding < len ? (size_t)u->padding : len;
        u->padding -= *used;
        return (is_zero(data, *used) || damaged(err, "there is something between two files")) &&
               (u->padding || close_file(u, err));
    }
    *used = BLOCK - u->filled < len ? BLOCK - u->filled : len;
    memcpy(u->head + u->filled, data, *used);
    u->filled += *used;
    return u->filled < BLOCK || take_head(u, err);
}

bool gw_unpack_take(gw_unpack *u, const void *data, size_t len, gw_err *err)
{
    const unsigned char *at = data;
    while (len) {
        size_t used = 0;
        if (!take_some(u, at, len, &used, err))
            return false;
        at += used;
        len -= used;
    }
    return true;
}

bool gw_unpack_end(gw_unpack *u, gw_err *err)
{
    return (u->ends == 2 && !u->filled && u->fd < 0) || damaged(err, "it is cut off");
}
