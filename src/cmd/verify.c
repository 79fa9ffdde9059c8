#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/report.h"

static void as_json(gw_json *json, const gw_verify_result *result)
{
    gw_json_int(json, "checked", (int64_t)result->checked);
    gw_json_open(json, "findings", '[');
    for (size_t i = 0; i < result->len; i++) {
        const gw_verify_finding *f = &result->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "kind", f->kind);
        if (f->tenant && *f->tenant)
            gw_json_string(json, "tenant", f->tenant);
        gw_json_string(json, "version", f->version);
        gw_json_string(json, "name", f->name);
        gw_json_string(json, "service", f->service);
        gw_json_string(json, "file", f->file);
        gw_json_string(json, "expected", f->expected);
        gw_json_string(json, "found", f->found);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

static const char *shortened(gw_arena *arena, const char *checksum)
{
    return checksum ? gw_strndup(arena, checksum, 12) : NULL;
}

static void as_text(gw_invocation *invocation, const gw_verify_result *result)
{
    static const char *const titles[] = {"FOUND",    "VERSION",  "NAME", "SERVICE", "TENANT",
                                         "RECORDED", "FILE HAS", "FILE", NULL};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, NULL);
    for (size_t i = 0; i < result->len; i++) {
        const gw_verify_finding *f = &result->items[i];
        gw_grid_add_styled(&grid, GW_STYLE_RED, f->kind);
        gw_grid_add(&grid, f->version);
        gw_grid_add(&grid, f->name);
        gw_grid_add(&grid, f->service);
        gw_grid_add(&grid, f->tenant);
        gw_grid_add(&grid, shortened(arena, f->expected));
        gw_grid_add(&grid, f->expected ? shortened(arena, f->found) : NULL);
        gw_grid_add(&grid, gw_path_from_here(f->file));
    }
    if (result->len > 0)
        gw_grid_print(&grid, stdout, invocation->color);
    gw_say(invocation, "%s checked, %s", gw_plural(arena, result->checked, "migration"),
           result->len ? gw_plural(arena, result->len, "finding") : "all as recorded");
    for (size_t i = 0; i < result->len; i++)
        if (strcmp(result->items[i].kind, "modified") == 0) {
            gw_say(invocation,
                   "put a changed file back as it was, or accept it with: godwit repair");
            return;
        }
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_verify_result result = {0};
    if (!gw_app_verify(invocation->app, invocation->arena, &result, err))
        return false;
    if (invocation->json)
        as_json(invocation->out, &result);
    else
        as_text(invocation, &result);
    if (result.len > 0)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

const gw_command gw_command_verify = {
    .name = "verify",
    .summary = "compare the files with what was applied",
    .text = "Compares the checksum of each applied file with the one in the history, and looks for "
            "files that are gone, failed or out of order. Line ends do not count: a checkout with "
            "CRLF is the same file. Exits 3 where it finds something; changes nothing.\n"
            "\n"
            "A file that was changed on purpose (a comment, say) is accepted with godwit repair. "
            "Otherwise take the file back to what it was, and write a new migration.",
    .examples = "godwit verify\ngodwit verify --json",
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
