/*
 * Looks for what goes wrong in migrations before they run: statement by statement, over the whole
 * run of files in order, so that a rule knows what the files before have made. Connects to nothing.
 *
 * A rule is one file in rules/ with one entry: name, severity, message, explanation, fix, hooks.
 * Findings are silenced by `-- godwit: ignore RULE REASON` on the statement, or above a file's first
 * one for the whole file. Knows no output formats: `cmd` makes text, JSON, SARIF and annotations
 * of the findings.
 */
#ifndef GW_LINT_LINT_H
#define GW_LINT_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum gw_severity {
    GW_SEVERITY_OFF, /* runs where the configuration gives it a severity */
    GW_SEVERITY_NOTE,
    GW_SEVERITY_WARNING,
    GW_SEVERITY_ERROR,
} gw_severity;

const char *gw_severity_name(gw_severity severity);
bool gw_severity_by_name(const char *name, gw_severity *out);

/* What a rule is about: the sections of the manual's page. */
typedef enum gw_rule_group {
    GW_RULES_LOCKS,
    GW_RULES_LOSS,
    GW_RULES_ORDER,
    GW_RULES_TRANSACTIONS,
    GW_RULES_TYPES,
    GW_RULES_KEYS,
    GW_RULES_CODE,
    GW_RULES_SECURITY,
    GW_RULES_NAMES,
    GW_RULES_FILES,
    GW_RULES_SEEN, /* found by whoever watches a run (plan), never in the text alone */
    GW_RULE_GROUPS,
} gw_rule_group;
const char *gw_rule_group_title(gw_rule_group group);

typedef struct gw_rule gw_rule;
/* What people are told of a rule; the hooks are in rule.h. */
typedef struct gw_rule_text {
    const char *name;
    gw_severity severity;
    gw_rule_group group;
    const char *message;     /* {} stands for a name */
    const char *explanation; /* what goes wrong, in which versions */
    const char *fix;         /* how it is done safely; the hint of a finding */
} gw_rule_text;

/* All rules, by name. */
size_t gw_rule_count(void);
const gw_rule_text *gw_rule_at(size_t index);
const gw_rule_text *gw_rule_find(const char *name);
/* The nearest name, or NULL where none is near. */
const char *gw_rule_nearest(const char *name);

typedef struct gw_lint_level {
    const char *rule;
    gw_severity severity;
} gw_lint_level;

typedef struct gw_lint_options {
    const char *const *ignored; /* rules that do not run */
    size_t ignored_count;
    const gw_lint_level *levels;
    size_t level_count;
    int target_version; /* major version that the files are for; 0: any from 12 */
    bool whole;         /* the files are all there is: what none of them makes is nowhere */
    bool observed;      /* somebody watches them run: gw_linter_observe */
} gw_lint_options;

/* One direction of one migration. The texts outlive the linter. */
typedef struct gw_lint_script {
    const char *file; /* for people */
    const char *text;
    size_t len;
    unsigned first_line; /* number of the text's first line; 0 counts as 1 */
    size_t migration;    /* the same number for an up and its down */
    bool down;
    bool wants_down;     /* an up that should have a down (its convention has them) */
    bool transactional;  /* false: statement by statement */
    bool repeatable;
    bool batch;          /* one statement over ranges of a key */
    bool breakpoints;    /* drizzle's end statements (sql/split.h) */
    bool context;        /* read for what it makes; nothing is said of it */
    int64_t lock_timeout_ms; /* of its directive; -1: none */
} gw_lint_script;

typedef struct gw_finding {
    const char *rule;
    gw_severity severity;
    const char *file;
    unsigned line, col; /* characters, from 1 */
    const char *message;
    const char *hint;
} gw_finding;

typedef struct gw_finding_list {
    gw_finding *items; /* by file in order of the run, line, column */
    size_t len, cap;
    size_t files, statements; /* that were looked at */
    size_t errors, warnings, notes, ignored;
} gw_finding_list;

typedef struct gw_linter gw_linter;
gw_linter *gw_linter_new(gw_arena *arena, const gw_lint_options *options);
/* In order of running: ups; each down after its up. */
void gw_linter_add(gw_linter *linter, const gw_lint_script *script);
/* What was seen of the statement at that place of an up, by the name of a rule of GW_RULES_SEEN. Counts,
 * is silenced and shown as if the rule had found it. */
void gw_linter_observe(gw_linter *linter, const char *rule, const char *file, unsigned line,
                       unsigned col, const char *message);
void gw_linter_run(gw_linter *linter, gw_finding_list *out);

#endif
