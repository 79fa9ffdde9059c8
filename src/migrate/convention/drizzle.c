#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "migrate/convention/convention.h"

enum { JOURNAL_LIMIT = 64 << 20 };
static const char journal_name[] = "meta/_journal.json";

/* <YYYYMMDDHHMMSS>_name with a migration.sql in it: drizzle 1.0. */
static bool is_folder(gw_dir *dir, const char *name)
{
    return gw_digits(name) == 14 && name[14] == '_' &&
           gw_dir_source(dir, gw_printf(dir->arena, "%s/migration.sql", name));
}

static const char *shape(gw_dir *dir)
{
    for (size_t i = 0; i < dir->folders.len; i++) {
        const char *name = dir->folders.items[i];
        if (strcmp(name, "meta") == 0 && gw_dir_source(dir, journal_name))
            return journal_name;
        if (is_folder(dir, name))
            return gw_printf(dir->arena, "%s/migration.sql", name);
    }
    return NULL;
}

static bool journal_error(gw_err *err, const gw_source *journal, size_t index, const char *what)
{
    gw_source_error(err, journal, 0, "entry %zu of %s %s", index + 1, journal->name, what);
    return gw_err_hint(err, "it is drizzle-kit's file: restore it from version control");
}

/* "0000_name" → "0000"; a tag without a number stands for itself. */
static void name_by_tag(gw_arena *arena, const char *tag, const char **version, const char **name)
{
    size_t digits = gw_digits(tag);
    bool numbered = digits && tag[digits] == '_';
    *version = numbered ? gw_strndup(arena, tag, digits) : tag;
    *name = numbered ? gw_strdup(arena, tag + digits + 1) : tag;
}

/* As drizzle reads it: it cuts the text at each breakpoint. */
static bool read_script(gw_dir *dir, gw_source *source, gw_migration *m, gw_err *err)
{
    if (!gw_source_whole(dir, source, &m->up, err))
        return false;
    for (size_t i = 0; i < m->up.section_count; i++)
        m->up.sections[i].breakpoints = true;
    m->checksum = source->checksum;
    return true;
}

static bool read_entry(gw_dir *dir, const gw_source *journal, const json_t *entry, size_t index,
                       gw_err *err)
{
    const char *tag = json_string_value(json_object_get(entry, "tag"));
    const json_t *when = json_object_get(entry, "when");
    if (!tag || !*tag || strchr(tag, '/'))
        return journal_error(err, journal, index, "has no `tag`");
    if (!json_is_integer(when) || json_integer_value(when) < 0)
        return journal_error(err, journal, index, "has no `when`");
    const char *file = gw_printf(dir->arena, "%s.sql", tag), *version, *name;
    gw_source *source = gw_dir_file(dir, file);
    if (!source) {
        gw_source_error(err, journal, 0, "%s is in %s, but not in the folder", file, journal->name);
        return gw_err_hint(err, "restore the file from version control");
    }
    name_by_tag(dir->arena, gw_strdup(dir->arena, tag), &version, &name);
    const char *order = gw_printf(dir->arena, "%lld", (long long)json_integer_value(when));
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_DRIZZLE, version, order, name);
    m->foreign_id = order;
    return read_script(dir, source, m, err);
}

/* drizzle runs its entries as they stand in the journal, whatever their `when` says. */
static void keep_journal_order(gw_dir *dir)
{
    gw_migration_list *list = &dir->out->migrations;
    bool rising = true;
    for (size_t i = 1; i < list->len && rising; i++)
        rising = gw_version_compare(list->items[i - 1].order, list->items[i].order) < 0;
    for (size_t i = 0; i < list->len && !rising; i++) {
        list->items[i].by_place = true;
        list->items[i].order = gw_printf(dir->arena, "%zu", i + 1);
    }
}

static bool read_journal(gw_dir *dir, const gw_source *journal, gw_err *err)
{
    gw_file_text text;
    if (!gw_file_read(dir->arena, journal->path, JOURNAL_LIMIT, &text, err))
        return false;
    json_t *root = gw_json_parse(dir->arena, journal->shown, text.data, text.len, err);
    if (!root)
        return false;
    const char *dialect = json_string_value(json_object_get(root, "dialect"));
    if (dialect && strcmp(dialect, "postgresql") != 0 && strcmp(dialect, "pg") != 0) {
        gw_source_error(err, journal, 0, "%s is for %s, not for PostgreSQL", journal->name,
                        dialect);
        return gw_err_hint(err, "point `migrations:` at the folder of the PostgreSQL schema");
    }
    const json_t *entries = json_object_get(root, "entries");
    if (!json_is_array(entries)) {
        gw_source_error(err, journal, 1, "%s has no list `entries`", journal->name);
        return gw_err_hint(err, "it is drizzle-kit's file: restore it from version control");
    }
    for (size_t i = 0; i < json_array_size(entries); i++)
        if (!read_entry(dir, journal, json_array_get(entries, i), i, err))
            return false;
    for (size_t i = 0; i < dir->files.len; i++) {
        const gw_source *source = &dir->files.items[i];
        if (gw_has_suffix(source->name, ".sql") && !source->scanned) {
            gw_source_error(err, source, 0, "%s is not in %s", source->name, journal->name);
            return gw_err_hint(err, "make migrations with drizzle-kit generate (--custom for "
                                    "hand-written SQL), or move the file out of the folder");
        }
    }
    keep_journal_order(dir);
    return true;
}

static bool read_folders(gw_dir *dir, gw_err *err)
{
    for (size_t i = 0; i < dir->folders.len; i++) {
        const char *folder = dir->folders.items[i];
        if (!is_folder(dir, folder))
            continue;
        gw_source *source = gw_dir_source(dir, gw_printf(dir->arena, "%s/migration.sql", folder));
        const char *version = gw_strndup(dir->arena, folder, 14);
        gw_migration *m = gw_dir_add(dir, GW_FORMAT_DRIZZLE, version, version,
                                     gw_strdup(dir->arena, folder + 15));
        m->foreign_id = folder;
        if (!source || !read_script(dir, source, m, err))
            return false;
    }
    for (size_t i = 0; i < dir->files.len; i++)
        if (gw_has_suffix(dir->files.items[i].name, ".sql"))
            return gw_name_error(err, &dir->files.items[i], gw_convention_drizzle.pattern);
    return true;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    const gw_source *journal = gw_dir_source(dir, journal_name);
    if (journal)
        return read_journal(dir, journal, err);
    return read_folders(dir, err);
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    if (gw_dir_source(dir, journal_name)) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "files of drizzle are made by drizzle-kit");
        gw_err_detail(err, "%s has a journal and a snapshot for each", dir->shown);
        return gw_err_hint(err, "run: drizzle-kit generate --custom --name %s", wanted->name);
    }
    const char *folder = gw_printf(dir->arena, "%s_%s", wanted->version, wanted->name);
    return gw_file_make_dirs(gw_path_join(dir->arena, dir->path, folder), 0777, err) &&
           gw_new_file(dir, files, gw_printf(dir->arena, "%s/migration.sql", folder), "", err);
}

const gw_convention gw_convention_drizzle = {
    .format = GW_FORMAT_DRIZZLE,
    .pattern = "TAG.sql as in meta/_journal.json, or YYYYMMDDHHMMSS_NAME/migration.sql",
    .shape = shape,
    .read = read_folder,
    .create = create,
};
