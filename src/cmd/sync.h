/* The commands of sync, one file each. */
#ifndef GW_CMD_SYNC_H
#define GW_CMD_SYNC_H

#include "app/sync.h"
#include "cmd/commands.h"

extern const gw_command gw_command_sync_mapping;
extern const gw_command gw_command_sync_import;

#endif
