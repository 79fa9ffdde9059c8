"""The long run of tests/e2e/test_sync_random.py: GODWIT_SYNC_RUNS histories (300), each a test with databases of its own and
a seed that follows from the run's. GODWIT_FAULT_SEED=N, or GODWIT_SEED=N, plays one again."""
import os

import pytest

from harness.moving import history

SAID = os.environ.get("GODWIT_SEED") or os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]
RUNS = 1 if SAID.isdigit() else int(os.environ.get("GODWIT_SYNC_RUNS", "300"))


@pytest.mark.parametrize("number", range(RUNS))
def test_rows_moved_at_random(number, testrun_uid, make_sides, record_property):
    """All workers of a run have the same uid."""
    seed = int(SAID) if SAID.isdigit() else int(testrun_uid[:6], 16) + number
    print(f"GODWIT_SEED={seed}")
    said, told = history(seed, make_sides)
    record_property("rows moved at random", f"{seed} {sum(what != 'nothing' for what, _ in told)}")
    assert not said, f"GODWIT_SEED={seed}, {told}\n" + "\n".join(said[:20])
