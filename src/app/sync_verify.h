/* Both sides compared, entity by entity, under one snapshot of each. */
#ifndef GW_APP_SYNC_VERIFY_H
#define GW_APP_SYNC_VERIFY_H

#include "app/sync.h"
#include "sync/verify.h"

/* What is told while it goes on. */
typedef struct gw_verify_watch {
    bool (*begin)(void *self, const gw_sync_entity *entity, gw_err *err);
    gw_verify_fn *row;
    bool (*end)(void *self, const gw_sync_entity *entity, const gw_verified *verified,
                gw_err *err);
    void *self;
} gw_verify_watch;

/* names: entities; none: all that are active. whole: every row goes through its mapping. */
bool gw_app_sync_verify(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                        bool whole, const gw_verify_watch *watch, gw_err *err);

#endif
