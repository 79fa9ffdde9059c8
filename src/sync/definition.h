/*
 * Registered mappings: godwit.schema_mapping_definitions of the destination. A version is stored
 * with its text, what its functions were compiled to, and what both sides looked like; it never
 * changes. One version of an entity is active.
 */
#ifndef GW_SYNC_DEFINITION_H
#define GW_SYNC_DEFINITION_H

#include "sync/check.h"

typedef struct gw_definition {
    const char *id, *entity, *version;
    bool active;
    const char *source_table, *destination_table;
    const char *body, *body_hash;
    const char *script;      /* the .ts file's text; NULL */
    const char *described;   /* JSON: gw_entity_described */
    const char *compiled;    /* JSON; NULL */
    int64_t created_at, updated_at;
} gw_definition;

typedef struct gw_definition_list {
    gw_definition *items;
    size_t len;
} gw_definition_list;

/* entity NULL: all. None where Godwit's tables are not there. */
bool gw_definitions_read(gw_session *session, gw_arena *arena, const char *entity,
                         gw_definition_list *out, gw_err *err);

/* The active one; *found is false where there is none. */
bool gw_definition_active(gw_session *session, gw_arena *arena, const char *entity,
                          gw_definition *out, bool *found, gw_err *err);

/* Its mapping, read again; places are in "ENTITY VERSION". Kind STATE where this Godwit cannot. */
bool gw_definition_mapping(gw_arena *arena, const gw_definition *definition, gw_mapping *out,
                           gw_err *err);

/* The mappings of every active definition. */
bool gw_definitions_active(gw_session *session, gw_arena *arena, gw_mapping_list *out,
                           gw_err *err);

typedef enum gw_registered { GW_REGISTERED_NEW, GW_REGISTERED_AGAIN } gw_registered;

/*
 * Store what a check found sound, inside the caller's transaction; the tables are there. A version
 * that is registered with another text is kind STATE.
 */
bool gw_definition_register(gw_session *session, gw_arena *arena, const gw_entity_plan *entity,
                            bool activate, gw_registered *out, gw_err *err);

/* Make a version the active one, inside the caller's transaction. Kind STATE where it is unknown. */
bool gw_definition_activate(gw_session *session, gw_arena *arena, const char *entity,
                            const char *version, gw_err *err);

/*
 * Before a run: what the check made of a mapping, put together from what was kept with it and from
 * how both sides look now. *differences says in lines what no longer looks as it did when it was
 * registered; none: go on. Nothing is compiled and no row is read.
 */
bool gw_definition_plan(gw_source *source, gw_session *destination, gw_arena *arena,
                        const gw_definition *definition, const gw_mapping *mapping,
                        gw_entity_plan *out, gw_source_names *differences, gw_err *err);

/* The differences alone. */
bool gw_mapping_drifted(gw_source *source, gw_session *destination, gw_arena *arena,
                        const gw_definition *definition, gw_source_names *differences,
                        gw_err *err);

#endif
