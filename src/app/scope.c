/*
 * A tenant that is a schema, compared: its schema, and beside it what all tenants share. The schemas of
 * the others are left out, and files are loaded beside what is shared, as they would run for the tenant.
 */
#include <string.h>

#include "app/side.h"
#include "schema/kind.h"

static bool is_kind(const gw_object *object, const char *name)
{
    return strcmp(object->kind->name, name) == 0;
}

static bool of_others(const gw_scope *scope, const gw_object *object)
{
    const char *in = is_kind(object, "schema") ? object->name : object->schema;
    for (size_t i = 0; in && i < scope->count; i++)
        if (strcmp(scope->others[i], in) == 0)
            return true;
    if (!is_kind(object, "publication table") && !is_kind(object, "publication schema"))
        return false;
    for (size_t i = 0; i < object->needs.len; i++)
        if (object->needs.items[i].object->kind != object->kind &&
            of_others(scope, object->needs.items[i].object))
            return true;
    return false;
}

static bool of_tenant(const gw_scope *scope, const gw_object *object)
{
    while (object->parent)
        object = object->parent;
    return object->schema && strcmp(object->schema, scope->schema) == 0 && !is_kind(object, "extension");
}

bool gw_scope_leaves_out(const gw_scope *scope, const gw_object *object)
{
    return of_others(scope, object);
}

bool gw_scope_leaves_out_unrendered(const gw_scope *scope, const char *schema)
{
    return !schema || strcmp(schema, scope->schema) != 0;
}

static bool unrendered_of_others(void *self, const char *schema)
{
    return gw_scope_leaves_out_unrendered(self, schema);
}

static bool all_unrendered(void *self, const char *schema)
{
    (void)self;
    (void)schema;
    return true;
}

static bool not_shared(void *self, const gw_object *object)
{
    return of_others(self, object) || of_tenant(self, object);
}

static bool not_of_tenant(void *self, const gw_object *object)
{
    return !of_tenant(self, object);
}

static bool any(void *self, const gw_object *object)
{
    (void)self;
    (void)object;
    return true;
}

bool gw_scope_read(const gw_scope *scope, gw_session *session, gw_arena *arena, gw_schema **nothing,
                   gw_schema **out, gw_err *err)
{
    gw_schema_options all = {.leave_out = any, .leave_out_unrendered = all_unrendered};
    gw_schema_options others = {.leave_out = not_of_tenant,
                                .leave_out_unrendered = unrendered_of_others,
                                .self = (void *)(uintptr_t)scope};
    return gw_schema_read(session, arena, &all, nothing, err) &&
           gw_schema_read(session, arena, &others, out, err);
}

bool gw_trial_stand_on_shared(gw_trial *trial, const gw_scope *scope, gw_session *session,
                              gw_err *err)
{
    gw_schema_options options = {.leave_out = not_shared,
                                 .leave_out_unrendered = all_unrendered,
                                 .self = (void *)(uintptr_t)scope,
                                 .unix_lines = trial->unix_lines};
    gw_schema *shared = NULL;
    if (!gw_schema_read(session, trial->arena, &options, &shared, err))
        return gw_err_context(err, "reading what the tenants share");
    trial->base = shared;
    gw_trial_search_path(trial, scope->search_path, scope->schema);
    return true;
}

bool gw_app_scope(gw_app *app, gw_arena *arena, const gw_target *target, const gw_scope **out,
                  gw_err *err)
{
    gw_target_list all;
    *out = NULL;
    if (!app->environment.for_each.schemas)
        return true;
    if (!gw_app_all_targets(app, arena, &all, err))
        return false;
    gw_scope *scope = gw_alloc(arena, sizeof *scope);
    *scope = (gw_scope){.schema = target->row_tenant, .search_path = target->search_path};
    scope->others = gw_alloc_array(arena, all.len + 1, sizeof *scope->others);
    for (size_t i = 0; i < all.len; i++)
        if (strcmp(all.items[i].row_tenant, target->row_tenant) != 0)
            scope->others[scope->count++] = all.items[i].row_tenant;
    *out = scope;
    return true;
}
