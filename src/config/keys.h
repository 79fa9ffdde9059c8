/*
 * A YAML mapping against a table of its keys, each with the function that takes its value: for
 * godwit.yaml and for every other file that people write. What is wrong is a problem with its
 * place; all of it is found in one reading.
 */
#ifndef GW_CONFIG_KEYS_H
#define GW_CONFIG_KEYS_H

#include "config/yaml.h"

/* A single value as it stands in the file. */
typedef struct gw_yaml_value {
    const char *text; /* NULL: not given */
    unsigned line, col;
} gw_yaml_value;

typedef struct gw_yaml_decoder {
    gw_arena *arena;
    gw_problems *problems;
} gw_yaml_decoder;

typedef struct gw_yaml_key {
    const char *name;
    void (*take)(gw_yaml_decoder *d, const struct gw_yaml_key *key, const gw_yaml_entry *entry,
                 void *target);
    size_t offset; /* into target, for take */
    int type;      /* for take */
} gw_yaml_key;

#define GW_YAML_KEYS(table) table, sizeof table / sizeof *table

/* Each entry to its key's function. An unknown key is a problem; `x-…` is the user's own. */
void gw_yaml_take_keys(gw_yaml_decoder *d, const gw_yaml *map, const gw_yaml_key *keys,
                       size_t count, void *target);

/* "KEY" takes WANTED, not what it has (or: has no value). */
void gw_yaml_wrong_kind(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *wanted);

/* Is the value a mapping? Nothing at all is none and no problem. */
bool gw_yaml_is_map(gw_yaml_decoder *d, const gw_yaml_entry *entry);

/* A list with something in it, of texts that are not empty. */
bool gw_yaml_is_texts(const gw_yaml *list);

/* The value as gw_yaml_value; false (and a problem) where it is none. */
bool gw_yaml_single(gw_yaml_decoder *d, const gw_yaml_entry *entry, gw_yaml_value *out);

/* One value, or a list of them, none empty; added to *out. `wanted` for the message. */
typedef struct gw_yaml_values {
    gw_yaml_value *items;
    size_t len, cap;
} gw_yaml_values;
bool gw_yaml_some(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *wanted,
                  gw_yaml_values *out);

/* true, yes, on, false, no, off. */
bool gw_bool_parse(const char *text, bool *out);
bool gw_yaml_bool(gw_yaml_decoder *d, const gw_yaml_entry *entry, bool *out);

/* One of some words (NULL-terminated): its index. */
bool gw_yaml_choice(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *const *words,
                    int *out);

#endif
