/*
 * `-- godwit: batch TABLE.KEY SIZE`: one statement over ranges of a key, each range in its own
 * transaction together with the place that was reached. $1 and $2 in the statement are the first
 * and the last key of the range. Between ranges a replica that is behind is waited for.
 */
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "migrate/batch_end.h"
#include "migrate/internal.h"
#include "migrate/lasting.h"
#include "migrate/recover.h"
#include "migrate/tenant.h"
#include "sql/quote.h"
#include "sql_migrate.h"

enum { LAG_PAUSE_MS = 500 };

typedef struct batch {
    gw_runner *r;
    gw_arena *arena;
    const gw_checked *checked;
    const gw_batch_directive *said;
    const char *tenant, *state;
    const gw_statement *statement;
    char *statement_hex;
    char *first_sql, *next_sql; /* the keys of the next range */
    char *after;                /* last key that is done; NULL = none */
    int64_t rows, ranges, total, began;
    int64_t seen, seen_before; /* rows met, changed or not; before this run */
    int64_t spent_ms;          /* by the runs before this one */
    char place[24];            /* in the log, that not all replicas have replayed; "" = none */
    int64_t place_at;
} batch;

typedef struct range {
    const char *first, *last;
    int64_t rows;
} range;

char *gw_batch_range_sql(gw_arena *arena, const gw_batch_directive *said, bool first)
{
    const char *table = gw_quote_name(arena, said->schema, said->table);
    const char *key = gw_quote_ident(arena, said->key);
    return gw_printf(
        arena,
        "WITH godwit_range AS (SELECT %s AS k FROM %s WHERE %s %s ORDER BY 1 LIMIT %lld)"
        " SELECT (SELECT k FROM godwit_range ORDER BY k LIMIT 1)::pg_catalog.text AS first,"
        " (SELECT k FROM godwit_range ORDER BY k DESC LIMIT 1)::pg_catalog.text AS last,"
        " (SELECT pg_catalog.count(*) FROM godwit_range) AS rows",
        key, table, key, first ? "IS NOT NULL" : "> $1", (long long)said->size);
}

/* How the file's session writes values. */
typedef struct writing {
    const char *dates, *intervals, *floats;
} writing;

/* Keys travel as text, and a run that goes on reads what another session wrote. */
static bool write_keys(batch *b, gw_arena *scratch, writing *was, gw_err *err)
{
    static const gw_col cols[] = {
        {"date_style", GW_COL_TEXT, true, offsetof(writing, dates)},
        {"interval_style", GW_COL_TEXT, true, offsetof(writing, intervals)},
        {"float_digits", GW_COL_TEXT, true, offsetof(writing, floats)},
    };
    gw_result result;
    return gw_query(b->r->work, scratch, &gw_sql_key_text, NULL, 0, &result, err) &&
           gw_row(scratch, &result, cols, 3, was, err);
}

static bool write_as_before(batch *b, const writing *was, gw_err *err)
{
    const gw_param params[] = {gw_p_text(was->dates), gw_p_text(was->intervals), gw_p_text(was->floats)};
    return gw_exec_sql(b->r->work, &gw_sql_key_text_back, params, 3, err);
}

static bool read_range(batch *b, gw_arena *scratch, range *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"first", GW_COL_TEXT, false, offsetof(range, first)},
        {"last", GW_COL_TEXT, false, offsetof(range, last)},
        {"rows", GW_COL_INT, true, offsetof(range, rows)},
    };
    gw_result result;
    gw_param after = gw_p_text(b->after);
    bool ok =
        gw_query_text(b->r->work, scratch, "batch range", b->after ? b->next_sql : b->first_sql,
                      &after, b->after ? 1 : 0, &result, err) &&
        gw_row(scratch, &result, cols, 3, out, err);
    if (!ok && err->kind != GW_ERR_LOST && !err->file)
        gw_err_at(err, b->checked->script->path, b->said->line, 1);
    return ok;
}

static bool next_range(batch *b, gw_arena *scratch, range *out, gw_err *err)
{
    writing was;
    return write_keys(b, scratch, &was, err) && read_range(b, scratch, out, err) &&
           write_as_before(b, &was, err);
}

char *gw_batch_intent(gw_arena *arena, const char *statement_hex, const char *after, int64_t rows,
                      int64_t ranges, int64_t seen)
{
    json_t *intent = gw_json_own(arena, json_object());
    json_object_set_new(intent, "statement_sha256", gw_json_text(statement_hex));
    if (after)
        json_object_set_new(intent, "after", gw_json_text(after));
    json_object_set_new(intent, "rows", json_integer(rows));
    json_object_set_new(intent, "ranges", json_integer(ranges));
    json_object_set_new(intent, "seen", json_integer(seen));
    return gw_json_dump(arena, intent);
}

static char *intent_text(batch *b, gw_arena *arena)
{
    return gw_batch_intent(arena, b->statement_hex, b->after, b->rows, b->ranges, b->seen);
}

/* Of all its runs: what was between them is nobody's work. */
static int64_t took_ms(const batch *b)
{
    return b->spent_ms + (gw_monotonic_us() - b->began) / 1000;
}

static bool note(batch *b, gw_arena *scratch, gw_err *err)
{
    const gw_migration *m = b->checked->migration;
    return gw_history_progress(b->r->work, b->tenant, m->service, m->version, b->state, 0, 1,
                               intent_text(b, scratch), took_ms(b), err);
}

/* What its functions and triggers do is the range's as well: the history is not theirs to write. */
static bool run_statement(batch *b, gw_arena *scratch, const range *at, gw_result *result, gw_err *err)
{
    gw_runner *r = b->r;
    gw_param keys[] = {gw_p_text(at->first), gw_p_text(at->last)};
    if (!gw_own_rows(r, true, err))
        return false;
    gw_lasting_see(r, b->checked, b->statement);
    if (gw_query_text(r->work, scratch, NULL, b->statement->text, keys, 2, result, err) &&
        gw_own_rows_at_commit(r, err))
        return true;
    gw_statement_place(b->statement, b->checked->script->path, err);
    return false;
}

/* One range: keys, statement and place in one transaction. */
static bool run_range_once(batch *b, gw_arena *scratch, range *out, gw_err *err)
{
    gw_runner *r = b->r;
    gw_result result = {0};
    char *before = b->after;
    int64_t rows = b->rows, seen = b->seen;
    if (!gw_tx_open(r, b->checked, "BEGIN", err) || !next_range(b, scratch, out, err))
        return false;
    if (out->rows == 0)
        return gw_session_commit(r->work, err);
    if (!run_statement(b, scratch, out, &result, err)) {
        gw_err_context(err, "in the range of keys from %s to %s", out->first, out->last);
        return false;
    }
    b->after = gw_strdup(b->arena, out->last);
    b->rows += result.affected > 0 ? result.affected : 0;
    /* Of a key that is not unique a range holds more rows than it has keys. */
    b->seen += result.affected > out->rows ? result.affected : out->rows;
    b->ranges++;
    if (gw_tenant_holds(r, err) && (!r->lasted.why || gw_own_open(r, err)) && note(b, scratch, err) &&
        gw_session_commit(r->work, err))
        return true;
    b->after = before;
    b->rows = rows;
    b->seen = seen;
    b->ranges--;
    return false;
}

static bool run_range(batch *b, range *out, gw_err *err)
{
    gw_runner *r = b->r;
    for (unsigned attempt = 0;; attempt++) {
        gw_err problem = {0};
        gw_arena *scratch = gw_arena_new();
        gw_lasting_start(r);
        gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
        bool ok = run_range_once(b, scratch, out, &problem);
        gw_lock_watch_end(r->watch);
        gw_arena_free(scratch);
        if (ok)
            return true;
        gw_session_rollback(r->work);
        if (gw_try_again(r, b->arena, b->checked, attempt, !r->lasted.why, &problem, err))
            continue;
        gw_lasting_explain(r, err);
        return false;
    }
}

/* An earlier run may have ended inside a range. */
static void warn_of_lasting(batch *b)
{
    const gw_statement *lasts = b->checked->lasts;
    if (lasts)
        gw_see(b->r, GW_PROGRESS_WARNING, b->checked, lasts->line, 0,
               gw_printf(b->arena, "a range that an earlier run did not finish is done again, and with it "
                                   "what its rollback did not take back: %s", lasts->kind.outlasts));
}

typedef struct lag {
    int64_t ms;
    bool behind;
    const char *place, *who;
} lag;

/* What this role may not see cannot slow it down. */
static bool ask_replicas(batch *b, gw_arena *scratch, lag *out)
{
    static const gw_col cols[] = {{"lag_ms", GW_COL_INT, false, offsetof(lag, ms)},
                                  {"behind", GW_COL_BOOL, true, offsetof(lag, behind)},
                                  {"place", GW_COL_TEXT, true, offsetof(lag, place)},
                                  {"who", GW_COL_TEXT, false, offsetof(lag, who)}};
    gw_result result;
    gw_err ignored = {0};
    gw_param place = gw_p_text(*b->place ? b->place : NULL);
    bool ok =
        gw_query(b->r->control, scratch, &gw_sql_replicas_behind, &place, 1, &result, &ignored) &&
        gw_row(scratch, &result, cols, 4, out, &ignored);
    gw_err_clear(&ignored);
    if (!ok || !out->who)
        return false;
    int64_t now = gw_monotonic_us();
    if (out->behind && out->ms < (now - b->place_at) / 1000)
        out->ms = (now - b->place_at) / 1000;
    /* Its own word stays what it was for a while where nothing is written any more. */
    if (!out->behind)
        out->ms = 0;
    if (!out->behind && strlen(out->place) < sizeof b->place) {
        strcpy(b->place, out->place);
        b->place_at = now;
    }
    return true;
}

/* A replica that falls behind gets time. */
static bool wait_for_replicas(batch *b, gw_err *err)
{
    for (bool told = false; b->r->max_replica_lag_ms > 0; told = true) {
        gw_arena *scratch = gw_arena_new();
        lag now = {0};
        bool waits = ask_replicas(b, scratch, &now) && now.ms >= b->r->max_replica_lag_ms;
        if (waits && !told)
            gw_see(b->r, GW_PROGRESS_WAITING, b->checked, 0, 0,
                   gw_printf(scratch, "a replica that is %.1f s behind (%s; max_replica_lag is %.1f s)",
                             (double)now.ms / 1000, now.who,
                             (double)b->r->max_replica_lag_ms / 1000));
        gw_arena_free(scratch);
        if (!waits)
            break;
        if (!gw_sleep_ms(LAG_PAUSE_MS, b->r->cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for a replica");
    }
    return true;
}

static void show(batch *b)
{
    gw_runner *r = b->r;
    if (!r->observer.see)
        return;
    int64_t elapsed = (gw_monotonic_us() - b->began) / 1000;
    int64_t seen = b->seen, now = seen - b->seen_before;
    const gw_migration *m = b->checked->migration;
    gw_progress progress = {
        .kind = GW_PROGRESS_BATCH,
        .tenant = gw_runner_label(r),
        .service = m->service,
        .version = m->version,
        .name = m->name,
        .file = b->checked->script->path,
        .revert = b->checked->revert,
        .done = seen,
        .done_before = b->seen_before,
        .total = b->total,
        .duration_ms = elapsed,
        .eta_ms = b->total > seen && now > 0 ? elapsed * (b->total - seen) / now : 0};
    r->observer.see(r->observer.self, &progress);
}

static bool read_place(batch *b, const gw_applied *row, gw_err *err)
{
    gw_err ignored = {0};
    json_t *intent =
        row->intent ? gw_json_parse(b->arena, "intent", row->intent, strlen(row->intent), &ignored)
                    : NULL;
    gw_err_clear(&ignored);
    const char *hex = json_string_value(json_object_get(intent, "statement_sha256"));
    bool begun = json_object_get(intent, "after") != NULL;
    if (hex && begun && strcmp(hex, b->statement_hex) != 0) {
        gw_err_set(err, GW_ERR_STATE,
                   "the statement of this batch was edited while it is half-way");
        gw_err_at(err, b->checked->script->path, b->statement->line, b->statement->col);
        return gw_err_hint(
            err,
            "put it back as it was, or begin again from the first key: godwit repair "
            "%s --forget",
            b->checked->migration->version);
    }
    b->after = gw_strdup(b->arena, json_string_value(json_object_get(intent, "after")));
    b->rows = json_integer_value(json_object_get(intent, "rows"));
    b->ranges = json_integer_value(json_object_get(intent, "ranges"));
    b->spent_ms = b->after && row->duration_ms != GW_NULL_INT ? row->duration_ms : 0;
    /* The place may have been written down by a version that did not keep it. */
    json_t *seen = json_object_get(intent, "seen");
    b->seen = b->seen_before = seen ? json_integer_value(seen) : b->rows;
    return true;
}

static bool begin(batch *b, const gw_applied *row, gw_err *err)
{
    gw_runner *r = b->r;
    const gw_migration *m = b->checked->migration;
    bool resumes = row && strcmp(row->state, b->state) == 0;
    if (resumes && !read_place(b, row, err))
        return false;
    if (resumes)
        warn_of_lasting(b);
    gw_applied fresh = gw_row_of_migration(m, r->tenant);
    fresh.state = "running";
    fresh.duration_ms = 0;
    fresh.statements_total = 1;
    fresh.intent = intent_text(b, b->arena);
    bool ok = gw_own_begin(r, err) &&
              (b->checked->revert || resumes ? note(b, b->arena, err)
                                             : gw_history_put(r->work, &fresh, &r->actor, err)) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

static bool count_rows(batch *b, gw_err *err)
{
    struct {
        int64_t rows;
    } row = {-1};
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_result result;
    gw_param table = gw_p_text(gw_quote_name(b->arena, b->said->schema, b->said->table));
    if (!gw_query(b->r->work, b->arena, &gw_sql_table_size, &table, 1, &result, err))
        return false;
    if (result.rows && !gw_row(b->arena, &result, cols, 1, &row, err))
        return false;
    b->total = row.rows > 0 ? row.rows : -1;
    return true;
}

/* No range reaches them: nobody shall find that out later. What cannot be asked is not said. */
static void warn_of_null_keys(batch *b)
{
    struct {
        bool any;
    } row = {false};
    static const gw_col cols[] = {{"any", GW_COL_BOOL, true, 0}};
    gw_result result;
    gw_err ignored = {0};
    const char *table = gw_quote_name(b->arena, b->said->schema, b->said->table);
    char *sql = gw_printf(b->arena, "SELECT EXISTS (SELECT FROM %s WHERE %s IS NULL) AS any", table,
                          gw_quote_ident(b->arena, b->said->key));
    bool ok = gw_tx_open(b->r, b->checked, "BEGIN", &ignored) &&
              gw_query_text(b->r->work, b->arena, "batch keys", sql, NULL, 0, &result, &ignored) &&
              gw_row(b->arena, &result, cols, 1, &row, &ignored);
    gw_session_rollback(b->r->work);
    gw_err_clear(&ignored);
    if (ok && row.any)
        gw_see(b->r, GW_PROGRESS_WARNING, b->checked, 0, 0,
               gw_printf(b->arena,
                         "%s has rows whose %s is NULL: no range holds them, they were passed over",
                         table, b->said->key));
}

/* Asked again: the table may have come with a file before this one. */
static bool check_end(batch *b, gw_err *err)
{
    const gw_statement *s = b->statement;
    gw_err ignored = {0};
    bool asks = gw_tx_open(b->r, b->checked, "BEGIN", &ignored);
    bool ok = gw_batch_ends(b->arena, b->said, s->text, s->len, asks ? b->r->work : NULL, err) ||
              gw_err_at(err, b->checked->script->path, s->line, s->col);
    gw_session_rollback(b->r->work);
    gw_err_clear(&ignored);
    return ok;
}

static bool finish(batch *b, gw_err *err)
{
    gw_runner *r = b->r;
    bool ok = gw_own_begin(r, err) &&
              gw_tx_record(r, b->checked, took_ms(b), err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

static bool run_ranges(batch *b, gw_err *err)
{
    for (;;) {
        range at = {0};
        if (gw_cancel_level(b->r->cancel)) {
            gw_err_set(err, GW_ERR_INTERRUPTED, "stopped after %lld rows", (long long)b->rows);
            return gw_err_hint(err, "run the same command again: it goes on behind key %s",
                               b->after ? b->after : "(none)");
        }
        if (!wait_for_replicas(b, err))
            return false;
        if (!run_range(b, &at, err)) {
            gw_err_context(err,
                           "%lld rows in %lld ranges are done and stay; the next run goes on there",
                           (long long)b->rows, (long long)b->ranges);
            return false;
        }
        if (at.rows == 0)
            break;
        show(b);
    }
    warn_of_null_keys(b);
    return true;
}

/* No range is done: as if it had never begun. The row may be another run's by now: fenced. */
static void forget(batch *b, const gw_applied *row)
{
    gw_runner *r = b->r;
    const gw_migration *m = b->checked->migration;
    gw_err ignored = {0};
    if (b->after || gw_session_lost(r->work))
        return;
    bool began_here = !row || strcmp(row->state, b->state) != 0;
    bool ok = gw_own_begin(r, &ignored) &&
              (began_here && row ? gw_history_put(r->work, row, &r->actor, &ignored)
               : b->checked->revert
                   ? gw_history_progress(r->work, b->tenant, m->service, m->version, "applied", 0,
                                         1, NULL, 0, &ignored)
                   : gw_history_delete(r->work, b->tenant, m->service, m->version, &ignored)) &&
              gw_session_commit(r->work, &ignored);
    if (!ok)
        gw_session_rollback(r->work);
    gw_err_clear(&ignored);
}

bool gw_run_batch(gw_runner *r, gw_arena *arena, const gw_checked *checked, const gw_applied *row,
                  gw_err *err)
{
    batch b = {.r = r,
               .arena = arena,
               .checked = checked,
               .said = &checked->script->directives.batch,
               .tenant = r->tenant ? r->tenant : "",
               .state = checked->revert ? "reverting" : "running",
               .began = gw_monotonic_us()};
    gw_statements *statements = gw_statements_open(arena, checked, &r->script);
    if (!gw_statements_next(statements, true, &b.statement, err))
        return false;
    if (!b.statement)
        return gw_err_set(err, GW_ERR_INPUT, "a batch file without a statement");
    b.statement_hex = gw_digest_hex(arena, GW_SHA256, b.statement->text, b.statement->len);
    b.first_sql = gw_batch_range_sql(arena, b.said, true);
    b.next_sql = gw_batch_range_sql(arena, b.said, false);
    if (!check_end(&b, err) || !begin(&b, row, err) || !count_rows(&b, err))
        return false;
    bool ok = run_ranges(&b, err) && finish(&b, err);
    if (!ok)
        forget(&b, row);
    return ok;
}
