/* Tokens that may ask over HTTP (part "serve"): made, found by digest, listed, revoked. A token itself is
 * nowhere but with whoever was given it. */
#ifndef GW_CONTROL_TOKEN_H
#define GW_CONTROL_TOKEN_H

#include "pg/query.h"

typedef struct gw_token {
    const char *name, *role; /* role: viewer, operator */
    int64_t created_at, expires_at, revoked_at; /* the latter two GW_NULL_INT */
    const char *created_by, *revoked_by;
} gw_token;

typedef struct gw_token_list {
    gw_token *items;
    size_t len;
} gw_token_list;

/* "gwt_" and 43 characters; the digest is 64 hexadecimal digits. */
char *gw_token_new(gw_arena *arena);
char *gw_token_digest(gw_arena *arena, const char *token);

/* The part's tables are made where they are not there. lasts_ms GW_NULL_INT: until it is revoked. Kind
 * USAGE where a token of this name holds. */
bool gw_token_put(gw_session *session, const char *name, const char *role, const char *digest,
                  const char *by, int64_t lasts_ms, gw_err *err);
/* Without the tables nothing is found, and nothing is an error. */
bool gw_token_find(gw_session *session, gw_arena *arena, const char *digest, gw_token *out,
                   bool *found, gw_err *err);
bool gw_tokens_read(gw_session *session, gw_arena *arena, gw_token_list *out, gw_err *err);
/* Kind USAGE where there is no such token, or it was revoked before. */
bool gw_token_revoke(gw_session *session, const char *name, const char *by, gw_err *err);

#endif
