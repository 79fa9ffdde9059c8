"""Blocks and events counted in Python, in another way than the program does: from what is on the chain at the end."""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]


def generator():
    """examples/xcm-monitor/generate as a module."""
    loader = importlib.machinery.SourceFileLoader("generate", str(ROOT / "examples/xcm-monitor/generate"))
    spec = importlib.util.spec_from_loader("generate", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def events_of(block):
    yield from block["onInitialize"]["events"]
    for extrinsic in block["extrinsics"]:
        yield from extrinsic["events"]
    yield from block["onFinalize"]["events"]


def live(blocks):
    """Of [(chain, block)] in the order in which they came: those that count in the end."""
    chains = {}
    for chain, block in blocks:
        held, number = chains.setdefault(chain, {}), int(block["number"])
        if number in held and held[number]["hash"] != block["hash"]:
            for later in [n for n in held if n >= number]:
                del held[later]
        held[number] = block
    return [(chain, held[n]) for chain, held in chains.items() for n in sorted(held)]


def count(blocks):
    """{table: {key: values}} of live blocks."""
    xcm, pallets, stages = {}, {}, {}
    accounts = failed = mints = burns = minted = burned = failures = errors = 0
    kept = migrated = 0

    def message(source, destination, which):
        xcm.setdefault((source, destination), [0, 0, 0])[which] += 1

    for chain, block in live(blocks):
        for event in events_of(block):
            name, data = (event["method"]["pallet"], event["method"]["method"]), event["data"]
            if name[1] == "StageTransition":
                old, new = [next(iter(d)) if isinstance(d, dict) else d for d in data]
                old, new = old[0].upper() + old[1:], new[0].upper() + new[1:]
                if old != new:
                    stages[old] = "completed"
                stages[new] = "completed" if new == "MigrationDone" else "ongoing"
            elif name == ("ahMigrator", "BatchReceived"):
                pallets.setdefault(data[0], [0, 0, 0])[1] += int(data[1])
            elif name == ("ahMigrator", "BatchProcessed"):
                row = pallets.setdefault(data[0], [0, 0, 0])
                row[0] += int(data[1])
                row[2] += int(data[2])
                errors += int(data[2])
                if data[0] == "Balances":
                    accounts += int(data[1])
                    failed += int(data[2])
            elif name == ("messageQueue", "Processed"):
                source = "relay-chain" if data[1] == "Parent" else "asset-hub"
                message(source, chain, 1 if data[3] else 2)
            elif name == ("parachainSystem", "UpwardMessageSent"):
                message("asset-hub", "relay-chain", 0)
            elif name == ("rcMigrator", "XcmSent"):
                message("relay-chain", "asset-hub", 0)
            elif name[1].startswith("MigratedBalance"):
                said = (data[0]["kept"], data[0]["migrated"]) if isinstance(data[0], dict) else data
                kept, migrated = map(int, said)
            elif name == ("balances", "Minted"):
                mints, minted = mints + 1, minted + int(data[1])
            elif name == ("balances", "Burned"):
                burns, burned = burns + 1, burned + int(data[1])
        for extrinsic in block["extrinsics"]:
            failures += extrinsic["success"] is False and "eleport" in extrinsic["method"]["method"]
    return {"xcm": {k: tuple(v) for k, v in xcm.items()}, "pallets": {k: tuple(v) for k, v in pallets.items()},
            "balances": (accounts, migrated, kept, failed), "teleports": (mints, burns, minted, burned, failures),
            "errors": errors, "stages": stages}


def counted(database, tracker="default"):
    """The same, as the tables have it. (Stages that pallets alone have made are no part of it.)"""
    rows = lambda text: database.execute(text, [tracker])  # noqa: E731
    return {
        "xcm": {(a, b): tuple(n) for a, b, *n in rows(
            "SELECT source_chain, destination_chain, messages_sent, messages_processed, messages_failed"
            " FROM godwit.live_xcm_message_counters WHERE tracker = %s") if any(n)},
        "pallets": {a: tuple(n) for a, *n in rows(
            "SELECT pallet_name, items_processed, total_items, failed_items FROM godwit.live_pallet_migration_counters"
            " WHERE tracker = %s") if any(n)},
        "balances": tuple(map(int, (rows(
            "SELECT accounts_migrated, total_balance_migrated, total_balance_kept, failed_migrations"
            " FROM godwit.live_balance_migration_counters WHERE tracker = %s") or [(0, 0, 0, 0)])[0])),
        "teleports": tuple(map(int, (rows(
            "SELECT total_mints, total_burns, total_mint_amount, total_burn_amount, failed_operations"
            " FROM godwit.live_teleportation_counters WHERE tracker = %s") or [(0, 0, 0, 0, 0)])[0])),
        "errors": int(rows("SELECT coalesce(sum(error_count), 0) FROM godwit.live_migration_stages WHERE tracker = %s")[0][0]),
        "stages": {a: b for a, b in rows(
            "SELECT stage_name, status::text FROM godwit.live_migration_stages m WHERE tracker = %s AND status <> 'pending'"
            " AND EXISTS (SELECT FROM godwit.tracker_steps t JOIN godwit.tracker_blocks b USING (tracker, chain, number, hash)"
            " WHERE t.tracker = m.tracker AND t.stage_name = m.stage_name AND b.live) AND stage_name <> 'AssetHubMigration'")},
    }


def lines(blocks):
    return "".join(json.dumps(block) + "\n" for _, block in blocks)


BAD = ["{", "nonsense", '{"number":"x","hash":"0x1"}', "[1]", '{"number":"5"}', "\udcff"]


def messy(blocks, dice, shuffled=True):
    """Blocks as lines (bytes), each twice, in any order where `shuffled`, among lines that are none; and how many of these."""
    if shuffled:
        text = [json.dumps(b) for _, b in blocks] * 2
        dice.shuffle(text)
    else:  # the second time right behind, so that no fork comes back
        text = [line for _, b in blocks for line in [json.dumps(b)] * 2]
    bad = 0
    for _ in range(len(text) // 10):
        text.insert(dice.randrange(len(text)), dice.choice(BAD))
        bad += 1
    return "".join(line + "\n" for line in text).encode("utf-8", "surrogateescape"), bad


def kill_ingests(project, words, dice, most, longest=0.5):
    """`track ingest` is killed at random moments, later and later, until it gets to its end, at most so often; how often it was."""
    killed = 0
    while killed < most:
        running = project.start("track", "ingest", *words)
        try:
            running.process.wait(timeout=dice.uniform(0.01, longest * (killed + 1) / most))
            running.finish((0, 3))
            return killed
        except subprocess.TimeoutExpired:
            running.kill()
            killed += 1
    project.godwit("track", "ingest", *words, code=(0, 3), timeout=240)
    return killed
