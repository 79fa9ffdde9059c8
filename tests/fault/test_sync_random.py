"""The long run of tests/e2e/test_sync_random.py: GODWIT_SYNC_RUNS histories (300) from a seed of the day.
GODWIT_FAULT_SEED=N, or GODWIT_SEED=N, plays one again."""
import os
import random

from harness.moving import history

SAID = os.environ.get("GODWIT_SEED") or os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]
RUNS = int(os.environ.get("GODWIT_SYNC_RUNS", "300"))


def test_rows_moved_at_random_many_times(make_sides, record_property):
    first = random.SystemRandom().randrange(10**6)
    seeds = [int(SAID)] if SAID.isdigit() else range(first, first + RUNS)
    wrong, disturbed = [], 0
    for seed in seeds:
        try:
            said, told = history(seed, make_sides)
        except AssertionError as failure:
            said, told = [str(failure)], []
        disturbed += sum(what != "nothing" for what, _ in told)
        print(f"GODWIT_SEED={seed}: {'; '.join(f'{what} {code}' for what, code in told)}{' WRONG' if said else ''}", flush=True)
        if said:
            wrong.append(f"GODWIT_SEED={seed}, {told}\n" + "\n".join(said[:20]))
    record_property("summary", f"rows moved at random: seeds {seeds[0]} to {seeds[-1]}, runs disturbed {disturbed} times,"
                               f" {len(wrong)} not the same")
    assert not wrong, "\n\n".join(wrong)
