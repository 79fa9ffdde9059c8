"""Behind a transaction pooler the run lock is a lease that a thread keeps."""
import pytest

from harness.waiting import until

# A busy machine may need a second for one extension.
LEASE = {"GODWIT_LEASE": "3s"}


@pytest.mark.slow
def test_a_lease_is_extended_while_a_statement_runs(project, database, pgbouncer):
    """A statement of several lease lengths: nobody else gets in."""
    project.migration(1, "long", "CREATE TABLE a (id int);\nSELECT pg_sleep(10);")
    url = pgbouncer.url(database.name)
    first = project.start("up", url=url, env=LEASE)
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND"
                                   " state = 'active' AND datname = current_database()"
                                   " AND pid <> pg_backend_pid()"), what="the long statement")
    refused = project.godwit("up", "--wait", "5s", url=url, env=LEASE, code=7)
    assert "another run holds" in refused.err
    first.finish(0)
    assert database.tables() == ["a"]


def test_the_lease_of_a_killed_run_runs_out(project, database, pgbouncer):
    project.migration(1, "long", "CREATE TABLE a (id int);\nSELECT pg_sleep(0.5);")
    url = pgbouncer.url(database.name)
    project.migration(2, "next", "CREATE TABLE b (id int);")
    first = project.start("up", url=url, env=LEASE)
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                                   " AND datname = current_database() AND pid <> pg_backend_pid()"),
          what="the long statement")
    first.kill()
    second = project.godwit("up", "--json", "--wait", "30s", url=url, env=LEASE, code=0)
    # The first file may have been on its way as a whole: then the server has committed it.
    assert second.json["applied"][-1]["version"] == "2" and second.json["pending"] == 0
    assert database.tables() == ["a", "b"]


@pytest.mark.slow
def test_the_wait_for_a_killed_runner_is_bounded_and_told(project, database, pgbouncer):
    """Killed between two statements of its own: nothing but the lease says that it is gone."""
    lease = {"GODWIT_LEASE": "6s"}
    project.migration(1, "a", "CREATE TABLE a (id int);")
    url = pgbouncer.url(database.name)
    project.godwit("up", url=url, env=lease, code=0)
    # As a runner leaves it that is killed right after it has extended its lease.
    database.execute("UPDATE godwit.run_lock SET token = 'killed', mode = 'lease', actor = 'ann', host = 'h', command = 'up',"
                     " backend_pid = 1, acquired_at = clock_timestamp(), expires_at = clock_timestamp() + interval '6 s'")
    project.migration(2, "b", "CREATE TABLE b (id int);")
    busy = project.godwit("up", "--wait", "1s", url=url, env=lease, code=7)
    assert "godwit up by ann on h" in busy.err and "its lease runs out in " in busy.err
    assert "unless it is alive" in busy.err and "backend pid" not in busy.err
    status = project.godwit("status", "--json", url=url, code=0).json
    assert status["run"]["lock"] == "lease" and 0 < status["run"]["lease_left_ms"] <= 6000
    waited = project.godwit("up", url=url, env=lease, code=0)  # as long as --wait is by default
    assert "its lease runs out in " in waited.err
    assert database.tables() == ["a", "b"]
