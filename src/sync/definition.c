#include "sync/definition.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "control/control.h"
#include "sql_sync.h"
#include "sync/load.h"

bool gw_definitions_read(gw_session *session, gw_arena *arena, const char *entity,
                         gw_definition_list *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"id", GW_COL_TEXT, true, offsetof(gw_definition, id)},
        {"entity", GW_COL_TEXT, true, offsetof(gw_definition, entity)},
        {"version", GW_COL_TEXT, true, offsetof(gw_definition, version)},
        {"active", GW_COL_BOOL, true, offsetof(gw_definition, active)},
        {"source_table", GW_COL_TEXT, true, offsetof(gw_definition, source_table)},
        {"destination_table", GW_COL_TEXT, true, offsetof(gw_definition, destination_table)},
        {"body", GW_COL_TEXT, true, offsetof(gw_definition, body)},
        {"body_hash", GW_COL_TEXT, true, offsetof(gw_definition, body_hash)},
        {"script", GW_COL_TEXT, false, offsetof(gw_definition, script)},
        {"described", GW_COL_TEXT, true, offsetof(gw_definition, described)},
        {"compiled", GW_COL_TEXT, false, offsetof(gw_definition, compiled)},
        {"created_at", GW_COL_TIME, true, offsetof(gw_definition, created_at)},
        {"updated_at", GW_COL_TIME, true, offsetof(gw_definition, updated_at)},
    };
    gw_param param = gw_p_text(entity);
    gw_result result;
    void *rows;
    int version = 0;
    *out = (gw_definition_list){0};
    if (!gw_control_part_version(session, "differential", &version, err))
        return false;
    if (!version)
        return true;
    if (!gw_query(session, arena, &gw_sql_definition_list, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_definition), &rows,
                 err)) {
        gw_control_explain(session, err);
        return gw_err_context(err, "while reading the registered mappings");
    }
    *out = (gw_definition_list){.items = rows, .len = result.rows};
    return true;
}

bool gw_definition_active(gw_session *session, gw_arena *arena, const char *entity,
                          gw_definition *out, bool *found, gw_err *err)
{
    gw_definition_list list;
    *found = false;
    if (!gw_definitions_read(session, arena, entity, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (list.items[i].active) {
            *out = list.items[i];
            *found = true;
        }
    return true;
}

bool gw_definition_mapping(gw_arena *arena, const gw_definition *definition, gw_mapping *out,
                           gw_err *err)
{
    gw_problems problems = {.arena = arena};
    const char *name = gw_printf(arena, "%s %s", definition->entity, definition->version);
    if (gw_mapping_read(arena, name, NULL, definition->body, strlen(definition->body),
                        definition->script, &problems, out)) {
        out->functions.compiled = definition->compiled;
        return true;
    }
    gw_err_set(err, GW_ERR_STATE, "the registered mapping %s cannot be read", name);
    gw_err_detail(err, "%s", problems.list.items[0].message);
    return gw_err_hint(err, "it was registered by another Godwit: register a version of it anew");
}

bool gw_definitions_active(gw_session *session, gw_arena *arena, gw_mapping_list *out,
                           gw_err *err)
{
    gw_definition_list list;
    *out = (gw_mapping_list){0};
    if (!gw_definitions_read(session, arena, NULL, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++) {
        gw_mapping mapping;
        if (!list.items[i].active)
            continue;
        if (!gw_definition_mapping(arena, &list.items[i], &mapping, err))
            return false;
        *gw_vec_push(arena, out) = mapping;
    }
    return true;
}

/* ---- registering ------------------------------------------------------------------------- */

static bool make_active(gw_session *session, const char *entity, const char *id, gw_err *err)
{
    gw_param name = gw_p_text(entity), uuid = gw_p_text(id);
    return gw_exec_sql(session, &gw_sql_definition_deactivate, &name, 1, err) &&
           gw_exec_sql(session, &gw_sql_definition_activate, &uuid, 1, err);
}

static bool put(gw_session *session, gw_arena *arena, const gw_entity_plan *entity, const char *id,
                gw_err *err)
{
    const gw_mapping *m = entity->mapping;
    gw_param params[] = {
        gw_p_text(id),
        gw_p_text(m->entity.text),
        gw_p_text(m->source.query.text ? "(query)"
                                       : gw_mapping_table_shown(arena, &m->source.table)),
        gw_p_text(gw_mapping_table_shown(arena, &m->destination.table)),
        gw_p_text(gw_json_dump(arena, gw_mapping_fields_json(arena, m))),
        gw_p_text(gw_json_dump(arena, gw_mapping_rules_json(arena, m))),
        gw_p_text(gw_json_dump(arena, gw_mapping_functions_json(arena, m))),
        gw_p_text(m->version.text),
        gw_p_text(m->body),
        gw_p_text(m->body_hash),
        gw_p_text(m->functions.text),
        gw_p_text(gw_json_dump(arena, gw_entity_described(arena, entity))),
        gw_p_text(entity->compiled),
    };
    return gw_exec_sql(session, &gw_sql_definition_put, params, sizeof params / sizeof *params,
                       err);
}

static bool other_body(const gw_mapping *m, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "version %s of %s is registered with another text",
               m->version.text, m->entity.text);
    gw_err_at(err, m->file, m->version.line, m->version.col);
    return gw_err_hint(err, "a registered version never changes: give this one a higher \"version\"");
}

bool gw_definition_register(gw_session *session, gw_arena *arena, const gw_entity_plan *entity,
                            bool activate, gw_registered *out, gw_err *err)
{
    const gw_mapping *m = entity->mapping;
    gw_definition_list list;
    const gw_definition *same = NULL;
    if (!gw_definitions_read(session, arena, m->entity.text, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (strcmp(list.items[i].version, m->version.text) == 0)
            same = &list.items[i];
    *out = same ? GW_REGISTERED_AGAIN : GW_REGISTERED_NEW;
    if (same && strcmp(same->body_hash, m->body_hash) != 0)
        return other_body(m, err);
    const char *id = same ? same->id : gw_strdup(arena, gw_uuid_v7().text);
    if (same) {
        gw_param params[] = {gw_p_text(id),
                             gw_p_text(gw_json_dump(arena, gw_entity_described(arena, entity))),
                             gw_p_text(entity->compiled)};
        if (!gw_exec_sql(session, &gw_sql_definition_refresh, params, 3, err))
            return false;
    } else if (!put(session, arena, entity, id, err)) {
        return gw_err_context(err, "while registering the mapping of %s", m->entity.text);
    }
    return !activate || make_active(session, m->entity.text, id, err);
}

bool gw_definition_activate(gw_session *session, gw_arena *arena, const char *entity,
                            const char *version, gw_err *err)
{
    gw_definition_list list;
    if (!gw_definitions_read(session, arena, entity, &list, err))
        return false;
    gw_buf known = GW_BUF(arena);
    for (size_t i = 0; i < list.len; i++) {
        if (strcmp(list.items[i].version, version) == 0)
            return make_active(session, entity, list.items[i].id, err);
        gw_buf_addf(&known, "%s%s", i ? ", " : "", list.items[i].version);
    }
    if (!list.len)
        return gw_err_set(err, GW_ERR_STATE, "no mapping of %s is registered", entity);
    gw_err_set(err, GW_ERR_STATE, "there is no version %s of %s", version, entity);
    return gw_err_hint(err, "registered: %s", gw_buf_str(&known));
}

/* ---- before a run ------------------------------------------------------------------------- */

static bool describe_source(gw_source *source, gw_arena *arena, const gw_mapping *m,
                            gw_source_relation *out, gw_err *err)
{
    bool found;
    if (!m->source.query.text)
        return source->engine->describe(source, arena, m->source.table.schema,
                                        m->source.table.name, out, &found, err);
    return source->engine->describe_query(
        source, arena, gw_printf(arena, "SELECT * FROM (%s\n) s", m->source.query.text), out, err);
}

/* What the check made of a field, as it was kept. */
static bool take_field(gw_arena *arena, json_t *fields, gw_field_plan *plan)
{
    size_t i;
    json_t *one;
    json_array_foreach(fields, i, one) {
        const char *to = json_string_value(json_object_get(one, "to"));
        if (!to || strcmp(to, plan->field->to.text) != 0)
            continue;
        const char *word = json_string_value(json_object_get(one, "conversion"));
        plan->source_type = gw_strdup(arena, json_string_value(json_object_get(one, "source_type")));
        plan->type = gw_strdup(arena, json_string_value(json_object_get(one, "type")));
        plan->to_type = gw_strdup(arena, json_string_value(json_object_get(one, "to_type")));
        plan->binary = json_is_true(json_object_get(one, "binary"));
        plan->second_pass = json_is_true(json_object_get(one, "second_pass"));
        for (int c = GW_CONVERT_SAME; word && c <= GW_CONVERT_TEXT; c++)
            if (strcmp(gw_conversion_word((gw_conversion)c), word) == 0)
                plan->conversion = (gw_conversion)c;
        return word != NULL;
    }
    return false;
}

static bool take_kept(gw_arena *arena, const gw_definition *definition, json_t *was,
                      gw_entity_plan *out, gw_err *err)
{
    const gw_mapping *m = out->mapping;
    json_t *fields = json_object_get(was, "fields"), *name;
    size_t i;
    out->fields = gw_alloc_array(arena, m->fields.len, sizeof *out->fields);
    for (size_t k = 0; k < m->fields.len; k++) {
        out->fields[k].field = &m->fields.items[k];
        if (take_field(arena, fields, &out->fields[k]))
            continue;
        gw_err_set(err, GW_ERR_STATE, "what was kept of the mapping %s %s cannot be read",
                   definition->entity, definition->version);
        return gw_err_hint(err, "register it again: it is checked anew");
    }
    json_array_foreach(json_object_get(was, "needs"), i, name)
        *gw_vec_push(arena, &out->needs) = gw_strdup(arena, json_string_value(name));
    return true;
}

/* Keys that a first load builds at its end count as being there. */
static bool take_postponed(gw_session *destination, gw_arena *arena, const char *entity,
                           json_t *was, json_t *is, gw_err *err)
{
    int64_t postponed;
    if (!gw_load_postponed(destination, arena, entity, &postponed, err))
        return false;
    if (postponed)
        json_object_set(json_object_get(is, "destination"), "keys",
                        json_object_get(json_object_get(was, "destination"), "keys"));
    return true;
}

bool gw_definition_plan(gw_source *source, gw_session *destination, gw_arena *arena,
                        const gw_definition *definition, const gw_mapping *mapping,
                        gw_entity_plan *out, gw_source_names *differences, gw_err *err)
{
    bool found;
    *differences = (gw_source_names){0};
    *out = (gw_entity_plan){.mapping = mapping, .compiled = definition->compiled, .ok = true};
    gw_err problem = {0};
    json_t *was = gw_json_parse(arena, "described", definition->described,
                                strlen(definition->described), err);
    if (!was || !take_kept(arena, definition, was, out, err))
        return false;
    if (!gw_pg_describe(destination, arena, mapping->destination.table.schema,
                        mapping->destination.table.name, &out->destination, &found, err))
        return gw_err_context(err, "while looking at the destination of %s", definition->entity);
    if (!describe_source(source, arena, mapping, &out->source, &problem)) {
        bool query = mapping->source.query.text && problem.kind == GW_ERR_SQL;
        if (!query) {
            gw_err_move(err, &problem);
            return gw_err_context(err, "while looking at the source of %s", definition->entity);
        }
        *gw_vec_push(arena, differences) =
            gw_printf(arena, "source: the query fails: %s", problem.message);
        gw_err_clear(&problem);
        return true;
    }
    json_t *is = gw_entity_described(arena, out);
    if (!take_postponed(destination, arena, definition->entity, was, is, err))
        return false;
    gw_described_differences(arena, was, is, differences);
    return true;
}

bool gw_mapping_drifted(gw_source *source, gw_session *destination, gw_arena *arena,
                        const gw_definition *definition, gw_source_names *differences,
                        gw_err *err)
{
    gw_mapping *mapping = gw_alloc(arena, sizeof *mapping);
    gw_entity_plan plan;
    return gw_definition_mapping(arena, definition, mapping, err) &&
           gw_definition_plan(source, destination, arena, definition, mapping, &plan, differences,
                              err);
}
