"""The site of `docs` in Chromium, at the width of a phone and of a desk, light and dark: nothing sticks out, texts can be
read, the search finds, pictures move. GODWIT_PICTURES=DIR keeps a picture of every page."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import system
from harness.examples import KEMBRIDGE, SITA_MINTER
from harness.program import ROOT

MODULES = ROOT / ".cache/npm/node_modules"
DRIVER = ROOT / "tests/e2e/harness/browser.cjs"
# Names that are long and cannot be broken, wide types, a table of many columns: what would stick out.
AWKWARD = r"""
CREATE SCHEMA "Sch ema";
CREATE TABLE "Sch ema".a_name_of_sixty_three_bytes_that_offers_no_place_to_break_at_al (
    a_column_name_of_sixty_three_bytes_that_offers_no_place_to_break numeric(38, 10) DEFAULT 12345678901234567890.1234567890
        CONSTRAINT a_constraint_of_sixty_three_bytes_that_offers_no_place_to_break
        CHECK (a_column_name_of_sixty_three_bytes_that_offers_no_place_to_break > 0 AND
               a_column_name_of_sixty_three_bytes_that_offers_no_place_to_break < 99999999999),
    id bigint PRIMARY KEY);
COMMENT ON TABLE "Sch ema".a_name_of_sixty_three_bytes_that_offers_no_place_to_break_at_al IS
    'https://example.org/a/very/long/address/that/nobody/can/break/anywhere/because/it/is/one/word/and/goes/on/and/on';
CREATE TABLE customers (id bigint PRIMARY KEY, {});
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers,
    odd bigint REFERENCES "Sch ema".a_name_of_sixty_three_bytes_that_offers_no_place_to_break_at_al);
CREATE VIEW v AS SELECT {} FROM customers;
""".format(", ".join(f"column_{n} text" for n in range(40)), ", ".join(f"column_{n}" for n in range(40)))


def need():
    for path in (shutil.which("chromium"), MODULES / "playwright-core", shutil.which("dot")):
        if not path or not pathlib.Path(path).exists():
            pytest.fail("no Chromium, no driver for it or no dot: scripts/install-deps test")


SIZES = [(390, 844, "light"), (390, 844, "dark"), (1280, 800, "light"), (1280, 800, "dark")]


def look(site, query, sizes):
    """Looks at a site in each of the sizes, and judges it."""
    need()
    home = system.make_folder("browser")
    pictures = os.environ.get("GODWIT_PICTURES", "")
    if pictures:
        pictures = os.path.join(pictures, query)
        os.makedirs(pictures, exist_ok=True)
    try:
        done = subprocess.run(["node", DRIVER, shutil.which("chromium"), site, query, json.dumps(sizes), pictures],
                              env={**system.clean_environment(), "NODE_PATH": str(MODULES), "HOME": str(home)},
                              capture_output=True, text=True, timeout=240, check=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert done.returncode == 0, done.stderr
    for found, (width, _, scheme) in zip(json.loads(done.stdout), sizes):
        judge(found, width, scheme, query)


def judge(found, width, scheme, expected):
    assert found["trouble"] == []
    for name, page in found["pages"].items():
        assert page["scroll"] <= page["client"] == width, f"{name} is wider than the window: {page['outside']}"
        assert page["outside"] == [], name
        # WCAG AA for text of ordinary size
        assert page["contrast"] >= 4.5, f"{name}: {page['contrast']:.1f} {page['worst']}"
        assert page["small"] >= 12, name
        brightness = sum(int(v) for v in page["back"].removeprefix("rgb(").rstrip(")").split(","))
        assert (brightness < 300) == (scheme == "dark"), (name, page["back"])
    index = found["pages"]["index.html"]["svg"]
    assert index["width"] > width * 0.8 and index["height"] > 100 and index["texts"] > 5
    assert found["focused"] == "search" and found["arrow"] and found["closed"] and found["listInside"]
    assert found["nothing"] == "nothing found"
    assert expected in found["hits"][0] and expected in found["landed"]
    for what in ("panned", "stayed", "zoomed", "reset", "wheeled"):
        assert found[what], what
    assert found["opened"].endswith(".html")


@pytest.mark.slow
def test_awkward_names(project, database):
    database.execute(AWKWARD)
    project.godwit("docs", "--out", "site", code=0)
    look(project / "site", "orders", SIZES)


@pytest.mark.slow
@pytest.mark.parametrize("example, query", [(KEMBRIDGE, "transactions"), (SITA_MINTER, "users")],
                         ids=["kembridge", "sita-minter"])
def test_examples(example, query, server, project, database):
    example.prepare(server)
    for extension in example.extensions:
        database.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension}"')
    shutil.copytree(example.folder / "migrations", project / "migrations", dirs_exist_ok=True)
    project.godwit("up", code=0)
    project.godwit("docs", "--out", "site", code=0)
    look(project / "site", query, [SIZES[0], SIZES[3]])
