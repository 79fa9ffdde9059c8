"""Every shell script passes shellcheck.

usage: shell.py SOURCE_ROOT        (exit 77, "skipped", where there is no shellcheck)
"""
import pathlib
import re
import shutil
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
if not shutil.which("shellcheck"):
    sys.exit(77)


def is_script(path):
    if not path.is_file() or {"node_modules", ".cache", "fixtures"} & set(path.relative_to(root).parts):
        return False
    with open(path, "rb") as file:
        return re.match(rb"#!.*\b(ba)?sh\b", file.readline(80)) is not None


scripts = sorted(p for d in ("scripts", ".ci", "examples", "bench", "tests") for p in (root / d).rglob("*")
                 if is_script(p))
assert scripts, "no scripts found: wrong source root?"
sys.exit(subprocess.run(["shellcheck", *scripts], check=False).returncode)
