#!/usr/bin/env python3
"""Build the dashboard and turn it into a C source with a table of its files, compressed.

    embed-web.py NODE WEB DIST OUT.c      (WEB: the folder web/; DIST: where Vite writes)
    embed-web.py --none OUT.c             (an empty table: this build has no dashboard)
    embed-web.py --size DIST LIMIT        (fail where what a browser loads at first is bigger, compressed)

What the table's members are: src/http/site.h.
"""
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def compressed(data):
    return gzip.compress(data, 9, mtime=0)


def build(node, web, dist):
    vite = web / "node_modules/vite/bin/vite.js"
    done = subprocess.run([node, str(vite), "build", str(web), "--outDir", str(dist), "--emptyOutDir",
                           "--configLoader", "runner", "--logLevel", "warn"],
                          cwd=web, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}")


def table(files):
    lines = ["/* Made by scripts/embed-web.py. */", '#include "http/site.h"', ""]
    rows = []
    for number, (path, data) in enumerate(files):
        packed = compressed(data)
        lines.append(f"static const unsigned char file_{number}[] = {{")
        lines += [",".join(map(str, packed[at:at + 32])) + "," for at in range(0, len(packed), 32)]
        lines.append("};")
        kind = TYPES[pathlib.Path(path).suffix]
        path = "/" if path == "/index.html" else path
        lasting = "true" if path.startswith("/assets/") else "false"
        tag = hashlib.sha256(data).hexdigest()[:32]
        rows.append(f'    {{"{path}", "{kind}", "\\"{tag}\\"", file_{number}, '
                    f"sizeof file_{number}, {len(data)}, {lasting}}},")
    if not rows:
        rows = ["    {0},"]
    return [*lines, "", "const gw_site_file gw_site_files[] = {", *rows, "};",
            f"const size_t gw_site_file_count = {len(files)};", ""]


def initial(dist):
    """What is loaded before anybody clicks: the page, and what it names, and all that those import: the charts of the
    first page come by themselves once it stands."""
    seen, queue = {}, ["index.html"]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        data = (dist / name).read_bytes()
        seen[name] = len(compressed(data))
        text = data.decode("utf-8", "replace")
        if name.endswith(".html"):
            queue += re.findall(r'(?:src|href)="/([^"]+)"', text)
        elif name.endswith(".js"):
            near = re.findall(r'(?:\bfrom|^import|[;}]import)\s*"\./([^"]+)"|\bimport\("\./([^"]+)"\)', text)
            styles = re.findall(r'"(assets/[^"]+\.css)"', text)
            queue += [f"assets/{first or second}" for first, second in near] + styles
    return seen


def main(words):
    if words[0] == "--size":
        seen, limit = initial(pathlib.Path(words[1])), int(words[2])
        for name, size in sorted(seen.items()):
            print(f"{size:8} {name}")
        total = sum(seen.values())
        print(f"{total} bytes at first, compressed; {limit} at most")
        return 1 if total >= limit or not any(name.endswith(".js") for name in seen) else 0
    if words[0] == "--none":
        pathlib.Path(words[1]).write_text("\n".join(table([])), encoding="ascii")
        return 0
    node, web, dist, out = words[0], *(pathlib.Path(word).resolve() for word in words[1:4])
    build(node, web, dist)
    files = [("/" + path.relative_to(dist).as_posix(), path.read_bytes())
             for path in sorted(dist.rglob("*")) if path.is_file()]
    out.write_text("\n".join(table(files)), encoding="ascii")
    return 0


sys.exit(main(sys.argv[1:]))
