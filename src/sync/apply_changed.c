/* What somebody changed in the destination since Godwit wrote it. */
#include <inttypes.h>

#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_impl.h"

typedef struct found {
    int64_t number, print, wanted;
} found;

static uint64_t destination_of(const gw_fingerprint *kept)
{
    return kept->own_destination ? kept->destination : kept->source;
}

/* As the mapping says; a row that is left keeps its old fingerprint, so that it still differs. */
static bool changed(gw_apply *apply, int64_t number, gw_row_state *row, const char *kind,
                    const char *message, gw_err *err)
{
    switch (apply->mapping->on_destination_change) {
    case GW_CHANGE_OVERWRITE:
        return true;
    case GW_CHANGE_KEEP:
        row->left = true;
        row->print = row->kept ? destination_of(row->kept) : ~row->there;
        return gw_apply_bad(apply, number, "keep", message, NULL, NULL, err);
    case GW_CHANGE_QUARANTINE:
        break;
    }
    return gw_apply_bad(apply, number, kind, message, NULL, NULL, err);
}

typedef struct departed {
    int64_t number, print;
} departed;

/* was: what the row was when the source lost it; NULL: it did not, as far as is known. */
static bool judge(gw_apply *apply, int64_t number, gw_row_state *row, const found *there,
                  const departed *was, gw_err *err)
{
    if (!row->kept && there && was)
        return there->print == was->print || there->print == there->wanted ||
               changed(apply, number, row, "changed",
                       "the row was changed in the destination while the source did not have it",
                       err);
    if (!row->kept && there && there->print != there->wanted)
        return changed(apply, number, row, "conflict",
                       "the destination has a row of this key that did not come from here", err);
    if (!row->kept)
        return true;
    if (!there)
        return changed(apply, number, row, "changed", "the row was deleted in the destination",
                       err);
    if ((uint64_t)there->print == destination_of(row->kept) || there->print == there->wanted)
        return true;
    return changed(apply, number, row, "changed", "the row was changed in the destination", err);
}

static bool find_departed(gw_apply *apply, const departed **out, gw_err *err)
{
    static const gw_col cols[] = {{"number", GW_COL_INT, true, offsetof(departed, number)},
                                  {"print", GW_COL_INT, true, offsetof(departed, print)}};
    gw_param param = gw_p_text(apply->mapping->entity.text);
    gw_result result;
    void *data;
    if (!gw_query(apply->session, apply->arena, &gw_sql_departed_find, &param, 1, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 2, sizeof(departed), &data, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const departed *one = (departed *)data + i;
        out[one->number - 1] = one;
    }
    return true;
}

bool gw_apply_present(gw_apply *apply, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(found, number)},
        {"print", GW_COL_INT, true, offsetof(found, print)},
        {"wanted", GW_COL_INT, true, offsetof(found, wanted)},
    };
    gw_result result;
    void *data;
    size_t count = apply->stage->rows.len;
    if (!gw_query_text(apply->session, apply->arena, "rows that are there", apply->sql.present,
                       NULL, 0, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 3, sizeof(found), &data, err))
        return false;
    const found **there = gw_alloc_array(apply->arena, count + 1, sizeof *there);
    for (size_t i = 0; i < result.rows; i++) {
        const found *one = (found *)data + i;
        gw_row_state *row = &apply->rows[one->number - 1];
        there[one->number - 1] = one;
        row->present = true;
        row->there = (uint64_t)one->print;
    }
    const departed **was = gw_alloc_array(apply->arena, count + 1, sizeof *was);
    bool stranger = false;
    for (size_t i = 0; i < count; i++)
        stranger = stranger || (there[i] && !apply->rows[i].kept);
    if (stranger && apply->mapping->deletes != GW_DELETES_DELETE &&
        !find_departed(apply, was, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!apply->rows[i].bad &&
            !judge(apply, (int64_t)i + 1, &apply->rows[i], there[i], was[i], err))
            return false;
    return true;
}

static bool read_gone(gw_apply *apply, const found **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(found, number)},
        {"print", GW_COL_INT, true, offsetof(found, print)},
    };
    gw_result result;
    void *data;
    if (!gw_query_text(apply->session, apply->arena, "rows that are gone", apply->sql.gone_present,
                       NULL, 0, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 2, sizeof(found), &data, err))
        return false;
    *out = data;
    *count = result.rows;
    return true;
}

bool gw_apply_gone_present(gw_apply *apply, gw_err *err)
{
    const found *there;
    size_t count;
    if (!read_gone(apply, &there, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        gw_row_state *row = &apply->gone_rows[-there[i].number - 1];
        row->present = true;
        row->there = (uint64_t)there[i].print;
        if (row->there != destination_of(row->kept) &&
            !changed(apply, there[i].number, row, "changed",
                     "the row is gone in the source and was changed in the destination", err))
            return false;
    }
    return true;
}

/* The mark is part of what a row is: after it, its fingerprint is another one. */
static bool marked_prints(gw_apply *apply, uint64_t *prints, bool *there, gw_err *err)
{
    const found *rows;
    size_t count;
    if (!read_gone(apply, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        prints[-rows[i].number - 1] = (uint64_t)rows[i].print;
        there[-rows[i].number - 1] = true;
    }
    return true;
}

bool gw_apply_departed(gw_apply *apply, gw_err *err)
{
    size_t all = apply->gone.len, count = 0;
    bool soft = apply->mapping->deletes == GW_DELETES_SOFT;
    gw_buf text = GW_BUF(apply->arena);
    const char **keys = gw_alloc_array(apply->arena, all + 1, sizeof *keys);
    uint64_t *prints = gw_alloc_array(apply->arena, all + 1, sizeof *prints);
    bool *there = gw_alloc_array(apply->arena, all + 1, sizeof *there);
    if (soft && !marked_prints(apply, prints, there, err))
        return false;
    for (size_t i = 0; i < all; i++) {
        const gw_fingerprint *kept = apply->gone.items[i];
        if (apply->gone_rows[i].bad || apply->gone_rows[i].left || (soft && !there[i]))
            continue;
        keys[count] = gw_strndup(apply->arena, kept->key, kept->key_len);
        gw_buf_addf(&text, "%s%" PRId64, count++ ? "," : "{",
                    (int64_t)(soft ? prints[i] : destination_of(kept)));
    }
    gw_buf_add(&text, count ? "}" : "{}");
    gw_param params[] = {gw_p_text(apply->mapping->entity.text),
                         gw_p_text(gw_quote_array(apply->arena, keys, count)),
                         gw_p_text(gw_buf_str(&text))};
    return !count || gw_exec_sql(apply->session, &gw_sql_departed_put, params, 3, err);
}
