#include "sync/keyed.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a with a final mix, so that its low bits are good ones. */
uint64_t gw_key_hash(const char *key, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3u;
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static void *grow(void *memory, size_t count, size_t size)
{
    void *grown = realloc(memory, count * size);
    if (!grown)
        gw_out_of_memory(count * size);
    return grown;
}

static void place(gw_keyed *keyed, size_t index)
{
    size_t mask = keyed->place_count - 1, at = keyed->items[index].hash & mask;
    while (keyed->places[at])
        at = (at + 1) & mask;
    keyed->places[at] = (uint32_t)(index + 1);
}

/* At most half full. */
static void make_places(gw_keyed *keyed, size_t items)
{
    if (items * 2 <= keyed->place_count)
        return;
    size_t count = keyed->place_count ? keyed->place_count : 512;
    while (count < items * 2)
        count *= 2;
    keyed->places = grow(keyed->places, count, sizeof *keyed->places);
    memset(keyed->places, 0, count * sizeof *keyed->places);
    keyed->place_count = count;
    for (size_t i = 0; i < keyed->len; i++)
        place(keyed, i);
}

gw_keyed_item *gw_keyed_find(const gw_keyed *keyed, const char *key, size_t len, uint64_t hash)
{
    if (keyed->len == 0)
        return NULL;
    size_t mask = keyed->place_count - 1;
    for (size_t at = hash & mask; keyed->places[at]; at = (at + 1) & mask) {
        gw_keyed_item *item = &keyed->items[keyed->places[at] - 1];
        if (item->hash == hash && item->print.key_len == len &&
            memcmp(item->print.key, key, len) == 0)
            return item;
    }
    return NULL;
}

void gw_keyed_put(gw_keyed *keyed, const gw_fingerprint *print, uint64_t hash)
{
    gw_keyed_item *there = gw_keyed_find(keyed, print->key, print->key_len, hash);
    if (there) {
        there->print = *print;
        return;
    }
    if (keyed->len == keyed->cap) {
        keyed->cap = keyed->cap ? keyed->cap * 2 : 256;
        keyed->items = grow(keyed->items, keyed->cap, sizeof *keyed->items);
    }
    make_places(keyed, keyed->len + 1);
    keyed->items[keyed->len] = (gw_keyed_item){.print = *print, .hash = hash};
    place(keyed, keyed->len++);
}

void gw_keyed_clear(gw_keyed *keyed)
{
    keyed->len = 0;
    if (keyed->place_count)
        memset(keyed->places, 0, keyed->place_count * sizeof *keyed->places);
}

void gw_keyed_free(gw_keyed *keyed)
{
    free(keyed->items);
    free(keyed->places);
    *keyed = (gw_keyed){0};
}
