"""Settings of OAuth travel to a libpq that knows them (18): PostgreSQL 18 of the matrix brings one."""
import contextlib
import pathlib
import socket
import struct
import threading

import pytest

from harness.server import find_bindir

ELSEWHERE = b'{"status":"invalid_token","openid-configuration":"https://elsewhere.test/.well-known/openid-configuration"}'


def read(stream, count):
    data = b""
    while len(data) < count:
        data += stream.recv(count - len(data)) or b"\0" * count
    return data[:count]


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def answer(stream, seen):
    """A server that wants a token: OAUTHBEARER alone, and then names an issuer of its own."""
    while True:
        length, code = struct.unpack("!ii", read(stream, 8))
        if code not in (80877103, 80877104):  # TLS, GSS
            break
        stream.sendall(b"N")
    read(stream, length - 8)
    stream.sendall(message(b"R", struct.pack("!i", 10) + b"OAUTHBEARER\0\0"))
    kind, length = struct.unpack("!ci", read(stream, 5))
    seen.append((kind, read(stream, length - 4)))
    if kind == b"p":
        stream.sendall(message(b"R", struct.pack("!i", 11) + ELSEWHERE))
        read(stream, 1)


@pytest.fixture
def issuer():
    """(port, what the clients have said)"""
    seen, door = [], socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                stream, _ = door.accept()
                with stream, contextlib.suppress(OSError):
                    answer(stream, seen)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield door.getsockname()[1], seen
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join(10)


@pytest.mark.parametrize("form", ["keywords", "url"])
def test_settings_of_oauth_reach_libpq(form, issuer, bare_project):
    libraries = pathlib.Path(find_bindir()).parent / "lib"
    if not (libraries / "libpq.so.5.18").exists():
        pytest.skip("needs a libpq 18: PostgreSQL 18 of the matrix brings one")
    port, seen = issuer
    bare_project.config("project: t\nmigrations: migrations\n")
    bare_project.write("migrations/1_a.up.sql", "SELECT 1;")
    plain = {"keywords": f"host=127.0.0.1 port={port} user=u dbname=d connect_timeout=2",
             "url": f"postgresql://u@127.0.0.1:{port}/d?connect_timeout=2"}[form]
    settings = {"oauth_issuer": "https://here.test", "oauth_client_id": "godwit", "oauth_client_secret": "hush",
                "oauth_scope": "openid"}
    more = {"keywords": " " + " ".join(f"{k}={v}" for k, v in settings.items()),
            "url": "".join(f"&{k}={v}" for k, v in settings.items())}[form]
    env = {"LD_LIBRARY_PATH": libraries}
    assert "libpq 18" in bare_project.godwit("version", env=env, code=0).out
    lacking = bare_project.godwit("status", url=plain, env=env, code=4)
    assert "OAuth" in lacking.err and "oauth_issuer" in lacking.err and not [s for s in seen if s[0] == b"p"]
    known = bare_project.godwit("status", url=plain + more, env=env, code=4)
    assert [s for s in seen if s[0] == b"p" and s[1].startswith(b"OAUTHBEARER\0")]
    assert "https://elsewhere.test" in known.err and "https://here.test" in known.err and "hush" not in known.err
