"""The long run of tests/e2e/test_schema_growth.py: GODWIT_GROWTH schemas (40), each with more states and
steps. GODWIT_FAULT_SEED=N, or GODWIT_SEED=N, plays one again."""
import os
import random

from harness.growing import history, make_roles

SAID = os.environ.get("GODWIT_SEED") or os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]
ROUNDS = int(os.environ.get("GODWIT_GROWTH", "40"))


def test_long_growth(plan_tool, server, make_database, record_property):
    seeds = [int(SAID)] if SAID.isdigit() else \
        range(first := random.SystemRandom().randrange(10**6), first + ROUNDS)
    make_roles(server)
    told = []
    for seed in seeds:
        for where, problems, _ in history(server, plan_tool, make_database, seed, snapshots=5, steps=20):
            told.append(f"{where}: GODWIT_SEED={seed}\n" + "\n".join(problems))
    record_property("summary", f"schemas grown at random: seeds {seeds[0]} to {seeds[-1]}, {len(told)} not equal")
    assert not told, "\n\n".join(told)
