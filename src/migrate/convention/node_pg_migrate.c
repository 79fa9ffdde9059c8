#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "migrate/convention/convention.h"
#include "migrate/convention/node_conf.h"

/* A migration that is a program. */
static bool named(const char *name)
{
    static const char *const endings[] = {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"};
    const char *dot = strrchr(name, '.');
    size_t digits = gw_digits(name);
    if (!dot || !digits || name[digits] != '_')
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot, endings[i]) == 0 && !gw_has_suffix(name, ".d.ts"))
            return true;
    return false;
}

static bool marked(const gw_mark *mark)
{
    return mark->kind == GW_MARK_NODE_UP || mark->kind == GW_MARK_NODE_DOWN;
}

static int number(const char *text, size_t len)
{
    int value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

/* 13 digits are milliseconds, 17 are UTC YYYYMMDDHHMMSSmmm, others are what they say. */
static const char *order_of(gw_dir *dir, const char *version, const char *digits, size_t len)
{
    if (len != 17)
        return version;
    struct tm tm = {.tm_year = number(digits, 4) - 1900,
                    .tm_mon = number(digits + 4, 2) - 1,
                    .tm_mday = number(digits + 6, 2),
                    .tm_hour = number(digits + 8, 2),
                    .tm_min = number(digits + 10, 2),
                    .tm_sec = number(digits + 12, 2)};
    long long ms = (long long)timegm(&tm) * 1000 + number(digits + 14, 3);
    return ms < 0 ? version : gw_printf(dir->arena, "%lld", ms);
}

/* Only the first mark of each direction counts. Without any the file is all up. */
static bool cut(gw_dir *dir, const gw_source *source, gw_migration *m, gw_err *err)
{
    const gw_mark *up = NULL, *down = NULL;
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (mark->kind == GW_MARK_NODE_UP && !up)
            up = mark;
        if (mark->kind == GW_MARK_NODE_DOWN && !down)
            down = mark;
    }
    if (!up && !down)
        return gw_source_cut(dir, source, &m->up, NULL, &(gw_cut){.script = &m->up}, 1, err);
    if (!up) {
        gw_source_error(err, source, down->line, "%s has a down mark and no up mark", source->name);
        gw_err_detail(err, "node-pg-migrate would run all of it as up, the down part included");
        return gw_err_hint(err, "put `-- Up Migration` above the part that migrates up");
    }
    gw_cut cuts[3] = {{0}, {.mark = up, .script = &m->up}, {.mark = down, .script = &m->down}};
    if (down && down->offset < up->offset) {
        cuts[1] = (gw_cut){.mark = down, .script = &m->down};
        cuts[2] = (gw_cut){.mark = up, .script = &m->up};
    }
    if (cuts[1].mark->code) {
        gw_source_error(err, source, source->code_line, "a statement stands before `-- %s`",
                        cuts[1].mark->text);
        return gw_err_hint(err, "node-pg-migrate passes over it: move it below the mark");
    }
    return gw_source_cut(dir, source, &m->up, &m->down, cuts, down ? 3 : 2, err);
}

static bool read_file(gw_dir *dir, gw_source *source, gw_err *err)
{
    const char *version;
    size_t digits = gw_digits(source->name);
    if (!gw_version_number(dir, source, digits, &version, err) || !gw_source_scan(dir, source, err))
        return false;
    size_t len = strlen(source->name) - strlen(".sql");
    const char *stem = gw_strndup(dir->arena, source->name, len);
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_NODE_PG_MIGRATE, version,
                                 order_of(dir, version, source->name, digits), stem + digits + 1);
    m->foreign_id = stem;
    m->checksum = source->checksum;
    if (!cut(dir, source, m, err))
        return false;
    return true;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    if (!gw_node_conf_check(dir, err))
        return false;
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (named(source->name)) {
            gw_source_error(err, source, 0, "%s is a migration written in JavaScript",
                            source->name);
            return gw_err_hint(err, "Godwit does not run programs: write it as SQL "
                                    "(node-pg-migrate create --migration-file-language sql)");
        }
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (gw_numbered(source->name) == GW_NAME_OTHER)
            return gw_name_error(err, source, gw_convention_node_pg_migrate.pattern);
        if (!read_file(dir, source, err))
            return false;
    }
    return true;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    long long ms = wanted->now_us / 1000;
    const char *name;
    bool taken = true;
    while (taken) { /* the same millisecond twice is one version twice */
        name = gw_printf(dir->arena, "%lld_", ms++);
        taken = false;
        for (size_t i = 0; i < dir->files.len && !taken; i++)
            taken = strncmp(dir->files.items[i].name, name, strlen(name)) == 0;
    }
    return gw_new_file(dir, files, gw_printf(dir->arena, "%s%s.sql", name, wanted->name),
                       "-- Up Migration\n\n\n-- Down Migration\n\n", err);
}

const gw_convention gw_convention_node_pg_migrate = {
    .format = GW_FORMAT_NODE_PG_MIGRATE,
    .pattern = "TIMESTAMP_NAME.sql, with `-- Up Migration` and `-- Down Migration` in it",
    .named = named,
    .marked = marked,
    .read = read_folder,
    .create = create,
};
