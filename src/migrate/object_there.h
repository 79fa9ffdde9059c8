/* A table or a sequence that IF NOT EXISTS passes over. Private to this folder. */
#ifndef GW_MIGRATE_OBJECT_THERE_H
#define GW_MIGRATE_OBJECT_THERE_H

#include "migrate/internal.h"

/* CREATE TABLE or SEQUENCE IF NOT EXISTS, of which can be told whether it is what is there. */
bool gw_object_may_be_there(const gw_statement *statement);

/* That, or CREATE INDEX IF NOT EXISTS. */
bool gw_passes_over(const gw_statement *statement);

/* Is none of the names that a kept file's statements would pass over there, in any schema? Then all of it
 * may be sent at once. In doubt false. */
bool gw_nothing_to_pass_over(gw_runner *r, const gw_checked *checked);

/* The server has passed over it: where what is there is another one, a warning says in what. Nothing stays of
 * the asking, and what cannot be asked is not said. */
void gw_object_passed_over(gw_runner *r, const gw_statement *statement, const gw_checked *checked);

#endif
