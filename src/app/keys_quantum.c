/* Keys of KEMBridge's users, in its table. */
#include <string.h>

#include "app/keys_internal.h"
#include "base/clock.h"
#include "vault/quantum.h"

static const char where[] = "public.quantum_keys";

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(text) != strlen(form))
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    return true;
}

static bool check_user(const gw_key_options *options, bool needed, gw_err *err)
{
    if (!options->user && needed)
        return gw_err_set(err, GW_ERR_USAGE, "--store quantum_keys needs --user ID: whose key it is");
    return !options->user || is_uuid(options->user) ||
           gw_err_set(err, GW_ERR_USAGE, "a user's id is a UUID, not \"%.64s\"", options->user);
}

static gw_key_shown shown(const gw_quantum_key *key)
{
    return (gw_key_shown){.key = key->key, .id = key->id, .user = key->user};
}

bool gw_quantum_shown(gw_app *app, gw_arena *arena, const gw_key_options *options,
                      gw_keys_shown *out, gw_err *err)
{
    gw_quantum_keys keys;
    gw_session *session = NULL;
    if (!check_user(options, false, err) || !(session = gw_keys_session(app, arena, err)))
        return false;
    bool ok = gw_quantum_read(session, arena, options->user, &keys, err);
    gw_session_close(session);
    out->where = where;
    for (size_t i = 0; ok && i < keys.len; i++)
        *gw_vec_push(arena, out) = shown(&keys.items[i]);
    return ok;
}

static bool make(gw_app *app, gw_arena *arena, const gw_key_options *options, gw_pair_type type,
                 int64_t expires_at, gw_cipher cipher, gw_key *out, gw_err *err)
{
    gw_masters masters;
    return gw_keys_masters(app, arena, options->passphrase_file, &masters, err) &&
           gw_key_make(arena, type, expires_at, gw_masters_first(&masters), cipher, out, err);
}

static int64_t end_of(const gw_key_options *options)
{
    return options->lasts_ms == GW_NULL_INT ? GW_NULL_INT
                                            : gw_now_us() + options->lasts_ms * 1000;
}

static void record(gw_app *app, gw_session *session, const char *action, const char *id)
{
    gw_event event = {.action = action, .outcome = "ok", .name = id, .duration_ms = GW_NULL_INT};
    gw_backup_record(app, session, &event);
    gw_session_close(session);
}

bool gw_quantum_generate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                         gw_key_shown *out, gw_err *err)
{
    gw_pair_type type;
    gw_session *session = NULL;
    gw_cipher cipher = options->cipher ? options->cipher : GW_AES_256_GCM;
    *out = (gw_key_shown){.user = options->user};
    if (!check_user(options, true, err) || !gw_quantum_type(options->type, &type, err) ||
        !make(app, arena, options, type, end_of(options), cipher, &out->key, err) ||
        !(session = gw_keys_session(app, arena, err)) ||
        !gw_quantum_put(session, arena, options->user, &out->key, NULL, &out->id, err))
        return false;
    record(app, session, "generate_key", out->id);
    return true;
}

static bool find(gw_session *session, gw_arena *arena, const gw_key_options *options,
                 gw_quantum_key *out, gw_err *err)
{
    gw_quantum_keys keys;
    size_t found = 0;
    if (!options->id || !*options->id)
        return gw_err_set(err, GW_ERR_USAGE, "which of the keys? godwit keys list --store "
                                             "quantum_keys shows them");
    if (!gw_quantum_read(session, arena, options->user, &keys, err))
        return false;
    for (size_t i = 0; i < keys.len; i++)
        if (strncmp(keys.items[i].id, options->id, strlen(options->id)) == 0) {
            *out = keys.items[i];
            found++;
        }
    return found == 1 || gw_err_set(err, GW_ERR_USAGE,
                                    found ? "several keys begin with \"%.64s\""
                                          : "there is no key \"%.64s\"",
                                    options->id);
}

bool gw_quantum_rotate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       gw_rotated *out, gw_err *err)
{
    static const char *const none[] = {NULL};
    gw_quantum_key old;
    gw_key fresh;
    gw_session *session = NULL;
    if (options->resume)
        return gw_err_set(err, GW_ERR_USAGE, "a rotation in quantum_keys is one transaction: there "
                                             "is nothing to resume");
    if (!check_user(options, false, err) || !(session = gw_keys_session(app, arena, err)) ||
        !find(session, arena, options, &old, err))
        return false;
    int64_t end = end_of(options);
    if (end == GW_NULL_INT && old.key.expires_at != GW_NULL_INT)
        end = gw_now_us() + (old.key.expires_at - old.key.created_at);
    gw_cipher cipher = options->cipher ? options->cipher : GW_AES_256_GCM;
    if (!make(app, arena, options, old.key.type, end, cipher, &fresh, err))
        return false;
    out->before = old.id;
    out->left = none;
    out->key = (gw_key_shown){.key = fresh, .user = old.user};
    if (!gw_quantum_put(session, arena, old.user, &fresh, old.id, &out->key.id, err))
        return false;
    record(app, session, "rotate_key", out->key.id);
    return true;
}

bool gw_quantum_deactivate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                           gw_key_shown *out, gw_err *err)
{
    gw_quantum_key key;
    gw_session *session = NULL;
    if (options->retire)
        return gw_err_set(err, GW_ERR_USAGE, "keys in quantum_keys are kept for ever: what was "
                                             "encrypted under one needs it");
    if (!check_user(options, false, err) || !(session = gw_keys_session(app, arena, err)) ||
        !find(session, arena, options, &key, err) ||
        !gw_quantum_off(session, arena, key.id, err))
        return false;
    key.key.state = GW_KEY_INACTIVE;
    *out = shown(&key);
    record(app, session, "deactivate_key", key.id);
    return true;
}
