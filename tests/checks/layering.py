"""A layer uses what stands below it and nothing else: no call and no #include upward or sideways.

usage: layering.py SOURCE_ROOT BUILD_ROOT

What each folder may use is the table below, which says the same as ARCHITECTURE.md.
"""
import pathlib
import re
import subprocess
import sys

source, build = map(pathlib.Path, sys.argv[1:3])

FLOOR = {"base"}
SESSION = FLOOR | {"pg", "sql", "config"}
GROUND = SESSION | {"control", "schema", "source", "script"}
SUBJECTS = {"migrate", "lint", "sync", "track", "vault", "care", "docs", "models"}

MAY_USE = {
    "base": set(),
    "sql": FLOOR,
    "config": FLOOR,
    "pg": FLOOR,
    "control": SESSION,
    "schema": SESSION,
    "source": SESSION,
    "script": FLOOR,
    **{subject: GROUND for subject in SUBJECTS},
    "app": GROUND | SUBJECTS,
    "lib": GROUND | SUBJECTS | {"app"},
    "main.c": {"cmd"},
    "cmd": GROUND | SUBJECTS | {"app", "http"},
    "http": FLOOR,
    "main": {"cmd"},  # src/main.c
}


def layer_of(archive):
    return re.fullmatch(r"lib(?:gw_)?(\w+)\.a", archive.name).group(1)


def symbols(archive):
    """(defined, undefined) names of ours in an archive."""
    out = subprocess.run(["nm", "-P", str(archive)], capture_output=True, text=True, check=True)
    defined, undefined = set(), set()
    for line in out.stdout.splitlines():
        words = line.split()
        if len(words) < 2 or not words[0].startswith(("gw_", "godwit_")):
            continue
        (undefined if words[1] in "Uw" else defined if words[1].isupper() else set()).add(words[0])
    return defined, undefined - defined


def calls():
    """Complaints about calls, read from the archives."""
    archives = {layer_of(a): symbols(a) for a in build.glob("src/*/libgw_*.a")}
    if not archives:
        sys.exit("no libraries found: build first")
    owner = {name: layer for layer, (defined, _) in archives.items() for name in defined}
    for layer, (_, undefined) in sorted(archives.items()):
        if layer not in MAY_USE:
            yield f"src/{layer} is not in the table of {__file__}"
            continue
        for name in sorted(undefined):
            if name not in owner:
                yield f"{layer} calls {name}, which no library defines"
            elif owner[name] not in MAY_USE[layer] | {layer}:
                yield f"{layer} calls {name} of {owner[name]}, which does not stand below it"


def includes():
    """Complaints about #include lines: a type or macro is a dependency too."""
    pattern = re.compile(r'^\s*#\s*include\s+"(\w+)/', re.M)
    for file in sorted((source / "src").rglob("*.[ch]")):
        parts = file.relative_to(source / "src").parts
        layer = parts[0] if len(parts) > 1 else "main"
        for used in pattern.findall(file.read_text()):
            if used in MAY_USE and used not in MAY_USE.get(layer, set()) | {layer}:
                yield f"{file.relative_to(source)} includes a header of {used}, which does not stand below {layer}"


complaints = [*calls(), *includes()]
print(*complaints, sep="\n", file=sys.stderr)
print(f"{len(complaints)} breaches of the layering")
sys.exit(1 if complaints else 0)
