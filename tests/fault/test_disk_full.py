"""No space left: on the server's disk while a file runs, and on the disk of the project."""
import json
import os
import pathlib
import subprocess

import pytest

from harness import system
from harness.waiting import until

FILES = 12


def fill(folder, leave=0):
    """A file that takes all that is left of the disk but `leave` bytes."""
    ballast = pathlib.Path(folder) / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * (1 << 20))
        except OSError:
            pass
    if leave:
        os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast


def write_project(project):
    for n in range(1, FILES + 1):
        rows = f"INSERT INTO t{n} SELECT repeat('x', 1000) FROM generate_series(1, 1500);"
        table = f"CREATE TABLE t{n} (x text);\n"
        if n % 3 == 0:
            project.migration(n, "steps", f"-- godwit: no-transaction\n{table}{rows}\n"
                              f"CREATE INDEX CONCURRENTLY t{n}_x ON t{n} (x);\nVACUUM t{n};\n")
        else:
            project.migration(n, "tx", f"{table}{rows}\nCREATE INDEX t{n}_x ON t{n} (x);")


@pytest.mark.parametrize("left_mb", [1, 4, 7, 10, 14, 20])
def test_the_servers_disk_is_full(make_server, make_project, summary, left_mb):
    server = make_server("max_wal_size = 32MB\nmin_wal_size = 32MB\nwal_recycle = off\n", disk="240m")
    database = server.create_database()
    project = make_project(database.url)
    write_project(project)
    server.execute("CHECKPOINT")
    ballast = fill(server.folder, left_mb << 20)
    result = project.godwit("up", timeout=120)
    ballast.unlink()
    if not server.running():
        server.start()
    else:
        server._forget_admin()
    said = f"{left_mb} MB left: {result}"
    # 1 or 4: the statement failed, or the server went down over its log.
    assert result.code in (1, 4), said
    assert "error:" in result.err and "hint:" in result.err, said
    assert result.code == 4 or "No space left on device" in result.err, said
    until(lambda: ready(database), 60, "the server's recovery")
    done = {t for t in database.tables()}
    project.godwit("up", "--wait", "30s", code=0, timeout=120)
    assert set(project.states().values()) == {"applied"}
    for n in range(1, FILES + 1):
        assert database.value(f"SELECT count(*) FROM t{n}") == 1500, said
    assert database.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []
    first = next((line for line in result.err.splitlines() if line.startswith("error:")), "")
    summary(f"server's disk full with {left_mb} MB left: exit {result.code} after {len(done)} files ({first}); "
            "finished once there was space")


def ready(database):
    try:
        return database.value("SELECT NOT pg_is_in_recovery()")
    except Exception:  # noqa: BLE001: it is not there yet
        return False


def test_results_that_nobody_can_read_are_an_error(project, database, summary):
    """stdout on a full disk: what was done is done, and the exit code does not say that all is well."""
    project.migration(1, "a", "CREATE TABLE a (id int);")
    for words in (("up", "--json"), ("status", "--json"), ("status",), ("up", "--dry-run")):
        argv = [project._program.binary, *words]
        environment = {**system.clean_environment(), "HOME": str(project.path)}
        with open("/dev/full", "wb") as full:
            done = subprocess.run(argv, cwd=project.path, env=environment, stdout=full, stderr=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert done.returncode == 1, (words, done)
        assert b"No space left on device" in done.stderr, (words, done)
        if words[0] == "up":
            project.migration(2, "b", "CREATE TABLE b (id int);")
    assert "a" in database.tables()
    summary("results on a full disk: exit 1 that says so, what was done is done")


def test_messages_that_nobody_can_read_change_nothing(project, database, summary):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    argv = [project._program.binary, "up", "--json"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(argv, cwd=project.path, env={**system.clean_environment(), "HOME": str(project.path)},
                              stdout=subprocess.PIPE, stderr=full, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert json.loads(done.stdout)["pending"] == 0
    assert done.returncode == 0 and database.tables() == ["a"]
    summary("messages on a full disk: the run goes on")


def test_a_full_disk_under_the_project(bare_project, summary):
    """The private server cannot be made: an error that says why, and no half of one is left."""
    if not system.mount_small(bare_project.path, "1m"):
        pytest.skip("a small file system cannot be mounted here")
    try:
        bare_project.config("project: t\nmigrations: migrations\ndefault: dev\nenvironments:\n  dev: { url: embedded }\n")
        (bare_project.path / "migrations").mkdir()
        fill(bare_project.path)
        start = bare_project.godwit("db", "start", code=(1, 4), timeout=120)
        assert "No space left on device" in start.err and "hint:" in start.err, start
        assert not (bare_project.path / ".godwit" / "postgres" / "data" / "PG_VERSION").exists(), start
    finally:
        bare_project.godwit("--yes", "db", "destroy")
        system.unmount(bare_project.path)
    summary("project's disk full: db start says so and leaves nothing behind")
