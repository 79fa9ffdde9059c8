/*
 * Files that were run with a search_path that the shadow does not have, or in a schema that none of them makes:
 * what they need there, or what they made, lies elsewhere.
 */
#include <string.h>

#include "app/comparison.h"
#include "app/replayed.h"
#include "schema/ddl.h"
#include "schema/kind.h"
#include "sql_app.h"

const char *const *gw_schemas_there(gw_session *session, gw_arena *arena)
{
    struct {
        const char *name;
    } *rows;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_err ignored = {0};
    gw_result result;
    void *items = NULL;
    bool ok = gw_query(session, arena, &gw_sql_schemas_there, NULL, 0, &result, &ignored) &&
              gw_rows(arena, &result, cols, 1, sizeof *rows, &items, &ignored);
    gw_err_clear(&ignored);
    if (!ok)
        return NULL;
    rows = items;
    const char **names = gw_alloc_array(arena, result.rows + 1, sizeof *names);
    for (size_t i = 0; i < result.rows; i++)
        names[i] = rows[i].name;
    return names;
}

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Of a tenant among others, and of whatever else is in the database, a name that does not stand there is not meant. */
static bool is_meant(const gw_replayed *r, size_t file, const char *name, const gw_err *err)
{
    const gw_shadow_target *target = r->ran && r->ran[file] ? &r->ran[file]->target : &r->trial->target;
    bool meant = strstr(err->message, name) != NULL;
    for (size_t i = 0; !meant && i < target->setting_count; i++)
        meant = strcmp(target->settings[i].name, "search_path") == 0 && strstr(target->settings[i].value, name);
    gw_arena *scratch = gw_arena_new();
    gw_err ignored = {0};
    const gw_statement *s = NULL;
    gw_statements *statements = gw_statements_open(scratch, &r->checked[file], &r->script);
    while (!meant && gw_statements_next(statements, true, &s, &ignored) && s)
        meant = strstr(s->text, name) != NULL;
    gw_err_clear(&ignored);
    gw_arena_free(scratch);
    return meant;
}

bool gw_replayed_explain(const gw_replayed *r, size_t file, gw_session *session, gw_err *err)
{
    if (strcmp(err->sqlstate, "3F000") != 0 || !r->trial->schemas || !session)
        return false;
    gw_arena *scratch = gw_arena_new();
    const char *const *made = gw_schemas_there(session, scratch), *const *name = r->trial->schemas;
    while (made && *name && (is_among(made, *name) || !is_meant(r, file, *name, err)))
        name++;
    if (made && *name)
        gw_err_hint(err, "schema %s is in the database, and no migration before this one makes it: add one with an "
                         "earlier version that says CREATE SCHEMA IF NOT EXISTS %s, and run it with godwit up "
                         "--out-of-order", *name, gw_ddl_name(scratch, *name));
    gw_arena_free(scratch);
    return false;
}

/* ---- what lies elsewhere ------------------------------------------------------------------------ */

static bool can_lie_elsewhere(const gw_object *object)
{
    static const char *const kinds[] = {"table", "view", "materialized view", "sequence", "enum", "domain",
                                        "composite type", "routine", NULL};
    return object && object->schema && !object->parent && is_among(kinds, object->kind->name);
}

/* In the database alone, where the files alone make it under the same name in another schema. */
static const gw_object *made_by_files(const gw_schema_plan *plan, bool database_is_x, const gw_object *there)
{
    for (size_t i = 0; i < plan->changes.len; i++) {
        const gw_change *change = &plan->changes.items[i];
        const gw_object *of_files = database_is_x ? change->y : change->x;
        const gw_object *of_database = database_is_x ? change->x : change->y;
        if (!of_database && can_lie_elsewhere(of_files) && of_files->kind == there->kind &&
            strcmp(of_files->name, there->name) == 0)
            return of_files;
    }
    return NULL;
}

static void say(gw_comparison *c, const gw_schema *files, const gw_object *there, const gw_object *made)
{
    const char *what = gw_printf(c->trial->arena, "%s %s is in schema %s, and the files make it in %s",
                                 there->kind->name, there->name, there->schema, made->schema);
    if (!gw_schema_find(files, "schema", there->schema))
        gw_trial_warn(c->trial, "%s: no migration makes schema %s. If it is on the search_path of the role that ran "
                                "them, add a migration with an earlier version that says CREATE SCHEMA IF NOT EXISTS "
                                "%s, and run it with godwit up --out-of-order",
                      what, there->schema, gw_ddl_name(c->trial->arena, there->schema));
    else
        gw_trial_warn(c->trial, "%s: that run had another search_path than its login has now (options= of its URL, or "
                                "a setting changed since), which is not recorded. Give it to the login: ALTER ROLE … "
                                "IN DATABASE … SET search_path", what);
}

void gw_comparison_say_elsewhere(gw_comparison *c)
{
    bool database_is_x = gw_side_is_live(&c->x);
    const gw_side *files = database_is_x ? &c->y : &c->x;
    const gw_schema_plan *plan = c->diff.plan;
    GW_VEC(const char *) said = {0};
    if (files->sort != GW_SIDE_MIGRATIONS || database_is_x == gw_side_is_live(&c->y))
        return;
    for (size_t i = 0; i < plan->changes.len; i++) {
        const gw_change *change = &plan->changes.items[i];
        const gw_object *there = database_is_x ? change->x : change->y;
        bool alone = !(database_is_x ? change->y : change->x) && can_lie_elsewhere(there);
        const gw_object *made = alone ? made_by_files(plan, database_is_x, there) : NULL;
        bool known = false;
        for (size_t k = 0; made && k < said.len; k++)
            known = known || strcmp(said.items[k], there->schema) == 0;
        if (!made || known)
            continue;
        *gw_vec_push(c->trial->arena, &said) = there->schema;
        say(c, files->schema, there, made);
    }
}
