/*
 * Where rows come from: a table of functions, of which PostgreSQL's is the only one so far. The
 * other engines are refused by their name (kind REFUSED).
 *
 * What is described here is a value on the caller's arena: a relation with its columns, types,
 * keys, foreign keys and what holds its rows; or the columns of a query. The same description
 * serves for the destination, which is PostgreSQL always. Nothing is written. Knows no mapping.
 */
#ifndef GW_SOURCE_SOURCE_H
#define GW_SOURCE_SOURCE_H

#include "pg/query.h"

typedef struct gw_source_identity {
    const char *engine;            /* "postgresql" */
    int64_t version;               /* 150020 */
    const char *system_identifier; /* of the server */
    int64_t database_oid;
    const char *database, *role;
    bool standby, superuser;
} gw_source_identity;

/* A type, its domain followed to the base and its array to the element. */
typedef struct gw_source_type {
    const char *type;              /* "numeric(10,2)", "shop.mood" */
    int64_t oid, typmod;
    int64_t base_oid, base_typmod; /* of the domain's base; else its own */
    const char *base_type;
    const char *base_kind;         /* pg_type.typtype: b, c, e, r, m, p */
    const char *category;          /* pg_type.typcategory */
    int64_t element_oid;           /* 0: no array */
    const char *element_kind, *element_type;
    bool domain, domain_not_null, domain_default;
    bool large_object;             /* oid, or lo */
    const char *labels;            /* of an enum (or an array of it): a JSON array; else NULL */
} gw_source_type;

typedef struct gw_source_column {
    const char *name;
    gw_source_type type;
    bool not_null;                 /* the domain's too */
    const char *default_text;      /* NULL */
    const char *identity;          /* "", a (always), d (by default) */
    const char *generated;         /* "", s (stored), v (virtual) */
    const char *collation;         /* NULL */
    bool deterministic;
    bool may_select;
    bool leads;                    /* an index begins with it */
} gw_source_column;

typedef struct gw_source_names {
    const char **items;
    size_t len, cap;
} gw_source_names;

typedef struct gw_source_key {
    const char *name;
    bool primary, deferrable, nulls_equal;
    gw_source_names columns;
} gw_source_key;

typedef struct gw_source_foreign_key {
    const char *name;
    bool deferrable;
    const char *target_schema, *target_name;
    int64_t target_oid;
    gw_source_names columns, target_columns;
} gw_source_foreign_key;

typedef struct gw_source_leaf {
    int64_t oid;
    const char *schema, *name, *kind;
    int64_t file_node;             /* GW_NULL_INT: none (a foreign table) */
    bool unlogged;
} gw_source_leaf;

typedef struct gw_source_relation {
    const char *schema, *name;     /* NULL: a query */
    int64_t oid;
    const char *kind;              /* pg_class.relkind: r, p, v, m, f; "q": a query */
    bool unlogged, row_security;   /* row_security: it applies to this role */
    bool may_use, may_select, may_insert, may_update, may_delete, owned;
    int64_t rows;                  /* the server's estimate */
    int64_t triggers;
    gw_source_column *columns;
    size_t column_count;
    gw_source_key *keys;
    size_t key_count;
    gw_source_foreign_key *foreign_keys;
    size_t foreign_key_count;
    gw_source_leaf *leaves;
    size_t leaf_count;
} gw_source_relation;

/* ---- a source ---------------------------------------------------------------------------- */

typedef struct gw_source gw_source;

/* One engine. Every function works on an open source. */
typedef struct gw_source_engine {
    const char *name;
    bool (*identify)(gw_source *source, gw_arena *arena, gw_source_identity *out, gw_err *err);
    bool (*describe)(gw_source *source, gw_arena *arena, const char *schema, const char *name,
                     gw_source_relation *out, bool *found, gw_err *err);
    bool (*describe_query)(gw_source *source, gw_arena *arena, const char *text,
                           gw_source_relation *out, gw_err *err);
} gw_source_engine;

struct gw_source {
    const gw_source_engine *engine;
    gw_session *session; /* of postgresql; pinned, and every transaction read only */
};

/* The engine that a URL names; refuses those that are not there yet, without connecting. */
bool gw_source_engine_of(const char *url, const gw_source_engine **out, gw_err *err);

/* Connect (connect->conninfo is the URL). Closed with the arena. */
bool gw_source_open(gw_arena *arena, const gw_connect *connect, gw_source **out, gw_err *err);

/* ---- PostgreSQL, for a session of either side --------------------------------------------- */

bool gw_pg_identify(gw_session *session, gw_arena *arena, gw_source_identity *out, gw_err *err);

/* *found is false where there is no such table or view: no error. */
bool gw_pg_describe(gw_session *session, gw_arena *arena, const char *schema, const char *name,
                    gw_source_relation *out, bool *found, gw_err *err);

/* A SELECT's columns, by preparing it; nullability and keys are not known. Errors carry the
 * position in `text`. */
bool gw_pg_describe_query(gw_session *session, gw_arena *arena, const char *text,
                          gw_source_relation *out, gw_err *err);

/*
 * SQL that a person wrote (a mapping's query, its expressions and conditions) finds names as it
 * always has: by the search_path that the role and the database have. on: from here to the end of
 * the transaction, or to the same with false, where Godwit's own statements follow.
 */
bool gw_pg_user_names(gw_session *session, bool on, gw_err *err);

/* A digest of the functions, operators and casts of the person's that this SQL goes through: another
 * one, and the same row may give other values. NULL: there are none. */
bool gw_pg_defined(gw_session *session, gw_arena *arena, const char *text, const char **digest,
                   gw_err *err);

/* Types by oid and typmod, in the order given. */
bool gw_pg_types(gw_session *session, gw_arena *arena, const int64_t *oids, const int64_t *typmods,
                 size_t count, gw_source_type *out, gw_err *err);

/* Every table that a person could have meant. */
typedef struct gw_source_table_name {
    const char *schema, *name;
} gw_source_table_name;
bool gw_pg_tables(gw_session *session, gw_arena *arena, gw_source_table_name **out, size_t *count,
                  gw_err *err);

/* A type without its length or scale: a cast to it cuts nothing off. (SQL's own words "character" and "bit" mean one.) */
const char *gw_source_unbounded(gw_arena *arena, const char *type);

const gw_source_column *gw_source_column_of(const gw_source_relation *relation, const char *name);

/* A key that these columns contain, none of which can be NULL in it: so they are unique. NULL where
 * the server promises nothing. */
const gw_source_key *gw_source_unique(const gw_source_relation *relation,
                                      const gw_source_names *columns);

#endif
