/* Indexes and keys compared; calls that may not stand in them. */
#ifndef GW_LINT_KEYS_H
#define GW_LINT_KEYS_H

#include "lint/rule.h"

/* Does an index (or a key's) begin with these columns, in any order among them? */
bool gw_relation_has_index(const gw_relation *r, const char *const *columns, size_t count);
/* Does `old` serve whatever `now` would? The same columns in the same order. */
bool gw_index_covers(const gw_index *old, const gw_index *now);
/* Does `other` begin with all of `index` and go on? */
bool gw_index_extends(const gw_index *other, const gw_index *index);

/* "a, b" */
const char *gw_joined(gw_lint *l, const char *const *names, size_t count);

/* The first call that PostgreSQL would not take in an index; NULL. */
const gw_node *gw_find_mutable_call(gw_lint *l, const gw_node *expression);
/* The first that looks at the clock; NULL. */
const gw_node *gw_find_clock_call(gw_lint *l, const gw_node *expression);
const char *gw_call_text(gw_lint *l, const gw_node *call); /* "now()" */

#endif
