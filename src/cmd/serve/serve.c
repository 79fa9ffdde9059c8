/* serve: the project's environment over HTTP, until it is told to stop. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd/serve/serve.h"
#include "http/systemd.h"

enum {
    POOL = 8,
    EVENTS = 8192,
    EVENT_BYTES = 8 * 1024 * 1024,
    GRACE_MS = 5000,
    DRIFT_EVERY_MS = 600000,
    PICTURE_MOST_MS = 10000,
    ANSWER_MS = 15000,
    PEM_MOST = 1024 * 1024,
};
static const char default_listen[] = "127.0.0.1:7583";

/* ---- where it listens ------------------------------------------------------------------------------------ */

static bool read_pem(gw_arena *arena, const char *path, const char **out, gw_err *err)
{
    gw_file_text text;
    if (!gw_file_read(arena, path, PEM_MOST, &text, err))
        return false;
    *out = text.data;
    return true;
}

static bool tls_of(gw_invocation *invocation, gw_httpd_options *out, gw_err *err)
{
    const char *cert = gw_option_text(invocation, "tls-cert"), *key = gw_option_text(invocation, "tls-key");
    if (!cert != !key)
        return gw_err_set(err, GW_ERR_USAGE, "--tls-cert and --tls-key belong together");
    return !cert || (read_pem(invocation->arena, cert, &out->cert, err) &&
                     read_pem(invocation->arena, key, &out->key, err));
}

static bool may_be_open(gw_invocation *invocation, const char *where, bool others, bool tls, gw_err *err)
{
    if (!others || tls || gw_flag(invocation, "insecure"))
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "%s can be reached from other machines, and nothing would be encrypted",
               where);
    return gw_err_hint(err, "--tls-cert FILE --tls-key FILE; or --insecure, where something before it "
                            "encrypts");
}

/* A socket of systemd, or one of our own. */
static bool open_socket(gw_invocation *invocation, bool tls, int *fd, const char **shown, gw_err *err)
{
    gw_address address;
    unsigned port;
    const char *listen = gw_option_text(invocation, "listen"), *scheme = tls ? "https" : "http";
    *fd = gw_systemd_socket();
    if (*fd >= 0) {
        *shown = gw_socket_place(invocation->arena, *fd, scheme);
        return may_be_open(invocation, *shown, gw_socket_reaches_out(*fd), tls, err);
    }
    if (!gw_address_read(invocation->arena, listen ? listen : default_listen, &address, err) ||
        !may_be_open(invocation, listen ? listen : default_listen, !address.loopback, tls, err) ||
        !gw_httpd_listen(&address, fd, &port, err))
        return false;
    *shown = gw_printf(invocation->arena, address.ipv6 ? "%s://[%s]:%u" : "%s://%s:%u", scheme,
                       address.host, port);
    return true;
}

/* ---- what it serves -------------------------------------------------------------------------------------- */

static bool proxy_of(gw_serve *serve, gw_err *err)
{
    gw_invocation *invocation = serve->invocation;
    gw_serve_who *who = &serve->who;
    size_t count;
    who->proxy_header = gw_option_text(invocation, "proxy-header");
    who->proxy_from = gw_option_text(invocation, "proxy-from");
    who->proxy_operators = gw_option_texts(invocation, "proxy-operator", &count);
    if (!who->proxy_header != !who->proxy_from)
        return gw_err_set(err, GW_ERR_USAGE, "--proxy-header and --proxy-from belong together");
    if (count && !who->proxy_header)
        return gw_err_set(err, GW_ERR_USAGE, "--proxy-operator belongs to --proxy-header");
    return true;
}

static const char *const *ended(gw_arena *arena, const char *const *items, size_t count)
{
    const char **list = gw_alloc_array(arena, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = items[i];
    return list;
}

static bool prepare(gw_serve *serve, gw_err *err)
{
    gw_invocation *invocation = serve->invocation;
    const gw_config *config = gw_app_config(invocation->app);
    gw_environment environment;
    gw_arena *arena = serve->arena;
    gw_app *app;
    gw_cancel_init(&serve->reads);
    gw_cancel_init(&serve->last);
    serve->app = (gw_app_options){.config = {.dir = gw_option_text(invocation, "chdir"),
                                             .file = gw_option_text(invocation, "config"),
                                             .env = gw_option_text(invocation, "env"),
                                             .url = gw_option_text(invocation, "url"),
                                             .cancel = &serve->reads},
                                  .tenant = gw_option_text(invocation, "tenant"),
                                  .cancel = &serve->reads,
                                  .log = invocation->log,
                                  .span = invocation->span};
    serve->answer_ms = gw_option_number(invocation, "answer-within", ANSWER_MS);
    if (!gw_config_environment(arena, config, NULL, &environment, err) ||
        !gw_app_embedded_url(invocation->app, &serve->app.embedded_url, err) ||
        !gw_serve_open(serve, arena, "serve", NULL, GW_READ_SOON, &app, err) ||
        !gw_app_pool(app, arena, POOL, &serve->pool, err))
        return false;
    serve->environment = environment.name;
    serve->protected_name = environment.is_protected ? environment.protected_name : NULL;
    serve->health = (gw_health_options){.require = gw_option_text(invocation, "require"),
                                        .max_replica_lag_ms =
                                            gw_option_number(invocation, "max-replica-lag", 0)};
    serve->drift_every_ms =
        gw_flag(invocation, "no-drift") ? 0 : gw_option_number(invocation, "drift-every", DRIFT_EVERY_MS);
    serve->picture_most_ms = gw_option_number(invocation, "picture-within", PICTURE_MOST_MS);
    serve->started_at = gw_now_us();
    serve->feed = gw_feed_new((uint64_t)serve->started_at / 1000, EVENTS, EVENT_BYTES);
    pthread_mutex_init(&serve->watcher.mutex, NULL);
    pthread_mutex_init(&serve->trend.mutex, NULL);
    gw_cache_init(&serve->cache);
    gw_doctor_init(serve);
    gw_environments_init(serve);
    gw_jobs_init(&serve->jobs);
    gw_who_init(serve);
    return true;
}

/* A document of its own, at once: whoever started us waits for it. */
static void say_where(gw_serve *serve, const char *shown)
{
    gw_invocation *invocation = serve->invocation;
    /* Behind a socket that is a file stands a proxy, which alone knows its name. */
    bool file = strncmp(shown, "unix:", 5) == 0;
    const char *link = gw_printf(serve->arena, "%s/login?token=%s", file ? "" : shown,
                                 serve->who.link_token);
    if (!invocation->json) {
        gw_say(invocation, "environment %s is served at %s", serve->environment, shown);
        gw_say(invocation, "a browser comes in by this link, once:\n  %s", link);
        fflush(stdout);
        return;
    }
    gw_json_string(invocation->out, "url", shown);
    gw_json_string(invocation->out, "link", link);
    gw_json_string(invocation->out, "environment", serve->environment);
    gw_json_close(invocation->out, '}');
    gw_json_line(invocation->out);
    gw_json_open(invocation->out, NULL, '{');
}

static void wait_for_the_end(gw_serve *serve)
{
    enum { STEP_MS = 1000 };
    while (gw_sleep_ms(STEP_MS, serve->invocation->cancel))
        continue;
}

static bool serve_until_stopped(gw_serve *serve, const gw_httpd_options *options, const char *shown,
                                gw_err *err)
{
    bool ok = gw_httpd_start(options, &serve->httpd, err);
    if (ok) {
        gw_audit_start(serve);
        gw_audit_add(serve, "serve start", "ok", NULL, shown);
        gw_watch_start(serve);
        gw_trend_start(serve);
        say_where(serve, shown);
        gw_systemd_say("READY=1");
        wait_for_the_end(serve);
        gw_systemd_say("STOPPING=1");
        gw_jobs_stop(serve);
        gw_ending_begin(serve);
        gw_watch_stop(serve);
        gw_trend_stop(serve);
        gw_environments_stop(serve);
        gw_feed_close(serve->feed);
        gw_httpd_stop(serve->httpd, GRACE_MS);
        gw_audit_add(serve, "serve stop", "ok", NULL, shown);
        gw_audit_stop(serve);
        gw_ending_over(serve);
    } else {
        close(options->socket);
    }
    gw_feed_free(serve->feed);
    gw_cache_free(&serve->cache);
    gw_doctor_free(serve);
    gw_cancel_close(&serve->reads);
    gw_cancel_close(&serve->last);
    return ok;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    if (gw_argument_text(invocation, 0))
        return gw_serve_token(invocation, err);
    size_t name_count;
    const char *const *names = gw_option_texts(invocation, "host", &name_count);
    gw_serve *serve = gw_alloc(invocation->arena, sizeof *serve);
    serve->arena = invocation->arena;
    serve->invocation = invocation;
    gw_httpd_options options = {.routes = gw_serve_routes,
                                .route_count = gw_serve_route_count,
                                .names = ended(invocation->arena, names, name_count),
                                .guard = gw_who_guard,
                                .refused = gw_who_refused,
                                .answered = gw_metrics_answered,
                                .self = serve};
    const char *shown;
    if (!proxy_of(serve, err) || !tls_of(invocation, &options, err) ||
        !open_socket(invocation, options.cert != NULL, &options.socket, &shown, err))
        return false;
    serve->tls = options.cert != NULL;
    if (!prepare(serve, err)) {
        close(options.socket);
        return false;
    }
    return serve_until_stopped(serve, &options, shown, err);
}

static const char *const whats[] = {"token", NULL};
static const char *const roles[] = {"viewer", "operator", NULL};

static const gw_argument arguments[] = {
    {.name = "token", .help = "make, list or revoke tokens, in place of serving", .choices = whats},
    {.name = "ACTION", .help = "create, list or revoke"},
    {.name = "NAME", .help = "of the token: whose it is, what it is for"},
    {.name = NULL},
};

static const gw_option options[] = {
    {.name = "listen",
     .type = GW_OPTION_TEXT,
     .value = "ADDRESS",
     .help = "address and port (127.0.0.1:7583; port 0: any that is free)"},
    {.name = "tls-cert",
     .type = GW_OPTION_TEXT,
     .value = "FILE",
     .help = "certificate, PEM; its chain may follow it",
     .completes = GW_COMPLETES_FILE},
    {.name = "tls-key",
     .type = GW_OPTION_TEXT,
     .value = "FILE",
     .help = "its key, PEM",
     .completes = GW_COMPLETES_FILE},
    {.name = "insecure",
     .type = GW_OPTION_FLAG,
     .help = "listen where other machines reach it, without TLS"},
    {.name = "host",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "a name that this server has besides its addresses; may be given again"},
    {.name = "proxy-header",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "a proxy says in this header who asks"},
    {.name = "proxy-from",
     .type = GW_OPTION_TEXT,
     .value = "IP",
     .help = "the address of that proxy: nobody else is believed"},
    {.name = "proxy-operator",
     .type = GW_OPTION_TEXT,
     .value = "WHO",
     .help = "who of them may act; the others may look. May be given again"},
    GW_OPTION_REQUIRE,
    GW_OPTION_MAX_REPLICA_LAG,
    {.name = "drift-every",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "how often the schema is compared with its migrations (10min)"},
    {.name = "no-drift", .type = GW_OPTION_FLAG, .help = "never compare it"},
    {.name = "picture-within",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "a picture of the schema that takes longer is given up (10s)"},
    {.name = "answer-within",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "a read that the database is silent to for longer is given up (15s)"},
    {.name = "role",
     .type = GW_OPTION_CHOICE,
     .value = "ROLE",
     .help = "token create: viewer (looks) or operator (acts, too); viewer without",
     .choices = roles},
    {.name = "expires",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "token create: it holds so long, 24 days at most; without, until it is revoked"},
    {.name = NULL},
};

const gw_command gw_command_serve = {
    .name = "serve",
    .summary = "serve status, plans, runs, metrics and events over HTTP",
    .text = "Serves the environment's API (/api/v1/openapi.json says what there is), its events, its "
            "health and its metrics until it is stopped. Prints a link that lets one browser in, once; "
            "programs come with a token of godwit serve token create, of which only a digest is kept.\n"
            "\n"
            "It listens on this machine alone. Anything else needs a certificate, or --insecure behind "
            "something that encrypts. Acting on a protected environment needs its name in the request. "
            "Every action and every refusal is a row of the audit (godwit history).",
    .examples = "godwit serve\n"
                "godwit serve token create prometheus\n"
                "godwit serve token create deploy --role operator --expires 8h\n"
                "godwit serve --listen 0.0.0.0:7583 --tls-cert cert.pem --tls-key key.pem",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
