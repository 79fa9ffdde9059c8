/*
 * Mappings held against the two databases: tables, columns, types and their conversions, keys,
 * foreign keys, expressions, rules, the order of entities. All that is wrong is found at once,
 * each with its place in the mapping's file. Only reads, on both sides.
 */
#ifndef GW_SYNC_CHECK_H
#define GW_SYNC_CHECK_H

#include "source/source.h"
#include "sync/mapping.h"

typedef struct gw_finding {
    bool error;            /* else it is to be known, and does not stand in the way */
    const char *entity;
    const char *file;
    unsigned line, col;
    const char *message;
    const char *hint;      /* NULL */
} gw_finding;

/* How a value becomes one of the destination column's type. */
typedef enum gw_conversion {
    GW_CONVERT_SAME,       /* the same type */
    GW_CONVERT_ASSIGN,     /* by assignment: INSERT … SELECT without a cast. A cast to varchar(n) would
                              cut off what is too long, where assignment refuses it */
    GW_CONVERT_CAST,       /* by an explicit cast */
    GW_CONVERT_TEXT,       /* through its text form */
} gw_conversion;

typedef struct gw_field_plan {
    const gw_map_field *field;
    const char *source_type; /* of the column, expression; NULL: reference, transform, value */
    const char *type;        /* of the destination's column */
    const char *to_type;     /* what it is converted to first: `type:`, else that of the column */
    gw_conversion conversion;
    bool binary;             /* COPY in binary form is sound: one built-in type, no oid and no reg… */
    const char *reference_key; /* of a reference, over s: its value as the key of the row that it
                                  names is spelled; NULL: as it is */
    const gw_mapping *target;  /* the entity that a reference names; NULL: none, or it is not known */
    bool second_pass;        /* stays NULL until all rows are there: it closes a cycle */
} gw_field_plan;

typedef struct gw_entity_plan {
    const gw_mapping *mapping;
    gw_source_relation source, destination;
    uint64_t salt;               /* not 0: a later mapping than the entity's first: other fingerprints
                                    of the same rows, so that all of them are applied again */
    gw_field_plan *fields;       /* one for each of mapping->fields, in its order */
    const char *compiled;        /* its functions, for gw_script_open; NULL: it has none */
    gw_source_names needs;       /* entities that come before */
    gw_source_names refers;      /* others that its table has foreign keys to by columns that no field
                                    fills: only their deletes have to come behind its own */
    bool ok;                     /* no error */
} gw_entity_plan;

typedef struct gw_check {
    struct {
        gw_finding *items;
        size_t len, cap;
    } findings;                  /* by file and place */
    size_t errors;
    gw_entity_plan *entities;    /* in the order in which they run */
    size_t entity_count;
    gw_source_identity source, destination;
} gw_check;

/*
 * others: active definitions of entities that are not among `mappings`: what references may point
 * to. Kind REFUSED where source and destination are one database. What is wrong with a mapping is
 * a finding and no error.
 */
bool gw_mappings_check(gw_source *source, gw_session *destination, gw_arena *arena,
                       const gw_mapping_list *mappings, const gw_mapping_list *others,
                       gw_check *out, gw_err *err);

/*
 * Entities that were checked before, perhaps one by one: the order in which they run, who needs
 * whom, what waits for a second pass. plans: one of each mapping; out->entities are copies of them.
 */
bool gw_plans_order(gw_session *destination, gw_arena *arena, const gw_mapping_list *mappings,
                    const gw_entity_plan *plans, gw_check *out, gw_err *err);

/* Kind REFUSED where both are one database. */
bool gw_sides_differ(const gw_source_identity *source, const gw_source_identity *destination,
                     gw_err *err);

/* Why an expression over a row of `from` (an item of FROM) may give another value though the row is
 * the same: on the arena; NULL where it does not. Outside a transaction. */
bool gw_sql_moves(gw_session *source, gw_arena *arena, const char *from, const char *text,
                  const char **why, gw_err *err);

const char *gw_conversion_word(gw_conversion conversion);

/* The two sides of an entity as it is kept with its definition: columns, types, keys; and what the
 * check made of each field. Owned by the arena. */
json_t *gw_entity_described(gw_arena *arena, const gw_entity_plan *entity);

/* What differs between two of them, a line each ("destination: column email is text now, was
 * varchar(20)"); none where they agree. */
void gw_described_differences(gw_arena *arena, json_t *was, json_t *is, gw_source_names *out);

#endif
