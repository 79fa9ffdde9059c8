/* What the code in a body (of DO, of a function) says that its tokens alone tell. */
#include <string.h>

#include "sql/lex.h"
#include "sql/outside_impl.h"

enum { LEVELS = 4 };

const char gw_outside_foreign[] = "what it defines reads another server";
const char gw_outside_catalog[] = "it writes a catalog that all databases share";

bool gw_outside_shared_catalog(const char *name)
{
    static const char *const names[] = {
        "pg_auth_members",       "pg_authid",         "pg_database",   "pg_db_role_setting",
        "pg_parameter_acl",      "pg_roles",          "pg_shadow",     "pg_shdepend",
        "pg_shdescription",      "pg_shseclabel",     "pg_tablespace", "pg_subscription",
        "pg_replication_origin",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

bool gw_outside_takes_query(const char *name)
{
    static const char *const names[] = {"connectby",    "crosstab",   "cursor_to_xml",
                                        "query_to_xml", "ts_rewrite", "ts_stat"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

typedef struct reading {
    gw_arena *arena;
    gw_body_look *out;
    gw_lexer lexer;
    gw_token last; /* before the one that is read; of a name the word before it */
} reading;

static bool ends(const gw_token *token)
{
    return token->kind == GW_TOKEN_END || strchr(";,)", *token->text);
}

/* EXECUTE with anything but one literal: what it runs is not known. */
static bool is_built(const reading *r, const gw_token *token)
{
    gw_lexer ahead = r->lexer;
    gw_token next = gw_lexer_next(&ahead);
    bool literal = token->kind == GW_TOKEN_STRING &&
                   (ends(&next) || gw_token_is(&next, "into") || gw_token_is(&next, "using"));
    bool other = gw_token_is(token, "function") || gw_token_is(token, "procedure") ||
                 gw_token_is(token, "on") || *token->text == ',';
    return !literal && !other;
}

/* query_to_xml(…) of anything but one literal. */
static bool asks_built(const reading *r, const gw_token *token)
{
    gw_lexer ahead = r->lexer;
    bool name = gw_token_is_name(&r->last);
    if (!name || token->kind != GW_TOKEN_SYMBOL || *token->text != '(' ||
        !gw_outside_takes_query(gw_token_name(r->arena, &r->last)))
        return false;
    gw_token argument = gw_lexer_next(&ahead), next = gw_lexer_next(&ahead);
    return argument.kind != GW_TOKEN_STRING || !ends(&next);
}

static void found(gw_body_look *out, gw_reach reach, const char *reason)
{
    if (out->reach != GW_REACH_NONE)
        return;
    out->reach = reach;
    out->reason = reason;
}

static void note_foreign(reading *r, const gw_token *token)
{
    bool verb = gw_token_is(&r->last, "create") || gw_token_is(&r->last, "alter");
    if ((verb && (gw_token_is(token, "server") || gw_token_is(token, "foreign"))) ||
        (gw_token_is(&r->last, "user") && gw_token_is(token, "mapping")) ||
        (gw_token_is(&r->last, "import") && gw_token_is(token, "foreign")))
        found(r->out, GW_REACH_FOREIGN, gw_outside_foreign);
}

static void note_catalog(reading *r, const gw_token *token)
{
    if (token->kind != GW_TOKEN_WORD && token->kind != GW_TOKEN_QUOTED)
        return;
    if (!gw_outside_shared_catalog(gw_token_name(r->arena, token)))
        return;
    const gw_token *verb = &r->last; /* what is only read is let pass */
    if (gw_token_is(verb, "update") || gw_token_is(verb, "into") || gw_token_is(verb, "delete") ||
        gw_token_is(verb, "truncate"))
        found(r->out, GW_REACH_SERVER, gw_outside_catalog);
}

static void read_code(gw_arena *arena, const char *text, size_t len, unsigned level,
                      gw_body_look *out)
{
    reading r = {.arena = arena, .out = out, .lexer = gw_lexer_start(text, len)};
    gw_token token;
    while ((token = gw_lexer_next(&r.lexer)).kind != GW_TOKEN_END) {
        if (level > 0) {
            out->dynamic |= (gw_token_is(&r.last, "execute") && is_built(&r, &token)) ||
                            asks_built(&r, &token);
            note_foreign(&r, &token);
            note_catalog(&r, &token);
        }
        if (token.kind == GW_TOKEN_STRING && level + 1 < LEVELS) {
            const char *body = gw_token_string(arena, &token);
            read_code(arena, body, strlen(body), level + 1, out);
        }
        /* What may stand between a verb and a name. */
        if (gw_token_symbol(&token, "."))
            continue;
        if (gw_token_is(&token, "pg_catalog") || gw_token_is(&token, "only") ||
            (gw_token_is(&token, "from") && gw_token_is(&r.last, "delete")))
            continue;
        r.last = token;
    }
}

void gw_outside_read_body(gw_arena *arena, const char *text, size_t len, gw_body_look *out)
{
    read_code(arena, text, len, 0, out);
}
