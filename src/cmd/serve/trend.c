/* Waits for locks and how far rows are behind, as they were: looked at every few seconds whether or not somebody asks,
 * and kept for hours in a ring of a fixed size. A wait that is over before anybody looks at the figures is seen here. */
#include <string.h>

#include "app/health.h"
#include "app/sync.h"
#include "base/clock.h"
#include "cmd/serve/serve.h"
#include "cmd/sync_show.h"

enum {
    LOOK_MS = 2000,
    STEP_MS = 100,
    POINT_MS = 20000, /* so long a point stands for */
    LATELY = 15,      /* points: five minutes, for the figures */
    SESSIONS = 20,
};

/* ---- a look ---------------------------------------------------------------------------------------------- */

bool gw_session_goes_on(const gw_session_view *view)
{
    const char *state = gw_session_state(view);
    return strcmp(state, "completed") != 0 && strcmp(state, "failed") != 0 && strcmp(state, "cancelled") != 0;
}

void gw_sync_behind(const gw_session_views *views, int64_t *lag_ms, int64_t *rows_left)
{
    int64_t done_at = 0;
    *rows_left = views->len ? 0 : GW_NULL_INT;
    *lag_ms = GW_NULL_INT;
    for (size_t i = 0; i < views->len; i++) {
        const gw_session_view *view = &views->items[i];
        if (strcmp(view->status, "completed") == 0 && view->completed_at > done_at)
            done_at = view->completed_at;
        if (gw_session_goes_on(view))
            *rows_left += view->remaining;
    }
    if (done_at)
        *lag_ms = (gw_now_us() - done_at) / 1000;
}

static bool ask(gw_serve *serve, gw_arena *arena, gw_trend_point *out)
{
    gw_app *app;
    gw_session *session;
    gw_session_views views = {0};
    gw_err err = {0}, ignored = {0};
    bool ok = gw_serve_open(serve, arena, "metrics", NULL, GW_READ_SOON, &app, &err) &&
              gw_app_sync_destination(app, arena, &session, &err) &&
              gw_app_lock_waits(session, arena, &out->waiters, &out->wait_ms, &err);
    gw_err_clear(&err);
    /* Where nothing has been moved there is nothing to be behind. */
    if (!ok || !gw_sessions_read(session, arena, NULL, SESSIONS, &views, &ignored))
        views.len = 0;
    gw_sync_behind(&views, &out->lag_ms, &out->rows_left);
    gw_err_clear(&ignored);
    return ok;
}

static int64_t more(int64_t a, int64_t b)
{
    return a == GW_NULL_INT || (b != GW_NULL_INT && b > a) ? b : a;
}

/* Into the point of its time: of what goes up and down within it the most stays. */
static void add(gw_trend *trend, const gw_trend_point *seen, bool known)
{
    int64_t now = gw_monotonic_us(), number = (now - trend->began) / (POINT_MS * 1000);
    pthread_mutex_lock(&trend->mutex);
    gw_trend_point *last = trend->len ? &trend->points[(trend->first + trend->len - 1) % GW_TREND_POINTS] : NULL;
    if (!last || last->number != number) {
        if (trend->len == GW_TREND_POINTS)
            trend->first = (trend->first + 1) % GW_TREND_POINTS;
        else
            trend->len++;
        last = &trend->points[(trend->first + trend->len - 1) % GW_TREND_POINTS];
        *last = (gw_trend_point){.number = number, .at = gw_now_us(), .waiters = GW_NULL_INT,
                                 .wait_ms = GW_NULL_INT, .lag_ms = GW_NULL_INT, .rows_left = GW_NULL_INT};
    }
    if (known) {
        last->waiters = more(last->waiters, seen->waiters);
        last->wait_ms = more(last->wait_ms, seen->wait_ms);
        last->lag_ms = more(last->lag_ms, seen->lag_ms);
        last->rows_left = seen->rows_left;
        /* What was so at both ends of a look's time is taken to have been so between them. */
        if (trend->looked && now - trend->looked < 2 * LOOK_MS * 1000)
            trend->waited_us += (seen->waiters < trend->waiters ? seen->waiters : trend->waiters) * (now - trend->looked);
        trend->waiters = seen->waiters;
    }
    trend->looked = known ? now : 0;
    pthread_mutex_unlock(&trend->mutex);
}

static void *watch(void *self)
{
    gw_serve *serve = self;
    int64_t next = 0;
    while (!atomic_load(&serve->trend.stopping)) {
        if (gw_monotonic_us() / 1000 >= next) {
            gw_arena *arena = gw_arena_new();
            gw_trend_point seen = {0};
            bool known = ask(serve, arena, &seen);
            add(&serve->trend, &seen, known);
            gw_arena_free(arena);
            next = gw_monotonic_us() / 1000 + LOOK_MS;
        }
        gw_sleep_ms(STEP_MS, NULL);
    }
    return NULL;
}

void gw_trend_start(gw_serve *serve)
{
    gw_trend *trend = &serve->trend;
    trend->began = gw_monotonic_us();
    trend->started = pthread_create(&trend->thread, NULL, watch, serve) == 0;
}

void gw_trend_stop(gw_serve *serve)
{
    atomic_store(&serve->trend.stopping, true);
    if (serve->trend.started)
        pthread_join(serve->trend.thread, NULL);
}

/* ---- told ------------------------------------------------------------------------------------------------ */

void gw_trend_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_trend *trend = &serve->trend;
    gw_json json = gw_json_start(reply->arena, NULL);
    if (!gw_own_query(request, reply))
        return;
    gw_json_open(&json, NULL, '{');
    gw_json_int(&json, "point_ms", POINT_MS);
    gw_json_int(&json, "look_ms", LOOK_MS);
    gw_json_int(&json, "most_points", GW_TREND_POINTS);
    gw_json_open(&json, "points", '[');
    pthread_mutex_lock(&trend->mutex);
    for (size_t i = 0; i < trend->len; i++) {
        const gw_trend_point *point = &trend->points[(trend->first + i) % GW_TREND_POINTS];
        gw_json_open(&json, NULL, '{');
        gw_json_time(&json, "at", point->at);
        gw_json_int_or_null(&json, "lock_waiters", point->waiters);
        gw_json_int_or_null(&json, "lock_wait_ms", point->wait_ms);
        gw_json_int_or_null(&json, "sync_lag_ms", point->lag_ms);
        gw_json_int_or_null(&json, "sync_rows_left", point->rows_left);
        gw_json_close(&json, '}');
    }
    pthread_mutex_unlock(&trend->mutex);
    gw_json_close(&json, ']');
    gw_json_close(&json, '}');
    gw_reply_text(reply, 200, "application/json", gw_buf_str(&json.buf));
}

void gw_trend_metrics(gw_serve *serve, gw_buf *out)
{
    gw_trend *trend = &serve->trend;
    int64_t waiters = 0, wait_ms = 0, lag_ms = GW_NULL_INT;
    pthread_mutex_lock(&trend->mutex);
    for (size_t i = trend->len > LATELY ? trend->len - LATELY : 0; i < trend->len; i++) {
        const gw_trend_point *point = &trend->points[(trend->first + i) % GW_TREND_POINTS];
        waiters = more(waiters, point->waiters);
        wait_ms = more(wait_ms, point->wait_ms);
        lag_ms = more(lag_ms, point->lag_ms);
    }
    int64_t waited = trend->waited_us;
    pthread_mutex_unlock(&trend->mutex);
    gw_metric_head(out, "godwit_lock_waiters_most", "gauge",
                   "The most sessions that waited for a lock at once, within the last five minutes.");
    gw_buf_addf(out, "godwit_lock_waiters_most %lld\n", (long long)waiters);
    gw_metric_head(out, "godwit_lock_wait_most_seconds", "gauge",
                   "How long the longest of them had run, within the last five minutes.");
    gw_buf_addf(out, "godwit_lock_wait_most_seconds %.3f\n", (double)wait_ms / 1000);
    gw_metric_head(out, "godwit_lock_waited_seconds_total", "counter",
                   "Time that sessions were seen waiting for locks, all of them together.");
    gw_buf_addf(out, "godwit_lock_waited_seconds_total %.3f\n", (double)waited / 1e6);
    if (lag_ms == GW_NULL_INT)
        return;
    gw_metric_head(out, "godwit_sync_lag_most_seconds", "gauge",
                   "The most that was since a session was brought to its end, within the last five minutes.");
    gw_buf_addf(out, "godwit_sync_lag_most_seconds %.3f\n", (double)lag_ms / 1000);
}
