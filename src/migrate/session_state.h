/*
 * What a file outside a transaction has made of its session, so that a later run that goes on in the
 * middle knows whether it stands in the same one: its own SET statements are sent again, but a DO block,
 * a function or an UPDATE of pg_settings sets as well. Private to this folder.
 */
#ifndef GW_MIGRATE_SESSION_STATE_H
#define GW_MIGRATE_SESSION_STATE_H

#include "pg/query.h"

typedef struct gw_session_state {
    const char *session_user, *role; /* NULL: not known */
    const char *settings;            /* JSON: the settings made in it, by digests of their values */
} gw_session_state;

/* `as` not NULL: from here on the transaction acts as that one does. */
bool gw_session_state_read(gw_session *session, gw_arena *arena, const gw_session_state *as,
                           gw_session_state *out, gw_err *err);
gw_session_state gw_session_state_copy(gw_arena *arena, const gw_session_state *state);

/* What is other than in `base`, as JSON, names sorted: {"search_path": "…"}; null where it is set no
 * more. role and session_authorization are among them. */
const char *gw_session_state_changes(gw_arena *arena, const gw_session_state *base,
                                     const gw_session_state *now);

/* Names, with commas between, of what two such are not agreed on; NULL: they agree. */
const char *gw_session_changes_differ(gw_arena *arena, const char *one, const char *other);

#endif
