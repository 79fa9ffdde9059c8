#include "migrate/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "migrate/attempt.h"
#include "migrate/replay.h"
#include "sql/quote.h"
#include "sql_migrate.h"

typedef struct relation {
    int64_t oid;
    const char *name, *relkind;
    int64_t storage; /* GW_NULL_INT: it has none */
    int64_t scans;   /* in this transaction */
    int held;        /* the strongest lock in this transaction */
} relation;

struct gw_trace {
    gw_arena *arena;
    gw_shadow *shadow;
    gw_session *session, *target;
    relation *relations; /* by oid */
    size_t count;
};

typedef struct seen {
    int64_t oid, storage, scans;
    const char *mode;
    bool there;
} seen;

static const char *const modes[][2] = {
    {"AccessShareLock", "ACCESS SHARE"},
    {"RowShareLock", "ROW SHARE"},
    {"RowExclusiveLock", "ROW EXCLUSIVE"},
    {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"},
    {"ShareLock", "SHARE"},
    {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"},
    {"ExclusiveLock", "EXCLUSIVE"},
    {"AccessExclusiveLock", "ACCESS EXCLUSIVE"},
};
enum { SHARE_UPDATE_EXCLUSIVE = 4, ACCESS_EXCLUSIVE = 8 };

static int strength_of(const char *mode)
{
    for (int i = 0; i < 8; i++)
        if (strcmp(modes[i][0], mode) == 0)
            return i + 1;
    return 0;
}

static int by_oid(const void *a, const void *b)
{
    int64_t l = ((const relation *)a)->oid, r = ((const relation *)b)->oid;
    return l < r ? -1 : l > r;
}

static relation *find(gw_trace *trace, int64_t oid)
{
    relation key = {.oid = oid};
    return trace->count
               ? bsearch(&key, trace->relations, trace->count, sizeof key, by_oid)
               : NULL;
}

bool gw_trace_start(gw_arena *arena, gw_shadow *shadow, gw_session *session, gw_session *target,
                    gw_trace **out, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(relation, oid)},
        {"name", GW_COL_TEXT, true, offsetof(relation, name)},
        {"relkind", GW_COL_TEXT, true, offsetof(relation, relkind)},
        {"storage", GW_COL_INT, false, offsetof(relation, storage)},
        {"scans", GW_COL_INT, true, offsetof(relation, scans)},
    };
    gw_trace *trace = gw_alloc(arena, sizeof *trace);
    trace->arena = arena;
    trace->shadow = shadow;
    trace->session = session;
    trace->target = target;
    gw_result result;
    if (!gw_replay_prepare(shadow, session, err) ||
        !gw_query(session, arena, &gw_sql_trace_relations, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 5, sizeof(relation), (void **)&trace->relations, err))
        return false;
    trace->count = result.rows;
    if (trace->count)
        qsort(trace->relations, trace->count, sizeof(relation), by_oid);
    *out = trace;
    return true;
}

static void new_transaction(gw_trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        trace->relations[i].scans = trace->relations[i].held = 0;
}

/* ---- after a statement ------------------------------------------------------------------------ */

typedef struct findings {
    GW_VEC(gw_traced_lock) locks;
    GW_VEC(const char *) rewrites, scans;
} findings;

static bool is_index(const relation *r)
{
    return *r->relkind == 'i' || *r->relkind == 'I';
}

static void note_lock(gw_arena *arena, findings *f, relation *r, int strength)
{
    if (strength <= r->held)
        return;
    r->held = strength;
    if (is_index(r) && strength < ACCESS_EXCLUSIVE)
        return;
    for (size_t i = 0; i < f->locks.len; i++)
        if (strcmp(f->locks.items[i].relation, r->name) == 0) {
            f->locks.items[i].mode = modes[strength - 1][1];
            f->locks.items[i].strength = strength;
            return;
        }
    *gw_vec_push(arena, &f->locks) =
        (gw_traced_lock){r->name, modes[strength - 1][1], strength, is_index(r)};
}

static bool look(gw_trace *trace, gw_arena *arena, findings *f, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(seen, oid)},
        {"there", GW_COL_BOOL, true, offsetof(seen, there)},
        {"mode", GW_COL_TEXT, true, offsetof(seen, mode)},
        {"storage", GW_COL_INT, false, offsetof(seen, storage)},
        {"scans", GW_COL_INT, true, offsetof(seen, scans)},
    };
    gw_result result;
    seen *rows;
    if (!gw_query(trace->session, arena, &gw_sql_trace_locks, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 5, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        relation *r = find(trace, rows[i].oid);
        if (!r)
            continue;
        note_lock(arena, f, r, strength_of(rows[i].mode));
        if (rows[i].there && rows[i].storage != r->storage && !is_index(r)) {
            *gw_vec_push(arena, &f->rewrites) = r->name;
            r->storage = rows[i].storage;
        }
        if (rows[i].scans > r->scans && strchr("rm", *r->relkind)) {
            *gw_vec_push(arena, &f->scans) = r->name;
            r->scans = rows[i].scans;
        }
    }
    return true;
}

/* An index is locked along with its table; alone it counts where it is dropped or rebuilt. */
static void without_indexes(findings *f)
{
    size_t tables = 0;
    for (size_t i = 0; i < f->locks.len; i++)
        tables += !f->locks.items[i].index && f->locks.items[i].strength >= SHARE_UPDATE_EXCLUSIVE;
    size_t kept = 0;
    for (size_t i = 0; i < f->locks.len; i++)
        if (!tables || !f->locks.items[i].index)
            f->locks.items[kept++] = f->locks.items[i];
    f->locks.len = kept;
}

static void take_findings(const findings *f, gw_traced *out)
{
    out->locks = f->locks.items;
    out->lock_count = f->locks.len;
    out->rewrites = f->rewrites.items;
    out->rewrite_count = f->rewrites.len;
    out->scans = f->scans.items;
    out->scan_count = f->scans.len;
}

/* Outside a transaction the locks are gone afterwards; what takes them is known. Asked before the
 * statement runs: what it drops has no row afterwards. */
static bool known_lock(gw_trace *trace, gw_arena *arena, const gw_statement *s, gw_traced *out,
                       gw_err *err)
{
    const char *name = s->kind.table ? s->kind.table : s->kind.name;
    if (!name || !s->kind.concurrently)
        return true;
    const char *schema = s->kind.table ? s->kind.table_schema : s->kind.schema;
    static const gw_col cols[] = {{"oid", GW_COL_INT, true, offsetof(seen, oid)}};
    const gw_param params[] = {gw_p_text(gw_quote_name(arena, schema, name))};
    gw_result result;
    seen *rows;
    if (!gw_query(trace->session, arena, &gw_sql_trace_named, params, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof *rows, (void **)&rows, err))
        return false;
    const relation *r = result.rows ? find(trace, rows[0].oid) : NULL;
    if (!r)
        return true; /* made by this plan: nobody else can want it */
    gw_traced_lock *lock = gw_alloc(arena, sizeof *lock);
    *lock = (gw_traced_lock){r->name, modes[SHARE_UPDATE_EXCLUSIVE - 1][1], SHARE_UPDATE_EXCLUSIVE,
                             false};
    out->locks = lock;
    out->lock_count = 1;
    return true;
}

/* ---- running one -------------------------------------------------------------------------------- */

/* Does its failure only say that the rows are missing which the target has? */
static bool for_want_of_rows(const gw_statement *s, const gw_err *err)
{
    switch (s->kind.kind) {
    case GW_STMT_SELECT:
    case GW_STMT_INSERT:
    case GW_STMT_UPDATE:
    case GW_STMT_DELETE:
    case GW_STMT_MERGE:
    case GW_STMT_COPY_IN:
    case GW_STMT_DO:
    case GW_STMT_CALL:
        break;
    default:
        return false;
    }
    static const char *const classes[] = {"22", "23", "P0", "21"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strncmp(err->sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

typedef struct tracing {
    gw_trace *trace;
    gw_arena *arena;
    gw_attempt attempt;
    const gw_checked *checked;
    gw_statements *statements;
} tracing;

static bool run_one(tracing *t, const gw_statement *s, gw_traced *out, gw_err *err)
{
    return gw_attempt_statement(&t->attempt, t->arena, t->statements, s, &out->not_tried, err);
}

/* A role or a tablespace that the target has, and the shadow not yet: was it made? */
static bool made_role(tracing *t, const gw_err *problem)
{
    struct {
        bool known;
    } row = {false};
    static const gw_col cols[] = {{"known", GW_COL_BOOL, true, 0}};
    const char *name = gw_attempt_missing_role(t->arena, problem);
    const char *space = gw_attempt_missing_tablespace(t->arena, problem);
    gw_err ignored = {0};
    gw_result result;
    if ((!name && !space) || !t->trace->target)
        return false;
    const gw_param params[] = {gw_p_text(name ? name : space)};
    const gw_sql *query = name ? &gw_sql_trace_role : &gw_sql_trace_tablespace;
    bool ok = gw_query(t->trace->target, t->arena, query, params, 1, &result, &ignored) &&
              gw_row(t->arena, &result, cols, 1, &row, &ignored);
    gw_err_clear(&ignored);
    return ok && row.known && gw_replay_made_role(t->trace->shadow, t->arena, problem);
}

static bool inside(tracing *t, const gw_statement *s, gw_traced *out, gw_err *err)
{
    gw_session *session = t->trace->session;
    if (!gw_exec(session, "SAVEPOINT godwit_statement", err))
        return false;
    gw_err problem = {0};
    bool ok = run_one(t, s, out, &problem);
    if (!ok && made_role(t, &problem)) {
        gw_err_clear(&problem);
        /* A relation that is locked anew lets the session see what others have made meanwhile. */
        if (!gw_exec(session, "ROLLBACK TO SAVEPOINT godwit_statement; "
                              "SELECT FROM pg_catalog.pg_roles LIMIT 0",
                     err))
            return false;
        ok = run_one(t, s, out, &problem);
    }
    if (!ok && for_want_of_rows(s, &problem)) {
        out->not_tried = gw_strdup(t->arena, problem.message);
        out->needs_rows = true;
        gw_err_clear(&problem);
        return gw_exec(session, "ROLLBACK TO SAVEPOINT godwit_statement", err);
    }
    if (!ok) {
        gw_err_move(err, &problem);
        return false;
    }
    findings f = {0};
    if (!look(t->trace, t->arena, &f, err))
        return false;
    without_indexes(&f);
    take_findings(&f, out);
    return gw_exec(session, "RELEASE SAVEPOINT godwit_statement", err);
}

static bool trace_statement(tracing *t, const gw_statement *s, gw_traced *out, gw_err *err)
{
    *out = (gw_traced){.sql = gw_strndup(t->arena, s->text, s->len), .line = s->line, .col = s->col};
    out->outside_transaction = !t->checked->transactional && s->kind.never_in_transaction;
    bool own = !t->checked->transactional && !out->outside_transaction;
    if (own && !gw_session_begin(t->trace->session, NULL, err))
        return false;
    if (own)
        new_transaction(t->trace);
    int64_t began = gw_monotonic_us();
    bool ok;
    if (out->outside_transaction) {
        ok = known_lock(t->trace, t->arena, s, out, err) && run_one(t, s, out, err);
    } else {
        ok = inside(t, s, out, err);
    }
    out->duration_us = gw_monotonic_us() - began;
    if (own && ok)
        ok = gw_session_commit(t->trace->session, err);
    return ok;
}

static bool trace_all(tracing *t, gw_traced_list *out, gw_err *err)
{
    for (;;) {
        const gw_statement *s = NULL;
        bool standard = gw_session_standard_strings(t->trace->session);
        if (!gw_statements_next(t->statements, standard, &s, err))
            return false;
        if (!s)
            return true;
        gw_traced one;
        if (!trace_statement(t, s, &one, err))
            return false;
        *gw_vec_push(t->arena, out) = one;
    }
}

bool gw_trace_migration(gw_trace *trace, gw_arena *arena, const gw_checked *checked,
                        const gw_script_context *context, gw_traced_list *out, gw_err *err)
{
    tracing t = {.trace = trace,
                 .arena = arena,
                 .attempt = {.shadow = trace->shadow,
                             .runner = {.work = trace->session, .script = *context},
                             .checked = checked,
                             .without_rows = true},
                 .checked = checked};
    t.statements = gw_statements_open(arena, checked, context);
    bool ok = true;
    if (checked->transactional) {
        new_transaction(trace);
        ok = checked->begin ? gw_exec(trace->session, checked->begin, err)
                            : gw_session_begin(trace->session, NULL, err);
    }
    ok = ok && trace_all(&t, out, err);
    if (ok && checked->transactional)
        ok = gw_tx_settle(&t.attempt.runner, checked, err) && gw_session_commit(trace->session, err);
    if (!ok) {
        gw_session_rollback(trace->session);
        return gw_err_context(err, "on the shadow, where migration %s was tried",
                              checked->migration->version);
    }
    return gw_session_clean(&t.attempt.runner, err) &&
           gw_replay_prepare(trace->shadow, trace->session, err);
}
