#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/folder.h"
#include "migrate/substitute.h"

/* The bytes of a section, straight from its file. */
typedef struct section_file {
    int fd;
    uint64_t at, end;
    const gw_script *script;
} section_file;

static void close_file(void *arg)
{
    section_file *file = arg;
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* The history keeps the checksum of what was read: nothing else may run under it. Asked again behind
 * every read: the file may be written over in place while it runs. */
static bool unchanged(int fd, const gw_script *script, gw_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        gw_err_errno(err, errno, "cannot read %s", script->path);
        return gw_err_at(err, script->path, 0, 0);
    }
    int64_t changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if ((uint64_t)st.st_size == script->size && changed == script->changed_ns)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "%s was changed after it was read", script->path);
    gw_err_hint(err, "run the command again");
    return gw_err_at(err, script->path, 0, 0);
}

static long read_file(void *self, char *buf, size_t cap, gw_err *err)
{
    section_file *file = self;
    uint64_t left = file->end - file->at;
    size_t want = left < cap ? (size_t)left : cap;
    while (want) {
        ssize_t n = pread(file->fd, buf, want, (off_t)file->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            gw_err_errno(err, errno, "cannot read %s", file->script->path);
            gw_err_at(err, file->script->path, 0, 0);
            return -1;
        }
        if (!unchanged(file->fd, file->script, err))
            return -1;
        if (n == 0)
            break;
        file->at += (uint64_t)n;
        return n;
    }
    /* At once, not with the arena: thousands of files may be read in one. */
    close_file(file);
    file->at = file->end;
    return 0;
}

bool gw_section_open(gw_arena *arena, const gw_script *script, size_t index,
                    const gw_script_context *context, gw_sql_input *out, gw_err *err)
{
    const gw_section *section = &script->sections[index];
    section_file *file = gw_alloc(arena, sizeof *file);
    file->fd = open(script->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0) {
        gw_err_errno(err, errno, "cannot read %s", script->path);
        return gw_err_at(err, script->path, 0, 0);
    }
    gw_arena_defer(arena, close_file, file);
    if (!unchanged(file->fd, script, err))
        return false;
    file->script = script;
    file->at = section->offset;
    file->end = section->offset + section->len;
    gw_sql_input input = {
        .read = read_file, .self = file, .file = script->path, .first_line = section->line};
    *out = input;
    if (section->substitution != GW_SUBST_NONE) {
        gw_script_context *own = gw_alloc(arena, sizeof *own);
        if (context)
            *own = *context;
        own->variables = script->variables;
        *out = gw_substitute(arena, &input, section->substitution, own);
    }
    out->breakpoints = section->breakpoints;
    return true;
}

bool gw_script_of_file(gw_arena *arena, const char *path, gw_migration *out, gw_err *err)
{
    struct stat st;
    char start[3] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        gw_err_errno(err, errno, "cannot read %s", path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool mark = read(fd, start, 3) == 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0;
    close(fd);
    if (!S_ISREG(st.st_mode))
        return gw_err_set(err, GW_ERR_IO, "cannot read %s: it is not a regular file", path);
    uint64_t size = (uint64_t)st.st_size, from = mark ? 3 : 0;
    gw_section *section = gw_alloc(arena, sizeof *section);
    *section = (gw_section){.offset = from, .len = size - from, .line = 1};
    *out = (gw_migration){.version = gw_strdup(arena, gw_path_base(path)),
                          .order = "0",
                          .name = "",
                          .service = "",
                          .format = GW_FORMAT_GODWIT,
                          .checksum = ""};
    out->up = (gw_script){.present = true,
                          .path = gw_strdup(arena, path),
                          .size = size,
                          .changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
                          .sections = section,
                          .section_count = 1};
    gw_directives_init(&out->up.directives);
    return true;
}
