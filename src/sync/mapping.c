/* A mapping as a value: what others ask of it, and how it is kept. */
#include "sync/mapping.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "sql/quote.h"

const char *gw_identity_word(gw_identity identity)
{
    static const char *const words[] = {"keep", "uuid-v5", "uuid-v7", "generated"};
    return words[identity];
}

const char *gw_rule_word(gw_rule_kind kind)
{
    static const char *const words[] = {"required", "unique", "format", "range", "sql"};
    return words[kind];
}

const char *gw_field_kind_word(gw_field_kind kind)
{
    static const char *const words[] = {"from", "sql", "transform", "reference", "value"};
    return words[kind];
}

bool gw_mapping_has_id_map(const gw_mapping *mapping)
{
    return mapping->identity != GW_IDENTITY_KEEP;
}

const gw_map_field *gw_mapping_field(const gw_mapping *mapping, const char *to)
{
    for (size_t i = 0; i < mapping->fields.len; i++)
        if (strcmp(mapping->fields.items[i].to.text, to) == 0)
            return &mapping->fields.items[i];
    return NULL;
}

bool gw_mapping_masks(const gw_mapping *mapping)
{
    if (mapping->sensitive.len)
        return true;
    for (size_t i = 0; i < mapping->fields.len; i++)
        if (mapping->fields.items[i].sensitive)
            return true;
    return false;
}

static const char its_key[] = "its key is ";

bool gw_key_said(gw_err *err, const char *key, size_t len)
{
    return gw_err_detail(err, "%s%.*s", its_key, (int)len, key);
}

bool gw_mapping_key_masked(const gw_mapping *mapping)
{
    for (size_t i = 0; i < mapping->source.key.len; i++)
        if (gw_mapping_sensitive(mapping, mapping->source.key.items[i].text))
            return true;
    return false;
}

/* Too much rather than too little: also as a part of another word, and any name where some may be
 * spelled otherwise in the text (doubled quotes, U&"…"). */
static bool speaks_of(const char *text, const char *column)
{
    return strchr(column, '"') || strcasestr(text, column) || strcasestr(text, "u&\"");
}

static bool in_a_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_$'", c));
}

/* The whole row, as in to_jsonb(s) or row(s.*). */
static bool speaks_of_row(const char *text)
{
    for (const char *at = text; (at = strpbrk(at, "sS")); at++) {
        const char *next = at + 1;
        if ((at > text && (in_a_word(at[-1]) || at[-1] == '.')) || in_a_word(*next))
            continue;
        next += strspn(next, "\" \t\r\n");
        if (*next != '.' || next[1 + strspn(next + 1, " \t\r\n")] == '*')
            return true;
    }
    return false;
}

bool gw_mapping_field_masked(const gw_mapping *mapping, const gw_map_field *field)
{
    bool masked = field->sensitive || gw_mapping_sensitive(mapping, field->to.text);
    for (size_t i = 0; i < field->from.len; i++)
        masked = masked || gw_mapping_sensitive(mapping, field->from.items[i].text);
    if (masked || !gw_mapping_masks(mapping))
        return masked;
    if (field->kind == GW_FIELD_TRANSFORM)
        return true;
    if (field->kind != GW_FIELD_SQL)
        return false;
    if (speaks_of_row(field->sql.text))
        return true;
    for (size_t i = 0; i < mapping->sensitive.len; i++)
        if (speaks_of(field->sql.text, mapping->sensitive.items[i].text))
            return true;
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *other = &mapping->fields.items[i];
        for (size_t k = 0; other->sensitive && k < other->from.len; k++)
            if (speaks_of(field->sql.text, other->from.items[k].text))
                return true;
    }
    return false;
}

void gw_mapping_mask(const gw_mapping *mapping, gw_err *err)
{
    /* Connections, rights, room, locks. All else may be of a value: 'hush'::regclass is a table. */
    static const char *const others[] = {"08", "25", "28", "40", "42501", "53", "55", "57", "58", "XX"};
    gw_err masked = {0};
    if (err->detail && strncmp(err->detail, its_key, strlen(its_key)) == 0 &&
        gw_mapping_key_masked(mapping))
        gw_key_said(err, "***", 3);
    bool quotes = *err->sqlstate != '\0';
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        quotes = quotes && strncmp(err->sqlstate, others[i], strlen(others[i])) != 0;
    if (!quotes || !gw_mapping_masks(mapping))
        return;
    gw_err_set(&masked, err->kind,
               "the server refused a row (the message is not kept: the row has masked values)");
    memcpy(masked.sqlstate, err->sqlstate, sizeof masked.sqlstate);
    if (err->object)
        gw_err_object(&masked, "%s", err->object);
    gw_err_move(err, &masked);
}

bool gw_mapping_sensitive(const gw_mapping *mapping, const char *column)
{
    for (size_t i = 0; i < mapping->sensitive.len; i++)
        if (strcmp(mapping->sensitive.items[i].text, column) == 0)
            return true;
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *field = &mapping->fields.items[i];
        if (!field->sensitive)
            continue;
        if (strcmp(field->to.text, column) == 0)
            return true;
        for (size_t k = 0; k < field->from.len; k++)
            if (strcmp(field->from.items[k].text, column) == 0)
                return true;
    }
    return false;
}

static void need(gw_arena *arena, const gw_mapping *mapping, gw_said_list *list,
                 const gw_said *entity)
{
    if (!entity->text || strcmp(entity->text, mapping->entity.text) == 0)
        return;
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i].text, entity->text) == 0)
            return;
    *gw_vec_push(arena, list) = *entity;
}

gw_said_list gw_mapping_needs(gw_arena *arena, const gw_mapping *mapping)
{
    gw_said_list list = {0};
    for (size_t i = 0; i < mapping->depends_on.len; i++)
        need(arena, mapping, &list, &mapping->depends_on.items[i]);
    for (size_t i = 0; i < mapping->fields.len; i++)
        need(arena, mapping, &list, &mapping->fields.items[i].reference);
    return list;
}

const char *gw_mapping_table_shown(gw_arena *arena, const gw_mapping_table *table)
{
    return gw_display_name(arena, table->schema, table->name);
}

const char *gw_mapping_table_sql(gw_arena *arena, const gw_mapping_table *table)
{
    return gw_quote_name(arena, table->schema, table->name);
}

/* ---- as it is kept ---------------------------------------------------------------------- */

static void put(json_t *object, const char *key, const gw_said *said)
{
    if (said->text)
        json_object_set_new(object, key, gw_json_text(said->text));
}

static json_t *texts(const gw_said_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(array, gw_json_text(list->items[i].text));
    return array;
}

json_t *gw_mapping_fields_json(gw_arena *arena, const gw_mapping *mapping)
{
    json_t *all = json_array();
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *f = &mapping->fields.items[i];
        json_t *one = json_object();
        if (f->from.len == 1)
            put(one, "source_field", &f->from.items[0]);
        else if (f->from.len)
            json_object_set_new(one, "source_field", texts(&f->from));
        put(one, "destination_field", &f->to);
        put(one, "data_type", &f->type);
        json_object_set_new(one, "is_required", json_boolean(f->required));
        put(one, "default_value", &f->default_value);
        put(one, "transformation", &f->transform);
        put(one, "sql", &f->sql);
        put(one, "reference", &f->reference);
        if (f->kind == GW_FIELD_VALUE)
            json_object_set_new(one, "value", gw_json_text(f->value.text));
        if (f->sensitive)
            json_object_set_new(one, "sensitive", json_true());
        json_array_append_new(all, one);
    }
    return gw_json_own(arena, all);
}

json_t *gw_mapping_rules_json(gw_arena *arena, const gw_mapping *mapping)
{
    json_t *all = json_array();
    for (size_t i = 0; i < mapping->rules.len; i++) {
        const gw_rule_said *r = &mapping->rules.items[i];
        json_t *one = json_object(), *parameters = json_object();
        if (r->fields.len == 1)
            put(one, "field_name", &r->fields.items[0]);
        else if (r->fields.len)
            json_object_set_new(one, "field_name", texts(&r->fields));
        json_object_set_new(one, "rule_type", json_string(gw_rule_word(r->kind)));
        put(parameters, "pattern", &r->pattern);
        put(parameters, "min", &r->min);
        put(parameters, "max", &r->max);
        put(parameters, "sql", &r->sql);
        json_object_set_new(one, "rule_parameters", parameters);
        put(one, "message", &r->message);
        json_array_append_new(all, one);
    }
    return gw_json_own(arena, all);
}

json_t *gw_mapping_functions_json(gw_arena *arena, const gw_mapping *mapping)
{
    const gw_mapping_functions *functions = &mapping->functions;
    json_t *all = json_array();
    for (size_t i = 0; i < functions->len; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "name", gw_json_text(functions->items[i].name));
        json_object_set_new(one, "description", json_string(""));
        json_object_set_new(one, "function_body", gw_json_text(functions->items[i].body));
        json_array_append_new(all, one);
    }
    if (functions->file.text) {
        json_t *one = json_object();
        json_object_set_new(one, "name", gw_json_text(functions->file.text));
        json_object_set_new(one, "description", json_string("a file"));
        json_object_set_new(one, "function_body", gw_json_text(functions->text));
        json_array_append_new(all, one);
    }
    return gw_json_own(arena, all);
}
