/* Objects by identity and by catalog address. Of this folder only. */
#ifndef GW_SCHEMA_MAP_H
#define GW_SCHEMA_MAP_H

#include "schema/value.h"

typedef struct gw_object_map gw_object_map;

gw_object_map *gw_object_map_new(gw_arena *arena, size_t expected);

/* Later entries of an address win. */
void gw_object_map_put_key(gw_object_map *map, const char *kind, const char *key, gw_object *object);
gw_object *gw_object_map_key(const gw_object_map *map, const char *kind, const char *key);

void gw_object_map_put_oid(gw_object_map *map, uint32_t classid, uint32_t oid, int32_t subid,
                           gw_object *object);
gw_object *gw_object_map_oid(const gw_object_map *map, uint32_t classid, uint32_t oid,
                             int32_t subid);

#endif
