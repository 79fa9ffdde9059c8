/*
 * For tests in Python: schemas read and planned, a request a line, an answer a line.
 *
 *   diff<TAB>CONNINFO<TAB>CONNINFO   {"equal", "sql": [...], "notes": [...], "changes": [...]}
 *   dump<TAB>CONNINFO                the same, from an empty database
 *   read<TAB>CONNINFO                {"fingerprint", "schema"}
 *   kinds                            [names]
 * Where it fails: {"error"}. Ends with its input.
 */
#include <stdio.h>
#include <string.h>

#include "pg/session.h"
#include "schema/kind.h"
#include "schema/plan.h"

static gw_schema *read_schema(gw_arena *arena, const char *conninfo, gw_err *err)
{
    gw_session *session;
    gw_schema *schema = NULL;
    gw_connect connect = {.conninfo = conninfo, .pinned = true};
    if (!gw_session_open(arena, &connect, &session, err))
        return NULL;
    if (!gw_schema_read(session, arena, NULL, &schema, err))
        schema = NULL;
    gw_session_close(session);
    return schema;
}

static json_t *change_json(const gw_change *change)
{
    const gw_object *object = change->y ? change->y : change->x;
    json_t *json = json_object(), *details = json_array();
    json_object_set_new(json, "kind", gw_json_text(object->kind->name));
    json_object_set_new(json, "object", gw_json_text(object->key));
    json_object_set_new(json, "action", gw_json_text(gw_ddl_action_name(change->action)));
    for (size_t i = 0; i < change->details.len; i++)
        json_array_append_new(details, gw_json_text(change->details.items[i]));
    json_object_set_new(json, "details", details);
    json_object_set_new(json, "rebuilt", json_boolean(change->rebuilt));
    return json;
}

static json_t *plan_json(gw_arena *arena, const gw_schema *x, const gw_schema *y, gw_err *err)
{
    gw_schema_plan *plan;
    gw_ddl_options options = {.runner = "postgres"};
    if (!gw_schema_plan_make(arena, x, y, &options, &plan, err))
        return NULL;
    json_t *json = json_object(), *sql = json_array(), *notes = json_array(),
           *changes = json_array();
    for (size_t i = 0; i < plan->statements.len; i++)
        json_array_append_new(sql, gw_json_text(plan->statements.items[i].sql));
    for (size_t i = 0; i < plan->notes.len; i++)
        json_array_append_new(notes, gw_json_text(plan->notes.items[i]));
    for (size_t i = 0; i < plan->changes.len; i++)
        json_array_append_new(changes, change_json(&plan->changes.items[i]));
    json_object_set_new(json, "equal", json_boolean(plan->equal));
    json_object_set_new(json, "sql", sql);
    json_object_set_new(json, "notes", notes);
    json_object_set_new(json, "changes", changes);
    return json;
}

static json_t *answer(gw_arena *arena, char *line, gw_err *err)
{
    char *one = strchr(line, '\t');
    if (one)
        *one++ = '\0';
    if (strcmp(line, "kinds") == 0) {
        json_t *names = json_array();
        for (size_t i = 0; i < gw_kind_count; i++)
            json_array_append_new(names, gw_json_text(gw_kinds[i]->name));
        return names;
    }
    char *two = one ? strchr(one, '\t') : NULL;
    if (two)
        *two++ = '\0';
    gw_schema *first = read_schema(arena, one ? one : "", err);
    if (!first)
        return NULL;
    if (strcmp(line, "read") == 0) {
        json_t *json = json_object();
        json_object_set_new(json, "fingerprint",
                            gw_json_text(gw_schema_fingerprint(arena, first)));
        json_object_set(json, "schema", gw_schema_json(arena, first));
        return json;
    }
    if (strcmp(line, "dump") == 0)
        return plan_json(arena, gw_schema_empty(arena, first->server_version), first, err);
    gw_schema *second = read_schema(arena, two ? two : "", err);
    return second ? plan_json(arena, first, second, err) : NULL;
}

int main(void)
{
    static char line[8192];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        gw_arena *arena = gw_arena_new();
        gw_err err = {0};
        json_t *json = answer(arena, line, &err);
        if (!json) {
            json = json_object();
            json_object_set_new(json, "error",
                                gw_json_text(gw_printf(arena, "%s %s (%s)", err.message,
                                                       err.detail ? err.detail : "",
                                                       err.sqlstate)));
        }
        json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        putchar('\n');
        fflush(stdout);
        json_decref(json);
        gw_err_clear(&err);
        gw_arena_free(arena);
    }
    return 0;
}
