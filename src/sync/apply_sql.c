#include "sync/apply_sql.h"

#include <stdlib.h>
#include <string.h>

#include "source/fingerprint.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_sql_impl.h"

typedef gw_apply_target target;
typedef gw_apply_builder builder;

static bool text_like(const gw_source_column *column)
{
    return *column->type.category == 'S';
}

static const char *cast(builder *b, const char *value, const gw_source_column *column)
{
    /* What goes into a text is assigned: a cast to varchar(n) would cut it. */
    return text_like(column) ? value
                             : gw_printf(b->arena, "(%s)::%s", value, column->type.base_type);
}

static const char *literal(builder *b, const char *text, const gw_source_column *column)
{
    return gw_printf(b->arena, "%s::%s", gw_quote_literal(b->arena, text), column->type.base_type);
}

/* What a cast would cut and an assignment refuses is refused: `type: varchar(3)` is no knife. */
static void refuse_longer(builder *b, const gw_field_plan *field, const char *value)
{
    const char *type = field->to_type, *length = strchr(type, '(');
    bool characters = strncmp(type, "character", 9) == 0, bits = strncmp(type, "bit", 3) == 0;
    if (!length || (!characters && !bits))
        return;
    const char *text = gw_printf(b->arena, "(%s)::pg_catalog.text", value);
    if (characters) /* spaces at the end do not count */
        text = gw_printf(b->arena, "pg_catalog.rtrim(%s)", text);
    const char *condition =
        gw_printf(b->arena, "pg_catalog.length(%s) %s %ld", text,
                  bits && strncmp(type, "bit(", 4) == 0 ? "<>" : ">", strtol(length + 1, NULL, 10));
    gw_buf_addf(&b->wrong, "%s(%s)", b->wrong.len ? " OR " : "", condition);
    gw_buf_addf(&b->references, "%s(%s, 'server', %s, %s, '22001', NULL)", b->references.len ? ", " : "",
                condition, gw_quote_literal(b->arena, field->field->to.text),
                gw_quote_literal(b->arena, gw_printf(b->arena, "too long for type %s", type)));
}

static const char *converted(builder *b, const gw_field_plan *field, const gw_travelling *from,
                             const char *value, const gw_source_column *column)
{
    bool middle = field->field->type.text != NULL;
    bool plain = field->conversion == GW_CONVERT_SAME || field->conversion == GW_CONVERT_ASSIGN;
    if (field->conversion == GW_CONVERT_TEXT)
        value = gw_printf(b->arena, "(%s)::pg_catalog.text", value);
    if (middle)
        refuse_longer(b, field, value);
    if (middle)
        return cast(b, gw_printf(b->arena, "(%s)::%s", value, field->to_type), column);
    return plain && !from->as_text ? value : cast(b, value, column);
}

/* ---- references -------------------------------------------------------------------------------
 */

bool gw_id_map_look(gw_session *session, gw_arena *arena, const char *entity, gw_id_map *out,
                    gw_err *err)
{
    static const gw_col cols[] = {{"here", GW_COL_BOOL, true, offsetof(gw_id_map, here)},
                                  {"whole", GW_COL_BOOL, true, offsetof(gw_id_map, whole)},
                                  {"name", GW_COL_TEXT, true, offsetof(gw_id_map, name)}};
    gw_param param = gw_p_text(entity);
    gw_result result;
    return gw_query(session, arena, &gw_sql_id_map_here, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 3, out, err);
}

static bool reference(builder *b, const gw_map_field *field, size_t number, const char *staged,
                      const gw_source_column *column, const char **value, gw_err *err)
{
    bool self = strcmp(field->reference.text, b->mapping->entity.text) == 0;
    gw_id_map map;
    const char *entity = gw_quote_literal(b->arena, field->reference.text);
    if (!gw_id_map_look(b->session, b->arena, field->reference.text, &map, err))
        return false;
    *value = cast(b, staged, column);
    if (!map.here)
        return true;
    gw_buf_addf(b->joined,
                " LEFT JOIN godwit.migration_mappings m%zu ON m%zu.entity_type = %s AND "
                "m%zu.legacy_id = s.%s%s",
                number, number, entity, number, staged + 2,
                gw_apply_stays(b->arena, b->leaving, field->reference.text, staged));
    const char *found = gw_printf(b->arena, "m%zu.modern_id", number);
    if (self && b->joined == &b->joins) {
        gw_buf_addf(&b->joins, " LEFT JOIN pg_temp.gw_stage x%zu ON x%zu.gw_key = s.%s", number,
                    number, staged + 2);
        found = gw_printf(b->arena, "coalesce(m%zu.modern_id, x%zu.gw_id)", number, number);
    }
    *value = cast(b, found, column);
    const char *message =
        gw_mapping_field_masked(b->mapping, field)
            ? gw_quote_literal(b->arena, gw_printf(b->arena, "there is no %s of this key",
                                                   field->reference.text))
            : gw_printf(b->arena, "pg_catalog.format('there is no %%s %%s', %s, %s)", entity,
                        staged);
    if (b->joined == &b->joins)
        gw_buf_addf(&b->wrong, "%s(%s IS NOT NULL AND %s IS NULL)", b->wrong.len ? " OR " : "",
                    staged, found);
    gw_buf_addf(b->missing, "%s(%s IS NOT NULL AND %s IS NULL, 'reference', %s, %s, NULL, NULL)",
                b->missing->len ? ", " : "", staged, found,
                gw_quote_literal(b->arena, field->to.text), message);
    if (self && b->joined == &b->joins)
        gw_buf_addf(&b->dangling, "%s(s.%s, m%zu.modern_id, %s, %s)", b->dangling.len ? ", " : "",
                    staged + 2, number, gw_quote_literal(b->arena, field->to.text), message);
    return true;
}

/* ---- what goes into each column ----------------------------------------------------------------
 */

static target *add_target(builder *b, const char *name, const char *value)
{
    target *one = gw_vec_push(b->arena, &b->targets);
    one->column = gw_source_column_of(&b->plan->destination, name);
    one->name = gw_quote_ident(b->arena, name);
    one->value = value;
    return one;
}

/* NULL until the second pass is no answer to a rule "required": the source's value is. */
static void require_later(builder *b, const gw_map_field *field, const char *value)
{
    const char *message = gw_apply_sql_required(b->mapping, field);
    if (!message)
        return;
    gw_buf_addf(&b->wrong, "%s(%s IS NULL)", b->wrong.len ? " OR " : "", value);
    gw_buf_addf(&b->references, "%s(%s IS NULL, 'rule', %s, %s, NULL, 'required')",
                b->references.len ? ", " : "", value, gw_quote_literal(b->arena, field->to.text),
                gw_quote_literal(b->arena, message));
}

static bool take_field(builder *b, size_t number, size_t *function, gw_err *err)
{
    const gw_map_field *field = &b->mapping->fields.items[number];
    const gw_source_column *column = gw_source_column_of(&b->plan->destination, field->to.text);
    size_t at = b->projection->of_field[number];
    const char *value = at == SIZE_MAX ? "NULL" : gw_printf(b->arena, "s.gw_%zu", at + 1);
    const char *staged = NULL; /* of a reference */
    bool later = b->plan->fields[number].second_pass;
    if (!column)
        return gw_err_set(err, GW_ERR_STATE, "the destination of %s has no column \"%s\"",
                          b->mapping->entity.text, field->to.text);
    if (field->kind == GW_FIELD_COPY || field->kind == GW_FIELD_SQL) {
        value = converted(b, &b->plan->fields[number], &b->projection->columns[at], value, column);
    } else if (field->kind == GW_FIELD_TRANSFORM) {
        value = gw_printf(b->arena, "s.gw_f%zu", ++*function);
        if (field->type.text) {
            refuse_longer(b, &b->plan->fields[number], value);
            value = gw_printf(b->arena, "(%s)::%s", value, b->plan->fields[number].to_type);
        }
        value = cast(b, value, column);
    } else if (field->kind == GW_FIELD_VALUE) {
        value = literal(b, field->value.text, column);
    } else {
        b->joined = later ? &b->later_joins : &b->joins;
        b->missing = later ? &b->later_missing : &b->references;
        staged = value;
        if (!reference(b, field, number, value, column, &value, err))
            return false;
    }
    if (later) {
        gw_buf_addf(&b->later_from, "%s(%s) IS NOT NULL", b->later_from.len ? " OR " : "",
                    staged ? staged : value);
        require_later(b, field, staged ? staged : value);
    }
    target *one = add_target(
        b, field->to.text,
        later ? gw_printf(b->arena, "NULL::%s", column->type.base_type) : value);
    one->later = later;
    one->second = later ? value : NULL;
    if (field->default_value.text)
        one->fallback = literal(b, field->default_value.text, column);
    return true;
}

static bool made_here(const builder *b)
{
    return b->mapping->identity != GW_IDENTITY_KEEP;
}

static void take_own(builder *b)
{
    const gw_mapping *m = b->mapping;
    const gw_source_relation *d = &b->plan->destination;
    if (made_here(b))
        add_target(b, m->destination.key.items[0].text,
                   cast(b, "s.gw_id", gw_source_column_of(d, m->destination.key.items[0].text)));
    if (m->destination.legacy_id.text)
        add_target(b, m->destination.legacy_id.text,
                   cast(b, "s.gw_key", gw_source_column_of(d, m->destination.legacy_id.text)));
    if (m->destination.source_hash.text)
        add_target(b, m->destination.source_hash.text, "s.gw_hash");
    if (m->destination.migrated_at.text)
        add_target(b, m->destination.migrated_at.text, "pg_catalog.now()")->clock = true;
    if (m->deletes == GW_DELETES_SOFT && !gw_mapping_field(m, m->deletes_column.text)) {
        const gw_source_column *mark = gw_source_column_of(d, m->deletes_column.text);
        bool flag = strcmp(mark->type.base_type, "boolean") == 0;
        add_target(b, mark->name, /* a row that came back lives */
                   gw_printf(b->arena, "%s::%s", flag ? "false" : "NULL", mark->type.base_type));
    }
}

/* ---- statements ---------------------------------------------------------------------------------
 */

typedef enum part { ALL, PRINTED, FILLED, NOT_KEY } part;

bool gw_apply_is_key(const builder *b, const target *one)
{
    for (size_t i = 0; i < b->mapping->destination.key.len; i++)
        if (strcmp(one->column->name, b->mapping->destination.key.items[i].text) == 0)
            return true;
    return false;
}

/* A copy of a key that the source may spell otherwise one day: then so does the destination. */
static bool spelled_anew(const builder *b, const target *one)
{
    return !made_here(b) && b->projection->spelled_anew && !gw_column_spelled_alike(one->column);
}

static bool wanted(const builder *b, const target *one, part which)
{
    if (which == FILLED)
        return one->later;
    return which == ALL || (!one->later && (which != PRINTED || !one->clock) &&
                            (which != NOT_KEY || !gw_apply_is_key(b, one) || spelled_anew(b, one)));
}

/* The names that `format` ("%s", "r.%s") makes of the columns, in a list. */
static const char *names(builder *b, part which, const char *alias)
{
    gw_buf text = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (wanted(b, &b->targets.items[i], which))
            gw_buf_addf(&text, "%s%s%s", text.len ? ", " : "", alias, b->targets.items[i].name);
    return gw_buf_str(&text);
}

static const char *print_of_part(builder *b, part which, const char *alias)
{
    GW_VEC(gw_typed) typed = {0};
    for (size_t i = 0; i < b->targets.len; i++) {
        const target *one = &b->targets.items[i];
        if (wanted(b, one, which))
            *gw_vec_push(b->arena, &typed) =
                (gw_typed){.sql = gw_printf(b->arena, "%s.%s", alias, one->name),
                           .type = (uint32_t)one->column->type.base_oid,
                           .typmod = (int32_t)one->column->type.base_typmod,
                           .typtype = *one->column->type.base_kind,
                           .deterministic = one->column->deterministic};
    }
    return gw_fingerprint_sql(b->arena, typed.items, typed.len, gw_session_version(b->session));
}

static const char *print_of(builder *b, const char *alias)
{
    return print_of_part(b, PRINTED, alias);
}

const char *gw_apply_filled_print(builder *b, const char *alias)
{
    return print_of_part(b, FILLED, alias);
}

const char *gw_apply_same_key(builder *b, const char *left, const char *right)
{
    gw_buf text = GW_BUF(b->arena);
    for (size_t i = 0; i < b->mapping->destination.key.len; i++) {
        const char *name = gw_quote_ident(b->arena, b->mapping->destination.key.items[i].text);
        gw_buf_addf(&text, "%s%s.%s = %s.%s", i ? " AND " : "", left, name, right, name);
    }
    return gw_buf_str(&text);
}

static void make_tables(builder *b)
{
    gw_buf row = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        gw_buf_addf(&row, ", %s %s", b->targets.items[i].name,
                    b->targets.items[i].column->type.base_type);
    b->out->tables = gw_printf(
        b->arena,
        "DROP TABLE IF EXISTS pg_temp.gw_row, pg_temp.gw_bad, pg_temp.gw_there, pg_temp.gw_gone;"
        "CREATE TEMP TABLE gw_there (gw_n bigint PRIMARY KEY) ON COMMIT DELETE ROWS;"
        "CREATE TEMP TABLE gw_bad (gw_n bigint PRIMARY KEY, kind text NOT NULL, rule text, "
        "field text, message text, sqlstate text, place text) ON COMMIT DELETE ROWS;"
        "CREATE TEMP TABLE gw_row (" GW_NUMBER " bigint PRIMARY KEY%s) ON COMMIT DELETE ROWS",
        gw_buf_str(&row));
}

static void make_ids(builder *b)
{
    const gw_source_column *key =
        gw_source_column_of(&b->plan->destination, b->mapping->destination.key.items[0].text);
    if (!made_here(b))
        return;
    b->out->known = gw_printf(b->arena,
                              "UPDATE pg_temp.gw_stage s SET gw_id = m.modern_id "
                              "FROM godwit.migration_mappings m "
                              "WHERE m.entity_type = %s AND m.legacy_id = s.gw_key",
                              b->entity);
    if (b->mapping->identity == GW_IDENTITY_GENERATED)
        b->out->generated = gw_printf(
            b->arena,
            "UPDATE pg_temp.gw_stage SET gw_id = (%s)::pg_catalog.text WHERE gw_id IS NULL",
            key->default_text && !*key->identity
                ? key->default_text
                : gw_printf(b->arena,
                            "pg_catalog.nextval(pg_catalog.pg_get_serial_sequence(%s, %s)::"
                            "pg_catalog.regclass)",
                            gw_quote_literal(b->arena, b->destination),
                            gw_quote_literal(b->arena, key->name)));
    b->out->map = gw_printf(
        b->arena,
        "INSERT INTO godwit.migration_mappings (entity_type, legacy_id, modern_id, "
        "migration_batch) "
        "SELECT %s, s.gw_key, s.gw_id, $1::pg_catalog.uuid FROM pg_temp.gw_stage s "
        "JOIN pg_temp.gw_row r ON r." GW_NUMBER
        " = s.gw_n WHERE " NOT_BAD("r") " AND NOT EXISTS (SELECT FROM godwit.migration_mappings m "
                                        "WHERE m.entity_type = %s AND "
                                        "m.legacy_id = s.gw_key)",
        b->entity, b->entity);
}

static void make_conversion(builder *b)
{
    gw_buf values = GW_BUF(b->arena), set = GW_BUF(b->arena), where = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++) {
        const target *one = &b->targets.items[i];
        gw_buf_addf(&values, ", %s", one->value);
        if (!one->fallback || one->later)
            continue;
        gw_buf_addf(&set, "%s%s = coalesce(%s, %s)", set.len ? ", " : "", one->name, one->name,
                    one->fallback);
        gw_buf_addf(&where, "%s%s IS NULL", where.len ? " OR " : "", one->name);
    }
    b->out->convert = gw_printf(
        b->arena,
        "INSERT INTO pg_temp.gw_row (" GW_NUMBER ", %s) SELECT s.gw_n%s FROM pg_temp.gw_stage s%s "
        "WHERE s.gw_n BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 AND NOT EXISTS "
        "(SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = s.gw_n)",
        names(b, ALL, ""), gw_buf_str(&values), gw_buf_str(&b->joins));
    if (set.len)
        b->out->defaults = gw_printf(b->arena, "UPDATE pg_temp.gw_row SET %s WHERE %s",
                                     gw_buf_str(&set), gw_buf_str(&where));
    if (b->references.len)
        b->out->references = gw_printf(
            b->arena,
            "INSERT INTO pg_temp.gw_bad (gw_n, kind, field, message, sqlstate, rule) "
            "SELECT s.gw_n, v.kind, v.field, v.message, v.sqlstate, v.rule FROM pg_temp.gw_stage s%s "
            "CROSS JOIN LATERAL (VALUES %s) v (wrong, kind, field, message, sqlstate, rule) "
            "WHERE v.wrong ON CONFLICT (gw_n) DO NOTHING",
            gw_buf_str(&b->joins), gw_buf_str(&b->references));
    if (b->dangling.len)
        b->out->dangling =
            gw_printf(b->arena,
                      "INSERT INTO pg_temp.gw_bad (gw_n, kind, field, message) "
                      "SELECT s.gw_n, 'reference', v.field, v.message FROM pg_temp.gw_stage s%s "
                      "CROSS JOIN LATERAL (VALUES %s) v (key, known, field, message) "
                      "JOIN pg_temp.gw_stage x ON x.gw_key = v.key "
                      "JOIN pg_temp.gw_bad w ON w.gw_n = x.gw_n AND w.kind <> 'keep' "
                      "WHERE v.known IS NULL ON CONFLICT (gw_n) DO NOTHING",
                      gw_buf_str(&b->joins), gw_buf_str(&b->dangling));
}

/* A column that an update may set to what it is; NULL: the table has none. */
static const char *touched_column(builder *b)
{
    const gw_source_relation *table = &b->plan->destination;
    for (size_t i = 0; i < table->column_count; i++)
        if (!*table->columns[i].generated && *table->columns[i].identity != 'a')
            return gw_quote_ident(b->arena, table->columns[i].name);
    return NULL;
}

/* What an update sets from the row `from`; "": nothing can be set. */
static const char *set_list(builder *b, const char *from)
{
    gw_buf set = GW_BUF(b->arena);
    for (size_t i = 0; i < b->targets.len; i++)
        if (wanted(b, &b->targets.items[i], NOT_KEY))
            if (*b->targets.items[i].column->identity != 'a') /* of which nothing may be updated */
                gw_buf_addf(&set, "%s%s = %s.%s", set.len ? ", " : "", b->targets.items[i].name,
                            from, b->targets.items[i].name);
    const char *touched = touched_column(b);
    if (!set.len && touched) /* nothing but its key: the row is there and is touched */
        gw_buf_addf(&set, "%s = t.%s", touched, touched);
    return gw_buf_str(&set);
}

/* Rows that were there when they were judged are locked since, and updated; the others are inserted and nothing
 * else: one of their key that has come meanwhile is another's, and the server refuses them for it. */
static void make_write(builder *b)
{
    const char *set = set_list(b, "r");
    const char *updated =
        *set ? gw_printf(b->arena,
                         ", u AS (UPDATE %s t SET %s FROM r WHERE %s AND " THERE("r") " RETURNING 1)",
                         b->destination, set, gw_apply_same_key(b, "t", "r"))
             : "";
    b->out->write =
        gw_printf(b->arena,
                  "WITH r AS MATERIALIZED (SELECT * FROM pg_temp.gw_row r WHERE r." GW_NUMBER
                  " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 AND " NOT_BAD("r") ")%s, "
                  "w AS (INSERT INTO %s AS t (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM r WHERE "
                  "NOT " THERE("r") " ORDER BY r." GW_NUMBER " RETURNING 1) SELECT (SELECT "
                  "pg_catalog.count(*) FROM %s) + (SELECT pg_catalog.count(*) FROM w) AS written, "
                  "(SELECT pg_catalog.count(*) FROM r) AS wanted",
                  updated, b->destination, names(b, ALL, ""), names(b, ALL, "r."),
                  *set ? "u" : "r WHERE " THERE("r"));
    b->out->written = gw_printf(b->arena,
                                "SELECT r." GW_NUMBER
                                " AS number, %s AS print FROM pg_temp.gw_row r JOIN %s t ON %s "
                                "WHERE " NOT_BAD("r"),
                                print_of(b, "t"), b->destination, gw_apply_same_key(b, "t", "r"));
    b->out->raced =
        gw_printf(b->arena,
                  "SELECT EXISTS (SELECT FROM pg_temp.gw_bad b JOIN pg_temp.gw_row r ON r." GW_NUMBER
                  " = b.gw_n JOIN %s t ON %s WHERE b.sqlstate = '23505' AND NOT " THERE("r")
                  ") AS raced",
                  b->destination, gw_apply_same_key(b, "t", "r"));
    b->out->doubles =
        gw_printf(b->arena,
                  "INSERT INTO pg_temp.gw_bad (gw_n, kind, message) SELECT r." GW_NUMBER
                  ", 'conflict', 'another row of the source has the same key in the destination' "
                  "FROM pg_temp.gw_row r WHERE " NOT_BAD(
                      "r") " AND EXISTS (SELECT FROM pg_temp.gw_row e "
                           "WHERE %s AND e." GW_NUMBER " < r." GW_NUMBER
                           " AND " NOT_BAD("e") ") ON CONFLICT (gw_n) DO NOTHING",
                  gw_apply_same_key(b, "e", "r"));
}

/* A column's value with what stands in for NULL. */
static const char *filled(builder *b, const target *one)
{
    return one->fallback ? gw_printf(b->arena, "coalesce(%s, %s)", one->value, one->fallback)
                         : one->value;
}

/* Something of the destination's own may change a row behind the statement that writes it. */
static const char *has_triggers(builder *b)
{
    const char *name = gw_quote_literal(b->arena, b->destination);
    const char *tree = gw_printf(b->arena,
                                 "(SELECT %s::pg_catalog.regclass UNION ALL SELECT p.relid FROM "
                                 "pg_catalog.pg_partition_tree(%s::pg_catalog.regclass) p)",
                                 name, name);
    return gw_printf(b->arena,
                     "EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE NOT g.tgisinternal AND "
                     "g.tgrelid IN %s) OR EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE "
                     "c.contype = 'f' AND c.confupdtype NOT IN ('a', 'r') AND c.confrelid IN %s)",
                     tree, tree);
}

static void make_once(builder *b, const char *values)
{
    const char *set = set_list(b, "d");
    const char *wrong = b->wrong.len ? gw_buf_str(&b->wrong) : "false";
    const char *violations = b->out->violations ? b->out->violations : "false";
    const char *print = print_of(b, "t"), *triggers = has_triggers(b);
    if (!*set)
        return;
    b->out->once_kept = gw_printf(
        b->arena,
        "WITH w AS (UPDATE %s t SET %s FROM (SELECT s.gw_n AS " GW_NUMBER ", k.print AS " GW_KEPT
        "%s FROM pg_temp.gw_stage s JOIN unnest($1::pg_catalog.int8[], $2::pg_catalog.int8[]) "
        "k (n, print) ON k.n = s.gw_n%s WHERE (%s) IS NOT TRUE) d WHERE %s AND %s = d." GW_KEPT
        " AND (%s) IS NOT TRUE RETURNING d." GW_NUMBER " AS n, %s AS print) "
        "SELECT pg_catalog.count(*) AS written, "
        "pg_catalog.string_agg(pg_catalog.int8send(w.print), '' ORDER BY w.n) AS prints, "
        "%s AS triggers FROM w",
        b->destination, set, values, gw_buf_str(&b->joins), wrong, gw_apply_same_key(b, "t", "d"), print,
        violations, print, triggers);
    b->out->once_new = gw_printf(
        b->arena,
        "WITH w AS (INSERT INTO %s AS t (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT "
        "s.gw_n AS " GW_NUMBER "%s FROM pg_temp.gw_stage s LEFT JOIN "
        "unnest($1::pg_catalog.int8[]) k (n) ON k.n = s.gw_n%s WHERE k.n IS NULL AND (%s) IS NOT "
        "TRUE) d WHERE (%s) IS NOT TRUE ORDER BY d." GW_NUMBER " RETURNING %s AS print) "
        "SELECT pg_catalog.count(*) AS written, "
        "pg_catalog.string_agg(pg_catalog.int8send(w.print), '') AS prints, %s AS triggers FROM w",
        b->destination, names(b, ALL, ""), names(b, ALL, "d."), values,
        gw_buf_str(&b->joins), wrong, violations, print, triggers);
}

static bool make_first(builder *b, gw_err *err)
{
    gw_buf values = GW_BUF(b->arena);
    gw_id_map map = {0};
    if (made_here(b) && !gw_id_map_look(b->session, b->arena, b->mapping->entity.text, &map, err))
        return false;
    b->out->ids_known = map.whole;
    if (made_here(b))
        b->out->first_map = gw_printf(
            b->arena,
            "INSERT INTO godwit.%s (entity_type, legacy_id, modern_id, migration_batch) "
            "SELECT %s, s.gw_key, s.gw_id, $1::pg_catalog.uuid FROM pg_temp.gw_stage s%s",
            gw_quote_ident(b->arena, map.name), b->entity,
            map.whole ? gw_printf(b->arena,
                                  " WHERE NOT EXISTS (SELECT FROM godwit.migration_mappings m "
                                  "WHERE m.entity_type = %s AND m.legacy_id = s.gw_key)",
                                  b->entity)
                      : "");
    if (b->out->rules_together)
        return true;
    for (size_t i = 0; i < b->targets.len; i++)
        if (wanted(b, &b->targets.items[i], ALL))
            gw_buf_addf(&values, ", %s AS %s", filled(b, &b->targets.items[i]),
                        b->targets.items[i].name);
    if (!made_here(b) || map.whole)
        make_once(b, gw_buf_str(&values));
    b->out->first = gw_printf(
        b->arena,
        "WITH w AS (INSERT INTO %s AS t (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT "
        "s.gw_n AS " GW_NUMBER "%s FROM pg_temp.gw_stage s%s WHERE (%s) IS NOT TRUE) d WHERE (%s) "
        "IS NOT TRUE ORDER BY d." GW_NUMBER " RETURNING %s AS print, (%s) AS filled) SELECT "
        "pg_catalog.count(*) FILTER (WHERE NOT w.filled) AS written, "
        "pg_catalog.string_agg(pg_catalog.int8send(w.print), '') AS prints FROM w",
        b->destination, names(b, ALL, ""), names(b, ALL, "d."), gw_buf_str(&values),
        gw_buf_str(&b->joins), b->wrong.len ? gw_buf_str(&b->wrong) : "false",
        b->out->violations ? b->out->violations : "false", print_of(b, "t"),
        gw_apply_filled_any(b, "t"));
    return true;
}

/* The rows of this query are locked and about to be judged: they are known to what writes. */
static const char *note_there(builder *b, const char *query)
{
    return gw_printf(b->arena,
                     "WITH p AS MATERIALIZED (%s), n AS (INSERT INTO pg_temp.gw_there SELECT p.number "
                     "FROM p ON CONFLICT DO NOTHING) SELECT * FROM p",
                     query);
}

static void make_present(builder *b)
{
    const gw_mapping *m = b->mapping;
    const char *marked = "false";
    if (m->deletes == GW_DELETES_SOFT) {
        const gw_source_column *mark =
            gw_source_column_of(&b->plan->destination, m->deletes_column.text);
        marked = gw_printf(b->arena,
                           strcmp(mark->type.base_type, "boolean") == 0 ? "t.%s IS TRUE"
                                                                        : "t.%s IS NOT NULL",
                           gw_quote_ident(b->arena, mark->name));
    }
    b->out->print_there = print_of(b, "t");
    b->out->print_row = print_of(b, "r");
    b->out->marked = marked;
    b->out->same_key = gw_apply_same_key(b, "t", "r");
    b->out->columns = gw_alloc_array(b->arena, b->targets.len, sizeof *b->out->columns);
    for (size_t i = 0; i < b->targets.len; i++)
        b->out->columns[b->out->column_count++] =
            (gw_apply_column){.name = b->targets.items[i].column->name,
                              .later = b->targets.items[i].later,
                              .clock = b->targets.items[i].clock};
    b->out->present = note_there(
        b, gw_printf(b->arena,
                     "SELECT r." GW_NUMBER " AS number, %s AS print, %s AS wanted "
                     "FROM pg_temp.gw_row r JOIN %s t ON %s WHERE " NOT_BAD("r")
                     " ORDER BY r." GW_NUMBER " FOR UPDATE OF t",
                     b->out->print_there, b->out->print_row, b->destination, b->out->same_key));
}

/* ---- what is gone -------------------------------------------------------------------------------
 */

/* The value of a key column of the destination, from the source's key e.key; NULL: it cannot be
 * told from it. */
static const char *gone_value(builder *b, const gw_source_column *column)
{
    const gw_map_field *field = gw_mapping_field(b->mapping, column->name);
    const gw_said_list *key = &b->mapping->source.key;
    if (!field || field->kind != GW_FIELD_COPY)
        return NULL;
    for (size_t i = 0; i < key->len; i++) {
        if (strcmp(key->items[i].text, field->from.items[0].text) != 0)
            continue;
        const char *text =
            key->len == 1 ? "e.key" : gw_printf(b->arena, "(e.key::pg_catalog.jsonb ->> %zu)", i);
        const gw_source_column *from = gw_source_column_of(&b->plan->source, key->items[i].text);
        if (gw_type_travels_binary(&from->type))
            text = gw_printf(b->arena, "(%s)::%s", text, from->type.base_type);
        return cast(b, text, column);
    }
    return NULL;
}

/* The columns by which a row that is gone is found: the destination's key, copies of the source's
 * key, or the old key that Godwit writes beside the row. *count 0: it cannot be found. */
static const char **gone_columns(builder *b, size_t *count)
{
    const gw_mapping *m = b->mapping;
    size_t most = m->destination.key.len + m->source.key.len + 1;
    const char **found = gw_alloc_array(b->arena, most, sizeof *found);
    size_t keys = made_here(b) ? 1 : m->destination.key.len;
    bool all = true;
    *count = 0;
    for (size_t i = 0; i < keys; i++) {
        found[(*count)++] = m->destination.key.items[i].text;
        all = all && (made_here(b) ||
                      gone_value(b, gw_source_column_of(&b->plan->destination,
                                                        m->destination.key.items[i].text)));
    }
    if (all)
        return found;
    *count = 0;
    for (size_t i = 0; i < m->source.key.len; i++)
        for (size_t k = 0; k < m->fields.len; k++)
            if (m->fields.items[k].kind == GW_FIELD_COPY && !b->plan->fields[k].second_pass &&
                strcmp(m->fields.items[k].from.items[0].text, m->source.key.items[i].text) == 0) {
                found[(*count)++] = m->fields.items[k].to.text;
                break;
            }
    if (*count == m->source.key.len)
        return found;
    *count = m->destination.legacy_id.text ? 1 : 0;
    found[0] = m->destination.legacy_id.text;
    return found;
}

static const char *gone_from(builder *b, const gw_source_column *column)
{
    const char *legacy = b->mapping->destination.legacy_id.text;
    if (made_here(b))
        return cast(b, "m.modern_id", column);
    return legacy && strcmp(legacy, column->name) == 0 ? cast(b, "e.key", column)
                                                       : gone_value(b, column);
}

static void make_gone(builder *b)
{
    const gw_mapping *m = b->mapping;
    gw_buf columns = GW_BUF(b->arena), values = GW_BUF(b->arena), alike = GW_BUF(b->arena),
           table = GW_BUF(b->arena);
    const char *mark = NULL;
    size_t count;
    const char **by = gone_columns(b, &count);
    for (size_t i = 0; i < count; i++) {
        const gw_source_column *column = gw_source_column_of(&b->plan->destination, by[i]);
        const char *name = gw_quote_ident(b->arena, by[i]);
        gw_buf_addf(&columns, ", %s", name);
        gw_buf_addf(&values, ", %s", gone_from(b, column));
        gw_buf_addf(&alike, "%st.%s = g.%s", i ? " AND " : "", name, name);
        gw_buf_addf(&table, ", %s %s", name, column->type.base_type);
    }
    b->out->tables = gw_printf(b->arena,
                               "%s; CREATE TEMP TABLE gw_gone (gw_n bigint NOT NULL, gw_key text "
                               "COLLATE \"C\" NOT NULL, " GW_NUMBER " bigint NOT NULL%s) "
                               "ON COMMIT DELETE ROWS",
                               b->out->tables, gw_buf_str(&table));
    if (!count)
        return;
    b->out->gone_by = by;
    b->out->gone_by_count = count;
    b->out->gone = gw_printf(
        b->arena,
        "INSERT INTO pg_temp.gw_gone (gw_n, gw_key, " GW_NUMBER "%s) SELECT -e.place, e.key, "
        "-e.place%s FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) "
        "WITH ORDINALITY e (key, place) LEFT JOIN godwit.migration_mappings m "
        "ON m.entity_type = %s AND m.legacy_id = e.key",
        gw_buf_str(&columns), gw_buf_str(&values), b->entity);
    const char *same = gw_buf_str(&alike);
    const char *some = "g." GW_NUMBER " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8";
    b->out->gone_present = note_there(
        b, gw_printf(b->arena,
                     "SELECT g.gw_n AS number, %s AS print FROM pg_temp.gw_gone g JOIN %s t ON %s "
                     "ORDER BY g.gw_n DESC FOR UPDATE OF t",
                     print_of(b, "t"), b->destination, same));
    if (m->deletes == GW_DELETES_SOFT)
        mark = gw_printf(
            b->arena, "UPDATE %s t SET %s = %s FROM pg_temp.gw_gone g", b->destination,
            gw_quote_ident(b->arena, m->deletes_column.text),
            strcmp(
                gw_source_column_of(&b->plan->destination, m->deletes_column.text)->type.base_type,
                "boolean") == 0
                ? "true"
                : "pg_catalog.now()");
    else if (m->deletes == GW_DELETES_DELETE)
        mark = gw_printf(b->arena, "DELETE FROM %s t USING pg_temp.gw_gone g", b->destination);
    if (mark)
        b->out->gone_write =
            gw_printf(b->arena, "%s WHERE %s AND %s AND " THERE("g") " AND " NOT_BAD("g"), mark,
                      same, some);
    if (m->deletes == GW_DELETES_DELETE && made_here(b))
        b->out->gone_map =
            gw_printf(b->arena,
                      "DELETE FROM godwit.migration_mappings m USING pg_temp.gw_gone g"
                      " WHERE m.entity_type = %s AND m.legacy_id = g.gw_key AND " NOT_BAD("g"),
                      b->entity);
}

/* ---- the quarantine
 * ------------------------------------------------------------------------------ */

static void make_rejects(builder *b)
{
    const gw_projection *p = b->projection;
    gw_buf labels = GW_BUF(b->arena), values = GW_BUF(b->arena);
    for (size_t i = 0; i < p->count; i++) {
        gw_buf_addf(&labels, "%s%s", i ? ", " : "", gw_quote_literal(b->arena, p->columns[i].name));
        if (p->columns[i].sensitive)
            gw_buf_addf(&values, "%sCASE WHEN s.gw_%zu IS NOT NULL THEN '***' END", i ? ", " : "",
                        i + 1);
        else
            gw_buf_addf(&values, "%ss.gw_%zu::pg_catalog.text", i ? ", " : "", i + 1);
    }
    b->out->rejects = gw_printf(
        b->arena,
        "INSERT INTO godwit.sync_rejects AS q (entity_type, key, kind, action, rule, field, "
        "message, sqlstate, place, source_row, source_hash, run_id) "
        "SELECT $1::pg_catalog.text, s.gw_key, b.kind, $2::pg_catalog.text, b.rule, b.field, "
        "coalesce(b.message, ''), b.sqlstate, b.place, s.source_row, s.gw_hash, "
        "$3::pg_catalog.uuid FROM pg_temp.gw_bad b JOIN ("
        "SELECT s.gw_n, s.gw_key, s.gw_hash, pg_catalog.jsonb_object(ARRAY[%s]::pg_catalog.text[], "
        "ARRAY[%s]::pg_catalog.text[]) AS source_row FROM pg_temp.gw_stage s "
        "UNION ALL SELECT g.gw_n, g.gw_key, NULL, NULL FROM pg_temp.gw_gone g) s ON s.gw_n = "
        "b.gw_n "
        "WHERE b.kind <> 'keep' ON CONFLICT (entity_type, key) DO UPDATE SET kind = excluded.kind, "
        "action = excluded.action, rule = excluded.rule, field = excluded.field, "
        "message = excluded.message, sqlstate = excluded.sqlstate, place = excluded.place, "
        "source_row = excluded.source_row, source_hash = excluded.source_hash, "
        "run_id = excluded.run_id, attempts = q.attempts + 1, "
        "last_seen = pg_catalog.clock_timestamp()",
        gw_buf_str(&labels), gw_buf_str(&values));
}

bool gw_apply_sql_make(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                       const gw_source_names *leaving, gw_apply_sql *out, gw_err *err)
{
    const gw_mapping *mapping = projection->entity->mapping;
    size_t function = 0;
    builder b = {.arena = arena,
                 .session = destination,
                 .projection = projection,
                 .plan = projection->entity,
                 .mapping = mapping,
                 .entity = gw_quote_literal(arena, mapping->entity.text),
                 .destination = gw_mapping_table_sql(arena, &mapping->destination.table),
                 .joins = GW_BUF(arena),
                 .references = GW_BUF(arena),
                 .wrong = GW_BUF(arena),
                 .dangling = GW_BUF(arena),
                 .later_joins = GW_BUF(arena),
                 .later_missing = GW_BUF(arena),
                 .later_from = GW_BUF(arena),
                 .leaving = leaving,
                 .out = out};
    *out = (gw_apply_sql){0};
    for (size_t i = 0; i < mapping->fields.len; i++)
        if (!take_field(&b, i, &function, err))
            return false;
    take_own(&b);
    make_tables(&b);
    make_ids(&b);
    make_conversion(&b);
    gw_apply_sql_rules(arena, projection, out);
    if (!gw_apply_sql_references(destination, arena, projection, leaving, out, err))
        return false;
    make_write(&b);
    if (!make_first(&b, err))
        return false;
    make_present(&b);
    gw_apply_sql_later(&b);
    make_gone(&b);
    gw_apply_sql_let_go(&b);
    make_rejects(&b);
    return true;
}
