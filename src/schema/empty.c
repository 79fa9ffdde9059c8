#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "schema/map.h"

gw_schema *gw_schema_empty(gw_arena *arena, int server_version)
{
    gw_schema *schema = gw_schema_new(arena, server_version);
    gw_object *object = gw_alloc(arena, sizeof *object);
    object->kind = &gw_kind_schema;
    object->classid = GW_CLASS_NAMESPACE;
    object->oid = 2200;
    object->name = "public";
    object->values = gw_alloc_array(arena, 1, sizeof *object->values);
    object->server_version = server_version;
    gw_object_name(arena, object);
    *gw_vec_push(arena, &schema->objects) = object;
    gw_object_map_put_key(schema->by_key, object->kind->name, object->key, object);
    return schema;
}
