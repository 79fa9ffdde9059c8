#include "lint/rule.h"

static bool dropped_before(const gw_lint *l, const gw_statement_seen *s, const char *name)
{
    for (size_t i = s->script->first; name && i < s->number; i++)
        if (gw_node_is(l->statements.items[i]->tree, "DropStmt") &&
            gw_text_has_word(gw_strndup(l->arena, l->statements.items[i]->text,
                                        l->statements.items[i]->len), name))
            return true;
    return false;
}

static const char *name_of(const gw_node *t)
{
    const char *schema, *name = NULL;
    if (gw_node_get(t, "funcname") && !gw_node_is(t, "CreateTrigStmt"))
        gw_node_names(gw_node_get(t, "funcname"), &schema, &name);
    else if (gw_node_get(t, "typeName"))
        gw_node_names(gw_node_get(t, "typeName"), &schema, &name);
    return name                                              ? name
           : gw_node_text(t, "trigname")                     ? gw_node_text(t, "trigname")
           : gw_node_text(t, "idxname")                      ? gw_node_text(t, "idxname")
           : gw_node_text(t, "policy_name")                  ? gw_node_text(t, "policy_name")
           : gw_node_text(gw_node_get(t, "view"), "relname") ? gw_node_text(gw_node_get(t, "view"),
                                                                            "relname")
                                                             : gw_node_text(gw_node_get(t, "relation"),
                                                                            "relname");
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const makers[] = {
        "CreateStmt",     "CreateFunctionStmt", "ViewStmt",      "IndexStmt",     "CreateTrigStmt",
        "CreateEnumStmt", "CreateSchemaStmt",   "CreateSeqStmt", "CreatePolicyStmt",
        "CreateDomainStmt", "CreateExtensionStmt", NULL};
    const gw_node *t = s->tree;
    if (!s->script->script.repeatable)
        return;
    bool guarded = gw_node_true(t, "if_not_exists") || gw_node_true(t, "replace");
    if (gw_one_of(s->type, makers) && !guarded && !dropped_before(l, s, name_of(t)))
        gw_found(l, s, NULL, "it is there already", NULL);
    if (gw_node_is(t, "InsertStmt") && !gw_node_get(t, "onConflictClause") &&
        !gw_node_get(gw_node_get(t, "selectStmt"), "whereClause"))
        gw_found(l, s, NULL, "the rows are there already, or come twice", NULL);
    for (size_t i = 0; i < s->commands.len; i++)
        if (gw_one_of(s->commands.items[i].subtype, GW_ON("AT_AddColumn", "AT_DropColumn",
                                                          "AT_DropConstraint")) &&
            !gw_node_true(s->commands.items[i].node, "missing_ok"))
            gw_found(l, s, s->commands.items[i].node, "it was done already", NULL);
}

const gw_rule gw_rule_repeatable_not_idempotent = {
    {"repeatable_not_idempotent", GW_SEVERITY_ERROR, GW_RULES_TRANSACTIONS,
     "this runs again whenever the file changes, and fails the second time: {}",
     "A repeatable file is run again from its start after every change of its text. What it made "
     "the first time is there then.",
     "Write it so that it can run twice: CREATE OR REPLACE, IF NOT EXISTS, ON CONFLICT, or DROP … "
     "IF EXISTS in front."},
    .statement = run,
};
