#include "lint/rule.h"

const gw_rule gw_rule_full_scan = {
    {"full_scan", GW_SEVERITY_ERROR, GW_RULES_SEEN,
     "reads all of {} under a lock ({}) that keeps writers out",
     "The server read the table from end to end, as where a constraint is checked, and held a "
     "lock that writers wait for. A server of before 15 that is fenced in counts no scans: "
     "plan says so.",
     "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a file of its own; for an index, "
     "CONCURRENTLY."},
    .on = NULL, /* nothing in the text says it */
};
