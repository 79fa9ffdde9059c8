/* For the rules: what they are given, and how they say what they found. */
#ifndef GW_LINT_RULE_H
#define GW_LINT_RULE_H

#include "base/vec.h"
#include "lint/lint.h"
#include "lint/model.h"
#include "sql/classify.h"
#include "sql/tree.h"

/* A script that is being looked at. */
typedef struct gw_script_seen {
    gw_lint_script script;
    size_t number;
    size_t first, count; /* its statements */
    bool has_begin;      /* it opens a transaction by itself */
} gw_script_seen;

/* A column that a statement makes: CREATE TABLE, ADD COLUMN. */
typedef struct gw_column_made {
    const char *schema, *table;
    gw_relation *relation; /* NULL: not known, or made by this very statement */
    bool new_table, fresh;
    gw_column column;
    const char *default_kind; /* NULL none, "constant", "stable", "volatile" */
} gw_column_made;

/* One action of ALTER TABLE. */
typedef struct gw_command_seen {
    const char *subtype; /* "AT_DropColumn" */
    const char *name;    /* column, constraint … */
    const gw_node *node, *def;
    const char *schema, *table;
    gw_relation *relation;
    bool fresh;
} gw_command_seen;

typedef enum gw_lock_strength {
    GW_LOCK_SHARE,               /* writers wait */
    GW_LOCK_SHARE_ROW_EXCLUSIVE, /* writers wait, and it waits for its like */
    GW_LOCK_ACCESS_EXCLUSIVE,    /* everybody waits */
} gw_lock_strength;

typedef struct gw_lock_taken {
    const char *schema, *table;
    gw_lock_strength strength;
    bool fresh;
} gw_lock_taken;

typedef struct gw_statement_seen {
    const gw_script_seen *script;
    size_t number; /* over the whole run */
    const char *text;
    size_t len, offset; /* in the script's text */
    const gw_node *tree; /* NULL: it could not be read */
    const char *type;    /* tree->type, or "" */
    const char *problem; /* why it could not be read */
    size_t problem_at;   /* byte */
    gw_stmt_class kind;
    bool in_transaction;
    GW_VEC(gw_column_made) columns;
    GW_VEC(gw_key) keys;
    GW_VEC(gw_command_seen) commands;
    GW_VEC(gw_lock_taken) locks;
} gw_statement_seen;

typedef struct gw_raw_finding {
    const gw_rule *rule;
    const gw_script_seen *script;
    const gw_statement_seen *statement; /* NULL: of the file */
    size_t offset;                      /* in the script's text */
    const char *message, *hint;
} gw_raw_finding;

typedef struct gw_lint {
    gw_arena *arena;
    const gw_lint_options *options;
    gw_model *model;
    const gw_rule *rule;               /* the one that runs */
    const gw_statement_seen *statement; /* NULL at the ends */
    const gw_script_seen *script;
    GW_VEC(gw_script_seen *) scripts;  /* in order of the run */
    GW_VEC(gw_statement_seen *) statements;
    GW_VEC(gw_raw_finding) found;
} gw_lint;

struct gw_ignore_list;
struct gw_rule {
    gw_rule_text text; /* first */
    const char *const *on; /* NULL-terminated: types of statements, of commands, or of nodes */
    void (*statement)(gw_lint *l, const gw_statement_seen *s);
    void (*command)(gw_lint *l, const gw_command_seen *c);
    void (*node)(gw_lint *l, const gw_node *node);
    void (*column)(gw_lint *l, const gw_column_made *c);
    void (*key)(gw_lint *l, const gw_key *key);
    void (*file_end)(gw_lint *l, const gw_script_seen *script);
    void (*end)(gw_lint *l); /* after the last up, before the downs */
    void (*ignores)(gw_lint *l, const struct gw_ignore_list *list); /* last of all */
    bool in_downs;
    bool after; /* its hooks see the model with the statement applied */
};
#define GW_ON(...) ((const char *const[]){__VA_ARGS__, NULL})

/*
 * A finding at a node (NULL: the statement's start) of a statement. The names fill the {} of the
 * rule's message, NULL at the end.
 */
void gw_found(gw_lint *l, const gw_statement_seen *s, const gw_node *node, ...)
    __attribute__((sentinel));
/* The same with a hint of its own. */
void gw_found_hint(gw_lint *l, const gw_statement_seen *s, const gw_node *node, const char *hint, ...)
    __attribute__((sentinel));
/* At a byte of the statement; at a byte of a script (no statement). */
void gw_found_at(gw_lint *l, const gw_statement_seen *s, size_t byte, ...) __attribute__((sentinel));
void gw_found_in(gw_lint *l, const gw_script_seen *script, size_t byte, ...)
    __attribute__((sentinel));

/* "schema.name" for people; public is left out. */
const char *gw_shown(gw_lint *l, const char *schema, const char *name);
const char *gw_shown_range(gw_lint *l, const gw_node *range_var);
/* "file:line" of a statement. */
const char *gw_place_of(gw_lint *l, const gw_statement_seen *s);

/* Is the table one that nobody uses yet: made by this very file, or temporary? */
bool gw_fresh(const gw_lint *l, const gw_relation *relation);
bool gw_fresh_range(const gw_lint *l, const gw_node *range_var);
/* May the target be older than this major version? */
bool gw_target_may_be_below(const gw_lint *l, int version);

/* Follow the ups without looking for anything: `see` is called before the model has a statement. What
 * is returned has the model after the last one. */
gw_lint *gw_linter_follow(gw_linter *linter,
                          void (*see)(void *self, gw_lint *l, const gw_statement_seen *s), void *self);

/* ---- statement.c: what a statement makes, alters and locks, before the model has it ---- */
void gw_statement_facts(gw_lint *l, gw_statement_seen *s);

/* ---- expressions (expression.c) -------------------------------------------------------- */
/* "constant", "stable" (now(): the same for all rows), "volatile". */
const char *gw_expression_kind(const gw_node *expression, const gw_model *model);
/* The one column that an expression is, or NULL. */
const char *gw_expression_column(const gw_node *expression);
/* Does the expression name the column? */
bool gw_expression_uses(const gw_node *expression, const char *column);
/* Do two trees say the same? Places do not count. */
bool gw_same_tree(const gw_node *a, const gw_node *b);
/* col IS NOT NULL */
bool gw_expression_is_not_null(const gw_node *expression, const char *column);
/* The labels of `column IN ('a', 'b')` or `column = ANY (ARRAY['a'])`; NULL where it is not one. */
const char **gw_expression_in_list(gw_arena *arena, const gw_node *expression, const char **column,
                                   size_t *count);
/* A FuncCall's name. */
void gw_call_name(const gw_node *call, const char **schema, const char **name);
/* Is it in the list of PostgreSQL's own functions? */
bool gw_builtin_function(const char *name);

/* ---- words (words.c) ------------------------------------------------------------------- */
/* Word by word, split at _ and at capitals: does one of the words stand in the name? */
bool gw_name_has_word(const char *name, const char *const *words);
/* The nearest of a NULL-terminated list; NULL where none is near. */
const char *gw_nearest_word(const char *typed, const char *const *words);
bool gw_one_of(const char *word, const char *const *words);
/* Does the word stand in the text as a name of its own (any case)? Its place, or NULL. */
const char *gw_text_has_word(const char *text, const char *word);
/* NULL-terminated. */
extern const char *const gw_known_extensions[];

/* The table of rules (made by the build from the list in meson.build). */
extern const gw_rule *const gw_rules[];

#endif
