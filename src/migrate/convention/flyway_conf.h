/*
 * Flyway's own configuration beside a folder: flyway.conf, flyway.toml. Godwit's is godwit.yaml; what
 * changes which files there are, what their text means or where it takes effect is followed or
 * refused, never passed over.
 */
#ifndef GW_MIGRATE_CONVENTION_FLYWAY_CONF_H
#define GW_MIGRATE_CONVENTION_FLYWAY_CONF_H

#include "migrate/convention/convention.h"

typedef struct gw_flyway_conf {
    bool no_transaction;   /* executeInTransaction=false */
    bool no_placeholders;  /* placeholderReplacement=false */
} gw_flyway_conf;

bool gw_flyway_conf_read(gw_dir *dir, gw_flyway_conf *out, gw_err *err);

#endif
