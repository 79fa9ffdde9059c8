#include "migrate/adopt/internal.h"

typedef struct migrate_row {
    const char *version;
    bool dirty;
} migrate_row;

static const char *const columns[] = {"version", "dirty", NULL};

/* One row: the version that the database is at. Every file up to it has been applied. */
static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, true, offsetof(migrate_row, version)},
        {"dirty", GW_COL_BOOL, true, offsetof(migrate_row, dirty)},
    };
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, "version::text AS version, dirty", "ORDER BY 1", cols, 2,
                         sizeof(migrate_row), &rows, &count, err))
        return false;
    const migrate_row *row = rows;
    if (count > 1) {
        gw_err_set(err, GW_ERR_STATE, "%s has %zu rows", a->shown, count);
        return gw_err_detail(err, "golang-migrate keeps one: the current version");
    }
    if (count && row->dirty)
        return gw_adopt_dirty(a, err, row->version, "dirty is true",
                              "see what it left in the database, put that right, and run `migrate "
                              "force VERSION`");
    if (count && row->version[0] != '-')
        gw_adopt_all_up_to(a, row->version);
    return true;
}

const gw_adopter gw_adopter_golang_migrate = {
    .format = GW_FORMAT_GOLANG_MIGRATE,
    .table = "schema_migrations",
    .columns = columns,
    .counts = "WHERE version::text NOT LIKE '-%'",
    .read = read_rows,
};
