#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrate/convention/convention.h"

enum { NAME_MOST = 100 };

/* "Add users' table" → "add_users_table" */
static const char *snake_case(gw_arena *arena, const char *name)
{
    gw_buf out = GW_BUF(arena);
    bool gap = false, small = false;
    for (; *name && out.len < NAME_MOST; name++) {
        char c = *name;
        bool upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
        if (c == '\'')
            continue;
        if (!upper && !digit && !(c >= 'a' && c <= 'z')) {
            gap = true;
            small = false;
            continue;
        }
        if (out.len && (gap || (upper && small)))
            gw_buf_addc(&out, '_');
        gw_buf_addc(&out, upper ? (char)(c - 'A' + 'a') : c);
        small = !upper;
        gap = false;
    }
    return gw_buf_str(&out);
}

/* Is there a file or a folder that has this version in its name? */
static bool taken(const gw_dir *dir, const char *version)
{
    size_t len = strlen(version);
    for (size_t i = 0; i < dir->files.len; i++) {
        const char *name = gw_path_base(dir->files.items[i].name);
        name += *name == 'V' || *name == 'U' || *name == 'B';
        if (strncmp(name, version, len) == 0 && !(name[len] >= '0' && name[len] <= '9'))
            return true;
    }
    for (size_t i = 0; i < dir->folders.len; i++)
        if (strncmp(dir->folders.items[i], version, len) == 0)
            return true;
    return false;
}

static const char *free_version(const gw_dir *dir, int64_t now_us)
{
    const char *version;
    do {
        version = gw_time_version(dir->arena, now_us);
        now_us += 1000000;
    } while (taken(dir, version));
    return version;
}

bool gw_new_file(gw_dir *dir, gw_new_files *files, const char *name, const char *text, gw_err *err)
{
    const char *path = gw_path_join(dir->arena, dir->path, name);
    if (!gw_file_create(path, text, strlen(text), 0666, err))
        return false;
    *gw_vec_push(dir->arena, &files->paths) = path;
    return true;
}

/*
 * Two at the same moment choose one after the other. Where the file system has no locks,
 * nothing is held.
 */
static int hold_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        continue;
    return fd;
}

static bool create_file(gw_arena *arena, const gw_folder_options *options, gw_new *wanted,
                        const char ***paths, gw_err *err)
{
    gw_folder folder = {0};
    gw_dir *dir = NULL;
    if (!gw_dir_open(arena, options, &folder, &dir, err))
        return false;
    const gw_convention *convention = options->format == GW_FORMAT_AUTO
                                          ? gw_dir_detect(dir, err)
                                          : gw_convention_of(options->format);
    if (!convention) {
        if (options->format != GW_FORMAT_AUTO)
            gw_err_set(err, GW_ERR_UNSUPPORTED, "files of %s are not SQL",
                       gw_format_name(options->format));
        return false;
    }
    wanted->version = free_version(dir, wanted->now_us);
    gw_new_files files = {.arena = arena};
    if (!convention->create(dir, wanted, &files, err))
        return false;
    *gw_vec_push(arena, &files.paths) = NULL;
    *paths = files.paths.items;
    return true;
}

bool gw_folder_new(gw_arena *arena, const gw_folder_options *options, const char *name,
                   int64_t now_us, const char ***paths, gw_err *err)
{
    gw_new wanted = {.name = snake_case(arena, name), .now_us = now_us};
    if (!*wanted.name) {
        gw_err_set(err, GW_ERR_USAGE, "\"%s\" is not a name for a migration", name);
        gw_err_detail(err, "names have letters of the English alphabet and digits");
        return gw_err_hint(err, "for example: godwit new add_users");
    }
    /* The folder is made where it is missing: `new` may be the first thing that is done. */
    if (!gw_file_exists(options->path) && !gw_file_make_dirs(options->path, 0777, err))
        return false;
    int held = hold_folder(options->path);
    bool ok = create_file(arena, options, &wanted, paths, err);
    if (held >= 0)
        close(held);
    return ok;
}
