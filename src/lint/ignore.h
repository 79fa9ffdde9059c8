/* `-- godwit: ignore RULE REASON`: where it stands, what it silences. */
#ifndef GW_LINT_IGNORE_H
#define GW_LINT_IGNORE_H

#include "lint/rule.h"

typedef struct gw_ignore {
    const gw_script_seen *script;
    const gw_statement_seen *statement; /* NULL: the whole file */
    size_t offset;                      /* of the rule's name, in the script's text */
    const char *rule;                   /* as written; "" where none is */
    bool known, reason, used;
} gw_ignore;

typedef struct gw_ignore_list {
    gw_ignore *items;
    size_t len, cap;
} gw_ignore_list;

/* The directives of a script whose statements are known. */
void gw_ignores_read(gw_lint *l, const gw_script_seen *script, gw_ignore_list *out);

/* Is a finding of the rule silenced there? Marks what silences it. statement NULL: the file's. */
bool gw_ignores_silence(gw_ignore_list *list, const char *rule, const gw_script_seen *script,
                        const gw_statement_seen *statement);

#endif
