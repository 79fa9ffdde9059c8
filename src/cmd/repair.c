#include <stdio.h>

#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "only the migrations of this service"},
    {.name = "forget",
     .type = GW_OPTION_FLAG,
     .help = "a migration that stopped half-way: take it out of the history, so that the next up "
             "starts it from its first statement. Without VERSION also: forget the history although "
             "none of it has a file here"},
    {.name = "done",
     .type = GW_OPTION_FLAG,
     .help = "a migration that stopped half-way: it is complete, mark it as applied. Where statements "
             "of it never ran, it says which, and wants --yes"},
    {.name = "dry-run",
     .type = GW_OPTION_FLAG,
     .help = "say what would change, and change nothing"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "VERSION", .help = "only this migration; without it all that need it"},
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    gw_repair_options wanted = {
        .version = gw_argument_text(invocation, 0),
        .service = gw_option_text(invocation, "service"),
        .forget = gw_flag(invocation, "forget"),
        .done = gw_flag(invocation, "done"),
        .yes = gw_flag(invocation, "yes"),
        .dry_run = gw_flag(invocation, "dry-run"),
    };
    if (wanted.forget && wanted.done)
        return gw_err_set(err, GW_ERR_USAGE, "--forget and --done say two different things");
    gw_repair_result result = {0};
    if (!gw_app_repair(invocation->app, invocation->arena, &wanted, &result, err))
        return false;
    gw_json *json = invocation->out;
    if (invocation->json) {
        gw_json_open(json, "actions", '[');
        for (size_t i = 0; i < result.len; i++) {
            const gw_repair_action *a = &result.items[i];
            gw_json_open(json, NULL, '{');
            if (a->tenant && *a->tenant)
                gw_json_string(json, "tenant", a->tenant);
            gw_json_string(json, "version", a->version);
            gw_json_string(json, "service", a->service);
            gw_json_string(json, "action", a->what);
            gw_json_string(json, "repair", a->repair);
            gw_json_close(json, '}');
        }
        gw_json_close(json, ']');
        gw_json_bool(json, "dry_run", wanted.dry_run);
        return true;
    }
    for (size_t i = 0; i < result.len; i++) {
        const gw_repair_action *a = &result.items[i];
        gw_say(invocation, "%s%s%s%s%s: %s%s", a->tenant ? a->tenant : "",
               a->tenant && *a->tenant ? ": " : "", a->service ? a->service : "",
               a->service && *a->service ? "/" : "", a->version, a->what,
               wanted.dry_run ? " (dry run)" : "");
    }
    gw_say(invocation, "%s %s", gw_plural(invocation->arena, result.len, "row"),
           wanted.dry_run ? "would change" : "repaired");
    return true;
}

const gw_command gw_command_repair = {
    .name = "repair",
    .summary = "make the history agree with the files again",
    .text = "Takes the checksums of applied files as they are now, for files that were changed on "
            "purpose, gives applied ones the versions that their files were renamed to, and forgets "
            "those whose files are gone. It runs no migration. With "
            "compat: sqlx the table of sqlx follows, and what is wrong in it is put right.\n"
            "\n"
            "A migration outside a transaction whose last statement may or may not have run stops "
            "up until a person has looked. Look at the database, then say --done (all of it is "
            "there) or --forget (none of it is there any more). Statements behind it never ran, and "
            "--done leaves them out: it is refused until the file is cut off behind the last one "
            "that is done (the rest becomes a migration of its own), or --yes says that they were "
            "done by hand.",
    .examples = "# what would change?\n"
                "godwit repair --dry-run\n"
                "godwit repair\n"
                "# its index is there and valid\n"
                "godwit repair 20250901120000 --done",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT | GW_COMMAND_NEEDS_DB | GW_COMMAND_WRITES,
    .run = run,
};
