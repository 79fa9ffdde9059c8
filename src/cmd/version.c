#include <libpq-fe.h>

#include "base/build.h"
#include "cmd/commands.h"

static bool run(gw_invocation *invocation, gw_err *err)
{
    (void)err;
    int libpq = PQlibVersion();
    if (invocation->json) {
        gw_json_string(invocation->out, "version", GW_VERSION);
        gw_json_string(invocation->out, "libpq",
                       gw_printf(invocation->arena, "%d.%d", libpq / 10000, libpq % 10000));
        return true;
    }
    gw_say(invocation, "godwit %s (libpq %d.%d)", GW_VERSION, libpq / 10000, libpq % 10000);
    return true;
}

const gw_command gw_command_version = {
    .name = "version",
    .summary = "print the versions of Godwit and of libpq",
    .examples = "godwit version --json",
    .flags = GW_COMMAND_QUIET_LOG,
    .run = run,
};
