#include "sync/confirm.h"

#include <string.h>

#include "base/vec.h"
#include "sync/kept.h"

enum { BATCH = 2000, POOL_LIMIT = 4 << 20 };

/* A row that was found under another spelling of a key that is kept. */
typedef struct respelled {
    gw_fingerprint seen;
    const gw_fingerprint *kept;
} respelled;

struct gw_confirm {
    const gw_lookup *lookup;
    gw_session *kept;
    const char *entity;
    gw_row_change_fn *fn;
    void *self;
    gw_arena *own; /* of the keys that wait */
    gw_fingerprint waiting[BATCH];
    size_t count, told; /* told: candidates that the look-up has answered */
    int64_t found;
    gw_pool *fresh; /* seen: what looks new; kept: what was told as modified; NULL: keys are spelled alike */
    GW_VEC(respelled) respelled; /* of the batch, on own */
};

static void release(void *arg)
{
    gw_arena_free(((gw_confirm *)arg)->own);
}

gw_confirm *gw_confirm_new(gw_arena *arena, const gw_lookup *lookup, gw_session *kept,
                           const char *entity, gw_row_change_fn *fn, void *self)
{
    gw_confirm *confirm = gw_alloc(arena, sizeof *confirm);
    confirm->lookup = lookup;
    confirm->kept = kept;
    confirm->entity = entity;
    if (lookup->spelled_anew)
        confirm->fresh = gw_pool_new(arena, POOL_LIMIT);
    confirm->fn = fn;
    confirm->self = self;
    confirm->own = gw_arena_new();
    gw_arena_defer(arena, release, confirm);
    return confirm;
}

static bool answer(void *self, size_t index, const gw_row_seen *row, uint32_t leaf, gw_err *err)
{
    gw_confirm *confirm = self;
    const gw_fingerprint *kept = &confirm->waiting[index];
    if (index < confirm->told)
        return gw_err_set(err, GW_ERR_STATE,
                          "the mapping's key is none: the source has \"%.*s\" twice",
                          (int)kept->key_len, kept->key);
    confirm->told = index + 1;
    if (!row)
        return confirm->fn(confirm->self, GW_ROW_DELETED, NULL, kept, err);
    gw_fingerprint seen = {.key = row->key,
                           .key_len = row->key_len,
                           .leaf = leaf,
                           .block = row->block,
                           .source = row->fingerprint,
                           .destination = row->fingerprint};
    confirm->found++;
    if (seen.key_len == kept->key_len && memcmp(seen.key, kept->key, seen.key_len) == 0)
        return confirm->fn(confirm->self,
                           seen.source == kept->source ? GW_ROW_MOVED : GW_ROW_MODIFIED, &seen,
                           kept, err);
    seen.key = gw_memdup(confirm->own, seen.key, seen.key_len);
    *gw_vec_push(confirm->own, &confirm->respelled) = (respelled){seen, kept};
    return true;
}

static bool note_kept(void *self, const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    gw_keyed_item *item = gw_keyed_find(self, kept->key, kept->key_len,
                                        gw_key_hash(kept->key, kept->key_len));
    if (item)
        item->seen = true;
    return true;
}

/* The row is the one that is kept under the other spelling, unless it is kept under its own as well:
 * a load that was killed may have met it twice. Then what is kept under the other is gone. */
static bool tell_respelled(gw_confirm *confirm, gw_err *err)
{
    gw_keyed keys = {0};
    size_t count = confirm->respelled.len;
    for (size_t i = 0; i < count; i++) {
        const gw_fingerprint *seen = &confirm->respelled.items[i].seen;
        gw_keyed_put(&keys, seen, gw_key_hash(seen->key, seen->key_len));
    }
    bool ok = !count ||
              gw_kept_find(confirm->kept, confirm->entity, &keys, note_kept, &keys, err);
    for (size_t i = 0; ok && i < count; i++) {
        const respelled *one = &confirm->respelled.items[i];
        const gw_fingerprint *seen = &one->seen;
        const gw_keyed_item *item =
            gw_keyed_find(&keys, seen->key, seen->key_len, gw_key_hash(seen->key, seen->key_len));
        ok = item->seen
                 ? confirm->fn(confirm->self, GW_ROW_DELETED, NULL, one->kept, err)
                 : confirm->fn(confirm->self, GW_ROW_MODIFIED, seen, one->kept, err) &&
                       (!confirm->fresh || gw_pool_kept(confirm->fresh, seen, err));
    }
    gw_keyed_free(&keys);
    memset(&confirm->respelled, 0, sizeof confirm->respelled);
    return ok;
}

static bool look_up(gw_confirm *confirm, gw_err *err)
{
    gw_key_text keys[BATCH];
    for (size_t i = 0; i < confirm->count; i++)
        keys[i] = (gw_key_text){confirm->waiting[i].key, confirm->waiting[i].key_len};
    confirm->told = 0;
    bool ok = gw_lookup_keys(confirm->lookup, keys, confirm->count, answer, confirm, err) &&
              tell_respelled(confirm, err);
    confirm->count = 0;
    gw_arena_reset(confirm->own);
    return ok;
}

bool gw_confirm_deleted(void *self, gw_row_change change, const gw_fingerprint *seen,
                        const gw_fingerprint *kept, gw_err *err)
{
    gw_confirm *confirm = self;
    if (change == GW_ROW_NEW && confirm->fresh)
        return gw_pool_seen(confirm->fresh, seen, err);
    if (change != GW_ROW_DELETED)
        return confirm->fn(confirm->self, change, seen, kept, err);
    gw_fingerprint *one = &confirm->waiting[confirm->count++];
    *one = *kept;
    one->key = gw_memdup(confirm->own, kept->key, kept->key_len);
    return confirm->count < BATCH || look_up(confirm, err);
}

/* What is among those told as modified has been told. */
static bool tell_new(void *self, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err)
{
    (void)kept;
    gw_confirm *confirm = self;
    return change != GW_ROW_NEW || confirm->fn(confirm->self, GW_ROW_NEW, seen, NULL, err);
}

bool gw_confirm_end(gw_confirm *confirm, int64_t *found, gw_err *err)
{
    bool ok = look_up(confirm, err) &&
              (!confirm->fresh || gw_pool_join(confirm->fresh, tell_new, confirm, err));
    if (found)
        *found = confirm->found;
    return ok;
}
