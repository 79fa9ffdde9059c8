/*
 * Which values of one type are none of another, by the types' names as format_type gives them
 * under search_path = pg_catalog.
 */
#ifndef GW_SCHEMA_MISFIT_H
#define GW_SCHEMA_MISFIT_H

#include <stdbool.h>

#include "base/arena.h"

/* Every value of x is one of y, and reads the same. */
bool gw_type_widens(const char *x, const char *y);

/* A condition on column c (as SQL) that holds where its value does not fit; NULL: not known.
 * labels: those of y where it is an enum, as SQL; else NULL. */
const char *gw_type_misfit(gw_arena *arena, const char *x, const char *y, const char *c,
                           const char *labels, int version);

/* Is there a label in x that y has not? Lists of literals, as SQL; NULL is an empty one. */
bool gw_labels_lack(const char *y, const char *x);

#endif
