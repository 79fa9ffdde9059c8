"""Each header compiles alone, whatever was included before it.

usage: headers.py SOURCE_ROOT BUILD_ROOT
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

source, build = map(pathlib.Path, sys.argv[1:3])


def compiler_and_flags():
    """The compiler and every -I, -isystem, -D and -W that the build uses."""
    compiler, flags = None, {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        if words[0].endswith("ccache"):
            words = words[1:]
        compiler = words[0]
        for i, word in enumerate(words):
            if word.startswith("-I"):
                flags["-I" + os.path.normpath(os.path.join(entry["directory"], word[2:]))] = None
            elif word == "-isystem":
                flags["-isystem" + os.path.normpath(os.path.join(entry["directory"], words[i + 1]))] = None
            elif word.startswith(("-isystem", "-D_", "-std=", "-W")) and not word.startswith("-Wl"):
                flags[word] = None
    return compiler, list(flags)


def complaint(header):
    # An object is needed besides: ISO C forbids an empty translation unit.
    text = f'#include "{header}"\n#include "{header}"\nextern int header_check;\n'
    run = subprocess.run([compiler, *flags, "-Werror", "-fsyntax-only", "-x", "c", "-"],
                         input=text, capture_output=True, text=True)
    return run.stderr if run.returncode else None


compiler, flags = compiler_and_flags()
headers = sorted(p for d in ("src", "include") for p in (source / d).rglob("*.h"))
if not headers:
    sys.exit("no headers found: wrong source root?")
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    complaints = dict(zip(headers, pool.map(complaint, headers)))
bad = {h: c for h, c in complaints.items() if c}
for header, text in bad.items():
    print(f"{header.relative_to(source)} does not compile alone:\n{text}", file=sys.stderr)
print(f"{len(headers)} headers, {len(bad)} do not compile alone")
sys.exit(1 if bad else 0)
