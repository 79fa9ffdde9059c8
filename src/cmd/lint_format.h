/* Findings of the linter as text, JSON, SARIF 2.1.0 and GitHub's annotations; the rules as a page. */
#ifndef GW_CMD_LINT_FORMAT_H
#define GW_CMD_LINT_FORMAT_H

#include "cmd/jsonout.h"
#include "lint/lint.h"

void gw_lint_as_text(gw_buf *buf, const gw_finding_list *list, bool color);
/* The members of an object that is open. */
void gw_lint_as_json(gw_json *json, const gw_finding_list *list);
void gw_lint_as_sarif(gw_json *json, const gw_finding_list *list);
void gw_lint_as_github(gw_buf *buf, const gw_finding_list *list);

void gw_lint_explain(gw_buf *buf, const gw_rule_text *rule, bool color);
/* Members of an object that is open. */
void gw_lint_rule_json(gw_json *json, const gw_rule_text *rule);
void gw_lint_page(gw_buf *buf); /* docs/reference/lint-rules.md */

/* Text broken at blanks into lines of at most `columns`, each indented. */
void gw_wrap(gw_buf *buf, const char *text, size_t indent, size_t columns);

#endif
