/* Shared by the files that run migrations; private to this folder. */
#ifndef GW_MIGRATE_INTERNAL_H
#define GW_MIGRATE_INTERNAL_H

#include "migrate/runner.h"
#include "migrate/lock_watch.h"

/* sqlx's table (compat.h). */
struct gw_compat {
    const char *name; /* schema and table, quoted */
    bool there;
    size_t filled; /* rows that it was made with */
};
/* The statement that makes its table, and the one for the row of what is applied since long ago (*text NULL:
 * sqlx cannot know it). */
const char *gw_compat_make_sql(gw_arena *arena, const struct gw_compat *compat);
enum { GW_COMPAT_MEND_PARAMS = 5 };
bool gw_compat_mend_statement(const struct gw_compat *compat, gw_arena *arena, const gw_migration *file,
                              const gw_applied *row, const char **text,
                              gw_param params[GW_COMPAT_MEND_PARAMS], gw_err *err);
/* The version as sqlx has it, an i64 without leading zeros; NULL where it cannot know it. */
const char *gw_compat_version(const char *version);
/* As sqlx sums this file up. */
bool gw_compat_checksum(gw_arena *arena, const gw_migration *file, const char **out, gw_err *err);

/*
 * First statement of each transaction of a run: gw_sql_tx_open.
 *
 * Not waiting for the disk is sound for all but the last commit of a run: the log is written in
 * order, so when the last one is on disk, all are; after a crash the newest ones are gone together
 * with their rows.
 */
enum { GW_TX_OPEN_PARAMS = 6 };
void gw_tx_open_params(gw_runner *r, const gw_checked *checked, bool async,
                       gw_param params[GW_TX_OPEN_PARAMS]);
bool gw_tx_open(gw_runner *r, const gw_checked *checked, const char *begin, gw_err *err);

/*
 * A transaction of Godwit's own on the work session, about a file: the file may have said of its session
 * that it only reads, and this one has to last before what it is about begins or goes on. gw_own_begin
 * is both; gw_own_open the fence and that its commit waits for the disk, in a transaction that is there.
 */
#define GW_OWN_MODES "READ COMMITTED, READ WRITE"
bool gw_own_begin(gw_runner *r, gw_err *err);
bool gw_own_open(gw_runner *r, gw_err *err);

/* In the transaction of a file, behind gw_tx_open (begins) and in gw_tx_settle: it has not written what is Godwit's.
 * Not asked of plain files, which run nobody's code. */
bool gw_own_rows(gw_runner *r, bool begins, gw_err *err);
/* The end of that, where nothing else is settled: what triggers have put off until COMMIT runs first. */
bool gw_own_rows_at_commit(gw_runner *r, gw_err *err);

/* Deferred triggers run while the file's settings hold (and gw_own_rows sees what they wrote); then its settings and roles go. RESET ALL takes
 * back the first of not waiting as well: behind it comes gw_sql_tx_async. */
enum { GW_TX_SETTLES = 4 };
extern const char *const gw_tx_settle_sql[GW_TX_SETTLES];

/* Between files: a session that carries nothing over (temporary tables, prepared statements, …).
 * A pooled session is handed back at every commit: the pooler cleans it. */
#define GW_TX_CLEAN "DISCARD ALL"

typedef struct gw_record_params {
    gw_param history[GW_HISTORY_PUT_PARAMS];
    gw_param event[GW_EVENT_PARAMS];
    gw_param key[3]; /* of the row, for a down */
} gw_record_params;
void gw_tx_record_params(gw_runner *r, const gw_checked *checked, int64_t duration_ms,
                         gw_record_params *out);

/* Does it go in one round trip? */
bool gw_run_is_piped(gw_runner *r, const gw_checked *checked, const gw_checked *verify);
/* A whole small file, from BEGIN to COMMIT, in one round trip. */
bool gw_run_piped(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err);

/* Take back what the file changed in the session, so that neither our rows nor the next file see
 * it. */
bool gw_tx_settle(gw_runner *r, const gw_checked *checked, gw_err *err);
/* A deferred constraint that fails at the end: no statement's place, but it is this file's. False.
 */
bool gw_tx_failed_at_end(const gw_checked *checked, gw_err *err);
/* The history row and the event. duration_ms GW_NULL_INT: since the transaction began. */
bool gw_tx_record(gw_runner *r, const gw_checked *checked, int64_t duration_ms, gw_err *err);

/* A verify script (sqitch), inside the transaction of its file: it leaves nothing behind. */
bool gw_run_verify(gw_runner *r, gw_arena *arena, const gw_checked *verify, gw_err *err);

/* After a file: a session that carries nothing over. */
bool gw_session_clean(gw_runner *r, gw_err *err);

bool gw_run_steps(gw_runner *r, gw_arena *arena, const gw_checked *checked, const gw_applied *row,
                  gw_err *err);
bool gw_run_batch(gw_runner *r, gw_arena *arena, const gw_checked *checked, const gw_applied *row,
                  gw_err *err);

/* Of a batch: the keys of its first range, or of the one behind $1; the place that it has reached. */
char *gw_batch_range_sql(gw_arena *arena, const gw_batch_directive *said, bool first);
char *gw_batch_intent(gw_arena *arena, const char *statement_hex, const char *after, int64_t rows,
                      int64_t ranges, int64_t seen);

/* Run a statement of a file, with COPY data where it has them; err gets its place. */
bool gw_run_statement(gw_runner *r, gw_statements *statements, const gw_statement *statement,
                      const gw_checked *checked, gw_err *err);

/* The same in a file's transaction: an index that IF NOT EXISTS passes over is looked at. */
bool gw_tx_statement(gw_runner *r, gw_statements *statements, const gw_statement *statement,
                     const gw_checked *checked, gw_err *err);

/* Whom it is for, in what is said; "" where there are no tenants. */
const char *gw_runner_label(const gw_runner *r);

void gw_see(gw_runner *r, gw_progress_kind kind, const gw_checked *checked, int64_t done,
            int64_t total, const char *text);

void gw_see_warnings(gw_runner *r, const gw_checked *checked);

int64_t gw_effective_lock_timeout(const gw_runner *r, const gw_checked *checked);
/* -1: as the role and the database have it. */
int64_t gw_effective_statement_timeout(const gw_runner *r, const gw_checked *checked);

/* The connection went while a transaction was under way, which `pid` ran: was it committed? */
bool gw_was_committed(gw_runner *r, gw_arena *arena, const gw_checked *checked, int pid,
                      bool *committed, gw_err *err);

/* Where a statement of Godwit's own failed for what is not there: which of its tables it is. */
void gw_explain_own_table(gw_runner *r, gw_err *err);

/* What a statement of the file may not do: as whom it ran, and what to grant. */
void gw_explain_rights(const gw_runner *r, gw_err *err);

/* The failure as an event, in a transaction of its own: the record outlives the rollback. */
void gw_record_failure(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                       int64_t duration_ms, const gw_err *err);

/*
 * After a try that failed and was rolled back; attempt counts from 0. true: a pause is over, and it
 * is worth another (`problem` is cleared). false: err has what happened, with who was in the way.
 * `checked` may be NULL. What is not `repeatable` is explained and not tried again.
 */
bool gw_try_again(gw_runner *r, gw_arena *arena, const gw_checked *checked, unsigned attempt,
                  bool repeatable, gw_err *problem, gw_err *err);

#endif
