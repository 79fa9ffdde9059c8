"""Who may ask godwit serve, and what they may: each way in that must be closed is tried."""
import contextlib
import hashlib

import pytest

from harness.waiting import until


@pytest.fixture
def small(project):
    project.migration(1, "first", "CREATE TABLE a (id int);", "DROP TABLE a;")
    return project


@pytest.fixture
def serve(small, make_serve):
    return make_serve(small, "--no-drift")


def login(serve):
    """(cookie, what has to be sent with an action) of a browser that came in by the link."""
    answer = serve.get(f"{serve.link.path}?{serve.link.query}")
    assert answer.status == 303, answer
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    session = serve.get("/api/v1/session", headers={"Cookie": cookie}).json
    return cookie, session["csrf"]


def audit(project, outcome):
    events = project.godwit("history", "--limit", "500", "--json", code=0).json["events"]
    return [e for e in events if e["action"].startswith("serve") and e["outcome"] == outcome]


def test_without_a_token_nothing_is_told(serve, small):
    for path in ("/api/v1/status", "/api/v1/history", "/api/v1/events", "/metrics", "/api/v1/openapi.json",
                 "/api/v1/session", "/api/v1/jobs"):
        answer = serve.get(path)
        assert answer.status == 401 and answer.json["error"]["kind"] == "refused", path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert serve.post("/api/v1/up").status == 401
    until(lambda: any("/api/v1/up" in e["message"] for e in audit(small, "refused")), what="the audit of the refusal")
    assert {(e["actor"], e["duration_ms"]) for e in audit(small, "refused")} == {("unknown (127.0.0.1)", None)}
    assert small.godwit("status", "--json", code=0).json["pending"] == 1


def test_tokens_are_kept_as_digests_and_can_be_revoked(serve, small, database):
    token = serve.token("operator", "deploy")
    kept = database.execute("SELECT name, role, hash FROM godwit.serve_tokens")
    assert kept == [("deploy", "operator", hashlib.sha256(token.encode()).hexdigest())]
    assert serve.get("/api/v1/status", token=token).status == 200
    again = small.godwit("serve", "token", "create", "deploy", code=2)
    assert "there is a token" in again.err
    listed = small.godwit("serve", "token", "list", code=0).out
    assert "deploy" in listed and token not in listed
    small.godwit("serve", "token", "revoke", "deploy", code=0)
    until(lambda: serve.get("/api/v1/status", token=token).status == 401, what="the token to be dead")
    small.godwit("serve", "token", "revoke", "deploy", code=2)
    small.godwit("serve", "token", "create", "brief", "--expires", "300ms", code=0)
    small.godwit("serve", "token", "create", code=2)
    small.godwit("serve", "token", "list", "x", code=2)


def test_a_token_ends_when_it_said(serve, small):
    made = small.godwit("--json", "serve", "token", "create", "brief", "--expires", "1ms", code=0).json
    assert serve.get("/api/v1/status", token=made["token"]).status == 401


def test_a_viewer_cannot_act(serve, small):
    token = serve.token("viewer")
    for path in ("/api/v1/up", "/api/v1/down", "/api/v1/sync/run", "/api/v1/sync/pause", "/api/v1/jobs/1/stop"):
        answer = serve.post(path, token=token)
        assert answer.status == 403 and "operator" in answer.json["error"]["hint"], path
    until(lambda: len([e for e in audit(small, "refused") if e["actor"] == "viewer"]) >= 5, what="the audit")
    assert serve.get("/api/v1/session", token=token).json["role"] == "viewer"


def test_the_link_works_once_and_csrf_is_asked_for(serve, small):
    cookie, csrf = login(serve)
    assert serve.get(f"{serve.link.path}?{serve.link.query}").status == 401
    assert serve.get("/login").status == 401
    page = {"Cookie": cookie}
    assert serve.get("/api/v1/status", headers=page).status == 200
    for wrong in ({}, {"X-Godwit-CSRF": "0" * 64}, {"X-Godwit-CSRF": csrf[:-1]}):
        assert serve.post("/api/v1/up", headers={**page, **wrong}).status == 403
    form = serve.ask("POST", "/api/v1/up", "a=b", {**page, "X-Godwit-CSRF": csrf,
                                                  "Content-Type": "application/x-www-form-urlencoded"})
    assert form.status == 415
    assert small.godwit("status", "--json", code=0).json["pending"] == 1
    assert serve.post("/api/v1/up", headers={**page, "X-Godwit-CSRF": csrf}).status == 202
    assert serve.post("/api/v1/logout", headers={**page, "X-Godwit-CSRF": csrf}).status == 200
    assert serve.get("/api/v1/status", headers=page).status == 401


def test_a_cookie_is_out_of_reach_of_scripts(serve):
    answer = serve.get(f"{serve.link.path}?{serve.link.query}")
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Strict" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
                                  "", "[::1", "127.0.0.1:abc", "localhost:99999", "a b"])
def test_another_name_is_not_answered(serve, host):
    """DNS rebinding: a page's own name made to point here."""
    answer = serve.raw(f"GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0].split(b" ")[1] in (b"421", b"400"), answer


def test_names_that_were_given_are_answered(small, make_serve):
    serve = make_serve(small, "--no-drift", "--host", "db.example")
    for host in ("db.example", "DB.example:443", "localhost", "127.0.0.1", "[::1]:80"):
        assert serve.get("/health/live", headers={"Host": host}).status == 200, host
    assert serve.get("/health/live", headers={"Host": "xdb.example"}).status == 421
    two = serve.raw(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert two.split(b"\r\n")[0].split(b" ")[1] in (b"400", b"421")


def test_another_origin_is_refused_whatever_it_brings(serve):
    token = serve.token("operator")
    here = f"http://127.0.0.1:{serve.port}"
    assert serve.post("/api/v1/sync/pause", token=token, headers={"Origin": here}).status == 409
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{serve.port}", here + "0", "http://127.0.0.1"):
        assert serve.post("/api/v1/up", token=token, headers={"Origin": origin}).status == 403, origin
        assert serve.get("/api/v1/status", token=token, headers={"Origin": origin}).status == 403, origin


def test_every_answer_has_the_strict_headers(serve):
    for path in ("/", "/health/live", "/nowhere", "/api/v1/status"):
        answer = serve.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        # The dashboard's page holds no data: it may be kept, and is asked for each time.
        assert answer.headers["Cache-Control"] == ("no-cache" if path == "/" else "no-store"), path
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.slow
def test_guessing_is_slowed_down_and_others_go_on(serve):
    good = serve.token("viewer")
    codes = [serve.get("/api/v1/status", token=f"gwt_{i}").status for i in range(14)]
    assert codes[:5] == [401] * 5 and codes[-1] == 429
    assert serve.get("/login?token=guess").status == 429
    assert serve.get("/health/live").status == 200
    until(lambda: serve.get("/api/v1/status", token=good).status == 200, 60, "the end of the pause")


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1/../../etc/passwd",
                                  "/api/v1/sync/sessions/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/%00", "/api/v1/jobs/%00",
                                  "/api/v1/jobs/1%0d%0aX:%20y", "/%ff%fe"])
def test_paths_lead_nowhere_else(serve, path):
    token = serve.token("viewer")
    answer = serve.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                       "Connection: close\r\n\r\n".encode())
    status = answer.split(b"\r\n")[0].split(b" ")[1]
    assert status in (b"404", b"400") and b"root:" not in answer and b"\nX: y" not in answer, answer


def test_headers_cannot_be_injected_nor_requests_smuggled(serve):
    token = serve.token("viewer")
    for name in ("version", "limit"):
        answer = serve.get(f"/api/v1/history?{name}=1%0d%0aSet-Cookie:%20x=y", token=token)
        assert "Set-Cookie" not in answer.headers and answer.status < 500
    both = serve.raw(b"POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
                     b"\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert both.count(b"HTTP/1.1 200") == 0


def test_no_secret_is_ever_said(make_project, database, make_serve, server):
    role = server.create_role("LOGIN SUPERUSER PASSWORD 'open sesame'")
    url = database.url_for(role, "open%20sesame")
    project = make_project(url)
    project.migration(1, "first", "CREATE TABLE a (id int);")
    serve = make_serve(project, "-v", "--no-drift")
    token = serve.token("operator")
    seen = ""
    for path in ("/api/v1/status", "/api/v1/history", "/api/v1/session", "/metrics", "/api/v1/openapi.json", "/api/v1/jobs"):
        seen += serve.get(path, token=token).text
    seen += serve.get(f"/login?token={token}").text + serve.get("/api/v1/status", token=token + "x").text
    seen += str(serve.job("/api/v1/up", token=token))
    ended = serve.stop(code=0)
    seen += ended.err + project.godwit("history", "--json", "--limit", "500", code=0).out
    for secret in ("sesame", token, serve.link.query):
        assert secret not in seen


def test_a_proxy_is_believed_alone(small, make_serve):
    serve = make_serve(small, "--no-drift", "--proxy-header", "X-Forwarded-User", "--proxy-from", "127.0.0.1",
                       "--proxy-operator", "ann")
    assert serve.get("/api/v1/session").status == 401
    ben = serve.get("/api/v1/session", headers={"X-Forwarded-User": "ben"}).json
    assert (ben["who"], ben["role"]) == ("ben", "viewer")
    ann = serve.get("/api/v1/session", headers={"X-Forwarded-User": "ann"}).json
    assert ann["role"] == "operator"
    assert serve.post("/api/v1/up", headers={"X-Forwarded-User": "ann"}).status == 403
    assert serve.post("/api/v1/up", headers={"X-Forwarded-User": "ann", "X-Godwit-CSRF": ben["csrf"]}).status == 403
    assert serve.post("/api/v1/up", headers={"X-Forwarded-User": "ann", "X-Godwit-CSRF": ann["csrf"]}).status == 202
    assert serve.get("/api/v1/session", headers={"X-Forwarded-User": "a b"}).status == 401
    other = make_serve(small, "--no-drift", "--proxy-header", "X-Forwarded-User", "--proxy-from", "127.0.0.9")
    assert other.get("/api/v1/session", headers={"X-Forwarded-User": "ann"}).status == 401
    plain = make_serve(small, "--no-drift")
    assert plain.get("/api/v1/session", headers={"X-Forwarded-User": "ann"}).status == 401


def test_a_protected_environment_wants_its_name(make_project, database, make_serve):
    project = make_project(database.url)
    project.config({"project": "t", "migrations": "migrations", "default": "prod",
                    "environments": {"prod": {"url": database.url, "protected": True}}})
    project.migration(1, "first", "CREATE TABLE a (id int);")
    serve = make_serve(project, "--no-drift")
    refused = project.godwit("serve", "token", "create", "x", code=5)
    assert "--protected prod" in refused.err
    made = project.godwit("--json", "--protected", "prod", "serve", "token", "create", "x", "--role", "operator", code=0)
    token = made.json["token"]
    assert serve.get("/api/v1/session", token=token).json["protected"] == "prod"
    for body in ({}, {"protected": "dev"}, {"protected": ""}):
        answer = serve.post("/api/v1/up", body, token=token)
        assert answer.status == 403 and '"protected": "prod"' in answer.json["error"]["hint"]
    assert database.tables() == []
    until(lambda: any(e["action"] == "serve up" for e in audit(project, "refused")), what="the audit of the refusal")
    serve.job("/api/v1/up", {"protected": "prod"}, token=token)
    assert database.tables() == ["a"]


def test_what_begins_and_what_finds_no_room_is_in_the_audit(small, make_serve, database):
    """What a job does may outlast its process: it is written down before it is done."""
    small.migration(9, "waits", "SELECT pg_advisory_xact_lock(7);")
    serve = make_serve(small, "--no-drift")
    token = serve.token("operator", "deploy bot")
    with contextlib.closing(database.connect()) as other, other.cursor() as held:
        held.execute("SELECT pg_advisory_lock(7)")
        for _ in range(4):
            assert serve.post("/api/v1/up", {}, token=token).status == 202
        busy = serve.post("/api/v1/up", {}, token=token)
        assert busy.status == 409 and "/api/v1/jobs" in busy.json["error"]["hint"], busy
        until(lambda: len([e for e in audit(small, "begun") if e["action"] == "serve up"]) == 4, what="what has begun")
        until(lambda: any("can run at once" in e["message"] for e in audit(small, "refused")), what="the refusal")
        assert {e["actor"] for e in audit(small, "begun")} == {"deploy bot"}
        assert not [e for e in audit(small, "ok") if e["action"] == "serve up"]


def test_actions_are_in_the_audit_under_their_name(serve, small):
    token = serve.token("operator", "deploy bot")
    job = serve.job("/api/v1/up", token=token)
    assert job["result"]["applied"][0]["version"] == "1"
    events = small.godwit("history", "--json", code=0).json["events"]
    assert [e["actor"] for e in events if e["action"] == "apply"] == ["deploy bot"]
    until(lambda: any(e["action"] == "serve up" and e["actor"] == "deploy bot" for e in audit(small, "ok")),
          what="the audit of the action")
