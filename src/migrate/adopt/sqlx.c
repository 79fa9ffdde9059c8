#include "migrate/adopt/internal.h"

typedef struct sqlx_row {
    const char *version, *description, *checksum;
    int64_t installed_on, execution_time;
    bool success;
} sqlx_row;

static const char *const columns[] = {"version", "description", "installed_on", "success",
                                      "checksum", "execution_time", NULL};

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, true, offsetof(sqlx_row, version)},
        {"description", GW_COL_TEXT, true, offsetof(sqlx_row, description)},
        {"checksum", GW_COL_TEXT, true, offsetof(sqlx_row, checksum)},
        {"installed_on", GW_COL_TIME, true, offsetof(sqlx_row, installed_on)},
        {"execution_time", GW_COL_INT, true, offsetof(sqlx_row, execution_time)},
        {"success", GW_COL_BOOL, true, offsetof(sqlx_row, success)},
    };
    const char *what = gw_printf(a->arena,
                                 "version::text AS version, description, success, execution_time, "
                                 "pg_catalog.encode(checksum, 'hex') AS checksum, "
                                 "%s AS installed_on",
                                 gw_adopt_time(a, "installed_on"));
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, "AS t ORDER BY t.version", cols, sizeof cols / sizeof *cols,
                         sizeof(sqlx_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const sqlx_row *from = &((const sqlx_row *)rows)[i];
        if (!from->success)
            return gw_adopt_dirty(a, err, from->version, "success is false",
                                  "see what it left in the database, put that right, and set "
                                  "success to true or delete the row");
        gw_foreign_row *row = gw_adopt_row(a, from->version);
        row->name = from->description;
        row->checksum = from->checksum;
        row->applied_at = from->installed_on;
        /* Nanoseconds; -1 where sqlx was stopped before it could write them. */
        row->duration_ms = from->execution_time > 0 ? from->execution_time / 1000000 : 0;
    }
    return true;
}

const gw_adopter gw_adopter_sqlx = {
    .format = GW_FORMAT_SQLX,
    .table = "_sqlx_migrations",
    .columns = columns,
    .keeps_checksums = true,
    .read = read_rows,
};
