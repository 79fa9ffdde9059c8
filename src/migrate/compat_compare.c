/* sqlx's table against files and history. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "migrate/compat.h"
#include "migrate/internal.h"

/* A row of sqlx's, and what was found out about it. */
typedef struct their_row {
    const gw_compat_row *it;
    bool known;   /* the history has it as applied */
    bool right;   /* and it says what is to be said */
    const gw_plan_item *item; /* that it does not fit; or pending all the same */
    const char *expected;
} their_row;

typedef struct comparing {
    gw_arena *arena;
    their_row *rows; /* by version, as text */
    size_t len;
    gw_compat_differences *out;
} comparing;

static int by_version(const void *a, const void *b)
{
    const gw_compat_row *x = a, *y = b;
    return strcmp(x->version, y->version);
}

static bool read_rows(const gw_compat *compat, gw_arena *arena, gw_session *session,
                      gw_compat_row **rows, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"version", GW_COL_TEXT, true, offsetof(gw_compat_row, version)},
        {"checksum", GW_COL_TEXT, true, offsetof(gw_compat_row, checksum)},
        {"success", GW_COL_BOOL, true, offsetof(gw_compat_row, success)},
    };
    gw_result result;
    void *items = NULL;
    const char *text = gw_printf(arena,
                                 "SELECT version::text AS version, encode(checksum, 'hex') AS "
                                 "checksum, success FROM %s",
                                 compat->name);
    if (!gw_query_text(session, arena, "migrate/compat", text, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(gw_compat_row), &items, err))
        return gw_err_context(err, "while comparing sqlx's history");
    *rows = items;
    *count = result.rows;
    return true;
}

static int row_with_version(const void *key, const void *row)
{
    return strcmp(key, ((const their_row *)row)->it->version);
}

/* NULL: sqlx has none, or cannot have one. */
static their_row *row_of(const comparing *c, const char *version)
{
    const char *wanted = gw_compat_version(version);
    if (!wanted || !c->len)
        return NULL;
    return bsearch(wanted, c->rows, c->len, sizeof *c->rows, row_with_version);
}

static void differs(comparing *c, gw_compat_problem problem, const char *version,
                    const gw_plan_item *item, const char *expected, const char *found)
{
    *gw_vec_push(c->arena, c->out) = (gw_compat_difference){.problem = problem,
                                                            .version = version,
                                                            .item = item,
                                                            .expected = expected,
                                                            .found = found};
}

bool gw_compat_settled(const gw_plan_item *item)
{
    return item->file && item->row && item->state == GW_STATE_APPLIED && !item->runs &&
           !item->takes_over;
}

/* Two services may have the same version, and sqlx one row for both: either will do. */
static bool compare_applied(comparing *c, const gw_plan_item *item, gw_err *err)
{
    const char *expected = NULL;
    if (!gw_compat_settled(item) || !gw_compat_version(gw_item_version(item)))
        return true;
    if (!gw_compat_checksum(c->arena, item->file, &expected, err))
        return false;
    their_row *row = row_of(c, gw_item_version(item));
    if (!row) {
        differs(c, GW_COMPAT_ABSENT, gw_item_version(item), item, expected, NULL);
    } else if (strcmp(row->it->checksum, expected) == 0) {
        row->right = true;
    } else {
        row->item = item;
        row->expected = expected;
    }
    return true;
}

/* Rows of other projects among them, and what was taken over without a file. */
static void mark_known(comparing *c, const gw_plan *plan)
{
    for (size_t i = 0; i < plan->row_count; i++) {
        const gw_applied *applied = &plan->rows[i];
        their_row *row = row_of(c, applied->version);
        if (row && strcmp(applied->state, "running") != 0)
            row->known = true;
    }
}

static void judge(comparing *c, const their_row *row)
{
    const gw_compat_row *it = row->it;
    const char *version = row->item ? gw_item_version(row->item) : it->version;
    if (!it->success)
        differs(c, GW_COMPAT_UNFINISHED, version, row->item, NULL, it->checksum);
    else if (!row->known)
        differs(c, GW_COMPAT_EXTRA, version, row->item, NULL, it->checksum);
    else if (row->item && !row->right)
        differs(c, GW_COMPAT_CHECKSUM, version, row->item, row->expected, it->checksum);
}

bool gw_compat_compare_rows(gw_arena *arena, gw_compat_row *rows, size_t count,
                            const gw_plan *plan, gw_compat_differences *out, gw_err *err)
{
    comparing c = {.arena = arena, .len = count, .out = out};
    *out = (gw_compat_differences){0};
    if (count)
        qsort(rows, count, sizeof *rows, by_version);
    c.rows = gw_alloc_array(arena, count + 1, sizeof *c.rows);
    for (size_t i = 0; i < count; i++)
        c.rows[i] = (their_row){.it = &rows[i]};
    mark_known(&c, plan);
    for (size_t i = 0; i < plan->len; i++)
        if (!compare_applied(&c, &plan->items[i], err))
            return false;
    for (size_t i = 0; i < plan->len; i++) {
        their_row *row = row_of(&c, gw_item_version(&plan->items[i]));
        if (row && !row->known && !row->item)
            row->item = &plan->items[i];
    }
    for (size_t i = 0; i < c.len; i++)
        judge(&c, &c.rows[i]);
    return true;
}

bool gw_compat_compare(const gw_compat *compat, gw_arena *arena, gw_session *session,
                       const gw_plan *plan, gw_compat_differences *out, gw_err *err)
{
    gw_compat_row *rows = NULL;
    size_t count = 0;
    *out = (gw_compat_differences){0};
    return (!compat->there || read_rows(compat, arena, session, &rows, &count, err)) &&
           gw_compat_compare_rows(arena, rows, count, plan, out, err);
}

const char *gw_compat_problem_name(gw_compat_problem problem)
{
    static const char *const names[] = {
        [GW_COMPAT_ABSENT] = "sqlx_absent",
        [GW_COMPAT_CHECKSUM] = "sqlx_checksum",
        [GW_COMPAT_EXTRA] = "sqlx_extra",
        [GW_COMPAT_UNFINISHED] = "sqlx_unfinished",
    };
    return names[problem];
}

const char *gw_compat_text(gw_arena *arena, const gw_compat_difference *difference)
{
    const gw_plan_item *item = difference->item;
    const char *name = !item ? "" : item->file ? item->file->name : item->row->name;
    const char *what = gw_printf(arena, "%s%s%s", difference->version, *name ? " " : "", name);
    switch (difference->problem) {
    case GW_COMPAT_ABSENT:
        return gw_printf(arena, "%s is applied and has no row in _sqlx_migrations: a service that "
                                "embeds sqlx would run it again", what);
    case GW_COMPAT_CHECKSUM:
        return gw_printf(arena, "%s has another checksum in _sqlx_migrations than its file, byte for "
                                "byte (line ends count there): a service that embeds sqlx and this "
                                "file does not start", what);
    case GW_COMPAT_EXTRA:
        return gw_printf(arena, "%s is in _sqlx_migrations, and Godwit's history does not have it as "
                                "applied", what);
    case GW_COMPAT_UNFINISHED:
        return gw_printf(arena, "%s is unfinished in _sqlx_migrations (success is false): a service "
                                "that embeds sqlx does not start", what);
    }
    return what;
}

const char *gw_compat_advice(gw_arena *arena, const gw_compat_difference *difference)
{
    const gw_plan_item *item = difference->item;
    const char *version = difference->version;
    if (difference->problem == GW_COMPAT_UNFINISHED)
        return "see what it left in the database, put that right, and set success to true or delete "
               "the row";
    if (difference->problem != GW_COMPAT_EXTRA)
        return "godwit repair puts sqlx's table right";
    if (item && item->file)
        return gw_printf(arena, "godwit repair %s --done: sqlx has run it, it is recorded as applied; "
                                "--forget: nobody has, its row is taken out of sqlx's table", version);
    return gw_printf(arena, "bring its file back and say godwit repair %s --done; or, where it is gone "
                            "for good: godwit repair %s --forget takes its row out of sqlx's table",
                     version, version);
}
