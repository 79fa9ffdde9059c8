"""A run is killed, the next one makes it as if nothing had happened. `make fault` does it 200 times."""
import pytest

from harness.killing import kill_runs, make_experiment, summary  # noqa: F401

pytestmark = pytest.mark.slow


def test_ten_kills_of_up(make_experiment, summary):  # noqa: F811
    summary(kill_runs(make_experiment("up"), "7/up", 10))


def test_five_kills_of_down(make_experiment, summary):  # noqa: F811
    summary(kill_runs(make_experiment("down"), "7/down", 5))


def test_a_down_taken_up_again_counts_what_is_pending_once(project, database):
    project.migration(1, "first", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.migration(2, "second", "-- godwit: no-transaction\nCREATE TABLE b (id int);\nVACUUM b;",
                      "-- godwit: no-transaction\nVACUUM b;\nSELECT 1 / 0;\nDROP TABLE b;")
    project.godwit("up", code=0)
    project.godwit("down", code=1)
    assert database.value("SELECT state FROM godwit.migrations WHERE version = '2'") == "reverting"
    project.migration(2, "second", project.read("migrations/2_second.up.sql"),
                      "-- godwit: no-transaction\nVACUUM b;\nDROP TABLE b;")
    assert project.godwit("down", "--json", code=0).json["pending"] == 1
    assert database.tables() == ["a"]
