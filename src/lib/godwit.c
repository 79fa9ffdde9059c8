/* libgodwit: app.h as a plain C interface with handles. */
#include <godwit.h>

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/build.h"
#include "pg/query.h"

struct godwit_project {
    gw_arena *arena;   /* as long as the handle */
    gw_arena *results; /* until the next call */
    gw_cancel cancel;
    gw_log *log;
    gw_app *app; /* NULL where opening failed */
    gw_err err;
    godwit_failure failure;
    void (*progress)(void *data, const godwit_progress *progress);
    void *data;
};

/* The codes are gw_err_kind under public names: one that is added there is added here. */
_Static_assert((int)GODWIT_OK == (int)GW_OK && (int)GODWIT_SQL == (int)GW_ERR_SQL &&
                   (int)GODWIT_CHECK == (int)GW_ERR_CHECK && (int)GODWIT_BUSY == (int)GW_ERR_BUSY,
               "godwit_code follows gw_err_kind");
_Static_assert((int)GODWIT_STEP_WAITING == (int)GW_PROGRESS_WAITING &&
                   (int)GODWIT_STEP_DONE == (int)GW_PROGRESS_DONE &&
                   (int)GODWIT_STEP_SQL == (int)GW_PROGRESS_SQL &&
                   (int)GODWIT_STEP_NOTICE == (int)GW_PROGRESS_NOTICE,
               "godwit_step follows gw_progress_kind");

const char *godwit_version(void)
{
    return GW_VERSION;
}

/* ---- how a call ends ------------------------------------------------------------------- */

/* What the call before returned is dead from here. */
static void begin(godwit_project *project)
{
    gw_err_clear(&project->err);
    project->failure = (godwit_failure){.kind = "ok"};
    gw_arena_reset(project->results);
}

static godwit_code end(godwit_project *project, bool ok)
{
    const gw_err *err = &project->err;
    if (ok)
        return GODWIT_OK;
    project->failure = (godwit_failure){
        .code = (godwit_code)err->kind,
        .kind = gw_err_kind_name(err->kind),
        .sqlstate = err->sqlstate[0] ? err->sqlstate : NULL,
        .message = err->message ? err->message : "no message",
        .detail = err->detail,
        .hint = err->hint,
        .file = err->file,
        .line = err->line,
        .column = err->col,
    };
    return project->failure.code;
}

const godwit_failure *godwit_error(const godwit_project *project)
{
    return &project->failure;
}

/* Not a handle without a project to speak of, nor one that was cancelled. */
static bool usable(godwit_project *project)
{
    if (project->app && gw_cancel_level(&project->cancel) == 0)
        return true;
    if (project->app) {
        gw_err_set(&project->err, GW_ERR_INTERRUPTED, "this handle was cancelled");
        return gw_err_hint(&project->err, "open another one to go on");
    }
    gw_err_set(&project->err, GW_ERR_USAGE, "this handle could not be opened");
    return gw_err_hint(&project->err, "close it, and see what godwit_open said");
}

/* ---- the handle ------------------------------------------------------------------------ */

static void see(void *self, const gw_progress *p)
{
    const godwit_project *project = self;
    godwit_progress progress = {
        .step = (godwit_step)p->kind,
        .tenant = p->tenant,
        .service = p->service,
        .version = p->version,
        .name = p->name,
        .revert = p->revert,
        .done = p->done,
        .total = p->total,
        .duration_ms = p->duration_ms,
        .text = p->text,
    };
    project->progress(project->data, &progress);
}

static const char *kept(const godwit_project *project, const char *text)
{
    return gw_strdup(project->arena, text);
}

static bool open_app(godwit_project *project, const godwit_options *given)
{
    gw_app_options options = {
        .config = {.dir = kept(project, given->directory),
                   .file = kept(project, given->config_file),
                   .env = kept(project, given->environment),
                   .url = kept(project, given->url),
                   .cancel = &project->cancel},
        .command = "libgodwit",
        .protected_name = kept(project, given->protected_name),
        .cancel = &project->cancel,
        .log = project->log,
    };
    if (project->progress)
        options.observer = (gw_observer){.see = see, .self = project};
    return gw_app_open(project->arena, &options, &project->app, &project->err);
}

godwit_code godwit_open(const godwit_options *options, godwit_project **out)
{
    godwit_options given = GODWIT_OPTIONS_INIT;
    if (options)
        memcpy(&given, options, options->size < sizeof given ? options->size : sizeof given);
    gw_arena *arena = gw_arena_new();
    godwit_project *project = gw_alloc(arena, sizeof *project);
    *out = project;
    project->arena = arena;
    project->results = gw_arena_new();
    project->progress = given.progress;
    project->data = given.data;
    project->log = gw_log_new(arena);
    gw_cancel_init(&project->cancel);
    begin(project);
    bool ok = open_app(project, &given);
    if (!ok)
        project->app = NULL;
    return end(project, ok);
}

void godwit_close(godwit_project *project)
{
    if (!project)
        return;
    gw_arena *arena = project->arena;
    gw_cancel cancel = {.wake_fd = project->cancel.wake_fd};
    gw_err_clear(&project->err);
    gw_arena_free(project->results);
    gw_arena_free(arena); /* the handle is in it */
    gw_cancel_close(&cancel);
}

void godwit_cancel(godwit_project *project)
{
    gw_cancel_request(&project->cancel);
}

/* ---- status ---------------------------------------------------------------------------- */

static const godwit_migration *migration(gw_arena *arena, const gw_status_item *it)
{
    godwit_migration *m = gw_alloc(arena, sizeof *m);
    bool applied = it->applied_at != GW_NULL_INT;
    *m = (godwit_migration){
        .version = it->version,
        .name = it->name ? it->name : "",
        .service = it->service ? it->service : "",
        .state = gw_state_name(it->state),
        .checksum = it->checksum,
        .file = it->file,
        .transactional = it->transactional,
        .applied = applied,
        .applied_at_us = applied ? it->applied_at : 0,
        .duration_ms = applied && it->duration_ms != GW_NULL_INT ? it->duration_ms : 0,
    };
    return m;
}

static const godwit_work *work_of(gw_arena *arena, const gw_run_holder *run)
{
    if (!run)
        return NULL;
    bool left = gw_run_holder_left(run), unnamed = gw_run_holder_unnamed(run);
    int64_t pid = unnamed ? run->key.pid : run->backend_pid;
    godwit_work *work = gw_alloc(arena, sizeof *work);
    *work = (godwit_work){
        .actor = unnamed || !run->actor ? "" : run->actor,
        .host = unnamed || !run->host ? "" : run->host,
        .command = unnamed || !run->command ? "" : run->command,
        .since_us = unnamed || run->acquired_at == GW_NULL_INT ? 0 : run->acquired_at,
        .backend_pid = pid != GW_NULL_INT ? pid : 0,
        .lock = unnamed || !run->mode ? "session" : run->mode,
        .runner_gone = !unnamed && run->gone,
        .statement_pid = left ? run->left.pid : 0,
        .statement_ms = left && run->left.ms != GW_NULL_INT ? run->left.ms : 0,
        .statement = left ? run->left.query : NULL,
    };
    return work;
}

static const godwit_other_tool *const *other_tools(gw_arena *arena, const gw_foreign_histories *from)
{
    const godwit_other_tool **list = gw_alloc_array(arena, from->len + 1, sizeof *list);
    godwit_other_tool *tools = gw_alloc_array(arena, from->len + 1, sizeof *tools);
    for (size_t i = 0; i < from->len; i++) {
        const gw_foreign_history *it = &from->items[i];
        tools[i] = (godwit_other_tool){.tool = it->tool, .table = it->table, .rows = it->rows};
        list[i] = &tools[i];
    }
    return list;
}

static void fill_state(gw_arena *arena, godwit_state *out, const gw_status *from)
{
    const godwit_migration **list = gw_alloc_array(arena, from->len + 1, sizeof *list);
    for (size_t i = 0; i < from->len; i++)
        list[i] = migration(arena, &from->items[i]);
    *out = (godwit_state){
        .environment = from->environment,
        .database = from->database,
        .tenant = from->tenant ? from->tenant : "",
        .current = from->current,
        .pending = from->pending,
        .failed = from->failed,
        .modified = from->modified,
        .missing = from->missing,
        .out_of_order = from->out_of_order,
        .count = from->len,
        .migrations = list,
        .next = out->next,
        .run = work_of(arena, from->run),
        .other_tool_count = from->foreign.len,
        .other_tools = other_tools(arena, &from->foreign),
    };
}

godwit_code godwit_status(godwit_project *project, const godwit_state **state)
{
    begin(project);
    *state = NULL;
    gw_status_list list = {0};
    if (!usable(project) || !gw_app_status(project->app, project->results, &list, &project->err))
        return end(project, false);
    /* No tenants yet is a state too: one without migrations. */
    size_t count = list.len > 0 ? list.len : 1;
    godwit_state *states = gw_alloc_array(project->results, count, sizeof *states);
    states[0].tenant = "";
    for (size_t i = 0; i < list.len; i++) {
        states[i].next = i + 1 < list.len ? &states[i + 1] : NULL;
        fill_state(project->results, &states[i], &list.items[i]);
    }
    *state = states;
    return end(project, true);
}

godwit_code godwit_wait_for(godwit_project *project, const char *version, int64_t timeout_ms)
{
    begin(project);
    bool ok = usable(project);
    if (ok && !version)
        ok = gw_err_set(&project->err, GW_ERR_USAGE, "no version to wait for was given");
    return end(project, ok && gw_app_wait_for(project->app, version, timeout_ms, &project->err));
}

/* ---- apply and roll back --------------------------------------------------------------- */

typedef bool run_fn(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
                    gw_err *err);

static const godwit_result *result_of(gw_arena *arena, const gw_run_result *from)
{
    const godwit_done **done = gw_alloc_array(arena, from->len + 1, sizeof *done);
    for (size_t i = 0; i < from->len; i++) {
        const gw_run_item *it = &from->items[i];
        godwit_done *one = gw_alloc(arena, sizeof *one);
        *one = (godwit_done){.tenant = it->tenant ? it->tenant : "",
                             .service = it->service ? it->service : "",
                             .version = it->version,
                             .name = it->name ? it->name : "",
                             .duration_ms = it->duration_ms};
        done[i] = one;
    }
    godwit_result *result = gw_alloc(arena, sizeof *result);
    *result = (godwit_result){.count = from->len,
                              .done = done,
                              .pending = from->pending,
                              .tenants = from->tenants,
                              .failed_tenants = from->failure_count};
    return result;
}

static godwit_code run_with(godwit_project *project, run_fn *function, const godwit_run *run,
                            const godwit_result **result)
{
    godwit_run given = GODWIT_RUN_INIT;
    if (run)
        memcpy(&given, run, run->size < sizeof given ? run->size : sizeof given);
    begin(project);
    if (result)
        *result = NULL;
    if (!usable(project))
        return end(project, false);
    gw_run_options options = {
        .to = given.to,
        .steps = given.steps,
        .service = given.service,
        .out_of_order = given.out_of_order,
        .dry_run = given.dry_run,
        .atomic = given.atomic,
        .allow_data_loss = given.allow_data_loss,
        .wait_ms = given.wait_ms,
    };
    gw_run_result done = {0};
    bool ok = function(project->app, project->results, &options, &done, &project->err);
    if (result)
        *result = result_of(project->results, &done);
    return end(project, ok);
}

godwit_code godwit_up(godwit_project *project, const godwit_run *run, const godwit_result **result)
{
    return run_with(project, gw_app_up, run, result);
}

godwit_code godwit_down(godwit_project *project, const godwit_run *run,
                        const godwit_result **result)
{
    godwit_run one = GODWIT_RUN_INIT;
    if (run)
        memcpy(&one, run, run->size < sizeof one ? run->size : sizeof one);
    if (!one.to && one.steps == 0)
        one.steps = 1;
    one.size = sizeof one;
    return run_with(project, gw_app_down, &one, result);
}
