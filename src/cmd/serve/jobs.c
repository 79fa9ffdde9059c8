/* Actions that take long: each is a thread that runs a command, watched by whoever asks, ended at its next safe point. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/serve/serve.h"

enum { KEPT = 100, AT_ONCE = 4, TOLD_US = 200 * 1000, STEP_MS = 20, LOOK_MS = 1000, SILENT_MS = 5000, HEARD_MS = 1500 };

typedef struct gw_job {
    struct gw_job *next;
    gw_serve *serve;
    gw_arena *arena; /* of the request's words, and of the run; freed when it has ended */
    gw_call call;
    gw_cancel cancel;
    int64_t id, started_at, ended_at, told_at;
    const char *command;
    char *who, *result, *error; /* malloc'ed JSON */
    const char *state;          /* running, done, failed, stopped */
    int exit_code;
} gw_job;

void gw_jobs_init(gw_jobs *jobs)
{
    *jobs = (gw_jobs){.next = 1};
    pthread_mutex_init(&jobs->mutex, NULL);
}

/* ---- as JSON ------------------------------------------------------------------------------------------- */

/* With the lock held. `whole`: with what came of it. */
static void members(gw_json *json, const gw_job *job, bool whole)
{
    gw_json_int(json, "job", job->id);
    gw_json_string(json, "command", job->command);
    gw_json_string(json, "state", job->state);
    gw_json_string(json, "who", job->who);
    gw_json_time(json, "started_at", job->started_at);
    gw_json_time(json, "ended_at", job->ended_at);
    gw_json_int_or_null(json, "exit_code", job->exit_code < 0 ? GW_NULL_INT : job->exit_code);
    gw_json_raw(json, "result", whole ? job->result : NULL);
    gw_json_raw(json, "error", job->error);
}

static const char *text_of(gw_arena *arena, const gw_job *job, bool whole)
{
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    members(&json, job, whole);
    gw_json_close(&json, '}');
    return gw_buf_str(&json.buf);
}

static void tell(gw_job *job)
{
    gw_arena *scratch = gw_arena_new();
    pthread_mutex_lock(&job->serve->jobs.mutex);
    const char *text = text_of(scratch, job, false);
    pthread_mutex_unlock(&job->serve->jobs.mutex);
    gw_feed_publish(job->serve->feed, "job", text);
    gw_arena_free(scratch);
}

/* ---- what it reports on its way -------------------------------------------------------------------------- */

static const char *kind_name(gw_progress_kind kind)
{
    static const char *const names[] = {
        [GW_PROGRESS_WAITING] = "waiting",     [GW_PROGRESS_PLAN] = "plan",
        [GW_PROGRESS_START] = "start",         [GW_PROGRESS_STATEMENT] = "statement",
        [GW_PROGRESS_COPY] = "copy",           [GW_PROGRESS_BATCH] = "batch",
        [GW_PROGRESS_LOCK_RETRY] = "lock",     [GW_PROGRESS_DONE] = "done",
        [GW_PROGRESS_FAILED] = "failed",       [GW_PROGRESS_WARNING] = "warning",
        [GW_PROGRESS_SQL] = "sql",             [GW_PROGRESS_NOTICE] = "notice"};
    return names[kind];
}

static bool comes_often(gw_progress_kind kind)
{
    return kind == GW_PROGRESS_STATEMENT || kind == GW_PROGRESS_COPY || kind == GW_PROGRESS_BATCH;
}

static void see(void *self, const gw_progress *p)
{
    gw_job *job = self;
    int64_t now = gw_monotonic_us();
    if (p->kind == GW_PROGRESS_SQL || (comes_often(p->kind) && now - job->told_at < TOLD_US))
        return;
    if (comes_often(p->kind))
        job->told_at = now;
    gw_arena *scratch = gw_arena_new();
    gw_json json = gw_json_start(scratch, NULL);
    gw_json_open(&json, NULL, '{');
    gw_json_int(&json, "job", job->id);
    gw_json_string(&json, "command", job->command);
    gw_json_string(&json, "kind", kind_name(p->kind));
    gw_json_string(&json, "tenant", p->tenant);
    gw_json_string(&json, "service", p->service);
    gw_json_string(&json, "version", p->version);
    gw_json_string(&json, "name", p->name);
    gw_json_bool(&json, "revert", p->revert);
    gw_json_int(&json, "done", p->done);
    gw_json_int(&json, "total", p->total);
    gw_json_int(&json, "duration_ms", p->duration_ms);
    gw_json_string(&json, "text", p->text);
    gw_json_close(&json, '}');
    gw_feed_publish(job->serve->feed, "progress", gw_buf_str(&json.buf));
    gw_arena_free(scratch);
}

/* ---- a life -------------------------------------------------------------------------------------------- */

static char *kept(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        gw_out_of_memory(strlen(text));
    return copy;
}

/* The error alone, out of the document that has it. */
static char *error_of(gw_arena *arena, const gw_err *err)
{
    gw_reply reply = {.arena = arena};
    gw_serve_error(&reply, err);
    size_t head = strlen("{\"error\":");
    return kept(gw_strndup(arena, reply.body + head, reply.len - head - 1));
}

static void *work(void *self)
{
    gw_job *job = self;
    gw_serve *serve = job->serve;
    gw_jobs *jobs = &serve->jobs;
    gw_err err = {0};
    gw_buf out = GW_BUF(job->arena);
    int exit_code = 0;
    gw_observer observer = {see, job};
    gw_call_run run = {.call = &job->call, .arena = job->arena, .who = job->who,
                       .cancel = &job->cancel, .observer = &observer};
    tell(job);
    const char *action = gw_printf(job->arena, "serve %s", job->command);
    /* What it does may outlast this process. */
    gw_audit_add(serve, action, "begun", job->who, gw_printf(job->arena, "job %" PRId64, job->id));
    int64_t began = gw_monotonic_us();
    bool ok = gw_call_do(serve, &run, &out, &exit_code, &err);
    bool stopped = !ok && err.kind == GW_ERR_INTERRUPTED;
    char *result = kept(gw_buf_str(&out)), *error = ok ? NULL : error_of(job->arena, &err);
    gw_audit_took(serve, action,
                  ok                             ? "ok"
                  : stopped                      ? "interrupted"
                  : err.kind == GW_ERR_REFUSED ? "refused"
                                               : "failed",
                  job->who, err.message, (gw_monotonic_us() - began) / 1000);
    gw_err_clear(&err);
    pthread_mutex_lock(&jobs->mutex);
    job->result = result;
    job->error = error;
    job->exit_code = exit_code;
    job->state = ok ? "done" : stopped ? "stopped" : "failed";
    job->ended_at = gw_now_us();
    gw_arena *arena = job->arena;
    job->arena = NULL;
    pthread_mutex_unlock(&jobs->mutex);
    gw_arena_free(arena);
    gw_cache_clear(&serve->cache);
    if (job->call.words.command == &gw_command_doctor)
        gw_doctor_forget(serve);
    tell(job);
    /* The last that is seen of this thread. */
    pthread_mutex_lock(&jobs->mutex);
    jobs->running--;
    pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

static void let_go(gw_job *job)
{
    gw_cancel_close(&job->cancel);
    if (job->arena)
        gw_arena_free(job->arena);
    free(job->who);
    free(job->result);
    free(job->error);
    free(job);
}

/* With the lock held: the oldest that have ended make room. */
static void forget_old(gw_jobs *jobs)
{
    while (jobs->count > KEPT) {
        gw_job **oldest = NULL;
        for (gw_job **p = &jobs->first; *p; p = &(*p)->next)
            if ((*p)->ended_at != GW_NULL_INT && !(*p)->arena && p != &jobs->first)
                oldest = p;
        if (!oldest)
            return;
        gw_job *gone = *oldest;
        *oldest = gone->next;
        jobs->count--;
        let_go(gone);
    }
}

static gw_job *job_new(gw_serve *serve, const gw_api *api, gw_request *request, gw_err *err)
{
    gw_job *job = calloc(1, sizeof *job);
    if (!job)
        gw_out_of_memory(sizeof *job);
    job->arena = gw_arena_new();
    job->serve = serve;
    job->command = api->name;
    job->state = "running";
    job->exit_code = -1;
    job->started_at = gw_now_us();
    job->ended_at = GW_NULL_INT;
    job->who = kept(request->who);
    gw_cancel_init(&job->cancel);
    gw_request own = *request; /* its words outlive the request */
    own.arena = job->arena;
    if (gw_call_of_request(api, &own, &job->call, err))
        return job;
    let_go(job);
    return NULL;
}

static bool start(gw_jobs *jobs, gw_job *job)
{
    pthread_t thread;
    pthread_mutex_lock(&jobs->mutex);
    bool ok = !jobs->stopping && jobs->running < AT_ONCE;
    if (ok) {
        job->id = jobs->next++;
        ok = pthread_create(&thread, NULL, work, job) == 0;
    }
    if (ok) {
        pthread_detach(thread);
        job->next = jobs->first;
        jobs->first = job;
        jobs->count++;
        jobs->running++;
        forget_old(jobs);
    }
    pthread_mutex_unlock(&jobs->mutex);
    return ok;
}

/* The name of a protected environment is asked for before anything begins. */
static bool named(const gw_serve *serve, const gw_call *call, gw_err *err)
{
    bool dry = false;
    for (size_t i = 0; i < call->words.value_count; i++)
        dry = dry || strcmp(call->words.values[i].option->name, "dry-run") == 0;
    if (!serve->protected_name || dry ||
        (call->protected_name && strcmp(call->protected_name, serve->protected_name) == 0))
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "environment %s is protected", serve->protected_name);
    return gw_err_hint(err, "if you mean it, its name has to come along: \"protected\": \"%s\"",
                       serve->protected_name);
}

void gw_job_start(gw_serve *serve, const gw_api *api, gw_request *request, gw_reply *reply)
{
    gw_err err = {0};
    gw_job *job = job_new(serve, api, request, &err);
    if (job && !named(serve, &job->call, &err)) {
        gw_audit_add(serve, gw_printf(request->arena, "serve %s", api->name), "refused",
                     request->who, err.message);
        let_go(job);
        job = NULL;
    }
    if (!job) {
        gw_serve_error(reply, &err);
        gw_err_clear(&err);
        return;
    }
    if (!start(&serve->jobs, job)) {
        static const char busy[] = "as many jobs as can run at once are running";
        let_go(job);
        gw_audit_add(serve, gw_printf(request->arena, "serve %s", api->name), "refused", request->who, busy);
        gw_reply_error(reply, 409, "busy", busy, "/api/v1/jobs lists them; one that is stopped or over makes room");
        return;
    }
    pthread_mutex_lock(&serve->jobs.mutex);
    gw_reply_text(reply, 202, "application/json", text_of(reply->arena, job, true));
    gw_reply_header(reply, "Location", gw_printf(reply->arena, "/api/v1/jobs/%" PRId64, job->id));
    pthread_mutex_unlock(&serve->jobs.mutex);
}

/* ---- asked about ------------------------------------------------------------------------------------------ */

void gw_jobs_list(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    if (!gw_own_query(request, reply))
        return;
    gw_json json = gw_json_start(reply->arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_json_open(&json, "jobs", '[');
    pthread_mutex_lock(&serve->jobs.mutex);
    for (const gw_job *job = serve->jobs.first; job; job = job->next) {
        gw_json_open(&json, NULL, '{');
        members(&json, job, false);
        gw_json_close(&json, '}');
    }
    pthread_mutex_unlock(&serve->jobs.mutex);
    gw_json_close(&json, ']');
    gw_json_close(&json, '}');
    gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
}

static void about_one(gw_serve *serve, gw_request *request, gw_reply *reply, bool stop)
{
    const char *asked = request->parts[0];
    pthread_mutex_lock(&serve->jobs.mutex);
    gw_job *job = serve->jobs.first;
    for (; job; job = job->next) {
        char id[24];
        snprintf(id, sizeof id, "%" PRId64, job->id);
        if (strcmp(id, asked) == 0)
            break;
    }
    if (job && stop && job->ended_at == GW_NULL_INT)
        gw_cancel_request(&job->cancel);
    if (job)
        gw_reply_text(reply, 200, "application/json", text_of(reply->arena, job, true));
    pthread_mutex_unlock(&serve->jobs.mutex);
    if (!job)
        gw_reply_error(reply, 404, "state", "there is no such job", "/api/v1/jobs lists them");
}

void gw_jobs_one(void *self, gw_request *request, gw_reply *reply)
{
    about_one(self, request, reply, false);
}

void gw_jobs_end_one(void *self, gw_request *request, gw_reply *reply)
{
    about_one(self, request, reply, true);
    gw_audit_add(self, "serve stop", reply->status == 200 ? "ok" : "failed", request->who,
                 gw_printf(request->arena, "job %s", request->parts[0]));
}

/* With the lock held. */
static void ask_all(gw_jobs *jobs, void (*ask)(gw_cancel *cancel))
{
    for (gw_job *job = jobs->first; job; job = job->next)
        if (job->ended_at == GW_NULL_INT)
            ask(&job->cancel);
}

/* Does the database answer whoever comes anew? Only silence says no. */
static bool is_there(gw_serve *serve)
{
    gw_arena *arena = gw_arena_new();
    gw_app *app;
    gw_err ignored = {0};
    bool there = !gw_serve_open(serve, arena, "serve", NULL, GW_READ_SLOW, &app, &ignored) ||
                 gw_app_answers(app, SILENT_MS);
    gw_err_clear(&ignored);
    gw_arena_free(arena);
    return there;
}

/*
 * With the lock held, until no job runs. A statement that runs may take its hours; asked to stop once more it is cancelled,
 * and where nobody is there who could run it or hear that, the job lets go: the next run finds what became of it.
 */
static void wait_for_jobs(gw_serve *serve)
{
    gw_jobs *jobs = &serve->jobs;
    int64_t looked = gw_monotonic_us() / 1000, cut_at = 0;
    while (jobs->running > 0) {
        pthread_mutex_unlock(&jobs->mutex);
        gw_sleep_ms(STEP_MS, NULL);
        int64_t now = gw_monotonic_us() / 1000;
        bool asked_twice = gw_cancel_level(serve->invocation->cancel) > 1, silent = false;
        if (!cut_at && !asked_twice && now - looked >= LOOK_MS) {
            silent = !is_there(serve);
            looked = now = gw_monotonic_us() / 1000;
        }
        pthread_mutex_lock(&jobs->mutex);
        if (!cut_at && (asked_twice || silent)) {
            ask_all(jobs, gw_cancel_request);
            /* The request to cancel then lies before a server that stands still, which reads it when it goes on. */
            cut_at = now + (silent ? HEARD_MS : SILENT_MS);
        } else if (cut_at && now >= cut_at) {
            ask_all(jobs, gw_cancel_cut);
        }
    }
}

void gw_jobs_stop(gw_serve *serve)
{
    gw_jobs *jobs = &serve->jobs;
    pthread_mutex_lock(&jobs->mutex);
    jobs->stopping = true;
    ask_all(jobs, gw_cancel_request);
    wait_for_jobs(serve);
    pthread_mutex_unlock(&jobs->mutex);
    while (jobs->first) {
        gw_job *next = jobs->first->next;
        let_go(jobs->first);
        jobs->first = next;
    }
}
