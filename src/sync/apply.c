#include "sync/apply_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "sql_sync.h"
#include "sync/segments.h"

static void free_batch(void *arena)
{
    gw_arena_free(arena);
}

bool gw_apply_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                   const gw_apply_to *to, gw_log *log, gw_apply **out, gw_err *err)
{
    gw_param entity = gw_p_text(projection->entity->mapping->entity.text);
    gw_result result;
    if (gw_mapping_has_id_map(projection->entity->mapping) && !to->loads &&
        !gw_query_text(destination, arena, "the entity's id map",
                       "SELECT godwit.id_map_ensure($1::pg_catalog.text)", &entity, 1, &result,
                       err))
        return false;
    return gw_apply_prepare(destination, arena, projection, to, log, out, err);
}

bool gw_apply_prepare(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                      const gw_apply_to *to, gw_log *log, gw_apply **out, gw_err *err)
{
    gw_apply *apply = gw_alloc(arena, sizeof *apply);
    gw_source_names leaving;
    *apply = (gw_apply){.session = destination,
                        .arena = gw_arena_new(),
                        .own = arena,
                        .projection = projection,
                        .mapping = projection->entity->mapping,
                        .to = *to};
    gw_arena_defer(arena, free_batch, apply->arena);
    *out = apply;
    return gw_destination_as_planned(destination, arena, projection->entity, &apply->seen, err) &&
           gw_stage_open(destination, arena, projection, log, &apply->stage, err) &&
           gw_apply_leaving(destination, arena, projection->entity, to->run, &leaving, err) &&
           gw_apply_sql_make(destination, arena, projection, &leaving, &apply->sql, err) &&
           gw_exec(destination, apply->sql.tables, err);
}

/* ---- rejections --------------------------------------------------------------------------------
 */

static gw_row_state *state_of(gw_apply *apply, int64_t number)
{
    return number > 0 ? &apply->rows[number - 1] : &apply->gone_rows[-number - 1];
}

bool gw_apply_bad(gw_apply *apply, int64_t number, const char *kind, const char *message,
                  const char *sqlstate, const char *place, gw_err *err)
{
    gw_param params[] = {gw_p_int(number), gw_p_text(kind), gw_p_text(message),
                         gw_p_text(sqlstate && *sqlstate ? sqlstate : NULL), gw_p_text(place)};
    state_of(apply, number)->bad = true;
    return gw_exec_sql(apply->session, &gw_sql_bad_add, params, 5, err);
}

/* A message may quote values: where some are masked it is not kept. */
static const char *shown(gw_apply *apply, const char *message, const char *detail)
{
    if (gw_mapping_masks(apply->mapping))
        return "refused (the message is not kept: the row has masked values)";
    return detail ? gw_printf(apply->arena, "%s: %s", message, detail) : message;
}

static bool take_functions(gw_apply *apply, gw_err *err)
{
    for (size_t i = 0; i < apply->stage->rejections.len; i++) {
        const gw_script_rejection *one = &apply->stage->rejections.items[i];
        const char *place =
            one->file ? gw_printf(apply->arena, "%s:%u:%u", one->file, one->line, one->col) : NULL;
        const char *message =
            gw_printf(apply->arena, "%s: %s", one->function ? one->function : "a function",
                      one->message ? one->message : gw_script_reason_name(one->reason));
        if (!gw_apply_bad(apply, (int64_t)one->row, "function", shown(apply, message, NULL), NULL,
                          place, err))
            return false;
    }
    return true;
}

/* ---- halves -------------------------------------------------------------------------------------
 */

bool gw_apply_of_a_row(const gw_err *problem)
{
    static const char *const whole[] = {"08", "25", "28", "42", "53", "55", "57", "58", "XX"};
    if (problem->kind != GW_ERR_SQL && problem->kind != GW_ERR_CHECK)
        return false;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strncmp(problem->sqlstate, whole[i], 2) == 0)
            return false;
    return true;
}

typedef struct counted {
    int64_t written, wanted;
} counted;

bool gw_apply_part(gw_apply *apply, const char *text, bool counts, int64_t low, int64_t high,
                   gw_err *err)
{
    static const gw_col cols[] = {{"written", GW_COL_INT, true, offsetof(counted, written)},
                                  {"wanted", GW_COL_INT, true, offsetof(counted, wanted)}};
    gw_param params[] = {gw_p_int(low), gw_p_int(high)};
    gw_result result;
    counted seen;
    if (!gw_query_text(apply->session, apply->arena, "a batch", text, params, 2, &result, err))
        return false;
    if (!counts)
        return true;
    if (!gw_row(apply->arena, &result, cols, 2, &seen, err))
        return false;
    return seen.written == seen.wanted ||
           gw_err_set(err, GW_ERR_CHECK, "the destination left the row out (a trigger or a rule)");
}

bool gw_apply_halves(gw_apply *apply, const char *text, bool counts, int64_t low, int64_t high,
                     gw_err *err)
{
    gw_err problem = {0};
    if (low > high)
        return true;
    if (!gw_exec(apply->session, "SAVEPOINT gw_half", err))
        return false;
    if (gw_apply_part(apply, text, counts, low, high, &problem))
        return gw_exec(apply->session, "RELEASE SAVEPOINT gw_half", err);
    if (!gw_apply_of_a_row(&problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    bool ok =
        gw_exec(apply->session, "ROLLBACK TO SAVEPOINT gw_half; RELEASE SAVEPOINT gw_half", err);
    if (ok && low == high)
        ok = gw_apply_bad(apply, low, "server", shown(apply, problem.message, problem.detail),
                          problem.sqlstate, problem.object, err);
    gw_err_clear(&problem);
    if (!ok || low == high)
        return ok;
    int64_t middle = low + (high - low) / 2;
    return gw_apply_halves(apply, text, counts, low, middle, err) &&
           gw_apply_halves(apply, text, counts, middle + 1, high, err);
}

bool gw_apply_bad_rows(gw_apply *apply, gw_bad_row **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(gw_bad_row, number)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_bad_row, kind)},
        {"message", GW_COL_TEXT, false, offsetof(gw_bad_row, message)},
        {"sqlstate", GW_COL_TEXT, false, offsetof(gw_bad_row, sqlstate)},
        {"place", GW_COL_TEXT, false, offsetof(gw_bad_row, place)},
        {"rule", GW_COL_TEXT, false, offsetof(gw_bad_row, rule)},
    };
    gw_result result;
    void *rows;
    if (!gw_query_text(apply->session, apply->arena, "rows that go no further",
                       "SELECT gw_n AS number, kind, message, sqlstate, place, rule FROM pg_temp.gw_bad "
                       "ORDER BY gw_n",
                       NULL, 0, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 6, sizeof **out, &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*out)[i].kind, "keep") != 0)
            state_of(apply, (*out)[i].number)->bad = true;
    return true;
}

static bool is_among(const gw_bad_row *rows, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].number == number)
            return true;
    return false;
}

bool gw_apply_bad_anew(gw_apply *apply, const gw_bad_row *before, size_t before_count,
                       const gw_bad_row *now, size_t count, gw_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!is_among(before, before_count, now[i].number) &&
            !gw_apply_bad(apply, now[i].number, now[i].kind, now[i].message, now[i].sqlstate,
                          now[i].place, err))
            return false;
    return true;
}

/* A row that points to one of another half was refused for that alone: again, while it helps. */
static bool write_again(gw_apply *apply, gw_err *err)
{
    if (!gw_apply_ring(apply, err))
        return false;
    for (bool more = true; more;) {
        gw_bad_row *rows;
        size_t count;
        more = false;
        if (!gw_apply_bad_rows(apply, &rows, &count, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (rows[i].number < 0 || !rows[i].sqlstate || strcmp(rows[i].sqlstate, "23503") != 0)
                continue;
            gw_param number = gw_p_int(rows[i].number);
            gw_result result;
            state_of(apply, rows[i].number)->bad = false;
            if (!gw_query_text(apply->session, apply->arena, "a row again",
                               "DELETE FROM pg_temp.gw_bad WHERE gw_n = $1::pg_catalog.int8",
                               &number, 1, &result, err) ||
                !gw_apply_halves(apply, apply->sql.write, true, rows[i].number, rows[i].number,
                                 err))
                return false;
            more = more || !state_of(apply, rows[i].number)->bad;
        }
    }
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------------
 */

static bool statement(gw_apply *apply, const char *text, int64_t *affected, gw_err *err)
{
    gw_result result = {0};
    bool ok = !text ||
              gw_query_text(apply->session, apply->arena, "a batch", text, NULL, 0, &result, err);
    if (affected)
        *affected = text ? result.affected : 0;
    return ok;
}

/* Rows that point to rows of the batch that go no further, and those that point to them. */
static bool dangling(gw_apply *apply, gw_err *err)
{
    for (int64_t affected = 1; affected > 0;)
        if (!statement(apply, apply->sql.dangling, &affected, err))
            return false;
    return true;
}

/* What two workers write at once neither of them sees: from here to the commit they take turns. */
static bool one_by_one(gw_apply *apply, gw_err *err)
{
    gw_param table = gw_p_int(apply->projection->entity->destination.oid);
    return !apply->sql.rules_apart ||
           gw_exec_sql(apply->session, &gw_sql_rules_lock, &table, 1, err);
}

static bool judge_rows(gw_apply *apply, gw_err *err)
{
    const gw_apply_sql *sql = &apply->sql;
    int64_t last = (int64_t)apply->stage->rows.len;
    gw_bad_row *rows;
    size_t count;
    if (!take_functions(apply, err) || !statement(apply, sql->known, NULL, err) ||
        !statement(apply, sql->generated, NULL, err) ||
        !statement(apply, sql->references, NULL, err) || !dangling(apply, err) ||
        !gw_apply_halves(apply, sql->convert, false, 1, last, err) ||
        !statement(apply, sql->defaults, NULL, err))
        return false;
    if (!one_by_one(apply, err))
        return false;
    for (size_t i = 0; i < sql->rule_count; i++)
        if (!gw_apply_halves(apply, sql->rules[i], false, 1, last, err))
            return false;
    return statement(apply, sql->doubles, NULL, err) && gw_apply_bad_rows(apply, &rows, &count, err) &&
           gw_apply_present(apply, err) && dangling(apply, err);
}

bool gw_apply_convert(gw_apply *apply, gw_session *source, const char *query, gw_err *err)
{
    const gw_apply_sql *sql = &apply->sql;
    gw_arena_reset(apply->arena);
    memset(&apply->gone, 0, sizeof apply->gone);
    memset(&apply->stale, 0, sizeof apply->stale);
    if (!gw_stage_fill(apply->stage, source, query, err))
        return false;
    apply->rows = gw_alloc_array(apply->arena, apply->stage->rows.len + 1, sizeof *apply->rows);
    return gw_pg_user_names(apply->session, true, err) && take_functions(apply, err) &&
           statement(apply, sql->known, NULL, err) &&
           statement(apply, sql->references, NULL, err) && dangling(apply, err) &&
           gw_apply_halves(apply, sql->convert, false, 1, (int64_t)apply->stage->rows.len, err) &&
           statement(apply, sql->defaults, NULL, err) &&
           gw_pg_user_names(apply->session, false, err);
}

typedef struct printed {
    int64_t number, print;
} printed;

static bool write_rows(gw_apply *apply, gw_err *err)
{
    static const gw_col cols[] = {{"number", GW_COL_INT, true, offsetof(printed, number)},
                                  {"print", GW_COL_INT, true, offsetof(printed, print)}};
    gw_param batch = gw_p_text(apply->to.run);
    gw_result result;
    gw_bad_row *bad;
    size_t bad_count, expected = apply->stage->rows.len;
    void *data;
    bool written = apply->park ? gw_apply_together(apply, err)
                               : gw_apply_halves(apply, apply->sql.write, true, 1,
                                                 (int64_t)expected, err);
    if (!written || !write_again(apply, err) || !gw_apply_bad_rows(apply, &bad, &bad_count, err))
        return false;
    if (apply->sql.map && !gw_query_text(apply->session, apply->arena, "the id map", apply->sql.map,
                                         &batch, 1, &result, err))
        return false;
    if (!gw_query_text(apply->session, apply->arena, "rows as they were written",
                       apply->sql.written, NULL, 0, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 2, sizeof(printed), &data, err))
        return false;
    for (size_t i = 0; i < bad_count; i++)
        expected -= bad[i].number > 0;
    if (result.rows != expected)
        return gw_err_set(err, GW_ERR_STATE,
                          "%zu rows of %s were written and %zu are there: the destination changes "
                          "their keys",
                          expected, apply->mapping->entity.text, result.rows);
    for (size_t i = 0; i < result.rows; i++) {
        const printed *one = (printed *)data + i;
        apply->rows[one->number - 1].print = (uint64_t)one->print;
    }
    return true;
}

/* ---- what is gone
 * -------------------------------------------------------------------------------- */

bool gw_apply_stage_gone(gw_apply *apply, json_t *keys, gw_err *err)
{
    gw_param param = gw_p_text(gw_json_dump(apply->arena, keys));
    gw_result result;
    return gw_query_text(apply->session, apply->arena, "keys that are gone", apply->sql.gone, &param,
                         1, &result, err);
}

static bool remove_gone(gw_apply *apply, gw_err *err)
{
    json_t *keys = gw_json_own(apply->arena, json_array());
    if (!apply->gone.len)
        return true;
    if (apply->mapping->deletes == GW_DELETES_IGNORE)
        return gw_apply_departed(apply, err);
    if (!apply->sql.gone)
        return gw_err_set(
            err, GW_ERR_UNSUPPORTED,
            "the rows of %s that are gone cannot be found in the destination: it has no copy of "
            "the source's key%s",
            apply->mapping->entity.text,
            " (destination: metadata: { legacy_id: COLUMN } keeps one)");
    for (size_t i = 0; i < apply->gone.len; i++)
        json_array_append_new(
            keys, json_stringn(apply->gone.items[i]->key, apply->gone.items[i]->key_len));
    gw_param entity = gw_p_text(apply->mapping->entity.text);
    return gw_apply_stage_gone(apply, keys, err) && gw_apply_gone_present(apply, err) &&
           gw_apply_gone_write(apply, err) && statement(apply, apply->sql.gone_map, NULL, err) &&
           (!apply->sql.later_note || apply->mapping->deletes != GW_DELETES_DELETE ||
            gw_exec_sql(apply->session, &gw_sql_filled_gone, &entity, 1, err)) &&
           (apply->mapping->deletes == GW_DELETES_DELETE || gw_apply_departed(apply, err));
}

/* ---- a batch
 * --------------------------------------------------------------------------------------- */

/* Refused for what another row has: sql/sync/again_keys.sql. */
static bool may_come(const gw_bad_row *row)
{
    static const char *const states[] = {"23505", "23P01", "23503"};
    for (size_t i = 0; row->sqlstate && i < sizeof states / sizeof *states; i++)
        if (strcmp(row->sqlstate, states[i]) == 0)
            return true;
    return strcmp(row->kind, "conflict") == 0 ||
           strcmp(row->kind, "reference") == 0 ||
           (strcmp(row->kind, "rule") == 0 && row->rule &&
            (strcmp(row->rule, "unique") == 0 || strcmp(row->rule, "second pass") == 0));
}

bool gw_apply_quarantine(gw_apply *apply, gw_err *err)
{
    bool skip = apply->mapping->on_reject == GW_REJECT_SKIP;
    gw_param params[] = {gw_p_text(apply->mapping->entity.text),
                         gw_p_text(skip ? "skip" : "quarantine"), gw_p_text(apply->to.run)};
    gw_result result;
    gw_bad_row *rows;
    size_t count;
    if (!gw_apply_bad_rows(apply, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count && apply->mapping->on_reject == GW_REJECT_FAIL; i++) {
        if (strcmp(rows[i].kind, "keep") == 0 || (apply->waits && may_come(&rows[i])))
            continue;
        const gw_fingerprint *gone = rows[i].number < 0 ? apply->gone.items[-rows[i].number - 1] : NULL;
        const char *key = gone ? gw_strndup(apply->arena, gone->key, gone->key_len)
                               : apply->stage->rows.items[rows[i].number - 1].key;
        gw_err_set(err, GW_ERR_CHECK, "a row of %s was rejected (%s): %s",
                   apply->mapping->entity.text, rows[i].kind,
                   rows[i].message ? rows[i].message : "");
        return gw_mapping_key_masked(apply->mapping) ? gw_key_said(err, "***", 3)
                                                     : gw_key_said(err, key, strlen(key));
    }
    return gw_query_text(apply->session, apply->arena, "the quarantine", apply->sql.rejects, params,
                         3, &result, err);
}

static bool passed(gw_apply *apply, gw_err *err)
{
    gw_param params[] = {gw_p_text(apply->mapping->entity.text),
                         gw_p_bool(apply->sql.later_note != NULL)};
    return gw_exec_sql(apply->session, &gw_sql_rejects_passed, params, 2, err) &&
           (apply->mapping->deletes == GW_DELETES_DELETE || !apply->stage->rows.len ||
            gw_exec_sql(apply->session, &gw_sql_departed_back, params, 1, err));
}

typedef struct leaf_edit {
    uint32_t leaf;
    gw_segment_edit edit;
} leaf_edit;

static int by_leaf(const void *a, const void *b)
{
    const leaf_edit *left = a, *right = b;
    return (left->leaf > right->leaf) - (left->leaf < right->leaf);
}

static bool edit_segments(gw_apply *apply, gw_err *err)
{
    GW_VEC(leaf_edit) edits = {0};
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const gw_row_state *row = &apply->rows[i];
        const gw_staged *staged = &apply->stage->rows.items[i];
        if (row->kept && (!row->bad || row->left || row->respelled))
            *gw_vec_push(apply->arena, &edits) =
                (leaf_edit){row->kept->leaf, {.remove = true, .print = *row->kept}};
        if (row->bad && !row->left && row->respelled) { /* as it was, under the key that it has */
            gw_fingerprint print = *row->kept;
            print.key = staged->key;
            print.key_len = strlen(staged->key);
            *gw_vec_push(apply->arena, &edits) = (leaf_edit){row->kept->leaf, {.print = print}};
        }
        if (row->bad && !row->left)
            continue;
        *gw_vec_push(apply->arena, &edits) =
            (leaf_edit){staged->leaf,
                        {.print = {.key = staged->key,
                                   .key_len = strlen(staged->key),
                                   .leaf = staged->leaf,
                                   .block = staged->block,
                                   .source = staged->fingerprint,
                                   .destination = row->print,
                                   .own_destination = row->print != staged->fingerprint}}};
    }
    for (size_t i = 0; i < apply->gone.len; i++)
        if (!apply->gone_rows[i].bad || apply->gone_rows[i].left)
            *gw_vec_push(apply->arena, &edits) = (leaf_edit){
                apply->gone.items[i]->leaf, {.remove = true, .print = *apply->gone.items[i]}};
    for (size_t i = 0; i < apply->stale.len; i++)
        *gw_vec_push(apply->arena, &edits) = (leaf_edit){
            apply->stale.items[i]->leaf, {.remove = true, .print = *apply->stale.items[i]}};
    if (edits.len)
        qsort(edits.items, edits.len, sizeof *edits.items, by_leaf);
    gw_segment_edit *of_leaf = gw_alloc_array(apply->arena, edits.len + 1, sizeof *of_leaf);
    for (size_t i = 0, first; i < edits.len;) {
        for (first = i; i < edits.len && edits.items[i].leaf == edits.items[first].leaf; i++)
            of_leaf[i - first] = edits.items[i].edit;
        if (!gw_segments_edit(apply->session, apply->mapping->entity.text, edits.items[first].leaf,
                              of_leaf, i - first, err))
            return false;
    }
    return true;
}

bool gw_apply_fresh_segments(gw_apply *apply, const gw_apply_batch *batch, gw_err *err)
{
    gw_segment_writer *writer = gw_segment_writer_new(apply->arena, apply->mapping->entity.text,
                                                      batch->leaf, *batch->fresh);
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const gw_row_state *row = &apply->rows[i];
        const gw_staged *staged = &apply->stage->rows.items[i];
        gw_fingerprint print = {.key = staged->key,
                                .key_len = strlen(staged->key),
                                .leaf = staged->leaf,
                                .block = staged->block,
                                .source = staged->fingerprint,
                                .destination = row->print,
                                .own_destination = row->print != staged->fingerprint};
        if (!row->bad || row->left)
            gw_segment_writer_add(writer, &print);
    }
    return gw_segment_writer_flush(writer, apply->session, true, err);
}

bool gw_checkpoint_move(gw_session *session, gw_arena *arena, const gw_apply_to *to,
                        const char *entity, const char *key, size_t count, gw_err *err)
{
    gw_param params[] = {gw_p_text(to->checkpoint), gw_p_text(key), gw_p_int((int64_t)count)};
    gw_result result;
    if (!to->checkpoint)
        return true;
    if (!gw_query(session, arena, &gw_sql_checkpoint_move, params, 3, &result, err))
        return false;
    return result.rows == 1 ||
           gw_err_set(err, GW_ERR_STATE,
                      "the checkpoint of %s is not active: another goes on with it", entity);
}

static bool move_checkpoint(gw_apply *apply, gw_err *err)
{
    size_t count = apply->stage->rows.len;
    return gw_checkpoint_move(apply->session, apply->arena, &apply->to, apply->mapping->entity.text,
                              count ? apply->stage->rows.items[count - 1].key : NULL,
                              count + apply->gone.len, err);
}

static void count(const gw_apply *apply, gw_applied *out)
{
    *out = (gw_applied){.bytes = apply->stage->bytes};
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const gw_row_state *row = &apply->rows[i];
        if (row->left)
            out->left++;
        else if (row->bad)
            out->rejected++;
        else
            ++*(row->present ? &out->updated : &out->inserted);
    }
    for (size_t i = 0; i < apply->gone.len; i++) {
        const gw_row_state *row = &apply->gone_rows[i];
        ++*(row->left ? &out->left : row->bad ? &out->rejected : &out->deleted);
    }
}

bool gw_before_commit(gw_apply *apply, const gw_applied *applied, gw_err *err)
{
    const gw_apply_to *to = &apply->to;
    return gw_destination_kept_still(apply->session, apply->arena, &apply->seen, err) &&
           (!to->before_commit || to->before_commit(to->self, applied, err));
}

/* A row was refused because another has written one of its key since it was judged. */
static bool was_raced(gw_apply *apply, bool *raced, gw_err *err)
{
    static const gw_col cols[] = {{"raced", GW_COL_BOOL, true, 0}};
    gw_bad_row *bad;
    gw_result result;
    size_t count;
    bool may = false;
    *raced = false;
    if (!gw_apply_bad_rows(apply, &bad, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        may = may || (bad[i].number > 0 && !apply->rows[bad[i].number - 1].present &&
                      bad[i].sqlstate && strcmp(bad[i].sqlstate, "23505") == 0);
    return !may || (gw_query_text(apply->session, apply->arena, "rows that came meanwhile",
                                  apply->sql.raced, NULL, 0, &result, err) &&
                    gw_row(apply->arena, &result, cols, 1, raced, err));
}

/* Each row by itself: what another writes meanwhile is judged as well, by doing all of it again. */
static bool judge_and_write(gw_apply *apply, const gw_apply_batch *batch, gw_err *err)
{
    enum { ROUNDS = 3 };
    bool raced = true;
    if (!gw_exec(apply->session, "SAVEPOINT gw_judged", err))
        return false;
    for (int i = 0; raced && i < ROUNDS; i++) {
        if (i && !gw_exec(apply->session, "ROLLBACK TO SAVEPOINT gw_judged", err))
            return false;
        for (size_t k = 0; i && k < apply->stage->rows.len; k++) {
            gw_row_state *row = &apply->rows[k];
            *row = (gw_row_state){.kept = row->kept, .respelled = row->respelled};
        }
        apply->park = batch->last ? "" : NULL;
        if (!judge_rows(apply, err) || !write_rows(apply, err) || !was_raced(apply, &raced, err))
            return false;
    }
    return gw_exec(apply->session, "RELEASE SAVEPOINT gw_judged", err);
}

static bool move_rows(gw_apply *apply, const gw_apply_batch *batch, gw_err *err)
{
    bool done = !apply->stage->rows.len;
    if (!done && !batch->fresh && !batch->last && !gw_apply_once(apply, &done, err))
        return false;
    return done || judge_and_write(apply, batch, err);
}

/* Which rows a second pass awaits, and what they were counted as. */
static bool note_later(gw_apply *apply, gw_err *err)
{
    gw_buf added = GW_BUF(apply->arena);
    gw_result result;
    if (!apply->sql.later_note)
        return true;
    for (size_t i = 0; i < apply->stage->rows.len; i++)
        if (!apply->rows[i].present)
            gw_buf_addf(&added, "%s%zu", added.len ? "," : "{", i + 1);
    gw_buf_add(&added, added.len ? "}" : "{}");
    gw_param params[] = {gw_p_text(apply->to.run), gw_p_text(gw_buf_str(&added))};
    return gw_query_text(apply->session, apply->arena, "rows of a second pass",
                         apply->sql.later_note, params, 2, &result, err) &&
           gw_query_text(apply->session, apply->arena, "what new rows refer to",
                         apply->sql.later_new, &params[1], 1, &result, err);
}

static bool apply_batch(gw_apply *apply, gw_session *source, const gw_apply_batch *batch,
                        gw_err *err)
{
    gw_session *session = apply->session;
    apply->stage->rows.len = apply->stage->rejections.len = 0;
    apply->stage->bytes = 0;
    apply->waits = batch->waits;
    /* Keys come in the order of their rows: the next one is seldom far. */
    if (!gw_exec(session,
                 "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL random_page_cost = 1.1; "
                 "SET LOCAL jit = off",
                 err) ||
        (batch->query && !gw_stage_fill(apply->stage, source, batch->query, err)))
        return false;
    if (!gw_apply_match(apply, source, batch, err) || !gw_apply_respell(apply, err))
        return false;
    /* Triggers and defaults of the destination find what they call as they always do. */
    return gw_pg_user_names(session, true, err) &&
           move_rows(apply, batch, err) &&
           remove_gone(apply, err) && gw_pg_user_names(session, false, err) &&
           gw_apply_quarantine(apply, err) && passed(apply, err) &&
           note_later(apply, err) &&
           (batch->fresh ? gw_apply_fresh_segments(apply, batch, err)
                         : edit_segments(apply, err)) &&
           move_checkpoint(apply, err);
}

static bool before_commit(gw_apply *apply, gw_applied *out, gw_err *err)
{
    count(apply, out);
    return gw_before_commit(apply, out, err);
}

bool gw_apply_run(gw_apply *apply, gw_session *source, const gw_apply_batch *batch, gw_applied *out,
                  gw_err *err)
{
    gw_arena_reset(apply->arena);
    memset(&apply->gone, 0, sizeof apply->gone);
    memset(&apply->stale, 0, sizeof apply->stale);
    *out = (gw_applied){0};
    if (!gw_session_begin(apply->session, NULL, err))
        return false;
    if (!apply_batch(apply, source, batch, err) || !before_commit(apply, out, err)) {
        gw_session_rollback(apply->session);
        gw_destination_explain(apply->session, apply->arena, &apply->seen, err);
        gw_mapping_mask(apply->mapping, err);
        return gw_err_context(err, "applying a batch of %s", apply->mapping->entity.text);
    }
    return gw_session_commit(apply->session, err);
}
