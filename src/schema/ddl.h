/*
 * A plan in the making: statements in the order in which they have to run. Kinds append theirs;
 * the order is decided by plan.c.
 */
#ifndef GW_SCHEMA_DDL_H
#define GW_SCHEMA_DDL_H

#include "schema/value.h"

typedef enum gw_ddl_action { GW_DDL_CREATE, GW_DDL_ALTER, GW_DDL_DROP, GW_DDL_RENAME } gw_ddl_action;
const char *gw_ddl_action_name(gw_ddl_action action); /* "create" */

enum {
    GW_DDL_OWN_TX = 1,  /* commits before anything after it may use it (enum ADD VALUE) */
    GW_DDL_NO_TX = 2,   /* cannot run in a transaction (CONCURRENTLY) */
    GW_DDL_LOSES = 4,   /* rows or values may be lost */
};

typedef struct gw_ddl_statement {
    const char *sql; /* without a final semicolon */
    const gw_object *object;
    gw_ddl_action action;
    unsigned flags;
} gw_ddl_statement;

typedef struct gw_ddl_options {
    bool concurrently;     /* indexes are built and dropped without blocking; checks NOT VALID, then
                              validated; NOT NULL through a validated CHECK */
    bool no_owner;         /* leave owners as they are */
    bool no_privileges;
    const char *runner;    /* the role that will run the plan: what it makes needs no OWNER TO.
                              NULL = not known */
} gw_ddl_options;

typedef struct gw_ddl {
    gw_arena *arena;
    gw_ddl_options options;
    int server_version;
    bool names_not_nulls; /* a NOT NULL has a name that the server might choose for another one */
    const gw_schema *from, *to; /* the schemas that the plan begins and ends with */
    const gw_object *object; /* of the operation that is being rendered */
    gw_ddl_action action;
    GW_VEC(gw_ddl_statement) statements, late;
    /* Is this column default or constraint written inside its table's or column's statement? */
    bool (*is_inline)(const struct gw_ddl *ddl, const gw_object *object);
    /* Is the object made (or made anew) by this plan? */
    bool (*is_new)(const struct gw_ddl *ddl, const gw_object *object);
    /* Does a child table keep this column, which its parent loses? */
    bool (*stays_below)(const struct gw_ddl *ddl, const gw_object *object);
    /* Is this new table told to inherit when all is there? */
    bool (*inherits_later)(const struct gw_ddl *ddl, const gw_object *table);
    /* The table that this new one is made LIKE, or NULL. */
    const gw_object *(*made_like)(const struct gw_ddl *ddl, const gw_object *table);
    /* Has this index or constraint of before, or the column's NOT NULL, lost its name to another one?
     * (gw_index_unname, gw_constraint_unname, gw_column_unname) */
    bool (*unnamed)(const struct gw_ddl *ddl, const gw_object *object);
    void *self; /* of the six */
} gw_ddl;

/* Append a statement of the current operation. Format as printf; names through %s come quoted. */
void gw_ddl_add(gw_ddl *ddl, unsigned flags, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, after everything else: what ties finished objects together. */
void gw_ddl_late(gw_ddl *ddl, unsigned flags, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "a"."b" quoted where it must be; a name alone. */
const char *gw_ddl_name(gw_arena *arena, const char *name);

#endif
