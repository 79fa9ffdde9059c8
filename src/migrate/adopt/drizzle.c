#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "migrate/adopt/internal.h"

typedef struct drizzle_row {
    const char *hash, *created_at, *name;
    int64_t applied_at;
} drizzle_row;

static const char *const columns[] = {"id", "hash", "created_at", NULL};

/* `when` of the journal; the name of the folder in 1.0. */
static const char *key(gw_arena *arena, const gw_migration *file)
{
    (void)arena;
    return file->foreign_id;
}

/* Folders are named by their second, which rows from before 1.0 have in milliseconds. */
static const char *folder_of(const gw_adoption *a, const char *created_at)
{
    const char *second =
        gw_time_version(a->arena, strtoll(created_at, NULL, 10) * 1000);
    for (size_t i = 0; i < a->files->len; i++)
        if (a->files->items[i].foreign_id && strcmp(a->files->items[i].version, second) == 0)
            return a->files->items[i].foreign_id;
    return created_at;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"hash", GW_COL_TEXT, true, offsetof(drizzle_row, hash)},
        {"created_at", GW_COL_TEXT, false, offsetof(drizzle_row, created_at)},
        {"name", GW_COL_TEXT, false, offsetof(drizzle_row, name)},
        {"applied_at", GW_COL_TIME, false, offsetof(drizzle_row, applied_at)},
    };
    const char *what = gw_printf(
        a->arena, "hash, created_at::text AS created_at, %s AS name, %s AS applied_at",
        gw_adopt_has_column(a, "name") ? "name" : "NULL::text",
        gw_adopt_has_column(a, "applied_at") ? gw_adopt_time(a, "applied_at")
                                             : "NULL::timestamptz");
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.created_at, t.id", cols, 4, sizeof(drizzle_row),
                         &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const drizzle_row *from = &((const drizzle_row *)rows)[i];
        const char *when = from->created_at ? from->created_at : "";
        gw_foreign_row *row = gw_adopt_row(a, from->name ? from->name : folder_of(a, when));
        row->note = gw_printf(a->arena, "created_at %s, hash %s", when, from->hash);
        row->checksum = from->hash;
        row->applied_at = from->applied_at;
    }
    return true;
}

const gw_adopter gw_adopter_drizzle = {
    .format = GW_FORMAT_DRIZZLE,
    .table = "__drizzle_migrations",
    .schema = "drizzle",
    .columns = columns,
    .keeps_checksums = true,
    .looks_away = true,
    .key = key,
    .read = read_rows,
};
