/* Every action and every refusal becomes a row of godwit.events, by a thread of its own: nobody waits for it, and
 * a database that is away gets what happened when it is back. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/sync.h"
#include "base/build.h"
#include "base/clock.h"
#include "cmd/serve/serve.h"
#include "control/control.h"
#include "control/event.h"

enum { MOST = 2000, AGAIN_S = 2 };

static char *kept(const char *text)
{
    char *copy = strdup(text ? text : "");
    if (!copy)
        gw_out_of_memory(0);
    return copy;
}

static void free_row(gw_audit_row *row)
{
    free(row->action);
    free(row->outcome);
    free(row->who);
    free(row->message);
    free(row);
}

static bool same(const gw_audit_row *row, const char *action, const char *outcome, const char *who,
                 const char *message)
{
    return strcmp(row->action, action) == 0 && strcmp(row->outcome, outcome) == 0 &&
           strcmp(row->who, who ? who : "") == 0 && strcmp(row->message, message ? message : "") == 0;
}

void gw_audit_add(gw_serve *serve, const char *action, const char *outcome, const char *who,
                  const char *message)
{
    gw_audit_took(serve, action, outcome, who, message, GW_NULL_INT);
}

void gw_audit_took(gw_serve *serve, const char *action, const char *outcome, const char *who,
                   const char *message, int64_t took_ms)
{
    gw_audit *audit = &serve->audit;
    pthread_mutex_lock(&audit->mutex);
    gw_audit_row *row = audit->first;
    /* What is refused again and again is one row that says how often. */
    while (row && !same(row, action, outcome, who, message))
        row = row->next;
    if (row && strcmp(outcome, "refused") == 0) {
        row->count++;
    } else if (audit->rows == MOST) {
        audit->lost++;
    } else {
        row = calloc(1, sizeof *row);
        if (!row)
            gw_out_of_memory(sizeof *row);
        *row = (gw_audit_row){.action = kept(action), .outcome = kept(outcome), .who = kept(who),
                              .message = kept(message), .took_ms = took_ms, .count = 1};
        *audit->last = row;
        audit->last = &row->next;
        audit->rows++;
    }
    pthread_cond_signal(&audit->change);
    pthread_mutex_unlock(&audit->mutex);
}

static bool write_rows(gw_serve *serve, gw_audit_row **rows, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_app *app;
    gw_session *session;
    gw_app_options options = serve->app;
    options.command = "serve";
    options.cancel = options.config.cancel = &serve->last;
    bool ok = gw_app_open(arena, &options, &app, err) &&
              gw_app_sync_destination(app, arena, &session, err) &&
              gw_control_ensure(session, "godwit serve", err);
    while (ok && *rows) {
        gw_audit_row *row = *rows;
        gw_actor actor = gw_actor_of_process(arena, serve->invocation->span->trace_id, GW_VERSION, "serve");
        if (*row->who)
            actor.user = row->who;
        gw_event event = {.action = row->action,
                          .outcome = row->outcome,
                          .duration_ms = row->took_ms,
                          .message = *row->message ? row->message : NULL,
                          .data = row->count > 1 ? gw_printf(arena, "{\"times\":%u}", row->count) : NULL};
        ok = gw_event_write(session, &event, &actor, err);
        if (ok) {
            *rows = row->next;
            free_row(row);
        }
    }
    gw_arena_free(arena);
    return ok;
}

/* With the lock held: what could not be written stands first again. */
static void put_back(gw_audit *audit, gw_audit_row *rows)
{
    gw_audit_row **end = &rows;
    while (*end) {
        audit->rows++;
        end = &(*end)->next;
    }
    *end = audit->first;
    if (!audit->first)
        audit->last = end;
    audit->first = rows;
    if (audit->last == &rows)
        audit->last = &audit->first;
}

static void wait_a_while(gw_audit *audit)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += AGAIN_S;
    pthread_cond_timedwait(&audit->change, &audit->mutex, &until);
}

static void *work(void *self)
{
    gw_serve *serve = self;
    gw_audit *audit = &serve->audit;
    bool said = false;
    pthread_mutex_lock(&audit->mutex);
    for (;;) {
        if (!audit->first) {
            if (audit->stopping)
                break;
            pthread_cond_wait(&audit->change, &audit->mutex);
            continue;
        }
        gw_audit_row *rows = audit->first;
        audit->first = NULL;
        audit->last = &audit->first;
        audit->rows = 0;
        pthread_mutex_unlock(&audit->mutex);
        gw_err err = {0};
        bool ok = write_rows(serve, &rows, &err);
        if (!ok && !said)
            gw_log_write(serve->invocation->log, GW_LOG_WARNING, NULL,
                         "the audit cannot be written just now", GW_FIELDS(GW_TEXT("reason", err.message)));
        said = !ok;
        gw_err_clear(&err);
        pthread_mutex_lock(&audit->mutex);
        if (ok)
            continue;
        put_back(audit, rows);
        if (audit->stopping)
            break;
        wait_a_while(audit);
    }
    pthread_mutex_unlock(&audit->mutex);
    return NULL;
}

void gw_audit_start(gw_serve *serve)
{
    gw_audit *audit = &serve->audit;
    pthread_mutex_init(&audit->mutex, NULL);
    pthread_cond_init(&audit->change, NULL);
    audit->last = &audit->first;
    audit->started = pthread_create(&audit->thread, NULL, work, serve) == 0;
}

void gw_audit_stop(gw_serve *serve)
{
    gw_audit *audit = &serve->audit;
    pthread_mutex_lock(&audit->mutex);
    audit->stopping = true;
    pthread_cond_signal(&audit->change);
    pthread_mutex_unlock(&audit->mutex);
    if (audit->started)
        pthread_join(audit->thread, NULL);
    for (gw_audit_row *row = audit->first, *next; row; row = next) {
        next = row->next;
        audit->lost++;
        free_row(row);
    }
    if (audit->lost)
        gw_log_write(serve->invocation->log, GW_LOG_WARNING, NULL,
                     "rows of the audit were not written", GW_FIELDS(GW_INT("rows", audit->lost)));
}
