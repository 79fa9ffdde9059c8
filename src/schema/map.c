#include "schema/map.h"

#include <string.h>

/* Open addressing, a power of two of places, at most half full. */
typedef struct slot {
    uint64_t hash; /* 0 = free */
    const char *kind, *key;
    uint32_t classid, oid;
    int32_t subid;
    gw_object *object;
} slot;

struct gw_object_map {
    gw_arena *arena;
    slot *slots;
    size_t places, used;
};

static size_t places_for(size_t entries)
{
    size_t places = 64;
    while (places < entries * 2 + 2)
        places *= 2;
    return places;
}

gw_object_map *gw_object_map_new(gw_arena *arena, size_t expected)
{
    gw_object_map *map = gw_alloc(arena, sizeof *map);
    map->arena = arena;
    map->places = places_for(expected);
    map->slots = gw_alloc_array(arena, map->places, sizeof *map->slots);
    return map;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

static uint64_t hash_key(const char *kind, const char *key)
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, kind, strlen(kind) + 1);
    return hash_bytes(hash, key, strlen(key)) | 1;
}

static uint64_t hash_oid(uint32_t classid, uint32_t oid, int32_t subid)
{
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, &classid, sizeof classid);
    hash = hash_bytes(hash, &oid, sizeof oid);
    return hash_bytes(hash, &subid, sizeof subid) | 1;
}

static bool same(const slot *a, const slot *b)
{
    if (a->hash != b->hash || !a->kind != !b->kind)
        return false;
    if (a->kind)
        return strcmp(a->kind, b->kind) == 0 && strcmp(a->key, b->key) == 0;
    return a->classid == b->classid && a->oid == b->oid && a->subid == b->subid;
}

static slot *place_of(const gw_object_map *map, const slot *wanted)
{
    /* the lowest bit is always set: it says that the place is taken */
    size_t at = (size_t)(wanted->hash >> 1) & (map->places - 1);
    while (map->slots[at].hash && !same(&map->slots[at], wanted))
        at = (at + 1) & (map->places - 1);
    return &map->slots[at];
}

static void put(gw_object_map *map, const slot *entry)
{
    if (2 * (map->used + 1) > map->places) {
        slot *old = map->slots;
        size_t count = map->places;
        map->places *= 2;
        map->slots = gw_alloc_array(map->arena, map->places, sizeof *map->slots);
        for (size_t i = 0; i < count; i++)
            if (old[i].hash)
                *place_of(map, &old[i]) = old[i];
    }
    slot *place = place_of(map, entry);
    map->used += place->hash == 0;
    *place = *entry;
}

void gw_object_map_put_key(gw_object_map *map, const char *kind, const char *key, gw_object *object)
{
    put(map, &(slot){.hash = hash_key(kind, key), .kind = kind, .key = key, .object = object});
}

gw_object *gw_object_map_key(const gw_object_map *map, const char *kind, const char *key)
{
    return place_of(map, &(slot){.hash = hash_key(kind, key), .kind = kind, .key = key})->object;
}

void gw_object_map_put_oid(gw_object_map *map, uint32_t classid, uint32_t oid, int32_t subid,
                           gw_object *object)
{
    put(map, &(slot){.hash = hash_oid(classid, oid, subid), .classid = classid, .oid = oid,
                     .subid = subid, .object = object});
}

gw_object *gw_object_map_oid(const gw_object_map *map, uint32_t classid, uint32_t oid,
                             int32_t subid)
{
    return place_of(map, &(slot){.hash = hash_oid(classid, oid, subid), .classid = classid,
                                 .oid = oid, .subid = subid})->object;
}
