/* What workers and who sets them to work both speak of. */
#ifndef GW_SYNC_WORK_H
#define GW_SYNC_WORK_H

#include "sync/project.h"

typedef struct gw_work_entity {
    const char *mapping; /* id of its definition */
    const gw_entity_plan *plan;
    gw_projection projection;
} gw_work_entity;

typedef struct gw_sync_pace {
    int64_t batch_time_ms, batch_bytes;
    int64_t batch_rows; /* 0: as many as time and bytes allow */
    int64_t max_rate;   /* rows a second, of one worker; 0: no limit */
} gw_sync_pace;

#endif
