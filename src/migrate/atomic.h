/* Before the first of several migrations in one transaction runs (gw_run_atomic). */
#ifndef GW_MIGRATE_ATOMIC_H
#define GW_MIGRATE_ATOMIC_H

#include "migrate/check.h"

/* May all of these run in one transaction? Else kind INPUT, with the file. */
bool gw_atomic_check(const gw_checked *checked, size_t count, gw_err *err);

#endif
