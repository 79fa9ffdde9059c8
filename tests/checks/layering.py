"""A layer uses what stands below it and nothing else: no call and no #include upward or sideways.

usage: layering.py SOURCE_ROOT BUILD_ROOT

What each folder may use is its row in ARCHITECTURE.md; the row has to say what src/*/meson.build links.
"""
import pathlib
import re
import subprocess
import sys

source, build = map(pathlib.Path, sys.argv[1:3])

# As a row calls the libraries that meson.build knows as dep_NAME.
LIBRARIES = {"crypto": "OpenSSL", "curl": "libcurl", "jansson": "Jansson", "mhd": "libmicrohttpd", "pg_query": "libpg_query",
             "pq": "libpq", "yaml": "libfyaml", "zlib": "zlib", "zstd": "zstd"}


def read_rows():
    """(layers, libraries, whether it says "below") a folder, in the order of the table: from the ground up."""
    rows = {}
    for line in (source / "ARCHITECTURE.md").read_text().splitlines():
        row = re.fullmatch(r"\| `src/(\w+)` \|.*\| ([^|]+) \|[^|]*\|", line)
        if not row:
            continue
        layer, may_use = row.groups()
        words = {word.strip() for word in may_use.split(",")}
        below = words & {"everything below", "app and below"}
        layers = {word for word in words if (source / "src" / word).is_dir()}
        if below:
            upto = [*rows][: [*rows].index("app") + 1] if "app and below" in below else [*rows]
            layers |= set(upto)
        rows[layer] = layers, {name for name, said in LIBRARIES.items() if said in may_use}, bool(below)
    return rows


ROWS = read_rows()
MAY_USE = {layer: layers for layer, (layers, _, _) in ROWS.items()}
MAY_USE["main"] = {"cmd"}  # src/main.c


def linked(layer):
    """What its meson.build names: layers, libraries."""
    text = (source / "src" / layer / "meson.build").read_text()
    layers = set(re.findall(r"\bgw_(\w+?)_dep\b", text)) | set(re.findall(r"\b(\w+)_lib\b", text))
    return layers & set(ROWS) - {layer}, set(re.findall(r"\bdep_(\w+)", text)) & set(LIBRARIES)


def closed(layers, direct):
    found = set(layers)
    while found != (found := found.union(*(direct[layer] for layer in found))):
        pass
    return found


def rows_that_lie():
    """Complaints about rows of ARCHITECTURE.md that say something else than the build."""
    folders = {file.parent.name for file in (source / "src").glob("*/meson.build")}
    for layer in sorted(folders ^ set(ROWS)):
        yield f"src/{layer} is " + ("in ARCHITECTURE.md and not in the build" if layer in ROWS else "no row of ARCHITECTURE.md")
    known = {layer: linked(layer) for layer in ROWS if layer in folders}
    direct = {layer: layers for layer, (layers, _) in known.items()}
    above = list(ROWS)
    for layer, (layers, libraries) in known.items():
        said, said_libraries, below = ROWS[layer]
        if below:  # what stands between says the rest
            layers = closed(layers, direct)
        allowed = said_libraries.union(*(ROWS[low][1] for low in said)) if below else said_libraries
        for other in sorted(said - layers):
            yield f"ARCHITECTURE.md lets src/{layer} use {other}, which its meson.build does not link"
        for other in sorted(layers - said):
            yield f"src/{layer}/meson.build links {other}, which its row in ARCHITECTURE.md does not name"
        for other in sorted(layers & said & set(above[above.index(layer):])):
            yield f"src/{layer} stands above {other} in ARCHITECTURE.md and uses it"
        for name in sorted((libraries - allowed) | (said_libraries - libraries)):
            yield f"src/{layer}: its row in ARCHITECTURE.md and its meson.build disagree about {LIBRARIES[name]}"


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
            yield f"src/{layer} has no row in ARCHITECTURE.md"
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


complaints = [*rows_that_lie(), *calls(), *includes()]
print(*complaints, sep="\n", file=sys.stderr)
print(f"{len(complaints)} breaches of the layering")
sys.exit(1 if complaints else 0)
