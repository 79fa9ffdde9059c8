/* How an entity and a session end. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "sql_sync.h"
#include "sync/load.h"
#include "sync/run_impl.h"

/* ---- an entity ----------------------------------------------------------------------------- */

/* A role that may write the table and not its sequence: said, and no reason to fail. */
static bool move_sequences(gw_coordinator *c, const gw_going *going, gw_err *err)
{
    gw_err problem = {0};
    if (gw_sequences_past(c->x->to, c->arena, going->item->entity.plan, &problem))
        return true;
    bool ok = problem.kind == GW_ERR_PRIVILEGE;
    if (!ok) {
        gw_err_move(err, &problem);
        return false;
    }
    ok = gw_sync_log_put(c->x->to,
                         &(gw_sync_log){.session = c->session,
                                        .entity = going->name,
                                        .operation = "record_migration",
                                        .level = "warn",
                                        .message = "sequences stay where they are",
                                        .error = gw_sync_error_json(c->arena, &problem)},
                         err);
    gw_log_write(c->x->log, GW_LOG_WARNING, NULL, "sequences stay where they are",
                 GW_FIELDS(GW_TEXT("entity", going->name), GW_TEXT("why", problem.message)));
    gw_err_clear(&problem);
    return ok;
}

/* A stored analysis knows nothing of what changed beside its keys. */
static bool put_mark(gw_coordinator *c, const gw_going *going, gw_err *err)
{
    if (going->item->stored)
        return true;
    gw_mark_kept kept = {.entity = going->name,
                         .mapping_id = going->item->entity.mapping,
                         .method = gw_method_word(going->found.method),
                         .run = going->run.id};
    return gw_mark_put(c->x->to, c->arena, &kept, &going->found.mark, err);
}

static const char *said(gw_arena *arena, const gw_sync_counts *counts)
{
    return gw_printf(arena,
                     "completed: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " deleted, %" PRId64
                     " rejected",
                     counts->added, counts->modified, counts->deleted, counts->rejected);
}

/* Of a load it is known at its end only what there was. */
static bool put_loaded(gw_coordinator *c, const gw_going *going, const gw_sync_counts *counts,
                       gw_err *err)
{
    int64_t rows = counts->added + counts->modified + counts->rejected;
    gw_param params[] = {gw_p_text(going->analysis), gw_p_int(rows)};
    return !going->loads || gw_exec_sql(c->x->to, &gw_sql_analysis_loaded, params, 2, err);
}

static bool complete(gw_coordinator *c, gw_going *going, gw_sync_counts *counts, gw_err *err)
{
    return gw_sync_run_complete(c->x->to, c->arena, &going->run, c->session, &c->owner, counts,
                                err) &&
           put_loaded(c, going, counts, err) && put_mark(c, going, err) &&
           gw_sync_session_entity(c->x->to, c->session, going->name, "completed", err) &&
           gw_sync_log_put(c->x->to,
                           &(gw_sync_log){.session = c->session,
                                          .checkpoint = going->run.checkpoint,
                                          .entity = going->name,
                                          .operation = "checkpoint_save",
                                          .level = counts->rejected ? "warn" : "info",
                                          .message = said(c->arena, counts)},
                           err);
}

bool gw_run_complete(gw_coordinator *c, gw_going *going, gw_err *err)
{
    gw_sync_counts counts;
    if ((going->loads &&
         !gw_load_finish(c->x->to, c->arena, going->name, c->x->log, err)) ||
        !move_sequences(c, going, err) ||
        !gw_session_begin(c->x->to, "read committed", err))
        return false;
    if (!complete(c, going, &counts, err)) {
        gw_session_rollback(c->x->to);
        return false;
    }
    if (!gw_session_commit(c->x->to, err))
        return false;
    going->state = GW_GOING_DONE;
    gw_going_see(c, GW_SYNC_DONE, going,
                 counts.added + counts.modified + counts.deleted + counts.rejected, NULL);
    return true;
}

static bool fail_one(gw_coordinator *c, gw_going *going, const gw_err *why, gw_err *err)
{
    going->state = GW_GOING_FAILED;
    going->error = gw_sync_error_json(c->arena, why);
    gw_going_see(c, GW_SYNC_FAILED, going, 0, why->message);
    return gw_sync_run_fail(c->x->to, c->arena, c->session, &c->owner, going->name, going->run.id,
                            why, err) &&
           gw_sync_log_put(c->x->to,
                           &(gw_sync_log){.session = c->session,
                                          .checkpoint = going->run.checkpoint,
                                          .entity = going->name,
                                          .operation = "record_migration",
                                          .level = "error",
                                          .message = why->message,
                                          .error = going->error},
                           err);
}

static bool needs(const gw_going *going, const char *other)
{
    const gw_source_names *names = &going->item->entity.plan->needs;
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], other) == 0)
            return true;
    return false;
}

bool gw_run_fail(gw_coordinator *c, gw_going *going, gw_err *why, gw_err *err)
{
    gw_mapping_mask(going->item->entity.plan->mapping, why);
    if (!c->first.kind) {
        gw_err_set(&c->first, why->kind, "%s failed: %s", going->name, why->message);
        if (why->detail)
            gw_err_detail(&c->first, "%s", why->detail);
        if (why->hint)
            gw_err_hint(&c->first, "%s", why->hint);
        memcpy(c->first.sqlstate, why->sqlstate, sizeof c->first.sqlstate);
    }
    if (!fail_one(c, going, why, err))
        return false;
    for (size_t i = 0; i < c->count; i++) {
        gw_err blocked = {0};
        if (c->going[i].state != GW_GOING_WAITS || !needs(&c->going[i], going->name))
            continue;
        gw_err_set(&blocked, GW_ERR_STATE, "it needs %s, which failed", going->name);
        bool ok = gw_run_fail(c, &c->going[i], &blocked, err);
        gw_err_clear(&blocked);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- the session --------------------------------------------------------------------------- */

static const char *metrics(gw_coordinator *c)
{
    int64_t ms = (gw_monotonic_us() - c->began_us) / 1000;
    int64_t rows = atomic_load(&c->work.rows);
    json_t *one = gw_json_own(c->arena, json_object());
    json_object_set_new(one, "attempt_ms", json_integer(ms));
    json_object_set_new(one, "rows", json_integer(rows));
    json_object_set_new(one, "batches", json_integer(atomic_load(&c->work.batches)));
    json_object_set_new(one, "bytes", json_integer(atomic_load(&c->work.bytes)));
    json_object_set_new(one, "average_rows_per_second",
                        json_real((double)rows * 1000 / (double)(ms ? ms : 1)));
    return gw_json_dump(c->arena, one);
}

/* {"reason","message","entities":{NAME: error}} */
static const char *summary(gw_coordinator *c, const char *reason, const char *message)
{
    json_t *one = gw_json_own(c->arena, json_object()), *failed = json_object();
    gw_err ignored = {0};
    json_object_set_new(one, "reason", json_string(reason));
    if (message)
        json_object_set_new(one, "message", gw_json_text(message));
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].error)
            json_object_set(failed, c->going[i].name,
                            gw_json_parse(c->arena, "an error", c->going[i].error,
                                          strlen(c->going[i].error), &ignored));
    gw_err_clear(&ignored);
    json_object_set_new(one, "entities", failed);
    return gw_json_dump(c->arena, one);
}

static bool end(gw_coordinator *c, const char *state, const char *reason, const char *text,
                gw_err *err)
{
    c->begun = false;
    return gw_sync_session_end(c->x->to, c->session, &c->owner, state, reason, text, metrics(c),
                               err) &&
           gw_sync_log_put(c->x->to,
                           &(gw_sync_log){.session = c->session,
                                          .operation = "checkpoint_save",
                                          .level = strcmp(state, "failed") == 0 ? "error" : "info",
                                          .message = gw_printf(c->arena, "%s%s%s", state,
                                                               reason ? ": " : "",
                                                               reason ? reason : "")},
                           err);
}

static bool any_failed(const gw_coordinator *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state == GW_GOING_FAILED)
            return true;
    return false;
}

/* A load that did not come to its end leaves the table without them. */
static void say_postponed(gw_coordinator *c)
{
    for (size_t i = 0; i < c->count; i++) {
        gw_err ignored = {0};
        int64_t count = 0;
        const char *name = c->going[i].name;
        if (gw_load_postponed(c->x->to, c->arena, name, &count, &ignored) && count) {
            const char *text = gw_printf(c->arena,
                                         "%" PRId64 " indexes of its table are put off: the next "
                                         "run builds them",
                                         count);
            gw_sync_log_put(c->x->to,
                            &(gw_sync_log){.session = c->session,
                                           .entity = name,
                                           .operation = "checkpoint_save",
                                           .level = "warn",
                                           .message = text},
                            &ignored);
            gw_log_write(c->x->log, GW_LOG_WARNING, NULL, text, GW_FIELDS(GW_TEXT("entity", name)));
        }
        gw_err_clear(&ignored);
    }
}

/* Keeps `why` as the error to be told: that the state could not be written is the lesser one. */
static bool end_after(gw_coordinator *c, const char *state, const char *reason, const char *text)
{
    gw_err ignored = {0};
    if (!gw_session_lost(c->x->to)) {
        gw_session_rollback(c->x->to);
        say_postponed(c);
        end(c, state, reason, text, &ignored);
    }
    gw_err_clear(&ignored);
    return false;
}

static bool paused(gw_coordinator *c, const char *by, gw_err *err)
{
    gw_err_set(err, GW_ERR_INTERRUPTED, "session %s is paused (%s)", c->session, by);
    gw_err_hint(err, "godwit sync run goes on with it");
    return end_after(c, "paused", by, NULL);
}

bool gw_run_close(gw_coordinator *c, bool ok, gw_err *err)
{
    gw_pulse_wanted wanted = c->pulse ? gw_pulse_wants(c->pulse) : GW_PULSE_GO;
    bool lost = c->pulse && gw_pulse_lost(c->pulse);
    gw_crew_stop(c->crew);
    gw_pulse_stop(c->pulse);
    if (!c->begun)
        return ok;
    if (lost)
        return gw_err_set(err, GW_ERR_LOST, "session %s is not this run's any more: its connection "
                                            "or its lease was lost", c->session);
    bool all = true;
    for (size_t i = 0; i < c->count; i++)
        all = all && c->going[i].state >= GW_GOING_DONE;
    if (!ok && err->kind != GW_ERR_INTERRUPTED) {
        bool again = err->kind == GW_ERR_LOST || err->kind == GW_ERR_CONNECT;
        return end_after(c, again ? "paused" : "failed", err->message,
                         again ? NULL : summary(c, gw_err_kind_name(err->kind), err->message));
    }
    if (ok && all && !any_failed(c))
        return end(c, "completed", NULL, NULL, err);
    if (ok && all) {
        const char *text = summary(c, "entities failed", c->first.message);
        gw_err_move(err, &c->first);
        return end_after(c, "failed", "entities failed", text);
    }
    gw_err_clear(err);
    if (wanted == GW_PULSE_CANCEL) {
        gw_err_set(err, GW_ERR_STATE, "session %s was cancelled", c->session);
        return end_after(c, "failed", "cancelled", summary(c, "cancelled", NULL));
    }
    return paused(c, wanted == GW_PULSE_PAUSE ? "as was asked for" : "interrupted", err);
}
