/* Names that are taken. Private to this folder. */
#ifndef GW_MIGRATE_TAKEN_H
#define GW_MIGRATE_TAKEN_H

#include "migrate/internal.h"

typedef struct gw_relation_there {
    const char *kind; /* "a table", "an index" */
    const char *schema, *name, *owner;
    const char *definition; /* of an index; else NULL */
} gw_relation_there;

typedef struct gw_relations_there {
    gw_relation_there *items;
    size_t len;
} gw_relations_there;

/* Relations that have the name of the CREATE INDEX, in the schema of its table. */
bool gw_relations_beside(gw_runner *r, gw_arena *arena, const gw_stmt_class *c,
                         gw_relations_there *out, gw_err *err);

/* Something is made to be looked at, in a savepoint or a transaction that nothing stays of. false: it could not
 * be done. */
typedef bool gw_aside_fn(gw_runner *r, gw_arena *arena, void *self, gw_err *err);
bool gw_tried_aside(gw_runner *r, gw_arena *arena, gw_aside_fn *fn, void *self);

/* A CREATE or ALTER of the file failed because the name is taken: by what, and what may be done.
 * After the rollback. What has a hint already is left alone. */
void gw_explain_taken(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err);

#endif
