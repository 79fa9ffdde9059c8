#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "migrate/convention/convention.h"

static void close_fd(void *arg)
{
    close(*(int *)arg);
}

static bool folder_error(gw_err *err, const char *shown, int code)
{
    if (code == ENOENT || code == ENOTDIR) {
        gw_err_set(err, GW_ERR_CONFIG, "migrations folder %s does not exist", shown);
        if (code == ENOTDIR)
            gw_err_detail(err, "it is not a folder");
        else
            gw_err_detail(err, "godwit new makes it with its first migration");
        gw_err_hint(err, "make the folder (mkdir), or name another one: migrations: in godwit.yaml");
        return gw_err_at(err, shown, 0, 0);
    }
    gw_err_errno(err, code, "cannot read folder %s", shown);
    return gw_err_at(err, shown, 0, 0);
}

static void add_file(gw_dir *dir, const char *folder, const char *name)
{
    gw_source *source = gw_vec_push(dir->arena, &dir->files);
    source->name = folder ? gw_path_join(dir->arena, folder, name) : name;
    source->path = gw_path_join(dir->arena, dir->path, source->name);
    source->shown =
        dir->shown == dir->path ? source->path : gw_path_join(dir->arena, dir->shown, source->name);
}

static const char control_characters[] = "\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0e\x0f\x10\x11\x12"
                                         "\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f";

/* A folder passed over would be a migration that is missing without a word; a name with a line
 * break would break every line that names it. */
static bool odd_entry(gw_dir *dir, const char *folder, const char *name, bool is_dir, gw_err *err)
{
    char *path = gw_strdup(dir->arena, folder ? gw_path_join(dir->arena, folder, name) : name);
    for (char *at = path; *(at += strcspn(at, control_characters));)
        *at = '?';
    gw_err_set(err, GW_ERR_INPUT,
               is_dir ? "%s is a folder, and is named as a file of SQL"
                      : "the name of %s has a line break or another control character (shown as ?)",
               path);
    gw_err_hint(err, "rename it, or move it out of the folder of migrations");
    return gw_err_at(err, gw_path_join(dir->arena, dir->shown, path), 0, 0);
}

bool gw_other_case(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);
    return n >= s && strcasecmp(name + n - s, suffix) == 0 && memcmp(name + n - s, suffix, s) != 0;
}

bool gw_case_error(const char *name, const char *shown, const char *suffix, gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "%s ends in %s: no tool takes it for a migration", name,
               name + strlen(name) - strlen(suffix));
    gw_err_hint(err, "rename it so that it ends in %s, or move it out of the folder of migrations", suffix);
    return gw_err_at(err, shown, 0, 0);
}

static bool list(gw_dir *dir, const char *folder, gw_err *err)
{
    gw_file_list entries = {0};
    const char *path = folder ? gw_path_join(dir->arena, dir->path, folder) : dir->path;
    if (!gw_file_list_dir(dir->arena, path, &entries, err))
        return false;
    for (size_t i = 0; i < entries.len; i++) {
        const char *name = entries.items[i].name;
        if (*name == '.')
            continue;
        if (gw_has_suffix(name, ".sql") &&
            (entries.items[i].is_dir || name[strcspn(name, control_characters)]))
            return odd_entry(dir, folder, name, entries.items[i].is_dir, err);
        if (!entries.items[i].is_dir && gw_other_case(name, ".sql")) {
            const char *file = folder ? gw_path_join(dir->arena, folder, name) : name;
            return gw_case_error(file, gw_path_join(dir->arena, dir->shown, file), ".sql", err);
        }
        if (entries.items[i].is_dir)
            *gw_vec_push(dir->arena, &dir->folders) =
                folder ? gw_path_join(dir->arena, folder, name) : name;
        else
            add_file(dir, folder, name);
    }
    return true;
}

bool gw_dir_open(gw_arena *arena, const gw_folder_options *options, gw_folder *out, gw_dir **opened,
                 gw_err *err)
{
    gw_dir *dir = gw_alloc(arena, sizeof *dir);
    dir->arena = arena;
    dir->options = options;
    dir->path = gw_strdup(arena, options->path);
    dir->shown = options->shown ? gw_strdup(arena, options->shown) : dir->path;
    dir->service = gw_strdup(arena, options->service ? options->service : "");
    dir->out = out;
    dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0)
        return folder_error(err, dir->shown, errno);
    gw_arena_defer(arena, close_fd, &dir->fd);
    dir->scanner = gw_scanner_new(arena);
    *opened = dir;
    if (faccessat(dir->fd, GW_SQUASH_JOURNAL, F_OK, 0) == 0) {
        gw_err_set(err, GW_ERR_STATE, "a squash of %s was interrupted", dir->shown);
        return gw_err_hint(err, "godwit squash brings it to its end");
    }
    return list(dir, NULL, err);
}

bool gw_dir_add_folder(gw_dir *dir, const char *name, gw_err *err)
{
    return list(dir, name, err);
}

gw_source *gw_dir_source(gw_dir *dir, const char *name)
{
    struct stat st;
    if (fstatat(dir->fd, name, &st, 0) != 0 || S_ISDIR(st.st_mode))
        return NULL;
    gw_source *source = gw_alloc(dir->arena, sizeof *source);
    source->name = gw_strdup(dir->arena, name);
    source->path = gw_path_join(dir->arena, dir->path, name);
    source->shown = gw_path_join(dir->arena, dir->shown, name);
    return source;
}

bool gw_dir_above(gw_dir *dir, const char *const *names, gw_above_fn *read, void *self, gw_err *err)
{
    enum { LEVELS = 8 };
    const char *up = "", *shown = dir->shown;
    for (int level = 0; level < LEVELS; level++) {
        for (const char *const *name = names; *name; name++) {
            bool enough = false;
            gw_source *source = gw_dir_source(dir, gw_printf(dir->arena, "%s%s", up, *name));
            if (!source)
                continue;
            source->shown = strcmp(shown, ".") == 0 ? *name : gw_path_join(dir->arena, shown, *name);
            if (!read(self, &(gw_above){dir, source, up}, &enough, err))
                return false;
            if (enough)
                return true;
        }
        const char *base = gw_path_base(shown);
        bool top = strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || !*base;
        if (top || (*shown == '/' && level))
            return true;
        up = gw_printf(dir->arena, "../%s", up);
        shown = gw_path_dir(dir->arena, shown);
    }
    return true;
}

static int compare_name(const void *name, const void *source)
{
    return strcmp(name, ((const gw_source *)source)->name);
}

gw_source *gw_dir_file(const gw_dir *dir, const char *name)
{
    if (!dir->files.len)
        return NULL;
    return bsearch(name, dir->files.items, dir->files.len, sizeof *dir->files.items, compare_name);
}

bool gw_has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);
    return n >= s && memcmp(name + n - s, suffix, s) == 0;
}

size_t gw_digits(const char *text)
{
    return strspn(text, "0123456789");
}

bool gw_source_error(gw_err *err, const gw_source *source, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        gw_out_of_memory(strlen(format));
    va_end(args);
    gw_err_set(err, GW_ERR_INPUT, "%s", text);
    free(text);
    return gw_err_at(err, source->shown, line, line ? 1 : 0);
}

bool gw_name_error(gw_err *err, const gw_source *source, const char *pattern)
{
    gw_source_error(err, source, 0, "%s is not named as a migration", source->name);
    gw_err_detail(err, "this folder's files are named %s", pattern);
    return gw_err_hint(err, "rename it, or move it out of the folder");
}

bool gw_version_number(gw_dir *dir, const gw_source *source, size_t digits, const char **out,
                       gw_err *err)
{
    static const char most[] = "9223372036854775807";
    const char *text = gw_path_base(source->name);
    while (digits > 1 && *text == '0')
        text++, digits--;
    char *number = gw_strndup(dir->arena, text, digits);
    *out = number;
    size_t limit = sizeof most - 1;
    if (digits < limit || (digits == limit && memcmp(number, most, limit) <= 0))
        return true;
    gw_source_error(err, source, 0, "the version of %s is too large", source->name);
    gw_err_detail(err, "%s is over 2^63-1 (%s)", number, most);
    return gw_err_hint(err, "give it a smaller version: `godwit new` takes the time in UTC");
}

gw_migration *gw_dir_add(gw_dir *dir, gw_format format, const char *version, const char *order,
                         const char *name)
{
    gw_migration_list *list = &dir->out->migrations;
    if (!list->items && dir->files.len) {
        /* Room for all: growing would leave the smaller copies in the arena. */
        list->cap = dir->files.len;
        list->items = gw_alloc_array(dir->arena, list->cap, sizeof *list->items);
    }
    gw_migration *migration = gw_vec_push(dir->arena, list);
    migration->version = version;
    migration->order = order;
    migration->name = name;
    migration->service = dir->service;
    migration->format = format;
    migration->checksum = "";
    gw_directives_init(&migration->up.directives);
    gw_directives_init(&migration->down.directives);
    gw_directives_init(&migration->verify.directives);
    return migration;
}

static void add_section(gw_dir *dir, const gw_source *source, gw_script *script,
                        const gw_mark *mark, uint64_t end)
{
    if (!script->section_count) {
        script->present = true;
        script->path = source->path;
        script->size = source->size;
        script->changed_ns = source->changed_ns;
    }
    gw_section section = {.offset = mark ? mark->next : source->start,
                          .line = mark ? mark->line + 1 : 1};
    section.len = end > section.offset ? end - section.offset : 0;
    size_t n = script->section_count;
    script->sections =
        gw_realloc(dir->arena, script->sections, n * sizeof section, (n + 1) * sizeof section);
    script->sections[script->section_count++] = section;
}

/* Directives between two cuts. */
static bool read_directives(gw_dir *dir, const gw_source *source, const gw_cut *cut, uint64_t start,
                            uint64_t end, gw_script *const to[2], gw_err *err)
{
    uint64_t code = cut->mark ? cut->mark->code : 0;
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (mark->kind != GW_MARK_DIRECTIVE || mark->offset < start || mark->offset >= end)
            continue;
        for (int k = 0; k < 2; k++)
            if (to[k] && !gw_directives_read(dir->arena, source, mark, mark->code > code,
                                             &to[k]->directives, err))
                return false;
    }
    return true;
}

static void substitute_env(gw_script *script)
{
    for (size_t i = 0; script && script->directives.env && i < script->section_count; i++)
        script->sections[i].substitution = GW_SUBST_ENV;
}

bool gw_source_cut(gw_dir *dir, const gw_source *source, gw_script *up, gw_script *down,
                   const gw_cut *cuts, size_t count, gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const gw_cut *cut = &cuts[i];
        uint64_t start = cut->mark ? cut->mark->next : source->start;
        uint64_t end = i + 1 < count ? cuts[i + 1].mark->offset : source->size;
        gw_script *to[2] = {cut->script ? cut->script : up, cut->script ? NULL : down};
        if (!read_directives(dir, source, cut, start, end, to, err))
            return false;
        if (cut->script)
            add_section(dir, source, cut->script, cut->mark, end);
    }
    substitute_env(up);
    substitute_env(down);
    return true;
}

bool gw_source_whole(gw_dir *dir, gw_source *source, gw_script *out, gw_err *err)
{
    if (!gw_source_scan(dir, source, err))
        return false;
    return gw_source_cut(dir, source, out, NULL, &(gw_cut){.script = out}, 1, err);
}
