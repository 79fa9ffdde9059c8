/* Figures in the text format of Prometheus. */
#include <inttypes.h>
#include <string.h>

#include "app/backup.h"
#include "app/sync.h"
#include "app/track.h"
#include "base/clock.h"
#include "cmd/serve/serve.h"
#include "cmd/sync_show.h"
#include "sync/overview.h"

static const int64_t bucket_us[GW_LATENCY_BUCKETS] = {500,    1000,   2500,   5000,    10000,   25000,
                                                      50000,  100000, 250000, 1000000, 5000000, 30000000};

void gw_metrics_answered(void *self, const gw_route *route, unsigned status, int64_t us)
{
    gw_serve *serve = self;
    /* The last place is for paths that there are none of. */
    size_t at = route ? (size_t)(route - gw_serve_routes) : GW_MOST_ROUTES - 1;
    gw_latency *latency = &serve->latency[at];
    for (size_t i = 0; i < GW_LATENCY_BUCKETS; i++)
        if (us <= bucket_us[i])
            atomic_fetch_add_explicit(&latency->counts[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&latency->all, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&latency->us, (unsigned long long)us, memory_order_relaxed);
    atomic_fetch_add_explicit(&latency->by_class[status / 100 % 6], 1, memory_order_relaxed);
}

/* ---- the format ---------------------------------------------------------------------------------------- */

void gw_metric_head(gw_buf *out, const char *name, const char *type, const char *help)
{
    gw_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label(gw_buf *out, const char *name, const char *value, bool first)
{
    gw_buf_addf(out, "%s%s=\"", first ? "" : ",", name);
    for (const char *p = value ? value : ""; *p; p++) {
        if (*p == '\\' || *p == '"')
            gw_buf_addc(out, '\\');
        if (*p == '\n')
            gw_buf_add(out, "\\n");
        else
            gw_buf_addc(out, *p);
    }
    gw_buf_addc(out, '"');
}

static void number(gw_buf *out, const char *name, int64_t value)
{
    gw_buf_addf(out, "%s %" PRId64 "\n", name, value);
}

/* name{label="…"} value, with up to three labels. */
static void labelled(gw_buf *out, const char *name, const gw_pair *labels, size_t count,
                     const char *value)
{
    gw_buf_addf(out, "%s{", name);
    for (size_t i = 0; i < count; i++)
        label(out, labels[i].name, labels[i].value, i == 0);
    gw_buf_addf(out, "} %s\n", value);
}

static const char *digits(gw_arena *arena, int64_t value)
{
    return gw_printf(arena, "%" PRId64, value);
}

/* ---- the server itself ----------------------------------------------------------------------------------- */

static void latency_of(gw_buf *out, const gw_latency *latency, const char *method, const char *path)
{
    static const char name[] = "godwit_http_request_duration_seconds";
    gw_buf labels = GW_BUF(out->arena);
    unsigned long long all = atomic_load(&latency->all);
    if (!all)
        return;
    label(&labels, "method", method, true);
    label(&labels, "path", path, false);
    for (size_t i = 0; i < GW_LATENCY_BUCKETS; i++)
        gw_buf_addf(out, "%s_bucket{%s,le=\"%g\"} %llu\n", name, gw_buf_str(&labels),
                    (double)bucket_us[i] / 1e6, atomic_load(&latency->counts[i]));
    gw_buf_addf(out, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, gw_buf_str(&labels), all);
    gw_buf_addf(out, "%s_sum{%s} %.6f\n", name, gw_buf_str(&labels),
                (double)atomic_load(&latency->us) / 1e6);
    gw_buf_addf(out, "%s_count{%s} %llu\n", name, gw_buf_str(&labels), all);
}

static void add_http(gw_serve *serve, gw_buf *out)
{
    gw_metric_head(out, "godwit_http_connections", "gauge", "Connections that are open.");
    number(out, "godwit_http_connections", gw_httpd_connections(serve->httpd));
    gw_metric_head(out, "godwit_http_event_readers", "gauge", "Clients that follow the events.");
    number(out, "godwit_http_event_readers", (int64_t)gw_feed_readers(serve->feed));
    gw_metric_head(out, "godwit_http_request_duration_seconds", "histogram",
         "From the head of a request to its answer.");
    for (size_t i = 0; i < gw_serve_route_count; i++)
        latency_of(out, &serve->latency[i], gw_serve_routes[i].method, gw_serve_routes[i].path);
    latency_of(out, &serve->latency[GW_MOST_ROUTES - 1], "", "");
    gw_metric_head(out, "godwit_http_responses_total", "counter", "Answers by the class of their status.");
    for (unsigned class = 2; class < 6; class++) {
        unsigned long long all = 0;
        for (size_t i = 0; i < GW_MOST_ROUTES; i++)
            all += atomic_load(&serve->latency[i].by_class[class]);
        gw_buf_addf(out, "godwit_http_responses_total{class=\"%uxx\"} %llu\n", class, all);
    }
}

/* ---- migrations ------------------------------------------------------------------------------------------ */

static void add_migrations(gw_arena *arena, gw_buf *out, const gw_status_list *list)
{
    size_t counts[16] = {0}, applied = 0;
    int64_t took = 0, newest = 0;
    for (size_t i = 0; i < list->len; i++)
        for (size_t k = 0; k < list->items[i].len; k++) {
            const gw_status_item *item = &list->items[i].items[k];
            if ((size_t)item->state < 16)
                counts[item->state]++;
            if (item->applied_at == GW_NULL_INT)
                continue;
            applied++;
            took += item->duration_ms == GW_NULL_INT ? 0 : item->duration_ms;
            newest = item->applied_at > newest ? item->applied_at : newest;
        }
    static const gw_state states[] = {GW_STATE_APPLIED, GW_STATE_PENDING, GW_STATE_MODIFIED,
                                      GW_STATE_MISSING, GW_STATE_FAILED,  GW_STATE_OUT_OF_ORDER};
    gw_metric_head(out, "godwit_migrations", "gauge", "Migrations by their state.");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        gw_pair pair = {"state", gw_state_name(states[i])};
        labelled(out, "godwit_migrations", &pair, 1, digits(arena, (int64_t)counts[states[i]]));
    }
    gw_metric_head(out, "godwit_migration_duration_seconds", "summary", "How long applied migrations took.");
    gw_buf_addf(out, "godwit_migration_duration_seconds_sum %.3f\n", (double)took / 1000);
    gw_buf_addf(out, "godwit_migration_duration_seconds_count %zu\n", applied);
    gw_metric_head(out, "godwit_migration_last_applied_timestamp_seconds", "gauge",
         "When the newest migration was applied.");
    gw_buf_addf(out, "godwit_migration_last_applied_timestamp_seconds %.3f\n", (double)newest / 1e6);
}

static void add_locks(gw_session *session, gw_arena *arena, gw_buf *out)
{
    int64_t waiting, longest_ms;
    gw_err ignored = {0};
    if (gw_app_lock_waits(session, arena, &waiting, &longest_ms, &ignored)) {
        gw_metric_head(out, "godwit_lock_waiters", "gauge", "Sessions of the database that wait for a lock.");
        number(out, "godwit_lock_waiters", waiting);
        gw_metric_head(out, "godwit_lock_wait_seconds", "gauge", "How long the longest of them has run so far.");
        gw_buf_addf(out, "godwit_lock_wait_seconds %.3f\n", (double)longest_ms / 1000);
    }
    gw_err_clear(&ignored);
}

/* ---- rows and trackers ------------------------------------------------------------------------------------ */

static void add_entities(gw_arena *arena, gw_buf *out, const gw_session_view *view)
{
    static const char name[] = "godwit_sync_rows";
    gw_metric_head(out, name, "gauge", "Rows of the newest session, by entity.");
    for (size_t i = 0; i < view->entity_count; i++) {
        const gw_session_entity *e = &view->entities[i];
        const gw_pair kinds[] = {{"done", digits(arena, gw_entity_done(e))},
                                 {"remaining", digits(arena, e->remaining)},
                                 {"rejected", digits(arena, e->rejected)}};
        for (size_t k = 0; k < 3; k++) {
            gw_pair labels[] = {{"entity", e->entity}, {"kind", kinds[k].name}};
            labelled(out, name, labels, 2, kinds[k].value);
        }
    }
}

static void add_sync(gw_session *session, gw_arena *arena, gw_buf *out)
{
    gw_session_views views = {0};
    gw_err ignored = {0};
    int64_t lag_ms, rows_left;
    size_t running = 0;
    if (!gw_sessions_read(session, arena, NULL, 20, &views, &ignored) || !views.len) {
        gw_err_clear(&ignored);
        return;
    }
    for (size_t i = 0; i < views.len; i++)
        running += strcmp(gw_session_state(&views.items[i]), "running") == 0;
    gw_sync_behind(&views, &lag_ms, &rows_left);
    gw_metric_head(out, "godwit_sync_running", "gauge", "Sessions that move rows just now.");
    number(out, "godwit_sync_running", (int64_t)running);
    gw_metric_head(out, "godwit_sync_rows_left", "gauge", "Rows that the sessions which go on have left.");
    number(out, "godwit_sync_rows_left", rows_left);
    if (lag_ms != GW_NULL_INT) {
        gw_metric_head(out, "godwit_sync_lag_seconds", "gauge", "Since a session was brought to its end.");
        gw_buf_addf(out, "godwit_sync_lag_seconds %.3f\n", (double)lag_ms / 1000);
    }
    if (gw_session_entities(session, arena, &views.items[0], &ignored)) {
        int64_t rejects = 0;
        add_entities(arena, out, &views.items[0]);
        for (size_t i = 0; i < views.items[0].entity_count; i++)
            rejects += views.items[0].entities[i].quarantined;
        gw_metric_head(out, "godwit_sync_rejects", "gauge", "Rows in quarantine.");
        number(out, "godwit_sync_rejects", rejects);
    }
    gw_err_clear(&ignored);
}

/* One line for each kind; the kind is the last label. */
static void kinds_of(gw_buf *out, const char *name, gw_pair *labels, size_t count,
                     const gw_pair *kinds, size_t kind_count)
{
    for (size_t k = 0; k < kind_count; k++) {
        labels[count] = (gw_pair){"kind", kinds[k].name};
        labelled(out, name, labels, count + 1, kinds[k].value);
    }
}

static void add_stages(gw_arena *arena, const gw_shown *shown, gw_buf *out)
{
    if (!shown->stage_count)
        return;
    gw_metric_head(out, "godwit_track_stage_errors_total", "counter", "Errors of a stage.");
    for (size_t i = 0; i < shown->stage_count; i++) {
        const gw_shown_stage *s = &shown->stages[i];
        gw_pair labels[] = {{"tracker", s->tracker}, {"stage", s->name}};
        labelled(out, "godwit_track_stage_errors_total", labels, 2, digits(arena, s->errors));
    }
    /* Beside the errors, not a label of theirs: a series of counts would break at each step. */
    gw_metric_head(out, "godwit_track_stage_status", "gauge", "1: the status that a stage has.");
    for (size_t i = 0; i < shown->stage_count; i++) {
        const gw_shown_stage *s = &shown->stages[i];
        gw_pair labels[] = {{"tracker", s->tracker}, {"stage", s->name}, {"status", s->status}};
        labelled(out, "godwit_track_stage_status", labels, 3, "1");
    }
}

static void add_items(gw_arena *arena, const gw_shown *shown, gw_buf *out)
{
    if (shown->pallet_count)
        gw_metric_head(out, "godwit_track_items", "gauge", "Items of a pallet in a stage.");
    for (size_t i = 0; i < shown->pallet_count; i++) {
        const gw_shown_pallet *p = &shown->pallets[i];
        const gw_pair kinds[] = {{"processed", digits(arena, p->processed)},
                                 {"failed", digits(arena, p->failed)},
                                 {"total", digits(arena, p->total)}};
        gw_pair labels[4] = {{"tracker", p->tracker}, {"stage", p->stage}, {"pallet", p->name}};
        kinds_of(out, "godwit_track_items", labels, 3, kinds, 3);
    }
    if (shown->xcm_count)
        gw_metric_head(out, "godwit_track_messages", "gauge", "Messages from chain to chain.");
    for (size_t i = 0; i < shown->xcm_count; i++) {
        const gw_shown_xcm *x = &shown->xcm[i];
        const gw_pair kinds[] = {{"sent", digits(arena, x->sent)},
                                 {"processed", digits(arena, x->processed)},
                                 {"failed", digits(arena, x->failed)}};
        gw_pair labels[4] = {{"tracker", x->tracker}, {"source", x->source},
                             {"destination", x->destination}};
        kinds_of(out, "godwit_track_messages", labels, 3, kinds, 3);
    }
}

static void add_amounts(gw_arena *arena, const gw_shown *shown, gw_buf *out)
{
    if (shown->balance_count)
        gw_metric_head(out, "godwit_track_balance", "gauge",
                       "Amounts, as near as a floating number comes.");
    for (size_t i = 0; i < shown->balance_count; i++) {
        const gw_shown_balance *b = &shown->balances[i];
        const gw_pair kinds[] = {{"migrated", b->migrated}, {"kept", b->kept}};
        gw_pair labels[2] = {{"tracker", b->tracker}};
        kinds_of(out, "godwit_track_balance", labels, 1, kinds, 2);
    }
    if (shown->balance_count)
        gw_metric_head(out, "godwit_track_accounts", "gauge", "Accounts.");
    for (size_t i = 0; i < shown->balance_count; i++) {
        const gw_shown_balance *b = &shown->balances[i];
        const gw_pair kinds[] = {{"migrated", digits(arena, b->accounts)},
                                 {"failed", digits(arena, b->failed)}};
        gw_pair labels[2] = {{"tracker", b->tracker}};
        kinds_of(out, "godwit_track_accounts", labels, 1, kinds, 2);
    }
    if (shown->teleport_count)
        gw_metric_head(out, "godwit_track_teleports", "gauge", "Teleports.");
    for (size_t i = 0; i < shown->teleport_count; i++) {
        const gw_shown_teleport *t = &shown->teleports[i];
        const gw_pair kinds[] = {{"mint", digits(arena, t->mints)},
                                 {"burn", digits(arena, t->burns)},
                                 {"failed", digits(arena, t->failed)}};
        gw_pair labels[2] = {{"tracker", t->tracker}};
        kinds_of(out, "godwit_track_teleports", labels, 1, kinds, 3);
    }
    if (shown->teleport_count)
        gw_metric_head(out, "godwit_track_teleported", "gauge",
                       "Amounts that were teleported, as near as a floating number comes.");
    for (size_t i = 0; i < shown->teleport_count; i++) {
        const gw_shown_teleport *t = &shown->teleports[i];
        const gw_pair kinds[] = {{"mint", t->minted}, {"burn", t->burned}};
        gw_pair labels[2] = {{"tracker", t->tracker}};
        kinds_of(out, "godwit_track_teleported", labels, 1, kinds, 2);
    }
}

static void add_tracker(gw_session *session, gw_arena *arena, gw_buf *out)
{
    gw_shown shown = {0};
    gw_err ignored = {0};
    if (!gw_track_show(session, arena, NULL, &shown, &ignored)) {
        gw_err_clear(&ignored);
        return;
    }
    add_stages(arena, &shown, out);
    add_items(arena, &shown, out);
    add_amounts(arena, &shown, out);
    if (shown.reject_count)
        gw_metric_head(out, "godwit_track_rejected_lines", "gauge", "Lines that could not be counted.");
    for (size_t i = 0; i < shown.reject_count; i++) {
        gw_pair labels[] = {{"tracker", shown.rejects[i].tracker}};
        labelled(out, "godwit_track_rejected_lines", labels, 1,
                 digits(arena, shown.rejects[i].lines));
    }
}

/* ---- backups ---------------------------------------------------------------------------------------------- */

static void one(gw_buf *out, const char *name, const char *help, double value)
{
    gw_metric_head(out, name, "gauge", help);
    gw_buf_addf(out, "%s %.15g\n", name, value);
}

/* Those of this environment; those that nobody can read may be of any. */
static void add_backups(gw_serve *serve, gw_app *app, gw_arena *arena, gw_buf *out)
{
    gw_backup_files files;
    gw_err ignored = {0};
    const gw_backup_file *newest = NULL, *proven = NULL;
    int64_t count = 0, bytes = 0, unreadable = 0;
    if (!gw_app_backups(app, arena, &files, &ignored)) {
        gw_err_clear(&ignored);
        return;
    }
    for (size_t i = 0; i < files.len; i++) {
        const gw_backup_file *file = &files.items[i];
        unreadable += file->trouble != NULL;
        if (file->trouble || !file->manifest.environment ||
            strcmp(file->manifest.environment, serve->environment) != 0)
            continue;
        newest = newest ? newest : file;
        proven = proven || file->verified_at == GW_NULL_INT ? proven : file;
        count++;
        bytes += file->bytes;
    }
    one(out, "godwit_backups", "Backups of this environment.", (double)count);
    one(out, "godwit_backups_unreadable", "Files in the folder of backups that cannot be read as one.",
        (double)unreadable);
    one(out, "godwit_backups_bytes", "What the backups take on the disk.", (double)bytes);
    if (newest) {
        one(out, "godwit_backup_age_seconds", "Since the newest backup was taken.",
            (double)(gw_now_us() - newest->manifest.created_at) / 1e6);
        one(out, "godwit_backup_bytes", "What the newest backup takes on the disk.",
            (double)newest->bytes);
    }
    if (proven)
        one(out, "godwit_backup_verified_age_seconds",
            "Since the newest backup was taken that has been restored and compared.",
            (double)(gw_now_us() - proven->manifest.created_at) / 1e6);
}

void gw_metrics_handle(void *self, gw_request *request, gw_reply *reply)
{
    gw_serve *serve = self;
    gw_arena *arena = request->arena;
    gw_buf out = GW_BUF(arena);
    gw_err err = {0};
    gw_app *app;
    gw_status_list list = {0};
    gw_session *session;
    bool open = gw_serve_open(serve, arena, "metrics", NULL, GW_READ_SOON, &app, &err);
    bool there = open && gw_app_status(app, arena, &list, &err) &&
                 gw_app_sync_destination(app, arena, &session, &err);
    gw_err_clear(&err);
    gw_metric_head(&out, "godwit_database_up", "gauge", "Whether the database could be asked.");
    number(&out, "godwit_database_up", there);
    if (there) {
        add_migrations(arena, &out, &list);
        add_locks(session, arena, &out);
        add_sync(session, arena, &out);
        add_tracker(session, arena, &out);
    }
    if (open)
        add_backups(serve, app, arena, &out);
    gw_trend_metrics(serve, &out);
    gw_doctor_metrics(serve, &out);
    add_http(serve, &out);
    gw_reply_text(reply, 200, "text/plain; version=0.0.4; charset=utf-8", gw_buf_str(&out));
}
