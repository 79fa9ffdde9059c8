#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"

static bool io_error(gw_err *err, int code, const char *what, const char *path)
{
    gw_err_errno(err, code, "cannot %s %s", what, path);
    if (code == EACCES || code == EPERM)
        gw_err_hint(err, "give user id %ld permission to do so, or run as another user",
                    (long)geteuid());
    else if (code == EROFS)
        gw_err_hint(err, "that file system is read-only: choose another place");
    return gw_err_at(err, path, 0, 0);
}

static bool too_large(gw_err *err, const char *path, size_t limit)
{
    gw_err_set(err, GW_ERR_INPUT, "%s is too large", path);
    gw_err_detail(err, "it has more than the %zu bytes that are read", limit);
    return gw_err_at(err, path, 0, 0);
}

static bool read_open(gw_arena *arena, int fd, const char *path, size_t limit, gw_file_text *out,
                      gw_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return io_error(err, errno, "read", path);
    if (S_ISDIR(st.st_mode))
        return io_error(err, EISDIR, "read", path);
    if (!S_ISREG(st.st_mode)) {
        gw_err_set(err, GW_ERR_IO, "cannot read %s", path);
        gw_err_detail(err, "it is a device, a pipe or a socket, not a file");
        return gw_err_at(err, path, 0, 0);
    }
    if (limit && (uintmax_t)st.st_size > limit)
        return too_large(err, path, limit);
    /* One byte more than the file: room for the NUL, and the end is seen without growing. */
    size_t cap = (size_t)st.st_size + 1, len = 0;
    char *data = gw_alloc(arena, cap);
    for (;;) {
        if (len == cap) { /* it grew since, or it is one of /proc, which have no size */
            size_t more = cap < 4096 ? 4096 : cap * 2;
            data = gw_realloc(arena, data, cap, more);
            cap = more;
        }
        ssize_t n = read(fd, data + len, cap - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_error(err, errno, "read", path);
        if (n == 0)
            break;
        len += (size_t)n;
        if (limit && len > limit)
            return too_large(err, path, limit);
    }
    data[len] = '\0';
    *out = (gw_file_text){.data = data, .len = len};
    return true;
}

bool gw_file_read(gw_arena *arena, const char *path, size_t limit, gw_file_text *out, gw_err *err)
{
    /* Without O_NONBLOCK a named pipe would hold us until somebody writes to it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return io_error(err, errno, "read", path);
    bool ok = read_open(arena, fd, path, limit, out, err);
    close(fd);
    return ok;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* A new file beside `path` with the data on disk. NULL with errno set on failure. */
static char *write_beside(gw_arena *scratch, const char *path, const void *data, size_t len,
                          unsigned mode)
{
    char *dir = gw_path_dir(scratch, path), *name = NULL;
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < 8; tries++) {
        uint64_t random;
        gw_random_bytes(&random, sizeof random);
        /* Short whatever the name is, and hidden from who lists the folder meanwhile. */
        name = gw_path_join(scratch, dir,
                            gw_printf(scratch, ".godwit-%016llx.tmp", (unsigned long long)random));
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (fd < 0 && errno != EEXIST)
            return NULL;
    }
    if (fd < 0)
        return NULL;
    bool ok = write_all(fd, data, len) && fsync(fd) == 0;
    int code = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        code = errno;
    }
    if (!ok) {
        unlink(name);
        errno = code;
        return NULL;
    }
    return name;
}

/* Makes the new name last through a power cut; a file system that cannot is no failure. */
static void sync_dir(gw_arena *scratch, const char *path)
{
    int fd = open(gw_path_dir(scratch, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* rename that fails with EEXIST where the name is taken. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) != 0)
        return -1;
    unlink(from);
    return 0;
}

static bool write_file(gw_arena *scratch, const char *path, const void *data, size_t len,
                       unsigned mode, bool replace, gw_err *err)
{
    char *name = write_beside(scratch, path, data, len, mode);
    if (!name)
        return io_error(err, errno, "write", path);
    if ((replace ? rename(name, path) : rename_new(name, path)) != 0) {
        int code = errno;
        unlink(name);
        if (code == EEXIST && !replace) {
            gw_err_set(err, GW_ERR_USAGE, "%s exists already", path);
            gw_err_hint(err, "choose another name, or remove it first");
            return gw_err_at(err, path, 0, 0);
        }
        return io_error(err, code, "write", path);
    }
    sync_dir(scratch, path);
    return true;
}

bool gw_file_write(const char *path, const void *data, size_t len, unsigned mode, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    struct stat st;
    /* A link stays a link: what it points to is replaced. */
    const char *target = path;
    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        target = gw_path_absolute(scratch, path);
    bool ok = write_file(scratch, target, data, len, mode, true, err);
    gw_arena_free(scratch);
    return ok;
}

bool gw_file_create(const char *path, const void *data, size_t len, unsigned mode, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool ok = write_file(scratch, path, data, len, mode, false, err);
    gw_arena_free(scratch);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gw_file_entry *)a)->name, ((const gw_file_entry *)b)->name);
}

static bool dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static bool entry_is_dir(DIR *dir, const struct dirent *entry)
{
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_DIR;
    struct stat st;
    return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

bool gw_file_list_dir(gw_arena *arena, const char *path, gw_file_list *out, gw_err *err)
{
    DIR *dir = opendir(path);
    if (!dir)
        return io_error(err, errno, "read folder", path);
    *out = (gw_file_list){0};
    struct dirent *entry;
    while ((errno = 0, entry = readdir(dir))) {
        if (dots(entry->d_name))
            continue;
        *gw_vec_push(arena, out) = (gw_file_entry){.name = gw_strdup(arena, entry->d_name),
                                                   .is_dir = entry_is_dir(dir, entry)};
    }
    int code = errno;
    closedir(dir);
    if (code)
        return io_error(err, code, "read folder", path);
    if (out->len > 1)
        qsort(out->items, out->len, sizeof *out->items, by_name);
    return true;
}

bool gw_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool gw_file_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool make_dir(const char *path, unsigned mode, gw_err *err)
{
    if (mkdir(path, (mode_t)mode) == 0)
        return true;
    int code = errno;
    /* mkdir of a folder that exists may say EROFS or EACCES before it says EEXIST. */
    if (gw_file_is_dir(path))
        return true;
    return io_error(err, code == EEXIST ? ENOTDIR : code, "make folder", path);
}

bool gw_file_make_dirs(const char *path, unsigned mode, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    char *part = gw_strdup(scratch, path);
    bool ok = true;
    for (char *slash = strchr(part, '/'); ok && slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = *part == '\0' || make_dir(part, mode, err);
        *slash = '/';
    }
    if (ok && *gw_path_base(part) != '\0')
        ok = make_dir(part, mode, err);
    gw_arena_free(scratch);
    return ok;
}

static bool remove_entry(int parent, const char *name, const char *shown, gw_err *err);

static bool remove_content(int fd, const char *shown, gw_err *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int code = errno;
        close(fd);
        return io_error(err, code, "read folder", shown);
    }
    bool ok = true;
    struct dirent *entry = NULL;
    while (ok && (errno = 0, entry = readdir(dir))) {
        if (dots(entry->d_name))
            continue;
        gw_arena *scratch = gw_arena_new();
        ok = remove_entry(dirfd(dir), entry->d_name, gw_path_join(scratch, shown, entry->d_name),
                          err);
        gw_arena_free(scratch);
    }
    int code = ok ? errno : 0;
    closedir(dir);
    return code ? io_error(err, code, "read folder", shown) : ok;
}

static bool remove_entry(int parent, const char *name, const char *shown, gw_err *err)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return true;
    int code = errno;
    if (code != EISDIR && code != EPERM) /* POSIX says EPERM for a folder, Linux EISDIR */
        return io_error(err, code, "remove", shown);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return io_error(err, errno == ENOTDIR || errno == ELOOP ? code : errno, "remove", shown);
    if (!remove_content(fd, shown, err))
        return false;
    if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return io_error(err, errno, "remove folder", shown);
    return true;
}

bool gw_file_remove_tree(const char *path, gw_err *err)
{
    return remove_entry(AT_FDCWD, path, path, err);
}
