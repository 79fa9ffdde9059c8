#include "sync/confirm.h"

#include <string.h>

enum { BATCH = 2000 };

struct gw_confirm {
    const gw_lookup *lookup;
    gw_row_change_fn *fn;
    void *self;
    gw_arena *own; /* of the keys that wait */
    gw_fingerprint waiting[BATCH];
    size_t count, told; /* told: candidates that the look-up has answered */
    int64_t found;
};

static void release(void *arg)
{
    gw_arena_free(((gw_confirm *)arg)->own);
}

gw_confirm *gw_confirm_new(gw_arena *arena, const gw_lookup *lookup, gw_row_change_fn *fn,
                           void *self)
{
    gw_confirm *confirm = gw_alloc(arena, sizeof *confirm);
    confirm->lookup = lookup;
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
    bool equal = seen.source == kept->source && seen.key_len == kept->key_len &&
                 memcmp(seen.key, kept->key, seen.key_len) == 0;
    confirm->found++;
    return confirm->fn(confirm->self, equal ? GW_ROW_MOVED : GW_ROW_MODIFIED, &seen, kept, err);
}

static bool look_up(gw_confirm *confirm, gw_err *err)
{
    gw_key_text keys[BATCH];
    for (size_t i = 0; i < confirm->count; i++)
        keys[i] = (gw_key_text){confirm->waiting[i].key, confirm->waiting[i].key_len};
    confirm->told = 0;
    bool ok = gw_lookup_keys(confirm->lookup, keys, confirm->count, answer, confirm, err);
    confirm->count = 0;
    gw_arena_reset(confirm->own);
    return ok;
}

bool gw_confirm_deleted(void *self, gw_row_change change, const gw_fingerprint *seen,
                        const gw_fingerprint *kept, gw_err *err)
{
    gw_confirm *confirm = self;
    if (change != GW_ROW_DELETED)
        return confirm->fn(confirm->self, change, seen, kept, err);
    gw_fingerprint *one = &confirm->waiting[confirm->count++];
    *one = *kept;
    one->key = gw_memdup(confirm->own, kept->key, kept->key_len);
    return confirm->count < BATCH || look_up(confirm, err);
}

bool gw_confirm_end(gw_confirm *confirm, int64_t *found, gw_err *err)
{
    bool ok = look_up(confirm, err);
    if (found)
        *found = confirm->found;
    return ok;
}
