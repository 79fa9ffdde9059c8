/*
 * Rows that were refused for a unique value that another row had: once more, when everything else
 * is written and what is gone is deleted.
 *
 * Two rows that have swapped a value refuse each other in whatever order they are written. So first
 * they let go of their values (NULL where that may be, else one that nobody has), all of them, and
 * then take the new ones. Who is refused even so has to keep what it had: all of it is taken back,
 * and done again without that row. Where they cannot let go (neither NULL nor another value may be
 * there, or other rows refer to it), they stay rejected, and that is said.
 */
#include <string.h>

#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_impl.h"

enum { ROUNDS = 10 };

typedef struct unique_column {
    const char *name, *type, *place;
    bool not_null, referred, refers;
} unique_column;

/* A value that no other row is likely to have; NULL: none is known for the type. */
static const char *nobodys(gw_arena *arena, const unique_column *column)
{
    static const char *const texts[] = {"text", "character varying", "character", "citext", NULL};
    const char *seed = "pg_catalog.md5(pg_catalog.concat('godwit ', r." GW_NUMBER ", t.ctid))";
    const char *type = column->type, *number = NULL;
    for (size_t i = 0; texts[i]; i++)
        if (strcmp(type, texts[i]) == 0) /* as long as the one that it had, for char(n) */
            return gw_printf(arena,
                             "pg_catalog.left(%s, greatest(pg_catalog.length(t.%s::pg_catalog.text), 8))",
                             seed, gw_quote_ident(arena, column->name));
    if (strcmp(type, "uuid") == 0)
        return gw_printf(arena, "%s::pg_catalog.uuid", seed);
    if (strcmp(type, "smallint") == 0)
        number = "-32768";
    else if (strcmp(type, "integer") == 0)
        number = "-2147483648";
    else if (strcmp(type, "bigint") == 0 || strcmp(type, "numeric") == 0)
        number = "-9223372036854775808";
    return number ? gw_printf(arena, "(%s + r." GW_NUMBER ")::%s", number, type) : NULL;
}

static const gw_apply_column *written(const gw_apply *apply, const char *name)
{
    for (size_t i = 0; i < apply->mapping->destination.key.len; i++)
        if (strcmp(apply->mapping->destination.key.items[i].text, name) == 0)
            return NULL;
    for (size_t i = 0; i < apply->sql.column_count; i++)
        if (strcmp(apply->sql.columns[i].name, name) == 0 && !apply->sql.columns[i].later)
            return &apply->sql.columns[i];
    return NULL;
}

/* What the index looks at, and why rows cannot let go of that: the first reason will do. */
static void note(gw_apply *apply, const unique_column *column, const char *value)
{
    gw_apply_unique *unique = NULL;
    for (size_t i = 0; i < apply->uniques.len && !unique; i++)
        if (strcmp(apply->uniques.items[i].place, column->place) == 0)
            unique = &apply->uniques.items[i];
    if (!unique) {
        unique = gw_vec_push(apply->arena, &apply->uniques);
        unique->place = column->place;
    }
    if (unique->holds || value)
        return;
    const char *name = gw_quote_ident(apply->arena, column->name);
    unique->referred = column->referred;
    unique->holds =
        column->referred ? gw_printf(apply->arena, "other rows refer to %s by a foreign key", name)
        : column->refers ? gw_printf(apply->arena,
                                     "%s may not be NULL, and its foreign key allows no value "
                                     "that nobody has",
                                     name)
                         : gw_printf(apply->arena,
                                     "%s may not be NULL, and no value that nobody has is known "
                                     "for %s",
                                     name, column->type);
}

/* The statement by which rows let go; "" where the table has no such columns. */
static bool make(gw_apply *apply, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(unique_column, name)},
        {"not_null", GW_COL_BOOL, true, offsetof(unique_column, not_null)},
        {"type", GW_COL_TEXT, true, offsetof(unique_column, type)},
        {"referred", GW_COL_BOOL, true, offsetof(unique_column, referred)},
        {"refers", GW_COL_BOOL, true, offsetof(unique_column, refers)},
        {"place", GW_COL_TEXT, true, offsetof(unique_column, place)},
    };
    gw_arena *arena = apply->arena;
    gw_param param = gw_p_int(apply->projection->entity->destination.oid);
    gw_buf set = GW_BUF(arena), differs = GW_BUF(arena);
    const char *last = "";
    gw_result result;
    void *rows;
    if (!gw_query(apply->session, arena, &gw_sql_unique_columns, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(unique_column), &rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const unique_column *column = (unique_column *)rows + i;
        const char *value = column->referred || column->refers ? NULL
                            : column->not_null                 ? nobodys(arena, column)
                                                               : "NULL";
        const char *name = gw_quote_ident(arena, column->name);
        if (!written(apply, column->name))
            continue;
        note(apply, column, value);
        if (!value || strcmp(last, name) == 0) /* another index looks at it too */
            continue;
        last = name;
        gw_buf_addf(&set, "%s%s = %s", set.len ? ", " : "", name, value);
        gw_buf_addf(&differs, "%st.%s IS DISTINCT FROM r.%s", differs.len ? " OR " : "", name, name);
    }
    apply->park =
        set.len ? gw_printf(arena,
                            "UPDATE %s t SET %s FROM pg_temp.gw_row r WHERE %s AND (%s) AND "
                            "EXISTS (SELECT FROM pg_temp.gw_there h WHERE h.gw_n = r." GW_NUMBER
                            ") AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = "
                            "r." GW_NUMBER ")",
                            gw_mapping_table_sql(arena, &apply->mapping->destination.table),
                            gw_buf_str(&set), apply->sql.same_key, gw_buf_str(&differs))
                : "";
    return true;
}

/* All let go, all are written. *refused: of `now`, those that were not `before` are refused even so, and
 * everything is as it was. */
static bool attempt(gw_apply *apply, const gw_bad_row *before, size_t before_count, bool *refused,
                    gw_err *err)
{
    gw_session *session = apply->session;
    gw_err problem = {0};
    gw_result result;
    gw_bad_row *now = NULL;
    size_t count = 0;
    if (!gw_exec(session, "SAVEPOINT gw_together", err))
        return false;
    bool parked = gw_query_text(session, apply->arena, "rows let go of their unique values",
                                apply->park, NULL, 0, &result, &problem);
    if (!parked && !gw_apply_of_a_row(&problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    if (!parked)
        apply->refuses = gw_printf(apply->arena,
                                   "%s refuses NULL or a value that nobody has (%s)",
                                   problem.object ? problem.object : "the destination",
                                   problem.sqlstate);
    gw_err_clear(&problem);
    if (parked && (!gw_apply_halves(apply, apply->sql.write, true, 1,
                                    (int64_t)apply->stage->rows.len, err) ||
                   !gw_apply_bad_rows(apply, &now, &count, err)))
        return false;
    *refused = !parked || count > before_count;
    if (!*refused)
        return gw_exec(session, "RELEASE SAVEPOINT gw_together", err);
    if (!gw_exec(session, "ROLLBACK TO SAVEPOINT gw_together; RELEASE SAVEPOINT gw_together", err))
        return false;
    if (!parked)
        apply->park = ""; /* a check or a trigger is against it */
    return gw_apply_bad_anew(apply, before, before_count, now, count, err);
}

static bool for_its_value(const gw_bad_row *row)
{
    return row->number > 0 && row->place && row->sqlstate &&
           (strcmp(row->sqlstate, "23505") == 0 || strcmp(row->sqlstate, "23P01") == 0);
}

/* One row alone exchanges nothing: what it wants another one keeps. */
static bool say_why(gw_apply *apply, gw_err *err)
{
    gw_bad_row *bad;
    size_t count, refused = 0;
    if (!gw_apply_bad_rows(apply, &bad, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        refused += for_its_value(&bad[i]);
    for (size_t i = 0; i < apply->uniques.len && refused > 1; i++) {
        const gw_apply_unique *unique = &apply->uniques.items[i];
        const char *why = unique->holds ? unique->holds : apply->refuses;
        bool its = false;
        for (size_t k = 0; k < count && why && !its; k++)
            its = for_its_value(&bad[k]) && strcmp(bad[k].place, unique->place) == 0;
        if (!its)
            continue;
        const char *otherwise =
            unique->referred
                ? "Let"
                : gw_printf(apply->arena, "Make %s a DEFERRABLE constraint, or let", unique->place);
        gw_param params[] = {
            gw_p_text(unique->place),
            gw_p_text(gw_printf(apply->arena,
                                "; rows that exchange such values cannot let go of them first: %s. "
                                "%s the source free one of them in a run of its own",
                                why, otherwise))};
        if (!gw_exec_sql(apply->session, &gw_sql_bad_why, params, 2, err))
            return false;
    }
    return true;
}

bool gw_apply_together(gw_apply *apply, gw_err *err)
{
    bool refused = true;
    apply->refuses = NULL;
    memset(&apply->uniques, 0, sizeof apply->uniques); /* its memory was the last batch's */
    if (!make(apply, err))
        return false;
    for (int i = 0; refused && *apply->park && i < ROUNDS; i++) {
        gw_bad_row *before;
        size_t count;
        if (!gw_apply_bad_rows(apply, &before, &count, err) ||
            !attempt(apply, before, count, &refused, err))
            return false;
    }
    return (!refused || gw_apply_halves(apply, apply->sql.write, true, 1,
                                        (int64_t)apply->stage->rows.len, err)) &&
           say_why(apply, err);
}
