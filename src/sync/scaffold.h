/*
 * The first draft of a mapping, from the two schemas: tables and columns that are called alike.
 * The same schemas give the same text. What it cannot know stands in comments.
 */
#ifndef GW_SYNC_SCAFFOLD_H
#define GW_SYNC_SCAFFOLD_H

#include "source/source.h"

/* A table of the source and the one of the destination that its rows probably go into. */
typedef struct gw_scaffold_pair {
    const gw_source_relation *source, *destination;
    const char *entity;
    const char *text;   /* the YAML; NULL: see reason */
    const char *reason; /* why there is none */
} gw_scaffold_pair;

/* The destination's table that is called like this one; NULL: none is near. */
const gw_source_relation *gw_scaffold_match(const gw_source_relation *source,
                                            const gw_source_relation *destinations, size_t count);

/* The texts of all pairs: references between them are known only together. */
void gw_scaffold(gw_arena *arena, gw_scaffold_pair *pairs, size_t count);

#endif
