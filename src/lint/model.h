/*
 * What the files have made so far: a small catalog that follows CREATE, ALTER and DROP over all files
 * in order. What the files do not make (it was there before them) it does not know: a lookup
 * that finds nothing says nothing about the database.
 */
#ifndef GW_LINT_MODEL_H
#define GW_LINT_MODEL_H

#include "base/vec.h"
#include "sql/tree.h"

struct gw_statement_seen; /* rule.h */

typedef struct gw_data_type {
    const char *schema, *name; /* as the catalog has it: "int4", "varchar", "timestamptz" */
    int64_t mods[2];
    unsigned mod_count;
    bool array;
    bool serial; /* serial and its kin; name is the integer's */
} gw_data_type;

typedef enum gw_key_kind {
    GW_KEY_PRIMARY,
    GW_KEY_UNIQUE,
    GW_KEY_CHECK,
    GW_KEY_FOREIGN,
    GW_KEY_EXCLUSION,
} gw_key_kind;

typedef struct gw_relation gw_relation;

/* A constraint, of a column or of a table. */
typedef struct gw_key {
    gw_key_kind kind;
    const char *name;
    const char **columns;
    size_t column_count;
    const gw_node *node;       /* Constraint */
    const gw_node *column;     /* ColumnDef that it stands on, or NULL */
    const char *ref_schema, *ref_table;
    const char **ref_columns;  /* none: the primary key's */
    size_t ref_count;
    char on_delete;            /* a r c n d */
    bool not_valid;
    const char *using_index;
    const struct gw_statement_seen *made;
    /* Where it is being added: */
    const char *schema, *table;
    gw_relation *relation;     /* NULL: not known, or made by this very statement */
    bool new_table;
    bool fresh;                /* the table is made by this file: nobody uses it yet */
} gw_key;

typedef struct gw_column {
    const char *name;
    gw_data_type type;
    bool not_null, identity, generated;
    const gw_node *fallback; /* DEFAULT's expression, or NULL */
    const gw_node *node;     /* ColumnDef */
    const struct gw_statement_seen *made;
    bool gone;
} gw_column;

typedef struct gw_index {
    const char *schema, *name, *table;
    const char **columns; /* "" stands for an expression */
    size_t column_count, key_count; /* all; without INCLUDE */
    bool unique, of_key, concurrent;
    const char *method;
    const gw_node *node; /* IndexStmt, or the Constraint it stands for */
    const gw_node *where;
    gw_relation *relation; /* NULL: of a table that is not known */
    const struct gw_statement_seen *made, *gone;
} gw_index;

typedef struct gw_trigger {
    const char *name, *function_schema, *function;
    const gw_node *node;
    const struct gw_statement_seen *made;
    bool gone;
} gw_trigger;

typedef enum gw_made_kind {
    GW_OBJECT_RELATION, /* table, view, materialized view, sequence, index */
    GW_OBJECT_TYPE,
    GW_OBJECT_FUNCTION,
    GW_OBJECT_SCHEMA,
    GW_OBJECT_EXTENSION,
} gw_made_kind;

typedef enum gw_relation_kind {
    GW_REL_TABLE,
    GW_REL_VIEW,
    GW_REL_MATVIEW,
    GW_REL_SEQUENCE,
    GW_REL_INDEX,
} gw_relation_kind;

typedef struct gw_made_object {
    gw_made_kind kind;
    const char *schema, *name;
    const struct gw_statement_seen *made, *gone;
    struct gw_made_object *same_name; /* older one of this name */
} gw_made_object;

struct gw_relation {
    gw_made_object object; /* first */
    gw_relation_kind kind;
    const gw_node *node;
    bool complete;    /* all its columns are known */
    bool temporary, unlogged;
    char strategy;    /* of a partitioned table: r l h; 0 */
    bool key_expression;
    const char **key_columns; /* partition key */
    size_t key_count;
    gw_relation *parent;
    size_t partitions;
    const gw_node *bound; /* of a partition: PartitionBoundSpec */
    bool row_security;
    const struct gw_statement_seen *policy;
    const struct gw_statement_seen *filled; /* the last statement that put rows in */
    GW_VEC(gw_column) columns;
    GW_VEC(gw_key *) keys;
    GW_VEC(gw_index *) indexes;
    GW_VEC(gw_trigger) triggers;
    gw_index *index; /* of kind GW_REL_INDEX */
};

typedef struct gw_label {
    const char *text;
    const struct gw_statement_seen *made;
} gw_label;

typedef struct gw_type_object {
    gw_made_object object;
    bool is_enum, is_domain;
    const gw_node *node;
    GW_VEC(gw_label) labels;
} gw_type_object;

typedef struct gw_function {
    gw_made_object object;
    const gw_node *node;
    const char *arguments; /* types of those that go in: "int4,text" */
    size_t least, most;    /* how many a call may give */
    const char *returns;   /* "trigger" … */
    const char *language, *body;
    char volatility;       /* v s i */
} gw_function;

typedef struct gw_model gw_model;

gw_model *gw_model_new(gw_arena *arena);

/* A file begins: unqualified names are looked up where a new session would. */
void gw_model_begin_file(gw_model *model);
/* Take over what a statement does. */
void gw_model_apply(gw_model *model, const struct gw_statement_seen *statement);
/* What the run makes, whenever: told before anything is applied. */
void gw_model_foresee(gw_model *model, const struct gw_statement_seen *statement);

/* ---- lookups; schema NULL goes by the search_path -------------------------------------- */

gw_relation *gw_model_relation(const gw_model *model, const char *schema, const char *name);
gw_relation *gw_model_relation_of(const gw_model *model, const gw_node *range_var);
gw_type_object *gw_model_type(const gw_model *model, const char *schema, const char *name);
/* The newest of that name; the others through gw_model_next_function. */
gw_function *gw_model_function(const gw_model *model, const char *schema, const char *name);
gw_function *gw_model_next_function(const gw_function *function);
bool gw_model_extension(const gw_model *model, const char *name);
gw_column *gw_relation_column(const gw_relation *relation, const char *name);
/* A constraint that keeps the column from NULL and is proven. */
bool gw_relation_checks_not_null(const gw_relation *relation, const char *column);
gw_key *gw_relation_key(const gw_relation *relation, const char *name);

/* Where the schema of an unqualified name is made. */
const char *gw_model_creation_schema(const gw_model *model);

/* The first statement of an up after `now` that makes the object; NULL where none does. */
const struct gw_statement_seen *gw_model_later(const gw_model *model, gw_made_kind kind,
                                               const char *schema, const char *name,
                                               const struct gw_statement_seen *now);
/* Does any statement of the run make it, before or after? */
bool gw_model_ever(const gw_model *model, gw_made_kind kind, const char *schema, const char *name);
/* The statement that dropped it, where it was there and is no longer. */
const struct gw_statement_seen *gw_model_dropped(const gw_model *model, gw_made_kind kind,
                                                 const char *schema, const char *name);
/* Stands the name in code that may make things unseen (DO, function bodies)? */
bool gw_model_hidden(const gw_model *model, const char *name);

/* All objects of the run, dropped ones too, in order. */
typedef struct gw_made_object_list {
    gw_made_object **items;
    size_t len, cap;
} gw_made_object_list;
const gw_made_object_list *gw_model_objects(const gw_model *model);

/* ---- of the tree ----------------------------------------------------------------------- */

gw_data_type gw_data_type_of(gw_arena *arena, const gw_node *type_name);
/* "numeric(10,2)[]", for people. */
const char *gw_data_type_text(gw_arena *arena, const gw_data_type *type);
bool gw_data_type_is(const gw_data_type *type, const char *name);
bool gw_data_type_same(const gw_data_type *a, const gw_data_type *b);
/* An option of CREATE FUNCTION: its argument. */
const gw_node *gw_function_option(const gw_node *create_function, const char *name);
gw_function *gw_function_of(gw_arena *arena, const gw_node *create_function);
gw_index *gw_index_of(gw_arena *arena, const gw_node *index_stmt);
const char **gw_names_of(gw_arena *arena, const gw_node *list, size_t *count);

#endif
