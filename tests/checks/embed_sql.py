#!/usr/bin/env python3
"""scripts/embed-sql.py: every byte survives, and a bad head is named with its place."""
import os
import pathlib
import subprocess
import sys
import tempfile

HEAD = "-- What it is for.\n-- params: {params}\n-- columns: {columns}\n"
NONE = HEAD.format(params="none", columns="none")
PROGRAM = """
#include <stdio.h>
#include <string.h>
#include "sql_t.h"
int main(void)
{
    fwrite(gw_sql_bytes.text, 1, strlen(gw_sql_bytes.text), stdout);
    fputs("|", stdout);
    fputs(gw_sql_t_upgrades[1].text, stdout);
    printf("|%s|%s|%s|%d|%s|%d", gw_sql_bytes.name, gw_sql_bytes.params, gw_sql_bytes.columns,
           gw_sql_bytes.min_version, gw_sql_t_upgrades[0].name, GW_SQL_T_UPGRADES);
    return gw_sql_t_all[1] != NULL;
}
"""
# pg/query.h needs libpq's header: a stand-in with the two types is all that the output uses.
TYPES = """
typedef struct gw_sql { const char *name, *text, *params, *columns; int min_version; } gw_sql;
typedef struct gw_sql_upgrade { int version; const char *name, *text; } gw_sql_upgrade;
"""
BAD = {
    "no head": ("SELECT 1;", "head comment is missing"),
    "no columns": ("-- What.\n-- params: none\nSELECT 1;", "does not say 'columns:'"),
    "no text": (NONE, "no statement"),
    "bad column": (HEAD.format(params="none", columns="a") + "SELECT 1 AS a;", "column 'a'"),
    "twice": (NONE + "-- params: none\nSELECT 1;", "a second"),
    "bad min": (NONE + "-- min: 13.1\nSELECT 1;", "major"),
    "NUL": (NONE + "SELECT '\0';", "NUL byte"),
}


def run(embed, folder, *names, check=False):
    words = ["--check"] if check else []
    outputs = [] if check else [folder / "gw_sql_t.c", folder / "sql_t.h"]
    return subprocess.run([sys.executable, embed, *words, "t", folder, *outputs, *names],
                          capture_output=True, text=True)


def every_byte_survives(embed, folder):
    every = bytes(b for b in range(1, 256) if b != 13) + b'1"2\\n3??/4\n\n  5\\\n'
    head = HEAD.format(params="text, bigint", columns="version text!,\n--    at timestamptz")
    (folder / "t/bytes.sql").write_bytes(head.encode() + b"-- min: 13\nSELECT '" + every + b"';\n")
    (folder / "t/upgrades/0001_first.sql").write_text("SELECT 1;\n")
    (folder / "t/upgrades/0002_second.sql").write_bytes(every)
    names = ["bytes.sql", "upgrades/0002_second.sql", "upgrades/0001_first.sql"]
    done = run(embed, folder, *names)
    if done.returncode:
        return [done.stderr]
    (folder / "pg").mkdir()
    (folder / "pg/query.h").write_text(TYPES)
    (folder / "main.c").write_text(PROGRAM)
    compiler = os.environ.get("CC", "cc").split()
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    subprocess.run([*compiler, "-std=gnu17", *warnings, f"-I{folder}", "-o", folder / "main",
                    folder / "main.c", folder / "gw_sql_t.c"], check=True)
    said = subprocess.run([folder / "main"], stdout=subprocess.PIPE, check=True).stdout
    wanted = (b"SELECT '" + every + b"'|" + every +
              b"|t/bytes|text,bigint|version text!,at timestamptz|130000|first|2")
    problems = [] if said == wanted else [f"not what went in: {said!r}"]
    if run(embed, folder, *names, check=True).returncode:
        problems.append("--check complains of a list that is right")
    if "not listed" not in run(embed, folder, *names[1:], check=True).stderr:
        problems.append("--check misses a file that nobody lists")
    if "number 0001 is missing" not in run(embed, folder, *names[:2]).stderr:
        problems.append("a gap in the upgrades is not seen")
    (folder / "other").mkdir()
    (folder / "other/bytes.sql").write_text("SELECT 1;\n")
    if "other/bytes.sql has the same name, and both would be gw_sql_bytes" not in run(embed, folder, *names).stderr:
        problems.append("the same name in another layer is not seen")
    return problems


def main():
    embed = pathlib.Path(sys.argv[1]) / "scripts/embed-sql.py"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "t/upgrades").mkdir(parents=True)
        problems = every_byte_survives(embed, folder)
        for what, (text, said) in BAD.items():
            (folder / "t/bad.sql").write_text(text)
            done = run(embed, folder, "bad.sql")
            if done.returncode == 0 or said not in done.stderr or "bad.sql" not in done.stderr:
                problems.append(f"{what}: {done.stderr or 'no complaint'}")
    print("\n".join(problems) or f"every byte survives, {len(BAD)} bad heads are named")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
