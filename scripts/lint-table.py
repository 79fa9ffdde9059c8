"""The table of lint rules as C, from their names.

usage: lint-table.py OUTPUT NAME...

Each NAME is `const gw_rule gw_rule_NAME` in src/lint/rules/NAME.c.
"""
import sys

output, names = sys.argv[1], sys.argv[2:]
if names != sorted(set(names)):
    sys.exit("the rules are to be listed by name, each once")
lines = ['/* Made by scripts/lint-table.py. */', '#include "lint/rule.h"', '']
lines += [f"extern const gw_rule gw_rule_{name};" for name in names]
lines += ["", "const gw_rule *const gw_rules[] = {"]
lines += [f"    &gw_rule_{name}," for name in names] + ["    NULL,", "};", ""]
with open(output, "w", encoding="utf-8") as file:
    file.write("\n".join(lines))
