#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/report.h"

static const gw_option options[] = {
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "print the plan and what it would cost, and change nothing"},
    GW_OPTION_RENAME,
    GW_OPTION_CONCURRENTLY,
    GW_OPTION_PROVE_ROWS,
    {.name = "no-owner", .type = GW_OPTION_FLAG, .help = "leave owners as they are"},
    {.name = "no-privileges", .type = GW_OPTION_FLAG, .help = "leave privileges as they are"},
    GW_OPTION_BACKUP,
    GW_OPTION_WAIT,
    GW_OPTION_ALLOW_DATA_LOSS,
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "SCHEMA",
     .help = "what the database should be: a .sql file, or a folder of them in any order",
     .required = true,
     .completes = GW_COMPLETES_FILE},
    {.name = NULL},
};

static void show_plan(gw_invocation *invocation, const gw_push *push)
{
    const gw_diff *diff = gw_push_diff(push);
    if (invocation->json)
        gw_diff_json(invocation->out, diff);
    else
        fputs(gw_diff_text(invocation->arena, diff), stdout);
    fflush(stdout);
    gw_losses_show(invocation, gw_push_losses(push));
    gw_warnings_show(invocation, &diff->warnings);
}

static bool apply(gw_invocation *invocation, gw_push *push, gw_err *err)
{
    gw_arena *arena = invocation->arena;
    size_t count = gw_push_diff(push)->statements.len;
    const char *what = gw_printf(arena, "%s on %s", gw_plural(arena, count, "statement"),
                                 gw_push_database(push));
    int64_t duration = 0;
    if (!gw_app_push_may(push, gw_flag(invocation, "allow-data-loss"), err) ||
        !gw_confirm(invocation, gw_printf(arena, "runs %s", what),
                    gw_printf(arena, "run %s", what), "nothing was changed", err) ||
        !gw_app_push_apply(push, gw_option_number(invocation, "wait", -1),
                           gw_flag(invocation, "backup"), &duration, err))
        return false;
    if (invocation->json) {
        gw_json_bool(invocation->out, "applied", true);
        gw_json_int(invocation->out, "duration_ms", duration);
    }
    gw_say(invocation, "-- %s applied to %s (%s)", gw_plural(arena, count, "statement"),
           gw_push_database(push), gw_duration_human(arena, duration));
    return true;
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_push *push = NULL;
    gw_push_options wanted = {.path = gw_argument_text(invocation, 0),
                              .concurrently = gw_flag(invocation, "concurrently"),
                              .no_owner = gw_flag(invocation, "no-owner"),
                              .no_privileges = gw_flag(invocation, "no-privileges"),
                              .prove_rows = gw_flag(invocation, "prove-rows")};
    wanted.renames = gw_option_texts(invocation, "rename", &wanted.rename_count);
    if (!gw_app_push_plan(invocation->app, invocation->arena, &wanted, &push, err))
        return false;
    const gw_diff *diff = gw_push_diff(push);
    show_plan(invocation, push);
    if (!diff->statements.len) {
        if (!diff->equal)
            return gw_err_set(err, GW_ERR_STATE,
                              "there are differences that no statement of Godwit's can mend");
        if (invocation->json)
            gw_json_bool(invocation->out, "applied", false);
        gw_say(invocation, "-- nothing to do: %s is what %s says", gw_push_database(push),
               wanted.path);
        return true;
    }
    if (!gw_flag(invocation, "dry-run"))
        return apply(invocation, push, err);
    if (invocation->json)
        gw_json_bool(invocation->out, "applied", false);
    gw_say(invocation, "-- dry run: nothing was changed");
    return true;
}

const gw_command gw_command_push = {
    .name = "push",
    .summary = "make the database equal to a declared schema",
    .text =
        "Plans what turns the environment's database into SCHEMA, proves the plan on a shadow "
        "database, shows it with what it would cost (rows of dropped tables, values of dropped or "
        "narrowed columns, counted in the database itself; after 10 s an estimate), asks, runs it "
        "and reads the result back.\n"
        "\n"
        "It runs in one transaction where PostgreSQL can do that. A plan of several parts "
        "(--concurrently, new values of an enum) that ends half-way goes on with the same command. "
        "Where rows or values would be lost it is refused (exit 5) without --allow-data-loss. "
        "Where somebody changed the schema between the plan and the run, nothing is run.\n"
        "\n"
        "Each push is in godwit history. Tables of other migration tools, and schema godwit, are "
        "left as they are.",
    .examples = "# what would happen?\n"
                "godwit push schema.sql --dry-run\n"
                "godwit push schema.sql\n"
                "godwit push schema/ --rename public.users.name=full_name --yes\n"
                "# on the protected environment prod, indexes without blocking writers\n"
                "godwit push schema.sql --env prod --protected prod --concurrently",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
