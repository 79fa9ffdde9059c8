#include <string.h>

#include "lint/rule.h"

static bool needs_quotes(const char *name)
{
    if (!name || !*name)
        return false;
    size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_$");
    for (const char *c = name + plain; *c; c++)
        if (!((unsigned char)*c & 0x80) && !strchr("abcdefghijklmnopqrstuvwxyz0123456789_$", *c))
            return true;
    return *name >= '0' && *name <= '9';
}

static void column(gw_lint *l, const gw_column_made *c)
{
    if (needs_quotes(c->column.name))
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    const char *schema, *name = NULL;
    if (gw_node_is(t, "CreateEnumStmt"))
        gw_node_names(gw_node_get(t, "typeName"), &schema, &name);
    else if (gw_node_is(t, "CreateFunctionStmt"))
        gw_node_names(gw_node_get(t, "funcname"), &schema, &name);
    else if (gw_node_is(t, "IndexStmt"))
        name = gw_node_text(t, "idxname");
    else
        name = gw_node_text(gw_node_get(t, gw_node_is(t, "ViewStmt") ? "view" : "relation"),
                            "relname");
    if (needs_quotes(name))
        gw_found(l, s, NULL, name, NULL);
}

const gw_rule gw_rule_name_needs_quotes = {
    {"name_needs_quotes", GW_SEVERITY_NOTE, GW_RULES_NAMES,
     "\"{}\" has to be written in quotes wherever it is named",
     "A name with capitals, blanks or signs is another name without its quotes: psql, reports and "
     "the next migration all stumble over it once.",
     "small_letters_and_underscores."},
    .column = column,
    .on = GW_ON("CreateStmt", "CreateEnumStmt", "ViewStmt", "CreateFunctionStmt", "IndexStmt"),
    .statement = run,
};
