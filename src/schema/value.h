/*
 * A schema as a value: every object of a database that a user can make, read in one round trip on
 * one snapshot, with what it needs of other objects.
 *
 * An object's kind (kind.h) says which attributes it has; all are texts as the server deparses
 * them under search_path = pg_catalog, so that names in them are qualified. NULL is "none". A
 * schema belongs to the arena it was read with and never changes afterwards.
 *
 * What belongs to an extension, to PostgreSQL itself, to a temporary schema or to Godwit (schema
 * godwit) is not in it.
 */
#ifndef GW_SCHEMA_VALUE_H
#define GW_SCHEMA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "pg/session.h"

typedef struct gw_kind gw_kind;
typedef struct gw_object gw_object;

/* deptype of pg_depend: 'n' blocks a drop, 'a' and 'i' go with what they hang on. */
typedef struct gw_need {
    gw_object *object;
    char type;
} gw_need;

typedef GW_VEC(gw_need) gw_needs;

struct gw_object {
    const gw_kind *kind;
    uint32_t classid, oid; /* of the catalog row; */
    int32_t subid;         /* a column's attnum, otherwise 0 */
    const char *schema;    /* NULL where the kind has none */
    const char *name;
    const char *args;      /* what else belongs to the identity: argument types of a function */
    gw_object *parent;     /* the table of a column, constraint, index, trigger, policy, rule */
    const char *key;       /* identity among its kind, for people: public.t.c */
    const char *ref;       /* identity as SQL, quoted where needed: public."T" */
    const char *owner;     /* NULL where the kind has none */
    const char *comment;
    GW_VEC(const char *) privileges; /* differences to the default, sorted: "+role=SELECT" */
    GW_VEC(const char *) labels;     /* security labels: "provider=label", sorted */
    const char **values;   /* by kind->attrs */
    gw_needs needs;        /* what has to be there before it */
    gw_needs needed_by;
    gw_needs children;     /* those whose parent it is, in order of subid, then name */
    size_t index;          /* place in gw_schema.objects */
    int server_version;    /* of the server that it was read from */
    bool reworded;         /* the server has it in other words than values say (stable.c) */
    const char *words;     /* those, of the last such value; NULL: not reworded */
};

/* What is in the database and Godwit cannot render: schemas are called equal only where both have
 * it and it can be compared. Secrets are known by a digest, which is never shown. */
typedef struct gw_unrendered {
    const char *what;      /* "operator family public.f (a member function of its own)" */
    const char *digest;    /* two that agree in it are the same; NULL: cannot be compared */
    const char *extension; /* it is on an object of this one; else NULL */
    const char *schema;    /* the one that it is in; NULL: none, or an extension's */
    bool quiet;            /* probably the extension's own: nothing to be said about it alone */
} gw_unrendered;

typedef struct gw_schema {
    gw_arena *arena;
    int server_version; /* 150004 */
    const char *database;
    GW_VEC(gw_object *) objects; /* by kind (in the order of gw_kinds), then by key */
    GW_VEC(gw_unrendered) unrendered;
    struct gw_object_map *by_key, *by_oid;
} gw_schema;

typedef struct gw_schema_options {
    const char *const *schemas; /* only these, NULL-terminated; NULL = all */
    /* Objects to leave out, with their parts; NULL = none. */
    bool (*leave_out)(void *self, const gw_object *object);
    /* Of what cannot be rendered, that of a schema (NULL: what is in none); NULL = none of it. */
    bool (*leave_out_unrendered)(void *self, const char *schema);
    void *self;
    /* CRLF in texts counts as LF: what a checkout did to a file is no difference. */
    bool unix_lines;
} gw_schema_options;

/*
 * Read the database of a pinned session, on one snapshot. DDL that others run meanwhile is noticed
 * (the server deparses with the newest catalog, not the snapshot's) and the reading repeated a few
 * times, then kind RETRYABLE.
 */
bool gw_schema_read(gw_session *session, gw_arena *arena, const gw_schema_options *options,
                    gw_schema **out, gw_err *err);

/* What an empty database of this server version holds: schema public as it is made. */
gw_schema *gw_schema_empty(gw_arena *arena, int server_version);

/*
 * An extension that is taken to be there though the server that was read could not have it: as
 * `like` has it (of another schema; NULL: not known). Nothing where there is one of that name.
 */
void gw_schema_add_extension(gw_schema *schema, const char *name, const char *namespace,
                             const gw_object *like);

const gw_object *gw_schema_find(const gw_schema *schema, const char *kind, const char *key);

/* An attribute by name; NULL where it is NULL. An unknown name is a bug here and ends in NULL. */
const char *gw_object_value(const gw_object *object, const char *attribute);
/* boolean attributes are "t" and "f" */
bool gw_object_is(const gw_object *object, const char *attribute);

/* The default of a column (an object of its own), or NULL. */
const gw_object *gw_column_default(const gw_object *column);

/* SHA-256 over everything that is compared, in hexadecimal: equal schemas, equal fingerprints. */
char *gw_schema_fingerprint(gw_arena *arena, const gw_schema *schema);

/* {"server_version", "objects": [{"kind","schema","name",…}]}; owned by the arena. */
json_t *gw_schema_json(gw_arena *arena, const gw_schema *schema);

#endif
