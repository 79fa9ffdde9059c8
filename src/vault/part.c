#include "vault/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { TRIES = 20, PAUSE_MS = 10 };

struct gw_part {
    const char *directory, *path, *name;
    int fd; /* -1: published or abandoned */
};

static bool cannot_write(const gw_part *part, int why, gw_err *err)
{
    return gw_err_errno(err, why, "cannot write the backup to %s", part->directory);
}

void gw_part_abandon(gw_part *part)
{
    if (part->fd >= 0) {
        unlink(part->name); /* while it is still locked */
        close(part->fd);
    }
    part->fd = -1;
}

static void release(void *arg)
{
    gw_part_abandon(arg);
}

bool gw_part_write(gw_part *part, const void *data, size_t len, gw_err *err)
{
    const char *at = data;
    while (len) {
        ssize_t n = write(part->fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cannot_write(part, n ? errno : ENOSPC, err);
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool gw_part_rewind(gw_part *part, gw_err *err)
{
    return lseek(part->fd, 0, SEEK_SET) == 0 || cannot_write(part, errno, err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

/* A part that nobody has locked was left by somebody who was killed. */
static void remove_left_parts(const char *directory)
{
    gw_arena *scratch = gw_arena_new();
    gw_file_list list = {0};
    gw_err ignored = {0};
    if (gw_file_list_dir(scratch, directory, &list, &ignored))
        for (size_t i = 0; i < list.len; i++) {
            if (list.items[i].is_dir || !ends_with(list.items[i].name, GW_BACKUP_SUFFIX GW_BACKUP_PART))
                continue;
            const char *path = gw_path_join(scratch, directory, list.items[i].name);
            int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
            if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
                unlink(path);
            if (fd >= 0)
                close(fd);
        }
    gw_err_clear(&ignored);
    gw_arena_free(scratch);
}

static bool still_there(const gw_part *part)
{
    struct stat own, named;
    if (fstat(part->fd, &own) != 0 || stat(part->name, &named) != 0)
        return false;
    errno = ENOENT;
    return own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

bool gw_part_open(gw_arena *arena, const char *directory, const char *id, gw_part **out, gw_err *err)
{
    int why = 0;
    gw_part *part = gw_alloc(arena, sizeof *part);
    *part = (gw_part){.directory = directory, .fd = -1};
    part->path = gw_path_join(arena, directory, gw_printf(arena, "%s" GW_BACKUP_SUFFIX, id));
    part->name = gw_printf(arena, "%s" GW_BACKUP_PART, part->path);
    gw_arena_defer(arena, release, part);
    if (!gw_file_make_dirs(directory, 0700, err))
        return false;
    remove_left_parts(directory);
    /* Somebody who tidies up may take it for one that was left until it is locked: then once more. */
    for (int tries = 0; tries < TRIES; tries++) {
        part->fd = open(part->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (part->fd < 0)
            return cannot_write(part, errno, err);
        if (flock(part->fd, LOCK_EX | LOCK_NB) == 0 && still_there(part)) {
            *out = part;
            return true;
        }
        why = errno;
        close(part->fd);
        part->fd = -1;
        if (why != EWOULDBLOCK && why != ENOENT)
            break;
        gw_sleep_ms(PAUSE_MS, NULL);
    }
    return gw_err_errno(err, why, "cannot lock %s", part->name);
}

static void sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

bool gw_part_publish(gw_part *part, const char **path, gw_err *err)
{
    if (fsync(part->fd) != 0 || rename(part->name, part->path) != 0)
        return cannot_write(part, errno, err);
    sync_directory(part->directory);
    close(part->fd);
    part->fd = -1;
    *path = part->path;
    return true;
}
