/* What column.c and column_not_null.c share: the values of a column, and its NOT NULL. */
#ifndef GW_SCHEMA_KINDS_COLUMN_H
#define GW_SCHEMA_KINDS_COLUMN_H

#include "schema/kinds/kinds.h"

enum {
    TYPE,
    COLLATION,
    NOT_NULL,
    NOT_NULL_NAME,
    IDENTITY,
    IDENTITY_OPTIONS,
    IDENTITY_TYPE,
    IDENTITY_SEQUENCE,
    GENERATED,
    EXPRESSION,
    STORAGE,
    OWN_STORAGE,
    COMPRESSION,
    STATISTICS,
    OPTIONS,
    FOREIGN_OPTIONS,
    LOCAL,
    INHERITED,
    /* From 18 on, where a NOT NULL is a constraint: */
    NOT_NULL_LOCAL,      /* it stays when no parent has one any more */
    NOT_NULL_NO_INHERIT, /* NULL, as the next: false */
    NOT_NULL_NOT_VALID,
    NOT_NULL_COMMENT,
};

/* All that is said of a NOT NULL. */
#define GW_NOT_NULL_BITS                                                                            \
    (GW_BIT(NOT_NULL) | GW_BIT(NOT_NULL_NAME) | GW_BIT(NOT_NULL_NO_INHERIT) |                       \
     GW_BIT(NOT_NULL_NOT_VALID) | GW_BIT(NOT_NULL_COMMENT))

/* "ALTER TABLE t ALTER COLUMN c" */
const char *gw_alter_column(gw_ddl *ddl, const gw_object *column);

/* The first of those above that hand a NOT NULL down, which gives the name, too; NULL: none does. */
const gw_object *gw_not_null_above(const gw_object *column);
/* What this one is told of its NOT NULL when it comes from above, of which it has `above` or nothing. */
gw_changed gw_not_null_differs(const gw_object *above, const gw_object *column);
/* What a column of a state before was of one above that hands it down all the way; NULL: that one begins to. */
const gw_object *gw_column_was_above(const gw_ddl *ddl, const gw_object *x, const gw_object *above);

/* Inside of CREATE TABLE and ADD COLUMN. */
void gw_not_null_define(const gw_ddl *ddl, gw_buf *buf, const gw_object *column);
/* What those cannot say, behind them. */
void gw_not_null_finish(gw_ddl *ddl, const gw_object *column);
/* What differs of one that came from above: gw_not_null_differs. */
void gw_not_null_give(gw_ddl *ddl, const gw_object *column, gw_changed differs);
void gw_not_null_alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed);
/* What of a change does not come from those above. */
gw_changed gw_not_null_own_change(const gw_ddl *ddl, const gw_object *x, const gw_object *y,
                                  gw_changed changed);
/* Behind LIKE, which takes it with its name. */
void gw_not_null_after_like(gw_ddl *ddl, const gw_object *above, const gw_object *column);
/* Has any heir that keeps it a NOT NULL there? */
bool gw_not_null_below(const gw_ddl *ddl, const gw_object *column);

#endif
