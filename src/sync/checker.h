/* A check under way. Private to this folder. */
#ifndef GW_SYNC_CHECKER_H
#define GW_SYNC_CHECKER_H

#include "base/buf.h"
#include "base/vec.h"
#include "script/script.h"
#include "sync/check.h"

typedef struct gw_checker {
    gw_arena *arena;
    gw_source *source;
    gw_session *destination;
    const gw_mapping_list *mappings, *others;
    gw_check *out;
    gw_script_compiler *compiler; /* of their functions; NULL where none are checked */
    gw_entity_plan *entity;  /* that is looked at */
    const gw_mapping *mapping;
    bool source_there, destination_there;
} gw_checker;

/* gw_field_plan.reference_key: NULL where equal values are spelled alike, or ids stay. */
const char *gw_reference_key_sql(gw_arena *arena, const gw_entity_plan *child,
                                 const gw_entity_plan *parent, const gw_map_field *field);

/* Both return NULL-safe pointers for a hint: gw_finding_hint speaks of the one added last. */
void gw_find(gw_checker *c, bool error, unsigned line, unsigned col, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void gw_finding_hint(gw_checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The nearest of a relation's columns, or NULL. */
const char *gw_column_meant(gw_checker *c, const gw_source_relation *relation, const char *name);

/* "FROM": the source as a FROM item named "s". */
const char *gw_source_from(gw_checker *c);

/* A statement prepared in a transaction of its own that is rolled back. What the server has against
 * it is in *problem, and false; *err is for a lost connection and the like. */
typedef enum gw_tried { GW_TRIED_OK, GW_TRIED_WRONG, GW_TRIED_FAILED } gw_tried;
gw_tried gw_try_describe(gw_checker *c, gw_session *session, const char *text,
                         gw_source_relation *out, gw_err *problem, gw_err *err);
/* The same, and run: its rows. */
gw_tried gw_try_query(gw_checker *c, gw_session *session, const char *text, gw_result *out,
                      gw_err *problem, gw_err *err);

/* check_keys.c */
bool gw_check_keys(gw_checker *c, gw_err *err);
/* check_deletes.c: foreign keys that a delete sets off */
bool gw_check_deletes(gw_checker *c, gw_err *err);
/* check_fields.c: columns, types, conversions, what nobody fills */
bool gw_check_fields(gw_checker *c, gw_err *err);
/* check_types.c: of one field, with the source's type known */
bool gw_check_conversion(gw_checker *c, const gw_map_field *field, const gw_said *place,
                         const gw_source_type *from, const gw_source_column *to,
                         gw_field_plan *plan, gw_err *err);
/* check_sql.c: expressions, constants, rules */
bool gw_check_expression(gw_checker *c, const gw_map_field *field, gw_source_type *type, bool *known,
                         gw_err *err);
bool gw_check_constants(gw_checker *c, const gw_map_field *field, const gw_source_column *to,
                        gw_err *err);
bool gw_check_rules(gw_checker *c, gw_err *err);
/* check_script.c: functions, compiled */
bool gw_check_functions(gw_checker *c, gw_err *err);
/* check_order.c: references, foreign keys, cycles, the order */
bool gw_check_order(gw_checker *c, gw_err *err);

#endif
