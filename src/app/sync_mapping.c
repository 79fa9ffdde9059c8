/* The project's mappings: checked, registered, listed, drafted. */
#include <string.h>

#include "app/internal.h"
#include "app/sync.h"
#include "base/file.h"
#include "control/control.h"

/* The texts; false in *any where none of them could be read. */
static bool load(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                 gw_mapping_check *out, gw_err *err)
{
    gw_sync_settings settings;
    out->problems = (gw_problems){.arena = arena};
    if (!gw_app_sync_settings(app, arena, &settings, err))
        return false;
    if (!count && !gw_file_is_dir(settings.mappings)) {
        gw_err_set(err, GW_ERR_CONFIG, "there is no folder %s with mappings",
                   settings.mappings_shown);
        return gw_err_hint(err, "`godwit sync mapping scaffold` makes first drafts in it");
    }
    if (!gw_mappings_load(arena, settings.mappings, files, count, &out->problems, &out->mappings,
                          err))
        return false;
    if (out->mappings.len || out->problems.list.len)
        return true;
    gw_err_set(err, GW_ERR_CONFIG, "there is no mapping in %s", settings.mappings_shown);
    return gw_err_hint(err, "`godwit sync mapping scaffold` makes first drafts in it");
}

/* Active definitions of entities whose files were not among those given. */
static bool others_of(gw_session *destination, gw_arena *arena, const gw_mapping_list *mappings,
                      gw_mapping_list *out, gw_err *err)
{
    gw_mapping_list active;
    *out = (gw_mapping_list){0};
    if (!gw_definitions_active(destination, arena, &active, err))
        return false;
    for (size_t i = 0; i < active.len; i++) {
        bool given = false;
        for (size_t k = 0; k < mappings->len; k++)
            given = given || strcmp(mappings->items[k].entity.text,
                                    active.items[i].entity.text) == 0;
        if (!given)
            *gw_vec_push(arena, out) = active.items[i];
    }
    return true;
}

static bool check(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                  gw_sync_sides *sides, gw_mapping_check *out, gw_err *err)
{
    gw_mapping_list others;
    *out = (gw_mapping_check){0};
    if (!load(app, arena, files, count, out, err))
        return false;
    if (!out->mappings.len)
        return true;
    out->checked = true;
    return gw_app_sync_open(app, arena, sides, err) &&
           others_of(sides->destination, arena, &out->mappings, &others, err) &&
           gw_mappings_check(sides->source, sides->destination, arena, &out->mappings, &others,
                             &out->check, err);
}

bool gw_app_mapping_check(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                          gw_mapping_check *out, gw_err *err)
{
    gw_sync_sides sides;
    return check(app, arena, files, count, &sides, out, err);
}

bool gw_app_mapping_register(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                             bool activate, gw_mapping_check *result, gw_mapping_registered **out,
                             gw_err *err)
{
    gw_sync_sides sides;
    *out = NULL;
    if (!gw_app_may_write(app, err) || !check(app, arena, files, count, &sides, result, err))
        return false;
    if (result->problems.list.len || result->check.errors)
        return true;
    size_t len = result->check.entity_count;
    gw_mapping_registered *done = gw_alloc_array(arena, len, sizeof *done);
    gw_session *session = sides.destination;
    if (!gw_control_ensure_part(session, "differential", app->actor.user, err) ||
        !gw_session_begin(session, "read committed", err))
        return false;
    for (size_t i = 0; i < len; i++) {
        const gw_entity_plan *entity = &result->check.entities[i];
        done[i] = (gw_mapping_registered){.entity = entity->mapping->entity.text,
                                          .version = entity->mapping->version.text};
        if (!gw_definition_register(session, arena, entity, activate, &done[i].what, err)) {
            gw_session_rollback(session);
            return gw_control_explain(session, err);
        }
    }
    *out = done;
    return gw_session_commit(session, err);
}

bool gw_app_mapping_list(gw_app *app, gw_arena *arena, const char *entity,
                         gw_definition_list *out, gw_err *err)
{
    gw_session *session;
    return gw_app_sync_destination(app, arena, &session, err) &&
           gw_definitions_read(session, arena, entity, out, err);
}

bool gw_app_mapping_activate(gw_app *app, gw_arena *arena, const char *entity,
                             const char *version, gw_err *err)
{
    gw_session *session;
    if (!gw_app_may_write(app, err) || !gw_app_sync_destination(app, arena, &session, err) ||
        !gw_session_begin(session, "read committed", err))
        return false;
    if (gw_definition_activate(session, arena, entity, version, err))
        return gw_session_commit(session, err);
    gw_session_rollback(session);
    return gw_control_explain(session, err);
}

/* ---- scaffold ---------------------------------------------------------------------------- */

typedef struct relations {
    gw_source_relation *items;
    size_t len;
} relations;

/* Tables that rows can be read from or written to, described. */
static bool describe_all(gw_session *session, gw_arena *arena, const char *kinds, relations *out,
                         gw_err *err)
{
    gw_source_table_name *names;
    size_t count;
    *out = (relations){0};
    if (!gw_pg_tables(session, arena, &names, &count, err))
        return false;
    out->items = gw_alloc_array(arena, count, sizeof *out->items);
    for (size_t i = 0; i < count; i++) {
        bool found;
        gw_source_relation *relation = &out->items[out->len];
        if (!gw_pg_describe(session, arena, names[i].schema, names[i].name, relation, &found, err))
            return false;
        if (found && strchr(kinds, *relation->kind))
            out->len++;
    }
    return true;
}

static bool wanted(gw_arena *arena, const gw_source_relation *relation, const char *const *tables,
                   size_t count, bool *seen)
{
    const char *whole = gw_printf(arena, "%s.%s", relation->schema, relation->name);
    bool any = !count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(tables[i], whole) == 0 ||
            (strcmp(tables[i], relation->name) == 0 && strcmp(relation->schema, "public") == 0))
            any = seen[i] = true;
    return any;
}

/* The entity is called like the destination's table; a second one of that name, like its own. */
static const char *name_entity(gw_arena *arena, const gw_scaffold_pair *pairs, size_t count,
                               const gw_scaffold_pair *pair)
{
    const char *name = pair->destination ? pair->destination->name : pair->source->name;
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].entity, name) == 0)
            return gw_printf(arena, "%s.%s", pair->source->schema, pair->source->name);
    return name;
}

/* A file's name of an entity: what a folder cannot hold becomes an underscore. */
static const char *file_name(gw_arena *arena, const char *entity)
{
    char *name = gw_printf(arena, "%s.yaml", entity);
    for (char *p = name; *p; p++)
        if (*p == '/' || (unsigned char)*p < ' ' || (p == name && *p == '.'))
            *p = '_';
    return name;
}

static bool write_drafts(gw_arena *arena, const gw_sync_settings *settings,
                         const gw_scaffold_pair *pairs, size_t count, gw_scaffolded *out,
                         gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = file_name(arena, pairs[i].entity);
        const char *path = gw_path_join(arena, settings->mappings, name);
        out[i] = (gw_scaffolded){
            .table = gw_printf(arena, "%s.%s", pairs[i].source->schema, pairs[i].source->name),
            .entity = pairs[i].entity,
            .reason = pairs[i].reason};
        if (!pairs[i].text)
            continue;
        if (gw_file_exists(path)) {
            out[i].reason = gw_printf(arena, "%s is there already", gw_path_from_here(path));
            continue;
        }
        if (!gw_file_make_dirs(settings->mappings, 0755, err) ||
            !gw_file_create(path, pairs[i].text, strlen(pairs[i].text), 0644, err))
            return false;
        out[i].file = gw_path_from_here(path);
    }
    return true;
}

bool gw_app_mapping_scaffold(gw_app *app, gw_arena *arena, const char *const *tables,
                             size_t count, gw_scaffolded **out, size_t *out_count, gw_err *err)
{
    gw_sync_sides sides;
    relations from, to;
    bool *seen = gw_alloc_array(arena, count, sizeof *seen);
    *out_count = 0;
    if (!gw_app_sync_open(app, arena, &sides, err) ||
        !describe_all(sides.source->session, arena, "rpvmf", &from, err) ||
        !describe_all(sides.destination, arena, "rp", &to, err))
        return false;
    gw_scaffold_pair *pairs = gw_alloc_array(arena, from.len, sizeof *pairs);
    size_t len = 0;
    for (size_t i = 0; i < from.len; i++) {
        bool table = *from.items[i].kind == 'r' || *from.items[i].kind == 'p';
        if (!wanted(arena, &from.items[i], tables, count, seen) || (!count && !table))
            continue;
        gw_scaffold_pair pair = {.source = &from.items[i]};
        pair.destination = gw_scaffold_match(pair.source, to.items, to.len);
        pair.entity = name_entity(arena, pairs, len, &pair);
        pairs[len++] = pair;
    }
    for (size_t i = 0; i < count; i++)
        if (!seen[i]) {
            gw_err_set(err, GW_ERR_USAGE, "there is no table %s in the source", tables[i]);
            return gw_err_hint(err, "it is written as NAME (of schema public) or SCHEMA.NAME");
        }
    gw_scaffold(arena, pairs, len);
    *out = gw_alloc_array(arena, len, sizeof **out);
    *out_count = len;
    return write_drafts(arena, &sides.settings, pairs, len, *out, err);
}
