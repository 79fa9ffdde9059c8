/* Where keys are, what opens them, and whom a backup is for. */
#include <string.h>

#include "app/keys_internal.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"

enum { SECRET_MOST = 64 * 1024, MASTER_LEAST = 32 };

gw_session *gw_keys_session(gw_app *app, gw_arena *arena, gw_err *err)
{
    gw_connect connect;
    gw_session *session = NULL;
    if (!gw_app_connect_options(app, true, &connect, err))
        return NULL;
    connect.pinned = true;
    return gw_session_open(arena, &connect, &session, err) ? session : NULL;
}

bool gw_keys_store(gw_app *app, gw_arena *arena, gw_store_kind kind, gw_keystore *out, gw_err *err)
{
    *out = (gw_keystore){.by = app->actor.user};
    if (kind == GW_STORE_FILE || (kind == GW_STORE_DEFAULT && !app->config.keys.table)) {
        out->path = app->config.keys.file;
        return true;
    }
    out->session = gw_keys_session(app, arena, err);
    return out->session || gw_err_context(err, "while the keys in godwit.keys were looked for");
}

/* ---- what they are encrypted with ------------------------------------------------------------- */

static bool master_of_file(gw_arena *arena, const char *path, gw_secret *out, gw_err *err)
{
    if (!gw_secret_of_file(arena, path, SECRET_MOST, out, err))
        return gw_err_context(err, "while the master key was read");
    if (out->len >= MASTER_LEAST)
        return true;
    gw_err_set(err, GW_ERR_CONFIG, "the master key in %s has %zu bytes, and needs at least %d", path,
               out->len, MASTER_LEAST);
    return gw_err_hint(err, "make one: openssl rand -hex 32 (a text to remember is a passphrase: "
                            "GODWIT_PASSPHRASE)");
}

static bool find_master(gw_app *app, gw_arena *arena, gw_secret *out, gw_err *err)
{
    const char *file = NULL, *text = NULL;
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_config_master_key(scratch, &app->config, &file, &text, err);
    *out = (gw_secret){0};
    if (ok && file)
        ok = master_of_file(arena, file, out, err);
    else if (ok && text) {
        *out = gw_secret_copy(arena, text, strlen(text));
        gw_wipe_text(text);
        if (out->len < MASTER_LEAST)
            ok = gw_err_set(err, GW_ERR_CONFIG, "what master_key_command of keys says has %zu bytes, "
                            "and needs at least %d", out->len, MASTER_LEAST);
    }
    gw_arena_free(scratch);
    return ok;
}

bool gw_keys_masters(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_masters *out,
                     gw_err *err)
{
    gw_unlock keys;
    *out = (gw_masters){.passphrase = {.is_passphrase = true}};
    if (!gw_backup_keys(app, arena, passphrase_file, &keys, err) ||
        !find_master(app, arena, &out->file.secret, err))
        return false;
    out->passphrase.secret = keys.passphrase;
    return true;
}

bool gw_keys_passphrase_of(gw_arena *arena, const char *path, gw_master *out, gw_err *err)
{
    *out = (gw_master){.is_passphrase = true};
    gw_secret_no_dumps();
    if (!gw_secret_of_file(arena, path, SECRET_MOST, &out->secret, err))
        return gw_err_context(err, "while the passphrase was read");
    out->secret.len = strcspn((const char *)out->secret.data, "\r\n");
    return out->secret.len ||
           gw_err_set(err, GW_ERR_CONFIG, "the passphrase file %s is empty", path);
}

const gw_master *gw_masters_first(const gw_masters *masters)
{
    return masters->file.secret.data ? &masters->file : &masters->passphrase;
}

bool gw_keys_open(gw_arena *arena, const gw_key *key, const gw_masters *masters, gw_secret *out,
                  gw_err *err)
{
    const gw_master *which = gw_key_by_passphrase(key) ? &masters->passphrase : &masters->file;
    return gw_key_open(arena, key, which->secret.data ? which : gw_masters_first(masters), out, err);
}

/* ---- for a backup ------------------------------------------------------------------------------ */

static bool none_usable(const gw_key_list *keys, gw_err *err)
{
    size_t expired = 0;
    for (size_t i = 0; i < keys->len; i++)
        expired += keys->items[i].state == GW_KEY_ACTIVE;
    gw_err_set(err, GW_ERR_STATE, "no key may be used for a new backup: %s",
               expired ? "every active one has expired" : "none is active");
    return gw_err_hint(err, expired ? "godwit keys rotate" : "godwit keys generate");
}

bool gw_keys_recipients(gw_app *app, gw_arena *arena, const char *passphrase_file,
                        gw_recipients *out, gw_err *err)
{
    gw_unlock own;
    gw_keystore store;
    gw_key_list keys;
    int64_t now = gw_now_us();
    *out = (gw_recipients){0};
    if (!gw_backup_keys(app, arena, passphrase_file, &own, err) ||
        !gw_keys_store(app, arena, GW_STORE_DEFAULT, &store, err))
        return false;
    bool ok = gw_keystore_read(&store, arena, &keys, err);
    if (store.session)
        gw_session_close(store.session);
    if (!ok)
        return gw_err_context(err, "while the keys were looked for that the backup is for");
    for (size_t i = 0; i < keys.len; i++)
        if (gw_key_usable(&keys.items[i], now))
            *gw_vec_push(arena, out) = gw_key_recipient(&keys.items[i]);
    if (keys.len && !out->len)
        return none_usable(&keys, err);
    if (own.passphrase.data)
        *gw_vec_push(arena, out) =
            (gw_recipient){.kind = GW_SLOT_PASSPHRASE, .passphrase = own.passphrase};
    return true;
}

gw_private_key gw_keys_private(const gw_key *key, gw_secret private)
{
    gw_recipient to = gw_key_recipient(key);
    gw_private_key out = {.hybrid = key->type == GW_PAIR_HYBRID, .x25519 = private};
    memcpy(out.key_id, to.key_id, GW_KEY_ID_BYTES);
    return out;
}

static const gw_key *key_of_slot(gw_arena *arena, const gw_key_list *keys, const gw_slot *slot)
{
    const char *id = gw_hex(arena, slot->key_id, GW_KEY_ID_BYTES);
    for (size_t i = 0; i < keys->len; i++)
        if (strcmp(keys->items[i].id, id) == 0 && keys->items[i].sealed.data)
            return &keys->items[i];
    return NULL;
}

static bool add_keys(gw_app *app, gw_arena *arena, const gw_head *head, const char *passphrase_file,
                     gw_unlock *out, gw_err *err)
{
    gw_keystore store;
    gw_key_list keys;
    gw_masters masters;
    bool any = false;
    if (!gw_keys_store(app, arena, GW_STORE_DEFAULT, &store, err))
        return false;
    bool ok = gw_keystore_read(&store, arena, &keys, err);
    if (store.session)
        gw_session_close(store.session);
    for (size_t i = 0; ok && i < head->slot_count; i++)
        any = any || (head->slots[i].kind >= GW_SLOT_X25519 &&
                      key_of_slot(arena, &keys, &head->slots[i]));
    if (!ok || !any)
        return ok;
    if (!gw_keys_masters(app, arena, passphrase_file, &masters, err))
        return false;
    for (size_t i = 0; i < head->slot_count && !out->keys.len; i++) {
        const gw_slot *slot = &head->slots[i];
        const gw_key *key = slot->kind >= GW_SLOT_X25519 ? key_of_slot(arena, &keys, slot) : NULL;
        gw_secret private;
        if (!key)
            continue;
        gw_err_clear(err);
        if (gw_keys_open(arena, key, &masters, &private, err))
            *gw_vec_push(arena, &out->keys) = gw_keys_private(key, private);
    }
    if (out->keys.len)
        gw_err_clear(err);
    return out->keys.len > 0;
}

bool gw_keys_unlock(gw_app *app, gw_arena *arena, const gw_head *head, const char *passphrase_file,
                    gw_unlock *out, gw_err *err)
{
    gw_err problem = {0};
    bool by_key = false, by_passphrase = false, open = false;
    if (!gw_backup_keys(app, arena, passphrase_file, out, err))
        return false;
    for (size_t i = 0; i < head->slot_count; i++) {
        by_key = by_key || head->slots[i].kind >= GW_SLOT_X25519;
        by_passphrase = by_passphrase || head->slots[i].kind == GW_SLOT_PASSPHRASE;
        open = open || head->slots[i].kind == GW_SLOT_OPEN;
    }
    by_passphrase = by_passphrase && out->passphrase.data;
    if (open || !by_key || add_keys(app, arena, head, passphrase_file, out, &problem)) {
        gw_err_clear(&problem);
        return true;
    }
    /* The passphrase may do without the keys. */
    if (by_passphrase)
        gw_err_clear(&problem);
    else
        *err = problem;
    return by_passphrase;
}

bool gw_keys_can_open(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_err *err)
{
    gw_recipients to;
    gw_unlock keys;
    if (!gw_keys_recipients(app, arena, passphrase_file, &to, err))
        return false;
    gw_slot *slots = gw_alloc_array(arena, to.len + 1, sizeof *slots);
    for (size_t i = 0; i < to.len; i++) {
        slots[i] = (gw_slot){.kind = to.items[i].kind};
        memcpy(slots[i].key_id, to.items[i].key_id, GW_KEY_ID_BYTES);
        if (slots[i].kind == GW_SLOT_PASSPHRASE)
            return true;
    }
    const gw_head head = {.slots = slots, .slot_count = to.len};
    if (!gw_keys_unlock(app, arena, &head, passphrase_file, &keys, err))
        return gw_err_context(err, "while it was looked whether an archive made now could be opened");
    if (!to.len || keys.keys.len)
        return true;
    gw_err_set(err, GW_ERR_STATE, "an archive made now could not be opened here, and so not be proven");
    return gw_err_hint(err, "none of the active keys has its private half here: godwit keys import brings it, or "
                            "GODWIT_PASSPHRASE is one more way to open it");
}
