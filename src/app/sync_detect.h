/* What there is on both sides of a move of rows, and what has changed: counted, found, stored. */
#ifndef GW_APP_SYNC_DETECT_H
#define GW_APP_SYNC_DETECT_H

#include "app/sync.h"
#include "sync/analysis.h"

typedef struct gw_detect_want {
    const char *const *names; /* entities; none: all that are active */
    size_t count;
    gw_method method;
    const char *since;  /* a time, or how long ago; NULL */
    double max_deletes; /* percent; below 0: the settings' */
} gw_detect_want;

typedef struct gw_entity_found {
    const char *entity;
    const gw_sync_entity *stopped; /* its tables are not as they were registered; else NULL */
    gw_analysis analysis;
    bool first;
    bool too_many; /* deletions: nobody will apply them unasked */
    int64_t known; /* rows that were applied */
    int64_t waiting; /* of what was found: rows of the quarantine */
    int64_t later;   /* applied, and references that close a cycle are still to be filled */
} gw_entity_found;

typedef struct gw_detect_result {
    const char *analysis; /* the id of the whole; NULL: nothing was looked at */
    gw_entity_found *items;
    size_t len;
    double max_deletes;
} gw_detect_result;

/* Kind REFUSED for a method that is not sound, by the reason's name: nothing is stored then. Too many
 * deletions and stopped entities are no errors here: see gw_detect_verdict. */
bool gw_app_sync_detect(gw_app *app, gw_arena *arena, const gw_detect_want *want,
                        gw_detect_result *out, gw_err *err);

/* REFUSED where one has too many deletions, else STATE where one is stopped; else true. */
bool gw_detect_verdict(const gw_detect_result *result, gw_err *err);

typedef struct gw_entity_counted {
    const char *entity, *status; /* synced, behind, ahead, missing; stopped */
    const gw_sync_entity *stopped;
    int64_t source, destination, id_map, applied, rejected; /* GW_NULL_INT: there is no such thing */
} gw_entity_counted;

typedef struct gw_analyze_result {
    const char *analysis;
    gw_entity_counted *items;
    size_t len;
} gw_analyze_result;

bool gw_app_sync_analyze(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                         gw_analyze_result *out, gw_err *err);

#endif
