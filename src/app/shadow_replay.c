/* The project's migrations on a shadow database, as `up` would run them on an empty one. */
#include <string.h>

#include "app/replayed.h"
#include "app/side.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "migrate/replay.h"

enum { KEEP_BYTES = 64 * 1024 };

/* In the order in which they run on an empty database. */
static bool select_all(gw_replayed *r, const gw_migration_list *files, gw_err *err)
{
    gw_app *app = r->trial->app;
    gw_applied_list rows = {0};
    gw_event_list events = {0};
    gw_plan plan;
    gw_selection selection;
    gw_selection_options options = {0};
    gw_plan_make(r->arena, files, &rows, &events, app->environment.name,
                 gw_app_services(app, r->arena), NULL, &plan);
    if (!gw_plan_select_up(r->arena, &plan, &options, &selection, err))
        return false;
    r->files = gw_alloc_array(r->arena, selection.len, sizeof *r->files);
    for (size_t i = 0; i < selection.len; i++)
        r->files[r->count++] = selection.items[i]->file;
    return true;
}

/* The version that a file has been applied as; and the repair that last gave it another. */
typedef struct known_as {
    const char *version, *repair;
} known_as;

/* Of a repair that gave a migration another version: the one it had. Else NULL. */
static const char *version_before(gw_arena *arena, const gw_event *event)
{
    gw_err ignored = {0};
    if (strcmp(event->action, "repair") != 0 || !event->data)
        return NULL;
    const json_t *data = gw_json_parse(arena, "event", event->data, strlen(event->data), &ignored);
    gw_err_clear(&ignored);
    return json_string_value(json_object_get(data, "before"));
}

/* Newest first. One repair may give 2 the version 3, and 3 the version 4. */
static void follow_event(const gw_replayed *r, const char **logins, known_as *known, const gw_event *event)
{
    bool applied = strcmp(event->action, "apply") == 0 && strcmp(event->outcome, "ok") == 0;
    const char *before = version_before(r->arena, event);
    for (size_t i = 0; (applied || before) && i < r->count; i++) {
        if (logins[i] || strcmp(known[i].version, event->version) != 0 ||
            strcmp(r->files[i]->service, event->service) != 0)
            continue;
        if (applied)
            logins[i] = event->db_user;
        else if (!known[i].repair || !event->run_id || strcmp(known[i].repair, event->run_id) != 0)
            known[i] = (known_as){before, event->run_id};
    }
}

/* Once a login. NULL: its settings cannot be read, the target's have to do. */
static const gw_ran *ran_by(gw_replayed *r, size_t before, gw_session *session, const char *login)
{
    gw_err ignored = {0};
    for (size_t i = 0; i < before; i++)
        if (r->ran[i] && strcmp(r->ran[i]->login, login) == 0)
            return r->ran[i];
    gw_ran *ran = gw_alloc(r->arena, sizeof *ran);
    *ran = (gw_ran){.login = login, .role = gw_trial_acts_as(session, r->arena, login)};
    if (!gw_trial_settings_of(r->trial, session, login, &ran->target, &ignored))
        ran->target = r->trial->target;
    ran->target.user = ran->role;
    gw_err_clear(&ignored);
    return ran;
}

/* What a file made belongs to the role that ran it, and is where its settings say: the audit knows who that was,
 * where it may be read. */
static void ask_who_ran(gw_replayed *r, gw_session *session, int version)
{
    enum { ALL = 1000000 };
    gw_err ignored = {0};
    gw_event_list events = {0};
    r->ran = gw_alloc_array(r->arena, r->count + 1, sizeof *r->ran);
    known_as *known = gw_alloc_array(r->arena, r->count + 1, sizeof *known);
    const char **logins = gw_alloc_array(r->arena, r->count + 1, sizeof *logins);
    for (size_t i = 0; i < r->count; i++)
        known[i].version = r->files[i]->version;
    bool ok = version && gw_events_read(session, r->arena, NULL, NULL, NULL, ALL, &events, &ignored);
    for (size_t e = 0; ok && e < events.len; e++) /* newest first */
        if (events.items[e].version)
            follow_event(r, logins, known, &events.items[e]);
    for (size_t i = 0; i < r->count; i++)
        if (logins[i])
            r->ran[i] = ran_by(r, i, session, logins[i]);
    gw_err_clear(&ignored);
}

/* Those that the environment's history has as applied, in the order of the files. */
static bool select_applied(gw_replayed *r, const gw_migration_list *files, gw_err *err)
{
    gw_app *app = r->trial->app;
    gw_target_list targets;
    gw_session *session = NULL;
    gw_applied_list rows;
    gw_event_list none = {0};
    gw_plan plan;
    int version = 0;
    if (!gw_app_targets(app, r->arena, false, &targets, err))
        return false;
    gw_connect connect = targets.items[0].connect;
    connect.pinned = true;
    bool ok = gw_session_open(r->arena, &connect, &session, err) &&
              gw_history_read(session, r->arena, targets.items[0].row_tenant, &rows, &version, err);
    if (!ok)
        return false;
    gw_plan_make(r->arena, files, &rows, &none, app->environment.name,
                 gw_app_services(app, r->arena), NULL, &plan);
    r->files = gw_alloc_array(r->arena, plan.len, sizeof *r->files);
    for (size_t i = 0; i < plan.len; i++)
        if (plan.items[i].row && plan.items[i].file &&
            strcmp(plan.items[i].row->state, "applied") == 0)
            r->files[r->count++] = plan.items[i].file;
    ask_who_ran(r, session, version);
    gw_session_close(session);
    return true;
}

static bool is_substituted(const gw_script *script)
{
    for (size_t i = 0; i < script->section_count; i++)
        if (script->sections[i].substitution != GW_SUBST_NONE)
            return true;
    return false;
}

/* Read each file to its end: is it sound, what is left out of it, what is it made of? */
bool gw_replayed_check(gw_replayed *r, const gw_migration *m, const gw_script *script,
                       gw_checked *out, gw_digest *digest, gw_err *err)
{
    gw_check_options options = {.context = &r->script,
                                .server_version =
                                    gw_shadow_facts_of(r->trial->shadow)->major * 10000,
                                .keep_bytes = KEEP_BYTES};
    if (!gw_check_script(r->arena, m, script, script == &m->down, &options, out, err))
        return false;
    bool substituted = is_substituted(script);
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, out, &r->script);
    const gw_statement *s = NULL;
    bool ok;
    if (digest) {
        gw_digest_add(digest, m->checksum, strlen(m->checksum) + 1);
        gw_digest_add(digest, m->service, strlen(m->service) + 1);
    }
    while ((ok = gw_statements_next(statements, true, &s, err)) && s) {
        if (substituted && digest)
            gw_digest_add(digest, s->text, s->len);
        if (s->kind.kind == GW_STMT_OTHER || s->kind.reaches_outside)
            gw_trial_takes(r->trial, gw_path_from_here(script->path), s->line, s->col, s->text,
                           s->len);
    }
    gw_arena_free(scratch);
    return ok;
}

static const gw_shadow_target *target_of(const gw_replayed *r, size_t file)
{
    return r->ran && r->ran[file] ? &r->ran[file]->target : &r->trial->target;
}

static bool same_settings(const gw_shadow_target *a, const gw_shadow_target *b)
{
    bool same = a->setting_count == b->setting_count;
    for (size_t i = 0; same && i < a->setting_count; i++)
        same = strcmp(a->settings[i].name, b->settings[i].name) == 0 &&
               strcmp(a->settings[i].value, b->settings[i].value) == 0;
    return same;
}

/* Placeholders say who runs a file, and where. */
static gw_script_context values_for(gw_script_context script, const gw_shadow_target *target)
{
    script.user = target->user;
    script.schema = target->default_schema;
    return script;
}

/* Who runs it is part of what a template holds; the settings, where they are not those of all. */
static void add_runner(const gw_replayed *r, size_t file, gw_digest *digest)
{
    const gw_shadow_target *target = target_of(r, file);
    if (target->user)
        gw_digest_add(digest, target->user, strlen(target->user) + 1);
    for (size_t i = 0; !same_settings(target, &r->trial->target) && i < target->setting_count; i++) {
        gw_digest_add(digest, target->settings[i].name, strlen(target->settings[i].name) + 1);
        gw_digest_add(digest, target->settings[i].value, strlen(target->settings[i].value) + 1);
    }
}

gw_replay gw_replayed_runner(const gw_replayed *r, gw_session *session)
{
    return (gw_replay){.shadow = r->trial->shadow,
                       .session = session,
                       .script = r->script,
                       .cancel = r->trial->app->options.cancel,
                       .log = r->trial->app->options.log};
}

bool gw_replayed_connect(const gw_replayed *r, gw_shadow_db *db, gw_session **out, gw_err *err)
{
    gw_shadow_session how = {.role = r->trial->target.user, .superuser = true};
    return gw_shadow_connect(db, r->arena, &how, out, err) &&
           gw_replay_prepare(r->trial->shadow, *out, err);
}

static bool connect_as(gw_replayed *r, gw_shadow_db *db, const char *role, gw_replay *replay,
                       gw_err *err)
{
    gw_shadow_session how = {.role = role, .superuser = true};
    gw_session_close(replay->session);
    replay->session = NULL;
    return gw_shadow_connect(db, r->arena, &how, &replay->session, err) &&
           gw_replay_prepare(replay->shadow, replay->session, err);
}

/* The session of the file before it does, where the same login ran both. */
static bool become(gw_replayed *r, gw_shadow_db *db, const gw_shadow_target *from, const gw_shadow_target *to,
                   gw_replay *replay, gw_err *err)
{
    if (from == to && replay->session)
        return true;
    return (same_settings(from, to) || gw_shadow_set(db, to->settings, to->setting_count, err)) &&
           connect_as(r, db, to->user, replay, err);
}

static bool run_all(void *self, gw_shadow_db *db, gw_err *err)
{
    gw_replayed *r = self;
    gw_replay replay = gw_replayed_runner(r, NULL);
    const gw_shadow_target *whole = &r->trial->target, *as = whole;
    bool ok = gw_trial_prepare(r->trial, db, err);
    for (size_t i = 0; ok && i < r->count; i++) {
        const gw_shadow_target *runs = target_of(r, i);
        gw_arena *scratch = gw_arena_new();
        ok = become(r, db, as, runs, &replay, err);
        as = runs;
        replay.script = values_for(r->script, runs);
        ok = ok && (gw_replay_script(&replay, scratch, &r->checked[i], err) ||
                    gw_replayed_explain(r, i, replay.session, err) || gw_gate_explain(r->trial->shadow, err));
        gw_arena_free(scratch);
    }
    gw_session_close(replay.session);
    return ok && (same_settings(as, whole) || gw_shadow_set(db, whole->settings, whole->setting_count, err));
}

bool gw_replayed_read(gw_trial *trial, gw_arena *arena, bool applied_only, gw_replayed *r,
                      gw_err *err)
{
    gw_app *app = trial->app;
    const gw_environment *env;
    gw_migration_list files;
    *r = (gw_replayed){.trial = trial, .arena = arena};
    if (!gw_app_environment(app, &env, err) ||
        !gw_app_migrations(app, r->arena, &files, NULL, err) || !gw_trial_shadow(trial, err) ||
        !(applied_only ? select_applied(r, &files, err) : select_all(r, &files, err)))
        return false;
    r->script = gw_app_script_values_like(app, r->arena, &trial->target);
    r->checked = gw_alloc_array(r->arena, r->count, sizeof *r->checked);
    r->prefix = gw_alloc_array(r->arena, r->count + 1, sizeof *r->prefix);
    gw_digest *digest = gw_digest_start(r->arena, GW_SHA256);
    for (size_t i = 0; i <= r->count; i++) {
        unsigned char bytes[GW_DIGEST_MAX];
        size_t len = gw_digest_peek(digest, bytes);
        r->prefix[i] = gw_hex(r->arena, bytes, len);
        if (i == r->count)
            break;
        r->script = values_for(r->script, target_of(r, i));
        if (!gw_replayed_check(r, r->files[i], &r->files[i]->up, &r->checked[i], digest, err))
            return false;
        add_runner(r, i, digest);
        r->script = values_for(r->script, &trial->target);
    }
    return true;
}

bool gw_migrations_replay(gw_trial *trial, bool applied_only, gw_shadow_db **out, gw_err *err)
{
    gw_replayed r;
    if (!gw_replayed_read(trial, trial->arena, applied_only, &r, err))
        return false;
    char *name = gw_printf(r.arena, "migrations %s\n%s", r.prefix[r.count],
                           gw_trial_like(trial, r.arena));
    return gw_shadow_make(trial->shadow, trial->arena, name, run_all, &r, out, err);
}
