"""Figures of godwit serve: answers a second and their latency under 100 connections (wrk), 500 readers of the events."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

CONNECTIONS, SECONDS, READERS = 100, 5, 500
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


def wrk(url, token):
    """(answers a second, 99th percentile in ms)"""
    done = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H",
                           f"Authorization: Bearer {token}", url], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        sys.exit(f"{url}: {done.stdout}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))
    late, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", done.stdout).groups()
    return rate, float(late) * UNITS[unit]


def read_events(address, token, until, out):
    link = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    link.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"})
    answer, text = link.getresponse(), b""
    while until not in text:
        part = answer.read1(65536)
        if not part:
            break
        text += part
    out.append(re.findall(rb"^id: (\S+)", text, re.M))
    link.close()


def events(program, address, token):
    """Every reader gets every event, in order; the server's peak memory in MiB."""
    got = []
    threads = [threading.Thread(target=read_events, args=(address, token, b'"job":3,"command":"up","state":"done"', got))
               for _ in range(READERS)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    for _ in range(3):
        link = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        link.request("POST", "/api/v1/up", body='{"dry_run":true}',
                     headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        number = json.loads(link.getresponse().read())["job"]
        state = "running"
        while state == "running":
            link.request("GET", f"/api/v1/jobs/{number}", headers={"Authorization": f"Bearer {token}"})
            state = json.loads(link.getresponse().read())["state"]
        link.close()
    for thread in threads:
        thread.join(120)
    if len(got) != READERS or any(one != got[0] for one in got):
        sys.exit("not every reader got every event in order")
    with open(f"/proc/{program.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def bench_http(bench, godwit, home, environment):
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: scripts/install-deps bench")
    environment = {**os.environ, **environment}
    subprocess.run([godwit, "-q", "up"], env=environment, cwd=home, check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run([godwit, "--json", "serve", "token", "create", "bench", "--role", "operator"], env=environment,
                          cwd=home, check=True, capture_output=True)
    token = json.loads(made.stdout)["token"]
    with subprocess.Popen([godwit, "--json", "serve", "--no-drift", "--listen", "127.0.0.1:0"], env=environment, cwd=home,
                          stdout=subprocess.PIPE) as program:
        address = urllib.parse.urlsplit(json.loads(program.stdout.readline())["url"])
        base = f"http://{address.netloc}"
        for path, goal in (("/health/live", "20,000/s"), ("/api/v1/status", "2,000/s")):
            runs = [wrk(base + path, token) for _ in range(bench.rounds)]
            bench.report(f"{path}, {CONNECTIONS} connections", [rate for rate, _ in runs], "/s", goal)
            bench.report(f"{path}, 99 of 100 answers within", [late for _, late in runs], "ms", "50 ms")
        bench.report(f"{READERS} readers of the events, peak memory", [events(program, address, token)], "MiB", "64 MiB")
        program.send_signal(signal.SIGTERM)
