/*
 * A tenant that is a schema: a file's names without a schema have to be made and found in it. The
 * server passes over what stands on a search_path and is gone, renamed or not to be used (no USAGE),
 * and such a file would run in `public` without a word. So each transaction asks at its beginning
 * (gw_sql_tx_open) and at its end, because any of that can happen meanwhile. What the file itself
 * makes of its search_path and role is its own affair. Private to this folder.
 */
#ifndef GW_MIGRATE_TENANT_H
#define GW_MIGRATE_TENANT_H

#include "migrate/internal.h"

enum { GW_TENANT_PARAMS = 3 };
/* Of gw_sql_schema_in_effect; false: there is no such tenant, and nothing to ask. */
bool gw_tenant_params(const gw_runner *r, gw_param params[GW_TENANT_PARAMS]);
/* Asked on the work session, in its transaction or outside. */
bool gw_tenant_holds(gw_runner *r, gw_err *err);

/* Where err is what those statements fail with, it becomes what a person can act upon. */
void gw_tenant_explain(gw_runner *r, gw_err *err);

#endif
