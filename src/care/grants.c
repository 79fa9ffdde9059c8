#include "care/grants.h"

#include "base/buf.h"
#include "sql_care.h"

enum {
    STEP_BORROW = 5,   /* membership for the time of the transaction; up to it roles are changed */
    STEP_RETURN = 13,
    ROUNDS = 3,        /* a REVOKE of a table takes its columns with it: they come again */
    SHOWN = 5,
};

static bool take(gw_session *session, gw_arena *arena, const gw_sql *sql, const char *declared,
                 gw_grants_diff *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"step", GW_COL_INT, true, offsetof(gw_grant_statement, step)},
        {"sql", GW_COL_TEXT, true, offsetof(gw_grant_statement, sql)},
        {"refused", GW_COL_TEXT, false, offsetof(gw_grant_statement, refused)},
    };
    gw_param param = gw_p_text(declared);
    gw_result result;
    void *rows = NULL;
    if (!gw_query(session, arena, sql, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(gw_grant_statement), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        *gw_vec_push(arena, out) = ((gw_grant_statement *)rows)[i];
    return true;
}

static bool take_notes(gw_session *session, gw_arena *arena, const char *declared,
                       gw_grants_diff *out, gw_err *err)
{
    static const gw_col cols[] = {{"note", GW_COL_TEXT, true, 0}};
    gw_param param = gw_p_text(declared);
    gw_result result;
    void *rows = NULL;
    if (!gw_query(session, arena, &gw_sql_grants_notes, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(const char *), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        *gw_vec_push(arena, &out->notes) = ((const char **)rows)[i];
    return true;
}

/* By step; what is borrowed is needed only where objects change. */
static void arrange(gw_arena *arena, gw_grants_diff *all, gw_grants_diff *out)
{
    bool objects = false;
    for (size_t i = 0; i < all->len; i++)
        objects = objects || (all->items[i].step > STEP_BORROW && all->items[i].step < STEP_RETURN);
    for (int64_t step = 1; step <= STEP_RETURN; step++)
        for (size_t i = 0; i < all->len; i++)
            if (all->items[i].step == step &&
                (objects || (step != STEP_BORROW && step != STEP_RETURN)))
                *gw_vec_push(arena, out) = all->items[i];
}

bool gw_grants_compare(gw_session *session, gw_arena *arena, const char *declared,
                       gw_grants_diff *out, gw_err *err)
{
    gw_grants_diff all = {0};
    *out = (gw_grants_diff){0};
    if (!take(session, arena, &gw_sql_grants_roles, declared, &all, err) ||
        !take(session, arena, &gw_sql_grants_owners, declared, &all, err) ||
        !take(session, arena, &gw_sql_grants_objects, declared, &all, err) ||
        !take(session, arena, &gw_sql_grants_columns, declared, &all, err) ||
        !take(session, arena, &gw_sql_grants_defaults, declared, &all, err) ||
        !take_notes(session, arena, declared, out, err))
        return false;
    arrange(arena, &all, out);
    return true;
}

/* ---- applied --------------------------------------------------------------------------------------- */

static bool may(gw_session *session, gw_arena *arena, const gw_grants_diff *diff, gw_err *err)
{
    static const gw_col cols[] = {{"may", GW_COL_BOOL, true, 0}};
    gw_result result;
    bool allowed = false, roles = false;
    for (size_t i = 0; i < diff->len; i++) {
        if (diff->items[i].refused) {
            gw_err_set(err, GW_ERR_REFUSED, "%s", diff->items[i].refused);
            return gw_err_hint(err, "declare another role for it; nothing was changed");
        }
        roles = roles || diff->items[i].step <= STEP_BORROW;
    }
    if (!roles)
        return true;
    if (!gw_query(session, arena, &gw_sql_grants_may, NULL, 0, &result, err) ||
        !gw_row(arena, &result, cols, 1, &allowed, err))
        return false;
    if (allowed)
        return true;
    gw_err_set(err, GW_ERR_PRIVILEGE, "the role %s may not make or change roles",
               gw_session_role(session));
    gw_err_detail(err, "%s", diff->items[0].sql);
    return gw_err_hint(err, "nothing was changed; a role with CREATEROLE, or a superuser, can do it: "
                            "--url, or the SQL that godwit grants prints");
}

static bool run(gw_session *session, gw_arena *arena, const gw_grants_diff *diff,
                gw_grants_diff *out, gw_err *err)
{
    for (size_t i = 0; i < diff->len; i++) {
        if (!gw_exec(session, diff->items[i].sql, err))
            return gw_err_context(err, "nothing was changed; it failed at: %s", diff->items[i].sql);
        *gw_vec_push(arena, out) = diff->items[i];
    }
    return true;
}

/* GRANT of somebody else's object is a warning for the server, and no effect. */
static bool without_effect(gw_arena *arena, const gw_session *session, const gw_grants_diff *left,
                           gw_err *err)
{
    gw_buf lines = GW_BUF(arena);
    for (size_t i = 0; i < left->len && i < SHOWN; i++)
        gw_buf_addf(&lines, "%s%s", i ? "; " : "", left->items[i].sql);
    gw_err_set(err, GW_ERR_PRIVILEGE, "%zu statements of grants have no effect for the role %s",
               left->len, gw_session_role(session));
    gw_err_detail(err, "%s", gw_buf_str(&lines));
    return gw_err_hint(err, "nothing was changed; a superuser, or the owner of these objects, can do it");
}

static bool apply(gw_session *session, gw_arena *arena, const char *declared, gw_grants_diff *diff,
                  gw_grants_diff *out, gw_err *err)
{
    for (int round = 0; round < ROUNDS && diff->len; round++)
        if (!run(session, arena, diff, out, err) ||
            !gw_grants_compare(session, arena, declared, diff, err))
            return false;
    return !diff->len || without_effect(arena, session, diff, err);
}

bool gw_grants_apply(gw_session *session, gw_arena *arena, const char *declared,
                     gw_grants_begun begun, gw_grants_diff *out, gw_err *err)
{
    gw_grants_diff diff, ran = {0};
    if (!gw_grants_compare(session, arena, declared, &diff, err))
        return false;
    ran.notes.items = diff.notes.items;
    ran.notes.len = ran.notes.cap = diff.notes.len;
    *out = ran;
    if (!diff.len)
        return true;
    if (!may(session, arena, &diff, err) ||
        !gw_session_begin(session, "READ COMMITTED READ WRITE", err))
        return false;
    if ((begun.call && !begun.call(begun.self, session, err)) ||
        !apply(session, arena, declared, &diff, &ran, err)) {
        gw_session_rollback(session);
        return false;
    }
    if (!gw_session_commit(session, err))
        return false;
    *out = ran;
    return true;
}
