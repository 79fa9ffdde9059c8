#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"
#include "pg/query.h"

enum { DEFAULT_TIMEOUT_MS = 60000 };

static const gw_option options[] = {
    {.name = "check",
     .type = GW_OPTION_FLAG,
     .help = "exit 3 where any migration is pending, modified, missing, failed or out of order, "
             "_sqlx_migrations is not in step (compat: sqlx), or no tenant matches the pattern of "
             "for_each; with -q it says nothing else"},
    {.name = "wait-for",
     .type = GW_OPTION_TEXT,
     .value = "V",
     .help = "wait until this version is applied; exit 3 when the time runs out"},
    {.name = "timeout",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "how long --wait-for waits (60s)"},
    {.name = NULL},
};

/* ---- JSON ------------------------------------------------------------------------------ */

static void failure_json(gw_json *json, const gw_event *failure)
{
    gw_json_open(json, "failure", '{');
    gw_json_time(json, "at", failure->at);
    gw_json_string(json, "sqlstate", failure->sqlstate);
    gw_json_string(json, "message", failure->message);
    gw_json_string(json, "detail", failure->detail);
    gw_json_string(json, "where", failure->place);
    gw_json_string(json, "run", failure->run_id);
    gw_json_close(json, '}');
}

static bool is_interrupted(const gw_status_item *it)
{
    return it->failure && it->state != GW_STATE_FAILED;
}

static void left_json(gw_json *json, const gw_left *left)
{
    gw_json_open(json, "statement", '{');
    gw_json_int(json, "number", left->number);
    gw_json_string(json, "what", left->what);
    gw_json_string(json, "sql", left->sql);
    gw_json_bool(json, "needs_repair", left->asks);
    gw_json_int_or_null(json, "backend_pid", left->pid);
    gw_json_int_or_null(json, "running_ms", left->running_ms);
    gw_json_close(json, '}');
}

static void item_json(gw_json *json, const gw_status_item *it)
{
    bool applied = it->applied_at != GW_NULL_INT;
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "version", it->version);
    gw_json_string(json, "name", it->name);
    gw_json_string(json, "service", it->service);
    gw_json_string(json, "state", gw_state_name(it->state));
    gw_json_time(json, "applied_at", it->applied_at);
    gw_json_int_or_null(json, "duration_ms", applied ? it->duration_ms : GW_NULL_INT);
    gw_json_string(json, "checksum", it->checksum);
    gw_json_bool(json, "transactional", it->transactional);
    gw_json_string(json, "file", it->file);
    if (it->baseline)
        gw_json_string(json, "baseline", it->baseline);
    if (it->folder)
        gw_json_string(json, "folder", it->folder);
    if (it->renumbered_to)
        gw_json_string(json, "renumbered_to", it->renumbered_to);
    if (it->applied_as)
        gw_json_string(json, "applied_as", it->applied_as);
    if (it->running)
        gw_json_bool(json, "running", true);
    if (it->repeatable)
        gw_json_bool(json, "repeatable", true);
    if (it->statements_total > 0) {
        gw_json_int(json, "statements_done", it->statements_done);
        gw_json_int(json, "statements_total", it->statements_total);
    }
    if (it->rows_done >= 0)
        gw_json_int(json, "rows_done", it->rows_done);
    if (it->reverting)
        gw_json_bool(json, "reverting", true);
    if (it->left)
        left_json(json, it->left);
    if (is_interrupted(it))
        gw_json_bool(json, "interrupted", true);
    else if (it->failure)
        failure_json(json, it->failure);
    gw_json_close(json, '}');
}

static void foreign_json(gw_json *json, const gw_foreign_histories *found)
{
    gw_json_open(json, "other_tools", '[');
    for (size_t i = 0; i < found->len; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tool", found->items[i].tool);
        gw_json_string(json, "table", found->items[i].table);
        gw_json_int(json, "rows", found->items[i].rows);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void sqlx_json(gw_arena *arena, gw_json *json, const gw_compat_differences *found, const char *tenant)
{
    gw_json_open(json, "sqlx", '[');
    for (size_t i = 0; i < found->len; i++) {
        const gw_compat_difference *it = &found->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "version", it->version);
        gw_json_string(json, "kind", gw_compat_problem_name(it->problem));
        gw_json_string(json, "message", gw_compat_text(arena, it));
        gw_json_string(json, "hint", gw_app_repair_of_tenant(arena, tenant, gw_compat_advice(arena, it)));
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

/* Of a session that holds the lock and has not said what for, the backend is all that is known. */
static void run_json(gw_json *json, const gw_run_holder *run)
{
    bool unnamed = gw_run_holder_unnamed(run);
    const char *lock = unnamed ? "session" : run->mode;
    gw_json_open(json, "run", '{');
    gw_json_string(json, "command", unnamed ? NULL : run->command);
    gw_json_string(json, "actor", unnamed ? NULL : run->actor);
    gw_json_string(json, "host", unnamed ? NULL : run->host);
    gw_json_time(json, "since", unnamed ? GW_NULL_INT : run->acquired_at);
    gw_json_int_or_null(json, "backend_pid", unnamed ? run->key.pid : run->backend_pid);
    gw_json_string(json, "lock", lock);
    gw_json_bool(json, "runner_gone", !unnamed && run->gone);
    if (run->lease_left_ms != GW_NULL_INT)
        gw_json_int(json, "lease_left_ms", run->lease_left_ms > 0 ? run->lease_left_ms : 0);
    if (run->key.pid != GW_NULL_INT && run->lease_left_ms == GW_NULL_INT) {
        gw_json_open(json, "session", '{');
        gw_json_int(json, "backend_pid", run->key.pid);
        gw_json_int_or_null(json, "connected_ms", run->key.ms);
        gw_json_string(json, "application", run->key.application);
        gw_json_string(json, "user", run->key.user);
        gw_json_string(json, "client", run->key.client);
        gw_json_close(json, '}');
    }
    if (gw_run_holder_left(run)) {
        gw_json_open(json, "statement", '{');
        gw_json_int(json, "backend_pid", run->left.pid);
        gw_json_int_or_null(json, "running_ms", run->left.ms);
        gw_json_string(json, "sql", run->left.query);
        gw_json_string(json, "state", run->left.state);
        gw_json_close(json, '}');
    }
    gw_json_close(json, '}');
}

static void cut_off_json(gw_json *json, const gw_run_holder *run)
{
    gw_json_open(json, "cut_off", '{');
    gw_json_string(json, "command", run->command);
    gw_json_string(json, "actor", run->actor);
    gw_json_string(json, "host", run->host);
    gw_json_time(json, "since", run->acquired_at);
    gw_json_close(json, '}');
}

static void members_json(gw_arena *arena, gw_json *json, const gw_status *status)
{
    gw_json_string(json, "current", status->current);
    gw_json_int(json, "pending", (int64_t)status->pending);
    gw_json_string(json, "format", status->format);
    gw_json_open(json, "migrations", '[');
    for (size_t i = 0; i < status->len; i++)
        item_json(json, &status->items[i]);
    gw_json_close(json, ']');
    if (status->foreign.len)
        foreign_json(json, &status->foreign);
    if (status->sqlx.len)
        sqlx_json(arena, json, &status->sqlx, status->tenant);
    if (status->run)
        run_json(json, status->run);
    if (status->cut_off)
        cut_off_json(json, status->cut_off);
}

/* Of the first that could be read. */
static const char *database_of(const gw_status_list *list)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].database)
            return list->items[i].database;
    return NULL;
}

/* With tenants the plain members are those of all together, and each tenant has its own. */
static void status_json(gw_arena *arena, gw_json *json, const gw_status_list *list)
{
    const gw_status *first = list->len > 0 ? &list->items[0] : NULL;
    bool tenants = list->len > 1 || (first && *first->tenant);
    gw_json_string(json, "environment", list->environment);
    gw_json_string(json, "database", database_of(list));
    if (!tenants && first) {
        members_json(arena, json, first);
        return;
    }
    size_t pending = 0;
    for (size_t i = 0; i < list->len; i++)
        pending += list->items[i].pending;
    gw_json_null(json, "current");
    gw_json_int(json, "pending", (int64_t)pending);
    gw_json_open(json, "migrations", '[');
    gw_json_close(json, ']');
    gw_json_open(json, "tenants", '[');
    for (size_t i = 0; i < list->len; i++) {
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tenant", list->items[i].tenant);
        members_json(arena, json, &list->items[i]);
        if (list->items[i].error)
            gw_report_json(json, "error", list->items[i].error);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_warning_json(json, list->unmatched);
}

/* ---- text ------------------------------------------------------------------------------ */

static void add_state(gw_grid *grid, const gw_status_item *it)
{
    if (it->running) {
        gw_grid_add_styled(grid, GW_STYLE_YELLOW, "running");
        return;
    }
    if (is_interrupted(it) && it->state == GW_STATE_PENDING) {
        gw_grid_add_styled(grid, GW_STYLE_YELLOW, "interrupted");
        return;
    }
    switch (it->state) {
    case GW_STATE_APPLIED:
        gw_grid_add_styled(grid, GW_STYLE_GREEN, "applied");
        break;
    case GW_STATE_PENDING:
        gw_grid_add_styled(grid, GW_STYLE_YELLOW, "pending");
        break;
    case GW_STATE_OUT_OF_ORDER:
        gw_grid_add_styled(grid, GW_STYLE_RED, "out of order");
        break;
    case GW_STATE_MODIFIED:
    case GW_STATE_MISSING:
    case GW_STATE_FAILED:
        gw_grid_add_styled(grid, GW_STYLE_RED, gw_state_name(it->state));
        break;
    case GW_STATE_SKIPPED:
        gw_grid_add_styled(grid, GW_STYLE_DIM, gw_state_name(it->state));
        break;
    }
}

static void print_table(gw_invocation *invocation, const gw_status *status)
{
    static const char *const titles[] = {"STATE",   "VERSION", "NAME", "SERVICE",
                                         "APPLIED", "TOOK",    "BY",   NULL};
    static const bool right[] = {false, false, false, false, false, true, false};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < status->len; i++) {
        const gw_status_item *it = &status->items[i];
        bool applied = it->applied_at != GW_NULL_INT;
        add_state(&grid, it);
        gw_grid_add(&grid, !it->repeatable                   ? it->version
                           : gw_version_is_file(it->version) ? "R"
                                                             : gw_printf(arena, "R %s", it->version));
        gw_grid_add(&grid, it->name);
        gw_grid_add(&grid, it->service);
        gw_grid_add(&grid,
                    applied ? gw_time_rfc3339(arena, it->applied_at / 1000000 * 1000000) : NULL);
        gw_grid_add(&grid, applied && it->duration_ms != GW_NULL_INT
                               ? gw_duration_human(arena, it->duration_ms)
                               : NULL);
        gw_grid_add(&grid, it->applied_by);
    }
    if (status->len > 0)
        gw_grid_print(&grid, stdout, invocation->color);
}

/* A repeatable file of Flyway has no version: its name says all. */
static const char *label(gw_arena *arena, const gw_status_item *it)
{
    return gw_version_is_file(it->version) ? it->version
                                           : gw_printf(arena, "%s %s", it->version, it->name);
}

static void say_place(gw_invocation *invocation, const gw_status_item *it)
{
    if (it->rows_done >= 0)
        gw_say(invocation, "%s is running: %" PRId64 " rows are done",
               label(invocation->arena, it), it->rows_done);
    else
        gw_say(invocation, "%s is running: %" PRId64 " of %" PRId64 " statements are done",
               label(invocation->arena, it), it->statements_done, it->statements_total);
}

/* What goes on with it; the other command refuses. */
static const char *direction(const gw_status_item *it)
{
    return it->reverting ? "down" : "up";
}

/* It stopped half-way, and nobody has to be asked. */
static void say_stopped(gw_invocation *invocation, const gw_status_item *it)
{
    gw_arena *arena = invocation->arena;
    const char *what = gw_printf(arena, "%s%s", label(arena, it), it->reverting ? " (its down file)" : "");
    if (it->rows_done >= 0)
        gw_say(invocation, "%s stopped after %" PRId64 " rows; the next %s goes on from there", what,
               it->rows_done, direction(it));
    else if (it->left)
        gw_say(invocation, "%s stopped inside statement %" PRId64 " of %" PRId64
                           " (%s): the next %s finds out what became of it and goes on%s",
               what, it->left->number, it->statements_total, it->left->what, direction(it),
               it->left->what && strstr(it->left->what, "INDEX CONCURRENTLY")
                   ? "; an index that it left INVALID is dropped first"
                   : "");
    else
        gw_say(invocation, "%s stopped after statement %" PRId64 " of %" PRId64
                           "; the next %s goes on from there",
               what, it->statements_done, it->statements_total, direction(it));
}

/* The statement that it was at: the server still is, or nobody knows what became of it. */
static void say_left(gw_invocation *invocation, const gw_status_item *it, const char *tenant)
{
    gw_arena *arena = invocation->arena;
    const gw_left *left = it->left;
    const char *place =
        gw_printf(arena, "%s%s stopped inside statement %" PRId64 " of %" PRId64 " (%s)",
                  label(arena, it), it->reverting ? " (its down file)" : "", left->number,
                  it->statements_total, left->what);
    const char *repair = gw_app_repair_of_tenant(
        arena, tenant, gw_printf(arena, "godwit repair %s --done or --forget", it->version));
    if (left->pid == GW_NULL_INT && left->line) {
        gw_say(invocation, "%s%s stopped inside its transaction, which is rolled back: nobody can know "
                           "whether line %u had its effect, which stays, and the next %s stops there; "
                           "look there, then say: %s", label(arena, it),
               it->reverting ? " (its down file)" : "", left->line, direction(it), repair);
        return;
    }
    if (left->pid == GW_NULL_INT) {
        gw_say(invocation, "%s: nobody can know whether it had its effect, and the next %s stops "
                           "there; look at the database, then say: %s%s", place, direction(it), repair,
               gw_unrun_advice(arena, left->number, it->statements_total));
        return;
    }
    const char *since = left->running_ms == GW_NULL_INT
                            ? ""
                            : gw_printf(arena, ", for %s",
                                        gw_duration_human(arena, left->running_ms));
    gw_say(invocation, "%s, and the server still works on it (pid %" PRId64 "%s): the next %s waits "
                       "for it, then %s%s; to end it: SELECT pg_terminate_backend(%" PRId64 ")",
           place, left->pid, since, direction(it), left->asks ? "asks for " : "goes on from there",
           left->asks ? repair : "", left->pid);
}

/* Its file is gone: where it was looked for. Of one that stopped half-way the file had more to run. */
static void say_missing(gw_invocation *invocation, const gw_status_item *it, const char *tenant)
{
    gw_arena *arena = invocation->arena;
    const char *folder = it->folder ? it->folder : "the folder of migrations";
    if (it->applied_at != GW_NULL_INT)
        gw_say(invocation, "%s: no file of it in %s", label(arena, it), folder);
    else
        gw_say(invocation, "%s%s stopped half-way, and there is no file of it in %s: %s",
               label(arena, it), it->reverting ? " (its down file)" : "", folder,
               gw_app_repair_of_tenant(arena, tenant,
                                       gw_half_gone_advice(arena, it->version, it->reverting)));
}

/* Why: under the table, for those that need a person. */
static void print_reasons(gw_invocation *invocation, const gw_status *status)
{
    const char *baseline = NULL;
    for (size_t i = 0; i < status->len; i++) {
        const gw_status_item *it = &status->items[i];
        if (it->baseline)
            baseline = it->baseline;
        if (it->running)
            say_place(invocation, it);
        else if (it->renumbered)
            gw_say(invocation, "%s; %s", it->renumbered,
                   gw_app_repair_of_tenant(invocation->arena, status->tenant, it->advice));
        else if (it->state == GW_STATE_MISSING)
            say_missing(invocation, it, status->tenant);
        else if (it->left && (it->left->asks || it->left->pid != GW_NULL_INT))
            say_left(invocation, it, status->tenant);
        else if (it->rows_done >= 0 || it->statements_total > 0)
            say_stopped(invocation, it);
        if (!it->failure)
            continue;
        const gw_event *f = it->failure;
        gw_say(invocation, "%s %s at %s: %s%s%s%s", label(invocation->arena, it),
               is_interrupted(it) ? "was interrupted" : "failed",
               gw_time_rfc3339(invocation->arena, f->at / 1000000 * 1000000),
               f->message ? f->message : "no message", f->place ? " (" : "",
               f->place ? f->place : "", f->place ? ")" : "");
    }
    if (baseline)
        gw_say(invocation, "the baseline file of version %s runs in place of those up to it; up --to V "
                           "below that runs them", baseline);
}

/* What the tool that shares the history would trip over. */
static void print_sqlx(gw_invocation *invocation, const gw_compat_differences *found, const char *tenant)
{
    for (size_t i = 0; i < found->len; i++) {
        const char *advice = gw_compat_advice(invocation->arena, &found->items[i]);
        bool said = i + 1 < found->len &&
                    strcmp(gw_compat_advice(invocation->arena, &found->items[i + 1]), advice) == 0;
        gw_say(invocation, "%s%s%s", gw_compat_text(invocation->arena, &found->items[i]),
               said ? "" : "; ", said ? "" : gw_app_repair_of_tenant(invocation->arena, tenant, advice));
    }
}

static void count(gw_buf *buf, size_t number, const char *what)
{
    if (number > 0)
        gw_buf_addf(buf, "%s%zu %s", buf->len ? ", " : "", number, what);
}

static char *summary(gw_arena *arena, const gw_status *status)
{
    gw_buf buf = GW_BUF(arena);
    size_t applied = 0, skipped = 0;
    for (size_t i = 0; i < status->len; i++) {
        applied += status->items[i].state == GW_STATE_APPLIED;
        skipped += status->items[i].state == GW_STATE_SKIPPED;
    }
    count(&buf, applied, "applied");
    count(&buf, status->pending, "pending");
    count(&buf, status->failed, "failed");
    count(&buf, status->modified, "modified");
    count(&buf, status->missing, "missing");
    count(&buf, status->out_of_order, "out of order");
    count(&buf, skipped, "skipped");
    return gw_strdup(arena, buf.len ? gw_buf_str(&buf) : "no migrations yet");
}

/* A lock is of a database: tenants in schemas all see the same run. */
static bool same_run(const gw_run_holder *a, const gw_run_holder *b)
{
    return a && b && a->backend_pid == b->backend_pid && a->acquired_at == b->acquired_at &&
           a->key.pid == b->key.pid && a->left.pid == b->left.pid;
}

static void print_run(gw_invocation *invocation, const gw_run_holder *run)
{
    gw_arena *arena = invocation->arena;
    long long pid = (long long)gw_run_holder_ends_with(run);
    if (gw_run_holder_left(run))
        gw_say(invocation, "%s: %s (%s); to end it: SELECT pg_terminate_backend(%lld)",
               gw_run_holder_left_what(run), gw_run_holder_left_text(arena, run),
               gw_run_holder_left_whose(arena, run), pid);
    else if (gw_run_holder_unnamed(run))
        gw_say(invocation,
               "the run lock is held by %s; where its process is gone and the server has not "
               "noticed: SELECT pg_terminate_backend(%lld)",
               gw_run_holder_text(arena, run), pid);
    else
        gw_say(invocation, "a run is under way since %s: %s%s",
               gw_time_rfc3339(arena, run->acquired_at / 1000000 * 1000000),
               gw_run_holder_text(arena, run),
               pid ? gw_printf(arena, "; where its process is gone and the server has not noticed: "
                                      "SELECT pg_terminate_backend(%lld)", pid)
                   : "");
}

/* Of a file in its transaction nothing is stored before the commit: this is all that is known. */
static void print_cut_off(gw_invocation *invocation, const gw_status *s)
{
    gw_arena *arena = invocation->arena;
    bool asks = false;
    for (size_t i = 0; i < s->len; i++)
        asks = asks || (s->items[i].left && s->items[i].left->asks);
    /* Where a statement asks for repair, the lines above say what is next. */
    gw_say(invocation,
           "the last run was cut off (killed, or its connection was lost): %s, begun %s; nothing of it is at "
           "work any more%s",
           gw_run_holder_run(arena, s->cut_off), gw_time_rfc3339(arena, s->cut_off->acquired_at / 1000000 * 1000000),
           asks ? "" : ", the next godwit up goes on with what is pending");
}

static void status_text(gw_invocation *invocation, const gw_status_list *list)
{
    const char *database = database_of(list);
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *s = &list->items[i];
        bool tenant = *s->tenant != '\0';
        if (i > 0)
            gw_say(invocation, "%s", "");
        if (i == 0)
            gw_say(invocation, "environment %s, database %s%s%s%s%s%s\n", s->environment,
                   database ? database : "?", s->url_source ? " (from " : "",
                   s->url_source ? s->url_source : "", s->url_source ? ")" : "",
                   s->format ? ", format " : "", s->format ? s->format : "");
        if (tenant)
            gw_say(invocation, "tenant %s", s->tenant);
        if (s->error) {
            gw_say(invocation, "%s: %s",
                   gw_exit_code(s->error->kind) == GW_EXIT_CONNECT ? "unreachable"
                                                                   : "could not be read",
                   gw_status_reason(s->error));
            continue;
        }
        print_table(invocation, s);
        print_reasons(invocation, s);
        print_sqlx(invocation, &s->sqlx, s->tenant);
        gw_say(invocation, "%s%s", s->len > 0 ? "\n" : "", summary(invocation->arena, s));
    }
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].run && (!i || !same_run(list->items[i].run, list->items[i - 1].run)))
            print_run(invocation, list->items[i].run);
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].cut_off) {
            print_cut_off(invocation, &list->items[i]);
            break;
        }
    if (list->len == 0)
        gw_say(invocation, "no tenants yet");
}

/* To stderr: another tool migrated this database, so what is pending may be there already. */
static void warn(gw_invocation *invocation, const gw_status_list *list)
{
    gw_arena *arena = invocation->arena;
    gw_observer observer = gw_progress_view_observer(invocation->progress);
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *s = &list->items[i];
        if (!s->foreign.len)
            continue;
        const char *service = s->foreign.service;
        const char *text = gw_printf(
            arena, "%s%s by %s, and Godwit has no history %s: %s",
            service && *service ? gw_printf(arena, "files of service %s", service) : "this database",
            service && *service ? " were run" : " was migrated",
            gw_foreign_found(arena, &s->foreign),
            !service ? "here" : *service ? "of that service" : "of these files",
            gw_foreign_advice(arena, &s->foreign));
        observer.see(observer.self, &(gw_progress){.kind = GW_PROGRESS_WARNING,
                                                   .tenant = s->tenant,
                                                   .text = text});
    }
}

/* ---- the command ----------------------------------------------------------------------- */

static bool found_something(const gw_status_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_status *s = &list->items[i];
        if (s->pending + s->failed + s->modified + s->missing + s->out_of_order + s->sqlx.len > 0)
            return true;
    }
    return list->unmatched != NULL;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *version = gw_option_text(invocation, "wait-for");
    int64_t timeout_ms = gw_option_number(invocation, "timeout", DEFAULT_TIMEOUT_MS);
    if (!version && gw_flag(invocation, "timeout"))
        return gw_err_set(err, GW_ERR_USAGE, "--timeout belongs to --wait-for VERSION");
    if (version && !gw_app_wait_for(invocation->app, version, timeout_ms, err))
        return false;
    gw_status_list list = {0};
    bool ok = gw_app_status(invocation->app, invocation->arena, &list, err);
    if (!ok && !list.len)
        return false;
    warn(invocation, &list);
    if (invocation->json)
        status_json(invocation->arena, invocation->out, &list);
    else if (!invocation->quiet || !gw_flag(invocation, "check"))
        status_text(invocation, &list); /* else the exit code is the answer */
    if (gw_flag(invocation, "check") && found_something(&list))
        invocation->exit_code = GW_EXIT_CHECK;
    return ok;
}

const gw_command gw_command_status = {
    .name = "status",
    .summary = "show which migrations are applied, pending or in trouble",
    .text = "Reads the files and the history; changes nothing.\n"
            "\n"
            "  applied       its row is in the history and the file is as it was\n"
            "  pending       the next up runs it\n"
            "  running       a run is at it just now, outside a transaction\n"
            "  interrupted   pending: Ctrl-C or SIGTERM stopped it, and the next up goes on\n"
            "  modified      applied, and the file has changed since: see godwit verify\n"
            "  missing       applied, and there is no file any more\n"
            "  failed        its last attempt failed; the reason stands below the table\n"
            "  out of order  pending, and a newer one is applied: up --out-of-order runs it\n"
            "  skipped       not for this environment (-- godwit: only=…), or a baseline of\n"
            "                Flyway runs in its place and has not yet\n"
            "\n"
            "--wait-for is for a service that must not start before its schema is there.",
    .examples = "godwit status\n"
                "# in a deployment: fail where anything is not as it should be\n"
                "godwit status --check -q\n"
                "# before a service starts\n"
                "godwit status --wait-for 20251013090000 --timeout 5min",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
