#include "cmd/progress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "migrate/migration.h"

enum {
    ACTIVE = 16, /* migrations shown at once, where tenants run side by side */
    LIVE_TICK_MS = 100,
    LINE_TICK_MS = 5000,
};

/* A migration that runs now. */
typedef struct active {
    char label[256]; /* "" = free */
    char tenant[64];
    char verb[32]; /* "": a migration */
    bool revert;
    int64_t started_us;
    int64_t step_us;  /* when its current step began */
    gw_progress step; /* its texts are not kept */
    char text[120];   /* of the current statement */
} active;

struct gw_progress_view {
    gw_progress_options options;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t wake;
    pthread_t ticker;
    bool ticking, stopping;
    bool sql_open;
    int64_t planned, finished;
    active running[ACTIVE];
    size_t latest;
    unsigned frame;
};

/* ---- words ----------------------------------------------------------------------------- */

void gw_progress_bytes(gw_buf *buf, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    gw_buf_addf(buf, bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

static void add_amount(gw_buf *buf, gw_progress_kind kind, double amount)
{
    if (kind == GW_PROGRESS_COPY)
        gw_progress_bytes(buf, amount);
    else
        gw_buf_addf(buf, "%.0f", amount);
}

/* In whole seconds: a tenth that changes with every frame only flickers. */
static void add_duration(gw_buf *buf, int64_t ms)
{
    if (ms >= 1000 && ms < 60000)
        gw_buf_addf(buf, "%" PRId64 " s", ms / 1000);
    else
        gw_buf_add(buf, gw_duration_human(buf->arena, ms));
}

void gw_progress_describe(gw_buf *buf, const gw_progress *step, int64_t elapsed_ms)
{
    if (step->kind == GW_PROGRESS_STATEMENT) {
        if (step->done < step->total)
            gw_buf_addf(buf, "statement %" PRId64 " of %" PRId64, step->done + 1, step->total);
        return;
    }
    if (step->kind != GW_PROGRESS_COPY && step->kind != GW_PROGRESS_BATCH)
        return;
    if (step->total > 0)
        gw_buf_addf(buf, "%.0f %% (", 100.0 * (double)step->done / (double)step->total);
    add_amount(buf, step->kind, (double)step->done);
    if (step->total > 0) {
        gw_buf_add(buf, " of ");
        add_amount(buf, step->kind, (double)step->total);
    }
    if (step->kind == GW_PROGRESS_BATCH)
        gw_buf_add(buf, " rows");
    if (step->total > 0)
        gw_buf_addc(buf, ')');
    int64_t now = step->done - step->done_before;
    if (elapsed_ms < 500 || now <= 0)
        return;
    double rate = (double)now * 1000.0 / (double)elapsed_ms;
    gw_buf_add(buf, ", ");
    add_amount(buf, step->kind, rate);
    gw_buf_add(buf, step->kind == GW_PROGRESS_BATCH ? " rows/s" : "/s");
    int64_t left_ms = step->eta_ms;
    if (left_ms <= 0 && step->total > step->done)
        left_ms = (int64_t)((double)(step->total - step->done) * 1000.0 / rate);
    if (left_ms > 0 && step->total > 0) {
        gw_buf_add(buf, ", ");
        add_duration(buf, left_ms);
        gw_buf_add(buf, " left");
    }
}

void gw_progress_bar(gw_buf *buf, int64_t done, int64_t total, unsigned cells, bool utf8)
{
    int64_t full = total > 0 ? done * (int64_t)cells / total : 0;
    if (full > (int64_t)cells)
        full = (int64_t)cells;
    for (int64_t i = 0; i < (int64_t)cells; i++)
        gw_buf_add(buf, i < full ? utf8 ? "█" : "#" : utf8 ? "░" : "-");
}

static void label_of(char *out, size_t size, const gw_progress *p)
{
    const char *name = p->name && !(p->version && gw_version_is_file(p->version)) ? p->name : "";
    snprintf(out, size, "%s%s%s%s%s%s%s", p->tenant && *p->tenant ? p->tenant : "",
             p->tenant && *p->tenant ? ": " : "", p->service ? p->service : "",
             p->service && *p->service ? "/" : "", p->version ? p->version : "",
             *name && p->version && *p->version ? " " : "", name);
}

/* ---- the ticker ------------------------------------------------------------------------ */

static const active *shown(const gw_progress_view *view)
{
    if (view->running[view->latest].label[0])
        return &view->running[view->latest];
    for (size_t i = 0; i < ACTIVE; i++)
        if (view->running[i].label[0])
            return &view->running[i];
    return NULL;
}

static void live_line(gw_progress_view *view)
{
    const active *now = shown(view);
    if (!now) {
        gw_term_redraw(view->options.term, "");
        return;
    }
    static const char *const wheel[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"};
    static const char *const plain[] = {"|", "/", "-", "\\"};
    bool utf8 = gw_term_utf8(view->options.term);
    gw_arena *scratch = gw_arena_new();
    gw_buf buf = GW_BUF(scratch);
    unsigned frame = view->frame++;
    gw_buf_addf(&buf, "%s ", utf8 ? wheel[frame % 8] : plain[frame % 4]);
    if (view->planned > 0) {
        gw_progress_bar(&buf, view->finished, view->planned, 12, utf8);
        gw_buf_addf(&buf, " %" PRId64 "/%" PRId64 "  ", view->finished, view->planned);
    }
    gw_buf_addf(&buf, "%s%s", now->verb, now->verb[0] ? " " : "");
    gw_buf_add(&buf, now->label);
    int64_t us = gw_monotonic_us();
    gw_buf about = GW_BUF(scratch);
    gw_progress_describe(&about, &now->step, (us - now->step_us) / 1000);
    if (about.len > 0)
        gw_buf_addf(&buf, "  %s", gw_buf_str(&about));
    if (us - now->started_us > 1000000) {
        gw_buf_add(&buf, "  ");
        add_duration(&buf, (us - now->started_us) / 1000);
    }
    if (now->text[0])
        gw_buf_addf(&buf, "  %s", now->text);
    char *line = gw_text_safe(scratch, gw_buf_str(&buf));
    for (char *c = line; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    line[gw_text_clip(line, gw_term_columns(view->options.term) - 1)] = '\0';
    gw_term_redraw(view->options.term, line);
    gw_arena_free(scratch);
}

/* Not a terminal: one line for each migration that has been running for a while. */
static void long_lines(gw_progress_view *view)
{
    gw_arena *scratch = gw_arena_new();
    int64_t us = gw_monotonic_us();
    for (size_t i = 0; i < ACTIVE; i++) {
        const active *a = &view->running[i];
        if (!a->label[0] || us - a->started_us < (int64_t)LINE_TICK_MS * 900)
            continue;
        gw_buf buf = GW_BUF(scratch);
        gw_buf about = GW_BUF(scratch);
        gw_buf_addf(&buf, "%s %s: ",
                    a->verb[0] ? a->verb : a->revert ? "rolling back" : "applying", a->label);
        add_duration(&buf, (us - a->started_us) / 1000);
        gw_progress_describe(&about, &a->step, (us - a->step_us) / 1000);
        if (about.len > 0)
            gw_buf_addf(&buf, ", %s", gw_buf_str(&about));
        gw_buf_addc(&buf, '\n');
        gw_term_write(view->options.term, gw_text_safe(scratch, gw_buf_str(&buf)));
    }
    gw_arena_free(scratch);
}

static void *tick(void *arg)
{
    gw_progress_view *view = arg;
    bool live = gw_term_live(view->options.term);
    pthread_mutex_lock(&view->lock);
    while (!view->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (live ? LIVE_TICK_MS : LINE_TICK_MS) % 1000 * 1000000L;
        until.tv_sec += (live ? LIVE_TICK_MS : LINE_TICK_MS) / 1000 + until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&view->wake, &view->lock, &until);
        if (view->stopping)
            break;
        if (live)
            live_line(view);
        else
            long_lines(view);
    }
    pthread_mutex_unlock(&view->lock);
    return NULL;
}

static void start_ticker(gw_progress_view *view)
{
    if (view->ticking || view->stopping || view->options.quiet || view->options.as_log)
        return;
    view->ticking = pthread_create(&view->ticker, NULL, tick, view) == 0;
}

void gw_progress_view_stop(gw_progress_view *view)
{
    pthread_mutex_lock(&view->lock);
    bool join = view->ticking;
    view->stopping = true;
    view->ticking = false;
    if (view->sql_open && view->options.json)
        gw_json_close(view->options.json, ']');
    view->sql_open = false;
    pthread_cond_broadcast(&view->wake);
    pthread_mutex_unlock(&view->lock);
    if (join)
        pthread_join(view->ticker, NULL);
    gw_term_redraw(view->options.term, "");
}

static void destroy(void *arg)
{
    gw_progress_view *view = arg;
    gw_progress_view_stop(view);
    pthread_cond_destroy(&view->wake);
    pthread_mutex_destroy(&view->lock);
}

gw_progress_view *gw_progress_view_new(gw_arena *arena, const gw_progress_options *options)
{
    gw_progress_view *view = gw_alloc(arena, sizeof *view);
    view->options = *options;
    pthread_mutex_init(&view->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&view->wake, &attr);
    pthread_condattr_destroy(&attr);
    gw_arena_defer(arena, destroy, view);
    return view;
}

void gw_progress_view_as_log(gw_progress_view *view, gw_log *log)
{
    view->options.as_log = true;
    view->options.log = log;
}

/* ---- what comes in --------------------------------------------------------------------- */

static active *find_active(gw_progress_view *view, const char *label)
{
    for (size_t i = 0; i < ACTIVE; i++)
        if (strcmp(view->running[i].label, label) == 0) {
            view->latest = i;
            return &view->running[i];
        }
    return NULL;
}

static void line(gw_progress_view *view, gw_style style, const char *word, const char *rest)
{
    if (view->options.quiet)
        return;
    gw_arena *scratch = gw_arena_new();
    gw_buf buf = GW_BUF(scratch);
    gw_style_add(&buf, gw_term_color(view->options.term), style, word);
    gw_buf_addf(&buf, " %s\n", gw_text_safe(scratch, rest));
    gw_term_write(view->options.term, gw_buf_str(&buf));
    gw_arena_free(scratch);
}

static void see_start(gw_progress_view *view, const gw_progress *p, const char *label)
{
    active *free_slot = find_active(view, "");
    if (!free_slot)
        return;
    *free_slot = (active){.revert = p->revert, .started_us = gw_monotonic_us()};
    free_slot->step_us = free_slot->started_us;
    snprintf(free_slot->label, sizeof free_slot->label, "%s", label);
    snprintf(free_slot->verb, sizeof free_slot->verb, "%s", p->text ? p->text : "");
    start_ticker(view);
}

static void see_step(gw_progress_view *view, const gw_progress *p, const char *label)
{
    active *a = *label ? find_active(view, label) : NULL;
    if (!a)
        return;
    if (a->step.kind != p->kind || p->done < a->step.done)
        a->step_us = gw_monotonic_us();
    a->step = *p;
    a->text[0] = '\0';
    if (p->kind == GW_PROGRESS_STATEMENT && p->text)
        snprintf(a->text, sizeof a->text, "%s", p->text);
}

static void see_end(gw_progress_view *view, const gw_progress *p, const char *label)
{
    active *a = *label ? find_active(view, label) : NULL;
    if (a)
        a->label[0] = '\0';
    if (!shown(view))
        gw_term_redraw(view->options.term, "");
    if (a && a->verb[0])
        return; /* who asked for it says what came of it */
    gw_arena *scratch = gw_arena_new();
    if (p->kind == GW_PROGRESS_DONE) {
        view->finished++;
        line(view, GW_STYLE_GREEN, p->revert ? "rolled back" : "applied",
             gw_printf(scratch, "%s (%s)", label, gw_duration_human(scratch, p->duration_ms)));
    } else {
        line(view, GW_STYLE_RED, "failed", label);
    }
    gw_arena_free(scratch);
}

static void see_text(gw_progress_view *view, const gw_progress *p, const char *label)
{
    gw_arena *scratch = gw_arena_new();
    const char *text = p->text ? p->text : "";
    if (p->tenant && *p->tenant && p->kind != GW_PROGRESS_LOCK_RETRY)
        text = gw_printf(scratch, "%s: %s", p->tenant, text); /* several run at once */
    if (p->kind == GW_PROGRESS_WAITING) {
        line(view, GW_STYLE_YELLOW, "waiting:", text);
    } else if (p->kind == GW_PROGRESS_LOCK_RETRY) {
        line(view, GW_STYLE_YELLOW, "blocked:",
             gw_printf(scratch, "%s: attempt %" PRId64 " of %" PRId64 " was given up%s%s",
                       label, p->done, p->total, *text ? "; " : "", text));
    } else if (p->kind == GW_PROGRESS_NOTICE) {
        line(view, GW_STYLE_DIM, "notice:", text);
    } else {
        const char *rest = text;
        if (p->file && p->line > 0)
            rest = gw_printf(scratch, "%s (%s:%u)", text, p->file, p->line);
        else if (p->file)
            rest = gw_printf(scratch, "%s (%s)", text, p->file);
        line(view, GW_STYLE_YELLOW, "warning:", rest);
    }
    gw_arena_free(scratch);
}

/* A dry run prints what would be sent, as something that psql can read. */
static void see_sql(gw_progress_view *view, const gw_progress *p)
{
    const char *text = p->text ? p->text : "";
    gw_json *json = view->options.json;
    if (json) {
        if (!view->sql_open)
            gw_json_open(json, "sql", '[');
        view->sql_open = true;
        gw_json_string(json, NULL, text);
        return;
    }
    fputs(text, stdout);
    putchar('\n');
}

static void to_log(gw_progress_view *view, const gw_progress *p)
{
    static const char *const messages[] = {
        [GW_PROGRESS_WAITING] = "waiting",
        [GW_PROGRESS_START] = "migration started",
        [GW_PROGRESS_LOCK_RETRY] = "given up for others, trying again",
        [GW_PROGRESS_DONE] = "migration finished",
        [GW_PROGRESS_FAILED] = "migration failed",
        [GW_PROGRESS_WARNING] = "warning",
        [GW_PROGRESS_NOTICE] = "notice",
    };
    if (p->text && (p->kind == GW_PROGRESS_START || p->kind == GW_PROGRESS_DONE ||
                    p->kind == GW_PROGRESS_FAILED))
        return; /* no migration */
    if (!view->options.log || p->kind >= sizeof messages / sizeof *messages || !messages[p->kind])
        return;
    gw_log_level level = GW_LOG_WARNING;
    if (p->kind == GW_PROGRESS_FAILED)
        level = GW_LOG_ERROR;
    else if (p->kind == GW_PROGRESS_START || p->kind == GW_PROGRESS_DONE ||
             p->kind == GW_PROGRESS_NOTICE)
        level = GW_LOG_INFO;
    gw_log_write(view->options.log, level, view->options.span, messages[p->kind],
                 GW_FIELDS(GW_TEXT("direction", p->revert ? "down" : "up"),
                           GW_TEXT("tenant", p->tenant && *p->tenant ? p->tenant : NULL),
                           GW_TEXT("service", p->service), GW_TEXT("version", p->version),
                           GW_TEXT("name", p->name), GW_INT("duration_ms", p->duration_ms),
                           GW_TEXT("text", p->text)));
}

static void see(void *self, const gw_progress *p)
{
    gw_progress_view *view = self;
    if (p->kind == GW_PROGRESS_SQL) {
        see_sql(view, p);
        return;
    }
    to_log(view, p);
    if (view->options.as_log)
        return;
    char label[256];
    label_of(label, sizeof label, p);
    pthread_mutex_lock(&view->lock);
    switch (p->kind) {
    case GW_PROGRESS_PLAN:
        view->planned += p->total;
        break;
    case GW_PROGRESS_START:
        see_start(view, p, label);
        break;
    case GW_PROGRESS_STATEMENT:
    case GW_PROGRESS_COPY:
    case GW_PROGRESS_BATCH:
        see_step(view, p, label);
        break;
    case GW_PROGRESS_DONE:
    case GW_PROGRESS_FAILED:
        see_end(view, p, label);
        break;
    case GW_PROGRESS_WAITING:
    case GW_PROGRESS_LOCK_RETRY:
    case GW_PROGRESS_WARNING:
    case GW_PROGRESS_NOTICE:
        see_text(view, p, label);
        break;
    case GW_PROGRESS_SQL:
        break;
    }
    pthread_mutex_unlock(&view->lock);
}

gw_observer gw_progress_view_observer(gw_progress_view *view)
{
    return (gw_observer){.see = see, .self = view};
}
