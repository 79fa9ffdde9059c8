"""All environments of the project over HTTP: each as it is; one that is away, or that never answers, holds up nobody."""
import contextlib
import json
import socket

import jsonschema
import pytest

from harness.waiting import until

ODD = "ünï \"prod\" 'x'"


@pytest.fixture
def silent():
    """A server that takes connections and says nothing."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as place:
        yield place.getsockname()[1]


@pytest.fixture
def several(make_project, make_database, silent):
    here, there = make_database(), make_database()
    project = make_project(here.url)
    project.migration(1, "first", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.config({"default": "test", "environments": {
        "test": {"url": here.url}, ODD: {"url": there.url, "protected": True}, "closed": {"url": "postgresql://x:secret-word@127.0.0.1:1/x"},
        "silent": {"url": f"postgresql://x@127.0.0.1:{silent}/x"}, "unsaid": {"url": "${GODWIT_TEST_NOT_SET}"}, "asleep": {"url": "embedded"}}})
    project.godwit("up", code=0)
    project.migration(2, "second", "CREATE TABLE b (id int);", "DROP TABLE b;")
    project.here, project.there = here, there
    return project


def seen(serve, token):
    answer = serve.get("/api/v1/environments", token=token)
    assert answer.status == 200, answer
    return {e["name"]: e for e in answer.json["environments"]}


def known(serve, token):
    """As it is once all have been looked at, those too that were waited for."""
    until(lambda: all(e["state"] != "asking" for e in seen(serve, token).values()), 60, "a look at all of them")
    return seen(serve, token)


def test_each_is_shown_as_it_is(several, make_serve):
    serve = make_serve(several, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/environments").status == 401
    first = serve.get("/api/v1/environments", token=token)
    assert [e["name"] for e in first.json["environments"]] == ["test", ODD, "closed", "silent", "unsaid", "asleep"]
    now = known(serve, token)
    document = serve.get("/api/v1/openapi.json", token=token).json
    shape = document["paths"]["/api/v1/environments"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate({"environments": list(now.values())}, shape, jsonschema.Draft202012Validator)
    assert {name: e["state"] for name, e in now.items()} == {
        "test": "up", ODD: "up", "closed": "down", "silent": "down", "unsaid": "down", "asleep": "stopped"}
    mine, other = now["test"], now[ODD]
    assert (mine["served"], mine["protected"], mine["current"], mine["pending"]) == (True, False, "1", 1)
    assert (other["served"], other["protected"], other["current"], other["pending"]) == (False, True, None, 2)
    assert other["health"]["healthy"] is False and other["drift"] is None and other["backup"] is None and other["sessions"] == []
    assert now["unsaid"]["error"]["kind"] == "config" and "GODWIT_TEST_NOT_SET" in json.dumps(now["unsaid"]["error"])
    assert now["closed"]["error"]["kind"] == "connect" and now["closed"]["pending"] is None
    # Nobody's private server is started by looking, and no password is told.
    assert not (several.path / ".godwit/postgres").exists()
    assert "secret-word" not in json.dumps(now)
    serve.stop(code=0)


def test_one_that_never_answers_holds_up_nobody(several, make_serve):
    """What happens in the others is seen while it is waited for; and the server stops while it is waited for, too."""
    serve = make_serve(several, "--no-drift")
    token = serve.token()
    known(serve, token)
    several.godwit("--env", ODD, "--protected", ODD, "up", code=0)
    until(lambda: seen(serve, token)[ODD]["pending"] == 0, 30, "what was applied there")
    assert seen(serve, token)[ODD]["health"]["healthy"] is True
    assert seen(serve, token)["silent"]["state"] == "down"
    serve.stop(code=0)


def test_drift_of_each_is_looked_for(several, make_serve):
    several.godwit("--env", ODD, "--protected", ODD, "up", code=0)
    several.there.execute("ALTER TABLE a ADD by_hand int")
    serve = make_serve(several)
    token = serve.token()
    until(lambda: seen(serve, token)[ODD]["drift"], 90, "drift of the other one")
    drift = seen(serve, token)[ODD]["drift"]
    assert drift["ok"] is False and "object" in drift["reason"], drift
    until(lambda: seen(serve, token)["test"]["drift"], 90, "drift of this one")
    assert seen(serve, token)["test"]["drift"]["ok"] is True


def test_an_override_of_the_url_reaches_none_of_the_others(several, make_database, make_serve):
    elsewhere = make_database()
    serve = make_serve(several, "--no-drift", "--url", elsewhere.url)
    token = several.godwit("--url", elsewhere.url, "--json", "serve", "token", "create", "x", code=0).json["token"]
    now = known(serve, token)
    assert (now["test"]["pending"], now[ODD]["pending"], now["closed"]["state"]) == (2, 2, "down")
    several.godwit("--env", ODD, "--protected", ODD, "up", code=0)
    until(lambda: seen(serve, token)[ODD]["pending"] == 0, 30, "what was applied there")
    assert seen(serve, token)["test"]["pending"] == 2
