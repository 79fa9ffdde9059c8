/* serve token create, list, revoke. */
#include <string.h>

#include "base/clock.h"
#include "cmd/grid.h"
#include "cmd/serve/serve.h"
#include "cmd/sync.h"
#include "control/actor.h"
#include "control/token.h"

static const char *me(gw_invocation *invocation)
{
    return gw_actor_of_process(invocation->arena, "", "", "").user;
}

static bool create(gw_invocation *invocation, gw_session *session, const char *name, gw_err *err)
{
    gw_arena *arena = invocation->arena;
    const char *role = gw_option_text(invocation, "role"), *token = gw_token_new(arena);
    if (!role)
        role = "viewer";
    if (!gw_app_may_write(invocation->app, err) ||
        !gw_token_put(session, name, role, gw_token_digest(arena, token), me(invocation),
                      gw_option_number(invocation, "expires", GW_NULL_INT), err))
        return false;
    if (invocation->json) {
        gw_json_string(invocation->out, "name", name);
        gw_json_string(invocation->out, "role", role);
        gw_json_string(invocation->out, "token", token);
        return true;
    }
    gw_say(invocation, "%s", token);
    if (!invocation->quiet)
        gw_term_write(invocation->term, "this is the only time that it is shown\n");
    return true;
}

static const char *instant(gw_arena *arena, int64_t us)
{
    return us == GW_NULL_INT ? NULL : gw_time_rfc3339(arena, us / 1000000 * 1000000);
}

static void show(gw_invocation *invocation, const gw_token_list *list)
{
    static const char *const titles[] = {"NAME", "ROLE", "CREATED", "BY", "EXPIRES", "REVOKED", NULL};
    gw_arena *arena = invocation->arena;
    gw_grid grid = gw_grid_start(arena, titles, NULL);
    for (size_t i = 0; i < list->len; i++) {
        const gw_token *t = &list->items[i];
        gw_grid_add(&grid, gw_text_safe(arena, t->name));
        gw_grid_add(&grid, t->role);
        gw_grid_add(&grid, instant(arena, t->created_at));
        gw_grid_add(&grid, gw_text_safe(arena, t->created_by));
        gw_grid_add(&grid, instant(arena, t->expires_at));
        gw_grid_add(&grid, instant(arena, t->revoked_at));
    }
    if (list->len)
        gw_grid_print(&grid, stdout, invocation->color);
    else
        gw_say(invocation, "no token was made yet");
}

static void list_json(gw_json *json, const gw_token_list *list)
{
    gw_json_open(json, "tokens", '[');
    for (size_t i = 0; i < list->len; i++) {
        const gw_token *t = &list->items[i];
        gw_json_open(json, NULL, '{');
        gw_json_string(json, "name", t->name);
        gw_json_string(json, "role", t->role);
        gw_json_time(json, "created_at", t->created_at);
        gw_json_string(json, "created_by", t->created_by);
        gw_json_time(json, "expires_at", t->expires_at);
        gw_json_time(json, "revoked_at", t->revoked_at);
        gw_json_string(json, "revoked_by", t->revoked_by);
        gw_json_close(json, '}');
    }
    gw_json_close(json, ']');
}

bool gw_serve_token(gw_invocation *invocation, gw_err *err)
{
    enum { NAME_MOST = 100 };
    const char *action = gw_argument_text(invocation, 1), *name = gw_argument_text(invocation, 2);
    gw_session *session;
    if (!action)
        return gw_err_set(err, GW_ERR_USAGE, "godwit serve token needs create, list or revoke");
    bool list = strcmp(action, "list") == 0;
    if (list != !name)
        return gw_err_set(err, GW_ERR_USAGE, list ? "godwit serve token list takes no name"
                                                  : "a token has a name: whose it is, what it is for");
    if (name && (!*name || strlen(name) > NAME_MOST))
        return gw_err_set(err, GW_ERR_USAGE, "a name has 1 to %d characters", NAME_MOST);
    if (!gw_app_sync_destination(invocation->app, invocation->arena, &session, err))
        return false;
    if (strcmp(action, "create") == 0)
        return create(invocation, session, name, err);
    if (!list) {
        if (!gw_app_may_write(invocation->app, err) ||
            !gw_token_revoke(session, name, me(invocation), err))
            return false;
        if (invocation->json)
            gw_json_string(invocation->out, "revoked", name);
        gw_say(invocation, "%s is revoked", name);
        return true;
    }
    gw_token_list tokens;
    if (!gw_tokens_read(session, invocation->arena, &tokens, err))
        return false;
    if (invocation->json)
        list_json(invocation->out, &tokens);
    else
        show(invocation, &tokens);
    return true;
}
