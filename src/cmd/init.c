#include "base/file.h"
#include "cmd/commands.h"

static const char *const templates[] = {"ledgerflow", "kembridge", "sita-minter", "xcm",
                                        "clinic", NULL};

static const gw_option options[] = {
    {.name = "from",
     .type = GW_OPTION_CHOICE,
     .value = "EXAMPLE",
     .help = "start from an example: ledgerflow, kembridge, sita-minter, xcm, clinic",
     .choices = templates},
    {.name = NULL},
};

void gw_paths_show(gw_invocation *invocation, const char **paths)
{
    if (invocation->json)
        gw_json_open(invocation->out, "files", '[');
    for (; paths && *paths; paths++) {
        if (invocation->json)
            gw_json_string(invocation->out, NULL, *paths);
        gw_say(invocation, "%s", gw_path_from_here(*paths));
    }
    if (invocation->json)
        gw_json_close(invocation->out, ']');
}

static bool run(gw_invocation *invocation, gw_err *err)
{
    const char *dir = gw_option_text(invocation, "chdir");
    const char **paths = NULL;
    if (!gw_app_init(invocation->arena, dir ? dir : ".", gw_option_text(invocation, "from"), &paths,
                     err))
        return false;
    gw_paths_show(invocation, paths);
    return true;
}

const gw_command gw_command_init = {
    .name = "init",
    .summary = "make godwit.yaml and a folder for migrations",
    .text = "The new project uses a private PostgreSQL server of its own (url: embedded) until "
            "godwit.yaml names another. Existing files are left alone.\n"
            "\n"
            "A folder of migrations that is there already (of dbmate, sqlx, golang-migrate, goose, "
            "Flyway and others) needs no init: with DATABASE_URL set, godwit status reads it as "
            "it is.",
    .examples = "godwit init\n"
                "godwit -C shop init --from ledgerflow\n"
                "godwit new create_users\n"
                "godwit up",
    .options = options,
    .run = run,
};
