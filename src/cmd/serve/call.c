/* A request as the words of a command, and the command run for it. */
#include <string.h>

#include "app/place.h"
#include "base/json.h"
#include "base/vec.h"
#include "cmd/report.h"
#include "cmd/serve/serve.h"

enum { TEXT_MOST = 1024, NUMBER_MOST = 1000000000, LIMIT_MOST = 10000, JOBS_MOST = 64, NAMES_MOST = 1000 };

typedef struct gw_reading {
    gw_arena *arena;
    const gw_api *api;
    GW_VEC(gw_value) values;
    GW_VEC(const char *) arguments;
    const char *protected_name;
} gw_reading;

/* ---- words --------------------------------------------------------------------------------------------- */

/* out_of_order here, --out-of-order there. */
static bool same_name(const char *here, const char *there)
{
    for (; *here && *there; here++, there++)
        if (*here != *there && !(*here == '_' && *there == '-'))
            return false;
    return *here == *there;
}

static const gw_option *option_named(const gw_api *api, const char *name, bool dashes)
{
    for (const gw_option *o = api->command->options; o && o->name; o++)
        if (dashes ? strcmp(o->name, name) == 0 : same_name(name, o->name))
            return o;
    return NULL;
}

static bool in_list(const char *const *list, const char *name)
{
    for (; list && *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool put(gw_reading *r, const gw_option *option, const char *text, gw_err *err)
{
    gw_value value;
    if (strlen(text) > TEXT_MOST)
        return gw_err_set(err, GW_ERR_USAGE, "%s is too long", option->name);
    if (!gw_words_value(option, text, &value, err))
        return false;
    int64_t most = strcmp(option->name, "limit") == 0  ? LIMIT_MOST
                   : strcmp(option->name, "jobs") == 0 ? JOBS_MOST
                                                       : NUMBER_MOST;
    if (option->type == GW_OPTION_COUNT && value.number > most)
        return gw_err_set(err, GW_ERR_USAGE, "%s is at most %lld", option->name, (long long)most);
    *gw_vec_push(r->arena, &r->values) = value;
    return true;
}

static bool add_argument(gw_reading *r, const char *text, gw_err *err)
{
    const gw_argument *place = r->api->command->arguments;
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (!*text || strlen(text) > TEXT_MOST || (r->api->id && text[strspn(text, plain)]) || r->arguments.len == NAMES_MOST ||
        (r->arguments.len && !place->many))
        return gw_err_set(err, GW_ERR_USAGE, "%s cannot be that", r->api->argument);
    *gw_vec_push(r->arena, &r->arguments) = text;
    return true;
}

static bool unknown(const gw_api *api, const char *name, gw_err *err)
{
    gw_err_set(err, GW_ERR_USAGE, "there is no parameter \"%.100s\" here", name);
    return gw_err_hint(err, "/api/v1/openapi.json lists those of %s", api->name);
}

/* ---- a query, a body ----------------------------------------------------------------------------------- */

static bool read_query(gw_reading *r, const gw_request *request, gw_err *err)
{
    for (size_t i = 0; i < request->query.len; i++) {
        const gw_pair *pair = &request->query.items[i];
        const gw_option *option = option_named(r->api, pair->name, false);
        if (r->api->argument && strcmp(pair->name, r->api->argument) == 0) {
            if (!add_argument(r, pair->value, err))
                return false;
            continue;
        }
        if (!option || !in_list(r->api->options, option->name))
            return unknown(r->api, pair->name, err);
        if (option->type == GW_OPTION_FLAG) {
            if (strcmp(pair->value, "false") == 0)
                continue;
            if (strcmp(pair->value, "true") != 0)
                return gw_err_set(err, GW_ERR_USAGE, "%s is true or false", pair->name);
        }
        if (!put(r, option, pair->value, err))
            return false;
    }
    return true;
}

static bool read_member(gw_reading *r, const char *name, const json_t *value, gw_err *err)
{
    const gw_option *option = option_named(r->api, name, false);
    if (strcmp(name, "protected") == 0 && json_is_string(value)) {
        r->protected_name = json_string_value(value);
        return true;
    }
    if (r->api->argument && strcmp(name, r->api->argument) == 0) {
        size_t i;
        json_t *item;
        if (json_is_string(value))
            return add_argument(r, json_string_value(value), err);
        if (!json_is_array(value))
            return gw_err_set(err, GW_ERR_USAGE, "%s is a list of names", name);
        json_array_foreach(value, i, item)
            if (!json_is_string(item))
                return gw_err_set(err, GW_ERR_USAGE, "%s is a list of names", name);
            else if (!add_argument(r, json_string_value(item), err))
                return false;
        return true;
    }
    if (!option || !in_list(r->api->options, option->name))
        return unknown(r->api, name, err);
    if (option->type == GW_OPTION_FLAG) {
        if (!json_is_boolean(value))
            return gw_err_set(err, GW_ERR_USAGE, "%s is true or false", name);
        return json_is_false(value) || put(r, option, "true", err);
    }
    if (option->type == GW_OPTION_COUNT && json_is_integer(value))
        return put(r, option, gw_printf(r->arena, "%lld", (long long)json_integer_value(value)), err);
    if (option->type == GW_OPTION_COUNT || !json_is_string(value))
        return gw_err_set(err, GW_ERR_USAGE, "%s is a %s", name,
                          option->type == GW_OPTION_COUNT ? "whole number" : "text");
    return put(r, option, json_string_value(value), err);
}

static bool read_body(gw_reading *r, const gw_request *request, gw_err *err)
{
    const char *key;
    json_t *value;
    if (request->query.len)
        return gw_err_set(err, GW_ERR_USAGE, "an action takes its parameters in the body");
    if (!request->body_len)
        return true;
    json_t *body = gw_json_parse(r->arena, "the body", request->body, request->body_len, err);
    if (!body) {
        err->kind = GW_ERR_USAGE;
        return false;
    }
    if (!json_is_object(body))
        return gw_err_set(err, GW_ERR_USAGE, "the body is not an object");
    json_object_foreach(body, key, value)
        if (!read_member(r, key, value, err))
            return false;
    return true;
}

static bool has_must(const gw_reading *r, gw_err *err)
{
    for (size_t i = 0; i < r->values.len; i++)
        if (strcmp(r->values.items[i].option->name, r->api->must) == 0)
            return true;
    return gw_err_set(err, GW_ERR_USAGE, "%s has to say which", r->api->must);
}

bool gw_call_of_request(const gw_api *api, const gw_request *request, gw_call *out, gw_err *err)
{
    gw_reading r = {.arena = request->arena, .api = api};
    *out = (gw_call){.api = api};
    for (const char *const *f = api->fixed; f && *f; f++)
        if (!put(&r, option_named(api, *f, true), "true", err))
            return false;
    if (api->action)
        *gw_vec_push(r.arena, &r.arguments) = api->action;
    if (api->in_path && !put(&r, option_named(api, api->in_path, true), request->parts[0], err))
        return false;
    bool ok = api->kind == GW_API_READ ? read_query(&r, request, err) : read_body(&r, request, err);
    if (!ok || (api->must && !has_must(&r, err)))
        return false;
    out->words = (gw_words){.command = api->command,
                            .values = r.values.items,
                            .value_count = r.values.len,
                            .arguments = r.arguments.items,
                            .argument_count = r.arguments.len,
                            .json = true};
    out->protected_name = r.protected_name;
    return true;
}

/* ---- the command --------------------------------------------------------------------------------------- */

int64_t gw_serve_answer_ms(const gw_serve *serve, gw_read sort)
{
    return sort == GW_READ_SOON    ? (serve->answer_ms + 2) / 3
           : sort == GW_READ_USUAL ? serve->answer_ms
                                   : serve->answer_ms * 4;
}

bool gw_serve_open(gw_serve *serve, gw_arena *arena, const char *command, const char *who,
                   gw_read sort, gw_app **out, gw_err *err)
{
    gw_app_options options = serve->app;
    options.command = command;
    options.actor = who;
    options.pool = sort != GW_READ_SLOW ? serve->pool : NULL;
    options.answer_ms = gw_serve_answer_ms(serve, sort);
    return gw_app_open(arena, &options, out, err);
}

typedef struct gw_both {
    gw_observer first, second;
} gw_both;

static void see_both(void *self, const gw_progress *progress)
{
    gw_both *both = self;
    both->first.see(both->first.self, progress);
    if (both->second.see)
        both->second.see(both->second.self, progress);
}

static bool run_it(gw_invocation *invocation, gw_err *err)
{
    const gw_command *command = invocation->words.command;
    if ((command->flags & GW_COMMAND_WRITES) && !gw_flag(invocation, "dry-run") &&
        !gw_app_may_write(invocation->app, err))
        return false;
    return command->run(invocation, err);
}

bool gw_call_do(gw_serve *serve, const gw_call_run *run, gw_buf *out, int *exit_code, gw_err *err)
{
    const gw_call *call = run->call;
    gw_json json = gw_json_start(run->arena, NULL);
    gw_invocation invocation = {.arena = run->arena,
                                .words = call->words,
                                .name = call->api->name,
                                .term = serve->invocation->term,
                                .json = true,
                                .quiet = true,
                                .out = &json,
                                .cancel = run->cancel,
                                .log = serve->invocation->log};
    gw_both both = {{0}, {0}};
    invocation.progress = gw_progress_view_new(
        run->arena, &(gw_progress_options){.term = invocation.term, .quiet = true, .json = &json});
    both.first = gw_progress_view_observer(invocation.progress);
    if (run->observer)
        both.second = *run->observer;
    gw_app_options options = serve->app;
    options.command = call->api->name;
    options.actor = run->who;
    options.pool = run->pooled ? serve->pool : NULL;
    options.answer_ms = run->answer_ms;
    options.protected_name = call->protected_name;
    options.cancel = run->cancel;
    options.config.cancel = run->cancel;
    options.observer = (gw_observer){see_both, &both};
    gw_json_open(&json, NULL, '{');
    bool ok = gw_app_open(run->arena, &options, &invocation.app, err) && run_it(&invocation, err);
    if (!ok && invocation.app)
        gw_app_place_database(invocation.app, err);
    gw_progress_view_stop(invocation.progress);
    if (!ok)
        gw_report_json(&json, "error", err);
    gw_json_close(&json, '}');
    *out = json.buf;
    *exit_code = ok ? invocation.exit_code : gw_exit_code(err->kind);
    return ok;
}

/* ---- errors -------------------------------------------------------------------------------------------- */

unsigned gw_serve_status_of(gw_err_kind kind)
{
    switch (kind) {
    case GW_ERR_USAGE:
        return 400;
    case GW_ERR_REFUSED:
        return 403;
    case GW_ERR_INPUT:
    case GW_ERR_UNSUPPORTED:
        return 422;
    case GW_ERR_CONFIG:
    case GW_ERR_STATE:
    case GW_ERR_CHECK:
    case GW_ERR_BUSY:
    case GW_ERR_LOCK:
    case GW_ERR_SQL:
    case GW_ERR_RETRYABLE:
    case GW_ERR_PRIVILEGE:
        return 409;
    case GW_ERR_CONNECT:
    case GW_ERR_LOST:
    case GW_ERR_CANCELED:
    case GW_ERR_INTERRUPTED:
        return 503;
    default:
        return 500;
    }
}

void gw_serve_error(gw_reply *reply, const gw_err *err)
{
    gw_json json = gw_json_start(reply->arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_report_json(&json, "error", err);
    gw_json_close(&json, '}');
    gw_reply_text(reply, gw_serve_status_of(err->kind), "application/json", gw_buf_str(&json.buf));
}
