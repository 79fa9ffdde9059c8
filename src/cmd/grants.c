/* grants: roles and their rights as godwit.yaml declares them. */
#include "app/grants.h"

#include "cmd/commands.h"
#include "cmd/report.h"

static void show_json(gw_json *json, const gw_grants_result *result, bool equal)
{
    gw_json_string(json, "database", result->database);
    gw_json_bool(json, "equal", equal);
    gw_json_open(json, "sql", '[');
    for (size_t i = 0; i < result->diff.len; i++)
        gw_json_string(json, NULL, result->diff.items[i].sql);
    gw_json_close(json, ']');
    gw_json_open(json, "notes", '[');
    for (size_t i = 0; i < result->diff.notes.len; i++)
        gw_json_string(json, NULL, result->diff.notes.items[i]);
    gw_json_close(json, ']');
}

static void show(gw_invocation *invocation, const gw_grants_result *result)
{
    gw_arena *arena = invocation->arena;
    const gw_grants_diff *diff = &result->diff;
    for (size_t i = 0; i < diff->len; i++)
        gw_say(invocation, "%s;", gw_text_safe(arena, diff->items[i].sql));
    for (size_t i = 0; i < diff->notes.len; i++)
        gw_say(invocation, "-- %s", gw_text_safe(arena, diff->notes.items[i]));
}

static bool apply(gw_invocation *invocation, const gw_grants_result *plan, gw_err *err)
{
    gw_arena *arena = invocation->arena;
    gw_grants_result done;
    const char *what = gw_printf(arena, "%s on %s", gw_plural(arena, plan->diff.len, "statement"),
                                 plan->database);
    if (!gw_confirm(invocation, gw_printf(arena, "runs %s", what), gw_printf(arena, "run %s", what),
                    "nothing was changed", err) ||
        !gw_app_grants_apply(invocation->app, arena, gw_option_number(invocation, "wait", -1),
                             &done, err))
        return false;
    if (invocation->json) {
        show_json(invocation->out, &done, true);
        gw_json_bool(invocation->out, "applied", true);
    }
    gw_say(invocation, "-- %s applied to %s", gw_plural(arena, done.diff.len, "statement"),
           done.database);
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_grants_result plan;
    bool check = gw_flag(invocation, "check"), wanted = gw_flag(invocation, "apply");
    if (check && wanted)
        return gw_err_set(err, GW_ERR_USAGE, "--check and --apply do not go together");
    if ((wanted && !gw_app_may_write(invocation->app, err)) ||
        !gw_app_grants(invocation->app, invocation->arena, &plan, err))
        return false;
    show(invocation, &plan);
    if (wanted && plan.diff.len)
        return apply(invocation, &plan, err);
    if (invocation->json) {
        show_json(invocation->out, &plan, !plan.diff.len);
        gw_json_bool(invocation->out, "applied", false);
    }
    if (!plan.diff.len)
        gw_say(invocation, "-- nothing to do: the roles of %s are as declared", plan.database);
    if (check && plan.diff.len)
        invocation->exit_code = GW_EXIT_CHECK;
    return true;
}

static const gw_option options[] = {
    {.name = "apply", .type = GW_OPTION_FLAG, .help = "run the statements, after asking (--yes)"},
    {.name = "check", .type = GW_OPTION_FLAG, .help = "exit 3 where roles are not as declared"},
    GW_OPTION_WAIT,
    {.name = NULL},
};

const gw_command gw_command_grants = {
    .name = "grants",
    .summary = "make roles and their rights what godwit.yaml declares",
    .text =
        "Compares grants: of godwit.yaml with the database: roles, their limits and timeouts, who "
        "owns what, rights on the database, schemas, tables, columns, sequences and functions, and "
        "those that come with future objects. Prints the statements that are missing, and changes "
        "nothing without --apply.\n"
        "\n"
        "--apply runs them in one transaction, under the run lock, looks again before it commits, "
        "and leaves an event in the history. Roles can be made by a superuser or a role with "
        "CREATEROLE only. No role is dropped, no password is set.",
    .examples = "godwit grants\n"
                "# in CI: exit 3 where a right has been given by hand\n"
                "godwit grants --check --env prod\n"
                "godwit grants --apply --yes --url \"$ADMIN_URL\"",
    .options = options,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB,
    .run = run,
};
