"""redo rolls nothing back whose up could not run again."""
import pytest


@pytest.fixture
def two(project):
    project.migration(1, "one", "CREATE TABLE one (id int);", "DROP TABLE one;")
    project.migration(2, "two", "CREATE TABLE two (id int);", "DROP TABLE two;")
    project.godwit("up", code=0)
    return project


WRONG = {
    "a syntax error": ("CREATE TABLE two (id int);\nSELEC 1;\n", "syntax error", "2_two.up.sql:2:1"),
    "a variable that is not there": ("-- godwit: env\nCREATE TABLE ${NOBODY_SET_THIS} (id int);\n", "NOBODY_SET_THIS",
                                     "2_two.up.sql:2"),
    "transaction control": ("CREATE TABLE two (id int);\nCOMMIT;\nSELECT 1;\n", "transaction control", "2_two.up.sql:2:1"),
    "what cannot run in a transaction": ("CREATE TABLE two (id int);\nVACUUM two;\n", "VACUUM", "2_two.up.sql:2:1"),
    "schema godwit": ("DROP TABLE godwit.events;\n", "may not change schema godwit", "2_two.up.sql:1:1"),
    "a requirement": ("-- godwit: requires=77\nCREATE TABLE two (id int);\n", "requires 77", "2_two.up.sql:1"),
    "no statement": ("-- nothing\n", "holds no statement", "2_two.up.sql:1"),
    "another environment": ("-- godwit: only=elsewhere\nCREATE TABLE two (id int);\n", "up would not run it again",
                            "2_two.up.sql:1"),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("words", [[], ["--allow-data-loss"], ["--dry-run"]], ids=" ".join)
def test_what_the_up_could_not_do_is_said_before_the_down(what, words, two, database):
    text, says, where = WRONG[what]
    two.migration(2, "two", text)
    failed = two.godwit("redo", *words)
    assert failed.code in (1, 2, 5), failed
    assert says in failed.err and where in failed.err and "nothing was rolled back" in failed.err, failed
    assert database.tables() == ["one", "two"]
    assert database.value("SELECT count(*) FROM godwit.migrations") == 2


def test_another_file_that_stands_in_the_way_of_the_up(two, database):
    two.migration(1, "one", "CREATE TABLE one (id bigint);", "DROP TABLE one;")
    failed = two.godwit("redo", code=1)
    assert "1 one" in failed.err and "edited since" in failed.err and "nothing was rolled back" in failed.err
    assert database.tables() == ["one", "two"]
    two.godwit("repair", "1", code=0)
    assert [m["version"] for m in two.godwit("redo", "--json", code=0).json["applied"]] == ["2"]


def test_what_only_the_server_can_say_leaves_the_migration_pending(two, database):
    """Down and up are a transaction each: the down stands."""
    two.migration(2, "two", "CREATE TABLE two (id int);\nSELECT 1/0;")
    failed = two.godwit("redo", code=1)
    assert "division by zero" in failed.err
    assert database.tables() == ["one"] and two.states() == {"1": "applied", "2": "failed"}
    two.migration(2, "two", "CREATE TABLE two (id int, more int);")
    two.godwit("up", code=0)
    assert database.columns("two") == ["id", "more"]
