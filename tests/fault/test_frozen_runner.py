"""A runner that is stopped (SIGSTOP) at a random moment while another one comes."""
import os
import random
import signal
import time

import pytest

from harness.killing import seed_of
from harness.waiting import until

# The session that holds the run lock: without it the other runner may take over.
END_HOLDER = """SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.mark.parametrize("robbed", [False, True], ids=["keeps its lock", "loses its lock"])
def test_another_comes_while_one_is_frozen(make_experiment, summary, robbed):
    experiment = make_experiment("up")
    seed = seed_of(f"frozen-{robbed}")
    chance, codes, rounds, waits = random.Random(seed), [], 20, 0
    for number in range(rounds):
        database = experiment.database()
        moment = chance.uniform(0, experiment.seconds)
        said = f"seed {seed}, frozen {number} at {1000 * moment:.1f} ms"
        first = experiment.begin(database)
        time.sleep(moment)  # the moment is the experiment
        os.kill(first.pid, signal.SIGSTOP)
        if robbed:
            database.execute(END_HOLDER)
        # An open transaction of the frozen one is never overtaken: then this one says busy.
        other = experiment.start(database, "up", "--allow-data-loss", "--wait", "2s", "--json")
        # A transaction of the frozen one that has not come as far as its lock keeps what goes on CONCURRENTLY waiting.
        until(lambda: other.process.poll() is not None or "waits for pid" in other.said(), what="the end, or whom it waits for")
        waits += "waits for pid" in other.said()
        os.kill(first.pid, signal.SIGCONT)
        second = other.finish((0, 7), 120)
        result = first.finish((0, 1, 4, 7), 120)
        codes.append((result.code, second.code))
        assert robbed or result.code == 0, f"{said}\n{result}\n{second}"
        if second.code == 0:
            assert second.json["pending"] == 0, f"{said}\n{second}"
        try:
            experiment.again(database)
            experiment.check(database, said)
        except AssertionError as error:
            raise AssertionError(f"{said}: the frozen one:\n{result}\nthe other:\n{second}\n{error}") from error
        database.drop()
    count = {pair: codes.count(pair) for pair in sorted(set(codes))}
    summary(f"{rounds} runners frozen at random moments {'robbed of' if robbed else 'holding'} their lock"
            f" (seed {seed}): exits (frozen, other) {count}, {waits} waited for the frozen one; each came to the same end")
