#include <string.h>

#include "migrate/adopt/internal.h"

enum { TYPE_BASELINE = 1 };

typedef struct atlas_row {
    const char *version, *description, *hash, *error;
    int64_t type, applied, total, executed_at, execution_time;
} atlas_row;

static const char *const columns[] = {"version", "description", "type", "applied", "total",
                                      "executed_at", "execution_time", "error", "hash", NULL};

/* Atlas starts after the file of a baseline: those before it were never run. */
static void before_baseline(gw_adoption *a, const char *version)
{
    size_t end = 0;
    while (end < a->files->len && strcmp(a->files->items[end].version, version) != 0)
        end++;
    for (size_t i = 0; end < a->files->len && i < end; i++)
        gw_adopt_row(a, a->files->items[i].version)->file = &a->files->items[i];
}

static bool take_row(gw_adoption *a, const atlas_row *from, gw_err *err)
{
    if (from->version[0] == '.') /* Atlas's own identifier of the table */
        return true;
    if (from->applied < from->total || (from->error && *from->error))
        return gw_adopt_dirty(
            a, err, from->version,
            gw_printf(a->arena, "%lld of %lld statements are applied%s%s", (long long)from->applied,
                      (long long)from->total, from->error ? ": " : "",
                      from->error ? from->error : ""),
            "finish it with `atlas migrate apply`, or tell Atlas with `atlas migrate set`");
    if (from->type & TYPE_BASELINE)
        before_baseline(a, from->version);
    gw_foreign_row *row = gw_adopt_row(a, from->version);
    row->name = from->description;
    row->checksum = *from->hash ? from->hash : NULL;
    row->applied_at = from->executed_at;
    row->duration_ms = from->execution_time / 1000000; /* nanoseconds */
    return true;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, true, offsetof(atlas_row, version)},
        {"description", GW_COL_TEXT, true, offsetof(atlas_row, description)},
        {"type", GW_COL_INT, true, offsetof(atlas_row, type)},
        {"applied", GW_COL_INT, true, offsetof(atlas_row, applied)},
        {"total", GW_COL_INT, true, offsetof(atlas_row, total)},
        {"executed_at", GW_COL_TIME, true, offsetof(atlas_row, executed_at)},
        {"execution_time", GW_COL_INT, true, offsetof(atlas_row, execution_time)},
        {"error", GW_COL_TEXT, false, offsetof(atlas_row, error)},
        {"hash", GW_COL_TEXT, true, offsetof(atlas_row, hash)},
    };
    const char *what = gw_printf(a->arena,
                                 "version, description, type, applied, total, execution_time, "
                                 "error, hash, %s AS executed_at",
                                 gw_adopt_time(a, "executed_at"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.version", cols, sizeof cols / sizeof *cols,
                         sizeof(atlas_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_row(a, &((const atlas_row *)rows)[i], err))
            return false;
    return true;
}

/* The hash is the file's line in atlas.sum, which the reader of the folder has checked. */
static bool check(gw_adoption *a, const gw_foreign_row *row, const char **verdict, gw_err *err)
{
    (void)a;
    (void)err;
    return gw_adopt_checksum_known(row, row->file->foreign_id, "h1:", verdict);
}

const gw_adopter gw_adopter_atlas = {
    .format = GW_FORMAT_ATLAS,
    .table = "atlas_schema_revisions",
    .schema = "atlas_schema_revisions",
    .columns = columns,
    .counts = "WHERE version::text NOT LIKE '.%'",
    .keeps_checksums = true,
    .read = read_rows,
    .check = check,
};
