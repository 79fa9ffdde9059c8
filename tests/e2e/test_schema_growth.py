"""A schema grown by random steps: any two of its states are turned into each other, both ways.

GODWIT_SEED=N plays the seed that a failure prints; GODWIT_GROWTH=ROUNDS runs longer (make fault)."""
import os
import random

import pytest

from harness.growing import history, make_roles
from harness.schemas import turn_both_ways

SAID = os.environ.get("GODWIT_SEED")
ROUNDS = 1 if SAID else int(os.environ.get("GODWIT_GROWTH", "3"))
FIRST = int(SAID) if SAID else random.SystemRandom().randrange(10**6)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_growth(round_number, plan_tool, server, make_database):
    seed = FIRST + round_number
    make_roles(server)
    failures = history(server, lambda x, y: turn_both_ways(plan_tool, server, x, y), make_database, seed,
                       snapshots=4, steps=14)
    told = [f"{where}: GODWIT_SEED={seed}\n" + "\n".join(problems) + "\n-- grown by\n"
            + "\n-- --\n".join("".join(f"{s};\n" for s in log) for log in logs)
            for where, problems, logs in failures]
    assert not told, told[0]
