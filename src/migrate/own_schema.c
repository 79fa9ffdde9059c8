#include "migrate/own_schema.h"

#include <string.h>

#include "base/buf.h"
#include "sql/lex.h"

enum { DEEPEST = 4 }; /* EXECUTE in a DO in an EXECUTE … */

static const char own_name[] = "godwit";
static const char *const verbs[] = {"drop", "truncate", "alter", NULL};
static const char *const writers[] = {"insert", "update", "delete", "merge", "copy", NULL};
static const char *const carriers[] = {"with", "explain", "prepare", NULL};

typedef struct writing {
    bool own;         /* rows of a relation of ours */
    bool placeholder; /* of %I.%I, in a text that format() fills in */
} writing;

static bool is_own_name(gw_arena *scratch, const gw_token *token)
{
    return gw_token_is_name(token) &&
           strcmp(gw_token_name(scratch, token), own_name) == 0;
}

/* What stands behind INSERT, UPDATE, DELETE, MERGE or COPY: whose rows it writes. */
static writing read_target(gw_arena *scratch, const gw_token *verb, gw_lexer ahead)
{
    bool copy = gw_token_is(verb, "copy");
    gw_token t = gw_lexer_next(&ahead);
    if (!copy && !gw_token_is(verb, "update")) {
        if (!gw_token_is(&t, gw_token_is(verb, "delete") ? "from" : "into"))
            return (writing){0};
        t = gw_lexer_next(&ahead);
    }
    while (gw_token_is(&t, "only") || gw_token_symbol(&t, "("))
        t = gw_lexer_next(&ahead);
    writing found = {.own = is_own_name(scratch, &t), .placeholder = gw_token_symbol(&t, "%")};
    t = gw_lexer_next(&ahead);
    found.own &= gw_token_symbol(&t, ".");
    if (!copy || !found.own)
        return found;
    /* COPY … TO reads. */
    while (t.kind != GW_TOKEN_END && !gw_token_is(&t, "from") && !gw_token_is(&t, "to"))
        t = gw_lexer_next(&ahead);
    found.own = gw_token_is(&t, "from");
    return found;
}

static bool writes_own(gw_arena *scratch, const gw_token *verb, const gw_lexer *lexer)
{
    return gw_token_is_any(verb, writers) && read_target(scratch, verb, *lexer).own;
}

/* The same anywhere in a statement: WITH … AS (DELETE …), EXPLAIN ANALYZE, PREPARE. */
static bool any_writes_own(gw_arena *scratch, gw_lexer *lexer)
{
    for (gw_token t = gw_lexer_next(lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(lexer))
        if (writes_own(scratch, &t, lexer))
            return true;
    return false;
}

/* The lexer stands behind the verb; it is left at the statement's end. */
static bool verb_changes(gw_arena *scratch, gw_lexer *lexer, bool alter)
{
    static const char *const before_name[] = {"schema", "table", "sequence", "view",   "function",
                                              "index",  "type",  "if",       "exists", "only",
                                              NULL};
    gw_token t = gw_lexer_next(lexer);
    bool schemas = gw_token_is(&t, "schema"), found = false, own = false, dot = false, named = false;
    for (; t.kind != GW_TOKEN_END && !gw_token_symbol(&t, ";"); t = gw_lexer_next(lexer)) {
        bool after_dot = dot, before_dot = own;
        dot = gw_token_symbol(&t, ".");
        own = !named && !after_dot && is_own_name(scratch, &t);
        found |= (before_dot && dot) || (own && schemas);
        /* Of ALTER: what it is called has been said. */
        named |= alter && !own && !dot && !gw_token_is_any(&t, before_name);
    }
    return found;
}

static bool statements_change(gw_arena *scratch, const char *text, size_t len, unsigned depth);

/* The lexer stands behind DO. Its body, where the language is the one that is read here. */
static bool block_changes(gw_arena *scratch, gw_lexer *lexer, unsigned depth)
{
    const char *body = NULL;
    for (gw_token t = gw_lexer_next(lexer); t.kind != GW_TOKEN_END && !gw_token_symbol(&t, ";");
         t = gw_lexer_next(lexer)) {
        if (gw_token_is(&t, "language")) {
            t = gw_lexer_next(lexer);
            const char *language = t.kind == GW_TOKEN_STRING ? gw_token_string(scratch, &t)
                                                             : gw_token_name(scratch, &t);
            if (strcmp(language, "plpgsql") != 0)
                return false;
        } else if (t.kind == GW_TOKEN_STRING) {
            body = gw_token_string(scratch, &t);
        }
    }
    return body && statements_change(scratch, body, strlen(body), depth + 1);
}

/* EXECUTE of an expression: its constants are read as one text, up to the statement's end. */
static bool execute_changes(gw_arena *scratch, gw_lexer *lexer, unsigned depth)
{
    gw_buf text = GW_BUF(scratch);
    bool is_argument = false;
    gw_buf_add(&text, "");
    for (gw_token t = gw_lexer_next(lexer);
         t.kind != GW_TOKEN_END && !gw_token_symbol(&t, ";") && !gw_token_is(&t, "loop");
         t = gw_lexer_next(lexer)) {
        if (t.kind != GW_TOKEN_STRING)
            continue;
        const char *value = gw_token_string(scratch, &t);
        is_argument |= strcmp(value, own_name) == 0;
        gw_buf_addf(&text, "%s%s", text.len ? " " : "", value);
    }
    if (statements_change(scratch, gw_buf_str(&text), text.len, depth + 1))
        return true;
    gw_lexer inner = gw_lexer_start(gw_buf_str(&text), text.len);
    gw_token first = gw_lexer_next(&inner);
    /* format('DROP … %I.%I', 'godwit', …) */
    return is_argument &&
           (gw_token_is_any(&first, verbs) ||
            (gw_token_is_any(&first, writers) && read_target(scratch, &first, inner).placeholder));
}

/* A text of PL/pgSQL, or of plain statements. */
static bool statements_change(gw_arena *scratch, const char *text, size_t len, unsigned depth)
{
    static const char *const openers[] = {"begin", "then", "else", "loop", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    bool first = true;
    while (depth < DEEPEST) {
        gw_token t = gw_lexer_next(&lexer);
        if (t.kind == GW_TOKEN_END)
            break;
        if (writes_own(scratch, &t, &lexer))
            return true;
        if (first && gw_token_is_any(&t, verbs)) {
            if (verb_changes(scratch, &lexer, gw_token_is(&t, "alter")))
                return true;
        } else if (first && gw_token_is(&t, "do")) {
            if (block_changes(scratch, &lexer, depth))
                return true;
        } else if (gw_token_is(&t, "execute")) {
            if (execute_changes(scratch, &lexer, depth))
                return true;
        } else {
            first = gw_token_symbol(&t, ";") || gw_token_is_any(&t, openers);
            continue;
        }
        first = true;
    }
    return false;
}

bool gw_changes_own_schema(const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    bool block = gw_token_is(&first, "do");
    bool writes = gw_token_is_any(&first, writers), carries = gw_token_is_any(&first, carriers);
    if (!block && !writes && !carries && !gw_token_is_any(&first, verbs))
        return false;
    gw_arena *scratch = gw_arena_new();
    bool found = block     ? block_changes(scratch, &lexer, 0)
                 : writes  ? writes_own(scratch, &first, &lexer)
                 : carries ? any_writes_own(scratch, &lexer)
                           : verb_changes(scratch, &lexer, gw_token_is(&first, "alter"));
    gw_arena_free(scratch);
    return found;
}

/* gw_sql_own_rows found that the file wrote the history. */
static bool explain_own_rows(gw_err *err)
{
    gw_err said = {0};
    bool tables = strcmp(err->sqlstate, "22P02") == 0 && strstr(err->message, "tables of schema godwit were changed");
    if (!tables && (strcmp(err->sqlstate, "22P02") != 0 || !strstr(err->message, "rows of godwit.migrations were changed")))
        return false;
    gw_err_set(&said, GW_ERR_REFUSED, "a migration may not change %s",
               tables ? "Godwit's own tables (schema godwit)" : "the rows of godwit.migrations");
    gw_err_detail(&said, "this one did, in a DO block, a function, a trigger, or by a name without its schema; "
                         "its transaction was rolled back");
    gw_err_hint(&said, "take that out of the file; what the history says is changed with godwit repair, baseline "
                       "and down");
    if (err->file)
        gw_err_at(&said, err->file, err->line, err->col);
    for (size_t i = 0; i < err->context_count; i++)
        gw_err_context(&said, "%s", err->contexts[i]);
    gw_err_move(err, &said);
    gw_err_clear(&said);
    return true;
}

void gw_explain_own_schema(gw_err *err)
{
    static const char *const gone[] = {"42P01", "3F000", "42883"}; /* table, schema, function */
    bool ours = false;
    if (explain_own_rows(err))
        return;
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        ours |= strcmp(err->sqlstate, gone[i]) == 0 && strstr(err->message, own_name);
    if (!ours || err->file)
        return;
    gw_err_detail(err, "a statement of this file has dropped or renamed what is in schema godwit, where "
                       "the history is kept; its transaction was rolled back");
    gw_err_hint(err, "leave schema godwit out of what the file goes through");
}
