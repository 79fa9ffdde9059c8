#include "lint/rule.h"

static void run(gw_lint *l, const gw_script_seen *script)
{
    if (!script->count)
        gw_found_in(l, script, 0, NULL);
}

const gw_rule gw_rule_empty_file = {
    {"empty_file", GW_SEVERITY_NOTE, GW_RULES_FILES,
     "the file holds no statement",
     "Often one that was meant to be filled, or whose text stands in a comment. up refuses it; in a "
     "folder of another tool's that runs such files it is written down in the history as applied "
     "and does nothing.",
     "Fill it, or remove it before anybody has applied it. One that is to do nothing: SELECT;"},
    .file_end = run,
};
