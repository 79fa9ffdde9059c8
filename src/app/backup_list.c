/* The folder of backups: what is in it, one of them by name, which of them go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/keys_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

/* ---- when one was verified ------------------------------------------------------------------------ */

static void read_verified(gw_arena *arena, gw_backup_file *file)
{
    gw_file_text text;
    gw_err ignored = {0};
    const char *path = gw_printf(arena, "%s.verified", file->path);
    file->verified_at = file->restore_ms = GW_NULL_INT;
    if (gw_file_exists(path) && gw_file_read(arena, path, 4096, &text, &ignored)) {
        json_t *all = gw_json_parse(arena, path, text.data, text.len, &ignored);
        const char *sha256 = json_string_value(json_object_get(all, "stored_sha256"));
        if (sha256 && strcmp(sha256, file->manifest.stored_sha256) == 0) {
            file->verified_at = json_integer_value(json_object_get(all, "verified_us"));
            file->restore_ms = json_integer_value(json_object_get(all, "restore_ms"));
        }
    }
    gw_err_clear(&ignored);
}

/* ---- the list ---------------------------------------------------------------------------------------- */

static bool is_backup(const gw_file_entry *entry)
{
    size_t len = strlen(entry->name), end = strlen(GW_BACKUP_SUFFIX);
    return !entry->is_dir && len > end && strcmp(entry->name + len - end, GW_BACKUP_SUFFIX) == 0;
}

static void read_one(gw_arena *arena, const char *path, gw_backup_file *out)
{
    gw_arena *scratch = gw_arena_new();
    gw_backup_reader *reader;
    gw_err problem = {0};
    struct stat info;
    *out = (gw_backup_file){.path = path, .verified_at = GW_NULL_INT, .restore_ms = GW_NULL_INT};
    out->bytes = stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
    if (gw_backup_open(scratch, path, &reader, &problem)) {
        const gw_head *head = gw_backup_head(reader);
        gw_manifest_read(arena, gw_memdup(arena, head->manifest, head->manifest_len),
                         head->manifest_len, &out->manifest, &problem);
        if (out->bytes != (int64_t)head->len + out->manifest.stored_bytes)
            out->trouble = "it is cut off, or something is behind its end";
        read_verified(arena, out);
    } else {
        const char *name = gw_path_base(path);
        out->trouble = gw_printf(arena, "%s%s%s", problem.message, problem.detail ? ": " : "",
                                 problem.detail ? problem.detail : "");
        out->manifest.id = gw_strndup(arena, name, strlen(name) - strlen(GW_BACKUP_SUFFIX));
    }
    gw_err_clear(&problem);
    gw_arena_free(scratch);
}

static int newest_first(const void *a, const void *b)
{
    const gw_backup_file *x = a, *y = b;
    if (x->manifest.created_at != y->manifest.created_at)
        return x->manifest.created_at < y->manifest.created_at ? 1 : -1;
    return strcmp(y->path, x->path);
}

static bool add_folder(gw_arena *arena, const char *dir, gw_backup_files *out, gw_err *err)
{
    gw_file_list list = {0};
    if (!gw_file_is_dir(dir))
        return true;
    if (!gw_file_list_dir(arena, dir, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (is_backup(&list.items[i]))
            read_one(arena, gw_path_join(arena, dir, list.items[i].name), gw_vec_push(arena, out));
    return true;
}

/* Two names of one folder are the same folder. */
static bool archive_is_apart(const gw_app *app)
{
    struct stat backups, archive;
    const char *dir = app->config.backup.directory, *other = app->config.maintain.archive;
    if (stat(dir, &backups) != 0 || stat(other, &archive) != 0)
        return strcmp(dir, other) != 0;
    return backups.st_dev != archive.st_dev || backups.st_ino != archive.st_ino;
}

bool gw_app_sealed_files(gw_app *app, gw_arena *arena, gw_backup_files *out, gw_err *err)
{
    return gw_app_backups(app, arena, out, err) &&
           (!archive_is_apart(app) || add_folder(arena, app->config.maintain.archive, out, err));
}

bool gw_app_backups(gw_app *app, gw_arena *arena, gw_backup_files *out, gw_err *err)
{
    *out = (gw_backup_files){0};
    if (!add_folder(arena, app->config.backup.directory, out, err))
        return false;
    if (out->len)
        qsort(out->items, out->len, sizeof *out->items, newest_first);
    return true;
}

/* ---- one of them --------------------------------------------------------------------------------------- */

static bool find(gw_app *app, gw_arena *arena, const char *id, const char **path, gw_err *err)
{
    gw_backup_files files;
    size_t found = 0;
    if (id && (strchr(id, '/') || gw_file_exists(id))) {
        *path = id;
        return true;
    }
    if (!gw_app_backups(app, arena, &files, err))
        return false;
    for (size_t i = 0; i < files.len && !(found && !id); i++) {
        const char *name = gw_path_base(files.items[i].path);
        if (id && strncmp(name, id, strlen(id)) != 0)
            continue;
        *path = files.items[i].path;
        found++;
    }
    if (found == 1)
        return true;
    if (found)
        return gw_err_set(err, GW_ERR_USAGE, "%zu backups begin with \"%s\"", found, id);
    if (id)
        gw_err_set(err, GW_ERR_USAGE, "there is no backup \"%s\"", id);
    else
        gw_err_set(err, GW_ERR_STATE, "there is no backup");
    return gw_err_hint(err, "godwit backups list shows those in %s", app->config.backup.directory);
}

static bool see_check(void *self, int64_t done)
{
    gw_app *app = self;
    (void)done;
    return !gw_cancel_level(app->options.cancel);
}

bool gw_backup_found(gw_app *app, gw_arena *arena, const char *id, const char *passphrase_file,
                     gw_backup_reader **out, const char **path, gw_err *err)
{
    gw_unlock keys;
    return find(app, arena, id, path, err) &&
           gw_backup_open(arena, *path, out, err) &&
           gw_keys_unlock(app, arena, gw_backup_head(*out), passphrase_file, &keys, err) &&
           gw_backup_unlock(*out, &keys, err) &&
           gw_backup_check(*out, see_check, app, err);
}

/* ---- which of them go ------------------------------------------------------------------------------------ */

/* Backups of the same database of the same environment, with the same in them, follow one rule; others do not
 * count: that of some tables stands for no other. */
static bool same_line(const gw_backup_file *a, const gw_backup_file *b)
{
    const char *x[] = {a->manifest.project, a->manifest.environment, a->manifest.database, a->manifest.contents};
    const char *y[] = {b->manifest.project, b->manifest.environment, b->manifest.database, b->manifest.contents};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (!x[i] || !y[i] || strcmp(x[i], y[i]) != 0)
            return false;
    return true;
}

enum { BY_DAY, BY_WEEK, BY_MONTH, PERIODS };

/* A number that is the same for all times of one day, week (from Monday) or month, in UTC. */
static int64_t period_of(int64_t us, int kind)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm at;
    gmtime_r(&seconds, &at);
    if (kind == BY_DAY)
        return seconds / 86400;
    return kind == BY_WEEK ? (seconds / 86400 + 3) / 7 : (int64_t)at.tm_year * 12 + at.tm_mon;
}

typedef struct rule {
    int64_t count, age_ms; /* one of them, or both 0: all stay */
    int64_t periods[PERIODS];
} rule;

static bool rule_of(const gw_app *app, const gw_prune_options *options, rule *out, gw_err *err)
{
    const char *keep = options->keep ? options->keep : app->config.backup.keep;
    *out = (rule){.periods = {options->daily, options->weekly, options->monthly}};
    bool any = options->daily || options->weekly || options->monthly;
    if (!keep && !any) {
        gw_err_set(err, GW_ERR_USAGE, "nothing says which backups are to be kept");
        return gw_err_hint(err, "--keep 30d, --keep 10, --daily N … or backup: { keep: … } in "
                                "godwit.yaml");
    }
    if (!keep || strspn(keep, "0123456789") == strlen(keep)) {
        out->count = keep ? atoll(keep) : 0;
        return !keep || out->count > 0 ||
               gw_err_set(err, GW_ERR_USAGE, "--keep 0 would keep nothing");
    }
    size_t digits = strspn(keep, "0123456789");
    int64_t number = atoll(keep), unit = 0;
    const char *name = keep + digits;
    unit = strcmp(name, "d") == 0 ? 86400000 : strcmp(name, "h") == 0 ? 3600000
         : strcmp(name, "w") == 0 ? 7 * 86400000LL : strcmp(name, "min") == 0 ? 60000
         : strcmp(name, "s") == 0 ? 1000 : 0;
    if (!digits || digits > 6 || !unit || number < 1)
        return gw_err_set(err, GW_ERR_USAGE, "\"%s\" is no age and no number of backups", keep);
    out->age_ms = number * unit;
    return true;
}

/* Is this one the newest of one of the last so many periods that have any? */
static bool kept_by_period(const gw_backup_files *files, size_t index, int kind, int64_t wanted)
{
    int64_t last = INT64_MIN, seen = 0;
    for (size_t i = 0; i <= index && seen <= wanted; i++) {
        const gw_backup_file *file = &files->items[i];
        int64_t period = period_of(file->manifest.created_at, kind);
        if (file->trouble || !same_line(file, &files->items[index]) || period == last)
            continue;
        last = period;
        seen++;
        if (i == index)
            return seen <= wanted;
    }
    return false;
}

static bool goes(const gw_backup_files *files, size_t index, const rule *by)
{
    const gw_backup_file *file = &files->items[index];
    int64_t rank = 0;
    bool verified_before = false, any_verified = false;
    if (file->trouble)
        return false; /* what cannot be read is for a person to judge */
    for (size_t i = 0; i < files->len; i++) {
        const gw_backup_file *other = &files->items[i];
        if (other->trouble || !same_line(other, file))
            continue;
        any_verified = any_verified || other->verified_at != GW_NULL_INT;
        rank += i < index;
        verified_before = verified_before || (i < index && other->verified_at != GW_NULL_INT);
    }
    if (any_verified ? file->verified_at != GW_NULL_INT && !verified_before : rank == 0)
        return false;
    if (by->count && rank < by->count)
        return false;
    if (by->age_ms && gw_now_us() - file->manifest.created_at < by->age_ms * 1000)
        return false;
    for (int kind = 0; kind < PERIODS; kind++)
        if (by->periods[kind] && kept_by_period(files, index, kind, by->periods[kind]))
            return false;
    return true;
}

bool gw_app_backup_prune(gw_app *app, gw_arena *arena, const gw_prune_options *options,
                         gw_backup_files *out, gw_err *err)
{
    gw_backup_files files;
    rule by;
    *out = (gw_backup_files){0};
    if (!rule_of(app, options, &by, err))
        return false;
    if (!archive_is_apart(app)) {
        gw_err_set(err, GW_ERR_REFUSED, "%s is the folder of backups and of maintain's archives, which stay for ever",
                   app->config.backup.directory);
        return gw_err_hint(err, "nothing was removed; give maintain: { archive: … } a folder of its own, and move "
                                "the archives there");
    }
    if (!gw_app_backups(app, arena, &files, err))
        return false;
    for (size_t i = 0; i < files.len; i++)
        if (goes(&files, i, &by))
            *gw_vec_push(arena, out) = files.items[i];
    /* The oldest first: killed on the way, the rule holds no less than before. */
    for (size_t i = out->len; !options->dry_run && i-- > 0;) {
        const char *path = out->items[i].path;
        if (unlink(path) != 0)
            return gw_err_errno(err, errno, "cannot remove %s", path);
        unlink(gw_printf(arena, "%s.verified", path));
    }
    return true;
}
