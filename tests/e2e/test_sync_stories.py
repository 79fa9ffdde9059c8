"""How moving and comparing rows has failed elsewhere, each story a test.

Told elsewhere: MAX() of one snapshot and rows of another, the boundary between two runs
(unit/sync/test_detect_timestamp: what_is_late_is_found, a_transaction_that_was_open_then_is_not_lost); fingerprints over a
separator, NULL and '', (unit/source/test_fingerprint: values_do_not_run_into_each_other,
what_is_spelled_differently_differs); a table truncated under an older snapshot (unit/source/test_snapshot:
a_truncate_between_does_not_look_like_deletes).
"""
import contextlib
import pathlib
import threading
import time

import psycopg2.extras
import pytest

from harness.waiting import until

KEEP = "deletes: delete\n"


def moved(project, **options):
    """Run to the end; the session's entities by name."""
    return {e["entity"]: e for e in project.sync("run", **options)["entities"]}


def found(project, *words, **options):
    return {e["entity"]: (e["new"], e["modified"], e["deleted"])
            for e in project.sync("detect", *words, **options)["entities"]}


def same(project, columns="id, x", old="s", new="d"):
    """Both sides hold the same, by our own eyes and by Godwit's."""
    project.both(f"SELECT {columns} FROM {old} ORDER BY 1", f"SELECT {columns} FROM {new} ORDER BY 1")
    assert project.sync("verify", timeout=120)["equal"]


@pytest.fixture
def simple(sides):
    """20,000 rows of s go into d, ids kept; registered."""
    sides.tables("CREATE TABLE s (id bigint PRIMARY KEY, x text, n int);"
                 "INSERT INTO s SELECT i, 'row ' || i, i % 7 FROM generate_series(1, 20000) i",
                 "CREATE TABLE d (id bigint PRIMARY KEY, x text, n int)")
    sides.map("a", "x", "n", source="s", destination="d", rest=KEEP)
    sides.register()
    return sides


def applied(project):
    return project.new.value("SELECT coalesce(sum(records_processed), 0)::bigint FROM godwit.migration_checkpoints")


def start_and_kill(project, rows):
    """kill -9 when so many rows more are applied; whether it was still at work."""
    before, running = applied(project), project.start("sync", "run")
    until(lambda: running.process.poll() is not None or applied(project) >= before + rows, 60, "some rows")
    alive = running.process.poll() is None
    running.kill()
    return alive


# ---- a resumed run ---------------------------------------------------------------------------------------


def test_a_resume_truncates_nothing_and_doubles_nothing(simple):
    """pgcopydb: --resume truncated split tables whose parts were already done; or copied rows twice."""
    simple.settings(batch={"rows": 500})
    simple.new.execute("CREATE TABLE seen (id bigint, op text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                       " $$ BEGIN INSERT INTO public.seen VALUES (coalesce(NEW.id, OLD.id), TG_OP); RETURN NULL; END $$;"
                       "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON d FOR EACH ROW EXECUTE FUNCTION note();"
                       "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'truncated'; END $$;"
                       "CREATE TRIGGER never BEFORE TRUNCATE ON d EXECUTE FUNCTION never()")
    assert [start_and_kill(simple, 2000) for _ in range(2)].count(True) > 0
    kept = simple.new.value("SELECT count(*) FROM d")
    assert 0 < kept < 20000
    moved(simple)
    same(simple, "id, x, n")
    assert simple.new.execute("SELECT op, count(*), count(DISTINCT id) FROM seen GROUP BY 1") == [("INSERT", 20000, 20000)]


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_every_time(simple):
    """pgcopydb: "resume always fails"."""
    simple.settings(batch={"rows": 1000})
    for _ in range(4):
        start_and_kill(simple, 1)
    assert moved(simple)["a"]["remaining"] == 0
    same(simple)
    states = simple.new.execute("SELECT DISTINCT overall_status FROM godwit.migration_status_tracking")
    assert states == [("completed",)]


def test_a_new_snapshot_ends_only_when_nothing_more_is_found(simple):
    """A snapshot dies with its session; what changed between the first one and the second must not be lost."""
    simple.settings(batch={"rows": 500})
    start_and_kill(simple, 3000)
    simple.old.execute("UPDATE s SET x = 'late' WHERE id <= 100; DELETE FROM s WHERE id BETWEEN 101 AND 200;"
                       "INSERT INTO s VALUES (-1, 'before all', 0), (99999, 'behind all', 0);"
                       "UPDATE s SET x = 'late too' WHERE id > 19900")
    moved(simple)
    same(simple, "id, x, n")
    assert found(simple) == {"a": (0, 0, 0)}


def test_a_row_moved_to_an_earlier_page_while_the_run_reads(simple):
    """Airbyte: every batch of ctids had a snapshot of its own, and an UPDATE carried rows behind the reader."""
    simple.old.execute("DELETE FROM s WHERE id <= 5000")
    connection = simple.old.connect()
    connection.cursor().execute("VACUUM s")  # room in the first pages
    stop = threading.Event()

    def writer():
        with connection.cursor() as cursor:
            for low in range(19000, 5000, -500):
                cursor.execute("UPDATE s SET x = x || '+' WHERE id BETWEEN %s AND %s", [low, low + 499])
                if stop.is_set():
                    return

    simple.settings(batch={"rows": 500})
    at_work = threading.Thread(target=writer)
    at_work.start()
    try:
        moved(simple)
    finally:
        stop.set()
        at_work.join()
        connection.close()
    assert simple.new.value("SELECT count(*) FROM d") == 15000  # each of them, in one version or another
    moved(simple)
    same(simple, "id, x, n")


def test_a_lost_connection_in_the_middle_loses_no_row(simple):
    """gh-ost: after a broken pipe 10,257,528 rows were 9,627,000, and nothing said so."""
    simple.settings(batch={"rows": 500})
    running = simple.start("sync", "run")
    until(lambda: running.process.poll() is not None or applied(simple) >= 1000, 60, "some rows")
    for side in (simple.old, simple.new):
        side.server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = %s AND application_name LIKE 'godwit%%'", [side.name])
    ended = running.finish(timeout=120)
    assert ended.code in (0, 1, 4), ended
    until(lambda: simple.godwit("sync", "run").code == 0, 60, "the end")
    same(simple, "id, x, n")


# ---- what has changed, and what has not --------------------------------------------------------------------


@pytest.mark.slow
def test_a_late_commit_is_found(sides):
    """airbyte: rows of a transaction that began before the run and committed after it were never seen."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text, at timestamptz NOT NULL DEFAULT now()); CREATE INDEX ON s (at);"
                 "INSERT INTO s SELECT i, 'x' FROM generate_series(1, 1000) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x text)")
    sides.map("a", "x", source="{table: s, key: id, changed_at: {column: at, set_by: server}}", destination="d", rest=KEEP)
    sides.register()
    moved(sides)
    late = sides.old.connect(autocommit=False)
    try:
        with late.cursor() as cursor:
            cursor.execute("UPDATE s SET x = 'late', at = now() WHERE id = 5; INSERT INTO s VALUES (2000, 'late')")
            sides.old.execute("UPDATE s SET x = 'early', at = now() WHERE id = 6; DELETE FROM s WHERE id = 7")
            assert found(sides, "--method", "timestamp") == {"a": (0, 1, 1)}
            moved(sides)
        late.commit()
    finally:
        late.close()
    assert found(sides, "--method", "timestamp") == {"a": (1, 1, 0)}
    moved(sides)
    same(sides)


def test_frozen_rows_are_rows(simple):
    """PostHog: a comparison of xmin dropped most rows after a wraparound; frozen tuples keep their old one."""
    moved(simple)
    simple.old.execute("UPDATE s SET x = 'frozen' WHERE id % 100 = 1")
    connection = simple.old.connect()
    connection.cursor().execute("VACUUM FREEZE s")
    connection.close()
    assert found(simple) == {"a": (0, 200, 0)}
    moved(simple)
    same(simple)


def test_a_regular_change_in_a_whole_column_does_not_cancel_out(simple):
    """tidb-tools: XOR of checksums was the same after the same change in an even number of rows."""
    moved(simple)
    simple.old.execute("UPDATE s SET n = n + 1, x = x WHERE id BETWEEN 257 AND 512")
    assert found(simple) == {"a": (0, 256, 0)}
    simple.old.execute("UPDATE s a SET x = b.x FROM s b WHERE a.id IN (1, 2) AND b.id = 3 - a.id")  # two rows swapped
    assert found(simple) == {"a": (0, 258, 0)}
    moved(simple)
    same(simple, "id, x, n")


def test_the_rows_at_the_ends_are_read_and_repaired_not_deleted(simple):
    """ACE: a closed upper bound put a row in two leaves; rows beyond the highest key were never read, then deleted."""
    simple.old.execute("INSERT INTO s VALUES (-9223372036854775808, 'first', 0), (9223372036854775807, 'last', 0)")
    moved(simple)
    same(simple, "id, x, n")
    simple.new.execute("DELETE FROM d WHERE id IN (20000, 9223372036854775807)")
    said = simple.sync("verify", code=3)
    assert not said["equal"] and said["entities"][0]["missing"] == 2 and said["entities"][0]["extra"] == 0
    assert simple.new.value("SELECT count(*) FROM d") == 20000


def test_differences_are_not_invented(sides):
    """data-diff, pgCompare, vitess, mydumper: NULL <> NULL, time zones, fractions, and batches that lost rows."""
    columns = "t timestamptz, l timestamp, d date, v interval, n numeric, f float8, g real, x text, b bytea, j jsonb, a int[], m money"
    row = ("'2024-03-31 01:30:00.123456+00', '2024-03-31 02:30:00.000001', '-infinity', '1 mon -1 day 00:00:00.5', {n}, {f},"
           " 1e-7, {x}, '\\x00ff', {j}, '{{1,NULL,3}}', '12.34'")
    values = ", ".join(f"({i}, {row.format(n=n, f=f, x=x, j=j)})" for i, (n, f, x, j) in enumerate([
        ("1.0", "0.1", "NULL", "'null'"), ("1.00", "'-0'", "''", "NULL"), ("'NaN'", "'NaN'", "' '", "'{}'"),
        ("1e-30", "'Infinity'", "E'\\n'", "'1.10'"), ("12345678901234567890.123456789", "4.9e-324", "'é'", "'\"null\"'")]))
    nulls = "INSERT INTO s SELECT i FROM generate_series(100, 2300) i"  # more than a batch
    sides.tables(f"CREATE TABLE s (id int PRIMARY KEY, {columns}); INSERT INTO s VALUES {values}; {nulls}",
                 f"CREATE TABLE d (id int PRIMARY KEY, {columns})")
    for side, zone, style in ((sides.old, "Pacific/Auckland", "German, DMY"), (sides.new, "America/St_Johns", "SQL, MDY")):
        side.execute(f"ALTER DATABASE \"{side.name}\" SET timezone = '{zone}'; ALTER DATABASE \"{side.name}\" SET datestyle = '{style}';"
                     f"ALTER DATABASE \"{side.name}\" SET intervalstyle = 'sql_standard';"
                     f"ALTER DATABASE \"{side.name}\" SET extra_float_digits = -5; ALTER DATABASE \"{side.name}\" SET bytea_output = 'escape'")
    sides.map("a", *[c.split()[0] for c in columns.split(", ")], source="s", destination="d")
    sides.settings(batch={"rows": 1000})
    sides.register()
    moved(sides)
    texts = "id, t AT TIME ZONE 'UTC', l, d, v::text, n::text, float8send(f), float4send(g), x, b, j::text, a, m::numeric"
    for side in (sides.old, sides.new):
        side.execute(f"ALTER DATABASE \"{side.name}\" SET intervalstyle = 'postgres'")
    sides.both(f"SELECT {texts.replace('d,', 'd::text,', 1)} FROM s ORDER BY 1", f"SELECT {texts.replace('d,', 'd::text,', 1)} FROM d ORDER BY 1")
    assert sides.sync("verify")["equal"] and found(sides) == {"a": (0, 0, 0)}


def test_the_least_difference_is_one(sides):
    """pgCompare compares to the second and at three digits; ora2pg the first 10,000 rows."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, t timestamptz, f float8, n numeric, j jsonb);"
                 "INSERT INTO s SELECT i, '2024-01-01Z', 0.1, 1.0, '{\"a\": 1.0}' FROM generate_series(1, 12000) i",
                 "CREATE TABLE d (id int PRIMARY KEY, t timestamptz, f float8, n numeric, j jsonb)")
    sides.map("a", "t", "f", "n", "j", source="s", destination="d")
    sides.register()
    moved(sides)
    sides.old.execute("UPDATE s SET t = t + interval '1 microsecond' WHERE id = 11999;"
                      "UPDATE s SET f = 0.1::float8 + 1.4e-17 WHERE id = 11998; UPDATE s SET n = 1.00 WHERE id = 11997;"
                      "UPDATE s SET j = '{\"a\": 1.00}' WHERE id = 11996; UPDATE s SET f = '-0' WHERE id = 1; UPDATE s SET f = '0' WHERE id = 2")
    assert found(sides) == {"a": (0, 6, 0)}
    verified = sides.sync("verify", code=3)["entities"][0]
    assert (verified["different"], verified["missing"], verified["extra"]) == (6, 0, 0)
    moved(sides)
    assert sides.sync("verify")["equal"]


# ---- keys that are texts --------------------------------------------------------------------------------------


def test_text_keys_of_other_collations_are_split_and_merged_right(sides):
    """data-diff, ora2pg: two sides that sort texts differently gave thousands of false differences."""
    keys = ["a", "A", "ä", "Z", "z", "_", "-", " ", "", "a b", "ab", "a-b", "é", "e\u0301", "ß", "ss", "'", '"', "\\", "0", "10", "9", "İ", "i",
            "日本", "😀", "a\tb", "a\nb", "NULL", "[\"a\"]"]
    sides.tables('CREATE TABLE s (id text COLLATE "en-x-icu" PRIMARY KEY, x text)', 'CREATE TABLE d (id text COLLATE "C" PRIMARY KEY, x text)')
    with sides.old.connect() as connection, connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, "INSERT INTO s VALUES %s", [(k, "x") for k in keys] + [
            (f"{k}~{i}", str(i)) for k in keys for i in range(100)])
    sides.map("a", "x", source="s", destination="d", rest=KEEP)
    sides.settings(batch={"rows": 100})
    sides.register()
    moved(sides)
    sides.both('SELECT id, x FROM s ORDER BY id COLLATE "C"', "SELECT id, x FROM d ORDER BY id")
    sides.old.execute("DELETE FROM s WHERE id IN ('e\u0301', 'ss', ''); UPDATE s SET x = 'y' WHERE id IN ('A', '_', 'a b')")
    assert found(sides) == {"a": (0, 3, 3)}
    moved(sides)
    sides.both('SELECT id, x FROM s ORDER BY id COLLATE "C"', "SELECT id, x FROM d ORDER BY id")
    assert sides.sync("verify")["equal"]


# ---- what must not be overwritten or forgotten -------------------------------------------------------------------


def test_a_row_never_replaces_another_one_silently(sides):
    """gh-ost: REPLACE took out the row that was in the way of a new unique index."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s SELECT i, 'x' || (i / 2) FROM generate_series(2, 101) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x text UNIQUE)")
    sides.map("a", "x", source="s", destination="d")
    sides.register()
    assert moved(sides, code=3)["a"]["rejected"] == 50
    assert sides.new.value("SELECT count(*) FROM d") == 50
    assert [(kind, state) for _, kind, state in sides.rejects("a")] == [("server", "23505")] * 50
    assert sides.old.value("SELECT count(*) FROM s") == 100


@pytest.mark.slow
def test_large_values_that_did_not_change_stay(sides):
    """olake, redpanda, debezium: the marker of an unchanged TOAST value became NULL."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text, n int, b bytea);"
                 "ALTER TABLE s ALTER x SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;"
                 "INSERT INTO s SELECT i, repeat('é' || i, 100000), 0, decode(repeat('00ff', 50000 + i), 'hex') FROM generate_series(1, 12) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x text, n int, b bytea)")
    sides.map("a", "x", "n", "b", source="s", destination="d")
    sides.register()
    moved(sides)
    sides.old.execute("UPDATE s SET n = 1 WHERE id % 2 = 0")
    assert found(sides) == {"a": (0, 6, 0)}
    moved(sides)
    same(sides, "id, md5(x), length(x), n, md5(b)")


def test_null_of_json_is_not_null_of_sql(sides):
    """pgstream: JSON's null was written as SQL's NULL."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x jsonb, y json); INSERT INTO s VALUES (1, 'null', 'null'), (2, NULL, NULL),"
                 " (3, '\"null\"', ' null '), (4, '[null]', '{\"a\":null}')",
                 "CREATE TABLE d (id int PRIMARY KEY, x jsonb, y json)")
    sides.map("a", "x", "y", source="s", destination="d")
    sides.register()
    moved(sides)
    same(sides, "id, x::text, x IS NULL, y::text, y IS NULL")
    sides.old.execute("UPDATE s SET x = NULL, y = NULL WHERE id = 1")
    assert found(sides) == {"a": (0, 1, 0)}
    moved(sides)
    sides.old.execute("UPDATE s SET x = 'null', y = 'null' WHERE id = 2")
    assert found(sides) == {"a": (0, 1, 0)}
    moved(sides)
    same(sides, "id, x::text, x IS NULL, y::text, y IS NULL")


def test_a_checkpoint_never_passes_what_failed(simple):
    """dbtrail: events were skipped, and the position went on."""
    simple.settings(batch={"rows": 500})
    simple.new.execute("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                       " IF NEW.id = 7777 THEN RAISE 'no space left' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$;"
                       "CREATE TRIGGER full_disk BEFORE INSERT ON d FOR EACH ROW EXECUTE FUNCTION full_disk()")
    failed = simple.godwit("sync", "run")
    assert failed.code != 0 and "no space left" in failed.err, failed
    there = simple.new.value("SELECT count(*) FROM d")
    assert applied(simple) <= there < 20000
    kept, rejected, _ = simple.counts("a")
    assert (kept, rejected) == (there, 0)
    simple.new.execute("DROP TRIGGER full_disk ON d")
    until(lambda: simple.godwit("sync", "run").code == 0, 60, "the end")
    same(simple, "id, x, n")


def test_nothing_of_the_target_is_removed_before_rows_are_there(simple):
    """pgstream: a reset dropped the target, then the snapshot failed."""
    simple.new.execute("INSERT INTO d VALUES (500000, 'was here before', 1)")
    simple.old.execute("ALTER TABLE s RENAME TO gone")
    failed = simple.godwit("sync", "run", "--json")
    assert failed.code != 0
    assert simple.rows() == [(500000, "was here before", 1)]
    simple.old.execute("ALTER TABLE gone RENAME TO s")
    simple.godwit("sync", "run", code=(0, 3))
    assert simple.new.value("SELECT count(*) FROM d") == 20001


# ---- traps ---------------------------------------------------------------------------------------------------


def test_a_truncated_table_is_no_million_deletes(simple):
    """An older snapshot sees no rows at all after TRUNCATE: the destination would be emptied."""
    moved(simple)
    simple.old.execute("TRUNCATE s")
    refused = simple.godwit("sync", "run", "--json", code=5).json["error"]
    assert refused["kind"] == "refused" and "--max-deletes" in f"{refused['message']} {refused['hint']}"
    assert simple.new.value("SELECT count(*) FROM d") == 20000
    simple.godwit("sync", "run", "--max-deletes", "100%", code=0)
    assert simple.rows() == []


def test_a_table_written_anew_during_the_run(simple):
    """ALTER TABLE that rewrites, between two runs and while one reads."""
    moved(simple)
    simple.old.execute("ALTER TABLE s ADD made timestamptz DEFAULT clock_timestamp(); CLUSTER s USING s_pkey")
    simple.register()  # the source has a column more
    assert found(simple) == {"a": (0, 0, 0)}
    simple.old.execute("UPDATE s SET x = 'after' WHERE id = 3")
    assert found(simple) == {"a": (0, 1, 0)}
    moved(simple)
    same(simple)


def test_columns_of_other_types_are_converted_not_reinterpreted(sides):
    """COPY BINARY takes a bigint for a timestamp without an error."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, a bigint, b bigint, c int, e text, f timestamp, g regclass, h varchar(5));"
                 "INSERT INTO s VALUES (1, 1700000000, 7, 3, '2024-02-29', '2024-02-29 12:00', 'pg_class', 'abc'), (2, NULL, NULL, NULL, NULL, NULL, NULL, '')",
                 "CREATE TABLE d (id bigint PRIMARY KEY, a numeric, b float8, c bigint, e date, f timestamptz, g text, h text)")
    sides.map("a", *"abcefgh", source="s", destination="d")
    sides.register()
    moved(sides)
    sides.both("SELECT id, a::numeric, b::float8, c, e::date, f AT TIME ZONE 'UTC', g::text, h FROM s ORDER BY 1",
               "SELECT id, a, b, c, e, f, g, h FROM d ORDER BY 1")


@pytest.mark.slow
@pytest.mark.plain
def test_memory_does_not_grow_with_the_rows(sides):
    """pgloader ended in its heap; ACE collected all differences, and gave up on values of more than 1 MB."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x bytea); ALTER TABLE s ALTER x SET STORAGE EXTERNAL;"
                 "INSERT INTO s SELECT i, decode(repeat(lpad(to_hex(i), 8, '0'), 1 << 20), 'hex') FROM generate_series(1, 40) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x bytea)")
    sides.map("a", "x", source="s", destination="d")
    sides.settings(batch={"bytes": "8MB"})
    sides.register()
    running, most = sides.start("sync", "run", "--json"), 0
    status = pathlib.Path(f"/proc/{running.pid}/status")
    while running.process.poll() is None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            most = max(most, int(status.read_text().split("VmHWM:")[1].split()[0]))
        time.sleep(0.01)
    running.finish(0)
    same(sides, "id, md5(x), length(x)")
    if b"__asan_init" not in sides._program.binary.read_bytes():  # its memory is another one
        assert most < 100 << 10, f"{most} kB for 160 MB of rows"
