/*
 * Tokens of a SQL text in memory: the lexical rules that splitting and classifying share.
 * White space and comments are passed over, or handed out where asked for.
 */
#ifndef GW_SQL_LEX_H
#define GW_SQL_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum gw_token_kind {
    GW_TOKEN_END,
    GW_TOKEN_WORD,   /* keyword or unquoted identifier */
    GW_TOKEN_QUOTED, /* "identifier", U&"…" */
    GW_TOKEN_STRING, /* '…', E'…', B'…', $tag$…$tag$ */
    GW_TOKEN_NUMBER,
    GW_TOKEN_PARAM,   /* $1 */
    GW_TOKEN_SYMBOL,  /* one of ( ) [ ] , ; : . or an operator */
    GW_TOKEN_COMMENT, /* only with want_comments */
} gw_token_kind;

typedef struct gw_token {
    gw_token_kind kind;
    const char *text; /* into the source */
    size_t len;
} gw_token;

typedef struct gw_lexer {
    const char *at, *end;
    bool want_comments;
    bool escapes; /* '…' and N'…' are read as with standard_conforming_strings = off */
} gw_lexer;

gw_lexer gw_lexer_start(const char *text, size_t len);
/* Never fails: an unterminated quote reaches to the end. */
gw_token gw_lexer_next(gw_lexer *lexer);

/* The text with blanks for its comments: as many characters, so that positions stay. */
char *gw_lexer_without_comments(gw_arena *arena, const char *text, size_t len);

/*
 * A text that was written for standard_conforming_strings = off, as it reads when that is on:
 * '…' with a backslash in it becomes E'…'. The text itself where nothing has to change.
 */
const char *gw_lexer_standard(gw_arena *arena, const char *text, size_t len, size_t *out_len);
/* The place in `text` of a place in its standard form: 1-based characters, 0 is not known. */
size_t gw_lexer_standard_position(const char *text, size_t len, const char *standard,
                                  size_t position);

/* Is it the unquoted word `word` (given in lower case)? */
bool gw_token_is(const gw_token *token, const char *word);
/* One of them? words: up to NULL. */
bool gw_token_is_any(const gw_token *token, const char *const *words);
bool gw_token_symbol(const gw_token *token, const char *symbol);
/* An unquoted word, keywords included, or a quoted name. */
bool gw_token_is_name(const gw_token *token);
/* The name as the catalog has it: folded, or unquoted. */
char *gw_token_name(gw_arena *arena, const gw_token *token);
/* The value of a string token, escapes resolved. */
char *gw_token_string(gw_arena *arena, const gw_token *token);

#endif
