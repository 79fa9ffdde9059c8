"""backup, verify, prune, restore, rotate: killed a hundred times at random moments. GODWIT_FAULT_SEED=N plays one again."""
import os
import random

import pytest

from harness.ledgerflow import needs_pg_dump  # noqa: F401
from harness.vault_killing import kill_vault

KILLS, CHUNKS = 100, 5
SAID = os.environ.get("GODWIT_FAULT_SEED", "").split("/")[0]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_hundred_kills(project, database, server, tmp_path, record_property, chunk):
    needs_pg_dump(server)
    seed = int(SAID) if SAID.isdigit() else random.SystemRandom().randrange(10**6)
    print(f"GODWIT_FAULT_SEED={seed}/{chunk}")
    vault = kill_vault(project, database, tmp_path, random.Random(f"{seed}/{chunk}"), KILLS // CHUNKS)
    record_property("summary", f"vault: {KILLS // CHUNKS} kills, seed {seed}/{chunk}, {len(vault.keys)} keys, "
                               f"{len(vault.files())} backups")
