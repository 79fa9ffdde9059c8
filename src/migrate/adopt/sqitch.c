#include <string.h>

#include "migrate/adopt/internal.h"

typedef struct sqitch_row {
    const char *change_id, *script_hash, *change, *project;
    int64_t committed_at;
} sqitch_row;

static const char *const columns[] = {"change_id", "script_hash", "change", "project",
                                      "committed_at", NULL};

static const char *key(gw_arena *arena, const gw_migration *file)
{
    (void)arena;
    return file->foreign_id;
}

/* One registry serves several projects: ours is the one that our changes are in. */
static const char *our_project(const gw_adoption *a, const sqitch_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < a->files->len; k++)
            if (a->files->items[k].foreign_id &&
                strcmp(a->files->items[k].foreign_id, rows[i].change_id) == 0)
                return rows[i].project;
    return NULL;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"change_id", GW_COL_TEXT, true, offsetof(sqitch_row, change_id)},
        {"script_hash", GW_COL_TEXT, false, offsetof(sqitch_row, script_hash)},
        {"change", GW_COL_TEXT, true, offsetof(sqitch_row, change)},
        {"project", GW_COL_TEXT, true, offsetof(sqitch_row, project)},
        {"committed_at", GW_COL_TIME, true, offsetof(sqitch_row, committed_at)},
    };
    const char *what = gw_printf(a->arena,
                                 "change_id, script_hash, change, project, %s AS committed_at",
                                 gw_adopt_time(a, "committed_at"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.committed_at, t.change_id", cols, 5,
                         sizeof(sqitch_row), &rows, &count, err))
        return false;
    const char *project = our_project(a, rows, count);
    for (size_t i = 0; i < count; i++) {
        const sqitch_row *from = &((const sqitch_row *)rows)[i];
        if (project && strcmp(from->project, project) != 0)
            continue;
        gw_foreign_row *row = gw_adopt_row(a, from->change_id);
        row->version = from->change;
        row->note = gw_printf(a->arena, "change %s of project %s", from->change_id, from->project);
        row->checksum = from->script_hash;
        row->applied_at = from->committed_at;
    }
    return true;
}

const gw_adopter gw_adopter_sqitch = {
    .format = GW_FORMAT_SQITCH,
    .table = "changes",
    .schema = "sqitch",
    .columns = columns,
    .shared = true,
    .keeps_checksums = true,
    .key = key,
    .read = read_rows,
};
