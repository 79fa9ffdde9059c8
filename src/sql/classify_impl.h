/* Shared by the parts of the classifier. */
#ifndef GW_SQL_CLASSIFY_IMPL_H
#define GW_SQL_CLASSIFY_IMPL_H

#include "base/buf.h"
#include "base/vec.h"
#include "sql/classify.h"
#include "sql/lex.h"
#include "sql/outside.h"

/* What is asked of the head of a statement; a longer one is cut, its rest is only scanned. */
enum { GW_CLASSIFY_TOKENS = 4096 };

typedef struct gw_tokens {
    gw_arena *arena;
    GW_VEC(gw_token) list; /* ends with GW_TOKEN_END */
    size_t at;
    const char *text_end;
} gw_tokens;

/* The token `ahead` of the reader. */
const gw_token *gw_tokens_peek(const gw_tokens *t, size_t ahead);
/* Are these words (lower case, one blank between them) next? */
bool gw_tokens_next_are(const gw_tokens *t, const char *words);
/* The same, and read them. */
bool gw_tokens_accept(gw_tokens *t, const char *words);
bool gw_tokens_accept_symbol(gw_tokens *t, const char *symbol);
/* Skip what stands in parentheses, if they are next. */
bool gw_tokens_skip_parens(gw_tokens *t);
/* Go behind the words at the next place outside parentheses where they stand. */
bool gw_tokens_find(gw_tokens *t, const char *words);
/* [[database.]schema.]name; false where no name is next. */
bool gw_tokens_name(gw_tokens *t, const char **schema, const char **name);

typedef enum gw_option {
    GW_OPTION_ABSENT,
    GW_OPTION_FALSE,
    GW_OPTION_NONE,
    GW_OPTION_TRUE, /* or any other value */
} gw_option;

/* `name [= value]` in a parenthesised list at the reader, which stays where it is. */
gw_option gw_tokens_option(const gw_tokens *t, const char *name);

void gw_classify_create(gw_tokens *t, gw_stmt_class *c);
void gw_classify_alter(gw_tokens *t, gw_stmt_class *c);
void gw_classify_drop(gw_tokens *t, gw_stmt_class *c);
/* COMMENT ON, SECURITY LABEL ON, GRANT, REVOKE */
void gw_classify_comment(gw_tokens *t, gw_stmt_class *c);
void gw_classify_grant(gw_tokens *t, gw_stmt_class *c);

extern const char gw_outside_roles[];
extern const char gw_outside_database[];
extern const char gw_outside_tablespace[];
extern const char gw_outside_system[];
extern const char gw_outside_subscription[];
extern const char gw_outside_files[];
extern const char gw_outside_program[];
extern const char gw_outside_connect[];
extern const char gw_outside_server[];
extern const char gw_outside_language[];
extern const char gw_session_temporary[];

/* What a reason is about. */
gw_reach gw_outside_reach(const char *reason);
/* Why a call of this function (as the catalog has its name) reaches outside, or NULL. */
const char *gw_outside_call(const char *name);
/* Its effect stays though the transaction that called it was rolled back. */
bool gw_call_outlasts(const char *name);
/* Behind gw_classify_scan: of which statements that is true, and which slot it is about. */
void gw_classify_outlasts(gw_arena *arena, const char *text, size_t len, gw_stmt_class *c);
/* Is this language one that can do anything? */
bool gw_outside_untrusted(const char *language);

/* Why an object of this type lies outside of a database, or NULL. */
const char *gw_outside_object(const char *object);

/*
 * Look at every token for calls of functions that reach outside or leave something in the
 * session. With bodies, string constants are read as code: those of DO and CREATE FUNCTION, and
 * what these EXECUTE.
 */
void gw_classify_scan(gw_arena *arena, const char *text, size_t len, bool bodies, gw_stmt_class *c);

#endif
