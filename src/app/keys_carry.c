/* A table of keys is part of its database: where a backup takes that one's place, keys made since would go with it. */
#include "app/keys_internal.h"

typedef struct carrying {
    gw_arena *arena;
    gw_key_list newer;
} carrying;

/* What became of a key since counts: one that was retired stays so. */
static bool put_newer(void *self, gw_key_list *keys, gw_err *err)
{
    carrying *c = self;
    (void)err;
    for (size_t i = 0; i < c->newer.len; i++) {
        gw_key *known = gw_key_of_id(keys, c->newer.items[i].id);
        if (!known)
            known = gw_vec_push(c->arena, keys);
        *known = c->newer.items[i];
    }
    return true;
}

bool gw_keys_carry(gw_app *app, gw_arena *arena, gw_session *from, gw_session *to, gw_err *err)
{
    const gw_keystore source = {.session = from}, into = {.session = to, .by = app->actor.user};
    carrying c = {.arena = arena};
    if (gw_keystore_read(&source, arena, &c.newer, err) &&
        (!c.newer.len || gw_keystore_change(&into, arena, put_newer, &c, err)))
        return true;
    return gw_err_context(err, "while the keys in godwit.keys were taken along");
}
