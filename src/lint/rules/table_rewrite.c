#include "lint/rule.h"

const gw_rule gw_rule_table_rewrite = {
    {"table_rewrite", GW_SEVERITY_ERROR, GW_RULES_SEEN,
     "writes {} anew, row by row, while nobody can read or write it",
     "The server gave the table another file while the statement ran on the shadow. Its time "
     "grows with the table, and nobody can use it meanwhile; the space for a second copy is "
     "needed.",
     "A new column, filled in batches, then swapped; for a type, one that shares its form on "
     "disk."},
    .on = NULL, /* nothing in the text says it */
};
