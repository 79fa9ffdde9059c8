/*
 * A kind of object: one file under kinds/, one SQL file that reads it, one row in gw_kinds.
 *
 * The SQL gives a row an object. These columns are known to the reader, all but oid and name may
 * be absent: oid oid, schema text, name text, args text, subid int4, parent oid (of pg_class or
 * pg_type, see parent_classid), owner text. Every other column has to be one of `attrs`.
 */
#ifndef GW_SCHEMA_KIND_H
#define GW_SCHEMA_KIND_H

#include "pg/query.h"
#include "schema/ddl.h"
#include "schema/value.h"

enum {
    GW_ATTR_INFO = 1,      /* read, shown, not compared */
    GW_ATTR_ONLY_TRUE = 2, /* only true can be made: false on the second side is no difference */
    GW_ATTR_DEPARSED = 4,  /* SQL that the server writes of what it has parsed: stable.c */
};

typedef struct gw_attr {
    const char *name;
    unsigned flags;
} gw_attr;

/* Which of the attributes differ: bit i is attrs[i]. */
typedef uint64_t gw_changed;
enum { GW_ATTRS_MAX = 64 };

struct gw_kind {
    const char *name;    /* "table": in messages, in JSON, in keys */
    const char *keyword; /* "TABLE": DROP, COMMENT ON, ALTER … OWNER TO, GRANT ON */
    const gw_sql *sql;
    uint32_t classid;        /* of the catalog that oid is from */
    uint32_t parent_classid; /* 0: it has no parent */
    const gw_attr *attrs;    /* up to GW_ATTRS_MAX; a NULL name ends them */
    unsigned flags;

    /* The identity as SQL, where it is not the qualified name (with args in parentheses). */
    const char *(*ref)(gw_arena *arena, const gw_object *object);
    /* What stands after COMMENT ON, where it is not keyword and ref. NULL result: it takes none. */
    const char *(*comment_target)(gw_arena *arena, const gw_object *object);
    /* The word of DROP and ALTER where it depends on the object (FOREIGN TABLE). */
    const char *(*word)(const gw_object *object);
    /* The word of GRANT ON: "TABLE". NULL: it has no privileges of its own. */
    const char *grant_word;

    /* CREATE, with everything but owner, comment, privileges and labels. */
    void (*create)(gw_ddl *ddl, const gw_object *object);
    /* DROP; NULL = DROP keyword ref. */
    void (*drop)(gw_ddl *ddl, const gw_object *object);
    /* Can x become y without drop and create? NULL = never. */
    bool (*can_alter)(const gw_object *x, const gw_object *y, gw_changed changed);
    void (*alter)(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed);
    /* Does altering x so make it necessary to drop what depends on it, and to make it again? */
    bool (*disturbs)(const gw_object *x, const gw_object *y, gw_changed changed);
    /* Can it be written inside its parent's CREATE where the parent is new? */
    bool (*inlined)(const gw_object *object);
    /* Does it come and go with another object's statements, but where its parent is new? */
    bool (*derived)(const gw_object *object);
    /* A first version that needs nothing, to break a loop; `create` then replaces it. */
    void (*placeholder)(gw_ddl *ddl, const gw_object *object);
    /* Rename away, for columns to be moved over to the new one, then `drop_old`. Types only. */
    void (*set_aside)(gw_ddl *ddl, const gw_object *object);
    void (*drop_aside)(gw_ddl *ddl, const gw_object *object);
};

enum {
    GW_KIND_NO_OWNER_CLAUSE = 1, /* ALTER … OWNER TO does not exist for it */
    GW_KIND_RELATION = 2,        /* shares its name with tables, indexes, views, sequences, types */
    GW_KIND_DATA = 4,            /* dropping it loses rows or values */
    GW_KIND_FOLLOWS_TYPE = 8,    /* the server makes it anew when a column gets another type */
    GW_KIND_NO_DERIVED_DROP = 16,/* detached, not dropped, where only what it hangs on goes */
    GW_KIND_PART = 32,           /* cannot be made anew alone: its parent is */
    GW_KIND_SHELL = 64,          /* a type that its own functions take: declared first (placeholder), and
                                    its drop takes them along */
    GW_KIND_KEY_AS_REF = 128,    /* people know it by its identity as SQL */
    GW_KIND_BEFORE_PARENT = 256, /* has to be dropped by itself before its parent can go */
};

/* All kinds, in the order in which independent objects are made. */
extern const gw_kind *const gw_kinds[];
extern const size_t gw_kind_count;

/* Bit of an attribute, for use with gw_changed. */
#define GW_BIT(attr) ((gw_changed)1 << (attr))

/* Object classes (pg_class.oid of the catalogs; fixed since they exist). */
enum {
    GW_CLASS_TYPE = 1247,
    GW_CLASS_PROC = 1255,
    GW_CLASS_RELATION = 1259,
    GW_CLASS_DATABASE = 1262,
    GW_CLASS_FDW = 2328,
    GW_CLASS_SERVER = 1417,
    GW_CLASS_USER_MAPPING = 1418,
    GW_CLASS_ATTRDEF = 2604,
    GW_CLASS_CAST = 2605,
    GW_CLASS_CONSTRAINT = 2606,
    GW_CLASS_CONVERSION = 2607,
    GW_CLASS_INDEX = 2610,
    GW_CLASS_INHERITS = 2611,
    GW_CLASS_LANGUAGE = 2612,
    GW_CLASS_NAMESPACE = 2615,
    GW_CLASS_OPCLASS = 2616,
    GW_CLASS_OPERATOR = 2617,
    GW_CLASS_OPFAMILY = 2753,
    GW_CLASS_DOMAIN_DEFAULT = 1, /* no catalog's: see depends.sql */
    GW_CLASS_AM = 2601,
    GW_CLASS_AMOP = 2602,
    GW_CLASS_AMPROC = 2603,
    GW_CLASS_REWRITE = 2618,
    GW_CLASS_TRIGGER = 2620,
    GW_CLASS_EXTENSION = 3079,
    GW_CLASS_POLICY = 3256,
    GW_CLASS_STATISTICS = 3381,
    GW_CLASS_COLLATION = 3456,
    GW_CLASS_EVENT_TRIGGER = 3466,
    GW_CLASS_TRANSFORM = 3576,
    GW_CLASS_TS_DICT = 3600,
    GW_CLASS_TS_PARSER = 3601,
    GW_CLASS_TS_CONFIG = 3602,
    GW_CLASS_TS_TEMPLATE = 3764,
    GW_CLASS_DEFAULT_ACL = 826,
    GW_CLASS_PUBLICATION = 6104,
    GW_CLASS_PUBLICATION_TABLE = 6106,
    GW_CLASS_PUBLICATION_SCHEMA = 6237,
    GW_CLASS_SUBSCRIPTION = 6100,
};

#endif
