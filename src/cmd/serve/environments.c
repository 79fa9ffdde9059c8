/* The environments of the project, side by side. One that is away is waited for by its own thread alone. */
#include <stdlib.h>
#include <string.h>

#include "app/backup.h"
#include "app/sync.h"
#include "base/clock.h"
#include "cmd/report.h"
#include "cmd/serve/serve.h"
#include "cmd/sync_show.h"

enum {
    SESSIONS = 4,         /* of each, at most */
    EVERY_MS = 5000,
    WANTED_MS = 60000,    /* nobody has asked for so long: it is not looked */
    FIRST_MS = 1500,      /* so long whoever asks waits for those that were never looked at */
    STEP_MS = 100,
    SHOWN = 20,
};

typedef struct gw_environment_seen {
    gw_serve *serve;
    const char *name;
    bool served, started, looked;
    bool stopped;    /* a private server, which does not run */
    pthread_t thread;
    gw_arena *arena; /* of its pool, and of nothing else */
    gw_pool *pool;
    char *text;      /* as it was when it was looked at last; malloc'ed */
    int64_t drift_at, drift_next; /* 0: it was never compared; the latter of the monotonic clock */
    bool drift_ok;
    char drift_reason[128];
} gw_environment_seen;

static void add(gw_serve *serve, const char *name)
{
    gw_environments *all = &serve->environments;
    if (all->len == GW_MOST_ENVIRONMENTS)
        return;
    all->items[all->len++] = (gw_environment_seen){
        .serve = serve, .name = name, .served = strcmp(name, serve->environment) == 0};
}

void gw_environments_init(gw_serve *serve)
{
    gw_environments *all = &serve->environments;
    const gw_config *config = gw_app_config(serve->invocation->app);
    pthread_mutex_init(&all->mutex, NULL);
    pthread_mutex_init(&all->drift_mutex, NULL);
    pthread_cond_init(&all->change, NULL);
    all->items = gw_alloc_array(serve->arena, GW_MOST_ENVIRONMENTS, sizeof *all->items);
    add(serve, serve->environment);
    for (size_t i = 0; i < config->environment_count; i++)
        if (strcmp(config->environment_names[i], serve->environment) != 0)
            add(serve, config->environment_names[i]);
}

/* ---- one of them as JSON ------------------------------------------------------------------------------- */

typedef struct gw_sight {
    const char *state; /* asking, up, down, stopped */
    bool health_known;
    const bool *is_protected; /* NULL: not known */
    int64_t took_ms;
    const gw_err *error; /* NULL */
    const gw_status_list *list;
    gw_health health;
    const gw_backup_file *backup;
    gw_session_views sessions;
} gw_sight;

static void add_status(gw_json *json, const gw_status_list *list)
{
    size_t pending = 0, failed = 0, changed = 0;
    const char *current = NULL, *run = NULL;
    for (size_t i = 0; list && i < list->len; i++) {
        const gw_status *one = &list->items[i];
        pending += one->pending + one->out_of_order;
        failed += one->failed;
        changed += one->modified + one->missing;
        current = one->current ? one->current : current;
        run = one->run && !run ? (one->run->command ? one->run->command : "run") : run;
    }
    gw_json_string(json, "current", current);
    gw_json_int_or_null(json, "pending", list ? (int64_t)pending : GW_NULL_INT);
    gw_json_int_or_null(json, "failed", list ? (int64_t)failed : GW_NULL_INT);
    gw_json_int_or_null(json, "changed", list ? (int64_t)changed : GW_NULL_INT);
    gw_json_string(json, "run", run);
}

static void add_drift(gw_json *json, gw_environment_seen *e)
{
    if (!e->drift_at) {
        gw_json_null(json, "drift");
        return;
    }
    gw_json_open(json, "drift", '{');
    gw_json_time(json, "at", e->drift_at);
    gw_json_bool(json, "ok", e->drift_ok);
    gw_json_string(json, "reason", e->drift_ok ? NULL : e->drift_reason);
    gw_json_close(json, '}');
}

static void add_backup(gw_json *json, const gw_backup_file *backup)
{
    if (!backup) {
        gw_json_null(json, "backup");
        return;
    }
    gw_json_open(json, "backup", '{');
    gw_json_time(json, "at", backup->manifest.created_at);
    gw_json_int(json, "bytes", backup->bytes);
    gw_json_time(json, "verified_at", backup->verified_at);
    gw_json_close(json, '}');
}

static void add_sessions(gw_json *json, const gw_session_views *views)
{
    gw_json_open(json, "sessions", '[');
    for (size_t i = 0; i < views->len; i++) {
        const gw_session_view *view = &views->items[i];
        if (!gw_session_goes_on(view))
            continue;
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "session", view->id);
        gw_json_string(json, "status", gw_session_state(view));
        gw_json_int(json, "processed", view->processed);
        gw_json_int(json, "remaining", view->remaining);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *text_of(gw_arena *arena, gw_environment_seen *e, const gw_sight *sight)
{
    bool asked = strcmp(sight->state, "asking") != 0;
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_json_string(&json, "name", e->name);
    if (sight->is_protected)
        gw_json_bool(&json, "protected", *sight->is_protected);
    else
        gw_json_null(&json, "protected");
    gw_json_bool(&json, "served", e->served);
    gw_json_string(&json, "state", sight->state);
    gw_json_time(&json, "at", asked ? gw_now_us() : GW_NULL_INT);
    gw_json_int_or_null(&json, "took_ms", asked ? sight->took_ms : GW_NULL_INT);
    if (sight->error)
        gw_report_json(&json, "error", sight->error);
    else
        gw_json_null(&json, "error");
    add_status(&json, sight->list);
    if (sight->health_known) {
        gw_json_open(&json, "health", '{');
        gw_health_json(&json, &sight->health);
        gw_json_close(&json, '}');
    } else {
        gw_json_null(&json, "health");
    }
    add_drift(&json, e);
    add_backup(&json, sight->backup);
    add_sessions(&json, &sight->sessions);
    gw_json_close(&json, '}');
    return gw_buf_str(&json.buf);
}

/* ---- a look ---------------------------------------------------------------------------------------------- */

static bool open_it(gw_environment_seen *e, gw_arena *arena, bool pooled, gw_app **out, gw_err *err)
{
    gw_app_options options = e->serve->app;
    options.command = "status";
    options.answer_ms = gw_serve_answer_ms(e->serve, pooled ? GW_READ_SOON : GW_READ_SLOW);
    if (!e->served) {
        options.environment = e->name;
        options.config.url = NULL;
        options.tenant = NULL;
        options.embedded_url = NULL;
    }
    options.pool = !pooled ? NULL : e->served ? e->serve->pool : e->pool;
    if (!gw_app_open(arena, &options, out, err))
        return false;
    gw_server server = {0};
    gw_err other = {0};
    bool embedded = !e->served && gw_app_db_status(*out, arena, &server, &other);
    gw_err_clear(&other);
    if (!embedded)
        return true;
    /* A private server that does not run is not started by whoever looks. */
    e->stopped = !server.running;
    if (e->stopped)
        return gw_err_set(err, GW_ERR_STATE, "its private server does not run");
    options.embedded_url = server.url;
    return gw_app_open(arena, &options, out, err);
}

static bool open_pool(gw_environment_seen *e, gw_arena *arena, gw_err *err)
{
    gw_app *app;
    return e->served || e->pool ||
           (open_it(e, arena, false, &app, err) && gw_app_pool(app, e->arena, SESSIONS, &e->pool, err));
}

static void compare(gw_environment_seen *e)
{
    gw_environments *all = &e->serve->environments;
    gw_arena *arena = gw_arena_new();
    gw_health health = {.healthy = true};
    gw_err err = {0};
    gw_app *app;
    pthread_mutex_lock(&all->drift_mutex);
    if (!atomic_load(&all->stopping) && open_it(e, arena, false, &app, &err)) {
        gw_app_health_drift(app, arena, &health);
        e->drift_at = gw_now_us();
        e->drift_ok = health.healthy;
        snprintf(e->drift_reason, sizeof e->drift_reason, "%s",
                 health.items[0].reason ? health.items[0].reason : "");
    }
    pthread_mutex_unlock(&all->drift_mutex);
    e->drift_next = gw_monotonic_us() / 1000 + e->serve->drift_every_ms;
    gw_err_clear(&err);
    gw_arena_free(arena);
}

/* The served one is compared by the server's own thread. */
static void take_drift_of_served(gw_environment_seen *e)
{
    gw_watcher *w = &e->serve->watcher;
    pthread_mutex_lock(&w->mutex);
    e->drift_at = w->drift_known ? w->drift_at : 0;
    e->drift_ok = w->drift_ok;
    memcpy(e->drift_reason, w->drift_reason, sizeof e->drift_reason);
    pthread_mutex_unlock(&w->mutex);
}

static const gw_backup_file *newest_backup(gw_environment_seen *e, gw_app *app, gw_arena *arena)
{
    gw_backup_files files = {0};
    gw_err ignored = {0};
    const gw_backup_file *found = NULL;
    if (gw_app_backups(app, arena, &files, &ignored))
        for (size_t i = 0; !found && i < files.len; i++)
            if (!files.items[i].trouble && files.items[i].manifest.environment &&
                strcmp(files.items[i].manifest.environment, e->name) == 0)
                found = &files.items[i];
    gw_err_clear(&ignored);
    return found;
}

/* What is beside its migrations; what cannot be read of that is not shown. */
static void look_around(gw_environment_seen *e, gw_app *app, gw_arena *arena, gw_sight *sight)
{
    static const gw_health_options none = {0};
    gw_session *session;
    gw_err ignored = {0};
    sight->health_known = gw_app_health(app, arena, e->served ? &e->serve->health : &none, &sight->health, &ignored);
    gw_err_clear(&ignored);
    if (!gw_app_sync_destination(app, arena, &session, &ignored) ||
        !gw_sessions_read(session, arena, NULL, SHOWN, &sight->sessions, &ignored))
        sight->sessions = (gw_session_views){0};
    gw_err_clear(&ignored);
}

static void keep(gw_environment_seen *e, const char *text)
{
    gw_environments *all = &e->serve->environments;
    char *copy = strdup(text);
    if (!copy)
        gw_out_of_memory(strlen(text));
    pthread_mutex_lock(&all->mutex);
    free(e->text);
    e->text = copy;
    e->looked = true;
    pthread_cond_broadcast(&all->change);
    pthread_mutex_unlock(&all->mutex);
}

static void look(gw_environment_seen *e)
{
    gw_arena *arena = gw_arena_new();
    gw_status_list list = {0};
    gw_sight sight = {.state = "down"};
    gw_err err = {0};
    gw_app *app = NULL;
    gw_environment environment;
    int64_t begun = gw_monotonic_us();
    if (e->served)
        take_drift_of_served(e);
    e->stopped = false;
    bool ok = open_pool(e, arena, &err) && open_it(e, arena, true, &app, &err) &&
              gw_app_status(app, arena, &list, &err);
    if (ok) {
        sight.state = "up";
        sight.list = &list;
        look_around(e, app, arena, &sight);
    } else {
        sight.error = &err;
        sight.state = e->stopped ? "stopped" : "down";
    }
    if (app) {
        gw_err ignored = {0};
        sight.backup = newest_backup(e, app, arena);
        if (gw_config_environment(arena, gw_app_config(app), e->served ? NULL : e->name, &environment, &ignored))
            sight.is_protected = &environment.is_protected;
        gw_err_clear(&ignored);
    }
    sight.took_ms = (gw_monotonic_us() - begun) / 1000;
    keep(e, text_of(arena, e, &sight));
    gw_err_clear(&err);
    gw_arena_free(arena);
    if (ok && !e->served && e->serve->drift_every_ms > 0 && gw_monotonic_us() / 1000 >= e->drift_next)
        compare(e);
}

static void *watch(void *self)
{
    gw_environment_seen *e = self;
    gw_environments *all = &e->serve->environments;
    int64_t looked = INT64_MIN / 2;
    e->arena = gw_arena_new();
    while (!atomic_load(&all->stopping)) {
        int64_t now = gw_monotonic_us() / 1000;
        if (now - looked >= EVERY_MS && now - atomic_load(&all->wanted_at) < WANTED_MS) {
            look(e);
            looked = gw_monotonic_us() / 1000;
        }
        gw_sleep_ms(STEP_MS, NULL);
    }
    gw_arena_free(e->arena);
    return NULL;
}

/* ---- asked about ------------------------------------------------------------------------------------------ */

/* With the lock held. */
static void start_all(gw_environments *all)
{
    for (size_t i = 0; !all->started && i < all->len; i++)
        all->items[i].started = pthread_create(&all->items[i].thread, NULL, watch, &all->items[i]) == 0;
    all->started = true;
}

static bool all_looked(const gw_environments *all)
{
    for (size_t i = 0; i < all->len; i++)
        if (all->items[i].started && !all->items[i].looked)
            return false;
    return true;
}

void gw_environments_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_environments *all = &serve->environments;
    gw_json json = gw_json_start(reply->arena, NULL);
    struct timespec until;
    if (!gw_own_query(request, reply))
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (until.tv_nsec / 1000000 + FIRST_MS) / 1000;
    until.tv_nsec = (until.tv_nsec / 1000000 + FIRST_MS) % 1000 * 1000000;
    atomic_store(&all->wanted_at, gw_monotonic_us() / 1000);
    gw_json_open(&json, NULL, '{');
    gw_json_open(&json, "environments", '[');
    pthread_mutex_lock(&all->mutex);
    if (!atomic_load(&all->stopping))
        start_all(all);
    while (!all_looked(all) && !atomic_load(&all->stopping) &&
           pthread_cond_timedwait(&all->change, &all->mutex, &until) == 0)
        continue;
    for (size_t i = 0; i < all->len; i++) {
        gw_environment_seen *e = &all->items[i];
        gw_environment_seen unknown = {.name = e->name, .served = e->served};
        gw_json_raw(&json, NULL,
                    e->text ? e->text : text_of(reply->arena, &unknown, &(gw_sight){.state = "asking"}));
    }
    pthread_mutex_unlock(&all->mutex);
    gw_json_close(&json, ']');
    gw_json_close(&json, '}');
    gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
}

void gw_environments_stop(gw_serve *serve)
{
    gw_environments *all = &serve->environments;
    pthread_mutex_lock(&all->mutex);
    atomic_store(&all->stopping, true);
    pthread_cond_broadcast(&all->change);
    pthread_mutex_unlock(&all->mutex);
    for (size_t i = 0; i < all->len; i++) {
        if (all->items[i].started)
            pthread_join(all->items[i].thread, NULL);
        /* Whoever asked a moment ago may be reading it. */
        pthread_mutex_lock(&all->mutex);
        free(all->items[i].text);
        all->items[i].text = NULL;
        pthread_mutex_unlock(&all->mutex);
    }
}
