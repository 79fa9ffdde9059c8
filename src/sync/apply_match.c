/*
 * The rows that came against those that are kept. By key; where equal keys may be spelled otherwise
 * (numeric 1.0 and 1.00, 'a' and 'A' under a collation) the source is asked which rows the keys
 * that did not come stand for: it is the same row, and keeps its id and its place.
 */
#include <string.h>

#include "base/vec.h"
#include "sql_sync.h"
#include "sync/apply_impl.h"
#include "sync/kept.h"

enum { AT_ONCE = 2000 };

typedef struct matching {
    gw_apply *apply;
    gw_keyed kept;   /* .seen: it came, or is told of otherwise */
    gw_keyed staged; /* rows that nothing is kept of; .print.block is the row's index */
    gw_keyed twice;  /* keys of those that are asked for: .seen, kept under this spelling too */
} matching;

static gw_keyed_item *find(const gw_keyed *keyed, const char *key, size_t len)
{
    return keyed->len ? gw_keyed_find(keyed, key, len, gw_key_hash(key, len)) : NULL;
}

static void put(gw_keyed *keyed, const gw_fingerprint *print)
{
    gw_keyed_put(keyed, print, gw_key_hash(print->key, print->key_len));
}

static void match_by_key(matching *m)
{
    gw_apply *apply = m->apply;
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const char *key = apply->stage->rows.items[i].key;
        size_t len = strlen(key);
        gw_keyed_item *item = find(&m->kept, key, len);
        if (!item) {
            if (apply->projection->spelled_anew)
                put(&m->staged,
                    &(gw_fingerprint){.key = key, .key_len = len, .block = (uint32_t)i});
            continue;
        }
        item->seen = true;
        apply->rows[i].kept = gw_memdup(apply->arena, &item->print, sizeof item->print);
    }
}

typedef struct spelled {
    int64_t number;
    const char *key;
} spelled;

static bool note_twice(void *self, const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    matching *m = self;
    gw_keyed_item *item = find(&m->twice, kept->key, kept->key_len);
    if (!item)
        return true;
    gw_fingerprint *copy = gw_memdup(m->apply->arena, kept, sizeof *kept);
    copy->key = item->print.key;
    m->apply->rows[item->print.block].kept = copy;
    item->seen = true;
    return true;
}

/* Kept under both spellings, the row is the one of its own; what is kept under the other goes, and
 * where ids are made here the row that it was written as. */
static void settle(matching *m, gw_keyed_item *kept, const char *key)
{
    gw_apply *apply = m->apply;
    const gw_keyed_item *row = find(&m->twice, key, strlen(key));
    if (!row)
        return;
    gw_row_state *state = &apply->rows[row->print.block];
    const gw_fingerprint *print = gw_memdup(apply->arena, &kept->print, sizeof kept->print);
    kept->seen = true;
    if (!row->seen) {
        state->kept = print;
        state->respelled = true;
    } else if (apply->sql.map) {
        *gw_vec_push(apply->arena, &apply->gone) = print;
    } else {
        *gw_vec_push(apply->arena, &apply->stale) = print;
    }
}

static bool ask(matching *m, gw_session *source, gw_keyed_item **missing, size_t count, gw_err *err)
{
    static const gw_col cols[] = {{"number", GW_COL_INT, true, offsetof(spelled, number)},
                                  {"key", GW_COL_TEXT, true, offsetof(spelled, key)}};
    gw_apply *apply = m->apply;
    gw_key_text keys[AT_ONCE];
    const char *text;
    gw_result result;
    void *data;
    for (size_t i = 0; i < count; i++)
        keys[i] = (gw_key_text){missing[i]->print.key, missing[i]->print.key_len};
    if (!gw_project_spelled(apply->arena, apply->projection, keys, count, &text, err) ||
        !gw_pg_user_names(source, true, err) ||
        !gw_query_text(source, apply->arena, "keys spelled anew", text, NULL, 0, &result, err) ||
        !gw_pg_user_names(source, false, err) ||
        !gw_rows(apply->arena, &result, cols, 2, sizeof(spelled), &data, err))
        return false;
    const spelled *rows = data;
    gw_keyed_clear(&m->twice);
    for (size_t i = 0; i < result.rows; i++) {
        const gw_keyed_item *row = find(&m->staged, rows[i].key, strlen(rows[i].key));
        if (row)
            put(&m->twice, &row->print);
    }
    if (m->twice.len && !gw_kept_find(apply->session, apply->mapping->entity.text, &m->twice,
                                      note_twice, m, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        settle(m, missing[rows[i].number - 1], rows[i].key);
    return true;
}

/* Keys that did not come, while rows came that nothing is kept of. */
static bool match_by_equality(matching *m, gw_session *source, gw_err *err)
{
    gw_keyed_item *missing[AT_ONCE];
    size_t count = 0;
    for (size_t i = 0; m->staged.len && i < m->kept.len; i++) {
        if (m->kept.items[i].seen)
            continue;
        missing[count++] = &m->kept.items[i];
        if (count == AT_ONCE) {
            if (!ask(m, source, missing, count, err))
                return false;
            count = 0;
        }
    }
    return !count || ask(m, source, missing, count, err);
}

bool gw_apply_match(gw_apply *apply, gw_session *source, const gw_apply_batch *batch, gw_err *err)
{
    matching m = {.apply = apply};
    for (size_t i = 0; i < batch->kept_count; i++)
        put(&m.kept, &batch->kept[i]);
    apply->rows = gw_alloc_array(apply->arena, apply->stage->rows.len + 1, sizeof *apply->rows);
    match_by_key(&m);
    bool ok = match_by_equality(&m, source, err);
    for (size_t i = 0; ok && i < batch->gone_count; i++)
        *gw_vec_push(apply->arena, &apply->gone) = &batch->gone[i];
    for (size_t i = 0; ok && batch->missing_is_gone && i < m.kept.len; i++)
        if (!m.kept.items[i].seen)
            *gw_vec_push(apply->arena, &apply->gone) =
                gw_memdup(apply->arena, &m.kept.items[i].print, sizeof m.kept.items[i].print);
    apply->gone_rows = gw_alloc_array(apply->arena, apply->gone.len + 1, sizeof *apply->gone_rows);
    for (size_t i = 0; i < apply->gone.len; i++)
        apply->gone_rows[i].kept = apply->gone.items[i];
    gw_keyed_free(&m.kept);
    gw_keyed_free(&m.staged);
    gw_keyed_free(&m.twice);
    return ok;
}

bool gw_apply_respell(gw_apply *apply, gw_err *err)
{
    bool filled = apply->sql.later_note != NULL;
    for (size_t i = 0; (apply->sql.map || filled) && i < apply->stage->rows.len; i++) {
        const gw_row_state *row = &apply->rows[i];
        if (!row->respelled)
            continue;
        gw_param params[] = {
            gw_p_text(apply->mapping->entity.text),
            gw_p_text(gw_strndup(apply->arena, row->kept->key, row->kept->key_len)),
            gw_p_text(apply->stage->rows.items[i].key)};
        if ((apply->sql.map && !gw_exec_sql(apply->session, &gw_sql_id_respell, params, 3, err)) ||
            (filled && !gw_exec_sql(apply->session, &gw_sql_filled_respell, params, 3, err)))
            return false;
    }
    return true;
}
