"""Spans and logs as a collector receives them: OTLP over HTTP, JSON."""
import http.server
import json
import socket
import threading

import pytest

from harness.waiting import until


class Collector:
    """A small HTTP receiver; `answer` is the status that it gives, `silent` gives none."""

    def __init__(self, answer=200, silent=False):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, dict(self.headers), json.loads(body)))
                if silent:
                    outer.released.wait(30)
                self.send_response(answer)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.released = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def spans(self):
        return [s for path, _, body in self.requests if path.endswith("/v1/traces")
                for s in body["resourceSpans"][0]["scopeSpans"][0]["spans"]]

    def records(self):
        return [r for path, _, body in self.requests if path.endswith("/v1/logs")
                for r in body["resourceLogs"][0]["scopeLogs"][0]["logRecords"]]


@pytest.fixture
def collect():
    made = []

    def make(**options):
        made.append(Collector(**options))
        return made[-1]

    yield make
    for collector in made:
        collector.close()


@pytest.fixture(autouse=True)
def built_with_otlp(project):
    said = project.godwit("status", env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}).err
    if "built without OTLP" in said:
        pytest.skip("built without OTLP")


@pytest.fixture
def two(project):
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    project.migration(2, "bad", "SELECT nope;")
    return project


def attributes(item):
    return {a["key"]: next(iter(a["value"].values())) for a in item["attributes"]}


def test_a_run_is_a_trace(two, collect):
    collector = collect()
    result = two.godwit("up", code=1, env={
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url + "/", "OTEL_SERVICE_NAME": "shop-migrations",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-token=a%2Cb,x-other=2"})
    assert "warning" not in result.err
    assert {path for path, _, _ in collector.requests} == {"/v1/traces", "/v1/logs"}
    for _, headers, body in collector.requests:
        assert headers["Content-Type"] == "application/json"
        assert (headers["x-token"], headers["x-other"]) == ("a,b", "2")
        [of] = body.get("resourceSpans") or body["resourceLogs"]
        resource = attributes(of["resource"])
        assert resource["service.name"] == "shop-migrations"
        assert resource["deployment.environment"] == "test"

    spans = collector.spans()
    [root] = [s for s in spans if "parentSpanId" not in s]
    assert root["name"] == "godwit up" and root["status"]["code"] == 2
    children = [s for s in spans if s is not root]
    assert len(children) == 2 and {s["parentSpanId"] for s in children} == {root["spanId"]}
    assert sorted(s["status"]["code"] for s in children) == [1, 2]
    assert len({s["traceId"] for s in spans}) == 1
    for span in spans:
        assert int(root["startTimeUnixNano"]) <= int(span["startTimeUnixNano"]) \
            <= int(span["endTimeUnixNano"]) <= int(root["endTimeUnixNano"])

    records = collector.records()
    assert {r["traceId"] for r in records} == {root["traceId"]}
    messages = [r["body"]["stringValue"] for r in records]
    assert "migration finished" in messages
    assert records[-1]["severityText"] == "ERROR" and attributes(records[-1])["sqlstate"] == "42703"
    # the audit names the same run
    assert two.godwit("history", "--json", code=0).json["events"][0]["run"] == root["traceId"]


def test_own_endpoints(two, collect):
    traces, logs = collect(), collect()
    two.godwit("up", code=1, env={"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": traces.url + "/a/v1/traces",
                                  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": logs.url + "/b/v1/logs"})
    assert {p for p, _, _ in traces.requests} == {"/a/v1/traces"}
    assert {p for p, _, _ in logs.requests} == {"/b/v1/logs"}


@pytest.mark.slow
def test_a_long_run_reports_meanwhile(two, collect, database):
    """What has happened is there while a migration still runs."""
    two.migration(2, "bad", "SELECT pg_sleep(60);")
    collector = collect()
    running = two.start("up", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    until(collector.spans, what="a span")
    assert running.process.poll() is None
    assert [s["status"]["code"] for s in collector.spans()] == [1]
    running.kill()


@pytest.mark.parametrize("trouble", ["nobody", "refuses", "silent"])
def test_a_collector_in_trouble_is_a_warning(two, collect, trouble):
    if trouble == "nobody":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://me:secret-tooth@127.0.0.1:{unused.getsockname()[1]}"
    else:
        url = collect(answer=500, silent=trouble == "silent").url
    result = two.godwit("up", "--to", "1", code=0, env={"OTEL_EXPORTER_OTLP_ENDPOINT": url})
    assert result.err.count("warning: telemetry was not delivered to http://127.0.0.1") == 1
    assert "secret-tooth" not in result.err
    assert result.out == "1 migration applied, 1 pending\n"
    assert "warning" not in two.godwit("up", "--to", "1", "-q", code=0, env={"OTEL_EXPORTER_OTLP_ENDPOINT": url}).err


def test_disabled(two, collect):
    collector = collect()
    two.godwit("up", code=1, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SDK_DISABLED": "true"})
    assert collector.requests == []
