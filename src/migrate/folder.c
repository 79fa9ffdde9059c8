#include "migrate/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/plan.h"

/* In the order in which shapes are looked for. */
static const gw_convention *const conventions[] = {
    &gw_convention_sqitch, &gw_convention_drizzle,
    &gw_convention_atlas,  &gw_convention_graphile_migrate,
    &gw_convention_flyway, &gw_convention_dbmate,
    &gw_convention_goose,  &gw_convention_node_pg_migrate,
    &gw_convention_godwit, &gw_convention_golang_migrate,
    &gw_convention_sqlx,
};
enum { CONVENTIONS = sizeof conventions / sizeof *conventions };

const gw_convention *gw_convention_of(gw_format format)
{
    for (size_t i = 0; i < CONVENTIONS; i++)
        if (conventions[i]->format == format)
            return conventions[i];
    return NULL;
}

/* Which conventions were seen, and the first file that shows each. */
typedef struct evidence {
    const char *file[GW_FORMAT_COUNT];
    const gw_source *neutral; /* NNN_name.sql without a mark: fits several */
    const gw_source *unfit;
    bool directive; /* Godwit's comes from a directive alone, not from names */
    bool epoch;     /* every neutral file has node-pg-migrate's 13 or 17 digits */
} evidence;

static const gw_convention *by_name(const char *name)
{
    for (size_t i = 0; i < CONVENTIONS; i++)
        if (conventions[i]->named && conventions[i]->named(name))
            return conventions[i];
    return NULL;
}

static const gw_convention *by_marks(const gw_source *source)
{
    for (size_t i = 0; i < source->marks.len; i++)
        for (size_t k = 0; k < CONVENTIONS; k++)
            if (conventions[k]->marked && conventions[k]->marked(&source->marks.items[i]))
                return conventions[k];
    return NULL;
}

/* "-- Up migration" is also what people write over a file of sqlx. */
static bool convincing(const gw_source *source)
{
    size_t digits = gw_digits(source->name);
    bool down = false;
    for (size_t i = 0; i < source->marks.len; i++)
        down |= source->marks.items[i].kind == GW_MARK_NODE_DOWN;
    return down || digits == 13 || digits == 17;
}

static bool has_directive(const gw_source *source)
{
    for (size_t i = 0; i < source->marks.len; i++)
        if (source->marks.items[i].kind == GW_MARK_DIRECTIVE && !source->marks.items[i].block)
            return true;
    return false;
}

static void see(evidence *seen, gw_format format, const char *file)
{
    if (!seen->file[format])
        seen->file[format] = file;
}

static bool look_at(gw_dir *dir, gw_source *source, evidence *seen, gw_err *err)
{
    const gw_convention *named = by_name(source->name);
    if (named) {
        see(seen, named->format, source->name);
        seen->directive &= named->format != GW_FORMAT_GODWIT;
        return true;
    }
    if (!gw_has_suffix(source->name, ".sql"))
        return true;
    if (!gw_source_scan(dir, source, err))
        return false;
    const gw_convention *marked = by_marks(source);
    if (marked == &gw_convention_node_pg_migrate && !convincing(source))
        marked = NULL;
    if (marked) {
        see(seen, marked->format, source->name);
    } else if (gw_numbered(source->name) == GW_NAME_OTHER) {
        seen->unfit = seen->unfit ? seen->unfit : source;
    } else if (has_directive(source) && !seen->file[GW_FORMAT_ATLAS]) { /* or its folder has sums */
        see(seen, GW_FORMAT_GODWIT, source->name);
    } else {
        size_t digits = gw_digits(source->name);
        seen->epoch &= digits == 13 || digits == 17;
        seen->neutral = seen->neutral ? seen->neutral : source;
    }
    return true;
}

static const gw_convention *mixture(const gw_dir *dir, const evidence *seen, gw_err *err)
{
    gw_buf detail = GW_BUF(dir->arena);
    for (int i = 0; i < GW_FORMAT_COUNT; i++)
        if (seen->file[i])
            gw_buf_addf(&detail, "%s%s is a file of %s", detail.len ? "; " : "", seen->file[i],
                        gw_format_name((gw_format)i));
    if (seen->neutral)
        gw_buf_addf(&detail, "%s%s has no mark of it", detail.len ? "; " : "", seen->neutral->name);
    gw_err_set(err, GW_ERR_INPUT, "folder %s mixes conventions of migration files", dir->shown);
    gw_err_detail(err, "%s", gw_buf_str(&detail));
    gw_err_hint(err, "keep one convention in a folder, or say which it is with `format:` in "
                     "godwit.yaml");
    gw_err_at(err, dir->shown, 0, 0);
    return NULL;
}

/* May files without a mark stand beside the others of this convention? */
static bool takes_neutral(gw_format format, const evidence *seen)
{
    if (format == GW_FORMAT_GODWIT)
        return seen->directive;
    return format == GW_FORMAT_NODE_PG_MIGRATE || format == GW_FORMAT_ATLAS ||
           format == GW_FORMAT_SQITCH || format == GW_FORMAT_DRIZZLE;
}

static const gw_convention *decide(gw_dir *dir, const evidence *seen, gw_err *err)
{
    gw_format found = GW_FORMAT_AUTO;
    int count = 0;
    for (int i = 0; i < GW_FORMAT_COUNT; i++)
        if (seen->file[i]) {
            found = (gw_format)i;
            count++;
        }
    if (count > 1 || (count == 1 && seen->neutral && !takes_neutral(found, seen)))
        return mixture(dir, seen, err);
    if (count == 1)
        return gw_convention_of(found);
    if (seen->neutral)
        return seen->epoch ? &gw_convention_node_pg_migrate : &gw_convention_sqlx;
    if (seen->unfit) {
        gw_source_error(err, seen->unfit, 0, "%s fits no convention of migration files",
                        seen->unfit->name);
        gw_err_hint(err, "name it as VERSION_NAME.up.sql, or move it out of the folder");
        return NULL;
    }
    return &gw_convention_godwit;
}

static const gw_convention *alembic(gw_dir *dir, gw_err *err)
{
    gw_err_set(err, GW_ERR_UNSUPPORTED, "folder %s is one of alembic", dir->shown);
    gw_err_detail(err, "its migrations are Python programs, which Godwit does not run");
    gw_err_hint(err, "take its history over with `godwit adopt --from alembic` and write what "
                     "follows as SQL in a folder of its own");
    gw_err_at(err, dir->shown, 0, 0);
    return NULL;
}

const gw_convention *gw_dir_detect(gw_dir *dir, gw_err *err)
{
    evidence seen = {.directive = true, .epoch = true};
    for (size_t i = 0; i < CONVENTIONS; i++) {
        const char *file = conventions[i]->shape ? conventions[i]->shape(dir) : NULL;
        if (file)
            see(&seen, conventions[i]->format, file);
    }
    if (seen.file[GW_FORMAT_SQITCH] || seen.file[GW_FORMAT_DRIZZLE])
        return decide(dir, &seen, err);
    if (gw_dir_file(dir, "env.py") || gw_dir_file(dir, "alembic.ini"))
        return alembic(dir, err);
    /* graphile-migrate's own folder holds current.sql, which is not run. */
    if (seen.file[GW_FORMAT_GRAPHILE_MIGRATE])
        return decide(dir, &seen, err);
    for (size_t i = 0; i < dir->files.len; i++)
        if (!look_at(dir, &dir->files.items[i], &seen, err))
            return NULL;
    return decide(dir, &seen, err);
}

static int order(const void *a, const void *b)
{
    return gw_migration_compare(a, b);
}

static bool duplicate(const gw_migration *a, const gw_migration *b, gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "two migrations have the version %s", b->version);
    gw_err_detail(err, "%s and %s", a->up.path, b->up.path);
    gw_err_object(err, "%s", a->up.path);
    gw_err_hint(err, "give one of them another version");
    return gw_err_at(err, b->up.path, 0, 0);
}

static int by_identity(const void *a, const void *b)
{
    const gw_migration *x = *(const gw_migration *const *)a, *y = *(const gw_migration *const *)b;
    int c = strcmp(x->service, y->service);
    if (c == 0)
        c = (x->kind == GW_BASELINE) - (y->kind == GW_BASELINE);
    return c ? c : strcmp(x->version, y->version);
}

/* Versions that are what they are ordered by: equal ones stand side by side. */
static bool ordered_by_version(const gw_migration_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].order != list->items[i].version || list->items[i].kind == GW_REPEATABLE)
            return false;
    return true;
}

static bool check_texts(gw_arena *arena, const gw_migration_list *list, gw_err *err)
{
    const gw_migration **keys = gw_alloc_array(arena, list->len, sizeof *keys);
    for (size_t i = 0; i < list->len; i++)
        keys[i] = &list->items[i];
    qsort(keys, list->len, sizeof *keys, by_identity);
    for (size_t i = 1; i < list->len; i++)
        if (by_identity(&keys[i - 1], &keys[i]) == 0)
            return duplicate(keys[i - 1], keys[i], err);
    return true;
}

/* One version twice in one service: as text, or as the number that it is ordered by. */
static bool check_duplicates(gw_arena *arena, const gw_migration_list *list, gw_err *err)
{
    if (!ordered_by_version(list) && !check_texts(arena, list, err))
        return false;
    for (size_t i = 1; i < list->len; i++) {
        const gw_migration *a = &list->items[i - 1], *b = &list->items[i];
        if (a->kind == b->kind && a->kind != GW_REPEATABLE && strcmp(a->service, b->service) == 0 &&
            gw_version_compare(a->order, b->order) == 0)
            return duplicate(a, b, err);
    }
    return true;
}

/* A file that a squash stands for is no migration beside it: it would run what the squash has made. */
static bool check_replaced(const gw_migration_list *list, gw_err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_migration *squash = &list->items[i];
        for (size_t k = 0; squash->up.directives.replaces_count && k < list->len; k++) {
            const gw_migration *old = &list->items[k];
            if (k == i || old->kind == GW_REPEATABLE || strcmp(old->service, squash->service) != 0 ||
                !gw_replaces(squash, old->version))
                continue;
            gw_err_set(err, GW_ERR_INPUT, "version %s is in the folder, and in a squash too", old->version);
            gw_err_detail(err, "%s says `replaces=%s`", squash->up.path, old->version);
            gw_err_object(err, "%s", old->up.path);
            gw_err_hint(err, "remove the file (a merge may have brought it back: the squash holds what it did), "
                             "or give it a version of its own behind the squash if it is another one");
            return gw_err_at(err, old->up.path, 0, 0);
        }
    }
    return true;
}

static bool finish(gw_arena *arena, gw_migration_list *list, gw_err *err)
{
    bool sorted = true; /* as most folders are read */
    for (size_t i = 1; i < list->len && sorted; i++)
        sorted = gw_migration_compare(&list->items[i - 1], &list->items[i]) <= 0;
    if (!sorted)
        qsort(list->items, list->len, sizeof *list->items, order);
    return list->len < 2 || (check_duplicates(arena, list, err) && check_replaced(list, err));
}

/* Versions of these tools are numbers: 0001 is 1. */
static bool has_integer_versions(gw_format format)
{
    return format == GW_FORMAT_GODWIT || format == GW_FORMAT_SQLX ||
           format == GW_FORMAT_GOLANG_MIGRATE || format == GW_FORMAT_GOOSE ||
           format == GW_FORMAT_NODE_PG_MIGRATE;
}

static void drop_zeros(const char **versions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        while (versions[i][0] == '0' && versions[i][1] && !versions[i][gw_digits(versions[i])])
            versions[i]++;
}

/* What directives ask for whatever the convention. */
static void follow_directives(gw_folder *folder)
{
    for (size_t i = 0; i < folder->migrations.len; i++) {
        gw_migration *m = &folder->migrations.items[i];
        if (m->up.directives.repeatable)
            m->kind = GW_REPEATABLE;
        if (has_integer_versions(folder->format)) {
            drop_zeros(m->up.directives.requires, m->up.directives.requires_count);
            drop_zeros(m->up.directives.replaces, m->up.directives.replaces_count);
        }
    }
}

bool gw_folder_read(gw_arena *arena, const gw_folder_options *options, gw_folder *out, gw_err *err)
{
    *out = (gw_folder){0};
    gw_dir *dir = NULL;
    if (!gw_dir_open(arena, options, out, &dir, err))
        return false;
    const gw_convention *convention = NULL;
    if (options->format == GW_FORMAT_AUTO)
        convention = gw_dir_detect(dir, err);
    else if (options->format == GW_FORMAT_ALEMBIC)
        alembic(dir, err);
    else
        convention = gw_convention_of(options->format);
    if (!convention)
        return false;
    out->path = dir->path;
    out->service = dir->service;
    out->format = convention->format;
    if (!convention->read(dir, err))
        return false;
    follow_directives(out);
    return finish(arena, &out->migrations, err);
}

/* Two kinds of version are in use, and their numbers say nothing about each other. */
static const char *clock_of(const gw_folder *folder)
{
    if (folder->format == GW_FORMAT_DRIZZLE || folder->format == GW_FORMAT_NODE_PG_MIGRATE)
        return "milliseconds";
    return "numbers or dates";
}

bool gw_folders_merge(gw_arena *arena, const gw_folder *folders, size_t count,
                      gw_migration_list *out, gw_err *err)
{
    *out = (gw_migration_list){.folders = folders, .folder_count = count};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(clock_of(&folders[i]), clock_of(&folders[0])) != 0) {
            gw_err_set(err, GW_ERR_INPUT, "the versions of %s cannot be ordered among those of %s",
                       folders[i].path, folders[0].path);
            gw_err_detail(err, "versions of %s are %s, those of %s are %s",
                          gw_format_name(folders[i].format), clock_of(&folders[i]),
                          gw_format_name(folders[0].format), clock_of(&folders[0]));
            gw_err_hint(err, "give that service a project of its own");
            return gw_err_at(err, folders[i].path, 0, 0);
        }
        for (size_t k = 0; k < folders[i].migrations.len; k++)
            *gw_vec_push(arena, out) = folders[i].migrations.items[k];
    }
    return finish(arena, out, err);
}
