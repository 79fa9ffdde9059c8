/*
 * Where the private servers of a project lie. Copying a database makes thousands of files, which
 * takes a disk's file system up to twenty times as long as memory: where there is plenty of
 * memory they lie in /dev/shm. And for `godwit db`: all of them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/digest.h"
#include "base/file.h"
#include "pg/shadow_internal.h"

#define NAME_PREFIX "godwit-"
#define MARK "project" /* holds the project's path: where that is gone, the folder is swept */

static const unsigned long long ROOM_LEAST = 2ULL << 30, MEMORY_LEAST = 4ULL << 30;

/* ---- memory ---------------------------------------------------------------------------- */

/* The number in a small file, behind `label` where there is one; 0 where it is none. */
static unsigned long long number_in(const char *path, const char *label)
{
    char line[256];
    unsigned long long number = 0;
    size_t skip = label ? strlen(label) : 0;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (!label || strncmp(line, label, skip) == 0) {
            number = strtoull(line + skip, NULL, 10);
            break;
        }
    if (file)
        fclose(file);
    return number;
}

/* A container may have less than the machine. */
bool gw_shadow_memory_is_ample(void)
{
    struct statfs st;
    if (statfs(GW_SHADOW_MEMORY, &st) != 0 || st.f_type != TMPFS_MAGIC ||
        access(GW_SHADOW_MEMORY, W_OK) != 0)
        return false;
    unsigned long long limit = number_in("/sys/fs/cgroup/memory.max", NULL);
    if (limit == 0)
        limit = number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes", NULL);
    return (unsigned long long)st.f_bavail * (unsigned long long)st.f_bsize >= ROOM_LEAST &&
           number_in("/proc/meminfo", "MemAvailable:") * 1024 >= MEMORY_LEAST &&
           (limit == 0 || limit >= MEMORY_LEAST);
}

/* ---- folders --------------------------------------------------------------------------- */

char *gw_shadow_folder(gw_arena *arena, const char *root, const char *project_dir)
{
    const char *project = gw_path_absolute(arena, project_dir);
    char *hash = gw_digest_hex(arena, GW_SHA256, project, strlen(project));
    return gw_printf(arena, "%s/" NAME_PREFIX "%ld-%.16s", root, (long)geteuid(), hash);
}

char *gw_shadow_users(gw_arena *arena, const char *data)
{
    return gw_printf(arena, "%s.users", data);
}

/* In /dev/shm anybody may have taken the name. */
bool gw_shadow_folder_is_ours(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 022) == 0;
}

static bool is_number(const char *name)
{
    return *name && name[strspn(name, "0123456789")] == '\0';
}

typedef bool each_fn(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err);

static bool each_in(gw_arena *arena, gw_server_options options, const char *home,
                    const char *folder, each_fn *fn, void *self, gw_err *err)
{
    gw_file_list names = {0};
    if (!gw_file_is_dir(home))
        return true;
    if (!gw_file_list_dir(arena, home, &names, err))
        return false;
    for (size_t i = 0; i < names.len; i++) {
        if (!names.items[i].is_dir || !is_number(names.items[i].name))
            continue;
        options.cluster = gw_printf(arena, "%s/%s", folder, names.items[i].name);
        if (!fn(arena, &options, self, err))
            return false;
    }
    return true;
}

static bool destroy_one(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    (void)self;
    return gw_server_destroy(arena, options, err);
}

/* A folder of a project that is there, and when a run last used a server in it. */
typedef struct kept {
    const char *folder, *project;
    time_t used;
} kept;

typedef GW_VEC(kept) kept_list;

static bool note_use(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    kept *of = self;
    struct stat st;
    (void)err;
    if (stat(gw_shadow_users(arena, options->cluster), &st) == 0 && st.st_mtime > of->used)
        of->used = st.st_mtime;
    return true;
}

/* Who holds that file uses it. It stays, and with it the folder: whoever waits for it still has the one
 * that others lock. */
static bool destroy_idle(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    (void)self;
    int users = open(gw_shadow_users(arena, options->cluster), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool ok = users < 0 || flock(users, LOCK_EX | LOCK_NB) != 0 ||
              gw_server_destroy(arena, options, err);
    if (users >= 0)
        close(users);
    return ok;
}

static int newest_first(const void *a, const void *b)
{
    time_t one = ((const kept *)a)->used, two = ((const kept *)b)->used;
    return (one < two) - (one > two);
}

/* A server that is not there is made anew in seconds: of other projects' those of this week stay, and few. */
static void bound(gw_arena *arena, kept_list *list, const char *own)
{
    enum { MOST = 16, HOUR_S = 3600, WEEK_S = 7 * 24 * HOUR_S };
    gw_err ignored = {0};
    time_t now = time(NULL);
    size_t seen = 0;
    if (list->len)
        qsort(list->items, list->len, sizeof *list->items, newest_first);
    for (size_t i = 0; i < list->len; i++) {
        const kept *one = &list->items[i];
        time_t age = now - one->used;
        if (strcmp(one->folder, own) == 0 || (seen++ < MOST && age < WEEK_S) || age < HOUR_S)
            continue;
        gw_server_options options = {.project_dir = one->project, .disposable = true};
        each_in(arena, options, one->folder, one->folder, destroy_idle, NULL, &ignored);
        gw_err_clear(&ignored);
    }
}

/* Folders of projects that are no more go, and servers that nobody has used for long. */
static void sweep(gw_arena *arena, const char *root, const char *own)
{
    enum { LONGEST = 65536 };
    gw_file_list names = {0};
    gw_err ignored = {0};
    kept_list stay = {0};
    const char *prefix = gw_printf(arena, NAME_PREFIX "%ld-", (long)geteuid());
    gw_file_list_dir(arena, root, &names, &ignored);
    for (size_t i = 0; i < names.len; i++) {
        const char *folder = gw_path_join(arena, root, names.items[i].name);
        gw_file_text project;
        gw_err_clear(&ignored);
        if (strncmp(names.items[i].name, prefix, strlen(prefix)) != 0 ||
            !gw_shadow_folder_is_ours(folder) ||
            !gw_file_read(arena, gw_path_join(arena, folder, MARK), LONGEST, &project, &ignored))
            continue;
        gw_server_options options = {.project_dir = project.data, .disposable = true};
        if (gw_file_is_dir(project.data)) {
            kept *one = gw_vec_push(arena, &stay);
            *one = (kept){.folder = folder, .project = project.data};
            each_in(arena, options, folder, folder, note_use, one, &ignored);
            stay.len -= one->used == 0; /* no server is in it */
            continue;
        }
        if (each_in(arena, options, folder, folder, destroy_one, NULL, &ignored))
            gw_file_remove_tree(folder, &ignored);
    }
    gw_err_clear(&ignored);
    bound(arena, &stay, own);
}

void gw_shadow_folder_mark(gw_arena *arena, const char *folder, const char *project_dir)
{
    const char *project = gw_path_absolute(arena, project_dir);
    gw_err ignored = {0}; /* then it is not swept */
    if (!gw_file_write(gw_path_join(arena, folder, MARK), project, strlen(project), 0600,
                       &ignored))
        gw_err_clear(&ignored);
    sweep(arena, gw_path_dir(arena, folder), folder);
}

/* ---- for `godwit db` ------------------------------------------------------------------- */

/* Every private server of a project: below .godwit, in memory, in the folder that is configured. */
static bool each_server(gw_arena *arena, const gw_shadow_options *of, each_fn *fn, void *self,
                        gw_err *err)
{
    gw_server_options options = {.project_dir = of->project_dir,
                                 .bindir = of->bindir,
                                 .database = "postgres",
                                 .cluster = GW_SHADOW_FOLDER "/0",
                                 .disposable = true,
                                 .cancel = of->cancel};
    const char *const roots[] = {GW_SHADOW_MEMORY, of->directory};
    gw_server_place place;
    if (!gw_server_locate(arena, &options, &place, err) ||
        !each_in(arena, options, place.home, GW_SHADOW_FOLDER, fn, self, err))
        return false;
    for (size_t i = 0; i < sizeof roots / sizeof *roots && roots[i]; i++) {
        const char *folder = gw_shadow_folder(arena, roots[i], of->project_dir);
        if (gw_shadow_folder_is_ours(folder) &&
            !each_in(arena, options, folder, folder, fn, self, err))
            return false;
    }
    return true;
}

static bool describe(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    gw_shadow_servers *list = self;
    gw_server server;
    if (!gw_server_inspect(arena, options, &server, err))
        return false;
    *gw_vec_push(arena, list) =
        (gw_shadow_server){.major = server.major,
                           .pid = server.pid,
                           .version = server.version,
                           .data_directory = server.data_directory};
    return true;
}

bool gw_shadow_servers_list(gw_arena *arena, const gw_shadow_options *options,
                            gw_shadow_servers *out, gw_err *err)
{
    *out = (gw_shadow_servers){0};
    return each_server(arena, options, describe, out, err);
}

static bool stop_one(gw_arena *arena, const gw_server_options *options, void *self, gw_err *err)
{
    (void)self;
    return gw_server_stop(arena, options, err);
}

bool gw_shadow_servers_stop(gw_arena *arena, const gw_shadow_options *options, gw_err *err)
{
    return each_server(arena, options, stop_one, NULL, err);
}

bool gw_shadow_servers_destroy(gw_arena *arena, const gw_shadow_options *options, gw_err *err)
{
    const char *const roots[] = {GW_SHADOW_MEMORY, options->directory};
    if (!each_server(arena, options, destroy_one, NULL, err))
        return false;
    for (size_t i = 0; i < sizeof roots / sizeof *roots && roots[i]; i++) {
        const char *folder = gw_shadow_folder(arena, roots[i], options->project_dir);
        if (gw_shadow_folder_is_ours(folder) && !gw_file_remove_tree(folder, err))
            return false;
    }
    return true;
}
