"""The long run of tests/e2e/test_schema_growth.py: GODWIT_GROWTH schemas (40), each a test with more states and steps, and a
seed that follows from the run's. GODWIT_FAULT_SEED=N, or GODWIT_SEED=N, plays one again."""
import os

import pytest

from harness.growing import history, make_roles

SAID = os.environ.get("GODWIT_SEED") or os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]
ROUNDS = 1 if SAID.isdigit() else int(os.environ.get("GODWIT_GROWTH", "40"))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_long_growth(number, testrun_uid, plan_tool, server, make_database, record_property):
    """All workers of a run have the same uid."""
    seed = int(SAID) if SAID.isdigit() else int(testrun_uid[:6], 16) + number
    make_roles(server)
    told = [f"{where}: GODWIT_SEED={seed}\n" + "\n".join(problems)
            for where, problems, _ in history(server, plan_tool, make_database, seed, snapshots=5, steps=20)]
    record_property("summary", f"a schema grown at random: seed {seed}, {len(told)} not equal")
    assert not told, "\n\n".join(told)
