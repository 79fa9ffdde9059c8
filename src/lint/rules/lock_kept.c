#include "lint/rule.h"

const gw_rule gw_rule_lock_kept = {
    {"lock_kept", GW_SEVERITY_WARNING, GW_RULES_SEEN,
     "{} on {} is kept while {} more statements run",
     "A transaction keeps its locks to its end. What follows the statement in its file makes "
     "everybody wait who wants the table, though it may not touch it.",
     "Put the statement last, or into a file of its own."},
    .on = NULL, /* nothing in the text says it */
};
