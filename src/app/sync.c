/* Both sides of a move of rows. */
#include "app/sync.h"

#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/vec.h"
#include "config/problems.h"
#include "control/control.h"
#include "sql_sync.h"

bool gw_app_sync_settings(gw_app *app, gw_arena *arena, gw_sync_settings *out, gw_err *err)
{
    const gw_environment *env;
    return gw_app_environment(app, &env, err) &&
           gw_config_sync(arena, &app->config, env, out, err);
}

bool gw_app_sync_destination(gw_app *app, gw_arena *arena, gw_session **out, gw_err *err)
{
    gw_connect connect;
    if (!gw_app_connect_options(app, true, &connect, err))
        return false;
    connect.pinned = true;
    return gw_session_open(arena, &connect, out, err);
}

static bool no_source(const gw_app *app, gw_err *err)
{
    gw_err_set(err, GW_ERR_CONFIG, "godwit.yaml does not say where rows come from");
    gw_err_hint(err, "add sync: { source: \"${SOURCE_DATABASE_URL}\" }, or set GODWIT_SOURCE_URL");
    return gw_err_at(err, app->config.file, 0, 0);
}

bool gw_app_sync_open(gw_app *app, gw_arena *arena, gw_sync_sides *out, gw_err *err)
{
    const gw_source_engine *engine;
    *out = (gw_sync_sides){0};
    if (!gw_app_sync_settings(app, arena, &out->settings, err))
        return false;
    if (!out->settings.source || !*out->settings.source)
        return no_source(app, err);
    if (!gw_source_engine_of(out->settings.source, &engine, err)) {
        if (out->settings.source_line)
            gw_err_at(err, app->config.file, out->settings.source_line, out->settings.source_col);
        return false;
    }
    return gw_app_sync_destination(app, arena, &out->destination, err) &&
           gw_app_sync_source(app, arena, &out->settings, &out->source, err);
}

bool gw_app_sync_source(gw_app *app, gw_arena *arena, const gw_sync_settings *settings,
                        gw_source **out, gw_err *err)
{
    gw_connect connect;
    if (!gw_app_connect_options(app, true, &connect, err))
        return false;
    connect.conninfo = settings->source;
    connect.pooler = GW_POOLER_AUTO;
    connect.pinned = true;
    return gw_source_open(arena, &connect, out, err);
}

/* ---- the active mappings ------------------------------------------------------------------- */

static bool none_active(gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "no mapping is active in this database");
    return gw_err_hint(err, "godwit sync mapping register stores and activates those of the folder");
}

static bool cannot_run_together(gw_arena *arena, const gw_check *check, gw_err *err)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < check->findings.len; i++) {
        const gw_finding *f = &check->findings.items[i];
        if (f->error)
            gw_buf_addf(&text, "%s%s: %s", text.len ? "\n" : "", f->entity, f->message);
    }
    gw_err_set(err, GW_ERR_STATE, "the active mappings cannot run together");
    gw_err_detail(err, "%s", gw_buf_str(&text));
    return gw_err_hint(err, "godwit sync mapping check holds those of the folder against each other");
}

/* The first mapping that an entity ever had leaves its rows' fingerprints as they are; they are
 * shorter so. Each other one makes others of them: rows that came by it have to come again. */
static uint64_t salt_of(const gw_definition_list *list, size_t index)
{
    const gw_definition *definition = &list->items[index];
    char digits[17] = "";
    if (index == 0 || strcmp(list->items[index - 1].entity, definition->entity) != 0)
        return 0;
    memcpy(digits, definition->body_hash, 16);
    return strtoull(digits, NULL, 16) >> 1 | 1;
}

typedef struct active {
    gw_mapping_list mappings;
    gw_sync_entity *entities; /* one of each */
    gw_entity_plan *plans;
} active;

static bool read_active(gw_sync *sync, gw_arena *arena, active *out, gw_err *err)
{
    gw_definition_list list;
    if (!gw_definitions_read(sync->sides.destination, arena, NULL, &list, err))
        return false;
    for (size_t i = 0; i < list.len; i++)
        if (list.items[i].active &&
            !gw_definition_mapping(arena, &list.items[i], gw_vec_push(arena, &out->mappings), err))
            return false;
    if (!out->mappings.len)
        return none_active(err);
    out->entities = gw_alloc_array(arena, out->mappings.len, sizeof *out->entities);
    out->plans = gw_alloc_array(arena, out->mappings.len, sizeof *out->plans);
    for (size_t i = 0, at = 0; i < list.len; i++) {
        gw_sync_entity *entity = &out->entities[at];
        if (!list.items[i].active)
            continue;
        *entity = (gw_sync_entity){.name = list.items[i].entity, .definition = list.items[i]};
        if (!gw_definition_plan(sync->sides.source, sync->sides.destination, arena,
                                &entity->definition, &out->mappings.items[at], &out->plans[at],
                                &entity->differences, err))
            return false;
        out->plans[at].salt = salt_of(&list, i);
        at++;
    }
    return true;
}

static bool load_entities(gw_sync *sync, gw_arena *arena, gw_err *err)
{
    active all = {0};
    gw_check check;
    if (!read_active(sync, arena, &all, err) ||
        !gw_plans_order(sync->sides.destination, arena, &all.mappings, all.plans, &check, err))
        return false;
    if (check.errors)
        return cannot_run_together(arena, &check, err);
    sync->count = check.entity_count;
    sync->entities = gw_alloc_array(arena, sync->count, sizeof *sync->entities);
    for (size_t i = 0; i < sync->count; i++)
        for (size_t k = 0; k < sync->count; k++)
            if (check.entities[i].mapping == &all.mappings.items[k]) {
                sync->entities[i] = all.entities[k];
                sync->entities[i].plan = check.entities[i];
            }
    return true;
}

static bool select_entities(gw_sync *sync, gw_arena *arena, const char *const *names, size_t count,
                            gw_err *err)
{
    const char **known = gw_alloc_array(arena, sync->count + 1, sizeof *known);
    for (size_t i = 0; i < sync->count; i++) {
        known[i] = sync->entities[i].name;
        sync->entities[i].selected = !count;
    }
    for (size_t i = 0; i < count; i++) {
        gw_sync_entity *entity = gw_sync_entity_of(sync, names[i]);
        if (entity) {
            entity->selected = true;
            continue;
        }
        const char *meant = gw_did_you_mean(names[i], known);
        gw_err_set(err, GW_ERR_USAGE, "no active mapping is of an entity \"%s\"", names[i]);
        if (meant)
            return gw_err_hint(err, "did you mean \"%s\"?", meant);
        return gw_err_hint(err, "godwit sync mapping list shows what is registered");
    }
    return true;
}

gw_sync_entity *gw_sync_entity_of(const gw_sync *sync, const char *name)
{
    for (size_t i = 0; i < sync->count; i++)
        if (strcmp(sync->entities[i].name, name) == 0)
            return &sync->entities[i];
    return NULL;
}

bool gw_sync_entity_fits(const gw_sync_entity *entity, gw_err *err)
{
    if (!entity->differences.len)
        return true;
    gw_arena *arena = gw_arena_new();
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < entity->differences.len; i++)
        gw_buf_addf(&text, "%s%s", i ? "\n" : "", entity->differences.items[i]);
    gw_err_set(err, GW_ERR_STATE,
               "%s is stopped: its tables are not as they were when version %s of its mapping was "
               "registered",
               entity->name, entity->definition.version);
    gw_err_detail(err, "%s", gw_buf_str(&text));
    gw_arena_free(arena);
    return gw_err_hint(err, "look whether the mapping still fits (godwit sync mapping check), and "
                            "register it again");
}

bool gw_app_sync_begin(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                       bool write, gw_sync *out, gw_err *err)
{
    *out = (gw_sync){0};
    if ((write && !gw_app_may_write(app, err)) ||
        !gw_app_sync_open(app, arena, &out->sides, err) ||
        !gw_pg_identify(out->sides.destination, arena, &out->destination, err) ||
        !out->sides.source->engine->identify(out->sides.source, arena, &out->source, err) ||
        !gw_sides_differ(&out->source, &out->destination, err))
        return false;
    /* Where nothing is registered, nothing is made. */
    return load_entities(out, arena, err) && select_entities(out, arena, names, count, err) &&
           (!write || gw_control_ensure_part(out->sides.destination, "differential",
                                             app->actor.user, err));
}

bool gw_app_sync_import(gw_app *app, gw_arena *arena, const char *schema, gw_imported **out,
                        size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"what", GW_COL_TEXT, true, offsetof(gw_imported, what)},
        {"entity", GW_COL_TEXT, false, offsetof(gw_imported, entity)},
        {"total", GW_COL_INT, true, offsetof(gw_imported, total)},
        {"imported", GW_COL_INT, true, offsetof(gw_imported, imported)},
        {"present", GW_COL_INT, true, offsetof(gw_imported, present)},
        {"conflicts", GW_COL_INT, true, offsetof(gw_imported, conflicts)},
        {"detail", GW_COL_TEXT, false, offsetof(gw_imported, detail)},
    };
    gw_session *session;
    gw_result result;
    gw_param param = gw_p_text(schema);
    void *rows;
    if (!gw_app_may_write(app, err) || !gw_app_sync_destination(app, arena, &session, err) ||
        !gw_control_ensure_part(session, "differential", app->actor.user, err))
        return false;
    if (!gw_session_begin(session, "read committed", err))
        return false;
    bool ok = gw_query(session, arena, &gw_sql_import_existing, &param, 1, &result, err) &&
              gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_imported), &rows,
                      err) &&
              gw_session_commit(session, err);
    if (!ok) {
        gw_session_rollback(session);
        gw_control_explain(session, err);
        return gw_err_context(err, "while taking over the tables of schema %s", schema);
    }
    *out = rows;
    *count = result.rows;
    return true;
}
