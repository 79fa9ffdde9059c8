/* What up, down, redo and baseline have in common: their options, and how a run is shown. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/report.h"

char *gw_plural(gw_arena *arena, size_t count, const char *one)
{
    return gw_printf(arena, "%zu %s%s", count, one, count == 1 ? "" : "s");
}

void gw_say(gw_invocation *invocation, const char *format, ...)
{
    if (invocation->json)
        return;
    va_list args;
    va_start(args, format);
    char *text = gw_vprintf(invocation->arena, format, args);
    va_end(args);
    fputs(gw_text_safe(invocation->arena, text), stdout);
    fputc('\n', stdout);
}

static void item(gw_json *json, const gw_run_item *it)
{
    gw_json_open(json, NULL, '{');
    gw_json_string(json, "version", it->version);
    gw_json_string(json, "name", it->name);
    gw_json_string(json, "service", it->service);
    gw_json_int_or_null(json, "duration_ms", it->duration_ms);
    gw_json_close(json, '}');
}

/* One entry a tenant: what was done for it, and what went wrong. */
static void tenants(gw_invocation *invocation, const gw_run_result *result, const char *list)
{
    gw_json *json = invocation->out;
    bool *seen = gw_alloc_array(invocation->arena, result->len, sizeof *seen);
    gw_json_open(json, "tenants", '[');
    for (size_t i = 0; i < result->len; i++) {
        if (seen[i])
            continue;
        const char *name = result->items[i].tenant;
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tenant", name);
        gw_json_open(json, list, '[');
        for (size_t j = i; j < result->len; j++)
            if (strcmp(result->items[j].tenant, name) == 0) {
                seen[j] = true;
                item(json, &result->items[j]);
            }
        gw_json_close(json, ']');
        const gw_err *error = NULL;
        for (size_t j = 0; j < result->failure_count; j++)
            if (strcmp(result->failures[j].tenant, name) == 0)
                error = &result->failures[j].error;
        if (error)
            gw_report_json(json, "error", error);
        else
            gw_json_null(json, "error");
        gw_json_close(json, '}');
    }
    for (size_t j = 0; j < result->failure_count; j++) {
        bool listed = false;
        for (size_t i = 0; i < result->len; i++)
            listed = listed || strcmp(result->items[i].tenant, result->failures[j].tenant) == 0;
        if (listed)
            continue;
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "tenant", result->failures[j].tenant);
        gw_json_open(json, list, '[');
        gw_json_close(json, ']');
        gw_report_json(json, "error", &result->failures[j].error);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

void gw_warning_json(gw_json *json, const char *warning)
{
    if (!warning)
        return;
    gw_json_open(json, "warnings", '[');
    gw_json_string(json, NULL, warning);
    gw_json_close(json, ']');
}

static void as_json(gw_invocation *invocation, const gw_run_result *result, const char *list,
                    bool dry_run)
{
    gw_json *json = invocation->out;
    gw_progress_view_stop(invocation->progress);
    gw_json_open(json, list, '[');
    for (size_t i = 0; i < result->len; i++)
        item(json, &result->items[i]);
    gw_json_close(json, ']');
    gw_json_int(json, "pending", (int64_t)result->pending);
    if (dry_run)
        gw_json_bool(json, "dry_run", true);
    if (result->tenants > 0)
        tenants(invocation, result, list);
    gw_warning_json(json, result->unmatched);
}

static void failures(gw_invocation *invocation, const gw_run_result *result)
{
    bool color = gw_term_color(invocation->term);
    const char *dir = gw_app_config(invocation->app)->project_dir;
    for (size_t i = 0; i < result->failure_count; i++) {
        gw_buf buf = GW_BUF(invocation->arena);
        gw_style_add(&buf, color, GW_STYLE_RED,
                     gw_printf(invocation->arena, "tenant %s failed\n",
                               gw_text_safe(invocation->arena, result->failures[i].tenant)));
        gw_report_text(&buf, &result->failures[i].error, dir, color);
        gw_term_write(invocation->term, gw_buf_str(&buf));
    }
}

void gw_run_show(gw_invocation *invocation, const gw_run_result *result, const gw_run_words *words)
{
    gw_progress_view_stop(invocation->progress);
    if (invocation->json) {
        as_json(invocation, result, words->list, words->dry_run);
        if (words->dry_run)
            gw_losses_show(invocation, &result->losses);
        return;
    }
    failures(invocation, result);
    if (words->failed && result->len + result->tenants == 0)
        return;
    if (words->dry_run) {
        /* stdout is SQL: what is said beside it is a comment of SQL */
        gw_losses_show(invocation, &result->losses);
        gw_say(invocation, "-- dry run: %s would be %s; nothing was changed",
               gw_plural(invocation->arena, result->len, "migration"), words->verb);
        return;
    }
    gw_buf text = GW_BUF(invocation->arena);
    if (result->len == 0)
        gw_buf_addf(&text, "%s%s", words->none,
                    result->others ? " any more: another run has done it meanwhile" : "");
    else
        gw_buf_addf(&text, "%s %s", gw_plural(invocation->arena, result->len, "migration"),
                    words->verb);
    if (result->pending > 0)
        gw_buf_addf(&text, ", %zu pending", result->pending);
    if (result->tenants > 0)
        gw_buf_addf(&text, ", %s, %zu failed",
                    gw_plural(invocation->arena, result->tenants, "tenant"), result->failure_count);
    gw_say(invocation, "%s", gw_buf_str(&text));
}

gw_run_options gw_run_wanted(const gw_invocation *invocation)
{
    return (gw_run_options){
        .to = gw_option_text(invocation, "to"),
        .steps = gw_option_number(invocation, "steps", 0),
        .service = gw_option_text(invocation, "service"),
        .out_of_order = gw_flag(invocation, "out-of-order"),
        .dry_run = gw_flag(invocation, "dry-run"),
        .atomic = gw_flag(invocation, "atomic"),
        .allow_data_loss = gw_flag(invocation, "allow-data-loss"),
        .backup = gw_flag(invocation, "backup"),
        .wait_ms = gw_option_number(invocation, "wait", -1),
    };
}

bool gw_run_and_show(gw_invocation *invocation, gw_run_fn *function, const gw_run_options *wanted,
                     gw_run_words words, gw_err *err)
{
    gw_run_result result = {0};
    bool ok = function(invocation->app, invocation->arena, wanted, &result, err);
    words.dry_run = wanted->dry_run;
    words.failed = !ok;
    if (ok || result.len + result.pending + result.failure_count > 0)
        gw_run_show(invocation, &result, &words);
    return ok;
}
