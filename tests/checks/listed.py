"""Every tests/unit/LAYER/test_*.c is named by a meson.build: one that is not would never run.

usage: listed.py SOURCE_ROOT LISTED...
"""
import pathlib
import sys

unit = pathlib.Path(sys.argv[1]) / "tests" / "unit"
there = {str(p.relative_to(unit)) for p in unit.rglob("test_*.c")}
unlisted = sorted(there - set(sys.argv[2:]))
for name in unlisted:
    layer, _, file = name.partition("/")
    module = file[len("test_"):-len(".c")]
    print(f"tests/unit/{name} is not built: add '{module}' to unit_modules in tests/unit/{layer}/meson.build",
          file=sys.stderr)
sys.exit(1 if unlisted else 0)
