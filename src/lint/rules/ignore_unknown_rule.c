#include <string.h>

#include "lint/ignore.h"
#include "lint/rule.h"

/* What `godwit test` and `godwit conflicts` find is ignored by the same directive. */
static bool is_of_another(const char *name)
{
    static const char *const kinds[] = {
        "conflict",           "conflict_created_twice",           "conflict_definition_ignored",
        "conflict_replaced",  "conflict_changed_under_the_other", "conflict_changed_twice",
        "conflict_enum_against_text"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], name) == 0)
            return true;
    static const char *const names[] = {
        "missing-down", "wrong-down",      "lossy-down",      "rows-left",        "up-failed",
        "down-failed",  "fails-with-rows", "up-again-failed", "up-again-differs", "rows-differ",
        "not-idempotent"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void run(gw_lint *l, const gw_ignore_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        const gw_ignore *ignore = &list->items[i];
        if (ignore->known || is_of_another(ignore->rule))
            continue;
        const char *near = gw_rule_nearest(ignore->rule);
        gw_found_in(l, ignore->script, ignore->offset,
                    near ? gw_printf(l->arena, "%s (did you mean %s?)", ignore->rule, near)
                         : ignore->rule,
                    NULL);
    }
}

const gw_rule gw_rule_ignore_unknown_rule = {
    {"ignore_unknown_rule", GW_SEVERITY_WARNING, GW_RULES_FILES,
     "there is no rule {} to ignore",
     "A misspelt name silences nothing, and a rule that is gone leaves its directive behind.",
     "godwit lint --list names all rules."},
    .ignores = run,
};
