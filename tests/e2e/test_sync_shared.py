"""Several entities of one table in the destination: each accounts for its own rows."""
import pytest

from test_sync_verify import verify


def two(sides, key, a, b, condition=""):
    sides.tables("CREATE TABLE a (id int PRIMARY KEY, x text, u int); INSERT INTO a SELECT i, 'a' || i FROM generate_series(1, 50) i;"
                 "CREATE TABLE b (id int PRIMARY KEY, x text, u int); INSERT INTO b SELECT 1000 + i, 'b' || i FROM generate_series(1, 30) i",
                 f"CREATE TABLE d (id {key} PRIMARY KEY, x text CHECK (x <> 'bad'), u int, gone timestamptz)")
    for entity, rest in (("a", a), ("b", b)):
        sides.map(entity, "x", "u", destination="d", rest=rest)
    sides.register()
    sides.sync("run")


@pytest.mark.parametrize("identity", ["keep", "uuid-v7"])
def test_two_entities_into_one_table(sides, identity):
    rest = f"identity: {identity}\ndeletes: delete\n"
    two(sides, "int" if identity == "keep" else "uuid", rest, rest)
    assert [verify(sides, code=0, entity=e)[0] for e in "ab"] == [{"equal": (50, 50)}, {"equal": (30, 30)}]
    sides.new.execute("UPDATE d SET x = 'other' WHERE x = 'a7'; DELETE FROM d WHERE x = 'b9'")
    assert verify(sides, entity="a")[0] == {"equal": (49, 49), "different": (1, 1)}
    assert verify(sides, entity="b")[0] == {"equal": (29, 29), "missing": (1, 0)}
    # What neither put there is each one's to tell.
    sides.new.execute("INSERT INTO d VALUES (%s, 'stranger')", [5000 if identity == "keep" else "00000000-0000-0000-0000-000000005000"])
    for entity in "ab":
        assert verify(sides, entity=entity)[0]["extra"] == (0, 1)


def test_what_they_reject_delete_and_leave(sides):
    """A row that was rejected stays as it was; one whose delete was left undone stays too; a key of both is one's."""
    two(sides, "int", "identity: keep\ndeletes: {soft: gone}\n", "identity: keep\ndeletes: ignore\n")
    sides.old.execute("UPDATE b SET x = 'bad' WHERE id = 1001; DELETE FROM b WHERE id = 1002; DELETE FROM a WHERE id = 1;"
                      "UPDATE a SET x = 'bad' WHERE id = 2; INSERT INTO b VALUES (3, 'mine'); INSERT INTO a VALUES (1003, 'mine')")
    sides.sync("run", code=3)
    assert verify(sides, entity="a")[0] == {"equal": (48, 48), "marked": (0, 1), "quarantined": (2, 1)}
    assert verify(sides, entity="b")[0] == {"equal": (28, 28), "ignored": (0, 1), "quarantined": (2, 1)}
    sides.new.execute("UPDATE d SET x = 'other' WHERE id IN (4, 1004)")
    for entity, counts in (("a", (47, 47)), ("b", (27, 27))):
        found = verify(sides, entity=entity)[0]
        assert (found["equal"], found["different"]) == (counts, (1, 1)) and "extra" not in found


def test_keys_that_do_not_tell(sides):
    """The other's key is made by an expression: as many rows as it has are its own, whichever they are."""
    sides.tables("CREATE TABLE a (id int PRIMARY KEY, x text); INSERT INTO a SELECT i, 'a' || i FROM generate_series(1, 50) i;"
                 "CREATE TABLE b (id int PRIMARY KEY, x text); INSERT INTO b SELECT i, 'b' || i FROM generate_series(1, 30) i",
                 "CREATE TABLE d (id int PRIMARY KEY, x text)")
    sides.map("a", "x", destination="d", rest="identity: keep\ndeletes: delete\n")
    sides.map("b", "{sql: id + 1000, to: id}", "x", destination="d", rest="identity: keep\ndeletes: ignore\n")
    sides.register()
    sides.sync("run")
    assert [verify(sides, code=0, entity=e)[0] for e in "ab"] == [{"equal": (50, 50)}, {"equal": (30, 30)}]
    sides.new.execute("INSERT INTO d VALUES (5000, 'stranger'); DELETE FROM d WHERE x = 'b3'; DELETE FROM d WHERE x = 'a3'")
    assert verify(sides, entity="a")[0] == {"equal": (49, 49), "missing": (1, 0)}
    assert verify(sides, entity="b")[0] == {"equal": (29, 29), "missing": (1, 0), "extra": (0, 1)}


def test_references_of_two_entities_in_one_column(sides):
    """Each one's references are looked for where its own mapping says."""
    sides.tables("CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2); CREATE TABLE q (id int PRIMARY KEY);"
                 "INSERT INTO q VALUES (7); CREATE TABLE a (id int PRIMARY KEY, r int); INSERT INTO a VALUES (1, 1), (2, 2);"
                 "CREATE TABLE b (id int PRIMARY KEY, r int); INSERT INTO b VALUES (11, 7)",
                 "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int PRIMARY KEY);"
                 "CREATE TABLE d (id int PRIMARY KEY, r int)")
    for entity in "pq":
        sides.map(entity, "id", rest="identity: keep\n")
    for entity, parent in ("ap", "bq"):
        sides.map(entity, f"{{from: r, to: r, reference: {parent}}}", destination="d", rest="identity: keep\n")
    sides.register()
    sides.sync("run")
    for entity, rows in (("a", 2), ("b", 1)):
        counts, _, found = verify(sides, code=0, entity=entity)
        assert counts == {"equal": (rows, rows)} and found["references"] == []
