#include <stdlib.h>
#include <string.h>

#include "migrate/convention/convention.h"

/* NNN_NAME.up.ENDING */
static bool is_direction(const char *name, const char *direction, const char *ending)
{
    size_t n = strlen(name), d = strlen(direction), e = strlen(ending);
    return n >= d + e && strcmp(name + n - e, ending) == 0 && memcmp(name + n - e - d, direction, d) == 0;
}

gw_numbered_name gw_numbered(const char *name)
{
    static const char *const endings[] = {".sql", ".psql", ".pgsql"};
    size_t digits = gw_digits(name);
    if (!digits || name[digits] != '_')
        return GW_NAME_OTHER;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (is_direction(name + digits, ".up", endings[i]))
            return GW_NAME_UP;
        if (is_direction(name + digits, ".down", endings[i]))
            return GW_NAME_DOWN;
    }
    return gw_has_suffix(name, ".sql") ? GW_NAME_PLAIN : GW_NAME_OTHER;
}

/* golang-migrate runs NNN_NAME.up.ANYTHING. Without its name under `format:`, what an editor or a merge leaves
 * (.sql.bak, .sql~) is not meant. */
static bool is_other_ending(const char *name, gw_format format)
{
    size_t digits = gw_digits(name);
    bool pair = digits && name[digits] == '_' && (strstr(name + digits, ".up.") || strstr(name + digits, ".down."));
    const char *dot = strrchr(name, '.');
    if (!pair || format == GW_FORMAT_GOLANG_MIGRATE)
        return pair;
    return dot - name > 3 && (memcmp(dot - 3, ".up", 3) == 0 || (dot - name > 5 && memcmp(dot - 5, ".down", 5) == 0)) &&
           dot[1] && !dot[1 + strspn(dot + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}

static bool other_ending(const gw_source *source, gw_err *err)
{
    gw_source_error(err, source, 0, "%s ends in neither .sql nor .psql nor .pgsql", source->name);
    gw_err_detail(err, "golang-migrate would run it as a migration");
    return gw_err_hint(err, "rename it so that it ends in .sql where it is SQL, or move it out of the folder of "
                            "migrations");
}

typedef struct entry {
    gw_source *source;
    gw_numbered_name kind;
    const char *version;
} entry;

static int by_version(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int c = gw_version_compare(x->version, y->version);
    if (c == 0) /* the down file after the up file that it belongs to */
        c = (x->kind == GW_NAME_DOWN) - (y->kind == GW_NAME_DOWN);
    return c ? c : strcmp(x->source->name, y->source->name);
}

static bool collect(gw_dir *dir, gw_format format, bool plain, bool pairs, const char *pattern, entry *entries,
                    size_t *count, gw_err *err)
{
    static const char *const directions[] = {".up.sql", ".down.sql"};
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        bool sql = gw_has_suffix(source->name, ".sql");
        if (!sql && format == GW_FORMAT_SQLX) /* which passes over it too */
            continue;
        for (size_t k = 0; pairs && k < sizeof directions / sizeof *directions; k++)
            if (gw_other_case(source->name, directions[k]))
                return gw_case_error(source->name, source->shown, directions[k], err);
        gw_numbered_name kind = gw_numbered(source->name);
        if (!sql && kind == GW_NAME_OTHER) {
            if (is_other_ending(source->name, format))
                return other_ending(source, err);
            continue;
        }
        bool fits = kind == GW_NAME_PLAIN ? plain : kind != GW_NAME_OTHER && pairs;
        if (!fits)
            return gw_name_error(err, source, pattern);
        entry *e = &entries[(*count)++];
        *e = (entry){.source = source, .kind = kind};
        if (!gw_version_number(dir, source, gw_digits(source->name), &e->version, err))
            return false;
    }
    return true;
}

static const char *title(gw_dir *dir, const entry *e)
{
    const char *name = e->source->name + gw_digits(e->source->name) + 1;
    size_t direction = e->kind == GW_NAME_UP ? 3 : e->kind == GW_NAME_DOWN ? 5 : 0; /* .up, .down */
    return gw_strndup(dir->arena, name, (size_t)(strrchr(name, '.') - name) - direction);
}

static void sqlx_directive(const gw_source *source, gw_script *script)
{
    if (source->marks.len && source->marks.items[0].kind == GW_MARK_SQLX)
        script->directives.no_transaction = script->directives.transaction_said = true;
}

static bool clash(const entry *a, const entry *b, gw_err *err)
{
    gw_source_error(err, b->source, 0, "two migrations have the version %s", b->version);
    gw_err_detail(err, "%s and %s", a->source->shown, b->source->shown);
    gw_err_object(err, "%s", a->source->shown);
    return gw_err_hint(err, "give one of them another version");
}

/* The entries of one version: one up or plain file, at most one down file. */
static bool add(gw_dir *dir, gw_format format, entry *entries, size_t count, gw_err *err)
{
    const entry *up = &entries[0];
    if (up->kind == GW_NAME_DOWN) {
        gw_source_error(err, up->source, 0, "%s has no up file beside it", up->source->name);
        return gw_err_hint(err, "add %.*s_NAME.up.sql, or remove it",
                           (int)gw_digits(up->source->name), up->source->name);
    }
    if (count > 1 && entries[1].kind != GW_NAME_DOWN)
        return clash(up, &entries[1], err);
    if (count > 2)
        return clash(&entries[1], &entries[2], err);
    gw_migration *m = gw_dir_add(dir, format, up->version, up->version, title(dir, up));
    if (!gw_source_whole(dir, up->source, &m->up, err))
        return false;
    m->checksum = up->source->checksum;
    sqlx_directive(up->source, &m->up);
    if (count == 1)
        return true;
    if (!gw_source_whole(dir, entries[1].source, &m->down, err))
        return false;
    sqlx_directive(entries[1].source, &m->down);
    return true;
}

bool gw_numbered_read(gw_dir *dir, gw_format format, bool plain, bool pairs, gw_err *err)
{
    const char *pattern = gw_convention_of(format)->pattern;
    entry *entries = gw_alloc_array(dir->arena, dir->files.len, sizeof *entries);
    size_t count = 0;
    if (!collect(dir, format, plain, pairs, pattern, entries, &count, err))
        return false;
    if (count > 1)
        qsort(entries, count, sizeof *entries, by_version);
    for (size_t i = 0, next; i < count; i = next) {
        next = i + 1;
        while (next < count && gw_version_compare(entries[i].version, entries[next].version) == 0)
            next++;
        if (!add(dir, format, &entries[i], next - i, err))
            return false;
    }
    return true;
}

/* Migrations are in the order of their file names here. */
void gw_order_by_name(gw_dir *dir)
{
    gw_migration_list *list = &dir->out->migrations;
    bool numbers = true;
    for (size_t i = 0; i < list->len && numbers; i++) {
        const char *version = list->items[i].version;
        numbers = version[gw_digits(version)] == '\0' &&
                  (i == 0 || gw_version_compare(list->items[i - 1].version, version) < 0);
    }
    for (size_t i = 0; i < list->len; i++) {
        list->items[i].by_place = !numbers;
        list->items[i].order =
            numbers ? list->items[i].version : gw_printf(dir->arena, "%zu", i + 1);
    }
}
