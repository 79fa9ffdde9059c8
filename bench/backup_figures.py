"""Figures of backups: made and proven, beside pg_dump into zstd and pg_restore of the same database in the same round."""
import json
import os
import pathlib
import shutil
import subprocess
import time

# A little of everything that compresses differently: counted ids, words, amounts, digests, documents.
TABLES = """CREATE TABLE orders (id bigint PRIMARY KEY, customer integer NOT NULL, amount numeric(12,2), code text, note text,
        at timestamptz NOT NULL);
    CREATE TABLE documents (id bigint PRIMARY KEY, body jsonb NOT NULL, digest bytea NOT NULL);"""
ORDERS = """INSERT INTO orders SELECT i, i % 50000, (i % 100000) / 7.0, 'C' || i, repeat('note of ' || i || ' ', 4),
    '2020-01-01 00:00+00'::timestamptz + i * interval '7 s' FROM generate_series(1, {rows}) i"""
DOCUMENTS = """INSERT INTO documents SELECT i, jsonb_build_object('id', i, 'tags', ARRAY['a' || i % 9, 'b' || i % 11], 'text',
    repeat(md5(i::text) || ' ', 6)), sha256(i::text::bytea) FROM generate_series(1, {rows}) i"""
INDEXES = "CREATE INDEX orders_customer ON orders (customer, at); CREATE INDEX orders_code ON orders (code)"


def dump_through_zstd(url, to):
    """What a hand does: an uncompressed custom archive through zstd on both cores."""
    with open(to, "wb") as out:
        began = time.monotonic()
        dump = subprocess.Popen(["pg_dump", "-Fc", "-Z0", url], stdout=subprocess.PIPE)
        subprocess.run(["zstd", "-q", "-T2", "-c"], stdin=dump.stdout, stdout=out, check=True)
        dump.stdout.close()
        if dump.wait():
            raise SystemExit("pg_dump failed")
        return time.monotonic() - began


def restore_through_zstd(archive, url):
    began = time.monotonic()
    unpack = subprocess.Popen(["zstd", "-q", "-d", "-c", archive], stdout=subprocess.PIPE)
    subprocess.run(["pg_restore", "--exit-on-error", "-d", url], stdin=unpack.stdout, check=True)
    unpack.stdout.close()
    if unpack.wait():
        raise SystemExit("zstd failed")
    return time.monotonic() - began


def bench_backup(bench, program, timed, size):
    """size: of the tables, in bytes, as pg_table_size counts them; about"""
    source = bench.database()
    source.execute(TABLES)
    rows = size // 450
    source.execute(ORDERS.format(rows=rows))
    source.execute(DOCUMENTS.format(rows=rows))
    source.execute(INDEXES)
    source.execute("VACUUM (FREEZE, ANALYZE)")
    held = source.value("SELECT sum(pg_table_size(c.oid)) / 1048576 FROM pg_class c WHERE c.relname IN ('orders', 'documents')")
    home = bench.folder / "backup"
    home.mkdir()
    (home / "godwit.yaml").write_text("project: bench\nmigrations: migrations\n")
    (home / "migrations").mkdir()
    environment = {**bench.environment(source), "GODWIT_PASSPHRASE": "a passphrase of the bench"}
    url, archive = bench.server.url(source.name), home / "by-hand.zst"
    times = {name: [] for name in ("backup", "hand", "verify", "restore")}
    peaks, sizes = [], []
    for turn in range(bench.rounds):
        shutil.rmtree(home / "backups", ignore_errors=True)

        def ours():
            took, _ = timed([program, "-q", "backup"], environment, home)
            times["backup"].append(took)

        contenders = [ours, lambda: times["hand"].append(dump_through_zstd(url, archive))]
        for one in contenders[::1 if turn % 2 else -1]:
            one()
        other = bench.database()
        took, _ = timed([program, "-q", "backups", "verify"], environment, home)
        times["verify"].append(took)
        times["restore"].append(restore_through_zstd(archive, bench.server.url(other.name)))
        other.drop()
        peaks += [own_peak([program, "-q", *words], environment, home) for words in (["backup"], ["backups", "verify"])]
        made = max((p for p in (home / "backups").iterdir() if p.is_file()), key=lambda p: p.stat().st_size)
        sizes.append(made.stat().st_size / archive.stat().st_size)
    bench.report(f"backup of {int(held):,} MiB, encrypted", times["backup"], "s", "1.1x", {"pg_dump | zstd -T2": times["hand"]})
    bench.report("backups verify of it", times["verify"], "s", "1.3x", {"pg_restore": times["restore"]})
    bench.report("backup: peak memory", peaks, "MiB", "48 MB")
    bench.report("backup: size against pg_dump | zstd", sizes, "x", "none")
    source.drop()


def own_peak(words, environment, home):
    """VmHWM of the program itself in MiB: pg_dump and pg_restore are children of it, and time(1) would count them."""
    running = subprocess.Popen(words, env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    while running.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{running.pid}/status").read_text()
        except OSError:
            break
        peak = max([peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.02)
    if running.wait():
        raise SystemExit(f"{' '.join(words)}: exit {running.returncode}")
    return peak / 1024
