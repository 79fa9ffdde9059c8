/* A schema as the languages see it. Of this folder only. */
#ifndef GW_MODELS_MODEL_H
#define GW_MODELS_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "models/models.h"

typedef enum gw_type {
    GW_TYPE_BOOL,
    GW_TYPE_INT2,
    GW_TYPE_INT4,
    GW_TYPE_INT8,
    GW_TYPE_FLOAT4,
    GW_TYPE_FLOAT8,
    GW_TYPE_NUMERIC,
    GW_TYPE_TEXT, /* and what else travels as text */
    GW_TYPE_UUID,
    GW_TYPE_DATE,
    GW_TYPE_TIME,
    GW_TYPE_TIMESTAMP,
    GW_TYPE_TIMESTAMPTZ,
    GW_TYPE_JSON,
    GW_TYPE_BYTES,
    GW_TYPE_ENUM,
    GW_TYPE_COUNT,
} gw_type;

typedef struct gw_model_enum {
    const char *schema, *name, *comment;
    const char *type_name;      /* PascalCase, unique among types */
    const char *c_name;         /* snake_case, unique */
    const char **labels;
    size_t count;
} gw_model_enum;

typedef struct gw_model_column {
    const char *name, *comment;
    const char *sql_type;        /* "character varying(20)" */
    gw_type type;
    const gw_model_enum *labels; /* of GW_TYPE_ENUM */
    int dimensions;              /* 1: an array of it */
    long length;                 /* of varchar and char, in characters; 0 = any */
    bool nullable;
    bool has_default;
    bool optional;               /* an insert may leave it out */
    bool generated;              /* an insert has to leave it out */
} gw_model_column;

typedef struct gw_model_table {
    const char *schema, *name, *comment;
    const char *type_name, *c_name;
    bool view;                   /* nothing is inserted */
    gw_model_column *columns;
    size_t count;
} gw_model_table;

typedef struct gw_model {
    gw_model_enum *enums;
    size_t enum_count;
    gw_model_table *tables;
    size_t table_count;
} gw_model;

gw_model *gw_model_of(gw_arena *arena, const gw_schema *schema, const char *const *schemas);

/* ---- names -------------------------------------------------------------------------------- */

/* Each column's snake_case name, a '_' behind reserved words, unique in its table. */
const char **gw_field_names(gw_arena *arena, const gw_model_table *table,
                            const char *const *reserved);
char *gw_pascal_case(gw_arena *arena, const char *name);
char *gw_snake_case(gw_arena *arena, const char *name);
/* An ASCII identifier that is not one of `reserved` (NULL-terminated, sorted or not). */
bool gw_plain_name(const char *name, const char *const *reserved);

/* "text" with \ escapes, as C, Rust, TypeScript and JSON all read it. */
void gw_buf_add_quoted(gw_buf *buf, const char *text);

/* A comment of the database as lines that begin with `prefix`; nothing where there is none. */
void gw_buf_add_comment(gw_buf *buf, const char *prefix, const char *comment);

/* ---- languages: one file each --------------------------------------------------------------- */

void gw_models_ts(gw_buf *buf, const gw_model *model);
void gw_models_rust(gw_buf *buf, const gw_model *model);
void gw_models_c(gw_buf *buf, const gw_model *model);
/* No struct or enum can be called so; NULL-terminated. */
extern const char *const gw_models_c_words[];
void gw_models_json_schema(gw_buf *buf, const gw_model *model);

#endif
