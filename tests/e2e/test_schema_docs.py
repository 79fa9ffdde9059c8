"""docs: a site of a schema, and Markdown."""
import html.parser
import json
import os
import pathlib
import shutil
import urllib.parse

import pytest

SCHEMA = r"""
CREATE SCHEMA "odd & <schema>";
CREATE TYPE mood AS ENUM ('a<b', 'c');
CREATE TABLE customers (id bigint PRIMARY KEY, "full <name>" text NOT NULL DEFAULT '<i>x</i>', m mood,
    total numeric GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, above bigint REFERENCES orders);
CREATE TABLE "odd & <schema>"."T ""q"" | ü*" ("a b" int UNIQUE REFERENCES orders (id));
CREATE TABLE "Nothing" (id int); CREATE TABLE nothing ();
CREATE INDEX orders_customer ON orders (customer_id);
CREATE VIEW v AS SELECT id FROM orders WHERE id < 5;
CREATE MATERIALIZED VIEW mv AS SELECT id FROM v;
CREATE TABLE parted (at date) PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders USING (id > 1);
COMMENT ON TABLE orders IS 'all <script>alert("x")</script> & more
second line';
COMMENT ON COLUMN orders.id IS '</td><b>bold | `code`';
COMMENT ON SCHEMA "odd & <schema>" IS '<script>';
INSERT INTO customers (id) SELECT generate_series(1, 500);
ANALYZE customers;
"""
VOID = {"meta", "link", "input", "br", "img", "hr"}
ALLOWED_OPEN = VOID | {"p", "path", "polygon", "polyline", "ellipse"}


class Page(html.parser.HTMLParser):
    """Elements that are closed in order, the links, the ids, the text."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.links, self.ids, self.tags, self.text = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.stack == [], self.stack

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "xlink:href", "src"):
            if name in values:
                self.links.append(values[name])
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, (tag, self.stack)
        self.stack.pop()

    def handle_data(self, data):
        self.text.append(data)


def pages(folder):
    return {p.relative_to(folder).as_posix(): Page(p.read_text()) for p in pathlib.Path(folder).rglob("*.html")}


@pytest.fixture
def site(project, database):
    database.execute(SCHEMA)
    project.migration(1, "first <b>", "CREATE TABLE made_by_up (id int);")
    project.godwit("up", code=0)
    project.result = project.godwit("docs", "--out", "site", code=0)
    return project


def index_of(folder):
    text = (folder / "search.js").read_text()
    return json.loads(text[text.index("["):text.rindex("]") + 1])


def test_pages_links_and_what_is_on_them(site):
    folder = site / "site"
    found = pages(folder)
    assert {"index.html", "objects.html", "changelog.html", "tables/public.orders.html"} <= set(found)
    assert len({name.lower() for name in found}) == len(found), "some file systems take upper and lower case for one"
    for name, page in found.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            address = urllib.parse.urlsplit(link)
            assert not address.scheme and not address.netloc, f"{name} needs the network: {link}"
            target = (folder / name).parent / urllib.parse.unquote(address.path) if address.path else folder / name
            assert target.resolve().is_file(), f"{name}: {link}"
            if address.fragment:
                other = found[target.resolve().relative_to(folder.resolve()).as_posix()]
                assert urllib.parse.unquote(address.fragment) in other.ids, f"{name}: {link}"
        # Two scripts, both the site's own.
        assert page.tags.count("script") == 2 and "b" not in page.tags and "i" not in page.tags, name
    orders = "".join(found["tables/public.orders.html"].text)
    for expected in ('<script>alert("x")</script> & more', "</td><b>bold", "orders_customer", "Triggers", "Policies",
                     "Referred to by", "Seen through", "row-level security", "bigint"):
        assert expected in orders, expected
    assert "tables/public.parted_1.html" not in found and "parted_1" in "".join(found["tables/public.parted.html"].text)
    assert "500" in "".join(found["index.html"].text) and "kB" in "".join(found["index.html"].text)
    changes = "".join(found["changelog.html"].text)
    assert "first <b>" in changes and "apply" in changes


def test_the_search_index_has_everything_and_points_somewhere(site):
    folder = site / "site"
    found, index = pages(folder), index_of(folder)
    names = {entry[0] for entry in index}
    for expected in ("public.orders", "public.orders.customer_id", "public.v", "public.mv", "public.mood", "public.f()"):
        assert expected in names, expected
    assert any('T ""q"" | ü*' in name for name in names)
    for name, _, where, _ in index:
        address = urllib.parse.urlsplit(where)
        assert address.path in found, name
        if address.fragment:
            assert urllib.parse.unquote(address.fragment) in found[address.path].ids, name


def test_pictures(site):
    if not shutil.which("dot"):
        pytest.fail("no dot: scripts/install-deps test")
    text = (site / "site" / "index.html").read_text()
    assert "<svg" in text and "data-er" in text
    assert "<svg" in (site / "site" / "tables" / "public.orders.html").read_text()
    assert "<svg" not in (site / "site" / "tables" / "public.made_by_up.html").read_text(), "it has no neighbours"


def test_without_dot(site, tmp_path):
    for name in ("git", "sh"):
        if shutil.which(name):
            os.symlink(shutil.which(name), tmp_path / name)
    result = site.godwit("docs", "--out", "plain", env={"PATH": str(tmp_path)}, code=0)
    assert "Graphviz" in result.err
    assert "<svg" not in (site / "plain" / "index.html").read_text()
    assert pages(site / "plain")


def test_the_same_database_gives_the_same_files(site):
    site.godwit("docs", "--out", "again", code=0)
    for path in (site / "site").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (site / "again" / path.relative_to(site / "site")).read_bytes(), path


def test_markdown(site):
    site.godwit("docs", "--out", "md", "--format", "markdown", code=0)
    text = site.read("md/schema.md")
    assert "```mermaid\nerDiagram" in text and "## public.orders" in text
    assert "<script>" not in text.replace("\\<script>", "") and "\\|" in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    for row in rows:
        assert row.replace("\\|", "").count("|") == 6, row


def test_options(site):
    result = site.godwit("docs", "--out", "m", "--from", "migrations", "--json", code=0)
    assert "m/index.html" in result.json["files"][0] or result.json["files"][0].endswith("index.html")
    assert "made_by_up" in site.read("m/index.html") and "customers" not in site.read("m/index.html")
    assert "--out" in site.godwit("docs", code=2).err
    site.write("file", "")
    site.godwit("docs", "--out", "file/x", code=1)
