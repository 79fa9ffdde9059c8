#include "migrate/session_state.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "sql_migrate.h"

bool gw_session_state_read(gw_session *session, gw_arena *arena, const gw_session_state *as,
                           gw_session_state *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"session_user", GW_COL_TEXT, true, offsetof(gw_session_state, session_user)},
        {"role", GW_COL_TEXT, true, offsetof(gw_session_state, role)},
        {"settings", GW_COL_TEXT, true, offsetof(gw_session_state, settings)},
    };
    gw_param params[] = {gw_p_text(as ? as->session_user : NULL), gw_p_text(as ? as->role : NULL)};
    gw_result result;
    return gw_query(session, arena, &gw_sql_step_state, params, 2, &result, err) &&
           gw_row(arena, &result, cols, 3, out, err);
}

gw_session_state gw_session_state_copy(gw_arena *arena, const gw_session_state *state)
{
    return (gw_session_state){.session_user = gw_strdup(arena, state->session_user),
                              .role = gw_strdup(arena, state->role),
                              .settings = gw_strdup(arena, state->settings)};
}

static json_t *parsed(gw_arena *arena, const char *text)
{
    gw_err ignored = {0};
    json_t *json = text ? gw_json_parse(arena, "settings", text, strlen(text), &ignored) : NULL;
    gw_err_clear(&ignored);
    return json_is_object(json) ? json : gw_json_own(arena, json_object());
}

static void note_name(json_t *changes, const char *name, const char *base, const char *now)
{
    if (strcmp(base, now) != 0)
        json_object_set_new(changes, name, gw_json_text(now));
}

const char *gw_session_state_changes(gw_arena *arena, const gw_session_state *base,
                                     const gw_session_state *now)
{
    json_t *changes = gw_json_own(arena, json_object());
    json_t *before = parsed(arena, base->settings), *behind = parsed(arena, now->settings);
    const char *name;
    json_t *value;
    json_object_foreach(behind, name, value)
        if (!json_equal(json_object_get(before, name), value))
            json_object_set(changes, name, value);
    json_object_foreach(before, name, value)
        if (!json_object_get(behind, name))
            json_object_set_new(changes, name, json_null());
    note_name(changes, "role", base->role, now->role);
    note_name(changes, "session_authorization", base->session_user, now->session_user);
    return gw_json_dump(arena, changes);
}

static void add_missing(gw_buf *names, json_t *of, json_t *from, bool both)
{
    const char *name;
    json_t *value;
    json_object_foreach(of, name, value) {
        json_t *there = json_object_get(from, name);
        if (there ? both && !json_equal(there, value) : true)
            gw_buf_addf(names, "%s%s", names->len ? ", " : "", name);
    }
}

const char *gw_session_changes_differ(gw_arena *arena, const char *one, const char *other)
{
    gw_buf names = GW_BUF(arena);
    json_t *a = parsed(arena, one), *b = parsed(arena, other);
    add_missing(&names, a, b, true);
    add_missing(&names, b, a, false);
    return names.len ? gw_buf_str(&names) : NULL;
}
