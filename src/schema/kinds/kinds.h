/* The kinds, a file each. Of this folder and kind.c only. */
#ifndef GW_SCHEMA_KINDS_H
#define GW_SCHEMA_KINDS_H

#include "base/buf.h"
#include "schema/kind.h"
#include "sql/quote.h"
#include "sql_schema.h"

extern const gw_kind gw_kind_access_method;
extern const gw_kind gw_kind_aggregate;
extern const gw_kind gw_kind_attribute;
extern const gw_kind gw_kind_base_type;
extern const gw_kind gw_kind_cast;
extern const gw_kind gw_kind_collation;
extern const gw_kind gw_kind_column;
extern const gw_kind gw_kind_composite;
extern const gw_kind gw_kind_constraint;
extern const gw_kind gw_kind_conversion;
extern const gw_kind gw_kind_default;
extern const gw_kind gw_kind_domain;
extern const gw_kind gw_kind_domain_constraint;
extern const gw_kind gw_kind_domain_default;
extern const gw_kind gw_kind_default_privileges;
extern const gw_kind gw_kind_enum;
extern const gw_kind gw_kind_event_trigger;
extern const gw_kind gw_kind_extension;
extern const gw_kind gw_kind_family_function;
extern const gw_kind gw_kind_family_operator;
extern const gw_kind gw_kind_foreign_data_wrapper;
extern const gw_kind gw_kind_index;
extern const gw_kind gw_kind_language;
extern const gw_kind gw_kind_materialized_view;
extern const gw_kind gw_kind_operator;
extern const gw_kind gw_kind_operator_class;
extern const gw_kind gw_kind_operator_family;
extern const gw_kind gw_kind_partition;
extern const gw_kind gw_kind_range;
extern const gw_kind gw_kind_policy;
extern const gw_kind gw_kind_publication;
extern const gw_kind gw_kind_publication_schema;
extern const gw_kind gw_kind_publication_table;
extern const gw_kind gw_kind_routine;
extern const gw_kind gw_kind_rule;
extern const gw_kind gw_kind_schema;
extern const gw_kind gw_kind_sequence;
extern const gw_kind gw_kind_server;
extern const gw_kind gw_kind_statistics;
extern const gw_kind gw_kind_subscription;
extern const gw_kind gw_kind_table;
extern const gw_kind gw_kind_transform;
extern const gw_kind gw_kind_text_search_configuration;
extern const gw_kind gw_kind_text_search_dictionary;
extern const gw_kind gw_kind_text_search_parser;
extern const gw_kind gw_kind_text_search_template;
extern const gw_kind gw_kind_trigger;
extern const gw_kind gw_kind_user_mapping;
extern const gw_kind gw_kind_view;

/* Is value n of an object 't'? And are both NULL, or the same text? */
static inline bool gw_yes(const gw_object *object, size_t attr)
{
    return object->values[attr] && object->values[attr][0] == 't' && !object->values[attr][1];
}
bool gw_same_text(const char *a, const char *b);

/* comment_target of what COMMENT ON does not know. */
const char *gw_no_comment(gw_arena *arena, const gw_object *object);

typedef GW_VEC(const char *) gw_texts;
/* What default privileges change, an entry as in gw_object.privileges. */
gw_texts gw_default_grants(gw_arena *arena, const gw_object *object);

/* ref of a publication's tables and schemas. */
const char *gw_publication_member(gw_arena *arena, const gw_object *object);

/* "ALTER FOREIGN TABLE public.t": by the kind of relation. */
const char *gw_alter_table(gw_arena *arena, const gw_object *table);

/* The column or CHECK of a parent table that hands this one down; NULL: none does. */
const gw_object *gw_handed_down_by(const gw_object *object);
/* The next of all that do; *at begins with 0. */
const gw_object *gw_handed_down_from(const gw_object *object, size_t *at);
/* The table that this one is a partition of; NULL: of none. */
const gw_object *gw_partitioned(const gw_object *table);
/* Is `parent` a table that `table` inherits from or is a partition of? */
bool gw_is_child_of(const gw_object *table, const gw_object *parent);
/* The next of what `object` hands down to tables that inherit from its own; *at begins with 0. */
const gw_object *gw_handed_down_to(const gw_object *object, size_t *at);
/* Is it a table of the same composite type in both states? */
bool gw_stays_typed(const gw_object *x, const gw_object *y);
/* Does any table inherit from it, or is a partition of it? */
bool gw_has_heirs(const gw_object *table);

/* DROP DEFAULT, by a column or by its default: in this table, not in those that inherit. */
void gw_default_drop(gw_ddl *ddl, const gw_object *o);

/* The column as CREATE TABLE and ADD COLUMN have it; its default where it is written inline. */
void gw_column_definition(gw_ddl *ddl, gw_buf *buf, const gw_object *column);

/* From 18 on: has the NOT NULL of a column that CREATE TABLE … INHERITS hands down to be written there,
 * because its name (or its being there) would come out otherwise? */
bool gw_column_names_not_null(gw_ddl *ddl, const gw_object *column);
void gw_column_own_not_null(gw_ddl *ddl, gw_buf *buf, const gw_object *column);
/* It has a name that a primary key inside of CREATE TABLE would not give it. */
bool gw_key_names_not_null(gw_ddl *ddl, const gw_object *column);

/* SET NOT NULL or ADD CONSTRAINT, of a table that is there; DROP NOT NULL where it has none. */
void gw_not_null_set(gw_ddl *ddl, const gw_object *column);

/* From 18 on: the name of its NOT NULL, quoted, which it shares with the constraints of its table; NULL:
 * it has none. And give that name up, for another one of the table that takes it. */
const char *gw_column_not_null_name(gw_arena *arena, const gw_object *column);
void gw_column_unname(gw_ddl *ddl, const gw_object *column);

/* A column that comes with a statement of its parent table or its type: does it differ from what comes,
 * and what makes it so. */
bool gw_column_differs(const gw_object *column);
void gw_column_come_down(gw_ddl *ddl, const gw_object *column);
/* Only its own NOT NULL, which has another name than the one above it will have, comes or is renamed: it cannot
 * be any more when the column above has one. */
bool gw_column_before_above(gw_arena *arena, const gw_object *x, const gw_object *y,
                            gw_changed changed);
/* Is it the EXCLUDE of a partition that the server makes of its parent's? Nothing attaches one. */
bool gw_is_exclusion_part(const gw_object *object);
/* Are both indexes of one kind, on the same, but for name and storage options? */
bool gw_is_twin_index(const gw_object *a, const gw_object *b);
/* The index or constraint of the partitioned table that this one of a partition's hangs on; NULL: none. */
const gw_object *gw_index_above(gw_arena *arena, const gw_object *object);
/* Is `part` what the partition has of the constraint `whole` of its parent? */
bool gw_is_exclusion_of(const gw_object *part, const gw_object *whole);
/* So of a CHECK that is valid where its parent's is not, and of an EXCLUDE whose name the server would not
 * choose. */
/* Does it say the same, but for what can be altered? */
bool gw_is_same_constraint(const gw_object *x, const gw_object *y);
bool gw_constraint_differs(const gw_object *constraint);
void gw_constraint_come_down(gw_ddl *ddl, const gw_object *constraint);
/* What the statements about the columns above leave otherwise than it shall be. */
gw_changed gw_column_given_again(const gw_object *x, const gw_object *y);

/* Storage parameters: SET what is new or other, RESET what is gone. before = "ALTER TABLE t". */
void gw_alter_options(gw_ddl *ddl, const char *before, const char *x, const char *y);
/* OPTIONS of foreign objects: ADD, SET, DROP. */
void gw_alter_foreign_options(gw_ddl *ddl, const char *before, const char *x, const char *y);

/* A name cut to what fits with its suffix, at a whole character. */
const char *gw_clip_name(gw_arena *arena, const char *name, const char *suffix);

/* set_aside and drop_aside of most types (aside.c). */
void gw_set_aside(gw_ddl *ddl, const gw_object *object);
void gw_drop_aside(gw_ddl *ddl, const gw_object *object);
const char *gw_aside_name(gw_arena *arena, const char *name);

/* The name that an index or constraint of before has until it gets its new one: its own, or, where that is
 * another's by now, one that nobody has; unquoted. Its own is given up by the other two. */
const char *gw_name_meanwhile(const gw_ddl *ddl, const gw_object *object);
void gw_index_unname(gw_ddl *ddl, const gw_object *index);
void gw_constraint_unname(gw_ddl *ddl, const gw_object *constraint);

/* Do columns of tables (and materialized views) hold values of the type, or of one made of it? */
bool gw_is_stored(const gw_object *type, bool materialized_views);

bool gw_attribute_retyped(const gw_object *x, const gw_object *y);

/* A value of composite type x as one of y, which has other attributes. */
const char *gw_composite_value(gw_arena *arena, const char *value, const gw_object *x,
                               const gw_object *y);

/* "schema.name USING btree": of operator classes and families. */
const char *gw_using_ref(gw_arena *arena, const gw_object *object);

#endif
