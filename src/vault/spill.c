#include "vault/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"

#define SUFFIX ".plain"

enum { TRIES = 20 };

typedef struct spill {
    const char *path;
    int fd; /* of the folder, locked */
} spill;

static void release(void *arg)
{
    spill *s = arg;
    gw_err ignored = {0};
    if (s->fd < 0)
        return;
    gw_file_remove_tree(s->path, &ignored); /* while it is still locked */
    gw_err_clear(&ignored);
    close(s->fd);
}

static bool is_spill(const gw_file_entry *entry)
{
    size_t len = strlen(entry->name), end = strlen(SUFFIX);
    return entry->is_dir && len > end && strcmp(entry->name + len - end, SUFFIX) == 0;
}

/* Locked: nobody is at it. */
static int lock(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void remove_left(const char *directory)
{
    gw_arena *scratch = gw_arena_new();
    gw_file_list list = {0};
    gw_err ignored = {0};
    if (gw_file_list_dir(scratch, directory, &list, &ignored))
        for (size_t i = 0; i < list.len; i++) {
            const char *path = gw_path_join(scratch, directory, list.items[i].name);
            int fd = is_spill(&list.items[i]) ? lock(path) : -1;
            gw_err_clear(&ignored);
            if (fd < 0)
                continue;
            gw_file_remove_tree(path, &ignored);
            close(fd);
        }
    gw_err_clear(&ignored);
    gw_arena_free(scratch);
}

static bool still_there(const spill *s)
{
    struct stat own, named;
    return fstat(s->fd, &own) == 0 && stat(s->path, &named) == 0 && own.st_ino == named.st_ino &&
           own.st_dev == named.st_dev;
}

bool gw_spill_open(gw_arena *arena, const char *directory, const char **path, gw_err *err)
{
    spill *s = gw_alloc(arena, sizeof *s);
    *s = (spill){.fd = -1};
    if (!gw_file_make_dirs(directory, 0700, err))
        return false;
    remove_left(directory);
    gw_arena_defer(arena, release, s);
    /* Somebody who tidies up may take it for one that was left until it is locked: then once more. */
    for (int tries = 0; tries < TRIES; tries++) {
        unsigned char random[8];
        gw_random_bytes(random, sizeof random);
        s->path = gw_path_join(arena, directory,
                               gw_printf(arena, "%s" SUFFIX, gw_hex(arena, random, sizeof random)));
        if (mkdir(s->path, 0700) != 0)
            return gw_err_errno(err, errno, "cannot make a folder in %s", directory);
        s->fd = lock(s->path);
        if (s->fd >= 0 && still_there(s)) {
            *path = gw_path_join(arena, s->path, "dump");
            return true;
        }
        if (s->fd >= 0)
            close(s->fd);
        s->fd = -1;
    }
    return gw_err_set(err, GW_ERR_IO, "a folder in %s is taken away while it is made", directory);
}
