#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *role = gw_node_text(s->tree, "role");
    if (!role)
        role = gw_node_text(gw_node_get(s->tree, "role"), "rolename");
    if (!role)
        role = gw_node_text(gw_node_get(s->tree, "user"), "rolename");
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "options"), 0); o; o = o->next) {
        const char *value = gw_node_string(gw_node_get(o, "arg"));
        if (gw_node_says(o, "defname", "password") && value && *value && *value != '$')
            gw_found(l, s, o, role ? role : "a user mapping", NULL);
    }
}

const gw_rule gw_rule_password_in_file = {
    {"password_in_file", GW_SEVERITY_ERROR, GW_RULES_SECURITY,
     "the password of {} stands in the file",
     "It is in the repository, in everybody's copy of it, in the server's log and in "
     "pg_stat_statements.",
     "Make the role without a password, and let whoever runs the server set it (\\password); or "
     "${NAME} with -- godwit: env."},
    .on = GW_ON("CreateRoleStmt", "AlterRoleStmt", "CreateUserMappingStmt", "AlterUserMappingStmt"),
    .statement = run,
    .in_downs = true,
};
