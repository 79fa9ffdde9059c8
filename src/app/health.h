/* Is all as it should be? What a load balancer, an orchestrator or the one on call asks. */
#ifndef GW_APP_HEALTH_H
#define GW_APP_HEALTH_H

#include "app/app.h"

typedef struct gw_health_options {
    const char *require;         /* the version to be at or past; NULL: all that the folders have is applied */
    int64_t max_replica_lag_ms;  /* of the slowest replica; 0: it is not asked for */
} gw_health_options;

typedef struct gw_health_check {
    const char *name;   /* database, migrations, version, replicas, backups, drift */
    bool ok;
    const char *reason; /* what is not as it should be, without addresses or names of users; NULL where ok */
} gw_health_check;

typedef struct gw_health {
    bool healthy;
    bool answers; /* the database: what is asked of it besides can be asked */
    gw_health_check *items;
    size_t len, cap;
} gw_health;

/* What is found is no error: a database that nobody reaches is a check that failed. */
bool gw_app_health(gw_app *app, gw_arena *arena, const gw_health_options *options, gw_health *out,
                   gw_err *err);

/* One more: the live schema against what its migrations make. Takes a shadow, and seconds. */
void gw_app_health_drift(gw_app *app, gw_arena *arena, gw_health *out);

/* Sessions of the database that wait for a lock just now, and the longest of their statements so far. */
bool gw_app_lock_waits(gw_session *session, gw_arena *arena, int64_t *waiting, int64_t *longest_ms,
                       gw_err *err);

void gw_health_add(gw_arena *arena, gw_health *health, const char *name, const char *reason);

#endif
