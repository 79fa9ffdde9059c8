#include "schema/apply.h"

#include <string.h>

#include "pg/pipeline.h"

enum { AT_ONCE = 64 };

static bool fail_at(const gw_ddl_statement *statement, size_t index, size_t *failed, gw_err *err)
{
    if (failed)
        *failed = index;
    gw_err_statement(err, statement->sql, strlen(statement->sql));
    return false;
}

/* A group in one round trip; outside a transaction it is a transaction of its own. */
static bool send_group(const gw_apply *a, const gw_ddl_statement *statements, size_t first,
                       size_t count, size_t *failed, gw_err *err)
{
    if (!gw_pipeline_start(a->session, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = gw_pipeline_add(a->session, statements[first + i].sql, NULL, 0, err);
    ok = ok && gw_pipeline_sync(a->session, err);
    for (size_t i = 0; ok && i < count; i++) {
        bool skipped = false;
        ok = gw_pipeline_next(a->session, NULL, NULL, NULL, &skipped, err);
        if (!ok)
            fail_at(&statements[first + i], first + i, failed, err);
    }
    gw_err second = {0};
    if (!gw_pipeline_end(a->session, ok ? err : &second))
        ok = false;
    gw_err_clear(&second);
    return ok;
}

static bool send_one(const gw_apply *a, const gw_ddl_statement *statements, size_t at,
                     size_t *failed, gw_err *err)
{
    bool done = false;
    bool ok = (!a->before || a->before(a->self, &statements[at], &done, err)) &&
              (done || gw_exec_user(a->session, statements[at].sql, NULL, err));
    return ok || fail_at(&statements[at], at, failed, err);
}

/* Statements that the server commits by themselves, or that stand in the caller's transaction. */
static bool send_some(const gw_apply *a, const gw_ddl_statement *statements, size_t first,
                      size_t count, size_t *failed, gw_err *err)
{
    return count == 1 ? send_one(a, statements, first, failed, err)
                      : send_group(a, statements, first, count, failed, err);
}

static bool again(const gw_apply *a, gw_err *problem, gw_err *err)
{
    if (problem->kind != GW_ERR_LOST && a->mended && a->mended(a->self, problem)) {
        gw_err_clear(problem);
        return true;
    }
    gw_err_move(err, problem);
    return false;
}

static bool send_all(const gw_apply *a, const gw_ddl_statement *statements,
                     const gw_plan_block *block, size_t *failed, gw_err *err)
{
    bool ok = true;
    size_t end = block->first + block->count;
    for (size_t i = block->first; ok && i < end;) {
        size_t count = a->before ? 1 : end - i < AT_ONCE ? end - i : AT_ONCE;
        if (gw_session_in_transaction(a->session)) {
            ok = send_some(a, statements, i, count, failed, err);
        } else {
            gw_err problem = {0};
            while (ok && !send_some(a, statements, i, count, failed, &problem))
                ok = again(a, &problem, err);
        }
        i += count;
    }
    return ok;
}

bool gw_apply_block(const gw_apply *a, const gw_ddl_statement *statements,
                    const gw_plan_block *block, size_t *failed, gw_err *err)
{
    if (!block->transaction || a->small_steps)
        return send_all(a, statements, block, failed, err);
    for (;;) {
        gw_err problem = {0};
        if (gw_session_begin(a->session, NULL, &problem) &&
            (!a->opened || a->opened(a->self, &problem)) &&
            send_all(a, statements, block, failed, &problem) &&
            gw_session_commit(a->session, &problem))
            return true;
        gw_session_rollback(a->session);
        if (!again(a, &problem, err))
            return false;
    }
}

bool gw_apply_all(const gw_apply *a, const gw_ddl_statement *statements, size_t count,
                  size_t *failed, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_plan_blocks blocks;
    gw_plan_blocks_of(scratch, statements, count, &blocks);
    bool ok = true;
    for (size_t i = 0; ok && i < blocks.len; i++)
        ok = gw_apply_block(a, statements, &blocks.items[i], failed, err);
    gw_arena_free(scratch);
    return ok;
}
