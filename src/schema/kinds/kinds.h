/* The kinds, a file each. Of this folder and kind.c only. */
#ifndef GW_SCHEMA_KINDS_H
#define GW_SCHEMA_KINDS_H

#include "base/buf.h"
#include "schema/kind.h"
#include "sql/quote.h"
#include "sql_schema.h"

extern const gw_kind gw_kind_schema, gw_kind_extension, gw_kind_enum, gw_kind_sequence,
    gw_kind_table, gw_kind_column, gw_kind_default, gw_kind_constraint, gw_kind_partition,
    gw_kind_index, gw_kind_routine, gw_kind_view, gw_kind_materialized_view, gw_kind_trigger;

/* Is value n of an object 't'? And are both NULL, or the same text? */
static inline bool gw_yes(const gw_object *object, size_t attr)
{
    return object->values[attr] && object->values[attr][0] == 't' && !object->values[attr][1];
}
bool gw_same_text(const char *a, const char *b);

/* "ALTER FOREIGN TABLE public.t": by the kind of relation. */
const char *gw_alter_table(gw_arena *arena, const gw_object *table);

/* The column as CREATE TABLE and ADD COLUMN have it; its default where it is written inline. */
void gw_column_definition(gw_ddl *ddl, gw_buf *buf, const gw_object *column);

/* Storage parameters: SET what is new or other, RESET what is gone. before = "ALTER TABLE t". */
void gw_alter_options(gw_ddl *ddl, const char *before, const char *x, const char *y);
/* OPTIONS of foreign objects: ADD, SET, DROP. */
void gw_alter_foreign_options(gw_ddl *ddl, const char *before, const char *x, const char *y);

#endif
