#include "control/token.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "control/control.h"
#include "sql_control.h"

static const char part[] = "serve";

#define AT(field) offsetof(gw_token, field)
static const gw_col list_cols[] = {
    {"name", GW_COL_TEXT, true, AT(name)},
    {"role", GW_COL_TEXT, true, AT(role)},
    {"created_at", GW_COL_TIME, true, AT(created_at)},
    {"created_by", GW_COL_TEXT, true, AT(created_by)},
    {"expires_at", GW_COL_TIME, false, AT(expires_at)},
    {"revoked_at", GW_COL_TIME, false, AT(revoked_at)},
    {"revoked_by", GW_COL_TEXT, false, AT(revoked_by)},
};

char *gw_token_new(gw_arena *arena)
{
    unsigned char bytes[32];
    gw_random_bytes(bytes, sizeof bytes);
    char *text = gw_printf(arena, "gwt_%s", gw_base64(arena, bytes, sizeof bytes));
    for (char *p = text + 4; *p; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
        else if (*p == '=')
            *p = '\0';
    }
    return text;
}

char *gw_token_digest(gw_arena *arena, const char *token)
{
    return gw_digest_hex(arena, GW_SHA256, token, strlen(token));
}

/* Rows of a statement that names one: is there any? */
static bool any(gw_session *session, const gw_sql *sql, const gw_param *params, size_t count,
                bool *found, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(session, scratch, sql, params, count, &result, err);
    *found = ok && result.rows > 0;
    gw_arena_free(scratch);
    return ok;
}

bool gw_token_put(gw_session *session, const char *name, const char *role, const char *digest,
                  const char *by, int64_t lasts_ms, gw_err *err)
{
    bool put;
    gw_param params[] = {gw_p_text(name), gw_p_text(role), gw_p_text(digest), gw_p_text(by),
                         lasts_ms == GW_NULL_INT ? gw_p_text(NULL) : gw_p_int(lasts_ms)};
    if (!gw_control_ensure_part(session, part, by, err) ||
        !any(session, &gw_sql_token_put, params, 5, &put, err))
        return gw_control_explain(session, err);
    if (put)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "there is a token \"%s\"", name);
    return gw_err_hint(err, "another name, or first: godwit serve token revoke %s", name);
}

bool gw_token_find(gw_session *session, gw_arena *arena, const char *digest, gw_token *out,
                   bool *found, gw_err *err)
{
    int version;
    gw_result result;
    gw_param param = gw_p_text(digest);
    *found = false;
    if (!gw_control_part_version(session, part, &version, err))
        return false;
    if (!version)
        return true;
    if (!gw_query(session, arena, &gw_sql_token_find, &param, 1, &result, err))
        return false;
    *found = result.rows > 0;
    return !*found || gw_row(arena, &result, list_cols, 5, out, err);
}

bool gw_tokens_read(gw_session *session, gw_arena *arena, gw_token_list *out, gw_err *err)
{
    int version;
    gw_result result;
    *out = (gw_token_list){0};
    if (!gw_control_part_version(session, part, &version, err))
        return false;
    if (!version)
        return true;
    if (!gw_query(session, arena, &gw_sql_token_list, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, list_cols, sizeof list_cols / sizeof *list_cols, sizeof(gw_token),
                 (void **)&out->items, err))
        return false;
    out->len = result.rows;
    return true;
}

bool gw_token_revoke(gw_session *session, const char *name, const char *by, gw_err *err)
{
    int version;
    bool done = false;
    gw_param params[] = {gw_p_text(name), gw_p_text(by)};
    if (!gw_control_part_version(session, part, &version, err) ||
        (version && !any(session, &gw_sql_token_revoke, params, 2, &done, err)))
        return gw_control_explain(session, err);
    if (done)
        return true;
    gw_err_set(err, GW_ERR_USAGE, "there is no token \"%s\" that holds", name);
    return gw_err_hint(err, "godwit serve token list shows them");
}
