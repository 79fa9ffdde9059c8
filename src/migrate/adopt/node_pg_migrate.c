#include "migrate/adopt/internal.h"

typedef struct pgmigrations_row {
    const char *name;
    int64_t run_on;
} pgmigrations_row;

static const char *const columns[] = {"id", "name", "run_on", NULL};

/* It writes names of files without their ending. */
static const char *key(gw_arena *arena, const gw_migration *file)
{
    (void)arena;
    return file->foreign_id;
}

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(pgmigrations_row, name)},
        {"run_on", GW_COL_TIME, false, offsetof(pgmigrations_row, run_on)},
    };
    const char *what =
        gw_printf(a->arena, "name, %s AS run_on", gw_adopt_time(a, "run_on"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.run_on, t.id", cols, 2,
                         sizeof(pgmigrations_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const pgmigrations_row *from = &((const pgmigrations_row *)rows)[i];
        gw_adopt_row(a, from->name)->applied_at = from->run_on;
    }
    return true;
}

const gw_adopter gw_adopter_node_pg_migrate = {
    .format = GW_FORMAT_NODE_PG_MIGRATE,
    .table = "pgmigrations",
    .columns = columns,
    .key = key,
    .read = read_rows,
};
