/* Rules as statements: what breaks one goes into pg_temp.gw_bad. */
#include <ctype.h>
#include <string.h>

#include "base/vec.h"
#include "sql/quote.h"
#include "sync/apply_sql.h"

typedef struct rules {
    gw_arena *arena;
    const gw_projection *projection;
    GW_VEC(const char *) texts;
    GW_VEC(const char *) later; /* of the second pass */
    gw_buf violations;
    bool is_later;
} rules;

static const char required_message[] = "it is required and has no value";

static void add(rules *r, const char *rule, const char *field, const char *message,
                const char *violation)
{
    const char *text = gw_printf(
        r->arena,
        "INSERT INTO pg_temp.gw_bad (gw_n, kind, rule, field, message) "
        "SELECT d." GW_NUMBER ", 'rule', %s, %s, %s FROM pg_temp.gw_row d "
        "WHERE d." GW_NUMBER " BETWEEN $1::pg_catalog.int8 AND $2::pg_catalog.int8 AND (%s) "
        "ON CONFLICT (gw_n) DO NOTHING",
        gw_quote_literal(r->arena, rule), gw_quote_literal(r->arena, field),
        gw_quote_literal(r->arena, message), violation);
    if (r->is_later) {
        *gw_vec_push(r->arena, &r->later) = text;
        return;
    }
    gw_buf_addf(&r->violations, "%s(%s)", r->violations.len ? " OR " : "", violation);
    *gw_vec_push(r->arena, &r->texts) = text;
}

static const char *column(rules *r, const char *name)
{
    return gw_printf(r->arena, "d.%s", gw_quote_ident(r->arena, name));
}

static const char *range(rules *r, const gw_rule_said *rule, const char *of)
{
    const char *name = rule->fields.items[0].text;
    const char *type =
        gw_source_column_of(&r->projection->entity->destination, name)->type.base_type;
    const char *low = "false", *high = "false";
    if (rule->min.text)
        low = gw_printf(r->arena, "%s < %s::%s", of, gw_quote_literal(r->arena, rule->min.text),
                        type);
    if (rule->max.text)
        high = gw_printf(r->arena, "%s > %s::%s", of, gw_quote_literal(r->arena, rule->max.text),
                         type);
    return gw_printf(r->arena, "%s OR %s", low, high);
}

/* Another row of the batch before it, or one of the destination that the batch does not write. */
static const char *unique(rules *r, const gw_rule_said *rule)
{
    const gw_mapping *mapping = r->projection->entity->mapping;
    gw_buf batch = GW_BUF(r->arena), there = GW_BUF(r->arena), key = GW_BUF(r->arena);
    for (size_t i = 0; i < rule->fields.len; i++) {
        const char *name = gw_quote_ident(r->arena, rule->fields.items[i].text);
        gw_buf_addf(&batch, "e.%s = d.%s AND ", name, name);
        gw_buf_addf(&there, "t.%s = d.%s AND ", name, name);
    }
    for (size_t i = 0; i < mapping->destination.key.len; i++) {
        const char *name = gw_quote_ident(r->arena, mapping->destination.key.items[i].text);
        gw_buf_addf(&key, "%sk.%s = t.%s", i ? " AND " : "", name, name);
    }
    return gw_printf(
        r->arena,
        "EXISTS (SELECT FROM pg_temp.gw_row e WHERE %se." GW_NUMBER " < d." GW_NUMBER
        " AND NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = e." GW_NUMBER "))"
        " OR EXISTS (SELECT FROM %s t WHERE %sNOT EXISTS "
        "(SELECT FROM pg_temp.gw_row k WHERE %s))",
        gw_buf_str(&batch), gw_mapping_table_sql(r->arena, &mapping->destination.table),
        gw_buf_str(&there), gw_buf_str(&key));
}

static void add_rule(rules *r, const gw_rule_said *rule)
{
    const char *field = rule->fields.len ? rule->fields.items[0].text : NULL;
    const char *of = field ? column(r, field) : NULL;
    const char *violation = NULL, *message = NULL;
    switch (rule->kind) {
    case GW_RULE_REQUIRED:
        violation = gw_printf(r->arena, "%s IS NULL", of);
        message = required_message;
        break;
    case GW_RULE_FORMAT:
        violation = gw_printf(r->arena, "%s::pg_catalog.text !~ %s", of,
                              gw_quote_literal(r->arena, rule->pattern.text));
        message = gw_printf(r->arena, "it is not of the form %s", rule->pattern.text);
        break;
    case GW_RULE_RANGE:
        violation = range(r, rule, of);
        message = gw_printf(r->arena, "it is not between %s and %s",
                            rule->min.text ? rule->min.text : "any",
                            rule->max.text ? rule->max.text : "any");
        break;
    case GW_RULE_UNIQUE:
        violation = unique(r, rule);
        message = "another row has the same value";
        break;
    case GW_RULE_SQL:
        violation = gw_printf(r->arena, "NOT (%s\n)", rule->sql.text);
        message = gw_printf(r->arena, "it is against the rule %s", rule->sql.text);
        break;
    }
    add(r, gw_rule_word(rule->kind), field, rule->message.text ? rule->message.text : message,
        violation);
}

static bool in_a_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_$", c));
}

static bool speaks_of(const char *text, const char *column)
{
    size_t len = strlen(column);
    for (const char *at = text; (at = strcasestr(at, column)); at++)
        if ((at == text || !in_a_word(at[-1])) && !in_a_word(at[len]))
            return true;
    return false;
}

/* Of a field that stays NULL until the second pass. */
static bool comes_later(const rules *r, const gw_rule_said *rule)
{
    const gw_entity_plan *plan = r->projection->entity;
    for (size_t i = 0; i < plan->mapping->fields.len; i++) {
        const char *name = plan->mapping->fields.items[i].to.text;
        bool is = plan->fields[i].second_pass && rule->kind == GW_RULE_SQL &&
                  speaks_of(rule->sql.text, name);
        for (size_t k = 0; k < rule->fields.len && plan->fields[i].second_pass; k++)
            is = is || strcmp(name, rule->fields.items[k].text) == 0;
        if (is)
            return true;
    }
    return false;
}

const char *gw_apply_sql_required(const gw_mapping *mapping, const gw_map_field *field)
{
    for (size_t i = 0; i < mapping->rules.len; i++) {
        const gw_rule_said *rule = &mapping->rules.items[i];
        if (rule->kind == GW_RULE_REQUIRED &&
            strcmp(rule->fields.items[0].text, field->to.text) == 0)
            return rule->message.text ? rule->message.text : required_message;
    }
    return NULL;
}

/* An index of the destination refuses a second one, whoever writes it. */
static bool indexed(const rules *r, const gw_rule_said *rule)
{
    const gw_source_relation *table = &r->projection->entity->destination;
    for (size_t i = 0; i < table->key_count; i++) {
        const gw_source_names *of = &table->keys[i].columns;
        size_t found = 0;
        for (size_t k = 0; k < of->len; k++)
            for (size_t j = 0; j < rule->fields.len; j++)
                found += strcmp(of->items[k], rule->fields.items[j].text) == 0;
        if (found == of->len)
            return true;
    }
    return false;
}

static void add_one(rules *r, const gw_rule_said *rule, gw_apply_sql *out)
{
    r->is_later = comes_later(r, rule);
    if (r->is_later && rule->kind == GW_RULE_REQUIRED) /* what comes later is known by then */
        return;
    out->later_all = out->later_all || (r->is_later && rule->kind == GW_RULE_SQL);
    out->rules_together = out->rules_together || (!r->is_later && rule->kind == GW_RULE_UNIQUE);
    out->rules_apart =
        out->rules_apart || (!r->is_later && rule->kind == GW_RULE_UNIQUE && !indexed(r, rule));
    add_rule(r, rule);
}

void gw_apply_sql_rules(gw_arena *arena, const gw_projection *projection, gw_apply_sql *out)
{
    rules r = {.arena = arena, .projection = projection, .violations = GW_BUF(arena)};
    const gw_mapping *mapping = projection->entity->mapping;
    for (size_t i = 0; i < mapping->fields.len; i++)
        if (mapping->fields.items[i].required && !projection->entity->fields[i].second_pass)
            add(&r, "required", mapping->fields.items[i].to.text, required_message,
                gw_printf(arena, "%s IS NULL", column(&r, mapping->fields.items[i].to.text)));
    for (size_t i = 0; i < mapping->rules.len; i++)
        if (mapping->rules.items[i].kind != GW_RULE_UNIQUE)
            add_one(&r, &mapping->rules.items[i], out);
    for (size_t i = 0; i < mapping->rules.len; i++) /* what fails another rule takes no place */
        if (mapping->rules.items[i].kind == GW_RULE_UNIQUE)
            add_one(&r, &mapping->rules.items[i], out);
    out->violations = r.violations.len ? gw_buf_str(&r.violations) : NULL;
    out->rules = r.texts.items;
    out->rule_count = r.texts.len;
    out->later_rules = r.later.items;
    out->later_rule_count = r.later.len;
}
