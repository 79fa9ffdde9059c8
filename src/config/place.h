/* Where in godwit.yaml a database is named, for errors about it. */
#ifndef GW_CONFIG_PLACE_H
#define GW_CONFIG_PLACE_H

#include "config/config.h"

typedef struct gw_config_place {
    const char *file; /* NULL: the file does not name it */
    unsigned line, col;
} gw_config_place;

/* The url (`direct`: direct_url) of the environment, where it is the file's own. */
gw_config_place gw_config_url_place(const gw_config *config, const gw_environment *environment, bool direct);
/* The database of that name in for_each. */
gw_config_place gw_config_tenant_place(const gw_config *config, const gw_environment *environment,
                                       const char *database);

/* Someone gave a pattern where for_each: databases has names: the hint for that; NULL: NAME is none. */
const char *gw_config_pattern_hint(gw_arena *arena, const char *name);

#endif
