/* .gmrc of graphile-migrate: what changes what its files do is followed or refused, never passed over. */
#ifndef GW_MIGRATE_CONVENTION_GRAPHILE_CONF_H
#define GW_MIGRATE_CONVENTION_GRAPHILE_CONF_H

#include "migrate/convention/convention.h"

/* *variables: the placeholders, without their colon, and DATABASE_OWNER: name, value, …, NULL; or NULL. */
bool gw_graphile_conf_read(gw_dir *dir, const char *const **variables, gw_err *err);

#endif
