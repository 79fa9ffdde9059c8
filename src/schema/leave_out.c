/* Objects that a reader does not want, taken out of a schema together with their parts. */
#include "schema/internal.h"
#include "schema/map.h"

static bool goes_along(const gw_object *object, const bool *out)
{
    if (object->parent && out[object->parent->index])
        return true;
    for (size_t i = 0; i < object->needs.len; i++)
        if (object->needs.items[i].type != 'n' && out[object->needs.items[i].object->index])
            return true;
    return false;
}

static void prune(gw_needs *needs, const bool *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < needs->len; i++)
        if (!out[needs->items[i].object->index])
            needs->items[kept++] = needs->items[i];
    needs->len = kept;
}

/* The marked ones go; the places of the others are given anew when nobody asks by them any more. */
static void compact(gw_schema *schema, const bool *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < schema->objects.len; i++) {
        gw_object *object = schema->objects.items[i];
        prune(&object->needs, out);
        prune(&object->needed_by, out);
        prune(&object->children, out);
    }
    schema->by_key = gw_object_map_new(schema->arena, schema->objects.len + 1);
    schema->by_oid = gw_object_map_new(schema->arena, schema->objects.len + 1);
    for (size_t i = 0; i < schema->objects.len; i++) {
        gw_object *object = schema->objects.items[i];
        if (out[i])
            continue;
        gw_object_map_put_key(schema->by_key, object->kind->name, object->key, object);
        gw_object_map_put_oid(schema->by_oid, object->classid, object->oid, object->subid, object);
        schema->objects.items[kept++] = object;
    }
    schema->objects.len = kept;
    for (size_t i = 0; i < kept; i++)
        schema->objects.items[i]->index = i;
}

void gw_schema_leave_out(gw_schema *schema, const gw_schema_options *options)
{
    size_t count = schema->objects.len, marked = 0, before;
    gw_arena *scratch = gw_arena_new();
    bool *out = gw_alloc_array(scratch, count + 1, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (options->leave_out(options->self, schema->objects.items[i])) {
            out[i] = true;
            marked++;
        }
    do {
        before = marked;
        for (size_t i = 0; marked && i < count; i++)
            if (!out[i] && goes_along(schema->objects.items[i], out)) {
                out[i] = true;
                marked++;
            }
    } while (marked != before);
    if (marked)
        compact(schema, out);
    gw_arena_free(scratch);
}
