/* The statements of the second pass: references that could not be written with their row. */
#include <string.h>

#include "sql/quote.h"
#include "sync/apply_sql_impl.h"

typedef gw_apply_target target;
typedef gw_apply_builder builder;

const char *gw_apply_filled_any(builder *b, const char *alias)
{
    gw_buf text = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (b->targets.items[i].later)
            gw_buf_addf(&text, "%s%s.%s IS NOT NULL", text.len ? " OR " : "", alias,
                        b->targets.items[i].name);
    return text.len ? gw_buf_str(&text) : "false";
}

/* A row whose references are to be filled, or that has some that may have to go; and that the run ($1) counts
 * it: as new, of a first load (rows NULL) and where its number is among $2. */
static const char *has_later(builder *b, const char *rows)
{
    const char *from = b->out->later_all ? "true" : gw_buf_str(&b->later_from);
    const char *set =
        rows ? gw_printf(b->arena,
                         " OR EXISTS (SELECT FROM %s r JOIN %s t ON %s WHERE "
                         "r." GW_NUMBER " = s.gw_n AND (%s))",
                         rows, b->destination, gw_apply_same_key(b, "t", "r"), gw_apply_filled_any(b, "t"))
             : "";
    const char *added =
        rows ? "s.gw_n IN (SELECT pg_catalog.unnest($2::pg_catalog.int8[]))" : "true";
    return gw_printf(b->arena,
                     "INSERT INTO godwit.sync_later (entity_type, key, run_id, added) "
                     "SELECT %s, s.gw_key, $1::pg_catalog.uuid, %s FROM "
                     "pg_temp.gw_stage s WHERE " NOT_BAD_STAGED " AND (%s%s) "
                     "ON CONFLICT (entity_type, key) DO UPDATE SET run_id = excluded.run_id, "
                     "added = excluded.added",
                     b->entity, added, from, set);
}

/* A part of the destination's key is another entity's id: the second pass finds its rows by it. */
static bool key_refers(const builder *b)
{
    const gw_mapping *m = b->mapping;
    for (size_t i = 0; i < m->fields.len; i++)
        for (size_t k = 0; k < m->destination.key.len; k++)
            if (m->fields.items[i].kind == GW_FIELD_REFERENCE &&
                strcmp(m->fields.items[i].to.text, m->destination.key.items[k].text) == 0)
                return true;
    return false;
}

/* ---- what was filled last ------------------------------------------------------------------- */

static uint32_t fnv(uint32_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    while (*text++); /* the end of it included: "a", "bc" is not "ab", "c" */
    return hash;
}

/* Of which columns a fingerprint is, and by which way of making it. */
static int columns_hash(builder *b)
{
    uint32_t hash = gw_session_version(b->session) < 140000 ? 1 : 2;
    for (size_t i = 0; i < b->targets.len; i++)
        if (b->targets.items[i].later)
            hash = fnv(fnv(hash, b->targets.items[i].column->name),
                       b->targets.items[i].column->type.base_type);
    return (int)(hash & INT32_MAX);
}

/* NULL: nothing is filled there. */
static const char *filled_now(builder *b)
{
    return gw_printf(b->arena, "CASE WHEN %s THEN %s END", gw_apply_filled_any(b, "t"),
                     gw_apply_filled_print(b, "t"));
}

/* What is kept (f) of a staged row (s). */
static const char *kept_filled(builder *b)
{
    return gw_printf(b->arena,
                     "LEFT JOIN godwit.sync_filled f ON f.entity_type = %s AND f.key = s.gw_key",
                     b->entity);
}

/* The row (t) is as it was left (f). Of other columns that says nothing; of a row that an earlier build has
 * filled nothing is kept, and only NULL is known to be nobody's. */
static const char *as_left(builder *b)
{
    return gw_printf(b->arena,
                     "(COALESCE(f.columns_hash <> %d, false) OR f.print IS NOT DISTINCT FROM %s)",
                     columns_hash(b), filled_now(b));
}

/* What these rows (a condition on r and t) have now is what Godwit has left there. */
static const char *note_filled(builder *b, const char *which)
{
    return gw_printf(
        b->arena,
        "WITH n AS MATERIALIZED (SELECT s.gw_key AS key, %s AS print FROM pg_temp.gw_row r JOIN "
        "pg_temp.gw_stage s ON s.gw_n = r." GW_NUMBER " JOIN %s t ON %s WHERE " NOT_BAD("r")
        " AND (%s)), e AS (DELETE FROM godwit.sync_filled f USING n WHERE f.entity_type = %s AND "
        "f.key = n.key AND n.print IS NULL) INSERT INTO godwit.sync_filled AS f (entity_type, key, "
        "print, columns_hash) SELECT %s, n.key, n.print, %d FROM n WHERE n.print IS NOT NULL "
        "ON CONFLICT (entity_type, key) DO UPDATE SET print = excluded.print, columns_hash = "
        "excluded.columns_hash WHERE (f.print, f.columns_hash) IS DISTINCT FROM (excluded.print, "
        "excluded.columns_hash)",
        filled_now(b), b->destination, gw_apply_same_key(b, "t", "r"), which, b->entity, b->entity,
        columns_hash(b));
}

/* Neither as it was left there nor as it is to be, nor written just now: somebody's. */
static void make_later_changed(builder *b, const char *differs)
{
    bool keep = b->mapping->on_destination_change == GW_CHANGE_KEEP;
    if (b->mapping->on_destination_change == GW_CHANGE_OVERWRITE)
        return;
    b->out->later_changed = gw_printf(
        b->arena,
        "INSERT INTO pg_temp.gw_bad (gw_n, kind, message) SELECT s.gw_n, '%s', 'the row was changed "
        "in the destination' FROM pg_temp.gw_row r JOIN pg_temp.gw_stage s ON s.gw_n = r." GW_NUMBER
        " JOIN %s t ON %s %s WHERE r." GW_NUMBER " BETWEEN $1::pg_catalog.int8 AND "
        "$2::pg_catalog.int8 AND NOT " THERE("r") " AND (%s) AND NOT %s ON CONFLICT (gw_n) DO NOTHING",
        keep ? "keep" : "changed", b->destination, gw_apply_same_key(b, "t", "r"), kept_filled(b),
        differs, as_left(b));
}

/* No lock is held since the row was judged: one that somebody changes between stays. */
static void make_later_write(builder *b, const char *set, const char *differs)
{
    bool asks = b->mapping->on_destination_change != GW_CHANGE_OVERWRITE;
    b->out->later_write = gw_printf(
        b->arena,
        "WITH w AS (UPDATE %s t SET %s FROM pg_temp.gw_row r JOIN pg_temp.gw_stage s ON s.gw_n = "
        "r." GW_NUMBER " %s WHERE %s AND (%s) AND %s AND r." GW_NUMBER " BETWEEN "
        "$1::pg_catalog.int8 AND $2::pg_catalog.int8 AND " NOT_BAD("r") " RETURNING s.gw_n) INSERT "
        "INTO pg_temp.gw_there (gw_n) SELECT w.gw_n FROM w",
        b->destination, set, asks ? kept_filled(b) : "", gw_apply_same_key(b, "t", "r"), differs,
        asks ? as_left(b) : "true");
}

/* What is refused refers to nothing: what it referred to before may be another row. What somebody else has put
 * there stays, and is theirs until it is what it is to be, or nothing. */
static void make_later_clear(builder *b, const char *keys, const char *key_values, const char *joins)
{
    bool asks = b->mapping->on_destination_change != GW_CHANGE_OVERWRITE;
    gw_buf set = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (b->targets.items[i].later)
            gw_buf_addf(&set, "%s%s = NULL", set.len ? ", " : "", b->targets.items[i].name);
    b->out->later_none =
        gw_printf(b->arena,
                  "INSERT INTO pg_temp.gw_row (" GW_NUMBER "%s) SELECT s.gw_n%s FROM "
                  "pg_temp.gw_stage s%s WHERE s.gw_n BETWEEN $1::pg_catalog.int8 AND "
                  "$2::pg_catalog.int8 AND NOT " NOT_BAD_STAGED " AND NOT EXISTS (SELECT FROM "
                  "pg_temp.gw_row r WHERE r." GW_NUMBER " = s.gw_n)",
                  keys, key_values, joins);
    b->out->later_clear = gw_printf(
        b->arena,
        "WITH c AS (SELECT s.gw_n, s.gw_key FROM pg_temp.gw_stage s JOIN pg_temp.gw_bad b ON b.gw_n "
        "= s.gw_n WHERE b.kind NOT IN ('changed', 'keep') AND s.gw_n BETWEEN $1::pg_catalog.int8 "
        "AND $2::pg_catalog.int8), e AS (UPDATE %s t SET %s FROM c s JOIN pg_temp.gw_row r ON "
        "r." GW_NUMBER " = s.gw_n %s WHERE %s AND (%s) AND %s) DELETE FROM godwit.sync_filled f "
        "USING c WHERE f.entity_type = %s AND f.key = c.gw_key",
        b->destination, gw_buf_str(&set), asks ? kept_filled(b) : "",
        gw_apply_same_key(b, "t", "r"), gw_apply_filled_any(b, "t"), asks ? as_left(b) : "true",
        b->entity);
}

/* What the rules see beside it is what was written. */
static void make_later_rest(builder *b)
{
    gw_buf set = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (!b->targets.items[i].later && !gw_apply_is_key(b, &b->targets.items[i]))
            gw_buf_addf(&set, "%s%s = t.%s", set.len ? ", " : "", b->targets.items[i].name,
                        b->targets.items[i].name);
    if (set.len && b->out->later_rule_count)
        b->out->later_rest =
            gw_printf(b->arena, "UPDATE pg_temp.gw_row r SET %s FROM %s t WHERE %s",
                      gw_buf_str(&set), b->destination, gw_apply_same_key(b, "t", "r"));
}

void gw_apply_sql_later(builder *b)
{
    gw_buf keys = GW_BUF(b->arena), key_values = GW_BUF(b->arena), columns = GW_BUF(b->arena),
           values = GW_BUF(b->arena), set = GW_BUF(b->arena), differs = GW_BUF(b->arena);
    const char *joins = key_refers(b) ? gw_buf_str(&b->joins) : "";
    if (!b->later_from.len)
        return;
    for (size_t i = 0; i < b->targets.len; i++) {
        const target *one = &b->targets.items[i];
        if (!one->later && gw_apply_is_key(b, one)) {
            gw_buf_addf(&keys, ", %s", one->name);
            gw_buf_addf(&key_values, ", %s", one->value);
        }
        if (!one->later)
            continue;
        gw_buf_addf(&columns, ", %s", one->name);
        gw_buf_addf(&values, ", %s", one->second);
        gw_buf_addf(&set, "%s%s = r.%s", set.len ? ", " : "", one->name, one->name);
        gw_buf_addf(&differs, "%st.%s IS DISTINCT FROM r.%s", differs.len ? " OR " : "", one->name,
                    one->name);
    }
    b->out->later_note = has_later(b, "pg_temp.gw_row");
    b->out->first_later = has_later(b, NULL);
    if (b->later_missing.len)
        b->out->later_wrong =
            gw_printf(b->arena,
                      "INSERT INTO pg_temp.gw_bad (gw_n, kind, rule, field, message, sqlstate) "
                      "SELECT s.gw_n, v.kind, 'second pass', v.field, v.message, v.sqlstate "
                      "FROM pg_temp.gw_stage s%s CROSS JOIN LATERAL (VALUES %s) "
                      "v (wrong, kind, field, message, sqlstate, rule) "
                      "WHERE v.wrong ON CONFLICT (gw_n) DO NOTHING",
                      gw_buf_str(&b->later_joins), gw_buf_str(&b->later_missing));
    b->out->later_row =
        gw_printf(b->arena,
                  "INSERT INTO pg_temp.gw_row (" GW_NUMBER "%s%s) SELECT s.gw_n%s%s FROM "
                  "pg_temp.gw_stage s%s%s WHERE s.gw_n BETWEEN $1::pg_catalog.int8 AND "
                  "$2::pg_catalog.int8 AND " NOT_BAD_STAGED,
                  gw_buf_str(&keys), gw_buf_str(&columns), gw_buf_str(&key_values),
                  gw_buf_str(&values), joins, gw_buf_str(&b->later_joins));
    make_later_changed(b, gw_buf_str(&differs));
    make_later_write(b, gw_buf_str(&set), gw_buf_str(&differs));
    b->out->later_filled =
        note_filled(b, gw_printf(b->arena, "NOT (%s) OR " THERE("r"), gw_buf_str(&differs)));
    b->out->later_new = note_filled(
        b, "r." GW_NUMBER " IN (SELECT pg_catalog.unnest($1::pg_catalog.int8[]))");
    make_later_clear(b, gw_buf_str(&keys), gw_buf_str(&key_values), joins);
    make_later_rest(b);
}

/* ---- rows that go and hold each other ------------------------------------------------------- */

/* The delete of the row that t's column leads to waits, too; NULL: it is of no such entity. The entity's
 * own rows go together as they are. */
static const char *leads_to_held(builder *b, size_t number)
{
    const gw_mapping *other = b->plan->fields[number].target;
    const gw_map_field *field = &b->mapping->fields.items[number];
    if (!b->plan->fields[number].second_pass || !other ||
        other->deletes != GW_DELETES_DELETE ||
        strcmp(other->entity.text, b->mapping->entity.text) == 0)
        return NULL;
    return gw_printf(b->arena,
                     "t.%s::pg_catalog.text IN (SELECT COALESCE(m.modern_id::pg_catalog.text, q.key) "
                     "FROM godwit.sync_rejects q LEFT JOIN godwit.migration_mappings m ON "
                     "m.entity_type = q.entity_type AND m.legacy_id = q.key WHERE q.entity_type = %s "
                     "AND q.source_hash IS NULL AND (q.kind = 'reference' OR q.sqlstate = '23503'))",
                     gw_quote_ident(b->arena, field->to.text),
                     gw_quote_literal(b->arena, other->entity.text));
}

/* Only what Godwit has filled. A row that its source has again is filled anew: its key waits. */
void gw_apply_sql_let_go(builder *b)
{
    bool asks = b->mapping->on_destination_change != GW_CHANGE_OVERWRITE;
    gw_buf set = GW_BUF(b->arena), any = GW_BUF(b->arena), same = GW_BUF(b->arena);
    for (size_t i = 0; i < b->mapping->fields.len; i++) {
        const char *held = leads_to_held(b, i);
        const char *name = gw_quote_ident(b->arena, b->mapping->fields.items[i].to.text);
        if (!held)
            continue;
        gw_buf_addf(&set, "%s%s = CASE WHEN %s THEN NULL ELSE t.%s END", set.len ? ", " : "", name,
                    held, name);
        gw_buf_addf(&any, "%s%s", any.len ? " OR " : "", held);
    }
    if (!set.len || !b->out->gone || b->mapping->deletes != GW_DELETES_DELETE)
        return;
    for (size_t i = 0; i < b->out->gone_by_count; i++) {
        const char *name = gw_quote_ident(b->arena, b->out->gone_by[i]);
        gw_buf_addf(&same, "t.%s = g.%s AND ", name, name);
    }
    b->out->let_go = gw_printf(
        b->arena,
        "WITH e AS (UPDATE %s t SET %s FROM pg_temp.gw_gone g LEFT JOIN godwit.sync_filled f ON "
        "f.entity_type = %s AND f.key = g.gw_key WHERE %s(%s) AND %s RETURNING g.gw_key AS key, %s AS "
        "print), n AS (DELETE FROM godwit.sync_filled f USING e WHERE f.entity_type = %s AND f.key = "
        "e.key AND e.print IS NULL), o AS (UPDATE godwit.sync_filled f SET print = e.print, "
        "columns_hash = %d FROM e WHERE f.entity_type = %s AND f.key = e.key AND e.print IS NOT NULL) "
        "INSERT INTO godwit.sync_later (entity_type, key, run_id, added) SELECT %s, e.key, "
        "$1::pg_catalog.uuid, false FROM e ON CONFLICT (entity_type, key) DO UPDATE SET run_id = "
        "excluded.run_id",
        b->destination, gw_buf_str(&set), b->entity, gw_buf_str(&same), gw_buf_str(&any),
        asks ? as_left(b) : "true", filled_now(b), b->entity, columns_hash(b), b->entity, b->entity);
}
