"""godwit serve and godwit health: the server itself, its limits, its life with a database that comes and goes."""
import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from harness.waiting import until
from harness.web import certificate


@pytest.fixture
def small(project):
    project.migration(1, "first", "CREATE TABLE a (id int);", "DROP TABLE a;")
    return project


# ---- health -------------------------------------------------------------------------------------

def test_health_says_what_is_wrong_and_ends_with_3(small):
    found = small.godwit("health", "--json", code=3).json
    assert found["healthy"] is False
    assert {c["name"]: c["reason"] for c in found["checks"]} == {
        "database": None, "migrations": None, "version": "1 migration is pending", "drift": None}
    small.godwit("up", code=0)
    found = small.godwit("health", "--json", code=0).json
    assert found["healthy"] and [c["name"] for c in found["checks"]] == ["database", "migrations", "version", "drift"]
    assert "ok   database" in small.godwit("health", "--no-drift", code=0).out
    small.godwit("health", "--no-drift", "--require", "1", code=0)
    assert "version 9 is not applied" in small.godwit("health", "--no-drift", "--require", "9", code=3).out


def test_health_is_at_a_version_or_past_it(project):
    for version in ("0001", "0002", "0003"):
        project.migration(version, "t" + version, f"CREATE TABLE t{version} ();", f"DROP TABLE t{version};")
    project.godwit("up", "--to", "0002", code=0)

    def require(version, code):
        return project.godwit("health", "--no-drift", "--require", version, code=code).out

    for version, code in (("0001", 0), ("2", 0), ("0002", 0), ("0003", 3), ("3", 3), ("4", 3), ("x", 3)):
        require(version, code)
    project.godwit("squash", "--to", "0002", code=0)
    project.godwit("up", code=0)
    for version, code in (("0001", 0), ("1", 0), ("3", 0), ("4", 3)):
        require(version, code)


def test_health_and_readiness_say_the_same(small, make_serve, database):
    serve = make_serve(small)
    checks = lambda: small.godwit("health", "--json").json["checks"]  # noqa: E731
    for step in (lambda: None, lambda: small.godwit("up", code=0), lambda: small.migration(2, "bad", "SELECT 1/0;"),
                 lambda: small.godwit("up", code=1)):
        step()
        said = checks()
        until(lambda: serve.get("/health/ready").json["checks"] == said, what=f"{said} of the server")


def test_health_finds_drift_failures_and_an_absent_server(small, database):
    small.godwit("up", code=0)
    database.execute("CREATE TABLE by_hand (id int)")
    assert "drift: 2 objects are not as the migrations make them" in small.godwit("health", code=3).out
    small.migration(2, "bad", "SELECT 1/0;")
    small.godwit("up", code=1)
    assert "1 migration has failed" in small.godwit("health", "--no-drift", code=3).out
    gone = small.godwit("--url", "postgresql://nobody@127.0.0.1:1/x?connect_timeout=1", "health", "--json", code=3,
                        env={"GODWIT_CONNECT_TIMEOUT": "500ms"})
    assert gone.json["checks"] == [{"name": "database", "ok": False, "reason": "the database cannot be reached"}]


@pytest.mark.slow
def test_a_replica_that_is_behind_is_no_health(replicated_server, make_project, make_serve):
    primary, standby = replicated_server
    project = make_project(primary.url())
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    serve = make_serve(project, "--no-drift", "--max-replica-lag", "200ms")
    reasons = lambda: [c["reason"] for c in serve.get("/health/ready").json["checks"] if c["name"] == "replicas"]  # noqa: E731
    health = lambda: project.godwit("health", "--no-drift", "--max-replica-lag", "200ms")  # noqa: E731
    until(lambda: reasons() == [None] and health().code == 0, what="a replica that keeps up")
    standby.execute("SELECT pg_wal_replay_pause()")
    primary.execute("CREATE TABLE b (id int)")
    until(lambda: serve.get("/health/ready").status == 503 and "ms behind" in (reasons()[0] or ""), what="a replica that is behind")
    assert "ms behind" in health().out and health().code == 3
    standby.execute("SELECT pg_wal_replay_resume()")
    until(lambda: serve.get("/health/ready").status == 200 and health().code == 0, what="a replica that has caught up")


# ---- the server ---------------------------------------------------------------------------------

def test_it_serves_says_where_and_stops(small, make_serve):
    serve = make_serve(small)
    assert serve.get("/health/live").json == {"live": True}
    ready = serve.get("/health/ready")
    assert ready.status == 503 and "1 migration is pending" in ready.text
    small.godwit("up", code=0)
    until(lambda: serve.get("/health/ready").status == 200, what="readiness")
    until(lambda: "drift" in serve.get("/health/ready").text, what="a look at drift")
    assert serve.get("/health/ready").json["healthy"] is True
    assert serve.get("/nowhere").status == 404
    other = serve.post("/health/live")
    assert other.status == 405 and other.headers["Allow"] == "GET"
    began = time.monotonic()
    serve.stop(code=0)
    assert time.monotonic() - began < 5


def test_another_address_needs_tls_or_a_word(small, make_serve):
    refused = small.godwit("serve", "--listen", "0.0.0.0:0", code=5)
    assert "--insecure" in refused.err and "encrypted" in refused.err
    small.godwit("serve", "--listen", "[::]:0", code=5)
    small.godwit("serve", "--listen", "nonsense", code=2)
    small.godwit("serve", "--listen", "127.0.0.1:99999", code=2)
    small.godwit("serve", "--tls-cert", "x.pem", code=2)
    serve = make_serve(small, "--insecure", "--no-drift", listen="0.0.0.0:0")
    assert serve.get("/health/live").status == 200


def test_a_port_that_is_taken_is_said(small):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failed = small.godwit("serve", "--listen", f"127.0.0.1:{port}", code=1)
    assert "cannot listen" in failed.err and "in use" in failed.err


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_tls(small, make_serve):
    cert, key = certificate(small.path)
    serve = make_serve(small, "--no-drift", "--tls-cert", cert, "--tls-key", key, listen="0.0.0.0:0", cert=cert)
    answer = serve.get("/health/live")
    assert answer.status == 200 and "max-age" in answer.headers["Strict-Transport-Security"]
    login = serve.get(f"{serve.link.path}?{serve.link.query}")
    assert login.status == 303 and "; Secure" in login.headers["Set-Cookie"]
    wrong = small.godwit("serve", "--tls-cert", key, "--tls-key", cert, "--listen", "127.0.0.1:0", code=2)
    assert "certificate and key" in wrong.err


@pytest.mark.slow
def test_a_lost_database_is_shown_and_comes_back(make_project, restartable_server, make_serve):
    database = restartable_server.create_database()
    project = make_project(database.url)
    project.migration(1, "first", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    serve = make_serve(project, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/status", token=token).json["pending"] == 0
    restartable_server.stop("immediate")
    until(lambda: serve.get("/health/ready").status == 503, what="the loss to be seen")
    assert "cannot be reached" in serve.get("/health/ready").text
    assert serve.get("/health/live").status == 200
    lost = serve.get("/api/v1/status", token=token)
    assert lost.status == 503 and "error" in lost.json
    restartable_server.start()
    until(lambda: serve.get("/health/ready").status == 200, what="the database to be back")
    # A look that began while it was away may end with that first, for all who ask meanwhile.
    until(lambda: serve.get("/api/v1/status", token=token).status == 200, what="the status to be back")
    assert serve.get("/api/v1/status", token=token).json["pending"] == 0


def test_systemd_hears_and_hands_over_a_socket(small, make_serve, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, socket.create_server(("127.0.0.1", 0)) as given:
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(20)
        port = given.getsockname()[1]
        # As systemd does it: descriptor 3, and the process that it is for.
        start = (f"import os,sys; os.dup2({given.fileno()}, 3); os.environ['LISTEN_PID']=str(os.getpid()); "
                 f"os.environ['LISTEN_FDS']='1'; os.execv(sys.argv[1], sys.argv[1:])")
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", start, small._program.binary, "serve", "--no-drift"], cwd=small.path,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[given.fileno(), 3] if given.fileno() != 3 else [3],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "HOME": str(tmp_path)})
        assert notified.recv(100) == b"READY=1"
        link = [process.stdout.readline().decode().split() for _ in range(3)][2][-1]
        assert link.startswith(f"http://127.0.0.1:{port}/login?token=")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            link.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b'{"live":true}' in link.makefile("rb").read()
        process.terminate()
        assert notified.recv(100) == b"STOPPING=1"
        process.communicate(timeout=20)
        assert process.returncode == 0


# ---- limits -------------------------------------------------------------------------------------

@pytest.mark.slow
def test_what_is_too_long_is_refused(small, make_serve):
    serve = make_serve(small, "--no-drift")
    operator = serve.token("operator")
    assert serve.post("/api/v1/up", "x" * 70000, token=operator).status == 413
    assert b" 413 " in serve.raw(b"POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 + b"8000\r\n" + b"x" * 0x8000 + b"\r\n8000\r\n" + b"x" * 0x8000
                                 + b"\r\n8000\r\n" + b"x" * 0x8000 + b"\r\n0\r\n\r\n").split(b"\r\n")[0]
    long_head = serve.raw(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 60000 + b"\r\n\r\n")
    assert not long_head or b" 431 " in long_head.split(b"\r\n")[0] or b" 413 " in long_head.split(b"\r\n")[0]
    long_line = serve.raw(b"GET /" + b"x" * 60000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert not long_line or b" 414 " in long_line.split(b"\r\n")[0]
    assert serve.get("/health/live").status == 200


@pytest.mark.parametrize("what, answers", [
    (b"POST /api/v1/logout HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", 0),
    (b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea", 1),
    (b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n", 1),
    (b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2, 2)])
def test_who_has_hung_up_half_way_is_not_waited_for(small, make_serve, what, answers):
    """What was asked whole is answered; what was not can never come, and holds no connection for half a minute."""
    serve = make_serve(small, "--no-drift")
    with socket.create_connection((serve.host, serve.port), timeout=60) as link:
        link.sendall(what)
        link.shutdown(socket.SHUT_WR)
        began, got = time.monotonic(), b""
        while data := link.recv(65536):
            got += data
    assert got.count(b"HTTP/1.1 ") == answers, got
    assert time.monotonic() - began < 20


@pytest.mark.slow
def test_a_slow_head_is_let_go_however_busy_it_looks(small, make_serve):
    serve = make_serve(small, "--no-drift")
    with socket.create_connection((serve.host, serve.port), timeout=30) as link:
        began = time.monotonic()
        link.settimeout(0.2)
        ended = False
        link.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n")
        while not ended and time.monotonic() - began < 25:
            try:
                link.sendall(b"X-Slow: 1\r\n")
                ended = link.recv(100) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended and 8 < time.monotonic() - began < 20


def test_slow_readers_hold_nobody_up(small, make_serve):
    small.migration(2, "many", "".join(f"CREATE TABLE t{i} (id int, a text, b text, c text);\n" for i in range(300)))
    small.godwit("up", code=0)
    serve = make_serve(small, "--no-drift")
    token = serve.token()
    stuck = []
    for _ in range(40):
        link = socket.create_connection((serve.host, serve.port))
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        link.sendall(f"GET /api/v1/schema HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        stuck.append(link)
    began = time.monotonic()
    assert serve.get("/health/live").status == 200
    assert time.monotonic() - began < 2
    assert serve.get("/api/v1/status", token=token).status == 200
    for link in stuck:
        link.close()


def test_a_hundred_ask_and_all_are_answered(small, make_serve):
    serve = make_serve(small, "--no-drift")
    token = serve.token()
    links = [serve.connection() for _ in range(100)]
    for link in links:
        link.request("GET", "/api/v1/history?limit=5", headers={"Authorization": f"Bearer {token}"})
    for link in links:
        answer = link.getresponse()
        assert answer.status == 200 and "events" in json.loads(answer.read())
        link.close()
