"""Behind pgbouncer in transaction mode the run lock is a lease: a killed runner's runs out."""
import os
import random
import signal
import time

import pytest

from harness.killing import kill_runs, seed_of
from harness.waiting import until

LEASE = {"GODWIT_LEASE": "3s"}


@pytest.mark.parametrize("chunk", range(2))
def test_thirty_kills_behind_a_pooler(make_experiment, pgbouncer, summary, chunk):
    experiment = make_experiment("up", through=pgbouncer.url, env=LEASE, pooled=True)
    summary("behind pgbouncer: " + kill_runs(experiment, seed_of("pooler", chunk), 15))


def test_the_pooler_is_killed_during_a_run(make_experiment, make_pgbouncer, summary):
    """The connection goes in the middle of whatever it was; a new pooler is there for the next run."""
    pooler = make_pgbouncer()
    experiment = make_experiment("up", through=lambda name: pooler.url(name), env=LEASE, pooled=True)
    seed = seed_of("pooler-dies")
    chance, codes = random.Random(seed), []
    for number in range(10):
        database = experiment.database()
        moment = chance.uniform(0, experiment.seconds)
        running = experiment.begin(database)
        time.sleep(moment)  # the moment is the experiment
        pooler.process.kill()
        pooler.process.wait()
        pooler.start()
        result = running.finish((0, 1, 4), 120)
        codes.append(result.code)
        said = f"seed {seed}, pooler killed at {1000 * moment:.1f} ms (exit {result.code})"
        left = experiment.left_to_do(database)
        assert result.code != 0 or left == 0, f"{said}\n{result}"
        experiment.again(database)
        experiment.check(database, said)
        database.drop()
    summary(f"10 deaths of pgbouncer within {experiment.seconds:.2f} s (seed {seed}): exits"
            f" {sorted(codes)}; each came to the same end")


def frozen(project, database, url, first_statement):
    """A run that is stopped while the first statement of its only file is under way."""
    running = project.start("up", "--json", url=url, env=LEASE)
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE %s AND state = 'active'"
                                   " AND datname = current_database() AND pid <> pg_backend_pid()",
                                   [first_statement + "%"]), what="the run at work")
    os.kill(running.pid, signal.SIGSTOP)
    return running


def test_a_runner_frozen_past_its_lease_commits_nothing(project, database, pgbouncer, summary):
    """The other one takes over as soon as no transaction of the frozen one is open."""
    database.execute("CREATE TABLE ledger (n int)")
    project.migration(1, "steps", "-- godwit: no-transaction\nSELECT pg_sleep(1);\nVACUUM ledger;\n"
                      "INSERT INTO ledger VALUES (1);\nVACUUM ledger;\nINSERT INTO ledger VALUES (2);")
    project.migration(2, "tx", "INSERT INTO ledger VALUES (3);")
    url = pgbouncer.url(database.name)
    first = frozen(project, database, url, "SELECT pg_sleep")
    # The frozen one's transaction stays open behind the pooler; ended as idle_in_transaction would.
    until(lambda: database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                                   " current_database() AND state = 'idle in transaction'"),
          what="the transaction of the frozen run")
    second = project.godwit("up", "--json", "--wait", "30s", url=url, env=LEASE, code=0, timeout=90)
    os.kill(first.pid, signal.SIGCONT)
    ended = first.finish((1, 4, 7))
    assert [m["version"] for m in second.json["applied"]] == ["1", "2"], f"{second}\n{ended}"
    assert database.execute("SELECT n FROM ledger ORDER BY n") == [(1,), (2,), (3,)], f"{second}\n{ended}"
    assert set(project.states(url=url).values()) == {"applied"}
    summary("a runner frozen past its lease behind pgbouncer: another took over, the first changed nothing")

