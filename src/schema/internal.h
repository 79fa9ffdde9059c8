/* Of this folder only. */
#ifndef GW_SCHEMA_INTERNAL_H
#define GW_SCHEMA_INTERNAL_H

#include "schema/kind.h"
#include "schema/plan.h"

gw_schema *gw_schema_new(gw_arena *arena, int server_version);

/* Fill key and ref from schema, name, args and parent. */
void gw_object_name(gw_arena *arena, gw_object *object);

/* leave_out.c: take out what options->leave_out names, with its parts. Before anybody sees it. */
void gw_schema_leave_out(gw_schema *schema, const gw_schema_options *options);

/* A deparsed text as the server gives it again when it was made from it (stable.c). */
const char *gw_stable_text(gw_arena *arena, const char *text);
/* Does a deparsed text, which may be NULL, hold this name, quoted where it must be? */
bool gw_text_names(const char *text, const char *name);

/* Owner, comment, privileges, security labels: what every kind may have (aspects.c). The details
 * that differ are appended to change; returns whether any does. x NULL: y is new. */
bool gw_aspects_differ(gw_arena *arena, const gw_object *x, const gw_object *y,
                       const gw_ddl_options *options, gw_change *change);
void gw_aspects_render(gw_ddl *ddl, const gw_object *x, const gw_object *y);

#endif
