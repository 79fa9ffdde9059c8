/* Who asks, and may they? A link that works once, tokens, a proxy that is trusted to know. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "cmd/serve/serve.h"
#include "control/token.h"

enum { SESSION_HOURS = 12, KNOWN_MS = 2000, AWAY_MS = 600000, TRIES = 10, TRY_AGAIN_MS = 6000 };
static const char cookie[] = "godwit_session";

typedef enum { BY_NOBODY, BY_TOKEN, BY_COOKIE, BY_PROXY } gw_by;

void gw_who_init(gw_serve *serve)
{
    gw_serve_who *who = &serve->who;
    unsigned char bytes[32];
    gw_arena *scratch = gw_arena_new();
    pthread_mutex_init(&who->mutex, NULL);
    gw_limit_init(&who->limit, TRIES, TRY_AGAIN_MS * 1000);
    gw_random_bytes(bytes, sizeof bytes);
    snprintf(who->secret, sizeof who->secret, "%s", gw_hex(scratch, bytes, sizeof bytes));
    snprintf(who->link_token, sizeof who->link_token, "%s", gw_token_new(scratch));
    gw_arena_free(scratch);
}

const char *gw_role_name(gw_role role)
{
    static const char *const names[] = {"nobody", "viewer", "operator"};
    return names[role];
}

static gw_role role_of(const char *name)
{
    return strcmp(name, "operator") == 0 ? GW_ROLE_OPERATOR : GW_ROLE_VIEWER;
}

/* ---- refusals ------------------------------------------------------------------------------------------ */

static void refuse(gw_serve *serve, const gw_request *request, gw_reply *reply, unsigned status,
                   const char *why, const char *hint)
{
    static const struct {
        unsigned status;
        const char *message;
    } words[] = {{401, "who asks is not known"}, {403, "that is not allowed"},
                 {415, "the body has to be JSON"}, {429, "too many attempts"}};
    const char *message = "refused";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].status == status)
            message = words[i].message;
    gw_reply_error(reply, status, "refused", gw_printf(reply->arena, "%s: %s", message, why), hint);
    gw_who_refused(serve, request, status, why);
    if (status == 401)
        gw_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"godwit\"");
    if (status == 429)
        gw_reply_header(reply, "Retry-After", "6");
}

/* The path without its query: a token may stand there. */
void gw_who_refused(void *self, const gw_request *request, unsigned status, const char *why)
{
    /* Nobody of this machine: not even the server's own user. */
    const char *who = request->who ? request->who : gw_printf(request->arena, "unknown (%s)", request->peer);
    gw_audit_add(self, "serve", "refused", who,
                 gw_printf(request->arena, "%u %s: %.20s %.200s from %s", status, why, request->method,
                           request->path, request->peer));
}

static bool changes(const gw_request *request)
{
    return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0;
}

/* ---- a token ------------------------------------------------------------------------------------------- */

static bool known_token(gw_serve_who *who, gw_request *request, const char *digest, int64_t longer_ms)
{
    bool found = false;
    int64_t now = gw_monotonic_us();
    pthread_mutex_lock(&who->mutex);
    for (size_t i = 0; i < GW_SERVE_KNOWN && !found; i++) {
        int64_t expires_at = who->known[i].expires_at;
        bool holds = who->known[i].until && who->known[i].until + longer_ms * 1000 >= now &&
                     (expires_at == GW_NULL_INT || expires_at > gw_now_us());
        if (holds && strcmp(who->known[i].digest, digest) == 0) {
            request->role = who->known[i].role;
            request->who = gw_strdup(request->arena, who->known[i].name);
            found = true;
        }
    }
    pthread_mutex_unlock(&who->mutex);
    return found;
}

/* Whoever asked lately still looks while the database is away, be it to read that it is: nobody could have revoked the
 * token there meanwhile. To act takes a look. */
static bool known_lately(gw_serve_who *who, gw_request *request, const char *digest, const gw_err *err)
{
    bool away = err->kind == GW_ERR_CONNECT || err->kind == GW_ERR_LOST || err->kind == GW_ERR_BUSY;
    return away && !changes(request) && known_token(who, request, digest, AWAY_MS);
}

static void forget(gw_serve_who *who, const char *digest)
{
    pthread_mutex_lock(&who->mutex);
    for (size_t i = 0; i < GW_SERVE_KNOWN; i++)
        if (strcmp(who->known[i].digest, digest) == 0)
            who->known[i].until = 0;
    pthread_mutex_unlock(&who->mutex);
}

static void remember(gw_serve_who *who, const char *digest, const gw_token *token)
{
    size_t oldest = 0;
    pthread_mutex_lock(&who->mutex);
    for (size_t i = 1; i < GW_SERVE_KNOWN; i++)
        if (who->known[i].until < who->known[oldest].until)
            oldest = i;
    who->known[oldest].role = role_of(token->role);
    who->known[oldest].expires_at = token->expires_at;
    who->known[oldest].until = gw_monotonic_us() + KNOWN_MS * 1000;
    snprintf(who->known[oldest].digest, sizeof who->known->digest, "%s", digest);
    snprintf(who->known[oldest].name, sizeof who->known->name, "%s", token->name);
    pthread_mutex_unlock(&who->mutex);
}

static bool find_token(gw_serve *serve, gw_arena *arena, const char *digest, gw_token *token,
                       bool *found, gw_err *err)
{
    gw_session *session;
    if (!gw_pool_take(serve->pool, &session, err))
        return false;
    bool ok = gw_token_find(session, arena, digest, token, found, err);
    gw_pool_give(serve->pool, session, !ok);
    return ok;
}

static bool by_token(gw_serve *serve, gw_request *request, gw_reply *reply, const char *said)
{
    gw_token token;
    bool found = false;
    gw_err err = {0};
    const char *bearer = gw_bearer(said);
    const char *digest = bearer ? gw_token_digest(request->arena, bearer) : NULL;
    if (digest && known_token(&serve->who, request, digest, 0))
        return true;
    int64_t now = gw_monotonic_us();
    if (!gw_limit_allows(&serve->who.limit, request->peer, now)) {
        refuse(serve, request, reply, 429, "token", NULL);
        return false;
    }
    if (digest && !find_token(serve, request->arena, digest, &token, &found, &err)) {
        if (known_lately(&serve->who, request, digest, &err)) {
            gw_err_clear(&err);
            return true;
        }
        gw_reply_error(reply, 503, gw_err_kind_name(err.kind), "tokens cannot be looked up just now",
                       "the database cannot be asked");
        gw_err_clear(&err);
        return false;
    }
    if (!found) {
        if (digest)
            forget(&serve->who, digest);
        gw_limit_failed(&serve->who.limit, request->peer, now);
        refuse(serve, request, reply, 401, "no such token", "godwit serve token create NAME");
        return false;
    }
    request->role = role_of(token.role);
    request->who = token.name;
    remember(&serve->who, digest, &token);
    return true;
}

/* ---- a browser, a proxy --------------------------------------------------------------------------------- */

static bool by_cookie(gw_serve_who *who, gw_request *request)
{
    const char *value = gw_pair_find(&request->cookies, cookie);
    if (!value)
        return false;
    bool found = false;
    const char *digest = gw_token_digest(request->arena, value);
    int64_t now = gw_monotonic_us();
    pthread_mutex_lock(&who->mutex);
    for (size_t i = 0; i < GW_SERVE_SESSIONS && !found; i++)
        if (who->sessions[i].until >= now && strcmp(who->sessions[i].digest, digest) == 0) {
            request->role = who->sessions[i].role;
            found = true;
        }
    pthread_mutex_unlock(&who->mutex);
    if (found)
        request->who = gw_printf(request->arena, "browser %.8s", digest);
    return found;
}

static bool by_proxy(const gw_serve_who *who, gw_request *request)
{
    enum { NAME_MOST = 100 };
    if (!who->proxy_header || strcmp(request->peer, who->proxy_from) != 0)
        return false;
    const char *name = gw_request_header(request, who->proxy_header);
    if (!gw_header_word(name, NAME_MOST))
        return false;
    request->role = GW_ROLE_VIEWER;
    for (const char *const *o = who->proxy_operators; o && *o; o++)
        if (strcmp(*o, name) == 0)
            request->role = GW_ROLE_OPERATOR;
    request->who = name;
    return true;
}

const char *gw_who_csrf(gw_serve *serve, const gw_request *request)
{
    const char *value = gw_pair_find(&request->cookies, cookie);
    const char *text = gw_printf(request->arena, "%s/%s/%s", serve->who.secret,
                                 request->who ? request->who : "", value ? value : "");
    return gw_token_digest(request->arena, text);
}

/* ---- the guard ----------------------------------------------------------------------------------------- */

/* A page of somebody else can make a browser ask; it can neither name our origin nor know what has to be sent. */
static bool from_our_page(gw_serve *serve, gw_request *request, gw_reply *reply, gw_by by)
{
    const char *csrf = gw_request_header(request, "X-Godwit-CSRF");
    const char *type = gw_request_header(request, "Content-Type");
    if (!changes(request))
        return true;
    if (by != BY_TOKEN && (!csrf || !gw_same_secret(csrf, gw_who_csrf(serve, request)))) {
        refuse(serve, request, reply, 403, "CSRF",
               "send what /api/v1/session says as X-Godwit-CSRF");
        return false;
    }
    if (request->body_len && (!type || strncmp(type, "application/json", 16) != 0)) {
        refuse(serve, request, reply, 415, "Content-Type", "application/json");
        return false;
    }
    return true;
}

static bool right_origin(gw_serve *serve, gw_request *request, gw_reply *reply)
{
    const char *origin = gw_request_header(request, "Origin");
    const char *host = gw_request_header(request, "Host");
    bool proxied = serve->who.proxy_from && strcmp(request->peer, serve->who.proxy_from) == 0;
    if (!origin || gw_origin_is(origin, request->tls, host) ||
        (proxied && gw_origin_is(origin, true, host)))
        return true;
    refuse(serve, request, reply, 403, "Origin", NULL);
    return false;
}

bool gw_who_guard(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_by by = BY_NOBODY;
    const char *said = gw_request_header(request, "Authorization");
    if (!right_origin(serve, request, reply))
        return false;
    if (said) {
        if (!by_token(serve, request, reply, said))
            return false;
        by = BY_TOKEN;
    } else if (by_cookie(&serve->who, request)) {
        by = BY_COOKIE;
    } else if (by_proxy(&serve->who, request)) {
        by = BY_PROXY;
    }
    if (by == BY_NOBODY) {
        refuse(serve, request, reply, 401, "nothing said who",
               "open the link that godwit serve has printed, or send a token: Authorization: Bearer …");
        return false;
    }
    if (request->role < request->route->role) {
        refuse(serve, request, reply, 403, "role",
               gw_printf(reply->arena, "this needs the role %s", gw_role_name(request->route->role)));
        return false;
    }
    return from_our_page(serve, request, reply, by);
}

/* ---- the link ------------------------------------------------------------------------------------------ */

static void set_cookie(gw_serve *serve, gw_reply *reply, const char *value, int64_t seconds)
{
    gw_reply_header(reply, "Set-Cookie",
                    gw_printf(reply->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64 "%s",
                              cookie, value, seconds, serve->tls ? "; Secure" : ""));
}

void gw_who_login(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_serve_who *who = &serve->who;
    const char *said = gw_pair_find(&request->query, "token");
    int64_t now = gw_monotonic_us();
    if (!gw_limit_allows(&who->limit, request->peer, now)) {
        refuse(serve, request, reply, 429, "link", NULL);
        return;
    }
    const char *value = gw_token_new(request->arena);
    const char *digest = gw_token_digest(request->arena, value);
    pthread_mutex_lock(&who->mutex);
    bool right = said && *who->link_token && gw_same_secret(said, who->link_token);
    if (right) {
        size_t oldest = 0;
        who->link_token[0] = '\0';
        for (size_t i = 1; i < GW_SERVE_SESSIONS; i++)
            if (who->sessions[i].until < who->sessions[oldest].until)
                oldest = i;
        snprintf(who->sessions[oldest].digest, sizeof who->sessions->digest, "%s", digest);
        who->sessions[oldest].role = GW_ROLE_OPERATOR;
        who->sessions[oldest].until = now + SESSION_HOURS * INT64_C(3600000000);
    }
    pthread_mutex_unlock(&who->mutex);
    if (!right) {
        gw_limit_failed(&who->limit, request->peer, now);
        refuse(serve, request, reply, 401, "link",
               "it works once; godwit serve prints another when it is started again");
        return;
    }
    request->who = gw_printf(request->arena, "browser %.8s", digest);
    gw_audit_add(serve, "serve login", "ok", request->who,
                 gw_printf(request->arena, "from %s", request->peer));
    set_cookie(serve, reply, value, SESSION_HOURS * 3600);
    gw_reply_text(reply, 303, "text/plain; charset=utf-8", "welcome\n");
    gw_reply_header(reply, "Location", "/");
}

void gw_who_logout(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    const char *value = gw_pair_find(&request->cookies, cookie);
    const char *digest = value ? gw_token_digest(request->arena, value) : "";
    pthread_mutex_lock(&serve->who.mutex);
    for (size_t i = 0; i < GW_SERVE_SESSIONS; i++)
        if (strcmp(serve->who.sessions[i].digest, digest) == 0)
            serve->who.sessions[i].until = 0;
    pthread_mutex_unlock(&serve->who.mutex);
    gw_audit_add(serve, "serve logout", "ok", request->who, NULL);
    set_cookie(serve, reply, "", 0);
    gw_reply_text(reply, 200, "application/json", "{\"done\":true}");
}
