#include <string.h>

#include "migrate/adopt/internal.h"

typedef struct graphile_row {
    const char *hash, *filename;
    int64_t date;
} graphile_row;

static const char *const columns[] = {"hash", "previous_hash", "filename", "date", NULL};

/* "000001.sql", without the slug that the file may have. */
static const char *key(gw_arena *arena, const gw_migration *file)
{
    return gw_printf(arena, "%s.sql", file->version);
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"hash", GW_COL_TEXT, true, offsetof(graphile_row, hash)},
        {"filename", GW_COL_TEXT, true, offsetof(graphile_row, filename)},
        {"date", GW_COL_TIME, true, offsetof(graphile_row, date)},
    };
    const char *what = gw_printf(a->arena, "hash, filename, %s AS date", gw_adopt_time(a, "date"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.filename", cols, 3, sizeof(graphile_row), &rows,
                         &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const graphile_row *from = &((const graphile_row *)rows)[i];
        gw_foreign_row *row = gw_adopt_row(a, from->filename);
        row->checksum = from->hash;
        row->applied_at = from->date;
    }
    return true;
}

/* The reader of the folder has checked that the header's hash is that of the text. */
static bool check(gw_adoption *a, const gw_foreign_row *row, const char **verdict, gw_err *err)
{
    (void)a;
    (void)err;
    return gw_adopt_checksum_known(row, row->file->foreign_id, "sha1:", verdict);
}

const gw_adopter gw_adopter_graphile_migrate = {
    .format = GW_FORMAT_GRAPHILE_MIGRATE,
    .table = "migrations",
    .schema = "graphile_migrate",
    .columns = columns,
    .keeps_checksums = true,
    .key = key,
    .read = read_rows,
    .check = check,
};
