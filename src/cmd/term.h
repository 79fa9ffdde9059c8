/*
 * The terminal: what goes to stderr beside a live line that is redrawn, colours, the width of
 * text, and text made safe to print. May be used by several threads.
 */
#ifndef GW_CMD_TERM_H
#define GW_CMD_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct gw_term gw_term;

/* no_color: --no-color; NO_COLOR and TERM=dumb count too. */
gw_term *gw_term_new(gw_arena *arena, bool no_color);

bool gw_term_live(const gw_term *term);  /* stderr is a terminal that can redraw a line */
bool gw_term_color(const gw_term *term); /* on stderr */
bool gw_term_utf8(const gw_term *term);  /* the locale says so */
bool gw_term_stdout_color(const gw_term *term);
size_t gw_term_columns(const gw_term *term);

/* Text that ends in a newline, to stderr; the live line makes room for it. */
void gw_term_write(gw_term *term, const char *text);
/* Replace the live line ("" removes it). Not a terminal: does nothing. */
void gw_term_redraw(gw_term *term, const char *line);

typedef enum {
    GW_STYLE_RED,
    GW_STYLE_GREEN,
    GW_STYLE_YELLOW,
    GW_STYLE_BOLD,
    GW_STYLE_DIM
} gw_style;
void gw_style_add(gw_buf *buf, bool color, gw_style style, const char *text);

/* Columns that a text takes on a terminal; wide characters take two, combining ones none. */
size_t gw_text_columns(const char *text);
/* At most `columns` columns of it: the length in bytes. */
size_t gw_text_clip(const char *text, size_t columns);

/* Control characters (a file may be called anything) become '?'; newlines and tabs stay. */
char *gw_text_safe(gw_arena *arena, const char *text);

#endif
