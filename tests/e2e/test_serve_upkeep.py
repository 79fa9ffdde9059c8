"""What is kept over time, over HTTP: waits for locks and lag as they were, what upkeep did and would do; and answers that
hold errors, against the document that describes them."""
import json
import threading

import jsonschema
import pytest

from harness.waiting import until


def checked(serve, token, path, query="", status=200):
    """The answer, which has the shape that the document promises."""
    document = serve.get("/api/v1/openapi.json", token=token).json
    answer = serve.get(path + query, token=token, timeout=120)
    assert answer.status == status, answer
    shape = document["paths"][path]["get"]["responses"].get(str(status)) or document["paths"][path]["get"]["responses"]["default"]
    jsonschema.validate(answer.json, shape["content"]["application/json"]["schema"], jsonschema.Draft202012Validator)
    return answer.json


def figures(serve, token):
    return dict(line.rsplit(" ", 1) for line in serve.get("/metrics", token=token).text.splitlines() if not line.startswith("#"))


def test_a_wait_is_seen_after_it_is_over(project, database, make_serve):
    project.migration(1, "first", 'CREATE TABLE "t ✓" (x int);')
    project.godwit("up", code=0)
    serve = make_serve(project, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/trend").status == 401
    assert serve.get("/api/v1/trend?x=1", token=token).status == 400
    until(lambda: checked(serve, token, "/api/v1/trend")["points"], 30, "the first look")

    def most():
        points = checked(serve, token, "/api/v1/trend")["points"]
        return max((p["lock_waiters"] or 0 for p in points), default=0), max((p["lock_wait_ms"] or 0 for p in points), default=0)

    def wait_for_it():
        with database.connect() as other:
            other.cursor().execute('LOCK "t ✓"')

    with database.connect(autocommit=False) as holder:
        holder.cursor().execute('LOCK "t ✓"')
        waiters = [threading.Thread(target=wait_for_it) for _ in range(2)]
        for waiter in waiters:
            waiter.start()
        until(lambda: most()[0] == 2, 60, "both of them seen waiting")
        # Two looks see them: time counts from one to the next.
        until(lambda: float(figures(serve, token)["godwit_lock_waited_seconds_total"]) > 0, 60, "time spent waiting")
        holder.rollback()
    for waiter in waiters:
        waiter.join()
    until(lambda: figures(serve, token)["godwit_lock_waiters"] == "0", 30, "the end of the waits")
    now = figures(serve, token)
    assert now["godwit_lock_waiters_most"] == "2" and float(now["godwit_lock_wait_most_seconds"]) > 0
    assert "godwit_sync_lag_most_seconds" not in now  # nothing was ever moved
    points = checked(serve, token, "/api/v1/trend")["points"]
    assert most()[0] == 2 and most()[1] > 0 and all(p["sync_lag_ms"] is None for p in points)
    assert len({p["at"] for p in points}) == len(points)


def test_history_goes_on_where_the_database_is_away(project, restartable_server, make_serve):
    here = restartable_server.create_database()
    project.config({"default": "test", "environments": {"test": {"url": here.url}}})
    project.migration(1, "first", "CREATE TABLE t (x int);")
    project.godwit("up", code=0)
    serve = make_serve(project, "--no-drift", "--proxy-header", "X-Who", "--proxy-from", "127.0.0.1")
    ask = lambda path: serve.get(path, headers={"X-Who": "eva"})
    until(lambda: ask("/api/v1/trend").json["points"], 30, "the first look")
    restartable_server.stop()
    text = ask("/metrics").text
    assert "godwit_database_up 0" in text and "godwit_lock_waiters_most 0" in text
    assert ask("/api/v1/trend").status == 200
    serve.stop(code=0)


def test_what_upkeep_did_and_would_do(project, database, make_serve):
    project.config({"default": "test", "environments": {"test": {"url": database.url}}, "maintain": {"statements": {
        "now and 'then' ✓": {"sql": "CREATE TABLE IF NOT EXISTS public.made ()", "every": "1 month"}, "broken": "SELECT 1/0"}}})
    serve = make_serve(project, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/maintain").status == 401
    first = checked(serve, token, "/api/v1/maintain")
    assert [(s["action"], s["object"], s["outcome"]) for s in first["steps"]][:2] == [
        ("statements", "now and 'then' ✓", "would"), ("statements", "broken", "would")]
    assert first == project.godwit("--json", "maintain", "--dry-run", code=0).json
    # Looking does nothing.
    assert database.value("SELECT to_regclass('public.made')") is None
    assert checked(serve, token, "/api/v1/history", "?action=maintain")["events"] == []
    assert project.godwit("maintain", code=1).err
    done = checked(serve, token, "/api/v1/history", "?action=maintain")["events"]
    assert [(e["name"], e["outcome"]) for e in done] == [("statements broken", "failed"), ("statements now and 'then' ✓", "ok")]
    assert "division by zero" in done[0]["message"] and len({e["run"] for e in done}) == 1
    assert done == project.godwit("--json", "history", "--action", "maintain", code=0).json["events"]
    assert "statements broken" in project.godwit("history", "--action", "maintain", code=0).out
    assert checked(serve, token, "/api/v1/history", "?action=none")["events"] == []
    until(lambda: len(checked(serve, token, "/api/v1/maintain")["steps"]) < len(first["steps"]), 30, "an answer of now")
    assert [s["object"] for s in checked(serve, token, "/api/v1/maintain", "?only=statements")["steps"]] == ["broken"]
    assert "has no action" in checked(serve, token, "/api/v1/maintain", "?only=x", 400)["error"]["message"]


def test_a_plan_of_upkeep_that_cannot_be_made_says_how_far_it_came(project, database, make_serve):
    project.config({"default": "test", "environments": {"test": {"url": database.url}}, "maintain": {
        "statements": {"x": "SELECT 1"}, "partitions": [{"table": "public.nowhere", "every": "month", "ahead": "3 months"}]}})
    serve = make_serve(project, "--no-drift")
    token = serve.token()
    said = checked(serve, token, "/api/v1/maintain", status=409)
    assert [s["outcome"] for s in said["steps"]][0] == "would" and said["failed"] == 1 and "nowhere" in json.dumps(said["error"])


@pytest.fixture
def in_trouble(sides):
    """Of one entity a row is refused; the other fails."""
    sides.old.execute("CREATE TABLE a (id int PRIMARY KEY, x text); CREATE TABLE b (id int PRIMARY KEY, x text); "
                      "INSERT INTO a SELECT i, NULLIF(i, 3)::text FROM generate_series(1, 30) i; INSERT INTO b SELECT * FROM a")
    sides.new.execute("CREATE TABLE a (id int PRIMARY KEY, x text NOT NULL); CREATE TABLE b (id int PRIMARY KEY, x text NOT NULL)")
    for name, refused in (("a", "quarantine"), ("b", "fail")):
        sides.map(name, "x", source=name, destination=name, rest=f"identity: keep\non_reject: {refused}\n")
    sides.godwit("sync", "mapping", "register", code=0)
    sides.godwit("sync", "run", code=3)
    return sides


def test_errors_of_sessions_have_the_shape_that_is_promised(in_trouble, make_serve):
    serve = make_serve(in_trouble, "--no-drift")
    token = serve.token()
    session = checked(serve, token, "/api/v1/sync/sessions")["sessions"][0]
    document = serve.get("/api/v1/openapi.json", token=token).json
    one = serve.get(f"/api/v1/sync/sessions/{session['session']}", token=token).json
    shape = document["paths"]["/api/v1/sync/sessions/{session}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(one, shape, jsonschema.Draft202012Validator)
    # A line that ends at nothing, where nothing is left.
    until(lambda: checked(serve, token, "/api/v1/trend")["points"], 30, "the first look")
    point = checked(serve, token, "/api/v1/trend")["points"][-1]
    assert point["sync_rows_left"] == 0 and point["sync_lag_ms"] is None  # none was brought to its end
    assert figures(serve, token)["godwit_sync_rows_left"] == "0"
    assert session["error"]["reason"] and session["error"]["entities"]["b"]["message"]
    assert {e["entity"]: bool(e["error"]) for e in one["entities"]} == {"a": False, "b": True}
    lines = checked(serve, token, "/api/v1/sync/logs", "?limit=500")["lines"]
    assert any(line["error"] for line in lines) and any(line["performance"] for line in lines)
    assert any(line["context"] for line in lines) and any(not line["context"] for line in lines)
    rejects = checked(serve, token, "/api/v1/sync/rejects")["rejects"]
    assert [r["source_row"] for r in rejects if r["entity"] == "a"] == [{"id": "3", "x": None}]
    # And it is no shape that takes everything.
    lines[0]["context"]["more"] = 1
    shape = document["paths"]["/api/v1/sync/logs"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"lines": lines}, shape, jsonschema.Draft202012Validator)


@pytest.mark.slow
def test_data_of_events_has_the_shape_that_is_promised(project, database, make_serve):
    """A refused loss, and one that comes by a foreign key, a repair, a push; and none."""
    first = "CREATE TABLE a (id int PRIMARY KEY, x int); INSERT INTO a VALUES (1, 1);"
    project.migration(1, "first", first)
    project.migration(2, "refers", "CREATE TABLE b (a int CONSTRAINT to_a REFERENCES a ON DELETE CASCADE); INSERT INTO b VALUES (1);")
    project.godwit("up", code=0)
    project.migration(3, "loses", "ALTER TABLE a DROP x; DELETE FROM a;")
    project.godwit("up", code=5)
    project.migration(1, "first", first + " -- edited")
    project.godwit("repair", code=0)
    project.write("schema.sql", "CREATE TABLE public.a (id int PRIMARY KEY, x int, y int);"
                  " CREATE TABLE public.b (a int CONSTRAINT to_a REFERENCES public.a ON DELETE CASCADE);")
    project.godwit("push", "schema.sql", "--yes", code=0)
    serve = make_serve(project, "--no-drift")
    token = serve.token()
    events = checked(serve, token, "/api/v1/history", "?limit=100")["events"]
    assert {key for e in events if e["data"] for key in e["data"]} >= {"data_loss", "repair", "schema", "fingerprint", "sql"}, events
    losses = [loss for e in events if e["data"] for loss in e["data"].get("data_loss", [])]
    assert [(loss["object"], "to_a" in loss["by"]) for loss in losses if "by" in loss] == [("public.b", True)], losses
    assert any(e["data"] is None for e in events)
