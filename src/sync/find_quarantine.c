/*
 * Keys of the quarantine: candidates in every detection. A row that was rejected keeps the
 * fingerprint that it had, but neither its block nor its time need have changed since.
 */
#include <string.h>

#include "sql_sync.h"
#include "sync/find_impl.h"
#include "sync/kept.h"

enum { BATCH = 2000, POOL_LIMIT = 4 << 20 };

typedef struct waiting {
    gw_finding_run *run;
    gw_arena *own;
    gw_keyed keys; /* .seen: kept somewhere, .print is what is kept */
} waiting;

static bool some_keys(gw_finding_run *run, gw_arena *arena, const char *after, int64_t limit,
                      const char ***keys, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, 0}};
    gw_param params[] = {gw_p_text(run->entity), gw_p_text(after), gw_p_int(limit)};
    gw_result result;
    void *rows;
    if (!gw_query(run->find->kept, arena, &gw_sql_rejects_waiting, params, 3, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    *keys = rows;
    *count = result.rows;
    return true;
}

bool gw_finding_watch(gw_finding_run *run, gw_err *err)
{
    const char **keys;
    size_t count;
    if (!some_keys(run, run->arena, NULL, 1, &keys, &count, err))
        return false;
    if (count)
        run->told = gw_pool_new(run->arena, POOL_LIMIT);
    return true;
}

static bool note_kept(void *self, const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    waiting *all = self;
    gw_keyed_item *item =
        gw_keyed_find(&all->keys, kept->key, kept->key_len, gw_key_hash(kept->key, kept->key_len));
    const char *key = item->print.key;
    item->print = *kept;
    item->print.key = key;
    item->seen = true;
    return true;
}

/* Neither side has it. */
static bool pass(gw_finding_run *run, const gw_fingerprint *print, gw_err *err)
{
    gw_key_fn *passed = run->find->passed;
    run->out->waiting--;
    return !passed || passed(run->find->self, print->key, print->key_len, err);
}

static bool answer(void *self, size_t index, const gw_row_seen *row, uint32_t leaf, gw_err *err)
{
    waiting *all = self;
    gw_finding_run *run = all->run;
    gw_keyed_item *item = &all->keys.items[index];
    const gw_fingerprint *kept = item->seen ? &item->print : NULL;
    if (!row && !kept)
        return pass(run, &item->print, err);
    if (!row)
        return gw_finding_tell(run, GW_ROW_DELETED, NULL, kept, err);
    /* Spelled anew since: written since, so that the method has told of it or it is applied. */
    if (row->key_len != item->print.key_len || memcmp(row->key, item->print.key, row->key_len) != 0)
        return true;
    gw_fingerprint seen = {.key = row->key,
                           .key_len = row->key_len,
                           .leaf = leaf,
                           .block = row->block,
                           .source = row->fingerprint,
                           .destination = row->fingerprint};
    run->out->retried++;
    return gw_finding_tell(run, kept ? GW_ROW_MODIFIED : GW_ROW_NEW, &seen, kept, err);
}

/* Of a first load: rows that are there are new anyway. */
static bool answer_first(void *self, size_t index, const gw_row_seen *row, uint32_t leaf,
                         gw_err *err)
{
    (void)leaf;
    waiting *all = self;
    return row || pass(all->run, &all->keys.items[index].print, err);
}

static bool ask(waiting *all, gw_err *err)
{
    gw_key_text keys[BATCH];
    gw_finding_run *run = all->run;
    bool first = run->out->first && run->find->first != GW_FIRST_TOLD;
    for (size_t i = 0; i < all->keys.len; i++)
        keys[i] = (gw_key_text){all->keys.items[i].print.key, all->keys.items[i].print.key_len};
    bool ok =
        (first || gw_kept_find(run->find->kept, run->entity, &all->keys, note_kept, all, err)) &&
        gw_lookup_keys(&run->find->viewed->lookup, keys, all->keys.len,
                       first ? answer_first : answer, all, err);
    gw_keyed_clear(&all->keys);
    gw_arena_reset(all->own);
    return ok;
}

/* What is joined here: the quarantine (seen) with what was told (kept). */
static bool not_told(void *self, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err)
{
    (void)kept;
    waiting *all = self;
    if (change != GW_ROW_NEW)
        return true;
    gw_fingerprint print = {.key = gw_memdup(all->own, seen->key, seen->key_len),
                            .key_len = seen->key_len};
    gw_keyed_put(&all->keys, &print, gw_key_hash(print.key, print.key_len));
    return all->keys.len < BATCH || ask(all, err);
}

static bool pour_keys(gw_finding_run *run, gw_pool *pool, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    const char **keys, *after = NULL;
    size_t count = 1;
    bool ok = true;
    while (ok && count) {
        ok = some_keys(run, arena, after, BATCH, &keys, &count, err);
        run->out->waiting += ok ? (int64_t)count : 0;
        for (size_t i = 0; ok && i < count; i++)
            ok = gw_pool_seen(pool, &(gw_fingerprint){.key = keys[i], .key_len = strlen(keys[i])},
                              err);
        if (ok && count) {
            char *last = gw_strdup(run->arena, keys[count - 1]);
            gw_arena_reset(arena);
            after = last;
        }
    }
    gw_arena_free(arena);
    return ok;
}

bool gw_finding_quarantine(gw_finding_run *run, gw_err *err)
{
    gw_pool *pool = run->told;
    waiting all = {.run = run};
    if (!pool && (!run->out->first || run->find->first == GW_FIRST_TOLD))
        return true;
    if (!pool)
        pool = gw_pool_new(run->arena, POOL_LIMIT);
    run->told = NULL;
    all.own = gw_arena_new();
    bool ok = pour_keys(run, pool, err) && gw_pool_join(pool, not_told, &all, err) &&
              (!all.keys.len || ask(&all, err));
    gw_keyed_free(&all.keys);
    gw_arena_free(all.own);
    return ok;
}
