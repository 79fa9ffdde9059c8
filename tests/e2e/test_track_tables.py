"""The tables that migrations are counted in: names and columns of old, one status, legal steps, counters that are never
negative, several trackers, what is hidden; sums added, taken back, and stages that follow blocks."""
import json
import pathlib
import threading

import psycopg2
import pytest

SQL = pathlib.Path(__file__).resolve().parents[2] / "sql" / "control"
U128 = 2**128 - 1

COLUMNS = {
    "migration_stages": ["id", "stage_name", "status", "started_at", "completed_at", "error_count", "last_updated"],
    "xcm_message_counters": ["id", "source_chain", "destination_chain", "messages_sent", "messages_processed",
                             "messages_failed", "last_updated"],
    "balance_migration_counters": ["id", "accounts_migrated", "total_balance_migrated", "total_balance_kept",
                                   "failed_migrations", "last_updated"],
    "teleportation_counters": ["id", "total_mints", "total_burns", "total_mint_amount", "total_burn_amount",
                               "failed_operations", "last_updated"],
    "pallet_migration_counters": ["id", "pallet_name", "stage_id", "items_processed", "total_items", "failed_items",
                                  "last_updated"],
}
INDEXES = {
    "migration_stages": ["status", "started_at"],
    "xcm_message_counters": ["source_chain", "destination_chain", "last_updated"],
    "balance_migration_counters": ["last_updated"],
    "teleportation_counters": ["last_updated"],
    "pallet_migration_counters": ["pallet_name", "stage_id", "last_updated"],
}


@pytest.fixture
def made(database):
    for folder in ("upgrades", "tracker"):
        for file in sorted((SQL / folder).glob("*.sql")):
            database.execute(file.read_text())
    return database


def refused(state, call, *arguments):
    with pytest.raises(psycopg2.Error) as error:
        call(*arguments)
    assert error.value.pgcode == state, error.value
    return error.value


def add(database, sums, tracker="default", function="tracker_add"):
    database.execute(f"SELECT godwit.{function}(%s, %s)", [tracker, json.dumps(sums)])


def step(database, name, what, tracker="default"):
    return database.value("SELECT godwit.tracker_step(%s, %s, %s, NULL)", [tracker, name, what])


def stage(database, name, tracker="default"):
    return database.execute("SELECT status::text, started_at IS NOT NULL, completed_at IS NOT NULL, error_count, paused"
                            " FROM godwit.migration_stages WHERE stage_name = %s AND tracker = %s", [name, tracker])[0]


def test_the_five_tables_have_the_columns_and_indexes_of_old(made):
    for table, columns in COLUMNS.items():
        there = made.columns(table, "godwit")
        assert set(columns) <= set(there), table
        indexed = {row[0] for row in made.execute(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = %s::regclass", ["godwit." + table])}
        assert set(INDEXES[table]) <= indexed, table
        assert "tracker" in there and "deleted_at" in there
    for table, column in (("balance_migration_counters", "total_balance_kept"), ("teleportation_counters", "total_burn_amount")):
        assert made.value("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass"
                          " AND attname = %s", ["godwit." + table, column]) == "numeric(39,0)"
    assert made.value("SELECT enum_range(NULL::godwit.tracker_status)::text") == "{pending,ongoing,completed,failed}"


def test_a_stage_takes_legal_steps_only_and_the_database_keeps_its_times(made):
    made.execute("INSERT INTO godwit.migration_stages (stage_name, started_at) VALUES ('a \"b\" é', '2001-01-01')")
    name = 'a "b" é'
    set_to = "UPDATE godwit.migration_stages SET status = %s WHERE stage_name = %s"
    assert stage(made, name) == ("pending", False, False, 0, False)
    said = refused("GW002", made.execute, set_to, ["completed", name])
    assert "cannot go from pending to completed" in str(said) and "can go to ongoing" in str(said)
    made.execute(set_to, ["ongoing", name])
    assert stage(made, name) == ("ongoing", True, False, 0, False)
    refused("GW002", made.execute, set_to, ["pending", name])
    made.execute(set_to, ["failed", name])
    assert stage(made, name) == ("failed", True, True, 1, False)
    refused("GW002", made.execute, set_to, ["completed", name])
    made.execute("UPDATE godwit.migration_stages SET status = 'ongoing', started_at = NULL, completed_at = now()")
    assert stage(made, name) == ("ongoing", True, False, 1, False)
    made.execute(set_to, ["completed", name])
    assert stage(made, name) == ("completed", True, True, 1, False)
    for wrong in ("pending", "ongoing", "failed"):
        assert "stays completed" in str(refused("GW002", made.execute, set_to, [wrong, name]))
    refused("GW002", made.execute, "UPDATE godwit.migration_stages SET error_count = 0")
    refused("GW002", made.execute, "INSERT INTO godwit.migration_stages (stage_name, status) VALUES ('b', 'completed')")
    refused("23505", made.execute, "INSERT INTO godwit.migration_stages (stage_name) VALUES (%s)", [name])
    made.execute("INSERT INTO godwit.migration_stages (tracker, stage_name) VALUES ('other', %s)", [name])


def test_steps_by_name_say_what_stands_against_them(made):
    assert step(made, "s", "start") is None and stage(made, "s")[0] == "ongoing"
    assert step(made, "s", "start") is None
    assert step(made, "s", "pause") is None and stage(made, "s") == ("ongoing", True, False, 0, True)
    assert step(made, "s", "resume") is None
    assert step(made, "s", "complete") is None and step(made, "s", "complete") is None
    assert "stays completed" in step(made, "s", "start")
    assert "cannot pause" in step(made, "s", "pause")
    for what, names in (("fail", "cannot go from pending to failed. From pending it can go to ongoing"), ("complete", "to completed"),
                        ("pause", "is not ongoing")):
        assert names in step(made, "t", what)
        assert made.value("SELECT count(*) FROM godwit.migration_stages WHERE stage_name = 't'") == 0, "nothing of it is left"
    assert step(made, "t", "start") is None
    assert step(made, "t", "fail") is None and stage(made, "t")[:4] == ("failed", True, True, 1)
    assert "From failed it can go to ongoing" in step(made, "t", "complete")
    assert step(made, "t", "start") is None and stage(made, "t")[:4] == ("ongoing", True, False, 1)


def test_sums_are_added_and_taken_back_and_never_go_below_nothing(made):
    sums = {"s": [["late", 2]], "p": [["Balances", "Accounts", 5, 7, 1, None]], "x": [["relay-chain", "asset-hub", 1, 2, 3]],
            "b": [4, str(U128), "1", 1], "t": [1, 2, str(U128), "18446744073709551616", 0]}
    add(made, sums)
    add(made, sums)
    add(made, sums, "other")
    assert made.execute("SELECT items_processed, total_items, failed_items FROM godwit.live_pallet_migration_counters"
                        " WHERE tracker = 'default'") == [(10, 14, 2)]
    assert made.execute("SELECT total_mint_amount, total_burn_amount FROM godwit.teleportation_counters"
                        " WHERE tracker = 'default'") == [(2 * U128, 2 * 2**64)]
    assert stage(made, "late") == ("ongoing", True, False, 4, False)
    add(made, {"p": [["Balances", "Accounts", 0, 1, 0, 100]]})
    assert made.value("SELECT total_items FROM godwit.pallet_migration_counters WHERE tracker = 'default'") == 100
    add(made, sums, function="tracker_take_back")
    add(made, sums, function="tracker_take_back")
    assert made.execute("SELECT messages_sent, messages_processed, messages_failed FROM godwit.xcm_message_counters"
                        " ORDER BY tracker") == [(0, 0, 0), (1, 2, 3)]
    assert stage(made, "late")[3] == 0
    refused("23514", add, made, sums, "default", "tracker_take_back")
    for table, column in (("xcm_message_counters", "messages_failed"), ("balance_migration_counters", "total_balance_kept"),
                          ("pallet_migration_counters", "total_items"), ("migration_stages", "error_count")):
        assert refused("GW002" if table == "migration_stages" else "23514", made.execute, f"UPDATE godwit.{table} SET {column} = -1")
    full = {"b": [0, str(U128), "0", 0]}
    add(made, full)
    add(made, full)
    assert refused("22003", add, made, full)  # more than 39 digits: said, not wrapped


def test_what_is_deleted_is_out_of_the_views_and_goes_on_counting(made):
    add(made, {"p": [["a", "S", 1, 1, 0, None], ["b", "T", 1, 1, 0, None]], "x": [["a", "b", 1, 0, 0]]})
    made.execute("UPDATE godwit.migration_stages SET deleted_at = now() WHERE stage_name = 'S'")
    made.execute("UPDATE godwit.xcm_message_counters SET deleted_at = now()")
    assert made.execute("SELECT stage_name FROM godwit.live_migration_stages") == [("T",)]
    assert made.execute("SELECT pallet_name FROM godwit.live_pallet_migration_counters") == [("b",)]
    add(made, {"x": [["a", "b", 1, 0, 0]]})
    assert made.execute("SELECT 1 FROM godwit.live_xcm_message_counters") == []
    assert made.value("SELECT messages_sent FROM godwit.xcm_message_counters") == 2
    stages = made.execute("SELECT id FROM godwit.migration_stages WHERE stage_name = 'S'")
    refused("23503", made.execute, "DELETE FROM godwit.migration_stages WHERE id = %s", stages[0])
    refused("23503", made.execute, "INSERT INTO godwit.pallet_migration_counters (pallet_name, stage_id) VALUES ('x', -1)")


def block(database, number, hash, parent, live, deltas=None, steps=(), kept=None, chain="c"):
    database.execute("INSERT INTO godwit.tracker_blocks (tracker, chain, number, hash, parent, live, deltas, kept, migrated)"
                     " VALUES ('default', %s, %s, %s, %s, %s, %s, %s, %s)",
                     [chain, number, hash, parent, live, json.dumps(deltas or {}), kept, kept])
    for place, (name, what) in enumerate(steps):
        database.execute("INSERT INTO godwit.tracker_steps VALUES ('default', %s, %s, %s, %s, %s, %s)",
                         [chain, number, hash, place, name, what])


def test_a_fork_takes_back_a_block_and_what_stands_on_it_and_may_be_left_again(made):
    one = {"x": [["a", "b", 1, 0, 0]]}
    for number in (1, 2, 3):
        block(made, number, f"a{number}", f"a{number - 1}", True, one, [("S", "start" if number < 3 else "complete")], kept=number)
        add(made, one)
    made.execute("SELECT godwit.tracker_derive('default', '{S}'); SELECT godwit.tracker_totals('default')")
    sent = "SELECT messages_sent FROM godwit.xcm_message_counters"
    kept = "SELECT total_balance_kept FROM godwit.balance_migration_counters"
    assert (made.value(sent), made.value(kept), stage(made, "S")[0]) == (3, 3, "completed")
    block(made, 2, "b2", "a1", False, {"x": [["a", "b", 10, 0, 0]]})
    made.execute("SELECT godwit.tracker_switch('default', 'c', 2, 'b2')")
    assert (made.value(sent), made.value(kept), stage(made, "S")[:3]) == (11, 1, ("ongoing", True, False))
    assert made.execute("SELECT hash FROM godwit.tracker_blocks WHERE live ORDER BY number") == [("a1",), ("b2",)]
    block(made, 4, "a4", "a3", False, one)
    made.execute("SELECT godwit.tracker_switch('default', 'c', 4, 'a4')")  # the chain went back: its ancestors return
    assert (made.value(sent), made.value(kept), stage(made, "S")[0]) == (4, 3, "completed")
    assert made.execute("SELECT hash FROM godwit.tracker_blocks WHERE live ORDER BY number") == [
        ("a1",), ("a2",), ("a3",), ("a4",)]


def test_a_stage_of_two_chains_is_complete_when_both_say_so(made):
    block(made, 9, "r9", None, True, steps=[("Done", "complete")], chain="r")
    block(made, 1, "h1", None, True, steps=[("Done", "start"), ("Done", "pause")], chain="h")
    made.execute("SELECT godwit.tracker_derive('default', '{Done}')")
    assert stage(made, "Done") == ("ongoing", True, False, 0, True)
    block(made, 2, "h2", None, True, steps=[("Done", "complete")], chain="h")
    made.execute("SELECT godwit.tracker_derive('default', '{Done}')")
    assert stage(made, "Done")[0] == "completed"


def test_writers_at_once_lose_nothing(made):
    sums = {"s": [["S", 1]], "p": [["a", "S", 1, 1, 0, None], ["b", "T", 1, 1, 0, None]],
            "x": [["a", "b", 1, 0, 0], ["b", "a", 1, 0, 0]], "b": [1, "1", "1", 0], "t": [1, 0, "1", "0", 0]}
    failures = []

    def write():
        connection = made.connect()
        try:
            for _ in range(20):
                connection.cursor().execute("SELECT godwit.tracker_add('default', %s)", [json.dumps(sums)])
        except psycopg2.Error as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert made.execute("SELECT items_processed FROM godwit.pallet_migration_counters") == [(320,), (320,)]
    assert made.execute("SELECT messages_sent FROM godwit.xcm_message_counters") == [(320,), (320,)]
    assert made.value("SELECT total_mint_amount FROM godwit.teleportation_counters") == 320
    assert stage(made, "S")[3] == 320
