/* Statements whose effect stays though their transaction does not. */
#include <string.h>

#include "sql/classify_impl.h"

bool gw_call_outlasts(const char *name)
{
    /* A slot's reader moves it; what pg_read_file and the like do is nothing. */
    static const char *const prefixes[] = {
        "dblink",
        "lo_export",
        "pg_copy_logical_replication_slot",
        "pg_copy_physical_replication_slot",
        "pg_create_logical_replication_slot",
        "pg_create_physical_replication_slot",
        "pg_drop_replication_slot",
        "pg_execute_server_program",
        "pg_file_",
        "pg_logical_slot_get_",
        "pg_replication_slot_advance",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

typedef struct call {
    size_t argument; /* of the slot's name */
    bool known, drops;
} call;

static call call_of(const char *name)
{
    if (strcmp(name, "pg_drop_replication_slot") == 0)
        return (call){.known = true, .drops = true};
    if (strncmp(name, "pg_copy_", 8) == 0)
        return (call){.argument = 1, .known = true};
    return (call){.known = strncmp(name, "pg_create_", 10) == 0};
}

/* The literal that is argument number `wanted`, 0 for the first; the lexer stands behind "(". */
static const char *literal(gw_arena *arena, gw_lexer lexer, size_t wanted)
{
    gw_token t = gw_lexer_next(&lexer);
    for (; wanted; wanted--) {
        if (t.kind != GW_TOKEN_STRING)
            return NULL;
        t = gw_lexer_next(&lexer);
        if (!gw_token_symbol(&t, ","))
            return NULL;
        t = gw_lexer_next(&lexer);
    }
    gw_token behind = gw_lexer_next(&lexer);
    bool alone = gw_token_symbol(&behind, ",") || gw_token_symbol(&behind, ")");
    return t.kind == GW_TOKEN_STRING && alone ? gw_token_string(arena, &t) : NULL;
}

static bool is_word_before_list(const gw_token *t)
{
    static const char *const words[] = {"select", "from", "where", "exists", "in", "and",
                                        "or",     "not",  "values", "as",    "any", NULL};
    return gw_token_is_any(t, words);
}

/* Where it is the only call of the statement: of any other nobody knows what it did. */
static void find_slot(gw_arena *arena, const char *text, size_t len, gw_stmt_class *c)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token last = {0}, t;
    size_t calls = 0;
    for (; (t = gw_lexer_next(&lexer)).kind != GW_TOKEN_END; last = t) {
        bool name = gw_token_is_name(&last);
        if (!name || !gw_token_symbol(&t, "(") || is_word_before_list(&last))
            continue;
        call it = call_of(gw_token_name(arena, &last));
        if (++calls > 1 || !it.known) {
            c->slot = NULL;
            return;
        }
        c->drops_slot = it.drops;
        c->slot = literal(arena, lexer, it.argument);
    }
}

/* It computes now, whatever its kind is. */
static bool is_computed(gw_lexer lexer)
{
    gw_token verb = gw_lexer_next(&lexer), what = gw_lexer_next(&lexer);
    return gw_token_is(&verb, "copy") || gw_token_is(&verb, "explain") ||
           gw_token_is(&verb, "execute") || gw_token_symbol(&verb, "(") ||
           (gw_token_is(&verb, "create") && gw_token_is(&what, "materialized"));
}

void gw_classify_outlasts(gw_arena *arena, const char *text, size_t len, gw_stmt_class *c)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    switch (c->kind) {
    case GW_STMT_SELECT:
        if (c->outlasts)
            find_slot(arena, text, len, c);
        break;
    case GW_STMT_INSERT:
    case GW_STMT_UPDATE:
    case GW_STMT_DELETE:
    case GW_STMT_MERGE:
    case GW_STMT_DO:
        break;
    default: /* what is only defined does nothing yet */
        if (c->kind != GW_STMT_CREATE_TABLE && !is_computed(lexer))
            c->outlasts = NULL;
        break;
    }
}
