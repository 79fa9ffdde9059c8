/* Shared by outside.c and its helper. */
#ifndef GW_SQL_OUTSIDE_IMPL_H
#define GW_SQL_OUTSIDE_IMPL_H

#include "base/arena.h"
#include "sql/outside.h"
#include "sql/tree.h"

extern const char gw_outside_foreign[];
extern const char gw_outside_catalog[];

/* A table of pg_catalog that is the same in every database, or a view that is written like it. */
bool gw_outside_shared_catalog(const char *name);
/* A function that is given a query as text. */
bool gw_outside_takes_query(const char *name);

typedef struct gw_body_look {
    gw_reach reach; /* FOREIGN or SERVER: what gw_classify_scan does not look for */
    const char *reason;
    bool dynamic;   /* it builds statements at run time */
} gw_body_look;
/* A statement that carries code in strings. */
void gw_outside_read_body(gw_arena *arena, const char *text, size_t len, gw_body_look *out);

/* What has the effect of a statement about a subscription without connecting to its publisher;
 * NULL where there is nothing left to do. */
const char *gw_subscription_instead(gw_arena *arena, const gw_node *statement, const char *text);

#endif
