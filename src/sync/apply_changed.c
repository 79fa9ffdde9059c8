/* What somebody changed in the destination since Godwit wrote it. */
#include "sync/apply_impl.h"

typedef struct found {
    int64_t number, print, wanted;
    bool marked;
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

static bool judge(gw_apply *apply, int64_t number, gw_row_state *row, const found *there,
                  gw_err *err)
{
    if (!row->kept && there && !there->marked && there->print != there->wanted)
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

bool gw_apply_present(gw_apply *apply, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(found, number)},
        {"print", GW_COL_INT, true, offsetof(found, print)},
        {"wanted", GW_COL_INT, true, offsetof(found, wanted)},
        {"marked", GW_COL_BOOL, true, offsetof(found, marked)},
    };
    gw_result result;
    void *data;
    size_t count = apply->stage->rows.len;
    if (!gw_query_text(apply->session, apply->arena, "rows that are there", apply->sql.present,
                       NULL, 0, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 4, sizeof(found), &data, err))
        return false;
    const found **there = gw_alloc_array(apply->arena, count + 1, sizeof *there);
    for (size_t i = 0; i < result.rows; i++) {
        const found *one = (found *)data + i;
        gw_row_state *row = &apply->rows[one->number - 1];
        there[one->number - 1] = one;
        row->present = true;
        row->there = (uint64_t)one->print;
    }
    for (size_t i = 0; i < count; i++)
        if (!apply->rows[i].bad && !judge(apply, (int64_t)i + 1, &apply->rows[i], there[i], err))
            return false;
    return true;
}

bool gw_apply_gone_present(gw_apply *apply, gw_err *err)
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
    for (size_t i = 0; i < result.rows; i++) {
        const found *one = (found *)data + i;
        gw_row_state *row = &apply->gone_rows[-one->number - 1];
        row->present = true;
        row->there = (uint64_t)one->print;
        if (row->there != destination_of(row->kept) &&
            !changed(apply, one->number, row, "changed",
                     "the row is gone in the source and was changed in the destination", err))
            return false;
    }
    return true;
}
