#include "vault/rewrap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "vault/part.h"
#include "vault/reader.h"

enum { COPY_BYTES = 256 * 1024 };

static bool is_one_of(const unsigned char *id, const unsigned char (*ids)[GW_KEY_ID_BYTES],
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(ids[i], id, GW_KEY_ID_BYTES) == 0)
            return true;
    return false;
}

/* As it was, but for what it says about its keys. */
static const char *new_manifest(gw_arena *arena, const gw_head *old, const gw_head *head,
                                gw_err *err)
{
    json_t *all = gw_json_parse(arena, "the manifest", old->manifest, old->manifest_len, err);
    json_t *keys = json_array();
    if (!all) {
        json_decref(keys);
        return NULL;
    }
    for (size_t i = 0; i < head->slot_count; i++)
        if (head->slots[i].kind >= GW_SLOT_X25519)
            json_array_append_new(keys,
                                  gw_json_text(gw_hex(arena, head->slots[i].key_id, GW_KEY_ID_BYTES)));
    json_object_set_new(all, "keys", keys);
    json_object_set_new(all, "encryption", gw_json_text(gw_slot_kinds(arena, head)));
    return gw_json_dump(arena, all);
}

static bool new_head(gw_arena *arena, const gw_head *old, const unsigned char *file_key,
                     const unsigned char (*away)[GW_KEY_ID_BYTES], size_t away_count,
                     const gw_recipient *to, gw_buf *out, gw_err *err)
{
    gw_head head = *old;
    bool there = false;
    head.slots = gw_alloc_array(arena, old->slot_count + 1, sizeof *head.slots);
    head.slot_count = 0;
    for (size_t i = 0; i < old->slot_count; i++) {
        const gw_slot *slot = &old->slots[i];
        bool own = memcmp(slot->key_id, to->key_id, GW_KEY_ID_BYTES) == 0;
        there = there || own;
        if (own || !is_one_of(slot->key_id, away, away_count))
            head.slots[head.slot_count++] = *slot;
    }
    if (!there && !gw_slot_wrap(arena, to, file_key, &head.slots[head.slot_count++], err))
        return false;
    head.manifest = new_manifest(arena, old, &head, err);
    if (!head.manifest)
        return false;
    head.manifest_len = strlen(head.manifest);
    gw_head_write(out, &head, file_key);
    return true;
}

static bool copy_chunks(gw_arena *arena, const char *path, size_t from, gw_part *part, gw_err *err)
{
    char *buffer = gw_alloc(arena, COPY_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 || lseek(fd, (off_t)from, SEEK_SET) < 0 ? -1 : 1;
    bool ok = n > 0;
    while (ok && n) {
        n = read(fd, buffer, COPY_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        ok = n >= 0 && gw_part_write(part, buffer, (size_t)n, err);
    }
    if (n < 0)
        gw_err_errno(err, errno, "cannot read %s", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool replace(gw_arena *arena, const char *path, const gw_head *old, const gw_buf *head,
                    gw_err *err)
{
    gw_part *part;
    const char *name = gw_path_base(path), *done;
    size_t len = strlen(name), end = strlen(GW_BACKUP_SUFFIX);
    if (len <= end || strcmp(name + len - end, GW_BACKUP_SUFFIX) != 0)
        return gw_err_set(err, GW_ERR_INPUT, "%s is not called as a backup is", path);
    if (!gw_part_open(arena, gw_path_dir(arena, path), gw_strndup(arena, name, len - end), &part, err))
        return false;
    if (gw_part_write(part, head->data, head->len, err) &&
        copy_chunks(arena, path, old->len, part, err) && gw_part_publish(part, &done, err))
        return true;
    gw_part_abandon(part);
    return false;
}

bool gw_backup_rewrap(gw_arena *arena, const char *path, const gw_unlock *unlock,
                      const unsigned char (*away)[GW_KEY_ID_BYTES], size_t away_count,
                      const gw_recipient *to, bool *changed, gw_err *err)
{
    gw_backup_reader *reader;
    gw_buf head = GW_BUF(arena);
    *changed = false;
    if (!gw_backup_open(arena, path, &reader, err))
        return false;
    const gw_head *old = gw_backup_head(reader);
    bool any = false;
    for (size_t i = 0; i < old->slot_count; i++)
        any = any || (old->slots[i].kind >= GW_SLOT_X25519 &&
                      is_one_of(old->slots[i].key_id, away, away_count));
    if (!any)
        return true;
    gw_secret file_key = gw_secret_new(arena, GW_KEY_BYTES);
    if (!gw_head_unlock(arena, old, unlock, file_key.data, err))
        return gw_err_at(err, path, 0, 0);
    *changed = new_head(arena, old, file_key.data, away, away_count, to, &head, err) &&
               replace(arena, path, old, &head, err);
    return *changed;
}
