#include "cmd/commands.h"

static const gw_option options[] = {
    {.name = "service",
     .type = GW_OPTION_TEXT,
     .value = "S",
     .help = "the service whose folder it goes into, where there are several"},
    {.name = NULL},
};

static const gw_argument arguments[] = {
    {.name = "NAME", .help = "what the migration does, as in add_users_email", .required = true},
    {.name = NULL},
};

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char **paths = NULL;
    if (!gw_app_new(invocation->app, invocation->arena, gw_argument_text(invocation, 0),
                    gw_option_text(invocation, "service"), &paths, err))
        return false;
    gw_paths_show(invocation, paths);
    return true;
}

const gw_command gw_command_new = {
    .name = "new",
    .summary = "make the files of a new migration",
    .text = "Its version is the time now, in UTC, as YYYYMMDDHHMMSS; its form is that of the files "
            "in the folder. Prints the paths of the files. No database is needed.",
    .examples = "godwit new add_users_email\n$EDITOR $(godwit new add_users_email)",
    .options = options,
    .arguments = arguments,
    .flags = GW_COMMAND_PROJECT,
    .run = run,
};
