"""Random schemas, random people at work, random kills: a few that are the same in each run; tests/fault/test_sync_random.py
takes new ones. GODWIT_SEED=N plays the seed that a failure prints."""
import os

import pytest

from harness.moving import history

SEEDS = [int(os.environ["GODWIT_SEED"])] if os.environ.get("GODWIT_SEED") else [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_rows_moved_at_random_are_the_same(seed, make_sides):
    said, told = history(seed, make_sides)
    print(f"GODWIT_SEED={seed}: {told}")
    assert not said, f"GODWIT_SEED={seed}, {told}\n" + "\n".join(said[:20])
