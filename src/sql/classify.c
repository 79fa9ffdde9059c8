#include "sql/classify.h"

#include <string.h>

#include "sql/classify_impl.h"

static const char session_prepared[] = "a prepared statement lives in its session";
static const char session_set[] = "a setting changed by SET lives in its session";
static const char session_role[] = "the role that SET changes lives in its session";
static const char session_listen[] = "LISTEN registers its session";
static const char session_cursor[] = "a cursor WITH HOLD lives in its session";
static const char session_load[] = "LOAD works for its session";

const gw_token *gw_tokens_peek(const gw_tokens *t, size_t ahead)
{
    size_t at = t->at + ahead;
    return &t->list.items[at < t->list.len ? at : t->list.len - 1];
}

/* The number of tokens that match; 0 if one does not. */
static size_t match(const gw_tokens *t, const char *words)
{
    size_t n = 0;
    for (const char *p = words; *p; n++) {
        char word[32];
        size_t len = strcspn(p, " ");
        memcpy(word, p, len);
        word[len] = '\0';
        if (!gw_token_is(gw_tokens_peek(t, n), word))
            return 0;
        p += len + strspn(p + len, " ");
    }
    return n;
}

bool gw_tokens_next_are(const gw_tokens *t, const char *words)
{
    return match(t, words) > 0;
}

bool gw_tokens_accept(gw_tokens *t, const char *words)
{
    size_t n = match(t, words);
    t->at += n;
    return n > 0;
}

bool gw_tokens_accept_symbol(gw_tokens *t, const char *symbol)
{
    if (!gw_token_symbol(gw_tokens_peek(t, 0), symbol))
        return false;
    t->at++;
    return true;
}

bool gw_tokens_skip_parens(gw_tokens *t)
{
    if (!gw_token_symbol(gw_tokens_peek(t, 0), "("))
        return false;
    size_t depth = 0;
    do {
        if (gw_token_symbol(gw_tokens_peek(t, 0), "("))
            depth++;
        else if (gw_token_symbol(gw_tokens_peek(t, 0), ")"))
            depth--;
        t->at++;
    } while (depth > 0 && gw_tokens_peek(t, 0)->kind != GW_TOKEN_END);
    return true;
}

bool gw_tokens_find(gw_tokens *t, const char *words)
{
    gw_tokens ahead = *t;
    while (gw_tokens_peek(&ahead, 0)->kind != GW_TOKEN_END) {
        if (gw_tokens_accept(&ahead, words)) {
            t->at = ahead.at;
            return true;
        }
        if (!gw_tokens_skip_parens(&ahead))
            ahead.at++;
    }
    return false;
}

bool gw_tokens_name(gw_tokens *t, const char **schema, const char **name)
{
    const gw_token *token = gw_tokens_peek(t, 0);
    if (token->kind != GW_TOKEN_WORD && token->kind != GW_TOKEN_QUOTED)
        return false;
    *schema = NULL;
    *name = gw_token_name(t->arena, token);
    t->at++;
    while (gw_token_symbol(gw_tokens_peek(t, 0), ".")) {
        token = gw_tokens_peek(t, 1);
        if (token->kind != GW_TOKEN_WORD && token->kind != GW_TOKEN_QUOTED)
            break;
        *schema = *name;
        *name = gw_token_name(t->arena, token);
        t->at += 2;
    }
    return true;
}

gw_option gw_tokens_option(const gw_tokens *t, const char *name)
{
    gw_tokens list = *t;
    if (!gw_tokens_accept_symbol(&list, "("))
        return GW_OPTION_ABSENT;
    for (;;) {
        bool found = gw_tokens_accept(&list, name);
        if (found) {
            gw_tokens_accept_symbol(&list, "=");
            const gw_token *value = gw_tokens_peek(&list, 0);
            const char *text = value->kind == GW_TOKEN_STRING ? gw_token_string(t->arena, value)
                                                              : gw_token_name(t->arena, value);
            if (strcasecmp(text, "false") == 0 || strcasecmp(text, "off") == 0 ||
                strcmp(text, "0") == 0)
                return GW_OPTION_FALSE;
            return strcasecmp(text, "none") == 0 ? GW_OPTION_NONE : GW_OPTION_TRUE;
        }
        while (!gw_tokens_accept_symbol(&list, ",")) {
            const gw_token *token = gw_tokens_peek(&list, 0);
            if (token->kind == GW_TOKEN_END || gw_token_symbol(token, ")"))
                return GW_OPTION_ABSENT;
            if (!gw_tokens_skip_parens(&list))
                list.at++;
        }
    }
}

static void read_begin(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->kind = GW_STMT_BEGIN;
}

static void read_start(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "transaction"))
        c->kind = GW_STMT_BEGIN;
}

/* … [WORK | TRANSACTION] [AND CHAIN] */
static void read_chain(gw_tokens *t, gw_stmt_class *c)
{
    if (!gw_tokens_accept(t, "work"))
        gw_tokens_accept(t, "transaction");
    c->chains = gw_tokens_accept(t, "and") && gw_tokens_accept(t, "chain");
}

/* COMMIT PREPARED 'x' */
static bool read_prepared(gw_tokens *t, gw_stmt_class *c)
{
    if (!gw_tokens_accept(t, "prepared"))
        return false;
    c->kind = GW_STMT_PREPARED_XACT;
    c->never_in_transaction = true;
    if (gw_tokens_peek(t, 0)->kind == GW_TOKEN_STRING)
        c->value = gw_token_string(t->arena, gw_tokens_peek(t, 0));
    return true;
}

static void read_commit(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_COMMIT;
    if (read_prepared(t, c))
        return;
    read_chain(t, c);
}

static void read_rollback(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_ROLLBACK;
    if (read_prepared(t, c))
        return;
    read_chain(t, c);
    if (gw_tokens_accept(t, "to"))
        c->kind = GW_STMT_SAVEPOINT;
}

static void read_savepoint(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->kind = GW_STMT_SAVEPOINT;
}

static void read_prepare(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "transaction"))
        c->kind = GW_STMT_PREPARED_XACT;
    else
        c->needs_session = session_prepared;
}

static void read_execute(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->needs_session = session_prepared;
}

static void read_setting(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "time zone"))
        c->name = "timezone";
    else if (!gw_tokens_name(t, &c->schema, &c->name))
        return;
    if (!gw_tokens_accept_symbol(t, "="))
        gw_tokens_accept(t, "to");
    const gw_token *value = gw_tokens_peek(t, 0);
    if (value->kind == GW_TOKEN_STRING)
        c->value = gw_token_string(t->arena, value);
    else if (value->kind != GW_TOKEN_END)
        c->value = gw_token_name(t->arena, value);
}

static void read_set(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_next_are(t, "constraints") || gw_tokens_next_are(t, "transaction"))
        return;
    if (gw_tokens_accept(t, "local")) {
        c->kind = GW_STMT_SET_LOCAL;
        read_setting(t, c);
        return;
    }
    c->kind = GW_STMT_SET;
    c->needs_session = session_set;
    if (gw_tokens_accept(t, "session characteristics"))
        return;
    gw_tokens_accept(t, "session");
    if (gw_tokens_next_are(t, "role") || gw_tokens_next_are(t, "authorization")) {
        c->kind = GW_STMT_SET_ROLE;
        c->needs_session = session_role;
    }
    read_setting(t, c);
}

static void read_reset(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = gw_tokens_next_are(t, "role") || gw_tokens_next_are(t, "session authorization")
                  ? GW_STMT_SET_ROLE
                  : GW_STMT_SET;
    gw_tokens_name(t, &c->schema, &c->name);
}

static void read_discard(gw_tokens *t, gw_stmt_class *c)
{
    c->never_in_transaction = gw_tokens_accept(t, "all");
    c->object = c->never_in_transaction ? "ALL" : NULL;
}

/* SELECT [schema.]set_config('name', 'value', false): a SET in the clothes of a SELECT. */
static void read_select(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_SELECT;
    gw_tokens ahead = *t;
    const char *schema, *name;
    if (!gw_tokens_name(&ahead, &schema, &name) || strcmp(name, "set_config") != 0)
        return;
    const gw_token *setting = gw_tokens_peek(&ahead, 1), *value = gw_tokens_peek(&ahead, 3);
    const gw_token *local = gw_tokens_peek(&ahead, 5);
    if (!gw_tokens_skip_parens(&ahead) || gw_tokens_peek(&ahead, 0)->kind != GW_TOKEN_END)
        return;
    c->kind = gw_token_is(local, "true") ? GW_STMT_SET_LOCAL : GW_STMT_SET;
    if (setting->kind == GW_TOKEN_STRING)
        c->name = gw_token_string(t->arena, setting);
    if (value->kind == GW_TOKEN_STRING)
        c->value = gw_token_string(t->arena, value);
}

static gw_stmt_kind kind_of_query(const gw_token *token)
{
    static const struct {
        const char *word;
        gw_stmt_kind kind;
    } verbs[] = {{"select", GW_STMT_SELECT}, {"values", GW_STMT_SELECT}, {"table", GW_STMT_SELECT},
                 {"insert", GW_STMT_INSERT}, {"update", GW_STMT_UPDATE}, {"delete", GW_STMT_DELETE},
                 {"merge", GW_STMT_MERGE}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (gw_token_is(token, verbs[i].word))
            return verbs[i].kind;
    return GW_STMT_OTHER;
}

/* The statement behind WITH a AS (…), b AS (…): its verb follows a closing parenthesis. */
static void read_with(gw_tokens *t, gw_stmt_class *c)
{
    const gw_token *first = gw_tokens_peek(t, 0);
    gw_lexer lexer = gw_lexer_start(first->text, (size_t)(t->text_end - first->text));
    gw_token token, last = {0};
    size_t depth = 0;
    c->kind = GW_STMT_SELECT;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END) {
        if (gw_token_symbol(&token, "("))
            depth++;
        else if (gw_token_symbol(&token, ")"))
            depth -= depth > 0;
        else if (depth == 0 && gw_token_symbol(&last, ")") &&
                 kind_of_query(&token) != GW_STMT_OTHER) {
            c->kind = kind_of_query(&token);
            return;
        }
        last = token;
    }
}

static void read_query(gw_tokens *t, gw_stmt_class *c)
{
    t->at--;
    c->kind = kind_of_query(gw_tokens_peek(t, 0));
    t->at++;
    if (!gw_tokens_accept(t, "into"))
        gw_tokens_accept(t, "from");
    gw_tokens_accept(t, "only");
    if (c->kind != GW_STMT_SELECT && gw_tokens_name(t, &c->schema, &c->name))
        c->object = "TABLE";
}

static void read_copy(gw_tokens *t, gw_stmt_class *c)
{
    bool from;
    gw_tokens_accept(t, "binary");
    if (!gw_tokens_skip_parens(t) && gw_tokens_name(t, &c->schema, &c->name))
        c->object = "TABLE";
    gw_tokens_skip_parens(t);
    from = gw_tokens_accept(t, "from");
    if (!from && !gw_tokens_accept(t, "to"))
        return;
    if (gw_tokens_accept(t, "program"))
        c->reaches_outside = c->outlasts = gw_outside_program;
    else if (gw_tokens_peek(t, 0)->kind == GW_TOKEN_STRING)
        c->reaches_outside = gw_outside_files, c->outlasts = from ? NULL : gw_outside_files;
    else if (gw_tokens_next_are(t, "stdin") || gw_tokens_next_are(t, "stdout"))
        c->kind = from ? GW_STMT_COPY_IN : GW_STMT_COPY_OUT;
}

static void read_do(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->kind = GW_STMT_DO;
}

static void read_call(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_CALL;
    c->object = "PROCEDURE";
    gw_tokens_name(t, &c->schema, &c->name);
}

static void read_reindex(gw_tokens *t, gw_stmt_class *c)
{
    static const struct {
        const char *word, *object;
        bool never;
    } objects[] = {{"index", "INDEX", false},
                   {"table", "TABLE", false},
                   {"schema", "SCHEMA", true},
                   {"database", "DATABASE", true},
                   {"system", "SYSTEM", true}};
    c->kind = GW_STMT_REINDEX;
    c->concurrently = gw_tokens_option(t, "concurrently") == GW_OPTION_TRUE;
    gw_tokens_skip_parens(t);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        if (!gw_tokens_accept(t, objects[i].word))
            continue;
        c->object = objects[i].object;
        c->never_in_transaction = objects[i].never;
        break;
    }
    c->concurrently |= gw_tokens_accept(t, "concurrently");
    c->never_in_transaction |= c->concurrently;
    c->strong_lock = !c->concurrently;
    gw_tokens_name(t, &c->schema, &c->name);
}

static void read_vacuum(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_VACUUM;
    c->never_in_transaction = true;
    c->strong_lock = gw_tokens_option(t, "full") == GW_OPTION_TRUE;
    gw_tokens_skip_parens(t);
    c->strong_lock |= gw_tokens_accept(t, "full");
    gw_tokens_accept(t, "freeze");
    gw_tokens_accept(t, "verbose");
    if (!gw_tokens_accept(t, "analyze"))
        gw_tokens_accept(t, "analyse");
    gw_tokens_accept(t, "only");
    if (gw_tokens_name(t, &c->schema, &c->name))
        c->object = "TABLE";
}

static void read_cluster(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_CLUSTER;
    c->strong_lock = true;
    gw_tokens_skip_parens(t);
    gw_tokens_accept(t, "verbose");
    if (!gw_tokens_name(t, &c->schema, &c->name))
        c->never_in_transaction = true; /* every table that was clustered before */
    else if (gw_tokens_accept(t, "on"))
        gw_tokens_name(t, &c->schema, &c->name);
}

static void read_refresh(gw_tokens *t, gw_stmt_class *c)
{
    if (!gw_tokens_accept(t, "materialized view"))
        return;
    c->object = "MATERIALIZED VIEW";
    c->concurrently = gw_tokens_accept(t, "concurrently");
    c->strong_lock = true;
    gw_tokens_name(t, &c->schema, &c->name);
}

static void read_truncate(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_TRUNCATE;
    c->strong_lock = true;
    c->object = "TABLE";
    gw_tokens_accept(t, "table");
    gw_tokens_accept(t, "only");
    gw_tokens_name(t, &c->schema, &c->name);
}

static void read_lock(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_LOCK_TABLE;
    c->object = "TABLE";
    gw_tokens_accept(t, "table");
    gw_tokens_accept(t, "only");
    gw_tokens_name(t, &c->schema, &c->name);
    c->strong_lock = !gw_tokens_find(t, "in") || gw_tokens_next_are(t, "share row exclusive") ||
                     gw_tokens_next_are(t, "exclusive") ||
                     gw_tokens_next_are(t, "access exclusive");
}

static void read_listen(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->needs_session = session_listen;
}

static void read_declare(gw_tokens *t, gw_stmt_class *c)
{
    gw_tokens_name(t, &c->schema, &c->name);
    c->object = "CURSOR";
    if (gw_tokens_find(t, "cursor with hold"))
        c->needs_session = session_cursor;
}

static void read_load(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->needs_session = session_load;
}

static void read_reassign(gw_tokens *t, gw_stmt_class *c)
{
    (void)t;
    c->reaches_outside = gw_outside_roles;
}

static void read_import(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "foreign schema"))
        c->reaches_outside = gw_outside_connect;
}

static void read_explain(gw_tokens *t, gw_stmt_class *c);

static const struct {
    const char *word, *upper;
    void (*read)(gw_tokens *t, gw_stmt_class *c);
} verbs[] = {
    {"abort", "ABORT", read_rollback},
    {"alter", "ALTER", gw_classify_alter},
    {"analyze", "ANALYZE", NULL},
    {"begin", "BEGIN", read_begin},
    {"call", "CALL", read_call},
    {"checkpoint", "CHECKPOINT", NULL},
    {"cluster", "CLUSTER", read_cluster},
    {"comment", "COMMENT", gw_classify_comment},
    {"commit", "COMMIT", read_commit},
    {"copy", "COPY", read_copy},
    {"create", "CREATE", gw_classify_create},
    {"deallocate", "DEALLOCATE", read_execute},
    {"declare", "DECLARE", read_declare},
    {"delete", "DELETE", read_query},
    {"discard", "DISCARD", read_discard},
    {"do", "DO", read_do},
    {"drop", "DROP", gw_classify_drop},
    {"end", "END", read_commit},
    {"execute", "EXECUTE", read_execute},
    {"explain", "EXPLAIN", read_explain},
    {"grant", "GRANT", gw_classify_grant},
    {"import", "IMPORT FOREIGN SCHEMA", read_import},
    {"insert", "INSERT", read_query},
    {"listen", "LISTEN", read_listen},
    {"load", "LOAD", read_load},
    {"lock", "LOCK", read_lock},
    {"merge", "MERGE", read_query},
    {"notify", "NOTIFY", NULL},
    {"prepare", "PREPARE", read_prepare},
    {"reassign", "REASSIGN OWNED", read_reassign},
    {"refresh", "REFRESH", read_refresh},
    {"reindex", "REINDEX", read_reindex},
    {"release", "RELEASE", read_savepoint},
    {"reset", "RESET", read_reset},
    {"revoke", "REVOKE", gw_classify_grant},
    {"rollback", "ROLLBACK", read_rollback},
    {"savepoint", "SAVEPOINT", read_savepoint},
    {"security", "SECURITY LABEL", gw_classify_comment},
    {"select", "SELECT", read_select},
    {"set", "SET", read_set},
    {"start", "START TRANSACTION", read_start},
    {"table", "TABLE", read_query},
    {"truncate", "TRUNCATE", read_truncate},
    {"unlisten", "UNLISTEN", NULL},
    {"update", "UPDATE", read_query},
    {"vacuum", "VACUUM", read_vacuum},
    {"values", "VALUES", read_query},
    {"with", "WITH", read_with},
};

static const char *read_verb(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_token_symbol(gw_tokens_peek(t, 0), "(")) {
        c->kind = GW_STMT_SELECT;
        return "SELECT";
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (!gw_tokens_accept(t, verbs[i].word))
            continue;
        if (verbs[i].read)
            verbs[i].read(t, c);
        return verbs[i].upper;
    }
    return NULL;
}

/* EXPLAIN ANALYZE does what it explains. */
static void read_explain(gw_tokens *t, gw_stmt_class *c)
{
    bool runs = gw_tokens_option(t, "analyze") == GW_OPTION_TRUE ||
                gw_tokens_option(t, "analyse") == GW_OPTION_TRUE;
    gw_tokens_skip_parens(t);
    runs |= gw_tokens_accept(t, "analyze") || gw_tokens_accept(t, "analyse");
    gw_tokens_accept(t, "verbose");
    if (runs && !gw_tokens_next_are(t, "explain"))
        read_verb(t, c);
}

static const char *query_name(gw_stmt_kind kind)
{
    return kind == GW_STMT_INSERT   ? "INSERT"
           : kind == GW_STMT_UPDATE ? "UPDATE"
           : kind == GW_STMT_DELETE ? "DELETE"
           : kind == GW_STMT_MERGE  ? "MERGE"
                                    : "SELECT";
}

static const char *label_of(gw_arena *arena, const gw_stmt_class *c, const char *verb)
{
    switch (c->kind) {
    case GW_STMT_EMPTY:
        return "nothing";
    case GW_STMT_SAVEPOINT:
        return strcmp(verb, "ROLLBACK") == 0 ? "ROLLBACK TO SAVEPOINT" : verb;
    case GW_STMT_PREPARED_XACT:
        return strcmp(verb, "PREPARE") == 0 ? "PREPARE TRANSACTION"
                                            : gw_printf(arena, "%s PREPARED", verb);
    case GW_STMT_SET:
        return strcmp(verb, "RESET") == 0 ? verb : "SET";
    case GW_STMT_SET_ROLE:
        return strcmp(verb, "RESET") == 0 ? "RESET ROLE" : "SET ROLE";
    case GW_STMT_SET_LOCAL:
        return "SET LOCAL";
    case GW_STMT_COPY_IN:
        return "COPY FROM stdin";
    case GW_STMT_COPY_OUT:
        return "COPY TO stdout";
    case GW_STMT_ALTER_TYPE_ADD_VALUE:
        return "ALTER TYPE … ADD VALUE";
    case GW_STMT_DETACH_PARTITION:
        return c->concurrently ? "ALTER TABLE … DETACH PARTITION CONCURRENTLY"
                               : "ALTER TABLE … DETACH PARTITION";
    case GW_STMT_SELECT:
    case GW_STMT_INSERT:
    case GW_STMT_UPDATE:
    case GW_STMT_DELETE:
    case GW_STMT_MERGE:
        return strcmp(verb, "WITH") == 0 ? query_name(c->kind) : verb;
    case GW_STMT_CALL:
    case GW_STMT_VACUUM:
    case GW_STMT_CLUSTER:
        return verb;
    default:
        break;
    }
    if (!verb)
        return "statement";
    if (strcmp(verb, "COPY") == 0)
        return verb;
    return gw_printf(arena, "%s%s%s%s", verb, c->object ? " " : "", c->object ? c->object : "",
                     c->concurrently ? " CONCURRENTLY" : "");
}

gw_stmt_class gw_sql_classify(gw_arena *arena, const char *text, size_t len)
{
    gw_stmt_class c = {.kind = GW_STMT_OTHER};
    gw_tokens t = {.arena = arena, .text_end = text + len};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_arena *scratch = gw_arena_new(); /* who keeps a class keeps none of its words */
    gw_token token;
    do {
        token = gw_lexer_next(&lexer);
        *gw_vec_push(scratch, &t.list) = token;
    } while (token.kind != GW_TOKEN_END && t.list.len < GW_CLASSIFY_TOKENS);
    if (token.kind != GW_TOKEN_END)
        *gw_vec_push(scratch, &t.list) = (gw_token){.kind = GW_TOKEN_END, .text = text + len};
    while (gw_token_symbol(gw_tokens_peek(&t, 0), ";"))
        t.at++;
    const char *verb = NULL;
    if (gw_tokens_peek(&t, 0)->kind == GW_TOKEN_END)
        c.kind = GW_STMT_EMPTY;
    else
        verb = read_verb(&t, &c);
    bool routine = c.object && verb && strcmp(verb, "CREATE") == 0 &&
                   (strcmp(c.object, "FUNCTION") == 0 || strcmp(c.object, "PROCEDURE") == 0);
    gw_classify_scan(arena, text, len, c.kind == GW_STMT_DO || routine, &c);
    gw_classify_outlasts(arena, text, len, &c);
    c.label = label_of(arena, &c, verb);
    gw_arena_free(scratch);
    return c;
}

const char *gw_stmt_kind_name(const gw_stmt_class *c)
{
    return c->label ? c->label : "statement";
}
