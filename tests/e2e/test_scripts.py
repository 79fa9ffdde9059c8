"""The scripts behind make's targets do what they say: what installs, what counts, what shows."""
import json
import os
import re
import shutil
import subprocess

import pytest

from harness import system
from harness.program import ROOT, find_binary


def run(script, *words, code=0, timeout=60, **variables):
    done = subprocess.run([ROOT / "scripts" / script, *map(str, words)], env={**system.clean_environment(), **variables},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


# ---- install-deps ------------------------------------------------------------------------


def test_what_is_there_is_not_installed_again(tmp_path):
    """Neither apt-get nor npm is asked: whoever runs this has what tests need."""
    for name in ("apt-get", "npm", "sudo"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/asked\n")
        (tmp_path / name).chmod(0o755)
    done = run("install-deps", "build", "run", "test", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert not (tmp_path / "asked").exists() and done.stdout + done.stderr == ""


def test_another_system_gets_the_list(tmp_path):
    for name in ("bash", "env", "cat", "cmp", "dirname", "grep", "id", "sed", "sort", "tr", "uname"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = run("install-deps", "build", "run", code=2, PATH=str(tmp_path))
    said = done.stdout + done.stderr
    assert {"gcc", "meson", "libpq-dev", "libfyaml-dev", "postgresql"} <= set(said.split()), said


# ---- sum-results -------------------------------------------------------------------------


def meson(name, result="OK", said="[  PASSED  ] 3 test(s).\n"):
    return json.dumps({"name": name, "result": result, "stdout": said, "stderr": ""})


CASE = '<testcase classname="t" name="{}">{}</testcase>'


@pytest.mark.parametrize("files, counted", [
    ({"a.json": meson("good"), "a.xml": CASE.format("x", "")}, "4 passed, 0 failed"),
    ({"a.json": meson("bad", "FAIL", "[  PASSED  ] 2 test(s).\n[  FAILED  ] 1 test(s), listed below:\n")}, "2 passed, 1 failed"),
    ({"a.json": meson("crashed", "FAIL", "")}, "0 passed, 1 failed"),
    ({"a.json": meson("late", "TIMEOUT", "[  PASSED  ] 1 test(s).\n")}, "1 passed, 1 failed"),
    ({"a.json": ""}, "0 passed, 1 failed"),
    ({"a.json": "no log"}, "0 passed, 1 failed"),
    ({"a.json": meson("good") + "\n" + meson("good")[:30]}, "0 passed, 1 failed"),
    ({"a.xml": CASE.format("x", "<failure/>") + CASE.format("y", "<skipped/>") + CASE.format("z", "<error/>")},
     "0 passed, 2 failed, 1 skipped"),
    ({"a.xml": ""}, "0 passed, 1 failed"),
    ({"a.xml": CASE.format("x", "")[:20]}, "0 passed, 1 failed"),
    ({"a.json": meson("good"), "gone.xml": None}, "3 passed, 1 failed"),
    # A second try is for what a busy machine does.
    ({"a.json": meson("late", "TIMEOUT", "[  PASSED  ] 1 test(s).\n"), "a.again.json": meson("late")}, "3 passed, 0 failed"),
    ({"a.json": meson("bad", "FAIL", ""), "a.again.json": meson("bad", "FAIL", "")}, "0 passed, 1 failed"),
    ({"a.json": meson("bad", "FAIL", ""), "a.again.json": meson("other")}, "0 passed, 1 failed"),
    ({"a.json": meson("bad", "FAIL", "AddressSanitizer: heap-use-after-free"), "a.again.json": meson("bad")}, "0 passed, 1 failed"),
    ({"a.xml": CASE.format("x", "<failure>a.c:1:2: runtime error: overflow</failure>"), "a.again.xml": CASE.format("x", "")},
     "0 passed, 1 failed"),
    ({"a.xml": CASE.format("x", "<failure/>") + CASE.format("y", ""), "a.again.xml": CASE.format("x", "")},
     "2 passed, 0 failed"),
    ({"a.xml": CASE.format("x", "<failure/>"), "a.again.xml": ""}, "0 passed, 1 failed")])
def test_what_broke_is_counted(tmp_path, files, counted):
    for name, text in files.items():
        if text is not None:
            whole = text and name.endswith(".xml") and text.endswith("</testcase>")
            (tmp_path / name).write_text(f"<testsuite>{text}</testsuite>" if whole else text)
    named = [tmp_path / name for name in files if ".again." not in name]
    done = run("sum-results", *named, code=0 if " 0 failed" in counted else 1)
    assert done.stdout.splitlines()[-1] == counted, done.stdout


# ---- demo --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_shows_what_it_promises():
    said = run("demo", timeout=240, GODWIT_BIN=str(find_binary())).stdout
    steps = re.split(r"\n\d\. ", said)[1:]
    assert len(steps) == 5, said
    started, applied, broken, back, gone = steps
    assert "postgresql://" in started
    versions = [f.name.split("_")[0] for f in (ROOT / "examples/ledgerflow/migrations").glob("*.up.sql")]
    assert all(re.search(rf"(?m)^applied +{version} .*Z", applied) for version in versions)
    assert "20990101000000_broken.up.sql:2:" in broken and "no_such_table" in broken and "[exit 1]" in broken
    assert re.search(r"20990101000000.*failed", broken)
    before, after = re.search(r"(\d+) tables before it, (\d+) after it", broken).groups()
    assert before == after
    down, up = back.split("$ godwit up\n")
    assert "\nrolled back " in down and up.startswith("applied ")
    assert "$ godwit db destroy" in gone
