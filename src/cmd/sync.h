/* The commands of sync, one file each. */
#ifndef GW_CMD_SYNC_H
#define GW_CMD_SYNC_H

#include "app/sync.h"
#include "cmd/commands.h"

extern const gw_command gw_command_sync_mapping;
extern const gw_command gw_command_sync_import;
extern const gw_command gw_command_sync_list;
extern const gw_command gw_command_sync_logs;
extern const gw_command gw_command_sync_rejects;
extern const gw_command gw_command_sync_status;
extern const gw_command gw_command_sync_verify;

#endif
