/*
 * What sessions have done and are doing, as Godwit's tables say it: sessions with their entities,
 * the log, the quarantine. Reads only; nothing where the tables are not there.
 */
#ifndef GW_SYNC_OVERVIEW_H
#define GW_SYNC_OVERVIEW_H

#include "pg/query.h"

/* Times are GW_NULL_INT, texts NULL where there are none. */
typedef struct gw_session_entity {
    const char *entity, *status, *run, *error, *version, *method, *checkpoint, *last_key;
    int64_t attempt;
    int64_t inserted, modified, deleted; /* in all attempts */
    int64_t rejected, remaining;         /* as the last attempt has it */
    int64_t now_done;                    /* rows of the last attempt, rejected ones too */
    int64_t started_at, ended_at, elapsed_ms;
    int64_t batches, pieces, pieces_done, workers;
    int64_t postponed;                   /* indexes of its table that a first load has yet to build */
    int64_t quarantined;                 /* of the entity, whenever they were rejected */
} gw_session_entity;

typedef struct gw_session_view {
    const char *id, *status, *wanted, *reason, *host, *error, *metrics, *options;
    const char *pending, *running, *completed, *failed; /* JSON arrays of entities */
    int64_t attempt, pid, lease_until;
    int64_t started_at, completed_at, created_at, updated_at, estimated_at, now;
    int64_t processed, remaining;
    bool dead;     /* it should be running, and its lease is over: nobody does it */
    bool imported; /* of an older system */
    gw_session_entity *entities; /* once gw_session_entities has read them */
    size_t entity_count;
} gw_session_view;

typedef struct gw_session_views {
    gw_session_view *items;
    size_t len;
} gw_session_views;

/* The newest first. id: the beginning of one's id; NULL: all. */
bool gw_sessions_read(gw_session *session, gw_arena *arena, const char *id, int64_t limit,
                      gw_session_views *out, gw_err *err);
bool gw_session_entities(gw_session *session, gw_arena *arena, gw_session_view *view, gw_err *err);

/* Exactly one: of this beginning of an id, or (NULL) the newest. Kind STATE where there is none. */
bool gw_session_one(gw_session *session, gw_arena *arena, const char *id, gw_session_view *out,
                    gw_err *err);

/* Rows a second, and how long the rest takes at this rate; GW_NULL_INT: not known. */
int64_t gw_entity_rate(const gw_session_entity *entity);
int64_t gw_entity_left_ms(const gw_session_entity *entity);
/* Rows that the session has done of it. */
int64_t gw_entity_done(const gw_session_entity *entity);

typedef struct gw_log_line {
    const char *id, *session, *entity, *operation, *record, *level, *message;
    const char *error, *performance, *context; /* JSON */
    int64_t at;
} gw_log_line;

typedef struct gw_log_lines {
    gw_log_line *items;
    size_t len;
} gw_log_lines;

typedef struct gw_log_wanted {
    const char *session, *entity; /* NULL: all */
    const char *level;            /* this and what is graver; NULL: info */
    int64_t since;                /* GW_NULL_INT: from the beginning */
    int64_t limit;                /* the newest of them */
} gw_log_wanted;

/* In the order of time. */
bool gw_log_lines_read(gw_session *session, gw_arena *arena, const gw_log_wanted *wanted,
                       gw_log_lines *out, gw_err *err);

typedef struct gw_reject {
    const char *entity, *key, *kind, *action, *rule, *field, *message, *sqlstate, *place;
    const char *source_row, *run; /* JSON, sensitive fields masked; migration_control.run_id */
    int64_t attempts, first_seen, last_seen, total;
} gw_reject;

typedef struct gw_rejects {
    gw_reject *items;
    size_t len;
    int64_t total; /* with those beyond the limit */
} gw_rejects;

bool gw_rejects_read(gw_session *session, gw_arena *arena, const char *entity, int64_t limit,
                     gw_rejects *out, gw_err *err);

#endif
