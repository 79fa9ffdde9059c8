/* The commands of sync, one file each. */
#ifndef GW_CMD_SYNC_H
#define GW_CMD_SYNC_H

#include "app/sync.h"
#include "cmd/commands.h"

extern const gw_command gw_command_sync_mapping;
extern const gw_command gw_command_sync_analyze;
extern const gw_command gw_command_sync_detect;
extern const gw_command gw_command_sync_import;
extern const gw_command gw_command_sync_list;
extern const gw_command gw_command_sync_logs;
extern const gw_command gw_command_sync_rejects;
extern const gw_command gw_command_sync_status;
extern const gw_command gw_command_sync_verify;
extern const gw_command gw_command_sync_run;
extern const gw_command gw_command_sync_pause;
extern const gw_command gw_command_sync_resume;
extern const gw_command gw_command_sync_worker;
extern const gw_command gw_command_sync_cancel;

#define GW_OPTION_SESSION                                                                          \
    {.name = "session",                                                                            \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "ID",                                                                                \
     .help = "this session; without it, the one that has not ended"}

#define GW_OPTION_MAX_DELETES                                                                      \
    {.name = "max-deletes",                                                                        \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "PERCENT",                                                                           \
     .help = "refuse where more of an entity's rows are gone (10); exit 5"}

/* Of that option; -1: it is not given. */
bool gw_max_deletes_option(const gw_invocation *invocation, double *out, gw_err *err);

#endif
