/*
 * Rows that refer to each other come together or not at all: apart, as the refusal of any other row of
 * the batch leaves them, a foreign key refuses each. Those that would lead nowhere even then are left
 * out, and those that lead to them; the others are written by one statement.
 */
#include <string.h>

#include "sql/quote.h"
#include "sync/apply_impl.h"

/* A chain that is longer than this and leads nowhere leaves the rings beside it for another run. */
enum { ROUNDS = 64 };

#define REFUSED(bad) bad ".sqlstate = '23503' AND " bad ".kind = 'server' AND " bad ".rule IS NULL"

static bool is_written(const gw_apply *apply, const gw_source_names *columns)
{
    for (size_t i = 0; i < columns->len; i++) {
        bool found = false;
        for (size_t k = 0; k < apply->sql.column_count; k++)
            found = found || strcmp(apply->sql.columns[k].name, columns->items[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* r leads to no row of the destination by this key, and to none that may come with it. */
static const char *hangs(const gw_apply *apply, const gw_source_foreign_key *key)
{
    const gw_source_relation *table = &apply->projection->entity->destination;
    gw_mapping_table target = {.schema = key->target_schema, .name = key->target_name};
    gw_buf text = GW_BUF(apply->arena), some = GW_BUF(apply->arena),
           there = GW_BUF(apply->arena), with = GW_BUF(apply->arena);
    for (size_t i = 0; i < key->columns.len; i++) {
        const char *from = gw_quote_ident(apply->arena, key->columns.items[i]);
        const char *to = gw_quote_ident(apply->arena, key->target_columns.items[i]);
        gw_buf_addf(&some, "r.%s IS NOT NULL AND ", from);
        gw_buf_addf(&there, "%so.%s = r.%s", i ? " AND " : "", to, from);
        gw_buf_addf(&with, " AND g.%s = r.%s", to, from);
    }
    gw_buf_addf(&text,
                "UPDATE pg_temp.gw_bad b SET rule = 'hangs' FROM pg_temp.gw_row r "
                "WHERE r." GW_NUMBER " = b.gw_n AND " REFUSED("b") " AND %sNOT EXISTS "
                "(SELECT FROM %s o WHERE %s)",
                gw_buf_str(&some), gw_mapping_table_sql(apply->arena, &target), gw_buf_str(&there));
    if (key->target_oid == table->oid && is_written(apply, &key->target_columns))
        gw_buf_addf(&text,
                    " AND NOT EXISTS (SELECT FROM pg_temp.gw_row g JOIN pg_temp.gw_bad c ON c.gw_n "
                    "= g." GW_NUMBER " WHERE " REFUSED("c") "%s)",
                    gw_buf_str(&with));
    return gw_buf_str(&text);
}

static bool affected(gw_apply *apply, const char *text, int64_t *rows, gw_err *err)
{
    gw_result result;
    bool ok = gw_query_text(apply->session, apply->arena, "rows that refer to each other", text,
                            NULL, 0, &result, err);
    *rows = ok ? result.affected : 0;
    return ok;
}

/* Who leads nowhere even then "hangs". *left: how many do not; 0 where it would take too long. */
static bool find(gw_apply *apply, const char *const *marks, size_t count, int64_t *left, gw_err *err)
{
    int64_t more = 1, rows;
    for (int i = 0; more && i < ROUNDS; i++) {
        more = 0;
        for (size_t k = 0; k < count; k++) {
            if (!affected(apply, marks[k], &rows, err))
                return false;
            more += rows;
        }
    }
    *left = 0;
    return more || affected(apply, "SELECT FROM pg_temp.gw_bad b WHERE b.gw_n > 0 AND " REFUSED("b"),
                            left, err);
}

static bool write_together(gw_apply *apply, gw_err *err)
{
    gw_err problem = {0};
    if (!gw_exec(apply->session,
                 "SAVEPOINT gw_ring; INSERT INTO pg_temp.gw_bad (gw_n, kind) SELECT r." GW_NUMBER
                 ", 'written' FROM pg_temp.gw_row r ON CONFLICT DO NOTHING; "
                 "DELETE FROM pg_temp.gw_bad b WHERE b.gw_n > 0 AND " REFUSED("b"),
                 err))
        return false;
    if (gw_apply_part(apply, apply->sql.write, true, 1, (int64_t)apply->stage->rows.len, &problem))
        return gw_exec(apply->session,
                       "DELETE FROM pg_temp.gw_bad WHERE kind = 'written'; RELEASE SAVEPOINT gw_ring",
                       err);
    if (!gw_apply_of_a_row(&problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    return gw_exec(apply->session, "ROLLBACK TO SAVEPOINT gw_ring; RELEASE SAVEPOINT gw_ring", err);
}

static bool is_refused(const gw_bad_row *row)
{
    return row->number > 0 && row->sqlstate && strcmp(row->sqlstate, "23503") == 0;
}

/* An UPDATE for each foreign key; 0 where none is to the table itself. */
static size_t marks_of(const gw_apply *apply, const char **marks)
{
    const gw_source_relation *table = &apply->projection->entity->destination;
    size_t count = 0;
    bool own = false;
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const gw_source_foreign_key *key = &table->foreign_keys[i];
        if (!is_written(apply, &key->columns))
            continue;
        own = own || key->target_oid == table->oid;
        marks[count++] = hangs(apply, key);
    }
    return own ? count : 0;
}

bool gw_apply_ring(gw_apply *apply, gw_err *err)
{
    size_t keys = apply->projection->entity->destination.foreign_key_count, bad_count, refused = 0;
    gw_bad_row *bad;
    int64_t left;
    if (!keys || !gw_apply_bad_rows(apply, &bad, &bad_count, err))
        return !keys;
    for (size_t i = 0; i < bad_count; i++)
        refused += is_refused(&bad[i]);
    if (refused < 2) /* nobody to come with */
        return true;
    const char **marks = gw_alloc_array(apply->arena, keys, sizeof *marks);
    size_t count = marks_of(apply, marks);
    if (!count)
        return true;
    if (!find(apply, marks, count, &left, err) || (left && !write_together(apply, err)) ||
        !gw_exec(apply->session, "UPDATE pg_temp.gw_bad SET rule = NULL WHERE rule = 'hangs'", err))
        return false;
    for (size_t i = 0; i < bad_count; i++) /* who still is is marked again */
        if (is_refused(&bad[i]))
            apply->rows[bad[i].number - 1].bad = false;
    return gw_apply_bad_rows(apply, &bad, &bad_count, err);
}
