#include "lint/rule.h"

static void run(gw_lint *l, const gw_script_seen *script)
{
    if (!script->script.wants_down || script->script.repeatable || script->script.down ||
        script->script.batch)
        return;
    for (size_t i = 0; i < l->scripts.len; i++)
        if (l->scripts.items[i]->script.down &&
            l->scripts.items[i]->script.migration == script->script.migration)
            return;
    gw_found_in(l, script, 0, NULL);
}

const gw_rule gw_rule_down_missing = {
    {"down_missing", GW_SEVERITY_NOTE, GW_RULES_FILES,
     "there is no way back: the migration has no down",
     "godwit down stops here, and the test that goes up, down and up again cannot be made.",
     "Write the down file; where there is no way back (rows are gone), ignore this rule with that "
     "reason."},
    .file_end = run,
};
