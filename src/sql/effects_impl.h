/* Shared by effects.c, effects_block.c and effects_fires.c. */
#ifndef GW_SQL_EFFECTS_IMPL_H
#define GW_SQL_EFFECTS_IMPL_H

#include "sql/effects.h"
#include "sql/lex.h"
#include "sql/tree.h"

typedef struct gw_reading_effects {
    gw_arena *arena;
    gw_effects *out;
    const char *text; /* of the statement at hand */
    size_t len;
} gw_reading_effects;

gw_effect *gw_effect_add(gw_reading_effects *r, gw_effect_kind kind, const char *schema,
                         const char *name);
gw_effect *gw_effect_of_range(gw_reading_effects *r, gw_effect_kind kind, const gw_node *range);
/* INSERT, COPY, MERGE; triggers and rules made, dropped, switched. */
void gw_effects_of_firing(gw_reading_effects *r, const gw_node *node);
/* Foreign keys made, constraints dropped. */
void gw_effects_of_keys(gw_reading_effects *r, const gw_node *node);
/* Event triggers made, dropped, switched; and what a whole statement is to them. */
void gw_effects_of_watching(gw_reading_effects *r, const gw_node *node);
void gw_effects_of_command(gw_reading_effects *r, const char *text, size_t len);
/* The columns that a list of an UPDATE's targets names, up to NULL. */
const char **gw_effects_set_by(gw_arena *arena, const gw_node *targets);
void gw_effects_of_delete(gw_reading_effects *r, const gw_node *node, bool all);
/* Of a statement that could not be read. */
void gw_effects_of_unread(gw_reading_effects *r, const char *text, size_t len);
void gw_effects_of_node(gw_reading_effects *r, const gw_node *node);
/* One statement. */
void gw_effects_of_text(gw_reading_effects *r, const char *text, size_t len);
/* Do the words of a statement that is not read, or is put together at run time, throw something away? */
bool gw_effects_unseen(const char *text);
/* The statements in a DO block. */
void gw_effects_of_block(gw_reading_effects *r, const gw_node *block);

#endif
