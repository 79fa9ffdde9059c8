#include "vault/quantum.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"

typedef struct quantum_row {
    const char *id, *user, *type;
    bool active;
    int64_t created_at, expires_at;
    gw_bytes public, sealed;
} quantum_row;

bool gw_quantum_type(const char *name, gw_pair_type *out, gw_err *err)
{
    if (!name)
        name = "ml-kem-1024";
    if (gw_pair_type_named(name, out) && *out >= GW_PAIR_MLKEM)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "quantum_keys does not take keys of %s", name);
    return gw_err_hint(err, "its rule quantum_keys_valid_type names ml-kem-1024, dilithium-5 and "
                            "sphincs+");
}

static bool no_table(gw_err *err)
{
    if (strcmp(err->sqlstate, "42P01") != 0)
        return false;
    gw_err_set(err, GW_ERR_STATE, "there is no table public.quantum_keys in this database");
    return gw_err_hint(err, "it is KEMBridge's: godwit init --from kembridge");
}

bool gw_quantum_read(gw_session *session, gw_arena *arena, const char *user, gw_quantum_keys *out,
                     gw_err *err)
{
    static const char text[] =
        "SELECT id::text AS id, user_id::text AS user_id, key_type::text AS key_type, is_active, "
        "created_at, expires_at, public_key, encrypted_private_key FROM public.quantum_keys "
        "WHERE $1::uuid IS NULL OR user_id OPERATOR(pg_catalog.=) $1::uuid "
        "ORDER BY created_at, id";
#define AT(field) offsetof(quantum_row, field)
    static const gw_col cols[] = {{"id", GW_COL_TEXT, true, AT(id)},
                                  {"user_id", GW_COL_TEXT, true, AT(user)},
                                  {"key_type", GW_COL_TEXT, true, AT(type)},
                                  {"is_active", GW_COL_BOOL, false, AT(active)},
                                  {"created_at", GW_COL_TIME, false, AT(created_at)},
                                  {"expires_at", GW_COL_TIME, false, AT(expires_at)},
                                  {"public_key", GW_COL_BYTES, true, AT(public)},
                                  {"encrypted_private_key", GW_COL_BYTES, true, AT(sealed)}};
    gw_param param = gw_p_text(user);
    gw_result result;
    quantum_row *rows;
    *out = (gw_quantum_keys){0};
    if (!gw_query_text(session, arena, "quantum_keys", text, &param, 1, &result, err))
        return no_table(err);
    if (!gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const quantum_row *row = &rows[i];
        gw_quantum_key *to = gw_vec_push(arena, out);
        *to = (gw_quantum_key){.id = row->id, .user = row->user};
        to->key = (gw_key){.id = gw_key_id(arena, row->public.data, row->public.len),
                           .state = row->active ? GW_KEY_ACTIVE : GW_KEY_INACTIVE,
                           .created_at = row->created_at,
                           .expires_at = row->expires_at,
                           .public = row->public,
                           .sealed = row->sealed};
        if (!gw_pair_type_named(row->type, &to->key.type))
            return gw_err_set(err, GW_ERR_STATE, "key %s is of the unknown type %s", row->id,
                              row->type);
    }
    return true;
}

static const char *metadata(gw_arena *arena, const gw_key *key)
{
    const gw_pair_kind *kind = gw_pair_kind_of(key->type);
    json_t *all = gw_json_own(arena, json_object());
    json_object_set_new(all, "algorithm", gw_json_text(kind->standard));
    json_object_set_new(all, "private_key", gw_json_text(kind->private_is));
    json_object_set_new(all, "format", gw_json_text("godwit key 1"));
    json_object_set_new(all, "fingerprint", gw_json_text(key->id));
    json_object_set_new(all, "openssl", gw_json_text(gw_openssl_version()));
    return gw_json_dump(arena, all);
}

/* Where rows have a tenant, a key has its user's. */
static bool has_tenants(gw_session *session, gw_arena *arena, bool *out, gw_err *err)
{
    static const char text[] =
        "SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) "
        "pg_catalog.to_regclass('public.quantum_keys') AND a.attname OPERATOR(pg_catalog.=) "
        "'tenant_id' AND NOT a.attisdropped";
    gw_result result;
    if (!gw_query_text(session, arena, "quantum_tenants", text, NULL, 0, &result, err))
        return false;
    *out = result.rows > 0;
    return true;
}

static bool insert(gw_session *session, gw_arena *arena, const char *user, const gw_key *key,
                   const char **id, gw_err *err)
{
    static const gw_col cols[] = {{"id", GW_COL_TEXT, true, 0}};
    bool tenants = false;
    gw_result result;
    if (!has_tenants(session, arena, &tenants, err))
        return false;
    const char *text = gw_printf(
        arena,
        "INSERT INTO public.quantum_keys (%suser_id, key_type, public_key, encrypted_private_key, "
        "encryption_algorithm, key_metadata, created_at, expires_at) SELECT %su.id, $2, "
        "pg_catalog.decode($3, 'hex'), pg_catalog.decode($4, 'hex'), $5, $6::jsonb, "
        "$7::timestamptz, $8::timestamptz FROM public.users AS u "
        "WHERE u.id OPERATOR(pg_catalog.=) $1::uuid RETURNING id::text AS id",
        tenants ? "tenant_id, " : "", tenants ? "u.tenant_id, " : "");
    gw_param params[] = {
        gw_p_text(user),
        gw_p_text(gw_pair_kind_of(key->type)->name),
        gw_p_text(gw_hex(arena, key->public.data, key->public.len)),
        gw_p_text(gw_hex(arena, key->sealed.data, key->sealed.len)),
        gw_p_text(gw_key_cipher(key) == GW_AES_256_GCM ? "aes-256-gcm" : "chacha20-poly1305"),
        gw_p_text(metadata(arena, key)),
        gw_p_text(gw_time_rfc3339(arena, key->created_at)),
        gw_p_text(key->expires_at == GW_NULL_INT ? NULL : gw_time_rfc3339(arena, key->expires_at))};
    if (!gw_query_text(session, arena, "quantum_put", text, params, 8, &result, err))
        return no_table(err);
    if (!result.rows)
        return gw_err_set(err, GW_ERR_USAGE, "there is no user %s", user);
    struct {
        const char *id;
    } row;
    bool ok = gw_row(arena, &result, cols, 1, &row, err);
    *id = row.id;
    return ok;
}

bool gw_quantum_off(gw_session *session, gw_arena *arena, const char *id, gw_err *err)
{
    static const char text[] = "UPDATE public.quantum_keys SET is_active = false "
                               "WHERE id OPERATOR(pg_catalog.=) $1::uuid AND is_active";
    gw_param param = gw_p_text(id);
    gw_result result;
    if (!gw_query_text(session, arena, "quantum_off", text, &param, 1, &result, err))
        return false;
    return result.affected == 1 ||
           gw_err_set(err, GW_ERR_STATE, "key %s is inactive already", id);
}

bool gw_quantum_put(gw_session *session, gw_arena *arena, const char *user, const gw_key *key,
                    const char *before, const char **id, gw_err *err)
{
    bool ok = gw_session_begin(session, NULL, err) &&
              (!before || gw_quantum_off(session, arena, before, err)) &&
              insert(session, arena, user, key, id, err) && gw_session_commit(session, err);
    if (!ok)
        gw_session_rollback(session);
    return ok;
}
