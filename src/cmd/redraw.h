/* A screen's worth of text that is drawn again in its place, for those who watch. */
#ifndef GW_CMD_REDRAW_H
#define GW_CMD_REDRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Of the terminal on stdout; 80 by 24 where it does not say. */
void gw_screen_size(size_t *columns, size_t *rows);

/* In place of the *drawn lines that stood there: no line longer than the screen is wide, no more than it is
 * high. The text is taken apart. */
void gw_redraw(gw_arena *arena, char *text, bool color, size_t *drawn);

#endif
