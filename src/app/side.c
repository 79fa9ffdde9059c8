#include "app/side.h"

#include <string.h>

#include "base/file.h"
#include "care/partition.h"
#include "migrate/adopt.h"
#include "schema/kind.h"
#include "sql/outside.h"

static bool is_url(const char *text)
{
    return strstr(text, "://") || (strchr(text, '=') && !gw_file_exists(text));
}

static bool ends_in_sql(const char *text)
{
    size_t len = strlen(text);
    return len > 4 && strcmp(text + len - 4, ".sql") == 0;
}

static const char *path_of(gw_app *app, gw_arena *arena, const char *text)
{
    const char *dir = app->options.config.dir;
    return dir ? gw_path_join(arena, dir, text) : text;
}

static bool database_side(gw_app *app, gw_arena *arena, gw_side *out, gw_err *err)
{
    gw_target target;
    if (!gw_app_one_target(app, arena, true, &target, err) ||
        !gw_app_scope(app, arena, &target, &out->scope, err))
        return false;
    out->connect = target.connect;
    out->connect.pinned = true;
    return true;
}

bool gw_side_parse(gw_app *app, gw_arena *arena, const char *text, gw_side *out, gw_err *err)
{
    *out = (gw_side){.shown = text};
    if (strcmp(text, "migrations") == 0) {
        out->sort = GW_SIDE_MIGRATIONS;
        return true;
    }
    if (strcmp(text, "database") == 0) {
        out->sort = GW_SIDE_DATABASE;
        return database_side(app, arena, out, err);
    }
    if (is_url(text)) {
        out->sort = GW_SIDE_URL;
        out->shown = gw_conninfo_redacted(arena, text);
        out->connect = (gw_connect){.conninfo = text,
                                    .pinned = true,
                                    .cancel = app->options.cancel,
                                    .log = app->options.log};
        return true;
    }
    out->sort = GW_SIDE_FILES;
    out->path = path_of(app, arena, text);
    if (gw_file_is_dir(out->path) || (gw_file_exists(out->path) && ends_in_sql(text)))
        return true;
    gw_err_set(err, GW_ERR_USAGE, "%s is no schema: neither a .sql file nor a folder", text);
    return gw_err_hint(err, "a schema is one of: migrations, database, a URL, a .sql file, a folder");
}

bool gw_side_connect(gw_app *app, gw_arena *arena, gw_side *side, gw_err *err)
{
    (void)app;
    return side->session || gw_session_open(arena, &side->connect, &side->session, err);
}

void gw_side_close(gw_side *side)
{
    gw_session_close(side->session);
    side->session = NULL;
}

/* ---- other tools' tables ------------------------------------------------------------------------ */

typedef struct leaving {
    gw_trial *trial;
    const gw_schema *files; /* NULL: of no files */
    const gw_scope *scope;  /* NULL: all of the database */
    GW_VEC(gw_made) made;   /* by upkeep, a rule each */
    size_t made_count;      /* those of them that are left out */
} leaving;

/* The history of another tool; not where the files make it themselves. */
static bool is_foreign(void *self, const gw_object *object)
{
    leaving *l = self;
    bool schema = strcmp(object->kind->name, "schema") == 0;
    const char *in = schema ? object->name : object->schema;
    const char *name = schema || object->parent ? NULL : object->name;
    if (!in || object->parent || gw_schema_find(l->files, object->kind->name, object->key))
        return false;
    bool table = strcmp(object->kind->name, "table") == 0;
    if (!gw_adopt_is_history(in, table ? name : NULL))
        return false;
    if (table)
        gw_trial_warn(l->trial, "not compared: %s, where another tool keeps its history",
                      object->key);
    return true;
}

/* A partition that upkeep has made or detached; not where the files make it themselves. */
static bool is_upkeeps(leaving *l, const gw_object *object)
{
    if (!l->made.len || strcmp(object->kind->name, "table") != 0 ||
        gw_schema_find(l->files, "table", object->key))
        return false;
    for (size_t i = 0; i < l->made.len; i++)
        for (size_t k = 0; k < l->made.items[i].len; k++)
            if (l->made.items[i].oids[k] == (int64_t)object->oid) {
                l->made_count++;
                return true;
            }
    return false;
}

static bool is_left_out(void *self, const gw_object *object)
{
    leaving *l = self;
    return (l->scope && gw_scope_leaves_out(l->scope, object)) ||
           (l->files && (is_foreign(self, object) || is_upkeeps(l, object)));
}

static bool find_upkeeps(leaving *l, gw_session *session, gw_err *err)
{
    const gw_config_maintain *settings = &l->trial->app->config.maintain;
    for (size_t i = 0; l->files && i < settings->partitions.len; i++)
        if (!gw_partitions_made(session, l->trial->arena, &settings->partitions.items[i],
                                gw_vec_push(l->trial->arena, &l->made), err))
            return false;
    return true;
}

/* Nor do the two sides differ in what stands beside the tenant and has no DDL. */
static bool is_left_out_unrendered(void *self, const char *schema)
{
    return gw_scope_leaves_out_unrendered(((leaving *)self)->scope, schema);
}

bool gw_side_copy(gw_trial *trial, const gw_side *side, gw_shadow_db **out, gw_err *err)
{
    if (gw_side_is_live(side))
        return gw_trial_like_schema(trial, side->schema, out, err);
    return side->sort == GW_SIDE_MIGRATIONS
               ? gw_migrations_replay(trial, side->applied_only, out, err)
               : gw_files_load(trial, side->path, out, err);
}

static bool read_live(gw_trial *trial, gw_side *side, const gw_side *other, gw_err *err)
{
    bool beside_files = other && other->schema && !gw_side_is_live(other);
    leaving self = {.trial = trial, .files = beside_files ? other->schema : NULL, .scope = side->scope};
    gw_schema_options options = {.leave_out = beside_files || side->scope ? is_left_out : NULL,
                                 .leave_out_unrendered = side->scope ? is_left_out_unrendered : NULL,
                                 .self = &self,
                                 .unix_lines = trial->unix_lines};
    if (!gw_side_connect(trial->app, trial->arena, side, err))
        return false;
    if (!find_upkeeps(&self, side->session, err) ||
        !gw_schema_read(side->session, trial->arena, &options, &side->schema, err))
        return gw_err_context(err, "reading %s", side->shown);
    if (self.made_count)
        gw_trial_warn(trial, "not compared: %zu partition%s that upkeep has made or detached",
                      self.made_count, self.made_count == 1 ? "" : "s");
    return true;
}

bool gw_side_read(gw_trial *trial, gw_side *side, const gw_side *other, gw_err *err)
{
    if (gw_side_is_live(side))
        return read_live(trial, side, other, err);
    trial->left = (gw_left_extensions){0};
    bool ok = gw_side_copy(trial, side, &side->db, err) &&
              gw_trial_read(trial, side->db, NULL, &side->schema, err);
    side->left = trial->left;
    return ok;
}

bool gw_trial_takes(gw_trial *trial, const char *file, unsigned line, unsigned col,
                    const char *text, size_t len)
{
    gw_arena *scratch = gw_arena_new();
    const gw_shadow_facts *facts = gw_shadow_facts_of(trial->shadow);
    const char *place = gw_printf(scratch, "%s:%u:%u", file, line, col);
    if (gw_trial_lacks(trial, place, text, len)) {
        gw_arena_free(scratch);
        return false;
    }
    gw_reach_verdict verdict = gw_sql_reach(scratch, text, len);
    gw_reach_action action = facts->is_private
                                 ? gw_reach_on_private(&verdict, facts->fenced_network)
                                 : gw_reach_on_shared(&verdict);
    if (action == GW_REACH_SKIP)
        gw_trial_warn(trial, "%s: %s is left out: %s", place, verdict.statement,
                      verdict.reason ? verdict.reason : "it reaches outside its database");
    gw_arena_free(scratch);
    return action != GW_REACH_SKIP;
}
