/* The keys of a stored analysis, under another snapshot than the one that it was made under. */
#include <string.h>

#include "base/json.h"
#include "sql_sync.h"
#include "sync/analysis.h"
#include "sync/kept.h"

enum { BATCH = 20000, AT_ONCE = 2000 };

typedef struct again {
    const gw_find *find;
    gw_find_result *out;
    const char *entity;
    gw_arena *own;  /* of a batch */
    gw_keyed keys;  /* .seen: kept somewhere, .print is what is kept */
    gw_keyed told;  /* rows: two spellings of a key are one */
    gw_keyed waits; /* in the quarantine: what is kept of a row says nothing of what it waits for */
    size_t *order;  /* of keys; what is kept comes first, so that its row is known by it */
    size_t at;
} again;

static bool note_kept(void *self, const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    again *all = self;
    gw_keyed_item *item =
        gw_keyed_find(&all->keys, kept->key, kept->key_len, gw_key_hash(kept->key, kept->key_len));
    const char *key = item->print.key;
    item->print = *kept;
    item->print.key = key;
    item->seen = true;
    return true;
}

static bool tell(again *all, gw_row_change change, const gw_fingerprint *seen,
                 const gw_fingerprint *kept, gw_err *err)
{
    all->out->counts[change]++;
    return all->find->fn(all->find->self, change, seen, kept, err);
}

static bool answer(void *self, size_t index, const gw_row_seen *row, uint32_t leaf, gw_err *err)
{
    again *all = self;
    const gw_keyed_item *item = &all->keys.items[all->order[all->at + index]];
    const gw_fingerprint *kept = item->seen ? &item->print : NULL;
    if (!row)
        return !kept || tell(all, GW_ROW_DELETED, NULL, kept, err);
    uint64_t hash = gw_key_hash(row->key, row->key_len);
    gw_fingerprint seen = {.key = row->key,
                           .key_len = row->key_len,
                           .leaf = leaf,
                           .block = row->block,
                           .source = row->fingerprint,
                           .destination = row->fingerprint};
    if (gw_keyed_find(&all->told, row->key, row->key_len, hash))
        return true;
    gw_fingerprint name = {.key = gw_memdup(all->own, row->key, row->key_len),
                           .key_len = row->key_len};
    gw_keyed_put(&all->told, &name, hash);
    if (!kept)
        return tell(all, GW_ROW_NEW, &seen, NULL, err);
    bool equal = seen.source == kept->source && seen.key_len == kept->key_len &&
                 memcmp(seen.key, kept->key, seen.key_len) == 0;
    bool waits = equal && gw_keyed_find(&all->waits, row->key, row->key_len, hash);
    return (equal && !waits) || tell(all, GW_ROW_MODIFIED, &seen, kept, err);
}

static bool find_waiting(again *all, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, 0}};
    json_t *keys = gw_json_own(all->own, json_array());
    gw_result result;
    void *rows;
    for (size_t i = 0; i < all->keys.len; i++)
        json_array_append_new(
            keys, json_stringn(all->keys.items[i].print.key, all->keys.items[i].print.key_len));
    gw_param params[] = {gw_p_text(all->entity), gw_p_text(gw_json_dump(all->own, keys))};
    if (!gw_query(all->find->kept, all->own, &gw_sql_rejects_among, params, 2, &result, err) ||
        !gw_rows(all->own, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const char *key = ((const char **)rows)[i];
        gw_fingerprint print = {.key = key, .key_len = strlen(key)};
        gw_keyed_put(&all->waits, &print, gw_key_hash(key, print.key_len));
    }
    return true;
}

static bool ask(again *all, gw_err *err)
{
    size_t count = 0, total = all->keys.len;
    bool ok = gw_kept_find(all->find->kept, all->entity, &all->keys, note_kept, all, err) &&
              find_waiting(all, err);
    all->order = gw_alloc_array(all->own, total + 1, sizeof *all->order);
    for (int kept = 1; kept >= 0; kept--)
        for (size_t i = 0; i < total; i++)
            if (all->keys.items[i].seen == (kept == 1))
                all->order[count++] = i;
    for (all->at = 0; ok && all->at < total; all->at += AT_ONCE) {
        gw_key_text some[AT_ONCE];
        size_t most = total - all->at < AT_ONCE ? total - all->at : AT_ONCE;
        for (size_t i = 0; i < most; i++) {
            const gw_fingerprint *one = &all->keys.items[all->order[all->at + i]].print;
            some[i] = (gw_key_text){one->key, one->key_len};
        }
        ok = gw_lookup_keys(&all->find->viewed->lookup, some, most, answer, all, err);
    }
    all->out->rows_read += (int64_t)total;
    gw_keyed_clear(&all->keys);
    gw_keyed_clear(&all->told);
    gw_keyed_clear(&all->waits);
    gw_arena_reset(all->own);
    return ok;
}

static void add(again *all, const char *key, size_t len)
{
    gw_fingerprint print = {.key = gw_memdup(all->own, key, len), .key_len = len};
    gw_keyed_put(&all->keys, &print, gw_key_hash(print.key, len));
}

static bool ask_all(again *all, const char *analysis, gw_err *err)
{
    gw_arena *page = gw_arena_new();
    bool ok = true, found = true;
    for (int64_t number = 1; ok && found; number++) {
        gw_changes changes;
        gw_arena_reset(page);
        ok = gw_changes_read(all->find->kept, page, analysis, number, &changes, &found, err);
        for (size_t i = 0; ok && found && i < changes.count; i++) {
            add(all, changes.keys[i], strlen(changes.keys[i]));
            if (changes.kept) /* it may be spelled otherwise there */
                add(all, changes.kept[i].key, changes.kept[i].key_len);
        }
        if (ok && all->keys.len > 0 && (!found || all->keys.len >= BATCH))
            ok = ask(all, err);
    }
    gw_arena_free(page);
    return ok;
}

bool gw_analysis_again(const gw_find *find, gw_arena *arena, const gw_analysis *stored,
                       gw_find_result *out, gw_err *err)
{
    gw_leaf_kept_list leaves;
    again all = {.find = find, .out = out, .entity = stored->entity, .own = gw_arena_new()};
    bool names = find->viewed->user_names;
    *out = (gw_find_result){.why = gw_printf(arena, "the keys of analysis %s, read again",
                                             stored->id)};
    bool ok = gw_method_of(stored->method, &out->method, err) &&
              gw_segments_leaves(find->kept, arena, stored->entity, &leaves, err);
    for (size_t i = 0; ok && i < leaves.len; i++)
        out->kept_rows += leaves.items[i].rows;
    ok = ok && (!names || gw_pg_user_names(find->source, true, err)) &&
         ask_all(&all, stored->id, err) &&
         (!names || gw_pg_user_names(find->source, false, err));
    out->source_rows =
        out->kept_rows + out->counts[GW_ROW_NEW] - out->counts[GW_ROW_DELETED];
    out->mark = gw_mark_of(arena, &find->viewed->snapshot, find->viewed->digest,
                           find->viewed->snapshot.position);
    gw_keyed_free(&all.keys);
    gw_keyed_free(&all.told);
    gw_keyed_free(&all.waits);
    gw_arena_free(all.own);
    if (!ok)
        gw_mapping_mask(find->viewed->entity->mapping, err);
    return ok || gw_err_context(err, "while reading the keys of analysis %s again", stored->id);
}
