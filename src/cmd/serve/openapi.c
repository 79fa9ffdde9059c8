/* The OpenAPI 3.1 document, made from the table of paths and the options of the commands. */
#include <ctype.h>
#include <string.h>

#include "base/build.h"
#include "cmd/serve/serve.h"

/*
 * ---- shapes: {name:s,list:[i],~not_always:b,...} as JSON Schema; ...s: any others, of that type; (A|B): one of them;
 * <…>A: that, and what it is; %{…}: that, or as much of it as there was before an error, and the error; @: what the
 * job's command answers, or in one about any job what any of them does; z: null -----------------------------------
 */

static const char failure[] = "{kind:s,message:s?,detail:s?,hint:s?,sqlstate:s?,where:s?}";

typedef struct gw_shaping {
    gw_json *json;
    const gw_api *api;
} gw_shaping;

static const char *shape(const gw_shaping *s, const char *key, const char *at);

static void type_of(gw_json *json, const char *type, bool nullable)
{
    if (!nullable) {
        gw_json_string(json, "type", type);
        return;
    }
    gw_json_open(json, "type", '[');
    gw_json_string(json, NULL, type);
    gw_json_string(json, NULL, "null");
    gw_json_close(json, ']');
}

static int depth_of(char c)
{
    return c == '{' || c == '[' || c == '(' || c == '<' ? 1 : c == '}' || c == ']' || c == ')' || c == '>' ? -1 : 0;
}

/* Behind the thing that begins here: at its "?", where it has one. */
static const char *behind(const char *at)
{
    int depth = 0;
    if (*at == '<')
        at = strchr(at, '>') + 1;
    at += *at == '%';
    do
        depth += depth_of(*at++);
    while (depth);
    return at;
}

/* The name before the colon; what follows it. */
static const char *name_at(const char *at, char name[64])
{
    size_t len = strcspn(at, ":");
    memset(name, 0, 64);
    memcpy(name, at, len < 64 ? len : 63);
    return at + len + 1;
}

static void required(gw_json *json, const char *p, bool partial)
{
    gw_json_open(json, "required", '[');
    while (*p != '}') {
        char name[64];
        int depth = 0;
        if (*p != '.' && *p != '~' && !partial) {
            name_at(p, name);
            gw_json_string(json, NULL, name);
        }
        for (; depth || (*p != ',' && *p != '}'); p++)
            depth += depth_of(*p);
        p += *p == ',';
    }
    if (partial)
        gw_json_string(json, NULL, "error");
    gw_json_close(json, ']');
}

static const char *object(const gw_shaping *s, const char *at, bool partial)
{
    bool more = false;
    const char *others = NULL;
    const char *const from = ++at;
    gw_json_open(s->json, "properties", '{');
    while (*at != '}') {
        char name[64];
        if (*at == '.') {
            more = true;
            at += 3;
            others = *at == '}' ? NULL : at;
            at = others ? behind(others) : at;
            at += *at == '?';
            continue;
        }
        at = name_at(at + (*at == '~'), name);
        at = shape(s, name, at);
        at += *at == ',';
    }
    if (partial)
        shape(s, "error", failure);
    gw_json_close(s->json, '}');
    required(s->json, from, partial);
    if (others)
        shape(s, "additionalProperties", others);
    else
        gw_json_bool(s->json, "additionalProperties", more);
    return at + 1;
}

static void any_result(const gw_shaping *s)
{
    if (s->api->result) {
        shape(s, NULL, s->api->result);
        return;
    }
    for (size_t i = 0; i < gw_serve_route_count; i++) {
        const gw_api *api = gw_serve_routes[i].data;
        if (api && api->result)
            shape(s, NULL, api->result);
    }
}

/* One of several. */
static const char *choice(const gw_shaping *s, const char *at, bool nullable)
{
    char what = *at++;
    gw_json_open(s->json, "anyOf", '[');
    if (what == '@') {
        any_result(s);
    } else if (what == '(') {
        do
            at = shape(s, NULL, at);
        while (*at++ == '|');
    } else {
        shape(s, NULL, at);
        gw_json_open(s->json, NULL, '{');
        gw_json_string(s->json, "type", "object");
        at = object(s, at, true);
        gw_json_close(s->json, '}');
    }
    if (nullable)
        gw_json_raw(s->json, NULL, "{\"type\":\"null\"}");
    gw_json_close(s->json, ']');
    return at;
}

static const char *simple(char c)
{
    return c == 'i' ? "integer" : c == 'n' ? "number" : c == 'b' ? "boolean" : c == 'z' ? "null" : "string";
}

static const char *shape(const gw_shaping *s, const char *key, const char *at)
{
    gw_json *json = s->json;
    gw_json_open(json, key, '{');
    if (*at == '<') {
        size_t len = strcspn(++at, ">");
        gw_json_string(json, "description", gw_strndup(json->buf.arena, at, len));
        at += len + 1;
    }
    bool nullable = *behind(at) == '?';
    switch (*at) {
    case '{':
        type_of(json, "object", nullable);
        at = object(s, at, false);
        break;
    case '[':
        type_of(json, "array", nullable);
        at = shape(s, "items", at + 1) + 1;
        break;
    case '@':
    case '(':
    case '%':
        at = choice(s, at, nullable);
        break;
    case 't':
        type_of(json, "string", nullable);
        gw_json_string(json, "format", "date-time");
        at++;
        break;
    case '*':
        at++;
        break;
    default:
        type_of(json, simple(*at), nullable);
        at++;
    }
    gw_json_close(json, '}');
    return at + nullable;
}

/* ---- parameters ------------------------------------------------------------------------------------------ */

static const char *underscored(gw_arena *arena, const char *name)
{
    char *copy = gw_strdup(arena, name);
    for (char *p = copy; *p; p++)
        if (*p == '-')
            *p = '_';
    return copy;
}

static const gw_option *option_of(const gw_api *api, const char *name)
{
    for (const gw_option *o = api->command->options; o && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

static void option_schema(gw_json *json, const char *key, const gw_option *option)
{
    gw_json_open(json, key, '{');
    switch (option->type) {
    case GW_OPTION_FLAG:
        gw_json_string(json, "type", "boolean");
        break;
    case GW_OPTION_COUNT:
        gw_json_string(json, "type", "integer");
        gw_json_int(json, "minimum", 1);
        if (strcmp(option->name, "limit") == 0)
            gw_json_int(json, "maximum", 10000);
        break;
    case GW_OPTION_CHOICE:
        gw_json_string(json, "type", "string");
        gw_json_open(json, "enum", '[');
        for (const char *const *c = option->choices; *c; c++)
            gw_json_string(json, NULL, *c);
        gw_json_close(json, ']');
        break;
    case GW_OPTION_TEXT:
    case GW_OPTION_DURATION:
        gw_json_string(json, "type", "string");
        gw_json_int(json, "maxLength", 1024);
        break;
    }
    gw_json_string(json, "description", option->help);
    gw_json_close(json, '}');
}

static void parameter(gw_json *json, const char *name, const char *in)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "name", name);
    gw_json_string(json, "in", in);
    gw_json_bool(json, "required", strcmp(in, "path") == 0);
}

static void parameters(gw_json *json, gw_arena *arena, const gw_route *route, const gw_api *api)
{
    const char *brace = strchr(route->path, '{');
    gw_json_open(json, "parameters", '[');
    if (brace) {
        parameter(json, gw_strndup(arena, brace + 1, strcspn(brace + 1, "}")), "path");
        gw_json_raw(json, "schema", "{\"type\":\"string\",\"minLength\":1}");
        gw_json_close(json, '}');
    }
    for (const char *const *o = api->kind == GW_API_READ ? api->options : NULL; o && *o; o++) {
        parameter(json, underscored(arena, *o), "query");
        option_schema(json, "schema", option_of(api, *o));
        gw_json_close(json, '}');
    }
    if (api->kind == GW_API_READ && api->argument) {
        parameter(json, api->argument, "query");
        gw_json_raw(json, "schema", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":1024}");
        gw_json_close(json, '}');
    }
    for (const char *const *q = api->kind == GW_API_OWN ? api->query : NULL; q && *q; q += 2) {
        parameter(json, q[0], "query");
        gw_json_string(json, "description", q[1]);
        gw_json_raw(json, "schema", "{\"type\":\"string\",\"maxLength\":1024}");
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void body(gw_json *json, gw_arena *arena, const gw_api *api)
{
    gw_json_open(json, "requestBody", '{');
    gw_json_open(json, "content", '{');
    gw_json_open(json, "application/json", '{');
    gw_json_open(json, "schema", '{');
    gw_json_string(json, "type", "object");
    gw_json_bool(json, "additionalProperties", false);
    gw_json_open(json, "properties", '{');
    gw_json_raw(json, "protected",
                "{\"type\":\"string\",\"description\":\"the environment's name, where it is protected\"}");
    for (const char *const *o = api->options; o && *o; o++)
        option_schema(json, underscored(arena, *o), option_of(api, *o));
    if (api->id)
        gw_json_raw(json, api->argument,
                    "{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_-]+$\",\"maxLength\":1024}");
    else if (api->argument)
        gw_json_raw(json, api->argument,
                    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":1024}}");
    gw_json_close(json, '}');
    if (api->must) {
        gw_json_open(json, "required", '[');
        gw_json_string(json, NULL, api->must);
        gw_json_close(json, ']');
    }
    for (int i = 0; i < 4; i++)
        gw_json_close(json, '}');
}

/* ---- the whole ------------------------------------------------------------------------------------------- */

static void response(gw_json *json, const gw_api *api, const char *status, const char *what, const char *type,
                     const char *shape_text)
{
    gw_json_open(json, status, '{');
    gw_json_string(json, "description", what);
    gw_json_open(json, "content", '{');
    gw_json_open(json, type, '{');
    if (shape_text)
        shape(&(gw_shaping){json, api}, "schema", shape_text);
    gw_json_close(json, '}');
    gw_json_close(json, '}');
    gw_json_close(json, '}');
}

static void operation(gw_json *json, gw_arena *arena, const gw_route *route)
{
    static const char error[] =
        "{error:{kind:s,message:s?,detail:s?,hint:s?,sqlstate:s?,where:s?},...}";
    const gw_api *api = route->data;
    char method[8] = "";
    for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    gw_json_open(json, method, '{');
    gw_json_string(json, "summary", api->summary);
    gw_json_string(json, "x-role", gw_role_name(route->role));
    if (route->role == GW_ROLE_NOBODY)
        gw_json_raw(json, "security", "[]");
    parameters(json, arena, route, api);
    if (api->kind == GW_API_ACT || api->kind == GW_API_JOB)
        body(json, arena, api);
    gw_json_open(json, "responses", '{');
    response(json, api, api->kind == GW_API_JOB ? "202" : "200",
             api->kind == GW_API_JOB ? "It has begun" : "The answer",
             api->shape ? "application/json" : api->type ? api->type : "text/plain", api->shape);
    if (strcmp(route->path, "/health/ready") == 0)
        response(json, api, "503", "What is not as it should be", "application/json", api->shape);
    else
        response(json, api, "default", "What went wrong", "application/json", error);
    gw_json_close(json, '}');
    gw_json_close(json, '}');
}

void gw_openapi_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_json json = gw_json_start(reply->arena, NULL);
    (void)self, (void)request;
    gw_json_open(&json, NULL, '{');
    gw_json_string(&json, "openapi", "3.1.0");
    gw_json_open(&json, "info", '{');
    gw_json_string(&json, "title", "Godwit");
    gw_json_string(&json, "version", GW_VERSION);
    gw_json_close(&json, '}');
    gw_json_raw(&json, "components",
                "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
                "\"browser\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"godwit_session\"}}}");
    gw_json_raw(&json, "security", "[{\"token\":[]},{\"browser\":[]}]");
    gw_json_open(&json, "paths", '{');
    for (size_t i = 0; i < gw_serve_route_count; i++) {
        const gw_route *route = &gw_serve_routes[i];
        if (!route->data)
            continue;
        gw_json_open(&json, route->path, '{');
        operation(&json, reply->arena, route);
        gw_json_close(&json, '}');
    }
    gw_json_close(&json, '}');
    gw_json_close(&json, '}');
    gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
}
