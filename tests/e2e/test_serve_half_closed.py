"""Connections over TLS of which one half is gone, or that never become one: each is let go, and what was asked whole is answered."""
import shutil
import socket
import ssl

import pytest

from harness.web import certificate

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")]
WHOLE = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = b"GET /health/ready HTTP/1.1\r\nHost: loc"
LONGEST = 20  # a head may take 10 s, and who has left is seen after 3


@pytest.fixture
def serve(project, make_serve):
    cert, key = certificate(project.path)
    return make_serve(project, "--no-drift", "--tls-cert", cert, "--tls-key", key, cert=cert)


class Link:
    """A TLS client whose bytes are at hand: half of it can be closed."""

    def __init__(self, serve):
        self.socket = socket.create_connection((serve.host, serve.port), timeout=LONGEST)
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = serve.context.wrap_bio(self.came, self.goes, server_hostname="127.0.0.1")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_out(self):
        if self.goes.pending:
            self.socket.sendall(self.goes.read())

    def take_in(self):
        data = self.socket.recv(65536)
        if data:
            self.came.write(data)
        else:
            self.came.write_eof()
        return data

    def until_done(self, step, *arguments):
        while True:
            try:
                result = step(*arguments)
                self.send_out()
                return result
            except ssl.SSLWantReadError:
                self.send_out()
                self.take_in()

    def open(self, text):
        self.until_done(self.tls.do_handshake)
        self.until_done(self.tls.write, text)

    def say_no_more(self):
        """close_notify: this half is closed, and what comes is still read."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.send_out()

    def rest(self):
        """All that comes until the other side is closed, too."""
        got = b""
        while True:
            try:
                got += self.until_done(self.tls.read, 65536) or b""
            except ssl.SSLZeroReturnError:
                pass
            except ssl.SSLError:
                return got
            if not self.take_in():
                return got


@pytest.mark.parametrize("text, answers", [(WHOLE, 1), (HALF, 0)], ids=["whole", "half"])
def test_who_closes_the_connection_for_writing(serve, text, answers):
    with Link(serve) as link:
        link.open(text)
        link.socket.shutdown(socket.SHUT_WR)
        assert link.rest().count(b"HTTP/1.1 ") == answers


@pytest.mark.parametrize("text", [WHOLE, HALF], ids=["whole", "half"])
def test_who_closes_half_of_tls_holds_no_connection(serve, text):
    """The connection itself stays open on their side for ever."""
    with Link(serve) as link:
        link.open(text)
        link.say_no_more()
        while link.socket.recv(65536):
            continue


@pytest.mark.parametrize("text", [b"", b"\x16\x03\x01\x02"], ids=["nothing", "half a hello"])
def test_who_never_shakes_hands_is_let_go(serve, text):
    with socket.create_connection((serve.host, serve.port), timeout=LONGEST) as link:
        link.sendall(text)
        while link.recv(65536):
            continue


def test_a_slow_head_is_let_go_over_tls_too(serve):
    """However busy it looks: a line comes every moment."""
    with Link(serve) as link:
        link.open(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n")
        link.socket.settimeout(0.2)
        for _ in range(5 * LONGEST):
            try:
                link.until_done(link.tls.write, b"X-Slow: 1\r\n")
                if not link.take_in():
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("a head may take as long as it likes")


def test_others_are_answered_while_hands_are_not_shaken(serve):
    held = [socket.create_connection((serve.host, serve.port)) for _ in range(100)]
    try:
        assert serve.get("/health/live").status == 200
    finally:
        for link in held:
            link.close()
