/* The roles that `grants:` of godwit.yaml declares, on an environment's database. */
#ifndef GW_APP_GRANTS_H
#define GW_APP_GRANTS_H

#include "app/app.h"
#include "care/grants.h"

typedef struct gw_grants_result {
    const char *database;
    gw_grants_diff diff; /* what would run; of an apply, what ran */
} gw_grants_result;

/* Reads only. Kind CONFIG where nothing is declared. */
bool gw_app_grants(gw_app *app, gw_arena *arena, gw_grants_result *out, gw_err *err);

/* All of it in one transaction, under the run lock; an event. */
bool gw_app_grants_apply(gw_app *app, gw_arena *arena, int64_t wait_ms, gw_grants_result *out,
                         gw_err *err);

#endif
