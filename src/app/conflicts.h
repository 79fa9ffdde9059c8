/* Clashes between the services of a project, and between its files here and in a git branch. */
#ifndef GW_APP_CONFLICTS_H
#define GW_APP_CONFLICTS_H

#include "app/app.h"
#include "lint/conflicts.h"

/* `against`: a branch, a tag or a commit; NULL: services only. Asks no database; nothing is checked
 * out: the other side's files are read from git's own store. */
bool gw_app_conflicts(gw_app *app, gw_arena *arena, const char *against, gw_conflict_list *out,
                      gw_err *err);

#endif
