/* `fields:` and `rules:` of a mapping. */
#include <string.h>

#include "sync/reader.h"

/* ---- fields ----------------------------------------------------------------------------- */

typedef struct field_keys {
    gw_map_field field;
    gw_mapping_reader *r;
} field_keys;

static void take_text(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    gw_said said;
    if (!gw_yaml_single(d, entry, &said))
        return;
    if (!*said.text)
        gw_problem_add(d->problems, said.line, said.col, "\"%s\" is empty", entry->key);
    else
        *(gw_said *)(void *)((char *)target + key->offset) = said;
}

/* A constant may be empty; `default` may not be NULL, for that is what it stands in for. */
static void take_constant(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                          void *target)
{
    gw_said *out = (void *)((char *)target + key->offset);
    field_keys *f = target;
    if (key->offset == offsetof(field_keys, field.value)) {
        f->field.kind = GW_FIELD_VALUE;
        out->line = entry->value.line;
        out->col = entry->value.col;
        if (entry->value.kind == GW_YAML_NULL)
            return;
    }
    gw_yaml_single(d, entry, out);
}

static void take_column(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    field_keys *f = target;
    gw_said said;
    if (gw_yaml_single(d, entry, &said) && gw_mapping_column_ok(f->r, entry->key, &said))
        *(gw_said *)(void *)((char *)target + key->offset) = said;
}

static void take_from(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    field_keys *f = target;
    (void)key;
    if (!gw_yaml_some(d, entry, "a column, or a list of columns", &f->field.from))
        return;
    for (size_t i = 0; i < f->field.from.len; i++)
        gw_mapping_column_ok(f->r, entry->key, &f->field.from.items[i]);
}

static void take_bool(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    gw_yaml_bool(d, entry, (void *)((char *)target + key->offset));
}

/* Where its value comes from: exactly one of five ways. */
static void settle_kind(gw_mapping_reader *r, gw_map_field *field)
{
    gw_problems *problems = r->d.problems;
    const struct {
        const char *key;
        bool there;
        gw_field_kind kind;
    } ways[] = {
        {"sql", field->sql.text, GW_FIELD_SQL},
        {"transform", field->transform.text, GW_FIELD_TRANSFORM},
        {"reference", field->reference.text, GW_FIELD_REFERENCE},
        {"value", field->kind == GW_FIELD_VALUE, GW_FIELD_VALUE},
    };
    int found = 0;
    gw_field_kind kind = GW_FIELD_COPY;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!ways[i].there)
            continue;
        kind = ways[i].kind;
        found++;
    }
    field->kind = kind;
    size_t from = field->from.len;
    if (found > 1)
        gw_problem_add(problems, field->line, field->col,
                       "the field \"%s\" has more than one of sql, transform, reference, value",
                       field->to.text);
    else if (kind == GW_FIELD_COPY && !from)
        gw_problem_add(problems, field->line, field->col,
                       "the field \"%s\" says nowhere what goes into it: from, sql, transform or "
                       "value", field->to.text);
    else if (kind == GW_FIELD_REFERENCE && !from)
        gw_problem_add(problems, field->line, field->col,
                       "the reference in \"%s\" has no \"from\": the column with the other row's "
                       "key", field->to.text);
    else if (kind != GW_FIELD_COPY && kind != GW_FIELD_REFERENCE && from)
        gw_problem_add(problems, field->from.items[0].line, field->from.items[0].col,
                       "the field \"%s\" takes %s or from, not both", field->to.text,
                       gw_field_kind_word(kind));
    else if (kind != GW_FIELD_REFERENCE && from > 1)
        gw_problem_add(problems, field->from.items[1].line, field->from.items[1].col,
                       "the field \"%s\" comes from one column; several are for a reference, or "
                       "for sql", field->to.text);
}

static void take_field(gw_mapping_reader *r, const gw_yaml *item)
{
    static const gw_yaml_key keys[] = {
        {"to", take_column, offsetof(field_keys, field.to), 0},
        {"from", take_from, 0, 0},
        {"type", take_text, offsetof(field_keys, field.type), 0},
        {"required", take_bool, offsetof(field_keys, field.required), 0},
        {"default", take_constant, offsetof(field_keys, field.default_value), 0},
        {"sql", take_text, offsetof(field_keys, field.sql), 0},
        {"transform", take_text, offsetof(field_keys, field.transform), 0},
        {"reference", take_text, offsetof(field_keys, field.reference), 0},
        {"value", take_constant, offsetof(field_keys, field.value), 0},
        {"sensitive", take_bool, offsetof(field_keys, field.sensitive), 0},
    };
    field_keys f = {.r = r, .field = {.line = item->line, .col = item->col}};
    size_t before = r->d.problems->list.len;
    if (item->kind != GW_YAML_MAP) {
        gw_problem_add(r->d.problems, item->line, item->col,
                       "a field is a mapping ({from: A, to: B}), not %s",
                       gw_yaml_kind_name(item->kind));
        return;
    }
    gw_yaml_take_keys(&r->d, item, GW_YAML_KEYS(keys), &f);
    if (r->d.problems->list.len != before)
        return;
    if (!f.field.to.text) {
        gw_problem_add(r->d.problems, item->line, item->col,
                       "a field has no \"to\": the destination's column");
        return;
    }
    settle_kind(r, &f.field);
    const gw_map_field *twin = gw_mapping_field(r->mapping, f.field.to.text);
    if (twin) {
        gw_problem_add(r->d.problems, f.field.to.line, f.field.to.col,
                       "two fields go to \"%s\"", f.field.to.text);
        gw_problem_hint(r->d.problems, "the first is in line %u", twin->line);
    } else {
        *gw_vec_push(r->d.arena, &r->mapping->fields) = f.field;
    }
}

void gw_mapping_take_fields(gw_mapping_reader *r, const gw_yaml_entry *entry)
{
    if (entry->value.kind != GW_YAML_LIST) {
        gw_yaml_wrong_kind(&r->d, entry, "a list of fields ({from: A, to: B})");
        return;
    }
    for (size_t i = 0; i < entry->value.count; i++)
        take_field(r, &entry->value.entries[i].value);
}

/* ---- rules ------------------------------------------------------------------------------ */

typedef struct rule_keys {
    gw_rule_said rule;
    bool named; /* `rule:` was given */
} rule_keys;

static const char *const rule_words[] = {"required", "unique", "format", "range", "sql", NULL};

static void take_rule_kind(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                           void *target)
{
    rule_keys *k = target;
    int which = 0;
    (void)key;
    if (gw_yaml_choice(d, entry, rule_words, &which)) {
        k->rule.kind = (gw_rule_kind)which;
        k->named = true;
    }
}

static void take_rule_fields(gw_yaml_decoder *d, const gw_yaml_key *key,
                             const gw_yaml_entry *entry, void *target)
{
    (void)key;
    gw_yaml_some(d, entry, "a field, or a list of fields", &((rule_keys *)target)->rule.fields);
}

static void take_parameters(gw_yaml_decoder *d, const gw_yaml_key *key,
                            const gw_yaml_entry *entry, void *target)
{
    static const gw_yaml_key keys[] = {
        {"pattern", take_text, offsetof(rule_keys, rule.pattern), 0},
        {"min", take_text, offsetof(rule_keys, rule.min), 0},
        {"max", take_text, offsetof(rule_keys, rule.max), 0},
        {"sql", take_text, offsetof(rule_keys, rule.sql), 0},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void misplaced(gw_mapping_reader *r, const gw_said *said, gw_rule_kind kind)
{
    if (said->text)
        gw_problem_add(r->d.problems, said->line, said->col, "a rule \"%s\" does not take this",
                       rule_words[kind]);
}

/* Every kind has its parameters, and no others. */
static void settle_rule(gw_mapping_reader *r, const gw_rule_said *rule)
{
    gw_problems *problems = r->d.problems;
    gw_rule_kind kind = rule->kind;
    size_t fields = rule->fields.len;
    if (kind != GW_RULE_SQL && !fields)
        gw_problem_add(problems, rule->line, rule->col, "a rule \"%s\" has no \"field\"",
                       rule_words[kind]);
    if (kind != GW_RULE_UNIQUE && fields > 1)
        gw_problem_add(problems, rule->fields.items[1].line, rule->fields.items[1].col,
                       "a rule \"%s\" takes one field", rule_words[kind]);
    if (kind == GW_RULE_FORMAT && !rule->pattern.text)
        gw_problem_add(problems, rule->line, rule->col,
                       "a rule \"format\" needs parameters: {pattern: '…'}");
    if (kind == GW_RULE_RANGE && !rule->min.text && !rule->max.text)
        gw_problem_add(problems, rule->line, rule->col,
                       "a rule \"range\" needs parameters: {min: …, max: …}, or one of them");
    if (kind == GW_RULE_SQL && !rule->sql.text)
        gw_problem_add(problems, rule->line, rule->col,
                       "a rule \"sql\" needs its condition: {rule: sql, sql: \"…\"}");
    if (kind != GW_RULE_FORMAT)
        misplaced(r, &rule->pattern, kind);
    if (kind != GW_RULE_RANGE) {
        misplaced(r, &rule->min, kind);
        misplaced(r, &rule->max, kind);
    }
    if (kind != GW_RULE_SQL)
        misplaced(r, &rule->sql, kind);
}

static void take_rule(gw_mapping_reader *r, const gw_yaml *item)
{
    static const gw_yaml_key keys[] = {
        {"rule", take_rule_kind, 0, 0},
        {"field", take_rule_fields, 0, 0},
        {"fields", take_rule_fields, 0, 0},
        {"parameters", take_parameters, 0, 0},
        {"sql", take_text, offsetof(rule_keys, rule.sql), 0},
        {"message", take_text, offsetof(rule_keys, rule.message), 0},
    };
    rule_keys k = {.rule = {.line = item->line, .col = item->col}};
    size_t before = r->d.problems->list.len;
    if (item->kind != GW_YAML_MAP) {
        gw_problem_add(r->d.problems, item->line, item->col,
                       "a rule is a mapping ({field: A, rule: required}), not %s",
                       gw_yaml_kind_name(item->kind));
        return;
    }
    gw_yaml_take_keys(&r->d, item, GW_YAML_KEYS(keys), &k);
    if (r->d.problems->list.len != before)
        return;
    if (!k.named && k.rule.sql.text) {
        k.rule.kind = GW_RULE_SQL;
        k.named = true;
    }
    if (!k.named) {
        gw_problem_add(r->d.problems, item->line, item->col, "a rule has no \"rule\": %s",
                       gw_name_list(r->d.arena, rule_words));
        return;
    }
    settle_rule(r, &k.rule);
    *gw_vec_push(r->d.arena, &r->mapping->rules) = k.rule;
}

void gw_mapping_take_rules(gw_mapping_reader *r, const gw_yaml_entry *entry)
{
    if (entry->value.kind != GW_YAML_LIST) {
        gw_yaml_wrong_kind(&r->d, entry, "a list of rules ({field: A, rule: required})");
        return;
    }
    for (size_t i = 0; i < entry->value.count; i++)
        take_rule(r, &entry->value.entries[i].value);
}
