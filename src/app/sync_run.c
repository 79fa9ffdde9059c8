/* A session of moving rows: which one, with which entities, and again where a connection was lost. */
#include "app/sync_run.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/vec.h"
#include "control/control.h"

enum { ATTEMPTS = 5 };

/* ---- what goes to the observer ------------------------------------------------------------- */

static void see(void *self, const gw_sync_seen *seen)
{
    gw_observer observer = gw_app_observer(self);
    gw_progress progress = {.tenant = "",
                            .name = seen->entity,
                            .done = seen->done,
                            .total = seen->total,
                            .duration_ms = seen->duration_ms,
                            .text = seen->text};
    switch (seen->stage) {
    case GW_SYNC_LOOKS:
        return;
    case GW_SYNC_BEGINS:
        progress.kind = GW_PROGRESS_START;
        break;
    case GW_SYNC_MOVES:
        progress.kind = GW_PROGRESS_BATCH;
        break;
    case GW_SYNC_DONE:
        progress.kind = GW_PROGRESS_DONE;
        break;
    case GW_SYNC_FAILED:
        progress.kind = GW_PROGRESS_FAILED;
        break;
    case GW_SYNC_WAITS:
        progress.kind = GW_PROGRESS_WAITING;
        break;
    }
    observer.see(observer.self, &progress);
}

/* ---- which session ------------------------------------------------------------------------- */

static bool tables_there(gw_session *session, gw_err *err)
{
    int version;
    if (!gw_control_part_version(session, "differential", &version, err))
        return false;
    if (version)
        return true;
    gw_err_set(err, GW_ERR_STATE, "no rows were ever moved into this database");
    return gw_err_hint(err, "godwit sync run moves them, once mappings are registered");
}

static bool find(gw_session *session, gw_arena *arena, const char *id, gw_sync_session *out,
                 bool *found, gw_err *err)
{
    if (!gw_sync_session_find(session, arena, id, out, found, err))
        return false;
    return *found || !id || gw_err_set(err, GW_ERR_STATE, "there is no session %s", id);
}

/* What the session was begun with. NULL: whatever is found. */
static bool analysis_of(gw_arena *arena, const gw_sync_session *session,
                        const gw_sync_wanted *wanted, const char **out, gw_err *err)
{
    const char *had = NULL;
    *out = wanted->analysis;
    if (!session)
        return true;
    json_t *options = gw_json_parse(arena, "options", session->options, strlen(session->options),
                                    err);
    if (!options)
        return false;
    had = json_string_value(json_object_get(options, "analysis"));
    if (!wanted->analysis || (had && strcasecmp(had, wanted->analysis) == 0)) {
        *out = had;
        return true;
    }
    gw_err_set(err, GW_ERR_STATE, "session %s has not ended", session->id);
    return gw_err_hint(err, "godwit sync run goes on with it, godwit sync cancel ends it; then the "
                            "analysis can be applied");
}

/* Each entity of the analysis that is to run gets what is stored of it; the others are dropped. */
static bool take_analysis(const gw_sync *sync, gw_arena *arena, gw_sync_execution *x, gw_err *err)
{
    gw_analysis_list list;
    size_t count = 0;
    if (!x->analysis)
        return true;
    if (!gw_analyses_read(sync->sides.destination, arena, x->analysis, &list, err))
        return false;
    for (size_t k = 0; k < list.len; k++)
        if (!gw_sync_entity_of(sync, list.items[k].entity))
            return gw_err_set(err, GW_ERR_STATE, "no mapping of %s is active",
                              list.items[k].entity);
    for (size_t i = 0; i < x->item_count; i++)
        for (size_t k = 0; k < list.len; k++) {
            gw_sync_item item = x->items[i];
            if (strcmp(item.entity.plan->mapping->entity.text, list.items[k].entity) != 0)
                continue;
            if (!gw_analysis_applies(sync->sides.destination, &list.items[k], item.entity.mapping,
                                     x->session, err))
                return false;
            item.stored = &list.items[k];
            x->items[count++] = item;
            break;
        }
    x->item_count = count;
    return count > 0 || gw_err_set(err, GW_ERR_USAGE, "analysis %s is of none of these entities",
                                   x->analysis);
}

/* Those that were asked for, and those of the session that goes on. */
static bool choose_entities(const gw_sync *sync, gw_arena *arena, const gw_sync_session *session,
                            gw_sync_item **out, size_t *count, gw_err *err)
{
    gw_source_names had = {0};
    gw_sync_item *items = gw_alloc_array(arena, sync->count + 1, sizeof *items);
    if (session) {
        gw_sync_session_entities(arena, session->pending, &had);
        gw_sync_session_entities(arena, session->running, &had);
        gw_sync_session_entities(arena, session->completed, &had);
        gw_sync_session_entities(arena, session->failed, &had);
    }
    *out = items;
    *count = 0;
    for (size_t i = 0; i < sync->count; i++) {
        const gw_sync_entity *entity = &sync->entities[i];
        bool wanted = entity->selected;
        gw_err why = {0};
        for (size_t k = 0; k < had.len && !wanted; k++)
            wanted = strcmp(had.items[k], entity->name) == 0;
        if (!wanted)
            continue;
        gw_sync_item *item = &items[(*count)++];
        *item = (gw_sync_item){.entity = {.mapping = entity->definition.id, .plan = &entity->plan}};
        if (!gw_sync_entity_fits(entity, &why))
            item->problem = gw_printf(arena, "%s%s%s", why.message, why.detail ? ": " : "",
                                      why.detail ? why.detail : "");
        gw_err_clear(&why);
    }
    return *count > 0 || gw_err_set(err, GW_ERR_STATE, "none of the session's mappings is active");
}

/* For tests: how long the pieces of a dead worker wait. 0: as usual. */
static int64_t lease_ms(void)
{
    const char *said = getenv("GODWIT_LEASE");
    int64_t ms = 0;
    return said && gw_duration_parse(said, &ms) && ms > 0 ? ms : 0;
}

static bool fill(gw_app *app, gw_arena *arena, const gw_sync *sync, const gw_sync_wanted *wanted,
                 const gw_sync_session *session, gw_sync_execution *x, gw_err *err)
{
    const gw_sync_settings *settings = &sync->sides.settings;
    unsigned jobs = wanted->jobs ? wanted->jobs : settings->jobs;
    *x = (gw_sync_execution){
        .from = sync->sides.source->session,
        .to = sync->sides.destination,
        .session = session ? session->id : NULL,
        .host = app->actor.host,
        .pace = {.batch_time_ms = settings->batch_time_ms,
                 .batch_bytes = settings->batch_bytes,
                 .batch_rows = wanted->batch_rows ? wanted->batch_rows : settings->batch_rows,
                 .max_rate = settings->max_rate / (jobs ? jobs : 1)},
        .throttle = {.max_replica_lag_ms = settings->max_replica_lag_ms,
                     .max_load = settings->max_load,
                     .windows = settings->windows,
                     .window_count = settings->window_count},
        .replica = wanted->replica,
        .jobs = jobs,
        .lease_ms = lease_ms(),
        .max_deletes = wanted->max_deletes < 0 ? settings->max_deletes : wanted->max_deletes,
        .cancel = app->options.cancel,
        .log = app->options.log,
        .see = see,
        .self = app};
    if (settings->max_rate && !x->pace.max_rate)
        x->pace.max_rate = 1;
    if (!gw_app_connect_options(app, true, &x->destination, err) ||
        !choose_entities(sync, arena, session, &x->items, &x->item_count, err) ||
        !analysis_of(arena, session, wanted, &x->analysis, err) ||
        !take_analysis(sync, arena, x, err))
        return false;
    x->destination.pinned = true;
    x->source = x->destination;
    x->source.conninfo = settings->source;
    x->source.pooler = GW_POOLER_AUTO;
    return true;
}

/* again: what this command has begun itself, whose own lease may not have ended. */
static bool attempt(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted, bool again,
                    gw_sync_done *out, gw_err *err)
{
    gw_sync sync;
    gw_sync_session session;
    bool found;
    if (!gw_app_sync_begin(app, arena, wanted->entities, wanted->count, true, &sync, err) ||
        !find(sync.sides.destination, arena, wanted->session, &session, &found, err))
        return false;
    if (!found && wanted->resume) {
        gw_err_set(err, GW_ERR_STATE, "there is no session to go on with");
        return gw_err_hint(err, "godwit sync run begins one");
    }
    if (found && !again && (wanted->resume || wanted->session) &&
        !gw_sync_step_check(&session, GW_SYNC_RESUME, err))
        return false;
    gw_sync_execution x;
    if (fill(app, arena, &sync, wanted, found ? &session : NULL, &x, err) &&
        gw_sync_execute(&x, arena, out, err))
        return true;
    return gw_control_explain(sync.sides.destination, err);
}

/* A connection that was lost is no end: the session goes on where it was. */
bool gw_app_sync_run(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted, gw_sync_done *out,
                     gw_err *err)
{
    gw_sync_wanted now = *wanted;
    for (unsigned i = 0;; i++) {
        *out = (gw_sync_done){0};
        if (attempt(app, arena, &now, i > 0, out, err))
            return true;
        bool again = err->kind == GW_ERR_LOST || (err->kind == GW_ERR_CONNECT && i > 0);
        if (!again || i + 1 == ATTEMPTS ||
            !gw_sleep_ms(gw_backoff_ms(500, i, 10000), app->options.cancel))
            return false;
        gw_log_write(app->options.log, GW_LOG_WARNING, &app->span, err->message,
                     GW_FIELDS(GW_TEXT("session", out->session)));
        gw_err_clear(err);
        if (out->session)
            now.session = out->session;
    }
}

bool gw_app_sync_preview(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted,
                         gw_sync_done *out, gw_err *err)
{
    gw_sync sync;
    gw_sync_execution x;
    *out = (gw_sync_done){0};
    return gw_app_sync_begin(app, arena, wanted->entities, wanted->count, false, &sync, err) &&
           fill(app, arena, &sync, wanted, NULL, &x, err) &&
           gw_sync_preview(&x, arena, out, err);
}

bool gw_app_sync_help(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted, const char **id,
                      int64_t *rows, gw_err *err)
{
    gw_sync sync;
    gw_sync_execution x;
    *rows = 0;
    if (!gw_app_sync_begin(app, arena, NULL, 0, true, &sync, err) ||
        !fill(app, arena, &sync, wanted, NULL, &x, err))
        return false;
    x.session = wanted->session;
    return gw_sync_help(&x, arena, id, rows, err) ||
           gw_control_explain(sync.sides.destination, err);
}

/* ---- pause and cancel ---------------------------------------------------------------------- */

bool gw_app_sync_step(gw_app *app, gw_arena *arena, gw_sync_step step, const char *session,
                      const char **id, bool *now, gw_err *err)
{
    gw_session *to;
    gw_sync_session which;
    bool found;
    if (!gw_app_may_write(app, err) || !gw_app_sync_destination(app, arena, &to, err) ||
        !tables_there(to, err) || !find(to, arena, session, &which, &found, err))
        return false;
    if (!found) {
        gw_err_set(err, GW_ERR_STATE, "no session is under way");
        return gw_err_hint(err, "godwit sync list shows those that there were");
    }
    *id = which.id;
    if (gw_sync_session_step(to, arena, &which, step, app->actor.user, now, err))
        return true;
    return gw_control_explain(to, err);
}
