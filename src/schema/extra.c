/* Extensions that a schema is to have though the server it was read from could not. */
#include <string.h>

#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "schema/map.h"

static size_t kind_order(const gw_object *object)
{
    size_t i = 0;
    while (gw_kinds[i] != object->kind)
        i++;
    return i;
}

static void put_in_order(gw_schema *schema, gw_object *object)
{
    gw_vec_push(schema->arena, &schema->objects);
    size_t at = schema->objects.len - 1;
    for (; at > 0; at--) {
        gw_object *before = schema->objects.items[at - 1];
        size_t x = kind_order(before), y = kind_order(object);
        if (x < y || (x == y && strcmp(before->name, object->name) < 0))
            break;
        schema->objects.items[at] = before;
    }
    schema->objects.items[at] = object;
    for (size_t i = at; i < schema->objects.len; i++)
        schema->objects.items[i]->index = i;
}

void gw_schema_add_extension(gw_schema *schema, const char *name, const char *namespace,
                             const gw_object *like)
{
    gw_arena *arena = schema->arena;
    gw_object *object = gw_alloc(arena, sizeof *object);
    const gw_kind *kind = &gw_kind_extension;
    size_t count = 0;
    while (kind->attrs[count].name)
        count++;
    *object = (gw_object){.kind = kind,
                          .classid = kind->classid,
                          .name = gw_strdup(arena, name),
                          .comment = like ? like->comment : NULL,
                          .server_version = schema->server_version};
    object->values = gw_alloc_array(arena, count, sizeof *object->values);
    for (size_t i = 0; i < count; i++)
        object->values[i] = like ? like->values[i] : NULL;
    if (namespace)
        object->values[0] = gw_strdup(arena, namespace);
    gw_object_name(arena, object);
    if (gw_object_map_key(schema->by_key, kind->name, object->key))
        return;
    gw_object_map_put_key(schema->by_key, kind->name, object->key, object);
    gw_object *home = object->values[0] ? gw_object_map_key(schema->by_key, "schema",
                                                            gw_ddl_name(arena, object->values[0]))
                                        : NULL;
    if (home) {
        *gw_vec_push(arena, &object->needs) = (gw_need){home, 'n'};
        *gw_vec_push(arena, &home->needed_by) = (gw_need){object, 'n'};
    }
    put_in_order(schema, object);
}
