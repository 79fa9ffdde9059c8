/* track show: the counters, for people and programs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "cmd/grid.h"
#include "cmd/redraw.h"
#include "cmd/track.h"

enum { TICK_MS = 1000, CELLS = 16 };

/* How a stage stood at the tick before: what is happening now is worth more than the mean since it began. */
typedef struct pace {
    char *key;
    int64_t done, at_us;
    double rate; /* items a second; 0: not known */
} pace;

typedef struct view {
    gw_invocation *invocation;
    gw_arena *arena; /* of this tick */
    gw_shown shown;
    int64_t now_us;
    GW_VEC(pace) paces;
    FILE *out;
    bool color;
    size_t room;  /* lines for stages; 0: as many as there are */
    size_t drawn; /* lines that stand on the screen */
} view;

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static void stage_json(gw_json *json, const gw_shown_stage *stage, bool run)
{
    gw_json_open(json, NULL, '{');
    gw_json_int(json, "id", stage->id);
    gw_json_string(json, "tracker", stage->tracker);
    gw_json_string(json, "stage_name", stage->name);
    gw_json_string(json, "status", stage->status);
    gw_json_time(json, "started_at", stage->started_at);
    gw_json_time(json, "completed_at", stage->completed_at);
    gw_json_int(json, "error_count", stage->errors);
    gw_json_time(json, "last_updated", stage->updated_at);
    gw_json_bool(json, "paused", stage->paused);
    gw_json_string(json, "note", stage->note);
    if (run) {
        gw_json_int(json, "done", stage->done);
        gw_json_int(json, "total", stage->total);
    }
    gw_json_close(json, '}');
}

static void counters_json(gw_json *json, const gw_shown *shown)
{
    gw_json_open(json, "xcm_message_counters", '[');
    for (size_t i = 0; i < shown->xcm_count; i++) {
        const gw_shown_xcm *x = &shown->xcm[i];
        gw_json_open(json, NULL, '{');
        gw_json_int(json, "id", x->id);
        gw_json_string(json, "tracker", x->tracker);
        gw_json_string(json, "source_chain", x->source);
        gw_json_string(json, "destination_chain", x->destination);
        gw_json_int(json, "messages_sent", x->sent);
        gw_json_int(json, "messages_processed", x->processed);
        gw_json_int(json, "messages_failed", x->failed);
        gw_json_time(json, "last_updated", x->updated_at);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "balance_migration_counters", '[');
    for (size_t i = 0; i < shown->balance_count; i++) {
        const gw_shown_balance *b = &shown->balances[i];
        gw_json_open(json, NULL, '{');
        gw_json_int(json, "id", b->id);
        gw_json_string(json, "tracker", b->tracker);
        gw_json_int(json, "accounts_migrated", b->accounts);
        gw_json_string(json, "total_balance_migrated", b->migrated);
        gw_json_string(json, "total_balance_kept", b->kept);
        gw_json_int(json, "failed_migrations", b->failed);
        gw_json_time(json, "last_updated", b->updated_at);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "teleportation_counters", '[');
    for (size_t i = 0; i < shown->teleport_count; i++) {
        const gw_shown_teleport *t = &shown->teleports[i];
        gw_json_open(json, NULL, '{');
        gw_json_int(json, "id", t->id);
        gw_json_string(json, "tracker", t->tracker);
        gw_json_int(json, "total_mints", t->mints);
        gw_json_int(json, "total_burns", t->burns);
        gw_json_string(json, "total_mint_amount", t->minted);
        gw_json_string(json, "total_burn_amount", t->burned);
        gw_json_int(json, "failed_operations", t->failed);
        gw_json_time(json, "last_updated", t->updated_at);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void pallets_json(gw_json *json, const gw_shown *shown)
{
    gw_json_open(json, "pallet_migration_counters", '[');
    for (size_t i = 0; i < shown->pallet_count; i++) {
        const gw_shown_pallet *p = &shown->pallets[i];
        gw_json_open(json, NULL, '{');
        gw_json_int(json, "id", p->id);
        gw_json_string(json, "tracker", p->tracker);
        gw_json_string(json, "pallet_name", p->name);
        gw_json_int(json, "stage_id", p->stage_id);
        gw_json_string(json, "stage_name", p->stage);
        gw_json_int(json, "items_processed", p->processed);
        gw_json_int(json, "total_items", p->total);
        gw_json_int(json, "failed_items", p->failed);
        gw_json_time(json, "last_updated", p->updated_at);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static void show_json(gw_json *json, const gw_shown *shown)
{
    gw_json_open(json, "migration_stages", '[');
    for (size_t i = 0; i < shown->stage_count; i++)
        stage_json(json, &shown->stages[i], false);
    gw_json_close(json, ']');
    counters_json(json, shown);
    pallets_json(json, shown);
    gw_json_open(json, "rejects", '[');
    for (size_t i = 0; i < shown->reject_count; i++) {
        const gw_shown_rejects *r = &shown->rejects[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tracker", r->tracker);
        gw_json_int(json, "lines", r->lines);
        gw_json_string(json, "source", r->source);
        gw_json_int(json, "line", r->line);
        gw_json_string(json, "reason", r->reason);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
    gw_json_open(json, "runs", '[');
    for (size_t i = 0; i < shown->run_count; i++)
        stage_json(json, &shown->runs[i], true);
    gw_json_close(json, ']');
}

/* ---- text ------------------------------------------------------------------------------------------------ */

static double rate_of(view *v, const gw_shown_stage *stage, int64_t done)
{
    gw_arena *kept = v->invocation->arena;
    int64_t until = stage->completed_at != GW_NULL_INT ? stage->completed_at : v->now_us;
    double seconds = (double)(until - stage->started_at) / 1e6;
    double mean = stage->started_at != GW_NULL_INT && seconds > 0.5 ? (double)done / seconds : 0;
    const char *key = gw_printf(v->arena, "%s/%s", stage->tracker, stage->name);
    pace *found = NULL;
    for (size_t i = 0; i < v->paces.len && !found; i++)
        if (strcmp(v->paces.items[i].key, key) == 0)
            found = &v->paces.items[i];
    if (!found) {
        found = gw_vec_push(kept, &v->paces);
        *found = (pace){.key = gw_strdup(kept, key), .done = done, .at_us = v->now_us};
        return mean;
    }
    double past = (double)(v->now_us - found->at_us) / 1e6;
    if (past > 0) {
        double now = (double)(done - found->done) / past;
        found->rate = found->rate > 0 ? 0.7 * found->rate + 0.3 * now : now;
        found->done = done;
        found->at_us = v->now_us;
    }
    return strcmp(stage->status, "ongoing") == 0 ? found->rate : mean;
}

static void items_of(const gw_shown *shown, const gw_shown_stage *stage, int64_t *done,
                     int64_t *total)
{
    *done = stage->done;
    *total = stage->total;
    for (size_t i = 0; i < shown->pallet_count; i++)
        if (shown->pallets[i].stage_id == stage->id &&
            strcmp(shown->pallets[i].tracker, stage->tracker) == 0) {
            *done += shown->pallets[i].processed + shown->pallets[i].failed;
            *total += shown->pallets[i].total;
        }
}

static gw_style style_of(const gw_shown_stage *stage)
{
    switch (*stage->status) {
    case 'c':
        return GW_STYLE_GREEN;
    case 'f':
        return GW_STYLE_RED;
    case 'o':
        return GW_STYLE_YELLOW;
    default:
        return GW_STYLE_DIM;
    }
}

static char *number(gw_arena *arena, int64_t value)
{
    return value ? gw_printf(arena, "%" PRId64, value) : NULL;
}

static void add_stage(view *v, gw_grid *grid, const gw_shown_stage *stage)
{
    int64_t done, total;
    gw_buf bar = GW_BUF(v->arena);
    items_of(&v->shown, stage, &done, &total);
    double rate = done > 0 ? rate_of(v, stage, done) : 0;
    bool ongoing = strcmp(stage->status, "ongoing") == 0;
    if (total > 0)
        gw_progress_bar(&bar, done, total, CELLS, gw_term_utf8(v->invocation->term));
    gw_grid_add(grid, stage->tracker);
    gw_grid_add(grid, gw_text_safe(v->arena, stage->name));
    gw_grid_add_styled(grid, style_of(stage), stage->paused ? "paused" : stage->status);
    gw_grid_add(grid, gw_buf_str(&bar));
    gw_grid_add(grid, total > 0 ? gw_printf(v->arena, "%" PRId64 " of %" PRId64, done, total)
                                : number(v->arena, done));
    gw_grid_add(grid, rate >= 0.05 ? gw_printf(v->arena, "%.*f/s", rate < 10 ? 1 : 0, rate) : NULL);
    gw_grid_add(grid, ongoing && !stage->paused && rate > 0 && total > done
                          ? gw_duration_human(v->arena, (int64_t)((double)(total - done) / rate) * 1000)
                          : NULL);
    gw_grid_add_styled(grid, GW_STYLE_RED, number(v->arena, stage->errors));
    gw_grid_add(grid, stage->note ? gw_text_safe(v->arena, stage->note) : NULL);
}

/* How many completed stages, the oldest first, stay away where the screen is too low for all. */
static size_t folded(const view *v)
{
    size_t all = v->shown.stage_count + v->shown.run_count, completed = 0;
    if (!v->room || all <= v->room)
        return 0;
    for (size_t i = 0; i < v->shown.stage_count; i++)
        completed += strcmp(v->shown.stages[i].status, "completed") == 0;
    return completed < all - v->room + 1 ? completed : all - v->room + 1;
}

static void print_stages(view *v)
{
    static const char *const titles[] = {"TRACKER", "STAGE", "STATUS", "", "ITEMS", "RATE",
                                         "LEFT",    "ERRORS", "NOTE", NULL};
    static const bool right[] = {false, false, false, false, true, true, true, true, false};
    gw_grid grid = gw_grid_start(v->arena, titles, right);
    size_t away = folded(v), left = away;
    for (size_t i = 0; i < v->shown.stage_count; i++) {
        if (left && strcmp(v->shown.stages[i].status, "completed") == 0)
            left--;
        else
            add_stage(v, &grid, &v->shown.stages[i]);
    }
    for (size_t i = 0; i < v->shown.run_count; i++)
        add_stage(v, &grid, &v->shown.runs[i]);
    if (v->shown.stage_count + v->shown.run_count)
        gw_grid_print(&grid, v->out, v->color);
    if (away)
        fprintf(v->out, "%zu completed before\n", away);
}

static void print_xcm(view *v)
{
    static const char *const titles[] = {"TRACKER", "FROM", "TO", "SENT", "PROCESSED", "FAILED", NULL};
    static const bool right[] = {false, false, false, true, true, true};
    gw_grid grid = gw_grid_start(v->arena, titles, right);
    for (size_t i = 0; i < v->shown.xcm_count; i++) {
        const gw_shown_xcm *x = &v->shown.xcm[i];
        gw_grid_add(&grid, x->tracker);
        gw_grid_add(&grid, gw_text_safe(v->arena, x->source));
        gw_grid_add(&grid, gw_text_safe(v->arena, x->destination));
        gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, x->sent));
        gw_grid_add(&grid, gw_printf(v->arena, "%" PRId64, x->processed));
        gw_grid_add_styled(&grid, GW_STYLE_RED, number(v->arena, x->failed));
    }
    if (v->shown.xcm_count) {
        fputc('\n', v->out);
        gw_grid_print(&grid, v->out, v->color);
    }
}

static void add_amount(view *v, gw_grid *grid, const char *tracker, const char *what, int64_t count,
                       const char *amount)
{
    gw_grid_add(grid, tracker);
    gw_grid_add(grid, what);
    gw_grid_add(grid, count == GW_NULL_INT ? NULL : gw_printf(v->arena, "%" PRId64, count));
    gw_grid_add(grid, amount);
}

static void print_amounts(view *v)
{
    static const char *const titles[] = {"TRACKER", "", "COUNT", "AMOUNT", NULL};
    static const bool right[] = {false, false, true, true};
    gw_grid grid = gw_grid_start(v->arena, titles, right);
    for (size_t i = 0; i < v->shown.balance_count; i++) {
        const gw_shown_balance *b = &v->shown.balances[i];
        add_amount(v, &grid, b->tracker, "accounts migrated", b->accounts, b->migrated);
        add_amount(v, &grid, b->tracker, "kept where they were", GW_NULL_INT, b->kept);
        add_amount(v, &grid, b->tracker, "migrations failed", b->failed, NULL);
    }
    for (size_t i = 0; i < v->shown.teleport_count; i++) {
        const gw_shown_teleport *t = &v->shown.teleports[i];
        add_amount(v, &grid, t->tracker, "teleports minted", t->mints, t->minted);
        add_amount(v, &grid, t->tracker, "teleports burned", t->burns, t->burned);
        add_amount(v, &grid, t->tracker, "teleports failed", t->failed, NULL);
    }
    if (v->shown.balance_count + v->shown.teleport_count) {
        fputc('\n', v->out);
        gw_grid_print(&grid, v->out, v->color);
    }
}

static void show_text(view *v)
{
    const gw_shown *shown = &v->shown;
    print_stages(v);
    print_xcm(v);
    print_amounts(v);
    for (size_t i = 0; i < shown->reject_count; i++)
        fprintf(v->out,
                "\n%s: %" PRId64 " lines could not be read; the last one is line %" PRId64 " of %s: %s\n",
                shown->rejects[i].tracker, shown->rejects[i].lines, shown->rejects[i].line,
               gw_text_safe(v->arena, shown->rejects[i].source),
               gw_text_safe(v->arena, shown->rejects[i].reason));
    if (!shown->stage_count && !shown->run_count && !shown->xcm_count && !shown->balance_count &&
        !shown->teleport_count)
        fputs("nothing has been counted yet\n", v->out);
}

/* ---- the command ------------------------------------------------------------------------------------------ */

/* With --watch each tick is a document of its own. */
static void next_document(gw_json *json)
{
    gw_json_close(json, '}');
    gw_buf_addc(&json->buf, '\n');
    gw_json_flush(json);
    fflush(stdout);
    json->comma = false;
    gw_json_open(json, NULL, '{');
}

/* Of the screen what the other tables leave is for the stages. */
static void show_screen(view *v)
{
    const gw_shown *shown = &v->shown;
    size_t columns, rows, len, amounts = 3 * (shown->balance_count + shown->teleport_count);
    size_t others = (shown->xcm_count ? shown->xcm_count + 2 : 0) + (amounts ? amounts + 2 : 0) +
                    2 * shown->reject_count + 3; /* titles, the line below, the cursor's */
    char *text = NULL;
    enum { FEWEST = 5 };
    gw_screen_size(&columns, &rows);
    v->room = rows > others + FEWEST ? rows - others : FEWEST;
    v->out = open_memstream(&text, &len);
    if (!v->out)
        gw_out_of_memory(0);
    show_text(v);
    fclose(v->out);
    gw_redraw(v->arena, text, v->color, &v->drawn);
    free(text);
}

static bool tick(view *v, gw_session *session, const char *tracker, bool watch, gw_err *err)
{
    gw_arena_reset(v->arena);
    v->now_us = gw_now_us();
    if (!gw_track_show(session, v->arena, tracker, &v->shown, err))
        return false;
    if (v->invocation->json) {
        show_json(v->invocation->out, &v->shown);
        if (watch)
            next_document(v->invocation->out);
        return true;
    }
    if (watch && isatty(STDOUT_FILENO))
        show_screen(v);
    else
        show_text(v);
    fflush(stdout);
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    view v = {.invocation = invocation,
              .arena = gw_arena_new(),
              .out = stdout,
              .color = invocation->color};
    bool watch = gw_flag(invocation, "watch");
    int64_t pause_ms = gw_option_number(invocation, "interval", TICK_MS);
    gw_session *session;
    gw_arena_defer(invocation->arena, (void (*)(void *))gw_arena_free, v.arena);
    if (gw_option_text(invocation, "interval") && !watch)
        return gw_err_set(err, GW_ERR_USAGE, "--interval belongs to --watch");
    if (!gw_app_track_open(invocation->app, invocation->arena, false, &session, err))
        return false;
    do {
        if (!tick(&v, session, gw_argument_text(invocation, 0), watch, err))
            return false;
    } while (watch && gw_sleep_ms(pause_ms, invocation->cancel) && !ferror(stdout));
    return true;
}

static const gw_argument arguments[] = {
    {.name = "TRACKER", .help = "only this one; else all, and Godwit's own runs"},
    {.name = NULL},
};

static const gw_option options[] = {
    {.name = "watch", .type = GW_OPTION_FLAG, .help = "again and again, until Ctrl-C"},
    {.name = "interval",
     .type = GW_OPTION_DURATION,
     .value = "TIME",
     .help = "--watch: how long between two looks (1s)"},
    {.name = NULL},
};

const gw_command gw_command_track_show = {
    .name = "show",
    .summary = "stages with bar, rate and time left; counters and errors",
    .text = "Reads the counters of one tracker or of all. Godwit's own runs stand beside them: the "
            "newest run of migrations as tracker `up`, sessions that move rows as `sync …`; a "
            "session that is paused shows as such.\n"
            "\n"
            "--json prints the five tables by name, amounts as digits; with --watch one document a "
            "line.",
    .examples = "godwit track show\ngodwit track show polkadot --watch\ngodwit track show --json",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
