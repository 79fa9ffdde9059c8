"""A TCP proxy before a server that loses a connection exactly at a COMMIT."""
import contextlib
import socket
import struct
import threading

HEADERLESS = {80877103, 80877104, 80877102}  # SSLRequest, GSSENCRequest, CancelRequest


class CutAtCommit:
    """Cuts, once, the connection that has sent `marker` and then sends COMMIT.

    outcome "before": the COMMIT never reaches the server.
    outcome "after":  the server has committed; nothing of that reaches the client.
    outcome "during": the COMMIT is on its way and the connection is gone.

    Another statement can stand for COMMIT: a part of its text, and what the server answers.
    """

    def __init__(self, server, marker, outcome, statement=b"COMMIT\0", answer=b"COMMIT\0"):
        self.statement, self.answer = statement, answer
        self.target = ("127.0.0.1", server.port)
        self.marker, self.outcome = marker.encode(), outcome
        self.cut = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database):
        return (f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
                "?sslmode=disable&gssencmode=disable")

    def close(self):
        self.listener.close()
        for each in self.sockets:
            self._end(each)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                self.sockets += [client, server]
                state = {"marked": False, "committing": False}
                threading.Thread(target=self._upwards, args=(client, server, state), daemon=True).start()
                threading.Thread(target=self._downwards, args=(client, server, state), daemon=True).start()

    def _upwards(self, client, server, state):
        with contextlib.suppress(OSError):
            self._start(client, server)
            while True:
                head = self._read(client, 5)
                body = self._read(client, struct.unpack("!I", head[1:])[0] - 4)
                state["marked"] |= self.marker in body
                commits = head[:1] in (b"Q", b"P") and self.statement in body and state["marked"]
                if commits and not self.cut.is_set():
                    if self.outcome == "before":
                        return self._cut(client, server)
                    state["committing"] = True
                server.sendall(head + body)
                if state["committing"] and self.outcome == "during" and head[:1] in (b"E", b"Q"):
                    return self._cut(client, server)
        self._end(client)
        self._end(server)
        return None

    def _downwards(self, client, server, state):
        with contextlib.suppress(OSError):
            while True:
                head = self._read(server, 5)
                body = self._read(server, struct.unpack("!I", head[1:])[0] - 4)
                if state["committing"] and head[:1] == b"C" and body == self.answer:
                    return self._cut(client, server)
                client.sendall(head + body)
        self._end(client)
        self._end(server)
        return None

    def _start(self, client, server):
        """What comes before the messages that begin with a letter."""
        while True:
            head = self._read(client, 8)
            length, code = struct.unpack("!II", head)
            server.sendall(head + self._read(client, length - 8))
            if code not in HEADERLESS:
                return

    def _cut(self, client, server):
        self.cut.set()
        self._end(client)
        self._end(server)

    @staticmethod
    def _read(source, count):
        data = b""
        while len(data) < count:
            more = source.recv(count - len(data))
            if not more:
                raise OSError("the connection has ended")
            data += more
        return data

    @staticmethod
    def _end(each):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


class KillAt(CutAtCommit):
    """Kills, once, the program at a statement (a part of its text) instead of cutting it off: "before" the server hears
    of it, or "after" it has answered and before the program hears of that; `marker` as above."""

    def __init__(self, server, statement, outcome, answer=b"", marker=""):
        super().__init__(server, marker, outcome, statement.encode(), answer)
        self.running = None

    def _cut(self, client, server):
        self.cut.set()
        self.running.process.kill()
        self.running.process.wait(60)
        super()._cut(client, server)


class HalfOpen:
    """A proxy that cuts its clients off and keeps its side of the server's connections: nobody tells
    the server."""

    def __init__(self, server):
        self.target = ("127.0.0.1", server.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database):
        return (f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
                "?sslmode=disable&gssencmode=disable")

    def cut(self, database=None, backend=None):
        """All of them, or the client of one backend."""
        port = database and database.value("SELECT client_port FROM pg_stat_activity WHERE pid = %s", [backend])
        for pair in self.pairs:
            # One that has ended meanwhile has no address any more.
            if port is None or (pair["server"].fileno() >= 0 and pair["server"].getsockname()[1] == port):
                pair["cut"] = True
                CutAtCommit._end(pair["client"])

    def close(self):
        self.listener.close()
        for pair in self.pairs:
            CutAtCommit._end(pair["client"])
            CutAtCommit._end(pair["server"])

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                pair = {"client": client, "server": socket.create_connection(self.target), "cut": False}
                self.pairs.append(pair)
                for source, target in (("client", "server"), ("server", "client")):
                    threading.Thread(target=self._forward, args=(pair, source, target), daemon=True).start()

    @staticmethod
    def _forward(pair, source, target):
        with contextlib.suppress(OSError):
            while data := pair[source].recv(65536):
                if pair["cut"]:
                    return
                pair[target].sendall(data)
        if not pair["cut"]:
            CutAtCommit._end(pair[target])
