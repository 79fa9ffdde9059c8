"""A Substrate API Sidecar to follow: blocks over HTTP, a chain that grows and turns, answers that come late or never."""
import contextlib
import http.server
import json
import threading
import time


class Sidecar:
    """`blocks` {number: block} is what it answers with; `broken` {number: [answers that come before]}: a status, bytes with
    status 200, or None, which cuts the connection; `slow` seconds before each answer."""

    def __init__(self):
        self.blocks, self.broken, self.asked, self.slow = {}, {}, [], 0
        self.server = self.thread = None
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def put(self, blocks):
        """Blocks in the order in which a chain makes them: one replaces what stood at its height and above."""
        held = dict(self.blocks)
        for block in blocks:
            number = int(block["number"])
            held = {n: b for n, b in held.items() if n < number} | {number: block}
        self.blocks = held

    def start(self):
        sidecar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                sidecar.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None

    def answer(self, request):
        number = int(request.path.removeprefix("/blocks/"))
        self.asked.append(number)
        time.sleep(self.slow)
        first = self.broken.get(number, [])
        said = first.pop(0) if first else self.blocks.get(number, 404)
        if said is None:
            request.close_connection = True
            return
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        status = said if isinstance(said, int) else 200
        with contextlib.suppress(OSError):
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
