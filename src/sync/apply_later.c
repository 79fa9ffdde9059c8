/* What is done when the rows are there: references that had to wait, and rejects of rows that are
 * gone. */
#include <string.h>

#include "base/json.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_impl.h"

typedef struct key_list {
    const char **items;
    size_t len;
} key_list;

static bool keys_after(gw_apply *apply, const gw_sql *sql, const char *after, size_t most,
                       key_list *out, gw_err *err)
{
    static const gw_col cols[] = {{"key", GW_COL_TEXT, true, 0}};
    gw_param params[] = {gw_p_text(apply->mapping->entity.text), gw_p_text(after),
                         gw_p_int((int64_t)most)};
    gw_result result;
    void *rows;
    if (!gw_query(apply->session, apply->arena, sql, params, 3, &result, err) ||
        !gw_rows(apply->arena, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    *out = (key_list){.items = rows, .len = result.rows};
    return true;
}

static bool stage_keys(gw_apply *apply, gw_session *source, const key_list *keys, gw_err *err)
{
    const char *query;
    return gw_project_keys(apply->arena, apply->projection, keys->items, keys->len, &query, err) &&
           gw_stage_fill(apply->stage, source, query, err);
}

static gw_param keys_param(gw_apply *apply, const key_list *keys)
{
    return gw_p_text(gw_quote_array(apply->arena, keys->items, keys->len));
}

static void begin(gw_apply *apply)
{
    gw_arena_reset(apply->arena);
    memset(&apply->gone, 0, sizeof apply->gone);
    apply->waits = apply->to.waits;
}

/* ---- the second pass ----------------------------------------------------------------------- */

static void count(const gw_apply *apply, gw_applied *out)
{
    *out = (gw_applied){.bytes = apply->stage->bytes};
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const gw_row_state *row = &apply->rows[i];
        ++*(row->left ? &out->left : row->bad ? &out->rejected : &out->updated);
    }
}

/* Rows that the first step said to be wrong are known to the arrays, too. */
static bool note_bad(gw_apply *apply, gw_err *err)
{
    gw_bad_row *bad;
    size_t bad_count;
    if (!gw_apply_bad_rows(apply, &bad, &bad_count, err))
        return false;
    for (size_t i = 0; i < bad_count; i++)
        apply->rows[bad[i].number - 1].left = strcmp(bad[i].kind, "keep") == 0;
    return true;
}

static bool lead_nowhere(gw_apply *apply, int64_t last, gw_err *err)
{
    for (size_t i = 0; i < apply->sql.later_lost_count; i++)
        if (!gw_apply_halves(apply, apply->sql.later_lost[i], false, 1, last, err))
            return false;
    return true;
}

/* What of them is refused keeps nothing of what it referred to. */
static bool clear_refused(gw_apply *apply, int64_t last, gw_err *err)
{
    return gw_apply_halves(apply, apply->sql.later_none, false, 1, last, err) &&
           gw_apply_halves(apply, apply->sql.later_clear, false, 1, last, err);
}

static bool judge(gw_apply *apply, int64_t last, gw_err *err)
{
    const gw_apply_sql *sql = &apply->sql;
    if ((sql->later_rest && !gw_exec(apply->session, sql->later_rest, err)) ||
        !lead_nowhere(apply, last, err))
        return false;
    for (size_t i = 0; i < sql->later_rule_count; i++)
        if (!gw_apply_halves(apply, sql->later_rules[i], false, 1, last, err))
            return false;
    return true;
}

/* Asked before they are written, and again for those that somebody has changed between. */
static bool find_changed(gw_apply *apply, int64_t last, gw_err *err)
{
    const char *text = apply->sql.later_changed;
    return !text || gw_apply_halves(apply, text, false, 1, last, err);
}

/* Nothing of the transaction stays. */
static bool give_up(gw_apply *apply, gw_err *err)
{
    gw_session_rollback(apply->session);
    gw_destination_explain(apply->session, apply->arena, &apply->seen, err);
    gw_mapping_mask(apply->mapping, err);
    return false;
}

static bool fill(gw_apply *apply, gw_session *source, const key_list *keys, gw_applied *out,
                 gw_err *err)
{
    gw_session *session = apply->session;
    const gw_apply_sql *sql = &apply->sql;
    const char *entity = apply->mapping->entity.text;
    if (!gw_exec(session, "SET CONSTRAINTS ALL IMMEDIATE", err) ||
        !stage_keys(apply, source, keys, err))
        return false;
    int64_t last = (int64_t)apply->stage->rows.len;
    apply->rows = gw_alloc_array(apply->arena, (size_t)last + 1, sizeof *apply->rows);
    gw_param params[] = {gw_p_text(entity), keys_param(apply, keys)};
    if (!gw_pg_user_names(session, true, err) ||
        (sql->known && !gw_exec(session, sql->known, err)) ||
        (sql->later_wrong && !gw_exec(session, sql->later_wrong, err)) ||
        !gw_apply_halves(apply, sql->later_row, false, 1, last, err) ||
        !judge(apply, last, err) || !find_changed(apply, last, err) ||
        !clear_refused(apply, last, err) ||
        !gw_apply_halves(apply, sql->later_write, false, 1, last, err) ||
        !clear_refused(apply, last, err) || !find_changed(apply, last, err) ||
        !gw_exec(session, sql->later_filled, err) ||
        !note_bad(apply, err) ||
        !gw_pg_user_names(session, false, err))
        return false;
    count(apply, out);
    return gw_exec(session, "UPDATE pg_temp.gw_bad SET rule = 'second pass'", err) &&
           gw_apply_quarantine(apply, err) &&
           gw_exec_sql(session, &gw_sql_later_done, params, 2, err) &&
           gw_checkpoint_move(session, apply->arena, &apply->to, entity, keys->items[keys->len - 1],
                              0, err) &&
           gw_before_commit(apply, out, err);
}

bool gw_apply_later(gw_apply *apply, gw_session *source, size_t most, bool *more, gw_applied *out,
                    gw_err *err)
{
    key_list keys;
    begin(apply);
    *more = false;
    *out = (gw_applied){0};
    if (!apply->sql.later_note)
        return true;
    if (!keys_after(apply, &gw_sql_later_list, apply->later_after, most, &keys, err))
        return false;
    if (!keys.len)
        return true;
    if (!gw_session_begin(apply->session, NULL, err))
        return false;
    if (!fill(apply, source, &keys, out, err))
        return give_up(apply, err) ||
               gw_err_context(err, "the second pass of %s", apply->mapping->entity.text);
    apply->later_after = gw_strdup(apply->own, keys.items[keys.len - 1]);
    *more = keys.len == most;
    return gw_session_commit(apply->session, err);
}

/* ---- rows that go and hold each other ------------------------------------------------------ */

static bool let_go(gw_apply *apply, const key_list *keys, int64_t *rows, gw_err *err)
{
    json_t *list = gw_json_own(apply->arena, json_array());
    gw_param run = gw_p_text(apply->to.run);
    gw_result result;
    for (size_t i = 0; i < keys->len; i++)
        json_array_append_new(list, json_string(keys->items[i]));
    if (!gw_exec(apply->session, "SET CONSTRAINTS ALL IMMEDIATE", err) ||
        !gw_pg_user_names(apply->session, true, err) || !gw_apply_stage_gone(apply, list, err) ||
        !gw_query_text(apply->session, apply->arena, "rows that go and hold each other",
                       apply->sql.let_go, &run, 1, &result, err) ||
        !gw_pg_user_names(apply->session, false, err))
        return false;
    *rows += result.affected;
    return gw_before_commit(apply, &(gw_applied){0}, err);
}

bool gw_apply_let_go(gw_apply *apply, size_t most, bool *more, int64_t *rows, gw_err *err)
{
    key_list keys;
    begin(apply);
    *more = false;
    if (!apply->sql.let_go)
        return true;
    if (!keys_after(apply, &gw_sql_rejects_held, apply->held_after, most, &keys, err))
        return false;
    if (!keys.len)
        return true;
    if (!gw_session_begin(apply->session, NULL, err))
        return false;
    if (!let_go(apply, &keys, rows, err))
        return give_up(apply, err) ||
               gw_err_context(err, "rows of %s that go", apply->mapping->entity.text);
    apply->held_after = gw_strdup(apply->own, keys.items[keys.len - 1]);
    *more = keys.len == most;
    return gw_session_commit(apply->session, err);
}

/* ---- rejects ------------------------------------------------------------------------------- */

static bool tidy(gw_apply *apply, gw_session *source, const key_list *keys, int64_t *cleared,
                 gw_err *err)
{
    gw_param params[] = {gw_p_text(apply->mapping->entity.text), keys_param(apply, keys)};
    gw_result result;
    if (!stage_keys(apply, source, keys, err) ||
        !gw_query(apply->session, apply->arena, &gw_sql_rejects_gone, params, 2, &result, err))
        return false;
    *cleared += (int64_t)result.rows;
    return true;
}

bool gw_apply_tidy(gw_apply *apply, gw_session *source, int64_t *cleared, gw_err *err)
{
    enum { MOST = 1000 };
    gw_arena *arena = gw_arena_new();
    const char *after = NULL;
    bool ok = true, more = true;
    *cleared = 0;
    while (ok && more) {
        key_list keys;
        begin(apply);
        ok = keys_after(apply, &gw_sql_rejects_keys, after, MOST, &keys, err);
        if (!ok || !keys.len)
            break;
        more = keys.len == MOST;
        after = gw_strdup(arena, keys.items[keys.len - 1]);
        ok = gw_session_begin(apply->session, NULL, err);
        if (ok && !tidy(apply, source, &keys, cleared, err))
            ok = give_up(apply, err) ||
                 gw_err_context(err, "the quarantine of %s", apply->mapping->entity.text);
        ok = ok && gw_session_commit(apply->session, err);
    }
    gw_arena_free(arena);
    return ok;
}
