/* The audit: godwit.events. An event is a transaction of its own, except where it goes with one. */
#ifndef GW_CONTROL_EVENT_H
#define GW_CONTROL_EVENT_H

#include "control/actor.h"
#include "pg/query.h"
#define GW_SINCE_BEGIN (-1) /* a duration: since the transaction began that the event goes with */
typedef struct gw_event {
    const char *action;   /* apply, revert, adopt, baseline, repair, up, down, … */
    const char *outcome;  /* ok, failed, interrupted, refused */
    const char *tenant, *service; /* NULL = "" */
    const char *version, *name;   /* NULL where it is about no migration */
    int64_t duration_ms;          /* GW_NULL_INT: none */
    const char *data;             /* JSON or NULL */
    /* of a failure */
    const char *sqlstate, *message, *detail, *place;
    /* when read back */
    int64_t id, at;
    const char *run_id, *actor, *host, *db_user;
} gw_event;

enum { GW_EVENT_PARAMS = 16 };
const gw_sql *gw_event_sql(void);
void gw_event_params(const gw_event *event, const gw_actor *actor,
                     gw_param params[GW_EVENT_PARAMS]);

/* Fill the failure fields from an error; texts live as long as the error. place: file:line:col. */
void gw_event_of_err(gw_arena *arena, gw_event *event, const gw_err *err);

bool gw_event_write(gw_session *session, const gw_event *event, const gw_actor *actor,
                    gw_err *err);

typedef struct gw_event_list {
    gw_event *items;
    size_t len;
} gw_event_list;

/* The newest `limit` events, newest first; version, action, tenant NULL = all. */
bool gw_events_read(gw_session *session, gw_arena *arena, const char *version, const char *action,
                    const char *tenant, int64_t limit, gw_event_list *out, gw_err *err);

/* For each (service, version) of a tenant: its last apply or revert, where that one failed. */
bool gw_events_last_failures(gw_session *session, gw_arena *arena, const char *tenant,
                             gw_event_list *out, gw_err *err);

/* Has anything that went well ever been done for this tenant (service NULL), one service of it (version
 * NULL), or with one version? The tables are there. */
bool gw_events_any(gw_session *session, const char *tenant, const char *service, const char *version,
                   bool *out, gw_err *err);

#endif
