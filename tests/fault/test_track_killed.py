"""`track ingest` killed a hundred times at random moments and run again: the counters are those that Python counts.
GODWIT_FAULT_SEED=N plays one again."""
import json
import os
import random

import pytest

from harness.chain import count, counted, generator, kill_ingests, messy

GENERATE = generator()
KILLS, CHUNKS = 100, 5
SAID = os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]


def events(dice, number):
    """Own events, and what they add up to: {(source, destination): sent}, minted, items."""
    sent, minted, items, text = {}, 0, {}, []
    for _ in range(number):
        which = dice.randrange(3)
        if which == 0:
            pair = dice.choice(["a", 'b "é"']), dice.choice(["c", "d"])
            sent[pair] = sent.get(pair, 0) + 1
            text.append({"kind": "xcm", "source": pair[0], "destination": pair[1], "sent": 1})
        elif which == 1:
            amount = dice.getrandbits(dice.choice([1, 64, 100]))
            minted += amount
            text.append({"kind": "teleport", "mints": 1, "mint_amount": str(amount)})
        else:
            pallet = f"p{dice.randrange(40)}"
            items[pallet] = items.get(pallet, 0) + 7
            text.append({"kind": "pallet", "pallet": pallet, "stage": "S", "processed": 7})
    return "".join(json.dumps(line) + "\n" for line in text), sent, minted, items


def one_round(project, database, dice, tracker):
    """Blocks with forks, blocks in any order, own events, each until its end; how many kills that took."""
    words = lambda name: ["--tracker", f"{tracker}{name}"]  # noqa: E731
    killed = 0
    for name, forks in (("forked", 0.1), ("mixed", 0)):
        blocks = list(GENERATE.blocks(seed=dice.randrange(10**6), count=250, forks=forks, failures=0.05))
        text, _ = messy(blocks, dice, shuffled=not forks)
        project.write(f"{name}.ndjson", text)
        killed += kill_ingests(project, ["--format", "sidecar", *words(name), f"{name}.ndjson"], dice, 12)
        assert counted(database, f"{tracker}{name}") == count(blocks), name
    text, sent, minted, items = events(dice, 40000)
    project.write("own.ndjson", text)
    killed += kill_ingests(project, [*words("own"), "own.ndjson"], dice, 12)
    mine = [f"{tracker}own"]
    assert dict(((a, b), n) for a, b, n in database.execute(
        "SELECT source_chain, destination_chain, messages_sent FROM godwit.xcm_message_counters WHERE tracker = %s", mine)) == sent
    assert int(database.value("SELECT total_mint_amount FROM godwit.teleportation_counters WHERE tracker = %s", mine)) == minted
    assert dict(database.execute("SELECT pallet_name, items_processed FROM godwit.pallet_migration_counters WHERE tracker = %s",
                                 mine)) == items
    return killed


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_hundred_kills_of_track_ingest(project, database, record_property, chunk):
    seed = int(SAID) if SAID.isdigit() else random.SystemRandom().randrange(10**6)
    dice = random.Random(f"{seed}/{chunk}")
    killed = rounds = 0
    while killed < KILLS // CHUNKS:
        rounds += 1
        assert rounds < 50, "it is never killed: the moments are too late"
        killed += one_round(project, database, dice, f"r{rounds} ")
    record_property("summary", f"track ingest: seed {seed}/{chunk}, killed {killed} times in {rounds} rounds, every count right")
