/*
 * A mapping: how the rows of one entity come from the source into the destination. The YAML file
 * as a typed value; every item keeps its place, for messages as FILE:LINE:COL.
 *
 * Names of columns and tables are written as they stand in the catalog: nothing is folded. A
 * table is NAME or SCHEMA.NAME ("public" where none is said); a part that holds a dot or a quote
 * is put in double quotes. Knows nothing of what the databases hold: see check.h.
 *
 * What the reader has filled in, so that nobody else has to:
 *   - identity `keep` without a field for a column of the destination's key: one that copies the
 *     source's key column of the same position (gw_map_field.implied);
 *   - gw_map_field.sensitive, also where the name stands in the list `sensitive:`.
 */
#ifndef GW_SYNC_MAPPING_H
#define GW_SYNC_MAPPING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/keys.h"

/* A text with its place; text NULL: not given. */
typedef gw_yaml_value gw_said;
typedef gw_yaml_values gw_said_list;

/* A table by name, or NULLs. */
typedef struct gw_mapping_table {
    const char *schema, *name;
    unsigned line, col;
} gw_mapping_table;

typedef enum gw_identity {
    GW_IDENTITY_KEEP,      /* the destination's key is made of fields */
    GW_IDENTITY_UUID_V5,   /* of identity_namespace and the key's text form */
    GW_IDENTITY_UUID_V7,   /* made by Godwit when the row is first seen */
    GW_IDENTITY_GENERATED, /* by the destination: a default, a sequence, an identity column */
} gw_identity;

typedef enum gw_on_reject { GW_REJECT_QUARANTINE, GW_REJECT_SKIP, GW_REJECT_FAIL } gw_on_reject;

typedef enum gw_deletes { GW_DELETES_IGNORE, GW_DELETES_DELETE, GW_DELETES_SOFT } gw_deletes;

typedef enum gw_on_change {
    GW_CHANGE_QUARANTINE,
    GW_CHANGE_OVERWRITE,
    GW_CHANGE_KEEP,
} gw_on_change;

/* Where a field's value comes from. */
typedef enum gw_field_kind {
    GW_FIELD_COPY,      /* from: a column */
    GW_FIELD_SQL,       /* sql: an expression over the source's row, run in the source's query under
                           the role's own search_path (gw_pg_user_names); the row is "s" */
    GW_FIELD_TRANSFORM, /* transform: a function of this mapping */
    GW_FIELD_REFERENCE, /* reference: from's key of another entity, through its id map */
    GW_FIELD_VALUE,     /* value: a constant */
} gw_field_kind;

typedef struct gw_map_field {
    gw_field_kind kind;
    gw_said to;             /* the destination's column */
    gw_said_list from;      /* COPY: one; REFERENCE: as many as that entity's key has; else none
                               (a function sees the whole row) */
    gw_said sql, transform, reference;
    gw_said value;          /* text NULL with kind VALUE: NULL */
    gw_said type;           /* what it is converted to first; NULL: the destination column's type */
    gw_said default_value;  /* in place of NULL; text NULL: none */
    bool required;          /* NULL (after the default) is a rejection */
    bool sensitive;         /* masked wherever values are shown */
    bool implied;           /* not in the file: see above */
    unsigned line, col;     /* of the whole entry */
} gw_map_field;

typedef enum gw_rule_kind {
    GW_RULE_REQUIRED, /* not NULL */
    GW_RULE_UNIQUE,   /* no other row has the same values (NULLs are no equals) */
    GW_RULE_FORMAT,   /* its text matches `pattern` (PostgreSQL's regular expressions) */
    GW_RULE_RANGE,    /* between min and max, both included, of the column's type */
    GW_RULE_SQL,      /* a condition; NULL passes, as in a CHECK */
} gw_rule_kind;

/* Rules judge the row as it goes into the destination: names are `to` columns, values are of their
 * types, the row is "d". NULL passes every rule but `required`. */
typedef struct gw_rule_said {
    gw_rule_kind kind;
    gw_said_list fields;    /* UNIQUE: one or more; SQL: none or one; else one */
    gw_said pattern;        /* FORMAT */
    gw_said min, max;       /* RANGE; one of them may be missing */
    gw_said sql;            /* SQL */
    gw_said message;        /* instead of Godwit's own; may be missing */
    unsigned line, col;
} gw_rule_said;

/* A function written in the mapping. */
typedef struct gw_mapping_function {
    const char *name;
    const char *body;       /* TypeScript: an arrow function or a function expression */
    unsigned line, col;     /* of the name */
    unsigned body_line;     /* the file's line of the body's first line */
    unsigned body_col;      /* what to add to a column of the body, in its first line … */
    unsigned body_indent;   /* … and in every other one */
} gw_mapping_function;

typedef struct gw_mapping_functions {
    gw_mapping_function *items; /* inline */
    size_t len, cap;
    gw_said file;               /* or a .ts file, beside the mapping: its name as written … */
    const char *path;           /* … where it was read from … */
    const char *text;           /* … and what it holds; each `transform` is one of its exports */
    const char *compiled;       /* of a registered mapping: a check compiles nothing; else NULL */
} gw_mapping_functions;

typedef struct gw_mapping {
    const char *file;           /* for messages */
    const char *body;           /* the YAML, as it was read */
    const char *body_hash;      /* SHA-256 in hex: of the body, and of the .ts file */
    gw_said entity, version;
    struct {
        gw_mapping_table table; /* name NULL: it is a query */
        gw_said query;          /* a SELECT without a semicolon */
        gw_said_list key;       /* one or more columns */
        gw_said changed_at;     /* may be missing */
        bool changed_at_sound;  /* `set_by: server` was said of it: the server sets it on every write */
    } source;
    struct {
        gw_mapping_table table;
        gw_said_list key;
        gw_said legacy_id, migrated_at, source_hash; /* columns that Godwit fills; may be missing */
    } destination;
    gw_said_list depends_on;    /* as written; references depend by themselves */
    gw_identity identity;
    unsigned identity_line, identity_col;
    const char *identity_namespace; /* UUID_V5: 36 characters */
    gw_deletes deletes;
    unsigned deletes_line, deletes_col;
    bool deletes_cascade;       /* DELETE: what the destination's foreign keys do to other rows is meant */
    gw_said deletes_column;     /* SOFT: a timestamp is set to now(), a boolean to true */
    gw_on_reject on_reject;
    gw_on_change on_destination_change;
    struct {
        gw_map_field *items;
        size_t len, cap;
    } fields;
    struct {
        gw_rule_said *items;
        size_t len, cap;
    } rules;
    gw_said_list sensitive;     /* as written: columns of either side */
    gw_mapping_functions functions;
} gw_mapping;

typedef struct gw_mapping_list {
    gw_mapping *items;
    size_t len, cap;
} gw_mapping_list;

/*
 * Read a mapping. Everything wrong goes to problems (with their file set to `file`); false where
 * there was any. script: the text of its .ts file where the caller has it (a stored definition);
 * NULL: a .ts file is read from beside `path`. path NULL: there is no folder to read from.
 */
bool gw_mapping_read(gw_arena *arena, const char *file, const char *path, const char *text,
                     size_t len, const char *script, gw_problems *problems, gw_mapping *out);

/*
 * Every *.yaml and *.yml of a folder, in the order of names; or the files named. Mappings that
 * could not be read are left out and their problems added; an entity that two files describe is a
 * problem of the second. Errors are of kind IO.
 */
bool gw_mappings_load(gw_arena *arena, const char *dir, const char *const *files,
                      size_t file_count, gw_problems *problems, gw_mapping_list *out,
                      gw_err *err);

/* The place in the file of a character (from 0) of a text: of an expression that the server found
 * wrong there. Where the file has it in another form (folded, escaped), the text's own place. */
void gw_mapping_place(const gw_mapping *mapping, const gw_said *said, size_t offset,
                      unsigned *line, unsigned *col);

/* "keep", "uuid-v5", …: the words of the file. */
const char *gw_identity_word(gw_identity identity);
const char *gw_rule_word(gw_rule_kind kind);
const char *gw_field_kind_word(gw_field_kind kind);

/* Ids change: the entity has an id map. */
bool gw_mapping_has_id_map(const gw_mapping *mapping);

/* Is this column of the source (or `to` of a field) one whose values are masked? */
bool gw_mapping_sensitive(const gw_mapping *mapping, const char *column);
/* Is the field's value: sensitive itself, or made of what is? An expression is taken to be made of
 * each column that its text names, a function of the whole row. */
bool gw_mapping_field_masked(const gw_mapping *mapping, const gw_map_field *field);
/* Has the key of the source such a column? */
bool gw_mapping_key_masked(const gw_mapping *mapping);
/* The detail of an error that tells a key. */
bool gw_key_said(gw_err *err, const char *key, size_t len);
/* What a server says of a value may quote it: of a mapping with masked ones the SQLSTATE is left.
 * Of gw_key_said, where the key is masked, nothing. */
void gw_mapping_mask(const gw_mapping *mapping, gw_err *err);
bool gw_mapping_masks(const gw_mapping *mapping);

/* The field that fills a column; NULL where none does. */
const gw_map_field *gw_mapping_field(const gw_mapping *mapping, const char *to);

/* Entities that have to be there before: depends_on and references, each once, without itself. */
gw_said_list gw_mapping_needs(gw_arena *arena, const gw_mapping *mapping);

/* "schema"."name" as people write it, and as the server reads it. */
const char *gw_mapping_table_shown(gw_arena *arena, const gw_mapping_table *table);
const char *gw_mapping_table_sql(gw_arena *arena, const gw_mapping_table *table);

/* As schema_mapping_definitions keeps them: arrays with the seed's keys. Owned by the arena. */
json_t *gw_mapping_fields_json(gw_arena *arena, const gw_mapping *mapping);
json_t *gw_mapping_rules_json(gw_arena *arena, const gw_mapping *mapping);
json_t *gw_mapping_functions_json(gw_arena *arena, const gw_mapping *mapping);

#endif
