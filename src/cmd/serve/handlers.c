/* Handlers of the table. */
#include <string.h>

#include "app/migration_file.h"
#include "app/pages.h"
#include "base/build.h"
#include "base/clock.h"
#include "cmd/report.h"
#include "cmd/serve/serve.h"
#include "http/site.h"

enum { SHARED_MS = 250, READY_MS = 1000, PICTURE_MS = 2000 };

/* ---- commands ------------------------------------------------------------------------------------------ */

typedef struct gw_asked {
    gw_serve *serve;
    const gw_request *request;
    const gw_call *call;
} gw_asked;

static void answer(void *self, gw_reply *reply)
{
    const gw_asked *asked = self;
    const gw_api *api = asked->call->api;
    gw_err err = {0};
    gw_buf out = GW_BUF(reply->arena);
    int exit_code;
    gw_call_run run = {.call = asked->call,
                       .arena = reply->arena,
                       .who = asked->request->who,
                       .cancel = &asked->serve->reads,
                       .pooled = api->kind == GW_API_READ,
                       .answer_ms = asked->serve->answer_ms};
    unsigned status = 200;
    int64_t began = gw_monotonic_us();
    if (!gw_call_do(asked->serve, &run, &out, &exit_code, &err)) {
        status = gw_serve_status_of(err.kind);
        if (api->in_path && err.kind == GW_ERR_STATE)
            status = 404;
    }
    gw_reply_text(reply, status, "application/json", gw_buf_str(&out));
    if (api->kind == GW_API_ACT)
        gw_audit_took(asked->serve, gw_printf(reply->arena, "serve %s", api->name),
                      err.kind == GW_OK                ? "ok"
                      : err.kind == GW_ERR_REFUSED ? "refused"
                                                   : "failed",
                      asked->request->who, err.message, (gw_monotonic_us() - began) / 1000);
    gw_err_clear(&err);
}

/* What tells one question from another: the path and all that was read of the query. */
static char *key_of(gw_arena *arena, const gw_request *request, const gw_call *call)
{
    gw_buf key = GW_BUF(arena);
    gw_buf_add(&key, request->path);
    for (size_t i = 0; i < call->words.value_count; i++)
        gw_buf_addf(&key, "&%s=%zu:%s", call->words.values[i].option->name,
                    strlen(call->words.values[i].text), call->words.values[i].text);
    for (size_t i = 0; i < call->words.argument_count; i++)
        gw_buf_addf(&key, "&%zu:%s", strlen(call->words.arguments[i]), call->words.arguments[i]);
    return gw_strdup(arena, gw_buf_str(&key));
}

void gw_api_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    const gw_api *api = request->route->data;
    gw_call call;
    gw_err err = {0};
    if (api->kind == GW_API_JOB) {
        gw_job_start(serve, api, request, reply);
        return;
    }
    if (!gw_call_of_request(api, request, &call, &err)) {
        gw_serve_error(reply, &err);
        gw_err_clear(&err);
        return;
    }
    gw_asked asked = {serve, request, &call};
    if (api->shared)
        gw_cache_answer(&serve->cache, key_of(request->arena, request, &call), SHARED_MS, reply,
                        answer, &asked);
    else
        answer(&asked, reply);
    if (api->kind == GW_API_ACT)
        gw_cache_clear(&serve->cache);
}

/* ---- a migration's files --------------------------------------------------------------------------------- */

bool gw_own_query(const gw_request *request, gw_reply *reply)
{
    const gw_api *api = request->route->data;
    gw_err err = {0};
    for (size_t i = 0; i < request->query.len && !err.kind; i++) {
        const gw_pair *pair = &request->query.items[i];
        const char *const *q = api->query;
        while (q && *q && strcmp(*q, pair->name) != 0)
            q += 2;
        if (!q || !*q)
            gw_err_set(&err, GW_ERR_USAGE, "there is no parameter \"%.100s\" here", pair->name);
        else if (gw_pair_find(&request->query, pair->name) != pair->value || strlen(pair->value) > 1024)
            gw_err_set(&err, GW_ERR_USAGE, "%s cannot be that", pair->name);
    }
    if (!err.kind)
        return true;
    gw_serve_error(reply, &err);
    gw_err_clear(&err);
    return false;
}

/* An error that says: there is no such thing. */
static void missing(gw_reply *reply, gw_err *err)
{
    gw_serve_error(reply, err);
    if (err->kind == GW_ERR_STATE)
        reply->status = 404;
    gw_err_clear(err);
}

static void migration_json(gw_json *json, const gw_migration_file *file)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "version", file->version);
    gw_json_string(json, "name", file->name);
    gw_json_string(json, "service", file->service);
    gw_json_bool(json, "gone", !file->texts.len);
    gw_json_open(json, "files", '[');
    for (size_t i = 0; i < file->texts.len; i++) {
        const gw_migration_text *text = &file->texts.items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "way", text->way);
        gw_json_string(json, "path", text->path);
        gw_json_string(json, "sql", text->sql);
        gw_json_int(json, "bytes", text->bytes);
        gw_json_bool(json, "cut", text->cut);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_close(json, '}');
}

void gw_migration_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_json json = gw_json_start(reply->arena, NULL);
    gw_migration_file file;
    gw_err err = {0};
    gw_app *app;
    const char *version = gw_pair_find(&request->query, "version");
    const char *service = gw_pair_find(&request->query, "service");
    if (!gw_own_query(request, reply))
        return;
    if (!version) {
        gw_reply_error(reply, 400, "usage", "version has to say which migration", NULL);
        return;
    }
    if (gw_serve_open(serve, reply->arena, "status", NULL, GW_READ_USUAL, &app, &err) &&
        gw_app_migration_file(app, reply->arena, service ? service : "", version, &file, &err)) {
        migration_json(&json, &file);
        gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
        return;
    }
    missing(reply, &err);
}

/* ---- a picture ------------------------------------------------------------------------------------------ */

static void draw(void *self, gw_reply *reply)
{
    const gw_asked *asked = self;
    gw_serve *serve = asked->serve;
    gw_err err = {0};
    gw_app *app;
    char *svg;
    const gw_docs_view view = {.schema = gw_pair_find(&asked->request->query, "schema"),
                               .table = gw_pair_find(&asked->request->query, "table"),
                               .most_ms = serve->picture_most_ms};
    if (gw_serve_open(serve, reply->arena, "docs", NULL, GW_READ_USUAL, &app, &err) &&
        gw_app_picture(app, reply->arena, &view, &svg, &err)) {
        gw_reply_text(reply, 200, "image/svg+xml", svg);
        return;
    }
    bool lacking = err.kind == GW_ERR_UNSUPPORTED;
    missing(reply, &err);
    if (lacking)
        reply->status = 501;
}

void gw_picture_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_asked asked = {self, request, NULL};
    gw_buf key = GW_BUF(request->arena);
    if (!gw_own_query(request, reply))
        return;
    gw_buf_add(&key, request->path);
    for (size_t i = 0; i < request->query.len; i++)
        gw_buf_addf(&key, "&%s=%zu:%s", request->query.items[i].name,
                    strlen(request->query.items[i].value), request->query.items[i].value);
    gw_cache_answer(&asked.serve->cache, gw_buf_str(&key), PICTURE_MS, reply, draw, &asked);
}

/* ---- health -------------------------------------------------------------------------------------------- */

void gw_live_handle(void *self, gw_request *request, gw_reply *reply)
{
    (void)self, (void)request;
    gw_reply_text(reply, 200, "application/json", "{\"live\":true}");
}

static void look(void *self, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_arena *arena = reply->arena;
    gw_app *app;
    gw_err err = {0};
    gw_health health = {.healthy = true};
    if (!gw_serve_open(serve, arena, "health", NULL, GW_READ_SOON, &app, &err) ||
        !gw_app_health(app, arena, &serve->health, &health, &err)) {
        gw_health_add(arena, &health, "project", "the project cannot be read");
        gw_log_write(serve->invocation->log, GW_LOG_WARNING, NULL, err.message, GW_NO_FIELDS);
    }
    gw_err_clear(&err);
    pthread_mutex_lock(&serve->watcher.mutex);
    if (serve->watcher.drift_known)
        gw_health_add(arena, &health, "drift",
                      serve->watcher.drift_ok ? NULL : gw_strdup(arena, serve->watcher.drift_reason));
    pthread_mutex_unlock(&serve->watcher.mutex);
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_health_json(&json, &health);
    gw_json_close(&json, '}');
    gw_reply_text(reply, health.healthy ? 200 : 503, "application/json", gw_buf_str(&json.buf));
}

void gw_ready_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    (void)request;
    gw_cache_answer(&serve->cache, "ready", READY_MS, reply, look, serve);
}

/* ---- who asks, events, the front ------------------------------------------------------------------------ */

void gw_session_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_json json = gw_json_start(reply->arena, NULL);
    if (!gw_own_query(request, reply))
        return;
    gw_json_open(&json, NULL, '{');
    gw_json_string(&json, "who", request->who);
    gw_json_string(&json, "role", gw_role_name(request->role));
    gw_json_string(&json, "csrf", gw_who_csrf(serve, request));
    gw_json_string(&json, "environment", serve->environment);
    gw_json_string(&json, "protected", serve->protected_name);
    gw_json_string(&json, "version", GW_VERSION);
    gw_json_time(&json, "started_at", serve->started_at);
    gw_json_close(&json, '}');
    gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
}

void gw_events_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    const char *last = gw_request_header(request, "Last-Event-ID");
    if (!gw_own_query(request, reply))
        return;
    if (!last)
        last = gw_pair_find(&request->query, "last_event_id");
    uint64_t epoch, sequence;
    if (last && !gw_event_id_read(last, &epoch, &sequence)) {
        gw_reply_error(reply, 400, "usage", "Last-Event-ID is none that was given here", NULL);
        return;
    }
    gw_watch_wanted(serve);
    gw_reply_text(reply, 200, "text/event-stream", "");
    gw_reply_header(reply, "X-Accel-Buffering", "no");
    reply->feed = serve->feed;
    reply->last_id = last;
}

void gw_front_handle(void *self, gw_request *request, gw_reply *reply)
{
    if (gw_site_file_count) {
        gw_site_handle(self, request, reply);
        return;
    }
    gw_reply_text(reply, 200, "text/plain; charset=utf-8",
                  "Godwit " GW_VERSION ", built without its dashboard: node or web/node_modules were not there "
                  "(scripts/install-deps web)\n\n/api/v1/openapi.json  what can be asked\n"
                  "/api/v1/events        what happens\n/health/ready         is all as it should be\n"
                  "/metrics              figures for Prometheus\n");
}
