/* What the commands about backups share. */
#ifndef GW_CMD_BACKUPS_H
#define GW_CMD_BACKUPS_H

#include "app/backup.h"
#include "cmd/commands.h"

/* Those of `backups` that serve gives as well. */
extern const gw_command gw_command_backups_list, gw_command_backups_verify;

/* What was made, in two lines. */
void gw_backup_show(gw_invocation *invocation, const gw_backup_made *made);

/* "1.2 GB" */
char *gw_bytes_human(gw_arena *arena, int64_t bytes);

#endif
