/* Shared by outside.c and its helper. */
#ifndef GW_SQL_OUTSIDE_IMPL_H
#define GW_SQL_OUTSIDE_IMPL_H

#include "base/arena.h"
#include "sql/tree.h"

extern const char gw_outside_foreign[];

/* What has the effect of a statement about a subscription without connecting to its publisher;
 * NULL where there is nothing left to do. */
const char *gw_subscription_instead(gw_arena *arena, const gw_node *statement, const char *text);

#endif
