#include "vault/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "control/control.h"
#include "sql_vault.h"

enum { FILE_MOST = 16 << 20 };

static const char part[] = "keys";

bool gw_key_find(const gw_key_list *keys, const char *id, gw_key **out, gw_err *err)
{
    size_t found = 0;
    for (size_t i = 0; i < keys->len; i++)
        if (strncmp(keys->items[i].id, id, strlen(id)) == 0) {
            *out = &keys->items[i];
            found++;
        }
    if (found == 1 && *id)
        return true;
    gw_err_set(err, GW_ERR_USAGE, found ? "several keys begin with \"%.64s\"" : "there is no key \"%.64s\"",
               id);
    return gw_err_hint(err, "godwit keys list shows them");
}

/* ---- the file --------------------------------------------------------------------------------- */

static bool read_file(const char *path, gw_arena *arena, gw_key_list *out, gw_err *err)
{
    gw_file_text text;
    *out = (gw_key_list){0};
    if (!gw_file_exists(path))
        return true;
    return gw_file_read(arena, path, FILE_MOST, &text, err) &&
           gw_keys_parse(arena, path, text.data, text.len, out, err);
}

/* The lock is a file of its own: the one with the keys is replaced. */
static int lock_file(gw_arena *arena, const char *path, gw_err *err)
{
    const char *name = gw_printf(arena, "%s.lock", path);
    int fd = -1;
    if (!gw_file_make_dirs(gw_path_dir(arena, path), 0700, err))
        return -1;
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(fd);
            fd = -1;
        }
    if (fd < 0)
        gw_err_errno(err, errno, "cannot lock %s", name);
    return fd;
}

static bool change_file(const gw_keystore *store, gw_arena *arena, gw_keystore_change_fn *change,
                        void *self, gw_err *err)
{
    gw_key_list keys;
    int lock = lock_file(arena, store->path, err);
    if (lock < 0)
        return false;
    bool ok = read_file(store->path, arena, &keys, err) && change(self, &keys, err);
    if (ok) {
        const char *text = gw_keys_write(arena, &keys);
        ok = gw_file_write(store->path, text, strlen(text), 0600, err);
    }
    close(lock);
    return ok;
}

/* ---- the table -------------------------------------------------------------------------------- */

typedef struct key_row {
    const char *id, *type, *state;
    int64_t created_at, expires_at;
    gw_bytes public, sealed;
} key_row;

#define AT(field) offsetof(key_row, field)
static const gw_col cols[] = {
    {"id", GW_COL_TEXT, true, AT(id)},
    {"type", GW_COL_TEXT, true, AT(type)},
    {"state", GW_COL_TEXT, true, AT(state)},
    {"created_at", GW_COL_TIME, true, AT(created_at)},
    {"expires_at", GW_COL_TIME, false, AT(expires_at)},
    {"public_key", GW_COL_BYTES, true, AT(public)},
    {"encrypted_private_key", GW_COL_BYTES, false, AT(sealed)},
};

static bool read_rows(gw_session *session, gw_arena *arena, gw_key_list *out, gw_err *err)
{
    gw_result result;
    key_row *rows;
    if (!gw_query(session, arena, &gw_sql_keys_read, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const key_row *row = &rows[i];
        gw_key *key = gw_vec_push(arena, out);
        *key = (gw_key){.id = row->id,
                        .created_at = row->created_at,
                        .expires_at = row->expires_at,
                        .public = row->public,
                        .sealed = row->sealed};
        if (!gw_pair_type_named(row->type, &key->type) ||
            !gw_key_state_named(row->state, &key->state) || !gw_key_check(arena, key, err))
            return gw_err_context(err, "in godwit.keys");
    }
    return true;
}

static bool read_table(gw_session *session, gw_arena *arena, gw_key_list *out, gw_err *err)
{
    int version = 0;
    *out = (gw_key_list){0};
    return gw_control_part_version(session, part, &version, err) &&
           (!version || read_rows(session, arena, out, err));
}

static bool put_row(gw_session *session, gw_arena *arena, const gw_key *key, const char *by,
                    gw_err *err)
{
    gw_param params[] = {
        gw_p_text(key->id),
        gw_p_text(gw_pair_kind_of(key->type)->name),
        gw_p_text(gw_key_state_name(key->state)),
        gw_p_int(key->created_at),
        key->expires_at == GW_NULL_INT ? gw_p_text(NULL) : gw_p_int(key->expires_at),
        gw_p_text(gw_hex(arena, key->public.data, key->public.len)),
        gw_p_text(key->sealed.data ? gw_hex(arena, key->sealed.data, key->sealed.len) : NULL),
        gw_p_text(by)};
    return gw_exec_sql(session, &gw_sql_key_put, params, sizeof params / sizeof *params, err);
}

static bool change_table(const gw_keystore *store, gw_arena *arena, gw_keystore_change_fn *change,
                         void *self, gw_err *err)
{
    gw_key_list keys = {0};
    gw_session *session = store->session;
    if (!gw_control_ensure_part(session, part, store->by, err))
        return false;
    bool ok = gw_session_begin(session, NULL, err) &&
              gw_exec_sql(session, &gw_sql_keys_lock, NULL, 0, err) &&
              read_rows(session, arena, &keys, err) && change(self, &keys, err);
    for (size_t i = 0; ok && i < keys.len; i++)
        ok = put_row(session, arena, &keys.items[i], store->by, err);
    ok = ok && gw_session_commit(session, err);
    if (!ok)
        gw_session_rollback(session);
    return ok || gw_control_explain(session, err);
}

/* ---- either ----------------------------------------------------------------------------------- */

bool gw_keystore_read(const gw_keystore *store, gw_arena *arena, gw_key_list *out, gw_err *err)
{
    return store->path ? read_file(store->path, arena, out, err)
                       : read_table(store->session, arena, out, err);
}

bool gw_keystore_change(const gw_keystore *store, gw_arena *arena, gw_keystore_change_fn *change,
                        void *self, gw_err *err)
{
    return store->path ? change_file(store, arena, change, self, err)
                       : change_table(store, arena, change, self, err);
}
