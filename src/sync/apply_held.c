/*
 * Deletes that would set off ON DELETE CASCADE, SET NULL or SET DEFAULT: rows that nobody asked to
 * lose would go or be emptied with them. Such a row stays for as long as another refers to it, as NO
 * ACTION would keep it: its delete waits in the quarantine. Rows that the same statement deletes hold
 * nothing back.
 *
 * One step is all there is to look at: where no row refers, nothing goes on from there. The row is
 * locked by then, so that none can come to refer to it, and the table, so that no key can.
 */
#include <string.h>

#include "sql/quote.h"
#include "sync/apply_impl.h"
#include "sync/apply_sql_impl.h"
#include "sync/cascade.h"

/* The row of gw_gone `gone` is this one. */
static const char *is_of(const gw_apply *apply, const char *row, const char *gone)
{
    gw_buf text = GW_BUF(apply->arena);
    for (size_t i = 0; i < apply->sql.gone_by_count; i++) {
        const char *name = gw_quote_ident(apply->arena, apply->sql.gone_by[i]);
        gw_buf_addf(&text, "%s%s.%s = %s.%s", i ? " AND " : "", row, name, gone, name);
    }
    return gw_buf_str(&text);
}

/* What is said of a row that is held back, behind how many rows refer to it. */
static const char *message_of(const gw_apply *apply, const gw_cascade *key)
{
    const char *way = "deletes: { delete: cascade } in the mapping lets it happen";
    const char *what = strcmp(key->action, "CASCADE") == 0 ? "delete" : "empty";
    if (!key->readable)
        return gw_printf(apply->arena,
                         "whether rows of %s refer to it is not to be seen by this role, and "
                         "deleting it would %s them as well (foreign key %s, ON DELETE %s): GRANT "
                         "SELECT ON %s, or %s",
                         key->shown, what, key->name, key->action, key->shown, way);
    return gw_printf(apply->arena,
                     " of %s still refer to it, and deleting it would %s them as well (foreign key "
                     "%s, ON DELETE %s); %s",
                     key->shown, what, key->name, key->action, way);
}

/* Who is referred to goes no further. */
static const char *statement(const gw_apply *apply, const gw_cascade *key)
{
    gw_buf text = GW_BUF(apply->arena);
    const char *message = gw_quote_literal(apply->arena, message_of(apply, key));
    const char *place =
        gw_printf(apply->arena, "%s.%s.%s", key->schema, key->relation, key->name);
    if (key->readable)
        message = gw_printf(apply->arena,
                            "pg_catalog.concat(pg_catalog.count(*), CASE pg_catalog.count(*) WHEN 1 THEN ' row' ELSE "
                            "' rows' END, %s)",
                            message);
    gw_buf_addf(&text,
                "INSERT INTO pg_temp.gw_bad (gw_n, kind, message, place) "
                "SELECT g.gw_n, 'reference', %s, %s FROM pg_temp.gw_gone g JOIN %s t ON %s",
                message, gw_quote_literal(apply->arena, place), key->target,
                is_of(apply, "t", "g"));
    if (key->readable)
        gw_buf_addf(&text, " JOIN %s f ON %s", key->referring, key->same);
    gw_buf_add(&text, " WHERE " THERE("g") " AND " NOT_BAD("g"));
    if (key->readable && key->own)
        gw_buf_addf(&text,
                    " AND NOT EXISTS (SELECT FROM pg_temp.gw_gone o WHERE %s AND " THERE("o")
                    " AND " NOT_BAD("o") ")",
                    is_of(apply, "f", "o"));
    gw_buf_add(&text, key->readable ? " GROUP BY g.gw_n ON CONFLICT (gw_n) DO NOTHING"
                                    : " ON CONFLICT (gw_n) DO NOTHING");
    return gw_buf_str(&text);
}

/* Who stays holds those of its own table that it refers to. */
static bool hold(gw_apply *apply, const char *const *texts, size_t count, bool own, gw_err *err)
{
    for (int64_t more = 1; more;) {
        more = 0;
        for (size_t i = 0; i < count; i++) {
            gw_result result;
            if (!gw_query_text(apply->session, apply->arena, "rows that others refer to", texts[i],
                               NULL, 0, &result, err))
                return false;
            more += own ? result.affected : 0;
        }
    }
    return true;
}

static bool write_all(gw_apply *apply, gw_err *err)
{
    return gw_apply_halves(apply, apply->sql.gone_write, false, -(int64_t)apply->gone.len, -1, err);
}

/* Who is refused only now stays too, and holds others: all of it is taken back for those. */
static bool write_own(gw_apply *apply, const char *const *texts, size_t count, gw_err *err)
{
    for (bool again = true; again;) {
        gw_bad_row *before, *now;
        size_t had, has;
        if (!hold(apply, texts, count, true, err) ||
            !gw_apply_bad_rows(apply, &before, &had, err) ||
            !gw_exec(apply->session, "SAVEPOINT gw_held", err) || !write_all(apply, err) ||
            !gw_apply_bad_rows(apply, &now, &has, err))
            return false;
        again = has > had;
        if (!gw_exec(apply->session,
                     again ? "ROLLBACK TO SAVEPOINT gw_held; RELEASE SAVEPOINT gw_held"
                           : "RELEASE SAVEPOINT gw_held",
                     err) ||
            (again && !gw_apply_bad_anew(apply, before, had, now, has, err)))
            return false;
    }
    return true;
}

bool gw_apply_gone_write(gw_apply *apply, gw_err *err)
{
    gw_cascade *keys;
    size_t count, bad;
    bool own = false;
    gw_bad_row *rows;
    if (apply->mapping->deletes != GW_DELETES_DELETE || apply->mapping->deletes_cascade)
        return write_all(apply, err);
    if (!gw_exec(apply->session,
                 gw_printf(apply->arena, "LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE",
                           gw_mapping_table_sql(apply->arena, &apply->mapping->destination.table)),
                 err) ||
        !gw_cascades_read(apply->session, apply->arena, apply->projection->entity->destination.oid,
                          &keys, &count, err))
        return false;
    const char **texts = gw_alloc_array(apply->arena, count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        texts[i] = statement(apply, &keys[i]);
        own = own || (keys[i].own && keys[i].readable);
    }
    return own ? write_own(apply, texts, count, err)
               : hold(apply, texts, count, false, err) && write_all(apply, err) &&
                     gw_apply_bad_rows(apply, &rows, &bad, err);
}
