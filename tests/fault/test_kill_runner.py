"""kill -9 of the runner at random moments: the next run makes it as if nothing had happened."""
import pytest

from harness.killing import kill_runs, seed_of

CHUNKS = 10


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_two_hundred_kills_of_up(make_experiment, summary, chunk):
    summary(kill_runs(make_experiment("up"), seed_of("up", chunk), 200 // CHUNKS))


@pytest.mark.parametrize("chunk", range(2))
def test_forty_kills_of_down(make_experiment, summary, chunk):
    summary(kill_runs(make_experiment("down"), seed_of("down", chunk), 20))
