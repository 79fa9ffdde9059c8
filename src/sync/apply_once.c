/*
 * A batch of changes by two statements: rows that are kept are updated where the destination has them
 * as they were written, the others are inserted. Where that is not all of them, or the server refuses
 * any, nothing of it stays: who is wrong is found one by one (apply.c), by the rules that hold there.
 */
#include <inttypes.h>
#include <string.h>

#include "sync/apply_impl.h"

typedef struct written {
    int64_t count;
    gw_bytes prints; /* 8 bytes each, in network order, in the order of the rows */
    bool triggers;
} written;

/* The rows that are kept as arrays: their numbers, and the fingerprints that they were written with. */
typedef struct kept_rows {
    gw_buf numbers, prints;
    size_t count;
} kept_rows;

static kept_rows kept_of(gw_apply *apply)
{
    kept_rows out = {GW_BUF(apply->arena), GW_BUF(apply->arena), 0};
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        const gw_fingerprint *kept = apply->rows[i].kept;
        if (!kept)
            continue;
        uint64_t print = kept->own_destination ? kept->destination : kept->source;
        const char *sep = out.count++ ? "," : "{";
        gw_buf_addf(&out.numbers, "%s%zu", sep, i + 1);
        gw_buf_addf(&out.prints, "%s%" PRId64, sep, (int64_t)print);
    }
    gw_buf_add(&out.numbers, out.count ? "}" : "{}");
    gw_buf_add(&out.prints, out.count ? "}" : "{}");
    return out;
}

/* Fingerprints of the rows that are kept, or of the others. */
static void take_prints(gw_apply *apply, const gw_bytes *prints, bool kept)
{
    size_t at = 0;
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        gw_row_state *row = &apply->rows[i];
        if ((row->kept != NULL) != kept)
            continue;
        row->present = kept;
        for (size_t k = 0; k < 8; k++)
            row->print = row->print << 8 | prints->data[at++];
    }
}

static bool write_some(gw_apply *apply, bool kept, kept_rows *rows, size_t count, bool *all,
                       gw_err *err)
{
    static const gw_col cols[] = {{"written", GW_COL_INT, true, offsetof(written, count)},
                                  {"prints", GW_COL_BYTES, false, offsetof(written, prints)},
                                  {"triggers", GW_COL_BOOL, true, offsetof(written, triggers)}};
    gw_param params[] = {gw_p_text(gw_buf_str(&rows->numbers)),
                         gw_p_text(gw_buf_str(&rows->prints))};
    gw_result result;
    written seen = {0};
    *all = true;
    if (!count)
        return true;
    if (!gw_query_text(apply->session, apply->arena, "changes of a batch",
                       kept ? apply->sql.once_kept : apply->sql.once_new, params, kept ? 2 : 1,
                       &result, err) ||
        !gw_row(apply->arena, &result, cols, 3, &seen, err))
        return false;
    apply->triggers = seen.triggers;
    *all = !seen.triggers && (size_t)seen.count == count && seen.prints.len == count * 8;
    if (*all)
        take_prints(apply, &seen.prints, kept);
    return true;
}

static bool write_all(gw_apply *apply, bool *all, gw_err *err)
{
    const gw_apply_sql *sql = &apply->sql;
    const char *before[] = {sql->known, sql->generated};
    kept_rows kept = kept_of(apply);
    size_t others = apply->stage->rows.len - kept.count;
    gw_param run = gw_p_text(apply->to.run);
    gw_result result;
    for (size_t i = 0; i < 2; i++)
        if (before[i] && !gw_exec(apply->session, before[i], err))
            return false;
    if (!write_some(apply, true, &kept, kept.count, all, err))
        return false;
    if (*all && !write_some(apply, false, &kept, others, all, err))
        return false;
    return !*all || !others || !sql->first_map ||
           gw_query_text(apply->session, apply->arena, "the id map", sql->first_map, &run, 1,
                         &result, err);
}

static bool says_which(const gw_err *problem)
{
    return problem->kind == GW_ERR_SQL || problem->kind == GW_ERR_CHECK ||
           problem->kind == GW_ERR_PRIVILEGE;
}

bool gw_apply_once(gw_apply *apply, bool *done, gw_err *err)
{
    gw_err problem = {0};
    *done = false;
    if (!apply->sql.once_kept || apply->sql.later_note || apply->stage->rejections.len ||
        apply->triggers)
        return true;
    if (!gw_exec(apply->session, "SAVEPOINT gw_once", err))
        return false;
    if (write_all(apply, done, &problem) && *done)
        return gw_exec(apply->session, "RELEASE SAVEPOINT gw_once", err);
    *done = false;
    if (problem.kind != GW_OK && !says_which(&problem)) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    for (size_t i = 0; i < apply->stage->rows.len; i++) {
        apply->rows[i].present = false;
        apply->rows[i].print = 0;
    }
    return gw_exec(apply->session, "ROLLBACK TO SAVEPOINT gw_once; RELEASE SAVEPOINT gw_once", err);
}
