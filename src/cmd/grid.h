/* A table of text for people: columns aligned by what they take on a terminal. */
#ifndef GW_CMD_GRID_H
#define GW_CMD_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "cmd/term.h"

typedef struct gw_cell {
    const char *text;
    bool styled;
    gw_style style;
} gw_cell;

typedef struct gw_grid {
    gw_arena *arena;
    const char *const *titles; /* NULL-terminated */
    size_t columns;
    const bool *right; /* a column of numbers stands to the right; NULL: none */
    gw_cell *items;
    size_t len, cap;
} gw_grid;

gw_grid gw_grid_start(gw_arena *arena, const char *const *titles, const bool *right);
/* The next cell, row by row; NULL is "". */
void gw_grid_add(gw_grid *grid, const char *text);
void gw_grid_add_styled(gw_grid *grid, gw_style style, const char *text);
/* A column without any text is left out. */
void gw_grid_print(const gw_grid *grid, FILE *file, bool color);

#endif
