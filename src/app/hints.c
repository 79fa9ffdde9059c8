#include <string.h>

#include "app/renames.h"
#include "base/buf.h"
#include "base/file.h"
#include "sql/lex.h"

static const char marker[] = "godwit: renamed from ";

typedef struct scan {
    gw_arena *arena;
    const char *path, *text;
    gw_rename_hints *out;
    gw_lexer lexer;
    int depth;           /* of parentheses */
    const char *schema, *name; /* of the CREATE at hand */
    bool in_create, fresh;     /* fresh: an item of the list in parentheses begins here */
    const char *child;   /* the item that was begun last */
    GW_VEC(gw_rename_hint) waiting; /* for the next thing that has a name */
} scan;

/* "-- godwit: renamed from OLD" → "OLD"; NULL: another comment. */
static const char *hint_of(gw_arena *arena, const gw_token *comment)
{
    const char *text = comment->text, *end = text + comment->len;
    if (comment->len < 2 || strncmp(text, "--", 2) != 0)
        return NULL;
    text += 2;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    if ((size_t)(end - text) <= strlen(marker) || strncmp(text, marker, strlen(marker)) != 0)
        return NULL;
    text += strlen(marker);
    while (end > text && strchr(" \t\r\n;", end[-1]))
        end--;
    return end > text ? gw_strndup(arena, text, (size_t)(end - text)) : NULL;
}

/* Nothing but blanks before it on its line. */
static bool alone_on_line(const scan *s, const char *at)
{
    while (at > s->text && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    return at == s->text || at[-1] == '\n';
}

static void place(scan *s, gw_rename_hint *hint, const char *child)
{
    hint->schema = s->schema;
    hint->name = s->name;
    hint->child = child;
    *gw_vec_push(s->arena, s->out) = *hint;
}

static void place_waiting(scan *s, const char *child)
{
    for (size_t i = 0; i < s->waiting.len; i++)
        place(s, &s->waiting.items[i], child);
    s->waiting.len = 0;
}

static void see_comment(scan *s, const gw_token *token)
{
    const char *old = hint_of(s->arena, token);
    if (!old)
        return;
    gw_rename_hint hint = {.old = old, .file = s->path};
    unsigned col;
    gw_text_place(s->text, (size_t)(token->text - s->text), &hint.line, &col);
    /* Behind a column on its line it is about that one; else about what follows. */
    if (s->child && !alone_on_line(s, token->text))
        place(s, &hint, s->child);
    else
        *gw_vec_push(s->arena, &s->waiting) = hint;
}

/* CREATE … TABLE|TYPE|VIEW|… [IF NOT EXISTS] name: the lexer stands behind CREATE. */
static void see_create(scan *s)
{
    static const char *const kinds[] = {"table",     "type",      "domain", "view",
                                        "sequence",  "function",  "procedure", "aggregate",
                                        "schema",    "index",     "collation", "statistics",
                                        "publication", "server",  NULL};
    gw_lexer ahead = s->lexer;
    ahead.want_comments = false;
    gw_token t = gw_lexer_next(&ahead);
    for (int words = 0; words < 4 && t.kind == GW_TOKEN_WORD; words++) {
        bool found = false;
        for (size_t i = 0; kinds[i] && !found; i++)
            found = gw_token_is(&t, kinds[i]);
        t = gw_lexer_next(&ahead);
        if (!found)
            continue;
        if (gw_token_is(&t, "concurrently"))
            t = gw_lexer_next(&ahead);
        if (gw_token_is(&t, "if"))
            for (int i = 0; i < 3; i++)
                t = gw_lexer_next(&ahead);
        s->in_create = true;
        s->child = s->schema = NULL;
        s->name = gw_token_name(s->arena, &t);
        gw_token dot = gw_lexer_next(&ahead);
        if (gw_token_symbol(&dot, ".")) {
            s->schema = s->name;
            t = gw_lexer_next(&ahead);
            s->name = gw_token_name(s->arena, &t);
        }
        place_waiting(s, NULL);
        return;
    }
}

static void see_symbol(scan *s, const gw_token *token)
{
    char c = *token->text;
    if (c == '(')
        s->fresh = s->depth++ == 0;
    else if (c == ')')
        s->depth -= s->depth > 0;
    else if (c == ',' && s->depth == 1)
        s->fresh = true;
    else if (c == ';' && s->depth == 0)
        s->in_create = false, s->child = NULL;
}

static void see_name(scan *s, const gw_token *token)
{
    if (s->depth == 0 && gw_token_is(token, "create"))
        see_create(s);
    if (!s->in_create || s->depth != 1 || !s->fresh)
        return;
    gw_token name = *token;
    if (gw_token_is(token, "constraint")) {
        gw_lexer ahead = s->lexer;
        ahead.want_comments = false;
        name = gw_lexer_next(&ahead);
    }
    s->fresh = false;
    s->child = gw_token_name(s->arena, &name);
    place_waiting(s, s->child);
}

bool gw_hints_read(gw_arena *arena, const char *path, gw_rename_hints *out, gw_err *err)
{
    gw_file_text text;
    if (!gw_file_read(arena, path, 0, &text, err))
        return false;
    if (!memmem(text.data, text.len, marker, strlen(marker)))
        return true;
    scan s = {.arena = arena, .path = gw_path_from_here(path), .text = text.data, .out = out};
    s.lexer = gw_lexer_start(text.data, text.len);
    s.lexer.want_comments = true;
    for (gw_token t = gw_lexer_next(&s.lexer); t.kind != GW_TOKEN_END;
         t = gw_lexer_next(&s.lexer)) {
        if (t.kind == GW_TOKEN_COMMENT)
            see_comment(&s, &t);
        else if (t.kind == GW_TOKEN_SYMBOL)
            see_symbol(&s, &t);
        else if (gw_token_is_name(&t))
            see_name(&s, &t);
    }
    if (!s.waiting.len)
        return true;
    gw_err_set(err, GW_ERR_INPUT, "nothing that has a name follows \"renamed from %s\"",
               s.waiting.items[0].old);
    gw_err_at(err, s.waiting.items[0].file, s.waiting.items[0].line, 1);
    return gw_err_hint(err, "it goes before CREATE TABLE, TYPE, FUNCTION …, or to a column in it");
}
