"""Events and blocks into counters: once, whatever happens, and the same as an independent count."""
import contextlib
import json
import os
import random
import signal
import time

import jsonschema
import pytest

from harness import chain as chains
from harness.chain import count, counted, generator, kill_ingests, lines, messy
from harness.waiting import until

GENERATE = generator()
U128 = 2**128 - 1
SCHEMA = chains.ROOT / "docs/reference/track-events.schema.json"


def made(**options):
    return list(GENERATE.blocks(**{"count": 150, "events": 12, "forks": 0.1, "failures": 0.05, **options}))


def ingest(project, *words, code=0, **options):
    return project.godwit("track", "ingest", "--json", *words, code=code, **options).json


def event(**members):
    return json.dumps(members) + "\n"


def sent(database, tracker="default"):
    return database.value("SELECT coalesce(sum(messages_sent), 0)::bigint FROM godwit.xcm_message_counters WHERE tracker = %s",
                          [tracker])


XCM = event(kind="xcm", source="a", destination="b", sent=1)


# ---- blocks of a chain -------------------------------------------------------------------------

def test_blocks_of_two_chains_are_counted_as_python_counts_them_and_a_second_time_nothing(project, database):
    blocks = made()
    project.write("both.ndjson", lines(blocks))
    first = ingest(project, "--format", "sidecar", "both.ndjson")
    wanted = count(blocks)
    assert counted(database) == wanted
    assert wanted["balances"][1] > 2**126 and min(wanted["teleports"][2:4]) >= U128
    assert first["blocks"] == len(blocks) and first["rejected"] == 0
    everything = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM godwit.{} t"
    tables = ("migration_stages", "xcm_message_counters", "balance_migration_counters", "teleportation_counters",
              "pallet_migration_counters", "tracker_blocks")
    before = [database.value(everything.format(t)) for t in tables]
    again = ingest(project, "--format", "sidecar", "both.ndjson")
    assert again["blocks"] == again["events"] == 0 and again["blocks_seen"] == len(blocks)
    assert [database.value(everything.format(t)) for t in tables] == before


@pytest.mark.parametrize("form", ["array", "pretty", "array of lines"])
def test_blocks_in_one_array_or_over_several_lines(project, database, form):
    blocks = made(count=20)
    own = [b for _, b in blocks]
    text = {"array": json.dumps(own), "pretty": "\n".join(json.dumps(b, indent=2) for b in own),
            "array of lines": "[\n" + ",\n".join(map(json.dumps, own)) + "\n]\n"}[form]
    project.write("blocks.json", text)
    ingest(project, "--format", "sidecar", "blocks.json")
    assert counted(database) == count(blocks)


def test_where_no_block_replaces_another_order_does_not_matter(project, database):
    blocks = made(forks=0)
    mixed = blocks[:]
    random.Random(7).shuffle(mixed)
    project.write("mixed.ndjson", lines(mixed))
    ingest(project, "--format", "sidecar", "mixed.ndjson")
    assert counted(database) == count(blocks)


@pytest.mark.parametrize("forks", [0, 0.1])
def test_blocks_twice_and_in_any_order_among_bad_lines(project, database, forks):
    blocks = made(count=80, forks=forks)
    text, bad = messy(blocks, random.Random(3), shuffled=not forks)
    project.write("messy.ndjson", text)
    result = ingest(project, "--format", "sidecar", "messy.ndjson", code=3)
    assert (result["blocks"], result["blocks_seen"], result["rejected"]) == (len(blocks), len(blocks), bad)
    assert counted(database) == count(blocks)
    assert database.value("SELECT count(DISTINCT line) FROM godwit.tracker_rejects") == bad
    ingest(project, "--format", "sidecar", "messy.ndjson", code=3)
    assert counted(database) == count(blocks)
    assert database.value("SELECT count(*) FROM godwit.tracker_rejects") == bad


def test_a_fork_takes_back_what_it_replaces_and_an_older_file_does_not_bring_it_back(project, database):
    blocks = [(c, b) for c, b in made(count=60, forks=0) if c == "asset-hub"]
    project.write("old.ndjson", lines(blocks[:40]))
    other = [(c, {**b, "hash": b["hash"] + "f", "parentHash": b["parentHash"] + ("f" if i else "")})
             for i, (c, b) in enumerate(blocks[30:])]
    for _, block in other[::2]:
        block["extrinsics"] = block["extrinsics"][:1]
    project.write("new.ndjson", lines(other))
    ingest(project, "--format", "sidecar", "old.ndjson")
    result = ingest(project, "--format", "sidecar", "new.ndjson")
    assert result["forks"] == 1 and result["blocks"] == 30
    wanted = count(blocks[:40] + other)
    assert counted(database) == wanted
    assert ingest(project, "--format", "sidecar", "old.ndjson")["blocks"] == 0
    assert counted(database) == wanted
    # The chain goes back to where it was: the next block stands on one that had been replaced.
    project.write("back.ndjson", lines(blocks[40:]))
    ingest(project, "--format", "sidecar", "back.ndjson")
    assert counted(database) == count(blocks)


def test_a_block_says_its_chain_or_is_told_it(project, database):
    blocks = made(count=10, forks=0)
    silent = [(c, b) for c, b in blocks if c == "relay-chain"]
    for _, block in silent:
        block["onInitialize"]["events"] = []
        block["extrinsics"] = [x for x in block["extrinsics"] if x["method"]["pallet"] == "polkadotXcm"]
    project.write("silent.ndjson", lines(silent))
    result = ingest(project, "--format", "sidecar", "silent.ndjson", code=3)
    assert result["rejected"] == len(silent)
    assert "name it with --chain" in database.value("SELECT reason FROM godwit.tracker_rejects LIMIT 1")
    # A neighbour that speaks says it for all.
    last = [(c, b) for c, b in blocks if c == "relay-chain"][-1][1]
    speaking = {**last, "number": str(int(last["number"]) + 1), "hash": "0xspeaks", "parentHash": last["hash"],
                "onInitialize": {"events": [GENERATE.event("rcMigrator", "XcmSent", {}, {}, [], "0x")]}}
    project.write("spoken.ndjson", lines([*silent, ("relay-chain", speaking)]))
    assert ingest(project, "--format", "sidecar", "spoken.ndjson", "--tracker", "two")["rejected"] == 0
    assert database.execute("SELECT DISTINCT chain FROM godwit.tracker_blocks WHERE tracker = 'two'") == [("relay-chain",)]
    project.write("named.ndjson", lines(silent))
    ingest(project, "--format", "sidecar", "named.ndjson", "--tracker", "three", "--chain", 'kusama "é"')
    assert database.execute("SELECT DISTINCT chain FROM godwit.tracker_blocks WHERE tracker = 'three'") == [('kusama "é"',)]


def test_silent_blocks_of_two_chains_belong_to_their_neighbours(project, database):
    blocks = made(count=30, forks=0)
    for i, (_, block) in enumerate(blocks):
        if i // 2 % 3:  # but for every third of each chain
            block["onInitialize"]["events"] = []
            block["extrinsics"] = [x for x in block["extrinsics"] if x["method"]["pallet"] == "polkadotXcm"]
    project.write("silent.ndjson", lines(blocks))
    assert ingest(project, "--format", "sidecar", "silent.ndjson")["rejected"] == 0
    assert counted(database) == count(blocks)
    assert database.execute("SELECT chain, count(*) FROM godwit.tracker_blocks GROUP BY chain ORDER BY chain") == [
        ("asset-hub", 30), ("relay-chain", 30)]


def test_stages_pause_fail_and_have_names_with_a_capital(project, database):
    def block(number, *events):
        return ("relay-chain", {"number": str(number), "hash": f"0xh{number}", "parentHash": f"0xh{number - 1}",
                                "onInitialize": {"events": [GENERATE.event("rcMigrator", *e) for e in events]},
                                "extrinsics": [], "onFinalize": {"events": []}})

    project.write("a.ndjson", lines([
        block(1, ("StageTransition", "Pending", {"scheduled": {"blockNumber": "9"}})),
        block(2, ("StageTransition", {"scheduled": {"blockNumber": "9"}}, {"accountsMigrationOngoing": {"lastKey": None}})),
        block(3, ("MigrationPaused",))]))
    ingest(project, "--format", "sidecar", "a.ndjson")
    stages = "SELECT stage_name, status::text, paused, error_count FROM godwit.migration_stages ORDER BY stage_name"
    assert database.execute(stages) == [("AccountsMigrationOngoing", "ongoing", True, 0), ("Pending", "completed", False, 0),
                                        ("Scheduled", "completed", False, 0)]
    project.write("b.ndjson", lines([block(4, ("MigrationCancelled",))]))
    ingest(project, "--format", "sidecar", "b.ndjson")
    assert database.execute(stages)[0] == ("AccountsMigrationOngoing", "failed", False, 1)


# ---- Godwit's own events -----------------------------------------------------------------------

def test_events_of_every_kind_and_amounts_of_128_bits(project, database):
    text = (event(kind="stage", stage='S "é"', step="start") +
            event(kind="pallet", pallet="p", stage='S "é"', processed=5, received="7", failed=1) +
            event(kind="pallet", pallet="p", stage='S "é"', total=100) +
            event(kind="balance", accounts=1, migrated=str(U128), kept=str(U128), failed=2) * 2 +
            event(kind="teleport", mints=1, mint_amount=str(U128), burns=2, burn_amount=7, failed=3) +
            XCM * 3 + event(kind="stage", stage='S "é"', step="complete"))
    schema = json.loads(SCHEMA.read_text())
    for line in text.splitlines():
        jsonschema.Draft202012Validator(schema).validate(json.loads(line))
    project.write("events.ndjson", text)
    assert ingest(project, "events.ndjson")["events"] == 10
    assert counted(database) == {
        "xcm": {("a", "b"): (3, 0, 0)}, "pallets": {"p": (5, 100, 1)}, "balances": (2, 2 * U128, 2 * U128, 4),
        "teleports": (1, 2, U128, 7, 3), "errors": 0, "stages": {}}
    assert database.value("SELECT status::text FROM godwit.migration_stages") == "completed"
    shown = project.godwit("track", "show", "--json", code=0).json
    assert shown["balance_migration_counters"][0]["total_balance_kept"] == str(2 * U128)
    assert shown["teleportation_counters"][0]["total_mint_amount"] == str(U128)
    assert shown["pallet_migration_counters"][0] | {"items_processed": 5, "total_items": 100} == \
        shown["pallet_migration_counters"][0]


def test_a_stream_is_counted_once_under_any_name_and_gone_on_with_when_it_grows(project, database):
    project.write("a.ndjson", XCM * 1000)
    assert ingest(project, "a.ndjson")["events"] == 1000
    assert ingest(project, "a.ndjson")["events"] == 0
    project.write("copy é.ndjson", XCM * 1000 + XCM * 50)
    assert ingest(project, "copy é.ndjson")["events"] == 50
    assert ingest(project, "-", input=XCM * 1060)["events"] == 10
    assert sent(database) == 1060
    # What the user has named is that stream and no other one.
    assert ingest(project, "--source", "x", "a.ndjson", "--tracker", "t")["events"] == 1000
    project.write("a.ndjson", event(kind="xcm", source="a", destination="b", sent=2) + XCM * 1000)
    error = project.godwit("track", "ingest", "--source", "x", "a.ndjson", "--tracker", "t", code=1).err
    assert "does not begin as what was counted of it" in error
    assert ingest(project, "a.ndjson")["events"] == 1001  # another stream at the same place
    assert sent(database) == 2062


def test_lines_that_cannot_be_read_are_kept_with_their_reason_and_the_rest_goes_on(project, database):
    bad = ["{", "[]", "null", '"x"', '{"kind":"xcm"}', '{"kind":"what"}', event(kind="xcm", source="a", destination="b").strip(),
           event(kind="xcm", source="a", destination="b", sent=-1).strip(),
           event(kind="xcm", source="", destination="b", sent=1).strip(),
           event(kind="xcm", source="a", destination="b", sent=1.5).strip(),
           event(kind="balance", kept=str(U128 + 1)).strip(), event(kind="balance", kept="1e3").strip(),
           event(kind="xcm", source="a", destination="b", sent=1, colour="red").strip(),
           '{"kind":"balance","kept":1,"kept":2}', event(kind="balance", kept=99999999999999999999).strip(),
           event(kind="stage", stage="s", step="jump").strip(), event(kind="xcm", source="a", destination="b", sent=1, block=1).strip(),
           event(kind="stage", stage="never", step="pause").strip(), "{" * 3000, "\udcff".encode("utf-8", "surrogateescape")]
    body = b"".join(XCM.encode() + (b if isinstance(b, bytes) else b.encode()) + b"\n\n" for b in bad) + XCM.encode()
    project.write("bad.ndjson", body)
    result = ingest(project, "bad.ndjson", code=3)
    assert (result["rejected"], result["events"]) == (len(bad), len(bad) + 1)
    assert sent(database) == len(bad) + 1
    rows = dict(database.execute("SELECT line, reason FROM godwit.tracker_rejects"))
    assert sorted(rows) == [3 * i + 2 for i in range(len(bad))]
    assert all(rows.values()) and "not JSON" in rows[2] and '"colour"' in rows[3 * 12 + 2]
    assert ingest(project, "bad.ndjson")["rejected"] == 0
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for line in bad[1:10] + bad[11:13]:
        assert list(schema.iter_errors(json.loads(line))), line


def test_lines_that_are_none_are_written_batch_by_batch_in_an_open_block_too(project, database):
    garbage = "".join(f"no JSON {i}\n" for i in range(1700))
    line = event(kind="xcm", source="a", destination="b", sent=1, chain="c", block=1, hash="c1")
    project.write("bad.ndjson", garbage + line + garbage + line)
    result = ingest(project, "bad.ndjson", code=3)
    assert (result["rejected"], result["blocks"], result["events"]) == (3400, 1, 2)
    written = "SELECT count(*), count(DISTINCT xmin::text) FROM godwit.tracker_rejects WHERE line {} 1701"
    for part in "<>":
        kept, transactions = database.execute(written.format(part))[0]
        assert kept == 1700 and transactions > 2
    assert result["batches"] > 5 and sent(database) == 2


def test_strict_stops_at_the_first_bad_line(project, database):
    project.write("bad.ndjson", XCM * 3 + "nonsense\n" + XCM)
    error = project.godwit("track", "ingest", "--strict", "bad.ndjson", code=1).err
    assert "bad.ndjson:4" in error and "not JSON" in error
    assert sent(database) == 3
    project.write("bad.ndjson", XCM * 3 + XCM + XCM)
    assert ingest(project, "--strict", "bad.ndjson")["events"] == 2
    assert sent(database) == 5
    # A step that is not legal is such a line.
    step = XCM * 5 + event(kind="stage", stage="S", step="start") + XCM
    project.write("bad.ndjson", step + event(kind="stage", stage="T", step="complete") + XCM)
    said = project.godwit("track", "ingest", "--strict", "--json", "bad.ndjson", code=1)
    assert "bad.ndjson:8" in said.err + said.out and "From pending it can go to ongoing" in said.err + said.out
    assert sent(database) == 6
    assert database.execute("SELECT stage_name, status::text FROM godwit.migration_stages") == [("S", "ongoing")]
    project.write("bad.ndjson", step + XCM * 2)
    assert ingest(project, "--strict", "bad.ndjson")["events"] == 2


def test_a_step_is_as_legal_in_one_run_as_in_many(project, database):
    complete = {name: event(kind="stage", stage=name, step="complete") for name in "TUV"}
    moved = {name: event(kind="pallet", pallet="p", stage=name, processed=1) for name in "TUV"}
    block = event(kind="pallet", pallet="p", stage="V", processed=1, chain="c", block=1, hash="c1")
    parts = [complete["T"] + complete["V"], moved["T"] + block + moved["U"] + complete["U"] + complete["V"] + complete["T"]]
    for i, part in enumerate(parts):
        ingest(project, "--tracker", "parts", "--source", "s", "-", input="".join(parts[:i + 1]), code=0 if i else 3)
    assert ingest(project, "--tracker", "whole", "--source", "s", "-", input="".join(parts), code=3)["rejected"] == 2
    tables = [[database.execute(text, [tracker]) for text in (
        "SELECT stage_name, status::text, error_count FROM godwit.migration_stages WHERE tracker = %s ORDER BY stage_name",
        "SELECT pallet_name, items_processed FROM godwit.pallet_migration_counters WHERE tracker = %s ORDER BY stage_id",
        "SELECT line, reason FROM godwit.tracker_rejects WHERE tracker = %s ORDER BY line")] for tracker in ("parts", "whole")]
    assert tables[0][0] == [(name, "completed", 0) for name in "TUV"]
    assert [line for line, _ in tables[0][2]] == [1, 2]
    for table in tables:
        table[2] = [(line, reason.replace('"whole"', '"parts"')) for line, reason in table[2]]
    assert tables[0] == tables[1]


def test_a_last_line_that_is_still_being_written_is_read_when_it_is_whole(project, database):
    project.write("log.ndjson", XCM * 2 + XCM[:20])
    assert ingest(project, "log.ndjson", code=3)["rejected"] == 1
    project.write("log.ndjson", XCM * 4)
    assert ingest(project, "log.ndjson")["events"] == 2
    assert sent(database) == 4


def test_a_line_longer_than_the_limit_is_refused(project, database):
    project.write("long.ndjson", XCM + '{"kind":"' + "x" * (17 << 20) + '"}\n' + XCM)
    assert ingest(project, "long.ndjson", code=3)["rejected"] == 1
    assert sent(database) == 2
    assert ingest(project, "long.ndjson")["rejected"] == 0


def test_own_events_in_blocks_are_known_by_their_block(project, database):
    def block(number, hash, parent, times):
        return event(kind="xcm", source="a", destination="b", sent=1, chain="c", block=number, hash=hash, parent=parent) * times

    project.write("a.ndjson", block(1, "a1", "a0", 3) + block(2, "a2", "a1", 5))
    project.write("b.ndjson", block(1, "a1", "a0", 3) + block(2, "b2", "a1", 7) + block(3, "b3", "b2", 1))
    ingest(project, "a.ndjson")
    result = ingest(project, "b.ndjson")
    assert (result["blocks"], result["blocks_seen"], result["forks"]) == (2, 1, 1)
    assert sent(database) == 11
    # Torn apart by another chain's events or by what is in no block: the rest is not lost without a word. A block that
    # comes again behind its successor adds nothing.
    other = event(kind="xcm", source="a", destination="b", sent=1, chain="d", block=1, hash="d1")
    torn = block(1, "t1", "t0", 1)
    project.write("torn.ndjson", torn + other + torn + XCM + torn + block(2, "t2", "t1", 1) + torn)
    result = ingest(project, "--tracker", "torn", "torn.ndjson", code=3)
    assert (result["blocks"], result["blocks_seen"], result["rejected"]) == (3, 1, 2)
    assert sent(database, "torn") == 4
    reasons = database.execute("SELECT line, reason FROM godwit.tracker_rejects WHERE tracker = 'torn' ORDER BY line")
    assert [line for line, _ in reasons] == [3, 5] and all("began in line 1 and" in reason for _, reason in reasons)


# ---- killed, and many at once ---------------------------------------------------------------------

def test_killed_at_random_and_run_again(project, database):
    dice = random.Random(11)
    blocks = made(count=120, forks=0.04)
    project.write("blocks.ndjson", lines(blocks))
    kinds = [XCM, event(kind="teleport", mints=1, mint_amount="5"), event(kind="pallet", pallet="p", stage="S", processed=1)]
    project.write("events.ndjson", "".join(dice.choice(kinds) for _ in range(60000)))
    killed = sum(kill_ingests(project, words, dice, 15) for words in (
        ["--format", "sidecar", "blocks.ndjson"], ["--tracker", "own", "events.ndjson"]))
    assert counted(database) == count(blocks)
    text = project.read("events.ndjson")
    assert sent(database, "own") == text.count('"xcm"')
    assert database.value("SELECT total_mints FROM godwit.teleportation_counters WHERE tracker = 'own'") == text.count('"teleport"')
    assert database.value("SELECT items_processed FROM godwit.pallet_migration_counters WHERE tracker = 'own'") == text.count('"kind": "pallet"')
    assert killed > 0


@pytest.mark.slow
def test_sixty_four_writers_at_once_lose_nothing(project, database):
    events = XCM * 200 + event(kind="pallet", pallet="p", stage="S", processed=1) * 200 + event(kind="teleport", mints=1) * 100
    project.godwit("track", "stage", "S", "start", code=0)
    writers = [project.start("track", "ingest", "--source", f"w{i}", input=events) for i in range(64)]
    for writer in writers:
        writer.finish(0, timeout=240)
    assert counted(database) | {"stages": {}} == {
        "xcm": {("a", "b"): (64 * 200, 0, 0)}, "pallets": {"p": (64 * 200, 0, 0)}, "balances": (0, 0, 0, 0),
        "teleports": (64 * 100, 0, 0, 0, 0), "errors": 0, "stages": {}}


@pytest.mark.plain
@pytest.mark.skipif("san" in os.environ.get("GODWIT_BIN", "san"), reason="a sanitizer's memory is not the program's")
@pytest.mark.parametrize("form", ["events", "array"])
def test_memory_is_flat(project, database, form):
    """Six times as long a stream takes no more memory; in all under 32 MB."""
    small = made(count=40, forks=0.05)[:-1]  # the last one has an amount of 128 bits, which cannot be counted often
    kinds = "".join(event(kind="pallet", pallet=f"p{i}", stage="S", processed=1, total=5) + XCM for i in range(500))
    words = [] if form == "events" else ["--format", "sidecar"]

    def text(times):
        if form == "events":
            return kinds * 20 * times
        many = [json.dumps({**b, "number": str(i), "hash": f"0x{c}{i}", "parentHash": None})
                for i, (c, b) in enumerate(small * 4 * times)]
        return "[" + ",\n".join(many) + "]" if form == "array" else "\n".join(many) + "\n"

    peaks = []
    for times in (1, 6):
        project.write(f"{times}.ndjson", text(times))
        running = project.start("track", "ingest", "--tracker", str(times), *words, f"{times}.ndjson")
        peak = 0
        while running.process.poll() is None:  # the kernel keeps the highest; what wait4 says holds this process's, too
            with open(f"/proc/{running.pid}/status", encoding="ascii") as file:
                peak = max([peak, *(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))])
            time.sleep(0.01)
        running.finish(0)
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.5 + 2 and max(peaks) < 32, peaks


def test_the_same_stream_twice_at_once_is_counted_by_one(project, database):
    project.write("a.ndjson", XCM)
    os.mkfifo(project / "pipe")
    first = project.start("track", "ingest", "--source", "s", "pipe")
    with open(project / "pipe", "wb"):
        claims = ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                  " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        until(lambda: database.value(claims) > 0)
        error = project.godwit("track", "ingest", "--source", "s", "a.ndjson", code=7).err
    assert "another run counts s as well" in error
    first.finish(0)
    assert ingest(project, "--source", "s", "a.ndjson")["events"] == 1


def test_two_copies_at_once_are_counted_by_one(project, database):
    ingest(project, "-", input=XCM)
    project.write("a.ndjson", XCM * 9)
    project.write("copy.ndjson", XCM * 9)
    project.write("other.ndjson", XCM * 9)
    with contextlib.closing(database.connect(autocommit=False)) as holder:
        holder.cursor().execute("LOCK TABLE godwit.xcm_message_counters IN EXCLUSIVE MODE")
        first = project.start("track", "ingest", "a.ndjson")
        until(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1)
        error = project.godwit("track", "ingest", "copy.ndjson", code=7).err
        assert "another run counts a stream that begins as" in error and "--source" in error
        named = project.start("track", "ingest", "--source", "named", "other.ndjson")
        until(lambda: database.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == 2)
    first.finish(0)
    named.finish(0)
    assert ingest(project, "copy.ndjson")["events"] == 0 and sent(database) == 18


# ---- by hand, and shown -----------------------------------------------------------------------------

def test_stages_and_counts_by_hand(project, database):
    godwit = project.godwit
    assert "From pending it can go to ongoing" in godwit("track", "stage", "S", "complete", code=1).err
    assert "nothing has been counted yet" in godwit("track", "show", code=0).out
    godwit("track", "stage", "S", "start", code=0)
    godwit("track", "stage", "S", "fail", "--why", "no weight", code=0)
    godwit("track", "stage", "S", "start", code=0)
    godwit("track", "stage", "S", "complete", code=0)
    assert "A completed stage stays completed" in godwit("track", "stage", "S", "start", code=1).err
    assert godwit("track", "stage", "S", "jump", code=2).err
    for _ in range(2):
        godwit("track", "count", "pallet", "pallet=p", "stage=T", "processed=5", "failed=1", code=0)
    godwit("track", "count", "pallet", "pallet=p", "stage=T", "total=24", code=0)
    godwit("track", "count", "balance", f"kept={U128}", "--tracker", "other", code=0)
    assert godwit("track", "count", "pallet", "pallet=p", "stage=T", "processed=x", code=2).err
    assert godwit("track", "count", "pallet", "nonsense", code=2).err
    text = godwit("track", "show", code=0).out
    assert "12 of 24" in text and "completed" in text and str(U128) in text
    assert "12 of 24" not in godwit("track", "show", "other", code=0).out
    shown = godwit("track", "show", "default", "--json", code=0).json
    assert {s["stage_name"]: (s["status"], s["error_count"]) for s in shown["migration_stages"]} == {
        "S": ("completed", 1), "T": ("ongoing", 0)}


def test_show_needs_nothing_and_watch_prints_a_document_a_line(project, database):
    assert "nothing has been counted yet" in project.godwit("track", "show", code=0).out
    project.migration(1, "one", "CREATE TABLE a (id int PRIMARY KEY)")
    project.migration(2, "two", "SELECT 1/0")
    project.godwit("up", code=1)
    runs = project.godwit("track", "show", "--json", code=0).json["runs"]
    assert [(r["tracker"], r["stage_name"], r["status"], r["error_count"]) for r in runs] == [
        ("up", "1 one", "completed", 0), ("up", "2 two", "failed", 1)]
    assert "division by zero" in project.godwit("track", "show", "up", code=0).out
    watch = project.start("track", "show", "--watch", "--interval", "50ms", "--json")
    documents = [json.loads(watch.process.stdout.readline()) for _ in range(3)]
    assert all(len(d["runs"]) == 2 for d in documents)
    watch.signal(signal.SIGINT)
    watch.finish(0)


def test_a_sync_session_is_shown_as_a_tracker_and_a_paused_one_as_such(project, database):
    for folder in ("upgrades", "differential"):
        for file in sorted((chains.ROOT / "sql/control" / folder).glob("*.sql")):
            database.execute(file.read_text())
    database.execute("INSERT INTO godwit.control (version, upgraded_by) VALUES (1, 'x') ON CONFLICT DO NOTHING")
    database.execute((chains.ROOT / "sql/control/part_make.sql").read_text())
    database.execute("INSERT INTO godwit.parts (part, number, name, applied_by) SELECT 'differential', i, 'x', 'x'"
                     " FROM generate_series(1, 4) i")
    session = "11111111-2222-3333-4444-555555555555"
    database.execute("INSERT INTO godwit.schema_mapping_definitions (id, entity_type, source_table, destination_table,"
                     " field_mappings, validation_rules, transformation_functions, version, body, body_hash, described)"
                     " VALUES (%s, 'patients', 's', 'd', '[]', '[]', '[]', '1.0.0', 'x', repeat('0', 64), '{}')", [session])
    database.execute("INSERT INTO godwit.migration_status_tracking (id, migration_session_id) VALUES (%s, %s)", [session] * 2)
    database.execute("INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, mapping_id,"
                     " records_remaining) VALUES (%s, %s, 'patients', %s, 60)", [session] * 3)
    database.execute("UPDATE godwit.migration_control SET status = 'running', records_new = 40, records_remaining = 60")
    shown = project.godwit("track", "show", "--json", code=0).json["runs"][0]
    assert (shown["tracker"], shown["stage_name"], shown["status"], shown["done"], shown["total"], shown["paused"]) == (
        "sync 11111111", "patients", "ongoing", 40, 100, False)
    database.execute("UPDATE godwit.migration_control SET status = 'paused'")
    shown = project.godwit("track", "show", "sync 11111111", "--json", code=0).json["runs"][0]
    assert (shown["status"], shown["paused"]) == ("ongoing", True)
    assert "paused" in project.godwit("track", "show", code=0).out


def test_a_role_without_rights_is_told_what_is_missing(project, database):
    user = database.role()
    error = project.godwit("track", "ingest", "-", "--url", database.url_for(user), input=XCM, code=1).err
    assert "GRANT CREATE ON DATABASE" in error
    assert os.path.exists(SCHEMA)
