#include "schema/value.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "schema/internal.h"
#include "schema/kind.h"
#include "schema/map.h"
#include "sql/quote.h"

gw_schema *gw_schema_new(gw_arena *arena, int server_version)
{
    gw_schema *schema = gw_alloc(arena, sizeof *schema);
    schema->arena = arena;
    schema->server_version = server_version;
    schema->database = "";
    schema->by_key = gw_object_map_new(arena, 256);
    schema->by_oid = gw_object_map_new(arena, 256);
    return schema;
}

void gw_object_name(gw_arena *arena, gw_object *object)
{
    const gw_kind *kind = object->kind;
    gw_buf key = GW_BUF(arena);
    if (object->parent) {
        gw_buf_add(&key, object->parent->key);
        gw_buf_addc(&key, '.');
        gw_buf_add(&key, gw_display_name(arena, NULL, object->name));
    } else {
        gw_buf_add(&key, gw_display_name(arena, object->schema, object->name));
    }
    if (object->args)
        gw_buf_addf(&key, "(%s)", object->args);
    object->key = key.data;
    object->ref = kind->ref ? kind->ref(arena, object)
                  : object->parent ? gw_display_name(arena, NULL, object->name)
                                   : object->key;
    if (kind->flags & GW_KIND_KEY_AS_REF)
        object->key = object->ref;
}

const gw_object *gw_schema_find(const gw_schema *schema, const char *kind, const char *key)
{
    return gw_object_map_key(schema->by_key, kind, key);
}

const char *gw_object_value(const gw_object *object, const char *attribute)
{
    for (size_t i = 0; object->kind->attrs[i].name; i++)
        if (strcmp(object->kind->attrs[i].name, attribute) == 0)
            return object->values[i];
    return NULL;
}

bool gw_object_is(const gw_object *object, const char *attribute)
{
    const char *value = gw_object_value(object, attribute);
    return value && strcmp(value, "t") == 0;
}

const gw_object *gw_column_default(const gw_object *column)
{
    for (size_t i = 0; i < column->parent->children.len; i++) {
        const gw_object *child = column->parent->children.items[i].object;
        if (strcmp(child->kind->name, "default") == 0 && strcmp(child->name, column->name) == 0)
            return child;
    }
    return NULL;
}

/* ---- fingerprint ---------------------------------------------------------------------------- */

static void add(gw_digest *digest, const char *text)
{
    if (text)
        gw_digest_add(digest, text, strlen(text) + 1);
    else
        gw_digest_add(digest, "\1", 2); /* apart from the empty text */
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *gw_schema_fingerprint(gw_arena *arena, const gw_schema *schema)
{
    gw_arena *scratch = gw_arena_new();
    gw_digest *one = gw_digest_start(scratch, GW_SHA256);
    unsigned char bytes[GW_DIGEST_MAX];
    GW_VEC(const char *) all = {0};
    /* An object, a digest; sorted, for the order in which a server gives them is its own affair. */
    for (size_t i = 0; i < schema->objects.len; i++) {
        const gw_object *o = schema->objects.items[i];
        gw_digest_restart(one);
        add(one, o->kind->name);
        add(one, o->key);
        add(one, o->owner);
        add(one, o->comment);
        for (size_t a = 0; o->kind->attrs[a].name; a++)
            if (!(o->kind->attrs[a].flags & GW_ATTR_INFO))
                add(one, o->values[a]);
        for (size_t p = 0; p < o->privileges.len; p++)
            add(one, o->privileges.items[p]);
        for (size_t l = 0; l < o->labels.len; l++)
            add(one, o->labels.items[l]);
        size_t len = gw_digest_peek(one, bytes);
        *gw_vec_push(scratch, &all) = gw_hex(scratch, bytes, len);
    }
    for (size_t i = 0; i < schema->unrendered.len; i++)
        *gw_vec_push(scratch, &all) =
            gw_printf(scratch, "%s\1%s", schema->unrendered.items[i].what,
                      schema->unrendered.items[i].digest ? schema->unrendered.items[i].digest : "");
    if (all.len)
        qsort(all.items, all.len, sizeof *all.items, by_text);
    gw_digest_restart(one);
    for (size_t i = 0; i < all.len; i++)
        add(one, all.items[i]);
    size_t len = gw_digest_finish(one, bytes);
    char *hex = gw_hex(arena, bytes, len);
    gw_arena_free(scratch);
    return hex;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *name, const char *value)
{
    if (value)
        json_object_set_new(object, name, gw_json_text(value));
}

static void set_list(json_t *object, const char *name, const char *const *items, size_t count)
{
    if (count == 0)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, gw_json_text(items[i]));
    json_object_set_new(object, name, list);
}

static json_t *object_json(const gw_object *o)
{
    json_t *json = json_object();
    set_text(json, "kind", o->kind->name);
    set_text(json, "identity", o->key);
    set_text(json, "schema", o->schema);
    set_text(json, "name", o->name);
    if (o->parent)
        set_text(json, "parent", o->parent->key);
    set_text(json, "arguments", o->args);
    set_text(json, "owner", o->owner);
    set_text(json, "comment", o->comment);
    for (size_t a = 0; o->kind->attrs[a].name; a++)
        set_text(json, o->kind->attrs[a].name, o->values[a]);
    set_list(json, "privileges", o->privileges.items, o->privileges.len);
    set_list(json, "security_labels", o->labels.items, o->labels.len);
    return json;
}

json_t *gw_schema_json(gw_arena *arena, const gw_schema *schema)
{
    json_t *objects = json_array();
    for (size_t i = 0; i < schema->objects.len; i++)
        json_array_append_new(objects, object_json(schema->objects.items[i]));
    json_t *unrendered = json_array();
    for (size_t i = 0; i < schema->unrendered.len; i++)
        if (!schema->unrendered.items[i].quiet)
            json_array_append_new(unrendered, gw_json_text(schema->unrendered.items[i].what));
    json_t *json = json_object();
    json_object_set_new(json, "server_version", json_integer(schema->server_version / 10000));
    json_object_set_new(json, "objects", objects);
    json_object_set_new(json, "unrendered", unrendered);
    return gw_json_own(arena, json);
}
