/* The statements in a DO block or a function, by its tokens: PL/pgSQL around them is passed over.
 */
#include <string.h>

#include "base/buf.h"
#include "sql/effects_impl.h"
#include "sql/lex.h"

typedef struct block {
    gw_reading_effects *r;
    const char *what; /* "a DO block" */
    gw_lexer lexer;
    bool begins; /* a statement may begin here */
} block;

/* Up to the semicolon: the lexer stands behind it afterwards. What RETURNING … INTO gives to a
 * variable is not SQL. */
static const char *to_semicolon(block *b, gw_buf *strings, size_t *tokens)
{
    const char *end = b->lexer.at;
    bool returning = false, into = false;
    *tokens = 0;
    for (gw_token t = gw_lexer_next(&b->lexer); t.kind != GW_TOKEN_END && !gw_token_symbol(&t, ";");
         t = gw_lexer_next(&b->lexer)) {
        if (t.kind == GW_TOKEN_STRING && strings) {
            char *text = gw_token_string(b->r->arena, &t);
            gw_buf_addf(strings, "%s ", text ? text : "");
        }
        returning |= gw_token_is(&t, "returning");
        into |= returning && gw_token_is(&t, "into");
        if (!into)
            end = t.text + t.len;
        ++*tokens;
    }
    b->begins = true;
    return end;
}

/* ALTER TABLE … DROP of these leaves all values where they are. */
static bool keeps(const gw_token *t)
{
    static const char *const words[] = {"constraint", "not",      "default",
                                        "expression", "identity", NULL};
    return gw_token_is_any(t, words) || !gw_token_is_name(t);
}

/* TRUNCATE is a privilege as well. */
static bool is_harmless_verb(const gw_token *t)
{
    static const char *const verbs[] = {"grant",  "revoke", "comment", "create", "select",
                                        "insert", "copy",   "set",     "notify", NULL};
    for (size_t i = 0; verbs[i]; i++)
        if (gw_token_is(t, verbs[i]))
            return true;
    return false;
}

static bool drops_what_holds(const gw_token *t, bool alter)
{
    static const char *const gone[] = {"table", "schema",   "column",    "type",      "domain",
                                       "owned", "database", "extension", "partition", NULL};
    for (size_t i = 0; gone[i]; i++)
        if (gw_token_is(t, gone[i]))
            return true;
    return alter && !keeps(t);
}

bool gw_effects_unseen(const char *text)
{
    gw_lexer lexer = gw_lexer_start(text, strlen(text));
    bool drop = false, alter = false, deletes = false, where = false, begins = true, skip = false;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        if (begins)
            skip = is_harmless_verb(&t);
        begins = gw_token_symbol(&t, ";");
        if (skip)
            continue;
        if (gw_token_is(&t, "truncate") || (drop && drops_what_holds(&t, alter)))
            return true;
        alter |= gw_token_is(&t, "alter");
        drop = gw_token_is(&t, "drop");
        deletes |= gw_token_is(&t, "delete");
        where |= gw_token_is(&t, "where");
    }
    return deletes && !where;
}

/* EXECUTE: a constant is read as what it is. */
static void see_execute(block *b)
{
    gw_buf text = GW_BUF(b->r->arena);
    size_t tokens;
    to_semicolon(b, &text, &tokens);
    const char *strings = gw_buf_str(&text);
    if (tokens == 1 && *strings)
        gw_effects_of_text(b->r, strings, strlen(strings) - 1);
    else if (gw_effects_unseen(strings))
        gw_effect_add(b->r, GW_EFFECT_UNKNOWN, NULL, NULL)->to =
            gw_printf(b->r->arena, "a statement that %s puts together", b->what);
}

static void see_statement(block *b, const gw_token *first)
{
    size_t tokens, at = b->r->out->len;
    const char *end = to_semicolon(b, NULL, &tokens);
    const char *text = gw_strndup(b->r->arena, first->text, (size_t)(end - first->text));
    gw_effects_of_text(b->r, text, strlen(text));
    for (size_t i = at; i < b->r->out->len; i++)
        if (b->r->out->items[i].kind == GW_EFFECT_UNKNOWN)
            b->r->out->items[i].to = gw_printf(b->r->arena, "a statement in %s", b->what);
}

static void see_token(block *b, const gw_token *t)
{
    static const char *const statements[] = {"drop",  "truncate", "delete", "update",
                                             "alter", "with",     "create", "insert",
                                             "set",   "merge",    NULL};
    static const char *const openers[] = {"begin", "then", "else", "loop", NULL};
    bool begins = b->begins;
    b->begins = gw_token_symbol(t, ";");
    for (size_t i = 0; openers[i]; i++)
        b->begins |= gw_token_is(t, openers[i]);
    for (size_t i = 0; begins && statements[i]; i++)
        if (gw_token_is(t, statements[i])) {
            see_statement(b, t);
            return;
        }
    if (begins && gw_token_is(t, "execute"))
        see_execute(b);
}

/* Of another language only the words are known. */
static const char *without_quotes(gw_arena *arena, const char *body)
{
    char *text = gw_strdup(arena, body);
    for (char *p = text; *p; p++)
        if (strchr("\"'`$", *p))
            *p = ' ';
    return text;
}

static void read_body(gw_reading_effects *r, const char *what, const char *language,
                      const char *body)
{
    if (strcmp(language, "plpgsql") != 0 && strcmp(language, "sql") != 0) {
        if (gw_effects_unseen(without_quotes(r->arena, body)))
            gw_effect_add(r, GW_EFFECT_UNKNOWN, NULL, NULL)->to =
                gw_printf(r->arena, "%s in %s", what, language);
        return;
    }
    block b = {.r = r, .what = what, .lexer = gw_lexer_start(body, strlen(body)), .begins = true};
    for (gw_token t = gw_lexer_next(&b.lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&b.lexer))
        see_token(&b, &t);
}

void gw_effects_of_block(gw_reading_effects *r, const gw_node *node)
{
    const gw_node *args = gw_node_get(node, "args");
    const char *body = NULL, *language = "plpgsql";
    for (const gw_node *a = args ? args->child : NULL; a; a = a->next) {
        const char *value = gw_node_string(gw_node_get(a, "arg"));
        if (gw_node_says(a, "defname", "as"))
            body = value;
        else if (gw_node_says(a, "defname", "language") && value)
            language = value;
    }
    if (!body)
        return;
    read_body(r, "a DO block", language, body);
}

void gw_sql_body_effects(gw_arena *arena, const char *what, const char *language, const char *body,
                         gw_effects *out)
{
    gw_reading_effects r = {.arena = arena, .out = out};
    read_body(&r, what, language, body);
}
