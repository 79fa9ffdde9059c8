#include "sql/outside.h"

#include <string.h>

#include "sql/classify_impl.h"
#include "sql/outside_impl.h"

/* ---- statements ------------------------------------------------------------------------ */

/* Of every node of a statement: one may stand in another (EXPLAIN, CREATE SCHEMA, a rule). */
static const struct {
    const char *type;
    gw_reach reach;
    const char *reason;
} statements[] = {
    {"AlterDatabaseRefreshCollStmt", GW_REACH_DATABASE, gw_outside_database},
    {"AlterDatabaseSetStmt", GW_REACH_DATABASE, gw_outside_database},
    {"AlterDatabaseStmt", GW_REACH_DATABASE, gw_outside_database},
    {"AlterFdwStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"AlterForeignServerStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"AlterRoleSetStmt", GW_REACH_ROLE, gw_outside_roles},
    {"AlterRoleStmt", GW_REACH_ROLE, gw_outside_roles},
    {"AlterSubscriptionStmt", GW_REACH_SUBSCRIPTION, gw_outside_subscription},
    {"AlterSystemStmt", GW_REACH_SYSTEM, gw_outside_system},
    {"AlterTableSpaceOptionsStmt", GW_REACH_TABLESPACE, gw_outside_tablespace},
    {"AlterUserMappingStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"CreateFdwStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"CreateForeignServerStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"CreateForeignTableStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"CreatePLangStmt", GW_REACH_LANGUAGE, gw_outside_language},
    {"CreateRoleStmt", GW_REACH_ROLE, gw_outside_roles},
    {"CreateSubscriptionStmt", GW_REACH_SUBSCRIPTION, gw_outside_subscription},
    {"CreateTableSpaceStmt", GW_REACH_TABLESPACE, gw_outside_tablespace},
    {"CreateUserMappingStmt", GW_REACH_FOREIGN, gw_outside_foreign},
    {"CreatedbStmt", GW_REACH_DATABASE, gw_outside_database},
    {"DropOwnedStmt", GW_REACH_ROLE, gw_outside_roles},
    {"DropRoleStmt", GW_REACH_ROLE, gw_outside_roles},
    {"DropSubscriptionStmt", GW_REACH_SUBSCRIPTION, gw_outside_subscription},
    {"DropTableSpaceStmt", GW_REACH_TABLESPACE, gw_outside_tablespace},
    {"DropdbStmt", GW_REACH_DATABASE, gw_outside_database},
    {"GrantRoleStmt", GW_REACH_ROLE, gw_outside_roles},
    {"ImportForeignSchemaStmt", GW_REACH_CONNECT, gw_outside_connect},
    {"LoadStmt", GW_REACH_LANGUAGE, gw_outside_language},
    {"ReassignOwnedStmt", GW_REACH_ROLE, gw_outside_roles},
};

/* What COMMENT, SECURITY LABEL, GRANT, RENAME and OWNER TO can be about. */
static const struct {
    const char *object;
    gw_reach reach;
    const char *reason;
} objects[] = {
    {"OBJECT_DATABASE", GW_REACH_DATABASE, gw_outside_database},
    {"OBJECT_PARAMETER_ACL", GW_REACH_SYSTEM, gw_outside_system},
    {"OBJECT_ROLE", GW_REACH_ROLE, gw_outside_roles},
    {"OBJECT_SUBSCRIPTION", GW_REACH_SUBSCRIPTION, gw_outside_subscription},
    {"OBJECT_TABLESPACE", GW_REACH_TABLESPACE, gw_outside_tablespace},
};

/* Statements that only write something down. */
static const char *const definitions[] = {
    "AlterFdwStmt",         "AlterForeignServerStmt", "AlterPolicyStmt",
    "AlterUserMappingStmt", "CreateCastStmt",         "CreateDomainStmt",
    "CreateEventTrigStmt",  "CreateFdwStmt",          "CreateForeignServerStmt",
    "CreateFunctionStmt",   "CreateOpClassStmt",      "CreatePLangStmt",
    "CreatePolicyStmt",     "CreateForeignTableStmt", "CreateStmt",
    "CreateTransformStmt",  "CreateTrigStmt",         "CreateUserMappingStmt",
    "DefineStmt",           "RuleStmt",               "ViewStmt",
};

static const char outside_unread[] = "this statement cannot be read here";
static const char outside_dynamic[] = "it builds statements at run time";

typedef struct look {
    gw_arena *arena;
    gw_reach_verdict *verdict;
    bool runs_text; /* a function that takes a query as text is called */
} look;

static void found(look *l, gw_reach reach, const char *reason)
{
    if (l->verdict->reach != GW_REACH_NONE)
        return;
    l->verdict->reach = reach;
    l->verdict->reason = reason;
}

static void found_reason(look *l, const char *reason)
{
    if (reason)
        found(l, gw_outside_reach(reason), reason);
}

static void look_at_object(look *l, const gw_node *node, const char *field)
{
    const char *object = gw_node_text(node, field);
    for (size_t i = 0; object && i < sizeof objects / sizeof *objects; i++)
        if (strcmp(objects[i].object, object) == 0)
            found(l, objects[i].reach, objects[i].reason);
}

static void look_at_target(look *l, const gw_node *relation)
{
    const char *schema = gw_node_text(relation, "schemaname");
    const char *name = gw_node_text(relation, "relname");
    if (name && (!schema || strcmp(schema, "pg_catalog") == 0) && gw_outside_shared_catalog(name))
        found(l, GW_REACH_SERVER, gw_outside_catalog);
}

static void look_at_copy(look *l, const gw_node *node)
{
    if (gw_node_true(node, "is_program"))
        found_reason(l, gw_outside_program);
    else if (gw_node_text(node, "filename"))
        found_reason(l, gw_outside_files);
    else if (gw_node_true(node, "is_from"))
        look_at_target(l, gw_node_get(node, "relation"));
}

static void look_at_name(look *l, const gw_node *list)
{
    const char *schema, *name;
    gw_node_names(list, &schema, &name);
    if (!name)
        return;
    found_reason(l, gw_outside_call(name));
    l->runs_text |= gw_outside_takes_query(name);
}

/* A query that is put together cannot be read. */
static void look_at_call(look *l, const gw_node *node)
{
    const gw_node *args = gw_node_get(node, "args");
    bool before = l->runs_text;
    l->runs_text = false;
    look_at_name(l, gw_node_get(node, "funcname"));
    l->verdict->dynamic |= l->runs_text && !gw_node_string(gw_node_at(args, 0));
    l->runs_text |= before;
}

/* Statements that give a function another name, or another way to be called. */
static const gw_node *handed_on(const gw_node *node)
{
    static const char *const fields[][2] = {{"CreateCastStmt", "func"},
                                            {"AlterFunctionStmt", "func"},
                                            {"CreateOpClassItem", "name"},
                                            {"RenameStmt", "object"},
                                            {"AlterObjectSchemaStmt", "object"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (gw_node_is(node, fields[i][0]))
            return gw_node_get(gw_node_get(node, fields[i][1]), "objname");
    return NULL;
}

static bool writes_rows(const gw_node *node)
{
    return gw_node_is(node, "InsertStmt") || gw_node_is(node, "UpdateStmt") ||
           gw_node_is(node, "DeleteStmt") || gw_node_is(node, "MergeStmt");
}

static void look_at_option(look *l, const gw_node *node)
{
    const char *option = gw_node_text(node, "defname");
    const gw_node *value = gw_node_get(node, "arg");
    const char *text = gw_node_string(value);
    if (option && text && strcmp(option, "language") == 0 && gw_outside_untrusted(text))
        found_reason(l, gw_outside_language);
    /* sfunc = pg_read_file: a function without its parentheses looks like a type. */
    if (gw_node_is(value, "TypeName"))
        look_at_name(l, gw_node_get(value, "names"));
}

static bool look_at(void *self, const gw_node *node)
{
    look *l = self;
    if (!node->type)
        return true;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (strcmp(node->type, statements[i].type) == 0)
            found(l, statements[i].reach, statements[i].reason);
    if (gw_node_is(node, "CommentStmt") || gw_node_is(node, "SecLabelStmt") ||
        gw_node_is(node, "GrantStmt"))
        look_at_object(l, node, "objtype");
    else if (gw_node_is(node, "RenameStmt"))
        look_at_object(l, node, "renameType");
    else if (gw_node_is(node, "AlterOwnerStmt"))
        look_at_object(l, node, "objectType");
    else if (gw_node_is(node, "CopyStmt"))
        look_at_copy(l, node);
    else if (gw_node_is(node, "FuncCall"))
        look_at_call(l, node);
    else if (writes_rows(node))
        look_at_target(l, gw_node_get(node, "relation"));
    else if (gw_node_is(node, "DefElem"))
        look_at_option(l, node);
    else if (gw_node_is(node, "TransactionStmt") && gw_node_text(node, "gid"))
        found_reason(l, gw_outside_server);
    if (handed_on(node))
        look_at_name(l, handed_on(node));
    return true;
}

/* ---- bodies ---------------------------------------------------------------------------- */

static void look_into_body(look *l, const char *text, size_t len)
{
    gw_stmt_class c = {.kind = GW_STMT_DO};
    gw_body_look body = {0};
    bool before = l->verdict->reach != GW_REACH_NONE;
    gw_classify_scan(l->arena, text, len, true, &c);
    gw_outside_read_body(l->arena, text, len, &body);
    found_reason(l, c.reaches_outside);
    if (body.reach != GW_REACH_NONE)
        found(l, body.reach, body.reason);
    l->verdict->in_body = !before && l->verdict->reach != GW_REACH_NONE;
    l->verdict->dynamic |= body.dynamic;
    if (l->verdict->dynamic && !l->verdict->reason)
        l->verdict->reason = outside_dynamic;
}

/* Of two, the second would not be looked at. A body in SQL has semicolons of its own. */
static bool is_several(const gw_node *root, const char *text, size_t len)
{
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token token;
    unsigned depth = 0;
    bool ended = false;
    if (gw_node_get(root, "sql_body"))
        return false;
    while ((token = gw_lexer_next(&lexer)).kind != GW_TOKEN_END) {
        if (gw_token_symbol(&token, "("))
            depth++;
        else if (gw_token_symbol(&token, ")") && depth)
            depth--;
        bool semicolon = depth == 0 && gw_token_symbol(&token, ";");
        if (ended && !semicolon)
            return true;
        ended |= semicolon;
    }
    return false;
}

/* ---- the verdict ----------------------------------------------------------------------- */

static bool is_definition(const gw_node *root)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++)
        if (gw_node_is(root, definitions[i]))
            return true;
    return false;
}

static const char *object_of(const gw_node *root)
{
    static const char *const fields[] = {"role", "dbname", "tablespacename", "subname",
                                         "servername"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (gw_node_text(root, fields[i]))
            return gw_node_text(root, fields[i]);
    return NULL;
}

static void read_tokens(look *l, const gw_stmt_class *c)
{
    found_reason(l, c->reaches_outside);
    if (c->kind == GW_STMT_PREPARED_XACT)
        found_reason(l, gw_outside_server);
    if (c->kind != GW_STMT_EMPTY)
        found(l, GW_REACH_UNREAD, outside_unread);
    l->verdict->object = c->name;
}

gw_reach_verdict gw_sql_reach(gw_arena *arena, const char *text, size_t len)
{
    gw_reach_verdict verdict = {0};
    look l = {.arena = arena, .verdict = &verdict};
    gw_err unread = {0};
    gw_stmt_class c = gw_sql_classify(arena, text, len);
    verdict.statement = gw_stmt_kind_name(&c);
    if (c.kind == GW_STMT_EMPTY)
        return verdict;
    const gw_node *root = gw_tree_parse(arena, text, len, &unread);
    gw_err_clear(&unread);
    if (!root || is_several(root, text, len)) {
        read_tokens(&l, &c);
        return verdict;
    }
    verdict.defines = is_definition(root);
    verdict.object = object_of(root);
    verdict.renames_role = gw_node_is(root, "RenameStmt") &&
                           gw_node_says(root, "renameType", "OBJECT_ROLE");
    gw_node_walk(root, look_at, &l);
    if (gw_node_is(root, "DoStmt") || gw_node_is(root, "CreateFunctionStmt") || l.runs_text)
        look_into_body(&l, text, len);
    if (verdict.reach == GW_REACH_SUBSCRIPTION)
        verdict.instead = gw_subscription_instead(arena, root, gw_strndup(arena, text, len));
    return verdict;
}

/* ---- what is done about it ------------------------------------------------------------- */

/* Where nothing fences the server, what is only defined could be called later. */
static gw_reach_action unless_called(const gw_reach_verdict *verdict, bool fenced)
{
    return verdict->defines && fenced ? GW_REACH_RUN : GW_REACH_REFUSE;
}

gw_reach_action gw_reach_on_private(const gw_reach_verdict *verdict, bool fenced)
{
    bool harmless = verdict->in_body && (fenced || verdict->reach == GW_REACH_ROLE);
    switch (verdict->reach) {
    case GW_REACH_NONE:
        return GW_REACH_RUN;
    case GW_REACH_UNREAD: /* a newer server's, which that server reads */
        return GW_REACH_RUN;
    case GW_REACH_ROLE:
        return harmless ? GW_REACH_RUN : GW_REACH_RUN_ROLE;
    case GW_REACH_DATABASE:
    case GW_REACH_SYSTEM:
    case GW_REACH_SLOT:
    case GW_REACH_SERVER:
        return harmless || verdict->defines ? GW_REACH_RUN : GW_REACH_SKIP;
    case GW_REACH_TABLESPACE:
        if (harmless)
            return GW_REACH_RUN;
        return strcmp(verdict->statement, "CREATE TABLESPACE") == 0 ? GW_REACH_RUN_TABLESPACE
                                                                    : GW_REACH_SKIP;
    case GW_REACH_SUBSCRIPTION:
        return verdict->instead ? GW_REACH_RUN_INSTEAD : harmless ? GW_REACH_RUN : GW_REACH_SKIP;
    case GW_REACH_FILES:
        return harmless || (verdict->defines && fenced) ? GW_REACH_RUN : GW_REACH_SKIP;
    case GW_REACH_FOREIGN:
        if (harmless)
            return GW_REACH_RUN;
        break;
    case GW_REACH_LANGUAGE:
    case GW_REACH_CONNECT:
    case GW_REACH_PROGRAM:
        break;
    }
    return unless_called(verdict, fenced);
}

gw_reach_action gw_reach_on_shared(const gw_reach_verdict *verdict)
{
    switch (verdict->reach) {
    case GW_REACH_NONE:
        return verdict->dynamic ? GW_REACH_REFUSE : GW_REACH_RUN;
    case GW_REACH_ROLE:
    case GW_REACH_DATABASE:
    case GW_REACH_TABLESPACE:
    case GW_REACH_SYSTEM:
    case GW_REACH_SUBSCRIPTION:
    case GW_REACH_SLOT:
    case GW_REACH_SERVER:
    case GW_REACH_FILES:
        /* Leaving a whole body out would leave out what else it does. */
        return verdict->in_body || verdict->defines ? GW_REACH_REFUSE : GW_REACH_SKIP;
    case GW_REACH_CONNECT:
    case GW_REACH_FOREIGN:
    case GW_REACH_PROGRAM:
    case GW_REACH_LANGUAGE:
    case GW_REACH_UNREAD:
        break;
    }
    return GW_REACH_REFUSE;
}

const char *gw_reach_name(gw_reach reach)
{
    static const char *const names[] = {
        [GW_REACH_NONE] = "none",
        [GW_REACH_ROLE] = "role",
        [GW_REACH_DATABASE] = "database",
        [GW_REACH_TABLESPACE] = "tablespace",
        [GW_REACH_SYSTEM] = "system",
        [GW_REACH_SUBSCRIPTION] = "subscription",
        [GW_REACH_SLOT] = "slot",
        [GW_REACH_SERVER] = "server",
        [GW_REACH_CONNECT] = "connect",
        [GW_REACH_FOREIGN] = "foreign",
        [GW_REACH_FILES] = "files",
        [GW_REACH_PROGRAM] = "program",
        [GW_REACH_LANGUAGE] = "language",
        [GW_REACH_UNREAD] = "unread",
    };
    return names[reach];
}

const char *gw_reach_action_name(gw_reach_action action)
{
    static const char *const names[] = {
        [GW_REACH_RUN] = "run",
        [GW_REACH_RUN_ROLE] = "run as role",
        [GW_REACH_RUN_TABLESPACE] = "run as tablespace",
        [GW_REACH_RUN_INSTEAD] = "run instead",
        [GW_REACH_SKIP] = "skip",
        [GW_REACH_REFUSE] = "refuse",
    };
    return names[action];
}
