/* The statements of the second pass: references that could not be written with their row. */
#include <string.h>

#include "sql/quote.h"
#include "sync/apply_sql_impl.h"

typedef gw_apply_target target;
typedef gw_apply_builder builder;

/* A row whose references are to be filled, or that has some that may have to go; and that the run ($1) counts
 * it: as new, of a first load (rows NULL) and where its number is among $2. */
static const char *has_later(builder *b, const char *rows)
{
    gw_buf there = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (b->targets.items[i].later)
            gw_buf_addf(&there, "%st.%s IS NOT NULL", there.len ? " OR " : "",
                        b->targets.items[i].name);
    const char *from = b->out->later_all ? "true" : gw_buf_str(&b->later_from);
    const char *set =
        rows ? gw_printf(b->arena,
                         " OR EXISTS (SELECT FROM %s r JOIN %s t ON %s WHERE "
                         "r." GW_NUMBER " = s.gw_n AND (%s))",
                         rows, b->destination, gw_apply_same_key(b, "t", "r"), gw_buf_str(&there))
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

/* What goes no further refers to nothing: what it referred to before may be another row. */
static void make_later_clear(builder *b, const char *keys, const char *key_values, const char *joins)
{
    gw_buf set = GW_BUF(b->arena), there = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++) {
        const target *one = &b->targets.items[i];
        if (!one->later)
            continue;
        gw_buf_addf(&set, "%s%s = NULL", set.len ? ", " : "", one->name);
        gw_buf_addf(&there, "%st.%s IS NOT NULL", there.len ? " OR " : "", one->name);
    }
    b->out->later_none =
        gw_printf(b->arena,
                  "INSERT INTO pg_temp.gw_row (" GW_NUMBER "%s) SELECT s.gw_n%s FROM "
                  "pg_temp.gw_stage s%s WHERE s.gw_n BETWEEN $1::pg_catalog.int8 AND "
                  "$2::pg_catalog.int8 AND NOT " NOT_BAD_STAGED " AND NOT EXISTS (SELECT FROM "
                  "pg_temp.gw_row r WHERE r." GW_NUMBER " = s.gw_n)",
                  keys, key_values, joins);
    b->out->later_clear =
        gw_printf(b->arena,
                  "UPDATE %s t SET %s FROM pg_temp.gw_row r WHERE %s AND (%s) AND r." GW_NUMBER
                  " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 AND NOT " NOT_BAD("r"),
                  b->destination, gw_buf_str(&set), gw_apply_same_key(b, "t", "r"), gw_buf_str(&there));
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
    b->out->later_write =
        gw_printf(b->arena,
                  "UPDATE %s t SET %s FROM pg_temp.gw_row r WHERE %s AND (%s) AND r." GW_NUMBER
                  " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 AND " NOT_BAD("r"),
                  b->destination, gw_buf_str(&set), gw_apply_same_key(b, "t", "r"), gw_buf_str(&differs));
    make_later_clear(b, gw_buf_str(&keys), gw_buf_str(&key_values), joins);
    make_later_rest(b);
}
