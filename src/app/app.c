#include "app/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "control/control.h"
#include "pg/pool.h"
#include "sql/quote.h"
#include "sql_migrate.h"

static void close_app(void *arg)
{
    gw_app *app = arg;
    pthread_mutex_destroy(&app->mutex);
    pthread_mutex_destroy(&app->before.mutex);
    gw_arena_free(app->before.arena);
}

bool gw_app_open(gw_arena *arena, const gw_app_options *options, gw_app **out, gw_err *err)
{
    gw_app *app = gw_alloc(arena, sizeof *app);
    app->arena = arena;
    app->options = *options;
    app->span = options->span ? *options->span : gw_span_start(NULL, "run");
    app->actor = gw_actor_of_process(arena, app->span.trace_id, GW_VERSION, options->command);
    if (options->actor)
        app->actor.user = gw_strdup(arena, options->actor);
    app->embedded_url = options->embedded_url;
    pthread_mutex_init(&app->mutex, NULL);
    pthread_mutex_init(&app->before.mutex, NULL);
    app->before.arena = gw_arena_new(); /* used by tenants' threads */
    gw_arena_defer(arena, close_app, app);
    *out = app;
    return gw_config_load(arena, &options->config, &app->config, err);
}

const gw_config *gw_app_config(const gw_app *app)
{
    return &app->config;
}

/* What this run works with, and where its address comes from. */
static void say_settings(const gw_app *app)
{
    const gw_environment *env = &app->environment;
    gw_arena *scratch = gw_arena_new();
    const char *url = env->embedded ? "embedded" : gw_conninfo_redacted(scratch, env->url);
    gw_log_write(app->options.log, GW_LOG_DEBUG, &app->span, "settings",
                 GW_FIELDS(GW_TEXT("project", app->config.project_dir),
                           GW_TEXT("environment", env->name), GW_TEXT("url", url),
                           GW_TEXT("url_from", env->url_source),
                           GW_INT("lock_timeout_ms", env->lock_timeout_ms),
                           GW_INT("lock_retries", env->lock_retries),
                           GW_INT("statement_timeout_ms", env->statement_timeout_ms),
                           GW_INT("connect_timeout_ms", env->connect_timeout_ms),
                           GW_INT("wait_ms", env->wait_ms)));
    gw_arena_free(scratch);
}

bool gw_app_environment(gw_app *app, const gw_environment **out, gw_err *err)
{
    if (!app->environment_known) {
        if (!gw_config_environment(app->arena, &app->config, app->options.environment,
                                   &app->environment, err))
            return false;
        app->environment_known = true;
        say_settings(app);
    }
    *out = &app->environment;
    return true;
}

bool gw_app_may_write(gw_app *app, gw_err *err)
{
    const gw_environment *env;
    if (!gw_app_environment(app, &env, err))
        return false;
    const char *said = app->options.protected_name;
    if (!env->is_protected || (said && strcmp(said, env->protected_name) == 0))
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "environment %s is protected", env->protected_name);
    if (said)
        gw_err_detail(err, "--protected %s names another one", said);
    else if (strcmp(env->name, env->protected_name) != 0)
        gw_err_detail(err, "environment %s is at the same URL", env->name);
    return gw_err_hint(err, "if you mean it: --protected %s", env->protected_name);
}

static gw_server_options server_options(gw_app *app)
{
    return (gw_server_options){.project_dir = app->config.project_dir,
                               .bindir = gw_config_variable(&app->config, "GODWIT_PG_BINDIR"),
                               .cancel = app->options.cancel,
                               .log = app->options.log};
}

static bool embedded_only(gw_app *app, gw_err *err)
{
    const gw_environment *env;
    if (!gw_app_environment(app, &env, err))
        return false;
    if (env->embedded)
        return true;
    gw_err_set(err, GW_ERR_CONFIG,
               "environment %s has a server of its own: its url is not `embedded`", env->name);
    gw_err_detail(err, "the url comes from %s", env->url_source);
    return gw_err_hint(err, "godwit db manages the private server of `url: embedded` only");
}

bool gw_app_db_status(gw_app *app, gw_arena *arena, gw_server *out, gw_err *err)
{
    gw_server_options options = server_options(app);
    return embedded_only(app, err) && gw_server_inspect(arena, &options, out, err);
}

bool gw_app_db_start(gw_app *app, gw_arena *arena, gw_server *out, gw_err *err)
{
    gw_server_options options = server_options(app);
    return embedded_only(app, err) && gw_server_start(arena, &options, out, err);
}

static gw_shadow_options shadow_options(gw_app *app)
{
    const char *bindir = app->config.shadow.bindir;
    return (gw_shadow_options){
        .project_dir = app->config.project_dir,
        .bindir = bindir ? bindir : gw_config_variable(&app->config, "GODWIT_PG_BINDIR"),
        .directory = app->config.shadow.directory,
        .cancel = app->options.cancel,
        .log = app->options.log};
}

bool gw_app_shadow_options(gw_app *app, gw_arena *arena, gw_session *target,
                           gw_shadow_options *out, gw_err *err)
{
    *out = shadow_options(app);
    out->url = gw_config_variable(&app->config, "GODWIT_SHADOW_URL");
    if (!out->url && app->config.shadow.url.text &&
        !gw_config_expand(arena, &app->config, app->config.shadow.url, &out->url, err))
        return false;
    return !target || gw_shadow_target_read(target, arena, &out->target, err);
}

bool gw_app_shadow_servers(gw_app *app, gw_arena *arena, gw_shadow_servers *out, gw_err *err)
{
    gw_shadow_options options = shadow_options(app);
    return gw_shadow_servers_list(arena, &options, out, err);
}

/* A project whose database is elsewhere has no embedded server, but may have shadows. */
static bool end_servers(gw_app *app,
                        bool (*end_shadows)(gw_arena *, const gw_shadow_options *, gw_err *),
                        bool (*end)(gw_arena *, const gw_server_options *, gw_err *), gw_err *err)
{
    gw_shadow_servers shadows;
    gw_shadow_options shadow = shadow_options(app);
    gw_server_options options = server_options(app);
    gw_err other = {0};
    if (!gw_shadow_servers_list(app->arena, &shadow, &shadows, err) ||
        !end_shadows(app->arena, &shadow, err))
        return false;
    if (embedded_only(app, &other))
        return end(app->arena, &options, err);
    if (shadows.len > 0) {
        gw_err_clear(&other);
        return true;
    }
    gw_err_move(err, &other);
    return false;
}

bool gw_app_db_stop(gw_app *app, gw_err *err)
{
    return end_servers(app, gw_shadow_servers_stop, gw_server_stop, err);
}

bool gw_app_db_destroy(gw_app *app, gw_err *err)
{
    app->embedded_url = NULL;
    return end_servers(app, gw_shadow_servers_destroy, gw_server_destroy, err);
}

bool gw_app_url(gw_app *app, bool for_run, const char **out, gw_err *err)
{
    const gw_environment *env;
    if (!gw_app_environment(app, &env, err))
        return false;
    if (env->embedded && !app->embedded_url) {
        gw_server server;
        gw_server_options options = server_options(app);
        if (!gw_server_start(app->arena, &options, &server, err))
            return gw_err_context(err, "while starting the private server of this project");
        app->embedded_url = server.url;
    }
    *out = env->embedded                ? app->embedded_url
           : for_run && env->direct_url ? env->direct_url
                                        : env->url;
    return true;
}

bool gw_app_conninfo(gw_app *app, gw_arena *arena, const char **out, gw_err *err)
{
    const char *url = NULL;
    if (!gw_app_url(app, true, &url, err))
        return false;
    *out = gw_strdup(arena, url);
    return true;
}

bool gw_app_connect_options(gw_app *app, bool for_run, gw_connect *out, gw_err *err)
{
    const gw_environment *env;
    const char *url = NULL;
    if (!gw_app_environment(app, &env, err) || !gw_app_url(app, for_run, &url, err))
        return false;
    static const gw_pooler_mode modes[] = {[GW_CONFIG_POOLER_AUTO] = GW_POOLER_AUTO,
                                           [GW_CONFIG_POOLER_YES] = GW_POOLER_YES,
                                           [GW_CONFIG_POOLER_NO] = GW_POOLER_NO};
    bool direct = env->embedded || (for_run && env->direct_url);
    *out = (gw_connect){.conninfo = url,
                        .connect_timeout_ms = env->connect_timeout_ms,
                        .answer_ms = app->options.answer_ms,
                        .pooler = direct ? GW_POOLER_AUTO : modes[env->pooler],
                        .cancel = app->options.cancel,
                        .log = app->options.log,
                        .pool = app->options.pool};
    return true;
}

bool gw_app_pool(gw_app *app, gw_arena *arena, unsigned most, gw_pool **out, gw_err *err)
{
    enum { CONNECT_MS = 2000 };
    gw_connect connect;
    if (!gw_app_connect_options(app, false, &connect, err))
        return false;
    connect.pinned = true;
    /* Whoever asks would rather hear that the database is away than wait for it. */
    if (!connect.connect_timeout_ms || connect.connect_timeout_ms > CONNECT_MS)
        connect.connect_timeout_ms = CONNECT_MS;
    return gw_pool_open(arena, &connect, &(gw_pool_options){.max = most}, out, err);
}

bool gw_app_answers(gw_app *app, int64_t within_ms)
{
    gw_connect connect;
    gw_err ignored = {0};
    bool there = !gw_app_connect_options(app, true, &connect, &ignored) ||
                 gw_connect_answers(&connect, within_ms);
    gw_err_clear(&ignored);
    return there;
}

bool gw_app_embedded_url(gw_app *app, const char **out, gw_err *err)
{
    const char *url;
    if (!gw_app_url(app, false, &url, err))
        return false;
    *out = app->embedded_url;
    return true;
}

const char *const *gw_app_placeholders(gw_app *app, gw_arena *arena)
{
    GW_VEC(const char *) list = {0};
    for (size_t i = 0; app->environment_known && i < app->environment.placeholder_count; i++) {
        *gw_vec_push(arena, &list) = app->environment.placeholders[i].key;
        *gw_vec_push(arena, &list) = app->environment.placeholders[i].value;
    }
    *gw_vec_push(arena, &list) = NULL;
    return list.items;
}

const char *const *gw_app_services(const gw_app *app, gw_arena *arena)
{
    const char **services = gw_alloc_array(arena, app->config.folder_count + 1, sizeof *services);
    for (size_t i = 0; i < app->config.folder_count; i++)
        services[i] = app->config.folders[i].service;
    return services;
}

bool gw_app_migrations(gw_app *app, gw_arena *arena, gw_migration_list *out, const char **format,
                       gw_err *err)
{
    const gw_config *config = &app->config;
    gw_folder *folders = gw_alloc_array(arena, config->folder_count, sizeof *folders);
    gw_buf formats = GW_BUF(arena);
    for (size_t i = 0; i < config->folder_count; i++) {
        const gw_config_folder *f = &config->folders[i];
        /* As a person here would write it: places in errors can be clicked and read. */
        gw_folder_options options = {.path = gw_path_from_here(f->path),
                                     .shown = f->shown,
                                     .service = f->service,
                                     .format =
                                         f->format ? gw_format_by_name(f->format) : GW_FORMAT_AUTO,
                                     .placeholders = gw_app_placeholders(app, arena)};
        if (!gw_folder_read(arena, &options, &folders[i], err))
            return false;
        const char *name = gw_format_name(folders[i].format);
        if (!strstr(gw_buf_str(&formats), name))
            gw_buf_addf(&formats, "%s%s", formats.len ? ", " : "", name);
    }
    if (format)
        *format = gw_buf_str(&formats);
    return gw_folders_merge(arena, folders, config->folder_count, out, err);
}

const char *gw_app_variable(void *self, const char *name)
{
    return gw_config_variable(&((gw_app *)self)->config, name);
}

static void see(void *self, const gw_progress *progress)
{
    gw_app *app = self;
    if (!app->options.observer.see)
        return;
    pthread_mutex_lock(&app->mutex);
    app->options.observer.see(app->options.observer.self, progress);
    pthread_mutex_unlock(&app->mutex);
}

gw_observer gw_app_observer(gw_app *app)
{
    return (gw_observer){see, app};
}

static void waiting(void *self, const char *what)
{
    gw_progress progress = {.kind = GW_PROGRESS_WAITING, .tenant = "", .text = what};
    see(self, &progress);
}

/* How long a killed run keeps others waiting behind a pooler. Shorter than a hiccup of the network
 * is no use to anybody but a test, so this is no setting. */
static int64_t lease_ms(void)
{
    const char *said = getenv("GODWIT_LEASE");
    int64_t ms = 0;
    return said && gw_duration_parse(said, &ms) && ms > 0 ? ms : 0;
}

gw_run_lock_options gw_app_lock_options(gw_app *app, const gw_connect *connect, int64_t wait_ms)
{
    return (gw_run_lock_options){.connect = connect,
                                 .wait_ms = wait_ms >= 0 ? wait_ms : app->environment.wait_ms,
                                 .lease_ms = lease_ms(),
                                 .cancel = app->options.cancel,
                                 .log = app->options.log,
                                 .waiting = waiting,
                                 .self = app};
}

bool gw_app_hold(gw_app *app, gw_arena *arena, const gw_target *target, int64_t wait_ms,
                 gw_held *out, gw_err *err)
{
    gw_connect connect = target->connect;
    connect.pinned = true;
    if (!out->control && !gw_session_open(arena, &connect, &out->control, err))
        return false;
    gw_run_lock_options options = gw_app_lock_options(app, &connect, wait_ms);
    return gw_control_ensure(out->control, app->actor.user, err) &&
           gw_run_lock_take(arena, out->control, &app->actor, &options, &out->lock, err) &&
           gw_app_take_foreign_locks(app, arena, out, options.wait_ms, err);
}
