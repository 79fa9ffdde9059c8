/* Moving rows from another database. */
#include "cmd/sync.h"

#include <stdlib.h>

static const gw_command *const subcommands[] = {
    &gw_command_sync_mapping,
    &gw_command_sync_analyze,
    &gw_command_sync_detect,
    &gw_command_sync_run,
    &gw_command_sync_status,
    &gw_command_sync_list,
    &gw_command_sync_logs,
    &gw_command_sync_pause,
    &gw_command_sync_resume,
    &gw_command_sync_cancel,
    &gw_command_sync_worker,
    &gw_command_sync_verify,
    &gw_command_sync_rejects,
    &gw_command_sync_import,
    NULL,
};

const gw_command gw_command_sync = {
    .name = "sync",
    .summary = "move rows from another database into this one",
    .text = "The environment's database is the destination; `sync: { source: … }` in godwit.yaml, or "
            "GODWIT_SOURCE_URL, names the database that rows come from. Nothing is ever written to "
            "it.",
    .examples = "godwit sync mapping scaffold\ngodwit sync mapping check",
    .flags = GW_COMMAND_PROJECT,
    .subcommands = subcommands,
};

bool gw_max_deletes_option(const gw_invocation *invocation, double *out, gw_err *err)
{
    const char *text = gw_option_text(invocation, "max-deletes");
    char *end;
    *out = -1;
    if (!text)
        return true;
    *out = strtod(text, &end);
    bool read = end != text;
    if (*end == '%')
        end++;
    return (read && !*end && *out >= 0 && *out <= 100) ||
           gw_err_set(err, GW_ERR_USAGE, "--max-deletes takes percent, not \"%s\"", text);
}
