/* Keys of backups: what is done with them. */
#include "app/keys.h"

#include <stdio.h>
#include <string.h>

#include "app/keys_internal.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "vault/rewrap.h"

enum { EXPORT_MOST = 16 << 20 };

static int64_t end_of(const gw_key_options *options)
{
    return options->lasts_ms == GW_NULL_INT ? GW_NULL_INT
                                            : gw_now_us() + options->lasts_ms * 1000;
}

static bool type_of(const char *name, gw_pair_type *out, gw_err *err)
{
    gw_err ignored = {0};
    if (!name) {
        *out = gw_pair_here(GW_PAIR_HYBRID, &ignored) ? GW_PAIR_HYBRID : GW_PAIR_X25519;
        gw_err_clear(&ignored);
        return true;
    }
    /* A backup is never for ML-KEM alone. */
    if (gw_pair_type_named(name, out) && *out <= GW_PAIR_MLKEM) {
        *out = *out == GW_PAIR_X25519 ? GW_PAIR_X25519 : GW_PAIR_HYBRID;
        return true;
    }
    gw_err_set(err, GW_ERR_USAGE, "keys of %s are not for backups", name);
    return gw_err_hint(err, "--type x25519 or ml-kem-1024; or --store quantum_keys --user ID");
}

static const char *place(const gw_keystore *store)
{
    return store->path ? store->path : "godwit.keys";
}

static void done_with(gw_app *app, gw_keystore *store, const char *action, const char *id, bool ok,
                      const gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_event event = {.action = action, .outcome = "ok", .name = id, .duration_ms = GW_NULL_INT};
    if (!store->session) {
        gw_arena_free(scratch);
        return;
    }
    if (!ok)
        gw_event_of_err(scratch, &event, err);
    gw_backup_record(app, store->session, &event);
    gw_session_close(store->session);
    store->session = NULL;
    gw_arena_free(scratch);
}

/* ---- which backups ---------------------------------------------------------------------------- */

static bool has_key(const gw_manifest *manifest, const char *id)
{
    for (size_t i = 0; i < manifest->keys.len; i++)
        if (strcmp(manifest->keys.items[i], id) == 0)
            return true;
    return false;
}

static gw_key_shown shown(const gw_key *key, const gw_backup_files *files)
{
    gw_key_shown out = {.key = *key, .id = key->id};
    for (size_t i = 0; files && i < files->len; i++)
        out.backups += has_key(&files->items[i].manifest, key->id);
    return out;
}

bool gw_app_keys(gw_app *app, gw_arena *arena, const gw_key_options *options, gw_keys_shown *out,
                 gw_err *err)
{
    gw_keystore store;
    gw_key_list keys;
    gw_backup_files files;
    *out = (gw_keys_shown){0};
    if (options->store == GW_STORE_QUANTUM)
        return gw_quantum_shown(app, arena, options, out, err);
    if (!gw_keys_store(app, arena, options->store, &store, err))
        return false;
    bool ok = gw_keystore_read(&store, arena, &keys, err) &&
              gw_app_sealed_files(app, arena, &files, err);
    if (store.session)
        gw_session_close(store.session);
    out->where = place(&store);
    for (size_t i = 0; ok && i < keys.len; i++)
        *gw_vec_push(arena, out) = shown(&keys.items[i], &files);
    return ok;
}

/* ---- a new one -------------------------------------------------------------------------------- */

typedef struct adding {
    gw_arena *arena;
    const gw_key *key;
} adding;

static bool add(void *arg, gw_key_list *keys, gw_err *err)
{
    adding *self = arg;
    (void)err;
    *gw_vec_push(self->arena, keys) = *self->key;
    return true;
}

bool gw_app_key_generate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                         gw_key_shown *out, gw_err *err)
{
    gw_keystore store;
    gw_masters masters;
    gw_pair_type type;
    gw_cipher cipher = options->cipher ? options->cipher : GW_AES_256_GCM;
    if (options->store == GW_STORE_QUANTUM)
        return gw_quantum_generate(app, arena, options, out, err);
    if (!type_of(options->type, &type, err) ||
        !gw_keys_masters(app, arena, options->passphrase_file, &masters, err))
        return false;
    *out = (gw_key_shown){0};
    adding self = {arena, &out->key};
    if (!gw_key_make(arena, type, end_of(options), gw_masters_first(&masters), cipher, &out->key,
                     err) ||
        !gw_keys_store(app, arena, options->store, &store, err))
        return false;
    out->id = out->key.id;
    bool ok = gw_keystore_change(&store, arena, add, &self, err);
    done_with(app, &store, "generate_key", out->id, ok, err);
    return ok;
}

/* ---- rotation --------------------------------------------------------------------------------- */

typedef struct rotating {
    gw_arena *arena;
    const gw_key_options *options;
    const gw_masters *masters;
    gw_rotated *out;
    gw_key_list keys; /* as they are afterwards */
} rotating;

static bool choose_old(rotating *self, gw_key_list *keys, gw_key **old, gw_err *err)
{
    size_t active = 0;
    if (self->options->id)
        return gw_key_find(keys, self->options->id, old, err);
    for (size_t i = 0; i < keys->len; i++)
        if (keys->items[i].state == GW_KEY_ACTIVE) {
            *old = &keys->items[i];
            active++;
        }
    if (active == 1)
        return true;
    gw_err_set(err, active ? GW_ERR_USAGE : GW_ERR_STATE,
               active ? "%zu keys are active" : "no key is active", active);
    return gw_err_hint(err, active ? "godwit keys rotate ID" : "godwit keys generate");
}

/* A key that was to last a year is followed by one that lasts a year. */
static int64_t end_of_next(const gw_key_options *options, const gw_key *old)
{
    if (options->lasts_ms != GW_NULL_INT || old->expires_at == GW_NULL_INT)
        return end_of(options);
    return gw_now_us() + (old->expires_at - old->created_at);
}

static bool replace_key(void *arg, gw_key_list *keys, gw_err *err)
{
    rotating *self = arg;
    gw_key *old, fresh;
    gw_pair_type type;
    if (!choose_old(self, keys, &old, err))
        return false;
    if (old->state != GW_KEY_ACTIVE)
        return gw_err_set(err, GW_ERR_STATE, "key %.16s is %s already", old->id,
                          gw_key_state_name(old->state));
    type = old->type;
    gw_cipher cipher = self->options->cipher ? self->options->cipher : gw_key_cipher(old);
    if ((self->options->type && !type_of(self->options->type, &type, err)) ||
        !gw_key_make(self->arena, type, end_of_next(self->options, old),
                     gw_masters_first(self->masters), cipher, &fresh, err))
        return false;
    old->state = GW_KEY_INACTIVE;
    self->out->before = old->id;
    *gw_vec_push(self->arena, keys) = fresh;
    self->out->key = shown(&fresh, NULL);
    self->keys = *keys;
    return true;
}

/* The newest of those that are active, for what an interrupted rotation left. */
static bool resume(rotating *self, const gw_keystore *store, gw_err *err)
{
    if (!gw_keystore_read(store, self->arena, &self->keys, err))
        return false;
    for (size_t i = 0; i < self->keys.len; i++)
        if (gw_key_usable(&self->keys.items[i], gw_now_us()))
            self->out->key = shown(&self->keys.items[i], NULL);
    if (self->out->key.id)
        return true;
    gw_err_set(err, GW_ERR_STATE, "no key is active");
    return gw_err_hint(err, "godwit keys generate");
}

static bool rewrap_one(gw_app *app, rotating *self, const char *path,
                       const unsigned char (*away)[GW_KEY_ID_BYTES], size_t count, bool *changed,
                       gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_backup_reader *reader;
    gw_unlock unlock;
    gw_recipient to = gw_key_recipient(&self->out->key.key);
    bool ok = gw_backup_open(scratch, path, &reader, err) &&
              gw_keys_unlock(app, scratch, gw_backup_head(reader), self->options->passphrase_file,
                             &unlock, err) &&
              gw_backup_rewrap(scratch, path, &unlock, away, count, &to, changed, err);
    gw_arena_free(scratch);
    return ok;
}

static bool concerns(gw_arena *arena, const gw_backup_file *file,
                     const unsigned char (*away)[GW_KEY_ID_BYTES], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_key(&file->manifest, gw_hex(arena, away[i], GW_KEY_ID_BYTES)))
            return true;
    return false;
}

/* Every backup that is for a key that is no longer active. What cannot be rewrapped is named, and the
 * others are done. */
static bool rewrap_all(gw_app *app, rotating *self, gw_err *err)
{
    gw_arena *arena = self->arena;
    gw_backup_files files;
    size_t count = 0;
    GW_VEC(const char *) left = {0};
    unsigned char(*away)[GW_KEY_ID_BYTES] = gw_alloc_array(arena, self->keys.len + 1, sizeof *away);
    for (size_t i = 0; i < self->keys.len; i++)
        if (self->keys.items[i].state != GW_KEY_ACTIVE)
            memcpy(away[count++], gw_key_recipient(&self->keys.items[i]).key_id, GW_KEY_ID_BYTES);
    if (!gw_app_sealed_files(app, arena, &files, err))
        return false;
    for (size_t i = 0; i < files.len; i++) {
        gw_err problem = {0};
        bool changed = false;
        const gw_backup_file *file = &files.items[i];
        if (!concerns(arena, file, (const unsigned char(*)[GW_KEY_ID_BYTES])away, count))
            continue;
        if (!rewrap_one(app, self, file->path, (const unsigned char(*)[GW_KEY_ID_BYTES])away, count,
                        &changed, &problem))
            *gw_vec_push(arena, &left) = gw_printf(arena, "%s: %s", file->path, problem.message);
        else if (!changed)
            *gw_vec_push(arena, &left) = gw_printf(
                arena, "%s: it has no slot of the key that its manifest names", file->path);
        self->out->rewrapped += changed;
        gw_err_clear(&problem);
        if (gw_cancel_level(app->options.cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped; godwit keys rotate --resume goes on");
    }
    *gw_vec_push(arena, &left) = NULL;
    self->out->left = left.items;
    return true;
}

bool gw_app_key_rotate(gw_app *app, gw_arena *arena, const gw_key_options *options, gw_rotated *out,
                       gw_err *err)
{
    gw_keystore store;
    gw_masters masters;
    *out = (gw_rotated){0};
    if (options->store == GW_STORE_QUANTUM)
        return gw_quantum_rotate(app, arena, options, out, err);
    if (!gw_keys_masters(app, arena, options->passphrase_file, &masters, err) ||
        !gw_keys_store(app, arena, options->store, &store, err))
        return false;
    rotating self = {.arena = arena, .options = options, .masters = &masters, .out = out};
    bool ok = options->resume ? resume(&self, &store, err)
                              : gw_keystore_change(&store, arena, replace_key, &self, err);
    if (ok && !options->resume && store.session)
        ok = gw_keystore_read(&store, arena, &self.keys, err);
    done_with(app, &store, "rotate_key", out->key.id, ok, err);
    return ok && rewrap_all(app, &self, err);
}

/* ---- out of use ------------------------------------------------------------------------------- */

typedef struct ending {
    gw_arena *arena;
    const gw_key_options *options;
    const gw_backup_files *files;
    gw_key_shown *out;
    bool none_left;
} ending;

/* Backups that nobody could open any more. */
static size_t lost_with(const ending *self, const gw_key_list *keys, const gw_key *key)
{
    size_t lost = 0;
    for (size_t i = 0; i < self->files->len; i++) {
        const gw_manifest *m = &self->files->items[i].manifest;
        bool other = m->encryption && strstr(m->encryption, "passphrase");
        for (size_t k = 0; k < keys->len; k++)
            other = other || (&keys->items[k] != key && keys->items[k].sealed.data &&
                              has_key(m, keys->items[k].id));
        lost += has_key(m, key->id) && !other;
    }
    return lost;
}

static bool end_key(void *arg, gw_key_list *keys, gw_err *err)
{
    ending *self = arg;
    gw_key *key;
    if (!gw_key_find(keys, self->options->id, &key, err))
        return false;
    if (key->state == GW_KEY_RETIRED)
        return gw_err_set(err, GW_ERR_STATE, "key %.16s is retired already", key->id);
    if (self->options->retire) {
        size_t lost = lost_with(self, keys, key);
        if (lost && !self->options->lose_backups) {
            gw_err_set(err, GW_ERR_REFUSED, "%zu backup%s can be opened with this key alone", lost,
                       lost == 1 ? "" : "s");
            return gw_err_hint(err, "godwit keys rotate wraps them for a new one; --lose-backups "
                                    "gives them up");
        }
        key->sealed = (gw_bytes){0};
    }
    key->state = self->options->retire ? GW_KEY_RETIRED : GW_KEY_INACTIVE;
    *self->out = shown(key, self->files);
    self->none_left = true;
    for (size_t i = 0; i < keys->len; i++)
        self->none_left = self->none_left && !gw_key_usable(&keys->items[i], gw_now_us());
    return true;
}

bool gw_app_key_deactivate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                           gw_key_shown *out, bool *none_left, gw_err *err)
{
    gw_keystore store;
    gw_backup_files files;
    *none_left = false;
    *out = (gw_key_shown){0};
    if (options->store == GW_STORE_QUANTUM)
        return gw_quantum_deactivate(app, arena, options, out, err);
    if (!gw_app_sealed_files(app, arena, &files, err) ||
        !gw_keys_store(app, arena, options->store, &store, err))
        return false;
    ending self = {.arena = arena, .options = options, .files = &files, .out = out};
    bool ok = gw_keystore_change(&store, arena, end_key, &self, err);
    done_with(app, &store, options->retire ? "retire_key" : "deactivate_key", out->id, ok, err);
    *none_left = self.none_left;
    return ok;
}

/* ---- handed on -------------------------------------------------------------------------------- */

static bool not_quantum(const gw_key_options *options, gw_err *err)
{
    return options->store != GW_STORE_QUANTUM ||
           gw_err_set(err, GW_ERR_USAGE, "keys in quantum_keys stay there: they belong to a user");
}

bool gw_app_key_export(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       const char **text, gw_err *err)
{
    gw_keystore store;
    gw_key_list keys;
    gw_key *key = NULL, copy;
    gw_masters masters;
    gw_master with;
    gw_secret private;
    if (!not_quantum(options, err) || !gw_keys_store(app, arena, options->store, &store, err))
        return false;
    bool ok = gw_keystore_read(&store, arena, &keys, err) &&
              gw_key_find(&keys, options->id, &key, err);
    done_with(app, &store, "export_key", ok ? key->id : NULL, ok, err);
    if (!ok)
        return false;
    copy = *key;
    if (options->public_only)
        copy.sealed = (gw_bytes){0};
    else if (options->with_passphrase_file &&
             (!gw_keys_masters(app, arena, options->passphrase_file, &masters, err) ||
              !gw_keys_open(arena, key, &masters, &private, err) ||
              !gw_keys_passphrase_of(arena, options->with_passphrase_file, &with, err) ||
              !gw_key_seal(arena, &copy, &private, &with, gw_key_cipher(key), err)))
        return false;
    gw_key_list one = {0};
    *gw_vec_push(arena, &one) = copy;
    *text = gw_printf(arena, "%s\n", gw_keys_write(arena, &one));
    if (!options->path || strcmp(options->path, "-") == 0)
        return true;
    return gw_file_create(options->path, *text, strlen(*text), 0600, err);
}

typedef struct importing {
    gw_arena *arena;
    gw_key_list *fresh;
} importing;

gw_key *gw_key_of_id(gw_key_list *keys, const char *id)
{
    for (size_t i = 0; i < keys->len; i++)
        if (strcmp(keys->items[i].id, id) == 0)
            return &keys->items[i];
    return NULL;
}

static bool merge(void *arg, gw_key_list *keys, gw_err *err)
{
    importing *self = arg;
    for (size_t i = 0; i < self->fresh->len; i++) {
        const gw_key *key = &self->fresh->items[i];
        gw_key *there = gw_key_of_id(keys, key->id);
        if (there && (there->sealed.data || !key->sealed.data || there->state == GW_KEY_RETIRED))
            return gw_err_set(err, GW_ERR_USAGE, "key %.16s is there already%s", key->id,
                              there->state == GW_KEY_RETIRED ? ", and is retired" : "");
        if (there)
            there->sealed = key->sealed;
        else
            *gw_vec_push(self->arena, keys) = *key;
    }
    return true;
}

/* A private half that nothing here can open would be no key. */
static bool seal_for_here(gw_arena *arena, const gw_key_options *options, const gw_masters *masters,
                          gw_key *key, gw_err *err)
{
    gw_secret private;
    gw_master with;
    if (key->type > GW_PAIR_HYBRID)
        return gw_err_set(err, GW_ERR_INPUT, "keys of %s are not for backups",
                          gw_pair_kind_of(key->type)->name);
    if (!key->sealed.data)
        return true;
    if (!options->with_passphrase_file) {
        if (gw_keys_open(arena, key, masters, &private, err))
            return true;
        return gw_err_hint(err, "--with-passphrase-file FILE, where the key was exported with one");
    }
    return gw_keys_passphrase_of(arena, options->with_passphrase_file, &with, err) &&
           gw_key_open(arena, key, &with, &private, err) &&
           gw_key_seal(arena, key, &private, gw_masters_first(masters), gw_key_cipher(key), err);
}

bool gw_app_key_import(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       gw_keys_shown *out, gw_err *err)
{
    gw_keystore store;
    gw_masters masters;
    gw_file_text text;
    gw_key_list fresh;
    *out = (gw_keys_shown){0};
    if (!not_quantum(options, err) ||
        !gw_file_read(arena, options->path, EXPORT_MOST, &text, err) ||
        !gw_keys_parse(arena, options->path, text.data, text.len, &fresh, err) ||
        !gw_keys_masters(app, arena, options->passphrase_file, &masters, err))
        return false;
    for (size_t i = 0; i < fresh.len; i++)
        if (!seal_for_here(arena, options, &masters, &fresh.items[i], err))
            return false;
    if (!gw_keys_store(app, arena, options->store, &store, err))
        return false;
    importing self = {arena, &fresh};
    bool ok = gw_keystore_change(&store, arena, merge, &self, err);
    out->where = place(&store);
    done_with(app, &store, "import_key", fresh.len ? fresh.items[0].id : NULL, ok, err);
    for (size_t i = 0; ok && i < fresh.len; i++)
        *gw_vec_push(arena, out) = shown(&fresh.items[i], NULL);
    return ok;
}
