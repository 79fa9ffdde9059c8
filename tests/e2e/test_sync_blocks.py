"""Change found through the summaries of the source's log: what a version that is less careful would lose or invent, and
where the log does not tell what has changed: blocks refuses by name there, and auto finds it otherwise."""
import contextlib
import os
import pathlib

import pytest

from harness.server import Database
from harness.sync import summarizing
from harness.waiting import until

pytestmark = pytest.mark.pg(17)


def tail(sides):
    """What is behind the last summary can be read, too."""
    sides.old.execute("CREATE EXTENSION pg_walinspect")


@pytest.fixture
def logged(sides):
    """2000 rows of a table, moved once; `summarized` as in harness.sync. What came behind the last summary is not known."""
    sides.tables("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE s (id int PRIMARY KEY, x text, y int DEFAULT 1, m mood DEFAULT 'sad');"
                 "INSERT INTO s SELECT i, repeat('x', 100) FROM generate_series(1, 2000) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x text CHECK (x <> 'bad'), y int, m text)")
    moved(sides, "a", "s", "d")
    with summarizing(sides.old) as summarized:
        sides.summarized = summarized
        summarized()
        sides.sync("run")
        yield sides


def moved(sides, entity, source, destination, fields=("x", "y", "m"), version="1.0.0"):
    sides.map(entity, *fields, source=source, destination=destination, rest="identity: keep\ndeletes: delete\n", version=version)
    sides.register()


def changed(sides, statements):
    for statement in [statements] if isinstance(statements, str) else statements:
        sides.old.execute(statement)
    sides.summarized()


def detected(sides, entity="a", method="blocks"):
    (one,) = sides.sync("detect", entity, "--method", method, "--max-deletes", "100")["entities"]
    assert method == "auto" or one["method"] == method, one["why"]
    return one


def found(sides, entity="a", method="blocks"):
    """Found by that method: new, modified, deleted."""
    one = detected(sides, entity, method)
    return one["new"], one["modified"], one["deleted"]


def refused(sides, why, entity="a"):
    """Blocks says why not, and auto says so too when it takes another method."""
    said = sides.godwit("sync", "detect", entity, "--method", "blocks", "--max-deletes", "100", code=5).err
    assert why in said, said
    (one,) = sides.sync("detect", entity, "--max-deletes", "100")["entities"]
    assert one["method"] == "checksum" and why in one["why"], one
    return one["new"], one["modified"], one["deleted"]


def ran(sides, columns="id, x, y, m"):
    """After a run all is as it is in the source, and nothing is found any more."""
    sides.sync("run", "--max-deletes", "100")
    sides.both(f"SELECT {columns.replace('m', 'm::text')} FROM s ORDER BY 1", f"SELECT {columns} FROM d ORDER BY 1")
    assert found(sides, method="auto") == (0, 0, 0)


CHANGES = "UPDATE s SET x = 'y' WHERE id IN (1, 77); DELETE FROM s WHERE id = 1000; INSERT INTO s VALUES (3000, 'new')"


# ---- what has to be found, and no more -------------------------------------------------------------


def test_a_few_blocks_are_read(logged):
    changed(logged, CHANGES)
    one = detected(logged)
    assert (one["new"], one["modified"], one["deleted"], one["source_count"]) == (1, 2, 1, 2000), one
    assert "what came after its last summary is left" in one["why"]
    tail(logged)
    logged.old.execute("UPDATE s SET x = 'later' WHERE id = 1500")
    one = detected(logged, method="auto")
    assert (one["method"], one["modified"]) == ("blocks", 3), one
    ran(logged)


def test_what_was_open_at_the_last_run(logged):
    """Its records lie before the mark of that run."""
    tail(logged)
    with contextlib.closing(logged.old.connect(autocommit=False)) as slow:
        with slow.cursor() as cursor:
            cursor.execute("UPDATE s SET x = 'slow' WHERE id = 500; DELETE FROM s WHERE id = 900; INSERT INTO s VALUES (4000)")
        for i in range(2):
            changed(logged, f"UPDATE s SET x = 'quick' WHERE id = {i}1")
            logged.sync("run")
        slow.commit()
    logged.summarized()
    assert found(logged) == (1, 1, 1)
    ran(logged)


def test_a_mark_moves_when_the_changes_are_applied(logged):
    """Detections that nobody runs move nothing; nor does a run that comes to nothing."""
    tail(logged)
    for changes in range(1, 4):
        changed(logged, f"UPDATE s SET x = 'y' WHERE id = 7{changes}; DELETE FROM s WHERE id = 100{changes}")
        assert found(logged) == found(logged) == (0, changes, changes)
    logged.new.execute("ALTER TABLE d RENAME TO away")
    logged.godwit("sync", "run", code=None)
    logged.new.execute("ALTER TABLE away RENAME TO d")
    assert found(logged) == (0, 3, 3)
    ran(logged)
    logged.summarized()
    assert found(logged) == (0, 0, 0)


def test_what_is_touched_only(logged):
    """Locks, upkeep and updates to the same value: blocks are named, no row is told; where a row lies now is known."""
    tail(logged)
    changed(logged, ["BEGIN; SELECT FROM s WHERE id < 500 FOR UPDATE; COMMIT", "UPDATE s SET x = x WHERE id BETWEEN 600 AND 900", "VACUUM FREEZE s"])
    assert found(logged) == (0, 0, 0)
    ran(logged)
    changed(logged, "UPDATE s SET x = 'moved' WHERE id = 700; DELETE FROM s WHERE id BETWEEN 800 AND 805")
    assert found(logged) == (0, 1, 6)
    ran(logged)


def test_a_row_that_left_its_block_behind_the_last_summary(logged):
    """Its block is named, the one where it is now is not: looked up, it is no deletion."""
    changed(logged, "DELETE FROM s WHERE id = 1000; DELETE FROM s WHERE id = 1100")
    logged.old.execute("ALTER TABLE s ALTER x SET STORAGE PLAIN; INSERT INTO s VALUES (1000, repeat('w', 7000))")
    assert found(logged) == (0, 1, 1)
    ran(logged)


def test_the_quarantine_is_looked_at_each_time(logged):
    """What is refused has no fingerprint: it comes when nothing refuses it any more, and goes with its row."""
    tail(logged)
    changed(logged, "INSERT INTO s VALUES (3000, 'bad'), (3001, 'bad'); UPDATE s SET x = 'bad' WHERE id = 5")
    logged.godwit("sync", "run", code=3)
    assert [key for key, _, _ in logged.rejects()] == ["3000", "3001", "5"]
    changed(logged, "DELETE FROM s WHERE id = 3001")
    logged.new.execute("ALTER TABLE d DROP CONSTRAINT d_x_check")
    logged.register()
    assert detected(logged, method="auto")["method"] == "blocks"
    ran(logged)
    assert logged.rejects() == []


def test_the_end_of_a_table_that_is_cut_off(logged):
    changed(logged, ["DELETE FROM s WHERE id > 1000", "VACUUM (TRUNCATE) s"])
    assert found(logged) == (0, 0, 1000)
    tail(logged)
    ran(logged)
    changed(logged, "INSERT INTO s SELECT i, 'again' FROM generate_series(1001, 1500) i")
    assert found(logged) == (500, 0, 0)
    ran(logged)


def test_partitions_that_come_and_go(logged):
    """ATTACH and DETACH touch no block."""
    logged.tables("""CREATE TABLE p (id int PRIMARY KEY, x text) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (1000) TO (2000);
        CREATE TABLE p3 (LIKE p INCLUDING ALL); INSERT INTO p SELECT i, 'in' FROM generate_series(500, 1499) i;
        INSERT INTO p3 SELECT i, 'beside' FROM generate_series(2000, 2099) i""", "CREATE TABLE dp (id int PRIMARY KEY, x text)")
    moved(logged, "p", "p", "dp", ["x"])
    tail(logged)
    logged.sync("run", "p")
    for statement, expected in (("ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (2000) TO (3000)", (100, 0, 0)),
                                ("ALTER TABLE p DETACH PARTITION p1", (0, 0, 500)),
                                ("UPDATE p SET id = id + 900 WHERE id IN (1200, 1201)", (2, 0, 2))):
        changed(logged, statement)
        assert found(logged, "p") == expected
        logged.sync("run", "p", "--max-deletes", "100")
        logged.both("SELECT * FROM p ORDER BY 1", "SELECT * FROM dp ORDER BY 1")


def test_what_a_crash_takes_back_was_never_seen(make_server, make_sides):
    """A commit that nobody waits for can be seen before it is on the disk: it is by the time at which its row is applied."""
    source = make_server("synchronous_commit = off\nwal_writer_delay = 10s\nwal_writer_flush_after = 0\nautovacuum = off\n")
    sides = make_sides(source=source)
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x text); INSERT INTO s SELECT i FROM generate_series(1, 1000) i", "CREATE TABLE d (id int PRIMARY KEY, x text)")
    moved(sides, "a", "s", "d", ["x"])
    tail(sides)
    with summarizing(sides.old) as summarized:
        summarized()
        sides.sync("run")
        sides.old.execute("UPDATE s SET x = 'seen' WHERE id = 5; INSERT INTO s VALUES (2000, 'seen'); DELETE FROM s WHERE id = 7")
        assert found(sides, method="auto") == (1, 1, 1)
        sides.sync("run")
        source.kill()
        source.start()
        sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
        summarized()
        assert found(sides, method="auto") == (0, 0, 0)


# ---- where the log does not tell ---------------------------------------------------------------------


@pytest.mark.parametrize("statement, expected", [
    ("ALTER TABLE s DROP COLUMN y, ADD COLUMN y int DEFAULT 7", (0, 2000, 0)),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", (0, 2000, 0)),
    ("ALTER TABLE s RENAME y TO z; ALTER TABLE s ADD COLUMN y int", (0, 2000, 0)),
    ("ALTER TABLE s ADD seven int DEFAULT 7", (0, 0, 0)),
], ids=["default", "label", "renamed", "added"])
def test_other_values_of_the_same_bytes(logged, statement, expected):
    """No block is touched, and every row has another value."""
    tail(logged)
    changed(logged, statement)
    assert "its tables are not as they were" in logged.godwit("sync", "detect", code=1).err
    logged.register()
    assert refused(logged, "columns, types, defaults or labels") == expected
    ran(logged)
    changed(logged, "UPDATE s SET x = 'after' WHERE id = 1")
    assert found(logged) == (0, 1, 0)


@pytest.mark.parametrize("statement, why, expected", [
    ("TRUNCATE s; INSERT INTO s VALUES (1, 'one')", "rewritten or truncated", (0, 1, 1999)),
    ("CLUSTER s USING s_pkey", "rewritten or truncated", (0, 0, 0)),
    ("ALTER TABLE s SET UNLOGGED; UPDATE s SET y = 3 WHERE id = 5", "a table of the source is unlogged", (0, 1, 0)),
], ids=["truncated", "clustered", "unlogged"])
def test_another_file(logged, statement, why, expected):
    tail(logged)
    changed(logged, statement)
    assert refused(logged, why) == expected
    ran(logged)
    if "UNLOGGED" in statement:
        changed(logged, "ALTER TABLE s SET LOGGED")
        refused(logged, "rewritten or truncated")
        ran(logged)
    # From there blocks works again.
    changed(logged, "UPDATE s SET x = 'after' WHERE id = 1")
    assert found(logged) == (0, 1, 0)
    ran(logged)


def test_a_mapping_of_which_the_log_knows_nothing(logged):
    tail(logged)
    logged.tables("CREATE TABLE words (y int, word text); INSERT INTO words VALUES (1, 'one')", "SELECT 1")
    for number, (sql, why) in enumerate((("lower(x)", "the mapping has changed, or a function that it goes through"),
                                         ("(SELECT word FROM words w WHERE w.y = s.y)", "not immutable, or reads other tables"),
                                         ("pg_backend_pid()::text", "not immutable, or reads other tables")), 1):
        moved(logged, "a", "s", "d", [f"{{sql: '{sql}', to: x}}", "y", "m"], f"1.{number}.0")
        refused(logged, why)
        logged.sync("run")
        if number == 2:
            logged.old.execute("UPDATE words SET word = 'two'")
            logged.summarized()
            assert refused(logged, why) == (0, 2000, 0)


def test_views_queries_and_foreign_tables(logged):
    logged.tables(f"""CREATE VIEW v AS SELECT * FROM s; CREATE EXTENSION postgres_fdw;
        CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{logged.old.server.socket_dir}', port '{logged.old.server.port}', dbname '{logged.old.name}');
        CREATE USER MAPPING FOR PUBLIC SERVER itself OPTIONS (user 'postgres');
        CREATE FOREIGN TABLE f (id int NOT NULL, x text) SERVER itself OPTIONS (table_name 's')""",
                  ";".join(f"CREATE TABLE d{name} (id int PRIMARY KEY, x text)" for name in "vqf"))
    for entity, source in (("v", "v"), ("q", "{query: 'SELECT id, x FROM s WHERE id <> 1', key: id}"), ("f", "{table: f, key: id}")):
        moved(logged, entity, source, f"d{entity}", ["x"])
    logged.sync("run")
    changed(logged, CHANGES)
    assert found(logged) == refused(logged, "the source is no table", "v") == refused(logged, "the source is no table", "f") == (1, 2, 1)
    assert refused(logged, "the source is no table", "q") == (1, 1, 1)
    logged.sync("run")
    for table, where in (("dv", ""), ("df", ""), ("dq", " WHERE id <> 1")):
        logged.both(f"SELECT id, x FROM s{where} ORDER BY 1", f"SELECT * FROM {table} ORDER BY 1")


def test_row_security(logged):
    """A policy that is changed shows other rows and touches no block."""
    reader = logged.old.role("GRANT SELECT ON s TO {role}", "CREATE POLICY p ON s TO {role} USING (id > 10)")
    logged.old.execute("ALTER TABLE s ENABLE ROW LEVEL SECURITY")
    logged.settings(source=logged.old.url_for(reader))
    assert refused(logged, "row security applies to the reading role") == (0, 0, 10)
    logged.sync("run", "--max-deletes", "100")
    changed(logged, "ALTER POLICY p ON s USING (id > 5)")
    assert refused(logged, "row security applies to the reading role") == (5, 0, 0)
    # Nor does one that goes: rows that were hidden are told by nobody.
    tail(logged)
    changed(logged, "ALTER TABLE s DISABLE ROW LEVEL SECURITY")
    logged.settings()
    assert refused(logged, "columns, types, defaults or labels") == (10, 0, 0)
    ran(logged)


def test_a_copy_of_the_database(logged):
    """CREATE DATABASE … STRATEGY FILE_COPY keeps the file nodes: the log of another database tells nothing of it."""
    name = logged.old.name + "_copy"
    logged.old.server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{logged.old.name}" STRATEGY FILE_COPY')
    copy = Database(logged.old.server, name)
    try:
        logged.settings(source=copy.url)
        copy.execute(CHANGES)
        logged.summarized()
        assert refused(logged, "the mark is of another database") == (1, 2, 1)
    finally:
        copy.drop()


def test_summaries_that_are_gone(logged):
    """wal_summary_keep_time has removed what lies between the mark and now."""
    changed(logged, CHANGES)
    assert found(logged) == (1, 2, 1)
    folder = pathlib.Path(logged.old.value("SHOW data_directory")) / "pg_wal" / "summaries"
    newest = logged.old.value("SELECT max(end_lsn)::text FROM pg_available_wal_summaries()")
    for file in folder.glob("*.summary"):
        os.remove(file)
    changed(logged, "UPDATE s SET x = 'z' WHERE id = 78")
    until(lambda: logged.old.value("SELECT min(start_lsn) >= %s::pg_lsn FROM pg_available_wal_summaries()", [newest]), 120, "summaries behind the gap")
    assert refused(logged, "the summaries of the source's log have a gap") == (1, 3, 1)
    ran(logged)
    changed(logged, "UPDATE s SET x = 'again' WHERE id = 79")
    assert found(logged) == (0, 1, 0)


@pytest.mark.parametrize("moves", [
    "UPDATE s SET x = x WHERE id BETWEEN 5 AND 9; VACUUM s", "UPDATE s SET x = x WHERE id < 20; VACUUM FULL s"])
def test_rows_that_moved_without_a_change_under_another_method(logged, moves):
    """Sums of many blocks are what they were, and the rows lie in others: later their deletion is found there."""
    for statement in moves.split(";"):
        logged.old.execute(statement)
    logged.summarized()
    one = detected(logged, method="auto")
    assert (one["method"], one["total_changes"]) == ("checksum", 0)
    ran(logged)
    logged.summarized()
    tail(logged)
    changed(logged, "DELETE FROM s WHERE id BETWEEN 5 AND 7")
    assert found(logged) == (0, 0, 3)
    ran(logged)
