#include "app/preview.h"

#include <string.h>

#include "app/losses.h"
#include "app/observed.h"
#include "app/trial.h"
#include "base/clock.h"

/* From SHARE on nobody else can write. */
enum { BLOCKS_WRITES = 5 };

typedef struct previewing {
    gw_app *app;
    gw_arena *arena;
    const gw_run_options *options;
    gw_trial *trial;
    gw_session *target;
    gw_shadow_db *db;
    gw_schema *before;
    gw_selection selection;
    gw_checked *checked;
    gw_script_context script;
    gw_preview *out;
} previewing;

static bool select_pending(previewing *p, const gw_target *target, gw_err *err)
{
    gw_applied_list rows;
    gw_event_list failures = {0};
    gw_plan *plan = gw_alloc(p->arena, sizeof *plan);
    gw_migration_list *files = gw_alloc(p->arena, sizeof *files);
    int version = 0;
    gw_selection_options wanted = {.to = p->options->to,
                                   .steps = p->options->steps,
                                   .service = p->options->service,
                                   .out_of_order = p->options->out_of_order};
    if (!gw_app_migrations(p->app, p->arena, files, NULL, err) ||
        !gw_history_read(p->target, p->arena, target->row_tenant, &rows, &version, err))
        return false;
    gw_plan_make(p->arena, files, &rows, &failures, p->app->environment.name,
                 gw_app_services(p->app, p->arena), p->options->to, plan);
    return gw_app_refuse_foreign(p->app, p->arena, target, p->target, files, plan, version, err) &&
           gw_plan_select_up(p->arena, plan, &wanted, &p->selection, err) &&
           gw_app_refuse_new_services(p->app, p->arena, target, p->target, plan, &p->selection,
                                      err) &&
           gw_app_refuse_gone_on(p->app, p->arena, target, p->target, files, plan,
                                 &p->selection, version, err);
}

static bool check_all(previewing *p, const gw_target *target, gw_err *err)
{
    p->script = gw_app_script_values(p->app, p->arena, p->target, target->search_path);
    gw_session *names = NULL;
    if (!gw_app_names_session(p->arena, target, &p->selection, false, &names, err))
        return false;
    gw_check_options options = {.context = &p->script,
                                .server_version = gw_session_version(p->target),
                                .server = names ? names : p->target,
                                .search_path = target->search_path,
                                .pooled = gw_session_pooled(p->target),
                                .escape_strings = !gw_session_standard_strings(p->target),
                                .pending = true};
    p->checked = gw_alloc_array(p->arena, p->selection.len + 1, sizeof *p->checked);
    bool ok = true;
    for (size_t i = 0; ok && i < p->selection.len; i++) {
        const gw_migration *m = p->selection.items[i]->file;
        ok = gw_check_script(p->arena, m, &m->up, false, &options, &p->checked[i], err);
    }
    gw_session_close(names);
    return ok;
}

/* As `up` would find them, in a session with the user's settings. */
static bool find_losses(previewing *p, const gw_target *target, gw_err *err)
{
    gw_session *session = NULL;
    gw_connect connect = target->connect;
    connect.pinned = false;
    const gw_applied **rows = gw_alloc_array(p->arena, p->selection.len + 1, sizeof *rows);
    for (size_t i = 0; i < p->selection.len; i++)
        rows[i] = p->selection.items[i]->row;
    gw_scripts_to_run scripts = {p->checked, rows, p->selection.len};
    if (!gw_scripts_may_lose(&scripts))
        return true;
    bool ok = gw_session_open(p->arena, &connect, &session, err) &&
              gw_scripts_losses(p->app, p->arena, session, target->search_path, &scripts,
                                &p->script, &p->out->losses, err);
    gw_session_close(session);
    return ok;
}

/* ---- what there is to say about a statement --------------------------------------------------- */

static void warn(previewing *p, gw_preview_statement *s, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void warn(previewing *p, gw_preview_statement *s, const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gw_vprintf(p->arena, format, args);
    va_end(args);
    size_t size = sizeof *s->warnings;
    s->warnings = gw_vec_grow_(p->arena, s->warnings, s->warning_count, &s->warning_cap, size);
    s->warnings[s->warning_count++] = (gw_preview_warning){rule, text};
}

static void judge(previewing *p, const gw_preview_migration *m, size_t at)
{
    gw_preview_statement *s = &m->statements[at];
    const gw_traced *t = s->traced;
    for (size_t i = 0; i < t->rewrite_count; i++)
        warn(p, s, "table_rewrite", "writes %s anew, row by row, while nobody can read or write it",
             t->rewrites[i]);
    for (size_t i = 0; i < t->scan_count && !t->rewrite_count; i++)
        for (size_t l = 0; l < t->lock_count; l++)
            if (strcmp(t->locks[l].relation, t->scans[i]) == 0 &&
                t->locks[l].strength >= BLOCKS_WRITES)
                warn(p, s, "full_scan", "reads all of %s under a lock (%s) that keeps writers out",
                     t->scans[i], t->locks[l].mode);
    size_t later = m->count - at - 1;
    for (size_t i = 0; i < t->lock_count && m->transactional && later; i++)
        if (t->locks[i].strength >= BLOCKS_WRITES)
            warn(p, s, "lock_kept", "%s on %s is kept while %zu more statement%s run%s",
                 t->locks[i].mode, t->locks[i].relation, later, later == 1 ? "" : "s",
                 later == 1 ? "s" : "");
    if (t->needs_rows)
        warn(p, s, "needs_rows", "could not be tried without the target's rows: %s", t->not_tried);
    else if (t->not_tried)
        warn(p, s, "not_tried", "not tried: %s", t->not_tried);
}

static void describe(previewing *p, const gw_checked *checked, const gw_traced_list *traced)
{
    gw_preview_migration *m = &p->out->migrations[p->out->count++];
    *m = (gw_preview_migration){.version = checked->migration->version,
                                .name = checked->migration->name,
                                .service = checked->migration->service,
                                .file = checked->script->path,
                                .transactional = checked->transactional,
                                .count = traced->len};
    m->statements = gw_alloc_array(p->arena, traced->len + 1, sizeof *m->statements);
    for (size_t i = 0; i < traced->len; i++)
        m->statements[i].traced = &traced->items[i];
    for (size_t i = 0; i < traced->len; i++)
        judge(p, m, i);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* What functions and blocks have done there is counted in the target like the rest. */
static bool observed_losses(previewing *p, const gw_observed *before, gw_session *session,
                            gw_err *err)
{
    gw_losses *losses = &p->out->losses;
    size_t known = losses->len;
    if (!gw_observe_losses(before, session, p->arena, losses, err))
        return false;
    gw_losses more = {losses->items + known, losses->len - known, 0};
    return !more.len || gw_losses_count(p->target, &more,
                                        p->app->environment.count_timeout_ms, err);
}

static bool trace_all(previewing *p, gw_err *err)
{
    gw_session *session = NULL;
    gw_shadow_session how = {0};
    gw_trace *trace;
    const gw_shadow_facts *facts = gw_shadow_facts_of(p->trial->shadow);
    /* Up to 14 the statistics go through a socket of the server's own, which the fence closes. */
    if (facts->fenced_network && facts->major < 15)
        gw_trial_warn(p->trial,
                      "which tables are read from end to end is not seen on PostgreSQL %d: a fenced "
                      "server of before 15 counts no scans",
                      facts->major);
    if (!gw_shadow_connect(p->db, p->arena, &how, &session, err))
        return false;
    gw_observed *before = NULL;
    bool ok = gw_trace_start(p->arena, p->trial->shadow, session, p->target, &trace, err) &&
              gw_observe(session, p->arena, &before, err);
    for (size_t i = 0; ok && i < p->selection.len; i++) {
        gw_traced_list traced = {0};
        if (gw_cancel_level(p->app->options.cancel))
            ok = gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s",
                            p->checked[i].migration->version);
        ok = ok && (gw_trace_migration(trace, p->arena, &p->checked[i], &p->script, &traced, err) ||
                    gw_gate_explain(p->trial->shadow, err));
        if (ok)
            describe(p, &p->checked[i], &traced);
    }
    ok = ok && observed_losses(p, before, session, err);
    gw_session_close(session);
    return ok;
}

static bool preview(previewing *p, const gw_target *target, gw_err *err)
{
    gw_schema *after = NULL;
    gw_schema_plan *change = NULL;
    gw_ddl_options ddl = {0};
    if (!select_pending(p, target, err) || !check_all(p, target, err))
        return false;
    p->out->migrations = gw_alloc_array(p->arena, p->selection.len + 1, sizeof *p->out->migrations);
    if (!p->selection.len)
        return true;
    if (!find_losses(p, target, err) ||
        !gw_trial_open(p->app, p->arena, p->target, &p->trial, err))
        return false;
    gw_trial_search_path(p->trial, target->search_path, target->row_tenant);
    if (!gw_schema_read(p->target, p->arena, NULL, &p->before, err) ||
        !gw_trial_like_schema(p->trial, p->before, &p->db, err) || !trace_all(p, err) ||
        !gw_trial_read(p->trial, p->db, NULL, &after, err) ||
        !gw_trial_carry(p->trial, p->before, after, err) ||
        !gw_schema_plan_make(p->arena, p->before, after, &ddl, &change, err))
        return false;
    p->out->change = change;
    p->out->tried_on = gw_strdup(p->arena, gw_shadow_facts_of(p->trial->shadow)->version);
    return true;
}

bool gw_app_preview(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_preview *out,
                    gw_err *err)
{
    gw_target target;
    previewing p = {.app = app, .arena = arena, .options = options, .out = out};
    *out = (gw_preview){0};
    if (!gw_app_one_target(app, arena, false, &target, err))
        return false;
    gw_connect connect = target.connect;
    connect.pinned = true;
    bool ok = gw_session_open(arena, &connect, &p.target, err) &&
              preview(&p, &target, err);
    gw_session_close(p.target);
    if (p.trial) {
        for (size_t i = 0; i < p.trial->warnings.len; i++)
            *gw_vec_push(arena, &out->warnings) = p.trial->warnings.items[i];
        gw_shadow_close(p.trial->shadow);
    }
    return ok;
}
