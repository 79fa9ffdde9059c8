#include <string.h>

#include "lint/rule.h"

static bool is_zero(const gw_node *set)
{
    const gw_node *value = gw_node_at(gw_node_get(set, "args"), 0);
    const char *text = gw_node_string(value);
    const gw_node *number = gw_node_get(value, "ival");
    return (text && strspn(text, "0") > 0 && !text[strspn(text, "0")]) ||
           (number && gw_node_number(number, "ival", 0) == 0);
}

/* The first statement behind `from` that locks what is in use. */
static const gw_statement_seen *locks(const gw_lint *l, const gw_script_seen *script, size_t from)
{
    for (size_t i = from; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        for (size_t k = 0; k < s->locks.len; k++)
            if (!s->locks.items[k].fresh)
                return s;
    }
    return NULL;
}

static void run(gw_lint *l, const gw_script_seen *script)
{
    const gw_statement_seen *locked = locks(l, script, 0);
    if (script->script.lock_timeout_ms == 0 && locked)
        gw_found(l, locked, NULL, NULL);
    for (size_t i = 0; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        if (gw_node_is(s->tree, "VariableSetStmt") &&
            gw_node_says(s->tree, "name", "lock_timeout") && is_zero(s->tree) &&
            locks(l, script, i))
            gw_found(l, s, NULL, NULL);
    }
}

const gw_rule gw_rule_lock_timeout_off = {
    {"lock_timeout_off", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "lock_timeout is switched off: a statement that waits for a lock makes all others wait "
     "behind it, for as long as it takes",
     "Godwit runs files with a lock_timeout (2 s where nothing else is said) and tries again, so "
     "that a waiting ALTER TABLE does not stop everybody behind it. A file that sets it to 0 "
     "gives that up.",
     "Leave it as it is, or name a longer time: -- godwit: lock_timeout=10s."},
    .file_end = run,
    .in_downs = true,
};
