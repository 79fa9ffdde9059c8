/* What a connection string says. */
#ifndef GW_PG_CONNINFO_H
#define GW_PG_CONNINFO_H

#include "base/arena.h"

/* Its database; NULL: it names none, or libpq cannot read it. */
char *gw_conninfo_dbname(gw_arena *arena, const char *conninfo);

#endif
