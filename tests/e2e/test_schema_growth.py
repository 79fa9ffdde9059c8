"""A schema grown by random steps: a database is led from any of its states to any other, and back.

Here a few seeds that are the same in each run; tests/fault/test_schema_growth.py takes new ones.
GODWIT_SEED=N plays the seed that a failure there prints."""
import os

import pytest

from harness.growing import history, make_roles

SEEDS = [int(os.environ["GODWIT_SEED"])] if os.environ.get("GODWIT_SEED") else [5000, 5001]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_growth(seed, plan_tool, server, make_database):
    make_roles(server)
    failures = history(server, plan_tool, make_database, seed, snapshots=4, steps=25)
    told = [f"{where}: GODWIT_SEED={seed}\n" + "\n".join(problems) + "\n-- grown by\n"
            + "\n-- --\n".join("".join(f"{s};\n" for s in log) for log in logs)
            for where, problems, logs in failures]
    assert not told, told[0]
