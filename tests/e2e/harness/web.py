"""godwit serve, running, and a client that speaks to it as it is told to, bytes and all."""
import contextlib
import http.client
import json
import os
import select
import socket
import ssl
import subprocess
import urllib.parse

from .waiting import PATIENCE, until


def certificate(folder):
    """(certificate, key): one of this machine's own, for 127.0.0.1."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:2000]!r}"


class Serve:
    """A server on a free port. serve(project, "--insecure", listen="0.0.0.0:0")"""

    def __init__(self, project, *words, listen="127.0.0.1:0", env=None, pass_fds=(), cert=None):
        self.project = project
        where = ("--listen", listen) if listen else ()
        self.running = project.start("--json", "serve", *where, *words, env=env, pass_fds=pass_fds)
        self.said = self._first_line()
        at = urllib.parse.urlsplit(self.said["url"])
        self.host, self.port, self.tls = at.hostname, at.port, at.scheme == "https"
        if self.host == "0.0.0.0":
            self.host = "127.0.0.1"
        self.link = urllib.parse.urlsplit(self.said["link"])
        self.context = ssl.create_default_context(cafile=cert) if cert else None

    def _first_line(self):
        out = self.running.process.stdout.fileno()
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([out], [], [], 30)
            data = os.read(out, 65536) if ready else b""
            if not data:
                raise AssertionError(f"serve did not begin: {self.running.finish(timeout=30)}")
            line += data
        return json.loads(line)

    def token(self, role="viewer", name=None):
        name = name or role
        made = self.project.godwit("--json", "serve", "token", "create", name, "--role", role, code=0)
        return made.json["token"]

    def connection(self, timeout=30):
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, token=None, timeout=PATIENCE):
        headers = dict(headers or {})
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(self.connection(timeout)) as link:
            link.request(method, path, body=body, headers=headers)
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body={} if body is None else body, **options)

    def raw(self, data, timeout=10):
        """What comes back for these bytes, until the other side closes."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as link:
            answer = b""
            # Who refuses may be gone before all is sent.
            with contextlib.suppress(OSError):
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError, TimeoutError):
                while part := link.recv(65536):
                    answer += part
            return answer

    def job(self, path, body=None, token=None, state="done", timeout=120):
        begun = self.post(path, body, token=token)
        assert begun.status == 202, begun
        number = begun.json["job"]
        assert begun.headers["Location"] == f"/api/v1/jobs/{number}"
        until(lambda: self.get(f"/api/v1/jobs/{number}", token=token).json["state"] != "running", timeout,
              f"job {number} of {path}")
        job = self.get(f"/api/v1/jobs/{number}", token=token).json
        assert job["state"] == state, job
        return job

    def stop(self, code=0):
        if self.running.process.poll() is None:
            self.running.signal(15)
        return self.running.finish(code)


class Events:
    """A client of the event stream."""

    def __init__(self, serve, token, last=None):
        self.link = serve.connection(timeout=60)
        headers = {"Authorization": f"Bearer {token}"}
        if last:
            headers["Last-Event-ID"] = last
        self.link.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.link.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.last = last

    def __iter__(self):
        event = {}
        while True:
            line = self.answer.fp.readline() if self.answer.chunked is False else self._line()
            if not line:
                return
            line = line.decode().rstrip("\n")
            if not line:
                if "event" in event:
                    self.last = event["id"]
                    yield event["id"], event["event"], json.loads(event["data"])
                event = {}
            elif not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value

    def _line(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.answer.read(1)
            if not byte:
                return b""
            line += byte
        return line

    def close(self):
        self.link.close()
