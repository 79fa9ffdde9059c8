"""Upkeep killed (kill -9) at its statements: the next run makes it right, nothing is lost and nothing is there twice."""
import contextlib

import pytest

from harness import gwb
from harness.blocking import holding, kill_at_lock, until_gone
from harness.proxy import KillAt
from harness.waiting import until
from test_maintain import configure, maintain, make_runs, outcomes
from test_maintain_partitions import DEFAULT, OLD, RULE, archives, archiving, whats  # noqa: F401 (fixture)


def killed(project, database, *at):
    """A run that is killed at a statement, as KillAt says it."""
    with contextlib.closing(KillAt(database.server, *at)) as proxy:
        proxy.running = project.start("maintain", "--url", proxy.url(database.name))
        proxy.running.process.wait(120)
        assert proxy.cut.is_set(), proxy.running.finish()
    until_gone(database)


@pytest.mark.slow
def test_one_archive_stands_wherever_a_run_is_killed(archiving, project, database):  # noqa: F811
    """Each run is killed a little further on; what it has left is what the next one begins with."""
    database.execute(OLD + DEFAULT)
    configure(project, database, {"partitions": [RULE]})
    for statement, outcome, answer, files in (
            ("ALTER TABLE \"public\".\"t \"\"1\" DETACH", "after", b"ALTER TABLE\0", 0), (", being archived in ", "after", b"COMMENT\0", 0),
            ("COPY public.\"old 'one\"", "before", b"", 0), (", archived in ", "before", b"", 1), ("DROP TABLE \"public\".\"old 'one\"", "after", b"DROP TABLE\0", 1)):
        killed(project, database, statement, outcome, answer)
        assert len(list((project / "archive").glob("*.gwb"))) == files, statement
        assert database.value("SELECT count(*) FROM public.\"old 'one\"") == 3000
    assert whats(maintain(project)) == ["drop old 'one", "archive old_two", "drop old_two"]
    assert {n: r.manifest["tables"][0]["rows"] for n, r in archives(project).items()} == {"old 'one": 3000, "old_two": 3}
    assert len(list((project / "archive").iterdir())) == 2


def test_entries_that_go_are_in_one_file(project, database):
    configure(project, database, {"archive": "old logs"})
    make_runs(project, database)
    deletes = "DELETE FROM godwit.migration_execution_logs"
    for at, files, rows in ((("INSERT INTO godwit.upkeep_files", "after", b"INSERT 0 1\0"), 0, 4501), ((deletes, "before"), 1, 4501),
                            (("COMMIT", "before", b"", deletes), 1, 4501), (("COMMIT", "after", b"COMMIT\0", deletes), 1, 1)):
        killed(project, database, *at)
        assert len(list((project / "old logs").glob("*.gwb"))) == files, at
        assert database.value("SELECT count(*) FROM godwit.migration_execution_logs") == rows, at
    maintain(project)
    read, = (gwb.read(path, None) for path in (project / "old logs").iterdir())
    assert len(read.plain.splitlines()) == 4500 and database.value("SELECT count(*) FROM godwit.upkeep_files") == 0


def test_what_a_killed_rebuild_has_left_goes(project, database):
    database.execute("CREATE TABLE public.t (x int) WITH (autovacuum_enabled = off); INSERT INTO public.t SELECT i / 2 FROM generate_series(1, 30000) i; "
                     "DELETE FROM public.t WHERE x > 10")
    with pytest.raises(Exception):
        database.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON public.t (x)")
    database.execute("DELETE FROM public.t a USING public.t b WHERE a.x = b.x AND a.ctid > b.ctid")
    until(lambda: database.value("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 't'") > 20000, what="the counters")
    for lock, waits in (("SHARE UPDATE EXCLUSIVE", "relation = 'public.t'::regclass"), ("ROW EXCLUSIVE", "locktype = 'virtualxid'")):
        with holding(database, f"LOCK TABLE public.t IN {lock} MODE"):
            run = project.start("maintain", "--lock-timeout", "60s")
            kill_at_lock(database, run, waits, lock)
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'godwit' AND datname = current_database()")
        until_gone(database)
    indexes = "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 'public.t'::regclass ORDER BY 1"
    assert [name for name, _ in database.execute(indexes)] == ["broken", "broken_ccnew"]
    assert outcomes(maintain(project, "--only", "reindex")) == {("reindex", "public.broken"): "done", ("reindex", "public.broken_ccnew"): "done"}
    assert database.execute(indexes) == [("broken", True)]
    assert outcomes(maintain(project, "--only", "reindex")) == {}
