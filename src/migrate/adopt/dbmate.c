#include "migrate/adopt/internal.h"

typedef struct dbmate_row {
    const char *version;
} dbmate_row;

static const char *const columns[] = {"version", NULL};

static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, true, offsetof(dbmate_row, version)},
    };
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, "version::text AS version", "ORDER BY 1", cols, 1,
                         sizeof(dbmate_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        gw_adopt_row(a, ((const dbmate_row *)rows)[i].version);
    return true;
}

const gw_adopter gw_adopter_dbmate = {
    .format = GW_FORMAT_DBMATE,
    .table = "schema_migrations",
    .columns = columns,
    .absent = "dirty",
    .read = read_rows,
};
