"""A migration file that is written over in place while it runs: what ran is what was read, or nothing."""
import os

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, until_blocked

PADDING = "".join(f"-- {i:040}\n" for i in range(40000))  # more than is read ahead


def write_over(path, old, new):
    """The same file (no other inode), of the same length."""
    assert len(old) == len(new)
    with open(path, "r+b") as file:
        at = file.read().index(old.encode())
        file.seek(at)
        file.write(new.encode())


@pytest.mark.parametrize("words", [[], ["--atomic"]])
def test_a_file_that_is_written_over_while_it_runs_is_rolled_back(project, database, words):
    path = project.migration(1, "big", f"CREATE TABLE seen (v text);\n{WAIT_AT_GATE}\n{PADDING}"
                             "INSERT INTO seen VALUES ('old');\n")
    with closed_gate(database):
        running = project.start("up", *words)
        until_blocked(database, running)
        write_over(path, "'old'", "'new'")
    failed = running.finish(1)
    assert "1_big.up.sql was changed after it was read" in failed.err and "run the command again" in failed.err
    assert database.tables() == [] and database.value("SELECT count(*) FROM godwit.migrations") == 0
    project.godwit("up", code=0)
    assert database.value("SELECT v FROM seen") == "new"


def test_outside_a_transaction_the_old_statements_stay_and_no_new_one_runs(project, database):
    path = project.migration(1, "big", f"-- godwit: no-transaction\nCREATE TABLE seen (v text);\n{WAIT_AT_GATE}\n{PADDING}"
                             "INSERT INTO seen VALUES ('old');\n")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        write_over(path, "'old'", "'new'")
    failed = running.finish(1)
    assert "was changed after it was read" in failed.err and "2 of 3 statements are done" in failed.err
    assert database.value("SELECT count(*) FROM seen") == 0
    assert project.states() == {"1": "failed"}
    project.godwit("up", code=0)
    assert database.value("SELECT v FROM seen") == "new" and project.states() == {"1": "applied"}


def test_a_file_that_is_put_in_its_place_is_read_at_the_next_run(project, database):
    """Another inode under the name, as editors and git do it: what was opened is read to its end."""
    path = project.migration(1, "big", f"CREATE TABLE seen (v text);\n{WAIT_AT_GATE}\n{PADDING}"
                             "INSERT INTO seen VALUES ('old');\n")
    new = path.read_text().replace("'old'", "'new'")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        other = project.write("migrations/.other", new)
        os.replace(other, path)
    running.finish(0)
    assert database.value("SELECT v FROM seen") == "old"
    assert project.states() == {"1": "modified"}
