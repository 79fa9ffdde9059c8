"""The dashboard that `serve` gives, walked in Chromium at the width of a phone and of a desk: migrations applied, refused and
rolled back, rows moved, paused and resumed, counters seen moving, a lost server said. GODWIT_PICTURES=DIR keeps a picture of every page."""
import gzip
import json
import os
import re
import shutil
import subprocess
import threading

import pytest

from harness import system
from harness.program import ROOT

MODULES = ROOT / ".cache/npm/node_modules"
WEB_MODULES = ROOT / "web/node_modules"
DRIVER = ROOT / "tests/e2e/harness/dashboard.cjs"
U128 = 2 ** 128 - 1


def need():
    for path in (shutil.which("chromium"), shutil.which("node"), MODULES / "playwright-core", WEB_MODULES / "axe-core"):
        if not path or not os.path.exists(path):
            pytest.fail("no Chromium, no driver for it or no axe: scripts/install-deps web test")


def test_its_files(project, make_serve):
    serve = make_serve(project, "--no-drift")
    page = serve.get("/")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8", \
        "this build has no dashboard: scripts/install-deps web, and configure it again"
    assert "unsafe" not in page.headers["Content-Security-Policy"] and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?://", page.text)
    packed = serve.get("/", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == page.body
    for refused in ("gzip;q=0", "identity", "xgzip"):
        assert serve.get("/", headers={"Accept-Encoding": refused}).body == page.body
    assert serve.get("/", headers={"If-None-Match": page.headers["ETag"]}).status == 304
    for name in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
        file = serve.get(name)
        assert file.status == 200 and file.body, name
        assert file.headers["Cache-Control"] == ("public, max-age=31536000, immutable" if name.startswith("/assets/") else "no-cache")
        assert serve.get(name, headers={"If-None-Match": page.headers["ETag"]}).status == 200
    for nothing in ("/assets/", "/assets/none.js", "/assets/..%2findex.html", "/index.html", "/assets/a/b"):
        assert serve.get(nothing).status == 404, nothing


@pytest.fixture
def watched(sides, make_serve):
    """A project with something of everything; the environment is protected."""
    sides.config({"environments": {"dev": {"url": sides.new.url, "protected": True}, "away": {"url": "postgresql://x@127.0.0.1:1/x"}},
                  "sync": {"source": sides.old.url, "batch": {"rows": 25}},
                  "maintain": {"statements": {
                      "a long name, as somebody in a hurry writes it 'ü'": {"sql": "ANALYZE", "every": "1d"},
                      "divides": "SELECT count(*) / 0 AS a_long_name_without_a_place_to_break_it_anywhere FROM pg_catalog.pg_class"}}})
    sides.migration(1, "first", "CREATE TABLE d (id int PRIMARY KEY, x text CHECK (x <> 'bad'));", "DROP TABLE d;")
    sides.godwit("--protected", "dev", "up", code=0)
    sides.migration(2, "Übung 'x'", "CREATE TABLE e (id int PRIMARY KEY, d int REFERENCES d);", "DROP TABLE e;")
    sides.migration(3, "wrong", "SELECT 1/0;", "SELECT 1;")
    # Several blocks: a first load goes by runs of them; by runs of keys, and more rows, where nothing is read by blocks.
    sides.rows = 400 if sides.new.server.major >= 14 else 4000
    sides.old.execute(f"CREATE TABLE s (id int, x text); ALTER TABLE s ALTER x SET STORAGE PLAIN; INSERT INTO s SELECT i AS id, CASE WHEN i % 100 = 7 THEN 'bad' ELSE i || repeat('x', 1500) END AS x"
                      f" FROM generate_series(1, {sides.rows}) i; ALTER TABLE s ADD PRIMARY KEY (id)")
    # So slow that somebody can pause it.
    sides.new.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                      f" $$ BEGIN PERFORM pg_sleep({16 / sides.rows}); RETURN new; END $$;"
                      " CREATE TRIGGER slow BEFORE INSERT ON d FOR EACH ROW EXECUTE FUNCTION slow()")
    sides.map("d", "x", source="s", destination="d", rest="identity: keep\n")
    sides.godwit("--protected", "dev", "sync", "mapping", "register", code=0)
    events = [{"kind": "stage", "stage": "Accounts", "step": "start"},
              {"kind": "pallet", "pallet": "Balances", "stage": "Accounts", "total": 1500, "processed": 255, "failed": 1},
              {"kind": "xcm", "source": "relay-chain", "destination": "asset-hub", "sent": 3},
              {"kind": "balance", "accounts": 255, "migrated": str(U128), "kept": "0"}]
    sides.write("events.ndjson", "".join(json.dumps(e) + "\n" for e in events))
    sides.godwit("--protected", "dev", "track", "ingest", "events.ndjson", code=0)
    sides.backups = sides.new.server.major <= system.PG_DUMP_MAJOR
    sides.serve = make_serve(sides, "--no-drift", "--proxy-header", "X-Who", "--proxy-from", "127.0.0.1")
    return sides


def help_out(sides, what):
    if what == "mend":
        sides.migration(3, "wrong", "SELECT 1;", "SELECT 1;")
    elif what == "fast":
        sides.new.execute("DROP TRIGGER slow ON d")
    elif what == "backup":
        if sides.backups:
            sides.godwit("--protected", "dev", "backup", code=0)
    elif what == "sick":
        sides.new.execute("CREATE INDEX \"it's broken\" ON d (x); UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"it''s broken\"'::regclass")
    elif what == "remove":
        for file in (sides.path / "migrations").glob("1_*"):
            file.unlink()
    elif what == "maintain":
        sides.godwit("--protected", "dev", "maintain", code=1)
    elif what == "count":
        sides.godwit("--protected", "dev", "track", "count", "pallet", "pallet=Balances", "stage=Accounts", "processed=1000", code=0)
    else:
        raise AssertionError(what)


def walk(sides, width, height, scheme, walk="whole"):
    need()
    home = system.make_folder("browser")
    pictures = os.environ.get("GODWIT_PICTURES", "")
    if pictures:
        os.makedirs(pictures, exist_ok=True)
    said = sides.serve.said
    browser = subprocess.Popen(["node", DRIVER, shutil.which("chromium"), said["link"], str(width), str(height), scheme, pictures],
                               env={**system.clean_environment(), "NODE_PATH": str(MODULES), "WEB_MODULES": str(WEB_MODULES), "HOME": str(home), "WALK": walk,
                                    **({} if sides.backups else {"NO_BACKUP": "1"})},
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in browser.stdout:
            if not line.startswith("need "):
                return json.loads(line)
            help_out(sides, line.split()[1])
            browser.stdin.write("done\n")
            browser.stdin.flush()
        raise AssertionError(browser.stderr.read())
    finally:
        browser.kill()
        browser.communicate()
        shutil.rmtree(home, ignore_errors=True)


def judge(found, width, rows, backups):
    assert "fatal" not in found, f"{found['fatal']}\n{found['seen']}"
    assert found["trouble"] == [] and found["elsewhere"] == []
    assert {"overview", "migrations", "migration", "rows-empty", "session", "quarantine", "log", "tracker", "schema", "picture", "table", "applied", "gone",
            "waits", "backups-empty", "doctor", "doctor-fixed", "lost"} | ({"backups"} if backups else set()) == set(found["pages"])
    for name, page in found["pages"].items():
        assert page["scroll"] <= page["client"] == width and page["outside"] == [], (name, page)
        assert page["serious"] == [], (name, page["serious"])
        assert page["split"] == [], (name, page["split"])
    steps = found["steps"]
    assert "REFERENCES d" in steps["sql"] and "SHARE ROW EXCLUSIVE" in steps["locks"]
    assert steps["closedUntilNamed"]
    assert "division by zero" in steps["failure"] and "22012" in steps["failure"]
    assert "Übung 'x'" in steps["output"]
    assert 0 < steps["paused"] < rows <= steps["moved"]  # a rejected row is tried again with the next attempt
    assert "7" in steps["reject"] and "check" in steps["reject"].lower()
    assert steps["amounts"][0] == f"{U128:,}"
    assert steps["counted"] == ["255", "1,255"]
    assert steps["skip"] == "To the content" and steps["keys"][-1] == "Schema"
    assert [text.split()[:3] for text in steps["ran"]] == [["CREATE", "TABLE", "d"], ["DROP", "TABLE", "d;"]]
    assert "apply" in steps["became"] and "ok" in steps["became"]
    if backups:
        assert "never" in steps["backup"] and re.search(r"restores: \d+ tables?, [\d,]+ rows", steps["verified"])
    assert [line.split()[:1] for line in steps["environments"]] == [["dev"], ["away"]]
    assert "this one" in steps["environments"][0] and "down" in steps["environments"][1]
    assert "it's broken" in steps["finding"] and "REINDEX" in steps["findingSql"] and "it's broken" in steps["fixed"]
    whole, zoomed, moved, again, dragged = steps["views"]
    assert whole == again and len({whole, zoomed, moved, dragged}) == 4
    assert {"public.d", "public.e"} <= set(steps["drawn"]) and steps["neighbours"] == ["public.d", "public.e"]
    assert steps["back"] and steps["viewerButtons"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("width, height, scheme", [(360, 740, "dark"), (1280, 800, "light")])
def test_a_walk(watched, width, height, scheme):
    found = walk(watched, width, height, scheme)
    judge(found, width, watched.rows, watched.backups)
    events = watched.godwit("--json", "history", "--limit", "100", code=0).json["events"]
    assert {"serve login", "serve up", "serve down"} <= {e["action"] for e in events}
    assert watched.new.value("SELECT count(*) FROM d") == watched.rows - watched.rows // 100


@pytest.mark.slow
def test_upkeep_and_waits_on_a_phone_and_a_desk(watched):
    """What maintain would do and did, and waits for locks as they were; somebody waits meanwhile."""
    def wait_for_it():
        with watched.new.connect() as other:
            other.cursor().execute("SELECT pg_advisory_xact_lock(7)")

    with watched.new.connect(autocommit=False) as holder:
        holder.cursor().execute("SELECT pg_advisory_xact_lock(7)")
        waiter = threading.Thread(target=wait_for_it)
        waiter.start()
        try:
            found = walk(watched, 1280, 800, "light", "upkeep")
        finally:
            holder.rollback()
            waiter.join()
    assert "fatal" not in found, f"{found['fatal']}\n{found['seen']}"
    assert found["trouble"] == [] and found["elsewhere"] == []
    for name, page in found["pages"].items():
        assert page["scroll"] <= page["client"] and page["outside"] == [] and page["serious"] == [], (name, page)
    steps = found["steps"]
    assert "in a hurry" in steps["next"] and "ANALYZE" in steps["next"] and "divides" in steps["next"]
    assert "failed" in steps["did"] and "division by zero" in steps["did"] and "ok" in steps["did"]
    assert "Most at once: 1 session" in steps["waits"] and "Longest: none" not in steps["waits"]
    assert steps["charts"] == ["Sessions that wait for a lock, and how long the longest has run, over time"]


def test_without_events_and_on_a_wide_screen(watched):
    found = walk(watched, 1280, 800, "light", "short")
    assert "fatal" not in found, f"{found['fatal']}\n{found['seen']}"
    assert found["trouble"] == [] and found["elsewhere"] == []
    assert found["steps"]["polled"] == ["255", "1,255", "polling"]
    for name, page in found["pages"].items():
        assert page["outside"] == [] and page["serious"] == [], (name, page)
    # Lines as long as a 4K screen nobody reads.
    assert 1200 < found["steps"]["widest"] < 2400
