#!/usr/bin/env python3
"""Turn the fixed SQL of one layer into a C source and its header.

    embed-sql.py LAYER ROOT OUT.c OUT.h FILE…     (FILE relative to ROOT/LAYER)
    embed-sql.py --check LAYER ROOT FILE…         (fail where a .sql file is not in the list)

A file LAYER/NAME.sql is one statement with a head comment:

    -- What it is for, in one or two lines.
    -- params: text, bigint
    -- columns: version text!, applied_at timestamptz
    -- min: 13

`params` and `columns` are `none` where there are none; `!` after a type says that the column is
never NULL; `min` is the oldest server that it works on. A line that begins with `--` and two or
more spaces goes on with the one above it. The statement becomes `gw_sql_NAME`, whichever layer it is of: no
other may have that name.

LAYER/upgrades/NNNN_NAME.sql, numbered from 1 without a gap, become the array
`gw_sql_LAYER_upgrades`, whole and in order. LAYER/PART/NNN_NAME.sql likewise become
`gw_sql_LAYER_part_PART`: tables that are made when a part of Godwit is first used.
"""

import os
import re
import sys

KEYS = ("params", "columns", "min")
COLUMN = re.compile(r"^[a-z_][a-z0-9_]* [a-z][a-z0-9_ ]*(\[\])?!?$")


class Bad(Exception):
    """Something in a file that its author has to put right."""


def split_head(path, text):
    """The values of the head comment's keys, and what follows it."""
    head, key, lines = {}, None, text.split("\n")
    at = 0
    while at < len(lines) and lines[at].startswith("--"):
        line = lines[at][2:]
        at += 1
        match = re.match(r" ([a-z]+):(?: +(.*))?$", line)
        if match and match.group(1) in KEYS:
            key = match.group(1)
            if key in head:
                raise Bad(f"{path}:{at}: a second '{key}:'")
            head[key] = (match.group(2) or "").strip()
        elif key and line.startswith("  "):
            head[key] = f"{head[key]} {line.strip()}".strip()
        elif key:
            raise Bad(f"{path}:{at}: the description stands before 'params:'")
        elif at == 1 and not line.strip():
            raise Bad(f"{path}:1: the first line says what the statement is for")
    if at == 0:
        raise Bad(f"{path}:1: a head comment is missing")
    for wanted in ("params", "columns"):
        if not head.get(wanted):
            raise Bad(f"{path}:{at}: the head comment does not say '{wanted}:'")
    return head, "\n".join(lines[at:]).strip()


def refuse_namesakes(root, layer, name):
    """Both would be gw_sql_NAME: only a program that links both layers would find that out."""
    for other in sorted(os.listdir(root)):
        path = os.path.join(root, other, name)
        if other != layer and os.path.exists(path):
            raise Bad(f"{os.path.join(root, layer, name)}: {path} has the same name, and both would be "
                      f"gw_sql_{name[: -len('.sql')]}: give one of them another")


def words(value):
    return [] if value == "none" else [w.strip() for w in value.split(",")]


def read_statement(root, layer, name):
    path = os.path.join(root, layer, name)
    refuse_namesakes(root, layer, name)
    head, body = split_head(path, read_text(path))
    body = body.rstrip(";").rstrip()
    if not body:
        raise Bad(f"{path}:1: there is no statement after the head comment")
    columns = words(head["columns"])
    for column in columns:
        if not COLUMN.match(column):
            raise Bad(f"{path}: column '{column}' is not 'name type' or 'name type!'")
    if not re.match(r"^[0-9]+$", head.get("min", "0")):
        raise Bad(f"{path}: 'min:' is a major version, such as 13")
    stem = os.path.basename(name)[: -len(".sql")]
    if not re.match(r"^[a-z][a-z0-9_]*$", stem):
        raise Bad(f"{path}: a file is named by small letters, digits and underscores")
    return {
        "stem": stem,
        "name": f"{layer}/{stem}",
        "text": body,
        "params": ",".join(words(head["params"])),
        "columns": ",".join(columns),
        "min": int(head.get("min", "0")) * 10000,
    }


def read_upgrade(root, layer, name):
    path = os.path.join(root, layer, name)
    digits = 4 if name.startswith("upgrades/") else 3
    match = re.match(rf"^([a-z_]+)/([0-9]{{{digits}}})_([a-z0-9_]+)\.sql$", name)
    if not match:
        raise Bad(f"{path}: an upgrade is named {'N' * digits}_what_it_does.sql")
    return {"folder": match.group(1), "version": int(match.group(2)), "name": match.group(3),
            "text": read_text(path)}


def read_upgrades(root, layer, names):
    """What stands in folders, by folder; each numbered from 1 without a gap."""
    folders = {}
    for name in names:
        if "/" in name:
            upgrade = read_upgrade(root, layer, name)
            folders.setdefault(upgrade["folder"], []).append(upgrade)
    for folder, upgrades in folders.items():
        for i, upgrade in enumerate(upgrades, 1):
            if upgrade["version"] != i:
                digits = 4 if folder == "upgrades" else 3
                raise Bad(f"sql/{layer}/{folder}: number {i:0{digits}} is missing or there twice")
    return folders


def read_text(path):
    with open(path, "rb") as file:
        data = file.read()
    if b"\0" in data:
        raise Bad(f"{path}: holds a NUL byte")
    return data.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")


def c_string(text):
    """A C string literal for any bytes but NUL, one line of it for each line of the text."""

    def escape(byte):
        # Three octal digits always: a digit that follows can never be read as part of it.
        if byte == 0x0A:
            return "\\n"
        if byte in b'"\\?' or byte < 0x20 or byte > 0x7E:
            return f"\\{byte:03o}"
        return chr(byte)

    data = text.encode("utf-8", "surrogateescape")
    lines = data.split(b"\n")
    lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n    ".join('"' + "".join(map(escape, line)) + '"' for line in lines) or '""'


def render(layer, statements, folders):
    """The source and the header, as two texts."""
    guard = f"GW_SQL_{layer.upper()}_H"
    head = [f"/* Made from sql/{layer}/ by scripts/embed-sql.py. */", f"#ifndef {guard}",
            f"#define {guard}", "", '#include <stddef.h>', "", '#include "pg/query.h"', ""]
    source = [f"/* Made from sql/{layer}/ by scripts/embed-sql.py. */", f'#include "sql_{layer}.h"',
              "", "/* An SQL text may be longer than the 4095 bytes that C promises. */",
              '#pragma GCC diagnostic ignored "-Woverlength-strings"', ""]
    for s in statements:
        head.append(f"extern const gw_sql gw_sql_{s['stem']};")
        source += [f"const gw_sql gw_sql_{s['stem']} = {{", f'    .name = "{s["name"]}",',
                   f"    .text = {c_string(s['text'])},", f'    .params = "{s["params"]}",',
                   f'    .columns = "{s["columns"]}",', f"    .min_version = {s['min']},", "};", ""]
    all_of_them = f"const gw_sql *const gw_sql_{layer}_all[{len(statements) + 1}]"
    head += ["", "/* All of them; NULL ends the list. */", f"extern {all_of_them};"]
    source += [f"{all_of_them} = {{"]
    source += [f"    &gw_sql_{s['stem']}," for s in statements] + ["    NULL,", "};"]
    for folder, upgrades in sorted(folders.items()):
        stem = folder if folder == "upgrades" else f"part_{folder}"
        count = f"GW_SQL_{layer.upper()}_{stem.upper()}"
        head += ["", f"enum {{ {count} = {len(upgrades)} }};",
                 f"extern const gw_sql_upgrade gw_sql_{layer}_{stem}[{count}];"]
        source += ["", f"const gw_sql_upgrade gw_sql_{layer}_{stem}[{count}] = {{"]
        source += [f'    {{{u["version"]}, "{u["name"]}",\n    {c_string(u["text"])}}},'
                   for u in upgrades] + ["};"]
    head += ["", "#endif", ""]
    return "\n".join(source) + "\n", "\n".join(head)


def check_listed(layer, root, names):
    found = set()
    for folder, _, files in os.walk(os.path.join(root, layer)):
        for file in files:
            if file.endswith(".sql"):
                path = os.path.join(folder, file)
                found.add(os.path.relpath(path, os.path.join(root, layer)))
    for name in sorted(found - set(names)):
        raise Bad(f"{os.path.join(root, layer, name)}: not listed in sql/meson.build")
    for name in sorted(set(names) - found):
        raise Bad(f"{os.path.join(root, layer, name)}: listed in sql/meson.build, but not there")


def main(argv):
    try:
        if argv[1] == "--check":
            check_listed(argv[2], argv[3], argv[4:])
            return 0
        layer, root, out_c, out_h = argv[1:5]
        names = sorted(argv[5:])
        folders = read_upgrades(root, layer, names)
        statements = [read_statement(root, layer, n) for n in names if "/" not in n]
        source, header = render(layer, statements, folders)
        with open(out_c, "w", encoding="ascii") as file:
            file.write(source)
        with open(out_h, "w", encoding="ascii") as file:
            file.write(header)
        return 0
    except (Bad, OSError) as problem:
        print(f"embed-sql: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
