/* CREATE, ALTER, DROP, and what else names objects by their type. */
#include <string.h>

#include "sql/chars.h"
#include "sql/classify_impl.h"

/* Two words before one, where the one begins them. */
static const struct object_type {
    const char *words, *upper;
} object_types[] = {
    {"access method", "ACCESS METHOD"},
    {"aggregate", "AGGREGATE"},
    {"cast", "CAST"},
    {"collation", "COLLATION"},
    {"column", "COLUMN"},
    {"conversion", "CONVERSION"},
    {"database", "DATABASE"},
    {"default privileges", "DEFAULT PRIVILEGES"},
    {"domain", "DOMAIN"},
    {"event trigger", "EVENT TRIGGER"},
    {"extension", "EXTENSION"},
    {"foreign data wrapper", "FOREIGN DATA WRAPPER"},
    {"foreign table", "FOREIGN TABLE"},
    {"function", "FUNCTION"},
    {"group", "ROLE"},
    {"index", "INDEX"},
    {"language", "LANGUAGE"},
    {"large object", "LARGE OBJECT"},
    {"materialized view", "MATERIALIZED VIEW"},
    {"operator class", "OPERATOR CLASS"},
    {"operator family", "OPERATOR FAMILY"},
    {"operator", "OPERATOR"},
    {"owned", "OWNED"},
    {"parameter", "PARAMETER"},
    {"policy", "POLICY"},
    {"procedure", "PROCEDURE"},
    {"publication", "PUBLICATION"},
    {"role", "ROLE"},
    {"routine", "ROUTINE"},
    {"rule", "RULE"},
    {"schema", "SCHEMA"},
    {"sequence", "SEQUENCE"},
    {"server", "SERVER"},
    {"statistics", "STATISTICS"},
    {"subscription", "SUBSCRIPTION"},
    {"system", "SYSTEM"},
    {"table", "TABLE"},
    {"tablespace", "TABLESPACE"},
    {"text search configuration", "TEXT SEARCH CONFIGURATION"},
    {"text search dictionary", "TEXT SEARCH DICTIONARY"},
    {"text search parser", "TEXT SEARCH PARSER"},
    {"text search template", "TEXT SEARCH TEMPLATE"},
    {"transform", "TRANSFORM"},
    {"trigger", "TRIGGER"},
    {"type", "TYPE"},
    {"user mapping", "USER MAPPING"},
    {"user", "ROLE"},
    {"view", "VIEW"},
};

static const char *read_object(gw_tokens *t)
{
    for (size_t i = 0; i < sizeof object_types / sizeof *object_types; i++)
        if (gw_tokens_accept(t, object_types[i].words))
            return object_types[i].upper;
    return NULL;
}

static bool is(const char *object, const char *name)
{
    return object && strcmp(object, name) == 0;
}

static bool is_one_of(const char *object, const char *const *names)
{
    for (; *names; names++)
        if (is(object, *names))
            return true;
    return false;
}

const char *gw_outside_object(const char *object)
{
    return is(object, "ROLE")                                ? gw_outside_roles
           : is(object, "DATABASE")                          ? gw_outside_database
           : is(object, "TABLESPACE")                        ? gw_outside_tablespace
           : is(object, "SUBSCRIPTION")                      ? gw_outside_subscription
           : is(object, "SYSTEM") || is(object, "PARAMETER") ? gw_outside_system
                                                             : NULL;
}

static void create_index(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_CREATE_INDEX;
    c->concurrently = gw_tokens_accept(t, "concurrently");
    c->never_in_transaction = c->concurrently;
    c->if_exists = gw_tokens_accept(t, "if not exists");
    const char *schema;
    if (!gw_tokens_next_are(t, "on"))
        gw_tokens_name(t, &schema, &c->name);
    if (!gw_tokens_accept(t, "on"))
        return;
    gw_tokens_accept(t, "only");
    gw_tokens_name(t, &c->table_schema, &c->table);
    c->schema = c->table_schema; /* an index lives in the schema of its table */
}

static void create_table(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_CREATE_TABLE;
    /* A partition locks its parent, a foreign key the table that it refers to. */
    c->strong_lock = gw_tokens_next_are(t, "partition of");
    for (size_t i = 0; gw_tokens_peek(t, i)->kind != GW_TOKEN_END; i++)
        c->strong_lock |= gw_token_is(gw_tokens_peek(t, i), "references");
}

static void create_subscription(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_SUBSCRIPTION;
    c->never_in_transaction = true;
    if (!gw_tokens_find(t, "with"))
        return;
    gw_option slot = gw_tokens_option(t, "create_slot");
    gw_option connect = gw_tokens_option(t, "connect");
    if (slot == GW_OPTION_FALSE || (connect == GW_OPTION_FALSE && slot == GW_OPTION_ABSENT))
        c->never_in_transaction = false;
}

static bool temporary(gw_tokens *t)
{
    if (!gw_tokens_accept(t, "local"))
        gw_tokens_accept(t, "global");
    return gw_tokens_accept(t, "temporary") || gw_tokens_accept(t, "temp");
}

/* Names that stand on a table: the lock is the table's. */
static void read_table_of(gw_tokens *t, gw_stmt_class *c)
{
    bool rule = is(c->object, "RULE") && gw_tokens_next_are(t, "as");
    if (gw_tokens_find(t, rule ? "to" : "on"))
        gw_tokens_name(t, &c->table_schema, &c->table);
}

static const char *const on_tables[] = {"TRIGGER", "RULE", "POLICY", NULL};

static void read_if(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "if not exists") || gw_tokens_accept(t, "if exists"))
        c->if_exists = true;
}

void gw_classify_create(gw_tokens *t, gw_stmt_class *c)
{
    bool replace = gw_tokens_accept(t, "or replace");
    bool temp = temporary(t);
    static const char *const adjectives[] = {"unlogged", "unique",     "recursive",
                                             "trusted",  "procedural", "constraint"};
    for (size_t i = 0; i < sizeof adjectives / sizeof *adjectives; i++)
        gw_tokens_accept(t, adjectives[i]);
    c->object = read_object(t);
    if (is(c->object, "INDEX")) {
        create_index(t, c);
        return;
    }
    read_if(t, c);
    if (!(is(c->object, "SCHEMA") && gw_tokens_next_are(t, "authorization")))
        gw_tokens_name(t, &c->schema, &c->name);
    c->reaches_outside = gw_outside_object(c->object);
    if (is(c->object, "TABLE"))
        create_table(t, c);
    else if (is(c->object, "SUBSCRIPTION"))
        create_subscription(t, c);
    else if (is(c->object, "DATABASE"))
        c->kind = GW_STMT_CREATE_DATABASE;
    else if (is(c->object, "TABLESPACE"))
        c->kind = GW_STMT_CREATE_TABLESPACE;
    else if (is(c->object, "VIEW"))
        c->strong_lock = replace;
    c->never_in_transaction |=
        c->kind == GW_STMT_CREATE_DATABASE || c->kind == GW_STMT_CREATE_TABLESPACE;
    if (is_one_of(c->object, on_tables)) {
        c->strong_lock = true;
        read_table_of(t, c);
    }
    bool in_temp_schema = c->schema && strcmp(c->schema, "pg_temp") == 0;
    if ((temp || in_temp_schema) && !gw_tokens_find(t, "on commit drop"))
        c->needs_session = gw_session_temporary;
}

/* ALTER TABLE subcommands that take SHARE UPDATE EXCLUSIVE at most. */
static bool weak_subcommand(gw_tokens *t)
{
    if (gw_tokens_accept(t, "validate constraint") || gw_tokens_accept(t, "cluster on") ||
        gw_tokens_accept(t, "set without cluster"))
        return true;
    gw_tokens ahead = *t;
    if (gw_tokens_accept(&ahead, "set") || gw_tokens_accept(&ahead, "reset"))
        return gw_token_symbol(gw_tokens_peek(&ahead, 0), "(") &&
               gw_tokens_option(&ahead, "user_catalog_table") == GW_OPTION_ABSENT;
    if (!gw_tokens_accept(&ahead, "alter"))
        return false;
    gw_tokens_accept(&ahead, "column");
    ahead.at++;
    if (gw_tokens_accept(&ahead, "set statistics"))
        return true;
    return (gw_tokens_accept(&ahead, "set") || gw_tokens_accept(&ahead, "reset")) &&
           gw_token_symbol(gw_tokens_peek(&ahead, 0), "(");
}

static void alter_table(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_ALTER_TABLE;
    if (gw_tokens_accept(t, "detach partition")) {
        c->kind = GW_STMT_DETACH_PARTITION;
        c->table_schema = c->schema;
        c->table = c->name;
        c->schema = c->name = NULL;
        gw_tokens_name(t, &c->schema, &c->name);
        c->concurrently = gw_tokens_accept(t, "concurrently");
        c->never_in_transaction = c->concurrently;
        c->strong_lock = !c->concurrently;
        return;
    }
    for (;;) {
        c->strong_lock |= !weak_subcommand(t);
        while (!gw_token_symbol(gw_tokens_peek(t, 0), ",")) {
            if (gw_tokens_peek(t, 0)->kind == GW_TOKEN_END)
                return;
            if (!gw_tokens_skip_parens(t))
                t->at++;
        }
        t->at++;
    }
}

static void alter_type(gw_tokens *t, gw_stmt_class *c)
{
    if (gw_tokens_accept(t, "add value")) {
        c->kind = GW_STMT_ALTER_TYPE_ADD_VALUE;
        c->splits_transaction = true;
        read_if(t, c);
        if (gw_tokens_peek(t, 0)->kind == GW_TOKEN_STRING)
            c->value = gw_token_string(t->arena, gw_tokens_peek(t, 0));
        return;
    }
    c->strong_lock = gw_tokens_find(t, "attribute");
}

/* REFRESH asks the publisher; changing the list of publications refreshes unless told not to. */
static void alter_subscription(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_SUBSCRIPTION;
    if (gw_tokens_accept(t, "refresh")) {
        c->never_in_transaction = true;
    } else if (gw_tokens_accept(t, "set publication") || gw_tokens_accept(t, "add publication") ||
               gw_tokens_accept(t, "drop publication")) {
        c->never_in_transaction =
            !gw_tokens_find(t, "with") || gw_tokens_option(t, "refresh") != GW_OPTION_FALSE;
    } else if (gw_tokens_accept(t, "set")) {
        c->never_in_transaction = gw_tokens_option(t, "failover") != GW_OPTION_ABSENT ||
                                  gw_tokens_option(t, "two_phase") != GW_OPTION_ABSENT;
    }
}

static void alter_database(gw_tokens *t, gw_stmt_class *c)
{
    c->kind = GW_STMT_ALTER_DATABASE;
    c->never_in_transaction = gw_tokens_next_are(t, "set tablespace");
}

void gw_classify_alter(gw_tokens *t, gw_stmt_class *c)
{
    static const char *const strong[] = {"VIEW",   "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE",
                                         "POLICY", "TRIGGER",           "RULE",          NULL};
    c->object = read_object(t);
    c->reaches_outside = gw_outside_object(c->object);
    if (is(c->object, "SYSTEM")) {
        c->kind = GW_STMT_ALTER_SYSTEM;
        c->never_in_transaction = true;
        return;
    }
    read_if(t, c);
    bool all = gw_tokens_accept(t, "all in tablespace");
    gw_tokens_accept(t, "only");
    gw_tokens_name(t, &c->schema, &c->name);
    gw_tokens_accept_symbol(t, "*");
    c->strong_lock = all || is_one_of(c->object, strong);
    if (all)
        return;
    if (is(c->object, "TABLE"))
        alter_table(t, c);
    else if (is(c->object, "TYPE"))
        alter_type(t, c);
    else if (is(c->object, "SUBSCRIPTION"))
        alter_subscription(t, c);
    else if (is(c->object, "DATABASE"))
        alter_database(t, c);
    else if (is(c->object, "INDEX"))
        c->strong_lock = gw_tokens_next_are(t, "set tablespace");
    else if (is_one_of(c->object, on_tables))
        read_table_of(t, c);
}

void gw_classify_drop(gw_tokens *t, gw_stmt_class *c)
{
    static const char *const strong[] = {"TABLE",    "VIEW",  "MATERIALIZED VIEW", "FOREIGN TABLE",
                                         "SEQUENCE", "INDEX", "TRIGGER",           "RULE",
                                         "POLICY",   NULL};
    c->object = read_object(t);
    c->concurrently = gw_tokens_accept(t, "concurrently");
    read_if(t, c);
    if (is(c->object, "OWNED"))
        c->reaches_outside = gw_outside_roles;
    else
        gw_tokens_name(t, &c->schema, &c->name);
    if (!c->reaches_outside)
        c->reaches_outside = gw_outside_object(c->object);
    if (is(c->object, "TABLE"))
        c->kind = GW_STMT_DROP_TABLE;
    else if (is(c->object, "INDEX"))
        c->kind = GW_STMT_DROP_INDEX;
    else if (is(c->object, "DATABASE"))
        c->kind = GW_STMT_DROP_DATABASE;
    else if (is(c->object, "TABLESPACE"))
        c->kind = GW_STMT_DROP_TABLESPACE;
    else if (is(c->object, "SUBSCRIPTION"))
        c->kind = GW_STMT_SUBSCRIPTION;
    c->never_in_transaction = c->concurrently || c->kind == GW_STMT_DROP_DATABASE ||
                              c->kind == GW_STMT_DROP_TABLESPACE || c->kind == GW_STMT_SUBSCRIPTION;
    if (is_one_of(c->object, on_tables))
        read_table_of(t, c);
    c->strong_lock = !c->concurrently && (is_one_of(c->object, strong) || is(c->object, "OWNED") ||
                                          gw_tokens_find(t, "cascade"));
}

void gw_classify_comment(gw_tokens *t, gw_stmt_class *c)
{
    if (!gw_tokens_find(t, "on"))
        return;
    const char *object = read_object(t);
    c->reaches_outside = gw_outside_object(object);
}

/* Without ON it is membership in a role. */
void gw_classify_grant(gw_tokens *t, gw_stmt_class *c)
{
    gw_tokens ahead = *t;
    if (!gw_tokens_find(&ahead, "on"))
        c->reaches_outside = gw_outside_roles;
    else
        c->reaches_outside = gw_outside_object(read_object(&ahead));
}
