/* Reading a mapping, in pieces. Private to this folder. */
#ifndef GW_SYNC_READER_H
#define GW_SYNC_READER_H

#include "sync/mapping.h"

typedef struct gw_mapping_reader {
    gw_yaml_decoder d;   /* first: the functions that take a value get only this */
    gw_mapping *mapping;
    const char *path;    /* of the file, or NULL */
    const char *script;  /* text of the .ts file, or NULL */
} gw_mapping_reader;

/* mapping_fields.c: `fields:` and `rules:`; what is missing in them. */
void gw_mapping_take_fields(gw_mapping_reader *r, const gw_yaml_entry *entry);
void gw_mapping_take_rules(gw_mapping_reader *r, const gw_yaml_entry *entry);

/* mapping_functions.c */
void gw_mapping_take_functions(gw_mapping_reader *r, const gw_yaml_entry *entry);

/* mapping_whole.c: what no single value shows, and what the reader fills in. */
void gw_mapping_whole(gw_mapping_reader *r);

/* "name" or "schema.name". */
bool gw_mapping_table_parse(gw_mapping_reader *r, const char *key, gw_said said,
                            gw_mapping_table *out);

/* A column's name: something, of at most 63 bytes. */
bool gw_mapping_column_ok(gw_mapping_reader *r, const char *key, const gw_said *said);

#endif
