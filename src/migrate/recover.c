#include "migrate/recover.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "migrate/concurrent_index.h"
#include "migrate/lasting.h"
#include "pg/backend.h"
#include "pg/blockers.h"
#include "sql/quote.h"
#include "sql_migrate.h"

enum { POLL_MS = 200 };

static const char *text_of(const json_t *intent, const char *key)
{
    return json_string_value(json_object_get(intent, key));
}

/* Quoted "schema"."table" of the statement, or NULL. */
static char *table_name(gw_arena *arena, const gw_stmt_class *c)
{
    return c->table ? gw_quote_name(arena, c->table_schema, c->table) : NULL;
}

static char *own_name(gw_arena *arena, const gw_stmt_class *c)
{
    return c->name ? gw_quote_name(arena, c->schema, c->name) : NULL;
}

static const char *class_of_object(const gw_stmt_class *c)
{
    switch (c->kind) {
    case GW_STMT_CREATE_DATABASE:
    case GW_STMT_DROP_DATABASE:
        return "database";
    case GW_STMT_CREATE_TABLESPACE:
    case GW_STMT_DROP_TABLESPACE:
        return "tablespace";
    case GW_STMT_SUBSCRIPTION:
        return "subscription";
    case GW_STMT_PREPARED_XACT:
        return "prepared";
    default:
        return c->slot ? "slot" : NULL;
    }
}

static const char *name_of_object(const gw_stmt_class *c)
{
    return c->kind == GW_STMT_PREPARED_XACT ? c->value : c->slot ? c->slot : c->name;
}

static bool object_exists(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, bool *there,
                          gw_err *err)
{
    struct {
        bool there;
    } row = {false};
    static const gw_col cols[] = {{"there", GW_COL_BOOL, true, 0}};
    gw_result result;
    gw_param params[] = {gw_p_text(class_of_object(c)), gw_p_text(name_of_object(c))};
    if (!gw_query(r->work, arena, &gw_sql_object_exists, params, 2, &result, err) ||
        !gw_row(arena, &result, cols, 1, &row, err))
        return false;
    *there = row.there;
    return true;
}

/* As much of a statement as is kept; cut between characters. */
static json_t *beginning(gw_arena *arena, const gw_statement *statement)
{
    size_t len = statement->len < 1000 ? statement->len : 1000;
    while (len < statement->len && len > 0 && ((unsigned char)statement->text[len] & 0xC0) == 0x80)
        len--;
    return gw_json_text(gw_strndup(arena, statement->text, len));
}

/* Behind a pooler each statement may have another backend: there only the text can be looked for.
 * Asked on the session whose DateStyle is ours. */
static bool note_backend(gw_runner *r, gw_arena *arena, json_t *intent, gw_err *err)
{
    gw_backend self;
    int pid = gw_session_backend_pid(r->work);
    if (!pid)
        return true;
    if (!gw_backend_find(r->control, arena, pid, NULL, &self, err))
        return false;
    json_object_set_new(intent, "pid", json_integer(pid));
    json_object_set_new(intent, "backend_started_us", json_integer(self.started_us));
    return true;
}

json_t *gw_intent_of_text(gw_arena *arena, const gw_statement *statement)
{
    const gw_stmt_class *c = &statement->kind;
    json_t *intent = gw_json_own(arena, json_object());
    json_object_set_new(intent, "statement", json_integer(statement->number));
    json_object_set_new(intent, "what", gw_json_text(gw_stmt_kind_name(c)));
    json_object_set_new(intent, "sql", beginning(arena, statement));
    json_object_set_new(intent, "asks", json_boolean(gw_statement_asks(c)));
    json_object_set_new(
        intent, "sha256",
        gw_json_text(gw_digest_hex(arena, GW_SHA256, statement->text, statement->len)));
    return intent;
}

bool gw_intent_make(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                    const gw_checked *checked, json_t **out, gw_err *err)
{
    const gw_stmt_class *c = &statement->kind;
    json_t *intent = gw_intent_of_text(arena, statement);
    if (!note_backend(r, arena, intent, err))
        return false;
    if (c->kind == GW_STMT_CREATE_INDEX && c->concurrently) {
        const char *before = NULL;
        /* An INVALID one in the way: IF NOT EXISTS would take it for done. */
        if (!gw_index_clear_way(r, arena, statement, checked, err) ||
            !gw_index_is_meant(r, arena, statement, checked, err) ||
            !gw_index_list(r, arena, c, &before, err))
            return false;
        json_object_set_new(intent, "before", gw_json_text(before));
    } else if (class_of_object(c) && name_of_object(c)) {
        bool there = false;
        if (!object_exists(r, arena, c, &there, err))
            return false;
        json_object_set_new(intent, "existed", json_boolean(there));
    }
    *out = intent;
    return true;
}

/* A backend that is at an earlier run's statement. */
typedef struct still_at_it {
    int64_t pid;        /* 0: none is */
    int64_t running_ms; /* GW_NULL_INT: not known */
} still_at_it;

/* Is the backend of the earlier run still there? */
static bool old_backend(gw_session *session, gw_arena *scratch, const json_t *intent,
                        still_at_it *out, bool *idle, gw_err *err)
{
    int pid = (int)json_integer_value(json_object_get(intent, "pid"));
    json_t *started = json_object_get(intent, "backend_started_us");
    gw_backend backend;
    *out = (still_at_it){0, GW_NULL_INT};
    *idle = false;
    if (!pid || !json_is_integer(started))
        return true;
    if (!gw_backend_find(session, scratch, pid, NULL, &backend, err))
        return false;
    if (!backend.alive || !backend.state || backend.started_us != json_integer_value(started))
        return true;
    *out = (still_at_it){pid, backend.transaction_ms};
    *idle = strcmp(backend.state, "active") != 0;
    return true;
}

/* By its text: behind a pooler no backend is known. */
static bool same_statement(gw_session *session, gw_arena *scratch, const json_t *intent,
                           still_at_it *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"pid", GW_COL_INT, true, offsetof(still_at_it, pid)},
        {"running_ms", GW_COL_INT, false, offsetof(still_at_it, running_ms)},
    };
    gw_result result = {0};
    void *rows = NULL;
    gw_param param = gw_p_text(text_of(intent, "sql"));
    if (!gw_query(session, scratch, &gw_sql_statement_running, &param, 1, &result, err) ||
        !gw_rows(scratch, &result, cols, 2, sizeof *out, &rows, err))
        return false;
    if (result.rows)
        *out = *(const still_at_it *)rows;
    return true;
}

/* A backend that is idle may be about to begin: ended. */
static bool find_running(gw_runner *r, const json_t *intent, still_at_it *out, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool idle;
    bool ok = old_backend(r->control, scratch, intent, out, &idle, err);
    gw_param param = gw_p_int(out->pid);
    if (ok && idle)
        ok = gw_exec_sql(r->work, &gw_sql_backend_end, &param, 1, err);
    if (ok && !out->pid)
        ok = same_statement(r->work, scratch, intent, out, err);
    gw_arena_free(scratch);
    return ok;
}

bool gw_row_left(gw_session *session, gw_arena *arena, const gw_applied *row, gw_left *out,
                 gw_err *err)
{
    gw_err ignored = {0};
    still_at_it it;
    bool idle;
    *out = (gw_left){.pid = GW_NULL_INT, .running_ms = GW_NULL_INT};
    const json_t *intent =
        row->intent ? gw_json_parse(arena, "intent", row->intent, strlen(row->intent), &ignored)
                    : NULL;
    gw_err_clear(&ignored);
    out->line = gw_lasting_line(intent);
    intent = json_object_get(intent, "statement");
    if (!intent)
        return true;
    out->number = json_integer_value(json_object_get(intent, "statement"));
    out->what = text_of(intent, "what");
    out->sql = text_of(intent, "sql");
    out->asks = json_is_true(json_object_get(intent, "asks"));
    if (!old_backend(session, arena, intent, &it, &idle, err) ||
        ((idle || !it.pid) && (it.pid = 0, !same_statement(session, arena, intent, &it, err))))
        return false;
    if (it.pid) {
        out->pid = it.pid;
        out->running_ms = it.running_ms;
    }
    return true;
}

const char *gw_statements_behind(gw_arena *arena, int64_t done, int64_t total)
{
    return done + 1 == total
               ? gw_printf(arena, "statement %lld of %lld", (long long)total, (long long)total)
               : gw_printf(arena, "statements %lld to %lld of %lld", (long long)done + 1,
                           (long long)total, (long long)total);
}

const char *gw_unrun_advice(gw_arena *arena, int64_t number, int64_t total)
{
    if (number >= total)
        return "";
    return gw_printf(arena,
                     "; %s never ran, and --done leaves out what is behind: first cut the file off "
                     "behind statement %lld (the rest becomes a migration of its own)",
                     gw_statements_behind(arena, number, total), (long long)number);
}

static const char *still_text(gw_arena *arena, const json_t *intent, const still_at_it *it)
{
    const char *since = "";
    if (it->running_ms != GW_NULL_INT)
        since = gw_printf(arena, ", for %s", gw_duration_human(arena, it->running_ms));
    return gw_printf(arena,
                     "an earlier run's %s is still under way on the server (pid %lld%s): waiting for "
                     "it; to end it: SELECT pg_terminate_backend(%lld)",
                     text_of(intent, "what"), (long long)it->pid, since, (long long)it->pid);
}

static bool still_busy(gw_arena *arena, const json_t *intent, const still_at_it *it,
                       int64_t waited_ms, gw_err *err)
{
    const char *since = "";
    if (it->running_ms != GW_NULL_INT)
        since = gw_printf(arena, ", for %s", gw_duration_human(arena, it->running_ms));
    gw_err_set(err, GW_ERR_BUSY, "an earlier run's %s still runs on the server",
               text_of(intent, "what"));
    gw_err_detail(err, "pid %lld%s: %s; waited %s", (long long)it->pid, since,
                  gw_query_start(arena, text_of(intent, "sql")),
                  gw_duration_human(arena, waited_ms));
    return gw_err_hint(err,
                       "wait for it (--wait 5min), or end it: SELECT pg_terminate_backend(%lld)",
                       (long long)it->pid);
}

/* A server goes on after its client was killed. */
static bool wait_for_backend(gw_runner *r, gw_arena *arena, const json_t *intent,
                             const gw_checked *checked, gw_err *err)
{
    int64_t began = gw_monotonic_us();
    for (unsigned i = 0;; i++) {
        still_at_it it;
        if (!find_running(r, intent, &it, err))
            return false;
        if (!it.pid)
            return true;
        int64_t waited = (gw_monotonic_us() - began) / 1000;
        if (waited >= r->wait_ms)
            return still_busy(arena, intent, &it, waited, err);
        if (i == 0)
            gw_see(r, GW_PROGRESS_WARNING, checked, 0, 0, still_text(arena, intent, &it));
        int64_t left = r->wait_ms - waited;
        if (!gw_sleep_ms(left < POLL_MS ? left : POLL_MS, r->cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED,
                              "stopped while waiting for an earlier run's statement");
    }
}

/* Was it there before the statement began? `before`: oids with commas between. */
static bool was_there(const char *before, int64_t id)
{
    for (const char *at = before; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strtoll(at, NULL, 10) == id)
            return true;
    return false;
}

/* A valid one: what its text leaves open is asked, and then it is the statement's where it came with it. */
static bool is_its_own(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                       const gw_found_index *index, const char *before)
{
    gw_likeness likeness = gw_index_likeness_asked(r, arena, statement, index);
    return likeness == GW_LIKENESS_SAME ||
           (likeness == GW_LIKENESS_DOUBT && !was_there(before, index->id));
}

/* Of the indexes that it may have made, what is not its own is left alone: another's of that name,
 * or one that somebody made on the same table. checked NULL: nothing is waited for. */
static bool created_index_outcome(gw_runner *r, gw_arena *arena, const json_t *intent,
                                  const gw_statement *statement, const gw_checked *checked,
                                  gw_outcome *out, gw_err *err)
{
    gw_found_indexes found;
    *out = GW_OUTCOME_RUN;
    if (!gw_index_find(r, arena, &statement->kind, text_of(intent, "before"), &found, err))
        return false;
    for (size_t i = 0; i < found.len; i++) {
        const gw_found_index *index = &found.items[i];
        gw_fate fate = GW_FATE_VALID;
        if (gw_index_likeness(arena, statement, index) == GW_LIKENESS_OTHER)
            continue;
        if (!index->valid && !gw_index_fate(r, checked, index, &fate, err))
            return false;
        if (fate == GW_FATE_VALID && is_its_own(r, arena, statement, index, text_of(intent, "before")))
            *out = GW_OUTCOME_DONE;
        else if (fate == GW_FATE_LEFT && !gw_index_drop(r, arena, index, err))
            return false;
    }
    return true;
}

static bool reindex_leftovers(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, gw_err *err)
{
    gw_found_indexes found;
    if (!gw_index_find_leftovers(r, arena, c, &found, err))
        return false;
    for (size_t i = 0; i < found.len; i++) {
        gw_fate fate;
        if (!gw_index_fate(r, NULL, &found.items[i], &fate, err) ||
            (fate == GW_FATE_LEFT && !gw_index_drop(r, arena, &found.items[i], err)))
            return false;
    }
    return true;
}

static bool partition_outcome(gw_runner *r, gw_arena *arena, const gw_stmt_class *c,
                              gw_outcome *out, gw_err *err)
{
    struct {
        bool pending;
    } row = {false};
    static const gw_col cols[] = {{"pending", GW_COL_BOOL, true, 0}};
    gw_result result;
    gw_param params[] = {gw_p_text(table_name(arena, c)), gw_p_text(own_name(arena, c))};
    if (!gw_query(r->work, arena, &gw_sql_partition_state, params, 2, &result, err))
        return false;
    *out = GW_OUTCOME_DONE;
    if (result.rows == 0)
        return true;
    if (!gw_row(arena, &result, cols, 1, &row, err))
        return false;
    *out = row.pending ? GW_OUTCOME_FINALIZE : GW_OUTCOME_RUN;
    return true;
}

bool gw_statement_asks(const gw_stmt_class *c)
{
    switch (c->kind) {
    case GW_STMT_CREATE_INDEX:
    case GW_STMT_DROP_INDEX:
    case GW_STMT_REINDEX:
    case GW_STMT_DETACH_PARTITION:
    case GW_STMT_CREATE_DATABASE:
    case GW_STMT_CREATE_TABLESPACE:
    case GW_STMT_DROP_DATABASE:
    case GW_STMT_DROP_TABLESPACE:
    case GW_STMT_VACUUM:
    case GW_STMT_CLUSTER:
    case GW_STMT_ALTER_SYSTEM:
    case GW_STMT_ALTER_DATABASE:
        return false;
    case GW_STMT_PREPARED_XACT:
        return !c->value;
    default:
        return !c->slot;
    }
}

/* What is made, or dropped, whole or not at all: is it there? */
static bool object_outcome(gw_runner *r, gw_arena *arena, const json_t *intent,
                           const gw_stmt_class *c, bool drops, gw_outcome *out, gw_err *err)
{
    bool there = false, existed = json_is_true(json_object_get(intent, "existed"));
    if (!object_exists(r, arena, c, &there, err))
        return false;
    bool done = drops ? !there : there && !existed;
    *out = done ? GW_OUTCOME_DONE : GW_OUTCOME_RUN;
    return true;
}

/* It goes when it is resolved, and only one that was there can be. */
static bool prepared_outcome(gw_runner *r, gw_arena *arena, const json_t *intent,
                             const gw_stmt_class *c, gw_outcome *out, gw_err *err)
{
    bool there = false;
    if (!c->value || !json_object_get(intent, "existed"))
        return true;
    if (!object_exists(r, arena, c, &there, err))
        return false;
    bool done = !there && json_is_true(json_object_get(intent, "existed"));
    *out = done ? GW_OUTCOME_DONE : GW_OUTCOME_RUN;
    return true;
}

bool gw_intent_outcome(gw_runner *r, gw_arena *arena, const json_t *intent,
                       const gw_statement *statement, const gw_checked *checked, gw_outcome *out,
                       gw_err *err)
{
    const gw_stmt_class *c = &statement->kind;
    gw_found_indexes found;
    bool asks = gw_statement_asks(c) || c->kind == GW_STMT_PREPARED_XACT;
    *out = asks ? GW_OUTCOME_UNKNOWN : GW_OUTCOME_RUN;
    if (!wait_for_backend(r, arena, intent, checked, err))
        return false;
    switch (c->kind) {
    case GW_STMT_CREATE_INDEX:
        return created_index_outcome(r, arena, intent, statement, checked, out, err);
    case GW_STMT_DROP_INDEX:
        if (!gw_index_find(r, arena, c, NULL, &found, err))
            return false;
        *out = found.len ? GW_OUTCOME_RUN : GW_OUTCOME_DONE;
        return true;
    case GW_STMT_REINDEX:
        return reindex_leftovers(r, arena, c, err);
    case GW_STMT_DETACH_PARTITION:
        return partition_outcome(r, arena, c, out, err);
    case GW_STMT_CREATE_DATABASE:
    case GW_STMT_CREATE_TABLESPACE:
        return object_outcome(r, arena, intent, c, false, out, err);
    case GW_STMT_DROP_DATABASE:
    case GW_STMT_DROP_TABLESPACE:
        return object_outcome(r, arena, intent, c, true, out, err);
    case GW_STMT_PREPARED_XACT:
        return prepared_outcome(r, arena, intent, c, out, err);
    default:
        if (c->slot)
            return object_outcome(r, arena, intent, c, c->drops_slot, out, err);
        return true; /* doing it twice is doing it once; or a person has to say */
    }
}

bool gw_concurrent_check(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                         const json_t *intent, gw_err *err)
{
    const gw_stmt_class *c = &statement->kind;
    gw_found_indexes found;
    if (c->kind != GW_STMT_CREATE_INDEX || !c->concurrently)
        return true;
    if (!gw_index_find(r, arena, c, text_of(intent, "before"), &found, err))
        return false;
    for (size_t i = 0; i < found.len; i++) {
        const gw_found_index *index = &found.items[i];
        if (index->valid ||
            (!c->name && gw_index_likeness(arena, statement, index) == GW_LIKENESS_OTHER))
            continue;
        gw_err_set(err, GW_ERR_STATE, "index %s is INVALID after the statement has ended",
                   gw_display_name(arena, index->schema, index->name));
        return gw_err_hint(err, "run the same command again: it finds out why");
    }
    return true;
}

bool gw_concurrent_again(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                         const json_t *intent, gw_outcome *out, gw_err *err)
{
    const gw_stmt_class *c = &statement->kind;
    *out = GW_OUTCOME_RUN;
    if (!c->concurrently || gw_session_lost(r->work))
        return true;
    switch (c->kind) {
    case GW_STMT_CREATE_INDEX:
        return created_index_outcome(r, arena, intent, statement, NULL, out, err);
    case GW_STMT_REINDEX:
        return reindex_leftovers(r, arena, c, err);
    case GW_STMT_DETACH_PARTITION:
        return partition_outcome(r, arena, c, out, err);
    default:
        return true;
    }
}

/* What is in the catalog though the statement failed. */
static void say_left(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                     const json_t *intent, gw_err *why)
{
    const gw_stmt_class *c = &statement->kind;
    gw_found_indexes found = {0};
    gw_err ignored = {0};
    bool drops = c->kind == GW_STMT_DROP_INDEX, reindexes = c->kind == GW_STMT_REINDEX;
    bool ok = reindexes ? gw_index_find_leftovers(r, arena, c, &found, &ignored)
                        : gw_index_find(r, arena, c, text_of(intent, "before"), &found, &ignored);
    gw_err_clear(&ignored);
    for (size_t i = 0; ok && i < found.len; i++) {
        const gw_found_index *index = &found.items[i];
        const char *name = gw_display_name(arena, index->schema, index->name);
        if (index->valid && !reindexes)
            continue;
        if (drops)
            gw_err_context(why, "index %s is still there, INVALID from now on: the next run drops it",
                           name);
        else if (reindexes || gw_index_likeness(arena, statement, index) != GW_LIKENESS_OTHER)
            gw_err_context(why,
                           "index %s is left INVALID, for it could not be dropped: the next run "
                           "drops it%s",
                           name, reindexes ? "" : " and builds it anew");
    }
}

bool gw_concurrent_cleanup(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                           const json_t *intent, gw_err *why)
{
    const gw_stmt_class *c = &statement->kind;
    gw_outcome outcome = GW_OUTCOME_RUN;
    gw_err err = {0};
    if (gw_session_lost(r->work))
        return false;
    if (c->kind == GW_STMT_CALL || c->kind == GW_STMT_DO)
        return false; /* it may have committed before it failed */
    if (c->kind == GW_STMT_CREATE_INDEX && c->name && strcmp(why->sqlstate, "42P07") == 0) {
        gw_index_say_taken(r, arena, statement, why); /* what is there is not its own */
        return true;
    }
    bool clean = gw_concurrent_again(r, arena, statement, intent, &outcome, &err);
    gw_err_clear(&err);
    if (outcome == GW_OUTCOME_FINALIZE)
        gw_err_context(why, "the partition is half detached: the next run finishes it");
    if (!clean || (c->kind == GW_STMT_DROP_INDEX && c->concurrently))
        say_left(r, arena, statement, intent, why);
    return clean && outcome != GW_OUTCOME_FINALIZE;
}

/* How far did the earlier run get, and which way of running was it? */
static bool is_begun(const gw_applied *row, const json_t *intent)
{
    return row->statements_done > 0 || json_object_get(intent, "statement") ||
           json_object_get(intent, "after");
}

static bool same_way(const gw_checked *checked, const json_t *intent)
{
    bool batch = checked->script->directives.batch.table;
    if (json_object_get(intent, "statement_sha256"))
        return batch;
    return !batch && !checked->transactional;
}

bool gw_run_may_resume(const gw_checked *checked, const gw_applied *row, gw_err *err)
{
    const char *version = checked->migration->version;
    if (!row || strcmp(row->state, "applied") == 0)
        return true;
    if (strcmp(row->state, checked->revert ? "reverting" : "running") != 0) {
        gw_err_set(err, GW_ERR_STATE, "migration %s stopped half-way in the other direction (%s)", version,
                   row->state);
        return gw_err_hint(err, "finish that first: godwit %s goes on with it; or godwit repair %s",
                           checked->revert ? "up" : "down", version);
    }
    gw_arena *scratch = gw_arena_new();
    gw_err ignored = {0};
    json_t *intent =
        row->intent ? gw_json_parse(scratch, "intent", row->intent, strlen(row->intent), &ignored)
                    : NULL;
    bool inside = gw_lasting_line(intent) != 0;
    bool ok = !inside && (!is_begun(row, intent) || same_way(checked, intent));
    gw_err_clear(&ignored);
    if (inside)
        gw_lasting_ask(checked, intent, err);
    gw_arena_free(scratch);
    if (ok || inside)
        return ok;
    gw_err_set(err, GW_ERR_STATE,
               "migration %s stopped half-way, and its file no longer runs as it did then", version);
    gw_err_detail(err, "%lld of %lld statements are done; what is written now would do them again",
                  (long long)row->statements_done, (long long)row->statements_total);
    gw_err_at(err, checked->script->path, 1, 1);
    return gw_err_hint(
        err,
        "put the directive back (-- godwit: no-transaction, or batch) to go on behind "
        "them, or say what is true: godwit repair %s --done or --forget",
        version);
}
