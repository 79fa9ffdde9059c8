"""A BEGIN … COMMIT that the file wrote, and a COPY, tried again as a whole where a lock was not to be had."""
import pytest

from harness.blocking import configure, holding
from harness.waiting import until

TRIES = "SELECT pg_catalog.nextval('tries');\n"  # what a sequence has counted outlives a rollback


@pytest.fixture
def contended(project, database):
    database.execute("CREATE SEQUENCE tries; CREATE TABLE t (a int); CREATE TABLE filled (n int, what text);"
                     " CREATE TABLE log (n int)")
    configure(project, database.url, lock_timeout="100ms", lock_retries=10000)
    return project


def up_after_tries(project, database, tries=3, code=0, lock="LOCK TABLE t IN ACCESS SHARE MODE", **options):
    with holding(database, lock):
        running = project.start("up", **options)
        until(lambda: database.value("SELECT last_value >= %s AND is_called FROM tries", [tries])
              or running.process.poll() is not None, 120, "tries")
        assert running.process.poll() is None, f"it gave up:\n{running.finish()}"
    result = running.finish(code)
    assert "trying again" in result.err or "was given up" in result.err
    return result


def filled(database):
    return database.execute("SELECT n, what FROM filled ORDER BY n")


def test_a_block_with_copy_data(contended, database):
    contended.migration(1, "copy", "-- godwit: no-transaction\nINSERT INTO log VALUES (1);\nBEGIN;\n" + TRIES +
                        "COPY filled FROM stdin;\n1\tone\n2\ttwo; BEGIN;\n\\.\n"
                        "ALTER TABLE t ADD b int;\nCOPY filled FROM stdin;\n3\tthree\n\\.\nCOMMIT;\n"
                        "INSERT INTO log VALUES (2);\n")
    up_after_tries(contended, database)
    assert filled(database) == [(1, "one"), (2, "two; BEGIN;"), (3, "three")]
    assert database.execute("SELECT n FROM log ORDER BY n") == [(1,), (2,)]
    assert database.columns("t") == ["a", "b"] and contended.states() == {"1": "applied"}


def test_a_block_that_no_memory_should_keep(contended, database):
    long = "x" * (5 << 20)
    contended.migration(1, "long", f"-- godwit: no-transaction\nBEGIN;\nINSERT INTO filled VALUES (1, '{long}');\n"
                        + TRIES + "ALTER TABLE t ADD b int;\nCOMMIT;\nINSERT INTO log VALUES (1);\n")
    up_after_tries(contended, database)
    assert database.execute("SELECT n, length(what) FROM filled") == [(1, 5 << 20)]
    assert database.execute("SELECT n FROM log") == [(1,)]


def test_the_second_of_two_blocks_behind_other_strings(contended, database):
    """What is before the block is not read again: it was read under other settings."""
    contended.migration(1, "two", "-- godwit: no-transaction\nINSERT INTO filled VALUES (1, 'a\\');\n"
                        "BEGIN; INSERT INTO log VALUES (1); COMMIT;\nSET standard_conforming_strings = off;\n"
                        "INSERT INTO filled VALUES (2, 'it\\'s; COMMIT;');\n  BEGIN; INSERT INTO log VALUES (2);\n"
                        + TRIES + "INSERT INTO filled VALUES (3, 'three\\'s;');\nALTER TABLE t ADD b int; COMMIT;\n"
                        "INSERT INTO log VALUES (3);\nSELECT 1/0;\n")
    result = up_after_tries(contended, database, code=1)
    assert "division by zero" in result.err and "1_two.up.sql:11:1" in result.err
    assert filled(database) == [(1, "a\\"), (2, "it's; COMMIT;"), (3, "three's;")]
    assert database.execute("SELECT n FROM log ORDER BY n") == [(1,), (2,), (3,)]
    assert database.value("SELECT statements_done FROM godwit.migrations") == 13


def test_the_place_of_an_error_in_a_block_that_was_tried_again(contended, database):
    contended.migration(1, "wrong", "-- godwit: no-transaction\nSELECT 1; BEGIN; " + TRIES +
                        "ALTER TABLE t ADD b int; SELECT no_such_column;\nCOMMIT;\n")
    result = up_after_tries(contended, database, code=1)
    assert "1_wrong.up.sql:3:33" in result.err
    assert database.columns("t") == ["a"]
    assert database.value("SELECT statements_done FROM godwit.migrations") == 1


def test_a_block_of_a_file_with_variables(contended, database):
    contended.migration(1, "env", "-- godwit: no-transaction\n-- godwit: env\nINSERT INTO log VALUES (${LONG_ONE});\n"
                        "BEGIN;\n" + TRIES + "COPY filled FROM stdin;\n1\t${WHAT}\n\\.\nALTER TABLE t ADD b int;\nCOMMIT;\n")
    up_after_tries(contended, database, env={"LONG_ONE": "0" * 5000 + "7", "WHAT": "from outside"})
    assert filled(database) == [(1, "from outside")] and database.value("SELECT n FROM log") == 7


def test_a_copy_by_itself(contended, database):
    database.execute("CREATE FUNCTION count_try() RETURNS trigger LANGUAGE plpgsql AS"
                     " $$ BEGIN PERFORM nextval('tries'); LOCK TABLE t; RETURN NEW; END $$;"
                     "CREATE TRIGGER x BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION count_try()")
    rows = "".join(f"{n}\trow {n}\n" for n in range(1, 5001))
    contended.migration(1, "copy", f"-- godwit: no-transaction\nCOPY filled FROM stdin;\n{rows}\\.\n"
                        "INSERT INTO log VALUES (1);\n")
    up_after_tries(contended, database)
    assert database.execute("SELECT count(*), sum(n) FROM filled") == [(5000, 5000 * 5001 // 2)]
    assert database.execute("SELECT n FROM log") == [(1,)]


def test_an_edited_file_is_not_read_into_a_block(contended, database):
    path = "migrations/1_edited.up.sql"
    text = "-- godwit: no-transaction\nBEGIN;\n" + TRIES + "COPY filled FROM stdin;\n1\tone\n\\.\nALTER TABLE t ADD b int;\nCOMMIT;\n"
    contended.migration(1, "edited", text)
    with holding(database, "LOCK TABLE t IN ACCESS SHARE MODE"):
        running = contended.start("up")
        until(lambda: database.value("SELECT is_called FROM tries"), 120, "a try")
        contended.write(path, text.replace("one", "another"))
        result = running.finish(1)
    assert "was changed after it was read" in result.err
    assert filled(database) == [] and database.columns("t") == ["a"]
