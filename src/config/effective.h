/* One setting out of variable, file and default. Private to this folder. */
#ifndef GW_CONFIG_EFFECTIVE_H
#define GW_CONFIG_EFFECTIVE_H

#include "config/source.h"

typedef struct gw_setting_of {
    gw_arena *arena;
    const gw_config_source *source;
    gw_problems *problems;
} gw_setting_of;

/* From `variable` (NULL: there is none), else from the file. true: *out was written; false: it
 * was not, since nothing is given (the default in *out stays) or a problem was added. */
bool gw_setting_take(const gw_setting_of *of, gw_value_type type, const char *key,
                     const char *variable, gw_config_value raw, void *out);

#endif
