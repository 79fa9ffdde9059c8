"""An adopted database and the tool that it came from, both in use: whoever is at work holds the tool's own lock, so the
other one waits."""
import contextlib
import zlib

import pytest

from harness import tools
from harness.blocking import holding, until_blocked
from harness.waiting import until

from test_adopt import REAL, WRITTEN, add_file, adopt, make, renew_atlas_sum, run_files


def java_hash(text):
    """String.hashCode()."""
    value = 0
    for char in text:
        value = (value * 31 + ord(char)) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def of_golang_migrate(name):
    return zlib.crc32(f"public\0schema_migrations\0{name}".encode()) * 1486364155 % (1 << 32)


# Tool: the number by which it locks a database of this name, worked out as that tool does.
KEYS = {
    "sqlx": lambda name: 0x3D32AD9E * zlib.crc32(name.encode()),
    "golang-migrate": of_golang_migrate,
    "golang-migrate's program": lambda name: of_golang_migrate(f"/{name}"),  # the path of its URL
    "goose": lambda name: 4097083626,
    "flyway": lambda name: 77431708279161 + java_hash('"public"."flyway_schema_history"'),
    "atlas": lambda name: 2686470616,
    "node-pg-migrate": lambda name: 7241865325823964,
    "graphile-migrate": lambda name: 4727445306447283,
    "sqitch": lambda name: 75474063,
}


@contextlib.contextmanager
def tool_at_work(tool, key, database):
    """The tool's session with its lock; yields its pid, what ends it, and what tries to take the lock again."""
    with contextlib.closing(database.connect()) as session, session.cursor() as cursor:
        # Flyway's goes with its transaction.
        scope = "_xact" if tool == "flyway" else ""

        def takes():
            cursor.execute(f"BEGIN; SELECT pg_try_advisory{scope}_lock({key})")
            return cursor.fetchone()[0]

        def ends():
            cursor.execute("COMMIT" if scope else f"COMMIT; SELECT pg_advisory_unlock({key})")
        assert takes()
        yield session.info.backend_pid, ends, takes


def runs_in_turn(project, database, tool, key, theirs=None):
    """`up` of a file that makes the table more: behind the tool, and the tool behind it. theirs: the real one is refused."""
    with tool_at_work(tool, key, database) as (pid, ends, takes):
        running = project.start("up", "--wait", "60s", env={"GODWIT_LOCK_TIMEOUT": "60s"})
        said = f"waiting: {tool} is running on this database: it holds its own lock (backend pid {pid}"
        until(lambda: said in running.said(), what="word of the tool")
        assert "more" not in database.tables()
        with holding(database, "CREATE TABLE more (id int)"):  # not committed: the file waits for it
            ends()
            until_blocked(database, running)
            assert not takes()
            if theirs:
                theirs()
        running.finish(code=0)
        assert "more" in database.tables()
        until(takes, what="the lock of the session that has ended")


@pytest.mark.parametrize("case", [key for key in KEYS if key not in REAL])
def test_one_waits_for_the_other(case, make_project, database):
    tool, key = case.split("'")[0], KEYS[case](database.name)
    fill, *_, name = WRITTEN[tool]
    project = make(make_project, database, tool)
    run_files(database, tool)
    fill(database, project)
    project.write(f"migrations/{name or '20250101000000_more.sql'}",
                  f"{'-- +goose Up' if tool == 'goose' else ''}\nCREATE TABLE more (id int);\n")
    if tool == "atlas":
        renew_atlas_sum(project)
    with tool_at_work(tool, key, database) as (pid, *_):
        busy = project.godwit("adopt", "--from", tool, "--json", code=7, env={"GODWIT_WAIT": "50ms"}).json
        assert tool in busy["error"]["message"]
        assert f"backend pid {pid}" in busy["error"]["detail"]
    adopt(project, tool)
    runs_in_turn(project, database, tool, key)


@pytest.mark.peers
@pytest.mark.parametrize("tool", ["node-pg-migrate", *(pytest.param(tool, marks=pytest.mark.slow)
                                                       for tool in ("graphile-migrate", "sqitch"))])
def test_the_real_one_does_not_run_beside_godwit(tool, make_project, database):
    run, _, _, _, name, text = REAL[tool]
    project = make(make_project, database, tool)
    run(project.path, database)
    adopt(project, tool)
    add_file(project, tool, name, text)

    def theirs():
        with pytest.raises(AssertionError, match="(?i)lock|timed out waiting"):
            if tool == "sqitch":
                tools.sqitch(project.path, database, "deploy", "--lock-timeout", "1")
            else:
                run(project.path, database)
    runs_in_turn(project, database, tool, KEYS[tool](database.name), theirs)
