/* A value that is not written down: from a file or from a command. Private to this folder. */
#ifndef GW_CONFIG_SECRET_H
#define GW_CONFIG_SECRET_H

#include "config/effective.h"

/* What is being read, for messages: "url" of `environment "dev"`. */
typedef struct gw_secret_of {
    const gw_setting_of *of;
    const gw_config *config;
    const char *key;   /* "url": then its keys are url_file and url_command */
    const char *where; /* ` of environment "dev"`, or "" */
} gw_secret_of;

/* The first line. false: *err is set. *out is NULL where a problem was added instead. */
bool gw_secret_from_file(const gw_secret_of *secret, gw_config_value place, const char **out,
                         gw_err *err);
bool gw_secret_from_command(const gw_secret_of *secret, const gw_yaml *command, const char **out,
                            gw_err *err);

#endif
