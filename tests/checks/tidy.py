"""The tree keeps to .editorconfig, and nothing in it is put off with a comment.

usage: tidy.py SOURCE_ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
KINDS = {".c", ".h", ".py", ".sql", ".sh", ".md", ".yaml", ".yml", ".build", ".txt"}
APART = {"node_modules", ".cache", ".git", "fixtures", "corpus", "data", "reference"}
# Spelled so that this file does not find itself.
PUT_OFF = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|not (yet )?imple" r"mented", re.I)
# A hundredth of a second between two looks is none: it waits for what it looks at.
HOPES = re.compile(r"\bsleep\((?!0\.01\))")

complaints = []
for folder in ("src", "include", "sql", "tests", "scripts", "examples", "docs", "bench", ".ci"):
    for path in sorted((root / folder).rglob("*")):
        where = path.relative_to(root)
        if APART & set(where.parts) or not path.is_file():
            continue
        if path.suffix not in KINDS and folder not in ("scripts", ".ci"):
            continue
        text = path.read_text(errors="replace")
        if text and not text.endswith("\n"):
            complaints.append(f"{where}: no newline at the end")
        for number, line in enumerate(text.split("\n"), 1):
            if "\r" in line:
                complaints.append(f"{where}:{number}: carriage return")
            if line.rstrip() != line and path.suffix != ".md":
                complaints.append(f"{where}:{number}: space at the end of the line")
            if "\t" in line and path.suffix in (".c", ".h"):
                complaints.append(f"{where}:{number}: tab")
            if HOPES.search(line) and "the moment is the experiment" not in line and path.name.startswith("test_"):
                complaints.append(f"{where}:{number}: waits for a time and not for what is to happen (harness.waiting)")
            if PUT_OFF.search(line) and path.suffix in (".c", ".h", ".sql", ".py", ".build"):
                complaints.append(f"{where}:{number}: put off: {line.strip()}")

print(*complaints, sep="\n", file=sys.stderr)
print(f"{len(complaints)} complaints")
sys.exit(1 if complaints else 0)
