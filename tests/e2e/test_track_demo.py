"""scripts/demo-xcm from its beginning to its end: what it counts is seen over its own dashboard while it counts."""
import http.client
import json
import os
import re
import subprocess
import urllib.parse

import pytest

from harness import system
from harness.program import ROOT, find_binary
from harness.waiting import until


def get(at, path, cookie=None):
    link = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    try:
        link.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = link.getresponse()
        return answer, answer.read()
    finally:
        link.close()


@pytest.mark.slow
def test_the_dashboard_of_the_demo(tmp_path):
    env = {**system.clean_environment(), "GODWIT_BIN": str(find_binary()), "SIZE": "240", "RATE": "40", "SEED": "3"}
    with open(tmp_path / "out", "w+b") as out, subprocess.Popen(
            [ROOT / "scripts/demo-xcm"], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT) as demo:
        try:
            def said():
                return (tmp_path / "out").read_text(errors="replace")

            link = until(lambda: re.search(r"http://\S+/login\?token=\S+", said()) or demo.poll() is not None and "ended", 120, "the link")
            assert link != "ended", said()
            at = urllib.parse.urlsplit(link.group())
            answer, _ = get(at, f"{at.path}?{at.query}")
            assert answer.status in (302, 303), said()
            cookie = answer.headers["Set-Cookie"].split(";")[0]

            def stages():
                _, body = get(at, "/api/v1/trackers", cookie)
                return {s["stage_name"]: s["status"] for s in json.loads(body)["migration_stages"]}

            seen = until(lambda: (now := stages()) and len(now) > 2 and now, 120, "stages on the dashboard")
            assert seen["AssetHubMigration"] in ("ongoing", "completed")
            assert demo.wait(timeout=300) == 0, said()
            # What the chains turned away from was counted, and taken back again.
            replaced = dict(re.findall(r"(\S+): \d+ blocks live, (\d+) that were replaced", said()))
            assert sorted(replaced) == ["asset-hub", "relay-chain"] and all(int(n) > 0 for n in replaced.values()), said()
            assert "equal: " in said() and "Gone again" in said()
        finally:
            if demo.poll() is None:
                demo.terminate()
                demo.wait(timeout=60)
    with pytest.raises(OSError):
        get(at, "/health/live")
