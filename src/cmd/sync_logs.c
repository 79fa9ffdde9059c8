/* sync logs: what sessions have written down. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "cmd/report.h"
#include "cmd/sync.h"
#include "cmd/sync_show.h"

enum {
    DEFAULT_LIMIT = 200,
    LOOK_MS = 500,
    AT_ONCE = 10000,
    /* A line bears the time when it was written, and is there when its batch commits. */
    LATE_US = 120 * 1000000,
};

typedef struct seen_line {
    char id[37];
    int64_t at;
} seen_line;

typedef struct following {
    gw_invocation *invocation;
    gw_session *session;
    gw_log_wanted wanted;
    gw_arena *arena; /* of the ids */
    GW_VEC(seen_line) seen; /* of the last while */
    int64_t newest;
} following;

static void line_json(gw_json *json, const gw_log_line *line)
{
    gw_json_open(json, NULL, '{');
    gw_json_time(json, "at", line->at);
    gw_json_string(json, "level", line->level);
    gw_json_string(json, "session", line->session);
    gw_json_string(json, "entity", *line->entity ? line->entity : NULL);
    gw_json_string(json, "operation", line->operation);
    gw_json_string(json, "record", line->record);
    gw_json_string(json, "message", line->message);
    gw_json_raw(json, "error", line->error);
    gw_json_raw(json, "performance", line->performance);
    gw_json_raw(json, "context", line->context);
    gw_json_close(json, '}');
}

static void line_text(gw_invocation *invocation, gw_arena *arena, const gw_log_line *line)
{
    gw_buf head = GW_BUF(arena), tail = GW_BUF(arena);
    bool grave = strcmp(line->level, "error") == 0 || strcmp(line->level, "warn") == 0;
    gw_buf_addf(&head, "%s ", gw_time_rfc3339(arena, line->at / 1000 * 1000));
    gw_style_add(&head, invocation->color && grave,
                 *line->level == 'e' ? GW_STYLE_RED : GW_STYLE_YELLOW,
                 gw_printf(arena, "%-5s", line->level));
    if (*line->entity)
        gw_buf_addf(&tail, " %s", line->entity);
    gw_buf_addf(&tail, " %s", line->operation);
    if (line->record)
        gw_buf_addf(&tail, " %s", line->record);
    gw_buf_addf(&tail, ": %s", line->message);
    if (line->error) {
        const char *message = gw_error_message(arena, line->error);
        if (!strstr(line->message, message))
            gw_buf_addf(&tail, ": %s", message);
    }
    char *text = gw_text_safe(arena, gw_buf_str(&tail));
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = ' ';
    printf("%s%s\n", gw_buf_str(&head), text);
}

static bool told_before(following *f, const gw_log_line *line)
{
    for (size_t i = f->seen.len; i > 0; i--)
        if (strcmp(f->seen.items[i - 1].id, line->id) == 0)
            return true;
    seen_line *one = gw_vec_push(f->arena, &f->seen);
    snprintf(one->id, sizeof one->id, "%s", line->id);
    one->at = line->at;
    return false;
}

/* Ids that can no longer come a second time. */
static void forget_old(following *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->seen.len; i++)
        if (f->seen.items[i].at >= f->newest - LATE_US)
            f->seen.items[kept++] = f->seen.items[i];
    f->seen.len = kept;
}

static bool look(following *f, bool follow, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_log_lines lines;
    bool ok = gw_log_lines_read(f->session, arena, &f->wanted, &lines, err);
    for (size_t i = 0; ok && i < lines.len; i++) {
        const gw_log_line *line = &lines.items[i];
        if (follow && told_before(f, line))
            continue;
        if (f->newest == GW_NULL_INT || line->at > f->newest)
            f->newest = line->at;
        if (!f->invocation->json) {
            line_text(f->invocation, arena, line);
        } else if (follow) {
            gw_json json = gw_json_start(arena, stdout);
            line_json(&json, line);
            gw_json_line(&json);
        } else {
            line_json(f->invocation->out, line);
        }
    }
    fflush(stdout);
    gw_arena_free(arena);
    if (f->newest != GW_NULL_INT) {
        f->wanted.since = f->newest - LATE_US;
        f->wanted.limit = AT_ONCE;
        forget_old(f);
    }
    return ok;
}

static bool whole_id(following *f, const char *id, gw_err *err)
{
    gw_session_view view;
    if (!id)
        return true;
    if (!gw_session_one(f->session, f->invocation->arena, id, &view, err))
        return false;
    f->wanted.session = view.id;
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    bool follow = gw_flag(invocation, "follow");
    following f = {.invocation = invocation, .arena = invocation->arena, .newest = GW_NULL_INT};
    f.wanted = (gw_log_wanted){.entity = gw_option_text(invocation, "entity"),
                               .level = gw_option_text(invocation, "level"),
                               .since = GW_NULL_INT,
                               .limit = gw_option_number(invocation, "limit", DEFAULT_LIMIT)};
    if (!gw_app_sync_destination(invocation->app, invocation->arena, &f.session, err) ||
        !whole_id(&f, gw_option_text(invocation, "session"), err))
        return false;
    if (invocation->json && !follow)
        gw_json_open(invocation->out, "lines", '[');
    bool ok = look(&f, follow, err);
    if (invocation->json && !follow)
        gw_json_close(invocation->out, ']');
    while (ok && follow) {
        if (!gw_sleep_ms(LOOK_MS, invocation->cancel)) {
            invocation->exit_code = GW_EXIT_INTERRUPTED;
            break;
        }
        ok = look(&f, true, err);
    }
    return ok;
}

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const gw_option options[] = {
    {.name = "level",
     .type = GW_OPTION_CHOICE,
     .value = "LEVEL",
     .help = "this and what is graver: error, warn, info or debug (info)",
     .choices = levels},
    {.name = "entity", .type = GW_OPTION_TEXT, .value = "NAME", .help = "only of this entity"},
    {.name = "session",
     .type = GW_OPTION_TEXT,
     .value = "ID",
     .help = "only of this session, or of the one whose id begins so"},
    {.name = "limit",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "at most the newest N lines (200)"},
    {.name = "follow",
     .type = GW_OPTION_FLAG,
     .help = "and what comes from now on, until stopped; one document a line with --json"},
    {.name = NULL},
};

const gw_command gw_command_sync_logs = {
    .name = "logs",
    .summary = "show what migrations of rows have written down",
    .text = "Lines of godwit.migration_execution_logs, the oldest first: what was analysed, each "
            "batch with its figures, checkpoints, errors.",
    .examples = "godwit sync logs\ngodwit sync logs --level warn --entity patients\n"
                "godwit sync logs --follow --json",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
