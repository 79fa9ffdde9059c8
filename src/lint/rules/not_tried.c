#include "lint/rule.h"

const gw_rule gw_rule_not_tried = {
    {"not_tried", GW_SEVERITY_NOTE, GW_RULES_SEEN,
     "not tried: {}",
     "The statement reaches outside of its database (roles, ALTER SYSTEM, COPY … TO PROGRAM), "
     "and is run nowhere but by up. Nothing was seen of it.",
     "Give it to whoever administers the server, or keep it in a file of its own."},
    .on = NULL, /* nothing in the text says it */
};
