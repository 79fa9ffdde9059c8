/* What belongs to a table and has a name of its own there. Of this folder only. */
#ifndef GW_LINT_CONFLICT_PARTS_H
#define GW_LINT_CONFLICT_PARTS_H

#include "lint/party.h"

/* A trigger, policy, rule, or a constraint that is added to a table which stands already. */
typedef struct gw_party_part {
    const char *what; /* "trigger" */
    const char *schema, *table, *name;
    bool replace; /* OR REPLACE, or dropped by its own party before */
    const gw_statement_seen *statement;
} gw_party_part;

typedef struct gw_party_parts {
    gw_party_part *items;
    size_t len, cap;
} gw_party_parts;

/* In order of running, from one party's statements. */
void gw_party_parts_of(gw_arena *arena, const gw_party *party, gw_party_parts *out);

bool gw_party_part_named_alike(const gw_party_part *x, const gw_party_part *y);
/* Do two of a name say the same? */
bool gw_party_part_same(const gw_party_part *x, const gw_party_part *y);

#endif
