"""A key that the source spells anew, and which is equal under its type, is the same row: nothing is lost, nothing doubled."""
import pytest

from harness.sync import summarizing

# Entity: type of the key, what it is before, what it becomes, another of its kind.
KINDS = {
    "numbers": ("numeric", "1.0", "1.00", "i::numeric"),
    "texts": ("citext", "A", "a", "'k' || i"),
    "floats": ("float8", "-0", "0", "i::float8"),
    "spans": ("interval", "1 day", "24:00:00", "i * interval '1 minute'"),
}
EXTENSIONS = "CREATE EXTENSION IF NOT EXISTS citext"


def tables(sides, more=""):
    sides.tables(EXTENSIONS, EXTENSIONS)
    for entity, (kind, one, _, other) in KINDS.items():
        sides.tables(f"""CREATE TABLE {entity}_old (id {kind} PRIMARY KEY, x int{more});
            INSERT INTO {entity}_old VALUES ('{one}', 1);
            INSERT INTO {entity}_old SELECT {other}, i FROM generate_series(5, 30) i""",
                     f"CREATE TABLE {entity} (id {kind} PRIMARY KEY, x int CHECK (x <> 0))")
    sides.tables(f"""CREATE TABLE pairs_old (a int, b numeric, x int{more}, PRIMARY KEY (a, b));
        INSERT INTO pairs_old VALUES (1, '1.0', 1); INSERT INTO pairs_old SELECT i, i, i FROM generate_series(5, 30) i;
        CREATE TABLE made_old (id numeric PRIMARY KEY, x int{more});
        INSERT INTO made_old VALUES ('1.0', 1); INSERT INTO made_old SELECT i, i FROM generate_series(5, 30) i""",
                 """CREATE TABLE pairs (a int, b numeric, x int CHECK (x <> 0), PRIMARY KEY (a, b));
        CREATE TABLE made (id uuid PRIMARY KEY, old numeric, x int CHECK (x <> 0))""")


def mapped(sides, source="", rest="deletes: delete\n"):
    for entity in KINDS:
        sides.map(entity, "id", "x", source=f"{{table: {entity}_old, key: id{source}}}", rest=rest)
    sides.map("pairs", "a", "b", "x", source=f"{{table: pairs_old, key: [a, b]{source}}}",
              destination="{table: pairs, key: [a, b]}", rest=rest)
    sides.map("made", "{from: id, to: old}", "x", source=f"{{table: made_old, key: id{source}}}", rest="identity: uuid-v7\n" + rest)
    sides.register()


def every():
    return [*[(e, "id", two) for e, (_, _, two, _) in KINDS.items()], ("pairs", "b", "1.00"), ("made", "id", "1.00")]


def counts(said, *names):
    return {tuple(e[n] for n in names) for e in said["entities"]}


def found(sides, *words):
    return counts(sides.sync("detect", *words), "new", "modified", "deleted")


def ran(sides, *words, code=0):
    return counts(sides.sync("run", *words, code=code), "new", "modified", "deleted", "rejected")


def same(sides, rows=27):
    """Both sides, spelled alike, with what is kept of them and the ids they had."""
    for entity in KINDS:
        sides.both(f"SELECT id::text, x FROM {entity}_old ORDER BY x", f"SELECT id::text, x FROM {entity} ORDER BY x")
    sides.both("SELECT a, b::text, x FROM pairs_old ORDER BY a", "SELECT a, b::text, x FROM pairs ORDER BY a")
    sides.both("SELECT id::text, x FROM made_old ORDER BY x", "SELECT old::text, x FROM made ORDER BY x")
    sides.both("SELECT id::text FROM made_old ORDER BY 1", """SELECT m.legacy_id FROM godwit.migration_mappings m
        JOIN made d ON d.id::text = m.modern_id WHERE m.entity_type = 'made' ORDER BY m.legacy_id COLLATE "default" """)
    assert {sides.counts(e) for e, _, _ in every() if e != "made"} == {(rows, 0, 0)} and sides.counts("made") == (rows, 0, rows)
    said = sides.sync("verify")
    assert said["equal"] and {e["compared"] for e in said["entities"] if e["entity"] != "whole"} == {rows}


def respell(sides, how):
    for entity, column, two in every():
        sides.old.execute(how.format(t=f"{entity}_old", k=column, two=two))


UPDATE = "UPDATE {t} SET {k} = '{two}' WHERE x = 1"


@pytest.mark.slow
def test_by_checksums(sides):
    tables(sides)
    mapped(sides)
    assert ran(sides) == {(27, 0, 0, 0)}
    same(sides)
    made = sides.new.execute("SELECT id, x FROM made WHERE x = 1")[0][0]
    respell(sides, UPDATE)
    assert found(sides) == {(0, 1, 0)}
    assert ran(sides) == {(0, 1, 0, 0)}
    same(sides)
    assert ran(sides) == {(0, 0, 0, 0)}
    assert sides.new.value("SELECT id FROM made WHERE x = 1") == made


@pytest.mark.slow
def test_deleted_and_inserted_at_once(sides):
    """Beside a row that is gone and one that is new, with another value."""
    tables(sides)
    mapped(sides)
    sides.sync("run")
    for entity, column, two in every():
        other = {"pairs": "(a, b, x) SELECT 1, '1.00', 101"}.get(entity, f"({column}, x) SELECT '{two}', 101")
        sides.old.execute(f"DELETE FROM {entity}_old WHERE x IN (1, 5); INSERT INTO {entity}_old {other}")
        new = {"pairs": "(a, b, x) VALUES (77, 77, 77)"}.get(entity, f"({column}, x) VALUES ('77', 77)")
        sides.old.execute(f"INSERT INTO {entity}_old {new}")
    assert found(sides) == {(1, 1, 1)}
    said = sides.sync("detect")
    assert ran(sides, "--analysis", said["analysis"]) == {(1, 1, 1, 0)}
    same(sides)
    assert ran(sides) == {(0, 0, 0, 0)}


@pytest.mark.slow
def test_rejected_under_one_spelling_and_taken_under_another(sides):
    """What stands in the destination stays there as it was, with its id, until the row is right."""
    tables(sides)
    mapped(sides)
    sides.sync("run")
    made = sides.new.execute("SELECT id FROM made WHERE x = 1")
    for entity, column, two in every():
        sides.old.execute(f"UPDATE {entity}_old SET {column} = '{two}', x = 0 WHERE x = 1; DELETE FROM {entity}_old WHERE x = 5")
    assert ran(sides, code=3) == {(0, 0, 1, 1)}
    assert {sides.counts(e)[:2] for e, _, _ in every()} == {(26, 1)}
    assert {sides.new.value(f"SELECT count(*) FROM {e} WHERE x = 1") for e, _, _ in every()} == {1}
    assert ran(sides, code=3) == {(0, 0, 0, 1)}
    assert sides.new.execute("SELECT id FROM made WHERE x = 1") == made
    for entity, column, two in every():  # and once more otherwise, while it waits
        sides.old.execute(f"UPDATE {entity}_old SET x = 1{', ' + column + chr(61) + repr('1.000') if two == '1.00' else ''} WHERE x = 0")
    sides.godwit("sync", "rejects", "--retry")
    same(sides, 26)
    assert sides.new.execute("SELECT id FROM made WHERE x = 1") == made
    assert ran(sides) == {(0, 0, 0, 0)} and sides.rejects() == []


@pytest.mark.slow
@pytest.mark.parametrize("deletes", ["ignore", "delete"])
def test_by_time(sides, deletes):
    tables(sides, ", at timestamptz DEFAULT now() - interval '1 day'")
    for entity, _, _ in every():
        sides.old.execute(f"CREATE INDEX ON {entity}_old (at)")
    mapped(sides, ", changed_at: {column: at, set_by: server}", f"deletes: {deletes}\n")
    sides.sync("run")
    respell(sides, UPDATE.replace("SET", "SET at = now(),"))
    assert {e["method"] for e in sides.sync("detect")["entities"]} == {"timestamp"}
    assert found(sides) == {(0, 1, 0)}
    assert ran(sides) == {(0, 1, 0, 0)}
    same(sides)
    assert ran(sides) == {(0, 0, 0, 0)}


def test_by_the_log(sides):
    if int(sides.old.value("SHOW server_version_num")) < 170000:
        pytest.skip("needs PostgreSQL 17")
    tables(sides)
    mapped(sides)
    with summarizing(sides.old) as summarized:
        summarized()
        sides.sync("run")
        respell(sides, UPDATE)
        summarized()
        assert found(sides, "--method", "blocks") == {(0, 1, 0)}
        assert ran(sides) == {(0, 1, 0, 0)}
        same(sides)


@pytest.mark.slow
def test_kept_under_both_spellings(sides):
    """A first load that was killed may have met the row again, spelled anew: the older of the two goes."""
    tables(sides)
    sides.tables("CREATE TABLE whole_old (id numeric PRIMARY KEY, x int); INSERT INTO whole_old SELECT CASE i WHEN 1 THEN 1.0 ELSE i END, i FROM generate_series(1, 30) i",
                 "CREATE TABLE whole (id int PRIMARY KEY, x int)")
    sides.map("whole", "x", source="whole_old", rest="identity: keep\ndeletes: delete\n")
    mapped(sides)
    sides.sync("run")
    respell(sides, UPDATE)
    sides.old.execute("UPDATE whole_old SET id = '1.00' WHERE x = 1")
    sides.new.execute("""INSERT INTO made SELECT md5('x')::uuid, '1.00', 1;
        INSERT INTO godwit.migration_mappings (entity_type, legacy_id, modern_id) SELECT 'made', '1.00', md5('x')::uuid""")
    for entity in ("made", "whole"):  # flags, block, length, key, fingerprint 7
        sides.new.execute(r"""UPDATE godwit.sync_segments SET row_count = row_count + 1, hash_sum = hash_sum + 7,
            packed = packed || '\x000004'::bytea || '1.00'::bytea || '\x0700000000000000'
            WHERE entity_type = %s AND first_block = 0""", [entity])
    sides.sync("run")
    same(sides)
    assert sides.rows("whole") == [(i, i) for i in range(1, 31)] and sides.counts("whole") == (30, 0, 0)
    assert ran(sides) == {(0, 0, 0, 0)}


# Parent: the type of its key, what stands there; type of the reference, what stands there, in the order of the parents'.
REFERENCES = {
    "whole": ("int", ("7", "8", "9"), "text", ("007", " +8 ", "9")),
    "digits": ("bigint", ("7", "8", "9"), "numeric", ("7.0", "8", "9.000")),
    "floats": ("int", ("7", "8", "0"), "float8", ("7", "8", "-0")),
    "scaled": ("numeric", ("1.0", "2", "3.50"), "numeric(9,3)", ("1", "2", "3.5")),
    "written": ("numeric", ("1.0", "2", "3.50"), "varchar(20)", ("01", "2.", "+3.5")),
    "cased": ("citext", ("Anna", "bob", "O'x"), "text COLLATE \"C\"", ("ANNA", "Bob", "o'X")),
    "padded": ("char(5)", ("a", "b", "c d"), "text", ("a", "b    ", "c d")),
    "spans": ("interval", ("1 day", "2 days", "1 mon"), "interval", ("24:00:00", "48:00:00", "30 days")),
}


@pytest.mark.parametrize("kind", [*REFERENCES, "several"])
def test_a_reference_that_is_spelled_otherwise(sides, kind):
    """What the source itself takes for the parent's key; what is none is rejected with its value."""
    types, key, fields = "", "id", ["{from: r, to: parent, reference: parents}"]
    sides.tables(EXTENSIONS, "SELECT 1")
    if kind == "several":
        sides.old.execute("""CREATE TABLE p (a numeric, b int, x int, PRIMARY KEY (a, b)); CREATE TABLE c (id int PRIMARY KEY, r numeric, r2 text);
            INSERT INTO p VALUES (1.0, 1, 1), (1.0, 2, 2), (2, 2, 3); INSERT INTO c VALUES (1, 1.00, '01'), (2, 1, '2'), (3, 2.0, ' 2'), (4, NULL, NULL)""")
        key, fields, none = "[a, b]", ["{from: [r, r2], to: parent, reference: parents}"], "INSERT INTO c VALUES (5, 3, '2')"
    else:
        types, parents, child, values = REFERENCES[kind]
        sides.old.execute(f"CREATE TABLE p (id {types} PRIMARY KEY, x int); CREATE TABLE c (id int PRIMARY KEY, r {child})")
        for i in range(3):
            sides.old.execute("INSERT INTO p VALUES (%s, %s)", [parents[i], i + 1])
            sides.old.execute("INSERT INTO c VALUES (%s, %s)", [i + 1, values[i]])
        none = "INSERT INTO c VALUES (5, '5'), (4, NULL)"
    sides.new.execute("CREATE TABLE parents (id uuid PRIMARY KEY, x int);"
                      "CREATE TABLE children (id int PRIMARY KEY, parent uuid REFERENCES parents)")
    sides.map("parents", "x", source=f"{{table: p, key: {key}}}", destination="parents", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("children", *fields, source="c", destination="children", rest="identity: keep\ndeletes: delete\n")
    sides.register()
    sides.sync("run")
    linked = "SELECT c.id, p.x FROM children c LEFT JOIN parents p ON p.id = c.parent ORDER BY 1"
    assert sides.new.execute(linked)[:3] == [(1, 1), (2, 2), (3, 3)]
    sides.old.execute(none.replace(", (4, NULL)", "") if kind != "several" else none)
    sides.old.execute("UPDATE c SET r = (SELECT o.r FROM c o WHERE o.id = 2)" + (", r2 = '+2'" if kind == "several" else "") + " WHERE id = 1")
    sides.sync("run", code=3)
    assert sides.new.execute(linked)[:3] == [(1, 2), (2, 2), (3, 3)]
    assert sides.rejects() == [("5", "reference", None)]
    sides.old.execute("DELETE FROM c WHERE id = 5")
    sides.sync("run")
    assert sides.sync("verify")["equal"]
