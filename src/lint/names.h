/* What a statement refers to by name, and how two definitions of one name differ. */
#ifndef GW_LINT_NAMES_H
#define GW_LINT_NAMES_H

#include "lint/rule.h"

/* Tables, views and sequences that have to be there when the statement runs; not what it makes,
 * not what its WITH names, not where it says IF EXISTS. */
void gw_relations_used(gw_lint *l, const gw_statement_seen *s,
                       void (*see)(gw_lint *l, const gw_statement_seen *s, const gw_node *range));

/* Functions that PostgreSQL looks up when the statement runs: calls, triggers' functions. */
void gw_functions_used(gw_lint *l, const gw_statement_seen *s,
                       void (*see)(gw_lint *l, const gw_statement_seen *s, const gw_node *node,
                                   const char *schema, const char *name));

/* Does a statement behind this one, in its file, have an action of ALTER TABLE whose type begins so,
 * on that name (a column, a trigger)? */
bool gw_command_later(const gw_lint *l, const gw_statement_seen *s, const char *subtype,
                      const char *name);

/* In words, or NULL where they say the same. */
const char *gw_table_difference(gw_lint *l, const gw_relation *old, const gw_statement_seen *now);
const char *gw_column_difference(gw_lint *l, const gw_column *old, const gw_column *now);

#endif
