/* Row by row: what one side says is no longer as it was applied goes through the mapping again. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/verify_impl.h"

typedef struct compared {
    int64_t number;
    bool there, equal, written, filled, marked;
    const char *columns;
} compared;

typedef struct refused {
    int64_t number;
    const char *message;
} refused;

typedef struct rejected {
    const char *key, *action, *message, *reason;
} rejected;

static int by_key(const void *a, const void *b)
{
    return strcmp(((const gw_case *)a)->key, ((const gw_case *)b)->key);
}

gw_case *gw_verify_case_of(gw_verifier *v, const char *key)
{
    gw_case wanted = {.key = key};
    return bsearch(&wanted, v->list, v->count, sizeof *v->list, by_key);
}

static bool in_source(const gw_case *one)
{
    return one->source != GW_SOURCE_GONE && one->source != GW_SOURCE_NOT_ASKED;
}

/* ---- through the mapping ------------------------------------------------------------------- */

static bool take_compared(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(compared, number)},
        {"there", GW_COL_BOOL, true, offsetof(compared, there)},
        {"equal", GW_COL_BOOL, true, offsetof(compared, equal)},
        {"written", GW_COL_BOOL, true, offsetof(compared, written)},
        {"filled", GW_COL_BOOL, true, offsetof(compared, filled)},
        {"marked", GW_COL_BOOL, true, offsetof(compared, marked)},
        {"columns", GW_COL_TEXT, false, offsetof(compared, columns)},
    };
    gw_result result;
    void *rows;
    if (!gw_query_text(v->verify->stage, v->batch, "rows compared", v->sql.compare, NULL, 0,
                       &result, err) ||
        !gw_rows(v->batch, &result, cols, 7, sizeof(compared), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const compared *row = (compared *)rows + i;
        gw_case *one = gw_verify_case_of(v, v->apply->stage->rows.items[row->number - 1].key);
        if (!one)
            continue; /* another spelling of a key that is equal to one of these */
        one->compared = true;
        one->present = row->there;
        one->equal = row->there && row->equal;
        one->written = row->written;
        one->filled = row->filled;
        one->marked = row->there ? row->marked : one->marked;
        one->columns = row->columns;
    }
    return true;
}

static bool take_refused(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(refused, number)},
        {"message", GW_COL_TEXT, false, offsetof(refused, message)},
    };
    gw_result result;
    void *rows;
    if (!gw_query_text(v->verify->stage, v->batch, "rows that cannot be written",
                       "SELECT gw_n AS number, coalesce(field || ': ', '') || "
                       "coalesce(message, kind) AS message FROM pg_temp.gw_bad",
                       NULL, 0, &result, err) ||
        !gw_rows(v->batch, &result, cols, 2, sizeof(refused), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const refused *row = (refused *)rows + i;
        gw_case *one = gw_verify_case_of(v, v->apply->stage->rows.items[row->number - 1].key);
        if (one)
            one->message = row->message;
    }
    return true;
}

static const char *keys_json(gw_verifier *v)
{
    json_t *keys = gw_json_own(v->batch, json_array());
    for (size_t i = 0; i < v->count; i++)
        json_array_append_new(keys, json_string(v->list[i].key));
    return gw_json_dump(v->batch, keys);
}

static bool take_later(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, 0}};
    gw_param params[] = {gw_p_text(v->mapping->entity.text), gw_p_text(keys_json(v))};
    gw_result result;
    void *rows;
    if (!gw_query(v->verify->stage, v->batch, &gw_sql_later_among, params, 2, &result, err) ||
        !gw_rows(v->batch, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        gw_case *one = gw_verify_case_of(v, ((const char **)rows)[i]);
        if (one)
            one->later = true;
    }
    return true;
}

static bool take_rejected(gw_verifier *v, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, offsetof(rejected, key)},
                                  {"action", GW_COL_TEXT, true, offsetof(rejected, action)},
                                  {"message", GW_COL_TEXT, true, offsetof(rejected, message)},
                                  {"reason", GW_COL_TEXT, true, offsetof(rejected, reason)}};
    gw_param params[] = {gw_p_text(v->mapping->entity.text), gw_p_text(keys_json(v))};
    gw_result result;
    void *rows;
    if (!gw_query(v->verify->stage, v->batch, &gw_sql_verify_rejects, params, 2, &result, err) ||
        !gw_rows(v->batch, &result, cols, 4, sizeof(rejected), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const rejected *row = (rejected *)rows + i;
        gw_case *one = gw_verify_case_of(v, row->key);
        if (!one)
            continue;
        one->rejected = row->action;
        one->why = row->message;
        one->reason = row->reason;
    }
    return true;
}

static bool compare(gw_verifier *v, gw_err *err)
{
    const char **keys = gw_alloc_array(v->batch, v->count + 1, sizeof *keys), *query;
    size_t count = 0;
    for (size_t i = 0; i < v->count; i++)
        if (in_source(&v->list[i]))
            keys[count++] = v->list[i].key;
    if (count &&
        (!gw_project_keys(v->batch, v->verify->projection, keys, count, &query, err) ||
         !gw_apply_convert(v->apply, v->verify->source, query, err) || !take_refused(v, err) ||
         !take_compared(v, err)))
        return false;
    v->out->compared += (int64_t)count;
    return take_rejected(v, err) && take_later(v, err);
}

bool gw_verify_stage_begin(gw_verifier *v, gw_err *err)
{
    gw_session *stage = v->verify->stage;
    const char *snapshot = gw_printf(v->batch, "SET TRANSACTION SNAPSHOT %s",
                                     gw_quote_literal(v->batch, v->verify->exported));
    if (!gw_session_begin(stage, "repeatable read read only", err))
        return false;
    if (gw_exec(stage, snapshot, err))
        return true;
    gw_session_rollback(stage);
    return false;
}

/* Under the snapshot of the destination; what is staged is gone at the end. */
static bool compare_all(gw_verifier *v, gw_err *err)
{
    if (!gw_verify_stage_begin(v, err))
        return false;
    if (compare(v, err) && gw_verify_shared_cases(v, err))
        return gw_session_commit(v->verify->stage, err);
    gw_session_rollback(v->verify->stage);
    return false;
}

/* ---- telling ------------------------------------------------------------------------------- */

static const char *text_at(json_t *array, size_t at)
{
    return json_string_value(json_array_get(array, at));
}

static int64_t length_at(json_t *array, size_t at)
{
    json_t *value = json_array_get(array, at);
    return json_is_integer(value) ? json_integer_value(value) : GW_NULL_INT;
}

static bool values_of(gw_verifier *v, const gw_case *one, gw_verify_row *row, gw_err *err)
{
    GW_VEC(gw_verify_value) values = {0};
    json_t *columns, *column;
    size_t i;
    if (!one->columns)
        return true;
    columns = gw_json_parse(v->batch, "rows compared", one->columns, strlen(one->columns), err);
    if (!columns)
        return false;
    json_array_foreach(columns, i, column) {
        if (!json_is_array(column))
            continue;
        const gw_apply_column *is =
            &v->apply->sql.columns[json_integer_value(json_array_get(column, 0))];
        *gw_vec_push(v->batch, &values) = (gw_verify_value){.column = is->name,
                                                            .source = text_at(column, 1),
                                                            .destination = text_at(column, 2),
                                                            .source_len = length_at(column, 3),
                                                            .destination_len = length_at(column, 4),
                                                            .masked = json_array_size(column) == 3};
    }
    row->values = values.items;
    row->value_count = values.len;
    return true;
}

static const char *message_of(const gw_verifier *v, const gw_case *one, gw_verify_kind kind)
{
    switch (kind) {
    case GW_VERIFY_QUARANTINED:
        return one->why;
    case GW_VERIFY_MISSING:
        return one->message ? one->message : "it was applied and is not in the destination";
    case GW_VERIFY_DIFFERENT:
        if (one->message)
            return one->message;
        if (one->source == GW_SOURCE_NEW)
            return v->shared && one->there == GW_THERE_AS_KEPT
                       ? "the destination has a row of this key that another entity put there"
                       : "the destination has a row of this key that did not come from here";
        if (one->source == GW_SOURCE_MODIFIED)
            return "changed in the source and in the destination";
        return one->there == GW_THERE_CHANGED ? "changed in the destination" : NULL;
    case GW_VERIFY_GONE:
        if (v->mapping->deletes == GW_DELETES_SOFT)
            return "gone in the source, and the destination's row is not marked";
        return one->source == GW_SOURCE_GONE
                   ? "gone in the source, and changed in the destination since it was applied"
                   : "gone in the source, and still in the destination";
    default:
        return NULL;
    }
}

static bool tell(gw_verifier *v, const gw_case *one, gw_verify_kind kind, gw_err *err)
{
    gw_verify_row row = {.kind = kind,
                         .key = v->mask_key ? "***" : one->key,
                         .message = message_of(v, one, kind),
                         .reason = kind == GW_VERIFY_QUARANTINED ? one->reason : NULL};
    if (!gw_verify_kind_wrong(kind) && !gw_verify_kind_waits(kind))
        return true;
    return (kind != GW_VERIFY_DIFFERENT || values_of(v, one, &row, err)) &&
           v->verify->fn(v->verify->self, &row, err);
}

/* ---- what a row is ------------------------------------------------------------------------- */

/* Nothing is kept of it, and it is not among the destination's rows that may be this entity's. */
static bool is_theirs(const gw_verifier *v, const gw_case *one)
{
    return v->shared && v->sql.there && one->present && one->source == GW_SOURCE_NEW &&
           one->there == GW_THERE_AS_KEPT;
}

/* It is kept, so it was applied; or the destination was seen to have it. */
static bool is_there(const gw_verifier *v, const gw_case *one)
{
    if (one->compared)
        return one->present && !is_theirs(v, one);
    if (one->there == GW_THERE_EXTRA || one->there == GW_THERE_CHANGED)
        return true;
    bool kept = one->source != GW_SOURCE_NEW && one->source != GW_SOURCE_NOT_ASKED;
    return kept && one->there != GW_THERE_MISSING;
}

static gw_verify_kind rejection(const gw_case *one)
{
    return strcmp(one->rejected, "skip") == 0 ? GW_VERIFY_SKIPPED : GW_VERIFY_QUARANTINED;
}

static gw_verify_kind kind_in_source(const gw_verifier *v, const gw_case *one)
{
    bool there = is_there(v, one), theirs = is_theirs(v, one);
    if (one->equal && !theirs)
        return GW_VERIFY_EQUAL;
    if (one->rejected)
        return rejection(one);
    if (one->source == GW_SOURCE_NEW)
        return (there || theirs) && !one->marked ? GW_VERIFY_DIFFERENT : GW_VERIFY_NEW;
    if (!there)
        return GW_VERIFY_MISSING;
    bool left = one->there == GW_THERE_CHANGED || /* or what the second pass fills */
                (one->there == GW_THERE_AS_KEPT && one->compared && one->written && !one->filled &&
                 !one->later);
    if (left && one->source == GW_SOURCE_AS_KEPT &&
        v->mapping->on_destination_change == GW_CHANGE_KEEP)
        return GW_VERIFY_LEFT;
    if (one->source == GW_SOURCE_MODIFIED && one->there == GW_THERE_AS_KEPT)
        return GW_VERIFY_CHANGED;
    if (one->later && one->compared && !one->filled && one->source == GW_SOURCE_AS_KEPT &&
        one->there == GW_THERE_AS_KEPT && (one->written || v->plan->destination.triggers))
        return GW_VERIFY_CHANGED;
    if (one->there == GW_THERE_AS_KEPT && one->compared && one->filled &&
        v->plan->destination.triggers) /* no fingerprint vouches for what the second pass writes */
        return GW_VERIFY_ALTERED;
    return GW_VERIFY_DIFFERENT;
}

/* Rows whose ids stay, and that nothing is kept of: as many of them as runs have left undeleted are
 * explained, whichever they are. */
static bool left_undeleted(gw_verifier *v)
{
    if (v->allowance <= 0)
        return false;
    v->allowance--;
    return true;
}

static gw_verify_kind kind_in_destination(gw_verifier *v, const gw_case *one)
{
    bool mapped = gw_mapping_has_id_map(v->mapping);
    if (one->rejected)
        return rejection(one);
    if (one->marked && v->mapping->deletes == GW_DELETES_SOFT)
        return GW_VERIFY_MARKED;
    if (one->source == GW_SOURCE_GONE && one->there == GW_THERE_AS_KEPT)
        return v->mapping->deletes == GW_DELETES_IGNORE ? GW_VERIFY_IGNORED : GW_VERIFY_DELETED;
    if (v->mapping->deletes == GW_DELETES_IGNORE &&
        (mapped || one->source == GW_SOURCE_GONE || left_undeleted(v)))
        return GW_VERIFY_IGNORED;
    return mapped || one->source == GW_SOURCE_GONE ? GW_VERIFY_GONE : GW_VERIFY_EXTRA;
}

static bool judge(gw_verifier *v, const gw_case *one, gw_err *err)
{
    bool source = in_source(one), there = is_there(v, one);
    if (one->source == GW_SOURCE_AS_KEPT || one->source == GW_SOURCE_MODIFIED ||
        one->source == GW_SOURCE_GONE)
        v->kept_cases++;
    v->marked_cases += one->marked && there;
    if (!source && !there)
        return true; /* of neither side any more: only its fingerprint is still kept */
    if (!source && one->others) {
        v->out->destination_rows--;
        return true;
    }
    gw_verify_kind kind = source ? kind_in_source(v, one) : kind_in_destination(v, one);
    if (kind == GW_VERIFY_EXTRA && gw_verify_theirs(v))
        return true;
    gw_verify_add(v, kind, source, there);
    v->out->rejects_settled += one->rejected && kind == GW_VERIFY_EQUAL;
    return tell(v, one, kind, err);
}

bool gw_verify_cases(gw_verifier *v, gw_err *err)
{
    if (!v->count)
        return true;
    qsort(v->list, v->count, sizeof *v->list, by_key);
    bool ok = compare_all(v, err);
    for (size_t i = 0; ok && i < v->count; i++)
        ok = judge(v, &v->list[i], err);
    v->count = 0;
    gw_arena_reset(v->batch);
    return ok;
}
