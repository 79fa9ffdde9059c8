#!/usr/bin/env python3
"""Turn text files into a C source with one constant each.

    embed-text.py OUT.c NAME=FILE…     (NAME is the constant's)
"""
import importlib.util
import pathlib
import sys

spec = importlib.util.spec_from_file_location("embed_sql", pathlib.Path(__file__).parent / "embed-sql.py")
embed_sql = importlib.util.module_from_spec(spec)
spec.loader.exec_module(embed_sql)

lines = ["/* Made by scripts/embed-text.py. */",
         "/* A text may be longer than the 4095 bytes that C promises. */",
         '#pragma GCC diagnostic ignored "-Woverlength-strings"', ""]
for item in sys.argv[2:]:
    name, _, path = item.partition("=")
    text = pathlib.Path(path).read_text(encoding="utf-8")
    lines += [f"extern const char {name}[];", f"const char {name}[] =\n    {embed_sql.c_string(text)};", ""]
pathlib.Path(sys.argv[1]).write_text("\n".join(lines), encoding="ascii")
