"""Tables that someone alters while rows are on their way: between the plan of a run and its snapshot, or its first row."""
import pytest

from harness.blocking import holding, until_blocked

TABLE = "CREATE TABLE {} (id int PRIMARY KEY, x text, n bigint)"


@pytest.fixture
def one(sides):
    sides.settings(jobs=1)
    sides.tables(TABLE.format("s") + "; INSERT INTO s SELECT i, 'row ' || i, i FROM generate_series(1, 500) i; ANALYZE s",
                 TABLE.format("d"))
    sides.map("a", "x", "n", source="s", destination="d", rest="identity: keep\ndeletes: delete\n")
    sides.register()
    return sides


def run_while(sides, database, statement, *words):
    """Planned before, and on its way after the statement's transaction has committed."""
    with holding(database, statement) as other:
        running = sides.start("sync", *(words or ("run",)), "--json")
        until_blocked(database, running)
        other.commit()
        return running.finish(1).json


def test_a_destination_that_was_altered_after_the_plan_gets_no_row(one):
    """bigint and double precision are of one length: copied in binary form, 1 would be 4.9e-324."""
    for statement, back, said in (
            ("ALTER TABLE d ALTER n TYPE double precision", "ALTER TABLE d ALTER n TYPE bigint",
             "column n: double precision now, was bigint"),
            ("ALTER TABLE d RENAME n TO m", "ALTER TABLE d RENAME m TO n", "column n is gone")):
        entity, = run_while(one, one.new, statement)["entities"]
        assert entity["error"] == "the destination of a was altered after this was planned: " + said
        assert one.rows(columns="count(*)") == [(0,)] and one.counts("a") == (0, 0, 0)
        one.new.execute(back)
    one.sync("run")
    one.both("TABLE s ORDER BY 1", "TABLE d ORDER BY 1")


def test_a_source_that_was_altered_after_the_plan_is_not_read(one):
    for statement, back, said in (
            ("ALTER TABLE s ALTER n TYPE int", "ALTER TABLE s ALTER n TYPE bigint", "column n: integer now, was bigint"),
            ("ALTER TABLE s RENAME TO old; CREATE TABLE s (LIKE old INCLUDING ALL)", "DROP TABLE s; ALTER TABLE old RENAME TO s",
             "another table has its name")):
        assert said in run_while(one, one.old, statement)["error"]["message"]
        assert one.rows(columns="count(*)") == [(0,)]
        one.old.execute(back)
    one.sync("run")
    one.both("TABLE s ORDER BY 1", "TABLE d ORDER BY 1")
