/* sync status: how far a session is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/redraw.h"
#include "cmd/report.h"
#include "cmd/sync.h"
#include "cmd/sync_show.h"

enum {
    LOOK_MS = 1000,  /* between two looks */
    LINE_MS = 5000,  /* between two lines of one entity, where stdout is no terminal */
    BAR = 12,
};

typedef struct watching {
    gw_invocation *invocation;
    gw_session *session;
    const char *id;      /* of the session that is watched; NULL: the newest of then */
    char chosen[64];
    bool redraws;        /* stdout is a terminal */
    size_t lines;        /* that stand there and are to be overwritten */
    int64_t line_at;     /* when lines were printed, of the monotonic clock */
    char last_state[128];
} watching;

/* ---- words --------------------------------------------------------------------------------- */

const char *gw_session_state(const gw_session_view *view)
{
    if (view->dead)
        return "abandoned";
    if (view->wanted && strcmp(view->status, "running") == 0)
        return strcmp(view->wanted, "pause") == 0 ? "pausing" : "cancelling";
    return view->status;
}

gw_style gw_session_style(const char *state)
{
    if (strcmp(state, "failed") == 0 || strcmp(state, "abandoned") == 0)
        return GW_STYLE_RED;
    if (strcmp(state, "completed") == 0)
        return GW_STYLE_GREEN;
    return strcmp(state, "running") == 0 ? GW_STYLE_BOLD : GW_STYLE_YELLOW;
}

static const char *instant(gw_arena *arena, int64_t us)
{
    return us == GW_NULL_INT ? NULL : gw_time_rfc3339(arena, us / 1000000 * 1000000);
}

static const char *number(gw_arena *arena, int64_t count)
{
    return count == GW_NULL_INT ? NULL : gw_printf(arena, "%" PRId64, count);
}

/* Of an error that is kept as JSON: its message. */
const char *gw_error_message(gw_arena *arena, const char *json)
{
    gw_err ignored = {0};
    json_t *value = json ? gw_json_parse(arena, "an error", json, strlen(json), &ignored) : NULL;
    gw_err_clear(&ignored);
    const char *message = json_string_value(json_object_get(value, "message"));
    if (!message)
        message = json_string_value(json_object_get(value, "reason"));
    return message ? message : json;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void entity_json(gw_json *json, const gw_session_entity *e)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "entity", e->entity);
    gw_json_string(json, "status", e->status);
    gw_json_string(json, "run", e->run);
    gw_json_int(json, "attempt", e->attempt);
    gw_json_string(json, "version", e->version);
    gw_json_string(json, "method", e->method);
    gw_json_int(json, "new", e->inserted);
    gw_json_int(json, "modified", e->modified);
    gw_json_int(json, "deleted", e->deleted);
    gw_json_int(json, "rejected", e->rejected);
    gw_json_int(json, "processed", gw_entity_done(e));
    gw_json_int(json, "remaining", e->remaining);
    gw_json_int_or_null(json, "rows_per_second", gw_entity_rate(e));
    gw_json_int_or_null(json, "left_ms", gw_entity_left_ms(e));
    gw_json_int_or_null(json, "elapsed_ms", e->elapsed_ms);
    gw_json_time(json, "started_at", e->started_at);
    gw_json_time(json, "ended_at", e->ended_at);
    gw_json_string(json, "checkpoint", e->checkpoint);
    gw_json_string(json, "last_key", e->last_key);
    gw_json_int_or_null(json, "batches", e->batches);
    gw_json_int(json, "tasks", e->pieces);
    gw_json_int(json, "tasks_done", e->pieces_done);
    gw_json_int(json, "workers", e->workers);
    gw_json_int(json, "in_quarantine", e->quarantined);
    gw_json_int(json, "indexes_to_build", e->postponed);
    gw_json_raw(json, "error", e->error);
    gw_json_close(json, '}');
}

void gw_session_json(gw_json *json, const gw_session_view *view)
{
    gw_json_string(json, "session", view->id);
    gw_json_string(json, "status", view->status);
    gw_json_bool(json, "abandoned", view->dead);
    gw_json_string(json, "wanted", view->wanted);
    gw_json_string(json, "reason", view->reason);
    gw_json_int(json, "attempt", view->attempt);
    gw_json_string(json, "host", view->host);
    gw_json_int_or_null(json, "pid", view->pid);
    gw_json_time(json, "lease_until", view->lease_until);
    gw_json_bool(json, "imported", view->imported);
    gw_json_time(json, "created_at", view->created_at);
    gw_json_time(json, "started_at", view->started_at);
    gw_json_time(json, "completed_at", view->completed_at);
    gw_json_int(json, "processed", view->processed);
    gw_json_int(json, "remaining", view->remaining);
    gw_json_time(json, "estimated_completion", view->estimated_at);
    gw_json_raw(json, "entities_pending", view->pending);
    gw_json_raw(json, "entities_running", view->running);
    gw_json_raw(json, "entities_completed", view->completed);
    gw_json_raw(json, "entities_failed", view->failed);
    gw_json_raw(json, "error", view->error);
}

static void status_json(gw_json *json, const gw_session_view *view)
{
    gw_session_json(json, view);
    gw_json_open(json, "entities", '[');
    for (size_t i = 0; i < view->entity_count; i++)
        entity_json(json, &view->entities[i]);
    gw_json_close(json, ']');
}

/* ---- text ---------------------------------------------------------------------------------- */

static const char *bar(const watching *w, gw_arena *arena, const gw_session_entity *e)
{
    gw_buf buf = GW_BUF(arena);
    int64_t done = gw_entity_done(e), all = done + e->remaining;
    bool over = strcmp(e->status, "completed") == 0;
    if (!all && !over)
        return NULL;
    gw_progress_bar(&buf, over ? 1 : done, over ? 1 : all, BAR, gw_term_utf8(w->invocation->term));
    gw_buf_addf(&buf, " %3d %%",
                over ? 100 : (int)(100.0 * (double)done / (double)(all ? all : 1)));
    return gw_buf_str(&buf);
}

static void entities_text(const watching *w, gw_arena *arena, FILE *file,
                          const gw_session_view *view)
{
    static const char *const titles[] = {"ENTITY", "STATE",    "PROGRESS", "NEW",    "MODIFIED",
                                         "DELETED", "REJECTED", "LEFT",     "ROWS/S", "TIME LEFT",
                                         NULL};
    static const bool right[] = {false, false, false, true, true, true, true, true, true, true};
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < view->entity_count; i++) {
        const gw_session_entity *e = &view->entities[i];
        int64_t left = gw_entity_left_ms(e);
        bool running = strcmp(e->status, "running") == 0;
        const char *state = running && view->dead ? "abandoned" : e->status;
        gw_grid_add(&grid, gw_text_safe(arena, e->entity));
        gw_grid_add_styled(&grid, gw_session_style(state), state);
        gw_grid_add(&grid, bar(w, arena, e));
        gw_grid_add(&grid, number(arena, e->inserted));
        gw_grid_add(&grid, number(arena, e->modified));
        gw_grid_add(&grid, number(arena, e->deleted));
        gw_grid_add(&grid, number(arena, e->rejected));
        gw_grid_add(&grid, number(arena, e->remaining));
        gw_grid_add(&grid, number(arena, gw_entity_rate(e)));
        gw_grid_add(&grid, left == GW_NULL_INT || view->dead
                               ? NULL
                               : gw_duration_human(arena, left < 1000 ? left : left / 1000 * 1000));
    }
    if (view->entity_count)
        gw_grid_print(&grid, file, w->invocation->color);
}

static void head_text(gw_arena *arena, FILE *file, const gw_session_view *view, bool color)
{
    gw_buf buf = GW_BUF(arena);
    const char *state = gw_session_state(view);
    const char *since = instant(arena, view->started_at ? view->started_at : view->created_at);
    gw_buf_addf(&buf, "session %s  ", view->id);
    gw_style_add(&buf, color, gw_session_style(state), state);
    if (view->attempt > 1)
        gw_buf_addf(&buf, ", attempt %" PRId64, view->attempt);
    if (view->completed_at != GW_NULL_INT)
        gw_buf_addf(&buf, " at %s", instant(arena, view->completed_at));
    else if (since)
        gw_buf_addf(&buf, " since %s", since);
    if (view->host && view->completed_at == GW_NULL_INT)
        gw_buf_addf(&buf, ", by %s process %" PRId64, gw_text_safe(arena, view->host),
                    view->pid == GW_NULL_INT ? 0 : view->pid);
    fprintf(file, "%s\n", gw_buf_str(&buf));
    if (view->dead)
        fprintf(file,
                "nobody goes on with it%s%s: godwit sync resume, or godwit sync run, does\n",
                view->lease_until == GW_NULL_INT ? "" : " since ",
                view->lease_until == GW_NULL_INT ? "" : instant(arena, view->lease_until));
    else if (view->wanted && strcmp(view->status, "running") == 0)
        fprintf(file, "to be %s at the next batch\n",
                strcmp(view->wanted, "pause") == 0 ? "paused" : "cancelled");
    if (view->reason)
        fprintf(file, "reason: %s\n", gw_text_safe(arena, view->reason));
    else if (view->error)
        fprintf(file, "reason: %s\n", gw_text_safe(arena, gw_error_message(arena, view->error)));
}

static void tail_text(gw_arena *arena, FILE *file, const gw_session_view *view)
{
    int64_t rejects = 0;
    for (size_t i = 0; i < view->entity_count; i++) {
        const gw_session_entity *e = &view->entities[i];
        rejects += e->quarantined;
        if (e->postponed && (view->dead || strcmp(view->status, "running") != 0))
            fprintf(file,
                    "%s: its table lacks %" PRId64 " indexes, which the first load has put off; the "
                    "next godwit sync run builds them\n",
                    gw_text_safe(arena, e->entity), e->postponed);
        if (e->error)
            fprintf(file, "%s: %s\n", gw_text_safe(arena, e->entity),
                    gw_text_safe(arena, gw_error_message(arena, e->error)));
    }
    fprintf(file, "%" PRId64 " rows done, %" PRId64 " left", view->processed, view->remaining);
    if (view->estimated_at != GW_NULL_INT && strcmp(view->status, "running") == 0 && !view->dead)
        fprintf(file, ", expected to end at %s", instant(arena, view->estimated_at));
    if (rejects)
        fprintf(file, "; %" PRId64 " in quarantine (godwit sync rejects)", rejects);
    fputc('\n', file);
}

static char *status_text(const watching *w, gw_arena *arena, const gw_session_view *view)
{
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);
    if (!file)
        gw_out_of_memory(0);
    head_text(arena, file, view, w->invocation->color);
    entities_text(w, arena, file, view);
    tail_text(arena, file, view);
    fclose(file);
    char *copy = gw_strdup(arena, text);
    free(text);
    return copy;
}

/* ---- watching ------------------------------------------------------------------------------ */

/* Where nothing can be redrawn: a line when a state changes, and every few seconds. */
static void lines(watching *w, gw_arena *arena, const gw_session_view *view)
{
    const char *state = gw_session_state(view);
    int64_t now = gw_monotonic_us();
    bool changed = strcmp(state, w->last_state) != 0;
    if (!changed && now - w->line_at < (int64_t)LINE_MS * 1000)
        return;
    w->line_at = now;
    snprintf(w->last_state, sizeof w->last_state, "%s", state);
    const char *at = instant(arena, view->now);
    printf("%s session %s: %s, %" PRId64 " rows done, %" PRId64 " left\n", at, view->id, state,
           view->processed, view->remaining);
    for (size_t i = 0; i < view->entity_count; i++) {
        const gw_session_entity *e = &view->entities[i];
        gw_buf about = GW_BUF(arena);
        if (strcmp(e->status, "running") != 0)
            continue;
        gw_progress_describe(&about,
                             &(gw_progress){.kind = GW_PROGRESS_BATCH,
                                            .done = e->now_done,
                                            .total = e->now_done + e->remaining},
                             e->elapsed_ms == GW_NULL_INT ? 0 : e->elapsed_ms);
        printf("%s %s: %s, %" PRId64 " rejected\n", at, gw_text_safe(arena, e->entity),
               gw_buf_str(&about), e->rejected);
    }
    fflush(stdout);
}

static void show(watching *w, gw_arena *arena, const gw_session_view *view, bool watch)
{
    if (w->invocation->json && watch) {
        gw_json line = gw_json_start(arena, stdout);
        gw_json_open(&line, NULL, '{');
        status_json(&line, view);
        gw_json_close(&line, '}');
        gw_json_line(&line);
    } else if (w->invocation->json) {
        status_json(w->invocation->out, view);
    } else if (watch && !w->redraws) {
        lines(w, arena, view);
    } else if (watch) {
        gw_redraw(arena, status_text(w, arena, view), w->invocation->color, &w->lines);
    } else {
        fputs(status_text(w, arena, view), stdout);
    }
}

/* How it ended, as `sync run` says it. */
static int code_of(const gw_session_view *view)
{
    if (strcmp(view->status, "failed") == 0)
        return GW_EXIT_FAILED;
    for (size_t i = 0; i < view->entity_count; i++)
        if (view->entities[i].rejected)
            return GW_EXIT_CHECK;
    return GW_EXIT_OK;
}

static bool look(watching *w, bool watch, bool *over, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_session_view view;
    bool ok = gw_session_one(w->session, arena, w->id, &view, err);
    if (ok) {
        show(w, arena, &view, watch);
        snprintf(w->chosen, sizeof w->chosen, "%s", view.id);
        w->id = w->chosen;
        *over = strcmp(view.status, "completed") == 0 || strcmp(view.status, "failed") == 0;
        if (watch && *over)
            w->invocation->exit_code = code_of(&view);
    }
    gw_arena_free(arena);
    return ok;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    bool watch = gw_flag(invocation, "watch"), over = false;
    const char *terminal = getenv("TERM");
    watching w = {.invocation = invocation,
                  .id = gw_option_text(invocation, "session"),
                  .redraws = isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0};
    if (!gw_app_sync_destination(invocation->app, invocation->arena, &w.session, err))
        return false;
    for (;;) {
        if (!look(&w, watch, &over, err))
            return false;
        if (!watch || over)
            return true;
        if (!gw_sleep_ms(LOOK_MS, invocation->cancel)) {
            invocation->exit_code = GW_EXIT_INTERRUPTED;
            return true;
        }
    }
}

static const gw_option options[] = {
    {.name = "session",
     .type = GW_OPTION_TEXT,
     .value = "ID",
     .help = "this session, or the one whose id begins so; otherwise the newest"},
    {.name = "watch",
     .type = GW_OPTION_FLAG,
     .help = "go on until it has ended: redrawn every second on a terminal, lines elsewhere; one "
             "document a line with --json"},
    {.name = NULL},
};

const gw_command gw_command_sync_status = {
    .name = "status",
    .summary = "show how far a migration of rows is",
    .text = "Of one session: its state, and of each entity what was done, what is left, how fast "
            "it goes and how long the rest takes. `abandoned` is a session that should be running "
            "while nobody goes on with it: its coordinator died, or cannot reach the database.\n"
            "\n"
            "With --watch the exit code is the session's: 0 completed, 3 with rejects, 1 failed.",
    .examples = "godwit sync status\ngodwit sync status --watch\n"
                "godwit sync status --session 0192f3 --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
