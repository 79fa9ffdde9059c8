/* Shared by effects.c and effects_block.c. */
#ifndef GW_SQL_EFFECTS_IMPL_H
#define GW_SQL_EFFECTS_IMPL_H

#include "sql/effects.h"
#include "sql/tree.h"

typedef struct gw_reading_effects {
    gw_arena *arena;
    gw_effects *out;
    const char *text; /* of the statement at hand */
    size_t len;
} gw_reading_effects;

gw_effect *gw_effect_add(gw_reading_effects *r, gw_effect_kind kind, const char *schema,
                         const char *name);
/* One statement. */
void gw_effects_of_text(gw_reading_effects *r, const char *text, size_t len);
/* Do the words of a statement that is not read, or is put together at run time, throw something away? */
bool gw_effects_unseen(const char *text);
/* The statements in a DO block. */
void gw_effects_of_block(gw_reading_effects *r, const gw_node *block);

#endif
