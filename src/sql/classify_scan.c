/* The calls in a statement, and the code that it carries in strings. */
#include <string.h>

#include "sql/chars.h"
#include "sql/classify_impl.h"

/* Code in a string in a string in a string is as deep as anybody writes. */
enum { LEVELS = 4, NAME = 64 };

const char gw_outside_roles[] = "roles belong to the whole server";
const char gw_outside_database[] = "it changes a database as a whole";
const char gw_outside_tablespace[] = "tablespaces belong to the whole server";
const char gw_outside_system[] = "it changes the configuration of the server";
const char gw_outside_subscription[] = "a subscription connects to another server";
const char gw_outside_files[] = "it reads or writes files of the server";
const char gw_outside_program[] = "it runs a program on the server";
const char gw_session_temporary[] = "a temporary object lives in its session";

static const char outside_slot[] = "replication slots and origins belong to the whole server";
static const char outside_dblink[] = "dblink connects to another database";
const char gw_outside_connect[] = "it reads the catalog of another server";
const char gw_outside_server[] = "it acts on the server or on other sessions";
const char gw_outside_language[] = "an untrusted language can reach anything on the server";
static const char session_advisory[] = "an advisory lock is held by its session";
static const char session_set[] = "a setting changed by SET lives in its session";

/* Prefixes of function names. */
static const struct {
    const char *prefix, *reason;
} calls[] = {
    {"dblink", outside_dblink},
    {"lo_export", gw_outside_files},
    {"lo_import", gw_outside_files},
    {"pg_backup_", gw_outside_server},
    {"pg_cancel_backend", gw_outside_server},
    {"pg_copy_logical_replication_slot", outside_slot},
    {"pg_copy_physical_replication_slot", outside_slot},
    {"pg_create_logical_replication_slot", outside_slot},
    {"pg_create_physical_replication_slot", outside_slot},
    {"pg_create_restore_point", gw_outside_server},
    {"pg_drop_replication_slot", outside_slot},
    {"pg_execute_server_program", gw_outside_program},
    {"pg_file_", gw_outside_files},
    {"pg_logical_slot_", outside_slot},
    {"pg_ls_", gw_outside_files},
    {"pg_promote", gw_outside_server},
    {"pg_read_binary_file", gw_outside_files},
    {"pg_read_file", gw_outside_files},
    {"pg_reload_conf", gw_outside_system},
    {"pg_replication_origin_", outside_slot},
    {"pg_replication_slot_", outside_slot},
    {"pg_rotate_logfile", gw_outside_server},
    {"pg_start_backup", gw_outside_server},
    {"pg_stat_reset_replication_slot", gw_outside_server},
    {"pg_stat_reset_shared", gw_outside_server},
    {"pg_stat_reset_slru", gw_outside_server},
    {"pg_stat_statements_reset", gw_outside_server},
    {"pg_stat_file", gw_outside_files},
    {"pg_stop_backup", gw_outside_server},
    {"pg_switch_wal", gw_outside_server},
    {"pg_sync_replication_slots", outside_slot},
    {"pg_terminate_backend", gw_outside_server},
    {"pg_wal_replay_", gw_outside_server},
};

const char *gw_outside_call(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strncmp(name, calls[i].prefix, strlen(calls[i].prefix)) == 0)
            return calls[i].reason;
    return NULL;
}

gw_reach gw_outside_reach(const char *reason)
{
    static const struct {
        const char *reason;
        gw_reach reach;
    } kinds[] = {
        {gw_outside_roles, GW_REACH_ROLE},
        {gw_outside_database, GW_REACH_DATABASE},
        {gw_outside_tablespace, GW_REACH_TABLESPACE},
        {gw_outside_system, GW_REACH_SYSTEM},
        {gw_outside_subscription, GW_REACH_SUBSCRIPTION},
        {outside_slot, GW_REACH_SLOT},
        {gw_outside_server, GW_REACH_SERVER},
        {outside_dblink, GW_REACH_CONNECT},
        {gw_outside_connect, GW_REACH_CONNECT},
        {gw_outside_files, GW_REACH_FILES},
        {gw_outside_program, GW_REACH_PROGRAM},
        {gw_outside_language, GW_REACH_LANGUAGE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].reason == reason)
            return kinds[i].reach;
    return reason ? GW_REACH_SERVER : GW_REACH_NONE;
}

bool gw_outside_untrusted(const char *language)
{
    size_t len = strlen(language);
    if (strcasecmp(language, "c") == 0 || strcasecmp(language, "internal") == 0 ||
        strcasecmp(language, "plsh") == 0)
        return true;
    return len > 3 && strncasecmp(language, "pl", 2) == 0 && (language[len - 1] | 0x20) == 'u';
}

typedef struct scan {
    gw_arena *arena;
    gw_stmt_class *c;
    bool bodies;
    int level;
    gw_lexer lexer;
    gw_token last;
    bool copy, grant; /* of the statement in a body that is being read */
} scan;

static void scan_text(scan *outer, const char *text, size_t len, int level);

static void outside(scan *s, const char *reason)
{
    if (!s->c->reaches_outside)
        s->c->reaches_outside = reason;
}

static void session(scan *s, const char *reason)
{
    /* A function that is only made does nothing yet. */
    if (!s->c->needs_session && (s->level == 0 || s->c->kind == GW_STMT_DO))
        s->c->needs_session = reason;
}

static bool is_true(const gw_token *token)
{
    static const char *const words[] = {"true", "t", "on", "yes", "y", "1"};
    const char *p = token->text;
    size_t len = token->len;
    if (token->kind == GW_TOKEN_STRING && len >= 2 && *p == '\'') {
        p++;
        len -= 2;
    } else if (token->kind != GW_TOKEN_WORD) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && strncasecmp(p, words[i], len) == 0)
            return true;
    return false;
}

/* set_config(…, …, true) is for the transaction; anything else may be for the session. */
static bool config_is_local(gw_lexer ahead)
{
    size_t depth = 1, commas = 0;
    gw_token token, value = {0};
    while ((token = gw_lexer_next(&ahead)).kind != GW_TOKEN_END) {
        if (gw_token_symbol(&token, "("))
            depth++;
        else if (gw_token_symbol(&token, ")") && --depth == 0)
            break;
        else if (depth == 1 && gw_token_symbol(&token, ","))
            commas++;
        else if (commas == 2 && value.kind == GW_TOKEN_END)
            value = token;
    }
    return is_true(&value);
}

static void note_call(scan *s, const gw_token *name)
{
    char folded[NAME];
    bool quoted = name->kind == GW_TOKEN_QUOTED && name->text[0] == '"';
    size_t len = name->len - (quoted ? 2 : 0);
    if (len == 0 || len >= sizeof folded)
        return;
    for (size_t i = 0; i < len; i++)
        folded[i] = quoted ? name->text[i + 1] : gw_ch_lower(name->text[i]);
    folded[len] = '\0';
    if (strchr("dlps", folded[0]) == NULL)
        return;
    const char *reason = gw_outside_call(folded);
    if (reason)
        outside(s, reason);
    if (reason && gw_call_outlasts(folded) && (s->level == 0 || s->c->kind == GW_STMT_DO))
        s->c->outlasts = reason;
    if ((strncmp(folded, "pg_advisory_", 12) == 0 ||
         strncmp(folded, "pg_try_advisory_", 16) == 0) &&
        !strstr(folded, "_xact_"))
        session(s, session_advisory);
    if (strcmp(folded, "set_config") == 0 && !config_is_local(s->lexer))
        session(s, session_set);
}

static bool untrusted(scan *s, const gw_token *token)
{
    const char *name = token->kind == GW_TOKEN_STRING ? gw_token_string(s->arena, token)
                                                      : gw_token_name(s->arena, token);
    return gw_outside_untrusted(name);
}

/* Does "… DROP" follow, as in CREATE TEMP TABLE … ON COMMIT DROP? */
static bool drops_on_commit(gw_lexer ahead)
{
    gw_token a = {0}, b = {0}, token;
    while ((token = gw_lexer_next(&ahead)).kind != GW_TOKEN_END && !gw_token_symbol(&token, ";")) {
        if (gw_token_is(&a, "on") && gw_token_is(&b, "commit") && gw_token_is(&token, "drop"))
            return true;
        a = b;
        b = token;
    }
    return false;
}

/* A statement inside a body begins, or goes on with this word. */
static void note_command(scan *s, const gw_token *token)
{
    static const struct {
        const char *word, *reason;
    } objects[] = {
        {"role", gw_outside_roles},
        {"user", gw_outside_roles},
        {"group", gw_outside_roles},
        {"database", gw_outside_database},
        {"tablespace", gw_outside_tablespace},
        {"subscription", gw_outside_subscription},
        {"system", gw_outside_system},
    };
    if (gw_token_is(token, "copy"))
        s->copy = true;
    else if (gw_token_is(token, "grant") || gw_token_is(token, "revoke"))
        s->grant = true;
    else if (s->grant && gw_token_is(token, "on"))
        s->grant = false;
    else if (s->grant && (gw_token_is(token, "to") || gw_token_is(token, "from")))
        outside(s, gw_outside_roles);
    bool verb = gw_token_is(&s->last, "create") || gw_token_is(&s->last, "alter") ||
                gw_token_is(&s->last, "drop");
    if (!verb)
        return;
    gw_lexer ahead = s->lexer;
    gw_token next = gw_lexer_next(&ahead);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        if (gw_token_is(token, objects[i].word) && !gw_token_is(&next, "mapping"))
            outside(s, objects[i].reason);
    if (gw_token_is(&s->last, "create") &&
        (gw_token_is(token, "temp") || gw_token_is(token, "temporary")) &&
        !drops_on_commit(s->lexer))
        session(s, gw_session_temporary);
}

static void note_string(scan *s, const gw_token *token)
{
    bool direction = gw_token_is(&s->last, "from") || gw_token_is(&s->last, "to");
    if (s->level > 0 && s->copy && direction)
        outside(s, gw_outside_files);
    if (s->bodies && s->level + 1 < LEVELS) {
        const char *code = gw_token_string(s->arena, token);
        scan_text(s, code, strlen(code), s->level + 1);
    }
}

static void scan_text(scan *outer, const char *text, size_t len, int level)
{
    scan s = {.arena = outer->arena,
              .c = outer->c,
              .bodies = outer->bodies,
              .level = level,
              .lexer = gw_lexer_start(text, len)};
    gw_token token;
    while ((token = gw_lexer_next(&s.lexer)).kind != GW_TOKEN_END) {
        bool name = gw_token_is_name(&s.last);
        if (name && gw_token_symbol(&token, "("))
            note_call(&s, &s.last);
        if (s.bodies && gw_token_is(&s.last, "language") && untrusted(&s, &token))
            outside(&s, gw_outside_language);
        if (gw_token_is(&s.last, "into") &&
            (gw_token_is(&token, "temp") || gw_token_is(&token, "temporary")))
            session(&s, gw_session_temporary);
        if (token.kind == GW_TOKEN_STRING) {
            note_string(&s, &token);
        } else if (level > 0 && token.kind == GW_TOKEN_WORD) {
            if (s.copy && gw_token_is(&token, "program"))
                outside(&s, gw_outside_program);
            note_command(&s, &token);
        } else if (gw_token_symbol(&token, ";")) {
            s.copy = s.grant = false;
        }
        s.last = token;
    }
}

void gw_classify_scan(gw_arena *arena, const char *text, size_t len, bool bodies, gw_stmt_class *c)
{
    scan outer = {.arena = arena, .c = c, .bodies = bodies};
    scan_text(&outer, text, len, 0);
}
