/*
 * The history: godwit.migrations as values. Writing is split in two: a statement with parameters
 * that the caller runs inside the migration's own transaction (gw_history_put), and calls that
 * are transactions of their own.
 */
#ifndef GW_CONTROL_HISTORY_H
#define GW_CONTROL_HISTORY_H

#include "control/actor.h"
#include "pg/pipeline.h"
#include "pg/query.h"

typedef struct gw_applied {
    const char *tenant, *service, *version, *sort_key, *name;
    const char *kind;           /* versioned, repeatable, baseline, declared */
    const char *checksum;       /* NULL: not known (adopted, baseline) */
    const char *state;          /* applied, running, reverting */
    int64_t statements_done, statements_total;
    const char *intent;         /* JSON or NULL */
    bool transactional;
    int64_t applied_at;         /* microseconds UTC */
    int64_t duration_ms;
    const char *applied_by, *applied_from, *godwit_version, *run_id, *backup_id;
    const char *details;        /* JSON or NULL */
} gw_applied;

typedef struct gw_applied_list {
    gw_applied *items;
    size_t len;
} gw_applied_list;

/*
 * All rows of a tenant ("" = the untenanted), in no order, and the version of the tables, in one
 * round trip. Those of a tenant's schema that was dropped and made anew (another OID, nothing in it)
 * are passed over. Without tables: version 0 and no rows. Newer tables: kind STATE.
 */
bool gw_history_read(gw_session *session, gw_arena *arena, const char *tenant,
                     gw_applied_list *out, int *control_version, gw_err *err);

/*
 * Insert or replace a row (key: tenant, service, version). Uses nothing that the session's
 * settings could change, so that it may run in a user's transaction. applied_at is the
 * database's clock when applied_at is GW_NULL_INT.
 */
enum { GW_HISTORY_PUT_PARAMS = 20 };
const gw_sql *gw_history_put_sql(void);
void gw_history_put_params(const gw_applied *row, const gw_actor *actor,
                           gw_param params[GW_HISTORY_PUT_PARAMS]);
bool gw_history_put(gw_session *session, const gw_applied *row, const gw_actor *actor,
                    gw_err *err);

/* Remove a row (tenant, service, version); inside the transaction of a down. */
const gw_sql *gw_history_delete_sql(void);
bool gw_history_delete(gw_session *session, const char *tenant, const char *service,
                       const char *version, gw_err *err);

/* What gw_history_read passes over: the rows of a tenant's schema that is gone. */
bool gw_history_forget_gone(gw_session *session, gw_arena *arena, const char *tenant, int64_t *rows,
                            gw_err *err);

/* Of a tenant whose schema is another than its history's: the last row, and what is not there that was
 * there when it was written. All NULL: it is the same. Tables of version 0 are not asked. */
typedef struct gw_stranger {
    const char *service, *version;
    const char *missing;
} gw_stranger;
bool gw_history_stranger(gw_session *session, gw_arena *arena, const char *tenant,
                         gw_stranger *out, gw_err *err);

/* Progress of a file outside a transaction: state, done, total, intent (JSON or NULL = none). */
bool gw_history_progress(gw_session *session, const char *tenant, const char *service,
                         const char *version, const char *state, int64_t done, int64_t total,
                         const char *intent, int64_t duration_ms, gw_err *err);

enum { GW_HISTORY_PROGRESS_PARAMS = 8 };
const gw_sql *gw_history_progress_sql(void);
void gw_history_progress_params(const gw_applied *row, gw_param params[GW_HISTORY_PROGRESS_PARAMS]);

/* Of a row whose down file has begun: when it was applied and how long that took are again what they were. */
void gw_history_before_down(gw_arena *arena, gw_applied *row);

#endif
