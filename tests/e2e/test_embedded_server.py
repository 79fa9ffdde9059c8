"""The embedded server and the file that says which process it is."""
import contextlib
import os
import signal
import subprocess

import pytest

from harness.waiting import until


@pytest.fixture
def embedded(bare_project):
    bare_project.godwit("init", code=0)
    bare_project.migration(1, "kept", "CREATE TABLE kept AS SELECT 7 AS n;")
    bare_project.godwit("up", code=0)
    yield bare_project
    bare_project.godwit("db", "destroy", "--yes", code=0)


def server(project):
    return project.godwit("db", "status", "--json", code=0).json


def pid_file(project):
    return server(project)["data_directory"] + "/postmaster.pid"


def running_in(folder):
    """Processes whose working folder it is; asked as whom the tests run as."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.path.realpath(f"/proc/{pid}/cwd") == os.path.realpath(folder):
                found.add(int(pid))
    return found


def overwrite(path, content):
    """The file stays its owner's."""
    with open(path, "wb") as file:
        file.write(content)


def value(project, statement):
    url = server(project)["url"]
    return subprocess.run(["psql", "-XAt", url, "-c", statement], check=True, capture_output=True,
                          text=True).stdout.strip()


@pytest.mark.parametrize("content", [b"", b"\n", b"garbage\n/somewhere\n", b"\x00\xff\x00", b"0\n", b"x" * 100_000],
                         ids=["empty", "line", "words", "bytes", "zero", "long"])
def test_a_pid_file_that_names_no_process_is_removed_and_the_server_starts(embedded, content):
    path = pid_file(embedded)
    embedded.godwit("db", "stop", code=0)
    assert not os.path.exists(path)
    overwrite(path, content)
    assert server(embedded)["running"] is False
    said = embedded.godwit("db", "start", code=0).err
    assert "names no process" in said and "removing the file" in said and path in said
    assert value(embedded, "SELECT n FROM kept") == "7"
    with open(path, encoding="utf-8") as file:
        assert int(file.readline()) in running_in(os.path.dirname(path))
    assert "removing" not in embedded.godwit("db", "start", code=0).err


def test_a_server_that_was_killed_and_lost_its_file_starts_again(embedded):
    path = pid_file(embedded)
    with open(path, encoding="utf-8") as file:
        postmaster = int(file.readline())
    os.kill(postmaster, signal.SIGKILL)
    until(lambda: not os.path.exists(f"/proc/{postmaster}") or " Z " in open(f"/proc/{postmaster}/stat").read(),
          what="the end of the postmaster")
    overwrite(path, b"")
    assert "removing the file" in embedded.godwit("up", code=0).err
    assert value(embedded, "SELECT n FROM kept") == "7"


def test_a_server_that_runs_is_stopped_before_its_broken_file_is_removed(embedded):
    """Two servers in one folder would destroy the data."""
    path = pid_file(embedded)
    with open(path, encoding="utf-8") as file:
        before = int(file.readline())
    overwrite(path, b"")
    assert server(embedded)["running"] is True
    said = embedded.godwit("db", "start", code=0).err
    assert "does not name the server that runs: stopping it" in said
    with open(path, encoding="utf-8") as file:
        after = int(file.readline())
    assert after != before and before not in running_in(os.path.dirname(path))
    assert value(embedded, "SELECT n FROM kept") == "7"


def test_stop_finds_the_server_behind_a_broken_file(embedded):
    path = pid_file(embedded)
    overwrite(path, b"garbage")
    embedded.godwit("db", "stop", code=0)
    assert running_in(os.path.dirname(path)) == set() and not os.path.exists(path)
    embedded.godwit("db", "start", code=0)
    assert value(embedded, "SELECT n FROM kept") == "7"
