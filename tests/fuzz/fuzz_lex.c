/*
 * The lexer. Its tokens follow each other with nothing but blanks and comments between them, a
 * token read alone is that token, and what is quoted reads back as it was.
 */
#include <string.h>

#include "check.h"
#include "sql/chars.h"
#include "sql/lex.h"
#include "sql/quote.h"

static void check_value(gw_arena *arena, const gw_token *token)
{
    const char *value = gw_token_string(arena, token);
    const char *quoted = gw_quote_literal(arena, value);
    gw_lexer lexer = gw_lexer_start(quoted, strlen(quoted));
    gw_token again = gw_lexer_next(&lexer);
    CHECK(again.kind == GW_TOKEN_STRING && again.len == strlen(quoted));
    CHECK(strcmp(gw_token_string(arena, &again), value) == 0);
}

static void check_name(gw_arena *arena, const gw_token *token)
{
    const char *name = gw_token_name(arena, token);
    CHECK(strlen(name) <= 63);
    const char *forms[] = {gw_quote_ident(arena, name), gw_display_name(arena, NULL, name)};
    for (size_t i = 0; i < 2; i++) {
        gw_lexer lexer = gw_lexer_start(forms[i], strlen(forms[i]));
        gw_token again = gw_lexer_next(&lexer);
        CHECK(again.len == strlen(forms[i]));
        CHECK(strcmp(gw_token_name(arena, &again), name) == 0);
    }
}

static void check_alone(const gw_token *token)
{
    gw_lexer lexer = gw_lexer_start(token->text, token->len);
    lexer.want_comments = token->kind == GW_TOKEN_COMMENT;
    gw_token again = gw_lexer_next(&lexer);
    CHECK(again.kind == token->kind && again.len == token->len);
    CHECK(gw_lexer_next(&lexer).kind == GW_TOKEN_END);
}

/* Without its comments a text has the same tokens. */
static void check_without_comments(gw_arena *arena, const char *text, size_t len)
{
    const char *blank = gw_lexer_without_comments(arena, text, len);
    gw_lexer a = gw_lexer_start(text, len), b = gw_lexer_start(blank, strlen(blank));
    if (len == 0 || memchr(text, 0, len))
        return;
    gw_token token, same;
    do {
        token = gw_lexer_next(&a);
        same = gw_lexer_next(&b);
        CHECK(token.kind == same.kind);
        CHECK(token.kind == GW_TOKEN_STRING || token.len == same.len);
    } while (token.kind != GW_TOKEN_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    const char *text = (const char *)data, *end = text + size, *at = text;
    gw_lexer lexer = gw_lexer_start(text, size), without = lexer;
    lexer.want_comments = true;
    gw_token token;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END) {
        CHECK(token.len > 0 && token.text >= at && token.text + token.len <= end);
        for (; at < token.text; at++)
            CHECK(gw_ch_space(*at));
        at = token.text + token.len;
        check_alone(&token);
        if (token.kind == GW_TOKEN_STRING)
            check_value(arena, &token);
        else if (token.kind == GW_TOKEN_WORD || token.kind == GW_TOKEN_QUOTED)
            check_name(arena, &token);
        if (token.kind == GW_TOKEN_COMMENT)
            continue;
        gw_token same = gw_lexer_next(&without);
        CHECK(same.kind == token.kind && same.text == token.text && same.len == token.len);
    }
    CHECK(gw_lexer_next(&without).kind == GW_TOKEN_END);
    CHECK(token.text == end);
    check_without_comments(arena, text, size);
    gw_arena_free(arena);
    return 0;
}
