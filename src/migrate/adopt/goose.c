#include "migrate/adopt/internal.h"

typedef struct goose_row {
    const char *version_id;
    bool is_applied;
    int64_t tstamp;
} goose_row;

static const char *const columns[] = {"id", "version_id", "is_applied", "tstamp", NULL};

/* Older gooses left a row with is_applied false where one was rolled back: the newest counts. */
static bool read_rows(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"version_id", GW_COL_TEXT, true, offsetof(goose_row, version_id)},
        {"is_applied", GW_COL_BOOL, true, offsetof(goose_row, is_applied)},
        {"tstamp", GW_COL_TIME, false, offsetof(goose_row, tstamp)},
    };
    const char *what = gw_printf(a->arena,
                                 "DISTINCT ON (t.version_id) t.version_id::text AS version_id, "
                                 "is_applied, %s AS tstamp",
                                 gw_adopt_time(a, "tstamp"));
    const char *rest = gw_printf(a->arena, "AS t WHERE t.version_id <> 0 "
                                           "ORDER BY t.version_id, t.id DESC");
    void *rows = NULL;
    size_t count = 0;
    if (!gw_adopt_select(a, what, rest, cols, 3, sizeof(goose_row), &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const goose_row *from = &((const goose_row *)rows)[i];
        if (from->is_applied)
            gw_adopt_row(a, from->version_id)->applied_at = from->tstamp;
    }
    return true;
}

const gw_adopter gw_adopter_goose = {
    .format = GW_FORMAT_GOOSE,
    .table = "goose_db_version",
    .columns = columns,
    .counts = "WHERE version_id::text <> '0'",
    .read = read_rows,
};
