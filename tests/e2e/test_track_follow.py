"""`track ingest --follow URL`: the blocks of a chain as a Sidecar makes them, counted as Python counts what is left of them."""
import itertools
import signal
import subprocess
import time

import pytest

from harness.chain import ROOT, count, counted, generator
from harness.sidecar import Sidecar
from harness.waiting import until

GENERATE = generator()
HEAD = "SELECT coalesce(max(number), 0) FROM godwit.tracker_blocks WHERE live"


@pytest.fixture
def sidecar():
    server = Sidecar()
    server.start()
    yield server
    server.stop()


def made(chain="asset-hub", **options):
    return [b for c, b in GENERATE.blocks(**{"count": 60, "events": 12, "forks": 0, "failures": 0.05, **options}) if c == chain]


def other(blocks, salt):
    """The same heights on another branch: the first one stands where it stood, and its events are others."""
    out = []
    for i, block in enumerate(blocks):
        out.append({**block, "hash": block["hash"] + salt, "parentHash": block["parentHash"] + (salt if i else ""),
                    "extrinsics": block["extrinsics"][i % 2:]})
    return out


def start(project, sidecar, *words):
    return project.start("track", "ingest", "--follow", sidecar.url, "--interval", "30ms", *words)


def end(running, code=6):
    running.signal(signal.SIGINT)
    return running.finish(code)


def shows(database, blocks, chain="asset-hub"):
    """The counters are what these blocks say, as soon as they are."""
    wanted = count([(chain, b) for b in blocks])
    there = lambda: database.value("SELECT to_regclass('godwit.tracker_steps') IS NOT NULL")  # noqa: E731
    until(lambda: there() and counted(database) == wanted, 60, "the counters to be those of the chain")


@pytest.mark.parametrize("chain", ["asset-hub", "relay-chain"])
def test_a_chain_is_followed_as_it_grows_and_turns_at_its_head(project, database, sidecar, chain):
    blocks = made(chain)
    first = int(blocks[0]["number"])
    sidecar.put(blocks[:20])
    running = start(project, sidecar, "--from", first)
    shows(database, blocks[:20], chain)
    sidecar.put(blocks[20:30])
    shows(database, blocks[:30], chain)
    # Eight blocks are replaced by two: the chain is shorter for a while.
    branch = other(blocks[22:45], "f")
    sidecar.put(branch[:2])
    shows(database, blocks[:22] + branch[:2], chain)
    sidecar.put(branch[2:])
    shows(database, blocks[:22] + branch, chain)
    # The head alone is another one, and then the chain is back where it was.
    last = other(branch[-1:], "g")
    sidecar.put(last)
    shows(database, blocks[:22] + branch[:-1] + last, chain)
    sidecar.put(blocks[22:])
    shows(database, blocks, chain)
    assert database.execute("SELECT DISTINCT chain FROM godwit.tracker_blocks") == [(chain,)]
    end(running)
    assert database.value("SELECT count(*) FROM godwit.tracker_rejects") == 0


def test_a_chain_that_turned_while_nobody_read_is_read_from_where_it_turned(project, database, sidecar):
    blocks = made()
    sidecar.put(blocks[:40])
    running = start(project, sidecar, "--from", blocks[0]["number"])
    shows(database, blocks[:40])
    end(running)
    branch = other(blocks[25:], "f")
    sidecar.put(branch)
    for words in (["--chain", "asset-hub"], ["--from", blocks[30]["number"]]):
        sidecar.asked.clear()
        running = start(project, sidecar, *words)
        shows(database, blocks[:25] + branch)
        until(lambda: int(blocks[-1]["number"]) + 1 in sidecar.asked)
        assert "stopped" in end(running).err
    # The second time it began where it was told to, and found that nothing had turned.
    assert min(sidecar.asked) == int(blocks[30]["number"])


def test_a_sidecar_that_is_slow_errs_and_vanishes_is_waited_for(project, database, sidecar):
    blocks = made(count=40)
    first = int(blocks[0]["number"])
    sidecar.put(blocks[:20])
    sidecar.slow = 0.02
    sidecar.broken = {first: [503], first + 3: [None, 500, 429], first + 5: [b"<html>not yet</html>", b""],
                      first + 7: [b'{"number":"1","hash":"0x1"}'], first + 20: [404, 400, 503]}
    running = start(project, sidecar, "--from", first)
    until(lambda: first + 15 in sidecar.asked)
    sidecar.stop()
    until(lambda: "cannot read" in running.said(), 30, "a word about who is waited for")
    sidecar.put(blocks[20:])
    sidecar.start()
    shows(database, blocks)
    result = end(running)
    # Once; once more where a block that was asked for before still arrived behind one that did not.
    assert result.err.count("cannot read") in (1, 2), "an absence is said once"
    assert database.value("SELECT count(*) FROM godwit.tracker_rejects") == 0


def test_a_follower_that_is_killed_at_any_moment_goes_on(project, database, sidecar):
    blocks = made(count=80)
    branch = other(blocks[40:], "f")
    sidecar.put(blocks[:60])
    moments = itertools.cycle([0.05, 0.2, 0.35, 0.1])
    running = start(project, sidecar, "--from", blocks[0]["number"])
    for turn in range(8):
        time.sleep(next(moments))  # the moment is the experiment
        running.kill()
        if turn == 4:
            sidecar.put(branch)
        running = start(project, sidecar, "--from", blocks[0]["number"])
    shows(database, blocks[:40] + branch)
    running.kill()


def test_what_is_no_block_is_refused_as_a_line_and_the_rest_goes_on(project, database, sidecar):
    blocks = made(count=10)
    number = int(blocks[4]["number"])
    sidecar.put(blocks)
    del sidecar.blocks[number]
    sidecar.broken = {number: [b'{"nothing": 1}'] * 50}
    running = start(project, sidecar, "--from", blocks[0]["number"], "--chain", "asset-hub")
    until(lambda: number + 6 in sidecar.asked)
    end(running)
    assert database.execute("SELECT line, source FROM godwit.tracker_rejects") == [(number, sidecar.url)]
    assert database.value("SELECT count(*) FROM godwit.tracker_blocks WHERE live") == 9


@pytest.mark.slow
def test_who_cannot_be_followed_is_said(project, database, sidecar):
    sidecar.put(made(count=2))
    follow = ["track", "ingest", "--follow"]
    assert "--from N" in project.godwit(*follow, sidecar.url, code=2).err
    assert "say where to begin" in project.godwit(*follow, sidecar.url, "--chain", "nowhere", code=2).err
    sidecar.broken = {7: [301], 8: [b'{"number":"9","hash":"0x9"}'] * 50}
    assert "status 301" in project.godwit(*follow, sidecar.url, "--from", "7", code=4).err
    assert "something else than block 8" in project.godwit(*follow, sidecar.url, "--from", "8", "--interval", "10ms", code=1).err
    assert "--interval" in project.godwit("track", "ingest", "--interval", "1s", code=2).err
    sidecar.stop()
    assert "cannot read" in project.godwit(*follow, sidecar.url, "--from", "1", "--interval", "100ms", code=4).err
    assert "gopher" in project.godwit(*follow, "gopher://127.0.0.1", "--from", "1", "--interval", "100ms", code=4).err


# ---- the example ---------------------------------------------------------------------------------------

@pytest.mark.slow
def test_the_example_is_a_project_whose_chains_are_followed_to_their_end(bare_project, database):
    """`init --from xcm`: its generator, its Sidecar, both chains at once."""
    url = ["--url", database.url]
    templates = {"GODWIT_TEMPLATES": ROOT / "examples"}
    bare_project.godwit("init", "--from", "xcm", code=0, env=templates)
    bare_project.godwit("init", "--from", "xcm", code=2, env=templates)
    assert not (bare_project / "blocks").exists() and not (bare_project / ".godwit").exists()
    bare_project.godwit(*url, "up", code=0)
    generate = [bare_project / "generate", "--seed", "3", "--blocks", "120", "--forks", "0.08", bare_project / "blocks"]
    subprocess.run(generate, check=True)
    blocks = list(GENERATE.blocks(seed=3, count=120, forks=0.08))
    ends = {chain: max(int(b["number"]) for c, b in blocks if c == chain) for chain in ("asset-hub", "relay-chain")}
    with subprocess.Popen([bare_project / "sidecar", "--port", "0", "--rate", "60", bare_project / "blocks"],
                          stdout=subprocess.PIPE, text=True) as served:
        try:
            followers = []
            for _ in range(2):
                where, first = served.stdout.readline().split()
                followers.append(bare_project.start(*url, "track", "ingest", "--follow", where, "--from", first, "--interval", "50ms"))
            there = "SELECT to_regclass('godwit.tracker_steps') IS NOT NULL"
            until(lambda: database.value(there) and counted(database) == count(blocks), 120, "the end of the migration")
            for follower in followers:
                end(follower)
        finally:
            served.kill()
    assert dict(database.execute("SELECT chain, max(number) FROM godwit.tracker_blocks WHERE live GROUP BY chain")) == ends
    assert database.value("SELECT status::text FROM godwit.migration_stages WHERE stage_name = 'AssetHubMigration'") == "completed"
    assert database.value("SELECT monitor.in_tokens(340282366920938463463374607431768211455, 'asset-hub')") == "34028236692093846346337460743.1768211455 DOT"
    bare_project.godwit(*url, "down", "--to", "0", code=0)
