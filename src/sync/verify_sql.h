/* The statements that verify an entity, built once. Of this folder only. */
#ifndef GW_SYNC_VERIFY_SQL_H
#define GW_SYNC_VERIFY_SQL_H

#include "sync/apply_sql.h"
#include "sync/verify.h"

typedef struct gw_verify_sql {
    const char *sums;      /* rows that are not marked as deleted, their sum; those marked; the sum of all */
    const char *there;     /* COPY: the source's key (NULL: not known), fingerprint, marked; NULL: the
                              source's key cannot be told from a row of the destination */
    const char *compare;   /* of pg_temp.gw_row: number, there, equal, marked, columns */
    const char *strangers; /* rows without an id map: key, known; NULL: there is no id map */
    const char *map;       /* rows, lost; NULL */
} gw_verify_sql;

/* What a comparison says of a column is its number among apply->columns. own: a condition over t
 * that the entity's rows of the destination hold, where others have the same table; or NULL. */
void gw_verify_sql_make(gw_arena *arena, const gw_verify *verify, const gw_apply_sql *apply,
                        const char *own, gw_verify_sql *out);

/* The source's key of a row t of the destination, of an entity without an id map; NULL: it cannot
 * be told. */
const char *gw_verify_key_sql(gw_arena *arena, const gw_entity_plan *plan);

/* The mapping of an entity, this one's own too; NULL where none is active. */
const gw_mapping *gw_verify_mapping(const gw_verify *verify, const char *entity);

/* rows, example: values of a field that lead nowhere. same: gw_reference_same of t's column. */
const char *gw_verify_reference_sql(gw_arena *arena, const gw_entity_plan *plan,
                                    const gw_map_field *field, const gw_mapping *target,
                                    const char *same, const char *own);

/* values, rows: of a rule `unique`. */
const char *gw_verify_unique_sql(gw_arena *arena, const gw_entity_plan *plan,
                                 const gw_rule_said *rule);

#endif
