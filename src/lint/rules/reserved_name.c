#include "lint/rule.h"

static bool is_reserved(const char *name)
{
    static const char *const words[] = {
        "all",        "analyse",   "analyze",  "and",      "any",          "array",
        "as",         "asc",       "both",     "case",     "cast",         "check",
        "collate",    "column",    "constraint", "create", "current_date", "current_role",
        "current_time", "current_user", "default", "deferrable", "desc",   "distinct",
        "do",         "else",      "end",      "except",   "false",        "fetch",
        "for",        "foreign",   "from",     "grant",    "group",        "having",
        "in",         "initially", "intersect", "into",    "lateral",      "leading",
        "limit",      "localtime", "localtimestamp", "not", "null",        "offset",
        "on",         "only",      "or",       "order",    "placing",      "primary",
        "references", "returning", "select",   "session_user", "some",     "symmetric",
        "table",      "then",      "to",       "trailing", "true",         "union",
        "unique",     "user",      "using",    "variadic", "when",         "where",
        "window",     "with",      "current_timestamp", "asymmetric", "current_catalog", NULL};
    return gw_one_of(name, words);
}

static void column(gw_lint *l, const gw_column_made *c)
{
    if (is_reserved(c->column.name))
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (is_reserved(gw_node_text(range, "relname")))
        gw_found(l, s, range, gw_node_text(range, "relname"), NULL);
}

const gw_rule gw_rule_reserved_name = {
    {"reserved_name", GW_SEVERITY_NOTE, GW_RULES_NAMES,
     "\"{}\" is a reserved word: it has to be quoted in every query",
     "SELECT order FROM … is a syntax error, and SELECT user FROM t is the name of the session's "
     "role, whatever the table's column says.",
     "Another name: orders, app_user, ends_at."},
    .column = column,
    .on = GW_ON("CreateStmt"),
    .statement = run,
};
