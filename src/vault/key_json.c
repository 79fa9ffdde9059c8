/* Keys as JSON: the file that they are kept in, and what is exported. */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "vault/key.h"

static void set_hex(gw_arena *arena, json_t *object, const char *name, const gw_bytes *bytes)
{
    json_object_set_new(object, name,
                        bytes->data ? gw_json_text(gw_hex(arena, bytes->data, bytes->len))
                                    : json_null());
}

char *gw_keys_write(gw_arena *arena, const gw_key_list *keys)
{
    json_t *all = gw_json_own(arena, json_object()), *list = json_array();
    json_object_set_new(all, "godwit_keys", json_integer(1));
    for (size_t i = 0; i < keys->len; i++) {
        const gw_key *key = &keys->items[i];
        json_t *one = json_object();
        json_object_set_new(one, "id", gw_json_text(key->id));
        json_object_set_new(one, "type", gw_json_text(gw_pair_kind_of(key->type)->name));
        json_object_set_new(one, "state", gw_json_text(gw_key_state_name(key->state)));
        json_object_set_new(one, "created_us", json_integer(key->created_at));
        json_object_set_new(one, "expires_us", key->expires_at == GW_NULL_INT
                                                   ? json_null()
                                                   : json_integer(key->expires_at));
        set_hex(arena, one, "public", &key->public);
        set_hex(arena, one, "sealed", &key->sealed);
        json_array_append_new(list, one);
    }
    json_object_set_new(all, "keys", list);
    return gw_json_dump(arena, all);
}

static bool take_hex(gw_arena *arena, const json_t *value, gw_bytes *out)
{
    const char *text = json_string_value(value);
    *out = (gw_bytes){0};
    return text && gw_unhex(arena, text, &out->data, &out->len);
}

static bool take_key(gw_arena *arena, const json_t *one, gw_key *out)
{
    const char *id = json_string_value(json_object_get(one, "id"));
    const char *type = json_string_value(json_object_get(one, "type"));
    const char *state = json_string_value(json_object_get(one, "state"));
    const json_t *created = json_object_get(one, "created_us");
    const json_t *expires = json_object_get(one, "expires_us");
    const json_t *sealed = json_object_get(one, "sealed");
    *out = (gw_key){.expires_at = GW_NULL_INT};
    if (!id || !type || !state || !json_is_integer(created) ||
        !gw_pair_type_named(type, &out->type) || !gw_key_state_named(state, &out->state) ||
        !take_hex(arena, json_object_get(one, "public"), &out->public))
        return false;
    out->id = gw_strdup(arena, id);
    out->created_at = json_integer_value(created);
    if (json_is_integer(expires))
        out->expires_at = json_integer_value(expires);
    else if (expires && !json_is_null(expires))
        return false;
    return !sealed || json_is_null(sealed) || take_hex(arena, sealed, &out->sealed);
}

bool gw_keys_parse(gw_arena *arena, const char *what, const char *text, size_t len,
                   gw_key_list *out, gw_err *err)
{
    *out = (gw_key_list){0};
    const json_t *all = gw_json_parse(arena, what, text, len, err);
    if (!all)
        return false;
    const json_t *list = json_object_get(all, "keys");
    if (json_integer_value(json_object_get(all, "godwit_keys")) != 1 || !json_is_array(list)) {
        gw_err_set(err, GW_ERR_INPUT, "%s holds no keys that this Godwit can read", what);
        return gw_err_hint(err, "it is a file of another kind, or of a newer Godwit");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        gw_key *key = gw_vec_push(arena, out);
        if (!take_key(arena, json_array_get(list, i), key))
            return gw_err_set(err, GW_ERR_INPUT, "key %zu in %s cannot be read", i + 1, what);
        if (!gw_key_check(arena, key, err))
            return gw_err_context(err, "in %s", what);
    }
    return true;
}
