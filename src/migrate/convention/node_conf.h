/* Settings of node-pg-migrate (JSON files in config/ beside a folder): what changes which files run or where they make
 * things is refused, never passed over. */
#ifndef GW_MIGRATE_CONVENTION_NODE_CONF_H
#define GW_MIGRATE_CONVENTION_NODE_CONF_H

#include "migrate/convention/convention.h"

bool gw_node_conf_check(gw_dir *dir, gw_err *err);

#endif
