/* sync rejects: the quarantine. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/sync_rejects.h"
#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/report.h"
#include "cmd/sync.h"
#include "sync/overview.h"

enum { SHOWN = 200, ALL_OF_THEM = 1000000, WIDTH = 60 };

static void show_json(gw_json *json, const gw_rejects *found)
{
    gw_json_int(json, "total", found->total);
    gw_json_open(json, "rejects", '[');
    for (size_t i = 0; i < found->len; i++) {
        const gw_reject *r = &found->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "entity", r->entity);
        gw_json_string(json, "key", r->key);
        gw_json_string(json, "kind", r->kind);
        gw_json_string(json, "action", r->action);
        gw_json_string(json, "rule", r->rule);
        gw_json_string(json, "field", r->field);
        gw_json_string(json, "message", r->message);
        gw_json_string(json, "sqlstate", r->sqlstate);
        gw_json_string(json, "where", r->place);
        gw_json_raw(json, "source_row", r->source_row);
        gw_json_string(json, "run", r->run);
        gw_json_int(json, "attempts", r->attempts);
        gw_json_time(json, "first_seen", r->first_seen);
        gw_json_time(json, "last_seen", r->last_seen);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *message_of(gw_arena *arena, const gw_reject *r)
{
    const char *place = r->place ? gw_printf(arena, " (%s)", r->place) : "";
    char *text = gw_text_safe(arena, gw_printf(arena, "%s%s", r->message, place));
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return text;
}

static void show_text(gw_invocation *invocation, const gw_rejects *found)
{
    static const char *const titles[] = {"ENTITY", "KEY",      "KIND", "FIELD", "ATTEMPTS",
                                         "FIRST SEEN", "LAST SEEN", "MESSAGE", NULL};
    static const bool right[] = {false, false, false, false, true, false, false, false};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, right);
    for (size_t i = 0; i < found->len; i++) {
        const gw_reject *r = &found->items[i];
        char *key = gw_text_safe(arena, r->key);
        key[gw_text_clip(key, WIDTH)] = '\0';
        gw_grid_add(&grid, gw_text_safe(arena, r->entity));
        gw_grid_add(&grid, key);
        gw_grid_add(&grid, r->rule ? gw_printf(arena, "%s %s", r->kind, r->rule) : r->kind);
        gw_grid_add(&grid, r->field ? gw_text_safe(arena, r->field) : NULL);
        gw_grid_add(&grid, gw_printf(arena, "%" PRId64, r->attempts));
        gw_grid_add(&grid, gw_time_rfc3339(arena, r->first_seen / 1000000 * 1000000));
        gw_grid_add(&grid, gw_time_rfc3339(arena, r->last_seen / 1000000 * 1000000));
        gw_grid_add(&grid, message_of(arena, r));
    }
    if (found->len)
        gw_grid_print(&grid, stdout, invocation->color);
    if (found->total > (int64_t)found->len)
        gw_say(invocation, "… and %" PRId64 " more (--limit N, or --json, shows them)",
               found->total - (int64_t)found->len);
    if (!found->total)
        gw_say(invocation, "nothing was rejected");
}

static void retried(gw_invocation *invocation, const gw_retried_entity *items, size_t count)
{
    for (size_t i = 0; i < count && !invocation->json; i++) {
        const gw_retried *c = &items[i].counts;
        gw_say(invocation,
               "%s: %s tried again, %" PRId64 " passed, %" PRId64 " gone in the source, %" PRId64
               " rejected once more",
               items[i].entity, gw_plural(invocation->arena, (size_t)c->tried, "row"), c->passed,
               c->gone, c->rejected);
    }
    if (!invocation->json)
        return;
    gw_json_open(invocation->out, "retried", '[');
    for (size_t i = 0; i < count; i++) {
        gw_json_open(invocation->out, NULL, '{');
        gw_json_string(invocation->out, "entity", items[i].entity);
        gw_json_int(invocation->out, "tried", items[i].counts.tried);
        gw_json_int(invocation->out, "passed", items[i].counts.passed);
        gw_json_int(invocation->out, "gone", items[i].counts.gone);
        gw_json_int(invocation->out, "rejected", items[i].counts.rejected);
        gw_json_int(invocation->out, "left", items[i].counts.left);
        gw_json_close(invocation->out, '}');
    }
    gw_json_close(invocation->out, ']');
}

static bool retry(gw_invocation *invocation, gw_err *err)
{
    gw_retried_entity *items;
    size_t count;
    double max_deletes;
    if (!gw_max_deletes_option(invocation, &max_deletes, err) ||
        !gw_app_sync_retry(invocation->app, invocation->arena, gw_argument_text(invocation, 0),
                           max_deletes, &items, &count, err))
        return false;
    retried(invocation, items, count);
    for (size_t i = 0; i < count; i++)
        if (items[i].counts.rejected)
            invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_session *session;
    gw_rejects found;
    if (gw_flag(invocation, "retry") && !retry(invocation, err))
        return false;
    if (!gw_app_sync_destination(invocation->app, invocation->arena, &session, err) ||
        !gw_rejects_read(session, invocation->arena, gw_argument_text(invocation, 0),
                         gw_option_number(invocation, "limit",
                                          invocation->json ? ALL_OF_THEM : SHOWN),
                         &found, err))
        return false;
    if (invocation->json)
        show_json(invocation->out, &found);
    else
        show_text(invocation, &found);
    return true;
}

static const gw_option options[] = {
    {.name = "retry",
     .type = GW_OPTION_FLAG,
     .help = "try just these rows again first: 3 where some are rejected once more"},
    GW_OPTION_MAX_DELETES,
    {.name = "limit",
     .type = GW_OPTION_COUNT,
     .value = "N",
     .help = "show at most N rows (200; all with --json)"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "ENTITY", .help = "only of this one"},
    {.name = NULL},
};

const gw_command gw_command_sync_rejects = {
    .name = "rejects",
    .summary = "show the rows that were rejected",
    .text = "The quarantine: each row with its key, what rejected it (a rule, a function, the "
            "destination, a reference that leads nowhere, a row that somebody changed in the "
            "destination), since when and how often. A row leaves it with the run in which it "
            "passes. Values that the mapping calls sensitive are masked.\n"
            "\n"
            "Every run tries them again beside whatever else has changed. --retry tries them and "
            "nothing else, once the mapping, a rule or the destination was put right. A rejected row "
            "that the source no longer has is deleted, as in a run: no more of them than "
            "--max-deletes allows.",
    .examples = "godwit sync rejects\ngodwit sync rejects patients --json\n"
                "godwit sync rejects patients --retry",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
