/*
 * References to entities whose ids stay: the value itself goes on, and no id map says whether it
 * leads anywhere. Where no foreign key of the destination does either, the destination is asked.
 */
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_sql.h"

typedef struct holding {
    bool held, comparable;
    const char *collation;
} holding;

bool gw_reference_same(gw_session *session, gw_arena *arena, const gw_entity_plan *plan,
                       const gw_map_field *field, const gw_mapping *target, const char *value,
                       const char **same, bool *held, gw_err *err)
{
    static const gw_col cols[] = {
        {"held", GW_COL_BOOL, true, offsetof(holding, held)},
        {"comparable", GW_COL_BOOL, true, offsetof(holding, comparable)},
        {"collation", GW_COL_TEXT, false, offsetof(holding, collation)}};
    const char *key = target->destination.key.items[0].text;
    gw_param params[] = {gw_p_text(gw_mapping_table_sql(arena, &plan->mapping->destination.table)),
                         gw_p_text(field->to.text),
                         gw_p_text(gw_mapping_table_sql(arena, &target->destination.table)),
                         gw_p_text(key)};
    gw_result result;
    holding is;
    if (!gw_query(session, arena, &gw_sql_reference_held, params, 4, &result, err) ||
        !gw_row(arena, &result, cols, 3, &is, err))
        return false;
    const char *of = gw_quote_ident(arena, key);
    if (!is.comparable)
        *same = gw_printf(arena,
                          "(o.%s)::pg_catalog.text COLLATE \"C\" = (%s)::pg_catalog.text "
                          "COLLATE \"C\"",
                          of, value);
    else if (is.collation) /* the index of the key is of its collation */
        *same = gw_printf(arena, "o.%s = %s COLLATE %s", of, value, is.collation);
    else
        *same = gw_printf(arena, "o.%s = %s", of, value);
    *held = is.held;
    return true;
}

/* Is there no row of this key? Over the row d; NULL: there is nothing to ask. */
static bool lost(gw_session *session, gw_arena *arena, const gw_entity_plan *plan, size_t number,
                 const gw_source_names *leaving, const char **out, gw_err *err)
{
    const gw_map_field *field = &plan->mapping->fields.items[number];
    const gw_mapping *target = plan->fields[number].target;
    const char *value = gw_printf(arena, "d.%s", gw_quote_ident(arena, field->to.text)), *same;
    gw_buf text = GW_BUF(arena);
    bool held;
    *out = NULL;
    if (field->kind != GW_FIELD_REFERENCE || !target || gw_mapping_has_id_map(target) ||
        target->destination.key.len != 1)
        return true;
    if (!gw_reference_same(session, arena, plan, field, target, value, &same, &held, err))
        return false;
    const char *key = gw_printf(arena, "(o.%s)::pg_catalog.text",
                                gw_quote_ident(arena, target->destination.key.items[0].text));
    const char *stays = gw_apply_stays(arena, leaving, target->entity.text, key);
    if (held && !*stays)
        return true;
    gw_buf_addf(&text, "%s IS NOT NULL AND NOT EXISTS (SELECT FROM %s o WHERE %s%s)", value,
                gw_mapping_table_sql(arena, &target->destination.table), same, stays);
    if (field->default_value.text) /* what stands in for NULL was said by the mapping */
        gw_buf_addf(&text, " AND %s <> %s::%s", value,
                    gw_quote_literal(arena, field->default_value.text),
                    gw_source_column_of(&plan->destination, field->to.text)->type.base_type);
    *out = gw_buf_str(&text);
    return true;
}

bool gw_apply_sql_asks(gw_session *session, gw_arena *arena, const gw_entity_plan *plan,
                       size_t number, bool *asks, gw_err *err)
{
    static const gw_source_names none = {0};
    const char *condition;
    bool ok = lost(session, arena, plan, number, &none, &condition, err);
    *asks = ok && condition;
    return ok;
}

static const char *message_of(gw_arena *arena, const gw_mapping *mapping, const gw_map_field *field)
{
    const char *entity = field->reference.text;
    if (gw_mapping_field_masked(mapping, field))
        return gw_quote_literal(arena, gw_printf(arena, "there is no %s of this key", entity));
    return gw_printf(arena, "pg_catalog.format('there is no %%s %%s', %s, d.%s)",
                     gw_quote_literal(arena, entity), gw_quote_ident(arena, field->to.text));
}

/* Rows of pg_temp.gw_row between $1 and $2 that lead nowhere by this field. */
static const char *statement(gw_arena *arena, const gw_mapping *mapping, const gw_map_field *field,
                             const char *rule, const char *condition)
{
    return gw_printf(arena,
                     "INSERT INTO pg_temp.gw_bad (gw_n, kind, rule, field, message) "
                     "SELECT d." GW_NUMBER ", 'reference', %s, %s, %s FROM pg_temp.gw_row d "
                     "WHERE d." GW_NUMBER " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 "
                     "AND %s ON CONFLICT (gw_n) DO NOTHING",
                     rule, gw_quote_literal(arena, field->to.text),
                     message_of(arena, mapping, field), condition);
}

bool gw_apply_sql_references(gw_session *session, gw_arena *arena, const gw_projection *projection,
                             const gw_source_names *leaving, gw_apply_sql *out, gw_err *err)
{
    const gw_entity_plan *plan = projection->entity;
    const gw_mapping *mapping = plan->mapping;
    GW_VEC(const char *) first = {0}, later = {0};
    gw_buf violations = GW_BUF(arena);
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *field = &mapping->fields.items[i];
        const char *condition;
        if (!lost(session, arena, plan, i, leaving, &condition, err))
            return false;
        if (!condition)
            continue;
        if (plan->fields[i].second_pass) {
            *gw_vec_push(arena, &later) =
                statement(arena, mapping, field, "'second pass'", condition);
            continue;
        }
        gw_buf_addf(&violations, "%s(%s)", violations.len ? " OR " : "", condition);
        *gw_vec_push(arena, &first) = statement(arena, mapping, field, "NULL", condition);
    }
    out->later_lost = later.items;
    out->later_lost_count = later.len;
    if (!first.len)
        return true;
    if (out->violations)
        gw_buf_addf(&violations, " OR %s", out->violations);
    out->violations = gw_buf_str(&violations);
    for (size_t i = 0; i < out->rule_count; i++) /* a row that leads nowhere is no other rule's */
        *gw_vec_push(arena, &first) = out->rules[i];
    out->rules = first.items;
    out->rule_count = first.len;
    return true;
}
