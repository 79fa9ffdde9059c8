/* A first load's rows, all at once: what is wrong with any of them is somebody else's to find. */
#include <string.h>

#include "sync/apply_impl.h"

typedef struct written {
    int64_t count;
    gw_bytes prints; /* 8 bytes each, in network order */
} written;

/* Is it worth judging the rows one by one? */
static bool may_be_a_row(const gw_err *problem)
{
    return problem->kind == GW_ERR_SQL || problem->kind == GW_ERR_CHECK ||
           problem->kind == GW_ERR_PRIVILEGE;
}

static void take_prints(gw_apply *apply, const written *seen)
{
    size_t count = apply->stage->rows.len;
    apply->rows = gw_alloc_array(apply->arena, count + 1, sizeof *apply->rows);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < 8; k++)
            apply->rows[i].print = apply->rows[i].print << 8 | seen->prints.data[i * 8 + k];
}

static bool write_all(gw_apply *apply, bool *refused, gw_err *err)
{
    static const gw_col cols[] = {{"written", GW_COL_INT, true, offsetof(written, count)},
                                  {"prints", GW_COL_BYTES, false, offsetof(written, prints)}};
    const gw_apply_sql *sql = &apply->sql;
    gw_param run = gw_p_text(apply->to.run);
    const char *before[] = {sql->ids_known ? sql->known : NULL, sql->generated};
    gw_result result;
    written seen = {0};
    for (size_t i = 0; i < 2; i++)
        if (before[i] && !gw_exec(apply->session, before[i], err))
            return false;
    if (!gw_query_text(apply->session, apply->arena, "rows of a first load", sql->first, NULL, 0,
                       &result, err) ||
        !gw_row(apply->arena, &result, cols, 2, &seen, err))
        return false;
    if ((size_t)seen.count != apply->stage->rows.len || seen.prints.len != (size_t)seen.count * 8) {
        *refused = true;
        return false;
    }
    take_prints(apply, &seen);
    return !sql->first_map || gw_query_text(apply->session, apply->arena, "the id map",
                                            sql->first_map, &run, 1, &result, err);
}

static bool first(gw_apply *apply, gw_session *source, const gw_apply_batch *batch, gw_applied *out,
                  bool *refused, gw_err *err)
{
    gw_session *session = apply->session;
    gw_param run = gw_p_text(apply->to.run);
    gw_result result;
    gw_err problem = {0};
    /* The rows are sorted into the order that they come in: in memory that costs next to nothing. */
    if (!gw_exec(session,
                 "SET LOCAL lock_timeout = 0; SET CONSTRAINTS ALL IMMEDIATE; "
                 "SELECT pg_catalog.set_config('work_mem', '32MB', true) "
                 "WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) < 33554432",
                 err) ||
        !gw_stage_fill(apply->stage, source, batch->query, err))
        return false;
    *refused = apply->stage->rejections.len > 0;
    if (*refused || !gw_pg_user_names(session, true, err))
        return false;
    if (apply->stage->rows.len && !write_all(apply, refused, &problem)) {
        *refused = *refused || may_be_a_row(&problem);
        if (!*refused)
            gw_err_move(err, &problem);
        gw_err_clear(&problem);
        return false;
    }
    size_t count = apply->stage->rows.len;
    *out = (gw_applied){.inserted = (int64_t)count, .bytes = apply->stage->bytes};
    return gw_pg_user_names(session, false, err) &&
           (!apply->sql.first_later ||
            gw_query_text(session, apply->arena, "rows of a second pass", apply->sql.first_later,
                          &run, 1, &result, err)) &&
           gw_apply_fresh_segments(apply, batch, err) &&
           gw_checkpoint_move(session, apply->arena, &apply->to, apply->mapping->entity.text,
                              count ? apply->stage->rows.items[count - 1].key : NULL, count, err) &&
           gw_before_commit(apply, out, err);
}

bool gw_apply_first(gw_apply *apply, gw_session *source, const gw_apply_batch *batch,
                    gw_applied *out, bool *refused, gw_err *err)
{
    gw_arena_reset(apply->arena);
    *out = (gw_applied){0};
    *refused = !apply->sql.first;
    if (*refused || !gw_session_begin(apply->session, NULL, err))
        return false;
    if (!first(apply, source, batch, out, refused, err)) {
        gw_session_rollback(apply->session);
        if (!*refused)
            gw_destination_explain(apply->session, apply->arena, &apply->seen, err);
        gw_mapping_mask(apply->mapping, err);
        if (!*refused)
            gw_err_context(err, "loading rows of %s", apply->mapping->entity.text);
        return false;
    }
    return gw_session_commit(apply->session, err);
}
