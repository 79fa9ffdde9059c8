/*
 * `grants:` of godwit.yaml: the roles of a database, what each is for, and what it may do there. A
 * declaration only; care/grants.h makes statements of it.
 */
#ifndef GW_CONFIG_GRANTS_H
#define GW_CONFIG_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct gw_setting_of;
struct gw_yaml_entry;

typedef enum gw_role_kind {
    GW_ROLE_OWNER,
    GW_ROLE_MIGRATOR,
    GW_ROLE_APPLICATION,
    GW_ROLE_READ_ONLY,
} gw_role_kind;

typedef GW_VEC(const char *) gw_grant_names;

/* One privilege on a table: on all of it, or on some of its columns. */
typedef struct gw_grant_right {
    const char *privilege; /* "SELECT" */
    gw_grant_names columns; /* none: the table */
} gw_grant_right;

/* A table where a role may do something else than its kind says. */
typedef struct gw_grant_table {
    const char *table; /* "schema.name", as it is or quoted */
    GW_VEC(gw_grant_right) rights;
} gw_grant_table;

typedef struct gw_grant_setting {
    const char *name; /* of PostgreSQL: "statement_timeout" */
    int64_t ms;
} gw_grant_setting;

typedef struct gw_grant_role {
    const char *name;
    gw_role_kind kind;
    bool login;
    int64_t connection_limit; /* -1: not said */
    GW_VEC(gw_grant_setting) settings;
    gw_grant_names schemas;   /* where it may work */
    GW_VEC(gw_grant_table) tables;
} gw_grant_role;

typedef struct gw_grants {
    GW_VEC(gw_grant_role) roles; /* none: there is no `grants:` */
    gw_grant_names closed;       /* database, schemas, tables, functions: nothing there for PUBLIC */
} gw_grants;

/* "read-only" */
const char *gw_role_kind_name(gw_role_kind kind);

/* What is wrong goes to the problems of `of`. */
void gw_config_take_grants(const struct gw_setting_of *of, const struct gw_yaml_entry *entry,
                           gw_grants *out);

#endif
