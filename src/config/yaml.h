/*
 * YAML text as a small tree with places: what libfyaml read, with aliases and merge keys (`<<`)
 * followed and duplicate keys reported. Knows nothing of what the keys mean.
 */
#ifndef GW_CONFIG_YAML_H
#define GW_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "config/problems.h"

typedef enum { GW_YAML_NULL, GW_YAML_SCALAR, GW_YAML_LIST, GW_YAML_MAP } gw_yaml_kind;

typedef struct gw_yaml {
    gw_yaml_kind kind;
    unsigned line, col;   /* of the value; of its key where it has no place of its own */
    const char *text;     /* SCALAR: as written; a number is its text */
    struct gw_yaml_entry *entries; /* MAP and LIST (there key is NULL), in order of the file */
    size_t count;
} gw_yaml;

typedef struct gw_yaml_entry {
    const char *key;
    unsigned line, col;   /* of the key */
    gw_yaml value;
} gw_yaml_entry;

/* "a number", "a list", …: for messages. */
const char *gw_yaml_kind_name(gw_yaml_kind kind);

/* An empty text is a NULL node. false: it is not YAML, or too big; the problem has been added.
 * Duplicate keys are added as problems and do not fail. */
bool gw_yaml_read(gw_arena *arena, const char *text, size_t len, gw_problems *problems,
                  gw_yaml *out);

#endif
