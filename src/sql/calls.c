#include "sql/calls.h"

#include <string.h>

#include "sql/lex.h"

/* What stands before a bracket and is no call, or one of PostgreSQL's own that changes no table. */
static bool is_usual(const gw_token *t)
{
    static const char *const words[] = {
        "in", "values", "and", "or", "not", "exists", "any", "all", "as", "over", "filter", "using",
        "on", "from", "where", "select", "then", "when", "else", "if", "with", "into", "row",
        "array", "coalesce", "nullif", "greatest", "least", "cast", "varchar", "char", "numeric",
        "count", "max", "min", "sum", "now", "lower", "upper", "concat", "length", "substring",
        "format", "replace", "md5", "random", "round", "floor", "to_char", "to_date", "extract",
        "generate_series", "gen_random_uuid", "set_config", "setval", "nextval", "currval",
        "current_setting", "jsonb_build_object", "jsonb_agg", "string_agg", "array_agg",
        "pg_sleep", "unnest", "trim", "left", "right", "materialized", "distinct", NULL};
    return gw_token_is_any(t, words);
}

typedef bool (*on_call)(void *self, const gw_token *schema, const gw_token *name);

/* A name with a bracket behind it; false: see() has seen enough. */
static bool each_call(const char *text, size_t len, on_call see, void *self)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token schema = {0}, name = {0}, last = {0};
    bool dotted = false;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (gw_token_is_name(&t)) {
            schema = dotted ? name : (gw_token){0};
            name = t;
            dotted = false;
        } else if (gw_token_symbol(&t, "(") && gw_token_is_name(&last) && !see(self, &schema, &name)) {
            return false;
        } else {
            dotted = gw_token_symbol(&t, ".") && gw_token_is_name(&last);
        }
        last = t;
    }
    return true;
}

static bool is_own(void *self, const gw_token *schema, const gw_token *name)
{
    (void)self;
    return gw_token_is(schema, "pg_catalog") || (!gw_token_is_name(schema) && is_usual(name));
}

typedef struct collecting {
    gw_arena *arena;
    gw_calls *out;
} collecting;

static bool collect(void *self, const gw_token *schema, const gw_token *name)
{
    collecting *c = self;
    if (!is_own(NULL, schema, name))
        *gw_vec_push(c->arena, c->out) =
            (gw_call){gw_token_is_name(schema) ? gw_token_name(c->arena, schema) : NULL,
                      gw_token_name(c->arena, name)};
    return true;
}

static bool runs(const gw_token *first)
{
    static const char *const words[] = {"select", "call",    "with",  "values",  "insert", "update",
                                        "delete", "explain", "merge", "prepare", NULL};
    return gw_token_is_any(first, words);
}

/* The text of a DO block is one token: what is quoted in it stays quoted. */
static gw_token block_of(const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token t = gw_lexer_next(&lexer);
    while (t.kind != GW_TOKEN_END && t.kind != GW_TOKEN_STRING)
        t = gw_lexer_next(&lexer);
    return t;
}

static gw_token first_of(const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    return gw_lexer_next(&lexer);
}

bool gw_sql_may_call(const char *text, size_t len)
{
    gw_token first = first_of(text, len);
    if (gw_token_is(&first, "do")) {
        gw_token body = block_of(text, len);
        /* a body in '…' has its quotes doubled: names in it are the same */
        return body.len > 2 && !each_call(body.text + 1, body.len - 1, is_own, NULL);
    }
    return runs(&first) && !each_call(text, len, is_own, NULL);
}

void gw_sql_body_calls(gw_arena *arena, const char *body, gw_calls *out)
{
    collecting self = {arena, out};
    each_call(body, strlen(body), collect, &self);
}

void gw_sql_calls(gw_arena *arena, const char *text, size_t len, gw_calls *out)
{
    gw_token first = first_of(text, len);
    collecting self = {arena, out};
    if (gw_token_is(&first, "do")) {
        gw_token block = block_of(text, len);
        const char *body = block.kind == GW_TOKEN_STRING ? gw_token_string(arena, &block) : NULL;
        if (body)
            gw_sql_body_calls(arena, body, out);
    } else if (runs(&first)) {
        each_call(text, len, collect, &self);
    }
}

bool gw_sql_routine_body(gw_arena *arena, const char *text, size_t len, gw_routine_body *out)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token t = gw_lexer_next(&lexer);
    if (!gw_token_is(&t, "create"))
        return false;
    t = gw_lexer_next(&lexer);
    if (gw_token_is(&t, "or")) {
        gw_lexer_next(&lexer);
        t = gw_lexer_next(&lexer);
    }
    if (!gw_token_is(&t, "function") && !gw_token_is(&t, "procedure"))
        return false;
    *out = (gw_routine_body){.language = "sql"};
    t = gw_lexer_next(&lexer);
    out->name = gw_token_is_name(&t) ? gw_token_name(arena, &t) : NULL;
    gw_token last = {0};
    for (t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (gw_token_symbol(&last, ".") && gw_token_is_name(&t) && !out->schema && !out->body) {
            out->schema = out->name;
            out->name = gw_token_name(arena, &t);
        } else if (gw_token_symbol(&t, "(") && !out->schema) {
            out->schema = ""; /* a dot behind this is of another name */
        } else if (gw_token_is(&last, "language") && gw_token_is_name(&t)) {
            out->language = gw_token_name(arena, &t);
        } else if (gw_token_is(&last, "as") && t.kind == GW_TOKEN_STRING) {
            out->body = gw_token_string(arena, &t);
        } else if (gw_token_is(&last, "begin") && gw_token_is(&t, "atomic")) {
            out->body = gw_strndup(arena, t.text + t.len, (size_t)(text + len - t.text) - t.len);
            break;
        }
        last = t;
    }
    if (out->schema && !*out->schema)
        out->schema = NULL;
    return out->name && out->body;
}
