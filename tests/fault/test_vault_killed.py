"""backup, verify, prune, restore, rotate: killed a hundred times at random moments; a restore at each that has a name. GODWIT_FAULT_SEED=N plays one again."""
import contextlib
import os
import random

import pytest

from harness.blocking import until_gone
from harness.ledgerflow import needs_pg_dump  # noqa: F401
from harness.proxy import KillAt
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


# Where a restore is killed: the statement, before the server hears of it or after its answer (in a transaction with what),
# and whether the names have changed then and what was there is still there.
MOMENTS = {
    "made": (("CREATE DATABASE", "after", b"CREATE DATABASE\0"), False, True),
    "filled": (("COPY public.t", "before"), False, True),
    "first-name": (('_before_', "after", b"ALTER DATABASE\0"), False, True),
    "second-name": (('ALTER DATABASE "godwit_restore_', "after", b"ALTER DATABASE\0"), False, True),
    "before-commit": (("COMMIT", "before", b"", "RENAME TO"), False, True),
    "behind-commit": (("COMMIT", "after", b"COMMIT\0", "RENAME TO"), True, True),
    "before-drop": (("DROP DATABASE", "before", b"", "RENAME TO"), True, True),
    "behind-drop": (("DROP DATABASE", "after", b"DROP DATABASE\0", "RENAME TO"), True, False),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_restore_is_killed_at_each_of_its_moments(project, database, server, moment):
    """There is always a whole database under the name; the next restore needs nobody's help and leaves nothing behind."""
    needs_pg_dump(server)
    at, swapped, kept = MOMENTS[moment]
    way = ["--replace", "--yes"] if moment.endswith("drop") else ["--to-new"]
    database.execute("CREATE TABLE public.t (id int PRIMARY KEY); INSERT INTO public.t VALUES (1)")
    project.godwit("up", code=0)
    backup = project.godwit("--json", "backup", code=0).json["id"]
    database.execute("INSERT INTO public.t VALUES (2)")
    others = "SELECT datname FROM pg_database WHERE datname LIKE %s || '\\_before\\_%%'"
    with contextlib.closing(KillAt(database.server, *at)) as proxy:
        proxy.running = project.start("restore", backup, *way, "--url", proxy.url(database.name))
        proxy.running.process.wait(120)
        assert proxy.cut.is_set(), proxy.running.finish()
    until_gone(database)
    assert database.value("SELECT count(*) FROM public.t") == (1 if swapped else 2)
    left = database.execute(others, [database.name[:40]])
    assert len(left) == (swapped and kept)
    # What the killed one has left goes, what was there before it stays until somebody drops it.
    answer = project.godwit("--json", "restore", backup, *way, code=0).json
    assert database.value("SELECT count(*) FROM public.t") == 1 and answer["different"] is None
    now = database.execute(others, [database.name[:40]])
    assert sorted(now) == sorted(left + ([(answer["kept"],)] if answer["kept"] else []))
    assert bool(answer["kept"]) == (way == ["--to-new"])
    assert sorted(answer["before"]) == sorted(name for (name,) in now)
    for (name,) in now:
        database.execute(f'DROP DATABASE "{name}"')
    assert project.godwit("status", code=0)
