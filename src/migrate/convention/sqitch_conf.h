/*
 * sqitch.conf: where the plan and its scripts are, the engine, and the variables that psql fills in. Read
 * as Sqitch does, of the project alone: what a user or a machine has in a file of its own is not known here.
 */
#ifndef GW_MIGRATE_CONVENTION_SQITCH_CONF_H
#define GW_MIGRATE_CONVENTION_SQITCH_CONF_H

#include "migrate/convention/convention.h"

typedef struct gw_sqitch_settings {
    const char *plan, *top, *reworked, *extension; /* paths from the folder */
    const char *deploy, *revert, *verify;
    const char *reworked_deploy, *reworked_revert, *reworked_verify;
    const char *const *for_deploy, *const *for_revert, *const *for_verify; /* name, value, …, NULL; or NULL */
} gw_sqitch_settings;

bool gw_sqitch_settings_read(gw_dir *dir, gw_sqitch_settings *out, gw_err *err);

#endif
