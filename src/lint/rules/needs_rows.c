#include "lint/rule.h"

const gw_rule gw_rule_needs_rows = {
    {"needs_rows", GW_SEVERITY_NOTE, GW_RULES_SEEN,
     "could not be tried without the target's rows: {}",
     "The shadow has the target's schema and none of its rows: a statement about rows that "
     "fails for want of them says nothing about the target. Nothing was seen of it.",
     "Try it on a copy of the data, or keep it in a file of its own."},
    .on = NULL, /* nothing in the text says it */
};
