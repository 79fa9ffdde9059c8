#include "sql/parse.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    int target = l->options->target_version;
    if (!s->tree && s->len <= GW_TREE_LONGEST && target && target <= gw_sql_grammar_version())
        gw_found_at(l, s, s->problem_at, gw_printf(l->arena, "%d", target), s->problem, NULL);
}

const gw_rule gw_rule_syntax_error = {
    {"syntax_error", GW_SEVERITY_ERROR, GW_RULES_FILES,
     "PostgreSQL {} refuses this: {}",
     "The files are for a server (lint.target_version in godwit.yaml) whose grammar is known "
     "here, and the statement does not fit it.",
     "Correct the statement; or correct target_version where the server is newer."},
    .statement = run,
    .in_downs = true,
};
