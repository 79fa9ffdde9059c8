/*
 * What of an entity's rows travels, and the queries that read it from the source.
 *
 * A row comes as: the table that holds it (oid), its place there (tid), its key's text form, its
 * fingerprint, the columns. A column travels in its binary form where its type is a built-in one
 * that means the same on every server; any other as its text. A query's rows have no place.
 *
 * The row is "s" in every expression. Queries that hold a person's SQL have to run under that
 * person's names: gw_pg_user_names around them, in the transaction that has the snapshot.
 */
#ifndef GW_SYNC_PROJECT_H
#define GW_SYNC_PROJECT_H

#include "source/lookup.h"
#include "sync/check.h"

/* One value on its way. */
typedef struct gw_travelling {
    const char *sql;  /* in the source's query, of this type */
    const char *type; /* of the staging column: built-in, as format_type writes it */
    const char *name; /* for people: the source's column, or the field that it fills */
    bool as_text;     /* its own type means nothing on another server */
    bool sensitive;
} gw_travelling;

typedef struct gw_projection {
    const gw_entity_plan *entity;
    const char *from; /* SQL behind FROM, of the whole */
    int source_version;
    bool has_blocks;
    const char *key;         /* SQL of type text */
    const char *fingerprint; /* SQL of type bigint */
    bool spelled_anew;       /* the key's types have equal values that are spelled otherwise */
    const char *order;       /* SQL behind ORDER BY, where there are no blocks; else NULL */
    gw_travelling *columns;  /* one of each value that a field needs */
    size_t count;
    size_t *of_field;  /* a field's column, by the field's number; SIZE_MAX: it has none */
    const char **seen; /* what functions see: SQL of type text, a column of the source each */
    size_t seen_count; /* 0 where there are no functions */
} gw_projection;

/* In front of the columns: table, place, key, fingerprint. */
enum { GW_PROJECT_LEAD = 4 };

/* The plan outlives the projection. Errors are those of describing the expressions. */
bool gw_project(gw_session *source, gw_arena *arena, const gw_entity_plan *entity,
                gw_projection *out, gw_err *err);

/* COPY … TO STDOUT in binary format: the rows of a run of blocks of one leaf; of the whole where
 * leaf is NULL. */
const char *gw_project_blocks(gw_arena *arena, const gw_projection *projection,
                              const gw_source_leaf *leaf, gw_blocks run);

/* The same of the rows of these keys (their text forms), those that are there. A key that is not of
 * this entity's form is kind STATE. */
bool gw_project_keys(gw_arena *arena, const gw_projection *projection, const char *const *keys,
                     size_t count, const char **out, gw_err *err);

/* A SELECT: "number" (of the key in this list, from 1) and "key", as the source spells it now, of
 * those that are there. Kinds as above; to be run under the person's names. */
bool gw_project_spelled(gw_arena *arena, const gw_projection *projection, const gw_key_text *keys,
                        size_t count, const char **out, gw_err *err);

/* Is every value of this column spelled as those that are equal to it? */
bool gw_column_spelled_alike(const gw_source_column *column);

/* Keys and fingerprints alone, for detection; of the whole where leaf is NULL. */
gw_reader gw_project_reader(gw_arena *arena, const gw_projection *projection, gw_session *session,
                            const gw_source_leaf *leaf);

/* SQL of type text: the text form of a key of these values; NULL where one of them is. */
const char *gw_key_text_sql(gw_arena *arena, const char *const *values, size_t count);

/* The values of a key's text form; false where it is not of so many. Kind STATE. */
bool gw_key_values(gw_arena *arena, const char *key, size_t count, const char **out, gw_err *err);

/* A type whose binary form is the same on every server; of a domain, the type below it. */
bool gw_type_travels_binary(const gw_source_type *type);

#endif
