/* Names and literals as SQL text. Every name that Godwit puts into SQL goes through here. */
#ifndef GW_SQL_QUOTE_H
#define GW_SQL_QUOTE_H

#include "base/arena.h"
#include "base/buf.h"

/* "name", always quoted. */
char *gw_quote_ident(gw_arena *arena, const char *name);
/* "schema"."name"; schema may be NULL. */
char *gw_quote_name(gw_arena *arena, const char *schema, const char *name);
/* 'text', or E'text' where it has a backslash; NULL is the word NULL. */
char *gw_quote_literal(gw_arena *arena, const char *text);

/* {"a","b"}: the text form of a text[]; a parameter, not SQL. */
char *gw_quote_array(gw_arena *arena, const char *const *items, size_t count);

void gw_buf_add_ident(gw_buf *buf, const char *name);
void gw_buf_add_literal(gw_buf *buf, const char *text);

/* For people: quoted only where it must be. */
char *gw_display_name(gw_arena *arena, const char *schema, const char *name);

#endif
