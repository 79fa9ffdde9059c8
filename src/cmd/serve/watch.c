/* What happens in the database, whoever does it, told as events; and how the schema drifts, looked at now and then. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/serve/serve.h"
#include "cmd/sync.h"
#include "cmd/track.h"

enum { LOOK_MS = 1000, STEP_MS = 100, BEAT_MS = 15000, AFTER_LAST_MS = 300000, FIRST_LOOK_MS = 3000 };

/* One document of a command, whose elements are told when they are new or have changed. */
typedef struct gw_source_of_events {
    gw_api api;
    const char *event;
    struct {
        const char *list; /* an array of the document */
        const char *keys[3]; /* what tells its elements apart; none: the whole element */
        bool newest_first;
    } lists[8];
    bool limited; /* --limit: the newest so many */
} gw_source_of_events;

#define OF(COMMAND, NAME) {.kind = GW_API_READ, .command = &(COMMAND), .name = (NAME)}
static const gw_source_of_events sources[] = {
    {OF(gw_command_history, "history"), "migration", {{"events", {"id", "tenant"}, true}}, true},
    {OF(gw_command_sync_list, "sync list"), "sync", {{"sessions", {"session"}, true}}, true},
    {OF(gw_command_sync_logs, "sync logs"), "log", {{"lines", {0}, false}}, true},
    {OF(gw_command_track_show, "track show"),
     "tracker",
     {{"migration_stages", {"tracker", "stage_name"}, false},
      {"runs", {"tracker", "stage_name"}, false},
      {"xcm_message_counters", {"id"}, false},
      {"balance_migration_counters", {"id"}, false},
      {"teleportation_counters", {"id"}, false},
      {"pallet_migration_counters", {"id"}, false},
      {"rejects", {"tracker"}, false}},
     false},
};
enum { SOURCES = sizeof sources / sizeof *sources };
/* The next one where none of so many is known: more has come since the last look. */
static const int64_t limits[] = {100, 1000, 5000};
enum { LIMITS = sizeof limits / sizeof *limits };

typedef struct gw_watch {
    gw_serve *serve;
    json_t *seen[SOURCES]; /* key → element; NULL: not looked yet */
    bool away;
} gw_watch;

static char *key_of(gw_arena *arena, const char *list, const char *const keys[3], const json_t *item,
                    const char *whole)
{
    gw_buf key = GW_BUF(arena);
    gw_buf_addf(&key, "%s", list);
    for (size_t i = 0; i < 3 && keys[i]; i++) {
        char *text = gw_json_dump(arena, json_object_get(item, keys[i]));
        gw_buf_addf(&key, "\n%s", text ? text : "");
    }
    if (!keys[0])
        gw_buf_add(&key, whole);
    return gw_strdup(arena, gw_buf_str(&key));
}

static void tell_one(gw_watch *w, gw_arena *arena, const gw_source_of_events *source, const char *list,
                     const char *text)
{
    bool tables = source->lists[1].list != NULL;
    gw_feed_publish(w->serve->feed, source->event,
                    tables ? gw_printf(arena, "{\"table\":\"%s\",\"row\":%s}", list, text) : text);
}

/* The i-th in the order in which they came. */
static json_t *item_at(const json_t *list, bool newest_first, size_t i)
{
    return json_array_get(list, newest_first ? json_array_size(list) - 1 - i : i);
}

/* Where the first one that was seen before stands; the size where none was. */
static size_t first_known(gw_watch *w, gw_arena *arena, size_t which, const json_t *list)
{
    const gw_source_of_events *source = &sources[which];
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = item_at(list, source->lists[0].newest_first, i);
        if (json_object_get(w->seen[which], key_of(arena, source->lists[0].list, source->lists[0].keys, item,
                                                   gw_json_dump(arena, item))))
            return i;
    }
    return count;
}

static void tell_new(gw_watch *w, gw_arena *arena, size_t which, const json_t *document)
{
    const gw_source_of_events *source = &sources[which];
    json_t *now = json_object(), *before = w->seen[which];
    for (size_t l = 0; l < 8 && source->lists[l].list; l++) {
        const json_t *list = json_object_get(document, source->lists[l].list);
        size_t count = json_array_size(list), old_until = source->limited ? first_known(w, arena, which, list) : 0;
        for (size_t i = 0; i < count; i++) {
            json_t *item = item_at(list, source->lists[l].newest_first, i);
            char *text = gw_json_dump(arena, item);
            char *key = key_of(arena, source->lists[l].list, source->lists[l].keys, item, text);
            const char *old = json_string_value(json_object_get(before, key));
            /* What stands before the first known one is old: a longer list than the last reaches farther back. */
            bool is_new = !old && (i >= old_until || old_until == count);
            json_object_set_new(now, key, json_string(text));
            if (before && (is_new || (old && strcmp(old, text) != 0)))
                tell_one(w, arena, source, source->lists[l].list, text);
        }
    }
    json_decref(before);
    w->seen[which] = now;
}

static json_t *read_document(gw_watch *w, gw_arena *arena, size_t which, int64_t limit, gw_err *err)
{
    const gw_source_of_events *source = &sources[which];
    gw_buf out = GW_BUF(arena);
    int exit_code;
    gw_value value = {.number = limit};
    gw_call call = {.api = &source->api, .words = {.command = source->api.command, .json = true}};
    for (const gw_option *o = source->api.command->options; source->limited && o && o->name; o++)
        if (strcmp(o->name, "limit") == 0) {
            value.option = o;
            call.words.values = &value;
            call.words.value_count = 1;
        }
    gw_call_run run = {.call = &call, .arena = arena, .cancel = &w->serve->reads, .pooled = true,
                       .answer_ms = gw_serve_answer_ms(w->serve, GW_READ_SOON)};
    if (!gw_call_do(w->serve, &run, &out, &exit_code, err))
        return NULL;
    return gw_json_parse(arena, "a document", out.data, out.len, err);
}

/* Not where all of them are new: what came before them since the last look is not among them. */
static bool reaches_back(gw_watch *w, gw_arena *arena, size_t which, const json_t *document, int64_t limit)
{
    const json_t *list = json_object_get(document, sources[which].lists[0].list);
    size_t count = json_array_size(list);
    return !sources[which].limited || !w->seen[which] || (int64_t)count < limit ||
           first_known(w, arena, which, list) < count;
}

static void look_at(gw_watch *w, size_t which)
{
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    bool ok = false, whole = false;
    for (size_t i = 0; i < LIMITS && !whole; i++) {
        json_t *document = read_document(w, arena, which, limits[i], &err);
        ok = document != NULL;
        if (!ok)
            break;
        whole = reaches_back(w, arena, which, document, limits[i]);
        if (!whole && i + 1 == LIMITS)
            gw_feed_publish(w->serve->feed, "lost",
                            gw_printf(arena, "{\"missed\":null,\"event\":\"%s\"}", sources[which].event));
        if (whole || i + 1 == LIMITS)
            tell_new(w, arena, which, document);
    }
    bool away = !ok && (err.kind == GW_ERR_CONNECT || err.kind == GW_ERR_LOST);
    if (which == 0 && away != w->away) {
        w->away = away;
        gw_feed_publish(w->serve->feed, "database", away ? "{\"reachable\":false}" : "{\"reachable\":true}");
    }
    gw_err_clear(&err);
    gw_arena_free(arena);
}

static void forget(gw_watch *w)
{
    for (size_t i = 0; i < SOURCES; i++) {
        json_decref(w->seen[i]);
        w->seen[i] = NULL;
    }
}

static void *watch(void *self)
{
    gw_serve *serve = self;
    gw_watch w = {.serve = serve};
    int64_t looked = 0, beaten = 0, read = INT64_MIN / 2;
    while (!atomic_load(&serve->watcher.stopping)) {
        int64_t now = gw_monotonic_us() / 1000;
        if (now - beaten >= BEAT_MS) {
            beaten = now;
            gw_feed_beat(serve->feed);
        }
        bool wanted = atomic_exchange(&serve->watcher.wanted, false);
        if (wanted || gw_feed_readers(serve->feed) > 0)
            read = now;
        if (now - looked >= LOOK_MS || (wanted && !atomic_load(&serve->watcher.based))) {
            looked = now;
            /* A reader that comes back a moment later misses nothing. */
            bool listened = now - read <= AFTER_LAST_MS;
            if (listened)
                for (size_t i = 0; i < SOURCES; i++)
                    look_at(&w, i);
            else
                forget(&w);
            atomic_store(&serve->watcher.based, listened);
        }
        gw_sleep_ms(STEP_MS, NULL);
    }
    forget(&w);
    return NULL;
}

void gw_watch_wanted(gw_serve *serve)
{
    gw_watcher *watcher = &serve->watcher;
    int64_t until = gw_monotonic_us() / 1000 + FIRST_LOOK_MS;
    atomic_store(&watcher->wanted, true);
    while (!atomic_load(&watcher->based) && !atomic_load(&watcher->stopping) &&
           gw_monotonic_us() / 1000 < until)
        gw_sleep_ms(STEP_MS / 5, NULL);
}

/* ---- drift ----------------------------------------------------------------------------------------------- */

static void look_at_drift(gw_serve *serve)
{
    gw_arena *arena = gw_arena_new();
    gw_app *app;
    gw_err err = {0};
    gw_health health = {.healthy = true};
    if (gw_serve_open(serve, arena, "health", NULL, GW_READ_SLOW, &app, &err)) {
        gw_app_health_drift(app, arena, &health);
        pthread_mutex_lock(&serve->watcher.mutex);
        serve->watcher.drift_known = true;
        serve->watcher.drift_ok = health.healthy;
        serve->watcher.drift_at = gw_now_us();
        snprintf(serve->watcher.drift_reason, sizeof serve->watcher.drift_reason, "%s",
                 health.items[0].reason ? health.items[0].reason : "");
        pthread_mutex_unlock(&serve->watcher.mutex);
    }
    gw_err_clear(&err);
    gw_arena_free(arena);
}

/* What takes seconds, one after the other. */
static void *watch_slowly(void *self)
{
    gw_serve *serve = self;
    int64_t next = 0;
    while (!atomic_load(&serve->watcher.stopping)) {
        if (serve->drift_every_ms > 0 && gw_monotonic_us() / 1000 >= next) {
            look_at_drift(serve);
            next = gw_monotonic_us() / 1000 + serve->drift_every_ms;
        }
        gw_doctor_look_if_wanted(serve);
        gw_sleep_ms(STEP_MS, NULL);
    }
    return NULL;
}

void gw_watch_start(gw_serve *serve)
{
    gw_watcher *w = &serve->watcher;
    w->started = pthread_create(&w->thread, NULL, watch, serve) == 0;
    w->slow_started = pthread_create(&w->slow_thread, NULL, watch_slowly, serve) == 0;
}

void gw_watch_stop(gw_serve *serve)
{
    gw_watcher *w = &serve->watcher;
    atomic_store(&w->stopping, true);
    if (w->started)
        pthread_join(w->thread, NULL);
    if (w->slow_started)
        pthread_join(w->slow_thread, NULL);
}
