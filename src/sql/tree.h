/*
 * The parse tree of one statement as plain nodes, named as PostgreSQL's own (parsenodes.h): for
 * whoever asks what a statement says and not only what kind it is. Zero values are left out
 * by the parser: a field that is not there is 0, false, "" or an empty list.
 */
#ifndef GW_SQL_TREE_H
#define GW_SQL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

typedef enum gw_node_kind {
    GW_NODE_OBJECT,
    GW_NODE_LIST,
    GW_NODE_TEXT, /* strings and names of enum values: "AT_AddColumn" */
    GW_NODE_NUMBER,
    GW_NODE_BOOL,
} gw_node_kind;

typedef struct gw_node {
    gw_node_kind kind;
    const char *key;  /* the field that it is of its parent; NULL in a list */
    const char *type; /* "CreateStmt"; NULL for a list, a value, and where the field says it */
    const char *text; /* of TEXT, never NULL */
    int64_t number;   /* of NUMBER and BOOL */
    int location;     /* byte in the statement's text; -1 where the parser keeps none */
    const struct gw_node *parent, *child, *next;
} gw_node;

enum { GW_TREE_LONGEST = 256 * 1024 }; /* the tree takes many times the text */

/*
 * The statement's node ("CreateStmt" …). On failure err (kind INPUT) has message and position
 * (characters), as gw_sql_parse_check. A text over GW_TREE_LONGEST is an error too.
 * Fields that hold one kind of node only have its name as well where they are a RangeVar or a
 * TypeName.
 */
const gw_node *gw_tree_parse(gw_arena *arena, const char *text, size_t len, gw_err *err);

/* A field, a list's item; NULL where it (or the node itself) is not there. */
const gw_node *gw_node_get(const gw_node *node, const char *key);
const gw_node *gw_node_at(const gw_node *list, size_t index);
size_t gw_node_count(const gw_node *list);

bool gw_node_is(const gw_node *node, const char *type);
/* Fields of values: NULL, false, `otherwise` where they are not there. */
const char *gw_node_text(const gw_node *node, const char *key);
bool gw_node_true(const gw_node *node, const char *key);
int64_t gw_node_number(const gw_node *node, const char *key, int64_t otherwise);
/* Is the field this text? */
bool gw_node_says(const gw_node *node, const char *key, const char *text);

/* The text of a String node, or of a constant that is a string; else NULL. */
const char *gw_node_string(const gw_node *node);
/* The last of a list of String nodes, and the one before it (NULL where there is none). */
void gw_node_names(const gw_node *list, const char **schema, const char **name);

/* Every node below and with `node`, parents first; where fn says false, what is below is left
 * out. */
void gw_node_walk(const gw_node *node, bool (*fn)(void *self, const gw_node *node), void *self);

#endif
