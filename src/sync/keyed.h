/* Fingerprints by key, for a pool or a run of blocks. Of this folder only. */
#ifndef GW_SYNC_KEYED_H
#define GW_SYNC_KEYED_H

#include "sync/packed.h"

typedef struct gw_keyed_item {
    gw_fingerprint print; /* its key belongs to the caller */
    uint64_t hash;
    bool seen;
} gw_keyed_item;

/* Start from zero; memory is malloc's, kept by clear and given back by free. */
typedef struct gw_keyed {
    gw_keyed_item *items;
    size_t len, cap;
    uint32_t *places; /* index + 1 into items; 0 = free */
    size_t place_count;
} gw_keyed;

uint64_t gw_key_hash(const char *key, size_t len);

/* Later ones of a key replace earlier ones. */
void gw_keyed_put(gw_keyed *keyed, const gw_fingerprint *print, uint64_t hash);
gw_keyed_item *gw_keyed_find(const gw_keyed *keyed, const char *key, size_t len, uint64_t hash);
void gw_keyed_clear(gw_keyed *keyed);
void gw_keyed_free(gw_keyed *keyed);

#endif
